"""What an assigner answers: the positive anchors, and what happened to each object."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.causes import (
    CAUSES,
    Starvation,
    Wanted,
    is_starved,
    why_starved,
)
from atss_inspect.assigners.contest import strongest_claims
from atss_inspect.assigners.pyramid import Grids


@dataclass(frozen=True)
class CandidateStatistics:
    """Adaptive thresholds of ATSS, one row per ground-truth box.

    Attributes
    ----------
    mean, std, threshold : (G,) float32 of candidate IoUs; std is NaN with one candidate
    num_candidates : (G,) int64
    """

    mean: Float32Array
    std: Float32Array
    threshold: Float32Array
    num_candidates: IntArray


@dataclass(frozen=True)
class Assignment:
    """The positive anchors of a frame, one row each, and per-object facts.

    Rows are in no promised order; the tables order them.

    Attributes
    ----------
    gt : (P,) int64, row of the frame's boxes that owns the anchor
    level : (P,) int64, 0 is the finest
    index : (P,) int64, anchor within its level, (row * columns + column) * A + a, in
        the framework's own order
    iou : (P,) float32 IoU with the owner; None where the rule uses none (FCOS)
    num_ignored : (I,) int64 anchors that are neither positive nor negative
    num_anchors : (I,) int64 anchors (or points) in all
    is_tied : (G,) bool, an arbitrary choice between equals was possible
    is_fragile : (G,) bool, some quantity lies within 4 ulp of, but is not, the bar it
        is compared with
    starvation : why boxes without positives have none
    candidates : ATSS only
    """

    gt: IntArray
    level: IntArray
    index: IntArray
    iou: Float32Array | None
    num_ignored: IntArray
    num_anchors: IntArray
    is_tied: BoolArray
    is_fragile: BoolArray
    starvation: Starvation
    candidates: CandidateStatistics | None = None

    @property
    def num_positives(self) -> int:
        """Number of positive anchors P."""
        return len(self.gt)


def settle(
    frame: Frame,
    grids: Grids,
    wanted: Wanted,
    reached: IntArray,
    *,
    iou: Float32Array | None = None,
    causes: tuple[str, ...] = CAUSES,
) -> Assignment:
    """Settle contests by strength and put the answer together, as a plain rule needs.

    Parameters
    ----------
    frame, grids : as the rule got them
    wanted : (N,) the anchors each box is eligible for, once; of equals the lowest box
    reached : (G,) int64 cause of boxes that no anchor was eligible for
    iou : (N,) of these pairs; None where the rule uses none
    causes : what the numbers in ``reached`` mean

    Returns
    -------
    Assignment in which nothing is ignored or fragile; boxes that were exactly as
    strong are tied.
    """
    contest = strongest_claims(wanted.anchor, wanted.strength, wanted.gt)
    wins = np.flatnonzero(contest.wins(len(wanted.gt)))
    owner, anchor = wanted.gt[wins], wanted.anchor[wins]
    _, level, index = grids.locate(anchor)
    is_tied = np.zeros(frame.num_gt, dtype=bool)
    is_tied[contest.tied(wanted.gt)] = True
    starved = is_starved(frame.num_gt, owner)
    return Assignment(
        gt=owner,
        level=level,
        index=index,
        iou=None if iou is None else iou[wins],
        num_ignored=np.zeros(frame.num_images, dtype=np.int64),
        num_anchors=grids.num_anchors,
        is_tied=is_tied,
        is_fragile=np.zeros(frame.num_gt, dtype=bool),
        starvation=why_starved(starved, reached, wanted, owner, anchor, causes),
    )
