"""Python configs with what they inherit, in the three ways of frameworks.

``mmengine``: a list ``_base_`` of files; own names are merged into theirs key by key.
``read_base``: imports below ``with read_base():`` copy the names of another config.
``lazy``: relative imports do, and ``L(Cls)(...)`` is a dict with ``_target_``.
"""

import ast
import os
from typing import Literal

from atss_inspect.errors import SettingsError
from atss_inspect.importing import templates
from atss_inspect.importing.calls import Call
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.scripts import torchvision_call
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.statements import Statements
from atss_inspect.importing.syntax import Expressions, Function, Lazy, parse
from atss_inspect.importing.trees import Dict, Inherited, Owned, copy_tree, merge_config
from atss_inspect.importing.values import Named, Node, Place

Dialect = Literal["mmengine", "read_base", "lazy"]
# A package's folder of configs is named by these calls; detectron2 keeps a copy.
_ZOO = ("detectron2.model_zoo.get_config", "detectron2.model_zoo.model_zoo.get_config")


def dialect_of(tree: ast.Module) -> Dialect:
    """Tell from its imports how a Python config inherits."""
    found: Dialect = "mmengine"
    for node in tree.body:
        if isinstance(node, ast.With):
            return "read_base"
        if _is_base_line(node):
            return "mmengine"
        if isinstance(node, ast.ImportFrom):
            package = (node.module or "").partition(".")[0]
            if node.level or package in ("detectron2", "omegaconf"):
                found = "lazy"
    return found


def read_python(name: str, place: Place | None, sources: Sources) -> tuple[Dict, str]:
    """Read a Python config with its bases, or a script that builds a detector."""
    with sources.text(name, place) as text:
        tree = parse(templates.fill(text, name), name)
        dialect = dialect_of(tree)
        if place is None and dialect == "mmengine":
            call = torchvision_call(tree, name)
            if call is not None:
                return call.value, "script"
        if dialect == "mmengine":
            return _read_mmengine(name, tree, sources), dialect
        return _read_module(name, tree, sources, dialect).root(), dialect


