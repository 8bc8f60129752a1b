"""The steps of the FCOS rule for one object."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.boxes import area, corners_of
from atss_inspect.assigners.fcos.assign import (
    Side,
    points_between,
    sides_of_pairs,
    span_along,
    without_range,
)
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.rule import Tried
from atss_inspect.assigners.steps import outcome_name
from atss_inspect.assigners.subject import Place, Subject

# Points shown of each level.
POINTS_PER_LEVEL = 2


class Loss(NamedTuple):
    """Points lost to one object: its annotation id, its area, and how many."""

    held_by: Any
    area: np.float32 | None
    num_points: int


class LevelPoints(NamedTuple):
    """What becomes of the points of one level.

    Attributes
    ----------
    level : from 0
    range_low, range_high : float32 scale range, input pixels
    num_inside : points inside the box
    num_in_region : of these, near enough to the center
    num_in_range : of these, with the largest side distance in the scale range
    num_contested : of these, wanted by other objects too
    num_won : of those in range, the ones that are positive for the object
    lost : the others, by who has them
    """

    level: int
    range_low: np.float32
    range_high: np.float32
    num_inside: int
    num_in_region: int
    num_in_range: int
    num_contested: int
    num_won: int
    lost: tuple[Loss, ...]


class Point(NamedTuple):
    """One point near the object's center.

    Attributes
    ----------
    place : which point
    x, y : float32, input pixels
    ltrb : float32 distances to the left, top, right and bottom side; negative outside
    is_inside, is_in_region, is_in_range : the three tests, each on top of the last
    outcome : ``positive``, ``lost`` (to another object) or ``no``
    held_by : annotation id of another object that has the point, or None
    """

    place: Place
    x: np.float32
    y: np.float32
    ltrb: tuple[np.float32, np.float32, np.float32, np.float32]
    is_inside: bool
    is_in_region: bool
    is_in_range: bool
    outcome: str
    held_by: Any


class FcosSteps(NamedTuple):
    """How FCOS comes to its answer.

    Attributes
    ----------
    params : of the rule
    area : float32 of the box, square input pixels; the smallest wins a contest
    levels : the counts, finest level first
    points : a few of each level, those in range first, nearest to the center first
    """

    params: FcosParams
    area: np.float32
    levels: tuple[LevelPoints, ...]
    points: tuple[Point, ...]


class _Stages(NamedTuple):
    """Keys of the object's points that pass each test; (N,) int64 each."""

    inside: IntArray
    in_region: IntArray
    in_range: IntArray


def fcos_steps(subject: Subject, params: FcosParams) -> FcosSteps:
    """Follow the FCOS rule for one object."""
    gt = corners_of(subject.frame.gt_boxes)
    num_levels = subject.grids.pyramid.num_levels
    sides = sides_of_pairs(subject.frame, gt, subject.grids, params)
    pairs = subject.gt * num_levels + np.arange(num_levels)
    across, along = (side.take(pairs) for side in sides)
    everywhere = replace(params, center_sampling_radius=0.0)
    endless = without_range(across), without_range(along)
    stages = _Stages(
        _keys_between(subject, *endless, everywhere),
        _keys_between(subject, *endless, params),
        _keys_between(subject, across, along, params),
    )
    claimed = _keys_between(subject, *sides, params)
    keys, counts = np.unique(claimed, return_counts=True)
    contested = stages.in_range[np.isin(stages.in_range, keys[counts > 1])]
    areas = area(gt, plus_one=params.plus_one)
    parts = stages, contested, areas
    return FcosSteps(
        params=params,
        area=areas[subject.gt],
        levels=tuple(
            _level_points(subject, across.take(np.array([level])), level, parts)
            for level in range(num_levels)
        ),
        points=_some_points(subject, across, along, stages),
    )


