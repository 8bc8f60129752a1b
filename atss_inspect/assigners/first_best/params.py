"""Parameters of the rule of SSD and EfficientDet."""

from dataclasses import dataclass
from typing import Literal

from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.rule import Params
from atss_inspect.fields import ABOVE_ZERO, at_least, setting


@dataclass(frozen=True)
class FirstBestParams(Params):
    """Parameters of the rule of SSD and EfficientDet.

    Attributes
    ----------
    positive_from : an anchor whose best IoU is at least this is positive
    forced_to : whose an anchor is that several objects are given as their best: the
        ``last`` one's (SSD) or the ``first`` one's (EfficientDet)
    min_union : the union is at least this (square pixels)
    """

    positive_from: float = setting(
        0.5, ABOVE_ZERO, aliases=("pos_iou_thr", "fg_iou_thresh")
    )  # SSD's paper, section 2.2
    forced_to: Literal["last", "first"] = "last"
    min_union: float = setting(0.0, at_least(0, most=1e6))

    @property
    def iou_threshold(self) -> IouThresholdParams:
        """The IoU rule that does all but choose among those given one anchor."""
        return IouThresholdParams(
            positive_from=self.positive_from,
            negative_below=min(self.positive_from, 1.0),
            low_quality_ties="first",
            min_union=self.min_union,
        )
