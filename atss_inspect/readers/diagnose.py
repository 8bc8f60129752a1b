"""What a file is, if it is not COCO detection data: one line and a hint."""

import re
from collections.abc import Mapping
from pathlib import Path
from types import NoneType
from typing import Any

import msgspec
import numpy as np

from atss_inspect.errors import DataError
from atss_inspect.readers import box_shapes, foreign, nested
from atss_inspect.readers.columns import FileContent
from atss_inspect.readers.findings import NO_BOX_CODES
from atss_inspect.readers.json_faults import show_text

EXPECTED = "expected COCO detection data: an object with images and annotations"
BBOX = "[x, y, width, height]"

_PICTURE = "give the annotation file, not an image"
_ARCHIVE = "unpack it and name the .json file, data.yaml or folder in it"
_RESAVE = "write it as COCO JSON with the program that wrote it"
_PACKED = "unpack it, or pipe it in with -"
# How files begin that are handed over by mistake, what they are, and a hint.
_BEGINNINGS = (
    (rb"\x89PNG", "a PNG picture", _PICTURE),
    (rb"\xff\xd8\xff", "a JPEG picture", _PICTURE),
    (rb"PK\x03\x04.{26}[^/]{1,99}\.npy", "NumPy arrays (npz)", None),
    (rb"PK\x03\x04.{26}[^/]{0,99}/(data\.pkl|\.format)", "a PyTorch file", None),
    (rb"PK\x03\x04", "a zip archive", _ARCHIVE),
    (rb"7z\xbc\xaf", "a 7-Zip archive", _ARCHIVE),
    (rb"BZh", "bzip2 data", _PACKED),
    (rb"\xfd7zXZ", "xz data", _PACKED),
    (rb"\x28\xb5\x2f\xfd", "zstd data", _PACKED),
    (rb"PAR1", "a Parquet file", "of what `convert` wrote, name the folder"),
    (rb"\x93NUMPY", "a NumPy array", None),
    (rb"\x89HDF", "an HDF5 file", None),
    (rb"\x80[\x02-\x05]", "a Python pickle, which is not read", _RESAVE),
    (rb".{257}ustar", "a tar archive", _ARCHIVE),
    (rb".{2}\0{6}.{4}\n", "a TFRecord", f"{foreign.CONVERT}, as the documents say"),
    (rb"%PDF", "a PDF document", None),
    (
        *(rb"version https://git-lfs", "a Git LFS pointer, not the file itself"),
        "fetch the file with: git lfs pull",
    ),
    (
        *(rb"(?i)<!doctype html|<html", "an HTML page"),
        "a download probably gave an error or login page; fetch it again",
    ),
    (rb"<", "XML", "of Pascal VOC, name the folder or a file that ends in .xml"),
    (rb"(?m)\d+( -?\d+(\.\d+)?(e-?\d+)?){4}\s*$", "a YOLO label file", foreign.YOLO),
)
_JSON_START = re.compile(rb"[\[{\"0-9tfn-]")
_CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")
_INSTANCES = "use the instances file of the same images"
# Keys of an annotation without a bbox -> what such a file is for.
_ANNOTATION_KINDS = (
    ("caption", "captions", _INSTANCES),
    ("segments_info", "panoptic segments", _INSTANCES),
    ("question_id", "questions and answers", None),
    ("keypoints", "keypoints without boxes", "use annotations with a bbox"),
    ("segmentation", "masks without boxes", "add a bbox to each annotation first"),
)
# What other tools call width and height.
_SIDES = (
    *(("w", "h"), ("Width", "Height"), ("image_width", "image_height")),
    *(("img_width", "img_height"), ("imageWidth", "imageHeight")),
)
_AS_LIST = {
    "images": "make a list of its values, each with an id: [{...}, {...}]",
    "annotations": "make a list of its values: [{...}, {...}]",
    "categories": 'write a list: [{"id": 1, "name": "cat"}, ...]',
}


