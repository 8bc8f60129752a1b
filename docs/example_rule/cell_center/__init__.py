"""A rule from outside: the cells whose center lies in the box are positive."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.assignment import Assignment, settle
from atss_inspect.assigners.boxes import area, corners_of
from atss_inspect.assigners.causes import CAUSES, Cause
from atss_inspect.assigners.contest import Claims
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Kinds, Params, Rule
from atss_inspect.fields import at_least, setting
from cell_center.windows import points_inside, windows_inside

WITHIN_MARGIN = Cause(
    name="within_margin",
    words="points within the margin",
    meaning="Points lie inside the box, but all of them too near to a side.",
    remedy="A smaller margin, larger input images or a finer level (P2).",
    sentence="points lie inside its box, but all within the margin of a side",
)
NAMES = (*CAUSES, WITHIN_MARGIN.name)


@dataclass(frozen=True)
class CellCenterParams(Params):
    """Parameters of the rule.

    Attributes
    ----------
    margin : a center must lie more than this inside the box (input pixels)
    """

    margin: float = setting(0.0, at_least(0, most=1e6))


def assign_cell_center(
    frame: Frame, pyramid: Pyramid, params: CellCenterParams
) -> Assignment:
    """Assign every cell to the smallest box around its center, on all levels.

    A center on a side, or just at the margin, is out. Of boxes of one area (float32)
    the first keeps the cell, and both are tied. Without boxes nothing is positive.
    """
    grids = pyramid.grids(frame.padded_size)
    box, point = points_inside(frame, grids, params.margin)
    smaller_first = -area(corners_of(frame.gt_boxes), plus_one=False)
    claims = Claims(box, point, smaller_first[box])
    has_points = windows_inside(frame, grids, 0.0).any(axis=(1, 2))
    too_near, none = map(NAMES.index, (WITHIN_MARGIN.name, "no_center_inside"))
    reached = np.where(has_points, too_near, none)
    return settle(frame, grids, claims, reached, causes=NAMES)


def smaller_margins(params: CellCenterParams) -> Kinds:
    """Halve the margin, at last to none."""
    if params.margin:
        steps = (params.margin / 2, 0.0)
        path = "assigner.margin"
        yield "margin", ((f"{margin:g}", {path: margin}) for margin in steps)


RULE = Rule(
    name="cell_center",
    params=CellCenterParams,
    assign=assign_cell_center,
    about="cells whose center lies in the box, the smallest box first",
    uses_anchors=False,
    causes=(WITHIN_MARGIN,),
    steps="cell_center.steps",
    changes=smaller_margins,
)
