"""The answer of `sweep`: a row for every value, and whether one is worth a change.

For programs the numbers are those of `stats`, a record per combination. Where a row is
worth a change there are settings to paste, for this tool and for the framework.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from atss_inspect.assigners.anchor_rule import level_name
from atss_inspect.settings import Settings
from atss_inspect.settings.parameters import PARAMETERS, is_square
from atss_inspect.statistics import metrics, sweep
from atss_inspect.statistics.advice import Effect
from atss_inspect.statistics.price import Price
from atss_inspect.statistics.statistic import Kind, Place, Statistic
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.sweep import (
    LEVELS,
    LONG_SIDE,
    SHORT_SIDE,
    SIZE,
    STRIDES,
    Advice,
    Axis,
    Point,
    label_of,
)
from atss_inspect.views import stats, table, trials
from atss_inspect.views.answer import Answer, Block, Closing, Code, Notes
from atss_inspect.views.fragments import Fragment, fragment_of, toml_of
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import WIDTH, cell_width, printable
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.stats_records import statistic_columns
from atss_inspect.views.stats_tables import by_level
from atss_inspect.views.sweep_verdict import sweep_verdict
from atss_inspect.views.table import AnyCell, Cell, Column, Record, Row, Section, Table

OWN_MARK = "*"
PASS_NOTE = "Rows are judged in an average pass over these."
# What stands with the shares of each size.
_BY_SIZE = ("poorly_assigned_share", "without_candidate_share")
# Settings that decide how large images are.
_OF_SIZES = {SHORT_SIDE, SIZE, "resize.rule"}
_FLOATS = ("interval_", "price_")
_NOTHING = Price(1, 1, 1, 1)  # more than today
Filled = tuple[Column, Sequence[AnyCell]]


@dataclass(frozen=True)
class SweepReport(Answer):
    """The rows of a sweep, and what they are rows of."""

    stats: StatsReport  # the annotations, and the conventions and summaries of all rows
    base: Settings  # the convention that is changed
    is_preset: bool  # ``base`` bears the name of a preset, which a file may extend
    axes: tuple[Axis, ...]  # what is swept
    points: tuple[Point, ...]  # one per row, the last axis changing fastest
    today: Summary  # what the convention does as it is
    draws: tuple[
        str, ...
    ] = ()  # what training draws, in lines; rows are average passes

    @cached_property
    def advice(self) -> Advice:
        """What the rows are worth, beside the convention as it is."""
        sizes = self.stats.selection.sizes
        rows = self.points, self.stats.summaries
        return sweep.advise(self.base, self.today, *rows, sizes=sizes)

    @property
    def choice(self) -> int | None:
        """Place of the row to change to; None where nothing is worth a change."""
        return self.advice.choice

    def named(self, labels: Sequence[str]) -> str:
        """Name a combination by its values: "k 9, scale 4"."""
        pairs = zip(self.axes, labels, strict=True)
        return ", ".join(f"{printable(axis.name)} {label}" for axis, label in pairs)

    @cached_property
    def labels(self) -> list[str]:
        """Name of each row."""
        return [self.named(point.labels) for point in self.points]

    @cached_property
    def own_labels(self) -> list[str]:
        """Value of each axis that holds without the sweep."""
        return [own_label(self.base, axis) for axis in self.axes]

    @cached_property
    def verdict(self) -> str:
        """Which row to change to, or what to keep and why, in words."""
        return sweep_verdict(self)

    @cached_property
    def to_paste(self) -> tuple[str | None, Fragment | None]:
        """The row to change to as a file of settings, and for the preset's framework.

        None where there is no such row, or the framework is not known.
        """
        if self.choice is None:
            return None, None
        settings = self.points[self.choice].settings
        toml = toml_of(settings, self.base, self.base.name if self.is_preset else "")
        return toml, fragment_of(settings, self.base)

    @cached_property
    def shown(self) -> list[tuple[Summary, Settings, Price]]:
        """Each row, and the convention as it is where no row is that."""
        each = self.stats.summaries, self.stats.settings, self.advice.prices
        rows = list(zip(*each, strict=True))
        has_own = self.base in self.stats.settings
        return rows if has_own else [*rows, (self.today, self.base, _NOTHING)]

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; next they look at the row to change to."""
        yield from heading(replace(self.stats, settings=(self.base,), summaries=()))
        if self.draws:
            yield Notes((*self.draws, f"{PASS_NOTE}"), is_one=False)
        yield from sweep_tables(self)
        yield Notes(tuple(notes(self)))
        yield Closing((self.verdict,))
        yield from (Code(*fragment) for fragment in fragments(self))
        words = *self.stats.command, *self.stats.filtering, *self.other_kinds.values()
        other = stats.command_line("sweep", *words) if self.other_kinds else ""
        yield Closing((), (self.next_command, other))

    @property
    def other_kinds(self) -> dict[str, str]:
        """What else to try than larger images, where those cost or do not help."""
        choice, outcome = self.choice, self.advice.outcome
        is_cheap = choice is not None and self.advice.prices[choice].multiply_adds <= 1
        is_size = _OF_SIZES & {axis.path for axis in self.axes}
        is_open = is_size and outcome in sweep.RANKED and not is_cheap
        return trials.other_kinds(self.base) if is_open and not self.is_good else {}

    @property
    def draws_sides(self) -> bool:
        """Whether rows are judged over several short sides."""
        return bool(self.draws) and self.base.augment.draws_sides

    @property
    def is_good(self) -> bool:
        """Whether nothing needs changing."""
        return self.advice.is_fine or not self.today.every_object.num_poorly_assigned

    @property
    def next_command(self) -> str:
        """Command to type next: the row to change to by size, or where else to look."""
        options = (*self.stats.command, *self.stats.filtering)
        words = ["sweep", *options, trials.larger_images(self.base.resize)]
        if self.choice is not None or self.is_good:
            words = ["stats", *options, *_typed(self), "--by", "size"]
        elif _OF_SIZES & {axis.path for axis in self.axes} or self.draws_sides:
            words = ["worst", *options]
        return stats.command_line(*words)

    def document(self) -> Record:
        """Make the whole answer one document, in the shape of that of `stats`."""
        choice, records = self.choice, self.records()
        toml, fragment = self.to_paste
        chosen = None
        if choice is not None:
            chosen = {"row": choice, "values": records[choice]["values"]}
        is_mmdetection = fragment and fragment.framework == "mmdetection"
        axes = [
            {key: getattr(a, key) for key in ("name", "path", "values")}
            for a in self.axes
        ]
        swept: Record = {
            "axes": axes,
            "choice": chosen,
            "verdict": self.verdict,
            "toml": toml,
            "mmdetection": fragment.text if fragment and is_mmdetection else None,
            "fragment": fragment and fragment._asdict(),
        }
        swept |= {"draws": self.draws} if self.draws else {}
        own = {"settings": [self.base.to_dict()], "sweep": swept}
        return self.stats.document(records) | own

    def records(self) -> list[Record]:
        """Make a record of every row.

        Its values, what `stats` says under them, how the share of poorly assigned
        objects differs from today's, and what the row costs.
        """
        each = (
            self.points,
            self.stats.records(),
            self.advice.effects,
            self.advice.prices,
        )
        records = []
        for point, record, effect, price in zip(*each, strict=True):
            values = {"values": point.values | point.followers}
            change = _change_record(self.change_key, effect)
            change |= {"price": price._asdict()}
            records.append(values | record | change)
        return records

    @property
    def change_key(self) -> str:
        """Name of how far the share that decides rises."""
        of_gate = self.today.by_size.is_of_gate
        return f"{'without_candidate' if of_gate else 'poorly_assigned'}_change"

    def csv(self) -> table.Records:
        """Make a row per combination."""
        pairs = zip(self.points, self.records(), strict=True)
        rows = [_flat(point, record, self.change_key) for point, record in pairs]
        names = dict.fromkeys(name for row in rows for name in row)
        marks = ("_share_", self.change_key)
        floats = [
            name
            for name in names
            if name.startswith(_FLOATS) or any(mark in name for mark in marks)
        ]
        known = {column.key: column for column in statistic_columns()}
        columns = table.record_columns(names, floats)
        return table.Records(tuple(known.get(one.key, one) for one in columns), rows)


