"""RepPoints' first stage, box by box: Yang et al. 2019 (arXiv:1904.11490).

As mmdetection's ``PointAssigner`` has it; of equally near points the lower index.
"""

import math
from collections.abc import Sequence

import numpy as np

F = np.float32
Row = tuple[int, int, int]


def rows_nearest_point(
    gt_boxes: np.ndarray,
    strides: Sequence[int],
    maps: Sequence[tuple[int, int]],
    *,
    level_scale: float = 4.0,
    num_points: int = 1,
    offset: float = 0.0,
) -> list[Row]:
    """(box, level, index) of every positive point of one image, sorted.

    ``gt_boxes`` are (G, 4) float32; ``maps`` rows and columns of each level.
    """
    owners: dict[tuple[int, int], tuple[np.float32, int]] = {}
    exponents = [int(math.log2(stride)) for stride in strides]
    for gt, (x1, y1, x2, y2) in enumerate(gt_boxes):
        w, h = max(x2 - x1, F(1e-6)), max(y2 - y1, F(1e-6))
        logs = [F(math.log2(side / F(level_scale))) for side in (w, h)]
        wanted = int((logs[0] + logs[1]) / F(2))  # toward 0
        wanted = min(max(wanted, exponents[0]), exponents[-1])
        level = exponents.index(wanted)
        stride, (height, width) = F(strides[level]), maps[level]
        center = (x1 + x2) / F(2), (y1 + y2) / F(2)
        first = F(offset) * stride
        found = []
        for row in range(height):
            dy = (F(row) * stride + first - center[1]) / h
            for column in range(width):
                dx = (F(column) * stride + first - center[0]) / w
                square = F(float(dx * dx) + float(dy) ** 2)
                found.append((np.sqrt(square), row * width + column))
        for distance, index in sorted(found)[:num_points]:
            held = owners.get((level, index))
            if held is None or distance < held[0]:
                owners[level, index] = distance, gt
    return sorted((gt, *where) for where, (_, gt) in owners.items())
