"""Parameters of ATSS."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array
from atss_inspect.assigners.rule import Params
from atss_inspect.fields import WHOLE, Limit, at_least, setting


@dataclass(frozen=True)
class AtssParams(Params):
    """Parameters of Adaptive Training Sample Selection (arXiv 1912.02424).

    Attributes
    ----------
    k : candidates per level: the k anchors whose centers lie closest to the box's
    k_per_anchor : multiply k by the anchors per cell (the authors' code)
    threshold_test : an IoU equal to mean + std is positive (``>=``) or not (``>``)
    std_ddof : 1 divides the variance by n - 1, 0 by n
    center_margin : an anchor center must lie more than this inside the box (pixels)
    contest : a contested anchor goes to the highest IoU among its ``claimants``, or
        among ``all`` boxes of the image
    plus_one : count sides of boxes as x2 - x1 + 1 in the IoU
    min_union : the union is at least this (square pixels)
    """

    # authors' code, MODEL.ATSS.TOPK
    k: int = setting(9, at_least(1, WHOLE, most=1000), aliases=("topk",))
    k_per_anchor: bool = False
    threshold_test: Literal[">=", ">"] = ">="
    # torch.std
    std_ddof: int = setting(
        1, Limit(lambda value: value in (0, 1), "0 or 1", 1, (0, 1))
    )
    # authors' code and mmdetection
    center_margin: float = setting(0.01, at_least(0, most=1e6))
    contest: Literal["claimants", "all"] = "claimants"
    plus_one: bool = False
    min_union: float = setting(0.0, at_least(0, most=1e6))

    def passes(self, iou: Float32Array, threshold: Float32Array) -> BoolArray:
        """Test IoUs by ``threshold_test``."""
        test = np.greater_equal if self.threshold_test == ">=" else np.greater
        passes: BoolArray = test(iou, threshold)
        return passes

    def anchors_per_k(self, anchors_per_cell: int) -> int:
        """Candidates per level that one more k brings."""
        return anchors_per_cell if self.k_per_anchor else 1

    def candidates_per_level(self, anchors_per_cell: int) -> int:
        """Candidates asked for on each level, of so many anchors a cell."""
        return self.k * self.anchors_per_k(anchors_per_cell)