def own_label(base: Settings, axis: Axis) -> str:
    """Name the value that a swept setting has without the sweep."""
    own: Any = base.values().get(axis.path)
    if own in axis.values:
        return axis.labels[axis.values.index(own)]
    if axis.name.lower() == LEVELS:
        return "-".join(dict.fromkeys((level_name(own[0]), level_name(own[-1]))))
    if own == () and axis.path == "anchors.scales":
        return label_of(tuple(np.round(base.anchors.octave(), 2).tolist()))
    if is_square(axis.name):
        own = own[0] if len({*own}) == 1 else own
    return "as it is" if own == () else label_of(own)


def _change_record(key: str, effect: Effect | None) -> Record:
    """How far the share of poorly assigned objects rises, and its interval."""
    every = effect and effect.poorly[0]
    every = every if every and every.before is not None else None
    interval = table.interval_record(every and every.interval)
    return {key: every and every.change, **interval}


def notes(report: SweepReport) -> Iterator[str]:
    """Explain columns, marks and what changes with what is swept."""
    explained = {}
    for one in _columns(report):
        meaning = one.meaning
        if one.key in _BY_SIZE:  # those by size stand beside it
            if one.key == _BY_SIZE[0] and not report.today.by_size.has_low_quality:
                meaning = metrics.named("unassigned_share").meaning
            meaning += ", tiny to large: those of this size"
        if one.key == "missing_to_need":
            need = report.today.by_size.need
            meaning = meaning.replace("needs", f"needs ({need})")
        explained[one.key] = f"{one.label_at(Place.SWEEP)}: {meaning}"
    explained.pop("gini", "")  # needs no explanation here
    expected = explained.pop("expected_positives", "")
    yield f"{'; '.join(explained.values())}."
    if expected:
        yield f"{expected}."
    if report.advice.has_prices:
        each = "Pixels to multiply-adds: of the average image, as multiples of today's"
        heavy = ", heavier on fine levels than a YOLO" * bool(report.today.candidates)
        yield f"{each}; the latter of a ResNet-50 FPN with two towers{heavy}."
    what = "candidates" if report.today.by_size.is_of_gate else "positives"
    yield f"The last table: share of the {what} on each level."
    yield f"{OWN_MARK} {printable(report.base.name)} as it is."
    if any(LONG_SIDE in point.followers for point in report.points):
        kept = f"--set long_side={report.base.resize.long_side} keeps it."
        yield f"The long side follows the short side in proportion; {kept}"
    yield from _ranges_note(report)
    yield SIZES_NOTE


