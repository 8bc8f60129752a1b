"""Parameters of the FCOS rule."""

from dataclasses import dataclass
from typing import Literal

from atss_inspect.assigners.rule import Params
from atss_inspect.fields import Limit, at_least, setting


@dataclass(frozen=True)
class FcosParams(Params):
    """Parameters of the FCOS scale-range rule (arXiv 1904.01355).

    Attributes
    ----------
    scale_ranges : [low, high] of the largest side distance per level (input pixels);
        empty: from 8 strides of the level below to 8 strides of the level
    range_ends : a distance equal to an end is in (``closed``) or out (``open``)
    center_sampling_radius : points must lie within this many strides of the box
        center; 0 takes the whole box
    center_test : ``box``: inside the box around the center, clipped to the object;
        ``distance``: by the larger of |dx| and |dy| (torchvision, detectron2)
    area : contested points go to the ``smallest`` float32 area, or to the largest
        ``1e8_minus`` area in float32, which ties areas less than 8 square pixels apart
    plus_one : count sides as x2 - x1 + 1 in the area
    """

    scale_ranges: tuple[tuple[float, float], ...] = setting(
        (),
        each=Limit(lambda ends: ends[0] < ends[1], "[low, high] with low below high"),
        aliases=("regress_ranges",),
    )  # the paper, section 3.2
    range_ends: Literal["closed", "open"] = "closed"
    center_sampling_radius: float = setting(
        0.0, at_least(0, most=1e6), aliases=("radius", "center_sample_radius")
    )  # the paper has no sampling
    center_test: Literal["box", "distance"] = "box"
    area: Literal["smallest", "1e8_minus"] = "smallest"
    plus_one: bool = False
