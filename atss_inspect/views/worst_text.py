"""The tables of `worst` for people: aligned text, and Markdown."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from atss_inspect.statistics.worst import FEW_OBJECTS, Starved, WorstImage, WorstObject
from atss_inspect.views import numbers
from atss_inspect.views.causes import CAUSE_WORDS
from atss_inspect.views.files import full_name
from atss_inspect.views.headings import heading_blocks, heading_markdown
from atss_inspect.views.layout import BOLD, PLAIN, WIDTH, fold, markdown_text
from atss_inspect.views.names import cell_width, clip, pad, printable
from atss_inspect.views.starved_words import fed_words, mostly_words, starved_words
from atss_inspect.views.worst_report import WorstReport

LOST_NOTE = "lost to: the annotation that took the anchor it wanted most."
COUNTS_NOTE = "none: objects without a positive; share: of all objects of the row."
LOST_COUNT_NOTE = "lost: those that lost every anchor to other objects."
FEW_NOTE = f"Classes of fewer than {FEW_OBJECTS} objects come last."


class Column(NamedTuple):
    """Cells under a heading.

    Attributes
    ----------
    heading : above the cells
    cells : one per row, made printable
    is_text : on the left, else on the right
    least : columns of the terminal that may be left of it where room is short; None
        keeps all
    """

    heading: str
    cells: tuple[str, ...]
    is_text: bool = True
    least: int | None = None

    @property
    def width(self) -> int:
        """Columns of the terminal that it takes."""
        return max(map(cell_width, (self.heading, *self.cells)))


def worst_text(report: WorstReport, *, bold: bool = False) -> str:
    """Write a table for a terminal or a text file, at most 80 columns wide.

    Parameters
    ----------
    report : what was found
    bold : set off headings and the verdict, for terminals
    """
    on, off = (BOLD, PLAIN) if bold else ("", "")
    last = fold(verdict(report), first="verdict: ", rest="  ")
    last[0] = last[0].replace("verdict:", f"{on}verdict:{off}", 1)
    blocks = list(heading_blocks(report.stats))
    if report.rows:
        head, *lines = _table_lines(columns(report))
        blocks.append(_lines(fold(title(report))))
        blocks.append(_lines([f"{on}{head}{off}", *lines]))
        blocks.append(_lines(_notes(report)))
    blocks.append(_lines([*last, *_next_lines(report)]))
    return "\n".join(block for block in blocks if block)


def worst_markdown(report: WorstReport) -> str:
    """Write the same for a page on GitHub."""
    blocks = list(heading_markdown(report.stats))
    if report.rows:
        found = columns(report)
        rows = zip(*(column.cells for column in found), strict=True)
        lines = [
            [markdown_text(column.heading) for column in found],
            [":--" if column.is_text else "--:" for column in found],
            *([markdown_text(cell) for cell in row] for row in rows),
        ]
        blocks.append(_lines([markdown_text(title(report))]))
        blocks.append(_lines([f"| {' | '.join(line)} |" for line in lines]))
        blocks += [_lines([markdown_text(note)]) for note in _notes(report)]
    blocks.append(_lines([f"**Verdict:** {markdown_text(verdict(report))}"]))
    commands = [report.next_command, report.next_picture]
    blocks.append(_lines([f"Next: `{each}`  " for each in commands if each]))
    return "\n".join(blocks)


def _next_lines(report: WorstReport) -> list[str]:
    """Name the commands that explain and draw the first row."""
    drawn = [report.next_picture] if report.next_picture else []
    return [f"next: {report.next_command}", *(f"  or: {each}" for each in drawn)]


def _lines(lines: Sequence[str]) -> str:
    """End every line."""
    return "".join(f"{line}\n" for line in lines)


# --- around the table ---------------------------------------------------------------


def title(report: WorstReport) -> str:
    """Say what the rows are, and in which order."""
    number = numbers.plural(len(report.rows), report.by)
    causes = [CAUSE_WORDS[name] for name in report.worst.query.causes]
    why = f" ({numbers.joined(causes, 'or')})" if causes else ""
    if report.by == "object":
        if causes:
            order = "largest by the file's area first"
            return f"{number} without a positive{why}, {order}:"
        order = "fewest positives first, of equals the largest by the file's area"
        return f"{number}, {order}:"
    if report.by == "image":
        return f"{number}, most objects without a positive{why} first:"
    return f"{number}, largest share without a positive{why} first:"


def _notes(report: WorstReport) -> list[str]:
    """Explain what is not plain from the table."""
    worst = report.worst
    if report.by == "object":
        is_lost = any(row.lost_to is not None for row in worst.objects)
        return [LOST_NOTE] if is_lost else []
    if report.by == "image":
        return [COUNTS_NOTE, LOST_COUNT_NOTE]
    few = any(row.num_objects < FEW_OBJECTS for row in worst.classes)
    return [COUNTS_NOTE, FEW_NOTE] if few else [COUNTS_NOTE]


def verdict(report: WorstReport) -> str:
    """Say how many objects starve, and mostly of what."""
    every, starved = report.worst.every_object, report.worst.starved
    name = printable(report.stats.names[0])
    if not every.num_objects:
        return f"{name} has no object to look at here; `stats` says what is left out."
    if not every.num_starved:
        return f"{fed_words(name, every.num_objects)}{_fewest(report)}."
    text = starved_words(name, every)
    if report.worst.query.causes:
        asked = [CAUSE_WORDS[cause] for cause in report.worst.query.causes]
        some = numbers.count(starved.num_starved) if starved.num_starved else "none"
        return f"{text}; {some} of them: {numbers.joined(asked, 'or')}."
    return f"{text}{mostly_words(every)}."


def _fewest(report: WorstReport) -> str:
    """Say what the object with fewest positives has, where that is known."""
    if not report.worst.objects:
        return ""
    return f"; the fewest is {numbers.count(report.worst.objects[0].num_positives)}"


# --- the table ----------------------------------------------------------------------


def columns(report: WorstReport) -> list[Column]:
    """Choose the columns for objects, images or classes."""
    files = report.stats.dataset.files
    if report.by == "object":
        return _object_columns(report.worst.objects, files)
    if report.by == "image":
        return _image_columns(report.worst.images, files)
    names = tuple(printable(row.class_name) for row in report.worst.classes)
    return [Column("class", names, least=8), *_group_columns(report.worst.classes)]


def _object_columns(rows: Sequence[WorstObject], files: Sequence[str]) -> list[Column]:
    """Describe objects."""
    sides = tuple(
        f"{numbers.short(row.width)} x {numbers.short(row.height)}" for row in rows
    )
    why = tuple(map(_why, rows))
    found = [
        Column("ann. id", _texts([row.ann_id for row in rows]), is_text=False),
        *_file_column(files, [row.file for row in rows]),
        Column("image", _texts([row.image_id for row in rows]), least=8),
        Column("class", tuple(printable(row.class_name) for row in rows), least=6),
        Column("size", tuple(row.size for row in rows)),
        Column("w x h", sides, is_text=False),
        Column("pos.", _counts([row.num_positives for row in rows]), is_text=False),
        Column("why none", why, least=12),
    ]
    return found if any(why) else found[:-1]


def _why(row: WorstObject) -> str:
    """Write the cause, and to whom the anchors went."""
    if row.cause is None:
        return ""
    if row.lost_to is None:
        return CAUSE_WORDS[row.cause]
    return f"lost to {printable(str(row.lost_to))}"


def _image_columns(rows: Sequence[WorstImage], files: Sequence[str]) -> list[Column]:
    """Describe images."""
    names = tuple(printable(row.file_name.rpartition("/")[2]) for row in rows)
    lost = [row.by_cause.get("lost_to_others", 0) for row in rows]
    return [
        *_file_column(files, [row.file for row in rows]),
        Column("image", _texts([row.image_id for row in rows]), least=8),
        Column("name", names, least=8),
        *_group_columns(rows, Column("lost", _counts(lost), is_text=False)),
    ]


def _group_columns(rows: Sequence[Starved], *more: Column) -> list[Column]:
    """Count the objects of groups, and name the cause most of them starve of."""
    starved = [row.num_starved for row in rows]
    shares = tuple(numbers.percent(row.share) for row in rows)
    mostly = tuple(_mostly(row) for row in rows)
    return [
        Column("objects", _counts([row.num_objects for row in rows]), is_text=False),
        Column("none", _counts(starved), is_text=False),
        Column("share", shares, is_text=False),
        *more,
        Column("why, mostly", mostly, least=12),
    ]


def _mostly(row: Starved) -> str:
    """Write the main cause of a group."""
    return CAUSE_WORDS[row.main_cause] if row.main_cause else ""


def _file_column(files: Sequence[str], rows: Sequence[int]) -> list[Column]:
    """Name the files where there are several, without the parts of paths they share."""
    if len(files) < 2:
        return []
    parts = _without_shared_start([full_name(name).split("/") for name in files])
    parts = [part[::-1] for part in parts]
    parts = [part[::-1] for part in _without_shared_start(parts)]
    names = ["/".join(part) for part in parts]
    return [Column("file", tuple(names[row] for row in rows), least=8)]


def _without_shared_start(paths: Sequence[list[str]]) -> list[list[str]]:
    """Drop the parts that all paths begin with, but never the whole of one."""
    longest = min(map(len, paths)) - 1
    shared = itertools.takewhile(
        lambda place: len({path[place] for path in paths}) == 1, range(longest)
    )
    number = len(list(shared))
    return [path[number:] for path in paths]


def _texts(values: Sequence[object]) -> tuple[str, ...]:
    """Write ids; what has none gets a dash."""
    return tuple(
        numbers.UNDEFINED if value is None else printable(str(value))
        for value in values
    )


def _counts(values: Sequence[int]) -> tuple[str, ...]:
    """Write whole numbers."""
    return tuple(map(numbers.count, values))


def _table_lines(found: Sequence[Column]) -> list[str]:
    """Align the columns; names are clipped where room is short, widest first."""
    widths = _fitted(found)
    lines = []
    for row in zip(*((one.heading, *one.cells) for one in found), strict=True):
        cells = [
            pad(clip(cell, width), width)
            if one.is_text
            else " " * (width - cell_width(cell)) + cell
            for one, cell, width in zip(found, row, widths, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _fitted(found: Sequence[Column]) -> list[int]:
    """Share the room: take from the widest column that may give, one by one."""
    widths = [column.width for column in found]
    last = len(found) - 1
    while sum(widths) + 2 * (len(widths) - 1) > WIDTH:
        can_give = [
            place
            for place, column in enumerate(found)
            if column.least is not None and widths[place] > column.least
        ]
        if not can_give:
            break
        # Words of causes are the same in every row; names go first.
        widest = max(can_give, key=lambda place: (place < last, widths[place]))
        widths[widest] -= 1
    return widths
