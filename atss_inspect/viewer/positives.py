"""Every anchor that is positive at some position of the slider, and at which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment


@dataclass(frozen=True, eq=False)
class MaskedPositives:
    """Pairs of object and anchor, by object, level and index; (N,) each.

    Attributes
    ----------
    gt, level, index : as in `Assignment`
    mask : int64; bit p is set where the pair is positive at position p
    iou : float32, the same at all positions; None where the rule uses none
    """

    gt: IntArray
    level: IntArray
    index: IntArray
    mask: IntArray
    iou: Float32Array | None


def masked_positives(assignments: Sequence[Assignment]) -> MaskedPositives:
    """Put the positives of several positions together, contests resolved in each.

    Parameters
    ----------
    assignments : at least one, of the same frame by the same rule; at most 31
    """
    gt, level, index = (
        np.concatenate([getattr(each, name) for each in assignments])
        for name in ("gt", "level", "index")
    )
    counts = [each.num_positives for each in assignments]
    bits = np.repeat(1 << np.arange(len(assignments), dtype=np.int64), counts)
    order = np.lexsort((index, level, gt))
    gt, level, index, bits = gt[order], level[order], index[order], bits[order]
    is_first = np.ones(len(gt), dtype=bool)
    is_first[1:] = (np.diff(gt) | np.diff(level) | np.diff(index)) != 0
    starts = np.flatnonzero(is_first)
    mask = np.bitwise_or.reduceat(bits, starts) if len(starts) else bits
    iou = [each.iou for each in assignments if each.iou is not None]
    return MaskedPositives(
        gt[starts],
        level[starts],
        index[starts],
        mask,
        np.concatenate(iou)[order][starts] if iou else None,
    )
