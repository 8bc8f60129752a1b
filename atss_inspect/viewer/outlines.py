"""Masks of objects for the page: polygons, or small pictures of run lengths."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import BoolArray
from atss_inspect.readers.masks import rasterize
from atss_inspect.viewer.picture import LONGEST_SIDE, mask_uri, picture_room

Outline = dict[str, Any]
# A page with a hundred objects of more points than these would be slow to move about.
_MOST_POINTS = 400
_LARGEST = 1e6  # pixels; farther out is nonsense


def object_outlines(image: Dataset) -> list[Outline | None]:
    """Encode the mask of each object of one image, in original pixels.

    Returns
    -------
    For each object ``{"polygons": [[x, y, x, y, ...], ...]}``, or a picture
    ``{"mask": data URI, "box": [x1, y1, x2, y2]}`` of run lengths; None where there is
    no mask, or none that makes sense.
    """
    if image.segmentations is None:
        return [None] * image.num_objects
    height, width = image.image_sizes[0].tolist()
    return [_outline(each, (height, width)) for each in image.segmentations]


def _outline(segmentation: Any, size: tuple[float, float]) -> Outline | None:
    """Take the mask of one object, which may be anything."""
    if isinstance(segmentation, Mapping):
        return _small_picture(segmentation, size)
    if not isinstance(segmentation, list | tuple):
        return None
    polygons = [points for each in segmentation if (points := _polygon(each))]
    return {"polygons": polygons} if polygons else None


def _polygon(points: Any) -> list[float | int] | None:
    """Round the corners of a polygon, leaving some out where there are very many."""
    if not isinstance(points, list | tuple) or len(points) < 6 or len(points) % 2:
        return None
    if not all(_is_usable(value) for value in points):
        return None
    corners = np.array(points, dtype=np.float64).reshape(-1, 2)
    step = -(-len(corners) // _MOST_POINTS)
    rounded = np.round(corners[::step], 1).ravel().tolist()
    return [int(value) if value == int(value) else value for value in rounded]


def _is_usable(value: Any) -> bool:
    """Whether a coordinate is a number near some image."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and abs(value) < _LARGEST  # not so either for NaN


def _small_picture(
    lengths: Mapping[str, Any], size: tuple[float, float]
) -> Outline | None:
    """Draw run lengths at the size of the page's picture, and cut the object out."""
    height, width = room = picture_room(size, LONGEST_SIDE)
    corners = (0.0, 0.0, float(width), float(height))
    mask = rasterize(lengths, original_size=size, input_size=room, corners=corners)
    if mask is None or not mask.any():
        return None
    top, bottom = _extent(np.logical_or.reduce(mask, axis=1))
    left, right = _extent(np.logical_or.reduce(mask, axis=0))
    x, y = size[1] / width, size[0] / height
    box = [left * x, top * y, right * x, bottom * y]
    return {
        "mask": mask_uri(mask[top:bottom, left:right]),
        "box": [round(side, 2) for side in box],
    }


def _extent(is_inside: BoolArray) -> tuple[int, int]:
    """Find the first and one past the last True."""
    found = np.flatnonzero(is_inside)
    return int(found[0]), int(found[-1]) + 1
