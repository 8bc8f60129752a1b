"""Runs of consecutive integers, one after the other, and the cells of rectangles."""

import numpy as np

from atss_inspect.arrays import IntArray


def ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Concatenate ``arange(start, start + count)`` of every run; int64.

    Runs may be empty; with no run at all the result is empty.
    """
    before = np.cumsum(counts) - counts
    total = int(counts.sum())
    return np.repeat(starts - before, counts) + np.arange(total)


def cells_between(
    number: IntArray,
    top: IntArray,
    bottom: IntArray,
    left: IntArray,
    right: IntArray,
    width: IntArray,
) -> tuple[IntArray, IntArray]:
    """List the cells of rectangles on grids, row by row.

    Parameters
    ----------
    number : (R,) int64, what to call each rectangle
    top, bottom, left, right : (R,) int64 rows and columns, the latter ones beyond;
        rectangles may be empty
    width : (R,) int64 columns of the grid that each rectangle lies on

    Returns
    -------
    number, index : (P,) int64 of the rectangle, and row * width + column of the cell
    """
    some = np.flatnonzero((bottom > top) & (right > left))
    heights = (bottom - top)[some]
    line = np.repeat(some, heights)
    first = ranges(top[some], heights) * width[line] + left[line]
    widths = (right - left)[line]
    return np.repeat(number[line], widths), ranges(first, widths)
