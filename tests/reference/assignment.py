"""What every reference assigner answers, and what counts as a near miss."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class ReferenceAssignment:
    """The outcome for one image.

    gt, level, index, iou : (P,) one row per positive anchor, by level, then index;
        index counts within the level; iou (float32) is with the anchor's own box,
        NaN for FCOS
    num_negative, num_ignored : the other anchors
    is_tied, is_fragile : (G,) bool; each assigner says what it counts
    mean, std, threshold : (G,) float32, of ATSS; NaN elsewhere
    """

    gt: np.ndarray
    level: np.ndarray
    index: np.ndarray
    iou: np.ndarray
    num_negative: int
    num_ignored: int
    is_tied: np.ndarray
    is_fragile: np.ndarray
    mean: np.ndarray
    std: np.ndarray
    threshold: np.ndarray

    def rows(self) -> list[tuple[int, int, int]]:
        return list(
            zip(self.gt.tolist(), self.level.tolist(), self.index.tolist(), strict=True)
        )


def from_owners(
    owner: np.ndarray,
    level_sizes: Sequence[int],
    *,
    num_gt: int,
    iou: np.ndarray | None = None,
    is_ignored: np.ndarray | None = None,
    is_tied: np.ndarray | None = None,
    is_fragile: np.ndarray | None = None,
    statistics: np.ndarray | None = None,
) -> ReferenceAssignment:
    """Turn one owner per anchor (-1 for none) into rows of positives and counts.

    ``iou`` is the (anchors, G) matrix; ``statistics`` (3, G) mean, std, threshold.
    """
    rows: list[tuple[int, int, int, float]] = []
    start = 0
    for level, size in enumerate(level_sizes):
        for index in np.flatnonzero(owner[start : start + size] >= 0).tolist():
            gt = int(owner[start + index])
            value = np.nan if iou is None else float(iou[start + index, gt])
            rows.append((gt, level, index, value))
        start += size
    num_ignored = 0 if is_ignored is None else int(is_ignored.sum())
    nobody = np.zeros(num_gt, dtype=bool)
    none = np.full((3, num_gt), np.nan, dtype=np.float32)
    mean, std, threshold = none if statistics is None else statistics
    return ReferenceAssignment(
        gt=np.array([row[0] for row in rows], dtype=np.int64),
        level=np.array([row[1] for row in rows], dtype=np.int64),
        index=np.array([row[2] for row in rows], dtype=np.int64),
        iou=np.array([row[3] for row in rows], dtype=np.float32),
        num_negative=len(owner) - len(rows) - num_ignored,
        num_ignored=num_ignored,
        is_tied=nobody if is_tied is None else is_tied,
        is_fragile=nobody if is_fragile is None else is_fragile,
        mean=mean,
        std=std,
        threshold=threshold,
    )


def is_near_miss(values: np.ndarray, bar: float) -> np.ndarray:
    """Tell which float32 values lie within 4 ulp of a bar without being equal to it.

    One ulp is the spacing of float32 numbers at the bar (``np.spacing``). An
    infinite or NaN bar has no neighbours.
    """
    bar32 = np.float32(bar)
    if not np.isfinite(bar32):
        return np.zeros(np.shape(values), dtype=bool)
    away = np.abs(values - bar32)
    return (away != 0) & (away <= 4 * np.spacing(np.abs(bar32)))
