"""Runs of integers, one after the other."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.pyramid import ranges

RUNS = st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 9)))


@given(RUNS)
def test_runs_equal_those_of_a_loop(runs):
    expected = [start + i for start, count in runs for i in range(count)]
    starts = np.array([start for start, _ in runs], dtype=np.int64)
    counts = np.array([count for _, count in runs], dtype=np.int64)
    assert ranges(starts, counts).tolist() == expected


def test_runs_keep_their_order_and_empty_ones_leave_nothing():
    runs = ranges(np.array([7, 3, 100]), np.array([2, 0, 3]))
    assert runs.tolist() == [7, 8, 100, 101, 102]


def test_no_run_gives_an_empty_integer_array():
    nothing = ranges(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert nothing.shape == (0,)
    assert nothing.dtype == np.int64
