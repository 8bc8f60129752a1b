"""Columns of the tables that leave the house: positives, objects, objects left out.

Every table names an object by ``image_id``, ``ann_id`` and ``annotation_index``, and by
``file`` where there are several annotation files. Rows come in the order of the data
set: file, image id (integers by value, then strings), place in the file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from atss_inspect.annotations.data_rules import OBJECT_REASONS
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, Float64Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import (
    SIZE_BINS,
    Selection,
    positives_per_level,
    size_bins,
)

Column = npt.NDArray[Any]
Columns = dict[str, Column]


def positive_rows(
    dataset: Dataset,
    frame: Frame,
    assignment: Assignment,
    settings: Settings,
    selection: Selection,
) -> Columns:
    """List the positive anchors, one row each.

    Parameters
    ----------
    dataset : the images the frame was built from
    frame, assignment, settings : one convention's view of them, and its answer
    selection : the objects whose positives are listed

    Returns
    -------
    Columns of length P, by object, level, cell and anchor: the object's names;
    ``level`` from 0; ``cell_y``, ``cell_x``; ``anchor``, the place in the cell in the
    framework's order; ``iou`` float32 with the object, NaN where the rule uses none.
    """
    chosen = selection.mask(dataset, frame.object_rows)
    rows = _sorted_positives(assignment)
    rows = rows[chosen[assignment.gt[rows]]]
    gt, level, index = (
        part[rows] for part in (assignment.gt, assignment.level, assignment.index)
    )
    pyramid = settings.pyramid
    map_sizes = pyramid.grids(frame.padded_size).map_sizes
    cell, anchor = np.divmod(index, pyramid.anchors_per_cell)
    cell_y, cell_x = np.divmod(cell, map_sizes[frame.gt_image[gt], level, 1])
    return _object_names(dataset, frame.object_rows[gt]) | {
        "level": level,
        "cell_y": cell_y,
        "cell_x": cell_x,
        "anchor": anchor,
        "iou": _ious(assignment)[rows],
    }


def object_rows(
    dataset: Dataset,
    answers: Sequence[tuple[Settings, Frame, Assignment]],
    selection: Selection,
) -> Columns:
    """List what each convention does to each object, one row each.

    Parameters
    ----------
    dataset : the images the frames were built from
    answers : conventions side by side, each with its view and its answer
    selection : the objects listed

    Returns
    -------
    Columns by object, then convention in the order given: ``preset``; what the file
    says (original pixels); the box in input pixels, as the assigner got it; positives
    in all and per level, where a level that a convention does not have counts 0;
    IoUs of the positives and the statistics of ATSS candidates, NaN (and 0 candidates)
    where there are none; ``is_tied`` and ``is_fragile``; for objects without positives
    the ``cause`` and, if they lost their anchors, ``lost_to``: the annotation id of the
    object that holds the one they wanted most.
    """
    names = _level_names([settings for settings, _, _ in answers])
    parts = []
    for settings, frame, assignment in answers:
        outcome = _outcome(frame, assignment, settings, names)
        outcome |= _cause_columns(dataset, frame, assignment)
        chosen = selection.mask(dataset, frame.object_rows)
        named = _preset_and_object(dataset, settings, frame.object_rows[chosen])
        rest = {name: column[chosen] for name, column in outcome.items()}
        parts.append((frame.object_rows[chosen], named | rest))
    return _interleaved(parts)


def left_out_rows(
    dataset: Dataset, frames: Sequence[tuple[Settings, Frame]], selection: Selection
) -> Columns:
    """List the objects that each convention's data rules leave out, with the reason.

    What the reader could not use, such as boxes of unknown images, is in no data set
    and has no row.

    Returns
    -------
    Columns by object, then convention: ``preset``, what the file says, and ``reason``.
    """
    reasons = np.array(OBJECT_REASONS, dtype=object)
    parts = []
    for settings, frame in frames:
        chosen = selection.mask(dataset, frame.left_out_rows)
        rows = frame.left_out_rows[chosen]
        named = _preset_and_object(dataset, settings, rows)
        named["reason"] = reasons[frame.left_out_reasons[chosen]]
        parts.append((rows, named))
    return _interleaved(parts)


# --- names --------------------------------------------------------------------------


def _object_names(dataset: Dataset, objects: IntArray) -> Columns:
    """Name objects so that they can be found in their file."""
    image = np.searchsorted(dataset.object_offsets, objects, side="right") - 1
    columns: Columns = {}
    if len(dataset.files) > 1:
        files = np.array(dataset.files, dtype=object)
        columns["file"] = files[dataset.image_file[image]]
    columns["image_id"] = dataset.image_ids[image]
    columns["ann_id"] = dataset.annotation_ids[objects]
    columns["annotation_index"] = dataset.annotation_index[objects]
    return columns


def _preset_and_object(
    dataset: Dataset, settings: Settings, objects: IntArray
) -> Columns:
    """Name the convention and the objects, and say what their file says of them."""
    preset = np.full(len(objects), settings.name, dtype=object)
    classes = np.array(dataset.category_names, dtype=object)
    xywh, areas = dataset.xywh[objects], dataset.areas[objects]
    sides = dict(zip(("x", "y", "width", "height"), xywh.T, strict=True))
    return {
        "preset": preset,
        **_object_names(dataset, objects),
        "class": classes[dataset.category_index[objects]],
        **sides,
        "area": areas,
        "size": np.array(SIZE_BINS, dtype=object)[size_bins(areas)],
        "ratio": _ratios(xywh),
    }


def _ratios(xywh: Float64Array) -> Float64Array:
    """Height / width; NaN for boxes without extent."""
    has_extent = (xywh[:, 2:] > 0).all(axis=1)
    width = np.where(has_extent, xywh[:, 2], np.nan)
    ratios: Float64Array = xywh[:, 3] / width
    return ratios


def _level_names(settings: Sequence[Settings]) -> dict[int, str]:
    """Name the levels that any of the conventions has, by stride, finest first."""
    strides = {stride for each in settings for stride in each.anchors.strides}
    return {stride: level_name(stride) for stride in sorted(strides)}


# --- outcome ------------------------------------------------------------------------


def _outcome(
    frame: Frame, assignment: Assignment, settings: Settings, names: Mapping[int, str]
) -> Columns:
    """What assignment did to each box of a frame; columns of length G."""
    strides = settings.anchors.strides
    counts = positives_per_level(assignment, frame.num_gt, len(strides))
    by_stride = dict(zip(strides, counts.T, strict=True))
    none = np.zeros(frame.num_gt, dtype=np.int64)
    corners = ("input_x1", "input_y1", "input_x2", "input_y2")
    return {
        **dict(zip(corners, frame.gt_boxes.T, strict=True)),
        "num_positives": counts.sum(axis=1),
        **{
            f"positives_{name.replace(' ', '_')}": by_stride.get(stride, none)
            for stride, name in names.items()
        },
        **_iou_columns(frame, assignment),
        **_candidate_columns(frame, assignment),
        "is_tied": assignment.is_tied,
        "is_fragile": assignment.is_fragile,
    }


def _cause_columns(dataset: Dataset, frame: Frame, assignment: Assignment) -> Columns:
    """Why objects have no positive, and which object holds what they wanted."""
    names = np.array([None, *assignment.starvation.names[1:]], dtype=object)
    lost_to = assignment.starvation.lost_to
    holders = np.full(frame.num_gt, None, dtype=object)
    is_known = lost_to >= 0
    rows = frame.object_rows[lost_to[is_known]]
    holders[is_known] = [str(each) for each in dataset.annotation_ids[rows].tolist()]
    return {"cause": names[assignment.starvation.cause], "lost_to": holders}


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


def _candidate_columns(frame: Frame, assignment: Assignment) -> Columns:
    """Statistics of the ATSS candidates of each box; no candidates in other rules."""
    none = np.full(frame.num_gt, np.nan, dtype=np.float32)
    found = assignment.candidates
    if found is None:
        number = np.zeros(frame.num_gt, dtype=np.int64)
        mean = std = threshold = none
    else:
        number = found.num_candidates
        mean, std, threshold = found.mean, found.std, found.threshold
    return {
        "num_candidates": number,
        "candidate_mean": mean,
        "candidate_std": std,
        "iou_threshold": threshold,
    }


def _sorted_positives(assignment: Assignment) -> IntArray:
    """Order the positives by object, level and index."""
    return np.lexsort((assignment.index, assignment.level, assignment.gt))


def _ious(assignment: Assignment) -> Float32Array:
    """IoU of every positive; NaN where the rule uses none."""
    if assignment.iou is None:
        return np.full(assignment.num_positives, np.nan, dtype=np.float32)
    return assignment.iou


def _interleaved(parts: Sequence[tuple[IntArray, Columns]]) -> Columns:
    """Put tables of the same columns together, sorted by object, then by table."""
    objects = np.concatenate([rows for rows, _ in parts])
    order = np.argsort(objects, kind="stable")
    return {
        name: np.concatenate([columns[name] for _, columns in parts])[order]
        for name in parts[0][1]
    }