def not_json(name: str, head: bytes) -> DataError | None:
    """Recognise a file by its first bytes after white space; None for JSON."""
    if not head:
        return DataError(name, f"the file is empty; {EXPECTED}")
    for pattern, kind, hint in _BEGINNINGS:
        if re.match(pattern, head, re.DOTALL):
            return DataError(name, f"is {kind}; {EXPECTED}", hint=hint)
    # Of noise every tenth byte is one, whatever the first one is.
    is_noise = len(_CONTROL.findall(head)) > max(len(head) // 50, 1)
    if not is_noise and (found := foreign.of_text(head)):
        return foreign_kind(name, found)
    if _JSON_START.match(head) and not is_noise:
        return None
    kind = "binary data" if is_noise or b"\0" in head else "not JSON"
    return DataError(name, f"is {kind}; {EXPECTED}")


def foreign_kind(name: str, found: foreign.Foreign) -> DataError:
    """Make the error for a file in the form of another tool."""
    return DataError(name, f"is {found.words}; {EXPECTED}", hint=found.hint)


def not_an_object(name: str, value: object) -> DataError:
    """Name valid JSON whose top level is no object; ``value`` is (the start of) it."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        hint = "it was encoded twice: json.dump(data, file) takes the data themselves"
        return DataError(name, f"holds JSON within a text; {EXPECTED}", hint=hint)
    if not isinstance(value, list):
        return DataError(name, f"holds just {python_kind(value)}; {EXPECTED}")
    first = value[0] if value else None
    if isinstance(first, Mapping) and set(first) >= nested.NEEDED:
        problem = "holds COCO data within a list"
        return DataError(name, problem, hint="take its first entry with --key 0")
    if found := foreign.of_entry(first):
        return foreign_kind(name, found)
    inside = f" that starts with {python_kind(first)}" if value else ""
    return DataError(name, f"is a list{inside}; {EXPECTED}")


def check_lists(name: str, lists: Mapping[str, Any]) -> None:
    """Refuse a top level without the lists that are needed.

    ``lists`` are its values, raw or not. Raises `DataError` if ``images`` or
    ``annotations`` is missing or is no list.
    """
    kinds = {str(key): kind_of(value) for key, value in lists.items()}
    for key in ("images", "annotations", "categories"):
        is_needed = key != "categories"
        if is_needed and key not in kinds:
            raise _missing_list(name, key, kinds, lists)
        found = kinds.get(key, "null")
        if found not in ("a list", "a list" if is_needed else "null"):
            hint = _AS_LIST[key] if found == "an object" else None
            raise DataError(name, f"{key} is {found}; expected a list", hint=hint)


def check_content(name: str, content: FileContent, images: Any = ()) -> None:
    """Refuse lists whose entries are not those of detection data.

    A few bad entries are left out and counted; if most of them are bad, the file is
    something else. ``images`` is the list itself, raw or not, of which the keys are
    named. Raises `DataError` if most annotations have no bbox of four numbers,
    most images are no objects with an id, or no image has a usable size.
    """
    nameless = [each is None for each in content.images.ids.tolist()]
    if sum(nameless) * 2 > len(nameless):
        found = f"images[{nameless.index(True)}] is not an object with an id"
        raise DataError(name, f"{found}; expected id, file_name, width and height")
    if len(nameless) and not (content.images.sizes > 0).all(axis=1).any():
        problem = "no image has a positive width and height"
        hint = "label assignment depends on the image size; add it from the pictures"
        if keys := _keys_without_sizes(images):
            problem = f"{problem}: images[0] has {', '.join(map(show_text, keys))}"
            if names := next((each for each in _SIDES if {*each} <= {*keys}), None):
                hint = f"rename {names[0]} and {names[1]} to width and height"
        raise DataError(name, f"{problem}; expected both for each image", hint=hint)
    bad = np.isin(content.annotations.losses, NO_BOX_CODES)
    if bad.sum() * 2 > len(bad):
        sample = content.tally.malformed[0]
        raise _other_annotations(name, int(bad.argmax()), sample)


def _keys_without_sizes(images: Any) -> list[str]:
    """List the keys of the first image where it lacks width or height."""
    if isinstance(images, msgspec.Raw):
        head = bytes(memoryview(images)[: foreign.HEAD_BYTES])
        images = foreign.first_entry(head.decode("utf-8", "replace"))
    first = images[0] if isinstance(images, list | tuple) and images else None
    if not isinstance(first, Mapping) or {"width", "height"} <= set(first):
        return []
    return [str(each) for each in list(first)[:8]]


def kind_of(value: Any) -> str:
    """Name a value, which may be raw, as JSON would."""
    return json_kind(value) if isinstance(value, msgspec.Raw) else python_kind(value)


def json_kind(raw: Any) -> str:
    """Name a raw JSON value by its first byte."""
    names = ("an object", "a list", "a string", "null", "a boolean", "a boolean")
    kinds = dict(zip(b'{["ntf', names, strict=True))
    return kinds.get(memoryview(raw)[0], "a number")


def python_kind(value: object) -> str:
    """Name a Python value as JSON would."""
    kinds: tuple[tuple[Any, str], ...] = (
        *((Mapping, "an object"), (list | tuple, "a list"), (str, "a string")),
        *((NoneType, "null"), (bool, "a boolean")),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "a number")


def _missing_list(
    name: str, key: str, kinds: Mapping[str, str], lists: Mapping[str, Any]
) -> DataError:
    """Which list is missing and what is there instead."""
    if found := foreign.of_object(lists, _first_value(lists)):
        return foreign_kind(name, found)
    if {"format", "parts", "left_out"} <= set(kinds):
        problem = "is one file of what `convert` wrote; expected its folder"
        return DataError(name, problem, hint=f"did you mean {Path(name).parent}")
    if deeper := nested.refusal(name, lists):
        return deeper
    keys = ", ".join(map(show_text, list(kinds)[:6])) or "no keys"
    problem = f"has no {key}, but {keys}; {EXPECTED}"
    if near := _near(key, kinds):
        hint = f"did you mean {key}? rename the key {show_text(near)}"
        return DataError(name, problem, hint=hint)
    if key == "annotations" and "images" in kinds:
        hint = "lists of test images come without annotations; use a train or val file"
        return DataError(name, "has images but no annotations", hint=hint)
    return DataError(name, problem)


def _near(key: str, kinds: Mapping[str, str]) -> str | None:
    """Find a key that may be meant: capitalised, or without its last letter."""
    import difflib  # only needed here, and start-up time counts

    plain = {each.lower(): each for each in list(kinds)[:1000]}
    close = difflib.get_close_matches(key, plain, n=1, cutoff=0.85)
    return plain[close[0]] if close else None


def _first_value(lists: Mapping[str, Any]) -> object:
    """Decode the first value of an object, if it is not large."""
    value = next(iter(lists.values()), None)
    if not isinstance(value, msgspec.Raw):
        return value
    text = bytes(memoryview(value)[: foreign.HEAD_BYTES]).decode("utf-8", "replace")
    return foreign.first_entry(text) if text.startswith("{") else None


def _other_annotations(name: str, place: int, sample: object) -> DataError:
    """Name annotations that are not boxes, by the first of them."""
    where = f"{name}: annotations[{place}]"
    if not isinstance(sample, Mapping):
        found = python_kind(sample)
        return DataError(f"{where} is {found}; expected an object with a bbox")
    if sample.get("bbox") is not None:
        found, hint = box_shapes.describe(sample["bbox"])
        return DataError(f"{where} has {found}; expected {BBOX}", hint=hint)
    for key, kind, hint in _ANNOTATION_KINDS:
        if sample.get(key):
            problem = f"annotations are {kind}; expected a bbox {BBOX} in each"
            return DataError(name, problem, hint=hint)
    keys = ", ".join(show_text(str(each)) for each in list(sample)[:8]) or "no keys"
    return DataError(f"{where} has no bbox, but {keys}; expected {BBOX}")
