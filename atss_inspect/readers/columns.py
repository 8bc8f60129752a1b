"""Columns of a file's lists, before anything is matched, sorted or left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IdArray
from atss_inspect.readers.findings import Tally
from atss_inspect.readers.ids import join_ids, object_array


@dataclass
class ImageColumns:
    """Entries of ``images``, M rows in file order.

    Attributes
    ----------
    ids : (M,) int64 or objects; None where an entry is no object or has no id
    file_names : (M,) objects, str
    sizes : (M, 2) float64 height, width; NaN where missing or not a number
    """

    ids: IdArray
    file_names: IdArray
    sizes: Float64Array


@dataclass
class AnnotationColumns:
    """Entries of ``annotations``, N rows in file order.

    Attributes
    ----------
    ids, image_ids, category_ids : (N,) int64 or objects, None where missing
    xywh : (N, 4) float64; zeros where ``losses`` says the box is unusable
    areas : (N,) float64; NaN where missing, -1 where no number
    is_crowd, is_ignored : (N,) bool
    losses : (N,) uint8, index into ``LOSSES``
    segmentations : (N,) objects, or (0,) where they were not asked for
    """

    ids: IdArray
    image_ids: IdArray
    category_ids: IdArray
    xywh: Float64Array
    areas: Float64Array
    is_crowd: BoolArray
    is_ignored: BoolArray
    losses: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
    segmentations: IdArray


@dataclass
class FileContent:
    """What one file or loaded object holds, decoded.

    ``categories`` maps ids to names in file order; ``malformed_sample`` is the first
    annotation without a usable bbox, to name what the file is instead.
    """

    name: str
    images: ImageColumns
    annotations: AnnotationColumns
    categories: dict[int | str, str]
    tally: Tally = field(default_factory=Tally)
    malformed_sample: object = None


def join_images(parts: Sequence[ImageColumns]) -> ImageColumns:
    """Concatenate the chunks of ``images``."""
    return ImageColumns(
        ids=join_ids([part.ids for part in parts]),
        file_names=np.concatenate(
            [object_array([]), *(part.file_names for part in parts)]
        ),
        sizes=np.concatenate([np.empty((0, 2)), *(part.sizes for part in parts)]),
    )


def join_annotations(parts: Sequence[AnnotationColumns]) -> AnnotationColumns:
    """Concatenate the chunks of ``annotations``, emptying them on the way.

    Column by column, so that not all columns exist twice at once.
    """
    columns = {}
    for column in fields(AnnotationColumns):
        pieces = [vars(part).pop(column.name) for part in parts]
        if column.name in ("ids", "image_ids", "category_ids"):
            columns[column.name] = join_ids(pieces)
        else:
            empty = vars(_no_annotations())[column.name]
            columns[column.name] = np.concatenate([empty, *pieces])
    return AnnotationColumns(**columns)


def _no_annotations() -> AnnotationColumns:
    """Make columns of no rows, with the right dtypes."""
    ids = np.empty(0, np.int64)
    flags = np.empty(0, np.bool_)
    return AnnotationColumns(
        ids=ids,
        image_ids=ids,
        category_ids=ids,
        xywh=np.empty((0, 4)),
        areas=np.empty(0),
        is_crowd=flags,
        is_ignored=flags,
        losses=np.empty(0, np.uint8),
        segmentations=object_array([]),
    )
