"""Objects that are in a file twice: of one image and class, with the same box."""

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IntArray

_UNSIGNED = np.uint64
# Odd numbers whose bits look random: what differs in one place differs in the sum.
_FACTORS = (
    *(0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9),
    *(0x27D4EB2F165667C5, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F),
)


def repeats_earlier(
    rows: IntArray, categories: IntArray, xywh: Float64Array, order: IntArray
) -> BoolArray:
    """Tell which boxes repeat one that stands earlier in the file.

    Parameters
    ----------
    rows, categories : (G,) int64, the image and the class of each
    xywh : (G, 4) float64; 0 and -0 are the same number
    order : (G,) int64, the place of each in the file

    Returns
    -------
    (G,) bool; of equal ones the first in the file is False.
    """
    numbers = np.ascontiguousarray((xywh + 0.0).T).view(_UNSIGNED)  # (4, G)
    columns = (rows.astype(_UNSIGNED), categories.astype(_UNSIGNED), *numbers)
    hashed = np.zeros(len(rows), _UNSIGNED)
    for column, factor in zip(columns, _FACTORS, strict=True):
        hashed += (column ^ (column >> _UNSIGNED(32))) * _UNSIGNED(factor)
    repeated = np.zeros(len(rows), np.bool_)
    ordered = np.sort(hashed)
    alike = ordered[1:][ordered[1:] == ordered[:-1]]
    if len(alike) == 0:  # as in most files
        return repeated
    # Equal sums may be an accident, so that these few are compared as a whole.
    found = np.flatnonzero(np.isin(hashed, alike))
    keys = np.stack([column[found] for column in columns])  # (6, F)
    sequence = np.lexsort((order[found], *keys))
    same = (keys[:, sequence[1:]] == keys[:, sequence[:-1]]).all(axis=0)
    repeated[found[sequence[1:][same]]] = True
    return repeated
