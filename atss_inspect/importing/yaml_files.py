"""YAML as a tree of values with places; two tags of the wild are read, never run."""

from collections.abc import Callable
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.budget import MOST_DEPTH, Budget, integer_in_range
from atss_inspect.importing.imported import repeated_keys
from atss_inspect.importing.operators import (
    FAILURES,
    NotKnown,
    is_scalar,
    key_of,
    unknown,
)
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.values import Node, Place

# Under this key a dict has its tag: ``!ResNet {depth: 50}`` of PaddleDetection.
TAG = "!"
_STANDARD = "tag:yaml.org,2002:"
_APPLY_EVAL = f"{_STANDARD}python/object/apply:eval"
_SCALARS = ("null", "bool", "int", "float", "str", "timestamp", "value")
_TUPLE = f"{_STANDARD}python/tuple"
# PyYAML takes seconds for a quarter of a megabyte; the longest config seen has 60 kB.
_MOST_LETTERS = 1 << 18
# Longer numbers of base 60 take time to work out, and no config has them.
_LONGEST_NUMBER = 400

# Works out a Python expression that a YAML file holds as text.
Evaluate = Callable[[str, Place], Node]


def parse_yaml(text: str, name: str, sources: Sources, evaluate: Evaluate) -> Node:
    """Read one YAML document; keys that are written again are told to ``sources``.

    ``!!python/object/apply:eval`` with one text, as detectron2 has it, is given to
    ``evaluate``; ``!Name {...}`` is a dict with its `TAG`; other tags are refused.
    Aliases count each time they are used.
    """
    import yaml  # slow, and only this format needs it

    if len(text) > _MOST_LETTERS:
        raise SettingsError(name, f"is longer than {_MOST_LETTERS >> 10} kB; refused")

    try:
        loader = yaml.SafeLoader(text)
        _bound_depth(loader, name, sources.budget)
        root = loader.get_single_node()
        return _Builder(loader, name, sources, evaluate).node(root, 0)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(name, mark.line + 1 if mark else 1)
        raise SettingsError(place, "is not valid YAML") from error
    except (yaml.YAMLError, RecursionError, NotKnown, *FAILURES) as error:
        raise SettingsError(name, "is not valid YAML") from error


def _bound_depth(loader: Any, name: str, budget: Budget) -> None:
    """Make a loader of PyYAML refuse depth before it looks at what is deeper."""
    compose, depth = loader.compose_node, 0

    def composed(parent: Any, index: Any) -> Any:
        nonlocal depth
        depth += 1
        place = Place(name, loader.peek_event().start_mark.line + 1)
        budget.work(5 * depth, place)  # it takes the longer the more is open
        if depth > MOST_DEPTH + 1:
            raise SettingsError(place, f"is deeper than {MOST_DEPTH} levels; refused")
        node = compose(parent, index)
        depth -= 1
        return node

    loader.compose_node = composed


class _Builder:
    """Makes values of what PyYAML composed."""

    def __init__(
        self, loader: Any, name: str, sources: Sources, evaluate: Evaluate
    ) -> None:
        self.loader = loader
        self.name = name
        self.budget, self.repeated = sources.budget, sources.repeated
        self.evaluate = evaluate

    def node(self, raw: Any, depth: int) -> Node:
        """Make the value of one node of YAML."""
        if raw is None:  # an empty file
            return Node({}, Place(self.name, 1))
        place = Place(self.name, raw.start_mark.line + 1)
        self.budget.grow(1, place)
        if depth > MOST_DEPTH:
            raise SettingsError(place, f"is deeper than {MOST_DEPTH} levels; refused")
        if raw.tag == _APPLY_EVAL and _is_one_text(raw):
            return self.evaluate(raw.value[0].value, place)
        if raw.tag.startswith("!"):
            return self._tagged(raw, place, depth)
        if raw.tag == f"{_STANDARD}map" and raw.id == "mapping":
            return Node(self._mapping(raw, depth), place)
        if raw.tag in (f"{_STANDARD}seq", _TUPLE) and raw.id == "sequence":
            nodes = [self.node(one, depth + 1) for one in raw.value]
            return Node(tuple(nodes) if raw.tag == _TUPLE else nodes, place)
        return self._scalar(raw, place)

    def _mapping(self, raw: Any, depth: int) -> dict[Any, Node]:
        """Make a dict; what ``<<`` merges stands behind its own keys."""
        merged: dict[Any, Node] = {}
        own: dict[Any, Node] = {}
        keys: list[tuple[Any, Place]] = []
        for key, value in raw.value:
            if key.tag != f"{_STANDARD}merge":
                held = self.node(key, depth + 1)
                keys.append((key_of(held), held.place))
                own[keys[-1][0]] = self.node(value, depth + 1)
                continue
            sources = value.value if value.id == "sequence" else [value]
            for one in reversed(sources):
                held = self.node(one, depth + 1)
                if not isinstance(held.value, dict):
                    raise SettingsError(held.place, "only dicts can be merged by <<")
                merged.update(held.value)
        self.repeated.update(dict.fromkeys(repeated_keys(keys)))
        return {**merged, **own}

    def _tagged(self, raw: Any, place: Place, depth: int) -> Node:
        held = {TAG: Node(raw.tag[1:], place)}
        if raw.id == "mapping":
            return Node({**held, **self._mapping(raw, depth)}, place)
        if raw.id == "scalar" and not raw.value:
            return Node(held, place)
        raise self._refused(raw, place)

    def _scalar(self, raw: Any, place: Place) -> Node:
        kind = raw.tag.removeprefix(_STANDARD)
        if raw.id != "scalar" or kind not in _SCALARS:
            raise self._refused(raw, place)
        if kind in ("int", "float") and len(raw.value) > _LONGEST_NUMBER:
            raise SettingsError(place, "a number is too long")
        value = self.loader.construct_object(raw)
        integer_in_range(value, place)
        return Node(value, place) if is_scalar(value) else unknown("a date", place)

    def _refused(self, raw: Any, place: Place) -> SettingsError:
        return SettingsError(place, f"the YAML tag {raw.tag[:60]} is not read")


def _is_one_text(raw: Any) -> bool:
    """Whether a node is a list of one scalar."""
    parts = raw.value if raw.id == "sequence" else []
    return len(parts) == 1 and parts[0].id == "scalar"
