"""The answer of `stats` over sizes and flips that training draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from atss_inspect.settings import Settings
from atss_inspect.statistics import advice
from atss_inspect.statistics.advice import Difference, Measure
from atss_inspect.statistics.bootstrap import Interval, intervals_of_shares
from atss_inspect.statistics.grades import counts_by_block
from atss_inspect.statistics.metrics import Kind
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import OBJECTS, Group, share
from atss_inspect.statistics.variants import (
    VariantGroup,
    Variants,
    VariantSummary,
    shares_by_side,
    tallies_by_side,
)
from atss_inspect.views import numbers, stats_records, table
from atss_inspect.views.answer import Answer, Block, Closing, Data, Notes, Paragraph
from atss_inspect.views.draws import (
    AVERAGE,
    draw_lines,
    nominal_words,
    variants_records,
)
from atss_inspect.views.first_screen import data_lines
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import fold, printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.stats_tables import stats_tables
from atss_inspect.views.table import AnyCell, Cell, Record, Row, Section, Table, row_of
from atss_inspect.views.verdict import oddities

WITHOUT, POORLY = "without a positive", "poorly assigned"
_ALONE = "nominal size alone"
_FEW_SIDES = 2  # at the end of a line where not all short sides fit


class _Column(NamedTuple):
    """Some objects under one convention, as a column of the table has them."""

    label: str
    group: VariantGroup
    intervals: dict[str, Interval | None]  # of shares in an average pass, by measure
    is_sampled: bool


@dataclass(frozen=True)
class VariantsReport(Answer):
    """What conventions do to objects over all that each of them draws."""

    stats: StatsReport  # of an average pass
    variants: tuple[Variants, ...]  # of each convention
    found: tuple[VariantSummary, ...]  # likewise
    epochs: int
    drawn: tuple[str, ...] = ()  # options to type again

    @property
    def settings(self) -> tuple[Settings, ...]:
        """The conventions."""
        return self.stats.settings

    @cached_property
    def groups(self) -> list[VariantGroup]:
        """All objects under each convention."""
        return [one.group(epochs=self.epochs) for one in self.found]

    @cached_property
    def changes(self) -> list[Difference]:
        """How far an average pass is from the nominal size, of what decides."""
        return [
            advice.differences(one.nominal, one.average, _measure(one.average))[0]
            for one in self.found
        ]

    @property
    def verdict(self) -> str:
        """What drawing changes, in sentences."""
        return " ".join(_verdict(self))

    @property
    def tables(self) -> tuple[Table, Table]:
        """What holds over variants, and shares at each short side, by size."""
        return _table(self), _table_by_side(self)

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people: a screen, or breakdowns of an average pass."""
        is_more = self.stats.is_full or self.stats.breakdowns
        if is_more:
            yield from heading(self.stats)
            yield Notes(tuple(draw_lines(self.variants)), is_one=False)
        else:
            draws = (fold(each, rest="  ") for each in draw_lines(self.variants))
            yield Data((*data_lines(self.stats), *chain(*draws)))
        if self.stats.has_objects and not self.stats.breakdowns:
            yield _table(self)
            if self.stats.is_full:
                yield _table_by_side(self)
            elif lines := tuple(_lines_by_side(self)):
                yield Notes(lines, is_one=False)
        if is_more and self.stats.has_objects:
            yield Paragraph("In an average pass:")
            yield from stats_tables(self.stats)
            yield Notes((SIZES_NOTE,))
        verdict = " ".join([*oddities(self.stats), *_verdict(self)])
        yield Closing((verdict,), self._next_commands())

    def _next_commands(self) -> tuple[str, ...]:
        """Command that lists the objects of the worst convention."""
        shares = [change.after or 0.0 for change in self.changes]
        place = shares.index(max(shares))
        own = self.stats.commands[place] if self.stats.commands else ()
        asked = (*(own or self.stats.command), *self.stats.filtering, *self.drawn)
        return (command_line("worst", *asked),)

    def document(self) -> Record:
        """Make the whole answer one document: that of `stats`, and `variants`."""
        nominal = replace(
            self.stats, summaries=tuple(one.nominal for one in self.found)
        )
        return nominal.document(variants=self._records())

    def records(self) -> list[Record]:
        """Make a record of every convention."""
        nominal = tuple(one.nominal for one in self.found)
        records = replace(self.stats, summaries=nominal).records()
        pairs = zip(records, self._records(), strict=True)
        return [record | {"variants": variants} for record, variants in pairs]

    def _records(self) -> list[Record]:
        records = variants_records(self.variants, self.found, self.epochs)
        for place, record in enumerate(self.stats.records()):
            change = self.changes[place]
            records[place] |= {
                "change": change.change,
                **table.interval_record(change.interval),
                "average_pass": {
                    key: value
                    for key, value in record.items()
                    if key not in ("preset", "blocks")
                },
            }
        return records

    def csv(self) -> table.Records:
        """Take the records of an average pass apart, as those of `stats`.

        Rows of all objects and of sizes have what holds over variants, too; those of
        ``short_side`` the share there.
        """
        plain = stats_records.rows_of(self.stats)
        extra: dict[str, None] = {}
        rows = list(plain.rows)
        for record in self._records():
            sizes = {one["size"]: one for one in record["by_size"]}
            for row in rows:
                if row["preset"] == record["preset"] and row["group"] in (
                    "all",
                    "size",
                ):
                    own = sizes.get(row["key"], record)
                    more = {
                        key: own[key] for key in sizes[SIZE_BINS[0]] if key != "size"
                    }
                    more.pop("num_objects")
                    more.pop("expected_positives")
                    row |= more
                    extra |= dict.fromkeys(more)
            for one in record["by_short_side"]:
                side = {"group": "short_side", "key": str(one["short_side"])}
                share_there = {"unassigned_share": one["unassigned_share"]}
                rows.append({"preset": record["preset"], **side, **share_there})
        known = {column.key for column in plain.columns}
        new = [key for key in extra if key not in known]
        floats = [key for key in new if "share" in key or "never" in key]
        return table.Records((*plain.columns, *table.record_columns(new, floats)), rows)


