"""One image under one convention, as the page gets it."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.assigners.atss.assign import AtssParams
from atss_inspect.assigners.fcos.assign import FcosParams
from atss_inspect.scene import Scene
from atss_inspect.viewer.answers import MOST_K, Answers, answers_of
from atss_inspect.viewer.encoding import (
    as_signs,
    decimals,
    distinct,
    scaled,
    step_signs,
    within_groups,
)
from atss_inspect.viewer.near_cells import near_cells
from atss_inspect.viewer.positives import masked_positives
from atss_inspect.views.conventions import describe_resize, describe_rule
from atss_inspect.views.explain_words import IMAGE_LEFT_OUT, LEFT_OUT
from atss_inspect.views.names import printable

IOU_STEPS = 1_000  # IoUs of positives are shown with three digits,
STATISTIC_STEPS = 10_000  # thresholds with four, as `explain` does.

Document = dict[str, Any]


def convention_document(scene: Scene) -> Document:
    """Describe what one convention does to an image; see `image_document`."""
    answers = answers_of(scene)
    settings = scene.settings
    return {
        "name": printable(settings.name),
        "rule": settings.assigner_name,
        "about": f"{describe_rule(settings)}; {describe_resize(settings.resize)}",
        **_slider(answers),
        **_frame(scene),
        "levels": _levels(scene),
        "objects": {
            "row": scene.frame.object_rows.tolist(),
            "box": decimals(scene.frame.gt_boxes, 2),
        },
        "positives": _positives(answers),
        "thresholds": _thresholds(answers),
        "candidates": _candidates(answers),
        **_starvation(answers),
        "left_out": _left_out(scene),
    }


def _slider(answers: Answers) -> Document:
    """Say which k there are, or why there is only one answer."""
    params = answers.scene.settings.assigner
    reason = ""
    if not isinstance(params, AtssParams):
        reason = "this rule has no k"
    elif not answers.has_slider:
        reason = f"k = {params.k}; the slider ends at {MOST_K}"
    per_cell = answers.scene.grids.pyramid.anchors_per_cell
    is_multiplied = isinstance(params, AtssParams) and params.k_per_anchor
    return {
        "ks": list(answers.ks),
        "start": answers.start,
        "no_slider": reason,
        "anchors_per_k": per_cell if is_multiplied else 1,
    }


def _frame(scene: Scene) -> Document:
    """Say how large the input image is, and where in it the picture lies."""
    height, width = scene.canvas_size
    note = ""
    if not scene.frame.num_images:
        reason = next(iter(scene.frame.left_out_images))
        note = f"left out by {printable(scene.settings.name)}: {IMAGE_LEFT_OUT[reason]}"
    return {
        "note": note,
        "input": [width, height],
        "picture_box": decimals(np.array(scene.picture_corners), 2),
    }


def _levels(scene: Scene) -> list[Document]:
    """Describe the grid of each level; without an image, none has cells."""
    pyramid, has_image = scene.grids.pyramid, bool(scene.frame.num_images)
    is_points = isinstance(scene.settings.assigner, FcosParams)
    levels = []
    for level, name in enumerate(pyramid.level_names):
        rows, columns = scene.grids.map_sizes[0, level] if has_image else (0, 0)
        step_y, step_x = scene.grids.steps[0, level] if has_image else (1, 1)
        anchors = pyramid.first_anchors[level]
        levels.append(
            {
                "name": name,
                "rows": int(rows),
                "columns": int(columns),
                "step": [float(step_x), float(step_y)],
                "centers": decimals((anchors[:, :2] + anchors[:, 2:]) / 2, 3),
                "anchors": [] if is_points else decimals(anchors, 2),
            }
        )
    return levels


def _positives(answers: Answers) -> Document:
    """Write all pairs of object and anchor that are positive for some k."""
    found = masked_positives(answers.assignments)
    num_gt, num_levels = answers.scene.num_gt, answers.scene.grids.pyramid.num_levels
    counts = np.bincount(
        found.gt * num_levels + found.level, minlength=num_gt * num_levels
    )
    masks, mask = distinct(found.mask)
    return {
        "counts": counts.tolist(),
        "index": within_groups(found.index, counts),
        "masks": masks,
        "mask": mask,
        "iou": None if found.iou is None else scaled(found.iou, IOU_STEPS),
    }


def _thresholds(answers: Answers) -> Document | None:
    """Write mean, deviation and threshold of each object at each position."""
    found = [each.candidates for each in answers.assignments]
    if any(each is None for each in found):
        return None
    names = ("mean", "std", "threshold")
    columns = {name: [getattr(each, name) for each in found] for name in names}
    return {
        name: scaled(np.stack(values, axis=1), STATISTIC_STEPS)
        for name, values in columns.items()
    }


def _candidates(answers: Answers) -> Document | None:
    """Write the cells of the candidates, nearest first."""
    scene, params = answers.scene, answers.scene.settings.assigner
    if not isinstance(params, AtssParams) or not answers.has_slider:
        return None
    found = near_cells(scene, params, MOST_K)
    counts = found.counts.ravel()
    starts = (np.cumsum(counts) - counts)[counts > 0]
    first = np.stack([found.row[starts], found.column[starts]], axis=1)
    # With one anchor a cell, the n-th nearest comes in at k = n.
    is_plain = scene.grids.pyramid.anchors_per_cell == 1
    return {
        "counts": counts.tolist(),
        "first": first.ravel().tolist(),
        "steps": step_signs(found.row, found.column, counts),
        "first_k": None if is_plain else as_signs(found.first_k),
    }


def _starvation(answers: Answers) -> Document:
    """Write why objects have no positive, and to whom they lost what they wanted."""
    starvation = [each.starvation for each in answers.assignments]
    causes = np.stack([each.cause for each in starvation], axis=1)  # (G, positions)
    holders = np.stack([each.lost_to for each in starvation], axis=1)
    return {
        "causes": ["".join(map(str, row)) for row in causes.tolist()],
        "lost": [number for run in _runs(holders) for number in run],
    }


def _runs(holders: IntArray) -> Iterator[tuple[int, int, int, int]]:
    """Yield object, first and last position, and the holder that stays the same."""
    for gt in np.flatnonzero((holders >= 0).any(axis=1)).tolist():
        row = holders[gt].tolist()
        for holder, run in groupby(range(len(row)), key=row.__getitem__):
            places = list(run)
            if holder >= 0:
                yield gt, places[0], places[-1], holder


def _left_out(scene: Scene) -> Document:
    """List the objects that the data rules leave out, and why."""
    known = list(dict.fromkeys(scene.left_out))
    return {
        "row": scene.frame.left_out_rows.tolist(),
        "box": decimals(scene.left_out_boxes, 2),
        "reason": [known.index(reason) for reason in scene.left_out],
        "reasons": [LEFT_OUT[reason] for reason in known],
    }
