"""The steps of FoveaBox for one object, level by level, and as text."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.causes import LOST_TO_OTHERS
from atss_inspect.assigners.foveabox import assign
from atss_inspect.assigners.foveabox.params import FoveaboxParams
from atss_inspect.assigners.steps import ClaimedAnchor, Paragraph, Place, Steps, Subject


class LevelCore(NamedTuple):
    """The core of the object on one level."""

    level: int  # from 0
    # range_low, range_high: float32 sizes of the level, input pixels
    range_low: np.float32
    range_high: np.float32
    # of cells in the core; None where the range does not hold the object
    first_row: int | None = None
    last_row: int | None = None
    first_column: int | None = None
    last_column: int | None = None
    num_points: int = 0
    num_won: int = 0  # of these, the ones that are positive for the object


class FoveaboxSteps(NamedTuple):
    """How FoveaBox comes to its answer."""

    params: FoveaboxParams  # of the rule
    size: np.float32  # float32 square root of the area, input pixels
    levels: tuple[LevelCore, ...]  # finest level first
    points: tuple[ClaimedAnchor, ...]  # in the core, by level, row and column


def _follow(subject: Subject, params: FoveaboxParams) -> FoveaboxSteps:
    frame, grids = subject.frame, subject.grids
    sizes, cores = assign.sizes_of(frame), assign.find_cores(frame, grids, params)
    claims = assign.claims_of(cores, sizes, frame, grids)
    keys = np.sort(claims.anchor[claims.gt == subject.gt])
    points = subject.rows(ClaimedAnchor, keys, claims[:2])
    ranges = assign.size_ranges(grids.pyramid, params)
    levels = [LevelCore(number, *ends) for number, ends in enumerate(ranges)]
    for row in np.flatnonzero(cores.gt == subject.gt).tolist():
        level, top, bottom, left, right = (int(part[row]) for part in cores[1:6])
        own = [point for point in points if point.place.level == level]
        levels[level] = LevelCore(
            *levels[level][:3],
            *(top, bottom - 1, left, right - 1),
            num_points=len(own),
            num_won=sum(point.outcome == "positive" for point in own),
        )
    return FoveaboxSteps(params, sizes[subject.gt], tuple(levels), points)


def _tried(steps: FoveaboxSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the points in the core."""
    return shared.tried(steps.points, lambda _: LOST_TO_OTHERS)


def _blocks(steps: FoveaboxSteps, names: shared.LevelNames) -> shared.Blocks:
    yield Paragraph(
        f"size {steps.size:.2f} pixels, the square root of the area; points in the "
        f"core, {steps.params.core:g} of the sides, on levels whose range holds it; "
        "the smallest object wins a contest"
    )
    rows = []
    for each in steps.levels:
        cells = ("-", "-")
        if each.first_row is not None:
            cells = (
                f"{each.first_row} to {each.last_row}",
                f"{each.first_column} to {each.last_column}",
            )
        if each.first_row is not None and not each.num_points:
            cells = ("none", "none")
        ends = f"{each.range_low:g} to {each.range_high:g}"
        counts = map(str, (each.num_points, each.num_won))
        rows.append((names[each.level], ends, *cells, *counts))
    headings = ("level", "size range", "rows", "columns", "in core", "won")
    yield shared.StepTable(headings, rows, left=("level",))
    shown = steps.points[: shared.ANCHORS_SHOWN]
    if shown:
        yield shared.BLANK
        where = [
            (*shared.place_words(each.place, names), shared.result_words(each))
            for each in shown
        ]
        yield shared.anchor_table((), where, steps.points)
    if len(steps.points) > len(shown):
        yield Paragraph(f"{len(steps.points) - len(shown)} more")


STEPS = Steps(_follow, _tried, _blocks)
