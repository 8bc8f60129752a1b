"""Which anchor points an object may get: those inside its box."""

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.point_gate.params import PointGateParams
from atss_inspect.assigners.pyramid import Grids, Pyramid


def find_gate(frame: Frame, pyramid: Pyramid, params: PointGateParams) -> Gate:
    """Find the candidates of each object of a frame, on all levels at once.

    1. Small sides are widened to a stride around their center (Ultralytics 8.4,
       ``select_candidates_in_gts`` of utils/tal.py).
    2. Candidates are the points inside, in float32: one on an edge is out. No level
       has a range of sizes.
    3. They may have to lie in a square around the center, too (YOLOX).
    """
    grids = pyramid.grids(frame.padded_size)
    boxes = widened(frame.gt_boxes, pyramid.strides, params)
    rows, columns = (
        _windows_along(grids, frame.gt_image, boxes[:, axes], axis, params)
        for axis, axes in enumerate(([1, 3], [0, 2]))
    )
    windows = np.concatenate([rows, columns], axis=2)
    is_some = (rows[..., 1] > rows[..., 0]) & (columns[..., 1] > columns[..., 0])
    windows *= is_some[..., None]
    return Gate(
        windows,
        frame.gt_image,
        grids.map_sizes,
        params.quota,
        is_certain=not params.takes_others,
        searched=None if params.widened_below == "never" else boxes,
    )


def widened(
    boxes: Float32Array, strides: Float32Array, params: PointGateParams
) -> Float32Array:
    """Widen small sides of (G, 4) xyxy boxes to a stride, in float32.

    From 8.4 on all boxes go through center and size, which may round.
    """
    if params.widened_below == "never":
        return boxes
    below, least = least_sides(strides, params)
    near, far = boxes[:, :2], boxes[:, 2:]
    center, sides = (near + far) / np.float32(2), far - near
    half = np.where(sides < below, least, sides) / np.float32(2)
    found: Float32Array = np.hstack([center - half, center + half])
    return found


def least_sides(
    strides: Float32Array, params: PointGateParams
) -> tuple[np.float32, np.float32]:
    """Sides below the first number of input pixels become the second; 0 for none."""
    if params.widened_below == "never":
        return np.float32(0), np.float32(0)
    least: np.float32 = strides[min(1, len(strides) - 1)]
    return (least if params.widened_below == "second" else strides[0]), least


def _windows_along(
    grids: Grids,
    image: IntArray,
    ends: Float32Array,
    axis: int,
    params: PointGateParams,
) -> IntArray:
    """First cell whose point lies inside, and the first one beyond; (G, L, 2) int64.

    ``ends`` are (G, 2) float32 of boxes along an axis, 0 for y. An empty window may
    begin beyond its end.
    """
    margin = np.float32(params.center_margin)
    low, high = ends_of(ends, grids.pyramid.strides, params)
    first, beyond = _between(grids, image, (low, high), axis, margin)
    return np.stack([first, beyond], axis=2)


def ends_of(
    ends: Float32Array, strides: Float32Array, params: PointGateParams
) -> tuple[Float32Array, Float32Array]:
    """Where candidates lie between along an axis: the box, and the square in it.

    ``ends`` are (G, 2) float32; returns (G, 1) or, with a square, (G, L) float32 each.
    """
    low, high = ends[:, :1], ends[:, 1:]
    radius = params.center_sampling_radius
    if not radius:
        return low, high
    reach, center = (radius * strides).astype(np.float32), (low + high) / np.float32(2)
    return np.maximum(low, center - reach), np.minimum(high, center + reach)


def first_points(pyramid: Pyramid, axis: int) -> Float32Array:
    """Point of the first cell of each level along an axis, 0 for y; (L,) float32."""
    shapes = pyramid.cell_anchors[pyramid.first_shape]
    middle = (shapes[:, 1 - axis] + shapes[:, 3 - axis]) / np.float32(2)
    first: Float32Array = pyramid.origins[:, axis] + middle.astype(np.float32)
    return first


def _between(
    grids: Grids,
    image: IntArray,
    ends: tuple[Float32Array, Float32Array],
    axis: int,
    margin: np.float32,
) -> tuple[IntArray, IntArray]:
    """First cell whose point is beyond the low end, and first one not below the high.

    Ends are (G, 1) or (G, L); returns (G, L) int64 each.
    """
    step, size = grids.steps[image, :, axis], grids.map_sizes[image, :, axis]
    offset = first_points(grids.pyramid, axis)

    def point(cell: IntArray) -> Float32Array:
        return (cell.astype(np.float32) * step + offset).astype(np.float32)

    # Division rounds; what counts is the difference in float32. So both begin below.
    low, high = ends
    first, beyond = (
        np.clip((end - offset) / step - 1, 0, size).astype(np.int64)
        for end in (low + margin, high - margin)
    )
    for _ in range(3):
        first += (first < size) & ~(point(first) - low > margin)
        beyond += (beyond < size) & (high - point(beyond) > margin)
    return first, beyond
