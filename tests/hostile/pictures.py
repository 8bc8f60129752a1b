"""Files in the images folder that are no pictures, or more than anybody can look at."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

FOLDER = "images"
OUT = "file name refused: it leads out of the images folder"
NOT_FOUND = "picture not found in the images folder"
NO_FILE = "picture is not a file"
UNREADABLE = "picture cannot be read"
TOO_MANY = "picture has too many pixels"
ANOTHER_SIZE = "picture is 8 x 6, the annotations say 640 x 480"
MB = 1 << 20
Make = Callable[[Path], object]


@dataclass(frozen=True)
class PictureCase:
    """One hostile or sloppy picture."""

    file_name: str  # as the annotations have it; "" for none
    problem: str  # what must be said of it
    content: Callable[[], bytes] | bytes | None = None  # of the file of that name
    make: Make | None = None  # makes what is no ordinary file, in the images folder

    def lay(self, folder: Path) -> None:
        """Put it into the images folder."""
        if self.content is not None:
            content = self.content() if callable(self.content) else self.content
            (folder / self.file_name).write_bytes(content)
        if self.make is not None:
            self.make(folder)


def _small(kind: str, **options: object) -> bytes:
    """Write a sound picture of 8 x 6 pixels."""
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), (9, 90, 200)).save(stream, kind, **options)
    return stream.getvalue()


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    size, checksum = struct.pack(">I", len(content)), zlib.crc32(checked)
    return size + checked + struct.pack(">I", checksum)


def _png(
    width: int, height: int, *, bits: int = 8, color: int = 0, whole: bool = True
) -> bytes:
    """Write a black PNG, of one (``color`` 0) or three (2) channels; or its head."""
    head = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, 0)
    begin = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head)
    row_bytes = 1 + width * (1 if color == 0 else 3) * bits // 8
    content = zlib.compress(bytes(row_bytes * height), 9) if whole else b""
    return begin + _chunk(b"IDAT", content) + _chunk(b"IEND", b"")


def _again_and_again(num_scans: int, side: int) -> bytes:
    """Write a JPEG whose last scan is there many times."""
    stream = io.BytesIO()
    Image.new("L", (side, side), 77).save(stream, "JPEG", progressive=True, quality=20)
    whole = stream.getvalue().removesuffix(b"\xff\xd9")
    scan = whole[whole.rfind(b"\xff\xda") :]
    return whole + scan * num_scans + b"\xff\xd9"


def _linked(name: str, target: str) -> Make:
    return lambda folder: (folder / name).symlink_to(target)


def _outside(folder: Path) -> None:
    (folder.parent / "outside.png").write_bytes(_small("PNG"))


def _text_bomb(folder: Path) -> None:
    """Write a PNG with a remark that unpacks to 300 MB."""
    whole = _small("PNG")
    place = whole.index(b"IDAT") - 4  # where the piece begins with its size
    # Packed a megabyte at a time, each begins anew: so one is packed, and repeated.
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = packer.compress(bytes(MB)) + packer.flush(zlib.Z_FULL_FLUSH)
    checksum = struct.pack(">HH", 300 * MB % 65_521, 1)  # Adler's, of zeros
    packed = b"\x78\xda" + 300 * piece + packer.flush() + checksum
    remark = _chunk(b"zTXt", b"Comment\0\0" + packed)
    (folder / "remark.png").write_bytes(whole[:place] + remark + whole[place:])


# What Pillow has Ghostscript run.
EPS = (
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 8 6\n%%EndComments\nshowpage\n%%EOF\n"
)

# file name as the annotations have it, what must be said of it
NAMES = {
    "x/../b.png": OUT,
    "..\\outside.png": OUT,
    "/etc/hostname": OUT,
    "C:\\b.png": OUT,
    "\\\\host\\share\\b.png": OUT,
    "none.jpg": NOT_FOUND,
    "x" * 5000: NOT_FOUND,
    "\x1b[2J\x1b]0;x\x07": NOT_FOUND,
    "": "no usable file name",
    "a\0b.png": "no usable file name",
}
# the same, and what makes it
MADE: tuple[tuple[str, str, Make], ...] = (
    ("../outside.png", OUT, _outside),
    ("out.png", OUT, _linked("out.png", "/etc/hostname")),
    ("up/a.json", OUT, _linked("up", "..")),
    ("zeros without end", OUT, _linked("zeros without end", "/dev/zero")),
    ("lost.png", NOT_FOUND, _linked("lost.png", "x")),
    ("a circle of links", NOT_FOUND, _linked("a circle of links", "a circle of links")),
    ("pipe.png", NO_FILE, lambda folder: os.mkfifo(folder / "pipe.png")),
    ("folder.jpg", NO_FILE, lambda folder: (folder / "folder.jpg").mkdir()),
    ("remark.png", UNREADABLE, _text_bomb),
)
# the same, and the content
FILES = (
    ("empty.png", UNREADABLE, b""),
    ("only a mark.png", UNREADABLE, b"\x89PNG\r\n\x1a\n"),
    ("noise.jpg", UNREADABLE, bytes(range(256)) * 40),
    ("cut off.jpg", UNREADABLE, _small("JPEG")[:-60]),
    ("cut off.png", UNREADABLE, _small("PNG")[:-30]),
    ("cut off.tif", UNREADABLE, _small("TIFF")[:100]),
    ("10^9 pixels.png", TOO_MANY, _png(31_623, 31_623, whole=False)),
    ("2^62 pixels.png", TOO_MANY, _png(2**31 - 1, 2**31 - 1, whole=False)),
    ("no pixels.png", UNREADABLE, _png(0, 0)),
    ("for Ghostscript.jpg", UNREADABLE, EPS),
    ("a page.jpg", UNREADABLE, b"<!DOCTYPE html><script>x</script>"),
    ("a document.pdf", UNREADABLE, b"%PDF-1.4\n%%EOF\n"),
    ("200 scans.jpg", UNREADABLE, _again_and_again(200, 64)),
    ("of another kind.png", ANOTHER_SIZE, _small("GIF")),
    ("of another size.png", ANOTHER_SIZE, _small("PNG")),
)
CASES = (
    *(PictureCase(name, problem) for name, problem in NAMES.items()),
    *(PictureCase(*row, make=make) for *row, make in MADE),
    *(PictureCase(*row) for row in FILES),
)

STRIP = "picture is 600 x 140000, the annotations say 640 x 480"
LINE = "picture is 80000000 x 1, the annotations say 640 x 480"
LARGE = "picture is 9400 x 9400, the annotations say 640 x 480"
# They unpack to hundreds of megabytes, and take seconds to write.
BOMBS = (
    PictureCase("strip", STRIP, lambda: _png(600, 140_000, color=2)),
    PictureCase("strip of 16 bits", STRIP, lambda: _png(600, 140_000, bits=16)),
    PictureCase("line", LINE, lambda: _png(80_000_000, 1)),
    PictureCase("16 bits", LARGE, lambda: _png(9400, 9400, bits=16)),
    PictureCase("3000 scans", UNREADABLE, lambda: _again_and_again(3000, 9000)),
)
