"""The cells whose anchors are ATSS candidates, and from which k on."""

from dataclasses import replace

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.atss.assign import preselect_candidates
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.assigners.rule import NearCells


def near_cells(frame: Frame, grids: Grids, params: AtssParams, most: int) -> NearCells:
    """Find the cells of all candidates for k up to ``most``.

    Anchors of one cell lie at one point, so a cell comes once, with its nearest anchor.
    """
    boxes = corners_of(frame.gt_boxes)
    cells = preselect_candidates(frame, grids, boxes, replace(params, k=most)).cells
    per_k = params.anchors_per_k(grids.pyramid.anchors_per_cell)
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