def _level_points(
    subject: Subject,
    side: Side,
    level: int,
    parts: tuple[_Stages, IntArray, Float32Array],
) -> LevelPoints:
    """Count the points of one level; parts are stages, contested points and areas."""
    stages, contested, areas = parts
    inside, in_region, in_range = (_of_level(subject, each, level) for each in stages)
    num_won, lost = _won_and_lost(subject, in_range, areas)
    return LevelPoints(
        level=level,
        range_low=side.range_low[0],
        range_high=side.range_high[0],
        num_inside=len(inside),
        num_in_region=len(in_region),
        num_in_range=len(in_range),
        num_contested=len(_of_level(subject, contested, level)),
        num_won=num_won,
        lost=lost,
    )


def _keys_between(
    subject: Subject, across: Side, along: Side, params: FcosParams
) -> IntArray:
    """Keys of the points of every (box, level) pair that pass the tests; (P,) int64."""
    columns, rows = span_along(across, params), span_along(along, params)
    pair, index = points_between(columns, rows, across.num_points)
    return subject.keys(pair % subject.grids.pyramid.num_levels, index)


def _of_level(subject: Subject, keys: IntArray, level: int) -> IntArray:
    """Keep the points of one level."""
    found: IntArray = keys[subject.grids.locate(keys)[1] == level]
    return found


def _won_and_lost(
    subject: Subject, keys: IntArray, areas: Float32Array
) -> tuple[int, tuple[Loss, ...]]:
    """Count the points in range that the object has, and those others have."""
    owners = [subject.holders.get(key, -1) for key in keys.tolist()]
    lost = []
    for owner in sorted(set(owners) - {subject.gt}):
        # No one has a point that only boxes beyond the frameworks' mask claim.
        known = owner >= 0
        name = subject.name_of(owner) if known else None
        lost.append(Loss(name, areas[owner] if known else None, owners.count(owner)))
    return owners.count(subject.gt), tuple(lost)


def _some_points(
    subject: Subject, across: Side, along: Side, stages: _Stages
) -> tuple[Point, ...]:
    """Pick points of each level that show the tests, or else the nearest of all."""
    points: list[Point] = []
    for level in range(len(across.low)):
        sides = across.take(np.array([level])), along.take(np.array([level]))
        keys = next(
            (
                found
                for stage in reversed(stages)
                if len(found := _of_level(subject, stage, level))
            ),
            None,
        )
        if keys is not None:
            points += _nearest_points(subject, *sides, keys, stages)
    if points:
        return tuple(points)
    finest = across.take(np.array([0])), along.take(np.array([0]))
    size = subject.grids.map_sizes[0, 0]
    every = subject.keys(np.zeros(size.prod(), np.int64), np.arange(size.prod()))
    return tuple(_nearest_points(subject, *finest, every, stages))


def _nearest_points(
    subject: Subject, across: Side, along: Side, keys: IntArray, stages: _Stages
) -> list[Point]:
    """Measure the points of one level that lie nearest to the object's center."""
    places = subject.places(keys)
    x = across.point(np.array([place.column for place in places]))
    y = along.point(np.array([place.row for place in places]))
    apart = np.hypot(x - across.center, y - along.center)
    found = []
    for number in np.argsort(apart, kind="stable")[:POINTS_PER_LEVEL]:
        key = int(keys[number])
        inside, in_region, in_range = (bool((each == key).any()) for each in stages)
        ltrb = (
            x[number] - across.low[0],
            y[number] - along.low[0],
            across.high[0] - x[number],
            along.high[0] - y[number],
        )
        outcome, holder = subject.outcome(key, is_claimed=in_range)
        tests = inside, in_region, in_range
        xy = x[number], y[number]
        found.append(Point(places[number], *xy, ltrb, *tests, outcome, holder))
    return found


def tried_points(steps: FcosSteps, positives: Sequence[Place]) -> Iterator[Tried]:
    """List the points shown with the first test they failed, and all positives."""
    shown = {each.place for each in steps.points}
    for each in steps.points:
        failed = "outside_scale_range"
        if not each.is_in_region:
            failed = "outside_center_region" if each.is_inside else "center_outside"
        yield Tried(each.place, outcome_name(each.outcome, failed))
    yield from (Tried(place, "positive") for place in positives if place not in shown)
