"""The call in a training script that builds a detector; the script is never run."""

import ast
from collections.abc import Collection
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.budget import Budget
from atss_inspect.importing.calls import MUTATING, Call
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.sources import read_text
from atss_inspect.importing.syntax import Expressions, parse
from atss_inspect.importing.values import Named, Node, Place

# Builders of torchvision whose arguments decide assignments, without their backbones.
TORCHVISION = frozenset(
    ("retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "fcos_resnet50_fpn")
    + ("RetinaNet", "FCOS", "FasterRCNN", "MaskRCNN", "KeypointRCNN")
    + ("fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2")
    + ("fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn")
    + ("maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2", "keypointrcnn_resnet50_fpn")
    + ("ssd300_vgg16", "ssdlite320_mobilenet_v3_large", "SSD")
)


def builder_call(
    path: str | Path, builders: Collection[str] = TORCHVISION
) -> Node | None:
    """Find the last call of one of some functions in a script.

    Returns
    -------
    A dict: ``_target_`` the name of the function, its arguments by name, those without
    one in a list ``_args_``, and in a dict ``_later_`` what the script assigns to
    attributes of the result, by their paths. Calls in arguments are such dicts too.
    None where there is no such call. A name has a value where the script assigns it
    exactly once and changes it nowhere; all else is `Unknown`.

    Raises `SettingsError` where the file is no Python.
    """
    name = str(path)
    return find_call(parse(read_text(name, name), name), name, builders)


def find_call(tree: ast.Module, name: str, builders: Collection[str]) -> Node | None:
    """Find the last call of one of some functions in a parsed script."""
    nodes = list(ast.walk(tree))
    aliases = {
        alias.asname or alias.name: alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    found = [
        node
        for node in nodes
        if isinstance(node, ast.Call)
        and (last := _last_name(node.func))
        and aliases.get(last, last) in builders
    ]
    if not found:
        return None
    call = max(found, key=lambda node: (node.lineno, node.col_offset))
    script = _Script(name, nodes, aliases)
    made = script.value(call)
    made.value["_later_"] = Node(dict(script.later(call)), made.place)
    return made


def torchvision_call(tree: ast.Module, name: str) -> Node | None:
    """Find the call of a script that imports torchvision and is no config."""
    modules = {
        module.partition(".")[0] for node in ast.walk(tree) for module in _modules(node)
    }
    return find_call(tree, name, TORCHVISION) if "torchvision" in modules else None


def _modules(node: ast.AST) -> list[str]:
    """List the modules that one statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _last_name(func: ast.expr) -> str | None:
    """Name a function without its modules."""
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else None


class _Script(Expressions):
    """Works out arguments of a call; what a script does in between is not known."""

    def __init__(
        self, name: str, nodes: list[ast.AST], aliases: dict[str, str]
    ) -> None:
        super().__init__(name, {}, Budget())
        self.nodes = nodes
        self.aliases = aliases
        self.assigned = _assigned_once(nodes)

    def value(self, node: ast.expr) -> Node:
        """Work out one expression; what cannot be read is not known."""
        try:
            return super().value(node)
        except SettingsError:
            return unknown("what the script does before", self.place(node))

    def _Name(self, node: ast.Name, place: Place) -> Node:
        if node.id in self.names:
            return self.names[node.id]
        if node.id in self.aliases:
            return Node(Named(self.aliases[node.id]), place)
        value = self.assigned.pop(node.id, None)  # taken out: it may name itself
        if value is None:
            return unknown(f"the name {node.id}", place)
        found = self.value(value)
        self.assigned[node.id] = value
        return found

    def _Call(self, node: ast.Call, place: Place) -> Node:
        last = _last_name(node.func)
        known = isinstance(node.func, ast.Name) and last in self.aliases
        if last is None or not (known or last[:1].isupper() or self._is_builder(node)):
            return super()._Call(node, place)
        try:
            call = self._call(node, self.aliases.get(last, last))
        except SettingsError:  # of ``**kwargs`` that are not known
            spread = {"**": unknown("arguments spread by **", place)}
            named = [one for one in node.keywords if one.arg]
            kwargs = {str(one.arg): self.value(one.value) for one in named}
            call = Call(last, [], {**spread, **kwargs}, place, self.budget)
        held: dict[Any, Node] = {
            "_target_": Node(Named(call.name), place),
            **call.kwargs,
        }
        if call.args:
            held["_args_"] = Node(call.args, place)
        return Node(held, place)

    def _is_builder(self, node: ast.Call) -> bool:
        last = _last_name(node.func) or ""
        return self.aliases.get(last, last) in TORCHVISION

    def later(self, call: ast.Call) -> list[tuple[str, Node]]:
        """List what is assigned to attributes of what a call returns."""
        names = {
            target.id
            for node in self.nodes
            if isinstance(node, ast.Assign) and node.value is call
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        found: list[tuple[str, Node]] = []
        for node in self.nodes:
            for target in node.targets if isinstance(node, ast.Assign) else ():
                root, path = _path(target)
                if path and root in names and node.lineno > call.lineno:
                    found.append((path, self.value(node.value)))
        return found


def _path(target: ast.expr) -> tuple[str | None, str]:
    """Split ``model.rpn.anchor_generator`` into its first name and the rest."""
    steps: list[str] = []
    while isinstance(target, ast.Attribute):
        steps.insert(0, target.attr)
        target = target.value
    return target.id if isinstance(target, ast.Name) else None, ".".join(steps)


def _assigned_once(nodes: list[ast.AST]) -> dict[str, ast.expr]:
    """List the names that a script assigns once, and never changes in place."""
    stored: dict[str, int] = {}
    values: dict[str, ast.expr] = {}
    for node in nodes:
        for name in _changed(node):
            stored[name] = stored.get(name, 0) + 1
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    values[target.id] = node.value
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            if isinstance(node.target, ast.Name):
                values[node.target.id] = node.value
    return {name: value for name, value in values.items() if stored[name] == 1}


def _changed(node: ast.AST) -> list[str]:
    """List the names that one node assigns or may change the value of."""
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        return [node.id]
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    inner: ast.expr | None = None
    if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(
        node.ctx, ast.Load
    ):
        inner = node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = node.func.value if node.func.attr in MUTATING else None
    while isinstance(inner, ast.Subscript | ast.Attribute):
        inner = inner.value
    return [inner.id] if isinstance(inner, ast.Name) else []
