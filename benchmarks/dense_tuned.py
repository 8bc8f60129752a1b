"""The dense assigners of `dense` with the tricks a profiler suggests next.

Anchors are kept from image to image, matrices lie so that reductions run along memory,
coordinates are separate arrays, and the nearest anchors are found without sorting. It
is still one image at a time and every anchor with every box.
"""

from functools import lru_cache

import numpy as np

from benchmarks.dense import (
    IGNORED,
    NEGATIVE,
    NO_AREA,
    SCALE_RANGES,
    STRIDES,
    DenseAssigner,
    Float32Array,
    IntArray,
    MapSizes,
    image_anchors,
    level_points,
)


@lru_cache(maxsize=64)
def kept_anchors(
    map_sizes: MapSizes, scales: tuple[float, ...], ratios: tuple[float, ...]
) -> tuple[Float32Array, Float32Array]:
    """Anchors as four rows of coordinates, (4, N), and their areas, (N,)."""
    anchors = np.ascontiguousarray(image_anchors(map_sizes, [*scales], [*ratios]).T)
    return anchors, (anchors[2] - anchors[0]) * (anchors[3] - anchors[1])


@lru_cache(maxsize=64)
def kept_points(map_sizes: MapSizes) -> tuple[Float32Array, ...]:
    """FCOS points: x, y, and the least and largest farthest side of their level."""
    levels = [
        level_points(height, width, stride, 0.5)
        for (height, width), stride in zip(map_sizes, STRIDES, strict=True)
    ]
    ranges = np.array(SCALE_RANGES, dtype=np.float32)
    limits = np.repeat(ranges, [len(level) for level in levels], axis=0)
    columns = np.concatenate([np.concatenate(levels), limits], axis=1)
    return tuple(np.ascontiguousarray(column) for column in columns.T)


def iou_matrix(
    boxes: Float32Array, anchors: Float32Array, anchor_areas: Float32Array
) -> Float32Array:
    """IoU of each box with each anchor: (G, 4) and (4, N) give (G, N)."""
    x1, y1, x2, y2 = boxes.T[:, :, None]
    width = np.minimum(x2, anchors[2]) - np.maximum(x1, anchors[0])
    height = np.minimum(y2, anchors[3]) - np.maximum(y1, anchors[1])
    zero = np.float32(0)
    overlap = np.maximum(width, zero, out=width)
    overlap *= np.maximum(height, zero, out=height)
    union = anchor_areas + (x2 - x1) * (y2 - y1)
    union -= overlap
    np.maximum(union, np.float32(1e-6), out=union)
    iou: Float32Array = np.divide(overlap, union, out=union)
    return iou


def nearest(distances: Float32Array, k: int) -> IntArray:
    """Pick the k smallest of each row, the lowest index among equals: (G, k)."""
    picked = np.argpartition(distances, k - 1, axis=1)[:, :k]
    farthest = np.take_along_axis(distances, picked, axis=1).max(axis=1)
    is_tied = (distances <= farthest[:, None]).sum(axis=1) > k
    if is_tied.any():
        in_order = np.argsort(distances[is_tied], axis=1, kind="stable")
        picked[is_tied] = in_order[:, :k]
    return picked


def candidates_of(
    boxes: Float32Array, x: Float32Array, y: Float32Array, map_sizes: MapSizes, k: int
) -> IntArray:
    """Pick the k anchors of each level nearest to each box: (G, K) anchor indices."""
    dx = x - (boxes[:, 0, None] + boxes[:, 2, None]) / 2
    dy = y - (boxes[:, 1, None] + boxes[:, 3, None]) / 2
    distances = np.sqrt(dx * dx + dy * dy)  # (G, N)
    picked, start = [], 0
    for height, width in map_sizes:
        stop = start + height * width
        k_here = min(k, stop - start)
        picked.append(start + nearest(distances[:, start:stop], k_here))
        start = stop
    return np.concatenate(picked, axis=1)


def assign_atss(boxes: Float32Array, map_sizes: MapSizes, k: int = 9) -> IntArray:
    """ATSS with one square anchor of 8 strides a cell, centred on the cell's corner."""
    anchors, areas = kept_anchors(map_sizes, (8.0,), (1.0,))
    assigned = np.full(len(areas), NEGATIVE)
    if len(boxes) == 0:
        return assigned
    x, y = (anchors[0] + anchors[2]) / 2, (anchors[1] + anchors[3]) / 2
    ious = iou_matrix(boxes, anchors, areas)
    picked = candidates_of(boxes, x, y, map_sizes, k)  # (G, K)
    picked_ious = np.take_along_axis(ious, picked, axis=1)
    mean = picked_ious.mean(axis=1, dtype=np.float64).astype(np.float32)
    spread = picked_ious.std(axis=1, ddof=1, dtype=np.float64).astype(np.float32)
    horizontal = np.minimum(x[picked] - boxes[:, :1], boxes[:, 2:3] - x[picked])
    vertical = np.minimum(y[picked] - boxes[:, 1:2], boxes[:, 3:] - y[picked])
    is_inside = np.minimum(horizontal, vertical) > np.float32(0.01)
    is_positive = (picked_ious >= (mean + spread)[:, None]) & is_inside
    # The last one written stays: the highest IoU, of equal ones the first box.
    box, place = np.nonzero(is_positive)
    order = np.lexsort((-box, picked_ious[box, place]))
    assigned[picked[box, place][order]] = box[order]
    return assigned


def assign_retinanet(boxes: Float32Array, map_sizes: MapSizes) -> IntArray:
    """IoU thresholds 0.5 and 0.4 with nine anchors a cell and low-quality matches."""
    scales = (4.0, 4 * 2 ** (1 / 3), 4 * 2 ** (2 / 3))
    anchors, areas = kept_anchors(map_sizes, scales, (0.5, 1.0, 2.0))
    if len(boxes) == 0:
        return np.full(len(areas), NEGATIVE)
    ious = iou_matrix(boxes, anchors, areas)
    best = ious.max(axis=0)
    assigned = np.full(len(areas), IGNORED)
    assigned[best < np.float32(0.4)] = NEGATIVE
    positive = np.flatnonzero(best >= np.float32(0.5))
    assigned[positive] = ious[:, positive].argmax(axis=0)
    for box, own_best in enumerate(ious.max(axis=1)):
        assigned[ious[box] == own_best] = box
    return assigned


def assign_fcos(boxes: Float32Array, map_sizes: MapSizes) -> IntArray:
    """FCOS: points inside the box whose farthest side is in the level's range."""
    x, y, low, high = kept_points(map_sizes)
    assigned = np.full(len(x), NEGATIVE)
    if len(boxes) == 0:
        return assigned
    x1, y1, x2, y2 = boxes.T[:, :, None]
    left, top, right, bottom = x - x1, y - y1, x2 - x, y2 - y  # (G, N)
    nearest_side = np.minimum(np.minimum(left, right), np.minimum(top, bottom))
    farthest_side = np.maximum(np.maximum(left, right), np.maximum(top, bottom))
    is_owner = (nearest_side > 0) & (farthest_side >= low) & (farthest_side <= high)
    claims = np.where(is_owner, (x2 - x1) * (y2 - y1), NO_AREA)
    claimed = np.flatnonzero(claims.min(axis=0) < NO_AREA)
    assigned[claimed] = claims[:, claimed].argmin(axis=0)
    return assigned


ASSIGNERS: dict[str, DenseAssigner] = {
    "atss-mmdet": assign_atss,
    "retinanet-mmdet": assign_retinanet,
    "fcos-mmdet": assign_fcos,
}