def _ranges_note(report: SweepReport) -> Iterator[str]:
    """Name the scale ranges that each row takes, where levels are swept."""
    if not any(axis.path == STRIDES for axis in report.axes):
        return
    ends: dict[str, list[str]] = {}
    for point, label in zip(report.points, report.labels, strict=True):
        found = point.settings.rule.words.level_ranges
        if found is not None:
            ranges = found(point.settings.assigner, point.settings.pyramid)
            text = ", ".join(f"{high:g}" for _, high in ranges[:-1])
            ends.setdefault(text, []).append(label)
    if len(ends) == 1 and len(report.points) > 1:
        others = report.base.rule.with_other_strides(report.base.assigner)
        derived = (f"; --set {path}=[] derives them" for path in others)
        ends_at = f"Scale ranges end at {next(iter(ends))} in every row"
        yield f"{ends_at}, whatever its strides{''.join(derived)}."
    elif ends:
        rows = (f"{text} ({'; '.join(labels)})" for text, labels in ends.items())
        yield f"Scale ranges end at {', at '.join(rows)}."


def _typed(report: SweepReport) -> Iterator[str]:
    """Write what the row to change to changes, if any, as options."""
    if report.choice is None:
        return
    own = report.base.values()
    for path, value in report.points[report.choice].settings.values().items():
        name = path.rpartition(".")[2]
        alike = [one for one in PARAMETERS.values() if one.name == name]
        if own.get(path) != value:
            named = name if len(alike) == 1 else path
            yield from ("--set", f"{named}={label_of(value)}")


def fragments(report: SweepReport) -> Iterator[tuple[str, str]]:
    """Title and text of the settings to paste for the row to change to, if any.

    A file for ``--config``, then lines in the form of the preset's framework.
    """
    toml, fragment = report.to_paste
    if report.choice is None or toml is None:
        return
    named = report.labels[report.choice]
    use = "as a file for --config" if report.is_preset else "for your file of settings"
    yield f"settings for {named}, {use}:", toml
    if fragment:
        yield f"{named} for {fragment.framework}:", fragment.text


