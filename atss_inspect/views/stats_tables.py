"""The tables of `stats`: an overview, or breakdowns by size, level, class or shape."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from atss_inspect.assigners.anchor_rule import Stride, fineness, level_label
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.grades import ENOUGH_OBJECTS, Graded
from atss_inspect.statistics.statistic import SPREAD, Kind, Place, Statistic
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING, RATIO_BINS, Summary
from atss_inspect.statistics.tally import Group
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers, table
from atss_inspect.views.first_screen import cause_rows, judged_section
from atss_inspect.views.headings import SMALL_LABEL
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
from atss_inspect.views.verdict import are_alike

if TYPE_CHECKING:
    from atss_inspect.views.stats import StatsReport

CLASSES_SHOWN = 20
# Statistics that a grade is of.
GRADED = ("poorly_assigned_share", "without_candidate_share")
MOST = 0.5  # of the annotations
# The objects of each convention, by label.
Groups = list[tuple[str, list[Group]]]
# What each convention does to a class, or to all objects.
ClassRow = tuple[Graded, ...]


def stats_tables(report: "StatsReport") -> list[Table]:
    """Choose the tables: an overview, or the breakdowns asked for."""
    if not report.breakdowns:
        return [Table(report.names, tuple(_overview(report)))]
    tables = []
    for name in report.breakdowns:
        if name == "class":
            tables.append(_class_table(report))
            continue
        if name == "level":
            sections = _level_sections(report)
        elif name == "size":
            sections = _sections_of(report, size_groups(report))
        else:
            labels = (EVERYTHING, *RATIO_BINS)
            own = ((one.every_object, *one.by_ratio.groups) for one in report.summaries)
            groups = zip(labels, map(list, zip(*own, strict=True)), strict=True)
            sections = _sections_of(report, [*groups])
        tables.append(Table(report.names, tuple(sections)))
    if report.has_lost(MOST):
        tables.append(Table(report.names, tuple(_left_out_sections(report))))
    return tables


def _overview(report: "StatsReport") -> Iterator[Section]:
    yield _section(report, "")
    if report.has_objects:
        yield from _sections_of(report, size_groups(report), (Kind.OBJECTS,))
        if any(summary.num_unassigned for summary in report.summaries):
            yield cause_section(report)
        yield judged_section(report.judgements)
        titles = (SPREAD, metrics.CANDIDATES)
        yield from _filled(_section(report, title) for title in titles)
        if ious := _iou_rows(report):
            yield Section("share of positives by IoU", ious)
        yield from _level_shares(report)
        last = (metrics.PER_IMAGE, metrics.SHARED, metrics.DOUBT)
        yield from _filled(_section(report, title) for title in last)
    yield from _left_out_sections(report)


def _filled(sections: Iterable[Section]) -> Iterator[Section]:
    """Leave out sections of the other kind of answer."""
    return (section for section in sections if section.rows)


def _level_shares(report: "StatsReport") -> Iterator[Section]:
    """Share of positives, and of candidates of gates, on each level."""
    every = report.summaries
    for what, of_gate in (("positives", False), ("candidates", True)):
        is_own = [one.every_object.is_of_gate == of_gate for one in every]
        if not any(is_own):
            continue
        counts = [
            table.count(sum(one.positives_by_level) if own else None)
            for one, own in zip(every, is_own, strict=True)
        ]

        def on_level(preset: int, level: int, own: Sequence[bool] = is_own) -> Cell:
            shares = every[preset].level_shares
            return table.share(shares[level] if own[preset] else None)

        levels = by_level(report.settings, on_level)
        rows = [row_of(level_label(n), cells, RowKind.GROUP) for n, cells in levels]
        yield Section(f"share of {what} by level", (row_of(what, counts), *rows))


def _iou_rows(report: "StatsReport") -> tuple[Row, ...]:
    """Share of the positives in each step of IoU that occurs, of rules that use it."""
    every = [summary.positives_by_iou or {} for summary in report.summaries]
    steps = {step: None for each in every for step, number in each.items() if number}
    totals = [sum(each.values()) for each in every]
    rows = []
    for step in sorted(steps):
        counts = [each.get(step, 0) for each in every]
        shares = map(share_of, counts, totals)
        rows.append(row_of(step, map(table.share, shares), RowKind.GROUP))
    return tuple(rows)


def _section(report: "StatsReport", title: str) -> Section:
    """Make a row of each statistic of a section, unless it is optional and unknown."""
    rows: list[Row] = []
    for statistic in metrics.shown_at(Place.OVERVIEW, report.settings, title):
        pairs = list(zip(report.summaries, report.settings, strict=True))
        found = [(statistic.value(*pair), pair[0].num_objects) for pair in pairs]
        if not statistic.is_optional or any(value is not None for value, _ in found):
            cells = [table.cell_of(statistic, *each) for each in found]
            row = row_of(statistic.label_at(Place.OVERVIEW), cells)
            rows.append(row._replace(meaning=statistic.meaning))
    return Section(title, tuple(rows))


def size_groups(report: "StatsReport") -> Groups:
    """Take the objects of each size apart, per preset; COCO's small comes besides."""
    every = [summary.size_groups for summary in report.summaries]
    return [
        (SMALL_LABEL if size == COCO_SMALL else size, [each[size] for each in every])
        for size in every[0]
    ]


