"""The FCOS rule: by hand, against the dense reference, and for any input."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.fcos.assign import scale_ranges
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.pyramid import build_pyramid

from . import agreement
from .agreement import assign, sorted_rows
from .strategies import (
    Image,
    anchor_rules,
    fcos_params,
    images,
    make_frame,
    quarter_boxes,
    scenes,
)

HALF_CELL = AnchorRule(offset=0.5)  # points 4, 12, 20, ... on P3
SIZE = (128, 128)  # 16 x 16 cells on P3, 8 x 8 on P4


def answer(*boxes, **params):
    return assign([Image(SIZE, boxes)], HALF_CELL, FcosParams(**params))


def positives(*boxes, **params) -> list[list[int]]:
    """[box, level, index] of each."""
    return sorted_rows(answer(*boxes, **params)).tolist()


def indices(rows: list[list[int]], gt: int, level: int) -> list[int]:
    return [row[2] for row in rows if row[:2] == [gt, level]]


def test_a_box_owns_the_points_strictly_inside_it():
    # 12 and 28 are points on both axes: of 12, 20, 28 only 20 is strictly inside.
    # Row 2, column 2 of 16: index 34.
    assert positives((12.0, 12, 28, 28)) == [[0, 0, 34]]
    # P4 has points 8, 24: none with a side distance from 64 upwards.
    assert positives((11.0, 12, 28, 28)) == [[0, 0, 33], [0, 0, 34]]


def test_the_range_looks_at_the_farther_side_not_at_the_size():
    # 100 x 100: from the corners the far sides are more than 64 away, so P4 owns points
    # near the corners and sides, and P3 those whose distances are all at most 64: x and
    # y from 36 to 64, points 36, 44, 52, 60: 16 of them.
    rows = positives((0.0, 0, 100, 100))
    assert len(indices(rows, 0, 0)) == 16
    # P4 points 8, 24, 40, 56, 72, 88: all 36, less those with x and y both in 36 ... 64
    # exclusive, 40 and 56: 4.
    assert len(indices(rows, 0, 1)) == 32


def test_center_sampling_keeps_the_points_near_the_center():
    # Center 32, radius 1.5 * 8 = 12: 20 < x < 44, that is 28 and 36. P4 (radius 24,
    # from 64 upwards) has no point with a side that far: distances are 56 at most.
    box = (0.0, 0, 64, 64)
    assert len(positives(box)) == 64
    near = [[0, 0, 3 * 16 + 3], [0, 0, 3 * 16 + 4], [0, 0, 67], [0, 0, 68]]
    for test in ("box", "distance"):
        sampled = {"center_sampling_radius": 1.5, "center_test": test}
        assert positives(box, **sampled) == near
        # Never beyond the box, 16 x 8 around (20, 12): radius 12 would take x 12 and
        # 28, y 4 and 20 too.
        assert positives((13.0, 9, 27, 15), **sampled) == [[0, 0, 1 * 16 + 2]]


def test_the_smallest_box_owns_a_contested_point():
    large, small = (0.0, 0, 64, 64), (8.0, 8, 24, 24)
    for boxes, owner in (((large, small), 1), ((small, large), 0)):
        rows = positives(*boxes)
        assert indices(rows, owner, 0) == [17, 18, 33, 34]
        assert len(indices(rows, 1 - owner, 0)) == 60


def test_areas_less_than_8_square_pixels_apart_tie_where_1e8_minus_the_area_counts():
    # Near 1e8 float32 numbers are 8 apart. 1e8 - 1001 = 99998999 rounds to 99999000,
    # which is 1e8 - 1000: the first box wins though the second is smaller. Point (4,
    # 36), row 4, column 0: index 64.
    boxes = ((0.0, 0, 13, 77), (0.0, 16, 25, 56))  # 13 * 77 = 1001, 25 * 40 = 1000
    for area, owner, is_tied in (("smallest", 1, False), ("1e8_minus", 0, True)):
        assert [owner, 0, 64] in positives(*boxes, area=area)
        assert answer(*boxes, area=area).is_tied.tolist() == [is_tied] * 2
    # 1004 is half-way between 1000 and 1008: 1e8 - 1004 rounds to even, 99998992, which
    # is 1e8 - 1008. So 1000 wins though it is only 4 smaller.
    boxes = ((0.0, 0, 251 / 16, 64), (0.0, 16, 25, 56))  # 15.6875 * 64 = 1004
    assert [1, 0, 64] in positives(*boxes, area="1e8_minus")
    assert not answer(*boxes, area="1e8_minus").is_tied.any()


def test_counting_both_end_pixels_changes_which_box_is_smaller():
    # 4 * 60 = 240 < 16 * 16 = 256, but 5 * 61 = 305 > 17 * 17 = 289. Both hold point
    # (20, 20).
    boxes = ((18.0, 1, 22, 61), (12.0, 12, 28, 28))
    index = 2 * 16 + 2
    assert [0, 0, index] in positives(*boxes)
    assert [1, 0, index] in positives(*boxes, plus_one=True)


def test_a_tie_with_a_box_that_loses_anyway_is_no_tie():
    # Two equal boxes, and a smaller one that takes the only point they hold.
    equal, smaller = (12.0, 12, 28, 28), (13.0, 13, 27, 27)
    assert positives(equal, equal, smaller) == [[2, 0, 34]]
    assert not answer(equal, equal, smaller).is_tied.any()


@pytest.mark.parametrize("area", ["smallest", "1e8_minus"])
def test_a_box_of_1e8_square_pixels_owns_nothing(area):
    # Frameworks mask the areas of other boxes with 1e8. 9999 * 10000 is still below.
    rule, params = AnchorRule(strides=(1024,), offset=0.5), FcosParams(area=area)
    for width, expected in ((10000, 0), (9999, 100)):
        image = Image((10240, 10240), ((0.0, 0, width, 10000),))
        assert assign([image], rule, params).num_positives == expected


def test_a_box_above_1e8_square_pixels_owns_points_where_no_other_box_is_masked():
    # Boxes that may not own a point count as 1e8 there: alone, 4e8 is the smallest, and
    # it is not the mask; beside a small box elsewhere, the mask is smaller and the
    # point is background. (1e8 - 4e8 is negative: never, in the other rule.)
    rule, vast = AnchorRule(strides=(1024,), offset=0.5), (0.0, 0, 20000, 20000)
    alone = Image((20480, 20480), (vast,))
    beside = Image((20480, 20480), (vast, (0.0, 0, 8, 8)))
    for area, expected in (("smallest", 400), ("1e8_minus", 0)):
        params = FcosParams(area=area)
        for image, number in ((beside, 0), (alone, expected)):
            found = agreement.check_agreement([image], rule, params)
            assert found.num_positives == number


def test_ranges_go_from_eight_strides_to_eight_strides():
    ranges = scale_ranges(build_pyramid(HALF_CELL), FcosParams())
    expected = [[-1, 64], [64, 128], [128, 256], [256, 512], [512, np.inf]]
    assert ranges.tolist() == expected
    own = FcosParams(scale_ranges=((0, 1), (1, 2), (2, 3), (3, 4), (4, 5)))
    assert scale_ranges(build_pyramid(HALF_CELL), own)[4].tolist() == [4, 5]


def test_a_compressed_grid_puts_points_where_torchvision_does():
    # Padded 800: P6 has ceil(800 / 64) = 13 cells, 800 // 13 = 61 px apart. Only the
    # point (61, 61), index 14, lies in the box.
    rule = AnchorRule(strides=(64,), grid="padded")
    image = Image((800, 800), ((60.0, 60, 62, 62),))
    assert sorted_rows(assign([image], rule, FcosParams())).tolist() == [[0, 0, 14]]


def test_a_distance_within_an_ulp_of_a_range_end_is_fragile():
    # Point 36 is one ulp less than 64 px from the right side.
    right = float(np.nextafter(np.float32(100), np.float32(99)))
    assert answer((4.0, 4, right, 52)).is_fragile.tolist() == [True]
    assert answer((4.0, 4, 100, 52)).is_fragile.tolist() == [False]


def test_a_center_distance_within_an_ulp_of_the_radius_is_fragile_by_distance():
    # The center is 40 - 2^-18, so that point 28 is 12 - 2^-18 away: 4 ulp less than the
    # radius of 12. Measured to a box around the center, it is 2^-18 px inside.
    near, exact = (20, 20, 60 - 2.0**-17, 60 - 2.0**-17), (20, 20, 60, 60)
    for test in ("distance", "box"):
        params = FcosParams(center_sampling_radius=1.5, center_test=test)
        for box in (near, exact):
            found = agreement.check_agreement([Image(SIZE, (box,))], HALF_CELL, params)
            is_fragile = test == "distance" and box == near
            assert found.is_fragile.tolist() == [is_fragile]


POINTS = anchor_rules(anchors=(1,))


@given(scenes(), POINTS, st.data())
def test_every_positive_point_lies_inside_its_box(images, rule, data):
    params = data.draw(fcos_params(len(rule.strides)))
    frame, assignment = make_frame(images), assign(images, rule, params)
    layouts = [agreement.dense_points(rule, image.padded_size) for image in images]
    rows = zip(assignment.gt, assignment.level, assignment.index, strict=True)
    for gt, level, index in rows:
        x, y = layouts[frame.gt_image[gt]][level][index]
        x1, y1, x2, y2 = frame.gt_boxes[gt]
        assert x1 < x < x2
        assert y1 < y < y2


@given(images(repeats=False), POINTS, st.data(), st.randoms())
def test_boxes_in_another_order_get_the_same_points(image, rule, data, random):
    params = data.draw(fcos_params(len(rule.strides)))
    assume(not agreement.assign_densely(image, rule, params).is_tied.any())
    order = random.sample(range(len(image.boxes)), len(image.boxes))
    agreement.check_permutation(image, order, rule, params)


@given(
    quarter_boxes(),
    st.sampled_from((0.0, 0.5)),
    st.tuples(st.integers(0, 3), st.integers(0, 3)),
    fcos_params(5),
)
def test_boxes_moved_by_whole_cells_own_the_points_moved_with_them(
    gt, offset, by, params
):
    # 128 px are a whole number of cells on every level; quarter pixels are exact.
    rule, (down, right) = AnchorRule(offset=offset), by
    moved = gt + np.array([right, down, right, down]) * 128
    rows = cells_of(gt, rule, params)
    rows[:, 2:] += np.outer(128 // 2 ** (3 + rows[:, 1]), by)
    np.testing.assert_array_equal(cells_of(moved, rule, params), rows)


def cells_of(gt: np.ndarray, rule: AnchorRule, params: FcosParams) -> np.ndarray:
    """(P, 4) box, level, row, column on an image that holds boxes and moves."""
    image = Image((1024, 1024), tuple(map(tuple, gt.tolist())))
    box, level, index = sorted_rows(assign([image], rule, params)).T
    row, column = np.divmod(index, 1024 // 2 ** (3 + level))
    return np.stack([box, level, row, column], axis=1)
