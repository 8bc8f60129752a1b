"""The answer of `sweep`: a row for every value, and whether one is worth a change.

For programs the numbers are those of `stats`, a record per combination. Where a row is
worth a change there are settings to paste, for this tool and for the framework.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.settings.parameters import PARAMETERS
from atss_inspect.statistics import metrics, sweep
from atss_inspect.statistics.advice import (
    Difference,
    Effect,
    Measure,
    best_fall,
    losers,
)
from atss_inspect.statistics.metrics import Kind, Place, Statistic
from atss_inspect.statistics.price import Price
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.sweep import (
    LEVELS,
    LONG_SIDE,
    SHORT_SIDE,
    STRIDES,
    Advice,
    Axis,
    Outcome,
    Point,
    label_of,
)
from atss_inspect.views import numbers, stats, table
from atss_inspect.views.answer import Answer, Block, Closing, Code, Notes
from atss_inspect.views.fragments import Fragment, fragment_of, toml_of
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import WIDTH, printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.stats_records import statistic_columns
from atss_inspect.views.stats_tables import by_level
from atss_inspect.views.table import AnyCell, Cell, Column, Record, Row, Section, Table

LEVELS_NOTE = "The last table: share of the positives on each level."
PRICE_NOTE = (
    "Pixels to multiply-adds: of the average image, as multiples of today's; the "
    "latter of a ResNet-50 FPN with two towers."
)
OWN_MARK = "*"
# Sizes to try next, as parts of today's.
_OTHER_SIDES = (0.75, 1, 1.25, 1.5)
_FLOATS = ("poorly_assigned_change", "price_")
Filled = tuple[Column, list[AnyCell]]


@dataclass(frozen=True)
class SweepReport(Answer):
    """The rows of a sweep, and what they are rows of."""

    stats: StatsReport  # the annotations, and the conventions and summaries of all rows
    base: Settings  # the convention that is changed
    is_preset: bool  # ``base`` bears the name of a preset, which a file may extend
    axes: tuple[Axis, ...]  # what is swept
    points: tuple[Point, ...]  # one per row, the last axis changing fastest
    today: Summary  # what the convention does as it is

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """One per row."""
        return self.stats.summaries

    @cached_property
    def advice(self) -> Advice:
        """What the rows are worth, beside the convention as it is."""
        return sweep.advise(self.base, self.today, self.points, self.summaries)

    @property
    def choice(self) -> int | None:
        """Place of the row to change to; None where nothing is worth a change."""
        return self.advice.choice

    @cached_property
    def labels(self) -> list[str]:
        """Name of each row: "k 9, scale 4"."""
        names = [printable(axis.name) for axis in self.axes]
        each = [zip(names, point.labels, strict=True) for point in self.points]
        return [", ".join(map(" ".join, pairs)) for pairs in each]

    @property
    def kept(self) -> str:
        """Values that hold without the sweep: "9", or "k 9, scale 8" of a grid."""
        own = [own_label(self.base, axis) for axis in self.axes]
        names = [printable(axis.name) for axis in self.axes]
        named = ", ".join(map(" ".join, zip(names, own, strict=True)))
        return named if len(own) > 1 else own[0]

    def is_own(self, row: int) -> bool:
        """Whether a row is the convention as it is without the sweep."""
        return self.points[row].settings == self.base

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; next they look at the row to change to."""
        yield from heading(replace(self.stats, settings=(self.base,), summaries=()))
        yield from sweep_tables(self)
        yield Notes(tuple(notes(self)))
        yield Closing((sweep_verdict(self),))
        yield from (Code(*fragment) for fragment in fragments(self))
        yield Closing((), (self.next_command,))

    @property
    def next_command(self) -> str:
        """Command to type next: the row to change to by size, or where else to look."""
        options = (*self.stats.command, *self.stats.filtering)
        if self.choice is not None:
            changed = _settings_of(self.points[self.choice])
            return stats.command_line("stats", *options, *changed, "--by", "size")
        side, paths = self.base.resize.short_side, {axis.path for axis in self.axes}
        has_sides = self.base.resize.rule not in ("stretch", "letterbox")
        if not self.today.every_object.num_poorly_assigned or not has_sides:
            return stats.command_line("stats", *options, "--by", "size")
        if SHORT_SIDE in paths:
            return stats.command_line("worst", *options)
        sides = ",".join(f"{side * part:.0f}" for part in _OTHER_SIDES)
        return stats.command_line("sweep", *options, f"short_side={sides}")

    def document(self) -> Record:
        """Make the whole answer one document, in the shape of that of `stats`."""
        choice: Record | None = None
        toml: str | None = None
        if self.choice is not None:
            choice = {"row": self.choice, **self._values[self.choice]}
            toml = _toml(self, self.choice)
        fragment = fragment_for(self)
        is_mmdetection = fragment is not None and fragment.framework == "mmdetection"
        document = self.stats.document()
        document["settings"] = [self.base.to_dict()]
        document["results"] = self.records()
        document["sweep"] = {
            "axes": [
                {"name": axis.name, "path": axis.path, "values": axis.values}
                for axis in self.axes
            ],
            "choice": choice,
            "verdict": sweep_verdict(self),
            "toml": toml,
            "mmdetection": fragment.text if fragment and is_mmdetection else None,
            "fragment": fragment and fragment._asdict(),
        }
        return document

    def records(self) -> list[Record]:
        """Make a record of every row.

        Its values, what `stats` says under them, how the share of poorly assigned
        objects differs from today's, and what the row costs.
        """
        advice = self.advice
        each = zip(
            self._values,
            self.stats.records(),
            advice.effects,
            advice.prices,
            strict=True,
        )
        return [
            values | record | _change_record(effect) | {"price": price._asdict()}
            for values, record, effect, price in each
        ]

    def csv(self) -> table.Records:
        """Make a row per combination."""
        pairs = zip(self.points, self.records(), strict=True)
        rows = [_flat(point, record) for point, record in pairs]
        names = dict.fromkeys(name for row in rows for name in row)
        known = {column.key: column for column in statistic_columns()}
        columns = [
            known.get(
                name,
                Column(
                    name, name, is_float=name.startswith(_FLOATS) or "_share_" in name
                ),
            )
            for name in names
        ]
        return table.Records(tuple(columns), rows)

    @property
    def _values(self) -> list[Record]:
        """Values of each row by dotted path."""
        return [{"values": point.values | point.followers} for point in self.points]


