"""What objects lack over all that is drawn, be it sizes and flips, or shifts.

Both have one table: the share in an average pass, what holds in every one of them and
in some, and the convention alone.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from atss_inspect.statistics.advice import Measure
from atss_inspect.statistics.bootstrap import Interval, intervals_of_shares
from atss_inspect.statistics.gate_keys import of_gate
from atss_inspect.statistics.spread import deviation_of, shares_by_variant
from atss_inspect.statistics.statistic import Kind, plain
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS
from atss_inspect.statistics.tally import OBJECTS, Group, share
from atss_inspect.statistics.variants import (
    Lacked,
    VariantGroup,
    Variants,
    VariantSummary,
    tallies_by_side,
)
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Data
from atss_inspect.views.draw_words import (
    AVERAGE,
    SHIFT,
    draw_lines,
    draw_record,
    nominal_words,
)
from atss_inspect.views.first_screen import data_lines
from atss_inspect.views.names import fold
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.table import AnyCell, Cell, Record, Row, Section, Table, row_of


class Lack(NamedTuple):
    """What objects may lack: a positive, or a good one; of gates a candidate."""

    words: str
    measure: Measure
    share_key: str  # of groups and records
    prefix: str  # of other keys

    def is_of(self, found: VariantSummary) -> bool:
        """Whether it is of the kind of answer that a convention gives."""
        return (self is NO_CANDIDATE) == found.nominal.by_size.is_of_gate

    def share_of(self, group: Group) -> float | None:
        """Share of a group that lacks it."""
        found: float | None = getattr(group, self.share_key)
        return found

    def lacked(self, group: VariantGroup) -> Lacked:
        """Objects that lack it, by how often."""
        return group.poorly if self.prefix else group.unassigned


WITHOUT = Lack("without a positive", Measure.UNASSIGNED, "unassigned_share", "")
POORLY = Lack(
    *("poorly assigned", Measure.POORLY_ASSIGNED, "poorly_assigned_share", "poorly_")
)


NO_CANDIDATE = Lack(
    "without a candidate", Measure.WITHOUT_CANDIDATE, "unassigned_share", ""
)


def deciding(found: VariantSummary) -> Lack:
    """What decides how bad a convention is: with a bar, the poorly assigned."""
    if found.nominal.by_size.is_of_gate:
        return NO_CANDIDATE
    return POORLY if found.nominal.by_size.has_low_quality else WITHOUT


_LACKED_KEYS = ("every_variant", "some_variants", "never_in_epochs")


class Part(NamedTuple):
    """Some objects under one convention: a column of the table."""

    label: str
    variants: Variants
    found: VariantSummary
    group: VariantGroup
    sizes: Sequence[str] = SIZE_BINS

    def share(self, lack: Lack, group: Group) -> float | None:
        """Share of one of its groups that lacks it; None of the other kind."""
        return lack.share_of(group) if lack.is_of(self.found) else None

    def interval(self, lack: Lack) -> Interval | None:
        """Interval of the share in an average pass; None of the other kind."""
        if not lack.is_of(self.found):
            return None
        average = self.found.average
        rows = [SIZE_BINS.index(size) for size in self.sizes]
        blocks = average.block_sizes[:, rows].sum(axis=1, keepdims=True)  # (B, 1, 5)
        parts, _ = lack.measure.counts(blocks, average.by_size.need)
        passes = int(average.num_images), self.found.total
        [found] = intervals_of_shares(parts, blocks[..., OBJECTS], *passes)
        return found

    def shares(self, lack: Lack) -> list[float]:
        """Share of the objects that lack it at each shift; none without objects."""
        return shares_by_variant(self.found, self.sizes, poorly=lack is POORLY)

    def record(self) -> Record:
        """Make a record of the objects over variants."""
        group, both = self.group, (WITHOUT, POORLY)
        found: Record = {
            "num_objects": group.num_objects,
            "num_left_out": group.num_left_out,
        }
        found |= {lack.share_key: lack.share_of(group.average) for lack in both}
        found["expected_positives"] = group.average.mean_positives
        for lack in both[: 1 + (deciding(self.found) is POORLY)]:
            keys = (f"{lack.prefix}{key}" for key in _LACKED_KEYS)
            lacked: Record = dict(zip(keys, lack.lacked(group), strict=True))
            found |= {key: plain(each) for key, each in lacked.items()}
            shares = {key: share(n, group.num_objects) for key, n in lacked.items()}
            found |= {f"{key}_share": each for key, each in shares.items()}
        own = {lack.share_key: lack.share_of(group.nominal) for lack in both}
        found |= {f"nominal_{key}": each for key, each in own.items()}
        return self.named(found)

    def named(self, record: Record) -> Record:
        """Name what a record counts as its kind of answer does."""
        return of_gate(record) if self.found.nominal.by_size.is_of_gate else record


@dataclass(frozen=True)
class DrawnReport(Answer):
    """Conventions over all that each of them draws."""

    stats: StatsReport  # of an average pass; over shifts, of the pictures' own place
    variants: tuple[Variants, ...]  # of each convention
    found: tuple[VariantSummary, ...]  # likewise
    epochs: int
    drawn: tuple[str, ...] = ()  # options to type again

    @cached_property
    def every(self) -> list[Part]:
        """All objects under each convention."""
        each = zip(self.stats.names, self.variants, self.found, strict=True)
        return [Part(*one, one[-1].group(epochs=self.epochs)) for one in each]

    def by_size(self, every: Part) -> list[Part]:
        """Each size of all objects under a convention."""
        return [
            Part(size, *every[1:3], every.found.group((size,), self.epochs), (size,))
            for size in SIZE_BINS
        ]

    @cached_property
    def parts(self) -> list[Part]:
        """Sizes of a single convention, or all objects of several."""
        if len(self.found) > 1:
            return self.every
        [every] = self.every
        sizes = [one for one in self.by_size(every) if one.group.num_objects]
        return [*sizes, every._replace(label=EVERYTHING)]

    @property
    def lacking(self) -> list[Lack]:
        """What is told: poorly assigned objects only where some rule has such."""
        own = {deciding(one) for one in self.found}
        first = [WITHOUT] if own != {NO_CANDIDATE} else []
        return [*first, *(one for one in (POORLY, NO_CANDIDATE) if one in own)]

    @property
    def table(self) -> Table:
        """What holds in an average pass, in every variant, in some, and never."""
        groups = [one.group for one in self.parts]
        rows = [table.count_row("objects", [one.num_objects for one in groups])]
        if any(left_out := [one.num_left_out for one in groups]):
            rows.append(table.count_row("  of these left out in some", left_out))
        for lack in self.lacking:
            rows += _rows(self, lack)
        if not self.is_shifted:
            rows += self._means()
        labels = tuple(one.label for one in self.parts)
        return Table(labels, (Section("", tuple(rows)),))

    def _means(self) -> Iterator[Row]:
        """Positives expected, and the most that are possible by a gate."""
        labels = {False: "expected positives", True: "picks at most, mean"}
        kinds = [one.found.nominal.by_size.is_of_gate for one in self.parts]
        for kind in sorted(set(kinds)):
            means = [
                Cell(Kind.RATIO, one.group.average.mean_positives if own else None)
                for one, own in zip(self.parts, (n == kind for n in kinds), strict=True)
            ]
            yield row_of(labels[kind], means)

    @property
    def data(self) -> Data:
        """What was looked at, and what each convention draws."""
        draws = (fold(each, rest="  ") for each in draw_lines(self.variants))
        return Data((*data_lines(self.stats), *itertools.chain(*draws)))

    @property
    def is_shifted(self) -> bool:
        """Whether it is shifts that are drawn."""
        return self.variants[0].noun == SHIFT

    def variant_records(self) -> list[Record]:
        """Make a record of what each convention draws, and what objects get."""
        return [
            {
                "preset": one.variants.nominal.name,
                **draw_record(one.variants),
                "epochs": self.epochs,
                **one.record(),
                "by_size": [{"size": n.label} | n.record() for n in self.by_size(one)],
                "by_short_side": [
                    one.named(
                        {
                            "short_side": n,
                            WITHOUT.share_key: WITHOUT.share_of(tally.sum_of()),
                        }
                    )
                    for n, tally in tallies_by_side(one.found, one.variants).items()
                ],
            }
            for one in self.every
        ]

    @property
    def next_commands(self) -> tuple[str, ...]:
        """Command that lists the objects of the worst convention."""
        averages = [(deciding(one), one.average.every_object) for one in self.found]
        shares = [lack.share_of(every) or 0.0 for lack, every in averages]
        place = shares.index(max(shares))
        own = self.stats.commands[place] if self.stats.commands else ()
        asked = (*(own or self.stats.command), *self.stats.filtering, *self.drawn)
        return (command_line("worst", *asked),)


def _rows(report: DrawnReport, lack: Lack) -> Iterator[Row]:
    """How many objects lack it; brief where nobody asks how often they do."""
    parts, is_full = report.parts, report.stats.is_full
    is_poorly_drawn = lack is POORLY and not report.is_shifted
    average = [table.share(one.share(lack, one.group.average)) for one in parts]
    if is_poorly_drawn:
        yield row_of(f"poorly, {AVERAGE}", average)
    else:
        yield row_of(lack.words, [""] * len(parts))
        mean = "mean over the shifts" if report.is_shifted else AVERAGE
        yield row_of(f"  {mean}", average)
    if report.is_shifted:
        deviations = [_deviation(one, lack) for one in parts]
        yield row_of("  standard deviation, points", deviations)
    elif len(report.found) > 1 and (is_full or lack is report.lacking[-1]):
        ends = [one.interval(lack) for one in parts]
        if any(ends):
            cells = [Cell(Kind.SHARES, each and tuple(each)) for each in ends]
            yield row_of("    95% interval", cells)
    if is_full or not is_poorly_drawn:
        yield from _lacked_rows(report, lack)
    alone = {nominal_words(one) for one in report.variants}
    words = alone.pop() if len(alone) == 1 else "nominal size alone"
    nominal = [table.share(one.share(lack, one.group.nominal)) for one in parts]
    yield row_of("  in the own place" if report.is_shifted else f"  {words}", nominal)


def _deviation(part: Part, lack: Lack) -> Cell:
    shares = part.shares(lack) if lack.is_of(part.found) else ()
    deviation = deviation_of(shares)
    return Cell(Kind.MEAN, None if deviation is None else 100 * deviation)


def _lacked_rows(report: DrawnReport, lack: Lack) -> Iterator[Row]:
    """Shares of objects that lack it, by how often they do."""
    every = [lack.lacked(one.group) for one in report.parts]
    # Of the other kind of answer there is no share.
    totals = [one.group.num_objects * lack.is_of(one.found) for one in report.parts]
    where = "at" if report.is_shifted else "in"
    labels = [(f"{where} every {report.variants[0].noun}", "most")]
    labels.append((f"{where} some, not all", "least"))
    # Of gates training moves and scales pictures besides, which is not imitated.
    if not report.is_shifted and lack is not NO_CANDIDATE:
        never = "in all" if lack is POORLY else "never in"
        labels.append((f"{never} {numbers.plural(report.epochs, 'epoch')}", "most"))
    sampled = [one.variants.is_sampled for one in report.parts]
    for (label, bound), counts in zip(labels, zip(*every, strict=True), strict=False):
        pairs = zip(counts, totals, strict=True)
        cells: list[AnyCell] = [table.share(share(*pair)) for pair in pairs]
        if len(report.found) == 1:
            label += f", at {bound}" * sampled[0]
        elif any(sampled):
            texts = [each.text for each in cells if isinstance(each, Cell)]
            marks = [f"at {bound} " * each for each in sampled]
            cells = list(map(str.__add__, marks, texts))
        yield row_of(f"  {label}", cells)