def sweep_tables(report: SweepReport) -> list[Table]:
    """Make a table of what objects get, and one of the levels that give it.

    What does not fit on a line is put into a table of its own.
    """
    swept, tables = _swept_columns(report), list[list[Filled]]()
    for columns in _column_groups(report):
        if tables and _width([*swept, *tables[-1], *columns]) <= WIDTH:
            tables[-1] += columns
        else:
            tables.append(columns)
    shares = [summary.level_shares for summary, _, _ in report.shown]
    settings = [settings for _, settings, _ in report.shown]
    levels = by_level(settings, lambda row, level: table.share(shares[row][level]))
    tables.append([(Column(level_name(stride)), cells) for stride, cells in levels])
    return [_table([*swept, *columns]) for columns in tables]


def _width(columns: Sequence[Filled]) -> int:
    """Width of a table on a terminal, with gaps of two."""
    widths = (
        max(cell_width(one if isinstance(one, str) else one.text) for one in each)
        for each in ([column.label, *cells] for column, cells in columns)
    )
    return sum(width + 2 for width in widths) - 2


def _long_side(point: Point) -> list[int]:
    """What follows a short side and has a column: not what images are padded to."""
    return [value for path, value in point.followers.items() if path == LONG_SIDE]


def _swept_columns(report: SweepReport) -> list[Filled]:
    """Fill the columns of what is swept, and of what follows it."""
    names = [axis.name for axis in report.axes]
    rows = [
        [*point.labels, *map(label_of, _long_side(point))] for point in report.points
    ]
    rows.append([*report.own_labels])
    if any(map(_long_side, report.points)):
        names.append("long side")
        rows[-1].append(label_of(report.base.resize.long_side))
    for place, (_, settings, _) in enumerate(report.shown):
        rows[place][0] += f" {OWN_MARK}" if settings == report.base else ""
    columns = zip(*rows[: len(report.shown)], strict=True)
    return list(zip(map(Column, names), columns, strict=True))


def _table(columns: Sequence[Filled]) -> Table:
    """Put filled columns side by side; the first has the labels of the rows."""
    (first, labels), *others = columns
    cells = zip(*(filled for _, filled in others), strict=True)
    rows = (Row(str(label), (own,)) for label, own in zip(labels, cells, strict=True))
    parts = tuple(column for column, _ in others)
    sections = (Section("", tuple(rows)),)
    return Table(("",), sections, parts, first.label, label_room=WIDTH)


def _columns(report: SweepReport) -> list[Statistic]:
    """Statistics that show; some only where what they depend on is swept."""
    swept = {"", *(axis.path for axis in report.axes)}
    settings = [each for _, each, _ in report.shown]
    shown = metrics.shown_at(Place.SWEEP, settings)
    return [one for one in shown if one.swept_with in swept]


def _column_groups(report: SweepReport) -> Iterator[list[Filled]]:
    """Fill the columns of the first tables, a cell a row; groups stay together."""
    summaries, _, prices = zip(*report.shown, strict=True)
    for statistic in _columns(report):
        cells = [
            table.cell_of(statistic, statistic.value(one, settings), one.num_objects)
            for one, settings, _ in report.shown
        ]
        column = table.column_of(statistic, statistic.label_at(Place.SWEEP))
        group: list[Filled] = [(column, cells)]
        for size in SIZE_BINS if statistic.key in _BY_SIZE else ():
            groups = [one.of_sizes(size) for one in summaries]
            shares = [table.share(one.poorly_assigned_share) for one in groups]
            group.append((Column(size), shares))
        yield group
    if report.advice.has_prices:
        yield [
            (
                Column(name.replace("_", "-")),
                [Cell(Kind.RATIO, getattr(one, name)) for one in prices],
            )
            for name in Price._fields
        ]


def _flat(point: Point, record: Record, change_key: str) -> Record:
    """Put what a row has to say side by side."""
    named = dict(zip(point.values, point.labels, strict=True)) | point.followers
    line: Record = {path: str(value) for path, value in named.items()}
    keys = [column.key for column in statistic_columns()]
    line |= {key: record[key] for key in keys if key in record}
    changes = (change_key, "interval_low", "interval_high")
    line |= {key: record[key] for key in changes}
    line |= {f"price_{name}": ratio for name, ratio in record["price"].items()}
    for share in ("unassigned_share", *_BY_SIZE):
        for each in record["by_size"]:
            if share in each:
                line[f"{share}_{each['size']}"] = each[share]
    for level in record["by_level"]:
        line[f"level_share_{level_name(level['stride'])}"] = level["share"]
    return line