def _is_base_line(node: ast.stmt) -> bool:
    """Whether a statement is ``_base_ = ...``."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id == "_base_"
    )


def _read_mmengine(name: str, tree: ast.Module, sources: Sources) -> Dict:
    lines = [node for node in tree.body if _is_base_line(node)]
    base: Dict = Inherited()
    if lines and isinstance(lines[0], ast.Assign):
        base = _bases(lines[0].value, name, sources)
    config = Config(name, sources, "mmengine")
    config.names["_base_"] = Node(base, Place(name, 1))
    config.run([node for node in tree.body if not _is_base_line(node)])
    del config.names["_base_"]
    if config.tainted:
        copied = copy_tree(
            Node(base, Place(name, 1)), sources.budget, None, config.tainted
        )
        base = copied.value
    own = config.root()
    own.pop("_deprecation_", None)
    merge_config(own, base)
    return base


def _bases(value: ast.expr, name: str, sources: Sources) -> Dict:
    """Work out what ``_base_`` lists, and read it."""
    return inherit(Expressions(name, {}, sources.budget).value(value), sources)


def inherit(listed: Node, sources: Sources) -> Dict:
    """Read the bases of a config of mmengine; a name in two of them is refused."""
    nodes = listed.value if isinstance(listed.value, list) else [listed]
    base: Dict = Inherited()
    for node in nodes:
        if not isinstance(node.value, str):
            raise SettingsError(node.place, "a base is not written down as a text")
        held = sources.read(sources.base(node.value, node.place), node.place, sources)
        twice = held.keys() & base.keys()
        if twice:
            message = f"two bases both have {min(map(str, twice))}"
            raise SettingsError(node.place, message)
        scope, colons, _ = node.value.partition("::")
        if colons:
            held = {key: _scoped(one, scope) for key, one in held.items()}
        base.update(_inherited(held, node.place, sources, Inherited))
    return base


def _inherited(held: Dict, place: Place, sources: Sources, kind: type[Dict]) -> Dict:
    """Copy what comes from another file, as dicts of a kind."""
    copied: Dict = copy_tree(Node(held, place), sources.budget, kind).value
    return copied


def _scoped(node: Node, scope: str) -> Node:
    """Add ``_scope_`` to the outermost dicts that name a type, as mmengine does."""
    if isinstance(node.value, dict):
        if "type" in node.value:
            return Node({"_scope_": Node(scope, node.place), **node.value}, node.place)
        held = {key: _scoped(one, scope) for key, one in node.value.items()}
        return Node(held, node.place)
    if isinstance(node.value, list | tuple):
        return Node(
            type(node.value)(_scoped(one, scope) for one in node.value), node.place
        )
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
        super().__init__(name, {}, sources.budget)
        self.names["__name__"] = Node("builtins", Place(name, 1))
        self.sources = sources
        self.dialect = dialect
        self.kind: type[Dict] = Owned if dialect == "lazy" else Inherited

    def root(self) -> Dict:
        """What the file says as a config: its names without imports and functions."""
        own = {
            key: node
            for key, node in self.names.items()
            if not key.startswith("__")
            and key not in self.imported
            and not isinstance(node.value, Function)
        }
        place = Place(self.file, 1)
        copied: Dict
        copied = copy_tree(Node(own, place), self.budget, dict, self.tainted).value
        return copied

    def _Constant(self, node: ast.Constant, place: Place) -> Node:
        if isinstance(node.value, str) and node.value.startswith(templates.MARK):
            base = self.names.get("_base_")
            return templates.marked(node.value, base.value if base else {}, place)
        return super()._Constant(node, place)

    def _Attribute(self, node: ast.Attribute, place: Place) -> Node:
        return self._uninterpolated(super()._Attribute(node, place), place)

    def _Subscript(self, node: ast.Subscript, place: Place) -> Node:
        return self._uninterpolated(super()._Subscript(node, place), place)

    def _uninterpolated(self, node: Node, place: Place) -> Node:
        """Take what OmegaConf would resolve when it is read for not known."""
        if (
            self.dialect == "lazy"
            and isinstance(node.value, str)
            and "${" in node.value
        ):
            return unknown("an interpolation", place)
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

    def _inherit(self, node: ast.ImportFrom) -> None:
        """Copy names of another config."""
        place = self.place(node)
        name = self.sources.module(node.level, node.module or "", place)
        other = self._other(name, place)
        held = _inherited(other.names, place, self.sources, self.kind)
        for alias in node.names:
            if alias.name == "*":
                self.names |= held
                self.imported |= other.imported
                self.functions |= other.functions
            elif alias.name in held:
                self.names[alias.asname or alias.name] = held[alias.name]
            else:
                raise self.refuse(
                    node, f"{alias.name} is not in {os.path.basename(name)}"
                )

    def _other(self, name: str, place: Place) -> "Config":
        """Work out another config in the same dialect."""
        with self.sources.text(name, place) as text:
            return _read_module(name, parse(text, name), self.sources, self.dialect)

    def known_call(self, callee: Node, call: Call) -> Node | None:
        """Copies, and what LazyConfig is written with."""
        if isinstance(callee.value, Lazy):
            return self._lazy(callee.value, call)
        if not isinstance(callee.value, Named):
            return None
        name = callee.value.name
        if name == "copy.deepcopy" and len(call.args) == 1:
            return copy_tree(call.args[0], self.budget)
        if name == "warnings.warn":
            return Node(None, call.place)
        if callee.value.last == "LazyCall" and len(call.args) == 1:
            target = call.args[0].value
            named = target if isinstance(target, str) else getattr(target, "name", None)
            return Node(Lazy(named or "unknown"), call.place)
        if name == "omegaconf.OmegaConf.create":
            made = call.args[0] if call.args else Node({}, call.place)
            return copy_tree(made, self.budget, Owned)
        if name in _ZOO and call.args and isinstance(call.args[0].value, str):
            return self._zoo(call.args[0].value, call.place)
        return None

    def _lazy(self, target: Lazy, call: Call) -> Node:
        """Take the call of a class as a dict, as detectron2's LazyCall does."""
        if call.args:
            raise SettingsError(call.place, "L(...) with an argument without a name")
        made = {**call.kwargs, "_target_": Node(Named(target.name), call.place)}
        return copy_tree(Node(made, call.place), self.budget, Owned)

    def _zoo(self, written: str, place: Place) -> Node:
        """Read a config of detectron2's model zoo."""
        folder = self.sources.package("detectron2", place)
        inside = (folder / "model_zoo" / "configs", folder.parent / "configs")
        found = [one / written for one in (*inside, folder / "configs", folder)]
        name = next((str(one) for one in found if one.is_file()), None)
        if name is None:
            return unknown(
                "a config of detectron2's model zoo that is not there", place
            )
        held = self._other(name, place).root()
        return Node(_inherited(held, place, self.sources, Owned), place)
