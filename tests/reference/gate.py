"""Which points an object may get, point by point, before predictions decide.

Ultralytics' ``select_candidates_in_gts`` by version, and the own candidates of RTMDet
and YOLOX in mmdetection, in float32. Shares no code with the package.
"""

from collections.abc import Sequence

import numpy as np

F = np.float32
# preset -> whether points are at cells' centers, the quota
KINDS = {
    "ultralytics-8.3": (True, 10),
    "ultralytics-8.4.100": (True, 10),
    "ultralytics": (True, 10),
    "rtmdet-mmdet": (False, 13),
    "yolox-mmdet": (True, 10),
}


def candidates(
    kind: str, box: np.ndarray, size: tuple[int, int], strides: Sequence[int]
) -> list[set[tuple[int, int]]]:
    """(row, column) of every candidate of a float32 xyxy box, by level.

    ``size`` is the height and width of the padded image.
    """
    if kind in ("ultralytics", "ultralytics-8.4.100"):
        box = widen(box, strides, is_latest=kind == "ultralytics")
    found = []
    for stride in strides:
        cells = set()
        for row in range(-(-size[0] // stride)):
            for column in range(-(-size[1] // stride)):
                offset = F(0.5) if KINDS[kind][0] else F(0)
                x, y = (F(column) + offset) * F(stride), (F(row) + offset) * F(stride)
                if is_candidate(kind, x, y, box, stride):
                    cells.add((row, column))
        found.append(cells)
    return found


def widen(box: np.ndarray, strides: Sequence[int], *, is_latest: bool) -> np.ndarray:
    """Small sides become the second stride, each on its own."""
    to = F(strides[1] if len(strides) > 1 else strides[0])
    below = to if is_latest else F(strides[0])
    corners = np.empty(4, dtype=F)
    for axis in (0, 1):
        low, high = box[axis], box[axis + 2]
        center, side = (low + high) / F(2), high - low
        if side < below:
            side = to
        corners[axis], corners[axis + 2] = center - side / F(2), center + side / F(2)
    return corners


def is_candidate(
    kind: str, x: np.float32, y: np.float32, box: np.ndarray, stride: int
) -> bool:
    """Whether one point is a candidate of a box."""
    x1, y1, x2, y2 = box
    margin = F(0) if kind.endswith("-mmdet") else F(1e-9)
    if not min(x - x1, y - y1, x2 - x, y2 - y) > margin:
        return False
    if kind != "yolox-mmdet":
        return True
    cx, cy, reach = (x1 + x2) / F(2), (y1 + y2) / F(2), F(2.5 * stride)
    sides = (x - (cx - reach), y - (cy - reach), (cx + reach) - x, (cy + reach) - y)
    return bool(min(sides) > 0)
