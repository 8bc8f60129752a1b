"""YAML, JSON and INI configs with what they inherit."""

import ast
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import templates
from atss_inspect.importing.bases import inherit
from atss_inspect.importing.budget import BIGGEST_INTEGER
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.plain_files import parse_ini, parse_json
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.syntax import Expressions, parse_expression
from atss_inspect.importing.trees import Dict, copy_tree, merge_config
from atss_inspect.importing.values import Node, Place, node_of
from atss_inspect.importing.yaml_files import parse_yaml

# A text longer than this is no number, list or tuple that a person wrote.
_LONGEST_LITERAL = 10_000


def read_document(name: str, place: Place | None, sources: Sources) -> Dict:
    """Read a YAML, JSON or INI config with its bases."""
    with sources.text(name, place) as text:
        text = templates.fill(text, name)
        root = _parse(text, name, sources)
        if not isinstance(root.value, dict):
            raise SettingsError(root.place, "expected a dict of keys and values")
        own: Dict = root.value
        if "_BASE_" in own:
            return _with_upper_bases(own, sources)
        if "_base_" in own or templates.MARK in text:
            return _with_bases(own, root.place, sources)
        return own


def _parse(text: str, name: str, sources: Sources) -> Node:
    if name.lower().endswith(".json"):
        return parse_json(text, name, sources)
    if name.lower().endswith(".ini"):
        return parse_ini(text, name)

    def evaluate(written: str, place: Place) -> Node:
        tree = parse_expression(written)
        if tree is None:
            return unknown("a Python expression that is not valid", place)
        lines = Expressions(name, {}, sources.budget, before=place.line - 1)
        return lines.value(tree)

    return parse_yaml(text, name, sources, evaluate)


def _with_bases(own: Dict, place: Place, sources: Sources) -> Dict:
    """Merge a document into its ``_base_``, as mmengine does."""
    base = inherit(own.pop("_base_", Node([], place)), sources)
    whole = _unmarked(Node(own, place), base)
    merge_config(copy_tree(whole, sources.budget).value, base)
    return base


def _unmarked(node: Node, base: Dict) -> Node:
    """Put in what ``{{_base_.x}}`` stands for."""
    value = node.value
    if isinstance(value, str) and value.startswith(templates.MARK):
        return templates.marked(value, Node(base, node.place), node.place)
    if isinstance(value, dict):
        held: Any = {key: _unmarked(one, base) for key, one in value.items()}
        return Node(held, node.place)
    if isinstance(value, list | tuple):
        return Node(type(value)(_unmarked(one, base) for one in value), node.place)
    return node


def _with_upper_bases(own: Dict, sources: Sources) -> Dict:
    """Merge a YAML into its ``_BASE_``: a path, or a list of which the last wins."""
    listed = own.pop("_BASE_")
    several = isinstance(listed.value, list)
    merged: Dict = {}
    for node in listed.value if several else [listed]:
        held = sources.read(sources.base(node), node.place, sources)
        merge_config(held, merged, replaces=several)
    merge_config(own, merged, replaces=several)
    return merged


def literals(node: Node) -> Node:
    """Take texts that are Python literals for what they say, as yacs does.

    Texts in lists stay texts.
    """
    value = node.value
    if isinstance(value, dict):
        return Node({key: literals(one) for key, one in value.items()}, node.place)
    if isinstance(value, str) and len(value) <= _LONGEST_LITERAL:
        return node_of(literal(value), node.place)
    return node


def literal(written: str) -> Any:
    """Read a text as a Python literal, or leave it the text it is."""
    tree = parse_expression(written)
    try:
        value = ast.literal_eval(tree) if tree is not None else written
    except (ValueError, TypeError, RecursionError, MemoryError):
        return written
    return written if not _is_plain(value) else value


def _is_plain(value: Any) -> bool:
    """Whether a value is made of what configs hold, not of sets or bytes."""
    if isinstance(value, dict):
        return all(_is_plain(one) for one in (*value, *value.values()))
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    short = not isinstance(value, int) or abs(value) < BIGGEST_INTEGER
    return short and (value is None or isinstance(value, int | float | str))
