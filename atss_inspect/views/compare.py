"""The answer of `compare`: conventions on the same objects, and every pair of them.

For programs the document is that of `stats` (docs/json.md) for the objects compared,
with ``pairs``; JSON Lines have a record a pair, CSV a row per pair and group.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from atss_inspect.statistics import advice, metrics
from atss_inspect.statistics.advice import Differences, Measure
from atss_inspect.statistics.bootstrap import FEWEST_IMAGES
from atss_inspect.statistics.comparison import Flip, Pair, PairOutcomes
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.statistic import SPREAD, Kind
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS
from atss_inspect.views import numbers, stats, table
from atss_inspect.views.answer import Answer, Block, Closing, Listing, Notes
from atss_inspect.views.gates import GATES_NOTE
from atss_inspect.views.headings import SHARED_NOTE, SIZES_NOTE, full_name, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import StatsReport, command_line
from atss_inspect.views.stats_tables import stats_tables
from atss_inspect.views.table import AnyCell, Cell, Record, Row, Section, Table
from atss_inspect.views.verdict import why_no_interval

LOW_QUALITY = metrics.named("num_low_quality_only").label
LEFT_OUT = "annotations left out"
# Of the overview of `stats`, what differs from convention to convention.
SECTIONS = (
    *("", "objects without a positive", LOW_QUALITY, "without a candidate"),
    *(SPREAD, metrics.CANDIDATES, LEFT_OUT),
)
# What objects have under a convention; of gates, of what assigns, of one of each.
CANDIDATE, POSITIVE, EITHER = "a candidate", "a positive", "a positive or candidate"
EXAMPLES_TITLE = "objects with {what} under one preset only, for example:"
MAX_SHOWN = 3  # of those in the document
COMMON_NOTE = (
    "In common: anchors positive for the same object under both, of those positive "
    "under either."
)
RISE_NOTE = (
    "Points: how far a share rises from the first to the second of the two; none: "
    "the 95% interval of the difference holds zero."
)
ANY_DIFFERENCE = "chance may make any difference."
# Columns of the tables of pairs, and the size bins each takes together.
GROUPS: dict[str, tuple[str, ...]] = {
    "all": SIZE_BINS,
    **{name: (name,) for name in SIZE_BINS},
}
# What both can be judged by, all objects first, then each size.
Judged = dict[Measure, Differences]
MEASURES = {
    Measure.POORLY_ASSIGNED: "poorly assigned",
    Measure.UNASSIGNED: "without a positive",
    Measure.MISSING_TO_NEED: "missing to need",
    Measure.WITHOUT_CANDIDATE: "without a candidate",
    Measure.MISSING_TO_QUOTA: "missing to the quota",
    Measure.WITHOUT_ANY: "no positive or candidate",
}
ENDS = ("change", "interval_low", "interval_high")
CHANGES = [f"{one.value}_{end}" for one in [*MEASURES][:3] for end in ENDS]
# How far two conventions favor the same objects, from a rank correlation on.
_AGREEMENT = (
    (0.8, "They favor much the same objects"),
    (0.4, "They favor partly the same objects"),
    (-0.4, "They hardly favor the same objects"),
    (-1, "One favors what the other does not"),
)
_OF_BOTH = {
    POSITIVE: "positives under both",
    CANDIDATE: "candidates under both",
    EITHER: "positive or candidate under both",
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

    @cached_property
    def differences(self) -> tuple[Judged, ...]:
        """How far each pair differs, in the order of the pairs."""
        return differences_of(self.stats)

    @property
    def gates(self) -> frozenset[str]:
        """Names of the conventions that answer with a gate."""
        settings = self.stats.settings
        return frozenset(printable(one.name) for one in settings if one.rule.gate)

    def what_of(self, *names: str) -> str:
        """What objects have under some conventions."""
        kinds = {name in self.gates for name in names}
        return EITHER if len(kinds) > 1 else CANDIDATE if True in kinds else POSITIVE

    @property
    def what(self) -> str:
        """What objects have under all of them."""
        return self.what_of(*map(printable, self.stats.names))

    @property
    def named_pairs(self) -> Iterator[tuple[str, str, Pair, Judged]]:
        """Every pair with its names, which may be files', and how far it differs."""
        names = itertools.combinations(map(printable, self.stats.names), 2)
        found = zip(names, self.pairs, self.differences, strict=True)
        for (first, second), pair, judged in found:
            yield first, second, pair, judged

    @property
    def directions(self) -> Iterator[Direction]:
        """Both ways of every pair that have examples to look at."""
        for first, second, pair, _ in self.named_pairs:
            both = (first, second, pair.only_first), (second, first, pair.only_second)
            yield from (each for each in both if each[-1])

    @property
    def next_command(self) -> str:
        """Command to type next: why two differ on an object, or where to look."""
        typed = dict(zip(map(printable, self.stats.names), self.typed, strict=True))
        data = self.stats.command
        for one, other, flips in self.directions:
            if flips[0].ann_id is not None:
                both = stats.presets_again([typed[one], typed[other]])
                which = ("--ann-id", str(flips[0].ann_id))
                return command_line("explain", *data, *which, *both)
        presets = (*stats.presets_again(self.typed), *self.stats.filtering)
        return command_line("stats", *data, *presets, "--by", "size")

    def blocks(self) -> Iterator[Block]:
        """Arrange the answer for people; what is compared and units are explained."""
        yield from heading(self.stats)
        yield from compare_tables(self)
        if items := [_examples(self, *one) for one in self.directions]:
            yield Listing(EXAMPLES_TITLE.format(what=self.what), tuple(items))
        units = f" {SIZES_NOTE}" if self.stats.has_objects else ""
        has_common = any(pair.common is not None for pair in self.pairs)
        notes = {SHARED_NOTE + units: True, COMMON_NOTE: bool(units) and has_common}
        notes[GATES_NOTE] = bool(units) and bool(self.gates)
        notes[RISE_NOTE] = bool(units) and any(map(told_of, self.differences))
        yield Notes(tuple(note for note, is_used in notes.items() if is_used))
        yield Closing(tuple(verdict(self)), (self.next_command,))

    def document(self) -> Record:
        """Make the whole answer one document."""
        return self.stats.document(pairs=self.records())

    def records(self) -> list[Record]:
        """Make a record of every pair."""
        files = self.stats.dataset.files
        names = itertools.combinations(self.stats.names, 2)
        found = zip(names, self.pairs, self.differences, strict=True)
        records = []
        for (first, second), pair, judged in found:
            sizes = [{"size": n} | _outcome_record(pair, (n,)) for n in SIZE_BINS]
            record: Record = {"first": first, "second": second}
            record |= _outcome_record(pair, SIZE_BINS) | {"by_size": sizes}
            for which in ("only_first", "only_second"):
                flips = [_flip(files, one) for one in getattr(pair, which)]
                record[f"examples_{which}"] = flips
            records.append(record | {"differences": list(difference_records(judged))})
        return records

    def csv(self) -> table.Records:
        """Make a row per pair and group of objects, with how far the two differ."""
        rows: list[Record] = []
        for record in self.records():
            names = {key: record[key] for key in ("first", "second")}
            for group in ({**record, "size": EVERYTHING}, *record["by_size"]):
                row = names | group | {"group": group["size"]}
                rows.append(row | changes_of(record, row["group"]))
        floats = ("spearman", "common_share", *change_keys(rows))
        keys = ("first", "second", "group", *PairOutcomes._fields, *floats)
        return table.Records(table.record_columns(keys, floats), rows)


