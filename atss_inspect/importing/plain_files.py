"""JSON and INI as trees of values with places."""

import ast
import json
import re
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.budget import integer_in_range
from atss_inspect.importing.imported import repeated_keys
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.syntax import parse_expression
from atss_inspect.importing.values import Node, Place


def parse_json(text: str, name: str, sources: Sources) -> Node:
    """Read JSON; keys that are written again are told to ``sources``.

    The lines are those of the same text as Python, which it is nearly.
    """
    try:
        value = json.loads(text, object_pairs_hook=_Pairs)
    except json.JSONDecodeError as error:
        raise SettingsError(Place(name, error.lineno), "is not valid JSON") from error
    except (RecursionError, ValueError) as error:
        raise SettingsError(name, "is not readable JSON") from error
    syntax = parse_expression(text)
    before = text[: len(text) - len(text.lstrip())].count("\n")
    return _node(value, syntax, Place(name, before + 1), sources)


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with its pairs in order."""


def _node(value: Any, syntax: ast.expr | None, first: Place, sources: Sources) -> Node:
    """Join a value with the line that the same text has as Python."""
    line = syntax.lineno - 1 if syntax else 0
    place = Place(first.file, first.line + line)
    sources.budget.step(place)
    if isinstance(value, list):
        sources.budget.grow(len(value), place)
        held = [one for _, one in value] if isinstance(value, _Pairs) else value
        inner = getattr(syntax, "values" if isinstance(value, _Pairs) else "elts", None)
        parts = inner or [None] * len(held)
        nodes = [
            _node(one, part, first, sources)
            for one, part in zip(held, parts, strict=True)
        ]
        if isinstance(value, _Pairs):
            pairs = [(key, one) for (key, _), one in zip(value, nodes, strict=True)]
            told = repeated_keys([(key, one.place) for key, one in pairs])
            sources.repeated.update(dict.fromkeys(told))
            return Node(dict(pairs), place)
        return Node(nodes, place)
    integer_in_range(value, place)
    return Node(value, place)


# configparser takes the square of a line's length, and of the number of wrong lines.
_LONGEST_LINE = 300
_MOST_LINES = 10_000
_LINE = re.compile(r"\[(?P<section>[^\]]+)\]|(?P<key>[^\s#;][^=:]*)[=:]")


def parse_ini(text: str, name: str) -> Node:
    """Read an INI file: a dict of sections, each a dict of texts."""
    import configparser  # only this format needs it

    lines = text.splitlines()
    too = "many lines" if len(lines) > _MOST_LINES else ""
    too = "long a line" if max(map(len, lines), default=0) > _LONGEST_LINE else too
    if too:
        raise SettingsError(name, f"has too {too} for an INI file; refused")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except configparser.Error as error:
        place = Place(name, getattr(error, "lineno", None) or 1)
        raise SettingsError(place, "is not a valid INI file") from error
    places: dict[tuple[str, str], Place] = {}
    section = ""
    for number, line in enumerate(lines, start=1):
        if found := _LINE.match(line):
            section = found["section"] or section
            key = (found["key"] or "").strip().lower()
            places[section, key] = Place(name, number)
    root = Node({}, Place(name, 1))
    for title in parser.sections():
        held = {
            key: Node(value, places.get((title, key), root.place))
            for key, value in parser[title].items()
        }
        root.value[title] = Node(held, places.get((title, ""), root.place))
    return root
