"""Tables with presets side by side, as aligned text or as GitHub's Markdown.

Rich makes fine tables and takes 40 ms to load, a tenth of a whole `stats` on COCO
val2017; right-aligned numbers under a heading need a page of code.
"""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from atss_inspect.views.names import cell_width, clip, pad, printable

# Fixed, not the terminal's: the same input gives the same bytes.
WIDTH = 80
# Longer names of presets are broken at their hyphens.
HEADING_WIDTH = 16
LINES_OF_HEADING = 4
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True)
class Row:
    """One line: a label, what is the same for all presets, and each preset's cells."""

    label: str
    cells: tuple[tuple[str, ...], ...]
    lead: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """Rows under a title; without a title they stand at the margin."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """Sections that share their columns.

    Attributes
    ----------
    headings : names of the presets
    sections : from top to bottom
    parts : headings of the columns of each preset; one empty text for a single column
    label : heading of the labels
    lead : headings of the columns that are the same for all presets
    label_room : labels are clipped to no fewer columns than this
    """

    headings: tuple[str, ...]
    sections: tuple[Section, ...]
    parts: tuple[str, ...] = ("",)
    label: str = ""
    lead: tuple[str, ...] = ()
    label_room: int = 26

    @property
    def rows(self) -> Iterator[Row]:
        """All rows, whatever their section."""
        for section in self.sections:
            yield from section.rows


def fold(text: str, *, first: str = "", rest: str | None = None) -> list[str]:
    """Fold a text between words; paths and names are better whole than broken."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


# --- text --------------------------------------------------------------------------


@dataclass(frozen=True)
class _Widths:
    """Columns of the terminal that each part of a line takes, gaps apart."""

    label: int
    lead: tuple[int, ...]
    parts: tuple[int, ...]

    @property
    def group(self) -> int:
        """All columns of one preset, with the gaps between them."""
        return sum(self.parts) + 2 * (len(self.parts) - 1)

    def line(self, *, num_presets: int) -> int:
        """Take the whole line with so many presets."""
        return (
            self.label
            + sum(2 + width for width in self.lead)
            + num_presets * (2 + self.group)
        )


def table_text(table: Table, *, bold: bool = False) -> str:
    """Align a table; presets that do not fit beside one another go below.

    Parameters
    ----------
    table : labels and headings may hold anything: what would act on the terminal is
        escaped
    bold : set off headings and titles, for terminals
    """
    table = _made_printable(table)
    widths = _widths(table)
    num_beside = max(
        (
            number
            for number in range(1, len(table.headings) + 1)
            if replace(widths, label=min(widths.label, table.label_room)).line(
                num_presets=number
            )
            <= WIDTH
        ),
        default=1,
    )
    widest = WIDTH - replace(widths, label=0).line(num_presets=num_beside)
    room = max(widest, min(widths.label, table.label_room))
    widths = replace(widths, label=min(widths.label, room))
    blocks = [
        _block(table, slice(start, start + num_beside), widths, bold=bold)
        for start in range(0, len(table.headings), num_beside)
    ]
    return "\n".join(blocks)


def _made_printable(table: Table) -> Table:
    """Escape what came from files: labels and the names of presets."""
    sections = tuple(
        replace(
            section,
            rows=tuple(
                replace(row, label=printable(row.label)) for row in section.rows
            ),
        )
        for section in table.sections
    )
    return replace(
        table, sections=sections, headings=tuple(map(printable, table.headings))
    )


def _widths(table: Table) -> _Widths:
    """Measure what labels and cells want."""
    rows = list(table.rows)
    label = max(
        [cell_width(table.label)]
        + [
            _indent(section) + cell_width(row.label)
            for section in table.sections
            for row in section.rows
        ]
    )
    lead = tuple(
        max([len(heading)] + [len(row.lead[place]) for row in rows])
        for place, heading in enumerate(table.lead)
    )
    parts = [
        max([len(heading)] + [len(cells[place]) for row in rows for cells in row.cells])
        for place, heading in enumerate(table.parts)
    ]
    widths = _Widths(label, lead, tuple(parts))
    names = [
        line
        for heading in table.headings
        for line in _heading_lines(heading, max(HEADING_WIDTH, widths.group))
    ]
    parts[0] += max([0] + [cell_width(name) - widths.group for name in names])
    return replace(widths, parts=tuple(parts))


