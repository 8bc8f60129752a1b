"""Answers as text for a terminal or a file; Rich is loaded where there are colors.

A terminal has its own width and colors; a pipe and a file have 80 columns of plain
text, the same for the same input. Paths, and tables of presets with long names, may be
wider than that; nothing else is.
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from atss_inspect.statistics.grades import Grade
from atss_inspect.views import answer, conventions
from atss_inspect.views.answer import Block
from atss_inspect.views.names import (
    PLAIN,
    WIDTH,
    Screen,
    as_lines,
    cell_width,
    clip,
    clip_middle,
    fold,
    heading_lines,
    pad,
    printable,
)
from atss_inspect.views.table import AnyCell, Cell, Column, Markup, Row, Table

GAP = 2
BOLD, DIM = "bold", "dim"
_STYLES = {Grade.FINE: "green", Grade.LOOK: "yellow", Grade.SERIOUS: "bold red"}


class Text(NamedTuple):
    """Some words in one style."""

    plain: str
    style: str = ""


Line = Sequence[Text]  # side by side


def blocks_text(blocks: Iterable[Block], screen: Screen = PLAIN) -> str:
    """Write blocks with an empty line between; headings are set off in color."""
    return "\n".join(filter(None, (block_text(block, screen) for block in blocks)))


def block_text(  # noqa: C901 - a case a kind of block
    block: Block, screen: Screen = PLAIN
) -> str:
    """Write one block, with its last line's end; empty where there is nothing."""
    width = screen.width
    match block:
        case Table():
            return table_text(block, screen)
        case answer.Data(lines, before):
            now = "now: " if before else ""
            first = f"before: {_narrowed(before, width)}" if before else ""
            return f"{first}{now}{_narrowed(lines, width)}"
        case answer.Conventions(frame, rules):
            return conventions.block_text(frame, rules, min(width, WIDTH))
        case answer.Notes(sentences):
            folded = [line for each in sentences for line in fold(each, width=width)]
            return drawn([[Text(line, DIM)] for line in folded], screen)
        case answer.Paragraph(text):
            return as_lines(fold(text, width=width))
        case answer.Listing(title, items, command):
            folded = [
                line for item in items for line in fold(item, first="  ", width=width)
            ]
            return as_lines([title, *folded, *([f"  {command}"] if command else [])])
        case answer.Code(title, text):
            return f"{title}\n\n{text}"  # as it is to be pasted
        case answer.Closing():
            return drawn(_closing_lines(block, width), screen)
        case answer.Title(text):
            return drawn([[Text(text, BOLD)]], screen)
        case _:  # arranged already
            return block.text


def _narrowed(lines: Iterable[str], width: int) -> str:
    """Fold lines that are made for 80 columns where there are fewer."""
    if width < WIDTH:
        lines = [part for line in lines for part in fold(line, width=width)]
    return as_lines(lines)


def drawn(lines: Iterable[Line], screen: Screen) -> str:
    """Join texts to lines; without color nothing but their words remains."""
    if not screen.has_color:
        joined = ("".join(text.plain for text in line) for line in lines)
        return as_lines(line.rstrip() for line in joined)
    from rich.console import Console
    from rich.text import Text as Drawing

    console = Console(
        file=io.StringIO(),
        width=100_000,  # lines are folded, and tables fitted, already
        force_terminal=True,
        color_system="standard",
        no_color=False,  # else NO_COLOR would win over --color
        legacy_windows=False,
        soft_wrap=True,
    )
    with console.capture() as capture:
        for line in lines:
            console.print(Drawing.assemble(*line))
    return as_lines(line.rstrip() for line in capture.get().splitlines())


def _closing_lines(block: answer.Closing, width: int) -> Iterator[Line]:
    """Fold the verdict, a paragraph a sentence, under its label; then what to type."""
    lead = "verdict:"
    for number, sentence in enumerate(block.verdict):
        first = "  " if number else f"{lead} "
        for place, line in enumerate(
            fold(sentence, first=first, rest="  ", width=width)
        ):
            label = "" if number or place else lead
            yield Text(label, BOLD), Text(line.removeprefix(label))
    for number, command in enumerate(block.commands):  # the best one first
        if command:
            yield [Text(f"  or: {command}" if number else f"next: {command}")]


class _Grid(NamedTuple):
    """A table as texts, with the widths of its columns, gaps apart."""

    table: Table
    lines: list[tuple[str, list[Line]]]  # by title
    shared: list[int]
    own: list[int]

    @property
    def group(self) -> int:
        """All columns of one preset, with the gaps between them."""
        return sum(self.own) + GAP * (len(self.own) - 1)

    def width(self, shared: Sequence[int], num_presets: int) -> int:
        """Width of a line with so many presets."""
        margin = sum(shared) + GAP * (len(shared) - 1)
        return margin + num_presets * (GAP + self.group)


