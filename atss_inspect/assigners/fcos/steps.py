"""The steps of FCOS for one object, points of each level, and as text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.boxes import area, corners_of
from atss_inspect.assigners.fcos import assign
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.views import numbers
from atss_inspect.views.names import name_of_id

# Points shown of each level.
POINTS_PER_LEVEL = 2
# The tests in turn, and what becomes of a point that fails one, as `OUTCOMES` and in
# words.
TESTS = (
    ("is_inside", "center_outside", "outside the box"),
    ("is_in_region", "outside_center_region", "too far from center"),
    ("is_in_range", "outside_scale_range", "out of range"),
)


class Loss(NamedTuple):
    """Points lost to one object: its annotation id, its area, and how many."""

    held_by: Any
    area: np.float32 | None
    num_points: int


class LevelPoints(NamedTuple):
    """What becomes of the points of one level."""

    level: int  # from 0
    # range_low, range_high: float32 scale range, input pixels
    range_low: np.float32
    range_high: np.float32
    num_inside: int  # points inside the box
    num_in_region: int  # of these, near enough to the center
    num_in_range: int  # of these, with the largest side distance in the scale range
    num_contested: int  # of these, wanted by other objects too
    num_won: int  # of those in range, the ones that are positive for the object
    lost: tuple[Loss, ...]  # the others, by who has them


class Point(NamedTuple):
    """One point near the object's center."""

    place: Place  # which point
    # x, y: float32, input pixels
    x: np.float32
    y: np.float32
    # float32 distances to the left, top, right and bottom side; negative outside
    ltrb: tuple[np.float32, np.float32, np.float32, np.float32]
    # is_inside, is_in_region, is_in_range: the three tests, each on top of the last
    is_inside: bool
    is_in_region: bool
    is_in_range: bool
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the point, or None


class FcosSteps(NamedTuple):
    """How FCOS comes to its answer."""

    params: FcosParams  # of the rule
    # float32 of the box, square input pixels; the smallest wins a contest
    area: np.float32
    levels: tuple[LevelPoints, ...]  # the counts, finest level first
    # a few of each level, those in range first, nearest to the center first
    points: tuple[Point, ...]


class _Level(NamedTuple):
    """The object on one level: its sides, and keys of points that pass each test."""

    sides: Sequence[assign.Side]
    inside: IntArray
    in_region: IntArray
    in_range: IntArray


def _follow(subject: Subject, params: FcosParams) -> FcosSteps:
    frame, num_levels = subject.frame, subject.grids.pyramid.num_levels
    pairs = np.arange(frame.num_gt * num_levels)
    sides = assign.sides_of_pairs(frame, subject.grids, params, pairs)
    keys = _keys_between(subject, sides, params)
    keys, counts = np.unique(keys, return_counts=True)
    areas = area(corners_of(frame.gt_boxes), plus_one=params.plus_one)
    everywhere = replace(params, center_sampling_radius=0.0)
    levels = []
    for number in range(num_levels):
        pair = np.array([subject.gt * num_levels + number])
        own = [side.take(pair) for side in sides]
        endless = [assign.without_range(side) for side in own]
        tests = ((endless, everywhere), (endless, params), (own, params))
        keys_ = (_keys_between(subject, *each, number) for each in tests)
        levels.append(_Level(own, *keys_))
    points = []
    for each in levels:
        # Points that show the tests, or else the nearest of all.
        shown = next(filter(len, (each.in_range, each.in_region, each.inside)), None)
        if shown is not None:
            points += _nearest_points(subject, each, shown)
    if not points:
        every = np.arange(subject.grids.map_sizes[0, 0].prod())
        every = subject.keys(np.zeros_like(every), every)
        points = _nearest_points(subject, levels[0], every)
    return FcosSteps(
        params=params,
        area=areas[subject.gt],
        levels=tuple(
            _level_points(subject, number, each, keys[counts > 1], areas)
            for number, each in enumerate(levels)
        ),
        points=tuple(points),
    )


def _level_points(
    subject: Subject, number: int, level: _Level, fought: IntArray, areas: Float32Array
) -> LevelPoints:
    """Count the points of one level, and those in range that others have, by whom."""
    owners = [subject.holders.get(key, -1) for key in level.in_range.tolist()]
    lost: tuple[Loss, ...] = ()
    for owner in sorted(set(owners) - {subject.gt}):
        # No one has a point that only boxes beyond the frameworks' mask claim.
        known = owner >= 0
        name = subject.name_of(owner) if known else None
        lost += (Loss(name, areas[owner] if known else None, owners.count(owner)),)
    ends = level.sides[0].range_low[0], level.sides[0].range_high[0]
    num_contested = int(np.isin(level.in_range, fought).sum())
    counts = *map(len, level[1:]), num_contested, owners.count(subject.gt)
    fields: Any = (number, *ends, *counts, lost)
    return LevelPoints(*fields)


