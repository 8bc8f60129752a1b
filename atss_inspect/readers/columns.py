"""Columns of a file's lists, before anything is matched, sorted or left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TypeVar

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IdArray
from atss_inspect.readers.findings import Tally
from atss_inspect.readers.ids import join_rows


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


Columns = TypeVar("Columns", ImageColumns, AnnotationColumns)


def join_columns(parts: Sequence[Columns]) -> Columns:
    """Concatenate chunks of a list, at least one, emptying them on the way.

    Column by column, so that not all columns exist twice at once.
    """
    kind = type(parts[0])
    names = [column.name for column in fields(kind)]
    return kind(
        **{name: join_rows([vars(part).pop(name) for part in parts]) for name in names}
    )