def _measure(summary: Summary) -> Measure:
    """What decides how bad a convention is: with a bar, the poorly assigned."""
    has_bar = summary.by_size.has_low_quality
    return Measure.POORLY_ASSIGNED if has_bar else Measure.UNASSIGNED


def _columns(report: VariantsReport) -> list[_Column]:
    """Sizes of a single convention, or all objects of several."""
    if len(report.found) > 1:
        labels = report.stats.names
        each = zip(labels, report.groups, report.found, report.variants, strict=True)
        return [
            _Column(name, group, _intervals(one, 0), drawn.is_sampled)
            for name, group, one, drawn in each
        ]
    [one], [drawn] = report.found, report.variants
    columns = [
        _Column(
            size,
            one.group((size,), report.epochs),
            _intervals(one, n),
            drawn.is_sampled,
        )
        for n, size in enumerate(SIZE_BINS, start=1)
    ]
    columns = [each for each in columns if each.group.num_objects]
    every = _Column(EVERYTHING, report.groups[0], _intervals(one, 0), drawn.is_sampled)
    return [*columns, every]


def _intervals(one: VariantSummary, place: int) -> dict[str, Interval | None]:
    """Intervals of shares in an average pass, of all objects or of a size."""
    blocks = counts_by_block(one.average)[:, [place]]
    found: dict[str, Interval | None] = {}
    for words, measure in (
        (WITHOUT, Measure.UNASSIGNED),
        (POORLY, Measure.POORLY_ASSIGNED),
    ):
        parts, _ = measure.counts(blocks, one.average.by_size.need)
        passes = int(one.average.num_images), one.total
        [found[words]] = intervals_of_shares(parts, blocks[..., OBJECTS], *passes)
    return found


def _table(report: VariantsReport) -> Table:
    """Arrange what holds in an average pass, in every variant, in some, and never."""
    columns, is_full = _columns(report), report.stats.is_full
    groups = [one.group for one in columns]
    rows = [table.count_row("objects", [one.num_objects for one in groups])]
    if any(one.num_left_out for one in groups):
        left_out = [one.num_left_out for one in groups]
        rows.append(table.count_row("  of these left out in some", left_out))
    has_low = any(one.average.num_low_quality_only is not None for one in groups)
    rows += [row_of(WITHOUT, [""] * len(columns)), *_average_rows(columns, WITHOUT)]
    if len(report.found) > 1 and (is_full or not has_low):
        rows += _interval_rows(columns, WITHOUT)
    rows += [*_lacked_rows(report, columns, WITHOUT), _alone_row(report, groups)]
    if has_low:
        label = f"poorly, {AVERAGE}"
        rows += [row._replace(label=label) for row in _average_rows(columns, POORLY)]
        rows += _interval_rows(columns, POORLY) if len(report.found) > 1 else []
        rows += _lacked_rows(report, columns, POORLY) if is_full else []
        rows.append(_alone_row(report, groups, POORLY))
    means = [Cell(Kind.RATIO, one.average.mean_positives) for one in groups]
    rows.append(row_of("expected positives", means))
    labels = tuple(one.label for one in columns)
    return Table(labels, (Section("", tuple(rows)),))


