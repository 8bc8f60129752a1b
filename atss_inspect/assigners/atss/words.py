"""ATSS in words: its line, its steps, what could help an object, how it is drawn."""

from collections.abc import Iterator, Sequence

import numpy as np

from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.atss.steps import AtssSteps, Candidate
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
    BLANK,
    Line,
    anchor_table,
    place_words,
    result_words,
)
from atss_inspect.views import numbers

# Rows alike in everything but their numbers: so many are shown, the rest is counted.
ALIKE = 2
POSITIVES_ALIKE = 9
# Steps tried for an object without a positive, the smallest first.
MORE_CANDIDATES = (11, 13, 15, 19, 25, 31)


def _describe(params: AtssParams, pyramid: Pyramid) -> str:
    """Describe what k counts; 9 anchors a cell make the same k ninefold or not."""
    if params.k_per_anchor and pyramid.anchors_per_cell > 1:
        return f"ATSS, k {params.k} x {pyramid.anchors_per_cell} anchors per level"
    return f"ATSS, k {params.k} per level"


def _mmdetection(
    params: AtssParams, pyramid: Pyramid, name: str
) -> Iterator[tuple[str, str, int]]:
    """K as mmdetection counts it: per level, however many anchors a cell holds."""
    if name == "k":
        k = params.candidates_per_level(pyramid.anchors_per_cell)
        yield "assigner", "topk", k


WORDS = Words(
    title="ATSS",
    meaning=(
        "Takes the k nearest anchors of each level as candidates; those whose IoU "
        "reaches mean + standard deviation, with their center inside the box, are "
        "positive."
    ),
    describe=_describe,
    mmdetection=_mmdetection,
    families={
        "atss": Family(
            ("#0072b2", "#00456b", "#3f97cc"), ("#56b4e9", "#2f8fc7", "#a5dbff"), "o"
        )
    },
)


def more_candidates(params: AtssParams) -> Kinds:
    """List larger k."""
    steps: list[tuple[str, Changes]] = [
        (str(k), {"assigner.k": k}) for k in MORE_CANDIDATES if k > params.k
    ]
    yield "k", iter(steps)


def expected_positives(params: AtssParams, pyramid: Pyramid) -> float:
    """Estimate the positives per object: 0.2 of its candidates, 0.2 * k * L.

    Where the convention takes k per anchor, there are k times the anchors per cell on
    each level.

    Notes
    -----
    Zhang et al. 2020 (arXiv:1912.02424), section 3.3: of candidates distributed
    normally, about 16 % lie above mean + std; hence "about 0.2 * kL positive samples".
    """
    per_level = params.candidates_per_level(pyramid.anchors_per_cell)
    return per_level * pyramid.num_levels / 5


# --- steps -------------------------------------------------------------------------


def blocks(steps: AtssSteps, names: LevelNames) -> Iterator[Paragraph | StepTable]:
    """Write candidates, threshold, and what passes."""
    test = f"{steps.params.threshold_test} {steps.threshold:.4f}"
    numbers_ = ("distance", "IoU", test, "inside", "result")
    rows = [
        row
        for group in _groups(steps.candidates)
        for row in _candidate_rows(group, names)
    ]
    yield Paragraph(f"candidates: the {steps.k} nearest anchor centers of each level")
    yield anchor_table(
        ("level", "y", "x", "anchor", *numbers_),
        rows,
        [each.place for each in steps.candidates],
        left=("level", test, "inside", "result"),
    )
    yield BLANK
    yield Paragraph(
        f"threshold: mean {steps.mean:.4f} + std {steps.std:.4f} of the "
        f"{len(steps.candidates)} IoUs = {steps.threshold:.4f}"
    )


def _groups(candidates: Sequence[Candidate]) -> Iterator[list[Candidate]]:
    """Put candidates of a level together whose tests and results are the same."""
    groups: dict[tuple[object, ...], list[Candidate]] = {}
    for each in candidates:
        kind = each.place.level, each.passes, each.is_inside, _result(each)
        groups.setdefault(kind, []).append(each)
    yield from groups.values()


def _result(each: Candidate) -> str:
    """Write what became of a candidate."""
    return result_words(each.outcome, each.held_by, each.rivals)


def _candidate_rows(group: list[Candidate], names: LevelNames) -> Iterator[Line]:
    """Write candidates of one level that are alike; of many the first."""
    most = POSITIVES_ALIKE if group[0].outcome == "positive" else ALIKE
    shown = group if len(group) <= most else group[: max(most - 1, 1)]
    tests = (
        "yes" if group[0].passes else "no",
        "yes" if group[0].is_inside else "no",
        _result(group[0]),
    )
    for each in shown:
        numbers_ = f"{each.distance:.2f}", f"{each.iou:.4f}"
        yield (*place_words(each.place, names), *numbers_, *tests)
    rest = group[len(shown) :]
    if rest:
        best = max(each.iou for each in rest)
        level = names[rest[0].place.level]
        most_ = f"<= {rest[-1].distance:.2f}", f"<= {best:.4f}"
        yield (level, f"{len(rest)} more", "", "", *most_, *tests)


def why(steps: AtssSteps, cause: str) -> str | None:
    """Explain by its candidates why an object has nothing."""
    if cause == "no_center_inside":
        number = numbers.count(len(steps.candidates))
        return f"none of its {number} candidates has its center inside the box"
    return _under_threshold(steps) if cause == "under_threshold" else None


def _under_threshold(steps: AtssSteps) -> str:
    """Explain that candidates are inside, and overlap too little."""
    inside = [each.iou for each in steps.candidates if each.is_inside]
    number = numbers.plural(len(inside), "candidate")
    has = "has its center" if len(inside) == 1 else "have their centers"
    if np.isnan(steps.threshold):
        return f"{number} {has} inside, but one candidate alone gives no threshold"
    return (
        f"{number} {has} inside the box, with an IoU of at most {max(inside):.4f}, "
        f"under its threshold of {steps.threshold:.4f}"
    )