def own_label(base: Settings, axis: Axis) -> str:
    """Name the value that a swept setting has without the sweep."""
    own: Any = base.values().get(axis.path)
    if own in axis.values:
        return axis.labels[axis.values.index(own)]
    if axis.name.lower() == LEVELS:
        names = list(dict.fromkeys((level_name(own[0]), level_name(own[-1]))))
        return "-".join(names)
    return label_of(own)


def _change_record(effect: Effect | None) -> Record:
    """How far the share of poorly assigned objects rises, and its interval."""
    every = effect and effect.poorly[0]
    every = every if every and every.before is not None else None
    interval = every and every.interval
    return {
        "poorly_assigned_change": every and every.change,
        "poorly_assigned_change_interval": interval and interval._asdict(),
    }


def notes(report: SweepReport) -> Iterator[str]:
    """Explain columns, marks and what changes with what is swept."""
    explained = {}
    for one in _columns(report):
        meaning = one.meaning
        if one.key == "poorly_assigned_share":  # those by size stand beside it
            if not report.today.by_size.has_low_quality:
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
    if _has_prices(report):
        yield PRICE_NOTE
    yield LEVELS_NOTE
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
        others = point.settings.rule.with_other_strides(point.settings.assigner)
        named = "".join(f"; --set {path}=[] derives them" for path in others)
        kept = f"Scale ranges end at {next(iter(ends))} in every row, as they are set"
        yield f"{kept}{named}."
    elif ends:
        rows = (f"{text} ({'; '.join(labels)})" for text, labels in ends.items())
        yield f"Scale ranges end at {', at '.join(rows)}."


def _settings_of(point: Point) -> Iterator[str]:
    """Write the values of a row as options."""
    for path, value in (point.values | point.followers).items():
        name = path.rpartition(".")[2]
        alike = [one for one in PARAMETERS.values() if one.name == name]
        named = name if len(alike) == 1 else path
        yield from ("--set", f"{named}={label_of(value)}")


def fragments(report: SweepReport) -> Iterator[tuple[str, str]]:
    """Title and text of the settings to paste for the row to change to, if any.

    A file for ``--config``, then lines in the form of the preset's framework.
    """
    if report.choice is None:
        return
    named = report.labels[report.choice]
    use = "as a file for --config" if report.is_preset else "for your file of settings"
    yield f"settings for {named}, {use}:", _toml(report, report.choice)
    if fragment := fragment_for(report):
        yield f"{named} for {fragment.framework}:", fragment.text


def fragment_for(report: SweepReport) -> Fragment | None:
    """Write the row to change to, if any, for the framework of the preset, if known."""
    if report.choice is None:
        return None
    point = report.points[report.choice]
    return fragment_of(point.settings, report.base)


def _toml(report: SweepReport, row: int) -> str:
    """Write a row as a file of settings."""
    point = report.points[row]
    extends = report.base.name if report.is_preset else ""
    return toml_of(point.settings, report.base, extends)