def cause_section(
    report: "StatsReport", title: str = "why without a positive"
) -> Section:
    """Count why objects have no positive, the most frequent cause first."""
    return Section(title, tuple(cause_rows(report.summaries)))


def by_level(
    settings: Sequence[Settings],
    show: Callable[[int, int], Any],
    missing: Any = numbers.UNDEFINED,
) -> Iterator[tuple[Stride, list[Any]]]:
    """Stride of each level of any preset, and what every preset shows there.

    ``show`` takes the places of a preset and of its level; ``missing`` stands for the
    presets without one.
    """
    own = [each.anchors.strides for each in settings]
    for stride in sorted(set[Stride]().union(*own), key=fineness):
        found = [
            show(preset, each.index(stride)) if stride in each else missing
            for preset, each in enumerate(own)
        ]
        yield stride, found


def _level_rows(
    report: "StatsReport", show: Callable[[Summary, int], AnyCell]
) -> Iterator[Row]:
    """Make a row per level by asking the summaries that have it."""
    every = report.summaries
    levels = by_level(report.settings, lambda preset, n: show(every[preset], n))
    for stride, cells in levels:
        yield row_of(level_label(stride), cells, RowKind.GROUP)


def _left_out_sections(report: "StatsReport") -> Iterator[Section]:
    for things, name in (("annotations", "objects"), ("images", "images")):
        counts = [getattr(one, f"left_out_{name}") for one in report.summaries]
        rows = [
            count_row(reason.replace("_", " "), [one.get(reason, 0) for one in counts])
            for reason in sorted({reason for each in counts for reason in each})
        ]
        if len(rows) != 1:
            totals = [sum(each.values()) for each in counts]
            rows.insert(0, count_row("all", totals, RowKind.SUM))
        yield Section(f"{things} left out", tuple(rows))


def _sections_of(
    report: "StatsReport", groups: Groups, kinds: Sequence[Kind] = tuple(Kind)
) -> Iterator[Section]:
    """Make a section of each statistic that groups have, a row a group, all first."""
    alike = _are_alike(groups)
    for statistic in metrics.shown_at(Place.BREAKDOWN, report.settings):
        is_known = any(statistic.value_of(one) is not None for one in groups[0][1])
        if statistic.kind not in kinds or (statistic.is_optional and not is_known):
            continue
        rows: list[Row] = []
        for label, members in groups:
            totals = [one.num_objects for one in members]
            cells = [_group_cell(statistic, one) for one in members]
            if statistic.kind is Kind.OBJECTS and alike:
                label = f"{label} ({numbers.count(totals[0])})"
            elif statistic.kind is Kind.OBJECTS:
                pairs = zip(cells, totals, strict=True)
                cells = [cell._replace(whole=total) for cell, total in pairs]
            rows.append(row_of(label, cells, RowKind.GROUP if rows else RowKind.SUM))
        yield Section(statistic.label_at(Place.BREAKDOWN), tuple(rows))


def _are_alike(groups: Groups) -> bool:
    """Whether all presets have the same number of objects in every group."""
    return all(are_alike([one.num_objects for one in each]) for _, each in groups)


def _group_cell(statistic: Statistic, group: Group) -> Cell:
    """Make the cell of a statistic of a group; a dash without objects."""
    value = statistic.value_of(group) if group.num_objects else None
    return table.cell_of(statistic, value, group.num_objects)