def _average_rows(columns: Sequence[_Column], what: str) -> list[Row]:
    shares = [table.share(_share_of(one.group.average, what)) for one in columns]
    return [row_of(f"  {AVERAGE}", shares)]


def _share_of(group: Group, what: str) -> float | None:
    return group.poorly_assigned_share if what == POORLY else group.unassigned_share


def _interval_rows(columns: Sequence[_Column], what: str) -> list[Row]:
    """Intervals of shares in an average pass; no row where there are none."""
    ends = [one.intervals[what] for one in columns]
    cells = [Cell(Kind.SHARES, each and tuple(each)) for each in ends]
    return [row_of("    95% interval", cells)] if any(ends) else []


def _lacked_rows(
    report: VariantsReport, columns: Sequence[_Column], what: str
) -> Iterator[Row]:
    """Shares of objects that lack a positive, or a good one, by how often they do."""
    groups = [one.group for one in columns]
    every = [one.poorly if what == POORLY else one.unassigned for one in groups]
    epochs = numbers.plural(report.epochs, "epoch")
    named: dict[tuple[str, str], Sequence[int | Fraction]] = {
        ("in every variant", "at most"): [one.every for one in every],
        ("in some, not all", "at least"): [one.some for one in every],
        (f"{'in all' if what == POORLY else 'never in'} {epochs}", "at most"): [
            one.never for one in every
        ],
    }
    sampled = [one.is_sampled for one in columns]
    for (label, bound), counts in named.items():
        pairs = zip(counts, [one.num_objects for one in groups], strict=True)
        cells: list[AnyCell] = [table.share(share(*pair)) for pair in pairs]
        if len(report.found) == 1:
            label += f", {bound}" * sampled[0]
        elif any(sampled):
            marks = [f"{bound} " * each for each in sampled]
            texts = [each.text if isinstance(each, Cell) else each for each in cells]
            cells = list(map(str.__add__, marks, texts))
        yield row_of(f"  {label}", cells)


def _alone_row(
    report: VariantsReport, groups: Sequence[VariantGroup], what: str = WITHOUT
) -> Row:
    shares = [table.share(_share_of(one.nominal, what)) for one in groups]
    return row_of(f"  {_alone(report)}", shares)


def _alone(report: VariantsReport) -> str:
    """Name what is looked at without drawing, where that is alike."""
    words = {nominal_words(one) for one in report.variants}
    return words.pop() if len(words) == 1 else _ALONE


def _lines_by_side(report: VariantsReport) -> Iterator[str]:
    """Shares without a positive at each short side, of a single convention."""
    if len(report.found) > 1 or len(report.variants[0].short_sides) == 1:
        return
    [one], [drawn] = report.found, report.variants
    shares = shares_by_side(one, drawn)
    parts = [f"{side} {numbers.percent(_plain(x))}" for side, x in shares.items()]
    yield f"by short side, {WITHOUT}:"
    yield f"  {_fitted(parts, report.stats.width - 2)}"


