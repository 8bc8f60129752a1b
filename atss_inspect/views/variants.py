"""The answer of `stats` over sizes and flips that training draws."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from atss_inspect.statistics import advice
from atss_inspect.statistics.advice import Difference
from atss_inspect.statistics.bootstrap import Interval
from atss_inspect.statistics.gate_keys import NAMES
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS
from atss_inspect.statistics.tally import share
from atss_inspect.statistics.variants import Variants, tallies_by_side
from atss_inspect.views import numbers, stats_records, table
from atss_inspect.views.answer import Block, Closing, Notes, Paragraph
from atss_inspect.views.average_pass import DrawnReport, deciding
from atss_inspect.views.draw_words import draw_lines, nominal_words, what_of
from atss_inspect.views.headings import SIZES_NOTE, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.stats_tables import stats_tables
from atss_inspect.views.table import Record, Section, Table, row_of
from atss_inspect.views.verdict import oddities

MEAN = "expected_positives"
_FEW_SIDES = 2  # at the end of a line where not all short sides fit


@dataclass(frozen=True)
class VariantsReport(DrawnReport):
    """What conventions do to objects over all sizes and flips that each draws."""

    @cached_property
    def changes(self) -> list[Difference]:
        """How far an average pass is from the nominal size, of what decides."""
        return [
            advice.differences(one.nominal, one.average, deciding(one).measure)[0]
            for one in self.found
        ]

    @property
    def verdict(self) -> str:
        """What drawing changes, in sentences."""
        return " ".join(_verdict(self))

    @property
    def table_by_side(self) -> Table:
        """Shares without a positive at each short side, by size."""
        sections = []
        for variants, one in zip(self.variants, self.found, strict=True):
            rows = []
            for side, tally in tallies_by_side(one, variants).items():
                groups = (*tally.groups, tally.sum_of())
                shares = (table.share(each.unassigned_share) for each in groups)
                rows.append(row_of(f"short side {side}", shares))
            name = f"{printable(variants.nominal.name)}, without a "
            name += what_of(variants.nominal)
            sections.append(Section(name, tuple(rows)))
        return Table((*SIZE_BINS, EVERYTHING), tuple(sections))

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people: a screen, or breakdowns of an average pass."""
        is_more = self.stats.is_full or self.stats.breakdowns
        if is_more:
            yield from heading(self.stats)
            yield Notes(tuple(draw_lines(self.variants)), is_one=False)
        else:
            yield self.data
        if self.stats.has_objects and not self.stats.breakdowns:
            yield self.table
            if self.stats.is_full:
                yield self.table_by_side
            elif lines := tuple(_lines_by_side(self)):
                yield Notes(lines, is_one=False)
        if is_more and self.stats.has_objects:
            yield Paragraph("In an average pass:")
            yield from stats_tables(self.stats)
            yield Notes((SIZES_NOTE,))
        verdict = " ".join([*oddities(self.stats), *_verdict(self)])
        yield Closing((verdict,), self.next_commands)

    def document(self) -> Record:
        """Make the whole answer one document: that of `stats`, and `variants`."""
        return self._nominal().document(variants=self._records())

    def records(self) -> list[Record]:
        """Make a record of every convention."""
        pairs = zip(self._nominal().records(), self._records(), strict=True)
        return [record | {"variants": variants} for record, variants in pairs]

    def _nominal(self) -> StatsReport:
        return replace(self.stats, summaries=tuple(one.nominal for one in self.found))

    def _records(self) -> list[Record]:
        records = self.variant_records()
        both = zip(records, self.changes, self.stats.records(), strict=True)
        for record, change, average in both:
            del average["preset"], average["blocks"]
            record |= {
                "change": change.change,
                **table.interval_record(change.interval),
            }
            record["average_pass"] = average
        return records

    def csv(self) -> table.Records:
        """Take the records of an average pass apart, as those of `stats`.

        Rows of all objects and of sizes have what holds over variants, too; those of
        ``short_side`` the share there.
        """
        plain = stats_records.rows_of(self.stats)
        rows, extra = list(plain.rows), dict[str, None]()
        for record in self._records():
            sizes = {one["size"]: one for one in record["by_size"]}
            but = {"size", "num_objects", MEAN, NAMES[MEAN]}
            keys = [key for key in record["by_size"][0] if key not in but]
            extra |= dict.fromkeys(keys)
            for row in plain.rows:
                is_own = row["preset"] == record["preset"]
                if is_own and row["group"] in ("all", "size"):
                    own = sizes.get(row["key"], record)
                    row |= {key: own[key] for key in keys}
            for one in record["by_short_side"]:
                side = {"group": "short_side", "key": str(one["short_side"])}
                share_there = {key: one[key] for key in one if key != "short_side"}
                rows.append({"preset": record["preset"], **side, **share_there})
        known = {column.key for column in plain.columns}
        new = [key for key in extra if key not in known]
        floats = [key for key in new if "share" in key or "never" in key]
        return table.Records((*plain.columns, *table.record_columns(new, floats)), rows)


def _lines_by_side(report: VariantsReport) -> Iterator[str]:
    """Shares without a positive at each short side, of a single convention."""
    if len(report.found) > 1 or len(report.variants[0].short_sides) == 1:
        return
    tallies = tallies_by_side(report.found[0], report.variants[0]).items()
    shares = [(side, tally.sum_of().unassigned_share) for side, tally in tallies]
    parts = [f"{side} {numbers.percent(part)}" for side, part in shares]
    yield f"by short side, without a {what_of(report.variants[0].nominal)}:"
    yield f"  {_fitted(parts, report.stats.width - 2)}"


def _fitted(parts: Sequence[str], room: int) -> str:
    """Put as many side by side as fit, the last ones among them."""
    text = "  ".join(parts)
    for number in range(len(parts) - _FEW_SIDES - 1, 0, -1):
        if len(text) <= room:
            break
        text = "  ".join([*parts[:number], "...", *parts[-_FEW_SIDES:]])
    return text


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
    counts = [
        f"{printable(one.label)} {'at most ' * one.variants.is_sampled}"
        f"{numbers.count(one.group.unassigned.never)}"
        for one in report.every
        if one.variants.nominal.rule.gate is None
    ]
    if counts:
        epochs = numbers.plural(report.epochs, "epoch")
        told = f"Objects expected to have no positive in {epochs}: {', '.join(counts)}"
        yield f"{told}."


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


def _pass_words(report: VariantsReport) -> str:
    """Share of an average pass with its interval, and that of the nominal size."""
    [every], [variants], [change] = report.every, report.variants, report.changes
    lack = deciding(every.found)
    text = f"an average pass leaves {numbers.percent(change.after)} of the objects "
    text += lack.words
    if interval := every.interval(lack):
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
    [(_, drawn, _, group, _)] = report.every
    epochs, number = numbers.plural(report.epochs, "epoch"), group.num_objects
    every, some, never = group.unassigned
    most, least = ("at most ", "at least ") if drawn.is_sampled else ("", "")
    what = what_of(drawn.nominal)
    if not never:
        return f"Every object has a {what} in some variant."
    have = "has" if every == 1 else "have"
    objects = (
        f"{numbers.plural(every, 'object')} ({numbers.percent(share(every, number))})"
    )
    text = f"{most}{objects} {have} a {what} in no variant"
    more = f"{most}{numbers.count(never)} ({numbers.percent(share(never, number))})"
    if drawn.nominal.rule.gate is None:
        text += f", and {more if round(never) > every else 'no more'} are expected to "
        text += f"have none in {epochs}"
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
