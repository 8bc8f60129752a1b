"""Which boxes a convention can see, counted by hand for points every 8 pixels."""

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import build_frame
from atss_inspect.annotations.resize import input_sizes
from atss_inspect.arrays import IntArray
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics import reach as module
from atss_inspect.statistics.reach import Sight, lone_boxes, measure_reach, positives_of
from tests.assigning import assigning_names

smallest_seen, unforced = module.smallest_seen, module.unforced
# FCOS of mmdetection has its P3 points at 4, 12, 20, ... The 64 places of a box are the
# offsets 0.5, 1.5, ..., 7.5 from a multiple of 8, in x and in y.
FCOS = preset("fcos-mmdet")


@pytest.mark.parametrize(
    ("side", "num_fed"),
    [
        (1, 1),  # offset 3.5: from 3.5 to 4.5
        (4, 16),  # offsets 0.5 to 3.5 hold the point at 4: 4 of 8, in x and in y
        (6, 36),  # offsets 0.5 to 3.5, 6.5 and 7.5 (the point at 12): 6 of 8
        (8, 64),  # any 8 px hold one point
    ],
)
def test_a_box_is_fed_where_it_holds_a_point(side, num_fed):
    counts = positives_of(FCOS, np.array([[side, side]], dtype=float))
    assert counts.shape == (1, 64)
    assert np.count_nonzero(counts) == num_fed
    assert counts.max() == 1


def test_positives_multiply_over_width_and_height_whatever_class_is_trained_on():
    # 16 px hold two points, 8 px one, wherever they are.
    for settings in (FCOS, preset("fcos-mmdet", data__classes=("cat",))):
        assert (positives_of(settings, np.array([[16.0, 8.0]])) == 2).all()


def test_the_reach_is_laid_out_by_height_then_width():
    reach = measure_reach(FCOS, sides=np.array([4.0, 8.0, 16.0]))
    np.testing.assert_array_equal(reach.sight.sides, [4, 8, 16])
    # 4 px hold a point at half of the offsets, 16 px two of them.
    expected = np.outer([0.5, 1, 2], [0.5, 1, 2])
    np.testing.assert_allclose(reach.mean_positives, expected)
    unassigned = 1 - np.outer([0.5, 1, 1], [0.5, 1, 1])
    np.testing.assert_allclose(reach.sight.unassigned_share, unassigned)


def test_smallest_boxes_are_those_fed_at_half_of_the_places():
    # 5 px: 25 of 64; 6 px: 36 of 64. A 4 x 32 box: 4 of 8 offsets across.
    assert smallest_seen(FCOS) == 6
    assert smallest_seen(FCOS, ratio=8) == 4
    assert measure_reach(FCOS, sides=np.array([8.0])).sight.smallest == {1: 6, 8: 4}


def test_a_shape_that_no_image_holds_or_that_is_never_seen_has_no_smallest_box():
    assert smallest_seen(FCOS, ratio=2000) is None
    # No anchor is longer than 1:2, and 1:8 boxes overlap those by 0.25 at most.
    assert smallest_seen(unforced(preset("retinanet-mmdet")), ratio=8) is None


def test_boxes_too_large_for_every_anchor_do_not_hide_the_smallest_seen():
    # 13 px is 4 times 3 px or more, and 33 x 23 the first that is less than 4 times as
    # high as a flat box, of 6 px; 156 px is not wide enough for 632 px, and 326 px is
    # more than 4 times 79 px.
    yolov5 = preset("yolov5")
    assert (smallest_seen(yolov5), smallest_seen(yolov5, ratio=8)) == (4, 6)
    counts = positives_of(yolov5, np.array([[632.0, 79], [616, 77], [41, 5], [48, 6]]))
    assert [bool(row.any()) for row in counts] == [False, True, False, True]