def table_text(table: Table, screen: Screen = PLAIN) -> str:
    """Align a table; presets that do not fit beside one another go below.

    Labels and names are clipped where room is short, the widest first. Names may hold
    anything: what would act on the terminal is escaped.
    """
    grid = _measured(table)
    pairs = zip(table.columns, grid.shared, strict=False)
    least = [n if one.least is None else min(n, one.least) for one, n in pairs]
    beside = range(1, len(table.headings) + 1)
    fitting = [n for n in beside if grid.width(least, n) <= screen.width]
    step = max(fitting, default=1)
    excess = grid.width(grid.shared, step if table.has_labels else 0) - screen.width
    grid = grid._replace(shared=_fitted(grid.shared, least, excess))
    return "\n".join(
        drawn(_block(grid, slice(start, start + step)), screen)
        for start in range(0, max(1, len(table.headings)), step)
    )


def _measured(table: Table) -> _Grid:
    """Turn cells into texts, and measure what every column wants."""
    lines = [
        (title, [_texts(table, row, indent="  " if title else "") for row in rows])
        for title, rows in table.sections
    ]
    heads = [Text(column.label) for column in table.columns]
    num_own = len(table.parts) if table.has_labels else 0
    num_shared = len(heads) - num_own
    first = [*heads[:num_shared], *heads[num_shared:] * len(table.headings)]
    every = [first, *(line for _, section in lines for line in section)]
    wide = [
        max(cell_width(text.plain) for text in column)
        for column in zip(*every, strict=True)
    ]
    own = [max(wide[num_shared + n :: num_own]) for n in range(num_own)]
    grid = _Grid(table, lines, wide[:num_shared], own)
    names = [
        line for name in table.headings for line in heading_lines(name, grid.group)
    ]
    if own:
        own[0] += max([0, *(cell_width(name) - grid.group for name in names)])
    return grid


def _texts(table: Table, row: Row, *, indent: str) -> Line:
    """Texts of a row, escaped; its label, if any, stands under the title."""
    label = [Text(indent + printable(row.label))] if table.has_labels else []
    return [*label, *map(_text, row.all_cells)]


def _text(cell: AnyCell) -> Text:
    """Write a cell in the style of its grade; zeros step back."""
    if isinstance(cell, Markup):  # bold, if anything
        plain = cell.replace("*", "")
        return Text(printable(plain), BOLD if plain != cell else "")
    if not isinstance(cell, Cell):
        return Text(printable(cell))
    is_zero = cell.value == 0 and not cell.is_change
    style = _STYLES[cell.grade] if cell.grade else DIM if is_zero else ""
    return Text(printable(cell.text), style)


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


def _block(grid: _Grid, presets: slice) -> Iterator[Line]:
    """Draw the table for a few of its presets, section by section."""
    num_shared, num_own = len(grid.shared), len(grid.own)
    headings = grid.table.headings[presets]
    start = num_shared + presets.start * num_own
    chosen = slice(start, start + len(headings) * num_own)
    shared = grid.table.columns[:num_shared]
    columns = (*shared, *grid.table.columns[num_shared:] * len(headings))
    widths = [*grid.shared, *grid.own * len(headings)]
    if any(headings):
        yield from ([Text(line, BOLD)] for line in _name_lines(grid, headings))
    labels = [Text(column.label, BOLD) for column in columns]
    if any(label.plain for label in labels):
        yield _aligned(labels, columns, widths)
    for place, (title, lines) in enumerate(grid.lines):
        if title:
            yield from [[]] if place else []
            yield [Text(title, BOLD)]
        for texts in lines:
            yield _aligned([*texts[:num_shared], *texts[chosen]], columns, widths)


def _aligned(texts: Line, columns: Sequence[Column], widths: Sequence[int]) -> Line:
    """Align a row: texts on the left, numbers on the right."""
    line = []
    for (plain, style), column, width in zip(texts, columns, widths, strict=True):
        shown = (clip_middle if column.keeps_end else clip)(plain, width)
        padded = pad(shown, width, is_text=column.is_text)
        line += [Text(padded, style), Text(" " * GAP)]
    return line


def _name_lines(grid: _Grid, headings: Sequence[str]) -> Iterator[str]:
    """Write the names of presets above their columns, bottom-aligned."""
    names = [heading_lines(heading, grid.group) for heading in headings]
    height = max(map(len, names), default=0)
    padded = [[""] * (height - len(lines)) + lines for lines in names]
    for line in zip(*padded, strict=True):
        cells = (pad(name, grid.group, is_text=False) for name in line)
        yield "  ".join([" " * grid.width(grid.shared, 0), *cells]).rstrip()