def change_keys(rows: Sequence[Record]) -> list[str]:
    """Columns of how far two differ, those of gates where there are such."""
    found = (key for row in rows for key in row if key.endswith(ENDS))
    return [*dict.fromkeys([*CHANGES, *found])]


def changes_of(record: Record, group: str) -> Record:
    """How far two differ by one group, in columns of CSV."""
    own = (one for one in record["differences"] if one["group"] == group)
    return {f"{one['measure']}_{end}": one[end] for one in own for end in ENDS}


def differences_of(report: StatsReport) -> tuple[Judged, ...]:
    """Compare what every two conventions do."""
    pairs = itertools.combinations(report.summaries, 2)
    settings = itertools.combinations(report.settings, 2)
    found = []
    for two, rules in zip(pairs, settings, strict=True):
        is_same = len({one.by_size.need for one in two}) == 1
        measures = advice.measures_of(*rules, is_same_need=is_same)
        found.append({each: advice.differences(*two, each) for each in measures})
    return tuple(found)


def overview_of(report: StatsReport) -> Table:
    """Make the table of what differs from convention to convention."""
    [overview] = stats_tables(report)
    low = {one.every_object.num_low_quality_only for one in report.summaries}
    is_any = {LOW_QUALITY: low != {None}}
    is_any[LEFT_OUT] = any(one.left_out_objects for one in report.summaries)
    titles = [one for one in SECTIONS if is_any.get(one, True)]
    sections = [one for one in overview.sections if one.rows and one.title in titles]
    return Table(overview.headings, tuple(sections))


def compare_tables(report: CompareReport) -> list[Table]:
    """Make the table of the conventions, and that of the pairs."""
    tables = [overview_of(report.stats)]
    if report.stats.has_objects:
        pairs = (_pair_section(report, *one) for one in report.named_pairs)
        tables.append(Table(tuple(GROUPS), tuple(pairs)))
    return tables


