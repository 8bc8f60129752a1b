"""The steps of RepPoints' rule for one object, and as text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.causes import LOST_TO_OTHERS
from atss_inspect.assigners.nearest_point import assign
from atss_inspect.assigners.nearest_point.params import NearestPointParams
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject


class AskedPoint(NamedTuple):
    """One point that the object asks for."""

    place: Place  # which point
    distance: np.float32  # float32 from the center, in sides of the box
    outcome: str  # ``positive`` or ``lost`` (to another object)
    held_by: Any  # annotation id of another object that has the point, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that ask for it, too


class NearestPointSteps(NamedTuple):
    """How RepPoints' rule comes to its answer."""

    params: NearestPointParams  # of the rule
    level: int  # from 0, of the object's size
    size: np.float32  # float32 geometric mean of its sides, input pixels
    points: tuple[AskedPoint, ...]  # that it asks for, by row and column


def _follow(subject: Subject, params: NearestPointParams) -> NearestPointSteps:
    frame, grids = subject.frame, subject.grids
    claims = assign.nearest_points(frame, grids, params).claims
    own = claims.take(claims.gt == subject.gt)
    own = own.take(np.argsort(own.anchor))
    away = (-own.strength).tolist()
    points = subject.rows(AskedPoint, own.anchor, claims[:2], away)
    level = int(assign.levels_of(frame, grids.pyramid, params)[subject.gt])
    size = np.sqrt(assign.sides_of(frame)[subject.gt].prod())
    return NearestPointSteps(params, level, size, points)


def _tried(steps: NearestPointSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the points that it asks for."""
    return shared.tried(steps.points, lambda _: LOST_TO_OTHERS)


def _blocks(steps: NearestPointSteps, names: shared.LevelNames) -> shared.Blocks:
    number = steps.params.num_points
    points = "point" if number == 1 else f"{number} points"
    yield Paragraph(
        f"size {steps.size:.2f} pixels, the geometric mean of the sides, which belongs "
        f"on {names[steps.level]}; there the {points} nearest to the center, by "
        "distance in sides of the box; of several objects the nearest has a point"
    )
    shown = steps.points[: shared.ANCHORS_SHOWN]
    rows = [
        (
            *shared.place_words(each.place, names),
            f"{each.distance:.4f}",
            shared.result_words(each),
        )
        for each in shown
    ]
    yield shared.anchor_table(("distance",), rows, steps.points)
    if len(steps.points) > len(shown):
        yield Paragraph(f"{len(steps.points) - len(shown)} more")


STEPS = Steps(_follow, _tried, _blocks)
