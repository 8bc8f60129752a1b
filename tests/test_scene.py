"""One image under one convention: where things are, and who could have had what."""

import re
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from atss_inspect import load_coco, preset
from atss_inspect.explain import explain_object
from atss_inspect.figures.image.marks import object_colors, palette
from atss_inspect.figures.theme import THEMES
from atss_inspect.scene import Scene, build_scene, color_numbers
from atss_inspect.viewer.document import NUM_COLORS
from tests.conftest import PROJECT_ROOT
from tests.random_coco import random_coco
from tests.tiny_coco import coco

PAGE_CSS = PROJECT_ROOT / "atss_inspect" / "page" / "page.css"
PRESETS = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet")


def scene_of(boxes: Any, name: str = "atss-mmdet", **overrides: Any) -> Scene:
    """The one image, 640 x 480, that most presets resize to 1067 x 800."""
    return build_scene(load_coco(coco({1: boxes})), preset(name, **overrides))


@pytest.mark.parametrize("name", PRESETS)
def test_contested_positives_are_those_that_explanations_name_rivals_of(name):
    dataset = load_coco(random_coco(3, num_images=3, max_boxes=25))
    num_contested = 0
    for row in range(dataset.num_images):
        scene = build_scene(dataset.slice_images(row, row + 1), preset(name))
        found = np.bincount(
            scene.assignment.gt[scene.is_contested], minlength=scene.num_gt
        )
        for gt, object_row in enumerate(scene.frame.object_rows.tolist()):
            steps: Any = explain_object(scene.image, object_row, scene.settings).steps
            if name == "fcos-mmdet":
                # Of the points in range that others want too, what was not lost.
                expected = sum(
                    level.num_contested - (level.num_in_range - level.num_won)
                    for level in steps.levels
                )
            else:
                tried = getattr(steps, "candidates", None) or steps.anchors
                won = [one for one in tried if one.outcome == "positive"]
                expected = sum(bool(one.rivals) for one in won)
            assert found[gt] == expected
        num_contested += found.sum()
    assert num_contested


def test_a_point_in_two_boxes_is_contested_and_one_in_a_single_box_is_not():
    # FCOS, no resize: points at 4, 12, 20, ... on P3. Of the boxes 0-32 and 16-48 both
    # hold the points at 20 and 28 along x, for all four rows: 8 points on P3; the
    # ranges end at 64, so both boxes live on P3 only.
    plain = {"short_side": 480, "long_side": 640, "center_sampling_radius": 0}
    scene = scene_of([(0, 0, 32, 32), (16, 0, 32, 32)], "fcos-mmdet", **plain)
    assert scene.frame.input_size.tolist() == [[480, 640]]
    assert len(scene.points) == 6 * 4
    x = scene.points[:, 0]
    np.testing.assert_array_equal(scene.is_contested, (x == 20) | (x == 28))


def test_low_quality_matches_are_positives_below_the_bar() -> None:
    # Input 640 x 480, as annotated. The square of 40 px is 5 x 5 cells of P3: the
    # anchor of 40.3 px (32 * 2^(1/3)) at its center overlaps it by 1600 / 1625 = 0.98.
    # That of 8 px lies in the anchor of 32 px whole: 64 / 1024 = 0.06, its best.
    plain = {"short_side": 480, "long_side": 640}
    boxes = [(100, 100, 40, 40), (300, 300, 8, 8)]
    scene = scene_of(boxes, "retinanet-mmdet", **plain)
    assert scene.settings.low_quality_bar == 0.5
    np.testing.assert_array_equal(scene.is_low_quality, scene.assignment.gt == 1)
    assert scene.is_low_quality_only.tolist() == [False, True]
    assert scene.is_poorly_assigned.tolist() == [False, True]
    assert set(scene.tried(1).outcome) >= {"low_quality_match"}
    assert "low_quality_match" not in scene.tried(0).outcome
    # An IoU that is the bar is none.
    [best] = scene.assignment.iou[scene.assignment.gt == 1][:1].tolist()
    at_bar = scene_of(
        boxes, "retinanet-mmdet", **plain, positive_from=best, negative_below=best
    )
    assert not at_bar.is_low_quality.any()
    # Rules without a bar, and the same rule without its last resort, have none.
    for other in (
        scene_of(boxes, **plain),
        scene_of(boxes, "retinanet-mmdet", **plain, allow_low_quality=False),
    ):
        assert other.settings.low_quality_bar is None
        assert not other.is_low_quality.any()
        assert other.is_low_quality.shape == (other.assignment.num_positives,)
        np.testing.assert_array_equal(other.is_poorly_assigned, other.is_unassigned)


