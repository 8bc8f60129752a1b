"""YOLOv3's rule as mmdetection's ``GridAssigner`` has it, anchor by anchor.

Redmon, Farhadi 2018 (arXiv:1804.02767), section 2.1.
"""

import math
from collections.abc import Sequence

import numpy as np

from .overlap import iou_matrix

F = np.float32
Row = tuple[int, int, int]


def assign_grid_cell(
    gt_boxes: np.ndarray,
    sizes: Sequence[Sequence[float]],
    strides: Sequence[int],
    maps: Sequence[tuple[int, int]],
    *,
    positive_above: float = 0.5,
    ignored_above: float = 0.5,
    forced_above: float = 0.0,
) -> tuple[list[Row], int]:
    """Rows (box, level, index) of one image, sorted, and the ignored anchors.

    ``gt_boxes`` are (G, 4) float32; ``sizes`` of each level widths and heights in turn,
    ``maps`` its rows and columns.
    """
    anchors, names, responsible = lay_out(gt_boxes, sizes, strides, maps)
    if not len(gt_boxes):
        return [], 0
    dense = np.array(anchors, dtype=np.float32)
    iou = iou_matrix(dense, gt_boxes, plus_one=False, guard="floor")
    owner = np.where(iou.max(axis=1) > F(ignored_above), -2, -1)
    iou[~np.array(responsible)] = -1
    for number in np.flatnonzero(responsible).tolist():
        if iou[number].max() > F(positive_above):
            owner[number] = iou[number].argmax()
    for gt in range(len(gt_boxes)):
        best = iou[:, gt].max()
        if best > F(forced_above):
            owner[iou[:, gt] == best] = gt
    found = [(int(owner[n]), *names[n]) for n in np.flatnonzero(owner >= 0).tolist()]
    return sorted(found), int((owner == -2).sum())


def lay_out(
    gt_boxes: np.ndarray,
    sizes: Sequence[Sequence[float]],
    strides: Sequence[int],
    maps: Sequence[tuple[int, int]],
) -> tuple[list[tuple[float, ...]], list[tuple[int, int]], list[bool]]:
    """Corners, level and index of every anchor, and whether its cell has a center."""
    anchors, names, responsible = [], [], []
    for level, (own, stride, (rows, columns)) in enumerate(
        zip(sizes, strides, maps, strict=True)
    ):
        cells = {center_cell(box, stride, rows, columns) for box in gt_boxes}
        for cell in range(rows * columns):
            y, x = (F(number * stride + stride / 2) for number in divmod(cell, columns))
            for place in range(len(own) // 2):
                w, h = F(own[2 * place]) / F(2), F(own[2 * place + 1]) / F(2)
                anchors.append((x - w, y - h, x + w, y + h))
                names.append((level, cell * (len(own) // 2) + place))
                responsible.append(divmod(cell, columns) in cells)
    return anchors, names, responsible


def center_cell(
    box: np.ndarray, stride: int, rows: int, columns: int
) -> tuple[int, int]:
    """Row and column of the cell that holds the center, or the nearest of the map."""
    x1, y1, x2, y2 = box
    row = math.floor((y1 + y2) * F(0.5) / F(stride))
    column = math.floor((x1 + x2) * F(0.5) / F(stride))
    return min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)
