"""Tables of a whole data set: chunk by chunk for files, at once as DataFrames.

Each ``*_chunk`` function makes the columns of one chunk and is picklable, so that
`run.map_chunks` can share the chunks among processes. pandas is loaded by the DataFrame
functions only.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import build_frame
from atss_inspect.settings import Settings
from atss_inspect.statistics.rows import (
    Columns,
    left_out_rows,
    object_rows,
    positive_rows,
)
from atss_inspect.statistics.run import OnChunk, assign_chunk, map_chunks
from atss_inspect.statistics.summary import SIZE_BINS, Selection

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

Work = Callable[[Dataset], Columns]

# Text that repeats from row to row.
_CATEGORIES = ("file", "preset", "class", "size", "reason")


def positives_chunk(
    chunk: Dataset, *, settings: Sequence[Settings], selection: Selection
) -> Columns:
    """Make the rows of the positives of a chunk; ``settings`` holds one convention."""
    [(convention, frame, assignment)] = assign_chunk(chunk, settings)
    return positive_rows(chunk, frame, assignment, convention, selection)


def objects_chunk(
    chunk: Dataset, *, settings: Sequence[Settings], selection: Selection
) -> Columns:
    """Make the rows of the objects of a chunk, by every convention."""
    return object_rows(chunk, list(assign_chunk(chunk, settings)), selection)


def left_out_chunk(
    chunk: Dataset, *, settings: Sequence[Settings], selection: Selection
) -> Columns:
    """Make the rows of the objects of a chunk that each convention leaves out."""
    every = slice(0, chunk.num_images)
    frames = [
        (each, build_frame(chunk, every, each.data, each.resize)) for each in settings
    ]
    return left_out_rows(chunk, frames, selection)


def positives_table(
    dataset: Dataset, settings: Settings, *, selection: Selection | None = None
) -> "pd.DataFrame":
    """List the positive anchors of a data set, one row each.

    Parameters
    ----------
    dataset : annotations, see `load_coco`
    settings : one convention, see `preset`
    selection : the objects whose positives are listed, by default all

    Returns
    -------
    DataFrame by object, level, cell and anchor: ``image_id``, ``ann_id``,
    ``annotation_index`` (0-based place in the file), ``level`` (0 is the finest),
    ``cell_y``, ``cell_x``, ``anchor`` (place in the cell, in the framework's order) and
    ``iou`` (float32; NaN for FCOS, which uses none). ``file`` comes first where the
    data set has several. Without positives it is empty, with the same columns.
    """
    chosen = selection or Selection()
    work = partial(positives_chunk, settings=(settings,), selection=chosen)
    return _data_frame(dataset, work)


def objects_table(
    dataset: Dataset,
    settings: Settings | Sequence[Settings],
    *,
    selection: Selection | None = None,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> "pd.DataFrame":
    """List what each convention does to each object, one row each.

    Parameters
    ----------
    dataset : annotations, see `load_coco`
    settings : one convention or several side by side
    selection : the objects listed, by default all
    executor : any `concurrent.futures.Executor`; None computes here
    on_chunk : called with the number of images done after every chunk

    Returns
    -------
    DataFrame by object, then convention in the order given. ``x``, ``y``, ``width``,
    ``height``, ``area``, ``size`` and ``ratio`` (height / width) are in original
    pixels, ``input_x1`` to ``input_y2`` in input pixels; ``num_positives`` is the sum
    of the columns ``positives_P3`` and so on. Objects that a convention leaves out have
    no row.
    """
    each = (settings,) if isinstance(settings, Settings) else tuple(settings)
    chosen = selection or Selection()
    work = partial(objects_chunk, settings=each, selection=chosen)
    return _data_frame(dataset, work, executor, on_chunk)


def _data_frame(
    dataset: Dataset,
    work: Work,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> "pd.DataFrame":
    """Put the columns of all chunks into one frame; text that repeats as categories."""
    import pandas as pd

    parts = map_chunks(work, dataset, executor=executor, on_chunk=on_chunk)
    chunks = [work(dataset.slice_images(0, 0)), *parts]
    columns: dict[str, Any] = {
        name: np.concatenate([chunk[name] for chunk in chunks]) for name in chunks[0]
    }
    known = {"size": SIZE_BINS, "class": dataset.category_names, "file": dataset.files}
    for name in columns.keys() & set(_CATEGORIES):
        categories = known.get(name, columns[name])
        columns[name] = _categorical(columns[name], categories, ordered=name == "size")
    return pd.DataFrame(columns)


def _categorical(
    values: Any, categories: Iterable[str], *, ordered: bool
) -> "pd.Categorical":
    """Make a categorical column; a name that comes twice is one category."""
    import pandas as pd

    unique = list(dict.fromkeys(categories))
    return pd.Categorical(values, categories=unique, ordered=ordered)