def _plain(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _fitted(parts: Sequence[str], room: int) -> str:
    """Put as many side by side as fit, the last ones among them."""
    text = "  ".join(parts)
    for number in range(len(parts) - _FEW_SIDES - 1, 0, -1):
        if len(text) <= room:
            break
        text = "  ".join([*parts[:number], "...", *parts[-_FEW_SIDES:]])
    return text


def _table_by_side(report: VariantsReport) -> Table:
    """Shares without a positive at each short side, by size."""
    sections = []
    for variants, one in zip(report.variants, report.found, strict=True):
        rows = []
        for side, tally in tallies_by_side(one, variants).items():
            groups = (*tally.groups, tally.sum_of())
            shares = (table.share(each.unassigned_share) for each in groups)
            rows.append(row_of(f"short side {side}", shares))
        name = f"{printable(variants.nominal.name)}, {WITHOUT}"
        sections.append(Section(name, tuple(rows)))
    return Table((*SIZE_BINS, EVERYTHING), tuple(sections))


def _verdict(report: VariantsReport) -> Iterator[str]:
    """What an average pass leaves, how far one size is from it, and what never has."""
    if not report.stats.has_objects:
        yield "No object is left to assign."
        return
    if len(report.found) == 1:
        yield _pass_words(report)
        yield _never_words(report)
        return
    yield _several_words(report)
    never = zip(report.stats.names, report.groups, report.variants, strict=True)
    counts = [
        f"{printable(name)} {'at most ' * drawn.is_sampled}"
        f"{numbers.count(group.unassigned.never)}"
        for name, group, drawn in never
    ]
    epochs = numbers.plural(report.epochs, "epoch")
    yield f"Objects expected to have no positive in {epochs}: {', '.join(counts)}."


def _several_words(report: VariantsReport) -> str:
    """What drawing costs each of several conventions, or saves."""
    parts: dict[str, list[str]] = {"costs": [], "saves": []}
    alike = []
    for name, change in zip(report.stats.names, report.changes, strict=True):
        if change.is_none:
            alike.append(printable(name))
            continue
        verb = "costs" if change.change > 0 else "saves"
        parts[verb].append(f"{printable(name)} {_points(change)}")
    told = [f"{verb} {', '.join(each)}" for verb, each in parts.items() if each]
    text = f"drawing {' and '.join(told)}"
    if not alike:
        return f"{text}."
    chance = f"{numbers.joined(alike)} chance may explain what drawing changes."
    return f"{text}; under {chance}" if told else f"under {chance}"


def _what(one: VariantSummary) -> str:
    return POORLY if one.average.by_size.has_low_quality else WITHOUT


def _pass_words(report: VariantsReport) -> str:
    """Share of an average pass with its interval, and that of the nominal size."""
    [one], [variants], [change] = report.found, report.variants, report.changes
    text = f"an average pass leaves {numbers.percent(change.after)} of the objects "
    text += _what(one)
    if interval := _intervals(one, 0)[_what(one)]:
        text += f" (95% interval {numbers.span_of_shares(*interval)})"
    before = numbers.percent(change.before)
    is_same = before == numbers.percent(change.after)
    if variants.each == (variants.nominal,):
        return f"{text}."
    alone = f"{nominal_words(variants)}, it is {'the same' if is_same else before}"
    if change.interval is None or is_same:
        return f"{text}; {alone}."
    if change.is_none:
        return f"{text}; {alone}, and chance may explain the difference."
    verb = "costs" if change.change > 0 else "saves"
    what = "drawing" if len(variants.each) > 1 else "this size"
    return f"{text}; {alone}: {what} {verb} {_points(change)}."


def _points(change: Difference) -> str:
    """Write how far a share rises or falls, without a sign."""
    size, ends = change.change, change.interval
    if size < 0:
        size, ends = -size, ends and Interval(-ends.high, -ends.low)
    return numbers.points_from_to(size, ends, " points").removeprefix("+")


def _never_words(report: VariantsReport) -> str:
    """How many objects no variant or no epoch gives a positive, and how many some."""
    [group], [drawn] = report.groups, report.variants
    epochs, number = numbers.plural(report.epochs, "epoch"), group.num_objects
    every, some, never = group.unassigned
    most, least = ("at most ", "at least ") if drawn.is_sampled else ("", "")
    if not never:
        return "Every object has a positive in some variant."
    have = "has" if every == 1 else "have"
    objects = (
        f"{numbers.plural(every, 'object')} ({numbers.percent(share(every, number))})"
    )
    text = f"{most}{objects} {have} a positive in no variant, and "
    more = f"{most}{numbers.count(never)} ({numbers.percent(share(never, number))})"
    text += f"{more if round(never) > every else 'no more'} are expected to have none "
    text += f"in {epochs}"
    if some:
        decide = "decide" if " and " in _drawn_words(drawn) else "decides"
        of = numbers.percent(share(some, number))
        text += f"; for {least}{of} the {_drawn_words(drawn)} drawn {decide}"
    return f"{text[0].upper()}{text[1:]}."


def _drawn_words(variants: Variants) -> str:
    """Name what is drawn: the size, the flip, or both."""
    drawn = ["size"] * (len(variants.short_sides) > 1)
    drawn += ["flip"] * (0 < variants.nominal.augment.flip < 1)
    return numbers.joined(drawn)
