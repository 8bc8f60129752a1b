"""Runs of consecutive integers, written one after the other."""

import numpy as np

from atss_inspect.arrays import IntArray


def ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Concatenate ``arange(start, start + count)`` of every run; int64.

    Runs may be empty; with no run at all the result is empty.
    """
    before = np.cumsum(counts) - counts
    total = int(counts.sum())
    return np.repeat(starts - before, counts) + np.arange(total)
