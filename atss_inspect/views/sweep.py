"""The answer of `sweep`: a row for every value, which one to take, settings to paste.

For programs the numbers are those of `stats`, a record per combination. The settings
are for this tool, and for mmdetection.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings, preset
from atss_inspect.settings.parameters import PARAMETERS, format_value
from atss_inspect.statistics import metrics, sweep
from atss_inspect.statistics.metrics import Place, Statistic
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.sweep import LONG_SIDE, Axis, K, Point, label_of
from atss_inspect.views import numbers, stats, table
from atss_inspect.views.answer import Answer, Block, Closing, Code, Notes
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import WIDTH, as_lines, printable
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.table import AnyCell, Column, Record, Row, Section, Table
from atss_inspect.views.verdict import unassigned_amount

LEVELS_NOTE = "The last table: share of the positives on each level."
TOLERANCES = (
    "objects without a positive, of all or of any size, by 0.1 percentage points; Gini "
    "by 0.01"
)
OWN_MARK = "*"
# Where mmdetection has a setting: a dict of its config, and the key in it. Rules know
# where their own parameters are.
_MMDETECTION = {
    "resize.pad_divisor": ("data_preprocessor", "pad_size_divisor"),
    "anchors.strides": ("anchor_generator", "strides"),
    "anchors.scale": ("anchor_generator", "octave_base_scale"),
    "anchors.scales_per_octave": ("anchor_generator", "scales_per_octave"),
    "anchors.ratios": ("anchor_generator", "ratios"),
    "anchors.offset": ("anchor_generator", "center_offset"),
}
Filled = tuple[Column, list[AnyCell]]


@dataclass(frozen=True)
class SweepReport(Answer):
    """The rows of a sweep, and what they are rows of."""

    stats: StatsReport  # the annotations, and the conventions and summaries of all rows
    base: Settings  # the convention that is changed
    is_preset: bool  # ``base`` bears the name of a preset, which a file may extend
    axes: tuple[Axis, ...]  # what is swept
    points: tuple[Point, ...]  # one per row, the last axis changing fastest

    @property
    def summaries(self) -> tuple[Summary, ...]:
        """One per row."""
        return self.stats.summaries

    @cached_property
    def choice(self) -> int | None:
        """Place of the row to take; None without objects."""
        return sweep.choose(self.base, self.axes, self.points, self.summaries)

    @cached_property
    def labels(self) -> list[str]:
        """Name of each row: "k 9, scale 4"."""
        names = [printable(axis.name) for axis in self.axes]
        each = [zip(names, point.labels, strict=True) for point in self.points]
        return [", ".join(map(" ".join, pairs)) for pairs in each]

    @property
    def filled(self) -> list[int]:
        """Rows with objects."""
        return [row for row, one in enumerate(self.summaries) if one.num_objects]

    def is_own(self, row: int) -> bool:
        """Whether a row is the convention as it is without the sweep."""
        return self.points[row].settings == self.base

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; next they look at the row to take."""
        yield from heading(replace(self.stats, settings=(self.base,), summaries=()))
        yield from sweep_tables(self)
        yield Notes(tuple(notes(self)))
        yield Closing((sweep_verdict(self),))
        yield from (Code(*fragment) for fragment in fragments(self))
        options = (*self.stats.command, *self.stats.filtering, *_settings_of(self))
        yield Closing((), (stats.command_line("stats", *options, "--by", "size"),))

    def document(self) -> Record:
        """Make the whole answer one document, in the shape of that of `stats`."""
        choice: Record | None = None
        if self.choice is not None:
            choice = {"row": self.choice, **self._values[self.choice]}
        texts = [*(text for _, text in fragments(self)), None, None]
        document = self.stats.document()
        document["settings"] = [self.base.to_dict()]
        document["results"] = self.records()
        document["sweep"] = {
            "axes": [
                {"name": axis.name, "path": axis.path, "values": axis.values}
                for axis in self.axes
            ],
            "tolerance": {
                "unassigned_share": float(sweep.SHARE_TOLERANCE),
                "gini": sweep.GINI_TOLERANCE,
            },
            "choice": choice,
            "verdict": sweep_verdict(self),
            "toml": texts[0],
            "mmdetection": texts[1],
        }
        return document

    def records(self) -> list[Record]:
        """Make a record of every row: its values, and what `stats` says under them."""
        pairs = zip(self._values, self.stats.records(), strict=True)
        return [values | record for values, record in pairs]

    def csv(self) -> table.Records:
        """Make a row per combination."""
        pairs = zip(self.points, self.records(), strict=True)
        rows = [_flat(point, record) for point, record in pairs]
        names = dict.fromkeys(name for row in rows for name in row)
        known = {column.key: column for column in stats.statistic_columns()}
        columns = [
            known.get(name, Column(name, name, is_float="_share_" in name))
            for name in names
        ]
        return table.Records(tuple(columns), rows)

    @property
    def _values(self) -> list[Record]:
        """Values of each row by dotted path."""
        return [{"values": point.values | point.followers} for point in self.points]


