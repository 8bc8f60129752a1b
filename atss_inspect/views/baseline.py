"""The answer of `compare --baseline`: two data sets under the same conventions.

For programs the document is that of `stats` (docs/json.md) for the data of now, with
``baseline`` and ``changes``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.comparison import Change, changes
from atss_inspect.statistics.metrics import Kind, Place, Value, plain
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.summary import share as share_of
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.compare import GROUPS
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import (
    by_level,
    level_label,
    stats_document,
    stats_records,
)
from atss_inspect.views.stats_report import StatsReport, command_line, presets_again
from atss_inspect.views.table import AnyCell, Cell, Column, Record, Row, Section, Table

POINTS_NOTE = "Changes of shares are in percentage points."
Sums = tuple[Summary, Summary]


@dataclass(frozen=True)
class BaselineReport:
    """The same conventions on two data sets.

    Attributes
    ----------
    before, now : what each convention does to the objects of the two
    typed : the conventions as they were typed
    """

    before: StatsReport
    now: StatsReport
    typed: tuple[str, ...]

    @property
    def changes(self) -> Iterator[tuple[str, dict[str, Change]]]:
        """Per convention its name and what changed for all objects and each size."""
        both = map(changes, self.before.summaries, self.now.summaries)
        yield from zip(self.now.names, both, strict=True)

    @property
    def next_command(self) -> str:
        """Command to type next: where to look further."""
        presets = presets_again(self.typed)
        words = (*self.now.command, *presets, *self.now.filtering)
        return command_line("stats", *words, "--by", "class")


def baseline_answer(report: BaselineReport) -> Answer:
    """Everything that `compare` says of two data sets."""
    return Answer.of(report, _blocks, baseline_document, baseline_lines, _rows)


def _blocks(report: BaselineReport) -> Iterator[Block]:
    """Arrange the answer for people."""
    yield from heading(report.now, before=report.before)
    yield baseline_table(report)
    yield Notes((f"{POINTS_NOTE} {SIZES_NOTE}",))
    yield Closing(tuple(verdict(report)), (report.next_command,))


def baseline_table(report: BaselineReport) -> Table:
    """Show the numbers of both data sets and their differences, by convention."""
    pairs = list(zip(report.before.summaries, report.now.summaries, strict=True))
    parts = tuple(map(Column, ("before", "now", "change")))
    return Table(report.now.names, tuple(_sections(report.now.settings, pairs)), parts)


def _sections(settings: Sequence[Settings], pairs: Sequence[Sums]) -> Iterator[Section]:
    """Compare groups by size, means and evenness, and the shares of the levels.

    A statistic of groups has a section, any other that is declared to show here a row.
    """
    for statistic in metrics.shown_at(Place.BY_SIZE):
        rows = []
        for label, sizes in GROUPS.items():
            each = [[one.of_sizes(*sizes) for one in pair] for pair in pairs]
            cells = [
                _cells(statistic.kind, *map(statistic.value_of, two)) for two in each
            ]
            rows.append(Row(label, tuple(cells)))
        yield Section(statistic.label_at(Place.BY_SIZE), tuple(rows))
    rows = []
    for statistic in metrics.shown_at(Place.BASELINE):
        cells = [
            _cells(statistic.kind, *(statistic.value(one, each) for one in pair))
            for each, pair in zip(settings, pairs, strict=True)
        ]
        rows.append(Row(statistic.label_at(Place.BASELINE), tuple(cells)))
    yield Section("positives per object", tuple(rows))

    def shares(preset: int, level: int) -> tuple[AnyCell, ...]:
        before, now = (one.level_shares[level] for one in pairs[preset])
        return _cells(Kind.SHARE, before, now)

    levels = by_level(settings, shares, (numbers.UNDEFINED,) * 3)
    rows = [Row(level_label(stride), tuple(cells)) for stride, cells in levels]
    yield Section("share of positives by level", tuple(rows))


def _cells(kind: Kind, before: Value, now: Value) -> tuple[AnyCell, ...]:
    """Cells of a value before and now, and of the difference where both are known."""
    kind = Kind.COUNT if kind is Kind.OBJECTS else kind
    one, other = plain(before), plain(now)
    change: Any = None
    if isinstance(one, int | float) and isinstance(other, int | float):
        change = other - one
    return Cell(kind, one), Cell(kind, other), Cell(kind, change, is_change=True)


def verdict(report: BaselineReport) -> list[str]:
    """Whether more objects have no positive than before, by convention, and where."""
    return [_change_verdict(printable(name), groups) for name, groups in report.changes]


def _change_verdict(name: str, groups: dict[str, Change]) -> str:
    """Compare the shares of all objects, and name the size that rose most."""
    rise = groups["all"].rise
    if rise is None:
        return f"{name} has no objects in one of the two, so nothing can be compared."
    before, now = _shares(groups["all"])
    if not rise:
        text = f"{name} starves the same share of objects as before, {now}"
    else:
        way = "more" if rise > 0 else "less"
        size = numbers.points(abs(rise)).lstrip("+")
        text = f"{name} starves {now} of objects, before {before}: {size} points {way}"
    rises = [(one.rise or 0.0, size) for size, one in groups.items() if size != "all"]
    most, size = max(rises, key=lambda pair: pair[0])
    if most <= 0:
        # Then there are more objects of the sizes that fared badly before.
        mix = "; their mix is what changed" if rise > 0 else ""
        return f"{text}. No size fares worse{mix}."
    was, is_ = _shares(groups[size])
    return f"{text}. Rises most for {size} objects, from {was} to {is_}."


def _shares(change: Change) -> tuple[str, str]:
    """Share of a group's objects without a positive, before and now."""
    before = share_of(change.num_unassigned_before, change.num_objects_before)
    now = share_of(change.num_unassigned, change.num_objects)
    return numbers.percent(before), numbers.percent(now)


def baseline_document(report: BaselineReport) -> Record:
    """Make the whole answer one document."""
    before = stats_document(report.before)
    keys = ("inputs", "data", "results", "warnings")
    return stats_document(
        report.now,
        baseline={key: before[key] for key in keys},
        changes=list(change_records(report)),
    )


def change_records(report: BaselineReport) -> Iterator[Record]:
    """Make a record of every preset and group of objects."""
    for preset, groups in report.changes:
        for name, change in groups.items():
            yield {
                "preset": preset,
                "group": name,
                **change._asdict(),
                "unassigned_share_rise": change.rise,
            }


def _rows(report: BaselineReport) -> table.Records:
    """Make a row per preset and group of objects."""
    counts = ("num_objects", "num_unassigned")
    before = tuple(f"{name}_before" for name in counts)
    texts = ("preset", "group", *before, *counts)
    columns = table.record_columns(texts, ("unassigned_share_rise",))
    return table.Records(columns, list(change_records(report)))


def baseline_lines(report: BaselineReport) -> list[Record]:
    """List the records of both data sets, each named."""
    return [
        {"data": label, **record}
        for label, each in (("before", report.before), ("now", report.now))
        for record in stats_records(each)
    ]
