"""Python configs with what they inherit, in the three ways of frameworks.

``mmengine``: a list ``_base_`` of files; own names are merged into theirs key by key.
``read_base``: imports below ``with read_base():`` copy the names of another config.
``lazy``: relative imports do, and ``L(Cls)(...)`` is a dict with ``_target_``.
"""

import ast
from pathlib import Path
from typing import Literal

from atss_inspect.errors import SettingsError
from atss_inspect.importing import templates
from atss_inspect.importing.calls import Call
from atss_inspect.importing.changes import Function, Lazy
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.scripts import torchvision_call
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.statements import Statements
from atss_inspect.importing.syntax import Expressions, parse
from atss_inspect.importing.trees import (
    Dict,
    Inherited,
    Owned,
    copy_sharing,
    copy_tree,
    merge_config,
)
from atss_inspect.importing.values import Named, Node, Place

Dialect = Literal["mmengine", "read_base", "lazy"]
_ZOO = ("detectron2.model_zoo.get_config", "detectron2.model_zoo.model_zoo.get_config")


def read_python(name: str, place: Place | None, sources: Sources) -> tuple[Dict, str]:
    """Read a Python config with its bases, or a script that builds a detector."""
    with sources.text(name, place) as text:
        tree = parse(text, name)
        lines = [node for node in tree.body if _is_base_line(node)]
        dialect = "mmengine" if lines else _dialect_of(tree)
        if place is None and dialect == "mmengine" and not lines:
            call = torchvision_call(tree, name)
            if call is not None:
                return call.value, "script"
        if dialect == "mmengine":
            filled = templates.fill(text, name)
            tree = tree if filled == text else parse(filled, name)
            return _read_mmengine(name, tree, sources), dialect
        return _read_module(name, tree, sources, dialect).root(), dialect


