"""The anchors of one cell, in the order and with the rounding of each framework."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import Float32Array, Float64Array


class LevelShapes(NamedTuple):
    """What the anchors of one level are made from; n sizes, m ratios; all double."""

    stride: float  # input pixels; the smaller one where the axes differ
    base: float  # base size, input pixels: what the offset of `mmdetection` multiplies
    # (n,) base sizes and scales, whose products are the sides of square anchors, in
    # units
    bases: Float64Array
    scales: Float64Array
    is_sized: bool  # the sides are written down, not derived from scales
    ratios: Float64Array  # (m,) height / width
    pairs: (
        Float64Array  # (m, 2) factors of width and height in place of ratios, or none
    )
    offset: float
    unit: int  # input pixels that sizes are counted in

    @property
    def sizes(self) -> Float64Array:
        """Sides of square anchors, input pixels; (n,) double."""
        sizes: Float64Array = self.scales * self.bases * self.unit
        return sizes

    def factors32(self) -> tuple[Float32Array, Float32Array]:
        """Factors of width and height in float32: 1 / root and root; (m, 1) each."""
        if len(self.pairs):
            wide, high = self.pairs.astype(np.float32).T
        else:
            high = np.sqrt(self.ratios.astype(np.float32))
            wide = np.float32(1) / high
        return wide[:, None], high[:, None]


def _mmdetection(of: LevelShapes) -> Float32Array:
    """Follow ``AnchorGenerator``: float32, ratio outer, scale inner, no rounding.

    The offset is one of base sizes, not of strides.
    """
    scales, bases = of.scales.astype(np.float32), of.bases.astype(np.float32)
    sides = [(bases * factor * scales).ravel() for factor in of.factors32()]
    center = np.float32(of.offset * of.base)
    half = np.float32(0.5) * np.stack(sides, axis=1)
    return np.hstack([center - half, center + half])


def _size_by_size(of: LevelShapes) -> Float64Array:
    """Half sides in double, size outer, ratio inner; (n * m, 2)."""
    sizes = of.sizes[:, None]
    if len(of.pairs):
        wide, high = sizes * of.pairs[:, 0], sizes * of.pairs[:, 1]
    else:
        wide = np.sqrt(sizes**2.0 / of.ratios)
        high = of.ratios * wide
    return np.stack([wide.ravel(), high.ravel()], axis=1) / 2


def _glip(of: LevelShapes) -> Float32Array:
    """Follow mmdetection's ``ATSSVLFusionHead``: far corners less 1."""
    return _mmdetection(of) - np.array([0, 0, 1, 1], dtype=np.float32)


def _detectron2(of: LevelShapes) -> Float32Array:
    """Follow ``DefaultAnchorGenerator``: double, size outer, ratio inner."""
    half = _size_by_size(of)
    # The offset is part of the grid's shift here: see `Pyramid.origins`.
    return np.hstack([-half, half]).astype(np.float32)


def _efficientdet(of: LevelShapes) -> Float32Array:
    """Follow effdet's ``Anchors``: as detectron2, but corners are rounded once.

    What is added to the shift of a cell is still double.
    """
    half = _size_by_size(of)
    return np.hstack([-half, half])


def _torchvision(of: LevelShapes) -> Float32Array:
    """Follow ``AnchorGenerator``: ratio outer, half extents rounded half-even.

    Sizes made from scales are whole; those written down are taken as they are.
    """
    sizes = of.sizes if of.is_sized else np.trunc(of.sizes)
    sides = [(factor * sizes.astype(np.float32)).ravel() for factor in of.factors32()]
    half = np.rint(np.stack(sides, axis=1) / np.float32(2))
    return np.hstack([-half, half]) + np.float32(of.offset * of.stride)


def _official(of: LevelShapes) -> Float32Array:
    """Follow the ATSS repository's ``generate_anchors``: double, inclusive corners.

    Ratio sides are rounded half-even on a window of one stride, then scaled.
    """
    if len(of.pairs):
        wide, high = np.rint(of.stride * of.pairs.T)
    else:
        wide = np.rint(np.sqrt(of.stride * of.stride / of.ratios))
        high = np.rint(wide * of.ratios)
    scales = of.sizes / of.stride
    sides = np.stack([wide[:, None] * scales, high[:, None] * scales], axis=-1)
    half = (sides.reshape(-1, 2) - 1) / 2
    center = of.offset * of.stride
    return np.hstack([center - half, center + half]).astype(np.float32)


def _mmdetection_ssd(of: LevelShapes) -> Float32Array:
    """Follow ``SSDAnchorGenerator``: the smaller size and the larger, then ratios.

    Of each ratio the wide anchor comes first.
    """
    small, large = of.sizes[[0, -1]]
    one = np.float32(1)
    ratios = [1, 1, *(each for ratio in of.ratios for each in (1 / ratio, ratio))]
    scales = np.full(len(ratios), one)
    scales[1] = np.float32(np.sqrt(large / small))
    high = np.sqrt(np.array(ratios, dtype=np.float32))
    base = np.float32(small)
    wide, high = base * scales * (one / high), base * scales * high
    half = np.float32(0.5) * np.stack([wide, high], axis=1)
    center = np.float32(of.offset * of.stride)
    return np.hstack([center - half, center + half])


def _torchvision_ssd(of: LevelShapes) -> Float32Array:
    """Follow ``DefaultBoxGenerator``: fractions of the input in float32, at most 1.

    Returned in input pixels, in double and so without rounding.
    """
    small, large = of.bases[[0, -1]]
    mean = np.sqrt(small * large)
    pairs = [(small, small), (mean, mean)]
    for root in np.sqrt(of.ratios):
        wide, high = small * root, small / root
        pairs += [(wide, high), (high, wide)]
    shares = np.clip(np.array(pairs, dtype=np.float32), 0, 1).astype(np.float64)
    half = shares * of.unit / 2
    return np.hstack([-half, half])


def _yolo(of: LevelShapes) -> Float32Array:
    """Read widths and heights in turn, as YOLO's configs have them."""
    half = of.sizes.reshape(-1, 2).astype(np.float32) / np.float32(2)
    return np.hstack([-half, half])


# (A, 4) xyxy of the anchors of cell (0, 0) of a level, by style.
CELL_ANCHORS: dict[str, Callable[[LevelShapes], Float32Array]] = {
    "mmdetection": _mmdetection,
    "detectron2": _detectron2,
    "efficientdet": _efficientdet,
    "torchvision": _torchvision,
    "official": _official,
    "glip": _glip,
    "mmdetection-ssd": _mmdetection_ssd,
    "torchvision-ssd": _torchvision_ssd,
    "yolo": _yolo,
}
