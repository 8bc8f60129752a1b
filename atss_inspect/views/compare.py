"""The answer of `compare`: conventions on the same objects, and every pair of them.

For programs the document is that of `stats` (docs/json.md) for the objects compared,
with ``pairs``; JSON Lines have a record a pair, CSV a row per pair and group.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from atss_inspect.statistics.comparison import Flip, Pair
from atss_inspect.statistics.metrics import Kind
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views import numbers, table
from atss_inspect.views.answer import Answer, Block, Closing, Listing, Notes
from atss_inspect.views.files import full_name
from atss_inspect.views.headings import SHARED_NOTE, SIZES_NOTE, heading
from atss_inspect.views.names import printable
from atss_inspect.views.stats import count_row, row_of, stats_document, stats_tables
from atss_inspect.views.stats_report import StatsReport, command_line, presets_again
from atss_inspect.views.table import Cell, Record, Section, Table

# Of the overview of `stats`, what differs from convention to convention.
SECTIONS = (
    "",
    "objects without a positive",
    "positives per object",
    "share of positives by level",
    "annotations left out",
)
COMMON_NOTE = (
    "In common: anchors positive for the same object under both, of those positive "
    "under either."
)
# Columns of the tables of pairs, and the size bins each takes together.
GROUPS: dict[str, tuple[str, ...]] = {
    "all": SIZE_BINS,
    **{name: (name,) for name in SIZE_BINS},
}


class Direction(NamedTuple):
    """Objects with positives under one convention of a pair only."""

    assigned_by: str
    unassigned_by: str
    flips: tuple[Flip, ...]


@dataclass(frozen=True)
class CompareReport:
    """Conventions side by side on the same objects.

    Attributes
    ----------
    stats : what each does to these objects; ``command`` holds the options of data and
        ``--set`` as typed, without the presets
    pairs : every two of them, in the order of ``itertools.combinations``
    typed : the conventions as they were typed, to be typed again
    """

    stats: StatsReport
    pairs: tuple[Pair, ...]
    typed: tuple[str, ...]

    @property
    def named_pairs(self) -> Iterator[tuple[str, str, Pair]]:
        """The pairs with their names, which may come from files."""
        names = itertools.combinations(map(printable, self.stats.names), 2)
        for (first, second), pair in zip(names, self.pairs, strict=True):
            yield first, second, pair

    @property
    def directions(self) -> Iterator[Direction]:
        """Both ways of every pair that have examples to look at."""
        for first, second, pair in self.named_pairs:
            if pair.only_first:
                yield Direction(first, second, pair.only_first)
            if pair.only_second:
                yield Direction(second, first, pair.only_second)

    def explain_command(self, direction: Direction) -> str:
        """Command that shows why the two differ on the first example."""
        typed = dict(zip(map(printable, self.stats.names), self.typed, strict=True))
        both = [typed[direction.assigned_by], typed[direction.unassigned_by]]
        ann_id = ("--ann-id", str(direction.flips[0].ann_id))
        words = (*self.stats.command, *ann_id, *presets_again(both))
        return command_line("explain", *words)

    @property
    def next_command(self) -> str:
        """Command to type next: where to look further."""
        for direction in self.directions:
            if direction.flips[0].ann_id is not None:
                return self.explain_command(direction)
        presets = presets_again(self.typed)
        words = (*self.stats.command, *presets, *self.stats.filtering)
        return command_line("stats", *words, "--by", "size")


def compare_answer(report: CompareReport) -> Answer:
    """Everything that `compare` says of conventions."""
    return Answer.of(report, _blocks, compare_document, pair_records, _rows)


def _blocks(report: CompareReport) -> Iterator[Block]:
    """Arrange the answer for people."""
    yield from heading(report.stats)
    yield from compare_tables(report)
    yield from (_examples(report, one) for one in report.directions)
    yield Notes(tuple(_notes(report)))
    yield Closing(tuple(verdict(report)), (report.next_command,))


def _notes(report: CompareReport) -> list[str]:
    """Explain what is compared, and the units."""
    if not report.stats.has_objects:
        return [SHARED_NOTE]
    notes = [f"{SHARED_NOTE} {SIZES_NOTE}"]
    if any(pair.common is not None for pair in report.pairs):
        notes.append(COMMON_NOTE)
    return notes


def compare_tables(report: CompareReport) -> list[Table]:
    """Make the table of the conventions, and that of the pairs."""
    [overview] = stats_tables(report.stats)
    sections = [one for one in overview.sections if one.title in SECTIONS]
    tables = [Table(overview.headings, tuple(sections))]
    if report.stats.has_objects:
        pairs = tuple(_pair_section(*pair) for pair in report.named_pairs)
        tables.append(Table(tuple(GROUPS), pairs))
    return tables


def _pair_section(first: str, second: str, pair: Pair) -> Section:
    """Count the objects by who gives them positives, and how far the two agree."""
    joints = [pair.joint.of_sizes(*sizes) for sizes in GROUPS.values()]
    labels = ("fed by both", f"only by {first}", f"only by {second}", "by neither")
    counts = zip(*(joint.outcomes[1:] for joint in joints), strict=True)
    ranks = [Cell(Kind.CORRELATION, joint.spearman) for joint in joints]
    rows = [*map(count_row, labels, counts), row_of("rank agreement (Spearman)", ranks)]
    if pair.common is not None:
        shares = [table.share(pair.common_share(*sizes)) for sizes in GROUPS.values()]
        rows.append(row_of("positives in common", shares))
    return Section(f"{first} and {second}, objects", tuple(rows))


def _examples(report: CompareReport, direction: Direction) -> Listing:
    """Name the objects to look at, and the command if the first one has an id."""
    one, other, flips = direction
    title = f"fed by {one}, starved by {other}, for example:"
    has_id = flips[0].ann_id is not None
    command = report.explain_command(direction) if has_id else ""
    first = numbers.plural(flips[0].num_positives, "positive")
    counts = [first, *(numbers.count(flip.num_positives) for flip in flips[1:])]
    shown = [_describe(report, *pair) for pair in zip(flips, counts, strict=True)]
    return Listing(title, ("; ".join(shown),), command)


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
    """Every pair in a sentence or two; each number stands in the tables."""
    if not report.stats.has_objects:
        return ["No object is kept by every preset, so there is nothing to compare."]
    return [_pair_verdict(*pair) for pair in report.named_pairs]


def _pair_verdict(first: str, second: str, pair: Pair) -> str:
    """Which objects the two disagree on, and whether they rank objects alike."""
    all_ = pair.joint.outcomes
    more, fewer = (first, all_.num_only_first), (second, all_.num_only_second)
    if fewer[1] > more[1]:
        more, fewer = fewer, more
    if more[1]:
        fed = numbers.plural(more[1], "object")
        sizes = _by_size(pair, is_first=more[0] == first)
        way = f"{numbers.count(fewer[1])} the other way"
        text = f"{more[0]} feeds {fed} that {fewer[0]} starves ({sizes}), {way}."
    elif all_.num_neither:
        starved = numbers.plural(all_.num_neither, "object").removeprefix("1 ")
        text = f"{first} and {second} starve the same {starved}."
    else:
        text = f"{first} and {second} feed every object."
    rank = pair.joint.spearman
    if rank is None:
        return f"{text} Ranks cannot be compared: one gives all objects the same."
    return f"{text} {_agreement(rank)} (Spearman {numbers.correlation(rank)})."


def _by_size(pair: Pair, *, is_first: bool) -> str:
    """Count one way's objects by size, those sizes that have any."""
    parts = []
    for name, sizes in list(GROUPS.items())[1:]:
        outcomes = pair.joint.of_sizes(*sizes).outcomes
        number = outcomes.num_only_first if is_first else outcomes.num_only_second
        if number:
            parts.append(f"{name} {numbers.count(number)}")
    return ", ".join(parts)


