"""The cells whose anchors are ATSS candidates, and from which k on."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.assigners.atss.assign import AtssParams, preselect_candidates
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.scene import Scene


class NearCells(NamedTuple):
    """Cells near each object, by object and level, nearest first; N in all.

    Attributes
    ----------
    counts : (G, L) int64 cells of each object on each level
    row, column : (N,) int64
    first_k : (N,) int64, the smallest k at which an anchor of the cell is a candidate
    """

    counts: IntArray
    row: IntArray
    column: IntArray
    first_k: IntArray


def near_cells(scene: Scene, params: AtssParams, most: int) -> NearCells:
    """Find the cells of all candidates for k up to ``most``.

    Anchors of one cell lie at one point, so a cell comes once, with its nearest anchor.
    """
    frame, grids = scene.frame, scene.grids
    boxes = corners_of(frame.gt_boxes)
    cells = preselect_candidates(frame, grids, boxes, replace(params, k=most)).cells
    per_k = grids.pyramid.anchors_per_cell if params.k_per_anchor else 1
    pair, place = np.nonzero(cells.is_real)
    row = cells.row[pair, place].astype(np.int64)
    column = cells.column[pair, place].astype(np.int64)
    # Rows are sorted by place already, so the first of equals is the nearest.
    width = int(column.max(initial=0)) + 1
    height = int(row.max(initial=0)) + 1
    _, first = np.unique((pair * height + row) * width + column, return_index=True)
    first.sort()
    num_pairs = frame.num_gt * grids.pyramid.num_levels
    counts = np.bincount(pair[first], minlength=num_pairs)
    return NearCells(
        counts.reshape(frame.num_gt, grids.pyramid.num_levels),
        row[first],
        column[first],
        place[first] // per_k + 1,
    )
