"""Every anchor whose IoU with a box reaches a bar, without looking at all anchors.

An IoU of at least t needs a shared area of t / (1 + t) times the sum of both areas,
which bounds how far an anchor may be shifted from the box along x and y. Other measures
bound it by themselves (`Distance.reach`). Only these windows of cells are enumerated,
and their measure is the frameworks' own, in float32.
"""

from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import Float32Array, Float64Array, IntArray
from atss_inspect.assigners.border import Ends
from atss_inspect.assigners.boxes import Corners, area, corners_of
from atss_inspect.assigners.contest import Claims
from atss_inspect.assigners.distances import Distance, MeasureRule, likeness
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.fields import LEAST

# Bounds are taken a little wide, so that rounding cannot lose an anchor: the IoU itself
# decides afterwards.
_RELATIVE_SLACK = 1e-5
_COORDINATE_SLACK = 1e-6
_MOST_SLACK = 0.5
# Windows are handled in groups of equal size, their sides rounded up to these: fewer,
# larger array operations, for some cells looked at for nothing.
_SIDES = np.array([3 << power for power in range(28)])


class _Windows(NamedTuple):
    """Windows of cells, one per (box, anchor shape) pair; each field (N,) int64."""

    gt: IntArray
    shape: IntArray  # of `Pyramid.cell_anchors`
    first_row: IntArray
    first_column: IntArray
    kind: IntArray  # index of its sides, rounded up, in _SIDES x _SIDES

    def take(self, rows: IntArray) -> "_Windows":
        return _Windows(*(field[rows] for field in self))


class _Search(NamedTuple):
    """What is looked for: boxes, their images and bars, the anchors, the measure."""

    gt: Corners
    gt_image: IntArray
    bars: Float32Array
    grids: Grids
    rule: MeasureRule


def anchors_reaching(
    gt: Corners, gt_image: IntArray, bars: Float32Array, grids: Grids, rule: MeasureRule
) -> list[Claims]:
    """Enumerate every anchor whose IoU with a box is at least that box's bar.

    ``gt`` are (G,) corners in input pixels, ``gt_image`` the (G,) int64 places of their
    images in ``grids``, ``bars`` (G,) float32, above 0. Returns claims, their IoU as
    strength, in parts, complete together, in no promised order.
    """
    search, claims = _Search(gt, gt_image, bars, grids, rule), []
    windows = _windows_within_reach(search)
    # Few dense groups of windows whose sides, rounded up, are the same cost less than
    # one ragged list: no index has to be built per cell.
    order = np.argsort(windows.kind, kind="stable")  # of int16: a radix sort
    counts = np.bincount(windows.kind)
    ends = np.cumsum(counts)
    for kind in np.flatnonzero(counts):
        group = windows.take(order[ends[kind] - counts[kind] : ends[kind]])
        num_rows, num_columns = _SIDES[list(divmod(kind, len(_SIDES)))].tolist()
        claims.append(_claims_in_windows(search, group, num_rows, num_columns))
    return claims


class _Spans(NamedTuple):
    """Cells that can reach the bar of a box, of pairs of box and shape; (N,) int64."""

    box: IntArray
    shape: IntArray
    # rows, columns: the first one, and how many
    rows: tuple[IntArray, IntArray]
    columns: tuple[IntArray, IntArray]


def _windows_within_reach(search: _Search) -> _Windows:
    """Bound, per box and anchor shape, the cells that can reach the bar."""
    distance = search.rule.distance
    spans = (
        _spans_sharing(search) if distance is None else _spans_near(search, distance)
    )
    (first_row, num_rows), (first_column, num_columns) = spans.rows, spans.columns
    # Kinds of windows: of equal sides, rounded up.
    sides = (np.searchsorted(_SIDES, size) for size in (num_rows, num_columns))
    kind = np.ravel_multi_index(tuple(sides), (len(_SIDES), len(_SIDES)))
    kind = kind.astype(np.int16)
    every = _Windows(spans.box, spans.shape, first_row, first_column, kind)
    return every.take(np.flatnonzero((num_rows > 0) & (num_columns > 0)))


def _spans_near(search: _Search, distance: Distance) -> _Spans:
    """Bound them by the distance of centers."""
    gt, gt_image, bars, grids, _ = search
    shapes = corners_of(grids.pyramid.first_anchors)
    column = gt.take(np.s_[:, None])
    rounding = _rounding(gt, grids)
    far_y, far_x = distance.reach(
        bars[:, None].astype(np.float64), column, shapes, rounding
    )
    box, shape = np.nonzero((far_y >= 0) & (far_x >= 0))  # NaN is not
    image, level = gt_image[box], grids.pyramid.shape_level[shape]
    sizes, (step_y, step_x) = grids.maps(image, level)
    rows, columns = grids.ends(image, shape, sizes)
    gt, shapes = gt.take(box), shapes.take(shape)
    (x, y), (own_x, own_y) = gt.centers(), shapes.centers()
    return _Spans(
        box,
        shape,
        _cells_between(y, own_y, far_y[box, shape], rows, step_y),
        _cells_between(x, own_x, far_x[box, shape], columns, step_x),
    )


