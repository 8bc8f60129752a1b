"""The answer of `compare`: conventions on the same objects, and every pair of them.

For programs the document is that of `stats` (docs/json.md) for the objects compared,
with ``pairs``; JSON Lines have a record a pair, CSV a row per pair and group. With
--baseline it is two data sets under the same conventions: the document is that of
`stats` for the data of now, with ``baseline`` and ``changes``.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.advice import (
    Differences,
    Measure,
    differences,
    measures_of,
)
from atss_inspect.statistics.bootstrap import FEWEST_IMAGES
from atss_inspect.statistics.comparison import Change, Flip, Pair, changes
from atss_inspect.statistics.metrics import Kind, Place, Value, plain
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers, stats, table
from atss_inspect.views.answer import Answer, Block, Closing, Listing, Notes
from atss_inspect.views.headings import SHARED_NOTE, SIZES_NOTE, full_name, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.stats_tables import by_level, level_label, stats_tables
from atss_inspect.views.table import (
    AnyCell,
    Cell,
    Column,
    Record,
    Row,
    Section,
    Table,
    count_row,
    row_of,
)

LOW_QUALITY = "only low-quality matches"
# Of the overview of `stats`, what differs from convention to convention.
SECTIONS = (
    *("", "objects without a positive", LOW_QUALITY, "positives per object"),
    *("share of positives by level", "annotations left out"),
)
COMMON_NOTE = (
    "In common: anchors positive for the same object under both, of those positive "
    "under either."
)
RISE_NOTE = (
    "Points: how far a share rises from the first to the second of the two; none: "
    "the 95% interval of the difference holds zero."
)
POINTS_NOTE = "Changes of shares are in percentage points."
# Columns of the tables of pairs, and the size bins each takes together.
GROUPS: dict[str, tuple[str, ...]] = {
    "all": SIZE_BINS,
    **{name: (name,) for name in SIZE_BINS},
}
# What both can be judged by, all objects first, then each size.
Judged = dict[Measure, Differences]
_MEASURES = {
    Measure.POORLY_ASSIGNED: "poorly assigned",
    Measure.UNASSIGNED: "without a positive",
    Measure.MISSING_TO_NEED: "missing to need",
}
# Under whom objects have a positive, under whom not, and these objects.
Direction = tuple[str, str, tuple[Flip, ...]]


@dataclass(frozen=True)
class CompareReport(Answer):
    """Conventions side by side on the same objects."""

    # what each does to these objects; ``command`` holds the options of data and
    # ``--set`` as typed, without the presets
    stats: StatsReport
    # every two of them, in the order of ``itertools.combinations``
    pairs: tuple[Pair, ...]
    typed: tuple[str, ...]  # the conventions as they were typed, to be typed again

    @property
    def named_pairs(self) -> Iterator[tuple[str, str, Pair]]:
        """The pairs with their names, which may come from files."""
        names = itertools.combinations(map(printable, self.stats.names), 2)
        for (first, second), pair in zip(names, self.pairs, strict=True):
            yield first, second, pair

    @cached_property
    def differences(self) -> tuple[Judged, ...]:
        """How far each pair differs, in the order of the pairs."""
        pairs = itertools.combinations(self.stats.summaries, 2)
        settings = itertools.combinations(self.stats.settings, 2)
        return tuple(
            {each: differences(*two, each) for each in measures_of(*rules)}
            for two, rules in zip(pairs, settings, strict=True)
        )

    @property
    def directions(self) -> Iterator[Direction]:
        """Both ways of every pair that have examples to look at."""
        for first, second, pair in self.named_pairs:
            if pair.only_first:
                yield first, second, pair.only_first
            if pair.only_second:
                yield second, first, pair.only_second

    def explain_command(self, direction: Direction) -> str:
        """Command that shows why the two differ on the first example.

        Empty where that has no id.
        """
        *names, flips = direction
        if flips[0].ann_id is None:
            return ""
        typed = dict(zip(map(printable, self.stats.names), self.typed, strict=True))
        both = [typed[name] for name in names]
        words = (*self.stats.command, "--ann-id", str(flips[0].ann_id))
        return command_line("explain", *words, *stats.presets_again(both))

    @property
    def next_command(self) -> str:
        """Command to type next: where to look further."""
        presets = stats.presets_again(self.typed)
        words = (*self.stats.command, *presets, *self.stats.filtering)
        examples = filter(None, map(self.explain_command, self.directions))
        return next(examples, command_line("stats", *words, "--by", "size"))

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; what is compared and units are explained."""
        yield from heading(self.stats)
        yield from compare_tables(self)
        yield from (_examples(self, one) for one in self.directions)
        units = f" {SIZES_NOTE}" if self.stats.has_objects else ""
        notes = [SHARED_NOTE + units]
        if units and any(pair.common is not None for pair in self.pairs):
            notes.append(COMMON_NOTE)
        if units and any(map(_has_intervals, self.differences)):
            notes.append(RISE_NOTE)
        yield Notes(tuple(notes))
        yield Closing(tuple(verdict(self)), (self.next_command,))

    def document(self) -> Record:
        """Make the whole answer one document."""
        return self.stats.document(pairs=self.records())

    def records(self) -> list[Record]:
        """Make a record of every pair."""
        files = self.stats.dataset.files
        names = itertools.combinations(self.stats.names, 2)
        return [
            {
                "first": first,
                "second": second,
                **_outcome_record(pair, SIZE_BINS),
                "by_size": [
                    {"size": name} | _outcome_record(pair, (name,))
                    for name in SIZE_BINS
                ],
                "examples_only_first": [_flip(files, one) for one in pair.only_first],
                "examples_only_second": [_flip(files, one) for one in pair.only_second],
                "differences": list(_difference_records(judged)),
            }
            for (first, second), pair, judged in zip(
                names, self.pairs, self.differences, strict=True
            )
        ]

    def csv(self) -> table.Records:
        """Make a row per pair and group of objects."""
        rows = [
            {"first": first, "second": second, "group": name}
            | _outcome_record(pair, sizes)
            for first, second, pair in self.named_pairs
            for name, sizes in GROUPS.items()
        ]
        floats = ("spearman", "common_share")
        counts = ("num_objects", "num_both", "num_only_first", "num_only_second")
        keys = ("first", "second", "group", *counts, "num_neither", *floats)
        return table.Records(table.record_columns(keys, floats), rows)


