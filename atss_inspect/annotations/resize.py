"""How a framework resizes and pads an image, and its boxes with it.

Rounding decides: one pixel more or less changes every coordinate of an image, and
with it the assignment. So each framework's arithmetic is spelled out.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import numpy as np

from atss_inspect.annotations.letterbox import (
    LETTERBOXES,
    Letterbox,
    label_shares,
    loaded_sizes,
    to_square,
)
from atss_inspect.arrays import Float32Array, Float64Array, IntArray
from atss_inspect.fields import WHOLE, Limit, at_least, setting

Floats = TypeVar("Floats", Float32Array, Float64Array)
RuleName = Literal[
    "mmdetection",
    "truncated",
    "efficientdet",
    "detectron2",
    "torchvision",
    "official",
    "stretch",
    "letterbox",
    "ultralytics-8.3",
    "ultralytics",
    "yolov5",
    "none",
]
# Sizes of images to try, as multiples of today's.
SIZES_TO_TRY = (1, 1.25, 1.5, 2)

# Larger images are no input of a detector, and their anchors could not be numbered.
SIDE = Limit(
    lambda value: 1 <= value <= 100_000,
    "a whole number from 1 to 100000",
    ends=(1, 100_000),
)


@dataclass(frozen=True)
class ResizeRule:
    """From original to input to padded size."""

    # whose arithmetic; ``truncated`` is mmdetection's FixScaleResize, ``efficientdet``
    # the same, but boxes take the factor itself; ``stretch`` and ``letterbox`` go to a
    # fixed ``size``, those of Ultralytics (``ultralytics-8.3`` with a border of whole
    # pixels) and YOLOv5 to a square of it, boxes first to the text of labels; ``none``
    # leaves images as they are
    rule: RuleName = "mmdetection"
    # short_side, long_side: the shorter side is brought to ``short_side`` unless the
    # longer would exceed ``long_side`` (pixels)
    short_side: int = setting(800, SIDE)
    long_side: int = setting(1333, SIDE)
    # (height, width) for ``stretch`` and letterboxes; one number: of a square
    size: tuple[int, int] = setting((640, 640), each=SIDE, aliases=("imgsz",))
    # the padded size is the next multiple of this
    pad_divisor: int = setting(
        32,
        at_least(1, WHOLE, most=100_000),
        aliases=("pad_size_divisor", "size_divisibility"),
    )
    # (height, width) of the batch to imitate, or empty for a batch of one
    pad_to: tuple[int, ...] = setting(
        (),
        Limit(
            lambda sides: len(sides) in (0, 2), "a height and a width, or an empty list"
        ),
        each=SIDE,
    )

    @property
    def has_fixed_size(self) -> bool:
        """Whether every image gets the same ``size``."""
        return self.rule in ("stretch", "letterbox", *LETTERBOXES)

    @property
    def letterbox(self) -> Letterbox | None:
        """Whose way through label text and a square; None where there is none."""
        return LETTERBOXES.get(self.rule)

    @property
    def side(self) -> int:
        """Side of that square: up to the next multiple of the divisor."""
        return -(-max(self.size) // self.pad_divisor) * self.pad_divisor

    @property
    def has_sides(self) -> bool:
        """Whether images go by ``short_side`` and ``long_side``."""
        return self.rule in _KEEP_RATIO

    @property
    def sorts_sides(self) -> bool:
        """Whether the smaller one of both limits is that of the short side."""
        return self.rule in ("mmdetection", "truncated", "efficientdet")

    def scaled(self, factor: float) -> dict[str, Any]:
        """Sides of larger or smaller images, and of their batch, by name.

        Nothing where images are left as they are.
        """
        if self.rule == "none":
            return {}
        if self.has_fixed_size:
            sides: dict[str, Any] = {"size": _times(self.size, factor)}
        else:
            short, long = _times((self.short_side, self.long_side), factor)
            sides = {"short_side": short, "long_side": long}
        if self.pad_to:
            sides["pad_to"] = tuple(math.ceil(side * factor) for side in self.pad_to)
        return sides


def _times(sides: tuple[int, ...], factor: float) -> tuple[int, ...]:
    """Scale sides, each at least 1 px."""
    return tuple(max(round(side * factor), 1) for side in sides)


def input_sizes(original: Float64Array, rule: ResizeRule) -> IntArray:
    """Compute the size of each image after the resize rule.

    Parameters
    ----------
    original : (I, 2) height, width in original pixels, positive

    Returns
    -------
    (I, 2) int64 height, width in input pixels, at least 1.
    """
    if rule.letterbox:
        sizes = loaded_sizes(original, rule.side, rule.letterbox)
    elif rule.has_fixed_size:
        sizes = np.broadcast_to(np.array(rule.size, dtype=np.int64), original.shape)
    elif rule.rule == "none":
        sizes = original.astype(np.int64)
    else:
        sizes = _KEEP_RATIO[rule.rule](original, rule).astype(np.int64)
    at_least_one: IntArray = np.maximum(sizes, 1)
    return at_least_one


def _one_factor(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Factor of each image, the smaller limit for the shorter side; (I, 1)."""
    short, long = original.min(axis=1), original.max(axis=1)
    limits = sorted((rule.short_side, rule.long_side))
    factor: Float64Array = np.minimum(limits[1] / long, limits[0] / short)
    return factor[:, None]


