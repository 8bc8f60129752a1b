"""A preset that extends another one, as if all its lines were in its file."""

import re
from collections.abc import Callable

# The lines of each key, with the comments above it, by table and key; the line that
# begins a table has the key "".
_Lines = dict[str, dict[str, str]]

_TABLE = re.compile(r"\[([\w.]+)\]")
_KEY = re.compile(r'("?[\w.]+"?) = ')


def written_out(text: str, read: Callable[[str], str]) -> str:
    """Lay the lines of a preset over those of the one that it extends.

    A table with a ``name`` takes the place of the one below, as another assigner's
    parameters do in a user's file; of any other, each key does so by itself.

    Parameters
    ----------
    text : TOML of a preset, whole where it has no line ``extends``
    read : gives the text of a preset, all of it, by name
    """
    own = _by_table(text)
    if "extends" not in own[""]:
        return text
    whole = _by_table(read(own[""].pop("extends").split('"')[1]))
    for table, lines in own.items():
        kept = {} if "name" in lines else whole.get(table, {})
        whole[table] = kept | lines
    return "\n".join("".join(lines.values()) for lines in whole.values())


def _by_table(text: str) -> _Lines:
    """Take the lines of TOML apart; an array may go on in lines that are indented."""
    lines: dict[str, str] = {}
    by_table = {"": lines}
    above = key = ""
    for line in text.splitlines(keepends=True):
        if header := _TABLE.match(line):
            lines = by_table.setdefault(header[1], {})
            key = ""
            lines[key], above = above + line, ""
        elif line.startswith("#"):
            above += line
        elif begun := _KEY.match(line):
            key = begun[1]
            lines[key], above = above + line, ""
        elif line.strip():
            lines[key] += line
    return by_table
