"""Answers as text for a terminal or a file: aligned, at most 80 columns wide.

Paths, and tables of more than three presets with long names, may be wider than that;
nothing else is. Rich makes fine tables and takes 40 ms to load, a tenth of a whole
`stats` on COCO val2017; right-aligned numbers under a heading need a page of code.
"""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from atss_inspect.views import answer
from atss_inspect.views.answer import Block
from atss_inspect.views.names import (
    WIDTH,
    as_lines,
    cell_width,
    clip,
    fold,
    pad,
    printable,
)
from atss_inspect.views.table import Column, Row, Table

# Longer names of presets are broken at their hyphens.
HEADING_WIDTH = 16
LINES_OF_HEADING = 4
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


def blocks_text(blocks: Iterable[Block], *, bold: bool) -> str:
    """Write blocks with an empty line between; headings are set off where asked for."""
    texts = [block_text(block, bold=bold) for block in blocks]
    return "\n".join(filter(None, texts))


def block_text(block: Block, *, bold: bool) -> str:
    """Write one block, with its last line's end; empty where there is nothing."""
    match block:
        case Table():
            return table_text(block, bold=bold)
        case answer.Data(lines, before):
            now = "now: " if before else ""
            first = f"before: {as_lines(before)}" if before else ""
            return f"{first}{now}{as_lines(lines)}"
        case answer.Notes(sentences):
            return as_lines(line for each in sentences for line in fold(each))
        case answer.Paragraph(text):
            return as_lines(fold(text))
        case answer.Listing(title, items, command):
            folded = [line for item in items for line in fold(item, first="  ")]
            return as_lines([title, *folded, *([f"  {command}"] if command else [])])
        case answer.Code(title, text):
            return f"{title}\n\n{textwrap.indent(text, '  ')}"
        case answer.Closing():
            return as_lines(_closing_lines(block, bold=bold))
        case _:  # arranged already, or one line
            return block.text


def _closing_lines(block: answer.Closing, *, bold: bool) -> Iterator[str]:
    """Fold the verdict, a paragraph a sentence, under its label; then what to type."""
    lead = "verdict:"
    for number, sentence in enumerate(block.verdict):
        first = "  " if number else f"{lead} "
        label, *others = fold(sentence, first=first, rest="  ")
        if not number:
            label = label.replace(lead, emphasized(lead, bold=bold), 1)
        yield from (label, *others)
    for number, command in enumerate(block.commands):  # the best one first
        if command:
            yield f"  or: {command}" if number else f"next: {command}"


def emphasized(text: str, *, bold: bool) -> str:
    """Set a text off where the output can."""
    return f"{BOLD}{text}{PLAIN}" if bold and text else text


Line = Sequence[str]


class _Grid(NamedTuple):
    """A table as texts, with the widths of its columns, gaps apart.

    ``shared`` are the columns left of the presets', ``own`` those of each preset; of
    each line the cells of the former come first, then those of preset after preset.
    """

    table: Table
    lines: list[tuple[str, list[Line]]]  # by title
    shared: list[int]
    own: list[int]

    @property
    def group(self) -> int:
        """All columns of one preset, with the gaps between them."""
        return sum(self.own) + 2 * (len(self.own) - 1)

    def width(self, shared: Sequence[int], num_presets: int) -> int:
        """Width of a line with so many presets."""
        return sum(shared) + 2 * (len(shared) - 1) + num_presets * (2 + self.group)


def table_text(table: Table, *, bold: bool = False) -> str:
    """Align a table; presets that do not fit beside one another go below.

    Labels and names are clipped where room is short, the widest first. Names may hold
    anything: what would act on the terminal is escaped.
    """
    grid = _measured(table)
    pairs = zip(table.columns, grid.shared, strict=False)
    least = [n if one.least is None else min(n, one.least) for one, n in pairs]
    beside = range(1, len(table.headings) + 1)
    fitting = [number for number in beside if grid.width(least, number) <= WIDTH]
    step = max(fitting, default=1)
    excess = grid.width(grid.shared, step if table.has_labels else 0) - WIDTH
    grid = grid._replace(shared=_fitted(grid.shared, least, excess))
    return "\n".join(
        as_lines(_block(grid, slice(start, start + step), bold=bold))
        for start in range(0, max(1, len(table.headings)), step)
    )