def compare_tables(report: CompareReport) -> list[Table]:
    """Make the table of the conventions, and that of the pairs."""
    [overview] = stats_tables(report.stats)
    low = {one.every_object.num_low_quality_only for one in report.stats.summaries}
    shown = [one for one in SECTIONS if low != {None} or one != LOW_QUALITY]
    sections = [one for one in overview.sections if one.title in shown]
    tables = [Table(overview.headings, tuple(sections))]
    if report.stats.has_objects:
        pairs = tuple(
            _pair_section(*pair, judged)
            for pair, judged in zip(report.named_pairs, report.differences, strict=True)
        )
        tables.append(Table(tuple(GROUPS), pairs))
    return tables


def outcome_labels(first: str, second: str) -> tuple[str, ...]:
    """Name what `Outcomes` counts."""
    only = (f"only under {name}" for name in (first, second))
    return ("positives under both", *only, "under neither")


def _pair_section(first: str, second: str, pair: Pair, judged: Judged) -> Section:
    """Count objects by who gives them positives, and tell how far the two differ."""
    joints = [pair.joint.of_sizes(*sizes) for sizes in GROUPS.values()]
    counts = zip(*(joint.outcomes[1:] for joint in joints), strict=True)
    ranks = [Cell(Kind.CORRELATION, joint.spearman) for joint in joints]
    rows = list(map(count_row, outcome_labels(first, second), counts))
    for measure, words in _MEASURES.items():
        # Without bars the poorly assigned are those without a positive.
        if found := _is_told(measure, judged) and judged[measure]:
            cells: list[AnyCell] = [
                "none"
                if one.interval and one.is_none
                else Cell(Kind.SHARE, one.interval and one.change, is_change=True)
                for one in found
            ]
            rows.append(row_of(f"{words}, points", cells))
    rows.append(row_of("rank agreement (Spearman)", ranks))
    if pair.common is not None:
        shares = [table.share(pair.common_share(*sizes)) for sizes in GROUPS.values()]
        rows.append(row_of("positives in common", shares))
    return Section(f"{first} and {second}, objects", tuple(rows))


