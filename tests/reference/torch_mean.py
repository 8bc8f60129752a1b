"""The float32 column means of torch on a CPU with 8-lane vectors, to the last bit.

The rule of the project is a mean in double. The recorded answers carry torch's own
mean, a float32 sum whose order depends on how many boxes the image has; this module
repeats that order, so that a test can say where each differing last bit comes from.
"""

import numpy as np

LANES = 8
ROWS = 4  # columns, or parts of a column, that torch sums side by side
CASCADE_LEVELS = 4


def torch_cpu_mean(values: np.ndarray) -> np.ndarray:
    """(G,) float32 means over the first axis of (K, G) float32, G at least 1."""
    count, num_columns = values.shape
    totals = np.zeros(num_columns, dtype=np.float32)
    if num_columns == 1 and count >= LANES:
        totals[0] = sum_of_single_column(values[:, 0])
        return totals / np.float32(count)
    # Full blocks of columns are each summed top to bottom; the columns that are left
    # over, each in four interleaved parts.
    block = ROWS * LANES if num_columns >= LANES else ROWS
    in_blocks = num_columns // block * block
    for column in range(num_columns):
        if column < in_blocks:
            totals[column] = cascade_sum(values[:, column, None])[0]
        else:
            totals[column] = interleaved_sum(values[:, column])
    return totals / np.float32(count)


def cascade_sum(values: np.ndarray) -> np.ndarray:
    """(m,) float32 sums over (n, m): every 16 terms are moved to a coarser total."""
    power = max(4, (max(len(values), 1) - 1).bit_length() // CASCADE_LEVELS)
    step = 1 << power
    totals = np.zeros((CASCADE_LEVELS, values.shape[1]), dtype=np.float32)
    i = 0
    while i + step <= len(values):
        for _ in range(step):
            totals[0] += values[i]
            i += 1
        for level in range(1, CASCADE_LEVELS):
            totals[level] += totals[level - 1]
            totals[level - 1] = 0
            if i & ((step - 1) << (level * power)):
                break
    for row in values[i:]:
        totals[0] += row
    for level in range(1, CASCADE_LEVELS):
        totals[0] += totals[level]
    return totals[0]


def interleaved_sum(values: np.ndarray) -> np.ndarray:
    """Sum over the first axis in four interleaved parts, then part by part."""
    whole = len(values) // ROWS * ROWS
    width = ROWS * int(np.prod(values.shape[1:]))
    terms = values[:whole].reshape(len(values) // ROWS, width)
    parts = cascade_sum(terms).reshape((ROWS, *values.shape[1:]))
    for rest in values[whole:]:
        parts[0] += rest
    for part in range(1, ROWS):
        parts[0] += parts[part]
    return parts[0]


def sum_of_single_column(values: np.ndarray) -> np.float32:
    """One contiguous column: eight lanes, then the remainder, then lane by lane."""
    whole = len(values) // LANES * LANES
    lanes = interleaved_sum(values[:whole].reshape(-1, LANES))
    total = np.float32(0)
    for rest in values[whole:]:
        total += rest
    for lane in lanes:
        total += lane
    return total
