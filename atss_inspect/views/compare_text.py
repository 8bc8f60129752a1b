"""The tables of `compare` for people: conventions on the same objects, and pairs."""

from collections.abc import Iterator, Sequence

from atss_inspect.statistics.comparison import Flip, Pair
from atss_inspect.views import numbers
from atss_inspect.views.compare_report import GROUPS, CompareReport, Direction
from atss_inspect.views.files import full_name
from atss_inspect.views.headings import heading_blocks, heading_markdown
from atss_inspect.views.layout import (
    BOLD,
    PLAIN,
    Row,
    Section,
    Table,
    fold,
    markdown_text,
    table_markdown,
    table_text,
)
from atss_inspect.views.names import printable
from atss_inspect.views.notes import SHARED_NOTE, SIZES_NOTE
from atss_inspect.views.stats_tables import stats_tables

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


def compare_text(report: CompareReport, *, bold: bool = False) -> str:
    """Write tables for a terminal or a text file, at most 80 columns wide.

    Parameters
    ----------
    report : what was found
    bold : set off headings and the verdict, for terminals
    """
    on, off = (BOLD, PLAIN) if bold else ("", "")
    blocks = [
        *heading_blocks(report.stats),
        *(table_text(table, bold=bold) for table in compare_tables(report)),
        *(_lines(_example_lines(report, one)) for one in report.directions),
        _lines([line for note in _notes(report) for line in fold(note)]),
        _lines([*closing(f"{on}verdict:{off}", verdict(report))]),
    ]
    text = "\n".join(block for block in blocks if block)
    return f"{text}next: {report.next_command}\n"


def compare_markdown(report: CompareReport) -> str:
    """Write the same for a page on GitHub."""
    blocks = [
        *heading_markdown(report.stats),
        *map(table_markdown, compare_tables(report)),
        *(_example_markdown(report, one) for one in report.directions),
        _lines([markdown_text(" ".join(_notes(report)))]),
        *(
            _lines([f"**Verdict:** {markdown_text(sentence)}"])
            for sentence in verdict(report)
        ),
        _lines([f"Next: `{report.next_command}`"]),
    ]
    return "\n".join(blocks)


def closing(label: str, sentences: Sequence[str]) -> Iterator[str]:
    """Fold the verdict, a paragraph a sentence, under its label."""
    for number, sentence in enumerate(sentences):
        first = "verdict: " if number == 0 else "  "
        for line in fold(sentence, first=first, rest="  "):
            yield line.replace("verdict:", label, 1) if number == 0 else line


def _lines(lines: Sequence[str]) -> str:
    """End every line."""
    return "".join(f"{line}\n" for line in lines)


def _notes(report: CompareReport) -> list[str]:
    """Explain what is compared, and the units."""
    if not report.stats.has_objects:
        return [SHARED_NOTE]
    notes = [f"{SHARED_NOTE} {SIZES_NOTE}"]
    if any(pair.common is not None for pair in report.pairs):
        notes.append(COMMON_NOTE)
    return notes


# --- the tables --------------------------------------------------------------------


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
    """Say who feeds the objects, and how far the two agree, size by size."""
    joints = [pair.joint.of_sizes(*sizes) for sizes in GROUPS.values()]
    outcomes = [joint.outcomes for joint in joints]
    rows = [
        _row("fed by both", [numbers.count(one.num_both) for one in outcomes]),
        _row(
            f"only by {first}", [numbers.count(one.num_only_first) for one in outcomes]
        ),
        _row(
            f"only by {second}",
            [numbers.count(one.num_only_second) for one in outcomes],
        ),
        _row("by neither", [numbers.count(one.num_neither) for one in outcomes]),
        _row(
            "rank agreement (Spearman)",
            [_correlation(joint.spearman) for joint in joints],
        ),
    ]
    if pair.common is not None:
        shares = [pair.common_share(*sizes) for sizes in GROUPS.values()]
        rows.append(_row("positives in common", list(map(numbers.percent, shares))))
    return Section(f"{first} and {second}, objects", tuple(rows))


def _row(label: str, texts: Sequence[str]) -> Row:
    """Make a row with one cell per group."""
    return Row(label, tuple((text,) for text in texts))


# --- examples ----------------------------------------------------------------------


def _example_lines(report: CompareReport, direction: Direction) -> list[str]:
    """Name the objects to look at, and the command that explains the first."""
    title, text, command = _examples(report, direction)
    return [title, *fold(text, first="  "), *([f"  {command}"] if command else [])]


def _example_markdown(report: CompareReport, direction: Direction) -> str:
    """Write the same as a list."""
    title, text, command = _examples(report, direction)
    items = [f"- {markdown_text(text)}", *([f"- `{command}`"] if command else [])]
    return _lines([markdown_text(title), "", *items])


def _examples(report: CompareReport, direction: Direction) -> tuple[str, str, str]:
    """Write a title, the objects, and the command if the first one has an id."""
    flips = direction.flips
    title = f"fed by {direction.feeder}, starved by {direction.other}, for example:"
    has_id = flips[0].ann_id is not None
    command = report.explain_command(direction) if has_id else ""
    first, *others = [_describe(report, flip) for flip in flips]
    first = first.removesuffix(")")
    positives = numbers.plural(flips[0].num_positives, "positive").split()[1]
    return title, "; ".join([f"{first} {positives})", *others]), command


def _describe(report: CompareReport, flip: Flip) -> str:
    """Name one object so that it can be found, and say what it has."""
    name = f"annotation {printable(str(flip.ann_id))}"
    if flip.ann_id is None:
        name = f"the annotation at place {numbers.count(flip.annotation_index)}"
    facts = [f"image {printable(str(flip.image_id))}"]
    files = report.stats.dataset.files
    facts += [full_name(files[flip.file])] if len(files) > 1 else []
    facts += [flip.size, numbers.count(flip.num_positives)]
    return f"{name} ({', '.join(facts)})"


# --- the answer in words -----------------------------------------------------------


def verdict(report: CompareReport) -> list[str]:
    """Sum every pair up in a sentence or two; each number stands in the tables."""
    if not report.stats.has_objects:
        return ["No object is kept by every preset, so there is nothing to compare."]
    return [_pair_verdict(*pair) for pair in report.named_pairs]


def _pair_verdict(first: str, second: str, pair: Pair) -> str:
    """Say which objects the two disagree on, and whether they rank objects alike."""
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
    return f"{text} {_agreement(rank)} (Spearman {_correlation(rank)})."


def _by_size(pair: Pair, *, is_first: bool) -> str:
    """Count one way's objects by size, those sizes that have any."""
    parts = []
    for name, sizes in list(GROUPS.items())[1:]:
        outcomes = pair.joint.of_sizes(*sizes).outcomes
        number = outcomes.num_only_first if is_first else outcomes.num_only_second
        if number:
            parts.append(f"{name} {numbers.count(number)}")
    return ", ".join(parts)


def _correlation(value: float | None) -> str:
    """Write a coefficient from -1 to 1 with two decimal places."""
    if value is None:
        return numbers.UNDEFINED
    text = f"{value:.2f}"
    return "0.00" if text == "-0.00" else text


def _agreement(rank: float) -> str:
    """Say in words how far two conventions favor the same objects."""
    if rank >= 0.8:
        return "They favor much the same objects"
    if rank >= 0.4:
        return "They favor partly the same objects"
    if rank > -0.4:
        return "They hardly favor the same objects"
    return "One favors what the other does not"
