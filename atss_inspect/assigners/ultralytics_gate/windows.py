"""Which anchor points an object of Ultralytics may get: those inside its box."""

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.pyramid import Grids, Pyramid
from atss_inspect.assigners.ultralytics_gate.params import UltralyticsGateParams

MARGIN = np.float32(1e-9)  # utils/tal.py, select_candidates_in_gts, eps


def find_gate(frame: Frame, pyramid: Pyramid, params: UltralyticsGateParams) -> Gate:
    """Find the candidates of each object of a frame, on all levels at once.

    1. Small sides are widened to a stride around their center
       (``select_candidates_in_gts`` of 8.4).
    2. Candidates are the points that lie more than 1e-9 px inside, in float32: a point
       on an edge is out. No level has a range of sizes.
    """
    grids = pyramid.grids(frame.padded_size)
    boxes = widened(frame.gt_boxes, pyramid.strides, params)
    rows = windows_along(grids, frame.gt_image, boxes[:, 1::2], 0)
    columns = windows_along(grids, frame.gt_image, boxes[:, ::2], 1)
    windows = np.concatenate([rows, columns], axis=2)
    is_some = (rows[..., 1] > rows[..., 0]) & (columns[..., 1] > columns[..., 0])
    windows *= is_some[..., None]
    return Gate(windows, frame.gt_image, grids.map_sizes, params.topk)


def widened(
    boxes: Float32Array, strides: Float32Array, params: UltralyticsGateParams
) -> Float32Array:
    """Widen small sides of (G, 4) xyxy boxes to a stride, in float32.

    From 8.4 on all boxes go through center and size, which may round.
    """
    if params.widened_below == "never":
        return boxes
    least = strides[min(1, len(strides) - 1)]
    below = least if params.widened_below == "second" else strides[0]
    near, far = boxes[:, :2], boxes[:, 2:]
    center, sides = (near + far) / np.float32(2), far - near
    half = np.where(sides < below, least, sides) / np.float32(2)
    found: Float32Array = np.hstack([center - half, center + half])
    return found


def windows_along(
    grids: Grids, image: IntArray, ends: Float32Array, axis: int
) -> IntArray:
    """First cell whose point lies inside, and the first one beyond; (G, L, 2) int64.

    ``ends`` are (G, 2) float32 of boxes along an axis, 0 for y. An empty window begins
    where it ends, or beyond.
    """
    step = grids.steps[image, :, axis]  # (G, L)
    size = grids.map_sizes[image, :, axis]
    origin = grids.pyramid.cell_anchors[grids.pyramid.first_shape]
    two = np.float32(2)
    offset = grids.pyramid.origins[:, axis] + (
        (origin[:, 1 - axis] + origin[:, 3 - axis]) / two
    ).astype(np.float32)
    low, high = ends[:, :1], ends[:, 1:]

    def rest(cell: IntArray, end: Float32Array) -> Float32Array:
        """Distance from the points of cells to an end, beyond it negative."""
        point = cell.astype(np.float32) * step + offset
        return end - point.astype(np.float32)

    # Division rounds; what counts is the difference in float32. So both begin below.
    first, beyond = (
        np.clip((end - offset) / step - 1, 0, size).astype(np.int64)
        for end in (low, high)
    )
    for _ in range(3):
        first += (first < size) & ~(-rest(first, low) > MARGIN)
        beyond += (beyond < size) & (rest(beyond, high) > MARGIN)
    return np.stack([first, beyond], axis=2)
