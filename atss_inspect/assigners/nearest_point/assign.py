"""RepPoints: a box asks for the points nearest to its center, on one level."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, Float64Array, IntArray
from atss_inspect.assigners.assignment import Assignment, settle
from atss_inspect.assigners.boxes import FRAGILE_ULPS, is_near
from atss_inspect.assigners.causes import CAUSES, LOST_TO_OTHERS
from atss_inspect.assigners.contest import Claims, marked
from atss_inspect.assigners.nearest_point.params import NearestPointParams
from atss_inspect.assigners.pyramid import Grids, Pyramid

_LEAST_SIDE = np.float32(1e-6)
# Cells are looked at in blocks, so that memory stays bounded.
_CELLS_PER_BLOCK = 1_000_000


class Nearest(NamedTuple):
    """The points that boxes ask for, and what was chosen by a hair."""

    claims: Claims  # by box, the nearest first; strength is the distance below 0
    is_tied: BoolArray  # (G,) bool, the next point is exactly as near
    is_close: BoolArray  # (G,) bool, rounding could make the next point the nearer


class _Axis(NamedTuple):
    """Cells of a window along one axis, for B boxes and n cells."""

    cell: IntArray  # (B, n) int64
    apart: Float32Array  # (B, n) float32 from the center, in sides; infinite for none
    beyond: Float32Array  # (B,) float32 of the nearest cell outside the window
    number: IntArray  # (B,) int64 cells of the map


def assign_nearest_point(
    frame: Frame, pyramid: Pyramid, params: NearestPointParams
) -> Assignment:
    """Assign the points nearest to each box's center, on the level of its size.

    Distances are in sides of the box. A point that several boxes ask for goes to the
    nearest, of equals to the first; the others get none in its place. Equally near
    points: the one of the lower index, and the box counts as tied. A level with fewer
    points gives all it has, where mmdetection stops. Nothing is ignored.

    Notes
    -----
    Yang et al. 2019 (arXiv:1904.11490), section 4.2, as mmdetection's ``PointAssigner``
    has it.
    """
    # One point a cell, however many anchors the settings describe.
    pyramid = pyramid.points()
    grids = pyramid.grids(frame.padded_size)
    found = nearest_points(frame, grids, params)
    reached = np.full(frame.num_gt, CAUSES.index(LOST_TO_OTHERS))
    answer = settle(frame, grids, found.claims, reached)
    is_fragile = found.is_close | marked(_close_rivals(found.claims), frame.num_gt)
    return replace(
        answer,
        is_tied=answer.is_tied | found.is_tied,
        is_fragile=is_fragile | _is_near_level(frame, pyramid, params),
    )


def logs_of(frame: Frame, params: NearestPointParams) -> Float64Array:
    """Logarithms to base 2 of both sides, in units of the scale; (G, 2) double."""
    sides = sides_of(frame) / np.float32(params.level_scale)
    logs: Float64Array = np.log2(sides.astype(np.float64))
    return logs


def levels_of(frame: Frame, pyramid: Pyramid, params: NearestPointParams) -> IntArray:
    """Level of each box, from 0; (G,) int64."""
    first = int(pyramid.strides[0]).bit_length() - 1
    # As torch rounds them, but for one in 20,000.
    logs = logs_of(frame, params).astype(np.float32)
    mean = (logs[:, 0] + logs[:, 1]) / np.float32(2)
    level = mean.astype(np.int64) - first  # toward 0
    return np.clip(level, 0, pyramid.num_levels - 1)


def sides_of(frame: Frame) -> Float32Array:
    """Width and height of each box; (G, 2) float32 input pixels."""
    sides: Float32Array = frame.gt_boxes[:, 2:] - frame.gt_boxes[:, :2]
    return np.maximum(sides, _LEAST_SIDE)


def nearest_points(frame: Frame, grids: Grids, params: NearestPointParams) -> Nearest:
    """Find the points that each box asks for.

    Windows of cells around the centers grow until no point outside can be as near.
    """
    # One more, which tells whether the last one is tied.
    number = params.num_points + 1
    level, num_gt = levels_of(frame, grids.pyramid, params), frame.num_gt
    anchor = np.zeros((num_gt, number), dtype=np.int64)
    distance = np.full((num_gt, number), np.inf, dtype=np.float32)
    todo, side = np.arange(num_gt), number + 1
    while len(todo):
        unsure = [todo[:0]]
        for box in _blocks(todo, side):
            rows, columns = _windows(frame, grids, box, level[box], side)
            apart = _distance(columns.apart[:, None], rows.apart[:, :, None])
            apart = apart.reshape(len(box), -1)
            order = np.argsort(apart, axis=1, kind="stable")[:, :number]
            distance[box] = np.take_along_axis(apart, order, axis=1)
            row, column = np.divmod(order, side)
            row = np.take_along_axis(rows.cell, row, axis=1)
            column = np.take_along_axis(columns.cell, column, axis=1)
            index = row * columns.number[:, None] + column
            image = frame.gt_image[box]
            anchor[box] = grids.anchor_key(image, level[box], 0)[:, None] + index
            outside = _nearest_outside(rows, columns)
            is_sure = (outside > distance[box, -1]) | np.isinf(outside)
            unsure.append(box[~is_sure])
        todo, side = np.concatenate(unsure), 2 * side
    return _found(anchor, distance)


def _found(anchor: IntArray, distance: Float32Array) -> Nearest:
    """Put what boxes ask for together; both are (G, points + 1), the nearest first."""
    asked = np.isfinite(distance[:, :-1])
    gt, place = np.nonzero(asked)
    claims = Claims(gt, anchor[gt, place], -distance[gt, place])
    last, next_one = distance[:, -2], distance[:, -1]
    return Nearest(
        claims,
        is_tied=np.isfinite(last) & (last == next_one),
        is_close=is_near(last, next_one),
    )


def _blocks(boxes: IntArray, side: int) -> Iterator[IntArray]:
    """Split boxes into blocks with a bounded number of cells."""
    number = max(1, _CELLS_PER_BLOCK // side**2)
    for first in range(0, len(boxes), number):
        yield boxes[first : first + number]


def _windows(
    frame: Frame, grids: Grids, box: IntArray, level: IntArray, side: int
) -> tuple[_Axis, _Axis]:
    """Set up a window of cells around each box, along y and along x."""
    maps, steps = grids.maps(frame.gt_image[box], level)
    strides = np.array(list(grids.pyramid.rule.strides_yx), dtype=np.float32)
    origins = np.float32(grids.pyramid.rule.offset) * strides[level]  # (B, 2) y, x
    sides, boxes = sides_of(frame)[box], frame.gt_boxes[box]
    centers = (boxes[:, :2] + boxes[:, 2:]) / np.float32(2)
    y, x = (
        _window(centers[:, xy], sides[:, xy], origins[:, yx], step, number, side)
        for xy, yx, step, number in zip((1, 0), (0, 1), steps, maps, strict=True)
    )
    return y, x


def _window(
    center: Float32Array,
    extent: Float32Array,
    origin: Float32Array,
    step: Float32Array,
    number: IntArray,
    side: int,
) -> _Axis:
    """List the ``side`` cells nearest to centers, or all, and those just beyond."""
    middle = (center.astype(np.float64) - origin) / step
    start = np.rint(middle - (side - 1) / 2)
    start = np.clip(start, 0, np.maximum(number - side, 0)).astype(np.int64)
    # The first cell is the one before the window, the last the one behind it.
    cell = start[:, None] + np.arange(-1, side + 1)
    point = cell.astype(np.float32) * step[:, None] + origin[:, None]
    apart = np.abs((point - center[:, None]) / extent[:, None])
    apart[(cell < 0) | (cell >= number[:, None])] = np.inf
    beyond = np.minimum(apart[:, 0], apart[:, -1])
    return _Axis(cell[:, 1:-1], apart[:, 1:-1], beyond, number)


def _distance(x: Float32Array, y: Float32Array) -> Float32Array:
    """Euclidean distance, float32: the first square is rounded, the second is not."""
    squares = (x * x).astype(np.float64) + y.astype(np.float64) ** 2
    return np.sqrt(squares.astype(np.float32))


def _nearest_outside(rows: _Axis, columns: _Axis) -> Float32Array:
    """Bound the distance of points outside the windows from below; (B,) float32."""
    return np.minimum(
        _distance(columns.beyond, rows.apart.min(axis=1)),
        _distance(columns.apart.min(axis=1), rows.beyond),
    )


def _close_rivals(claims: Claims) -> IntArray:
    """Boxes that are nearly, but not exactly, as near to a point as another one."""
    order = np.lexsort((claims.strength, claims.anchor))
    gt, anchor, strength = claims.take(order)
    is_close = is_near(strength[1:], strength[:-1]) & (anchor[1:] == anchor[:-1])
    place = np.flatnonzero(is_close)
    return np.concatenate([gt[place], gt[place + 1]])


def _is_near_level(
    frame: Frame, pyramid: Pyramid, params: NearestPointParams
) -> BoolArray:
    """Which boxes nearly have the size where the next level begins; (G,) bool."""
    logs, first = logs_of(frame, params), int(pyramid.strides[0]).bit_length() - 1
    mean = (logs[:, 0] + logs[:, 1]) / 2
    begin = np.rint(mean)
    ends = (first, first + pyramid.num_levels - 1)
    reach = FRAGILE_ULPS * np.spacing(np.maximum(begin, 1).astype(np.float32))
    is_far: BoolArray = np.clip(begin, *ends) == np.clip(begin - 1, *ends)
    is_far |= np.abs(mean - begin) > reach
    # Of powers of two every logarithm is exact.
    is_far |= (logs == np.rint(logs)).all(axis=1)
    return ~is_far