def _rounding(gt: Corners, grids: Grids) -> float:
    """Pixels by which float32 may put a center wrong, of any box and anchor."""
    sides = (grids.map_sizes * grids.steps, grids.pyramid.cell_anchors, *gt)
    most = max(float(np.abs(each).max(initial=1)) for each in sides)
    return 8 * float(np.spacing(np.float32(most)))


def _cells_between(
    center: Float32Array,
    own: Float32Array,
    far: Float64Array,
    ends: Ends,
    step: Float32Array,
) -> tuple[IntArray, IntArray]:
    """Find the cells whose anchor center is not too far away, on one axis.

    Returns the first cell and how many, perhaps below 0.
    """
    offset = center.astype(np.float64) - own
    first = np.maximum(np.ceil((offset - far) / step), ends[0])
    last = np.minimum(np.floor((offset + far) / step), ends[1] - 1)
    count = np.maximum(last - first + 1, 0)
    return np.where(count > 0, first, 0).astype(np.int64), count.astype(np.int64)


def _spans_sharing(search: _Search) -> _Spans:
    """Bound them by the area that an anchor and a box must share."""
    gt, gt_image, bars, grids, rule = search
    one = np.float32(rule.plus_one)
    shapes = corners_of(grids.pyramid.first_anchors)
    share: Float32Array = bars / (1 + bars) * (1 - _slack(gt, grids))
    areas = area(gt, plus_one=rule.plus_one)[:, None]
    areas = areas + area(shapes, plus_one=rule.plus_one)  # (G, S)
    needed = share[:, None] * areas
    most_x = np.minimum((gt.x2 - gt.x1)[:, None], shapes.x2 - shapes.x1) + one
    most_y = np.minimum((gt.y2 - gt.y1)[:, None], shapes.y2 - shapes.y1) + one
    pairs = np.flatnonzero(most_x * most_y >= needed)
    box = pairs // len(shapes.x1)
    shape = pairs - box * len(shapes.x1)
    needed = needed.ravel()[pairs]
    image, level = gt_image[box], grids.pyramid.shape_level[shape]
    sizes, (step_y, step_x) = grids.maps(image, level)
    rows, columns = grids.ends(image, shape, sizes)
    gt, shapes = gt.take(box), shapes.take(shape)
    need_y = needed / most_x.ravel()[pairs] - one
    need_x = needed / most_y.ravel()[pairs] - one
    high, wide = (gt.y1, gt.y2), (gt.x1, gt.x2)
    return _Spans(
        box,
        shape,
        _cells_sharing(high, (shapes.y1, shapes.y2), need_y, rows, step_y),
        _cells_sharing(wide, (shapes.x1, shapes.x2), need_x, columns, step_x),
    )


def _cells_sharing(
    box: tuple[Float32Array, Float32Array],
    anchor: tuple[Float32Array, Float32Array],
    need: Float32Array,
    ends: Ends,
    step: Float32Array,
) -> tuple[IntArray, IntArray]:
    """Find the cells whose anchor shares at least ``need`` pixels with a box, one axis.

    ``ends`` are the first cell there is, and the first one that is not. Returns the
    first cell and how many.
    """
    low, high = box[0].astype(np.float64), box[1].astype(np.float64)
    slack = _COORDINATE_SLACK * (np.abs(high) + np.abs(anchor[1]) + 1)
    least = need - slack
    first = np.maximum(np.ceil((low + least - anchor[1]) / step), ends[0])
    last = np.minimum(np.floor((high - least - anchor[0]) / step), ends[1] - 1)
    return first.astype(np.int64), (last - first).astype(np.int64) + 1


