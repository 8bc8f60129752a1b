"""Parameters of the IoU-threshold rule."""

from dataclasses import dataclass
from typing import Literal

from atss_inspect.assigners.distances import CONSTANT, NAMES, Distance
from atss_inspect.assigners.rule import Params
from atss_inspect.fields import ABOVE_ZERO, SHARE, at_least, setting


@dataclass(frozen=True)
class IouThresholdParams(Params):
    """Parameters of the IoU-threshold rule (RetinaNet, RPN).

    Attributes
    ----------
    positive_from : an anchor whose best IoU is at least this is positive
    negative_below : an anchor whose best IoU is below this is negative; between the
        two it is ignored
    allow_low_quality : make a box's best anchors positive below the bar
    low_quality_floor : only if that best IoU is at least this
    low_quality_ties : ``all`` anchors that share a box's best IoU, or the ``first`` one
        of them only (SSD; mmdetection's gt_max_assign_all = False)
    low_quality_owner : such an anchor goes to the ``claimer`` whose best it is (the
        last one, mmdetection) or stays with its ``own_best`` box (everyone else)
    plus_one : count sides of boxes as x2 - x1 + 1 in the IoU
    min_union : the union is at least this (square pixels)
    measure : what all IoUs above are: the ``iou``, or how alike boxes are by ``nwd``,
        ``dotd``, ``kld`` or ``wd``
    nwd_constant : input pixels that distances of NWD and DotD are divided by
    """

    positive_from: float = setting(
        0.5, ABOVE_ZERO, aliases=("pos_iou_thr", "fg_iou_thresh")
    )  # RetinaNet's paper, section 4
    # RetinaNet's paper, section 4
    negative_below: float = setting(
        0.4, SHARE, aliases=("neg_iou_thr", "bg_iou_thresh")
    )
    allow_low_quality: bool = setting(
        True, aliases=("match_low_quality", "allow_low_quality_matches")
    )
    low_quality_floor: float = setting(0.0, SHARE, aliases=("min_pos_iou",))
    low_quality_ties: Literal["all", "first"] = setting("all", is_later=True)
    low_quality_owner: Literal["claimer", "own_best"] = "claimer"
    plus_one: bool = False
    min_union: float = setting(0.0, at_least(0, most=1e6))
    measure: Literal["iou", "nwd", "dotd", "kld", "wd"] = setting("iou", is_later=True)
    # AI-TOD-v2's usual size; metric_calculator.py of mmdet-nwdrka
    nwd_constant: float = setting(12.7, CONSTANT, is_later=True)

    @property
    def distance(self) -> Distance | None:
        """The measure that stands in place of the IoU."""
        if self.measure == "iou":
            return None
        return Distance(self.measure, self.nwd_constant)

    @property
    def distance_words(self) -> str:
        """The measure, with its constant where it has one; empty for the IoU."""
        if self.measure in ("nwd", "dotd"):
            return f"{self.measure_name} at {self.nwd_constant:g} px"
        return self.measure_name if self.distance else ""

    @property
    def measure_name(self) -> str:
        """What people call the measure."""
        return NAMES[self.measure]
