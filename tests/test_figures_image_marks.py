"""Marks on a picture of one image read back, and the pixels below them."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.image.marks import LEVEL_MARKERS, object_colors, outlines
from atss_inspect.figures.theme import DEFAULT_THEME
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import build_scene, place_masks
from tests.figure_checks import all_words, assert_legible, words
from tests.image_scenes import BOXES, PIXELS, artist, drawn_boxes, scene_of
from tests.tiny_coco import coco


def test_each_level_has_its_marker_and_each_point_the_color_of_its_object() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes()
    colors = object_colors(scene.image.xywh, DEFAULT_THEME)
    num_points = 0
    markers = set()
    for level, name in enumerate(("P3", "P4", "P5", "P6", "P7")):
        drawn = artist(figure, f"positives {name}")
        rows = np.flatnonzero(scene.assignment.level == level)
        if drawn is None:
            assert not len(rows)
            continue
        assert isinstance(drawn, PathCollection)
        np.testing.assert_array_equal(drawn.get_offsets(), scene.points[rows])
        expected = [colors[gt] for gt in scene.assignment.gt[rows]]
        assert [to_hex(color) for color in drawn.get_facecolors()] == expected
        markers.add(drawn.get_paths()[0].vertices.tobytes())
        num_points += len(rows)
    assert num_points == scene.assignment.num_positives
    assert len(markers) > 1
    assert len(set(LEVEL_MARKERS[:5])) == 5


def test_signs_grow_with_the_level_and_show_around_finer_ones() -> None:
    boxes = [(side, 20, side, side) for side in (24, 45, 90, 200, 380)]
    figure = image_figure([scene_of(boxes, "retinanet-mmdet")])
    widths = []
    for name in ("P3", "P4", "P5", "P6", "P7"):
        drawn = artist(figure, f"positives {name}")
        if drawn is not None:
            shape = drawn.get_paths()[0].get_extents()
            widths.append(shape.width * drawn.get_sizes()[0] ** 0.5)
    assert len(widths) == 5
    assert (np.divide(widths[1:], widths[:-1]) > 1.2).all()


def test_starved_objects_are_dashed_thick_crossed_and_in_their_own_color() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes()
    starved, fed = artist(figure, "starved"), artist(figure, "fed")
    assert isinstance(starved, LineCollection)
    np.testing.assert_allclose(
        starved.get_segments(), outlines(scene.frame.gt_boxes[[2]])
    )
    assert to_hex(starved.get_color()[0]) == DEFAULT_THEME.starved
    assert starved.get_linestyle()[0][1] is not None
    assert fed.get_linestyle()[0][1] is None
    assert starved.get_linewidth()[0] > fed.get_linewidth()[0]
    assert len(fed.get_segments()) == 3
    crosses = artist(figure, "starved crosses").get_offsets()
    np.testing.assert_allclose(
        crosses, scene.frame.gt_boxes[[2]].reshape(2, 2).mean(0)[None]
    )


def test_contested_positives_are_ringed_on_request() -> None:
    scene = scene_of(BOXES, "fcos-mmdet")
    assert scene.is_contested.any()
    figure = drawn_boxes(View(has_contested=True), "fcos-mmdet")
    rings = artist(figure, "contested").get_offsets()
    np.testing.assert_array_equal(rings, scene.points[scene.is_contested])
    assert f"contested: {scene.is_contested.sum()}" in words(figure)


def test_anchors_are_the_boxes_of_the_positives() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(View(has_anchors=True))
    segments = artist(figure, "anchors").get_segments()
    np.testing.assert_allclose(segments, outlines(scene.anchors), rtol=1e-6)


def test_candidates_are_told_apart_by_what_became_of_them() -> None:
    scene = scene_of(BOXES)
    figure = drawn_boxes(View(candidates=0, zoom=0))
    assert artist(figure, "contested") is None
    counts = scene.tried(0).counts()
    assert set(counts) >= {"positive", "under_threshold", "center_outside"}
    assert sum(counts.values()) == 45
    shapes = set()
    for name, number in counts.items():
        drawn = artist(figure, f"candidates {name}")
        assert len(drawn.get_offsets()) == number
        shapes.add(drawn.get_paths()[0].vertices.tobytes())
    assert len(shapes) == len(counts)
    assert f"positive: {counts['positive']}" in words(figure)
    said = all_words(figure)
    assert "Candidates of annotation 100, person (in brackets) It gets 9 pos" in said
    assert "beyond the picture" in said
    assert len(artist(figure, "fed").get_segments()) == 1
    assert artist(figure, "positives P3") is None


def test_objects_left_out_are_dotted_and_counted() -> None:
    document = coco({42: BOXES})
    document["annotations"][0]["iscrowd"] = 1
    scene = build_scene(load_coco(document), preset())
    figure = image_figure([scene])
    assert len(artist(figure, "left out").get_segments()) == 1
    assert "Left out by the data rules: 1 crowd." in all_words(figure)


@pytest.mark.parametrize(
    ("picture", "said"),
    [
        (Picture(None, problem="no images folder named"), "no images folder named"),
        (Picture(None), "Blank canvas: no picture."),
        (
            Picture(
                PIXELS, (48, 64), "picture is 64 x 48, the annotations say 640 x 480"
            ),
            "The picture is 64 x 48, the annotations say 640 x 480; drawn to fit.",
        ),
    ],
)
def test_the_note_says_what_is_wrong_with_the_picture(
    picture: Picture, said: str
) -> None:
    figure = image_figure([scene_of(BOXES)], picture=picture)
    assert said in all_words(figure)
    assert len(figure.axes[0].images) == (picture.pixels is not None)
    frame = figure.axes[0].patches[0]
    assert frame.get_label() == "frame"
    assert (frame.get_width(), frame.get_height()) == (1067, 800)
    assert_legible(figure)


def test_masks_are_shaded_and_their_share_is_said() -> None:
    document = coco({42: [(64, 48, 128, 96), (300, 100, 64, 48)]})
    for annotation in document["annotations"]:
        x, y, w, h = annotation["bbox"]
        annotation["segmentation"] = [[x, y, x + w / 2, y, x + w / 2, y + h, x, y + h]]
    scene = build_scene(load_coco(document, masks=True), preset())
    masks = place_masks(scene)
    # The mask is the left half of each box: of 9 points in a 3 x 3 block, what is left.
    assert masks.is_usable.all()
    on_left = scene.points[:, 0] < (
        scene.frame.gt_boxes[scene.assignment.gt][:, [0, 2]].mean(axis=1)
    )
    assert masks.num_on_mask.sum() == on_left.sum()
    figure = image_figure([scene], view=View(has_masks=True), masks=[masks])
    assert len(figure.axes[0].images) == 1
    assert "On their object's mask: " in all_words(figure)
    assert_legible(figure)
