"""Parameters of YOLOv5's rule."""

from dataclasses import dataclass

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import between, setting


@dataclass(frozen=True)
class Yolov5Params(Params):
    """Parameters of YOLOv5's rule.

    Attributes
    ----------
    ratio_below : the sides of a box and an anchor must differ by less than this factor
    """

    ratio_below: float = setting(
        4.0, between(1, 1e4), aliases=("anchor_t", "prior_match_thr")
    )  # data/hyps/hyp.scratch-low.yaml, anchor_t
