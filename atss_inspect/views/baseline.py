"""The answer of `compare --baseline`: the same conventions on two data sets.

For programs the document is that of `stats` for the data of now, with ``baseline`` and
``changes``; JSON Lines have the records of both, CSV a row per preset and group.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from atss_inspect.assigners.anchor_rule import level_label
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.gate_keys import of_gate
from atss_inspect.statistics.rises import Rise, Side, rises
from atss_inspect.statistics.statistic import Kind, Place, Value, plain
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.views import numbers, stats, table
from atss_inspect.views.answer import Answer, Block, Closing, Notes
from atss_inspect.views.compare import ANY_DIFFERENCE, GROUPS, change
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.stats_tables import by_level
from atss_inspect.views.table import AnyCell, Cell, Column, Record, Row, Section, Table
from atss_inspect.views.verdict import why_no_interval

POINTS_NOTE = "Changes of shares are in percentage points."


@dataclass(frozen=True)
class BaselineReport(Answer):
    """The same conventions on two data sets."""

    before: StatsReport  # what each convention does to the objects of the two
    now: StatsReport
    typed: tuple[str, ...]  # the conventions as they were typed

    @cached_property
    def changes(self) -> tuple[tuple[str, dict[str, Rise]], ...]:
        """Per convention its name, and the rise of all objects and of each size."""
        sides = (
            (Side.of(summary, one.dataset) for summary in one.summaries)
            for one in (self.before, self.now)
        )
        return tuple(zip(self.now.names, map(rises, *sides), strict=True))

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer: numbers of both data sets, differences by convention.

        The verdict is whether more objects are poorly assigned than before, and where;
        the command to type next shows where to look further.
        """
        yield from heading(self.now, before=self.before)
        pairs = list(zip(self.before.summaries, self.now.summaries, strict=True))
        sections = tuple(_change_sections(self.now.settings, pairs))
        parts = tuple(map(Column, ("before", "now", "change")))
        yield Table(self.now.names, sections, parts)
        yield Notes((f"{POINTS_NOTE} {SIZES_NOTE}",))
        verdicts = [
            _change_verdict(printable(name), one, what)
            for (name, one), what in zip(self.changes, self._lacking, strict=True)
        ]
        if not any(one[EVERYTHING].interval for _, one in self.changes):
            why = why_no_interval([one for pair in pairs for one in pair])
            verdicts.append(f"{why} {ANY_DIFFERENCE}")
        presets = stats.presets_again(self.typed)
        words = (*self.now.command, *presets, *self.now.filtering, "--by", "class")
        yield Closing(tuple(verdicts), (command_line("stats", *words),))

    def document(self) -> Record:
        """Make the whole answer one document."""
        saved = self.before.document()
        before = {key: saved[key] for key in ("inputs", "data", "results", "warnings")}
        return self.now.document(baseline=before, changes=list(self._change_records()))

    def records(self) -> list[Record]:
        """List the records of both data sets, each named."""
        both = {"before": self.before, "now": self.now}
        return [{"data": k} | one for k, side in both.items() for one in side.records()]

    def csv(self) -> table.Records:
        """Make a row per preset and group of objects."""
        rows = list(self._change_records())
        keys = dict.fromkeys(key for row in rows for key in row)
        rises = (key for key in keys if key.endswith("_share_rise"))
        floats = (*rises, "interval_low", "interval_high")
        return table.Records(table.record_columns(keys, floats), rows)

    @property
    def _lacking(self) -> list[str]:
        """What objects may be, by convention, that makes it worse."""
        gates = (one.rule.gate for one in self.now.settings)
        return ["without a candidate" if gate else "poorly assigned" for gate in gates]

    def _change_records(self) -> Iterator[Record]:
        pairs = zip(self.changes, self.now.settings, strict=True)
        for (preset, groups), settings in pairs:
            for name in GROUPS:
                record = _change_record(groups[name])
                own = of_gate(record) if settings.rule.gate else record
                yield {"preset": preset, "group": name, **own}