def _has_intervals(judged: Judged) -> bool:
    """Whether images are enough to tell a difference from chance."""
    return any(one.interval for found in judged.values() for one in found)


def _is_told(measure: Measure, judged: Judged) -> bool:
    """Whether a measure says something that no other one does."""
    if not _has_intervals(judged):
        return False
    if measure is Measure.POORLY_ASSIGNED and measure in judged:
        same = judged[Measure.UNASSIGNED]
        return any(
            (one.before, one.after) != (other.before, other.after)
            for one, other in zip(judged[measure], same, strict=True)
        )
    return measure in judged


def _difference_records(judged: Judged) -> Iterator[Record]:
    """Make a record of every measure and group of objects."""
    for measure, found in judged.items():
        for one in found:
            yield {
                "measure": measure.value,
                "group": one.name,
                "first": one.before,
                "second": one.after,
                "change": one.change if None not in (one.before, one.after) else None,
                "low": one.interval and one.interval.low,
                "high": one.interval and one.interval.high,
                "is_none": one.is_none,
            }


def _examples(report: CompareReport, direction: Direction) -> Listing:
    """Name the objects to look at, and the command if the first one has an id."""
    one, other, flips = direction
    title = f"with a positive under {one}, without under {other}, for example:"
    first = numbers.plural(flips[0].num_positives, "positive")
    counts = [first, *(numbers.count(flip.num_positives) for flip in flips[1:])]
    shown = [_describe(report, *pair) for pair in zip(flips, counts, strict=True)]
    return Listing(title, ("; ".join(shown),), report.explain_command(direction))


def _describe(report: CompareReport, flip: Flip, positives: str) -> str:
    """Name one object so that it can be found, and say what it has."""
    name = f"annotation {printable(str(flip.ann_id))}"
    if flip.ann_id is None:
        name = f"the annotation at place {numbers.count(flip.annotation_index)}"
    facts = [f"image {printable(str(flip.image_id))}"]
    files = report.stats.dataset.files
    facts += [full_name(files[flip.file])] if len(files) > 1 else []
    return f"{name} ({', '.join([*facts, flip.size, positives])})"


def verdict(report: CompareReport) -> list[str]:
    """What bars hide, then every pair in a few sentences."""
    bars = bar_note(report)
    return [*([bars] if bars else []), *pair_verdicts(report)]


def pair_verdicts(report: CompareReport) -> list[str]:
    """Every pair in a few sentences; most numbers stand in the tables."""
    if not report.stats.has_objects:
        return ["No object is kept by every preset, so there is nothing to compare."]
    pairs = zip(report.named_pairs, report.differences, strict=True)
    texts = [_pair_verdict(*pair, judged) for pair, judged in pairs]
    if report.stats.summaries[0].num_images < FEWEST_IMAGES:
        texts.append("With fewer than 20 images chance may make any difference.")
    return texts


def bar_note(report: CompareReport) -> str:
    """Tell how far having a positive says little, and what is not ranked.

    Empty where all rules have a bar, or none has.
    """
    every = report.stats.summaries
    if not report.stats.has_objects or all(
        Measure.POORLY_ASSIGNED in judged for judged in report.differences
    ):
        return ""
    sentences = []
    for name, one in zip(report.stats.names, every, strict=True):
        low = one.every_object.num_low_quality_only
        if low:
            share = numbers.percent(one.share_of_objects(low))
            sentences.append(
                f"Under {printable(name)} {share} of the objects have only low-quality "
                "matches, which count as positives here."
            )
    sentences.append(
        "A rule with a bar is not ranked against one without by poorly assigned "
        "objects: that one has no bar to miss."
    )
    return " ".join(sentences)


