"""Parameters of RepPoints' rule."""

from dataclasses import dataclass

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import LEAST, WHOLE, at_least, between, setting


@dataclass(frozen=True)
class NearestPointParams(Params):
    """Parameters of RepPoints' rule (arXiv 1904.11490), for its first stage.

    Attributes
    ----------
    level_scale : a level has the boxes whose sides are from this many strides to twice
        as many, in the geometric mean; the first also smaller, the last larger ones
    num_points : points that each box asks for
    """

    level_scale: float = setting(4.0, between(LEAST, 1e4))  # the paper, section 4.2
    num_points: int = setting(
        1, at_least(1, WHOLE, most=100), aliases=("pos_num",)
    )  # the paper, section 4.2