def sweep_tables(report: SweepReport) -> list[Table]:
    """Make a table of what objects get, and one of the levels that give it.

    What does not fit on a line is put into a table of its own.
    """
    tables: list[Table] = []
    filled: list[Filled] = []
    for columns in _column_groups(report):
        one = _table(report, [*filled, *columns])
        if filled and max(map(len, table_text(one).splitlines())) > WIDTH:
            filled = []
            one = _table(report, columns)
        tables[-1:] = [one] if filled else [*tables[-1:], one]
        filled += columns
    shares = [summary.level_shares for summary in _every_summary(report)]
    settings = [*report.stats.settings, report.base][: len(shares)]
    levels = by_level(settings, lambda row, level: table.share(shares[row][level]))
    filled = [(Column(level_name(stride)), cells) for stride, cells in levels]
    return [*tables, _table(report, filled)]


def _every_summary(report: SweepReport) -> tuple[Summary, ...]:
    """Summaries of the rows, and of the convention as it is where no row is that."""
    has_own = any(map(report.is_own, range(len(report.points))))
    return report.summaries if has_own else (*report.summaries, report.today)


def _columns(report: SweepReport) -> list[Statistic]:
    """Statistics that show; some only where what they depend on is swept."""
    swept = {"", *(axis.path for axis in report.axes)}
    return [one for one in metrics.shown_at(Place.SWEEP) if one.swept_with in swept]


def _column_groups(report: SweepReport) -> Iterator[list[Filled]]:
    """Fill the columns of the first tables, a cell a row; groups stay together."""
    every = _every_summary(report)
    settings = [*report.stats.settings, report.base]
    each = list(zip(every, settings, strict=False))
    for statistic in _columns(report):
        column = table.column_of(statistic, statistic.label_at(Place.SWEEP))
        found = [(statistic.value(*pair), pair[0].num_objects) for pair in each]
        group: list[Filled] = [
            (column, [table.cell_of(statistic, *one) for one in found])
        ]
        if statistic.key == "poorly_assigned_share":
            for size in SIZE_BINS:
                groups = [one.of_sizes(size) for one in every]
                shares = [table.share(one.poorly_assigned_share) for one in groups]
                group.append((Column(size), list(shares)))
        yield group
    if _has_prices(report):
        prices = [*report.advice.prices, Price(1, 1, 1, 1)][: len(every)]
        yield [
            (
                Column(name.replace("_", "-")),
                [Cell(Kind.RATIO, getattr(one, name)) for one in prices],
            )
            for name in Price._fields
        ]


def _has_prices(report: SweepReport) -> bool:
    """Whether any row costs more or less than today's settings."""
    ratios = {f"{ratio:.2f}" for price in report.advice.prices for ratio in price}
    return ratios != {"1.00"}


def _table(report: SweepReport, columns: list[Filled]) -> Table:
    """Put the values that are swept before the cells, a row for each combination.

    The convention as it is comes last where none of them is that.
    """
    first, *others = (axis.name for axis in report.axes)
    has_followers = any(point.followers for point in report.points)
    others += ["long side"] if has_followers else []
    names = [
        (*point.labels, *map(label_of, point.followers.values()))
        for point in report.points
    ]
    own = [own_label(report.base, axis) for axis in report.axes]
    long_side = [label_of(report.base.resize.long_side)] if has_followers else []
    names.append((*own, *long_side))
    rows = []
    for place, cells in enumerate(zip(*(filled for _, filled in columns), strict=True)):
        is_own = place == len(report.points) or report.is_own(place)
        label, *lead = names[place]
        mark = f" {OWN_MARK}" if is_own else ""
        rows.append(Row(label + mark, (cells,), tuple(lead)))
    return Table(
        headings=("",),
        sections=(Section("", tuple(rows)),),
        parts=tuple(column for column, _ in columns),
        label=first,
        lead=tuple(map(Column, others)),
        label_room=WIDTH,
    )


def sweep_verdict(report: SweepReport) -> str:
    """Name the row to change to, what it gains and costs, or say what to keep."""
    outcome, what = report.advice.outcome, _what(report)
    if outcome is Outcome.CHANGE:
        return " ".join(_change_sentences(report))
    if outcome is Outcome.NO_OBJECTS:
        return "No object is left to assign."
    if outcome is Outcome.NO_OTHER_VALUE:
        share = numbers.percent(report.today.every_object.poorly_assigned_share)
        return f"{what} has no other value here: {share} poorly assigned."
    make, decide, their, value = "makes", "decides", "its", "value"
    if len(report.axes) > 1:
        make, decide, their, value = "make", "decide", "their", "set of values"
    texts = {
        Outcome.FEW_IMAGES: "With fewer than 20 images chance may make any difference",
        Outcome.OTHER_OBJECTS: f"{what} {decide} which objects are kept, so {their} "
        "values are not ranked",
        Outcome.OTHER_POSITIVES: f"{what} {decide} what counts as a positive, so "
        f"{their} values are not ranked",
        Outcome.NO_DIFFERENCE: f"{what} {make} no difference here ({_span(report)})",
        Outcome.NOT_BETTER: f"No other {value} of {what} is better here "
        f"({_span(report)})",
    }
    text = texts.get(outcome) or _paid_by_others(report)
    return f"{text}: keep {report.kept}."


