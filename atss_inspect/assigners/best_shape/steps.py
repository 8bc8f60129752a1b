"""The steps of Guided Anchoring's rule for one object, and as text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.best_shape import assign
from atss_inspect.assigners.best_shape.params import BestShapeParams
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.contest import Claims, marked
from atss_inspect.assigners.iou_threshold import windows
from atss_inspect.assigners.pyramid import Grids, build_pyramid
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.views import numbers

# Cells of at least half the best IoU, at most so many.
MAX_CELLS = 200


class OverlappingCell(NamedTuple):
    """One cell with an anchor shape that overlaps the object."""

    place: Place  # which cell
    iou: np.float32  # float32 best of its shapes with the box
    reaches_bar: bool  # that is at least ``positive_from``
    is_low_quality: bool  # it is (one of) the object's best, and may be forced
    outcome: str  # ``positive``, ``lost`` (to another object) or ``no``
    held_by: Any  # annotation id of another object that has the cell, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that could have had it


class BestShapeSteps(NamedTuple):
    """How the rule comes to its answer."""

    params: BestShapeParams  # of the rule
    best: np.float32  # float32 best IoU of the object with any anchor shape
    num_over_bar: int  # cells whose IoU with the object is at least ``positive_from``
    cells: tuple[OverlappingCell, ...]  # of at least half the best IoU, the best first


def _follow(subject: Subject, params: BestShapeParams) -> BestShapeSteps:
    frame, own = subject.frame, subject.grids
    shapes = build_pyramid(own.pyramid.rule).grids(frame.padded_size)
    claims, _, low = assign.find_cells(frame, shapes, own, params)
    reaches = claims.strength >= np.float32(params.positive_from)
    is_own, is_low = claims.gt == subject.gt, marked(low, len(claims.gt))
    forced = claims.anchor[is_own & is_low]
    shown = _best_cells(subject, shapes, params, claims.take(is_own & is_low))
    over = shown.strength >= np.float32(params.positive_from)
    tests = over.tolist(), np.isin(shown.anchor, forced).tolist()
    wanted = claims.take(reaches | is_low)[:2]
    cells = subject.rows(OverlappingCell, shown.anchor, wanted, shown.strength, *tests)
    best = shown.strength.max(initial=np.float32(0))
    return BestShapeSteps(params, best, int((is_own & reaches).sum()), cells)


def _best_cells(
    subject: Subject, shapes: Grids, params: BestShapeParams, found: Claims
) -> Claims:
    """Take the cells of at least half the object's best IoU, the best first."""
    gt, image = corners_of(subject.frame.gt_boxes).take([subject.gt]), np.zeros(1, int)
    bound = windows.best_iou_bound(gt, image, shapes, params.iou_threshold)
    if bound[0] > 0:
        bars = bound / np.float32(2)
        near = windows.anchors_reaching(gt, image, bars, shapes, params.iou_threshold)
        found = assign.best_of_cells(Claims.join(near), shapes, subject.grids)
    return found.take(np.lexsort((found.anchor, -found.strength))[:MAX_CELLS])


def _tried(steps: BestShapeSteps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the cells of at least half the best IoU."""
    return shared.tried(steps.cells, lambda _: "under_bar")


def _blocks(steps: BestShapeSteps, names: shared.LevelNames) -> shared.Blocks:
    params = steps.params
    high, low = params.positive_from, params.negative_below
    forced, floor = "no low-quality matches", params.low_quality_floor
    if params.allow_low_quality:
        above = f" from {floor:g}" if floor else ""
        forced = f"each object's best cells{above}, to the last object to claim them"
    yield Paragraph(
        f"cells by the best IoU of their shapes: positive from {high:g}, negative "
        f"below {low:g}, ignored between; {forced}"
    )
    shown = steps.cells[: shared.ANCHORS_SHOWN]
    rows = [
        (
            *shared.place_words(each.place, names),
            f"{each.iou:.4f}",
            _test(each, params),
            shared.result_words(each),
        )
        for each in shown
    ]
    if shown:
        yield shared.anchor_table(("IoU", "test"), rows, shown, left=("test",))
    if len(steps.cells) > len(shown):
        yield Paragraph(f"{len(steps.cells) - len(shown)} more")
    over = numbers.plural(steps.num_over_bar, "cell")
    yield Paragraph(f"best IoU {steps.best:.4f}; {over} at {high:g} or above")


def _test(each: OverlappingCell, params: BestShapeParams) -> str:
    """Write how the IoU compares with the bars."""
    if each.reaches_bar:
        return f">= {params.positive_from:g}"
    if each.is_low_quality:
        return "its best"
    is_between = float(each.iou) >= params.negative_below
    return "between" if is_between else f"< {params.negative_below:g}"


def _why(steps: BestShapeSteps, cause: str) -> str | None:
    """Explain that the best cell of an object overlaps too little."""
    if cause != "under_bar":
        return None
    params, best = steps.params, steps.best
    text = f"its best IoU is {best:.4f}, under the bar of {params.positive_from:g}"
    if not params.allow_low_quality:
        return f"{text}, and there are no low-quality matches"
    if best >= np.float32(params.low_quality_floor):
        return f"{text}, and its low-quality match went to another object"
    return f"{text} and under the {params.low_quality_floor:g} of a low-quality match"


STEPS = Steps(_follow, _tried, _blocks, _why)