def test_low_quality_matches_reach_everywhere_and_are_told_apart():
    reach = measure_reach(preset("retinanet-mmdet"), sides=np.array([4.0, 64.0]))
    assert reach.sight.is_everywhere
    assert reach.mean_positives.min() >= 1
    assert reach.unforced is not None
    # By IoU alone: 4 x 4 in an anchor of 32 x 32 has 1/64; 64 x 64 finds its like.
    np.testing.assert_array_equal(reach.unforced.unassigned_share, [[1, 1], [1, 0]])
    assert not reach.unforced.is_everywhere
    np.testing.assert_array_equal(reach.forced_share, reach.unforced.unassigned_share)
    assert reach.num_forced(np.array([[4.0, 4.0], [64.0, 64.0]])) == 1
    assert reach.settings.low_quality_bar == 0.5
    assert reach.unforced.smallest[1] == 23


@pytest.mark.parametrize("name", ["retinanet-official", "rpn-mmdet", "nwd-rpn"])
def test_what_is_counted_at_the_bar_is_what_the_rule_gives_without_last_resort(name):
    settings, sides = preset(name), np.array([6.0, 20, 33, 120])
    found = measure_reach(settings, sides=sides, across=4).unforced
    alone = measure_reach(unforced(settings), sides=sides, across=4).sight
    np.testing.assert_array_equal(found.unassigned_share, alone.unassigned_share)
    assert found.smallest == alone.smallest
    assert alone.unassigned_share.any()


@pytest.mark.parametrize("name", ["fcos-mmdet", "atss-mmdet"])
def test_rules_without_low_quality_matches_have_no_second_sight(name):
    assert unforced(preset(name)) is None
    reach = measure_reach(preset(name), sides=np.array([8.0]))
    assert reach.unforced is None
    assert reach.settings.low_quality_bar is None
    assert not reach.forced_share.any()


def test_boxes_larger_than_any_image_are_unknown():
    # 700 fits 800 x 1333; 900 fits lying or standing with 700, but not with 900.
    reach = measure_reach(FCOS, sides=np.array([700.0, 900.0]))
    known = ~np.isnan(reach.sight.unassigned_share)
    np.testing.assert_array_equal(known, [[True, True], [True, False]])
    np.testing.assert_array_equal(~np.isnan(reach.mean_positives), known)
    assert reach.sight.share_at(np.array([[900.0, 900.0]])) == 0
    assert reach.sight.is_everywhere


@pytest.mark.parametrize("name", assigning_names())
def test_every_preset_sees_exactly_the_boxes_intended(name):
    settings = preset(name)
    check_sight(settings, SHAPES)


# Squares of 300 px do not hold the last two, of 512 px the last one.
SHAPES = np.array(
    [[2.5, 2.5], [37.25, 11.5], [11.5, 280], [290, 64], [11.5, 510], [1010, 64]]
)


def check_sight(settings: Settings, shapes: np.ndarray) -> None:
    """Boxes of those shapes that images hold are there, as they are, at 64 places."""
    dataset, holders = lone_boxes(settings, shapes)
    room = dataset.image_sizes.max() - 1
    np.testing.assert_array_equal(holders, np.flatnonzero(shapes.max(axis=1) <= room))
    every = slice(0, dataset.num_images)
    frame = build_frame(dataset, every, settings.data, settings.resize)
    assert frame.num_gt == len(holders) * 64
    sides = frame.gt_boxes[:, 2:] - frame.gt_boxes[:, :2]
    # Text of six digits is off by half of 1e-6 of the side; others round to 1e-3 px.
    is_rounded = settings.resize.letterbox or settings.data.corners == "thousandths"
    slack = 1e-3 if is_rounded else 0
    expected = np.repeat(shapes[holders], 64, axis=0)
    np.testing.assert_allclose(sides, expected, rtol=0, atol=slack)
    # The images have the size of the input already.
    np.testing.assert_array_equal(
        input_sizes(dataset.image_sizes, settings.resize), dataset.image_sizes
    )
    ends = frame.gt_boxes[:, [3, 2]]
    assert (frame.gt_boxes >= 0).all()
    assert (ends <= dataset.image_sizes).all()


