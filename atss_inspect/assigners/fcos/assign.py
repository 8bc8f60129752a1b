"""FCOS: a point trains the smallest object around it whose size suits its level."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment, settle
from atss_inspect.assigners.boxes import Corners, area, corners_of, is_near, places_near
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims, marked
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.pyramid import Grids, Pyramid, cells_between, ranges

# Frameworks mask the areas of other boxes with this, so none as large can win.
_MASKED_AREA = np.float32(1e8)
# Cells; far more than 4 ulp of any distance, so that only these need a closer look.
_NEAR_A_POINT = np.float32(1e-3)
_Compare = Callable[[Float32Array, Float32Array], BoolArray]


class Side(NamedTuple):
    """One axis of (box, level) pairs: the box along it and the points along it; (N,).

    All but the numbers of points are float32.
    """

    low: Float32Array  # ends of the box
    high: Float32Array
    center: Float32Array
    origin: Float32Array  # position of the first point
    step: Float32Array  # from point to point
    num_points: IntArray
    range_low: Float32Array  # scale range of the level
    range_high: Float32Array
    # how far from the center points may lie; infinite without sampling
    reach: Float32Array

    def take(self, pairs: IntArray) -> "Side":
        """Keep some pairs."""
        fields: Any = (field[pairs] for field in self)
        return Side(*fields)

    def point(self, number: IntArray) -> Float32Array:
        """Position of a point, float32."""
        position: Float32Array = number.astype(np.float32) * self.step + self.origin
        return position


class Span(NamedTuple):
    """Points of one axis that can own: [start, stop) without [hole, hole_end).

    Inside the hole the side distances of this axis are below the level's range.
    """

    start: IntArray
    hole: IntArray
    hole_end: IntArray
    stop: IntArray


def assign_fcos(frame: Frame, pyramid: Pyramid, params: FcosParams) -> Assignment:
    """Assign points to boxes by scale range and smallest area.

    Strides and offset say where points are; anchor sizes are not used, and there is no
    IoU. An image without boxes is all negative; nothing is ever
    ignored. Equal areas: the lowest box, and both count as tied. A box of more than 1e8
    square pixels loses to the mask of any other, as in the frameworks.

    Notes
    -----
    Tian et al. 2019 (arXiv:1904.01355), section 3.2. A box can own a point if

    1. the point lies inside it (and near its center, if sampled);
    2. the largest of the four side distances is in the scale range of the level;

    and the owner with the smallest area gets it. Both tests are one per axis: the
    points that pass fill a rectangle of cells, less a smaller rectangle in its middle
    where all distances are below the range.
    """
    # One point a cell, however many anchors the settings describe.
    pyramid = pyramid.points()
    grids = pyramid.grids(frame.padded_size)
    gt = corners_of(frame.gt_boxes)
    strength, can_own = claim_strength(gt, params)
    may_own = may_meet_range(gt, scale_ranges(pyramid, params)) & can_own[:, None]
    pairs = np.flatnonzero(may_own)
    across, along = sides_of_pairs(frame, grids, params, pairs)
    columns, rows = span_along(across, params), span_along(along, params)
    pair, index = points_between(columns, rows, across.num_points)
    pair_box = pairs // pyramid.num_levels
    pair_level = pairs - pair_box * pyramid.num_levels
    first_key = grids.anchor_key(frame.gt_image[pair_box], pair_level, 0)
    box = pair_box[pair]
    claims = Claims(box, first_key[pair] + index, strength[box])
    if params.area == "smallest" and strength.min(initial=0) < -_MASKED_AREA:
        claims = lose_to_mask(claims, frame.gt_image)
    is_fragile = marked(pair_box[fragile_pairs(across, along, params)], frame.num_gt)
    reached = partial(stage_reached, frame, grids, params)
    return replace(settle(frame, grids, claims, reached), is_fragile=is_fragile)


def claim_strength(gt: Corners, params: FcosParams) -> tuple[Float32Array, BoolArray]:
    """Float32 areas as strengths, the largest wins; and who can own a point at all."""
    areas = area(gt, plus_one=params.plus_one)
    if params.area == "smallest":
        return -areas, areas != _MASKED_AREA
    strength = _MASKED_AREA - areas
    return strength, strength >= np.float32(1e-5)


def lose_to_mask(claims: Claims, gt_image: IntArray) -> Claims:
    """Drop the claims of vast boxes on points where another box is masked.

    The frameworks mask boxes that do not own a point by an area of 1e8, which is
    smaller than a larger box's own.
    """
    is_vast = -claims.strength > _MASKED_AREA
    _, point, num_owners = np.unique(
        claims.anchor, return_inverse=True, return_counts=True
    )
    num_boxes = np.bincount(gt_image)[gt_image[claims.gt]]
    return claims.take(~is_vast | (num_owners[point] == num_boxes))


def scale_ranges(pyramid: Pyramid, params: FcosParams) -> Float32Array:
    """Scale range of every level; (L, 2) float32 input pixels, the last one open.

    Frameworks write 1e8 where a range has no end, and no image is as large.
    """
    if params.scale_ranges:
        written = np.array(params.scale_ranges, dtype=np.float32)
        return np.where(written >= 1e8, np.float32(np.inf), written)
    ends = 8 * pyramid.strides
    ranges_ = np.stack([np.append(np.float32(-1), ends[:-1]), ends], axis=1)
    ranges_[-1, 1] = np.inf
    return ranges_


def may_meet_range(gt: Corners, limits: Float32Array) -> BoolArray:
    """Screen pairs: a point's largest side distance is half to all of the longer side.

    ``limits`` are (L, 2); returns (G, L). One pixel of slack, since rounding decides
    elsewhere.
    """
    longer = np.maximum(gt.x2 - gt.x1, gt.y2 - gt.y1)[:, None]
    may: BoolArray = longer + 1 >= limits[:, 0]
    may &= longer / 2 - 1 <= limits[:, 1]
    return may


def sides_of_pairs(
    frame: Frame, grids: Grids, params: FcosParams, pairs: IntArray
) -> tuple[Side, Side]:
    """Set up (box, level) pairs, (N,) places among G * L, along x and along y."""
    gt, pyramid = corners_of(frame.gt_boxes), grids.pyramid
    box = pairs // pyramid.num_levels
    level = pairs - box * pyramid.num_levels
    sizes, steps = grids.maps(frame.gt_image[box], level)
    strides = np.array(list(pyramid.rule.strides_yx), dtype=np.float32)
    origin = (np.float32(pyramid.rule.offset) * strides)[level]  # (N, 2) y, x
    low_end, high_end = scale_ranges(pyramid, params).T[:, level]
    radius = np.float32(params.center_sampling_radius or np.inf)
    reach = (radius * pyramid.strides)[level]

    def side(low: Float32Array, high: Float32Array, axis: int) -> Side:
        center = ((low + high) / np.float32(2))[box]
        grid = origin[:, axis], steps[axis], sizes[axis]
        return Side(low[box], high[box], center, *grid, low_end, high_end, reach)

    return side(gt.x1, gt.x2, 1), side(gt.y1, gt.y2, 0)


def stage_reached(
    frame: Frame, grids: Grids, params: FcosParams, boxes: BoolArray
) -> IntArray:
    """Tell, for some boxes, (G,) bool, how far a point of theirs came; (G,) causes."""
    num_levels = grids.pyramid.num_levels
    pairs = np.flatnonzero(np.repeat(boxes, num_levels))
    sides = sides_of_pairs(frame, grids, params, pairs)
    reached = np.full(len(boxes), CAUSES.index("no_center_inside"))
    stages = [(params, "outside_scale_range")]
    if params.center_sampling_radius:
        everywhere = replace(params, center_sampling_radius=0.0)
        stages.insert(0, (everywhere, "outside_center_region"))
    for rule, cause in stages:
        has_point = np.ones(len(pairs), dtype=bool)
        for side in sides:
            start, stop = ends_along(without_range(side), rule)
            has_point &= stop > start
        reached[pairs[has_point] // num_levels] = CAUSES.index(cause)
    return reached


def without_range(side: Side) -> Side:
    """Let every side distance count as in range."""
    endless = np.full_like(side.range_high, np.inf)
    return side._replace(range_low=-endless, range_high=endless)


def span_along(side: Side, params: FcosParams) -> Span:
    """Find, along one axis, which points can own and where the hole begins and ends."""
    under_low: _Compare = np.less if params.range_ends == "closed" else np.less_equal

    hole = _first_point(
        side,
        lambda point: under_low(side.high - point, side.range_low),
        side.high - side.range_low,
    )
    hole_end = _first_point(
        side,
        lambda point: under_low(point - side.low, side.range_low),
        side.low + side.range_low,
        wanted=False,
    )
    start, stop = ends_along(side, params)
    hole = np.clip(hole, start, stop)
    return Span(start, hole, np.clip(hole_end, hole, stop), stop)


def ends_along(side: Side, params: FcosParams) -> tuple[IntArray, IntArray]:
    """Find the first point that can own along one axis, and the first one beyond.

    All tests are monotone along the axis. Their ends are guessed in double precision
    and then settled by the frameworks' own float32 comparisons.
    """
    in_high: _Compare = np.less_equal if params.range_ends == "closed" else np.less
    # The box around the center, as a box; by distance it is tested further down.
    low, high = side.low, side.high
    by_distance = params.center_test == "distance"
    if params.center_sampling_radius and not by_distance:
        low = np.maximum(low, side.center - side.reach)
        high = np.minimum(high, side.center + side.reach)
    reach = side.reach if by_distance else np.full_like(side.reach, np.inf)

    # Each test takes the positions of some points and is monotone in them.
    def has_entered(point: Float32Array) -> BoolArray:
        near = in_high(side.high - point, side.range_high)
        near &= side.center - point < reach
        return near & (point > low)

    def is_before_end(point: Float32Array) -> BoolArray:
        near = in_high(point - side.low, side.range_high)
        near &= point - side.center < reach
        return near & (point < high)

    starts = np.maximum(low, side.high - side.range_high)
    stops = np.minimum(high, side.low + side.range_high)
    start = _first_point(side, has_entered, np.maximum(starts, side.center - reach))
    stop = _first_point(
        side, is_before_end, np.minimum(stops, side.center + reach), wanted=False
    )
    return start, np.maximum(stop, start)


def _first_point(
    side: Side,
    test: Callable[[Float32Array], BoolArray],
    position: Float32Array,
    *,
    wanted: bool = True,
) -> IntArray:
    """Find the first point whose monotone test is as wanted, near a guessed position.

    Returns (N,) int64; the number of points where no point is as wanted.
    """
    with np.errstate(invalid="ignore"):  # infinite positions are clipped next
        guess = np.ceil((position.astype(np.float64) - side.origin) / side.step)
    number: IntArray = np.clip(guess - 1, 0, side.num_points).astype(np.int64)
    # Rounding moves the end by one point at most: look at the guess and both sides.
    for _ in range(3):
        number += (number < side.num_points) & (test(side.point(number)) != wanted)
    return number


def points_between(
    columns: Span, rows: Span, num_columns: IntArray
) -> tuple[IntArray, IntArray]:
    """List the points of every pair: a rectangle of cells less its hole.

    Returns (P,) int64 the pair and the index of the point in its level.
    """
    # Above the hole, below it, and to its left and right.
    tops = np.concatenate([rows.start, rows.hole_end, rows.hole, rows.hole])
    bottoms = np.concatenate([rows.hole, rows.stop, rows.hole_end, rows.hole_end])
    lefts = np.concatenate([*[columns.start] * 3, columns.hole_end])
    rights = np.concatenate([columns.stop, columns.stop, columns.hole, columns.stop])
    pair = np.tile(np.arange(len(num_columns)), 4)
    return cells_between(pair, tops, bottoms, lefts, rights, num_columns[pair])


def fragile_pairs(across: Side, along: Side, params: FcosParams) -> IntArray:
    """List the pairs with a point whose distances nearly equal a bar.

    The bars are the ends of the scale range and, for the ``distance`` test, the
    sampling radius. Only pairs where some row or column of points comes near a bar are
    looked at point by point, and only inside the box: a fine level has far more.
    """
    suspects = np.flatnonzero(_comes_near_bar(across) | _comes_near_bar(along))
    x, y = across.take(suspects), along.take(suspects)
    (left, num_columns), (top, num_rows) = _points_inside(x), _points_inside(y)
    counts = num_columns * num_rows
    pair = np.repeat(np.arange(len(suspects)), counts)
    row, column = np.divmod(ranges(np.zeros_like(counts), counts), num_columns[pair])
    x, y = x.take(pair), y.take(pair)
    point_x, point_y = x.point(column + left[pair]), y.point(row + top[pair])
    farthest = np.maximum(
        np.maximum(point_x - x.low, x.high - point_x),
        np.maximum(point_y - y.low, y.high - point_y),
    )
    apart = np.maximum(np.abs(point_x - x.center), np.abs(point_y - y.center))
    is_fragile = is_near(farthest, x.range_low) | is_near(farthest, x.range_high)
    is_fragile &= apart < x.reach
    if params.center_test == "distance":
        is_fragile |= is_near(apart, x.reach)
    return suspects[marked(pair[is_fragile], len(suspects))]


def _points_inside(side: Side) -> tuple[IntArray, IntArray]:
    """First point inside the box along one axis, and how many there are."""
    start = _first_point(side, lambda point: point > side.low, side.low)
    stop = _first_point(side, lambda point: point < side.high, side.high, wanted=False)
    return start, np.maximum(stop - start, 0)


def _comes_near_bar(side: Side) -> BoolArray:
    """Screen the pairs for points near a range end or the radius along one axis."""
    starts = np.stack([side.low, side.low, side.high, side.high, *[side.center] * 2])
    bars = np.stack([side.range_low, side.range_high] * 2 + [side.reach] * 2)
    signs = np.array([1, 1, -1, -1, 1, -1], dtype=np.float32)[:, None]
    offsets = (starts + signs * bars - side.origin) / side.step
    numbers = np.rint(offsets)
    with np.errstate(invalid="ignore"):  # infinity is near nothing
        close = np.flatnonzero(np.abs(offsets - numbers) < _NEAR_A_POINT)
    pairs = close % len(side.low)
    points = numbers.ravel()[close] * side.step[pairs] + side.origin[pairs]
    distances = np.abs(points - starts.ravel()[close])
    near = places_near(distances, bars.ravel()[close])
    return marked(pairs[near], len(side.low))
