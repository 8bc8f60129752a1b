"""Pictures from the images folder, and from nowhere else."""

import os
import stat
import warnings
from collections.abc import Sequence
from pathlib import Path, PureWindowsPath
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from atss_inspect.readers.picture_files import ListedFolder
from atss_inspect.readers.picture_sizes import (
    DECODING_ERRORS,
    ORIENTATION,
    QUARTER_TURNS,
    BoundedFile,
    open_picture,
)
from atss_inspect.readers.source import open_regular

# What data sets hold. Of other formats that Pillow knows, one starts a program.
_FORMATS = (
    *("JPEG", "PNG", "BMP", "DIB", "GIF", "PPM"),
    *("TIFF", "WEBP", "AVIF", "JPEG2000"),
)
# A JPEG file may go over the same pixels again and again; ten times is usual.
_MOST_SCANS = 100
_SCAN = b"\xff\xda"
_BLOCK_ROWS = 256
_LONGEST_PATH = 300  # characters in a message
_NOT_FOUND = "picture not found in the images folder"
# Beyond it, a picture is squeezed: a strip of a pixel's width may be 10^8 long.
_LONGEST_SIDE = 20_000
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class Picture(NamedTuple):
    """The pixels of an image, or why there are none."""

    # (height, width, 3) uint8, perhaps fewer than the file has; None without
    pixels: npt.NDArray[np.uint8] | None
    # height, width of the file's picture as it is to be looked at; None without
    size: tuple[int, int] | None = None
    problem: str = ""  # what is wrong, in a few words; empty if all is well
    looked_for: str = ""  # the path that was tried, where there was no file


def picture_problems(pictures: Sequence[Picture]) -> tuple[str, ...]:
    """Name what is wrong with the pictures of some images: each kind once, counted."""
    kinds: dict[str, list[Picture]] = {}
    for picture in pictures:
        kinds.setdefault(picture.problem, []).append(picture)
    kinds.pop("", None)
    return tuple(
        f"{kind}{_which(found, len(pictures))}" for kind, found in kinds.items()
    )


def _which(found: Sequence[Picture], total: int) -> str:
    """How many of some pictures have a problem, and the path tried of the first."""
    more = [f"{len(found)} of {total} images"] if total > 1 else []
    if path := found[0].looked_for:
        more.append(f"looked for {path[:_LONGEST_PATH]}")
    return f" ({'; '.join(more)})" if more else ""


def read_picture(
    folder: str | None, file_name: str, *, size: Sequence[float], room: Sequence[float]
) -> Picture:
    """Read the picture of an image, in the ``folder`` of the images, if one is named.

    ``file_name`` is as the annotations write it; of one that names folders, also in the
    way of Windows, the bare name is looked for as well. A name that leads out of the
    folder, by itself or by a link, is refused. ``size`` is height, width that the
    annotations say (original pixels); a camera's note that the picture is to be turned
    is followed if it then has this size. ``room`` is height, width that can be shown
    (pixels); larger pictures are reduced.

    Nothing is raised: a picture that is missing, refused, damaged or of another size
    than the annotations say has a ``problem``, and in the last case pixels.
    """
    if folder is None:
        return Picture(None, problem="no images folder named")
    path = find_picture(folder, file_name)
    if isinstance(path, str):
        # Of a name that is refused, the bare name has been looked for.
        tried = [file_name] if path == _NOT_FOUND else _names(file_name)[1:]
        missing = str(Path(folder, tried[-1])) if tried else ""
        return Picture(None, problem=path, looked_for=missing)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _decode(path, size, room)
    except _BOMBS:
        return Picture(None, problem="picture has too many pixels")
    except DECODING_ERRORS:
        return Picture(None, problem="picture cannot be read")


def has_picture(folder: str, file_name: str) -> bool:
    """Whether the folder holds a file of this name that may be read."""
    # Quick, since most answers are no; a null byte is a no too.
    names = _names(file_name)
    is_there = any(os.path.isfile(os.path.join(folder, name)) for name in names)  # noqa: PTH113, PTH118
    return is_there and not isinstance(find_picture(folder, file_name), str)


def find_picture(folder: str, file_name: str) -> Path | str:
    """Find a picture by its name, else by the bare name; or say what is wrong."""
    found = _inside(folder, file_name)
    for name in _names(file_name)[1:]:
        if not isinstance(other := _inside(folder, name), str):
            return other if isinstance(found, str) else found
    return found


