"""Statements of a config, one after the other; one that is not known is refused."""

import ast
from collections.abc import Callable
from typing import Any

from atss_inspect.importing import calls, operators
from atss_inspect.importing.changes import Function, OwnClass, defaults, free_names
from atss_inspect.importing.operators import FAILURES, NotKnown, key_of, known, rounds
from atss_inspect.importing.syntax import Expressions
from atss_inspect.importing.trees import Owned, copy_tree
from atss_inspect.importing.values import Named, Node, Place, Unknown


class _Leave(Exception):
    """``break`` or ``continue`` in a loop."""

    def __init__(self, *, ends: bool) -> None:
        self.ends = ends


class Statements(Expressions):
    """Works out the statements of one file into `names`."""

    loops = 0  # that are open

    def run(self, body: list[ast.stmt]) -> None:
        """Work out statements in order."""
        for node in body:
            self.budget.step(self.place(node))
            method: Callable[[Any], None] | None
            method = getattr(self, f"_do_{type(node).__name__}", None)
            if method is None:
                name = type(node).__name__.lower()
                raise self.refuse(node, f"a statement of kind {name} is not read")
            try:
                method(node)
            except NotKnown as error:
                raise self._changed(node, str(error)) from error
            except FAILURES as error:
                raise self._changed(node, type(error).__name__) from error

    def _changed(self, node: ast.stmt, why: str) -> Exception:
        """Make the error for a change of something that is not known."""
        return self.refuse(node, f"what is changed here is not known ({why})")

    def _do_Pass(self, node: ast.Pass) -> None:
        pass

    # They change nothing in a config.
    _do_Global = _do_Nonlocal = _do_Pass

    def _do_Assert(self, node: ast.Assert) -> None:
        self.value(node.test)

    def _do_Expr(self, node: ast.Expr) -> None:
        before = len(self.unknown_calls)
        self.value(node.value)
        new = self.unknown_calls[before:]
        # One in an argument is as good as assigned: what it was given is marked.
        if new and (node.value in new or not isinstance(node.value, ast.Call)):
            raise self.refuse(node, "a call that may have changed anything")

    def _do_Assign(self, node: ast.Assign) -> None:
        unpacks = all(isinstance(one, ast.Tuple | ast.List) for one in node.targets)
        found = (self.stream if unpacks else self.value)(node.value)
        for target in node.targets:
            self.bind(target, found)

    def _do_AnnAssign(self, node: ast.AnnAssign) -> None:
        self.skip(node.annotation)
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _do_AugAssign(self, node: ast.AugAssign) -> None:
        place = self.place(node)
        self.skip(node.target)  # it is worked out twice
        held, more = self.value(node.target), self.stream(node.value)
        if isinstance(held.value, list) and isinstance(node.op, ast.Add):
            calls.extend(held.value, more, place, self.budget)
            self.bind(node.target, held)
        elif isinstance(held.value, dict | list):
            raise self.refuse(node, "a change in place that is not read")
        elif isinstance(held.value, Unknown) or isinstance(more.value, Unknown):
            if not operators.is_number(more.value):  # it may be a list that grows
                self.taint("a change in place", held)
            self.bind(node.target, held if isinstance(held.value, Unknown) else more)
        else:
            found = operators.binary(node.op, held, more, place, self.budget)
            self.bind(node.target, found)

    def _do_If(self, node: ast.If) -> None:
        true = known(self.value(node.test))
        self.run(node.body if true else node.orelse)

    def _do_For(self, node: ast.For) -> None:
        for one in rounds(self.stream(node.iter), self.budget):
            self.bind(node.target, one)
            self.loops += 1
            try:
                self.run(node.body)
            except _Leave as leave:
                if leave.ends:
                    return
            finally:
                self.loops -= 1
        self.run(node.orelse)

    def _do_Break(self, node: ast.Break | ast.Continue) -> None:
        if not self.loops:
            raise self.refuse(node, "is outside of a loop")
        raise _Leave(ends=isinstance(node, ast.Break))

    _do_Continue = _do_Break

    def _do_Delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.names.pop(target.id, None)
            else:
                held, key = self._element(target)
                del held[key]

    def bind(self, target: ast.expr, node: Node) -> None:
        """Assign to a name, an item of a list or dict, or an attribute of a dict."""
        if not isinstance(target, ast.Subscript | ast.Attribute):
            super().bind(target, node)
            return
        held, key = self._element(target)
        if isinstance(held, Owned):
            node = copy_tree(node, self.budget, type(held))
        self.budget.grow(1, self.place(target))
        held[key] = node

    def _element(self, target: ast.expr) -> tuple[Any, Any]:
        """Find the container and the key that change; raises `NotKnown`."""
        if not isinstance(target, ast.Subscript | ast.Attribute):
            raise self.refuse(target, "a target that is not read")
        held = known(self.value(target.value))
        if isinstance(target, ast.Attribute):
            if not isinstance(held, dict):
                raise TypeError
            return held, target.attr
        key = self.value(target.slice)
        if isinstance(held, dict):
            return held, key_of(key)
        if not isinstance(held, list) or not isinstance(known(key), int):
            raise TypeError
        return held, key.value

    def _do_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        decorators = [self.value(one) for one in node.decorator_list]
        for one in defaults(node.args):
            self.value(one)
        given = [part for part in ast.walk(node.args) if isinstance(part, ast.arg)]
        noted = [node.returns, *(one.annotation for one in given)]
        self.skip(*filter(None, noted))
        self.names[node.name] = Node(Function(node.name), self.place(node))
        self.define(node.name, free_names(node))
        self.taint(f"a decorator of {node.name}", *decorators)

    _do_AsyncFunctionDef = _do_FunctionDef

    def _do_ClassDef(self, node: ast.ClassDef) -> None:
        given = [keyword.value for keyword in node.keywords]
        bases = [self.value(one) for one in (*node.bases, *node.decorator_list, *given)]
        named = tuple(one.value.name for one in bases if isinstance(one.value, Named))
        self.names[node.name] = Node(OwnClass(node.name, named), self.place(node))
        self.define(node.name, free_names(node))
        # All but its functions runs where the class is defined.
        run: list[ast.AST] = []
        for one in node.body:
            if isinstance(one, ast.FunctionDef):
                run += [*one.decorator_list, *defaults(one.args)]
            else:
                run.append(one)
        used = frozenset().union(*map(free_names, run))
        if calls.UNSAFE & used:
            raise self.refuse(node, "a class that may change anything")
        changed = [self.names[name] for name in used if name in self.names]
        # The class it is made from, if of the file, may do something too.
        own = [one for one in bases if isinstance(one.value, OwnClass | Function)]
        self.taint(f"body of the class {node.name}", *changed, *own)

    def _do_Import(self, node: ast.Import) -> None:
        for one in node.names:
            name = one.asname or one.name.partition(".")[0]
            self.take_import(name, one.name if one.asname else name, self.place(node))

    def _do_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for one in node.names:
            if one.name == "*":
                raise self.refuse(node, "an import of * may change anything")
            whole = f"{module}.{one.name}"
            self.take_import(one.asname or one.name, whole, self.place(node))

    def take_import(self, name: str, whole: str, place: Place) -> None:
        """Take an import as the name of something; nothing is imported."""
        self.names[name] = Node(Named(whole), place)
