"""Parameters of YOLOv3's rule."""

from dataclasses import dataclass

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import ABOVE_ZERO, SHARE, at_least, setting


@dataclass(frozen=True)
class GridCellParams(Params):
    """Parameters of YOLOv3's rule, as mmdetection has it.

    Attributes
    ----------
    positive_above : in cells with an object's center, an anchor whose best IoU is more
        than this is positive
    ignored_above : elsewhere, an anchor whose best IoU is more than this is ignored
    forced_above : an object's best anchors in such cells are positive where their IoU
        is more than this
    min_union : the union is at least this (square pixels)
    """

    # mmdetection's configs/yolo; YOLOv3's paper, section 2.1, ignores above 0.5
    positive_above: float = setting(0.5, SHARE)
    ignored_above: float = setting(0.5, ABOVE_ZERO)
    forced_above: float = setting(0.0, SHARE)
    min_union: float = setting(0.0, at_least(0, most=1e6))

    @property
    def plus_one(self) -> bool:
        """Sides are x2 - x1 in the IoU."""
        return False

    @property
    def distance(self) -> None:
        """It compares by IoU."""
        return
