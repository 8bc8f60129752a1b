"""Entries of a file's lists, and columns of them, before anything is left out."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, TypeVar

import msgspec
import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IdArray
from atss_inspect.readers.box_readings import Outlines
from atss_inspect.readers.findings import Tally
from atss_inspect.readers.ids import object_array


class Image(msgspec.Struct, gc=False):
    """An entry of ``images`` as most files write it."""

    id: int
    file_name: str = ""
    height: int | float = math.nan
    width: int | float = math.nan
    coco_url: str = ""  # LVIS names pictures by it alone


class Annotation(msgspec.Struct, gc=False):
    """An entry of ``annotations`` as most files write it."""

    image_id: int
    bbox: tuple[float, float, float, float]
    category_id: int
    id: int | None = None
    area: float = math.nan
    iscrowd: int = 0
    ignore: int = 0


class MaskedAnnotation(Annotation, gc=False):
    """An annotation with its raw segmentation."""

    segmentation: Any = None


@dataclass
class ImageColumns:
    """Entries of ``images``, M rows in file order."""

    ids: IdArray  # (M,) int64 or objects; None where an entry is no object or has no id
    file_names: IdArray  # (M,) objects, str
    # (M, 2) float64 height, width; NaN where missing or not a number
    sizes: Float64Array


@dataclass
class AnnotationColumns:
    """Entries of ``annotations``, N rows in file order."""

    # ids, image_ids, category_ids: (N,) int64 or objects, None where missing
    ids: IdArray
    image_ids: IdArray
    category_ids: IdArray
    xywh: Float64Array  # (N, 4) float64; zeros where ``losses`` says it is unusable
    areas: Float64Array  # (N,) float64; NaN where missing, -inf where no number
    # is_crowd, is_ignored: (N,) bool
    is_crowd: BoolArray
    is_ignored: BoolArray
    # (N,) uint8, index into ``LOSSES``
    losses: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    segmentations: IdArray  # (N,) objects, or (0,) where they were not asked for


@dataclass
class FileContent:
    """What one file or loaded object holds, decoded."""

    name: str
    images: ImageColumns
    annotations: AnnotationColumns
    categories: dict[int | str, str]  # id -> name, in file order
    tally: Tally = field(default_factory=Tally)
    # of some annotations
    outlines: Outlines = lambda: (np.empty((0, 4)), np.empty((0, 4)))
    declared: str | None = None  # the format that the file says its boxes have
    are_sizes_sure: bool = False  # whether sizes are those of the pictures


Columns = TypeVar("Columns", ImageColumns, AnnotationColumns)
# Makes an array of ids, of which it may know something.
Pack = Callable[[Sequence[Any]], IdArray]


def image_columns(entries: Sequence[Image], pack: Pack) -> ImageColumns:
    """Gather the columns of images; `OverflowError` for a side beyond float64."""
    sizes = [(entry.height, entry.width) for entry in entries]
    return ImageColumns(
        ids=pack([entry.id for entry in entries]),
        file_names=object_array(
            [entry.file_name or _base_name(entry.coco_url) for entry in entries]
        ),
        sizes=np.array(sizes, np.float64).reshape(-1, 2),
    )


def _base_name(url: str) -> str:
    return url.rpartition("/")[2].partition("?")[0]


def annotation_columns(
    entries: Sequence[Any], losses: Any, pack: Pack, *, masks: bool
) -> AnnotationColumns:
    """Gather the columns of annotations and of why they are left out."""
    num = len(entries)
    corners = chain.from_iterable([entry.bbox for entry in entries])
    return AnnotationColumns(
        ids=pack([entry.id for entry in entries]),
        image_ids=pack([entry.image_id for entry in entries]),
        category_ids=pack([entry.category_id for entry in entries]),
        xywh=np.fromiter(corners, np.float64, 4 * num).reshape(num, 4),
        areas=np.fromiter([entry.area for entry in entries], np.float64, num),
        is_crowd=np.array([entry.iscrowd for entry in entries], np.bool_),
        is_ignored=np.array([entry.ignore for entry in entries], np.bool_),
        losses=np.array(losses, np.uint8),
        segmentations=object_array(
            [entry.segmentation for entry in entries] if masks else []
        ),
    )
