"""What a file is, if it is not COCO detection data: one line and a hint."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import NoneType
from typing import Any

import numpy as np

from atss_inspect.errors import DataError
from atss_inspect.readers.columns import FileContent, ImageColumns
from atss_inspect.readers.decode import blank_bare_numbers
from atss_inspect.readers.findings import NO_BOX_CODES

EXPECTED = "expected COCO detection data: an object with images and annotations"
LONGEST_KEY = 40  # characters of a key in a message
FOUND_BYTES = 12  # of a text that are shown where it is wrong
BBOX = "[x, y, width, height]"

# How files begin that are handed over by mistake.
MAGIC: tuple[tuple[bytes, str, str | None], ...] = (
    (b"\x89PNG", "a PNG picture", "give the annotation file, not an image"),
    (b"\xff\xd8\xff", "a JPEG picture", "give the annotation file, not an image"),
    (b"PK\x03\x04", "a zip archive", "unpack it and give the .json file in it"),
    (b"7z\xbc\xaf", "a 7-Zip archive", "unpack it and give the .json file in it"),
    (b"BZh", "bzip2 data", "unpack it, or pipe it in with -"),
    (b"\xfd7zXZ", "xz data", "unpack it, or pipe it in with -"),
    (b"\x28\xb5\x2f\xfd", "zstd data", "unpack it, or pipe it in with -"),
    (b"PAR1", "a Parquet file", "of what `convert` wrote, name the folder"),
    (b"\x93NUMPY", "a NumPy array", None),
    (b"%PDF", "a PDF document", None),
    (
        b"version https://git-lfs",
        "a Git LFS pointer, not the file itself",
        "fetch the file with: git lfs pull",
    ),
)
_HTML = re.compile(rb"<!doctype html|<html", re.IGNORECASE)
_YOLO_LINE = re.compile(rb"\d+( -?\d+(\.\d+)?(e-?\d+)?){4}\s*$", re.MULTILINE)
_JSON_START = re.compile(rb"[\[{\"0-9tfn-]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
# Python's json module may take thirty times as much memory as a text has bytes.
LONGEST_SEARCHED = 1 << 26

# What the rest of a text looks like that is cut off within a string or its escape, a
# number, or a word.
_HALF = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?|\\?u[\da-fA-F]{0,4}|\.|[eE][-+]?|'
    r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|Na?|-|-?I(?:n(?:f(?:i(?:n(?:it?)?)?)?)?)?",
    re.DOTALL,
)

# Keys of an annotation without a bbox -> what such a file is for.
_ANNOTATION_KINDS = (
    ("caption", "captions", "use the instances file of the same images"),
    ("segments_info", "panoptic segments", "use the instances file of the same images"),
    ("question_id", "questions and answers", None),
    ("keypoints", "keypoints without boxes", "use annotations with a bbox"),
    ("segmentation", "masks without boxes", "add a bbox to each annotation first"),
)
# Top-level keys of other formats -> their names.
_FORMATS = (
    ("shapes", "a LabelMe file"),
    ("_via_img_metadata", "a VIA project"),
    ("segments_info", "one panoptic annotation"),
    ("nbformat", "a Jupyter notebook"),
    ("features", "a GeoJSON file"),
)


def not_json(name: str, head: bytes) -> DataError | None:
    """Recognise a file by its first bytes after white space; None for JSON."""
    if not head:
        return DataError(f"{name}: the file is empty; {EXPECTED}")
    for magic, kind, hint in MAGIC:
        if head.startswith(magic):
            return DataError(f"{name}: is {kind}; {EXPECTED}", hint=hint)
    if head.startswith(b"<"):
        if _HTML.match(head):
            hint = "a download probably gave an error or login page; fetch it again"
            return DataError(f"{name}: is an HTML page; {EXPECTED}", hint=hint)
        hint = "convert it to COCO JSON first"
        return DataError(f"{name}: is XML (Pascal VOC?); {EXPECTED}", hint=hint)
    if _YOLO_LINE.match(head):
        hint = "convert it to COCO JSON first"
        return DataError(f"{name}: is a YOLO label file; {EXPECTED}", hint=hint)
    starts_as_json = _JSON_START.match(head)
    # Of noise every tenth byte is one, whatever the first one is.
    is_noise = len(_CONTROL.findall(head)) > max(len(head) // 50, 1)
    if starts_as_json and not is_noise:
        return None
    kind = "binary data" if is_noise or b"\0" in head else "not JSON"
    return DataError(f"{name}: is {kind}; {EXPECTED}")


def json_fault(data: Any, *, shows: bool = True) -> tuple[str, str | None] | None:
    """Find where a text breaks off or breaks that should be JSON; None for nowhere.

    Bare NaN and Infinity, halves of surrogate pairs and bytes that are not UTF-8 are no
    faults, since the readers use them.

    Parameters
    ----------
    data : bytes, or what has a buffer of them
    shows : whether the problem shows what stands there, some bytes of the text

    Returns
    -------
    problem, hint : words with the byte, and the line where there is more than the end

    Notes
    -----
    Found by Python's json module, for the words of decoders change from version to
    version. It gets a character for each byte, so that places are those of the file,
    and keeps no objects and no numbers. Of a text of more than ``LONGEST_SEARCHED``
    bytes only the end is looked at: the problem may be without a place, or be there for
    a text that has none.

    Raises
    ------
    RecursionError
        Where more brackets are open than the json module follows.
    """
    if len(data) > LONGEST_SEARCHED:
        return _coarse_fault(data)
    text = blank_bare_numbers(data).decode("latin-1")
    try:
        json.loads(
            text, object_pairs_hook=_nothing, parse_int=_nothing, parse_float=_nothing
        )
    except json.JSONDecodeError as error:
        rest = text[error.pos :].rstrip()
        if not rest or _HALF.fullmatch(rest):
            return _ends_too_early(len(text))
        problem = f"is not valid JSON at byte {error.pos} (line {error.lineno})"
        found = bytes(data[error.pos : error.pos + FOUND_BYTES])
        shown = _show_key(found.decode("utf-8", "replace"))
        return f'{problem}: "{shown}"' if shows else problem, None
    return None


def _coarse_fault(data: Any) -> tuple[str, str | None]:
    """What can be told from the end of a text that is too long to be searched."""
    if bytes(data[-1024:]).rstrip().endswith((b"}", b"]")):
        return "is not valid JSON", None
    return _ends_too_early(len(data))


def _ends_too_early(length: int) -> tuple[str, str]:
    """Name the end of a text, and what to do about it."""
    hint = "the file is cut off; copy or download it again"
    return f"the JSON ends too early, at byte {length}", hint


def why_no_json(data: Any, error: Exception, *, shows: bool = True) -> str:
    """Name what is wrong with a text that a decoder refused by this error."""
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    fault = json_fault(data, shows=shows)
    if fault is not None:
        return fault[0]
    try:
        bytes(data).decode()
    except UnicodeDecodeError as place:
        return f"is not UTF-8 at byte {place.start}"
    return "holds numbers or text that JSON does not allow"


def _nothing(_: object) -> None:
    """Keep nothing of what was decoded."""


def not_an_object(name: str, value: object) -> DataError:
    """Name valid JSON whose top level is no object; ``value`` is (the start of) it."""
    if not isinstance(value, list):
        return DataError(f"{name}: holds just {python_kind(value)}; {EXPECTED}")
    first = value[0] if value else None
    if isinstance(first, Mapping) and "bbox" in first and "score" in first:
        hint = "give the ground truth that these results belong to"
        message = f"{name}: is a list of detection results; {EXPECTED}"
        return DataError(message, hint=hint)
    inside = f" that starts with {python_kind(first)}" if value else ""
    return DataError(f"{name}: is a list{inside}; {EXPECTED}")


def check_lists(name: str, kinds: Mapping[str, str]) -> None:
    """Refuse a top level without the lists that are needed.

    Parameters
    ----------
    kinds : top-level key -> what stands there, e.g. ``a list``

    Raises
    ------
    DataError
        If ``images`` or ``annotations`` is missing or is no list.
    """
    for key in ("images", "annotations"):
        if key not in kinds:
            raise _missing_list(name, key, kinds)
        if kinds[key] != "a list":
            message = f"{name}: {key} is {kinds[key]}; expected a list"
            raise DataError(message)
    categories = kinds.get("categories", "a list")
    if categories not in ("a list", "null"):
        message = f"{name}: categories is {categories}; expected a list"
        raise DataError(message)


def check_content(name: str, content: FileContent) -> None:
    """Refuse lists whose entries are not those of detection data.

    A few bad entries are left out and counted; if most of them are bad, the file is
    something else.

    Raises
    ------
    DataError
        If most annotations have no bbox of four numbers, most images are no objects
        with an id, or no image has a usable size.
    """
    _check_images(name, content.images)
    bad = np.isin(content.annotations.losses, NO_BOX_CODES)
    if bad.sum() * 2 > len(bad):
        place = int(bad.argmax())
        raise _other_annotations(name, place, content.malformed_sample)


def json_kind(raw: bytes) -> str:
    """Name a raw JSON value by its first byte."""
    names = ("an object", "a list", "a string", "null", "a boolean", "a boolean")
    kinds = dict(zip(b'{["ntf', names, strict=True))
    return kinds.get(raw[0], "a number")


def python_kind(value: object) -> str:
    """Name a Python value as JSON would."""
    kinds: tuple[tuple[Any, str], ...] = (
        (Mapping, "an object"),
        (list | tuple, "a list"),
        (str, "a string"),
        (NoneType, "null"),
        (bool, "a boolean"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "a number")


def _check_images(name: str, images: ImageColumns) -> None:
    """Refuse images that are mostly no objects, or never have a size."""
    nameless = [each is None for each in images.ids.tolist()]
    if sum(nameless) * 2 > len(nameless):
        found = f"images[{nameless.index(True)}] is not an object with an id"
        message = f"{name}: {found}; expected id, file_name, width and height"
        raise DataError(message)
    if len(images.ids) and not (images.sizes > 0).all(axis=1).any():
        found = "no image has a positive width and height"
        message = f"{name}: {found}; expected both for each image"
        hint = "label assignment depends on the image size; add it from the pictures"
        raise DataError(message, hint=hint)


def _missing_list(name: str, key: str, kinds: Mapping[str, str]) -> DataError:
    """Which list is missing and what is there instead."""
    for sign, kind in _FORMATS:
        if sign in kinds:
            return DataError(
                f"{name}: is {kind}; {EXPECTED}", hint="convert it to COCO JSON first"
            )
    if {"format", "parts", "left_out"} <= set(kinds):
        message = f"{name}: is one file of what `convert` wrote; expected its folder"
        return DataError(message, hint=f"did you mean {Path(name).parent}")
    if key == "annotations" and "images" in kinds:
        hint = "lists of test images come without annotations; use a train or val file"
        return DataError(f"{name}: has images but no annotations", hint=hint)
    keys = ", ".join(map(_show_key, list(kinds)[:6])) or "no keys"
    return DataError(f"{name}: has no {key}, but {keys}; {EXPECTED}")


def _show_key(key: str) -> str:
    """Show a key that may be anything; a line and a terminal must survive it."""
    shown = key if key.isprintable() else ascii(key)[1:-1]
    return shown if len(shown) <= LONGEST_KEY else f"{shown[:LONGEST_KEY]}..."


def _other_annotations(name: str, place: int, sample: object) -> DataError:
    """Name annotations that are not boxes, by the first of them."""
    where = f"{name}: annotations[{place}]"
    if not isinstance(sample, Mapping):
        message = f"{where} is {python_kind(sample)}; expected an object with a bbox"
        return DataError(message)
    box = sample.get("bbox")
    if box is not None:
        found = python_kind(box)
        if isinstance(box, Sequence) and not isinstance(box, str):
            found = f"{len(box)} numbers"
            if len(box) == 4:
                found = "four values that are not all numbers"
        return DataError(f"{where} has a bbox of {found}; expected {BBOX}")
    for key, kind, hint in _ANNOTATION_KINDS:
        if sample.get(key):
            message = f"{name}: annotations are {kind}; expected a bbox {BBOX} in each"
            return DataError(message, hint=hint)
    return DataError(f"{where} has no bbox; expected {BBOX}")