def _keys_between(
    subject: Subject, sides: Sequence[assign.Side], params: FcosParams, level: int = 0
) -> IntArray:
    """Keys of the points of (box, level) pairs that pass the tests; (P,) int64.

    ``level`` is that of the first pair.
    """
    columns, rows = (assign.span_along(side, params) for side in sides)
    pair, index = assign.points_between(columns, rows, sides[0].num_points)
    return subject.keys((level + pair) % subject.grids.pyramid.num_levels, index)


def _nearest_points(subject: Subject, level: _Level, keys: IntArray) -> list[Point]:
    """Measure the points of one level that lie nearest to the object's center."""
    (across, along), *stages = level
    places = subject.places(keys)
    x = across.point(np.array([place.column for place in places]))
    y = along.point(np.array([place.row for place in places]))
    apart = np.hypot(x - across.center, y - along.center)
    found = []
    for number in np.argsort(apart, kind="stable")[:POINTS_PER_LEVEL]:
        key = int(keys[number])
        passed = [bool((stage == key).any()) for stage in stages]
        where = x[number], y[number]
        near = where[0] - across.low[0], where[1] - along.low[0]
        ltrb = *near, across.high[0] - where[0], along.high[0] - where[1]
        fate = subject.outcome(key, is_claimed=passed[-1])
        fields: Any = (places[number], *where, ltrb, *passed, *fate)
        found.append(Point(*fields))
    return found


def _failure(point: Point) -> tuple[str, str] | None:
    """Look up the outcome and the words of the first test that a point fails."""
    failed = (row[1:] for row in TESTS if not getattr(point, row[0]))
    return next(failed, None)


def _tried(steps: FcosSteps, positives: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the points shown with the first test they failed, and all positives."""
    return shared.tried(
        steps.points, lambda each: (_failure(each) or TESTS[-1][1:])[0], positives
    )


def _blocks(steps: FcosSteps, names: shared.LevelNames) -> shared.Blocks:
    test = "largest side distance in the scale range of the level"
    radius = steps.params.center_sampling_radius
    if radius:
        test += f", within {radius:g} strides of the center"
    yield Paragraph(f"points inside the box; {test}")
    counts = []
    for each in steps.levels:
        scale_range = f"{max(each.range_low, 0):g} to {each.range_high:g}"
        passed = map(numbers.count, (*each[3:6], each.num_won))
        of = f"{each.num_contested} of {each.num_in_range}"
        contested = of if each.num_in_range else "-"
        counts.append((names[each.level], scale_range, *passed, contested))
    tests = ("inside", "in region", "in range", "won", "contested")
    yield shared.StepTable(("level", "scale range", *tests), counts, left=("level",))
    yield from _lost_words(steps, names)
    yield shared.BLANK
    yield Paragraph(
        f"of each level the {POINTS_PER_LEVEL} points nearest to the center, with "
        "distances to the sides"
    )
    rows: list[shared.Line] = [
        (
            *shared.place_words(each.place, names)[:3],
            *(f"{side:.2f}" for side in each.ltrb),
            f"{max(each.ltrb):.2f}",
            failure[1] if (failure := _failure(each)) else shared.result_words(each),
        )
        for each in steps.points
    ]
    sides = ("left", "top", "right", "bottom", "largest")
    headings = ("level", "row", "column", *sides, "result")
    yield shared.StepTable(headings, rows, left=("level", "result"))
    yield shared.BLANK
    yield Paragraph(f"area {steps.area:.2f} square pixels; the smallest wins a contest")


def _lost_words(steps: FcosSteps, names: shared.LevelNames) -> Iterator[Paragraph]:
    for level in steps.levels:
        losses = [
            f"{loss.num_points} to {name_of_id(loss.held_by)} (area {loss.area:.2f})"
            if loss.area is not None
            else f"{loss.num_points} to no one (area beyond 1e8)"
            for loss in level.lost
        ]
        if losses:
            text = f"{names[level.level]} lost: {', '.join(losses)}"
            yield Paragraph(text, rest="    ")


STEPS = Steps(
    _follow,
    _tried,
    _blocks,
    note="Of FCOS: the positives, and each level's points nearest to the center.",
)
