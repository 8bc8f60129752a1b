"""Label assignment as one writes it first: one image at a time, every anchor at once.

The yardstick of these benchmarks: three assigners in plain NumPy float32 under the
conventions of mmdetection 3.x, step by step as its documentation and papers tell them.
Each image gets its anchors, a matrix of all anchors by all boxes, and the rule.
`dense_tuned` is the same with the tricks a profiler suggests next. The positives of
both are right: ``tests/test_dense_benchmark.py``.

Nothing here imports the package.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Float32Array = npt.NDArray[np.float32]
IntArray = npt.NDArray[np.int64]
MapSizes = tuple[tuple[int, int], ...]

STRIDES = (8, 16, 32, 64, 128)
SCALE_RANGES = ((-1, 64), (64, 128), (128, 256), (256, 512), (512, 1e8))
NO_AREA = np.float32(1e8)  # what mmdetection calls infinity when it compares areas

NEGATIVE, IGNORED = -1, -2


def level_points(height: int, width: int, stride: int, offset: float) -> Float32Array:
    """Place a point in each cell of a level: (cells, 2) x, y in input pixels."""
    x = (np.arange(width, dtype=np.float32) + np.float32(offset)) * np.float32(stride)
    y = (np.arange(height, dtype=np.float32) + np.float32(offset)) * np.float32(stride)
    grid_x, grid_y = np.meshgrid(x, y)
    return np.stack([grid_x.ravel(), grid_y.ravel()], axis=1)


def level_anchors(
    height: int, width: int, stride: int, scales: list[float], ratios: list[float]
) -> Float32Array:
    """Place anchors in each cell of a level: (cells * A, 4) xyxy in input pixels."""
    root = np.sqrt(np.array(ratios, dtype=np.float32))[:, None]
    sizes = np.float32(stride) * np.array(scales, dtype=np.float32)[None, :]
    half_width = (sizes * (1 / root)).ravel() / np.float32(2)  # (A,)
    half_height = (sizes * root).ravel() / np.float32(2)
    cell = np.stack([-half_width, -half_height, half_width, half_height], axis=1)
    points = level_points(height, width, stride, 0.0)
    corners = np.concatenate([points, points], axis=1)  # (cells, 4)
    anchors: Float32Array = (corners[:, None] + cell[None]).reshape(-1, 4)
    return anchors


def image_anchors(
    map_sizes: MapSizes, scales: list[float], ratios: list[float]
) -> Float32Array:
    """Place the anchors of all levels of one image: (N, 4)."""
    levels = [
        level_anchors(height, width, stride, scales, ratios)
        for (height, width), stride in zip(map_sizes, STRIDES, strict=True)
    ]
    return np.concatenate(levels)


def pairwise_iou(anchors: Float32Array, boxes: Float32Array) -> Float32Array:
    """IoU of each anchor with each box: (N, 4) and (G, 4) give (N, G)."""
    anchor_areas = (anchors[:, 2] - anchors[:, 0]) * (anchors[:, 3] - anchors[:, 1])
    box_areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    left_top = np.maximum(anchors[:, None, :2], boxes[None, :, :2])  # (N, G, 2)
    right_bottom = np.minimum(anchors[:, None, 2:], boxes[None, :, 2:])
    sides = np.clip(right_bottom - left_top, 0, None)
    overlap = sides[..., 0] * sides[..., 1]
    union = anchor_areas[:, None] + box_areas[None, :] - overlap
    iou: Float32Array = overlap / np.maximum(union, np.float32(1e-6))
    return iou


def assign_atss(boxes: Float32Array, map_sizes: MapSizes, k: int = 9) -> IntArray:
    """ATSS with one square anchor of 8 strides a cell, centred on the cell's corner."""
    anchors = image_anchors(map_sizes, [8.0], [1.0])
    assigned = np.full(len(anchors), NEGATIVE)
    if len(boxes) == 0:
        return assigned
    ious = pairwise_iou(anchors, boxes)  # (N, G)
    centers = (anchors[:, :2] + anchors[:, 2:]) / 2
    box_centers = (boxes[:, :2] + boxes[:, 2:]) / 2
    offsets = centers[:, None] - box_centers[None]  # (N, G, 2)
    distances = np.sqrt((offsets**2).sum(axis=2))
    candidates, start = [], 0
    for height, width in map_sizes:
        stop = start + height * width
        # Stable, so that of equally distant anchors the first is taken.
        order = np.argsort(distances[start:stop], axis=0, kind="stable")
        candidates.append(start + order[:k])
        start = stop
    picked = np.concatenate(candidates)  # (K, G)
    picked_ious = np.take_along_axis(ious, picked, axis=0)
    mean = picked_ious.mean(axis=0, dtype=np.float64).astype(np.float32)
    spread = picked_ious.std(axis=0, ddof=1, dtype=np.float64).astype(np.float32)
    points = centers[picked]  # (K, G, 2)
    ltrb = np.concatenate([points - boxes[:, :2], boxes[:, 2:] - points], axis=2)
    is_inside = ltrb.min(axis=2) > np.float32(0.01)
    is_positive = (picked_ious >= mean + spread) & is_inside
    # Of several boxes that claim an anchor, the one with the highest IoU gets it.
    claims = np.full_like(ious, -np.inf)
    place, box = np.nonzero(is_positive)
    claims[picked[place, box], box] = picked_ious[place, box]
    is_claimed = claims.max(axis=1) > -np.inf
    assigned[is_claimed] = claims.argmax(axis=1)[is_claimed]
    return assigned


