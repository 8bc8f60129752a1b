"""Numbers within 4 units in the last place of their bar, but not equal to it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.boxes import is_near

from .reference.assignment import is_near_miss

FLOATS = st.floats(-1e6, 1e6, width=32)


def moved(bar: float, ulps: int) -> np.ndarray:
    """One number, some ulp of the bar away from it."""
    bar32 = np.float32(bar)
    return np.array([bar32 + np.float32(ulps) * np.spacing(bar32)], dtype=np.float32)


@pytest.mark.parametrize("bar", [0.5, 0.7, 64.0, 1e-3])
def test_up_to_four_ulp_above_is_near_and_five_is_not(bar):
    near = [bool(is_near(moved(bar, ulps), np.float32(bar))[0]) for ulps in range(7)]
    assert near == [False, True, True, True, True, False, False]


@pytest.mark.parametrize("bar", [0.7, 65.0])
def test_up_to_four_ulp_below_is_near_and_five_is_not(bar):
    near = [bool(is_near(moved(bar, -ulps), np.float32(bar))[0]) for ulps in range(7)]
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
