"""Answers as Markdown, as GitHub shows it; names are escaped."""

import re
from collections.abc import Iterable, Iterator, Sequence

from atss_inspect.views.answer import (
    Block,
    Closing,
    Code,
    Conventions,
    Data,
    Listing,
    Notes,
    Title,
)
from atss_inspect.views.layout import as_lines
from atss_inspect.views.names import cell_width, printable
from atss_inspect.views.table import AnyCell, Markup, Section, Table


def blocks_markdown(blocks: Iterable[Block]) -> str:
    """Write blocks with an empty line between."""
    return "\n".join(text for block in blocks for text in _texts(block))


def _texts(block: Block) -> Iterator[str]:  # noqa: C901 - a case a kind of block
    """Write one block: a text, or several."""
    match block:
        case Table():
            yield table_markdown(block)
        case Data(lines, ()):
            yield _data(lines)
        case Data(lines, before):
            yield f"Before: {_data(before)}\nNow: {_data(lines)}"
        case Conventions(_, frame, rules):
            pairs = (map(markdown_text, pair) for pair in rules)
            yield _listing(frame, (f"**{name}**: {rule}" for name, rule in pairs))
        case Title(text):
            yield f"## {text}\n"
        case Notes(sentences, is_one):
            texts = [" ".join(sentences)] if is_one else sentences
            yield from (f"{markdown_text(text)}\n" for text in texts)
        case Listing(title, items, command):
            code = [f"`{command}`"] if command else []
            yield _listing(title, [*map(markdown_text, items), *code])
        case Code(title, text):
            yield f"{markdown_text(title)}\n\n```\n{text}```\n"
        case Closing(verdict, commands):
            yield from (f"**Verdict:** {markdown_text(text)}\n" for text in verdict)
            end = "  " if len(commands) > 1 else ""
            if commands:
                yield as_lines(f"Next: `{each}`{end}" for each in commands if each)
        case _:
            yield f"{markdown_text(block.text)}\n"


def markdown_text(text: str) -> str:
    """Escape what Markdown or HTML would take as markup."""
    return re.sub(r"([\\`*_{}\[\]<>|#~&])", r"\\\1", printable(text))


def _data(lines: Sequence[str]) -> str:
    """Lines that stay apart."""
    return "  \n".join(map(markdown_text, lines)) + "\n"


def _listing(title: str, items: Iterable[str]) -> str:
    """Write items, escaped already, under a title."""
    return as_lines([markdown_text(title), "", *(f"- {item}" for item in items)])


def table_markdown(table: Table) -> str:
    """Write a table as one Markdown table per section."""
    return "\n".join(_section(table, section) for section in table.sections)


def _section(table: Table, section: Section) -> str:
    """Write one section: labels on the left, numbers on the right."""
    first = [section.title or table.label] if table.has_labels else []
    own = [
        " ".join(filter(None, (heading, part.label)))
        for heading in table.headings
        for part in table.parts
    ]
    heads = [*first, *(column.label for column in table.lead), *own]
    is_text = [True] if first else []
    is_text += [column.is_text for column in table.lead]
    is_text += [part.is_text for part in table.parts] * len(table.headings)
    rows = [[*([row.label] if first else []), *row.all_cells] for row in section.rows]
    lines = [list(map(markdown_text, heads))]
    lines += [[_escaped(cell) for cell in row] for row in rows]
    widths = [3 for _ in heads]
    if table.is_padded:
        widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
        lines = [_padded(line, widths, is_text) for line in lines]
    lines.insert(1, [_rule(*pair) for pair in zip(widths, is_text, strict=True)])
    return as_lines(f"| {' | '.join(line)} |" for line in lines)


def _escaped(cell: AnyCell) -> str:
    """Text of a cell, unless it is Markdown already, without spaces that align it."""
    if isinstance(cell, Markup):
        return cell
    text = cell if isinstance(cell, str) else " ".join(cell.text.split())
    return markdown_text(text)


def _padded(
    line: Sequence[str], widths: Sequence[int], is_text: Sequence[bool]
) -> list[str]:
    """Align the cells of a line, so that it can be read as it is."""
    cells = []
    for cell, width, is_left in zip(line, widths, is_text, strict=True):
        space = " " * (width - cell_width(cell))
        cells.append(cell + space if is_left else space + cell)
    return cells


def _rule(width: int, is_text: bool) -> str:
    """Write what stands below a heading: texts on the left, numbers on the right."""
    dashes = "-" * (width - 1)
    return f":{dashes}" if is_text else f"{dashes}:"
