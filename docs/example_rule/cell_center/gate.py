"""A gate from outside: a model picks among the points in the middle of the box."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Params, Rule, Words, needs_model
from atss_inspect.fields import ABOVE_ZERO, WHOLE, at_least, setting
from cell_center.windows import windows_inside


@dataclass(frozen=True)
class CentralRegionParams(Params):
    """Parameters of the gate.

    Attributes
    ----------
    region : side of the region around the center, as share of the box's side
    quota : points that the model picks for an object, at most
    """

    region: float = setting(0.5, ABOVE_ZERO)
    quota: int = setting(10, at_least(1, WHOLE, most=10_000))


def find_gate(frame: Frame, pyramid: Pyramid, params: CentralRegionParams) -> Gate:
    """Find the points in the middle of each box, on all levels; edges are out."""
    grids = pyramid.grids(frame.padded_size)
    sides = np.diff(frame.gt_boxes.reshape(-1, 2, 2).astype(np.float64), axis=1)[:, 0]
    windows = windows_inside(frame, grids, sides * (1 - params.region) / 2)
    return Gate(windows, frame.gt_image, grids.map_sizes, params.quota)


RULE = Rule(
    name="central_region",
    params=CentralRegionParams,
    assign=needs_model,
    gate=find_gate,
    about="points in the middle of the box, of which a model picks (a gate)",
    words=Words(meaning="Points in the middle of the box may become positive."),
    uses_anchors=False,
)
