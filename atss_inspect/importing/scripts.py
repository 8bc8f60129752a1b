"""The call in a training script that builds a detector; the script is never run."""

import ast
from collections import Counter
from collections.abc import Iterator

from atss_inspect.errors import SettingsError
from atss_inspect.importing.budget import Budget
from atss_inspect.importing.calls import MUTATING
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.syntax import Expressions
from atss_inspect.importing.trees import Dict, copy_tree
from atss_inspect.importing.values import Named, Node, Place

# Builders of torchvision whose arguments decide assignments.
TORCHVISION = frozenset(
    (
        *("RetinaNet", "FCOS", "FasterRCNN", "MaskRCNN", "KeypointRCNN", "SSD"),
        *("retinanet_resnet50_fpn", "retinanet_resnet50_fpn_v2", "fcos_resnet50_fpn"),
        *("fasterrcnn_resnet50_fpn", "fasterrcnn_resnet50_fpn_v2"),
        *("fasterrcnn_mobilenet_v3_large_fpn", "fasterrcnn_mobilenet_v3_large_320_fpn"),
        *("maskrcnn_resnet50_fpn", "maskrcnn_resnet50_fpn_v2"),
        *("keypointrcnn_resnet50_fpn", "ssd300_vgg16", "ssdlite320_mobilenet_v3_large"),
    )
)

# Functions that make parts of them.
_PARTS = frozenset(("resnet_fpn_backbone", "mobilenet_backbone"))


def torchvision_call(tree: ast.Module, name: str) -> Node | None:
    """Find the builder of a detector in a script that imports torchvision."""
    modules = [alias.name for alias in _imports(tree, ast.Import)]
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    modules += [node.module or "" for node in nodes]
    if not any(module.split(".")[0] == "torchvision" for module in modules):
        return None
    return find_call(tree, name, TORCHVISION)


def find_call(tree: ast.Module, name: str, builders: frozenset[str]) -> Node | None:
    """Find the last call of one of some functions in a parsed script.

    Returns
    -------
    A dict: ``_target_`` the name of the function, its arguments by name, those without
    one in a list ``_args_``, and in a dict ``_later_`` what the script assigns to
    attributes of the result, by their paths. Calls of classes and of builders of
    backbones in arguments are such dicts too. A name has a value where the script
    assigns it exactly once and changes it nowhere; all else is `Unknown`. None where
    there is no such call.
    """
    script = _Script(tree, name, builders)
    found = [
        node
        for node in script.nodes
        if isinstance(node, ast.Call) and script.named(node.func) in builders
    ]
    if not found:
        return None
    call = max(found, key=lambda node: (node.lineno, node.col_offset))
    made = script.value(call)
    made.value["_later_"] = Node(dict(script.later(call)), made.place)
    return copy_tree(made, script.budget)


class _Script(Expressions):
    """Works out arguments of a call; what a script does in between is not known."""

    def __init__(self, tree: ast.Module, name: str, builders: frozenset[str]) -> None:
        super().__init__(name, {}, Budget())
        self.nodes = list(ast.walk(tree))
        self.budget.work(10 * len(self.nodes), Place(name, 1))
        self.builders = builders
        imports = _imports(tree, ast.ImportFrom)
        self.aliases = {alias.asname or alias.name: alias.name for alias in imports}
        self.once = _assigned_once(self.nodes)

    def named(self, func: ast.expr) -> str:
        """Name a function without its modules, as it was before an import's ``as``."""
        if isinstance(func, ast.Attribute):
            return func.attr
        name = func.id if isinstance(func, ast.Name) else ""
        return self.aliases.get(name, name)

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
        value = self.once.pop(node.id, None)  # taken out: it may name itself
        if value is None:
            return unknown(f"the name {node.id}", place)
        found = self.value(value)
        self.once[node.id] = value
        return found

    def _Call(self, node: ast.Call, place: Place) -> Node:
        name = self.named(node.func)
        if not name[:1].isupper() and name not in self.builders | _PARTS:
            return super()._Call(node, place)
        held: Dict = {"_target_": Node(Named(name), place)}
        for keyword in node.keywords:
            found = self.value(keyword.value)
            spread = found.value if keyword.arg is None else {keyword.arg: found}
            if not isinstance(spread, dict):
                spread = {"**": unknown("arguments spread by **", place)}
            held.update(spread)
        if node.args:
            args = [self.value(arg) for arg in node.args]
            held["_args_"] = Node(args, place)
        return Node(held, place)

    def later(self, call: ast.Call) -> Iterator[tuple[str, Node]]:
        """List what is assigned to attributes of what a call returns."""
        assigned = [node for node in self.nodes if isinstance(node, ast.Assign)]
        results = {
            target.id
            for node in assigned
            for target in node.targets
            if node.value is call and isinstance(target, ast.Name)
        }
        for node in assigned:
            for target in node.targets:
                if node.lineno <= call.lineno or _first_name(target) not in results:
                    continue
                _, dot, path = ast.unparse(target).partition(".")
                if dot:
                    yield path, self.value(node.value)


def _imports(
    tree: ast.Module, kind: type[ast.Import | ast.ImportFrom]
) -> list[ast.alias]:
    """List what the imports of one kind name, wherever they are in a script."""
    found = [node for node in ast.walk(tree) if isinstance(node, kind)]
    return [alias for node in found for alias in node.names]


def _assigned_once(nodes: list[ast.AST]) -> dict[str, ast.expr]:
    """List the names that a script assigns once, and never changes in place."""
    values = {
        target.id: node.value
        for node in nodes
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    changed = Counter(name for node in nodes for name in _changed(node))
    return {name: value for name, value in values.items() if changed[name] == 1}


def _changed(node: ast.AST) -> list[str]:
    """List the names that one node assigns or may change the value of."""
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    inner: ast.AST | None = None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        inner = node.func.value if node.func.attr in MUTATING else None
    elif isinstance(node, ast.Name | ast.Subscript | ast.Attribute):
        inner = None if isinstance(node.ctx, ast.Load) else node
    name = _first_name(inner)
    return [name] if name else []


def _first_name(node: ast.AST | None) -> str:
    """The name that a chain of attributes and indices begins with; "" for none."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
