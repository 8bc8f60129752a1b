"""Tables that leave the house: positives, objects, objects left out.

Every table names an object by ``image_id``, ``ann_id`` and ``annotation_index``, and by
``file`` where there are several annotation files. Rows come in the order of the data
set: file, image id (integers by value, then strings), place in the file.

Each ``*_chunk`` function makes the columns of one chunk and is picklable, so that
`run.map_chunks` can share the chunks among processes, for files; the ``*_table``
functions make a DataFrame of a whole data set at once, and they alone load pandas.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from atss_inspect.annotations.data_rules import OBJECT_REASONS
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import FLAG, NUMBER, IntArray
from atss_inspect.assigners.anchor_rule import Stride, fineness, level_name
from atss_inspect.assigners.assignment import Assignment, CandidateStatistics
from atss_inspect.assigners.causes import Unassigned
from atss_inspect.assigners.gate import Gate
from atss_inspect.settings import Settings
from atss_inspect.settings.given import several, single
from atss_inspect.statistics.counting import positives_per_level, reaches_bar
from atss_inspect.statistics.run import (
    OnChunk,
    answer_chunk,
    assign_frame,
    frame_of,
    map_chunks,
)
from atss_inspect.statistics.summary import SIZE_BINS, Selection, size_names
from atss_inspect.statistics.variants import ObjectVariants, Variants, see_chunk

if TYPE_CHECKING:
    from concurrent.futures import Executor

    import pandas as pd

Columns = dict[str, npt.NDArray[Any]]
Work = Callable[[Dataset], Columns]

# Columns that have no value under some conventions; num_positives and those by level
# have none under a gate, and only there.
_FLAGS = ("is_low_quality", "is_low_quality_only")
_NUMBERS = (
    "num_at_bar",
    "max_positives",
    "num_positives",
    "num_shared",
    "num_repeated",
)
# Text that repeats from row to row.
_CATEGORIES = ("file", "preset", "class", "size", "reason")


def dtype_of(name: str, column: npt.NDArray[Any]) -> np.dtype[Any]:
    """Dtype of a column, of one that may lack values that of those it has."""
    if column.dtype == object and name in _FLAGS:
        return FLAG
    if column.dtype == object and name.startswith((*_NUMBERS, "positives_")):
        return NUMBER
    return column.dtype


def positives_chunk(
    chunk: Dataset, *, settings: Sequence[Settings], selection: Selection
) -> Columns:
    """List the positive anchors of a chunk: the columns of `positives_table`."""
    [convention] = settings
    frame = frame_of(chunk, slice(0, chunk.num_images), convention)
    assignment = assign_frame(frame, convention)
    rows = _sorted_positives(assignment)
    rows = rows[selection.mask(chunk, frame.object_rows)[assignment.gt[rows]]]
    gt, level, pyramid = assignment.gt[rows], assignment.level[rows], convention.pyramid
    map_sizes = pyramid.grids(frame.padded_size).map_sizes
    cell, anchor = pyramid.split(level, assignment.index[rows])
    cell_y, cell_x = np.divmod(cell, map_sizes[frame.gt_image[gt], level, 1])
    iou, reaches = assignment.iou, reaches_bar(assignment, convention)
    is_low = np.full(len(rows), None)
    if reaches is not None:
        is_low[:] = ~reaches[rows]
    shared: Columns = {}
    if assignment.is_shared is not None and assignment.times is not None:
        shared["is_shared"] = assignment.is_shared[rows]
        shared["num_in_loss"] = assignment.times[rows]
    columns = object_names(chunk, frame.object_rows[gt]) | {
        "level": level,
        "cell_y": cell_y,
        "cell_x": cell_x,
        "anchor": anchor,
        "iou": np.full(len(rows), np.nan, np.float32) if iou is None else iou[rows],
        "is_low_quality": is_low,
    }
    return columns | shared


def objects_chunk(
    chunk: Dataset,
    *,
    settings: Sequence[Settings],
    selection: Selection,
    variants: Sequence[Variants] = (),
) -> Columns:
    """List what each convention does to the objects of a chunk.

    Columns as of `objects_table`. A level that a convention does not have counts 0; the
    statistics of ATSS candidates are NaN (and 0 candidates) where there are none. Of a
    gate ``num_candidates`` and ``max_positives`` are known, and no positives.
    Objects without positives have a ``cause`` and, if they lost their anchors,
    ``lost_to``: the annotation id of the object that holds the one they wanted most.
    ``num_at_bar`` counts positives that are no low-quality matches.

    Beside a convention under which objects share anchors, ``num_shared`` counts the
    positives that others have, too, and ``num_repeated`` how often the loss has
    positives beyond once each.

    ``variants``: of each convention, in the same order, or none. They add columns of
    what is drawn: ``unassigned_share`` and ``expected_positives``, a share and a mean
    over the draws that keep the object, and ``num_variants``, which keep it.
    """
    # The levels that any of the conventions has, finest first.
    every = {stride for each in settings for stride in each.anchors.strides}
    strides = sorted(every, key=fineness)
    names = {stride: level_name(stride).replace(" ", "_") for stride in strides}
    shares, parts = any(each.rule.shares_anchors for each in settings), []
    seen = [see_chunk(chunk, each) for each in variants]
    for place, one in enumerate(answer_chunk(chunk, settings)):
        convention, frame, answer = one
        most = np.full(frame.num_gt, None)
        if isinstance(answer, Gate):
            outcome = _bounds(frame, answer, names)
            most[:] = answer.max_positives
        else:
            outcome = _outcome(frame, answer, convention, names)
        outcome |= _cause_columns(chunk, frame, answer.unassigned)
        outcome |= _bar_columns(frame, answer, convention) | {"max_positives": most}
        outcome |= _shared_columns(frame, answer) if shares else {}
        outcome |= _drawn_columns(seen[place], frame) if seen else {}
        chosen = selection.mask(chunk, frame.object_rows)
        rows = frame.object_rows[chosen]
        rest = {name: column[chosen] for name, column in outcome.items()}
        parts.append((rows, _described(chunk, convention, rows) | rest))
    return _interleaved(parts)


def left_out_chunk(
    chunk: Dataset, *, settings: Sequence[Settings], selection: Selection
) -> Columns:
    """List the objects of a chunk that each convention's data rules leave out, and why.

    What the reader could not use, such as boxes of unknown images, is in no data set
    and has no row. Columns by object, then convention: ``preset``, what the file says,
    and ``reason``.
    """
    reasons = np.array(OBJECT_REASONS, dtype=object)
    every = slice(0, chunk.num_images)
    parts = []
    for each in settings:
        frame = frame_of(chunk, every, each)
        chosen = selection.mask(chunk, frame.left_out_rows)
        rows = frame.left_out_rows[chosen]
        reason = reasons[frame.left_out_reasons[chosen]]
        parts.append((rows, _described(chunk, each, rows) | {"reason": reason}))
    return _interleaved(parts)


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
    ``cell_y``, ``cell_x``, ``anchor`` (place in the cell, in the framework's order),
    ``iou`` (float32; NaN where the rule uses none) and ``is_low_quality`` (missing
    where the rule has no low-quality matches); where objects share anchors also
    ``is_shared`` and ``num_in_loss``, how often the loss has the row. ``file`` comes
    first where the data set has several. Without positives it is empty, with the same
    columns.

    Examples
    --------
    >>> from atss_inspect import load_coco, positives_table, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> table = positives_table(dataset, preset("atss-mmdet"))
    >>> len(table), bool((table["iou"] > 0.5).any())
    (4472, True)
    """
    each, chosen = (single(settings),), selection or Selection()
    work = partial(positives_chunk, settings=each, selection=chosen)
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
    of the columns ``positives_P3`` and so on, all missing under a gate, which has
    ``max_positives``. Objects that a convention leaves out have no row.

    Examples
    --------
    >>> from atss_inspect import load_coco, objects_table, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> table = objects_table(dataset, preset("atss-mmdet"))
    >>> len(table), int((table["num_positives"] == 0).sum())
    (520, 24)
    """
    each, chosen = several(settings), selection or Selection()
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
    for name, column in columns.items():
        dtype = dtype_of(name, column)  # dtypes of objects are equal, not identical
        if dtype is FLAG or dtype is NUMBER:
            kind = "boolean" if dtype is FLAG else "Int64"
            columns[name] = pd.array(column, dtype=kind)
    known = {"size": SIZE_BINS, "class": dataset.category_names, "file": dataset.files}
    for name in columns.keys() & set(_CATEGORIES):
        # A name that comes twice is one category.
        unique = list(dict.fromkeys(known.get(name, columns[name])))
        columns[name] = pd.Categorical(columns[name], unique, ordered=name == "size")
    return pd.DataFrame(columns)


def object_names(dataset: Dataset, objects: IntArray) -> Columns:
    """Name objects so that they can be found in their file."""
    image = dataset.images_of(objects)
    columns: Columns = {}
    if len(dataset.files) > 1:
        files = np.array(dataset.files, dtype=object)
        columns["file"] = files[dataset.image_file[image]]
    return columns | {
        "image_id": dataset.image_ids[image],
        "ann_id": dataset.annotation_ids[objects],
        "annotation_index": dataset.annotation_index[objects],
    }


def _described(dataset: Dataset, settings: Settings, objects: IntArray) -> Columns:
    """Name the convention and the objects, with what their file says of them."""
    classes = np.array(dataset.category_names, dtype=object)
    xywh = dataset.xywh[objects]
    has_extent = (xywh[:, 2:] > 0).all(axis=1)
    return {
        "preset": np.full(len(objects), settings.name, dtype=object),
        **object_names(dataset, objects),
        "class": classes[dataset.category_index[objects]],
        **dict(zip(("x", "y", "width", "height"), xywh.T, strict=True)),
        "area": dataset.areas[objects],
        "size": size_names(dataset.size_areas[objects]),
        "ratio": xywh[:, 3] / np.where(has_extent, xywh[:, 2], np.nan),
    }


def _outcome(
    frame: Frame,
    assignment: Assignment,
    settings: Settings,
    names: Mapping[Stride, str],
) -> Columns:
    """What assignment did to each box of a frame; columns of length G."""
    strides = settings.anchors.strides
    counts = positives_per_level(assignment, frame.num_gt, len(strides))
    by_stride = dict(zip(strides, counts.T, strict=True))
    none = np.zeros(frame.num_gt, dtype=np.int64)
    unknown = np.full(frame.num_gt, np.nan, dtype=np.float32)
    candidates = assignment.candidates
    candidates = candidates or CandidateStatistics(unknown, unknown, unknown, none)
    levels = {f"positives_{names[each]}": by_stride.get(each, none) for each in names}
    return {
        **dict(zip(_CORNERS, frame.gt_boxes.T, strict=True)),
        "num_positives": counts.sum(axis=1),
        **levels,
        **_iou_columns(frame, assignment),
        "num_candidates": candidates.num_candidates,
        "candidate_mean": candidates.mean,
        "candidate_std": candidates.std,
        "iou_threshold": candidates.threshold,
        "is_tied": assignment.is_tied,
        "is_fragile": assignment.is_fragile,
    }


_CORNERS = ("input_x1", "input_y1", "input_x2", "input_y2")


def _bounds(frame: Frame, gate: Gate, names: Mapping[Stride, str]) -> Columns:
    """What a gate lets each box of a frame have; the columns of `_outcome`, too."""
    nothing = np.full(frame.num_gt, None)
    unknown = np.full(frame.num_gt, np.nan, dtype=np.float32)
    statistics = ("mean_iou", "best_iou")
    of_candidates = ("candidate_mean", "candidate_std", "iou_threshold")
    levels = (f"positives_{names[each]}" for each in names)
    return {
        **dict(zip(_CORNERS, frame.gt_boxes.T, strict=True)),
        **dict.fromkeys(("num_positives", *levels), nothing),
        **dict.fromkeys(statistics, unknown),
        "num_candidates": gate.num_candidates,
        **dict.fromkeys(of_candidates, unknown),
        **dict.fromkeys(("is_tied", "is_fragile"), np.zeros(frame.num_gt, dtype=bool)),
    }


def _cause_columns(dataset: Dataset, frame: Frame, unassigned: Unassigned) -> Columns:
    """Why objects have no positive, and which object holds what they wanted."""
    names = np.array([None, *unassigned.names[1:]], dtype=object)
    lost_to = unassigned.lost_to
    holders, is_known = np.full(frame.num_gt, None, dtype=object), lost_to >= 0
    rows = frame.object_rows[lost_to[is_known]]
    holders[is_known] = [str(each) for each in dataset.annotation_ids[rows].tolist()]
    return {"cause": names[unassigned.cause], "lost_to": holders}


def _bar_columns(
    frame: Frame, answer: Assignment | Gate, settings: Settings
) -> Columns:
    """How many positives reach the bar, and whether none of some does; or None."""
    at_bar, is_low = np.full((2, frame.num_gt), None)
    reaches = None if isinstance(answer, Gate) else reaches_bar(answer, settings)
    if reaches is not None:
        at_bar[:] = np.bincount(answer.gt[reaches], minlength=frame.num_gt)
        positives = np.bincount(answer.gt, minlength=frame.num_gt)
        is_low[:] = (positives > 0) & (at_bar == 0)
    return {"num_at_bar": at_bar, "is_low_quality_only": is_low}


def _shared_columns(frame: Frame, answer: Assignment | Gate) -> Columns:
    """Positives that other objects have, too, and those that are there again; or None.

    A rule with a contest has neither.
    """
    found = np.full((2, frame.num_gt), None)
    if isinstance(answer, Assignment) and answer.is_shared is not None:
        for column, weights in enumerate((answer.is_shared, answer.times)):
            sums = np.bincount(answer.gt, weights, minlength=frame.num_gt)
            found[column] = sums.astype(np.int64)
        found[1] -= np.bincount(answer.gt, minlength=frame.num_gt)
    return {"num_shared": found[0], "num_repeated": found[1]}


def _drawn_columns(seen: ObjectVariants, frame: Frame) -> Columns:
    """What each box of a frame gets over variants; NaN where none keeps it."""
    columns = {
        "unassigned_share": seen.unassigned_share,
        "expected_positives": seen.expected_positives,
        "num_variants": seen.num_kept,
    }
    return {name: column[frame.object_rows] for name, column in columns.items()}


def _iou_columns(frame: Frame, assignment: Assignment) -> Columns:
    """Mean and best IoU of each box's positives; NaN where it has none."""
    mean = np.full(frame.num_gt, np.nan, dtype=np.float32)
    best = mean.copy()
    rows = _sorted_positives(assignment)
    if assignment.iou is not None and len(rows):
        gt, iou = assignment.gt[rows], assignment.iou[rows]
        starts = np.flatnonzero(np.diff(gt, prepend=-1))
        sums = np.add.reduceat(iou.astype(np.float64), starts)
        mean[gt[starts]] = sums / np.diff(starts, append=len(gt))
        best[gt[starts]] = np.maximum.reduceat(iou, starts)
    return {"mean_iou": mean, "best_iou": best}


def _sorted_positives(assignment: Assignment) -> IntArray:
    """Order the positives by object, level and index."""
    return np.lexsort((assignment.index, assignment.level, assignment.gt))


def _interleaved(parts: Sequence[tuple[IntArray, Columns]]) -> Columns:
    """Put tables of the same columns together, sorted by object, then by table."""
    objects = np.concatenate([rows for rows, _ in parts])
    order = np.argsort(objects, kind="stable")
    return {
        name: np.concatenate([columns[name] for _, columns in parts])[order]
        for name in parts[0][1]
    }
