"""Box geometry: by hand, against the reference, and against pycocotools."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask

from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.boxes import area, corners_of, iou, is_near

from .reference.assignment import is_near_miss
from .reference.overlap import areas, iou_matrix
from .strategies import OVERLAPS, boxes

BOXES = st.lists(boxes((96, 128)), min_size=1, max_size=6).map(
    lambda rows: np.array(rows, dtype=np.float32)
)
PLAIN = AtssParams(plus_one=False, min_union=0.0)
INCLUSIVE = AtssParams(plus_one=True, min_union=0.0)


def ious(first: np.ndarray, second: np.ndarray, rule: AtssParams) -> np.ndarray:
    """(N, M) float32."""
    return iou(corners_of(first[:, None]), corners_of(second[None]), rule)


def box(*corners: float) -> np.ndarray:
    return np.array([corners], dtype=np.float32)


@given(BOXES, BOXES)
def test_ious_agree_with_pycocotools(first, second):
    def xywh(rows: np.ndarray) -> np.ndarray:
        exact = rows.astype(np.float64)
        return np.hstack([exact[:, :2], exact[:, 2:] - exact[:, :2]])

    expected = mask.iou(xywh(first), xywh(second), [0] * len(second))
    # pycocotools computes in double: float32 corners of up to 2200 px leave 1e-4 px.
    np.testing.assert_allclose(ious(first, second, PLAIN), expected, atol=2e-3)


@given(BOXES, BOXES, st.sampled_from(OVERLAPS))
def test_ious_equal_the_reference_to_the_last_bit(first, second, words):
    plus_one, min_union = words
    guard = "floor" if min_union else "where_overlapping"
    expected = iou_matrix(first, second, plus_one=plus_one, guard=guard)
    rule = AtssParams(plus_one=plus_one, min_union=min_union)
    np.testing.assert_array_equal(ious(first, second, rule), expected)
    ours = area(corners_of(first), plus_one=plus_one)
    np.testing.assert_array_equal(ours, areas(first, plus_one=plus_one))


@pytest.mark.parametrize(
    ("first", "second", "plain", "inclusive"),
    [
        # Shifted by 5, 5: 25 / (100 + 100 - 25) = 1/7. Inclusive: sides of 11, 6 x 6
        # shared: 36 / (121 + 121 - 36).
        ((0, 0, 10, 10), (5, 5, 15, 15), (25, 175), (36, 206)),
        # They touch: one column of 11 pixels, if both ends count.
        ((0, 0, 10, 10), (10, 0, 20, 10), (0, 1), (11, 231)),
        # Empty: detectron2 gives 0 where nothing overlaps; 0 / 0 would be NaN.
        ((3, 3, 3, 3), (3, 3, 3, 3), (0, 1), (1, 1)),
        # A box covers itself completely.
        ((0.25, 7, 13.5, 900), (0.25, 7, 13.5, 900), (1, 1), (1, 1)),
    ],
)
def test_ious_by_hand(first, second, plain, inclusive):
    for rule, (shared, union) in ((PLAIN, plain), (INCLUSIVE, inclusive)):
        found = ious(box(*first), box(*second), rule)
        assert found[0, 0] == np.float32(shared) / np.float32(union)


def test_the_union_is_at_least_its_floor():
    # Side 2^-12: area 2^-24, about 6e-8, below mmdetection's 1e-6.
    small = box(0, 0, 2.0**-12, 2.0**-12)
    rule = AtssParams(min_union=1e-6)
    assert ious(small, small, PLAIN)[0, 0] == 1
    assert ious(small, small, rule)[0, 0] == np.float32(2.0**-24) / np.float32(1e-6)


def test_corners_of_no_box_are_empty():
    nothing = corners_of(np.zeros((0, 4), dtype=np.float32))
    assert [side.shape for side in nothing] == [(0,)] * 4
    assert area(nothing, plus_one=True).shape == (0,)


def test_taken_rows_are_those_of_all_four_corners():
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    taken = corners_of(rows).take(np.array([2, 0]))
    np.testing.assert_array_equal(np.stack(taken, axis=1), rows[[2, 0]])


FLOATS = st.floats(-1e6, 1e6, width=32)


def moved(bar: float, ulps: int) -> np.ndarray:
    """One number, some ulp of the bar away from it."""
    bar32 = np.float32(bar)
    return np.array([bar32 + np.float32(ulps) * np.spacing(bar32)], dtype=np.float32)


# Below a power of two floats lie closer.
@pytest.mark.parametrize(
    ("bar", "sign"), [(0.5, 1), (0.7, 1), (64.0, 1), (1e-3, 1), (0.7, -1), (65.0, -1)]
)
def test_up_to_four_ulp_away_is_near_and_five_is_not(bar, sign):
    numbers = [moved(bar, sign * ulps)[0] for ulps in range(7)]
    near = is_near(np.array(numbers), np.float32(bar)).tolist()
    assert near == [False, True, True, True, True, False, False]


@given(st.lists(FLOATS, max_size=5), FLOATS, st.integers(-6, 6))
def test_any_number_is_as_near_as_the_reference_says(values, bar, ulps):
    numbers = np.concatenate([np.array(values, dtype=np.float32), moved(bar, ulps)])
    expected = is_near_miss(numbers, bar)
    np.testing.assert_array_equal(is_near(numbers, np.float32(bar)), expected)


def test_bars_broadcast_row_by_row():
    values = np.array([[0.5, 1.0], [0.5, 1.0]], dtype=np.float32)
    bars = np.nextafter(np.array([[0.5], [1.0]], dtype=np.float32), np.float32(2))
    assert is_near(values, bars).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize("bar", [np.nan, np.inf, -np.inf])
def test_nothing_is_near_a_bar_that_is_no_number(bar):
    values = np.array([0, 1, np.nan, np.inf, -np.inf], dtype=np.float32)
    assert not is_near(values, np.float32(bar)).any()
