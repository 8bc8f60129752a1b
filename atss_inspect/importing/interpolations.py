"""``${...}`` of OmegaConf in a finished config: values of other places in it."""

import re

from atss_inspect.importing.budget import Budget
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.overrides import is_index
from atss_inspect.importing.values import Node

# Dots before the path go up: ``${.x}`` is beside the value, ``${..x}`` one higher.
_WHOLE = re.compile(r"\$\{(\.*)([\w.]+)\}")
_MOST_JUMPS = 20  # from one to the next
_Path = tuple[str | int, ...]


def resolve(root: Node, budget: Budget) -> Node:
    """Put in what interpolations stand for; one in a longer text is not known."""
    return _resolved(root, (), root, budget)


def _resolved(
    node: Node, path: _Path, root: Node, budget: Budget, jumps: int = 0
) -> Node:
    budget.step(node.place)
    value = node.value
    if isinstance(value, str) and "${" in value:
        return _target(node, path, root, budget, jumps)
    if isinstance(value, dict):
        held = {
            key: _resolved(one, (*path, key), root, budget, jumps)
            for key, one in value.items()
        }
        return Node(held, node.place)
    if isinstance(value, list | tuple):
        nodes = [
            _resolved(one, (*path, i), root, budget, jumps)
            for i, one in enumerate(value)
        ]
        return Node(nodes if isinstance(value, list) else tuple(nodes), node.place)
    return node


def _target(node: Node, path: _Path, root: Node, budget: Budget, jumps: int) -> Node:
    """Find what one interpolation stands for."""
    found = _WHOLE.fullmatch(node.value)
    if found is None or jumps > _MOST_JUMPS or len(found[1]) > len(path):
        return unknown("an interpolation", node.place)
    dots, written = found.groups()
    above = path[: len(path) - len(dots)] if dots else ()
    whole: _Path = (*above, *written.split("."))
    if path[: len(whole)] == whole:
        return unknown("an interpolation of itself", node.place)
    held: Node | None = root
    for step in whole:
        inner = held.value if held is not None else None
        if isinstance(inner, list | tuple) and is_index(str(step)):
            held = inner[int(step)] if int(step) < len(inner) else None
        else:
            held = inner.get(step) if isinstance(inner, dict) else None
    if held is None:
        return unknown("an interpolation of what is not there", node.place)
    return _resolved(held, whole, root, budget, jumps + 1)
