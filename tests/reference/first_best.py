"""SSD's and EfficientDet's rule, and SSD's anchors, one after the other."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from .overlap import UnionGuard, iou_matrix

Size = tuple[int, int]
F = np.float32


def assign_first_best(
    anchors: np.ndarray,
    gt_boxes: np.ndarray,
    *,
    positive_from: float = 0.5,
    forced_to: Literal["last", "first"] = "last",
    guard: UnionGuard = "where_overlapping",
) -> dict[int, int]:
    """Place of each positive anchor of one image -> its box.

    ``anchors`` are (n, 4) float32 of all levels. Every box is given the first of the
    anchors it overlaps most, be it by nothing.
    """
    iou = iou_matrix(anchors, gt_boxes, plus_one=False, guard=guard)
    owner: dict[int, int] = {}
    if not len(gt_boxes):
        return owner
    for place, row in enumerate(iou):
        if row.max() >= F(positive_from):
            owner[place] = int(row.argmax())
    forced: dict[int, int] = {}
    for gt in range(len(gt_boxes)):
        best = int(iou[:, gt].argmax())
        if forced_to == "last" or best not in forced:
            forced[best] = gt
    return {**owner, **forced}


def anchors_torchvision_ssd(
    sizes: Sequence[tuple[float, float]],
    ratios: Sequence[Sequence[float]],
    maps: Sequence[Size],
    cells: Sequence[float],
    side: int,
) -> list[np.ndarray]:
    """Anchors of each level; ``cells`` is the number of cells along a side, or 37.5."""
    levels = []
    for (small, large), of_level, (rows, columns), per_side in zip(
        sizes, ratios, maps, cells, strict=True
    ):
        s, s_next = small, large
        pairs = [(s, s), (math.sqrt(s * s_next),) * 2]
        for ratio in of_level:
            w, h = s * math.sqrt(ratio), s / math.sqrt(ratio)
            pairs += [(w, h), (h, w)]
        found = []
        for row in range(rows):
            for column in range(columns):
                cy = F(row + 0.5) / F(per_side)
                cx = F(column + 0.5) / F(per_side)
                for wide, high in pairs:
                    w, h = min(F(wide), F(1)), min(F(high), F(1))
                    half_w, half_h = F(0.5) * w, F(0.5) * h
                    ends = cx - half_w, cy - half_h, cx + half_w, cy + half_h
                    found.append([end * F(side) for end in ends])
        levels.append(np.array(found, dtype=np.float32))
    return levels


def anchors_mmdetection_ssd(
    sizes: Sequence[tuple[float, float]],
    ratios: Sequence[Sequence[float]],
    maps: Sequence[Size],
    strides: Sequence[int],
) -> list[np.ndarray]:
    """Anchors of each level."""
    levels = []
    for (small, large), of_level, (rows, columns), stride in zip(
        sizes, ratios, maps, strides, strict=True
    ):
        shapes = [(1.0, 1.0), (math.sqrt(large / small), 1.0)]
        for ratio in of_level:
            shapes += [(1.0, 1 / ratio), (1.0, ratio)]
        found = []
        for row in range(rows):
            for column in range(columns):
                for scale, ratio in shapes:
                    high = np.sqrt(F(ratio))
                    w = F(small) * F(scale) * (F(1) / high)
                    h = F(small) * F(scale) * high
                    c = F(stride / 2)
                    base = (
                        c - F(0.5) * w,
                        c - F(0.5) * h,
                        c + F(0.5) * w,
                        c + F(0.5) * h,
                    )
                    shift = F(column * stride), F(row * stride)
                    found.append([end + shift[i % 2] for i, end in enumerate(base)])
        levels.append(np.array(found, dtype=np.float32))
    return levels