def assign_retinanet(boxes: Float32Array, map_sizes: MapSizes) -> IntArray:
    """IoU thresholds 0.5 and 0.4 with nine anchors a cell and low-quality matches."""
    scales = [4 * 2 ** (octave / 3) for octave in range(3)]
    anchors = image_anchors(map_sizes, scales, [0.5, 1.0, 2.0])
    if len(boxes) == 0:
        return np.full(len(anchors), NEGATIVE)
    ious = pairwise_iou(anchors, boxes)  # (N, G)
    best, best_box = ious.max(axis=1), ious.argmax(axis=1)
    assigned = np.full(len(anchors), IGNORED)
    assigned[best < np.float32(0.4)] = NEGATIVE
    is_positive = best >= np.float32(0.5)
    assigned[is_positive] = best_box[is_positive]
    # Each box also gets every anchor that reaches its own best; later boxes win.
    for box, own_best in enumerate(ious.max(axis=0)):
        assigned[ious[:, box] == own_best] = box
    return assigned


def assign_fcos(boxes: Float32Array, map_sizes: MapSizes) -> IntArray:
    """FCOS: points inside the box whose farthest side is in the level's range."""
    levels = [
        level_points(height, width, stride, 0.5)
        for (height, width), stride in zip(map_sizes, STRIDES, strict=True)
    ]
    points = np.concatenate(levels)
    assigned = np.full(len(points), NEGATIVE)
    if len(boxes) == 0:
        return assigned
    ranges = np.array(SCALE_RANGES, dtype=np.float32)
    limits = np.repeat(ranges, [len(level) for level in levels], axis=0)  # (N, 2)
    ltrb = np.concatenate(
        [points[:, None] - boxes[None, :, :2], boxes[None, :, 2:] - points[:, None]],
        axis=2,
    )  # (N, G, 4)
    is_inside = ltrb.min(axis=2) > 0
    farthest = ltrb.max(axis=2)
    is_in_range = (farthest >= limits[:, :1]) & (farthest <= limits[:, 1:])
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    claims = np.where(is_inside & is_in_range, areas, NO_AREA)
    is_claimed = claims.min(axis=1) < NO_AREA
    assigned[is_claimed] = claims.argmin(axis=1)[is_claimed]
    return assigned


DenseAssigner = Callable[[Float32Array, MapSizes], IntArray]
ASSIGNERS: dict[str, DenseAssigner] = {
    "atss-mmdet": assign_atss,
    "retinanet-mmdet": assign_retinanet,
    "fcos-mmdet": assign_fcos,
}


def as_map_sizes(sizes: npt.NDArray[Any]) -> MapSizes:
    """Turn an (L, 2) array of heights and widths into what the functions here take."""
    return tuple((int(height), int(width)) for height, width in sizes)
