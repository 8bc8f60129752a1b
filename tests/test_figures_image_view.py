"""What of an image is shown: the window, the levels, a close-up."""

import pytest

from atss_inspect.figures.image import View, image_figure
from tests.image_scenes import BOXES, PICTURE, all_words, artist, scene_of


def test_axes_show_the_input_image_with_y_downward() -> None:
    [axes] = image_figure([scene_of(BOXES)], picture=PICTURE).axes
    assert axes.get_xlim() == (0, 1067)
    assert axes.get_ylim() == (800, 0)
    [picture] = axes.images
    assert picture.get_extent() == [0, 1067, 800, 0]
    box = axes.get_window_extent()
    assert box.height / box.width == pytest.approx(800 / 1067, rel=1e-6)


def test_points_in_the_padding_are_shown_too() -> None:
    # A box without overlap claims every anchor, those in the padding too.
    scene = scene_of([(0, 0, 640, 480), (2, 2, 1, 1)], "retinanet-mmdet")
    [axes] = image_figure([scene]).axes
    assert axes.get_xlim()[0] <= min(0, scene.points[:, 0].min())
    assert axes.get_xlim()[1] >= max(1067, scene.points[:, 0].max())


def test_only_some_levels() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(levels=("P4",)))
    labels = {one.get_label() for one in figure.axes[0].collections}
    assert "positives P3" not in labels
    assert "positives P4" in labels
    assert "Only P4" in all_words(figure)
    # Starved is who has nothing on any level.
    assert len(artist(figure, "starved").get_segments()) == 1


def test_a_close_up_shows_the_object_and_its_surroundings() -> None:
    scene = scene_of(BOXES)
    figure = image_figure([scene], view=View(zoom=2))
    x1, x2 = figure.axes[0].get_xlim()
    y2, y1 = figure.axes[0].get_ylim()
    box = scene.frame.gt_boxes[2]
    assert x1 < box[0] < box[2] < x2
    assert y1 < box[1] < box[3] < y2
    assert (x2 - x1) < 300
    assert x1 >= 0
    assert "Close-up of annotation 106" in all_words(figure)