def _names(file_name: str) -> list[str]:
    """What a picture is looked for by: as it is written, as of Windows, the bare name.

    Only names inside the folder may be of Windows.
    """
    slashed, bare = file_name.replace("\\", "/"), PureWindowsPath(file_name).name
    return list(dict.fromkeys([file_name, slashed, *filter(None, [bare])]))


def _inside(folder: str, file_name: str) -> Path | str:
    """Find a file of the folder; or say why it is refused."""
    # Windows' reading of a name is the wider one: drives, and both slashes.
    name = PureWindowsPath(file_name)
    if not file_name or "\0" in file_name:
        return "no usable file name"
    if name.anchor or ".." in name.parts:
        return "file name refused: it leads out of the images folder"
    base = Path(os.path.realpath(folder))
    try:
        path = Path(os.path.realpath(base / file_name))
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return _NOT_FOUND
    if not isinstance(folder, ListedFolder) and not path.is_relative_to(base):
        return "file name refused: it leads out of the images folder"
    # Opening a pipe would wait for somebody to write into it.
    return path if stat.S_ISREG(mode) else "picture is not a file"


def _decode(path: Path, size: Sequence[float], room: Sequence[float]) -> Picture:
    """Decode a picture, at a reduced size if that is enough."""
    # From an open file, of whose name Pillow knows nothing: it would map some formats,
    # and a picture that is cut meanwhile would end the process by SIGBUS.
    with open_regular(str(path)) as file:
        _require_harmless(BoundedFile(file))
        return _decode_file(file, size, room)


def _decode_file(
    file: IO[bytes], size: Sequence[float], room: Sequence[float]
) -> Picture:
    with open_picture(file, _FORMATS) as image:
        width, height = image.size
        turn = image.getexif().get(ORIENTATION, 1)
        turned = (width, height) if turn in QUARTER_TURNS else (height, width)
        is_turned = turn in range(2, 9) and turned == tuple(size)
        limit = tuple(map(int, room))
        if is_turned and turn in QUARTER_TURNS:
            limit = limit[::-1]
        shown = _reduced(image, limit)
        if is_turned:
            shown = ImageOps.exif_transpose(shown)
        if shown.mode in ("I", "F") or shown.mode.startswith("I;"):
            pixels = np.repeat(_stretched(np.asarray(shown))[..., None], 3, axis=2)
        else:  # whatever a file holds, as red, green and blue of eight bits
            pixels = np.asarray(shown.convert("RGB"))
    found = turned if is_turned else (height, width)
    problem = ""
    if found != tuple(size):
        said = " x ".join(f"{side:g}" for side in reversed(size))
        problem = f"picture is {found[1]} x {found[0]}, the annotations say {said}"
    return Picture(pixels, found, problem)


def _require_harmless(file: BoundedFile) -> None:
    """Raise `ValueError` for what is no usual picture, before it is decoded."""
    with open_picture(file, _FORMATS) as image:
        kind = image.format
    if kind in ("JPEG", "MPO") and file.count(_SCAN, most=_MOST_SCANS) > _MOST_SCANS:
        message = "too many scans"
        raise ValueError(message)
    file.seek(0)


def _reduced(image: Image.Image, limit: tuple[int, ...]) -> Image.Image:
    """Reduce a picture to (height, width) at most, keeping its shape."""
    height, width = (max(side, 1) for side in limit)
    factor = min(max(width / image.width, height / image.height), 1.0)
    sides = (min(max(round(side * factor), 1), _LONGEST_SIDE) for side in image.size)
    smaller = (next(sides), next(sides))
    if smaller == image.size:
        return image
    # JPEG decodes to a half, a quarter or an eighth at a fraction of the time.
    image.draft(None, smaller)
    if image.mode in ("P", "PA"):
        image = image.convert("RGB")
    elif image.mode.startswith("I;"):
        image = image.convert("I")  # Pillow 10.0 resizes no 16-bit grey
    exif = image.getexif()
    resized = image.resize(smaller, Image.Resampling.BOX, reducing_gap=2.0)
    if exif:
        resized.info["exif"] = exif.tobytes()
    return resized


def _stretched(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Bring sixteen bits, or more, to eight; their range is anybody's guess."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0, 0)
    factor = 255 / max(high - low, 1e-9)
    grey = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), _BLOCK_ROWS):
        rows = slice(start, start + _BLOCK_ROWS)
        grey[rows] = (values[rows].astype(np.float64) - low) * factor
    return grey