def notes(report: SweepReport) -> Iterator[str]:
    """Explain columns, marks and what changes with what is swept."""
    explained = {}
    for one in _columns(report):
        meaning = one.meaning
        if one.key == "unassigned_share":  # those by size stand beside it
            meaning = f"{one.label}, tiny to large: those of this size"
        explained[one.key] = f"{one.label_at(Place.SWEEP)}: {meaning}"
    explained.pop("gini", "")  # needs no explanation here
    expected = explained.pop("expected_positives", "")
    yield f"{'; '.join(explained.values())}."
    if expected:
        yield f"{expected}."
    yield LEVELS_NOTE
    if any(report.is_own(row) for row in range(len(report.points))):
        yield f"{OWN_MARK} {printable(report.base.name)} as it is."
    if any(LONG_SIDE in point.followers for point in report.points):
        kept = f"--set long_side={report.base.resize.long_side} keeps it."
        yield f"The long side follows the short side in proportion; {kept}"
    yield SIZES_NOTE


def _settings_of(report: SweepReport) -> Iterator[str]:
    """Write the values of the chosen row as options."""
    if report.choice is None:
        return
    point = report.points[report.choice]
    for path, value in (point.values | point.followers).items():
        name = path.rpartition(".")[2]
        alike = [one for one in PARAMETERS.values() if one.name == name]
        named = name if len(alike) == 1 else path
        yield from ("--set", f"{named}={label_of(value)}")


def fragments(report: SweepReport) -> Iterator[tuple[str, str]]:
    """Title and text of the settings to paste for the chosen row.

    A file for ``--config``, then a config of mmdetection if that has such settings.
    """
    if report.choice is None:
        return
    point = report.points[report.choice]
    changed = (*point.values, *point.followers)
    extends = report.base.name if report.is_preset else ""
    named = report.labels[report.choice]
    use = "as a file for --config" if extends else "for your file of settings"
    yield f"settings for {named}, {use}:", _toml(point.settings, changed, extends)
    text = _mmdetection(point.settings, changed)
    if text:
        yield f"{named} in a config of mmdetection:", text


def _toml(settings: Settings, changed: Sequence[str], extends: str) -> str:
    """Write a settings file for ``--config``.

    Parameters
    ----------
    settings : the convention to write
    changed : paths that must be written
    extends : name of the preset it starts from, whose other values need not be
        written; empty: the file's own other values stay
    """
    values, own = settings.values(), preset(extends).values() if extends else None
    lines = [f"extends = {format_value(extends)}"] if extends else []
    section = ""
    for path, value in values.items():
        if path not in changed and (own is None or own.get(path) == value):
            continue
        part, _, name = path.partition(".")
        if part != section:
            lines += ["", f"[{part}]"] if lines else [f"[{part}]"]
            section = part
        lines.append(f"{name} = {format_value(value)}")
    return as_lines(lines)


def _mmdetection(settings: Settings, changed: Sequence[str]) -> str:
    """Write the same for a config of mmdetection; empty if it has no such settings."""
    groups: dict[str, list[str]] = {}
    for path, value in settings.values().items():
        if path in changed:
            for part, key, written in _entries(settings, path, value):
                groups.setdefault(part, []).append(f"{key}={written!r}")
    lines = [f"{part}=dict({', '.join(keys)})," for part, keys in groups.items()]
    if {"resize.short_side", "resize.long_side"} & set(changed):
        scale = (settings.resize.long_side, settings.resize.short_side)
        lines.append(f"dict(type='Resize', scale={scale}, keep_ratio=True),")
    return as_lines(lines)


def _entries(
    settings: Settings, path: str, value: Any
) -> Iterator[tuple[str, str, Any]]:
    """Write a setting in mmdetection's words."""
    rule, (section, _, name) = settings.rule, path.partition(".")
    if section == "assigner":
        words = rule.words.mmdetection
        yield from words(settings.assigner, settings.pyramid, name)
    if path not in _MMDETECTION:
        return
    part, key = _MMDETECTION[path]
    if part == "anchor_generator" and not rule.uses_anchors:
        if path != "anchors.strides":
            return
        part = "bbox_head"
    yield part, key, list(value) if isinstance(value, tuple) else value


