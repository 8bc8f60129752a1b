"""Entries that the typed decoder refuses, read one by one as they were meant.

Several times slower than the typed way, so it only gets the chunks that need it.
Every oddity is counted with its place.
"""

import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from atss_inspect.readers.columns import AnnotationColumns, ImageColumns
from atss_inspect.readers.findings import LOSS_CODE, Tally
from atss_inspect.readers.ids import clean_id, clean_text, id_array, object_array

Note = Callable[[str], None]
Box = tuple[float, float, float, float]
NO_BOX: Box = (0.0, 0.0, 0.0, 0.0)
# An area that is no number is treated like a negative one: width times height.
INVALID_AREA = -1.0
TRUE_WORDS = ("true", "yes")
FALSE_WORDS = ("false", "no", "")


class ImageRow(NamedTuple):
    """One entry of ``images``; NaN for a width or height that is missing.

    Without fields: of an entry that is no object.
    """

    id: int | str | None = None
    file_name: str = ""
    height: float = math.nan
    width: float = math.nan


class AnnotationRow(NamedTuple):
    """One entry of ``annotations``; see ``AnnotationColumns``.

    Without fields: of an entry that is no object.
    """

    id: int | str | None = None
    image_id: int | str | None = None
    category_id: int | str | None = None
    box: Box = NO_BOX
    area: float = math.nan
    is_crowd: bool = False
    is_ignored: bool = False
    loss: int = LOSS_CODE["annotation_malformed"]
    segmentation: object = None


def read_images(entries: Sequence[object], start: int, tally: Tally) -> ImageColumns:
    """Read entries of ``images`` whose first one stands at place ``start``."""
    rows = [
        _read_image(entry, place, tally) for place, entry in enumerate(entries, start)
    ]
    sizes = [(row.height, row.width) for row in rows]
    return ImageColumns(
        ids=id_array([row.id for row in rows]),
        file_names=object_array([row.file_name for row in rows]),
        sizes=np.array(sizes, np.float64).reshape(-1, 2),
    )


def read_annotations(
    entries: Sequence[object], start: int, tally: Tally, *, masks: bool
) -> AnnotationColumns:
    """Read entries of ``annotations`` whose first one stands at place ``start``."""
    rows = [
        _read_annotation(entry, place, tally)
        for place, entry in enumerate(entries, start)
    ]
    boxes = [row.box for row in rows]
    return AnnotationColumns(
        ids=id_array([row.id for row in rows]),
        image_ids=id_array([row.image_id for row in rows]),
        category_ids=id_array([row.category_id for row in rows]),
        xywh=np.array(boxes, np.float64).reshape(-1, 4),
        areas=np.array([row.area for row in rows], np.float64),
        is_crowd=np.array([row.is_crowd for row in rows], np.bool_),
        is_ignored=np.array([row.is_ignored for row in rows], np.bool_),
        losses=np.array([row.loss for row in rows], np.uint8),
        segmentations=object_array([row.segmentation for row in rows] if masks else []),
    )


def read_categories(entries: Sequence[object], tally: Tally) -> dict[int | str, str]:
    """Read ``categories`` into id -> name; a category without a name gets its id."""
    names: dict[int | str, str] = {}
    for place, entry in enumerate(entries):
        own_id = clean_id(entry.get("id")) if isinstance(entry, Mapping) else None
        if own_id is None or not isinstance(entry, Mapping):
            tally.add_item("category_malformed", "categories", place, None)
            continue
        if own_id in names:
            tally.add_item("duplicate_category_id", "categories", place, own_id)
        name, is_clean = clean_text(entry.get("name"))
        if not is_clean:
            tally.add_item("text_not_unicode", "categories", place, own_id)
        names[own_id] = name or str(own_id)
    return names


def read_number(value: object) -> float | None:
    """Read a number, also from text or a boolean; None if it is none.

    NaN and infinities are numbers here, integers beyond float64 are infinite.
    """
    if type(value) is float:  # before the slow ABC checks
        return value
    if isinstance(value, str) and "_" in value:
        return None  # Python's 1_000
    if isinstance(value, str | np.bool_ | numbers.Real):
        try:
            return float(value)
        except ValueError:
            return None
        except OverflowError:
            return -math.inf if not isinstance(value, str) and value < 0 else math.inf
    return None


def _read_image(entry: object, place: int, tally: Tally) -> ImageRow:
    """Read one image, noting what is odd about it."""
    if not isinstance(entry, Mapping):
        return ImageRow()
    image_id = clean_id(entry.get("id"))

    def note(reason: str) -> None:
        tally.add_item(reason, "images", place, image_id)

    written = (entry.get("height"), entry.get("width"))
    if any(isinstance(value, str | bool) for value in written):
        note("image_size_as_text")
    elif any(isinstance(value, float) and math.isfinite(value) for value in written):
        note("image_size_float")
    height, width = (read_number(value) for value in written)
    file_name, is_clean = clean_text(entry.get("file_name"))
    if not is_clean:
        note("text_not_unicode")
    return ImageRow(
        image_id,
        file_name,
        math.nan if height is None else height,
        math.nan if width is None else width,
    )


def _read_annotation(entry: object, place: int, tally: Tally) -> AnnotationRow:
    """Read one annotation, noting what is odd about it."""
    if not isinstance(entry, Mapping):
        return AnnotationRow()
    own_id = clean_id(entry.get("id"))

    def note(reason: str) -> None:
        tally.add_item(reason, "annotations", place, own_id)

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
    return AnnotationRow(
        id=own_id,
        image_id=clean_id(entry.get("image_id")),
        category_id=clean_id(entry.get("category_id")),
        box=box,
        area=area,
        is_crowd=_read_crowd(entry.get("iscrowd"), note),
        is_ignored=bool(_read_flag(entry.get("ignore"))),
        loss=loss,
        segmentation=entry.get("segmentation"),
    )


def _read_box(values: Sequence[object]) -> tuple[Box, int]:
    """Read x, y, width, height, and the loss code (0 where nothing is wrong)."""
    if len(values) != 4:
        return NO_BOX, LOSS_CODE["bbox_malformed"]
    x, y, width, height = (read_number(value) for value in values)
    if x is None or y is None or width is None or height is None:
        return NO_BOX, LOSS_CODE["bbox_malformed"]
    box = (x, y, width, height)
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
        return not math.isnan(number) and number != 0
    word = value.strip().lower() if isinstance(value, str) else None
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None