def _times_one_factor(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Scale by one factor, the smaller limit for the shorter side."""
    scaled: Float64Array = original * _one_factor(original, rule)
    return scaled


def _resize_mmdetection(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Scale by one factor, then int(x + 0.5) (mmcv ``rescale_size``)."""
    rounded: Float64Array = np.floor(_times_one_factor(original, rule) + 0.5)
    return rounded


def _resize_truncated(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Scale by one factor, then int(x) (``FixScaleResize``, effdet's ``ResizePad``)."""
    rounded: Float64Array = np.floor(_times_one_factor(original, rule))
    return rounded


def _resize_detectron2(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Scale to the short side, then down to the long side (``ResizeShortestEdge``)."""
    factor = rule.short_side / original.min(axis=1)
    is_short = original == original.min(axis=1, keepdims=True)
    # A square image: detectron2 scales its height, width is set to the short side.
    is_short[:, 0] &= ~is_short[:, 1]
    scaled = np.where(is_short, float(rule.short_side), original * factor[:, None])
    longest = scaled.max(axis=1, keepdims=True)
    down = np.where(longest > rule.long_side, rule.long_side / longest, 1.0)
    rounded: Float64Array = np.floor(scaled * down + 0.5)
    return rounded


def _resize_torchvision(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Take one factor in double, then floor (``GeneralizedRCNNTransform``).

    ``interpolate(recompute_scale_factor=True)`` floors, so that rounding of the factor
    makes some short sides 799 (for heights 97, 161, 167, ...).
    """
    factor = np.minimum(
        rule.short_side / original.min(axis=1), rule.long_side / original.max(axis=1)
    )
    scaled: Float64Array = np.floor(original * factor[:, None])
    return scaled


def _resize_official(original: Float64Array, rule: ResizeRule) -> Float64Array:
    """Round the short side half-even, truncate the long one (maskrcnn-benchmark)."""
    short = original.min(axis=1, keepdims=True)
    long = original.max(axis=1, keepdims=True)
    limited = np.rint(rule.long_side * short / long)
    is_limited = long / short * rule.short_side > rule.long_side
    side = np.where(is_limited, limited, float(rule.short_side))
    is_short = original == short
    scaled = np.floor(side * original / short)
    unchanged = short == side
    return np.where(unchanged, original, np.where(is_short, side, scaled))


_KEEP_RATIO = {
    "mmdetection": _resize_mmdetection,
    "truncated": _resize_truncated,
    "efficientdet": _resize_truncated,
    "detectron2": _resize_detectron2,
    "torchvision": _resize_torchvision,
    "official": _resize_official,
}


def canvas_sizes(inputs: IntArray, rule: ResizeRule) -> IntArray:
    """What boxes are clipped to, (I, 2): the input image, or the square around it."""
    return np.full_like(inputs, rule.side) if rule.letterbox else inputs


def padded_sizes(inputs: IntArray, rule: ResizeRule) -> IntArray:
    """Pad (I, 2) input sizes right and below: to the batch, then to the divisor.

    Letterboxed images are their fixed size already, so only the divisor matters.
    """
    padded = inputs
    if rule.pad_to and not rule.letterbox:
        padded = np.maximum(padded, np.array(rule.pad_to, dtype=np.int64))
    blocks: IntArray = -(-padded // rule.pad_divisor)
    return blocks * rule.pad_divisor


def resize_boxes(
    corners: Float64Array,
    original: Float64Array,
    inputs: IntArray,
    rule: ResizeRule,
    normalized: Float32Array | None = None,
) -> Float64Array:
    """Carry (G, 4) xyxy boxes from original to input pixels, not yet clipped.

    Parameters
    ----------
    corners : (G, 4) float64 xyxy in original pixels
    original, inputs : (G, 2) height, width of each box's image before and after
    normalized : (G, 4) float32 center x, center y, width, height as shares of the
        image, NaN where the file is in pixels; None where it has none. Letterboxing
        takes them in place of the corners

    Returns
    -------
    (G, 4) float64. All but detectron2 multiply float32 boxes by float32 factors, so
    their values are float32 numbers; detectron2 stays in double until it has clipped.
    Without a resize, boxes stay as they are.
    """
    if rule.rule == "none":
        return corners
    if rule.letterbox:
        if normalized is None:
            xywh = np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
            normalized = label_shares(xywh, original, None)
        square = to_square(normalized, original, rule.side, rule.letterbox)
        return square.astype(np.float64)
    if rule.rule == "letterbox":
        return _letterbox_boxes(corners, original, inputs, normalized)
    if rule.rule == "detectron2":
        factors = inputs / original
        return corners * np.tile(factors[:, ::-1], 2)
    if rule.rule == "torchvision":
        single = inputs.astype(np.float32) / original.astype(np.float32)
    elif rule.rule == "efficientdet":
        single = np.tile(_one_factor(original, rule), 2).astype(np.float32)
    else:
        single = (inputs / original).astype(np.float32)
    scaled: Float32Array = corners.astype(np.float32) * np.tile(single[:, ::-1], 2)
    return scaled.astype(np.float64)


def flip_boxes(boxes: Floats, sizes: Float64Array, *, slack: float = 0.0) -> Floats:
    """Flip (G, 4) xyxy boxes left to right, in their own precision.

    ``sizes`` are (G, 2) height, width of the boxes' images; ``slack`` is 1 where pixels
    are inclusive.
    """
    flipped = boxes.copy()
    widths = sizes[:, 1, None].astype(boxes.dtype)
    flipped[:, ::2] = widths - boxes[:, 2::-2] - boxes.dtype.type(slack)
    return flipped


def _letterbox_boxes(
    corners: Float64Array,
    original: Float64Array,
    inputs: IntArray,
    normalized: Float32Array | None,
) -> Float64Array:
    """Scale by one factor and shift by half the empty border (YOLO letterbox)."""
    factor = (inputs / original).min(axis=1, keepdims=True)
    filled = np.rint(original * factor)
    # The border left over is split in two; the odd pixel goes right and below.
    border = np.tile(np.rint((inputs - filled) / 2 - 0.1)[:, ::-1], 2)
    boxes: Float32Array = (corners * factor + border).astype(np.float32)
    if normalized is not None:
        is_given = ~np.isnan(normalized[:, 0])
        shifted = denormalize(normalized, filled) + border.astype(np.float32)
        boxes[is_given] = shifted[is_given]
    rounded: Float64Array = boxes.astype(np.float64)
    return rounded


def denormalize(normalized: Float32Array, sizes: Float64Array) -> Float32Array:
    """Turn shares of an image into pixels as Ultralytics does, all in float32.

    Parameters
    ----------
    normalized : (G, 4) float32 center x, center y, width, height
    sizes : (G, 2) height, width of each box's image

    Returns
    -------
    (G, 4) float32 xyxy. The corners come first, then the product: the other order
    differs in the last bit.
    """
    center: Float32Array = normalized[:, :2]
    half: Float32Array = normalized[:, 2:] / np.float32(2)
    corners: Float32Array = np.hstack([center - half, center + half])
    pixels: Float32Array = corners * np.tile(sizes[:, ::-1], 2).astype(np.float32)
    return pixels
