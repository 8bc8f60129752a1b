"""The first screen of `stats`: how many objects lose, which, why, and is it bad.

At most 24 lines of 80 columns for three presets, whatever else there is to say: what
does not fit stands in the answer of ``--full``.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from atss_inspect.annotations.data_rules import CHOSEN
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.statistics.grades import Grade, Graded, Judgement
from atss_inspect.statistics.statistic import Kind
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Block, Closing, Data
from atss_inspect.views.headings import (
    brief_names,
    counted_things,
    decision_lines,
    selection_words,
)
from atss_inspect.views.names import cell_width, clip, clip_middle, fold, heading_lines
from atss_inspect.views.table import (
    AnyCell,
    Cell,
    Row,
    RowKind,
    Section,
    Table,
    count_row,
    row_of,
)
from atss_inspect.views.verdict import are_alike, verdict

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

LINES = 24
_ROOM_FOR_FILE = 24
# What tells least goes first where there is more to say: a row is left out from its
# step on. Without one it always stays.
Spared = tuple[int | None, Row]
_UNUSED_INTERVAL, _OTHER_COMMAND, _NO_LOSS, _BARS, _RATIO = range(1, 6)
_INTERVAL, _MEAN, _USUAL, _FINE, _CAVEATS, _HIDDEN = 7, 9, 10, 11, 12, 13
# Rows of causes at each step.
_MOST_CAUSES = (*(99,) * 6, *(3,) * 2, *(2,) * 6)


def first_screen(report: "StatsReport", commands: Sequence[str]) -> Iterator[Block]:
    """Arrange the first screen; ``commands`` are to be typed next, the best first."""
    data = tuple(data_lines(report))
    rows = list(_rows(report, report.judgements)) if report.has_objects else []
    heading = max(len(heading_lines(name)) for name in report.names)
    room = LINES - len(data) - heading - 2
    for step in range(len(_MOST_CAUSES)):
        kept = _rows_at(report, rows, step)
        text = _verdict_at(report, kept, step)
        lines = fold(text, first="verdict: ", width=report.width)
        typed = commands if step < _OTHER_COMMAND else commands[:1]
        widths = (cell_width(f"next: {each}") for each in typed)
        num_typed = sum(-(-width // report.width) for width in widths)
        if len(kept) + len(lines) + num_typed <= room:
            break
    yield Data(data)
    if kept:
        yield Table(report.names, (Section("", tuple(kept)),))
    yield Closing((text,), tuple(typed))


def _rows_at(report: "StatsReport", rows: Sequence[Spared], step: int) -> list[Row]:
    """The rows that stay at a step, with those of causes."""
    kept = [row for until, row in rows if until is None or step < until]
    kept[2:2] = cause_rows(report.summaries, _MOST_CAUSES[step], "  ") if kept else ()
    return kept


def _verdict_at(report: "StatsReport", kept: Sequence[Row], step: int) -> str:
    """The verdict at a step, and which sizes are not shown, or they do not add up."""
    judged = report.judgements
    is_told = {"with_bars": step < _BARS, "with_caveats": step < _CAVEATS}
    text = verdict(report, judged=judged, **is_told)
    kinds = {one.groups[0].counts.is_of_gate for one in judged}
    each = (_sizes(judged, of_gates=kind) for kind in sorted(kinds))
    sizes = [row for _, row in chain(*each)] if kept and step < _HIDDEN else []
    shown = {row.label for row in kept}
    if hidden := {row.label.strip(): None for row in sizes if row.label not in shown}:
        text += f" Not shown (--full): {numbers.joined([*hidden])}."
    return text


def data_lines(report: "StatsReport") -> Iterator[str]:
    """Name the annotations in a line, what was asked for, and who chose the presets."""
    images, annotations, classes = counted_things(report.dataset)
    files = brief_names(report.dataset.files)
    for lost in _left_out(report):
        facts = f"{images}, {annotations}{lost}, {classes}"
        room = report.width - cell_width(facts) - 2
        if room >= min(_ROOM_FOR_FILE, cell_width(files)):
            break
    yield f"{clip_middle(files, max(room, 8))}: {facts}"
    only = "; ".join(selection_words(report))
    yield from [clip(f"only {only}", report.width)] if only else []
    yield from decision_lines(report.deciding_files)


def _left_out(report: "StatsReport") -> tuple[str, ...]:
    """Count what all presets leave out unasked, with reasons and without."""
    every = [summary.left_out_objects for summary in report.summaries]
    lost = {why: n for why, n in every[0].items() if why not in CHOSEN}
    if not lost or not are_alike(every):
        return ("",)
    text = f"{numbers.count(sum(lost.values()))} left out"
    reasons = ", ".join(why.replace("_", " ") for why in lost)
    return f" ({text}: {reasons})", f" ({text})"


def _rows(report: "StatsReport", judged: list[Judgement]) -> Iterator[Spared]:
    summaries = report.summaries
    groups = [summary.every_object for summary in summaries]
    yield None, count_row("objects", [one.num_objects for one in groups])
    if not all(one.is_of_gate for one in groups):
        yield from _assigned_rows(groups, judged)
    if any(one.is_of_gate for one in groups):
        yield from gate_rows(summaries, judged)
    lost = [sum(one.values()) for one in report.losses]
    if any(lost) and not any(_left_out(report)):
        yield None, count_row("annotations left out", lost)
    for label, of_gates in (("mean positives", False), ("picks at most, mean", True)):
        means = [one.mean_positives for one in groups]
        cells = [
            Cell(Kind.MEAN, mean if one.is_of_gate == of_gates else None)
            for mean, one in zip(means, groups, strict=True)
        ]
        if any(one.is_of_gate == of_gates for one in groups):
            yield _MEAN, row_of(label, cells)
    if not any(one.is_of_gate for one in groups):
        ratios = [Cell(Kind.RATIO, one.large_to_small) for one in summaries]
        yield _RATIO, row_of("large : small (COCO)", ratios)
    yield None, _grade_row(judged)


def _assigned_rows(
    groups: Sequence[Group], judged: list[Judgement]
) -> Iterator[Spared]:
    """Rows of what assignments do; dashes for gates."""
    has_low = any(one.num_low_quality_only is not None for one in groups)
    without: list[int | None] = [one.num_unassigned for one in groups]
    parts = {"a: " * has_low + "without a positive": without}
    if has_low:
        low = [one.num_low_quality_only for one in groups]
        parts["b: only low-quality matches"] = low
    for label, counts in parts.items():
        cells = [
            numbers.UNDEFINED
            if number is None or one.is_of_gate
            else table.objects(number, share_of(number, one.num_objects))
            for number, one in zip(counts, groups, strict=True)
        ]
        yield None, row_of(label, cells)
    label = "poorly assigned" + (": a + b" if has_low else "")
    yield from _poorly_assigned(judged, label)
    yield from _sizes(judged)


def gate_rows(
    summaries: Sequence[Summary], judged: Sequence[Judgement]
) -> Iterator[Spared]:
    """Rows of what gates let through; dashes for assignments."""
    yield from _poorly_assigned(judged, "without a candidate", of_gates=True)
    yield from _sizes(judged, of_gates=True)
    quotas = {one.candidates.quota for one in summaries if one.candidates}
    few = numbers.plural(quotas.pop(), "candidate") if len(quotas) == 1 else "the quota"
    every = [one.of_quota for one in judged]
    cells: list[AnyCell] = [
        numbers.UNDEFINED
        if one is None
        else table.objects(one.counts.num_unassigned, one.share)._replace(
            grade=one.grade
        )
        for one in every
    ]
    yield None, row_of(f"fewer than {few}", cells)
    if any(one and one.usual is not None for one in every):
        usual = [table.share(one and one.usual) for one in every]
        yield _USUAL, row_of("  usual (COCO val2017)", usual)
    shares = [one.candidates and one.candidates.contested_share for one in summaries]
    yield _RATIO, row_of("contested candidates", map(table.share, shares))


def _poorly_assigned(
    judged: Sequence[Judgement], label: str, *, of_gates: bool = False
) -> Iterator[Spared]:
    """Shares of all objects, with the interval and what is usual; of one kind."""
    every = _of_kind([one.groups[0] for one in judged], of_gates=of_gates)
    shares = [
        Cell(Kind.SHARE, one.counts.poorly_assigned_share, grade=one.grade)
        for one in every
    ]
    yield None, row_of(label, shares, RowKind.SUM)
    spans = list(map(told_interval, every))
    if any(spans):
        is_bad = any(one.grade is not Grade.FINE for one in judged)
        is_used = is_bad or any(map(_is_above_usual, every))
        cells = [Cell(Kind.SHARES, ends) for ends in spans]
        until = _INTERVAL if is_used else _UNUSED_INTERVAL
        yield until, row_of("  95% interval", cells)
    if any(one.usual is not None for one in every):
        usual = [table.share(one.usual) for one in every]
        yield _USUAL, row_of("  usual (COCO val2017)", usual)


def told_interval(graded: Graded) -> tuple[float, float] | None:
    """Interval of a share; None of a gate that leaves no object without a candidate.

    That mostly follows from the rule, and would of any sample.
    """
    if graded.interval is None:
        return None
    is_certain = graded.counts.is_of_gate and not graded.counts.num_unassigned
    low, high = graded.interval
    return None if is_certain else (low, high)


def _of_kind(graded: Sequence[Graded], *, of_gates: bool) -> list[Graded]:
    """Leave nothing of those that are of the other kind of answer."""
    nothing = Graded("", "", Group(0, 0, 0), None, None, None)
    return [one if one.counts.is_of_gate == of_gates else nothing for one in graded]


def _is_above_usual(graded: Graded) -> bool:
    """Whether a share is above what is usual, as both are written."""
    return graded.usual is not None and round(graded.share - graded.usual, 3) > 0


def _grade_row(judged: Sequence[Judgement]) -> Row:
    grades = (one.grade for one in judged)
    cells = [Cell(Kind.GRADE, grade or "too few", grade=grade) for grade in grades]
    return row_of("grade", cells)


def judged_section(judged: Sequence[Judgement], *, has_sizes: bool = False) -> Section:
    """Shares of all objects, with the interval, what is usual, and the grade."""
    kinds = {one.groups[0].counts.is_of_gate for one in judged}
    rows: list[Spared] = []
    for of_gates in sorted(kinds):
        label = (
            "all"
            if len(kinds) == 1
            else "without a candidate"
            if of_gates
            else "others"
        )
        rows += _poorly_assigned(judged, label, of_gates=of_gates)
        rows += _sizes(judged, of_gates=of_gates) if has_sizes else ()
    title = "without a candidate" if kinds == {True} else "poorly assigned"
    return Section(title, (*(row for _, row in rows), _grade_row(judged)))


def _sizes(judged: Sequence[Judgement], *, of_gates: bool = False) -> Iterator[Spared]:
    for place, size in enumerate(SIZE_BINS, start=1):
        parts = _of_kind([each.groups[place] for each in judged], of_gates=of_gates)
        counts = [one.groups[place].counts.num_objects for one in judged]
        number = f" ({numbers.count(counts[0])})" if are_alike(counts) else ""
        if any(counts):
            is_fine = all(one.grade in (None, Grade.FINE) for one in parts)
            until = _FINE if is_fine else None
            if not any(one.counts.num_poorly_assigned for one in parts):
                until = _NO_LOSS
            yield until, row_of(f"  {size}{number}", map(_parts_cell, parts))


def _parts_cell(graded: Graded) -> Cell:
    """Write the share of a size, of a rule with a bar as a sum of two."""
    counts = graded.counts
    low, without = counts.num_low_quality_only, counts.unassigned_share
    if low is None or without is None:
        return Cell(Kind.SHARE, without, grade=graded.grade)
    return Cell(Kind.PARTS, (without, low / counts.num_objects), grade=graded.grade)


def cause_rows(
    summaries: Sequence[Summary], most: int = 99, indent: str = ""
) -> Iterator[Row]:
    """Count why objects have no positive, most first; those beyond ``most`` as one.

    The one cause of gates is that of a row of theirs.
    """
    every = [{} if one.candidates else one.cause_counts for one in summaries]
    totals = sum(map(Counter, every), Counter())
    ranked = [name for name in KNOWN_CAUSES if name in totals]
    ranked.sort(key=lambda name: -totals[name])
    shown = ranked if len(ranked) <= most else ranked[: most - 1]
    named = {KNOWN_CAUSES[name].words: [name] for name in shown}
    if rest := ranked[len(shown) :]:
        named["other causes (--full)"] = rest
    for words, names in named.items():
        counts = (sum(each.get(name, 0) for name in names) for each in every)
        pairs = zip(counts, summaries, strict=True)
        cells = [table.count(None if one.candidates else n) for n, one in pairs]
        yield row_of(f"{indent}{words}", cells)
