"""Annotations in the forms of other tools: what they are called, and what to do.

Each is known by its first bytes, its first entry, or the keys of its top level.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

# Of converters only those that many use and somebody keeps; `docs/formats.md` has the
# commands once more.
_DATUM = (
    "pip install 'datumaro[cli]', then: "
    "datum convert -i FOLDER -if {} -f coco_instances -o coco"
)
CVAT = f"{_DATUM.format('cvat')}; or export COCO 1.0 in CVAT"
_LABELME = "pip install labelme2coco, then: labelme2coco FOLDER --export_dir coco"
_VIA = "in VIA: Annotation > Export Annotations (COCO format)"
_LABEL_STUDIO = "in Label Studio: Export > COCO"
_DETECTRON = "detectron2.data.datasets.convert_to_coco_json(NAME, FILE) writes COCO"
_SOURCE = "give the COCO file that it was made from, or convert it to COCO JSON"
CONVERT = "convert it to COCO JSON first"
YOLO = "name its data.yaml, or the folder of labels"
_TABLE = "write it as COCO JSON: images, annotations and categories"
RESULTS = "give the ground truth that these results belong to"
# Bytes of a text of which the first entry is looked for.
HEAD_BYTES = 1 << 20


class Foreign(NamedTuple):
    """What a file is that is not COCO detection data."""

    words: str  # that go behind "is"
    hint: str | None  # what to do about it


# Keys, between blanks -> the words and the hint of a `Foreign`.
Kinds = Mapping[str, tuple[str, str | None]]
# Keys that an entry has -> what a list of such entries, or a file of such lines, is.
_ENTRIES: Kinds = {
    "image_id score": ("a list of detection results", RESULTS),
    "annotator image": ("a short export of Label Studio", _LABEL_STUDIO),
    "data predictions": ("tasks of Label Studio", _LABEL_STUDIO),
    "labels name": ("a list in the format of BDD100K or Scale", CONVERT),
    "data_row projects": ("an export of Labelbox", CONVERT),
    "annotations bbox_mode": ("a list of detectron2's dataset dicts", _DETECTRON),
    "ann filename": ("a list in MMDetection's middle format", _SOURCE),
    "ann img": ("a list in MMDetection's middle format", _SOURCE),
    "coordinates image": (
        "a file of Create ML",
        f"{CONVERT}; its x and y are the box's center",
    ),
    "annotations data": ("a raw export of Label Studio", _LABEL_STUDIO),
    "completions data": ("a raw export of Label Studio", _LABEL_STUDIO),
    "gtboxes": (
        "a file of CrowdHuman (odgt)",
        f"{CONVERT}; fbox is the box of a person",
    ),
    "instances img_path": ("a list in MMDetection 3's format", _SOURCE),
    "regions filename": ("a file of VIA", _VIA),
    "bbox image_id": ("a list of annotations alone", _TABLE),
    "source-ref": ("a manifest of Amazon SageMaker", CONVERT),
    "imageGcsUri": ("a manifest of Vertex AI", CONVERT),
    "image_url label": ("a manifest of Azure", CONVERT),
}
# Keys of the top level -> what the file is.
_OBJECTS: Kinds = {
    "shapes": ("a LabelMe file", _LABELME),
    "_via_img_metadata": ("a VIA project", _VIA),
    "data_list metainfo": ("a data set in MMDetection 3's format", _SOURCE),
    "categories items": ("a Datumaro file", _DATUM.format("datumaro")),
    "annotations videos": (
        "a file of video annotations (YouTube-VIS)",
        "make an image of every frame, as MMDetection's youtubevis2coco.py does",
    ),
    "segments_info": ("one panoptic annotation", CONVERT),
    "nbformat": ("a Jupyter notebook", None),
    "features": ("a GeoJSON file", CONVERT),
    "objects size tags": ("a file of Supervisely", CONVERT),
    "metadata project view": ("a project of VIA 3", CONVERT),
    "asset regions": ("a file of VoTT", _DATUM.format("vott_json")),
    "assets tags": ("a project of VoTT", _DATUM.format("vott_json")),
    "imgHeight objects": ("a file of Cityscapes", CONVERT),
    "openlabel": ("an OpenLABEL file", CONVERT),
    "source-ref": ("a manifest of Amazon SageMaker", CONVERT),
}
_COLUMN = rb"(-?\d+(\.\d+)?,[ \t]*)"
# How texts begin that are no JSON, in this order.
_TEXTS: tuple[tuple[re.Pattern[bytes], Foreign], ...] = (
    (
        re.compile(rb"[\[{]\s*'"),
        Foreign(
            "what Python prints, not JSON",
            "write it with json.dump(data, file), not with print or str",
        ),
    ),
    (
        re.compile(rb"(//|/\*|#)[^\n]*\n?\s*[\[{/#]"),
        Foreign(
            "JSON with comments, which JSON does not have", "take the comments out"
        ),
    ),
    (
        # Of eight columns are those of VisDrone.
        re.compile(_COLUMN + rb"{5}(" + _COLUMN + rb"{3,4})?-?\d+(\.\d+)?\s*(\n|$)"),
        Foreign("a table of tracks (MOT)", _DATUM.format("mot_seq")),
    ),
    (
        re.compile(rb"([^\n{}\[\]<>,;\t]*[,;\t]){2}[^\n{}\[\]<>]*(\n|$)"),
        Foreign("a table (CSV)", _TABLE),
    ),
)


def of_text(head: bytes) -> Foreign | None:
    """Recognise a text by its beginning; None for others, JSON among them."""
    found = (kind for pattern, kind in _TEXTS if pattern.match(head))
    return next(found, None)


def of_entry(entry: object) -> Foreign | None:
    """Recognise a list by its first entry."""
    if not isinstance(entry, Mapping):
        return None
    # Label Studio and Create ML keep boxes one level below.
    inner = _first(entry.get("annotations"))
    keys = {*entry, *(inner if isinstance(inner, Mapping) else ())}
    return _by_keys(_ENTRIES, keys)


def of_object(lists: Mapping[str, Any], first: object) -> Foreign | None:
    """Recognise an object by the keys of its top level, and its first value."""
    kind = _by_keys(_OBJECTS, set(lists))
    is_of_via = isinstance(first, Mapping) and {"filename", "regions"} <= set(first)
    if kind is None and is_of_via:
        return Foreign(*_ENTRIES["regions filename"])
    return kind


def of_lines(head: bytes) -> Foreign | None:
    """Recognise a text of several JSON documents, one a line, by the first of them."""
    line = head.partition(b"\n")[0]
    if not head.partition(b"\n")[2].lstrip().startswith((b"{", b"[")):
        return None
    try:
        first = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(first, Mapping):
        return None
    if {"images", "annotations"} <= set(first):
        return None
    if first.get("type") == "dataset" and "task" in first:
        hint = "Ultralytics' convert_ndjson_to_yolo makes a YOLO folder of it"
        return Foreign("a data set of Ultralytics (NDJSON)", hint)
    words = "JSON lines, one document a line"
    return _by_keys(_ENTRIES, set(first)) or Foreign(words, CONVERT)


def first_entry(text: str) -> object:
    """Decode a JSON text's first entry, or the text itself where it is no list.

    Of one that is longer than the text given, an empty one of its kind.
    """
    is_list = text.startswith("[")
    text = text[1:].lstrip() if is_list else text
    if is_list and text.startswith("]"):
        return []
    try:
        first, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        first = {"{": {}, "[": [], '"': ""}.get(text[:1], 0)
    return [first] if is_list else first


def _first(value: object) -> object:
    is_list = isinstance(value, Sequence) and not isinstance(value, str)
    return value[0] if is_list and value else None  # type: ignore[index]


def _by_keys(table: Kinds, keys: set[Any]) -> Foreign | None:
    found = (kind for wanted, kind in table.items() if keys.issuperset(wanted.split()))
    return next((Foreign(*kind) for kind in found), None)