def _claims_in_windows(
    search: _Search, windows: _Windows, num_rows: int, num_columns: int
) -> Claims:
    """Compute the IoU of every cell of equally large windows and keep the claims."""
    grids, shape = search.grids, windows.shape
    pyramid = grids.pyramid
    level, num_anchors = pyramid.shape_level[shape], pyramid.per_cell_of(shape)
    image = search.gt_image[windows.gt]
    (rows, columns), (step_y, step_x) = grids.maps(image, level)
    # A window rounded up may hang over the far border: shift it back onto the map.
    row = _cells_from(windows.first_row, num_rows, rows)[:, None]
    column = _cells_from(windows.first_column, num_columns, columns)
    anchors = corners_of(pyramid.cell_anchors).take(shape)
    anchors = grids.placed(anchors, level, (row, column), (step_y, step_x))
    # (rows, columns, N): windows last, so that operations run along many of them.
    overlaps = likeness(search.gt.take(windows.gt), anchors, search.rule)
    reached = overlaps >= search.bars[windows.gt]
    if rows.min(initial=num_rows) < num_rows:
        reached &= row < rows
    if columns.min(initial=num_columns) < num_columns:
        reached &= column < columns
    if grids.left_out is not None:
        inside = grids.ends(image, shape, (rows, columns))
        for cell, (first, stop) in zip((row, column), inside, strict=True):
            reached &= (cell >= first) & (cell < stop)
    found = np.flatnonzero(reached)
    origin = grids.anchor_key(image, level, pyramid.shape_place[shape])
    keys = (origin + row * (columns * num_anchors)) + column * num_anchors
    window = found - found // len(shape) * len(shape)  # % is several times slower
    return Claims(windows.gt[window], keys.ravel()[found], overlaps.ravel()[found])


def _cells_from(first: IntArray, count: int, num_cells: IntArray) -> IntArray:
    """List ``count`` cells from a first one on, or the last ones; (count, N)."""
    start = np.maximum(np.minimum(first, num_cells - count), 0)
    return start + np.arange(count)[:, None]


def bars_under(
    bounds: Float32Array, gt: Corners, grids: Grids, rule: MeasureRule
) -> Float32Array:
    """Bars a little under (G,) bounds: rounding may make another anchor the best."""
    slack = _slack(gt, grids)
    if rule.distance:  # by pixels, or by the constant, where it is less
        by_pixels = _rounding(gt, grids) / min(1.0, rule.distance.constant)
        slack = np.minimum(slack + np.float32(by_pixels), np.float32(_MOST_SLACK))
    under: Float32Array = bounds * (1 - slack)
    return under


def _slack(gt: Corners, grids: Grids) -> Float32Array:
    """Part by which rounding may change an IoU of each box at most; (G,) float32.

    float32 rounds coordinates, which matters the more, the smaller a box or an anchor.
    """
    shapes = corners_of(grids.pyramid.cell_anchors)
    sides = np.minimum(shapes.x2 - shapes.x1, shapes.y2 - shapes.y1)
    smallest = np.minimum(np.minimum(gt.x2 - gt.x1, gt.y2 - gt.y1), sides.min())
    rounding = 8 * np.spacing(np.maximum(np.abs(gt.x2), np.abs(gt.y2)))
    # torchvision's anchors of less than a pixel have no sides.
    parts = rounding / np.maximum(smallest, np.float32(LEAST))
    slack: Float32Array = np.float32(_RELATIVE_SLACK) + parts
    return np.minimum(slack, np.float32(_MOST_SLACK))


def best_iou_bound(
    gt: Corners, gt_image: IntArray, grids: Grids, rule: MeasureRule
) -> Float32Array:
    """Best IoU of each box over the anchors nearest to it, one per shape; (G,) float32.

    An anchor shape shares most with a box where their centers are nearest along both
    axes, so this is the best IoU of all but for rounding.
    """
    shapes, level = corners_of(grids.pyramid.first_anchors), grids.pyramid.shape_level
    image = gt_image[:, None]
    sizes, (step_y, step_x) = grids.maps(image, level)  # (G, S)
    rows, columns = grids.ends(image, np.arange(len(level)), sizes)
    gt = gt.take(np.s_[:, None])
    shift_y = _nearest_shift((gt.y1, gt.y2), (shapes.y1, shapes.y2), rows, step_y)
    shift_x = _nearest_shift((gt.x1, gt.x2), (shapes.x1, shapes.x2), columns, step_x)
    overlaps = likeness(gt, shapes.shifted(shift_x, shift_y), rule)
    overlaps[rows[1] <= rows[0]] = 0  # where all are left out
    best: Float32Array = overlaps.max(axis=1, initial=0)
    return best


def _nearest_shift(
    box: tuple[Float32Array, Float32Array],
    anchor: tuple[Float32Array, Float32Array],
    ends: Ends,
    step: Float32Array,
) -> Float32Array:
    """Shift of the cell whose anchor center is nearest to the box's, on one axis."""
    offset = ((box[0] + box[1]) - (anchor[0] + anchor[1])) / np.float32(2)
    cell = np.clip(np.rint(offset / step), ends[0], ends[1] - 1)
    return cell.astype(np.float32) * step
