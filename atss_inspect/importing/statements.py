"""Statements of a config, one after the other; one that is not known is refused."""

import ast
from collections.abc import Callable
from typing import Any

from atss_inspect.importing import calls, operators
from atss_inspect.importing.operators import key_of, reason_of
from atss_inspect.importing.syntax import Expressions, Function, OwnClass, names_in
from atss_inspect.importing.trees import Owned, copy_tree
from atss_inspect.importing.values import Named, Node, Place


class _Break(Exception):
    """``break`` in a loop."""


class _Continue(Exception):
    """``continue`` in a loop."""


class Statements(Expressions):
    """Works out the statements of one file into `names`."""

    def run(self, body: list[ast.stmt]) -> None:
        """Work out statements in order."""
        for node in body:
            self.budget.step(self.place(node))
            method: Callable[[Any], None] | None
            method = getattr(self, f"_do_{type(node).__name__}", None)
            if method is None:
                raise self.refuse(node, f"{_words(node)} is not read")
            method(node)

    def _do_Pass(self, node: ast.Pass) -> None:
        pass

    # They can only stop the config, and change nothing in it.
    _do_Assert = _do_Global = _do_Nonlocal = _do_Pass

    def _do_Expr(self, node: ast.Expr) -> None:
        before = self.unknown_calls
        self.value(node.value)
        # Of an argument it is as good as assigned: what it was given is marked.
        inner = isinstance(node.value, ast.Call) and self.unknown_call is not node.value
        if self.unknown_calls > before and not inner:
            raise self.refuse(node, "a call that may have changed anything")

    def _do_Assign(self, node: ast.Assign) -> None:
        found = self.value(node.value)
        for target in node.targets:
            self.bind(target, found)

    def _do_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        held = self.value(node.target)
        more = self.value(node.value)
        if isinstance(held.value, list) and isinstance(node.op, ast.Add):
            calls.extend(held.value, more, self.place(node), self.budget)
            return
        if isinstance(held.value, dict | list):
            raise self.refuse(node, "a change in place that is not read")
        found = operators.binary(node.op, held, more, self.place(node), self.budget)
        self.bind(node.target, found)

    def _do_If(self, node: ast.If) -> None:
        true = operators.truth(self.value(node.test))
        if true is None:
            raise self.refuse(node, "an if on what is not known")
        self.run(node.body if true else node.orelse)

    def _do_For(self, node: ast.For) -> None:
        found = calls.elements(self.value(node.iter), self.budget)
        if found is None:
            raise self.refuse(node, "a loop over what is not known")
        for one in found:
            self.bind(node.target, one)
            try:
                self.run(node.body)
            except _Break:
                return
            except _Continue:
                continue
        self.run(node.orelse)

    def _do_Break(self, node: ast.Break) -> None:
        raise _Break

    def _do_Continue(self, node: ast.Continue) -> None:
        raise _Continue

    def _do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.names.pop(target.id, None)
                continue
            held, key = self._element(target)
            try:
                del held[key]
            except LookupError as error:
                raise self.refuse(node, "there is nothing to delete") from error

    def set_element(self, target: ast.expr, node: Node) -> None:
        """Assign to an item of a list or dict, or to an attribute of a dict."""
        held, key = self._element(target)
        if isinstance(held, Owned):
            node = copy_tree(node, self.budget, type(held))
        self.budget.grow(1, self.place(target))
        try:
            held[key] = node
        except LookupError as error:
            raise self.refuse(target, "no such element") from error

    def _element(self, target: ast.expr) -> tuple[Any, Any]:
        """Find the container and the key that a statement changes."""
        if not isinstance(target, ast.Subscript | ast.Attribute):
            raise self.refuse(target, "a target that is not read")
        held = self.value(target.value)
        if isinstance(target, ast.Attribute):
            key = Node(target.attr, self.place(target))
        elif isinstance(target.slice, ast.Slice):
            raise self.refuse(target, "a change of a slice is not read")
        else:
            key = self.value(target.slice)
        if isinstance(held.value, dict):
            return held.value, key_of(key)
        if isinstance(held.value, list) and isinstance(key.value, int):
            return held.value, key.value
        why = reason_of(held, key) or "no list or dict"
        raise self.refuse(target, f"a change in what is not known ({why})")

    def _do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        for one in (*node.decorator_list, *defaults):
            self.value(one)
        self.names[node.name] = Node(Function(node.name), self.place(node))
        self.functions[node.name] = names_in(node)

    _do_AsyncFunctionDef = _do_FunctionDef

    def _do_ClassDef(self, node: ast.ClassDef) -> None:
        bases = [self.value(one) for one in node.bases]
        named = tuple(one.value.name for one in bases if isinstance(one.value, Named))
        self.names[node.name] = Node(OwnClass(node.name, named), self.place(node))

    def _do_Import(self, node: ast.Import) -> None:
        for one in node.names:
            name = one.asname or one.name.partition(".")[0]
            self._import(name, one.name if one.asname else name, self.place(node))

    def _do_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for one in node.names:
            if one.name == "*":
                self.any_name = True
            else:
                name = f"{module}.{one.name}"
                self._import(one.asname or one.name, name, self.place(node))

    def _import(self, name: str, whole: str, place: Place) -> None:
        """Take an import as the name of something; nothing is imported."""
        self.names[name] = Node(Named(whole), place)
        self.imported.add(name)


def _words(node: ast.stmt) -> str:
    """Name a statement as Python spells it."""
    name = type(node).__name__.removeprefix("Async").lower()
    return f"a {name.removesuffix('star')} statement"
