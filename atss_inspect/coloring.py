"""Which of a few colors each object of an image has: neighbours differ."""

import numpy as np

from atss_inspect.arrays import Float64Array

# An object differs in color from so many of the nearest ones before it.
_NEIGHBORS = 5


def color_numbers(xywh: Float64Array, num_colors: int) -> list[int]:
    """Choose a color for every object of an image.

    Parameters
    ----------
    xywh : (G, 4) of the annotations; the choice depends on nothing else, so that an
        object has one color under all conventions
    num_colors : colors to choose from, more than five

    Returns
    -------
    G numbers from 0; each differs from those of the nearest objects before it.
    """
    low, high = xywh[:, :2], xywh[:, :2] + np.maximum(xywh[:, 2:], 0)
    chosen = np.zeros(len(xywh), dtype=np.int64)
    times_used = np.zeros(num_colors, dtype=np.int64)
    for row in range(len(xywh)):
        gaps = np.maximum(low[:row] - high[row], low[row] - high[:row])
        apart = np.square(np.maximum(gaps, 0)).sum(axis=1)
        nearest = np.argsort(apart, kind="stable")[:_NEIGHBORS]
        is_free = np.ones(num_colors, dtype=bool)
        is_free[chosen[nearest]] = False
        chosen[row] = np.argmin(np.where(is_free, times_used, np.inf))
        times_used[chosen[row]] += 1
    numbers: list[int] = chosen.tolist()
    return numbers
