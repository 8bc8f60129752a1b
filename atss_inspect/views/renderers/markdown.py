"""Answers as Markdown, as GitHub shows it; names with underscores are set as code."""

import re
from collections.abc import Iterable, Iterator, Sequence

from atss_inspect.views import answer
from atss_inspect.views.answer import Block
from atss_inspect.views.names import as_lines, cell_width, pad, printable
from atss_inspect.views.table import AnyCell, Markup, Section, Table


def blocks_markdown(blocks: Iterable[Block]) -> str:
    """Write blocks with an empty line between."""
    return "\n".join(text for block in blocks for text in _texts(block))


def _texts(block: Block) -> Iterator[str]:  # noqa: C901 - a case a kind of block
    match block:
        case Table():
            yield table_markdown(block)
        case answer.Data(lines, ()):
            yield _data(lines)
        case answer.Data(lines, before):
            yield f"Before: {_data(before)}\nNow: {_data(lines)}"
        case answer.Conventions(frame, rules):
            pairs = (map(markdown_text, pair) for pair in rules)
            yield _listing(frame, (f"**{name}**: {rule}" for name, rule in pairs))
        case answer.Title(text):
            yield f"## {text}\n"
        case answer.Notes(sentences, is_one):
            texts = [" ".join(sentences)] if is_one else sentences
            yield from (f"{markdown_text(text)}\n" for text in texts)
        case answer.Listing(title, items, command):
            code = [_code(command)] if command else []
            yield _listing(title, [*map(markdown_text, items), *code])
        case answer.Code(title, text):
            yield f"{markdown_text(title)}\n\n```\n{text}```\n"
        case answer.Closing(verdict, commands):
            yield from (f"**Verdict:** {markdown_text(text)}\n" for text in verdict)
            end = "  " if len(commands) > 1 else ""
            if commands:
                yield as_lines(f"Next: {_code(each)}{end}" for each in commands if each)
        case _:
            yield f"{markdown_text(block.text)}\n"


# A name or path with an underscore between letters, and what Markdown or HTML would
# take as markup.
_SPECIAL = re.compile(
    r"(?<![\w./:+-])(?P<name>[./]*\w[\w./:+-]*_[\w./:+-]*\w)|(?P<sign>[\\`*_{}\[\]<>|#~&])",
    re.ASCII,
)


def markdown_text(text: str) -> str:
    """Set names with underscores as code, and escape what would be taken as markup."""
    return _SPECIAL.sub(
        lambda found: f"`{found[0]}`" if found["name"] else f"\\{found[0]}",
        printable(text),
    )


def _code(text: str) -> str:
    """Set a command as code, which may hold backticks itself."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


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
    is_text = [True] * len(first) + [column.is_text for column in table.lead]
    is_text += [part.is_text for part in table.parts] * len(table.headings)
    rows = [[*([row.label] if first else []), *row.all_cells] for row in section.rows]
    lines = [
        list(map(markdown_text, heads)),
        *(list(map(_escaped, row)) for row in rows),
    ]
    widths = [3 for _ in heads]
    if table.is_padded:
        widths = [max(map(cell_width, column)) for column in zip(*lines, strict=True)]
        # So that it can be read as it is.
        for number, line in enumerate(lines):
            fitted = zip(line, widths, is_text, strict=True)
            lines[number] = [pad(one, n, is_text=left) for one, n, left in fitted]
    # What stands below a heading: texts on the left, numbers on the right.
    rules = zip(["-" * (width - 1) for width in widths], is_text, strict=True)
    lines.insert(1, [f":{rule}" if is_left else f"{rule}:" for rule, is_left in rules])
    return as_lines(f"| {' | '.join(line)} |" for line in lines)


def _escaped(cell: AnyCell) -> str:
    """Text of a cell, unless it is Markdown already, without spaces that align it."""
    if isinstance(cell, Markup):
        return cell
    return markdown_text(cell if isinstance(cell, str) else " ".join(cell.text.split()))