def sweep_tables(report: SweepReport) -> list[Table]:
    """Make a table of what objects get, and one of the levels that give it."""
    columns = list(_fact_columns(report))
    tables = [_table(report, columns)]
    if max(map(len, table_text(tables[0]).splitlines())) > WIDTH:
        by_size = [one for one in columns if one[0].label in SIZE_BINS]
        others = [one for one in columns if one not in by_size]
        tables = [_table(report, others), _table(report, by_size)]
    shares = [summary.level_shares for summary in report.summaries]
    levels = stats.by_level(
        report.stats.settings, lambda row, level: table.share(shares[row][level])
    )
    filled = [(Column(level_name(stride)), cells) for stride, cells in levels]
    return [*tables, _table(report, filled)]


def _columns(report: SweepReport) -> list[Statistic]:
    """Statistics that show; some only where what they depend on is swept."""
    swept = {"", *(axis.path for axis in report.axes)}
    return [one for one in metrics.shown_at(Place.SWEEP) if one.swept_with in swept]


def _fact_columns(report: SweepReport) -> Iterator[Filled]:
    """Fill the columns of the first table, a cell a row."""
    each = list(zip(report.summaries, report.stats.settings, strict=True))
    for statistic in _columns(report):
        column = table.column_of(statistic, statistic.label_at(Place.SWEEP))
        found = [(statistic.value(*pair), pair[0].num_objects) for pair in each]
        yield column, [table.cell_of(statistic, *one) for one in found]
        if statistic.key == "unassigned_share":
            for size, groups in report.stats.groups("size"):
                shares = [table.share(one.unassigned_share) for one in groups]
                yield Column(size), list(shares)


def _table(report: SweepReport, columns: list[Filled]) -> Table:
    """Put the values that are swept before the cells, a row for each combination."""
    first, *others = (axis.name for axis in report.axes)
    others += ["long side"] if any(point.followers for point in report.points) else []
    rows = []
    for place, point in enumerate(report.points):
        mark = f" {OWN_MARK}" if report.is_own(place) else ""
        lead = (*point.labels[1:], *map(label_of, point.followers.values()))
        cells = tuple(filled[place] for _, filled in columns)
        rows.append(Row(point.labels[0] + mark, (cells,), lead))
    return Table(
        headings=("",),
        sections=(Section("", tuple(rows)),),
        parts=tuple(column for column, _ in columns),
        label=first,
        lead=tuple(map(Column, others)),
        label_room=WIDTH,
    )


def sweep_verdict(report: SweepReport) -> str:
    """Name the value to take and why, or that it makes no difference."""
    if report.choice is None:
        return "No object is left to assign."
    if len(report.filled) == 1:
        amount = unassigned_amount(report.summaries[report.choice])
        return f"{report.labels[report.choice]} leaves {amount} without a positive."
    sentences = _of_k if sweep.is_over_k(report.axes) else _of_others
    return " ".join(sentences(report, report.choice))


def _of_k(report: SweepReport, choice: int) -> Iterator[str]:
    """Tell whether k matters to objects without a positive, and which k is enough."""
    rows = sorted(report.filled, key=lambda row: report.points[row].values[K])
    yield from _unassigned_by_k(report, rows)
    if sweep.are_equal([report.summaries[row] for row in rows]):
        yield (
            "Nor does it change how evenly positives are shared; "
            f"{report.labels[choice]} is nearest to {printable(report.base.name)}."
        )
        return
    yield _enough(report, rows, choice)
    yield from _price(report, rows[0], choice)
    means = [numbers.mean(one.mean_positives) for one in report.summaries]
    own = [row for row in rows if report.is_own(row) and row != choice]
    for row in own[:1]:
        here, there = f"{means[choice]} positives per object", means[row]
        yield f"It gives {here}, {report.labels[row]} {there}."


