"""What an assigner answers: the positive anchors, and what happened to each object."""

from dataclasses import dataclass, replace

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.causes import CAUSES, Reached, Unassigned, why_unassigned
from atss_inspect.assigners.contest import Claims, marked, strongest_claims
from atss_inspect.assigners.pyramid import Grids


@dataclass(frozen=True)
class CandidateStatistics:
    """Thresholds that a rule computes from candidates, one row per ground-truth box."""

    # mean, std, threshold: (G,) float32 of candidate IoUs; std is NaN with one
    # candidate
    mean: Float32Array
    std: Float32Array
    threshold: Float32Array
    num_candidates: IntArray  # (G,) int64


@dataclass(frozen=True)
class Assignment:
    """The positive anchors of a frame, one row each, and per-object facts.

    Rows are in no promised order; the tables order them.
    """

    gt: IntArray  # (P,) int64, row of the frame's boxes that owns the anchor
    level: IntArray  # (P,) int64, 0 is the finest
    # (P,) int64, anchor within its level, (row * columns + column) * A + a, in the
    # framework's own order
    index: IntArray
    # (P,) float32 IoU with the owner; None where the rule uses none
    iou: Float32Array | None
    num_ignored: IntArray  # (I,) int64 anchors that are neither positive nor negative
    num_anchors: IntArray  # (I,) int64 anchors (or points) in all
    is_tied: BoolArray  # (G,) bool, an arbitrary choice between equals was possible
    # (G,) bool, rounding could flip it: some quantity lies within 4 units in the last
    # place of, but is not, the bar it is compared with
    is_fragile: BoolArray
    unassigned: Unassigned  # why boxes have no positive
    # of rules that have thresholds (`Rule.has_thresholds`)
    candidates: CandidateStatistics | None = None
    # (I,) int64 how many of the ignored anchors lie beyond the border; None for none
    num_beyond: IntArray | None = None
    # (P,) int64 how often the loss has each row, where that is not once
    times: IntArray | None = None
    # rows whose anchor has an earlier row, of a rule without a contest
    num_shared: int = 0
    is_shared: BoolArray | None = None  # (P,) bool, other objects have the anchor, too

    @classmethod
    def of(
        cls,
        frame: Frame,
        grids: Grids,
        positives: Claims,
        claims: Claims,
        reached: Reached,
        causes: tuple[str, ...] = CAUSES,
    ) -> "Assignment":
        """Put the answer together: nothing tied or fragile; see `settle`.

        Ignored are the anchors beyond the border.
        """
        positives = within_border(positives, grids)
        claims = within_border(claims, grids)
        _, level, index = grids.locate(positives.anchor)
        unassigned = why_unassigned(frame.num_gt, claims, positives, reached, causes)
        if grids.border is not None:
            nothing = (grids.num_beyond == grids.num_anchors)[frame.gt_image]
            why = np.where(nothing, causes.index("beyond_border"), unassigned.cause)
            unassigned = unassigned._replace(cause=why)
        return cls(
            gt=positives.gt,
            level=level,
            index=index,
            iou=positives.strength,
            num_ignored=grids.num_beyond,
            num_beyond=grids.num_beyond,
            num_anchors=grids.num_anchors,
            is_tied=np.zeros(frame.num_gt, dtype=bool),
            is_fragile=np.zeros(frame.num_gt, dtype=bool),
            unassigned=unassigned,
        )

    @property
    def num_positives(self) -> int:
        """Number of positive anchors P, one of several objects as often."""
        return len(self.gt)

    @property
    def num_taken(self) -> int:
        """Number of anchors that are positive for some object."""
        return self.num_positives - self.num_shared


def within_border(claims: Claims, grids: Grids) -> Claims:
    """Drop claims to anchors that are ignored after the assignment."""
    is_kept = grids.is_kept(claims.anchor)
    return claims if is_kept is None else claims.take(is_kept)


def settle(
    frame: Frame,
    grids: Grids,
    claims: Claims,
    reached: Reached,
    *,
    iou: Float32Array | None = None,
    causes: tuple[str, ...] = CAUSES,
) -> Assignment:
    """Settle contests by strength and put the answer together, as a plain rule needs.

    ``claims`` are the anchors each box is eligible for; ties: the lowest box wins.
    ``reached`` is the cause of boxes that no anchor was eligible for: (G,) int64, or a
    function that finds it for (G,) bool such boxes; ``causes`` what its numbers mean.
    ``iou`` is (N,) of the claims; None where the rule uses none.

    In the answer nothing is fragile, and ignored only what is beyond the border; boxes
    that were exactly as strong are tied.
    """
    contest = strongest_claims(claims)
    wins = np.flatnonzero(contest.wins(len(claims.gt)))
    is_kept = grids.is_kept(claims.anchor[wins])
    wins = wins if is_kept is None else wins[is_kept]
    return replace(
        Assignment.of(frame, grids, claims.take(wins), claims, reached, causes),
        iou=None if iou is None else iou[wins],
        is_tied=marked(contest.tied(claims.gt), frame.num_gt),
    )
