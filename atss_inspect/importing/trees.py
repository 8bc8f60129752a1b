"""Copies and merges of values that hold others."""

from collections.abc import Mapping
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.budget import MOST_DEPTH, Budget
from atss_inspect.importing.values import Node, Unknown

Dict = dict[Any, Node]


class Owned(Dict):
    """A dict of OmegaConf: it takes copies of what is put into it."""


class Inherited(Owned):
    """A dict from another file of mmengine: it updates dicts in dicts key by key."""


def copy_tree(
    node: Node,
    budget: Budget,
    kind: type[Dict] | None = None,
    hidden: Mapping[int, tuple[Any, str]] | None = None,
    depth: int = 0,
) -> Node:
    """Copy a value so that nothing in it is shared.

    Dicts become of ``kind``, or stay of theirs; containers that are ``hidden``, by
    identity, become `Unknown`.
    """
    value = node.value
    if not isinstance(value, dict | list | tuple):
        return node
    if hidden and id(value) in hidden:
        return Node(Unknown(hidden[id(value)][1]), node.place)
    if depth > MOST_DEPTH:
        raise SettingsError(node.place, f"is deeper than {MOST_DEPTH} levels; refused")
    budget.grow(len(value), node.place)
    if isinstance(value, dict):
        made = {
            key: copy_tree(one, budget, kind, hidden, depth + 1)
            for key, one in value.items()
        }
        return Node((kind or type(value))(made), node.place)
    nodes = [copy_tree(one, budget, kind, hidden, depth + 1) for one in value]
    return Node(nodes if isinstance(value, list) else tuple(nodes), node.place)


def copy_sharing(
    node: Node, budget: Budget, made: dict[int, Node], depth: int = 0
) -> Node:
    """Copy a value as ``copy.deepcopy`` does: what it holds twice, it holds twice."""
    value = node.value
    if not isinstance(value, dict | list | tuple):
        return node
    if id(value) in made:
        return made[id(value)]
    if depth > MOST_DEPTH:
        raise SettingsError(node.place, f"is deeper than {MOST_DEPTH} levels; refused")
    budget.grow(len(value), node.place)
    nodes = [copy_sharing(one, budget, made, depth + 1) for _, one in node.items()]
    held: Any = zip(value, nodes, strict=True) if isinstance(value, dict) else nodes
    made[id(value)] = Node(type(value)(held), node.place)
    return made[id(value)]


def merge_config(news: Dict, old: Dict, *, replaces: bool = False) -> None:
    """Merge a config into its base, in place, as mmengine's ``Config`` does.

    A dict with ``_delete_`` replaces, and all that is no dict. A dict over a value that
    is none is refused, where ``replaces`` does not let it replace too.
    """
    for key, node in news.items():
        held = old.get(key)
        if not isinstance(node.value, dict) or held is None:
            old[key] = node
            continue
        if _deletes(node.value):
            old[key] = node
        elif isinstance(held.value, dict):
            merge_config(node.value, held.value, replaces=replaces)
        elif replaces:
            old[key] = node
        else:
            message = f"{key} is a dict here and none in its base"
            raise SettingsError(node.place, message)


def _deletes(news: Dict) -> bool:
    """Take ``_delete_`` out of a dict; refused where it is not known."""
    node = news.pop("_delete_", None)
    if node is None:
        return False
    if isinstance(node.value, Unknown):
        raise SettingsError(node.place, "whether _delete_ is set is not known")
    return bool(node.value)


def merge_deleting(news: Dict, old: Dict) -> None:
    """Merge as the method ``merge`` of mmengine's ``ConfigDict`` does, in place."""
    if _deletes(news):
        old.clear()
    for key, node in news.items():
        held = old.get(key)
        if isinstance(node.value, dict):
            if held is not None and isinstance(held.value, dict):
                merge_deleting(node.value, held.value)
                continue
            node.value.pop("_delete_", None)
        old[key] = node


def update_deep(news: Dict, old: Dict) -> None:
    """Update dicts in dicts key by key, as ``ConfigDict.update`` does, in place."""
    for key, node in news.items():
        held = old.get(key)
        if held is None or not isinstance(held.value, dict):
            old[key] = node
        elif isinstance(node.value, dict):
            update_deep(node.value, held.value)
        else:
            old[key] = node
