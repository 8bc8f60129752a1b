"""An assigner from outside: the cells whose center lies in the box are positive."""

from dataclasses import dataclass

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment, settle
from atss_inspect.assigners.boxes import area, corners_of
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims
from atss_inspect.assigners.pyramid import Pyramid, cells_between
from atss_inspect.assigners.rule import Params, Rule
from atss_inspect.fields import at_least, setting


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
    """Assign every cell to the smallest box around its center, on all levels."""
    grids = pyramid.grids(frame.padded_size)
    gt = corners_of(frame.gt_boxes)
    box = np.repeat(np.arange(frame.num_gt), pyramid.num_levels)
    level = np.tile(np.arange(pyramid.num_levels), frame.num_gt)
    image = frame.gt_image[box]
    first = pyramid.first_anchors[level].reshape(-1, 2, 2).mean(axis=1)  # (N, 2) x, y
    step, size = grids.steps[image, level], grids.map_sizes[image, level]  # y, x
    margin = np.float32(params.margin)
    left, right = _cells(
        (gt.x1 + margin)[box],
        (gt.x2 - margin)[box],
        first[:, 0],
        step[:, 1],
        size[:, 1],
    )
    top, bottom = _cells(
        (gt.y1 + margin)[box],
        (gt.y2 - margin)[box],
        first[:, 1],
        step[:, 0],
        size[:, 0],
    )
    number = np.arange(len(box))
    pair, index = cells_between(number, top, bottom, left, right, size[:, 1])
    anchor = grids.anchor_key(image[pair], level[pair], index)
    claims = Claims(box[pair], anchor, -area(gt, plus_one=False)[box[pair]])
    reached = np.full(frame.num_gt, CAUSES.index("no_center_inside"))
    return settle(frame, grids, claims, reached)


def _cells(
    low: Float32Array,
    high: Float32Array,
    first: Float32Array,
    step: Float32Array,
    number: IntArray,
) -> tuple[IntArray, IntArray]:
    """Find the first cell with its center between two sides, and the one beyond."""
    start = np.clip(np.floor((low - first) / step) + 1, 0, number)
    stop = np.clip(np.ceil((high - first) / step), start, number)
    return start.astype(np.int64), stop.astype(np.int64)


RULE = Rule(
    name="cell_center",
    params=CellCenterParams,
    assign=assign_cell_center,
    about="cells whose center lies in the box, the smallest box first",
    uses_anchors=False,
)
