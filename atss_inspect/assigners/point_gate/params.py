"""Parameters of the gate of points inside a box."""

from dataclasses import dataclass
from typing import Literal

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import WHOLE, at_least, setting


@dataclass(frozen=True)
class PointGateParams(Params):
    """Parameters of what stands before assigners that look at predictions.

    Attributes
    ----------
    quota : points that the assigner picks for an object, at most
    widened_below : sides below the stride of the ``first`` level, or of the ``second``,
        become the stride of the second one before points are looked for (of the only
        one where there is one)
    center_sampling_radius : points must lie within this many strides of the box
        center, too; 0 takes the whole box
    center_margin : points must lie further inside than this (pixels)
    takes_others : an object can get points of other objects of its image, too
    """

    # ultralytics, tal_topk; mmdetection, topk and candidate_topk
    quota: int = setting(
        *(10, at_least(1, WHOLE, most=10_000)), aliases=("topk", "tal_topk")
    )
    widened_below: Literal["never", "first", "second"] = "never"  # before 8.4
    center_sampling_radius: float = setting(
        0.0, at_least(0, most=1e6), aliases=("radius", "center_sample_radius")
    )  # only YOLOX has one
    center_margin: float = setting(1e-9, at_least(0, most=1e6))
    takes_others: bool = False
