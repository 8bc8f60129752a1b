"""The steps of YOLOv3's rule for one object, and as text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.grid_cell import assign
from atss_inspect.assigners.grid_cell.params import GridCellParams
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject


class CellAnchor(NamedTuple):
    """One anchor of a cell with a center that overlaps the object."""

    place: Place  # which anchor
    iou: np.float32  # float32 with the box
    is_own_cell: bool  # the center in the cell is the object's
    is_over_bar: bool  # its IoU is above ``positive_above``
    is_forced: bool  # it is (one of) the object's best
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the anchor, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that could have had it


class GridCellSteps(NamedTuple):
    """How YOLOv3's rule comes to its answer."""

    params: GridCellParams  # of the rule
    best: np.float32  # float32 best IoU with an anchor of a cell that has a center
    anchors: tuple[CellAnchor, ...]  # of such cells, the best first


def _follow(subject: Subject, params: GridCellParams) -> GridCellSteps:
    frame, grids = subject.frame, subject.grids
    claims = assign.overlaps_in_cells(frame, grids, params)
    best = assign.best_of(claims, frame.num_gt)
    is_forced, is_over = assign.tests_of(claims, best, params)
    own = np.flatnonzero(claims.gt == subject.gt)
    own = own[np.lexsort((claims.anchor[own], -claims.strength[own]))]
    wanted = claims.take(is_forced | is_over)
    cells = _own_cells(subject)
    places = subject.places(claims.anchor[own])
    tests = (
        claims.strength[own],
        [place[:3] in cells for place in places],
        is_over[own].tolist(),
        is_forced[own].tolist(),
    )
    anchors = subject.rows(CellAnchor, claims.anchor[own], wanted[:2], *tests)
    return GridCellSteps(params, best[subject.gt], anchors)


def _own_cells(subject: Subject) -> set[tuple[int, int, int]]:
    """Level, row and column of the cells that hold the object's center."""
    places = assign.places_of(subject.frame, subject.grids)
    sizes = np.moveaxis(subject.grids.map_sizes[0], 1, 0)
    row, column = (
        np.clip(np.floor(place[subject.gt]), 0, size - 1).astype(int).tolist()
        for place, size in zip(places, sizes, strict=True)
    )
    return set(zip(range(len(row)), row, column, strict=True))


def _tried(steps: GridCellSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the anchors of cells with a center that overlap the object."""
    return shared.tried(steps.anchors, lambda _: "under_bar")


def _blocks(steps: GridCellSteps, names: shared.LevelNames) -> shared.Blocks:
    bar, floor = steps.params.positive_above, steps.params.forced_above
    above = f" above {floor:g}" if floor else ""
    yield Paragraph(
        f"anchors of cells that hold a center, of this object or another one of its "
        f"image: positive above an IoU of {bar:g}, and each object's best{above}; of "
        f"several objects with one best anchor the last has it"
    )
    shown = steps.anchors[: shared.ANCHORS_SHOWN]
    rows = [
        (
            *shared.place_words(each.place, names),
            "its" if each.is_own_cell else "other",
            f"{each.iou:.4f}",
            _test(each, bar),
            shared.result_words(each),
        )
        for each in shown
    ]
    if shown:
        headings = ("center", "IoU", "test")
        yield shared.anchor_table(headings, rows, shown, left=("center", "test"))
    if len(steps.anchors) > len(shown):
        yield Paragraph(f"{len(steps.anchors) - len(shown)} more")


def _test(each: CellAnchor, bar: float) -> str:
    """Write what makes the anchor one that the object could have."""
    if each.is_forced:
        return "its best"
    return f"> {bar:g}" if each.is_over_bar else f"<= {bar:g}"


STEPS = Steps(_follow, _tried, _blocks)
