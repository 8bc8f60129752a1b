"""Guided Anchoring's rule, cell by cell: Wang et al. 2019 (arXiv:1901.03278).

As mmdetection's ``ApproxMaxIoUAssigner`` has it.
"""

from collections.abc import Sequence

import numpy as np

from .overlap import iou_matrix

F = np.float32
Row = tuple[int, int, int]


def assign_best_shape(
    anchors: Sequence[np.ndarray],
    gt_boxes: np.ndarray,
    *,
    per_cell: int,
    positive_from: float = 0.5,
    negative_below: float = 0.4,
    low_quality_floor: float | None = 0.4,
) -> tuple[list[Row], int]:
    """Rows (box, level, cell) of one image, sorted, and the number of ignored cells.

    ``anchors`` are (n, 4) float32 per level, those of a cell side by side; without
    low-quality matches the floor is None.
    """
    names = [
        (level, cell)
        for level, own in enumerate(anchors)
        for cell in range(len(own) // per_cell)
    ]
    if not len(gt_boxes):
        return [], 0
    every = np.concatenate(anchors)
    dense = iou_matrix(every, gt_boxes, plus_one=False, guard="floor")
    iou = dense.reshape(len(names), per_cell, len(gt_boxes)).max(axis=1)
    owner = []
    for row in iou:
        best = row.max()
        if best >= F(positive_from):
            owner.append(int(row.argmax()))
        else:
            owner.append(-1 if best < F(negative_below) else -2)
    for gt in range(len(gt_boxes)):
        best = iou[:, gt].max()
        if low_quality_floor is not None and best >= F(low_quality_floor):
            for cell in np.flatnonzero(iou[:, gt] == best).tolist():
                owner[cell] = gt
    rows = [(gt, *name) for gt, name in zip(owner, names, strict=True) if gt >= 0]
    return sorted(rows), owner.count(-2)
