"""The first screen of `stats`: how many objects lose, which, why, and is it bad.

At most 24 lines of 80 columns for three presets, whatever else there is to say: what
does not fit stands in the answer of ``--full``.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.statistics.grades import Graded, Judgement
from atss_inspect.statistics.metrics import Kind
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Block, Closing, Data
from atss_inspect.views.headings import brief_names, decision_lines, selection_words
from atss_inspect.views.names import WIDTH, cell_width, clip_middle, fold
from atss_inspect.views.table import AnyCell, Cell, Row, RowKind, Section, Table
from atss_inspect.views.verdict import EXPECTED_LOSSES, are_alike, judgements, verdict

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

LINES = 24
# What stands around the causes: data, table, verdict, next command.
_MOST_CAUSES = 4


def first_screen(report: "StatsReport", command: str) -> Iterator[Block]:
    """Arrange the first screen; ``command`` is to be typed next."""
    judged = judgements(report)
    data = tuple(_data_lines(report))
    text = verdict(report, judged=judged)
    rows = list(_rows(report, judged))
    used = len(data) + len(rows) + len(fold(text, first="verdict: "))
    causes = _cause_rows(report, max(2, min(_MOST_CAUSES, LINES - 5 - used)))
    rows[2:2] = causes
    yield Data(data)
    yield Table(report.names, (Section("", tuple(rows)),))
    yield Closing((text,), (command,))


def _data_lines(report: "StatsReport") -> Iterator[str]:
    """Name the annotations in a line, what was asked for, and who chose the presets."""
    dataset = report.dataset
    facts = ", ".join(
        (
            numbers.plural(dataset.num_images, "image"),
            numbers.plural(dataset.num_annotations, "annotation"),
            numbers.plural(len(dataset.category_names), "class"),
        )
    )
    room = max(WIDTH - cell_width(facts) - 2, 20)
    yield f"{clip_middle(brief_names(dataset.files), room)}: {facts}"
    only = "; ".join(selection_words(report))
    yield from fold(f"only {only}", rest="  ") if only else []
    yield from decision_lines(report.deciding_files)


def _rows(report: "StatsReport", judged: list[Judgement]) -> Iterator[Row]:
    """Every row but the causes."""
    summaries = report.summaries
    groups = [summary.every_object for summary in summaries]
    yield _row("objects", [table.count(one.num_objects) for one in groups])
    yield _row(
        "without a positive",
        [table.objects(one.num_unassigned, one.unassigned_share) for one in groups],
    )
    if any(one.num_low_quality_only is not None for one in groups):
        low = [
            Cell(Kind.OBJECTS, one.num_low_quality_only)
            if one.num_low_quality_only is None
            else table.objects(
                one.num_low_quality_only,
                summary.share_of_objects(one.num_low_quality_only),
            )
            for one, summary in zip(groups, summaries, strict=True)
        ]
        yield _row("only low-quality matches", low)
    yield from _poorly_assigned(judged)
    lost = [_unexpected_losses(report, place) for place in range(len(summaries))]
    if any(lost):
        yield _row("annotations left out", [table.count(number) for number in lost])
    means = [Cell(Kind.MEAN, one.mean_positives) for one in groups]
    yield _row("mean positives", means)
    ratios = [Cell(Kind.RATIO, one.large_to_small) for one in summaries]
    yield _row("large : small (COCO)", ratios)
    grades = [
        Cell(Kind.GRADE, one.grade or "too few", grade=one.grade) for one in judged
    ]
    yield _row("grade", grades)


def _poorly_assigned(judged: list[Judgement]) -> Iterator[Row]:
    """Shares of all and of each size, with the interval and what is usual."""
    every = [one.groups[0] for one in judged]
    shares = [
        Cell(Kind.SHARE, one.counts.poorly_assigned_share, grade=one.grade)
        for one in every
    ]
    yield _row("poorly assigned", shares, RowKind.SUM)
    spans = [Cell(Kind.SHARES, one.interval and tuple(one.interval)) for one in every]
    if any(one.interval for one in every):
        yield _row("  95% interval", spans)
    yield _row("  on COCO val2017", [table.share(one.usual) for one in every])
    for place, size in enumerate(SIZE_BINS, start=1):
        parts = [each.groups[place] for each in judged]
        counts = [one.counts.num_objects for one in parts]
        number = f" ({numbers.count(counts[0])})" if are_alike(counts) else ""
        if any(counts):
            yield _row(f"  {size}{number}", [_parts_cell(one) for one in parts])


def _parts_cell(graded: Graded) -> Cell:
    """Write the share of a size, of a rule with a bar as a sum of two."""
    counts = graded.counts
    low, without = counts.num_low_quality_only, counts.unassigned_share
    if low is None or without is None:
        return Cell(Kind.SHARE, without, grade=graded.grade)
    parts = (without, low / counts.num_objects)
    return Cell(Kind.PARTS, parts, grade=graded.grade)


def _cause_rows(report: "StatsReport", most: int) -> Iterator[Row]:
    """Count why objects have no positive: the most frequent, and the others together.

    They come in rule order.
    """
    counts = [summary.cause_counts for summary in report.summaries]
    totals = {
        cause: sum(each.get(cause, 0) for each in counts)
        for cause in KNOWN_CAUSES
        if any(cause in each for each in counts)
    }
    shown = list(totals)
    if len(totals) > most:
        shown = sorted(totals, key=lambda cause: -totals[cause])[: most - 1]
    for cause in filter(shown.__contains__, totals):
        cells = [table.count(each.get(cause, 0)) for each in counts]
        yield _row(f"  {KNOWN_CAUSES[cause].words}", cells)
    rest = [sum(each.values()) - sum(each.get(c, 0) for c in shown) for each in counts]
    if any(rest):
        yield _row("  other causes", [table.count(number) for number in rest])


def _unexpected_losses(report: "StatsReport", place: int) -> int:
    """Count the annotations that a convention leaves out for no usual reason."""
    lost = report.summaries[place].left_out_objects
    return sum(lost[reason] for reason in lost.keys() - EXPECTED_LOSSES)


def _row(label: str, cells: Sequence[AnyCell], kind: RowKind = RowKind.PLAIN) -> Row:
    """Make a row with one cell per preset."""
    return Row(label, tuple((cell,) for cell in cells), kind=kind)
