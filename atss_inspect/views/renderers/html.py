"""Answers as a notebook shows them: tables, and what was found in words."""

from collections.abc import Iterable, Iterator
from html import escape

from atss_inspect.notebook import table_html
from atss_inspect.views import answer
from atss_inspect.views.answer import Block
from atss_inspect.views.table import AnyCell, Section, Table


def blocks_html(blocks: Iterable[Block]) -> str:
    """Write blocks one below the other, without commands to type next."""
    return "".join(text for block in blocks for text in _texts(block))


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Table():
            yield from (_section(block, one) for one in block.sections)
        case answer.Closing(verdict, _):
            yield from (f"<p><b>{escape(text)}</b></p>" for text in verdict)
        case answer.Code(title, text):
            yield f"<p>{escape(title)}</p><pre>{escape(text)}</pre>"
        case answer.Data(lines) | answer.Notes(lines):
            yield f"<p>{'<br>'.join(map(escape, lines))}</p>"
        case answer.Listing(title, items, _):
            listed = "".join(f"<li>{escape(item)}</li>" for item in items)
            yield f"<p>{escape(title)}</p><ul>{listed}</ul>"
        case answer.Conventions(frame, rules):
            own = [f"{name}: {rule}" for name, rule in rules]
            yield f"<p>{'<br>'.join(map(escape, [frame, *own]))}</p>"
        case _:
            yield f"<p>{escape(block.text)}</p>"


def _section(table: Table, section: Section) -> str:
    """Write one section, the headings of conventions beside those of their parts."""
    first = [""] if table.has_labels else []
    own = [
        " ".join(filter(None, (heading, part.label)))
        for heading in table.headings
        for part in table.parts
    ]
    heads = [*first, *(column.label for column in table.lead), *own]
    rows = [
        [*([row.label] if first else []), *map(_text, row.all_cells)]
        for row in section.rows
    ]
    texts = len(first) + sum(column.is_text for column in table.lead)
    return table_html(section.title or table.label, heads, rows, num_texts=texts)


def _text(cell: AnyCell) -> str:
    return cell if isinstance(cell, str) else " ".join(cell.text.split())
