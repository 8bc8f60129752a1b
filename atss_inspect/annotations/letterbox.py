"""The way of a box through YOLO training: label text, letterbox, affine step, loss.

Ultralytics and YOLOv5 write boxes as text of six digits, bring the longer side of an
image to that of a square, center it there, and leave out what is small afterwards. Each
step rounds to float32 in its own place. Mosaic and random affine steps are not drawn.
"""

from dataclasses import dataclass

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, Float64Array, IntArray

_DIGITS = 6
_MOST_TEN = 22  # the largest power of ten that a double holds
_SPLIT = 2.0**27 + 1
_NO_AREA = 1e-16  # what the frameworks add to divisors


@dataclass(frozen=True)
class Letterbox:
    """Whose arithmetic."""

    is_capped: bool  # rounding up never makes a side longer than the square
    is_whole: bool  # the border left and above is of whole pixels
    is_yolov5: bool  # its order of products, and its clip


# By resize rule. Ultralytics had whole borders from 8.3.100 to 8.4.20, and has halves
# from 8.4.60 on.
LETTERBOXES = {
    "ultralytics-8.3": Letterbox(is_capped=True, is_whole=True, is_yolov5=False),
    "ultralytics": Letterbox(is_capped=True, is_whole=False, is_yolov5=False),
    "yolov5": Letterbox(is_capped=False, is_whole=False, is_yolov5=True),
}


def six_digits(values: Float64Array) -> Float64Array:
    """Round to six significant digits as ``"%g"`` does, and read that back.

    Any shape. What is below 1e-17 may be 0, what is above 1e6 is only near: no box of
    an image has either.

    Notes
    -----
    Decimal ties are decided by what a double misses of them. The product with a power
    of ten is taken with its rounding error (Dekker 1971), which says on which side the
    exact one lies.
    """
    size = np.abs(values)
    with np.errstate(divide="ignore"):  # of 0
        exponent = np.floor(np.log10(size))
    places = np.clip(_DIGITS - 1 - exponent, 0, _MOST_TEN)
    # The logarithm rounds, too: it may be that of the next power.
    places += size * _power(places) < 10.0 ** (_DIGITS - 1)
    places -= size * _power(places) >= 10.0**_DIGITS
    ten = _power(np.clip(places, 0, _MOST_TEN))
    product = size * ten
    error = _product_error(size, ten, product)
    whole = np.floor(product)
    beyond = product - whole - 0.5
    goes_up = (beyond > 0) | ((beyond == 0) & (error > 0))
    goes_up |= (beyond == 0) & (error == 0) & (whole % 2 == 1)
    # A product that rounds up to a whole number lies below it, where it belongs.
    rounded: Float64Array = np.copysign((whole + goes_up) / ten, values)
    return rounded


def _power(places: Float64Array) -> Float64Array:
    """Powers of ten, each the nearest double."""
    powers = np.array([float(f"1e{n}") for n in range(_MOST_TEN + 1)])
    found: Float64Array = powers[np.clip(places, 0, _MOST_TEN).astype(np.int64)]
    return found


def _product_error(
    a: Float64Array, b: Float64Array, product: Float64Array
) -> Float64Array:
    """What the rounded product of a and b lacks of the exact one."""
    high_a, high_b = ((x * _SPLIT) - (x * _SPLIT - x) for x in (a, b))
    low_a, low_b = a - high_a, b - high_b
    error: Float64Array = (
        high_a * high_b - product + high_a * low_b + low_a * high_b + low_a * low_b
    )
    return error


def label_shares(
    xywh: Float64Array, sizes: Float64Array, given: Float32Array | None
) -> Float32Array:
    """Center and size of boxes as shares of their image, as labels have them.

    Parameters
    ----------
    xywh : (G, 4) float64 x, y, width, height in original pixels
    sizes : (G, 2) height, width of each box's image
    given : (G, 4) float32 what label files say, NaN for boxes of other files; or None

    Returns
    -------
    (G, 4) float32 center x, center y, width, height: through text of six digits.
    """
    across = sizes[:, ::-1]
    center = (xywh[:, :2] + xywh[:, 2:] / 2) / across
    shares = six_digits(np.hstack([center, xywh[:, 2:] / across])).astype(np.float32)
    if given is not None:
        is_given = ~np.isnan(given[:, 0])
        shares[is_given] = given[is_given]
    return shares


