"""What of an image is shown: the window, the levels, a close-up."""

import numpy as np
import pytest

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.scene import build_scene
from tests.figure_checks import all_words
from tests.image_scenes import BOXES, artist, drawn_boxes, scene_of
from tests.tiny_coco import coco


def test_axes_show_the_input_image_with_y_downward() -> None:
    [axes] = drawn_boxes().axes
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
    figure = drawn_boxes(View(levels=("P4",)))
    labels = {one.get_label() for one in figure.axes[0].collections}
    assert "positives P3" not in labels
    assert "positives P4" in labels
    assert "Only P4" in all_words(figure)
    # Starved is who has nothing on any level.
    assert len(artist(figure, "starved").get_segments()) == 1


def test_a_close_up_shows_the_object_and_its_surroundings() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(View(zoom=2))
    x1, x2 = figure.axes[0].get_xlim()
    y2, y1 = figure.axes[0].get_ylim()
    box = scene.frame.gt_boxes[2]
    assert x1 < box[0] < box[2] < x2
    assert y1 < box[1] < box[3] < y2
    # Six cells of the finest level are higher than twice the object: 48 by 64 pixels.
    assert (x2 - x1, y2 - y1) == pytest.approx((64, 48))
    assert x1 >= 0
    assert "Close-up of annotation 106" in all_words(figure)


def test_candidates_are_framed_by_their_object_not_by_the_farthest() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(View(zoom=2, candidates=2))
    x1, x2 = figure.axes[0].get_xlim()
    y2, y1 = figure.axes[0].get_ylim()
    assert (x2 - x1, y2 - y1) == pytest.approx((64 * 4 / 3, 64))
    level, points, *_ = scene.tried(2)
    inside = (points > (x1, y1)).all(axis=1) & (points < (x2, y2)).all(axis=1)
    assert inside[level < 2].all()
    outside = np.count_nonzero(~inside)
    assert outside > 9
    assert f"{outside} candidates lie beyond the picture." in all_words(figure)


@pytest.mark.parametrize("view", [View(zoom=2), View(zoom=2, candidates=2)])
def test_brackets_set_the_object_asked_for_apart(view: View) -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(view)
    corners = [path[1] for path in artist(figure, "focus").get_segments()]
    x1, y1, x2, y2 = scene.frame.gt_boxes[2]
    expected = [(x1, y1), (x1, y2), (x2, y1), (x2, y2)]
    signs = np.sign(np.subtract(corners, expected)).tolist()
    assert signs == [[-1, -1], [-1, 1], [1, -1], [1, 1]]
    assert "annotation 106, 自転車 (in brackets)" in all_words(figure)
    assert artist(drawn_boxes(), "focus") is None


def test_an_object_left_out_is_set_apart_too() -> None:
    document = coco({42: [(30, 40, 60, 60)]})
    document["annotations"][0]["iscrowd"] = 1
    scene = build_scene(load_coco(document), preset())
    assert scene.num_gt == 0
    figure = image_figure([scene], view=View(zoom=0))
    corners = [path[1] for path in artist(figure, "focus").get_segments()]
    x1, y1, x2, y2 = scene.left_out_boxes[0]
    assert np.min(corners, axis=0) == pytest.approx((x1, y1), abs=3)
    assert np.max(corners, axis=0) == pytest.approx((x2, y2), abs=3)
