"""The steps of ATSS for one object, from the assigner's own functions, and as text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.assignment import within_border
from atss_inspect.assigners.atss import assign
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.views import numbers

# Rows alike in everything but their numbers: so many are shown, the rest is counted.
ALIKE = 2
POSITIVES_ALIKE = 9


class Candidate(NamedTuple):
    """One candidate of the object."""

    place: Place  # which anchor
    distance: np.float32  # float32 between the centers, input pixels
    iou: np.float32  # float32 with the box
    passes: bool  # its IoU passes the threshold
    is_inside: bool  # its center lies inside the box
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the anchor, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that could have had it


class AtssSteps(NamedTuple):
    """How ATSS comes to its answer."""

    params: AtssParams  # of the rule
    k: int  # candidates asked for per level
    candidates: tuple[Candidate, ...]  # by level, nearest first
    # mean, std, threshold: float32 of their IoUs
    mean: np.float32
    std: np.float32
    threshold: np.float32


def _follow(subject: Subject, params: AtssParams) -> AtssSteps:
    found = assign.find_eligible(subject.frame, subject.grids, params)
    gt, candidates, statistics = found.gt, found.candidates, found.statistics
    num_candidates = candidates.iou.shape[1]
    own = subject.gt * num_candidates + np.arange(num_candidates)
    own = own[~np.isnan(candidates.iou.ravel()[own])]
    overlaps = candidates.iou.ravel()[own]
    threshold = statistics.threshold[subject.gt]
    (x, y), center = candidates.centers(own), gt.take(subject.gt).centers()
    x, y = x - center[0], y - center[1]
    wanted = assign.wanted_anchors(subject.frame, subject.grids, candidates, own)
    depth = assign.center_depth(gt, candidates, own)
    is_inside = depth > np.float32(params.center_margin)
    passes = params.passes(overlaps, threshold), is_inside
    tests = np.sqrt(y * y + x * x), overlaps, *(test.tolist() for test in passes)
    claims = within_border(found.claims, subject.grids)
    rows = subject.rows(Candidate, wanted.anchor, claims[:2], *tests)
    mean, std = statistics.mean[subject.gt], statistics.std[subject.gt]
    k = candidates.cells.row.shape[1]
    return AtssSteps(params, k, rows, mean, std, threshold)


def _tried(steps: AtssSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """All candidates; a center outside comes first, which no threshold mends."""
    return shared.tried(
        steps.candidates,
        lambda each: "under_threshold" if each.is_inside else "center_outside",
    )


def _blocks(steps: AtssSteps, names: shared.LevelNames) -> shared.Blocks:
    # Candidates of a level together whose tests and results are the same.
    groups: dict[tuple[object, ...], list[Candidate]] = {}
    for each in steps.candidates:
        kind = each.place.level, each.passes, each.is_inside, shared.result_words(each)
        groups.setdefault(kind, []).append(each)
    test = f"{steps.params.threshold_test} {steps.threshold:.4f}"
    yield Paragraph(f"candidates: the {steps.k} nearest anchor centers of each level")
    headings = ("distance", "IoU", test, "inside")
    rows = [row for group in groups.values() for row in _candidate_rows(group, names)]
    yield shared.anchor_table(headings, rows, steps.candidates, left=headings[2:])
    yield shared.BLANK
    yield Paragraph(
        f"threshold: mean {steps.mean:.4f} + std {steps.std:.4f} of the "
        f"{len(steps.candidates)} IoUs = {steps.threshold:.4f}"
    )


def _candidate_rows(
    group: list[Candidate], names: shared.LevelNames
) -> Iterator[shared.Line]:
    """Write candidates of one level that are alike; of many the first."""
    first = group[0]
    most = POSITIVES_ALIKE if first.outcome == "positive" else ALIKE
    shown = group if len(group) <= most else group[: max(most - 1, 1)]
    tests = [("no", "yes")[test] for test in (first.passes, first.is_inside)]
    tests.append(shared.result_words(first))
    for each in shown:
        where = shared.place_words(each.place, names)
        yield (*where, f"{each.distance:.2f}", f"{each.iou:.4f}", *tests)
    rest = group[len(shown) :]
    if rest:
        where = (names[first.place.level], f"{len(rest)} more", "", "")
        best = max(each.iou for each in rest)
        yield (*where, f"<= {rest[-1].distance:.2f}", f"<= {best:.4f}", *tests)


def _why(steps: AtssSteps, cause: str) -> str | None:
    """Explain by its candidates why an object has nothing."""
    if cause == "no_center_inside":
        number = numbers.count(len(steps.candidates))
        return f"none of its {number} candidates has its center inside the box"
    if cause != "under_threshold":
        return None
    inside = [each.iou for each in steps.candidates if each.is_inside]
    number = numbers.plural(len(inside), "candidate")
    has = "has its center" if len(inside) == 1 else "have their centers"
    if np.isnan(steps.threshold):
        return f"{number} {has} inside, but one candidate alone gives no threshold"
    return (
        f"{number} {has} inside the box, with an IoU of at most {max(inside):.4f}, "
        f"under its threshold of {steps.threshold:.4f}"
    )


STEPS = Steps(_follow, _tried, _blocks, _why)