def _agreement(rank: float) -> str:
    """How far two conventions favor the same objects, in words."""
    if rank >= 0.8:
        return "They favor much the same objects"
    if rank >= 0.4:
        return "They favor partly the same objects"
    if rank > -0.4:
        return "They hardly favor the same objects"
    return "One favors what the other does not"


def compare_document(report: CompareReport) -> Record:
    """Make the whole answer one document."""
    return stats_document(report.stats, pairs=pair_records(report))


def pair_records(report: CompareReport) -> list[Record]:
    """Make a record of every pair."""
    files = report.stats.dataset.files
    names = itertools.combinations(report.stats.names, 2)
    return [
        {
            "first": first,
            "second": second,
            **_outcome_record(pair, SIZE_BINS),
            "by_size": [
                {"size": name, **_outcome_record(pair, (name,))} for name in SIZE_BINS
            ],
            "examples_only_first": [_flip(files, flip) for flip in pair.only_first],
            "examples_only_second": [_flip(files, flip) for flip in pair.only_second],
        }
        for (first, second), pair in zip(names, report.pairs, strict=True)
    ]


def _outcome_record(pair: Pair, sizes: tuple[str, ...]) -> Record:
    """Which objects of some sizes each gives positives, and how far the two agree."""
    joint = pair.joint.of_sizes(*sizes)
    return {
        **joint.outcomes._asdict(),
        "spearman": joint.spearman,
        "common_share": pair.common_share(*sizes),
    }


def _flip(files: Sequence[str], flip: Flip) -> Record:
    """Where an object is that the two disagree on, and what it has."""
    keys = ("image_id", "ann_id", "annotation_index", "size", "num_positives")
    return {"file": files[flip.file]} | {key: getattr(flip, key) for key in keys}


def _rows(report: CompareReport) -> table.Records:
    """Make a row per pair and group of objects."""
    counts = ("num_objects", "num_both", "num_only_first", "num_only_second")
    return table.Records(
        table.record_columns(
            ("first", "second", "group", *counts, "num_neither"),
            ("spearman", "common_share"),
        ),
        [
            {"first": first, "second": second, "group": name}
            | _outcome_record(pair, sizes)
            for first, second, pair in report.named_pairs
            for name, sizes in GROUPS.items()
        ],
    )
