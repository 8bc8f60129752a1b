"""Parameters of FoveaBox's rule."""

from dataclasses import dataclass

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import Limit, between, setting


@dataclass(frozen=True)
class FoveaboxParams(Params):
    """Parameters of FoveaBox's rule (arXiv 1904.03797).

    Attributes
    ----------
    size_ranges : [low, high] of the square root of the area per level (input pixels),
        both ends included; empty: from 2 to 8 strides of the level, on the first from
        1 pixel, on the last to 16 strides
    core : sides of the core, which has the center of the box, in sides of the box
    """

    size_ranges: tuple[tuple[float, float], ...] = setting(
        (),
        each=Limit(lambda ends: ends[0] < ends[1], "[low, high] with low below high"),
    )  # mmdetection's configs/foveabox, as far as strides double
    core: float = setting(0.4, between(0, 4), aliases=("sigma",))  # the paper's sigma_1
