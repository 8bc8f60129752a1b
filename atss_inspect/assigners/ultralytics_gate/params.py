"""Parameters of the gate of Ultralytics."""

from dataclasses import dataclass
from typing import Literal

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import WHOLE, at_least, setting


@dataclass(frozen=True)
class UltralyticsGateParams(Params):
    """Parameters of what stands before Ultralytics' TaskAlignedAssigner.

    Attributes
    ----------
    topk : points that the assigner picks for an object, at most
    widened_below : sides below the stride of the ``first`` level, or of the ``second``,
        become the stride of the second one before points are looked for (of the only
        one where there is one); ``never`` before 8.4
    """

    topk: int = setting(10, at_least(1, WHOLE, most=10_000))  # utils/loss.py, tal_topk
    widened_below: Literal["never", "first", "second"] = "second"  # from 8.4.128 on