def _is_base_line(node: ast.stmt) -> bool:
    """Whether a statement is ``_base_ = ...``."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return isinstance(target, ast.Name) and target.id == "_base_"


def _dialect_of(tree: ast.Module) -> Dialect:
    """Tell from its imports how a Python config without ``_base_`` inherits."""
    found: Dialect = "mmengine"
    for node in tree.body:
        if isinstance(node, ast.With):
            return "read_base"
        if isinstance(node, ast.ImportFrom):
            package = (node.module or "").partition(".")[0]
            if node.level or package in ("detectron2", "omegaconf"):
                found = "lazy"
    return found


def _read_mmengine(name: str, tree: ast.Module, sources: Sources) -> Dict:
    config = Config(name, sources, "mmengine")
    base: Dict = Inherited()
    lines = [node for node in tree.body if _is_base_line(node)]
    if lines and isinstance(lines[0], ast.Assign):
        listed = Expressions(name, {}, sources.budget).value(lines[0].value)
        base = inherit(listed, sources)
    config.names["_base_"] = Node(base, Place(name, 1))
    config.run([node for node in tree.body if not _is_base_line(node)])
    if config.tainted:
        base = config.copied(base)
    own = config.root()
    own.pop("_base_", None)
    own.pop("_deprecation_", None)
    merge_config(own, base)
    return base


def inherit(listed: Node, sources: Sources) -> Dict:
    """Read the bases of a config of mmengine; a name in two of them is refused."""
    base: Dict = Inherited()
    for node in listed.value if isinstance(listed.value, list) else [listed]:
        held = sources.read(sources.base(node), node.place, sources)
        twice = held.keys() & base.keys()
        if twice:
            message = f"two bases both have {min(map(str, twice))}"
            raise SettingsError(node.place, message)
        scope, colons, _ = node.value.partition("::")
        whole = Node(held, node.place)
        if colons:
            whole = _scoped(whole, scope)
        base.update(copy_tree(whole, sources.budget, Inherited).value)
    return base


def _scoped(node: Node, scope: str) -> Node:
    """Add ``_scope_`` to the outermost dicts that name a type, as mmengine does."""
    value = node.value
    if isinstance(value, dict) and "type" in value:
        return Node({"_scope_": Node(scope, node.place), **value}, node.place)
    if isinstance(value, dict):
        return Node(
            {key: _scoped(one, scope) for key, one in value.items()}, node.place
        )
    if isinstance(value, list | tuple):
        return Node(type(value)(_scoped(one, scope) for one in value), node.place)
    return node


def _read_module(
    name: str, tree: ast.Module, sources: Sources, dialect: Dialect
) -> "Config":
    config = Config(name, sources, dialect)
    if dialect == "read_base":
        # What is inherited is there before anything else, wherever it is written.
        tree.body.sort(key=lambda node: not isinstance(node, ast.With))
    config.run(tree.body)
    return config


class Config(Statements):
    """One Python config while it is worked out."""

    def __init__(self, name: str, sources: Sources, dialect: Dialect) -> None:
        names = {"__name__": Node("builtins", Place(name, 1))}
        super().__init__(name, names, sources.budget)
        self.sources = sources
        self.dialect = dialect
        self.kind: type[Dict] = Owned if dialect == "lazy" else Inherited
        self.imported: set[str] = set()  # names that only imports gave
        self.inherited: dict[str, Dict] = {}  # what files gave, by their names

    def root(self) -> Dict:
        """What the file says as a config: its names without imports and functions."""
        own = {
            key: node
            for key, node in self.names.items()
            if not key.startswith("__")
            and key not in self.imported
            and not isinstance(node.value, Function)
        }
        return self.copied(own, dict)

    def copied(self, held: Dict, kind: type[Dict] | None = None) -> Dict:
        """Copy values, with `Unknown` for what an unknown call may have changed."""
        whole = Node(held, Place(self.file, 1))
        copied: Dict = copy_tree(whole, self.budget, kind, self.tainted).value
        return copied

    def _Constant(self, node: ast.Constant, place: Place) -> Node:
        if isinstance(node.value, str) and node.value.startswith(templates.MARK):
            base = self._Name(ast.Name("_base_", lineno=node.lineno), place)
            return templates.marked(node.value, base, place)
        return super()._Constant(node, place)

    def _Attribute(self, node: ast.Attribute, place: Place) -> Node:
        return self._resolved(super()._Attribute(node, place))

    def _Subscript(self, node: ast.Subscript, place: Place) -> Node:
        return self._resolved(super()._Subscript(node, place))

    def _resolved(self, node: Node) -> Node:
        """Take what OmegaConf would resolve when it is read for not known."""
        text = node.value if isinstance(node.value, str) else ""
        if self.dialect == "lazy" and "${" in text:
            return unknown("an interpolation", node.place)
        return node

    def _do_With(self, node: ast.With) -> None:
        call = node.items[0].context_expr
        name = call.func if isinstance(call, ast.Call) else None
        if not isinstance(name, ast.Name) or name.id != "read_base":
            raise self.refuse(node, "a with statement is not read")
        for one in node.body:
            if not isinstance(one, ast.ImportFrom) or not one.module:
                raise self.refuse(one, "only from ... import is read below read_base")
            self._inherit(one)

    def _do_ImportFrom(self, node: ast.ImportFrom) -> None:
        if self.dialect == "lazy" and node.level:
            self._inherit(node)
        else:
            super()._do_ImportFrom(node)

    def bind(self, target: ast.expr, node: Node) -> None:
        """Assign; a name that an import gave is part of the config from then on."""
        super().bind(target, node)
        if isinstance(target, ast.Name):
            if target.id == "_base_":
                raise self.refuse(target, "_base_ is read only as a line of its own")
            self.imported.discard(target.id)

    def take_import(self, name: str, whole: str, place: Place) -> None:
        """Take an import as the name of something that is no part of the config."""
        super().take_import(name, whole, place)
        self.imported.add(name)

    def _inherit(self, node: ast.ImportFrom) -> None:
        """Copy names of another config."""
        place = self.place(node)
        name = self.sources.module(node.level, node.module or "", place)
        other = self._other(name, place)
        held = self.inherited.get(name) or other.copied(other.names, self.kind)
        if self.dialect == "read_base":  # a file is loaded once for all its imports
            self.inherited[name] = held
        pairs = [(alias.asname or alias.name, alias.name) for alias in node.names]
        if pairs[0][1] == "*":
            pairs = [(key, key) for key in held]
        mine_of = {theirs: mine for mine, theirs in pairs}
        for function, names in other.functions.items():
            self.define(function, names | {mine_of.get(name, name) for name in names})
        for mine, theirs in pairs:
            if theirs not in held:
                raise self.refuse(node, f"{theirs} is not in {Path(name).name}")
            self.names[mine] = held[theirs]
            self.imported.discard(mine)
            if theirs in other.imported:
                self.imported.add(mine)

    def _other(self, name: str, place: Place) -> "Config":
        """Work out another config in the same dialect."""
        with self.sources.text(name, place) as text:
            return _read_module(name, parse(text, name), self.sources, self.dialect)

    def known_call(self, callee: Node, call: Call) -> Node | None:
        """Copies, and what LazyConfig is written with."""
        if isinstance(callee.value, Lazy):
            if call.args:
                raise SettingsError(call.place, "L(...) has an argument without a name")
            made = {
                **call.kwargs,
                "_target_": Node(Named(callee.value.name), call.place),
            }
            return copy_tree(Node(made, call.place), self.budget, Owned)
        name = callee.value.name if isinstance(callee.value, Named) else ""
        first = call.args[0] if call.args else None
        if name == "omegaconf.OmegaConf.create":
            return copy_tree(first or Node({}, call.place), self.budget, Owned)
        if first is None:
            return None
        if name == "copy.deepcopy":
            return copy_sharing(first, self.budget, {})
        if name in ("detectron2.config.LazyCall", "detectron2.config.lazy.LazyCall"):
            target = first.value.name if isinstance(first.value, Named) else first.value
            return Node(Lazy(target if isinstance(target, str) else "?"), call.place)
        if name in _ZOO and isinstance(first.value, str):
            other = self._other(self.sources.zoo(first), call.place).root()
            return copy_tree(Node(other, call.place), self.budget, Owned)
        return Node(None, call.place) if name == "warnings.warn" else None
