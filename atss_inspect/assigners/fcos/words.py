"""FCOS in words: its line, its steps, what could help an object, how it is drawn."""

import itertools
from collections.abc import Iterator
from typing import Any

from atss_inspect.assigners.fcos.assign import scale_ranges
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.fcos.steps import POINTS_PER_LEVEL, FcosSteps, Point
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
from atss_inspect.assigners.steps import BLANK, Line, place_words, result_words
from atss_inspect.views import numbers
from atss_inspect.views.names import name_of_id

# Steps tried for an object without a positive, the smallest first.
WIDER_RADII = (2.0, 2.5, 3.0, 4.0)


def _describe(params: FcosParams, pyramid: Pyramid) -> str:
    """Describe the ends of the scale ranges, and the center sampling."""
    ranges = _ranges(params, pyramid)
    touch = all(one[1] == two[0] for one, two in itertools.pairwise(ranges))
    ends = ", ".join(f"{high:g}" for _, high in ranges[:-1])
    text = f"ranges end at {ends}" if touch and ends else "own scale ranges"
    radius = params.center_sampling_radius
    sampling = f", within {radius:g} strides of centers" if radius else ""
    return f"FCOS, {text}{sampling}"


def _ranges(params: FcosParams, pyramid: Pyramid) -> list[list[float]]:
    """List the scale range of every level."""
    ranges: list[list[float]] = scale_ranges(pyramid, params).tolist()
    return ranges


def _mmdetection(
    params: FcosParams, _pyramid: Pyramid, name: str
) -> Iterator[tuple[str, str, Any]]:
    """Write a parameter as the head of mmdetection has it."""
    if name == "scale_ranges":
        yield "bbox_head", "regress_ranges", list(params.scale_ranges)
    elif name == "center_sampling_radius":
        yield "bbox_head", "center_sampling", params.center_sampling_radius > 0
        yield "bbox_head", "center_sample_radius", params.center_sampling_radius


WORDS = Words(
    title="FCOS",
    meaning=(
        "Points inside the box, on the level whose scale range fits the box, are "
        "positive."
    ),
    describe=_describe,
    level_ranges=_ranges,
    mmdetection=_mmdetection,
    families={
        "fcos": Family(
            ("#00805c", "#004f39", "#33a583"), ("#3cc79c", "#209a76", "#9be8cf"), "^"
        )
    },
)
NOTE = "Of FCOS: the positives, and each level's points nearest to the center."


def wider_radii(params: FcosParams) -> Kinds:
    """Widen the center region, at last to the whole box."""
    radius = params.center_sampling_radius
    if not radius:
        return
    steps = [(f"{wider:g}", wider) for wider in WIDER_RADII if wider > radius]
    steps.append(("0 (whole box)", 0.0))
    path = "assigner.center_sampling_radius"
    yield "center sampling radius", ((step, {path: value}) for step, value in steps)


def halved_ranges(params: FcosParams) -> Changes:
    """Halve the range of the finest level for one level more, if ranges are written."""
    if not params.scale_ranges:
        return {}
    (low, high), *others = params.scale_ranges
    ranges = ((low, high / 2), (high / 2, high), *others)
    return {"assigner.scale_ranges": ranges}


# --- steps -------------------------------------------------------------------------


def blocks(steps: FcosSteps, names: LevelNames) -> Iterator[Paragraph | StepTable]:
    """Write the points level by level, and some of them in full."""
    test = "largest side distance in the scale range of the level"
    radius = steps.params.center_sampling_radius
    if radius:
        test += f", within {radius:g} strides of the center"
    yield Paragraph(f"points inside the box; {test}")
    yield _level_table(steps, names)
    yield from _losses(steps, names)
    yield BLANK
    yield Paragraph(
        f"of each level the {POINTS_PER_LEVEL} points nearest to the center, with "
        "distances to the sides"
    )
    yield _point_table(steps, names)
    yield BLANK
    yield Paragraph(f"area {steps.area:.2f} square pixels; the smallest wins a contest")


def _level_table(steps: FcosSteps, names: LevelNames) -> StepTable:
    """Count the points of each level that pass each test."""
    rows = []
    for each in steps.levels:
        counts = (*each[3:6], each.num_won)
        contested = f"{each.num_contested} of {each.num_in_range}"
        rows.append(
            (
                names[each.level],
                f"{max(each.range_low, 0):g} to {each.range_high:g}",
                *map(numbers.count, counts),
                contested if each.num_in_range else "-",
            )
        )
    headings = ("inside", "in region", "in range", "won", "contested")
    return StepTable(("level", "scale range", *headings), rows, left=("level",))


def _losses(steps: FcosSteps, names: LevelNames) -> Iterator[Paragraph]:
    """Name the objects that have the points lost."""
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


def _point_table(steps: FcosSteps, names: LevelNames) -> StepTable:
    """Write a few points in full."""
    rows: list[Line] = [
        (
            *place_words(each.place, names)[:3],
            *(f"{side:.2f}" for side in each.ltrb),
            f"{max(each.ltrb):.2f}",
            _result(each),
        )
        for each in steps.points
    ]
    sides = ("left", "top", "right", "bottom", "largest")
    headings = ("level", "y", "x", *sides, "result")
    return StepTable(headings, rows, left=("level", "result"))


def _result(each: Point) -> str:
    """Write what became of a point, or which test it fails."""
    if each.is_in_range:
        return result_words(each.outcome, each.held_by)
    if each.is_in_region:
        return "out of range"
    return "too far from center" if each.is_inside else "outside the box"