def _unassigned_by_k(report: SweepReport, rows: list[int]) -> Iterator[str]:
    """Compare how many objects get nothing, and say what k cannot change."""
    summaries = [report.summaries[row] for row in rows]
    counts = [summary.num_unassigned for summary in summaries]
    least, most = counts.index(min(counts)), counts.index(max(counts))
    amount = unassigned_amount(summaries[least])
    if not max(counts):
        yield "k makes no difference to starved objects: every object gets a positive."
    elif min(counts) == max(counts):
        yield (
            "k makes no difference to the number of your starved objects, "
            f"{amount}: {_outside(report, rows[-1])}."
        )
    else:
        share = numbers.percent(summaries[most].unassigned_share)
        yield (
            f"{report.labels[rows[least]]} leaves fewest objects without a positive, "
            f"{amount}; {report.labels[rows[most]]} most, "
            f"{numbers.count(counts[most])} ({share})."
        )
        if min(counts):
            yield f"None of these k feeds all: {_outside(report, rows[-1])}."


def _outside(report: SweepReport, row: int) -> str:
    """Count those without a positive that no candidate can reach, at the largest k."""
    summary = report.summaries[row]
    number = summary.causes.get("no_center_inside", 0)
    of_them = numbers.count(summary.num_unassigned)
    have = "has" if number == 1 else "have"
    some = f"{numbers.count(number)} of {of_them}"
    return f"at {report.labels[row]}, {some} {have} no anchor center inside"


def _enough(report: SweepReport, rows: list[int], choice: int) -> str:
    """Name the smallest k after which nothing improves."""
    named, summary = report.labels[choice], report.summaries[choice]
    share, gini = numbers.percent(summary.unassigned_share), numbers.ratio(summary.gini)
    facts = f"{share} without a positive, Gini {gini}"
    if choice == rows[-1]:
        return (
            f"Still the largest, {named} ({facts}), improves something by more than "
            f"the tolerance ({TOLERANCES}): try larger ones."
        )
    which = "The smallest"
    if len(sweep.leaving_few(rows, report.summaries)) < len(rows):
        few = "starve at most 0.1 percentage points more than the fewest"
        which = f"Of those that {few}, the smallest"
    return (
        f"{which} after which nothing improves by more than the tolerance "
        f"({TOLERANCES}) is {named}: {facts}."
    )


def _price(report: SweepReport, first: int, choice: int) -> Iterator[str]:
    """Name the objects that a larger k leaves without a positive."""
    worse = []
    for size in SIZE_BINS:
        pair = [report.summaries[row].of_sizes(size) for row in (first, choice)]
        if sweep.gain(pair[1], pair[0]) > sweep.SHARE_TOLERANCE:
            low, high = (numbers.percent(one.unassigned_share) for one in pair)
            worse.append(f"{size} objects from {low} to {high}")
    if worse:
        way = f"From {report.labels[first]} to {report.labels[choice]}"
        yield f"{way} more starve of {numbers.joined(worse)}."


def _of_others(report: SweepReport, choice: int) -> Iterator[str]:
    """Name the value that starves fewest objects, and what the convention does."""
    rows, summaries, labels = report.filled, report.summaries, report.labels
    shares = [sweep.exact_share(summaries[row]) for row in rows]
    name = printable(report.base.name)
    nearest = f"{labels[choice]} is nearest to {name}."
    if min(shares) == max(shares):
        what = " and ".join(printable(axis.name) for axis in report.axes)
        verb = "makes" if len(report.axes) == 1 else "make"
        amount = unassigned_amount(summaries[rows[0]])
        amount = amount if max(shares) else "every object gets a positive"
        yield (
            f"{what} {verb} no difference to the number of your starved objects: "
            f"{amount} each time. {nearest}"
        )
        return
    best = [row for row, one in zip(rows, shares, strict=True) if one == min(shares)]
    named = numbers.joined([labels[row] for row in best])
    named += " leaves fewest" if len(best) == 1 else " alike leave fewest"
    yield f"{named}: {unassigned_amount(summaries[choice])} without a positive."
    if len(best) > 1:
        yield f"Of these {nearest}"
    own = [row for row in rows if report.is_own(row) and row not in best]
    for row in own[:1]:
        yield f"{name} itself, {labels[row]}: {unassigned_amount(summaries[row])}."


def _flat(point: Point, record: Record) -> Record:
    """Put what a row has to say side by side."""
    named = dict(zip(point.values, point.labels, strict=True)) | point.followers
    line: Record = {path: str(value) for path, value in named.items()}
    keys = [column.key for column in stats.statistic_columns()]
    line |= {key: record[key] for key in keys if key in record}
    for each in record["by_size"]:
        line[f"unassigned_share_{each['size']}"] = each["unassigned_share"]
    for level in record["by_level"]:
        line[f"level_share_{level_name(level['stride'])}"] = level["share"]
    return line
