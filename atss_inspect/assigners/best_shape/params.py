"""Parameters of the rule of Guided Anchoring and SABL."""

from dataclasses import dataclass

from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.rule import Params
from atss_inspect.fields import ABOVE_ZERO, SHARE, at_least, setting


@dataclass(frozen=True)
class BestShapeParams(Params):
    """Parameters of the rule of Guided Anchoring (arXiv 1901.03278) and SABL.

    Attributes
    ----------
    positive_from : a cell whose best IoU is at least this is positive
    negative_below : a cell whose best IoU is below this is negative; between the two it
        is ignored
    allow_low_quality : make a box's best cells positive below the bar
    low_quality_floor : only if that best IoU is at least this
    min_union : the union is at least this (square pixels)
    """

    # mmdetection's configs/guided_anchoring, all of them
    positive_from: float = setting(
        0.5, ABOVE_ZERO, aliases=("pos_iou_thr", "fg_iou_thresh")
    )
    negative_below: float = setting(
        0.4, SHARE, aliases=("neg_iou_thr", "bg_iou_thresh")
    )
    allow_low_quality: bool = setting(
        True, aliases=("match_low_quality", "allow_low_quality_matches")
    )
    low_quality_floor: float = setting(0.4, SHARE, aliases=("min_pos_iou",))
    min_union: float = setting(0.0, at_least(0, most=1e6))

    @property
    def iou_threshold(self) -> IouThresholdParams:
        """The IoU rule that tells what becomes of a cell by its best IoU."""
        return IouThresholdParams(
            positive_from=self.positive_from,
            negative_below=self.negative_below,
            allow_low_quality=self.allow_low_quality,
            low_quality_floor=self.low_quality_floor,
            min_union=self.min_union,
        )
