"""Likeness of boxes by a distance, in place of the IoU; from 1 down to 0.

Both boxes are taken as normal distributions, or as their centers, so that boxes that
do not overlap are still more or less alike.
"""

from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

from atss_inspect.arrays import Float32Array, Float64Array
from atss_inspect.assigners.boxes import Corners, IouRule, iou
from atss_inspect.fields import between

# ``nwd``: normalized Wasserstein distance (Wang et al. 2021, arXiv:2110.13389).
# ``kld``, ``wd``: of RFLA (Xu et al. 2022, arXiv:2208.08738), 1 / (1 + divergence).
# ``dotd``: of the centers alone (Xu et al. 2021, CVPR workshops).
DistanceName = Literal["kld", "wd", "nwd", "dotd"]
NAMES = {"kld": "KLD", "wd": "WD", "nwd": "NWD", "dotd": "DotD", "iou": "IoU"}
# What configs of mmdetection call them.
METRICS = {"kld": "kl", "wd": "wd", "nwd": "nwd", "dotd": "dotd"}
# What NWD and DotD divide distances by, input pixels.
CONSTANT = between(0.1, 1e4)
_EPS, _ONE, _TWO, _FOUR = map(np.float32, (1e-6, 1, 2, 4))
# By which float32 may be wrong: a part of what is summed up.
_RELATIVE_SLACK = 1e-5


@dataclass(frozen=True)
class Distance:
    """A way to tell how alike a box and an anchor are, in float32.

    Attributes
    ----------
    name : which one
    constant : input pixels that NWD and DotD divide by
    ratio : anchors are made so many times as large around their centers; None leaves
        them as they are, where 1 would round them
    """

    name: DistanceName
    constant: float = 12.7
    ratio: float | None = None

    def likeness(self, gt: Corners, anchors: Corners) -> Float32Array:
        """Compare boxes and anchors that broadcast together, (...) float32.

        Notes
        -----
        In the order of ``bbox_overlaps`` in ``metric_calculator.py`` of mmdet-rfla and
        mmdet-nwdrka. Logarithms and powers of e, which libraries round in ways of their
        own, are computed in double and rounded once.
        """
        if self.ratio is not None:
            anchors = scaled(anchors, np.float32(self.ratio))
        (x, y), (own_x, own_y) = gt.centers(), anchors.centers()
        x, y = x - own_x, y - own_y
        if self.name == "dotd":
            return self._power(x * x + y * y + _EPS)
        wide, high = gt.x2 - gt.x1 + _EPS, gt.y2 - gt.y1 + _EPS
        own_wide = anchors.x2 - anchors.x1 + _EPS
        own_high = anchors.y2 - anchors.y1 + _EPS
        if self.name == "kld":
            return _by_divergence((x, wide, own_wide), (y, high, own_high))
        wide, high = wide - own_wide, high - own_high
        apart: Any = x * x + y * y + _EPS + (wide * wide + high * high) / _FOUR
        if self.name == "wd":
            near: Float32Array = _ONE / (_ONE + apart)
            return near
        return self._power(apart)

    def _power(self, apart: Float32Array) -> Float32Array:
        """Negative power of e of the root of squared pixels."""
        exponent = -np.sqrt(apart) / np.float32(self.constant)
        power: Float32Array = np.exp(exponent.astype(np.float64)).astype(np.float32)
        return power

    def reach(
        self, bars: Float64Array, gt: Corners, shapes: Corners, rounding: float
    ) -> tuple[Float64Array, Float64Array]:
        """Bound how far, along y and x, centers of anchors lie that reach a bar.

        ``bars`` broadcasts with ``gt`` and ``shapes``; ``rounding`` is what pixels may
        be wrong by. Input pixels; NaN where none of this shape can reach it.

        Notes
        -----
        All four measures fall with a sum of squares: a part for the sides, which is the
        shape's, and one for the centers, which so can be no more than what the bar
        leaves. With equal shapes the nearest centers are therefore the most alike.
        """
        sides = [
            (side.astype(np.float64) + 1e-6, own.astype(np.float64) * (self.ratio or 1))
            for side, own in (
                (gt.y2 - gt.y1, shapes.y2 - shapes.y1),
                (gt.x2 - gt.x1, shapes.x2 - shapes.x1),
            )
        ]
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.name == "kld":
                return _reach_of_divergence(bars, sides, rounding)
            squares = 1 / bars - 1
            if self.name != "wd":
                squares = np.square(self.constant * np.log(bars))
            most = np.sqrt(squares + _RELATIVE_SLACK * (1 + squares))
            most = most + 2 * rounding + 1e-6 * self.constant
            of_sides = sum(np.square(side - own) / 4 for side, own in sides)
            room = np.square(most) - of_sides * (self.name != "dotd")
            far = np.sqrt(room) + rounding
        return far, far


def scaled(boxes: Corners, ratio: np.float32) -> Corners:
    """Boxes so many times as large around their centers, in the order of RFLA."""
    x, y = boxes.centers()
    half_x = (boxes.x2 - boxes.x1) * ratio / _TWO
    half_y = (boxes.y2 - boxes.y1) * ratio / _TWO
    return Corners(x - half_x, y - half_y, x + half_x, y + half_y)


Along = tuple[Float32Array, Float32Array, Float32Array]


def _by_divergence(along_x: Along, along_y: Along) -> Float32Array:
    """Likeness by the Kullback-Leibler divergence of the anchor from the box.

    Of each axis the offset of the centers, the box's side and the anchor's.
    """
    squares = [[side * side for side in axis] for axis in (along_x, along_y)]
    (off_x, wide, own_wide), (off_y, high, own_high) = squares
    total = own_wide / wide + own_high / high
    total = total + _FOUR * off_x / wide + _FOUR * off_y / high
    total = total + _log(wide / own_wide) + _log(high / own_high) - _TWO
    return _ONE / (_ONE + total / _TWO)


def _log(values: Float32Array) -> Float32Array:
    logs: Float32Array = np.log(values.astype(np.float64)).astype(np.float32)
    return logs


def _reach_of_divergence(
    bars: Float64Array, sides: list[tuple[Float64Array, Float64Array]], rounding: float
) -> tuple[Float64Array, Float64Array]:
    """Bound offsets by what the divergence of the sides leaves."""
    squares = [np.square((own + 1e-6) / side) for side, own in sides]
    logs = [np.log(each) for each in squares]
    of_sides = sum(squares) - sum(logs) - 2
    most = 2 * (1 / bars - 1)
    smallest = np.minimum(sides[0][1], sides[1][1]) + 1e-6
    slack = _RELATIVE_SLACK + 4 * rounding / smallest
    terms = most + of_sides + 4 + sum(np.abs(each) for each in logs)
    half = np.sqrt(most - of_sides + slack * terms) / 2
    far_y, far_x = (side * half + rounding for side, _ in sides)
    return far_y, far_x


class MeasureRule(IouRule, Protocol):
    """How anchors are compared with boxes: by an IoU, or by a distance."""

    @property
    def distance(self) -> Distance | None:
        """The distance; None for the IoU."""


def likeness(gt: Corners, anchors: Corners, rule: MeasureRule) -> Float32Array:
    """IoU or another measure of boxes and anchors that broadcast together; float32."""
    distance = rule.distance
    return distance.likeness(gt, anchors) if distance else iou(gt, anchors, rule)
