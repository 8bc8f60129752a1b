"""The size of a picture as training will see it, from its header; no pixel is decoded.

Ultralytics' scan decides what counts: which formats it takes, that a picture turned by
its camera (EXIF) has width and height exchanged, that less than 10 px is no picture,
and that one cut short is corrupt. All of it is read here, nothing of it is mended.
"""

import os
import re
import struct
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple, cast

from PIL import Image, UnidentifiedImageError

from atss_inspect.readers.source import CHUNK_BYTES, is_shut, open_regular

# What Pillow reads of the formats that Ultralytics takes (8.4.190); it knows the first
# three from the start, the others are loaded on demand.
_COMMON = ("JPEG", "PNG", "BMP")
_RARE = ("TIFF", "WEBP", "AVIF", "JPEG2000")
# The EXIF tag that says how a camera was held, and its values for a quarter turn.
ORIENTATION = 0x0112
QUARTER_TURNS = (5, 6, 7, 8)
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_LEAST_SIDE = 10
_JPEG_END = b"\xff\xd9"
_JPEG_SCAN = b"\xda"
_PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
# A header is looked for in so many bytes, read in so many pieces; profiles of colors
# and notes of a camera may take a megabyte or two. Formats that are read whole, and
# files that are looked through for their end, may have more.
_LONGEST_HEADER = 1 << 23
_LONGEST_WHOLE = 1 << 26
_LONGEST_SEARCHED = 1 << 28
_MOST_PIECES, _LEAST_PIECE = 20_000, 1000  # such as are longer do not count
# A marker and the length of what follows; bytes of filling may stand before it.
_MARKER = re.compile(rb"\xff([^\xff])(..)", re.DOTALL)
# What decoders raise for files that are damaged or not what they seem.
DECODING_ERRORS = (
    *(OSError, ValueError, TypeError, LookupError, ArithmeticError, SyntaxError),
    *(EOFError, MemoryError, NotImplementedError, AttributeError, struct.error),
    *(Image.DecompressionBombError, RecursionError),
)


class BoundedFile:
    """An open file for Pillow, of which no more than a picture needs is read.

    Raises `OSError` beyond it. Where all is read to the end, it ends at its first hole:
    a file of a few kB on the disk may be as long as it likes.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.allow(_LONGEST_HEADER)
        self.seek, self.tell = file.seek, file.tell

    def allow(self, number: int) -> None:
        """Let so many bytes be read from now on."""
        self._left, self._pieces = number, _MOST_PIECES

    def read(self, number: int = -1) -> bytes:
        """Read a piece."""
        if number < 0:
            self.allow(_LONGEST_WHOLE)
            number = max(first_hole(self._file) - self.tell(), 0)
        content = self._file.read(min(number, self._left))
        self._pieces += len(content) // _LEAST_PIECE - 1
        self._left -= len(content)
        if self._pieces < 0 or (self._left == 0 and len(content) < number):
            message = "more is read than the header of a picture takes"
            raise OSError(message)
        return content

    def count(self, content: bytes, place: int = 0, *, most: int = 0) -> int:
        """Count how often some bytes are there from a place on; up to one above most.

        The end, or the first hole, of a file is its end.
        """
        self.allow(_LONGEST_SEARCHED)
        found, before, end = 0, b"", first_hole(self._file)
        for start in range(self.seek(place), end, CHUNK_BYTES):
            part = before + self.read(min(CHUNK_BYTES, end - start))
            found += part.count(content)
            if found > most:
                break
            before = part[1 - len(content) :]
        return found


def first_hole(file: IO[bytes]) -> int:
    """Where a file ends, or has its first hole of what was never written."""
    place, end = file.tell(), file.seek(0, os.SEEK_END)
    try:
        end = file.seek(0, os.SEEK_HOLE)
    except (AttributeError, OSError):  # not on every system; of an empty file
        pass
    finally:
        file.seek(place)
    return end


class PictureSize(NamedTuple):
    """How large a picture is (pixels, 0 where it cannot be used), or why it is not."""

    height: int
    width: int
    problem: str = ""  # a reason of `findings.REASONS`; empty if all is well


MISSING = PictureSize(0, 0, "picture_missing")
UNOPENED = PictureSize(0, 0, "picture_unopened")
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
        with open_regular(path) as file:
            return _read(BoundedFile(file))
    except FileNotFoundError:
        return MISSING
    except DECODING_ERRORS as error:
        is_unopened = isinstance(error, OSError) and is_shut(error)
        return UNOPENED if is_unopened else UNREADABLE


def _read(file: BoundedFile) -> PictureSize:
    """Read the size of an open picture; raises one of `DECODING_ERRORS`."""
    with _opened(file) as image:
        width, height = image.size
        kind = image.format
        if kind == "TIFF":  # of which some versions of Pillow exchange the sides
            tags = image.tag_v2  # type: ignore[attr-defined]
            width, height = tags[_TIFF_WIDTH], tags[_TIFF_HEIGHT]
            turn = tags.get(ORIENTATION)
        else:
            turn = _orientation(image)
        if _is_cut_short(file, image):
            return UNREADABLE
    if turn in QUARTER_TURNS:
        width, height = height, width
    if min(width, height) < _LEAST_SIDE:
        return TOO_SMALL
    return PictureSize(int(height), int(width))


def open_picture(
    file: IO[bytes] | BoundedFile, formats: Collection[str]
) -> Image.Image:
    """Open a picture of one of these formats, as far as this Pillow knows them."""
    if not Image.OPEN.keys() >= set(formats):
        Image.init()
    known = [each for each in formats if each in Image.OPEN]
    return Image.open(cast("IO[bytes]", file), formats=known)


def _opened(file: BoundedFile) -> Image.Image:
    """Open a picture of one of the formats."""
    try:
        return open_picture(file, _COMMON)
    except UnidentifiedImageError:
        return open_picture(file, _RARE)


def _orientation(image: Image.Image) -> object:
    """Read how the camera was held; None where it does not say."""
    # A PNG may say so behind its pixels, which Pillow decodes on the way there.
    if image.format == "PNG" and "exif" not in image.info:
        return None
    try:
        return image.getexif().get(ORIENTATION)
    except DECODING_ERRORS:
        return None


def _is_cut_short(file: BoundedFile, image: Image.Image) -> bool:
    """Whether a JPEG or PNG lacks its end; what follows the end does not matter.

    Most files end with it, so that a look at the last bytes is enough.
    """
    file.allow(_LONGEST_SEARCHED)
    if image.format == "JPEG":
        return _tail(file, len(_JPEG_END)) != _JPEG_END and _lacks_end(file)
    if image.format == "PNG" and _tail(file, len(_PNG_END)) != _PNG_END:
        file.seek(0)
        with open_picture(file, ("PNG",)) as again:
            again.verify()  # the checksums of all its parts; raises
    return False


def _tail(file: BoundedFile, number: int) -> bytes:
    file.seek(-number, os.SEEK_END)
    return file.read(number)


def _lacks_end(file: BoundedFile) -> bool:
    """Whether a JPEG has no end after the beginning of its pixels.

    The markers before may hold a small picture with an end of its own.
    """
    file.seek(0)
    content, place = file.read(_LONGEST_HEADER), 2
    for _ in range(_MOST_PIECES):
        marker = _MARKER.search(content, place)
        if marker is None:
            break
        if marker[1] == _JPEG_SCAN:
            return not file.count(_JPEG_END, marker.start())
        place = marker.start() + 2 + int.from_bytes(marker[2], "big")
    return True