def _measured(table: Table) -> _Grid:
    """Turn cells into texts, and measure what every column wants."""
    lines = [
        (title, [_texts(table, row, indent="  " if title else "") for row in rows])
        for title, rows in table.sections
    ]
    heads = [column.label for column in table.columns]
    num_own = len(table.parts) if table.has_labels else 0
    num_shared = len(heads) - num_own
    first = [*heads[:num_shared], *heads[num_shared:] * len(table.headings)]
    every = [first, *(line for _, section in lines for line in section)]
    wide = [max(map(cell_width, column)) for column in zip(*every, strict=True)]
    own = [max(wide[num_shared + n :: num_own]) for n in range(num_own)]
    grid = _Grid(table, lines, wide[:num_shared], own)
    names = [line for name in table.headings for line in _heading_lines(name, grid)]
    if own:
        own[0] += max([0, *(cell_width(name) - grid.group for name in names)])
    return grid


def _texts(table: Table, row: Row, *, indent: str) -> Line:
    """Texts of a row, escaped; its label, if any, stands under the title."""
    cells = (one if isinstance(one, str) else one.text for one in row.all_cells)
    label = [indent + printable(row.label)] if table.has_labels else []
    return [*label, *map(printable, cells)]


def _fitted(widths: list[int], least: Sequence[int], excess: int) -> list[int]:
    """Take the excess from columns that may give, from the widest one by one."""
    found, last = list(widths), len(widths) - 1
    while excess > 0:
        can_give = [place for place, n in enumerate(found) if n > least[place]]
        if not can_give:
            break
        # Words of causes are the same in every row; names go first.
        widest = max(can_give, key=lambda place: (place < last, found[place]))
        most = min(excess, found[widest] - least[widest])
        taken = most if len(can_give) == 1 else 1
        found[widest] -= taken
        excess -= taken
    return found


def _heading_lines(name: str, grid: _Grid) -> list[str]:
    """Break a preset's name after hyphens and dots, into lines of its columns."""
    width = max(HEADING_WIDTH, grid.group)
    lines = [""]
    for piece in re.findall(r"[^-._]+[-._]?|[-._]", printable(name)):
        if cell_width(lines[-1] + piece) > width and lines[-1]:
            lines.append("")
        lines[-1] += piece
    if len(lines) > LINES_OF_HEADING:
        lines[LINES_OF_HEADING - 1 :] = ["".join(lines[LINES_OF_HEADING - 1 :])]
    return [clip(line, width) for line in lines]


def _block(grid: _Grid, presets: slice, *, bold: bool) -> Iterator[str]:
    """Write the lines of the table for a few of its presets."""
    num_shared, num_own = len(grid.shared), len(grid.own)
    headings = grid.table.headings[presets]
    start = num_shared + presets.start * num_own
    chosen = slice(start, start + len(headings) * num_own)
    columns = grid.table.columns
    columns = (*columns[:num_shared], *columns[num_shared:] * len(headings))
    widths = [*grid.shared, *grid.own * len(headings)]
    labels = _line([column.label for column in columns], columns, widths)
    for line in [*_name_lines(grid, headings), labels]:
        if line:
            yield emphasized(line, bold=bold)
    for place, (title, lines) in enumerate(grid.lines):
        if title:
            yield ("\n" if place else "") + emphasized(title, bold=bold)
        for texts in lines:
            yield _line([*texts[:num_shared], *texts[chosen]], columns, widths)


def _line(line: Line, columns: Sequence[Column], widths: Sequence[int]) -> str:
    """Align the cells of a row: texts on the left, numbers on the right."""
    cells = []
    for text, column, width in zip(line, columns, widths, strict=True):
        shown = clip(text, width) if column.is_text else text
        cells.append(pad(shown, width, is_text=column.is_text))
    return "  ".join(cells).rstrip()


def _name_lines(grid: _Grid, headings: Sequence[str]) -> Iterator[str]:
    """Write the names of presets above their columns, bottom-aligned."""
    names = [_heading_lines(heading, grid) for heading in headings]
    height = max(map(len, names), default=0)
    padded = [[""] * (height - len(lines)) + lines for lines in names]
    for line in zip(*padded, strict=True):
        cells = (pad(name, grid.group, is_text=False) for name in line)
        yield "  ".join([" " * grid.width(grid.shared, 0), *cells]).rstrip()