def _pair_verdict(first: str, second: str, pair: Pair, judged: Judged) -> str:
    """How far the two differ, on which objects, and whether they rank objects alike."""
    sentences = list(_difference_sentences(first, second, judged))
    all_ = pair.joint.outcomes
    more, fewer = (first, all_.num_only_first), (second, all_.num_only_second)
    if fewer[1] > more[1]:
        more, fewer = fewer, more
    if more[1]:
        number = numbers.plural(more[1], "object")
        have = "has" if more[1] == 1 else "have"
        sizes = _by_size(pair, is_first=more[0] == first)
        sentences.append(
            f"{number} {have} a positive only under {more[0]} ({sizes}), "
            f"{numbers.count(fewer[1])} only under {fewer[0]}."
        )
    elif all_.num_neither:
        number = numbers.plural(all_.num_neither, "object").removeprefix("1 ")
        both = f"{first} and {second}"
        sentences.append(f"The same {number} have no positive under {both}.")
    else:
        sentences.append(f"Every object has a positive under {first} and {second}.")
    rank = pair.joint.spearman
    if rank is None:
        told = "Ranks cannot be compared: one gives all objects the same."
        return " ".join([*sentences, told])
    told = f"{_agreement(rank)} (Spearman {numbers.correlation(rank)})."
    return " ".join([*sentences, told])


def _difference_sentences(first: str, second: str, judged: Judged) -> Iterator[str]:
    """Name the shares that differ, and those that differ by chance at most."""
    alike = []
    for measure, words in _MEASURES.items():
        if not _is_told(measure, judged):
            continue
        every = judged[measure][0]
        if every.interval is None:
            continue
        if every.is_none:
            alike.append(words)
            continue
        sides = sorted([(every.before, first), (every.after, second)])
        low, high = sorted(map(abs, every.interval))
        (less, better), (more, worse) = sides
        ends = dict.fromkeys(f"{100 * end:.1f}" for end in (low, high))
        apart = f"{' to '.join(ends)} points apart"
        yield (
            f"{words.capitalize()}: {better} {numbers.percent(less)}, {worse} "
            f"{numbers.percent(more)} ({apart})."
        )
    if alike:
        both = f"{first} and {second}"
        yield f"No difference beyond chance between {both}: {numbers.joined(alike)}."


def _by_size(pair: Pair, *, is_first: bool) -> str:
    """Count one way's objects by size, those sizes that have any."""
    key = "num_only_first" if is_first else "num_only_second"
    each = {name: pair.joint.of_sizes(name).outcomes for name in SIZE_BINS}
    counts = {name: getattr(outcomes, key) for name, outcomes in each.items()}
    return ", ".join(f"{name} {numbers.count(n)}" for name, n in counts.items() if n)


def _agreement(rank: float) -> str:
    """How far two conventions favor the same objects, in words."""
    if rank >= 0.8:
        return "They favor much the same objects"
    if rank >= 0.4:
        return "They favor partly the same objects"
    if rank > -0.4:
        return "They hardly favor the same objects"
    return "One favors what the other does not"


def _outcome_record(pair: Pair, sizes: tuple[str, ...]) -> Record:
    """Which objects of some sizes each gives positives, and how far the two agree."""
    joint = pair.joint.of_sizes(*sizes)
    agreement = {"spearman": joint.spearman, "common_share": pair.common_share(*sizes)}
    return joint.outcomes._asdict() | agreement


def _flip(files: Sequence[str], flip: Flip) -> Record:
    """Where an object is that the two disagree on, and what it has."""
    keys = ("image_id", "ann_id", "annotation_index", "size", "num_positives")
    return {"file": files[flip.file]} | {key: getattr(flip, key) for key in keys}


