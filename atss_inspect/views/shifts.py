"""The answer of `stats --shifts`: what is luck of an object's place on the grid."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from atss_inspect.statistics.metrics import Kind
from atss_inspect.statistics.spread import Spread, spread_of
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS
from atss_inspect.statistics.tally import share
from atss_inspect.statistics.variants import Variants, VariantSummary
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Block, Closing, Data
from atss_inspect.views.draws import draw_lines, draw_record
from atss_inspect.views.first_screen import data_lines
from atss_inspect.views.names import fold, printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.table import Cell, Record, Row, Section, Table, row_of

# What is lacking -> the start of its keys.
LACKING = {"without a positive": "", "poorly assigned": "poorly_"}


@dataclass(frozen=True)
class ShiftsReport(Answer):
    """What conventions do to the objects in many places of the pictures."""

    stats: StatsReport  # of the pictures' own place
    variants: tuple[Variants, ...]  # shifts of each convention
    found: tuple[VariantSummary, ...]  # likewise
    again: tuple[str, ...] = ()  # options to type again for the shifts

    @property
    def lacking(self) -> tuple[str, ...]:
        """What is told: poorly assigned objects only where some rule has such."""
        low = any(one.by_size.has_low_quality for one in self.stats.summaries)
        return tuple(LACKING)[: 1 + low]

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people, as a screen."""
        draws = (fold(each, rest="  ") for each in draw_lines(self.variants))
        yield Data((*data_lines(self.stats), *chain(*draws)))
        if not self.stats.has_objects:
            yield Closing(("No object is left to assign.",))
            return
        yield _table(self)
        means = [_deciding(one).mean or 0.0 for one in self.found]
        place = means.index(max(means))
        own = self.stats.commands[place] if self.stats.commands else ()
        asked = *(own or self.stats.command), *self.stats.filtering, *self.again
        verdict = " ".join(map(_verdict, self.stats.names, self.found))
        if len(self.found) == 1:
            verdict += f" {_every_words(self.found[0])}"
        yield Closing((verdict,), (command_line("worst", *asked),))

    def document(self) -> Record:
        """Make the whole answer one document: that of `stats`, and `shifts`."""
        records = [
            {
                "preset": variants.nominal.name,
                **draw_record(variants),
                **_record(self, one, SIZE_BINS),
                "by_size": [
                    {"size": size, **_record(self, one, (size,))} for size in SIZE_BINS
                ],
                "by_shift": [
                    {"shift": each.shift, "unassigned_share": found}
                    for each, found in zip(
                        variants.each, spread_of(one).shares, strict=False
                    )
                ],
            }
            for variants, one in zip(self.variants, self.found, strict=True)
        ]
        for each in records:
            del each["shifts"]
        return self.stats.document(shifts=records)

    def records(self) -> list[Record]:
        """Make a record of all objects and of each size, under each convention."""
        groups: list[tuple[str, str, Sequence[str]]]
        groups = [("size", size, (size,)) for size in SIZE_BINS]
        groups.insert(0, (EVERYTHING, EVERYTHING, SIZE_BINS))
        return [
            {"preset": name, "group": group, "key": key, **_record(self, one, sizes)}
            for name, one in zip(self.stats.names, self.found, strict=True)
            for group, key, sizes in groups
        ]

    def csv(self) -> table.Records:
        """The records as rows."""
        records = self.records()
        floats = [key for key in records[0] if "share" in key]
        return table.Records(table.record_columns(records[0], floats), records)


def _columns(report: ShiftsReport) -> list[tuple[str, VariantSummary, Sequence[str]]]:
    """Sizes of a single convention, or all objects of several."""
    if len(report.found) > 1:
        pairs = zip(report.stats.names, report.found, strict=True)
        return [(name, one, SIZE_BINS) for name, one in pairs]
    [one] = report.found
    sizes = [
        (size, one, (size,)) for size in SIZE_BINS if spread_of(one, (size,)).shares
    ]
    return [*sizes, (EVERYTHING, one, SIZE_BINS)]


def _table(report: ShiftsReport) -> Table:
    """Arrange means and deviations, what holds at every shift, and the own place."""
    columns = _columns(report)
    groups = [one.nominal.of_sizes(*sizes) for _, one, sizes in columns]
    rows = [table.count_row("objects", [group.num_objects for group in groups])]
    for what in report.lacking:
        spreads = [
            spread_of(one, sizes, poorly=bool(LACKING[what]))
            for _, one, sizes in columns
        ]
        own = [
            group.poorly_assigned_share if LACKING[what] else group.unassigned_share
            for group in groups
        ]
        rows += [row_of(what, [""] * len(columns)), *_rows(spreads)]
        counts = [group.num_objects for group in groups]
        for label, place in (("at every shift", 0), ("at some, not all", 1)):
            pairs = zip(spreads, counts, strict=True)
            parts = [share(one.lacked[place], number) for one, number in pairs]
            rows.append(row_of(f"  {label}", map(table.share, parts)))
        rows.append(row_of("  in the own place", map(table.share, own)))
    return Table(tuple(label for label, *_ in columns), (Section("", tuple(rows)),))


def _rows(spreads: Sequence[Spread]) -> Iterator[Row]:
    yield row_of("  mean over the shifts", [table.share(one.mean) for one in spreads])
    points = [
        Cell(Kind.MEAN, None if one.deviation is None else 100 * one.deviation)
        for one in spreads
    ]
    yield row_of("  standard deviation, points", points)


def _verdict(name: str, found: VariantSummary) -> str:
    """How far the share depends on the place, and for how many objects."""
    spread, whole = _deciding(found), found.nominal.every_object
    what, has_low = _what(found), found.nominal.by_size.has_low_quality
    own = whole.poorly_assigned_share if has_low else whole.unassigned_share
    text = f"{printable(name)} leaves {numbers.percent(spread.mean)} of the objects "
    text += f"{what} on average, {numbers.percent(own)} in their own place"
    if spread.deviation is not None:
        points = numbers.ratio(100 * spread.deviation, 1)
        text += f"; the standard deviation over the shifts is {points} points"
    of = numbers.percent(share(spread.lacked.some, whole.num_objects))
    return f"{text}. For {of} of the objects the place decides."


def _every_words(found: VariantSummary) -> str:
    number = _deciding(found).lacked.every
    be = "is" if number == 1 else "are"
    return f"{numbers.plural(number, 'object')} {be} {_what(found)} at every shift."


def _deciding(found: VariantSummary) -> Spread:
    """The share that says how bad it is: with a bar, of the poorly assigned."""
    return spread_of(found, poorly=found.nominal.by_size.has_low_quality)


def _what(found: VariantSummary) -> str:
    return tuple(LACKING)[found.nominal.by_size.has_low_quality]


def _record(
    report: ShiftsReport, found: VariantSummary, sizes: Sequence[str]
) -> Record:
    """Make a record of some objects under one convention."""
    group = found.nominal.of_sizes(*sizes)
    record: Record = {"num_objects": group.num_objects}
    for what in report.lacking:
        start = LACKING[what]
        is_known = not start or group.num_low_quality_only is not None
        spread = spread_of(found, sizes, poorly=bool(start)) if is_known else None
        key = "poorly_assigned_share" if start else "unassigned_share"
        record |= {
            key: spread and spread.mean,
            f"{key}_std": spread and spread.deviation,
            f"{start}every_shift": spread and spread.lacked.every,
            f"{start}some_shifts": spread and spread.lacked.some,
            f"own_place_{key}": getattr(group, key) if is_known else None,
        }
    return record