def loaded_sizes(original: Float64Array, side: int, box: Letterbox) -> IntArray:
    """Sizes of images brought to the side of a square, (I, 2) height, width.

    Without the cap some long sides are a pixel longer than the square (YOLOv5: of 147,
    281, 294, 525 ... pixels at 640).
    """
    factor = side / original.max(axis=1, keepdims=True)
    sizes = np.where(factor == 1, original, np.ceil(original * factor))
    sizes = np.minimum(sizes, side) if box.is_capped else sizes
    return sizes.astype(np.int64)


def to_square(
    shares: Float32Array, original: Float64Array, side: int, box: Letterbox
) -> Float32Array:
    """Carry (G, 4) shares of an image to xyxy in the square, not yet clipped.

    ``original`` is (G, 2) height, width of each box's image.
    """
    sizes = loaded_sizes(original, side, box)
    factor = np.minimum(side / sizes.max(axis=1, keepdims=True), 1.0)
    border = (side - np.rint(sizes * factor)) / 2
    if box.is_whole:
        border = np.rint(border - 0.1)
    half = shares[:, 2:] / np.float32(2)
    corners = np.hstack([shares[:, :2] - half, shares[:, :2] + half])
    scale, shift = (
        np.tile(each[:, ::-1], 2).astype(np.float32)
        for each in (sizes * factor, border)
    )
    boxes: Float32Array = corners * scale + shift
    return boxes


def is_kept(
    before: Float32Array, after: Float32Array, box: Letterbox, limits: tuple[float, ...]
) -> BoolArray:
    """Which boxes stay after the affine step; (G,) bool.

    ``before`` and ``after`` clipping, (G, 4) xyxy. Kept are those with both sides above
    the first limit, more than the second as share of their area, and sides of which
    none is as many times the other as the third.
    """
    width, height = (before[:, 2:] - before[:, :2]).T
    exact = after.astype(np.float64) if box.is_yolov5 else after
    left_width, left_height = (exact[:, 2:] - exact[:, :2]).T
    side, share, aspect = limits
    area = left_width * left_height / (width * height + _NO_AREA)
    ratios = (
        left_width / (left_height + _NO_AREA),
        left_height / (left_width + _NO_AREA),
    )
    kept: BoolArray = (left_width > side) & (left_height > side)
    kept &= area > share
    kept &= np.maximum(*ratios) < aspect
    return kept


def to_loss(
    boxes: Float32Array, side: int, box: Letterbox, *, is_flipped: bool = False
) -> Float32Array:
    """Corners as the loss of Ultralytics has them, (G, 4) float32 xyxy.

    Boxes go there as center and size in shares of the square, and come back; a flip
    moves the center between (``Instances.fliplr``). What YOLOv5's loss gets are the
    shares (`square_shares`): its corners are only clipped, and come flipped.
    """
    if box.is_yolov5:
        return np.clip(boxes, 0, side - 1e-3).astype(np.float32)
    shares = _center_and_size(boxes)
    if is_flipped:
        shares[:, 0] = np.float32(side) - shares[:, 0]
    shares = shares / np.float32(side) * np.float32(side)
    half = shares[:, 2:] / np.float32(2)
    corners: Float32Array = np.hstack([shares[:, :2] - half, shares[:, :2] + half])
    return corners


def square_shares(boxes: Float32Array, sides: IntArray | int) -> Float32Array:
    """Center and size as shares of the padded image, (G, 4) float32, as YOLOv5's loss.

    ``sides`` is that of the square, or (G, 4) width, height, width, height.
    """
    shares: Float32Array = _center_and_size(boxes) / np.float32(sides)
    return shares


def _center_and_size(boxes: Float32Array) -> Float32Array:
    """Center x, y, width, height of (G, 4) xyxy."""
    near, far = boxes[:, :2], boxes[:, 2:]
    found: Float32Array = np.hstack([(near + far) / np.float32(2), far - near])
    return found