def outcome_labels(first: str, second: str, what: str = POSITIVE) -> tuple[str, ...]:
    """Name what `PairOutcomes` counts; ``what`` objects have."""
    only = (f"only under {name}" for name in (first, second))
    return (_OF_BOTH[what], *only, "under neither")


def _pair_section(
    report: CompareReport, first: str, second: str, pair: Pair, judged: Judged
) -> Section:
    """Count objects by who gives them positives, and tell how far the two differ."""
    joints = [pair.joint.of_sizes(*sizes) for sizes in GROUPS.values()]
    counts = zip(*(joint.outcomes[1:] for joint in joints), strict=True)
    ranks = [Cell(Kind.CORRELATION, joint.spearman) for joint in joints]
    labels = outcome_labels(first, second, report.what_of(first, second))
    rows = list(map(table.count_row, labels, counts))
    rows += difference_rows(judged)
    rows.append(table.row_of("rank agreement (Spearman)", ranks))
    if pair.common is not None:
        shares = [table.share(pair.common_share(*sizes)) for sizes in GROUPS.values()]
        rows.append(table.row_of("positives in common", shares))
    return Section(f"{first} and {second}, objects", tuple(rows))


def difference_rows(judged: Judged) -> Iterator[Row]:
    """Tell how far shares of all objects and of each size differ."""
    for words, found in told_of(judged).items():
        cells: list[AnyCell] = [
            "none"
            if one.interval and one.is_none
            else Cell(Kind.SHARE, one.interval and one.change, is_change=True)
            for one in found
        ]
        yield table.row_of(f"{words}, points", cells)


def told_of(judged: Judged) -> dict[str, Differences]:
    """Differences by what they are of, where that says what no other one does."""
    found = {words: judged[each] for each, words in MEASURES.items() if each in judged}
    if Measure.UNASSIGNED not in judged:  # there is a gate
        return found if _has_any(judged) else {}
    poorly, same = MEASURES[Measure.POORLY_ASSIGNED], judged[Measure.UNASSIGNED]
    # Without bars the poorly assigned are those without a positive.
    if [one[2:4] for one in found.get(poorly, same)] == [one[2:4] for one in same]:
        found.pop(poorly, None)
    return found if _has_any(judged) else {}


def _has_any(judged: Judged) -> bool:
    return any(one.interval for each in judged.values() for one in each)


def difference_records(judged: Judged) -> Iterator[Record]:
    """Make a record of every measure and group that a pair is compared by."""
    for measure, found in judged.items():
        for one in found:
            yield {
                "measure": measure.value,
                "group": one.name,
                "first": one.before,
                "second": one.after,
                "change": change(one.before, one.after),
                **table.interval_record(one.interval),
                "is_none": one.is_none if one.interval else None,
            }


def _examples(
    report: CompareReport, one: str, other: str, every: tuple[Flip, ...]
) -> str:
    flips = every[:MAX_SHOWN]
    what = "candidate" if one in report.gates else "positive"
    first = numbers.plural(flips[0].num_positives, what)
    counts = [first, *(numbers.count(flip.num_positives) for flip in flips[1:])]
    shown = [_describe(report, *pair) for pair in zip(flips, counts, strict=True)]
    return f"{one}, not {other}: {'; '.join(shown)}"


def _describe(report: CompareReport, flip: Flip, positives: str) -> str:
    name = f"annotation {printable(str(flip.ann_id))}"
    if flip.ann_id is None:
        name = f"the annotation at place {numbers.count(flip.annotation_index)}"
    files = report.stats.dataset.files
    file = [full_name(files[flip.file])] if len(files) > 1 else []
    facts = [f"image {printable(str(flip.image_id))}", *file, flip.size, positives]
    return f"{name} ({', '.join(facts)})"


def verdict(report: CompareReport) -> list[str]:
    """What bars hide, then every pair in a few sentences."""
    return [*filter(None, [bar_note(report)]), *pair_verdicts(report)]


def pair_verdicts(report: CompareReport) -> list[str]:
    """Every pair in a few sentences; most numbers stand in the tables."""
    if not report.stats.has_objects:
        return ["No object is kept by every preset, so there is nothing to compare."]
    texts = [_pair_verdict(report, *one) for one in report.named_pairs]
    if report.stats.summaries[0].num_images < FEWEST_IMAGES:
        texts.append(f"{why_no_interval(report.stats.summaries)} {ANY_DIFFERENCE}")
    return texts