def _what(report: SweepReport) -> str:
    """Name what is swept."""
    return numbers.joined([printable(axis.name) for axis in report.axes])


def _change_sentences(report: SweepReport) -> Iterator[str]:
    """Tell what the row to change to gains and costs, and what others would."""
    prices, choice = report.advice.prices, report.choice
    gains = [effect and effect.gain for effect in report.advice.effects]
    assert choice is not None
    chosen = gains[choice]
    assert chosen is not None
    measure, found = chosen
    ends = dict.fromkeys(map(numbers.points, found.interval or ()))
    cost = ""
    if _has_prices(report):
        times = f"{prices[choice].multiply_adds:.2f} times"
        cost = f", {times} the multiply-adds of a ResNet-50 FPN with two towers"
    change = f"{_named(measure, found)} ({' to '.join(ends)} points)"
    yield f"{report.labels[choice]}: {change}{cost}."
    fallen = {
        row: one.difference.after or 0.0
        for row, one in enumerate(gains)
        if one and (one.measure, one.difference.name) == (measure, found.name)
    }
    costs = {row: prices[row].multiply_adds for row in fallen}
    cheapest = min(fallen, key=lambda row: (costs[row], fallen[row]))
    best = min(fallen, key=lambda row: (fallen[row], costs[row]))
    others = [
        f"{report.labels[row]} gives {numbers.percent(fallen[row])} at "
        f"{costs[row]:.2f} times"
        for row in dict.fromkeys((cheapest, best))
        if f"{costs[row]:.2f}" != f"{costs[choice]:.2f}"
    ]
    if others:
        yield f"{numbers.joined(others)}."


def _named(measure: Measure, found: Difference) -> str:
    """Write a change: "poorly assigned 13.4 -> 5.4%", of a size with its name."""
    whose = "" if found.name == EVERYTHING else f" of {found.name} objects"
    words = measure.value.replace("_", " ")
    before, after = (numbers.percent(one) for one in (found.before, found.after))
    return f"{words}{whose} {before.removesuffix('%')} -> {after}"


def _span(report: SweepReport) -> str:
    """Write from where to where the rows' shares go, of those that can be compared."""
    effects = [dict(one.measures) for one in report.advice.effects if one]
    parts = []
    for measure in (Measure.POORLY_ASSIGNED, Measure.MISSING_TO_NEED):
        shares = [one[measure][0].after or 0.0 for one in effects]
        shares.append(measure.share(report.today.every_object) or 0.0)
        words = measure.value.replace("_", " ")
        parts.append(f"{numbers.span_of_shares(min(shares), max(shares))} {words}")
    is_flat = report.advice.outcome is Outcome.NO_DIFFERENCE
    return parts[0] if is_flat else ", ".join(parts)


def _paid_by_others(report: SweepReport) -> str:
    """Name what some objects gain with a row and others lose: the best such row."""
    found = [
        (effect.poorly[0].change, row, fall, losers(effect.poorly))
        for row, effect in enumerate(report.advice.effects)
        if effect and losers(effect.poorly) and (fall := best_fall(effect.poorly))
    ]
    _, row, fall, losing = min(found, key=lambda one: one[:2])
    worst = max(losing, key=lambda size: size.change)
    gain, loss = (_named(Measure.POORLY_ASSIGNED, one) for one in (fall, worst))
    return f"{report.labels[row]} lowers {gain}, but raises {loss}"


def _flat(point: Point, record: Record) -> Record:
    """Put what a row has to say side by side."""
    named = dict(zip(point.values, point.labels, strict=True)) | point.followers
    line: Record = {path: str(value) for path, value in named.items()}
    keys = [column.key for column in statistic_columns()]
    line |= {key: record[key] for key in keys if key in record}
    interval = record["poorly_assigned_change_interval"] or {}
    line["poorly_assigned_change"] = record["poorly_assigned_change"]
    for end in ("low", "high"):
        line[f"poorly_assigned_change_{end}"] = interval.get(end)
    line |= {f"price_{name}": ratio for name, ratio in record["price"].items()}
    for share in ("unassigned_share", "poorly_assigned_share"):
        for each in record["by_size"]:
            line[f"{share}_{each['size']}"] = each[share]
    for level in record["by_level"]:
        line[f"level_share_{level_name(level['stride'])}"] = level["share"]
    return line