@pytest.mark.parametrize("size", [600, 610, 1001])
@pytest.mark.parametrize("rule", ["yolov5", "ultralytics", "ultralytics-8.3"])
def test_boxes_lie_in_the_whole_square_of_a_letterbox(rule, size):
    # Whose side is the next multiple of 32.
    settings = preset("yolov5", rule=rule, size=size)
    check_sight(settings, SHAPES)
    images = lone_boxes(settings, SHAPES)[0].image_sizes
    assert (images == {600: 608, 610: 640, 1001: 1024}[size]).all()


def test_a_shape_left_out_at_some_places_is_unknown():
    # Through text 4.75 px are that or a little more, and YOLOv5 keeps what is more.
    settings, sides = preset("yolov5", size=704, min_input_side=4.75), np.array([4.75])
    counts = positives_of(settings, np.tile(sides, (1, 2)))
    assert counts[0, 0] > 0
    assert {*(counts < 0).ravel().tolist()} == {True, False}
    reach = measure_reach(settings, sides=sides)
    assert np.isnan(reach.mean_positives).all()
    assert np.isnan(reach.sight.unassigned_share).all()


def test_images_of_a_fixed_size_are_not_turned():
    settings = preset("fcos-mmdet", rule="stretch", size=(320, 640))
    dataset, holders = lone_boxes(settings, np.array([[10, 400], [400, 10.0]]))
    np.testing.assert_array_equal(holders, [1])
    assert (dataset.image_sizes == (320, 640)).all()


def test_between_the_boxes_measured_shares_are_linear_in_the_logarithms():
    shares = np.array([[1.0, 0.5], [0.5, 0.0]])
    sight = Sight(np.array([4.0, 16.0]), shares, {})
    boxes = np.array([[4, 4], [8, 4], [8, 8], [1, 1], [99, 99], [16, 4]], dtype=float)
    found = sight.share_at(boxes)
    np.testing.assert_allclose(found, [1, 0.75, 0.5, 1, 0, 0.5])


def test_no_boxes_have_no_shares_and_no_shapes_no_positives():
    sight = Sight(np.array([4.0]), np.array([[0.25]]), {})
    assert sight.share_at(np.empty((0, 2))).shape == (0,)
    np.testing.assert_array_equal(sight.share_at(np.array([[9.0, 2.0]])), [0.25])
    assert positives_of(FCOS, np.empty((0, 2))).shape == (0, 64)


def test_a_shape_is_seen_only_if_it_is_both_lying_and_standing():
    # Anchors are four times as high as wide: they match standing boxes only.
    standing = preset("retinanet-mmdet", ratios=(4.0,), allow_low_quality=False)
    assert smallest_seen(standing, ratio=4) is None
    counts = positives_of(standing, np.array([[64.0, 256.0], [256.0, 64.0]]))
    assert (counts > 0).mean(axis=1).tolist() == [1, 0]


def test_many_positives_are_counted_few_boxes_at_once_and_too_many_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # 32 px hold 4 x 4 points: with at most 64 at once, 4 boxes after the first.
    sizes, count = [], module._count_chunk

    def counted(chunk: Dataset, settings: Settings) -> IntArray:
        sizes.append(chunk.num_images)
        return count(chunk, settings)

    monkeypatch.setattr(module, "_count_chunk", counted)
    monkeypatch.setattr(module, "_POSITIVES_AT_ONCE", 64)
    shape = np.array([[32.0, 32.0]])
    assert (positives_of(FCOS, shape) == 16).all()
    assert sizes == [1, 2, *[4] * 15, 1]
    # 64 positions of them have 1,024 positives.
    monkeypatch.setattr(module, "MOST_POSITIVES", 1023)
    with pytest.raises(SettingsError, match="fcos-mmdet gives a large box 16 pos"):
        positives_of(FCOS, shape)


def test_anchors_between_the_bars_are_not_looked_for():
    # With a lower bar of almost 0 that would be nearly all of them.
    low, usual = (
        preset("retinanet-mmdet", assigner__negative_below=bar) for bar in (1e-6, 0.4)
    )
    shapes = np.array([[8.0, 8.0], [40.0, 24.0]])
    np.testing.assert_array_equal(
        positives_of(low, shapes), positives_of(usual, shapes)
    )