def _indent(section: Section) -> int:
    """Rows stand under their title."""
    return 2 if section.title else 0


def _heading_lines(name: str, width: int) -> list[str]:
    """Break a preset's name after hyphens and dots, into lines of some width."""
    lines = [""]
    for piece in re.findall(r"[^-._]+[-._]?|[-._]", name):
        if cell_width(lines[-1] + piece) > width and lines[-1]:
            lines.append("")
        lines[-1] += piece
    if len(lines) > LINES_OF_HEADING:
        lines[LINES_OF_HEADING - 1 :] = ["".join(lines[LINES_OF_HEADING - 1 :])]
    return [clip(line, width) for line in lines]


def _block(table: Table, presets: slice, widths: _Widths, *, bold: bool) -> str:
    """Write the whole table for a few of its presets."""
    lines = [
        _emphasized(line, bold=bold) for line in _head(table, presets, widths) if line
    ]
    for section in table.sections:
        if section.title:
            lines += [""] if section is not table.sections[0] else []
            lines += [_emphasized(section.title, bold=bold)]
        indent = " " * _indent(section)
        for row in section.rows:
            lines.append(_line(indent + row.label, row, presets, widths))
    return "\n".join(lines) + "\n"


def _line(label: str, row: Row, presets: slice, widths: _Widths) -> str:
    """Write one row."""
    line = pad(clip(label, widths.label), widths.label)
    for cell, width in zip(row.lead, widths.lead, strict=True):
        line += "  " + cell.rjust(width)
    for cells in row.cells[presets]:
        for cell, width in zip(cells, widths.parts, strict=True):
            line += "  " + cell.rjust(width)
    return line.rstrip()


def _head(table: Table, presets: slice, widths: _Widths) -> Iterator[str]:
    """Write the names of the presets, bottom-aligned, and what is below them."""
    names = [
        _heading_lines(heading, max(HEADING_WIDTH, widths.group))
        for heading in table.headings[presets]
    ]
    height = max(map(len, names))
    margin = " " * replace(widths).line(num_presets=0)
    for number in range(height):
        line = margin
        for lines in names:
            place = number - height + len(lines)
            name = lines[place] if place >= 0 else ""
            line += "  " + " " * (widths.group - cell_width(name)) + name
        yield line.rstrip()
    parts = Row(table.label, (table.parts,) * len(names), table.lead)
    yield _line(parts.label, parts, slice(None), widths)


def _emphasized(text: str, *, bold: bool) -> str:
    """Set a line off where the output can."""
    return f"{BOLD}{text}{PLAIN}" if bold and text else text


# --- Markdown ----------------------------------------------------------------------


def table_markdown(table: Table) -> str:
    """Write a table as one Markdown table per section."""
    columns = [
        " ".join(filter(None, (heading, part)))
        for heading in table.headings
        for part in table.parts
    ]
    return "\n".join(
        _section_markdown(
            section, [section.title or table.label, *table.lead, *columns]
        )
        for section in table.sections
    )


def _section_markdown(section: Section, headings: Sequence[str]) -> str:
    """Write one section: labels on the left, numbers on the right."""
    rules = [":--", *["--:"] * (len(headings) - 1)]
    rows = [
        [row.label, *row.lead, *(cell for cells in row.cells for cell in cells)]
        for row in section.rows
    ]
    lines = [map(markdown_text, headings), rules]
    lines += [[markdown_text(label), *map(_squeezed, cells)] for label, *cells in rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _squeezed(cell: str) -> str:
    """Take the padding out of a cell."""
    return markdown_text(" ".join(cell.split()))


def markdown_text(text: str) -> str:
    """Escape what Markdown or HTML would take as markup."""
    return re.sub(r"([\\`*_{}\[\]<>|#~&])", r"\\\1", printable(text))