@dataclass(frozen=True)
class BaselineReport(Answer):
    """The same conventions on two data sets."""

    before: StatsReport  # what each convention does to the objects of the two
    now: StatsReport
    typed: tuple[str, ...]  # the conventions as they were typed

    @property
    def changes(self) -> Iterator[tuple[str, dict[str, Change]]]:
        """Per convention its name and what changed for all objects and each size."""
        both = map(changes, self.before.summaries, self.now.summaries)
        yield from zip(self.now.names, both, strict=True)

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer: numbers of both data sets, differences by convention.

        The verdict is whether more objects have no positive than before, and where;
        the command to type next shows where to look further.
        """
        yield from heading(self.now, before=self.before)
        pairs = list(zip(self.before.summaries, self.now.summaries, strict=True))
        parts = tuple(map(Column, ("before", "now", "change")))
        sections = tuple(_change_sections(self.now.settings, pairs))
        yield Table(self.now.names, sections, parts)
        yield Notes((f"{POINTS_NOTE} {SIZES_NOTE}",))
        verdicts = (_change_verdict(printable(name), one) for name, one in self.changes)
        presets = stats.presets_again(self.typed)
        words = (*self.now.command, *presets, *self.now.filtering)
        command = command_line("stats", *words, "--by", "class")
        yield Closing(tuple(verdicts), (command,))

    def document(self) -> Record:
        """Make the whole answer one document."""
        before = self.before.document()
        baseline = {
            key: before[key] for key in ("inputs", "data", "results", "warnings")
        }
        return self.now.document(
            baseline=baseline, changes=list(self._change_records())
        )

    def records(self) -> list[Record]:
        """List the records of both data sets, each named."""
        return [
            {"data": label, **record}
            for label, each in (("before", self.before), ("now", self.now))
            for record in each.records()
        ]

    def csv(self) -> table.Records:
        """Make a row per preset and group of objects."""
        rise = "unassigned_share_rise"
        columns = table.record_columns(
            ("preset", "group", *Change._fields, rise), (rise,)
        )
        return table.Records(columns, list(self._change_records()))

    def _change_records(self) -> Iterator[Record]:
        for preset, groups in self.changes:
            for name, change in groups.items():
                counts, rise = change._asdict(), {"unassigned_share_rise": change.rise}
                yield {"preset": preset, "group": name, **counts, **rise}


def _change_sections(
    settings: Sequence[Settings], pairs: Sequence[tuple[Summary, Summary]]
) -> Iterator[Section]:
    """Compare groups by size, means and evenness, and the shares of the levels.

    A statistic of groups has a section, any other that is declared to show here a row.
    """
    for statistic in metrics.shown_at(Place.BY_SIZE):
        write = partial(_change_cells, statistic.kind)
        rows = []
        for label, sizes in GROUPS.items():
            each = [
                [statistic.value_of(one.of_sizes(*sizes)) for one in pair]
                for pair in pairs
            ]
            rows.append(Row(label, tuple(write(*two) for two in each)))
        yield Section(statistic.label_at(Place.BY_SIZE), tuple(rows))
    rows = []
    for statistic in metrics.shown_at(Place.BASELINE):
        cells = []
        for own, pair in zip(settings, pairs, strict=True):
            values = (statistic.value(one, own) for one in pair)
            cells.append(_change_cells(statistic.kind, *values))
        rows.append(Row(statistic.label_at(Place.BASELINE), tuple(cells)))
    yield Section("positives per object", tuple(rows))

    def shares(preset: int, level: int) -> tuple[AnyCell, ...]:
        before, now = (one.level_shares[level] for one in pairs[preset])
        return _change_cells(Kind.SHARE, before, now)

    levels = by_level(settings, shares, (numbers.UNDEFINED,) * 3)
    rows = [Row(level_label(stride), tuple(cells)) for stride, cells in levels]
    yield Section("share of positives by level", tuple(rows))


def _change_cells(kind: Kind, before: Value, now: Value) -> tuple[AnyCell, ...]:
    """Cells of a value before and now, and of the difference where both are known."""
    kind = Kind.COUNT if kind is Kind.OBJECTS else kind
    one, other = plain(before), plain(now)
    change: Any = None
    if isinstance(one, int | float) and isinstance(other, int | float):
        change = other - one
    return Cell(kind, one), Cell(kind, other), Cell(kind, change, is_change=True)


def _change_verdict(name: str, groups: dict[str, Change]) -> str:
    """Compare the shares of all objects, and name the size that rose most."""
    rise = groups["all"].rise
    if rise is None:
        return f"{name} has no objects in one of the two, so nothing can be compared."
    before, now = _shares(groups["all"])
    if not rise:
        text = f"{name} leaves as many objects without a positive as before, {now}"
    else:
        way = "more" if rise > 0 else "less"
        size = numbers.points(abs(rise)).lstrip("+")
        text = (
            f"{name} leaves {now} of the objects without a positive, before {before}: "
            f"{size} points {way}"
        )
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
