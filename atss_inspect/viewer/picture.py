"""Pixels and masks of an image for the page: addresses of pictures, and polygons."""

import base64
import io
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers.masks import rasterize
from atss_inspect.viewer.encoding import decimals

Outline = dict[str, Any]
# A page with a hundred objects of more points than these would be slow to move about.
_MOST_POINTS = 400
_LARGEST = 1e6  # pixels; farther out is nonsense
LONGEST_SIDE = 900
QUALITY = 72  # about 100 kB for a photograph


def picture_room(
    size: tuple[float, float], longest: int = LONGEST_SIDE
) -> tuple[int, int]:
    """Scale a height and width down so that the longer side is at most ``longest``."""
    factor = min(longest / max(size), 1.0)
    height, width = (max(round(side * factor), 1) for side in size)
    return height, width


def picture_uri(
    pixels: npt.NDArray[np.uint8],
    *,
    longest: int = LONGEST_SIDE,
    quality: int = QUALITY,
) -> str:
    """Encode a picture as a ``data:`` address, the same bytes for the same pixels.

    Parameters
    ----------
    pixels : (height, width, 3) uint8
    longest : scaled down to this many pixels on the longer side
    quality : of the JPEG, 1 to 95
    """
    picture = Image.fromarray(pixels)
    height, width = picture_room(pixels.shape[:2], longest)
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.BOX)
    return _address(picture, "JPEG", quality=quality)


def mask_uri(mask: npt.NDArray[np.bool_]) -> str:
    """Encode a (height, width) mask as a ``data:`` address, clear where it is False."""
    # A palette of two colors, the first one transparent: a few hundred bytes.
    picture = Image.frombytes("P", mask.shape[::-1], mask.astype(np.uint8).tobytes())
    picture.putpalette([0, 0, 0, 255, 255, 255])
    return _address(picture, "PNG", transparency=0, optimize=True, bits=1)


def _address(picture: Image.Image, file_format: str, **options: int | bool) -> str:
    stream = io.BytesIO()
    picture.save(stream, file_format, **options)
    content = base64.b64encode(stream.getvalue()).decode("ascii")
    return f"data:image/{file_format.lower()};base64,{content}"


def object_outlines(image: Dataset) -> list[Outline | None]:
    """Encode the mask of each object of one image, in original pixels.

    Returns for each object ``{"polygons": [[x, y, x, y, ...], ...]}``, or a picture
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
    is_list = isinstance(points, list | tuple)
    if not is_list or len(points) < 6 or len(points) % 2:
        return None
    # Numbers near some image, which NaN is not either.
    if not all(type(each) in (int, float) and abs(each) < _LARGEST for each in points):
        return None
    corners = np.array(points, dtype=np.float64).reshape(-1, 2)
    return decimals(corners[:: -(-len(corners) // _MOST_POINTS)], 1)


def _small_picture(
    lengths: Mapping[str, Any], size: tuple[float, float]
) -> Outline | None:
    """Draw run lengths at the size of the page's picture, and cut the object out."""
    height, width = room = picture_room(size, LONGEST_SIDE)
    corners = (0.0, 0.0, float(width), float(height))
    mask = rasterize(lengths, original_size=size, input_size=room, corners=corners)
    if mask is None or not mask.any():
        return None
    (top, bottom), (left, right) = (
        np.flatnonzero(mask.any(axis=axis))[[0, -1]].tolist() for axis in (1, 0)
    )
    x, y = size[1] / width, size[0] / height
    box = [left * x, top * y, (right + 1) * x, (bottom + 1) * y]
    return {
        "mask": mask_uri(mask[top : bottom + 1, left : right + 1]),
        "box": [round(side, 2) for side in box],
    }