def _level_sections(report: "StatsReport") -> Iterator[Section]:

    def objects(one: Summary, number: int) -> Cell:
        return table.objects(number, one.share_of_objects(number))

    every = report.summaries
    whats = {one.every_object.is_of_gate: one for one in every}
    what = "candidates of gates, positives of others" if len(whats) > 1 else ""
    what = what or ("candidates" if True in whats else "positives")
    totals = [sum(one.positives_by_level) for one in every]
    positives = count_row("all", totals, RowKind.SUM)

    def on_level(one: Summary, n: int) -> Cell:
        return table.objects(one.positives_by_level[n], one.level_shares[n])

    yield Section(what, (positives, *_level_rows(report, on_level)))
    served = _level_rows(
        report, lambda one, n: objects(one, one.level_objects.tolist()[n])
    )
    nowhere = [objects(one, one.num_unassigned) for one in every]
    sums = (
        row_of("no level", nowhere, RowKind.SUM),
        count_row("all objects", [one.num_objects for one in every], RowKind.SUM),
    )
    yield Section(f"objects with {what.partition(' ')[0]} on", (*served, *sums))
    if any(one.by_size.has_low_quality for one in every):
        low = _level_rows(
            report,
            lambda one, n: (
                objects(one, one.level_low_quality_only.tolist()[n])
                if one.by_size.has_low_quality
                else numbers.UNDEFINED
            ),
        )
        yield Section("of these with only low-quality matches", (*low,))


def _class_table(report: "StatsReport") -> Table:
    """Break down by class, a line each, with the statistics of classes.

    Without `StatsReport.is_full` there are `CLASSES_SHOWN`; a single class is all there
    is.
    """
    every, *present = zip(*(one.groups for one in report.class_judgements), strict=True)
    if report.sort in _ORDERS:
        present.sort(key=_ORDERS[report.sort])
    shown = present if report.is_full else present[:CLASSES_SHOWN]
    if any(row[0].name == EVERYTHING for row in present):  # a class called so
        every = tuple(one._replace(name="all objects") for one in every)
    alike = _are_alike([("", [one.counts for one in row]) for row in (every, *present)])
    line = partial(_class_line, report, alike=alike)
    rows = [line(every, RowKind.SUM)] if len(present) > 1 else []
    rows += [line(row, RowKind.GROUP) for row in shown]
    if num_absent := len(report.dataset.category_names) - len(present):
        label = f"{numbers.plural(num_absent, 'class')} without objects"
        nothing = Graded("class", label, Group(0, 0, 0), None, None, None)
        row = (nothing,) * len(report.names)
        rows.append(line(row, RowKind.SUM))
    number, shown_at = (table.Column("objects", "num_objects"),), Place.COLUMN
    columns = [
        table.column_of(one, one.label_at(shown_at))
        for one in metrics.shown_at(shown_at, report.settings)
    ]
    parts = tuple(columns if alike else [*number, *columns])
    sections, lead = (Section("", tuple(rows)),), number if alike else ()
    return Table(report.names, sections, parts, "class", lead, label_room=18)


def _class_line(
    report: "StatsReport", row: ClassRow, kind: RowKind, *, alike: bool
) -> Row:
    counts = [table.count(one.counts.num_objects) for one in row]
    cells = []
    for number, one in zip(counts, row, strict=True):
        own = [] if alike else [number]
        for statistic in metrics.shown_at(Place.COLUMN, report.settings):
            cell = _group_cell(statistic, one.counts)
            is_graded = statistic.key in GRADED and cell.value is not None
            own.append(cell._replace(grade=one.grade) if is_graded else cell)
        cells.append(tuple(own))
    return Row(row[0].name, tuple(cells), tuple(counts[:1] if alike else ()), kind)


def _num_objects(row: ClassRow) -> int:
    return sum(one.counts.num_objects for one in row)


def _badness(row: ClassRow) -> tuple[Any, ...]:
    """Worst first, those of few objects after the others."""
    is_small = max(one.counts.num_objects for one in row) < ENOUGH_OBJECTS
    return is_small, -sum(one.share for one in row), -_num_objects(row), row[0].name


# By `--sort`; others keep the order of the file.
_ORDERS: dict[str, Callable[[ClassRow], Any]] = {
    "worst": _badness,
    "objects": lambda row: (-_num_objects(row), row[0].name),
    "name": lambda row: row[0].name,
}
