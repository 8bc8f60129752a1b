"""Segmentations as masks: polygons and run lengths, decoded by pycocotools."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
from pycocotools import mask as coco_mask

from atss_inspect.arrays import BoolArray, Float64Array

# What arithmetic on data of any shape, and pycocotools, raise for nonsense.
_ERRORS = (ValueError, TypeError, LookupError, OverflowError)
_Corners = tuple[float, float, float, float]
# Polygons farther out than so many image sides are nonsense, and slow to fill.
_FARTHEST = 8
# Nor is a larger image decoded: 268 million pixels.
_MOST_PIXELS = 1 << 28


def rasterize(
    segmentation: Any,
    *,
    original_size: tuple[float, float],
    input_size: tuple[int, int],
    corners: _Corners,
) -> BoolArray | None:
    """Draw the mask of one object into the input image.

    ``segmentation`` is raw, as COCO writes it: polygons in original pixels, or run
    lengths, compressed or not; the sizes are height, width of the image in original
    pixels and of the input image; ``corners`` x1, y1, x2, y2 of the picture in it.
    Returns (height, width) bool of the input image; None for a segmentation that is
    missing or makes no sense.

    Polygons are scaled and then filled; run lengths are decoded and each input pixel
    takes the original pixel under its middle.
    """
    if not segmentation:
        return None
    try:
        if isinstance(segmentation, Mapping):
            mask = _decode(segmentation, original_size)
            return _carried_over(mask, input_size, corners)
        polygons = _scaled(segmentation, original_size, corners)
        lengths = coco_mask.merge(coco_mask.frPyObjects(polygons, *input_size))
        with warnings.catch_warnings():
            # pycocotools up to 2.0.10 is not quite made for NumPy 2.
            warnings.simplefilter("ignore", DeprecationWarning)
            return np.asarray(coco_mask.decode(lengths), dtype=bool)
    except _ERRORS:
        return None


def _scaled(
    polygons: Any, original_size: tuple[float, float], corners: _Corners
) -> list[list[float]]:
    """Scale polygons, which lie in original pixels."""
    height, width = original_size
    x1, y1, x2, y2 = corners
    scaled = []
    for polygon in polygons:
        points: Float64Array = np.array(polygon, dtype=np.float64).reshape(-1, 2)
        reach = np.abs(points / (width, height)).max(initial=0)
        if len(points) < 3 or not reach <= _FARTHEST:  # not so either for NaN
            message = "a polygon needs three points, near the image"
            raise ValueError(message)
        points = points * ((x2 - x1) / width, (y2 - y1) / height) + (x1, y1)
        scaled.append(points.ravel().tolist())
    return scaled


def _decode(
    lengths: Mapping[str, Any], original_size: tuple[float, float]
) -> BoolArray:
    """Decode run lengths, compressed or not, into the original image."""
    size, counts = lengths["size"], lengths["counts"]
    if tuple(size) != tuple(original_size) or np.prod(original_size) > _MOST_PIXELS:
        message = f"expected run lengths of {original_size}, not too large, got {size}"
        raise ValueError(message)
    if isinstance(counts, str | bytes):
        counts = _runs_of(counts)
    runs = np.array(counts, dtype=np.int64)
    height, width = map(int, size)
    # None is longer than the image either: their sum would overflow, and NumPy would
    # then write beyond the mask.
    has_sense = runs.ndim == 1 and ((runs >= 0) & (runs <= height * width)).all()
    if not has_sense or runs.sum() != height * width:
        message = f"run lengths must add up to {height * width}"
        raise ValueError(message)
    values = np.arange(len(runs)) % 2 == 1
    mask: BoolArray = np.repeat(values, runs).reshape(width, height).T
    return mask


def _runs_of(text: str | bytes) -> list[int]:
    """Read compressed run lengths: five bits a sign, from the third on differences.

    Not by pycocotools, which trusts them to add up to the image: where they do not, it
    reads or writes memory beyond it.
    """
    signs = text.encode("ascii") if isinstance(text, str) else text
    runs: list[int] = []
    value = shift = 0
    for sign in signs:
        bits = sign - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        value -= (1 << shift) if bits & 16 else 0
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs


def _carried_over(
    mask: BoolArray, input_size: tuple[int, int], corners: _Corners
) -> BoolArray:
    """Take, for the middle of each input pixel, the original pixel it lies on."""
    x1, y1, x2, y2 = corners
    height, width = mask.shape
    rows = np.floor((np.arange(input_size[0]) + 0.5 - y1) * height / (y2 - y1))
    columns = np.floor((np.arange(input_size[1]) + 0.5 - x1) * width / (x2 - x1))
    row, column = rows.astype(np.int64), columns.astype(np.int64)
    carried: BoolArray = mask[row.clip(0, height - 1)][:, column.clip(0, width - 1)]
    carried[(row < 0) | (row >= height)] = False
    carried[:, (column < 0) | (column >= width)] = False
    return carried
