"""The steps of the ranking rule for one object, and as text."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.assignment import within_border
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.contest import Claims
from atss_inspect.assigners.ranking import assign
from atss_inspect.assigners.ranking.params import RankingParams
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.views import numbers

# So many of the next nearest are told too.
NEXT = 4


class Ranked(NamedTuple):
    """One of the anchors most alike the object."""

    place: Place  # which anchor
    likeness: np.float32  # float32 with the box, from 1 down to 0
    # float32 when the anchor is made ``ratio`` times as large; NaN without a second
    # time
    likeness_again: np.float32
    is_nearest: bool  # one of the k nearest
    is_again: bool  # one of the ``k_again`` nearest the second time
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the anchor, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that are given it too


class RankingSteps(NamedTuple):
    """How the ranking rule comes to its answer."""

    params: RankingParams  # of the rule
    anchors: tuple[Ranked, ...]  # given to the object, and the next ones, nearest first


def _follow(subject: Subject, params: RankingParams) -> RankingSteps:
    frame, grids = subject.frame, subject.grids
    boxes, anchors = assign.ranking_claims(frame, grids, params)
    own = anchors[boxes == subject.gt]
    wider = assign.nearest(frame, grids, params.first, params.k + NEXT).claims
    keys = np.union1d(own, wider.anchor[wider.gt == subject.gt])
    box = corners_of(frame.gt_boxes).take([subject.gt])
    corners = grids.corners(keys)
    alike = params.first.likeness(box, corners)
    order = np.argsort(-alike, kind="stable")
    keys, alike = keys[order], alike[order]
    again = np.full_like(alike, np.nan)
    nearest = [assign.nearest(frame, grids, params.first, params.k).claims]
    if params.k_again:
        again = params.again.likeness(box, grids.corners(keys))
        nearest.append(
            assign.nearest(frame, grids, params.again, params.k_again).claims
        )
    tests = [
        np.isin(keys, each.anchor[each.gt == subject.gt]).tolist() for each in nearest
    ]
    if not params.k_again:
        tests.append([False] * len(keys))
    claims = Claims(boxes, anchors, np.zeros(len(boxes), dtype=np.float32))
    pairs = within_border(claims, grids)[:2]
    return RankingSteps(params, subject.rows(Ranked, keys, pairs, alike, again, *tests))


def _tried(steps: RankingSteps, positives: Sequence[Place]) -> Any:
    """List the nearest anchors, and the ones after them."""
    return shared.tried(steps.anchors, lambda _: "not_among_nearest", positives)


def _blocks(steps: RankingSteps, names: shared.LevelNames) -> shared.Blocks:
    params = steps.params
    yield Paragraph(
        f"the {params.k} anchors nearest by {params.measure_name}, on all levels "
        f"together; of several objects that are given one, the last has it"
    )
    if params.k_again:
        yield Paragraph(
            f"then the {params.k_again} nearest when anchors are {params.ratio:g} "
            f"times as large, of those that no object was given before"
        )
    shown = steps.anchors[: shared.ANCHORS_SHOWN]
    if shown:
        headings = (params.measure_name, "given")
        rows = [_anchor_row(each, names) for each in shown]
        yield shared.anchor_table(headings, rows, steps.anchors, left=("given",))
    if len(steps.anchors) > len(shown):
        yield Paragraph(f"{len(steps.anchors) - len(shown)} more")


def _anchor_row(each: Ranked, names: shared.LevelNames) -> shared.Line:
    given = "nearest" if each.is_nearest else "second time" if each.is_again else "no"
    result = shared.result_words(each)
    return (
        *shared.place_words(each.place, names),
        f"{each.likeness:.6f}",
        given,
        result,
    )


def _why(steps: RankingSteps, cause: str) -> str | None:
    """Explain by its nearest anchors why an object has nothing."""
    if cause != "lost_to_others":
        return None
    given = [each for each in steps.anchors if each.is_nearest or each.is_again]
    number = numbers.plural(len(given), "nearest anchor")
    which = f"its {number} by {steps.params.measure_name}"
    return f"no anchor is left to it: {which} went to other objects"


STEPS = Steps(_follow, _tried, _blocks, _why)
