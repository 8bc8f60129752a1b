"""The pixels of an image inside a page: scaled down, as the text of an address."""

import base64
import io

import numpy as np
import numpy.typing as npt
from PIL import Image

LONGEST_SIDE = 900
QUALITY = 72  # about 100 kB for a photograph
_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png"}


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
    content = mask.astype(np.uint8).tobytes()
    picture = Image.frombytes("P", mask.shape[::-1], content)
    picture.putpalette([0, 0, 0, 255, 255, 255])
    return _address(picture, "PNG", transparency=0, optimize=True, bits=1)


def _address(picture: Image.Image, file_format: str, **options: int | bool) -> str:
    """Write a picture into the text of an address."""
    stream = io.BytesIO()
    picture.save(stream, file_format, **options)
    content = base64.b64encode(stream.getvalue()).decode("ascii")
    return f"data:{_TYPES[file_format]};base64,{content}"