@pytest.mark.parametrize("name", PRESETS)
def test_nothing_is_contested_in_an_image_without_objects(name):
    scene = scene_of([], name)
    assert scene.is_contested.shape == (0,)
    assert scene.level_counts().tolist() == [0] * 5
    assert scene.left_out_boxes.shape == (0, 4)


@pytest.mark.parametrize("name", PRESETS)
def test_all_positives_are_among_the_anchors_tried(name):
    # The large box has hundreds of FCOS points without a region around the center.
    radius = {"center_sampling_radius": 0} if name == "fcos-mmdet" else {}
    boxes = [(30, 40, 60, 60), (50, 20, 500, 400), (101, 101, 4, 4)]
    scene = scene_of(boxes, name, **radius)
    for row, expected in enumerate(scene.num_positives):
        tried = scene.tried(row)
        own = np.isin(tried.outcome, ("positive", "low_quality_match"))
        assert own.sum() == expected
        assert (tried.owner[own] == row).all()
        points = scene.points[scene.assignment.gt == row].tolist()
        assert sorted(tried.points[own].tolist()) == sorted(points)
    assert scene.num_positives.max() > 9
    assert scene.level_counts().sum() == scene.assignment.num_positives


def test_objects_left_out_keep_their_place_and_reason():
    document = coco({1: [(64, 48, 64, 48), (0, 0, 100, 100)]})
    document["annotations"][0]["iscrowd"] = 1
    scene = build_scene(load_coco(document), preset())
    assert scene.left_out == ["crowd"]
    x = 64 * 1067 / 640
    np.testing.assert_allclose(scene.left_out_boxes, [[x, 80, 2 * x, 160]], rtol=1e-6)
    assert (scene.gt_of(0), scene.gt_of(1)) == (None, 0)
    assert scene.tried(0).outcome == []


def test_a_left_out_image_still_has_a_size():
    scene = scene_of([], data__drop_images="unannotated")
    assert not len(scene.frame.input_size)
    assert scene.canvas_size == (800, 1067)
    assert scene.num_gt == 0


def test_candidates_say_which_box_has_them():
    # The same box twice, around one point: the first one has it.
    scene = scene_of([(96, 96, 9, 9), (96, 96, 9, 9)])
    for row, outcome in ((0, "positive"), (1, "lost_to_others")):
        tried = scene.tried(row)
        place = tried.outcome.index(outcome)
        assert tried.owner[place] == 0
        assert tried.owner.tolist().count(-1) == 44


ROW = np.array([[10.0 * n, 0, 9, 9] for n in range(20)])


def test_objects_side_by_side_differ():
    numbers = color_numbers(ROW, 8)
    for n in range(20):
        assert numbers[n] not in numbers[max(n - 5, 0) : n]
    assert set(numbers) == set(range(8))


def test_no_objects_have_no_colors():
    assert color_numbers(np.zeros((0, 4)), 8) == []
    assert object_colors(np.zeros((0, 4)), THEMES["dark"]) == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colors_are_those_of_the_theme_and_none_looks_poor(theme):
    assert set(object_colors(ROW, theme)) == set(palette(theme))
    poor = np.array(to_rgb(theme.poor))
    for color in palette(theme):
        assert np.abs(np.array(to_rgb(color)) - poor).max() > 0.3


def variables(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#\w{6});", block))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_page_has_the_colors_of_the_figures(name):
    rules = re.findall(r"(:root[^{]*){([^}]*)}", PAGE_CSS.read_text("utf-8"))
    light, dark, dark_by_button = (variables(block) for _, block in rules)
    assert dark == dark_by_button
    found = {"light": light, "dark": dark}[name]
    theme = THEMES[name]
    objects = [found[f"object-{number}"] for number in range(NUM_COLORS)]
    assert objects == list(palette(theme))
    for part in ("paper", "ink", "faint_ink", "rule", "canvas", "poor"):
        assert found[part.replace("_", "-")] == getattr(theme, part)


def test_a_picture_lies_in_the_middle_of_a_square_of_ultralytics():
    # 640 x 480: as it is, with 80 px above and below.
    scene = scene_of([(10, 10, 50, 50)], resize__rule="ultralytics")
    assert scene.canvas_size == (640, 640)
    assert scene.picture_corners == (0.0, 80.0, 640.0, 560.0)
