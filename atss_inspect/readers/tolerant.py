"""Entries that the typed decoder refuses, read one by one as they were meant.

Several times slower than the typed way, so it only gets the chunks that need it.
Every oddity is counted with its place.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from atss_inspect.readers import columns
from atss_inspect.readers.findings import LOSS_CODE, NO_BOX_CODES, Tally, item_label
from atss_inspect.readers.ids import (
    clean_id,
    clean_text,
    id_array,
    is_endless,
    read_number,
)

Note = Callable[[str], None]
Box = tuple[float, float, float, float]
NO_BOX: Box = (0.0, 0.0, 0.0, 0.0)
# An area that is no number; negative ones are numbers.
INVALID_AREA = -math.inf
_LONGEST_KEY, _MOST_KEYS = 40, 12  # of an annotation, in a message
# Fields of which NaN and infinities are counted; those of a bbox and an area have names
# of their own.
IMAGE_FIELDS = ("id", "file_name", "height", "width")
ANNOTATION_FIELDS = ("id", "image_id", "category_id", "iscrowd", "ignore")
CATEGORY_FIELDS = ("id", "name")
TRUE_WORDS = ("true", "yes")
FALSE_WORDS = ("false", "no", "")


def read_images(
    entries: Sequence[object], start: int, tally: Tally
) -> columns.ImageColumns:
    """Read entries of ``images`` whose first one stands at place ``start``."""
    images = [_read_image(each, at, tally) for at, each in enumerate(entries, start)]
    return columns.image_columns(images, id_array)


def read_annotations(
    entries: Sequence[object], start: int, tally: Tally, *, masks: bool
) -> columns.AnnotationColumns:
    """Read entries of ``annotations`` whose first one stands at place ``start``."""
    annotations, losses = [], []
    for place, entry in enumerate(entries, start):
        annotation, loss = _read_annotation(entry, place, tally)
        annotations.append(annotation)
        losses.append(loss)
        if loss in NO_BOX_CODES and not tally.malformed:
            tally.malformed.append(entry)
    return columns.annotation_columns(annotations, losses, id_array, masks=masks)


def read_categories(entries: Sequence[object], tally: Tally) -> dict[int | str, str]:
    """Read ``categories`` into id -> name; a category without a name gets its id."""
    names: dict[int | str, str] = {}
    for place, entry in enumerate(entries):
        own_id = clean_id(entry.get("id")) if isinstance(entry, Mapping) else None
        if isinstance(entry, Mapping):
            _note_endless(entry, CATEGORY_FIELDS, ("categories", place, own_id), tally)
        if own_id is None or not isinstance(entry, Mapping):
            tally.add_item("category_malformed", "categories", place, None)
            continue
        if own_id in names:
            tally.add_item("duplicate_category_id", "categories", place, own_id)
        name, is_clean = clean_text(entry.get("name"))
        if not is_clean:
            tally.add_item("text_not_unicode", "categories", place, own_id)
        names[own_id] = name or str(own_id)
    earlier: set[str] = set()
    for place, (own_id, name) in enumerate(names.items()):
        if name in earlier:
            where = f"{item_label('categories', place, own_id)}: {name[:_LONGEST_KEY]}"
            tally.add("duplicate_category_name", 1, (where,))
        earlier.add(name)
    return names


def _note_endless(
    entry: Mapping[Any, Any],
    fields: Sequence[str],
    item: tuple[str, int, object],
    tally: Tally,
) -> None:
    """Count NaN and infinities in some fields of an entry: its list, place and id."""
    for name in fields:
        if is_endless(entry.get(name)):
            tally.add("number_not_finite", 1, (f"{item_label(*item)}: {name}",))


def _read_image(entry: object, place: int, tally: Tally) -> Any:
    """Read one image, an `Image` of any id, noting what is odd about it."""
    make: Any = columns.Image
    if not isinstance(entry, Mapping):
        return make(None)
    image_id = clean_id(entry.get("id"))
    _note_endless(entry, IMAGE_FIELDS, ("images", place, image_id), tally)
    written = (entry.get("height"), entry.get("width"))
    if any(isinstance(value, str | bool) for value in written):
        tally.add_item("image_size_as_text", "images", place, image_id)
    elif any(isinstance(value, float) and math.isfinite(value) for value in written):
        tally.add_item("image_size_float", "images", place, image_id)
    sides = (read_number(value) for value in written)
    file_name, is_clean = clean_text(entry.get("file_name"))
    if not is_clean:
        tally.add_item("text_not_unicode", "images", place, image_id)
    sides = (math.nan if side is None else side for side in sides)
    return make(image_id, file_name, *sides, clean_text(entry.get("coco_url"))[0])


def _read_annotation(entry: object, place: int, tally: Tally) -> tuple[Any, int]:
    """Read one annotation, of any ids, and its loss code, noting what is odd."""
    make: Any = columns.MaskedAnnotation
    if not isinstance(entry, Mapping):
        return make(None, NO_BOX, None), LOSS_CODE["annotation_malformed"]
    own_id = clean_id(entry.get("id"))

    def note(reason: str) -> None:
        tally.add_item(reason, "annotations", place, own_id)

    _note_endless(entry, ANNOTATION_FIELDS, ("annotations", place, own_id), tally)
    values = entry.get("bbox")
    values = values.tolist() if isinstance(values, np.ndarray) else values
    values = values if isinstance(values, list | tuple) else ()
    box, loss = _read_box(values)
    area = _read_area(entry.get("area"))
    types = set() if loss else set(map(type, values))
    if area >= 0 and isinstance(entry["area"], str):
        types.add(str)
    if str in types or bool in types:
        note("number_as_text")
    if entry.get("image_id") is None and not tally.keyless:
        tally.keyless += [clean_text(key)[0][:_LONGEST_KEY] for key in entry][
            :_MOST_KEYS
        ]
    annotation = make(
        id=own_id,
        image_id=clean_id(entry.get("image_id")),
        category_id=clean_id(entry.get("category_id")),
        bbox=box,
        area=area,
        iscrowd=_read_crowd(entry.get("iscrowd"), note),
        ignore=bool(_read_flag(entry.get("ignore"))),
        segmentation=entry.get("segmentation"),
    )
    return annotation, loss


def _read_box(values: Sequence[object]) -> tuple[Box, int]:
    """Read x, y, width, height, and the loss code (0 where nothing is wrong)."""
    box: Any = tuple(map(read_number, values)) if len(values) == 4 else (None,)
    if None in box:
        return NO_BOX, LOSS_CODE["bbox_malformed"]
    is_finite = all(map(math.isfinite, box))
    return (box, 0) if is_finite else (NO_BOX, LOSS_CODE["bbox_not_finite"])


def _read_area(value: object) -> float:
    """Read an area: NaN if missing, ``INVALID_AREA`` if it is no finite number."""
    if value is None:
        return math.nan
    area = read_number(value)
    return area if area is not None and math.isfinite(area) else INVALID_AREA


def _read_crowd(value: object, note: Note) -> bool:
    """Read iscrowd; booleans and text are used but noted."""
    flag = _read_flag(value)
    if flag is None:
        note("iscrowd_invalid")
    elif isinstance(value, (bool, str, np.bool_)):
        note("iscrowd_boolean")
    return bool(flag)


def _read_flag(value: object) -> bool | None:
    """Read a yes or no from a number or a word; None if it is neither."""
    if value is None:
        return False
    number = read_number(value)
    if number is not None:
        return math.isfinite(number) and number != 0
    word = value.strip().lower() if isinstance(value, str) else None
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None
