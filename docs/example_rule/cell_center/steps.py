"""The steps of the rule for one object, as `explain` shows them."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from cell_center import CellCenterParams
from cell_center.windows import points_inside


class InsidePoint(NamedTuple):
    """One point inside the box, and what became of it."""

    place: Place  # which cell
    depth: float  # distance to the nearest side (input pixels)
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the point, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that could have had it


class CellCenterSteps(NamedTuple):
    """How the rule comes to its answer."""

    params: CellCenterParams  # of the rule
    points: tuple[InsidePoint, ...]  # by level, row and column


def _follow(subject: Subject, params: CellCenterParams) -> CellCenterSteps:
    """List the points inside the object's box, those within the margin too."""
    frame, grids = subject.frame, subject.grids
    box, point = points_inside(frame, grids, 0.0)
    keys = np.sort(point[box == subject.gt])
    corners = grids.corners(keys)
    x, y = (corners.x1 + corners.x2) / 2, (corners.y1 + corners.y2) / 2
    x1, y1, x2, y2 = frame.gt_boxes[subject.gt]
    depths = np.min([x - x1, y - y1, x2 - x, y2 - y], axis=0).tolist()
    claims = points_inside(frame, grids, params.margin)
    return CellCenterSteps(params, subject.rows(InsidePoint, keys, claims, depths))


def _tried(
    steps: CellCenterSteps, positives: Sequence[Place]
) -> Iterator[shared.Tried]:
    """List all points inside, for pictures."""
    return shared.tried(steps.points, lambda _: "within_margin", positives)


def _blocks(steps: CellCenterSteps, names: shared.LevelNames) -> shared.Blocks:
    """Write the first points as a table, and count the others."""
    shown = steps.points[: shared.ANCHORS_SHOWN]
    number, margin = len(steps.points) or "no", steps.params.margin
    yield Paragraph(f"{number} points inside; positive more than {margin:g} px inside")
    rows = [
        (
            *shared.place_words(each.place, names),
            f"{each.depth:.1f}",
            shared.result_words(each),
        )
        for each in shown
    ]
    if rows:
        yield shared.anchor_table(("px inside",), rows, shown)
    if len(steps.points) > len(shown):
        yield Paragraph(f"{len(steps.points) - len(shown)} more")


STEPS = Steps(_follow, _tried, _blocks)
