"""The steps of the IoU-threshold rule for one object, and as text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.assignment import within_border
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.contest import Claims, marked
from atss_inspect.assigners.iou_threshold import assign, floor, windows
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.views import numbers
from atss_inspect.views.names import name_of_id

# A box that overlaps no anchor claims every anchor of its image; these are enough.
MAX_ANCHORS = 200


class Overlapping(NamedTuple):
    """One anchor that overlaps the object."""

    place: Place  # which anchor
    iou: np.float32  # float32 with the box
    reaches_bar: bool  # its IoU is at least ``positive_from``
    # it is (one of) the object's best, and may be a low-quality match
    is_low_quality: bool
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the anchor, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that could have had it


class IouThresholdSteps(NamedTuple):
    """How the IoU-threshold rule comes to its answer."""

    params: IouThresholdParams  # of the rule
    best: np.float32  # float32 best IoU of the object with any anchor
    num_over_bar: int  # anchors whose IoU with the object is at least ``positive_from``
    num_low_quality: int  # anchors that are low-quality matches by their IoU with it
    # the best ones: at least half the best IoU, at most ``MAX_ANCHORS``
    anchors: tuple[Overlapping, ...]


def _follow(subject: Subject, params: IouThresholdParams) -> IouThresholdSteps:
    claims, best = assign.reaching_claims(subject.frame, subject.grids, params)
    low, _ = assign.low_quality_claims(claims, best, params)
    is_low, own = marked(low, len(claims.gt)), claims.gt == subject.gt
    bar = np.float32(params.positive_from)
    reaches = claims.strength >= bar
    own_low = claims.take(own & is_low)
    shown = _best_anchors(subject, params, own_low)
    wanted = within_border(claims.take(reaches | is_low), subject.grids)
    pairs, overlaps = wanted[:2], shown.strength
    passes = overlaps >= bar, np.isin(shown.anchor, own_low.anchor)
    tests = overlaps, *(test.tolist() for test in passes)
    return IouThresholdSteps(
        params=params,
        best=overlaps.max(initial=np.float32(0)),
        num_over_bar=int(np.count_nonzero(own & reaches)),
        num_low_quality=int(np.count_nonzero(own & is_low & ~reaches)),
        anchors=subject.rows(Overlapping, shown.anchor, pairs, *tests),
    )


def _best_anchors(
    subject: Subject, params: IouThresholdParams, low_quality: Claims
) -> Claims:
    """Take the anchors of at least half the object's best IoU, the best first."""
    gt = corners_of(subject.frame.gt_boxes).take([subject.gt])
    image = np.zeros(1, dtype=np.int64)
    bound = windows.best_iou_bound(gt, image, subject.grids, params)
    found = low_quality
    if bound[0] > 0:
        bars = bound / np.float32(2)
        near = windows.anchors_reaching(gt, image, bars, subject.grids, params)
        found = Claims.join(near)
    return found.take(np.lexsort((found.anchor, -found.strength))[:MAX_ANCHORS])


def _tried(steps: IouThresholdSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the anchors of at least half the best IoU."""
    return shared.tried(steps.anchors, lambda _: "under_bar")


def _blocks(steps: IouThresholdSteps, names: shared.LevelNames) -> shared.Blocks:
    params = steps.params
    low, high = params.negative_below, params.positive_from
    name = params.measure_name
    yield Paragraph(
        f"bars: positive from {high:g}, negative below {low:g}, ignored between"
    )
    yield Paragraph(_matches(params))
    shown = steps.anchors[: shared.ANCHORS_SHOWN]
    rest = steps.anchors[len(shown) :]
    if shown:
        yield shared.BLANK
        most = "overlaps most" if name == "IoU" else f"is most like by {name}"
        yield Paragraph(f"anchors it {most}")
        headings = ("level", "row", "column", "anchor", name, "test", "result")
        marks = np.float32(high), np.float32(low), steps.best
        digits = _digits([each.iou for each in shown], marks)
        rows = [_anchor_row(each, params, names, digits) for each in shown]
        yield shared.StepTable(headings, rows, left=("level", "test", "result"))
    if rest:
        an = "an" if name[0] in "IN" else "a"
        yield Paragraph(f"{len(rest)} more down to {an} {name} of {rest[-1].iou:.4f}")
    over = numbers.plural(steps.num_over_bar, "anchor")
    matches = f"{numbers.count(steps.num_low_quality)} of its best below"
    yield shared.BLANK
    yield Paragraph(
        f"best {name} {steps.best:.4f}; {over} at {high:g} or above, {matches}"
    )


def _matches(params: IouThresholdParams) -> str:
    """Write which anchors are low-quality matches, and whose."""
    if not params.allow_low_quality:
        return "no low-quality matches"
    is_own = params.low_quality_owner == "own_best"
    owner = "object they overlap most" if is_own else "last object to claim them"
    anchors = (
        "best anchors" if params.low_quality_ties == "all" else "first best anchor"
    )
    which = f"each object's {anchors}{floor(params)}"
    return f"low-quality matches: {which}, to the {owner}"


def _digits(ious: Sequence[np.float32], marks: Sequence[np.float32]) -> int:
    """Digits from 4 on at which no IoU looks like a mark that it is not."""
    pairs = [(iou, mark) for iou in ious for mark in marks if iou != mark]
    enough = (
        digits
        for digits in range(4, 10)
        if all(f"{iou:.{digits}f}" != f"{mark:.{digits}f}" for iou, mark in pairs)
    )
    return next(enough, 9)


def _anchor_row(
    each: Overlapping, params: IouThresholdParams, names: shared.LevelNames, digits: int
) -> shared.Line:
    where = shared.place_words(each.place, names)
    return (
        *where,
        f"{each.iou:.{digits}f}",
        _bar_test(each, params),
        _result_words(each),
    )


def _result_words(each: Overlapping) -> str:
    """Write what became of an anchor, and of a low-quality match whose best it is."""
    if each.outcome != "positive" or each.reaches_bar:
        return shared.result_words(each)
    other = "" if each.is_low_quality else f" (best of {name_of_id(each.rivals[0])})"
    return f"low-quality match{other}"


def _bar_test(each: Overlapping, params: IouThresholdParams) -> str:
    if each.reaches_bar:
        return f">= {params.positive_from:g}"
    if each.is_low_quality:
        return "its best"
    is_between = float(each.iou) >= params.negative_below
    return "between" if is_between else f"< {params.negative_below:g}"


def _why(steps: IouThresholdSteps, cause: str) -> str | None:
    """Explain that the best anchor of an object overlaps too little."""
    if cause != "under_bar":
        return None
    params = steps.params
    best = f"its best {params.measure_name} is {steps.best:.4f}"
    bar = f"{best}, under the bar of {params.positive_from:g}"
    if not params.allow_low_quality:
        return f"{bar}, and there are no low-quality matches"
    if steps.best >= np.float32(params.low_quality_floor):
        return f"{bar}, and its low-quality match went to another object"
    return f"{bar} and under the {params.low_quality_floor:g} of a low-quality match"


STEPS = Steps(_follow, _tried, _blocks, _why)
