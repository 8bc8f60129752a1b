"""The size of a picture as training will see it, from its header; no pixel is decoded.

Ultralytics' scan decides what counts: which formats it takes, that a picture turned by
its camera (EXIF) has width and height exchanged, that less than 10 px is no picture,
and that one cut short is corrupt. All of it is read here, nothing of it is mended.
"""

import os
import stat
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from PIL import Image, UnidentifiedImageError

# What Pillow reads of the formats that Ultralytics takes (8.4.190); it knows the first
# three from the start, the others are loaded on demand.
_COMMON = ("JPEG", "PNG", "BMP")
_RARE = ("TIFF", "WEBP", "AVIF", "JPEG2000")
_ORIENTATION = 0x0112
_QUARTER_TURNS = (5, 6, 7, 8)
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_LEAST_SIDE = 10
_JPEG_END = b"\xff\xd9"
_JPEG_SCAN = 0xDA
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
# A file cut short is looked through for its end, and no file is longer than this.
_LONGEST_SEARCHED = 1 << 28
_DAMAGE = (
    *(OSError, ValueError, TypeError, LookupError, ArithmeticError, SyntaxError),
    *(EOFError, MemoryError, NotImplementedError, AttributeError, struct.error),
    *(Image.DecompressionBombError, RecursionError),
)


class PictureSize(NamedTuple):
    """How large a picture is (pixels, 0 where it cannot be used), or why it is not."""

    height: int
    width: int
    problem: str = ""  # a reason of `findings.REASONS`; empty if all is well


MISSING = PictureSize(0, 0, "picture_missing")
UNREADABLE = PictureSize(0, 0, "picture_unreadable")
TOO_SMALL = PictureSize(0, 0, "picture_too_small")


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Let Pillow's warnings about odd files pass; around threads, not in them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read_size(path: str) -> PictureSize:
    """Read the size of a picture; raises nothing.

    Links are followed. What is no ordinary file, a pipe for one, is not opened.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return UNREADABLE
        with open(path, "rb") as file:
            return _read(file)
    except FileNotFoundError:
        return MISSING
    except _DAMAGE:
        return UNREADABLE


def _read(file: IO[bytes]) -> PictureSize:
    """Read the size of an open picture; raises one of `_DAMAGE`."""
    with _opened(file) as image:
        width, height = image.size
        kind = image.format
        if kind == "TIFF":  # of which some versions of Pillow exchange the sides
            tags = image.tag_v2  # type: ignore[attr-defined]
            width, height = tags[_TIFF_WIDTH], tags[_TIFF_HEIGHT]
            turn = tags.get(_ORIENTATION)
        else:
            turn = _orientation(image)
        if _is_cut_short(file, image):
            return UNREADABLE
    if turn in _QUARTER_TURNS:
        width, height = height, width
    if min(width, height) < _LEAST_SIDE:
        return TOO_SMALL
    return PictureSize(int(height), int(width))


def _opened(file: IO[bytes]) -> Image.Image:
    """Open a picture of one of the formats."""
    try:
        return Image.open(file, formats=_COMMON)
    except UnidentifiedImageError:
        Image.init()
        return Image.open(file, formats=[each for each in _RARE if each in Image.OPEN])


def _orientation(image: Image.Image) -> object:
    """Read how the camera was held; None where it does not say."""
    # A PNG may say so behind its pixels, which Pillow decodes on the way there.
    if image.format == "PNG" and "exif" not in image.info:
        return None
    try:
        return image.getexif().get(_ORIENTATION)
    except _DAMAGE:
        return None


def _is_cut_short(file: IO[bytes], image: Image.Image) -> bool:
    """Whether a JPEG or PNG lacks its end; what follows the end does not matter.

    Most files end with it, so that a look at the last bytes is enough.
    """
    if image.format == "JPEG":
        return _tail(file, len(_JPEG_END)) != _JPEG_END and _lacks_end(file)
    if image.format == "PNG" and _tail(file, len(_PNG_END)) != _PNG_END:
        file.seek(0)
        with Image.open(file, formats=["PNG"]) as again:
            again.verify()  # the checksums of all its parts; raises
    return False


def _tail(file: IO[bytes], number: int) -> bytes:
    file.seek(-number, os.SEEK_END)
    return file.read(number)


def _lacks_end(file: IO[bytes]) -> bool:
    """Whether a JPEG has no end after the beginning of its pixels.

    The markers before may hold a small picture with an end of its own.
    """
    file.seek(0)
    content = file.read(_LONGEST_SEARCHED)
    place = 2
    while place + 4 <= len(content) and content[place + 1] != _JPEG_SCAN:
        if content[place] != 0xFF or content[place + 1] == 0xFF:
            place += 1  # a byte of filling
            continue
        place += 2 + int.from_bytes(content[place + 2 : place + 4], "big")
    return content.find(_JPEG_END, place) < 0