def _change_record(rise: Rise) -> Record:
    keys = ("num_objects", "num_unassigned", "num_poorly_assigned")
    shares = (one.unassigned_share for one in (rise.before, rise.now))
    return {
        **{f"{key}_before": getattr(rise.before, key) for key in keys},
        **{key: getattr(rise.now, key) for key in keys},
        "unassigned_share_rise": change(*shares),
        "poorly_assigned_share_rise": rise.change,
        **table.interval_record(rise.interval),
        "is_none": rise.is_none if rise.interval else None,
    }


def _change_sections(
    settings: Sequence[Settings], pairs: Sequence[tuple[Summary, Summary]]
) -> Iterator[Section]:
    """Compare groups by size, means and evenness, and the shares of the levels."""
    for one in metrics.shown_at(Place.BY_SIZE, settings):
        rows = []
        for label, sizes in GROUPS.items():
            groups = ((each.of_sizes(*sizes) for each in pair) for pair in pairs)
            values = (map(one.value_of, two) for two in groups)
            cells = tuple(_change_cells(one.kind, *two) for two in values)
            rows.append(Row(label, cells))
        yield Section(one.label_at(Place.BY_SIZE), tuple(rows))
    titled: dict[str, list[Row]] = {}
    for one in metrics.shown_at(Place.BASELINE, settings):
        cells = tuple(
            _change_cells(one.kind, *(one.value(each, own) for each in pair))
            for own, pair in zip(settings, pairs, strict=True)
        )
        row = Row(one.label_at(Place.BASELINE), cells)
        titled.setdefault(one.section, []).append(row)
    yield from (Section(title, tuple(rows)) for title, rows in titled.items())

    def shares(preset: int, level: int) -> tuple[AnyCell, ...]:
        before, now = (one.level_shares[level] for one in pairs[preset])
        return _change_cells(Kind.SHARE, before, now)

    levels = by_level(settings, shares, (numbers.UNDEFINED,) * 3)
    rows = [Row(level_label(stride), tuple(cells)) for stride, cells in levels]
    kinds = {one.rule.gate is not None for one in settings}
    what = "candidates" if kinds == {True} else "positives"
    what += " (of gates: candidates)" * (len(kinds) > 1)
    yield Section(f"share of {what} by level", tuple(rows))


def _change_cells(kind: Kind, before: Value, now: Value) -> tuple[AnyCell, ...]:
    """Cells of a value before and now, and of the difference where both are known."""
    kind = Kind.COUNT if kind is Kind.OBJECTS else kind
    one, other = plain(before), plain(now)
    rise = Cell(kind, change(one, other), is_change=True)
    return Cell(kind, one), Cell(kind, other), rise


def _change_verdict(name: str, groups: Mapping[str, Rise], what: str) -> str:
    """Compare the shares of all objects, and name the size that rises most."""
    every = groups[EVERYTHING]
    if every.change is None:
        return f"{name} has no objects in one of the two, so nothing can be compared."
    before, now = _sides(every)
    points = numbers.points_from_to(every.change, every.interval, " points")
    is_sure, whose = every.interval is not None, f"of the objects {what}"
    text = f"{name} leaves {now} {whose}, before {before}: {points}"
    if not every.change:
        text = f"{name} leaves as many objects {what} as before, {now}"
    elif is_sure and every.is_none:
        text = f"{name}: no difference beyond chance, {before} {whose} before and "
        text += f"{now} now: {points}"
    told = [name for name in SIZE_BINS if not (is_sure and groups[name].is_none)]
    worst = max(told, key=lambda name: groups[name].change or 0, default=EVERYTHING)
    if worst == EVERYTHING or (groups[worst].change or 0) <= 0:
        # Then there are more objects of the sizes that fared badly before.
        is_mix = every.change > 0 and not (is_sure and every.is_none)
        return f"{text}. No size fares worse{'; their mix is what changed' * is_mix}."
    was, is_ = _sides(groups[worst])
    return f"{text}. Rises most for {worst} objects, from {was} to {is_}."


def _sides(rise: Rise) -> list[str]:
    """Share of a group's objects that are poorly assigned, before and now."""
    return [numbers.percent(one.poorly_assigned_share) for one in rise[:2]]