def bar_note(report: CompareReport) -> str:
    """Tell what bars hide, and why they are not ranked; empty where they are equal."""
    every = report.stats.summaries
    are_ranked = (
        Measure.POORLY_ASSIGNED in judged
        for judged in report.differences
        if Measure.UNASSIGNED in judged  # and neither is a gate
    )
    if not report.stats.has_objects or all(are_ranked):
        return ""
    text = ""
    for name, one in zip(report.stats.names, every, strict=True):
        if low := one.every_object.num_low_quality_only:
            share = numbers.percent(one.share_of_objects(low))
            text += f"Under {printable(name)} {share} of the objects have only "
            text += "low-quality matches, which count as positives here. "
    bars = [
        f"{printable(one.name)} {one.bar or 'none'}{one.bar_of and f' {one.bar_of}'}"
        for one in report.stats.settings
        if one.rule.gate is None
    ]
    text += f"Bars differ (IoU; {', '.join(bars)}), and a lower one takes worse "
    return text + "anchors: such rules are not ranked by poorly assigned objects."


def _pair_verdict(
    report: CompareReport, first: str, second: str, pair: Pair, judged: Judged
) -> str:
    """How far the two differ, on which objects, and whether they rank objects alike."""
    what = report.what_of(first, second)
    gained = _gained(pair.joint.outcomes) if what == CANDIDATE else ""
    sentences = [*difference_sentences(first, second, judged, gained=gained)]
    if not sentences or what != POSITIVE:  # of few images, or certain of gates
        _, _, one, other, _ = map(numbers.count, pair.joint.outcomes)
        told = f"Objects with {what} only under {first}: {one}, only under "
        sentences = [f"{told}{second}: {other}.", *sentences]
    if what != POSITIVE:  # bounds say little of ranks
        return " ".join(sentences)
    rank = pair.joint.spearman
    ranks = "Ranks cannot be compared: one gives all objects the same."
    if rank is not None:
        words = next(words for least, words in _AGREEMENT if rank >= least)
        ranks = f"{words} (Spearman {numbers.correlation(rank)})."
    return " ".join([*sentences, ranks])


def _gained(outcomes: PairOutcomes) -> str:
    """Tell that objects gain a candidate of a gate and none loses one, if so."""
    _, _, one, other, _ = outcomes
    if bool(one) == bool(other):
        return ""
    verb = "that gains one is" if one + other == 1 else "that gain one are"
    text = f"No object loses its candidate; the {one or other} "
    return f"{text}{verb} in few images, and elsewhere it may be more or less."


def difference_sentences(
    first: str, second: str, judged: Judged, *, gained: str = ""
) -> Iterator[str]:
    """Name the shares that differ, or by chance at most, and the sizes that do."""
    alike, no_candidate = [], MEASURES[Measure.WITHOUT_CANDIDATE]
    for words, (every, *_) in told_of(judged).items():
        if every.interval is None:
            continue
        if every.is_none and gained and words == no_candidate:
            yield gained  # which of gates is certain of these objects
            continue
        if every.is_none:
            alike.append(words)
            continue
        sides = sorted([(every.before, first), (every.after, second)])
        best, rest = (f"{name} {numbers.percent(part)}" for part, name in sides)
        low, high = sorted(map(abs, every.interval))
        apart = numbers.span_of_points((low, high))
        yield f"{words.capitalize()}: {best}, {rest} ({apart} points apart)."
    if alike:
        both = f"{first} and {second}"
        yield f"No difference beyond chance between {both}: {numbers.joined(alike)}."
    yield from _sizes_against(first, second, judged)


def _sizes_against(first: str, second: str, judged: Judged) -> Iterator[str]:
    """Name the sizes that fare worse under who is no worse with all objects."""
    worse: dict[str, list[str]] = {}
    for words, (every, *sizes) in told_of(judged).items():
        found: dict[str, list[str]] = {}
        for one in sizes:
            is_opposite = every.is_none or one.change * every.change < 0
            if is_opposite and not one.is_none and one.num_objects >= ENOUGH_OBJECTS:
                points = numbers.points(abs(one.change)).removeprefix("+")
                name = second if one.change > 0 else first
                found.setdefault(name, []).append(f"{one.name} by {points}")
        for name, each in found.items():
            told = f"{words}, {numbers.joined(each)} points"
            worse.setdefault(name, []).append(told)
    for name, each in worse.items():
        yield f"Some sizes are worse under {name}: {'; '.join(each)}."


def _outcome_record(pair: Pair, sizes: tuple[str, ...]) -> Record:
    """Which objects of some sizes each gives positives, and how far the two agree."""
    joint = pair.joint.of_sizes(*sizes)
    agreement = {"spearman": joint.spearman, "common_share": pair.common_share(*sizes)}
    return joint.outcomes._asdict() | agreement


def _flip(files: Sequence[str], flip: Flip) -> Record:
    keys = ("image_id", "ann_id", "annotation_index", "size", "num_positives")
    return {"file": files[flip.file]} | {key: getattr(flip, key) for key in keys}


def change(before: Any, now: Any) -> Any:
    """Difference of two numbers; None where either is undefined."""
    return None if before is None or now is None else now - before
