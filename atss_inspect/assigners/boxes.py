"""Box geometry in float32, in the order of operations the frameworks use.

Boxes are passed as four arrays (x1, y1, x2, y2), so that anchors on a grid can stay
separate along x and y until they must meet. Arrays broadcast against each other.
"""

from typing import Any, NamedTuple, Protocol

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray

_SMALLEST = np.finfo(np.float32).tiny
Interval = tuple[Float32Array, Float32Array]  # low and high ends


class IouRule(Protocol):
    """How a framework computes an IoU; the assigners' parameters say it."""

    @property
    def plus_one(self) -> bool:
        """Count sides as x2 - x1 + 1 (maskrcnn-benchmark, ATSS, FCOS repositories)."""

    @property
    def min_union(self) -> float:
        """Smallest union, square pixels (mmdetection 1e-6; 0 elsewhere)."""


def rounded(values: Float32Array) -> Float32Array:
    """Round sums that were computed in double; float32 stays as it is."""
    return values.astype(np.float32, copy=False)


class Corners(NamedTuple):
    """Corners of boxes as four float32 arrays that broadcast together."""

    x1: Float32Array
    y1: Float32Array
    x2: Float32Array
    y2: Float32Array

    def take(self, rows: Any) -> "Corners":
        """Index all four arrays alike, by anything NumPy takes as an index."""
        return Corners(*(array[rows] for array in self))

    def shifted(self, x: Float32Array, y: Float32Array) -> "Corners":
        """Move all corners along x and y."""
        return Corners(
            *map(rounded, (self.x1 + x, self.y1 + y, self.x2 + x, self.y2 + y))
        )

    def centers(self) -> tuple[Float32Array, Float32Array]:
        """Half the sum of opposite sides, x and y."""
        two = np.float32(2)
        return (self.x1 + self.x2) / two, (self.y1 + self.y2) / two

    def depth(self, x: Float32Array, y: Float32Array) -> Float32Array:
        """Distance from a point to the nearest side (pixels); outside is negative."""
        depth: Float32Array = np.minimum(x - self.x1, self.x2 - x)
        np.minimum(depth, y - self.y1, out=depth)
        np.minimum(depth, self.y2 - y, out=depth)
        return depth


def corners_of(boxes: Float32Array) -> Corners:
    """Split (..., 4) xyxy boxes into four contiguous arrays."""
    return Corners(*(np.ascontiguousarray(boxes[..., side]) for side in range(4)))


def area(boxes: Corners, *, plus_one: bool) -> Float32Array:
    """Width times height in float32; with ``plus_one`` sides count both end pixels."""
    width, height = boxes.x2 - boxes.x1, boxes.y2 - boxes.y1
    if plus_one:
        width, height = width + np.float32(1), height + np.float32(1)
    return width * height


def overlap(one: Interval, other: Interval, *, plus_one: bool) -> Float32Array:
    """Length shared by two intervals, 0 where they are apart; float32."""
    shared = np.minimum(one[1], other[1])
    shared = np.subtract(shared, np.maximum(one[0], other[0]), out=shared)
    if plus_one:
        shared += np.float32(1)
    return np.maximum(shared, np.float32(0), out=shared)


def iou(gt: Corners, anchors: Corners, rule: IouRule) -> Float32Array:
    """Intersection over union of boxes and anchors that broadcast together; float32.

    Corners are in input pixels. 0 where the boxes are apart, also where both are empty
    (detectron2; torchvision gives NaN there). Order: areas, their sum, minus the
    intersection, then the division.
    """
    one = rule.plus_one
    inter = overlap((gt.x1, gt.x2), (anchors.x1, anchors.x2), plus_one=one)
    inter = inter * overlap((gt.y1, gt.y2), (anchors.y1, anchors.y2), plus_one=one)
    union = area(gt, plus_one=one) + area(anchors, plus_one=one)
    union = union - inter
    # An empty union has an empty intersection: any positive floor gives 0 there.
    floor = max(np.float32(rule.min_union), _SMALLEST)
    np.maximum(union, floor, out=union)
    ratio: Float32Array = np.divide(inter, union, out=inter)
    return ratio


# --- numbers so close to the bar they are compared with that rounding could decide ---

# Reference implementations differ from each other by less than this in their sums.
FRAGILE_ULPS = 4


def is_near(values: Float32Array, bar: Float32Array | np.float32) -> BoolArray:
    """Which float32 values lie within 4 units in the last place of a bar, not on it.

    ``bar`` broadcasts against ``values``; the unit in the last place is the bar's. NaN
    and infinite bars are near nothing.
    """
    near = np.zeros(values.size, dtype=bool)
    near[places_near(values, bar)] = True
    return near.reshape(values.shape)


def places_near(values: Float32Array, bar: Float32Array | np.float32) -> IntArray:
    """List the flat places of the values that are near their bar, as by `is_near`."""
    reach = FRAGILE_ULPS * np.spacing(np.abs(bar))
    with np.errstate(invalid="ignore"):  # infinity minus infinity is near nothing
        distance = values - bar
    np.abs(distance, out=distance)
    close = np.flatnonzero(distance <= reach)
    return close[distance.ravel()[close] > 0]
