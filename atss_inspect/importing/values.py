"""Values of a config as its text has them, each with the place it was written at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from atss_inspect.errors import SettingsError

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: str  # as messages name it
    line: int  # from 1; 0 where there are none

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Unknown:
    """What only running the config could tell."""

    reason: str  # such as ``call of compute_thr``


@dataclass(frozen=True, slots=True)
class Named:
    """A class or function that a config names; it is never imported."""

    name: str  # dotted as far as the file tells

    @property
    def last(self) -> str:
        """Its name without the modules before it."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Node:
    """One value: None, bool, number, text, `Unknown`, `Named`, or others in it.

    ``value`` is, for containers, a list or tuple of nodes or a dict of nodes by key.
    """

    value: Any
    place: Place

    def find(self, path: str) -> "Node | None":
        """Look along a path such as ``train_pipeline[2].scale``; None if it ends."""
        node: Node | None = self
        for step in _STEP.finditer(path):
            key, index = step.groups()
            held = node.value if node else None
            if key is not None:
                node = held.get(key) if isinstance(held, dict) else None
            elif isinstance(held, list | tuple) and int(index) < len(held):
                node = held[int(index)]
            else:
                node = None
        return node

    def items(self) -> Iterator[tuple[str, "Node"]]:
        """List what a dict or list holds, each under its step of a path."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list | tuple):
            yield from ((f"[{i}]", node) for i, node in enumerate(self.value))

    def plain(self) -> Any:
        """The value in plain Python, classes as their last names.

        Raises `SettingsError` where anything in it is not known; it names the place.
        """
        if isinstance(self.value, Unknown):
            message = f"the value is not written down ({self.value.reason})"
            raise SettingsError(self.place, message)
        if isinstance(self.value, Named):
            return self.value.last
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list | tuple):
            return type(self.value)(node.plain() for node in self.value)
        return self.value


def node_of(value: Any, place: Place) -> Node:
    """Plain Python, as JSON and YAML hold it, as a node of one place throughout."""
    if isinstance(value, Node):
        return value
    if isinstance(value, dict):
        return Node({key: node_of(one, place) for key, one in value.items()}, place)
    if isinstance(value, list | tuple):
        return Node(type(value)(node_of(one, place) for one in value), place)
    return Node(value, place)
