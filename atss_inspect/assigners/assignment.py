"""What an assigner answers: the positive anchors, and what happened to each object."""

from dataclasses import dataclass

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.starvation import Starvation


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

    Rows are in no promised order; the tables of `rows` order them.

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
