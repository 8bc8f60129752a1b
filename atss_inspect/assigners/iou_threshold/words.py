"""The IoU-threshold rule in words: its line, its steps, what could help an object."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.iou_threshold.steps import IouThresholdSteps, Overlapping
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import (
    Changes,
    Family,
    Kinds,
    LevelNames,
    Paragraph,
    StepTable,
    Words,
)
from atss_inspect.assigners.steps import (
    ANCHORS_SHOWN,
    BLANK,
    place_words,
    result_words,
)
from atss_inspect.views import numbers

# Steps tried for an object without a positive. Lower bars would call positive what
# hardly overlaps.
LOWER_BARS = (0.6, 0.55, 0.5, 0.45, 0.4, 0.35, 0.3)
LOWER_FLOORS = (0.2, 0.1, 0.0)
_MMDETECTION = {
    "positive_from": "pos_iou_thr",
    "negative_below": "neg_iou_thr",
    "low_quality_floor": "min_pos_iou",
    "allow_low_quality": "match_low_quality",
}


def _describe(params: IouThresholdParams, _pyramid: Pyramid) -> str:
    """Describe the two bars and what happens below them."""
    text = f"IoU {params.positive_from:g}/{params.negative_below:g}"
    if not params.allow_low_quality:
        return f"{text}, no low-quality"
    return f"{text}, low-quality{_floor(params)}"


def _floor(params: IouThresholdParams) -> str:
    """Describe the floor of low-quality matches, if there is one."""
    floor = params.low_quality_floor
    return f" from {floor:g}" if floor else ""


def _mmdetection(
    params: IouThresholdParams, _pyramid: Pyramid, name: str
) -> Iterator[tuple[str, str, Any]]:
    """Write a parameter as the assigner of mmdetection has it."""
    if name in _MMDETECTION:
        yield "assigner", _MMDETECTION[name], getattr(params, name)


WORDS = Words(
    title="IoU rule",
    meaning=(
        "Anchors with an IoU above a fixed bar are positive (RetinaNet, RPN). A "
        "low-quality match gives an object its best anchor even below the bar."
    ),
    describe=_describe,
    mmdetection=_mmdetection,
    families={
        "retinanet": Family(
            ("#a3458f", "#6b2560", "#c27ab2"), ("#d98cc7", "#b562a1", "#f3c4e8"), "s"
        ),
        "rpn": Family(
            ("#8f6a00", "#5c4400", "#b38d2b"), ("#e0b93a", "#b3902a", "#f5dd8c"), "D"
        ),
    },
)


def without_low_quality(params: IouThresholdParams) -> IouThresholdParams | None:
    """Take low-quality matches from the rule; None where it has none."""
    if not params.allow_low_quality:
        return None
    return replace(params, allow_low_quality=False)


def lower_bars(params: IouThresholdParams) -> Kinds:
    """List lower bars of one sort or another."""
    if not params.allow_low_quality:
        changes: Changes = {"assigner.allow_low_quality": True}
        yield "low-quality matches", iter([("true", changes)])
    elif params.low_quality_floor > 0:
        floors = (floor for floor in LOWER_FLOORS if floor < params.low_quality_floor)
        path = "assigner.low_quality_floor"
        yield "low-quality floor", ((f"{each:g}", {path: each}) for each in floors)
    yield "IoU bar", _lower_bars(params)


def _lower_bars(params: IouThresholdParams) -> Iterator[tuple[str, Changes]]:
    """Lower ``positive_from``; ``negative_below`` gives way where it must."""
    for bar in LOWER_BARS:
        if bar < params.positive_from:
            changes: Changes = {"assigner.positive_from": bar}
            if bar < params.negative_below:
                changes["assigner.negative_below"] = bar
            yield f"{bar:g}", changes


# --- steps -------------------------------------------------------------------------


def blocks(
    steps: IouThresholdSteps, names: LevelNames
) -> Iterator[Paragraph | StepTable]:
    """Write the bars and the anchors that fit best."""
    params = steps.params
    yield Paragraph(
        f"bars: positive from {params.positive_from:g}, negative below "
        f"{params.negative_below:g}, ignored between"
    )
    yield Paragraph(_low_quality(params))
    shown = steps.anchors[:ANCHORS_SHOWN]
    rest = steps.anchors[len(shown) :]
    if shown:
        yield BLANK
        yield Paragraph("anchors it overlaps most")
        yield _anchor_table(shown, params, names)
    if rest:
        yield Paragraph(f"{len(rest)} more down to an IoU of {rest[-1].iou:.4f}")
    over = numbers.plural(steps.num_over_bar, "anchor")
    matches = numbers.count(steps.num_low_quality)
    yield BLANK
    yield Paragraph(
        f"best IoU {steps.best:.4f}; {over} at {params.positive_from:g} or above, "
        f"{matches} low-quality below"
    )


def _low_quality(params: IouThresholdParams) -> str:
    """Describe which low-quality matches there are, and who gets them."""
    if not params.allow_low_quality:
        return "no low-quality matches"
    owner = "the last object to claim them"
    if params.low_quality_owner == "own_best":
        owner = "the object they overlap most"
    return f"low-quality match: its best anchors{_floor(params)}, to {owner}"


def _anchor_table(
    shown: tuple[Overlapping, ...], params: IouThresholdParams, names: LevelNames
) -> StepTable:
    """Write anchors, the bar they reach and what became of them."""
    rows = [
        (
            *place_words(each.place, names),
            f"{each.iou:.4f}",
            _bar_test(each, params),
            result_words(each.outcome, each.held_by, each.rivals),
        )
        for each in shown
    ]
    headings = ("level", "y", "x", "anchor", "IoU", "test", "result")
    return StepTable(headings, rows, left=("level", "test", "result"))


def _bar_test(each: Overlapping, params: IouThresholdParams) -> str:
    """Write which bar an anchor reaches."""
    if each.reaches_bar:
        return f">= {params.positive_from:g}"
    if each.is_low_quality:
        return "its best"
    is_between = float(each.iou) >= params.negative_below
    return "between" if is_between else f"< {params.negative_below:g}"


def why(steps: IouThresholdSteps, cause: str) -> str | None:
    """Explain that the best anchor of an object overlaps too little."""
    if cause != "under_bar":
        return None
    params = steps.params
    bar = f"its best IoU is {steps.best:.4f}, under the bar of {params.positive_from:g}"
    if not params.allow_low_quality:
        return f"{bar}, and there are no low-quality matches"
    return f"{bar} and under the {params.low_quality_floor:g} of a low-quality match"
