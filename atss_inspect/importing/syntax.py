"""Expressions of Python worked out over their syntax: nothing is run or imported.

A class or function that a file names is a `Named`, and what only running it could
tell is an `Unknown` with its reason. What would change values out of sight, or fail
in Python too, raises `SettingsError` with its line.
"""

import ast
import builtins
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import calls, operators
from atss_inspect.importing.budget import Budget
from atss_inspect.importing.operators import key_of, reason_of, unknown
from atss_inspect.importing.values import Named, Node, Place, Unknown

_BUILTIN_NAMES = frozenset(dir(builtins))


def parse(text: str, name: str) -> ast.Module:
    """Parse a Python file; the parser's own limits refuse what is absurd."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd escapes in texts
            return ast.parse(text)
    except SyntaxError as error:
        place = Place(name, error.lineno or 1)
        raise SettingsError(place, "is not valid Python") from error
    except (RecursionError, MemoryError, ValueError) as error:
        raise SettingsError(name, "is not readable Python") from error


class Lazy(Named):
    """``L(Cls)`` of detectron2: a class whose call becomes a dict."""


class Function(Named):
    """A function of the file itself; its body is never entered."""


@dataclass(frozen=True, slots=True)
class OwnClass(Named):
    """A class that the file itself defines; its body is never entered."""

    bases: tuple[str, ...]  # their names


class Expressions:
    """Works out expressions of one file.

    Parameters
    ----------
    file : its name in messages
    names : what is known by name, each a node; grows by assignments
    budget : what may be spent
    before : lines of the file before the text that is worked out
    """

    def __init__(
        self, file: str, names: dict[str, Node], budget: Budget, before: int = 0
    ) -> None:
        self.file = file
        self.before = before
        self.names = names
        self.budget = budget
        self.unknown_calls = 0
        self.unknown_call: ast.Call | None = None  # the last of them
        # Containers that an unknown call was given, by identity: anything may be in them.
        self.tainted: dict[int, tuple[Any, str]] = {}
        self.imported: set[str] = set()  # names that only imports gave
        # Names that the body of each function of the file uses.
        self.functions: dict[str, frozenset[str]] = {}
        # Whether a star import may have defined any name.
        self.any_name = False

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Where a piece of syntax is."""
        return Place(self.file, self.before + node.lineno)

    def refuse(self, node: ast.expr | ast.stmt, why: str) -> SettingsError:
        """Make the error for a piece of syntax that cannot be read."""
        return SettingsError(self.place(node), why)

    def value(self, node: ast.expr) -> Node:
        """Work out one expression."""
        place = self.place(node)
        self.budget.step(place)
        method: Callable[[Any, Place], Node] | None
        method = getattr(self, f"_{type(node).__name__}", None)
        if method is None:
            self.skip(node)
            return unknown(f"{type(node).__name__} of Python", place)
        found = method(node, place)
        if self.tainted and id(found.value) in self.tainted:
            return unknown(self.tainted[id(found.value)][1], place)
        return found

    def skip(self, *nodes: ast.expr) -> None:
        """Leave out expressions; refused where they would have changed a value."""
        for node in nodes:
            for part in ast.walk(node):
                self.budget.step(self.place(node))
                if isinstance(part, ast.NamedExpr) or (
                    isinstance(part, ast.Call)
                    and isinstance(part.func, ast.Attribute)
                    and part.func.attr in calls.MUTATING
                ):
                    raise self.refuse(node, "whether a value changes here is not known")

    def taint(
        self, node: Node, reason: str, called: frozenset[str] = frozenset()
    ) -> None:
        """Mark what an unknown call was given: it may have changed anything in it."""
        value = node.value
        if id(value) in self.tainted:
            return
        if isinstance(value, dict | list | tuple):
            self.tainted[id(value)] = (value, reason)
            for _, one in node.items():
                self.taint(one, reason, called)
        elif isinstance(value, Function | Unknown):
            key = value.name if isinstance(value, Function) else value.reason
            for name in () if key in called else self.functions.get(key, ()):
                if name in self.names:
                    self.taint(self.names[name], reason, called | {key})

    def _Constant(self, node: ast.Constant, place: Place) -> Node:
        if not operators.is_scalar(node.value):
            return unknown(f"a value of type {type(node.value).__name__}", place)
        calls.integer_in_range(node.value, place)
        return Node(node.value, place)

    def _Name(self, node: ast.Name, place: Place) -> Node:
        found = self.names.get(node.id)
        if found is not None:
            return found
        if node.id in _BUILTIN_NAMES or node.id == "__file__":
            return Node(Named(node.id), place)
        if self.any_name:
            return unknown(f"the name {node.id}", place)
        raise SettingsError(place, f"the name {node.id} is not defined")

    def _List(self, node: ast.List, place: Place) -> Node:
        made = self._elements(node.elts)
        self.budget.grow(len(made), place)
        return Node(made, place)

    def _Tuple(self, node: ast.Tuple, place: Place) -> Node:
        return Node(tuple(self._List(node, place).value), place)  # type: ignore[arg-type]

    def _Set(self, node: ast.Set, place: Place) -> Node:
        self._elements(node.elts)
        return unknown("a set", place)

    def _elements(self, nodes: list[ast.expr]) -> list[Node]:
        """Work out the elements of a list or call, starred ones too."""
        made: list[Node] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found = calls.elements(self.value(node.value), self.budget)
                if found is None:
                    raise self.refuse(node, "what * spreads is not known")
                self.budget.grow(len(found), self.place(node))
                made.extend(found)
            else:
                made.append(self.value(node))
        return made

    def _Dict(self, node: ast.Dict, place: Place) -> Node:
        made: dict[Any, Node] = {}
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                made.update(self._spread(value))
            else:
                made[key_of(self.value(key))] = self.value(value)
        self.budget.grow(len(made), place)
        return Node(made, place)

    def _spread(self, node: ast.expr) -> dict[Any, Node]:
        found = self.value(node)
        if not isinstance(found.value, dict):
            raise self.refuse(node, "what ** spreads is not known")
        self.budget.grow(len(found.value), self.place(node))
        return found.value

    def _BinOp(self, node: ast.BinOp, place: Place) -> Node:
        left, right = self.value(node.left), self.value(node.right)
        return operators.binary(node.op, left, right, place, self.budget)

    def _UnaryOp(self, node: ast.UnaryOp, place: Place) -> Node:
        found = self.value(node.operand)
        if isinstance(node.op, ast.Not):
            true = operators.truth(found)
            why = reason_of(found) or ""
            return unknown(why, place) if true is None else Node(not true, place)
        if not operators.is_number(found.value):
            return unknown(reason_of(found) or "an operator on no number", place)
        try:
            return Node(operators.UNARY[type(node.op)](found.value), place)
        except TypeError:
            return unknown("an operator on no integer", place)

    def _BoolOp(self, node: ast.BoolOp, place: Place) -> Node:
        for i, operand in enumerate(node.values):
            found = self.value(operand)
            true = operators.truth(found)
            if true is None and operand is not node.values[-1]:
                self.skip(*node.values[i + 1 :])
                return unknown(reason_of(found) or "", place)
            if true != isinstance(node.op, ast.And):
                break
        return found

    def _Compare(self, node: ast.Compare, place: Place) -> Node:
        left = self.value(node.left)
        for i, (op, other) in enumerate(zip(node.ops, node.comparators, strict=True)):
            right = self.value(other)
            true = operators.compare(op, left, right, self.budget)
            if true is None:
                self.skip(*node.comparators[i + 1 :])
                return unknown(reason_of(left, right) or "a comparison", place)
            if not true:
                return Node(False, place)
            left = right
        return Node(True, place)

    def _IfExp(self, node: ast.IfExp, place: Place) -> Node:
        test = self.value(node.test)
        true = operators.truth(test)
        if true is None:
            self.skip(node.body, node.orelse)
            return unknown(reason_of(test) or "", place)
        return self.value(node.body if true else node.orelse)

    def _NamedExpr(self, node: ast.NamedExpr, _: Place) -> Node:
        self.names[node.target.id] = self.value(node.value)
        return self.names[node.target.id]

    def _Subscript(self, node: ast.Subscript, place: Place) -> Node:
        held = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            return self._sliced(held, node.slice, place)
        index = self.value(node.slice)
        why = reason_of(held, index if isinstance(index.value, Unknown) else held)
        if why is not None:
            return unknown(why, place)
        try:
            if isinstance(held.value, dict):
                return held.value[key_of(index)]
            found = held.value[index.value]
        except (LookupError, TypeError) as error:
            raise self.refuse(node, "no such element") from error
        return found if isinstance(found, Node) else Node(found, place)

    def _sliced(self, held: Node, node: ast.Slice, place: Place) -> Node:
        ends = [
            None if end is None else self.value(end)
            for end in (node.lower, node.upper, node.step)
        ]
        why = reason_of(held, *(end for end in ends if end))
        if why is not None or not isinstance(held.value, list | tuple | str):
            return unknown(why or "a slice of no list", place)
        try:
            found = held.value[slice(*(end and end.value for end in ends))]
        except (TypeError, ValueError) as error:
            raise self.refuse(
                node.lower or node.upper or node.step, "no such slice"
            ) from error  # type: ignore[arg-type]
        self.budget.grow(len(found), place)
        return Node(found, place)

    def _Attribute(self, node: ast.Attribute, place: Place) -> Node:
        held = self.value(node.value)
        if isinstance(held.value, Named) and not isinstance(held.value, Function):
            return Node(Named(f"{held.value.name}.{node.attr}"), place)
        if isinstance(held.value, dict):
            if node.attr in held.value:
                return held.value[node.attr]
            raise self.refuse(node, f"there is no {node.attr}")
        return unknown(reason_of(held) or f"attribute {node.attr}", place)

    def _JoinedStr(self, node: ast.JoinedStr, place: Place) -> Node:
        parts = [self.value(part) for part in node.values]
        why = reason_of(*parts)
        if why is not None:
            return unknown(why, place)
        text = [str(part.value) for part in parts]
        self.budget.grow(sum(map(len, text)), place)
        return Node("".join(text), place)

    def _FormattedValue(self, node: ast.FormattedValue, place: Place) -> Node:
        found = self.value(node.value)
        if node.format_spec or node.conversion not in (-1, ord("s")):
            return unknown("a format of a text", place)
        if not operators.is_scalar(found.value):
            return unknown(reason_of(found) or "a list in a text", place)
        return Node(str(found.value), place)

    def _Lambda(self, node: ast.Lambda, place: Place) -> Node:
        reason = f"a lambda of line {node.lineno}"
        self.functions[reason] = names_in(node)
        return unknown(reason, place)

    def _ListComp(self, node: ast.ListComp | ast.GeneratorExp, place: Place) -> Node:
        made: list[Node] = []
        for known in self._rounds(node.generators, [node.elt]):
            if not known:
                return unknown("a comprehension over what is not known", place)
            self.budget.grow(1, place)
            made.append(self.value(node.elt))
        return Node(made, place)

    _GeneratorExp = _ListComp

    def _DictComp(self, node: ast.DictComp, place: Place) -> Node:
        made: dict[Any, Node] = {}
        for known in self._rounds(node.generators, [node.key, node.value]):
            if not known:
                return unknown("a comprehension over what is not known", place)
            self.budget.grow(1, place)
            made[key_of(self.value(node.key))] = self.value(node.value)
        return Node(made, place)

    def _rounds(
        self, generators: list[ast.comprehension], body: list[ast.expr]
    ) -> Iterator[bool]:
        """Bind the names of a comprehension, round by round; False: not known."""
        stored = [
            part.id
            for one in generators
            for part in ast.walk(one.target)
            if isinstance(part, ast.Name)
        ]
        before = {name: self.names.get(name) for name in stored}
        try:
            yield from self._nested(generators, body)
        finally:
            for name, node in before.items():
                if node is None:
                    self.names.pop(name, None)
                else:
                    self.names[name] = node

    def _nested(
        self, generators: list[ast.comprehension], body: list[ast.expr]
    ) -> Iterator[bool]:
        first, *others = generators
        found = calls.elements(self.value(first.iter), self.budget)
        if found is None or first.is_async:
            self.skip(*body, *first.ifs, *(one.iter for one in others))
            yield False
            return
        for one in found:
            self.bind(first.target, one)
            tests = [operators.truth(self.value(test)) for test in first.ifs]
            if None in tests:
                yield False
                return
            if False in tests:
                continue
            if others:
                yield from self._nested(others, body)
            else:
                yield True

    def bind(self, target: ast.expr, node: Node) -> None:
        """Give a name, or each of several, its value."""
        self.budget.step(self.place(target))
        if isinstance(target, ast.Name):
            self.names[target.id] = node
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, node)
        else:
            self.set_element(target, node)

    def _unpack(self, target: ast.Tuple | ast.List, node: Node) -> None:
        if any(isinstance(one, ast.Starred) for one in target.elts):
            raise self.refuse(target, "an assignment to a starred name is not read")
        found = calls.elements(node, self.budget)
        if found is None:
            found = [unknown(reason_of(node) or "", node.place)] * len(target.elts)
        if len(found) != len(target.elts):
            raise self.refuse(target, "another number of values than names")
        for one, value in zip(target.elts, found, strict=True):
            self.bind(one, value)

    def set_element(self, target: ast.expr, node: Node) -> None:
        """Assign to an item or attribute; only statements can."""
        raise self.refuse(target, "an assignment that is not read")

    def _Call(self, node: ast.Call, place: Place) -> Node:
        func = node.func
        if isinstance(func, ast.Attribute):
            held = self.value(func.value)
            methods = calls.METHODS.get(_kind(held.value), frozenset())
            if func.attr in methods:
                return calls.call_method(held, self._call(node, func.attr))
            if isinstance(held.value, dict | list) and func.attr not in held.value:
                self.taint(held, f"call of {func.attr}")
        if isinstance(func, ast.Name) and func.id not in self.names:
            if func.id in calls.UNSAFE:
                raise self.refuse(node, f"calls {func.id}, which may change anything")
            if func.id in calls.BUILTINS:
                return calls.call_builtin(self._call(node, func.id))
        return self._named_call(node, place)

    def _call(self, node: ast.Call, name: str) -> calls.Call:
        """Work out the arguments of a call."""
        kwargs: dict[str, Node] = {}
        args = self._elements(node.args)
        for keyword in node.keywords:
            if keyword.arg is None:
                kwargs.update(self._spread(keyword.value))
            else:
                kwargs[keyword.arg] = self.value(keyword.value)
        return calls.Call(name, args, kwargs, self.place(node), self.budget)

    def _named_call(self, node: ast.Call, place: Place) -> Node:
        """Call what the file names: few are known, of the rest nothing is."""
        func = node.func
        if isinstance(func, ast.Attribute) and not isinstance(
            func.value, ast.Name | ast.Attribute
        ):
            callee = unknown(f"call of {func.attr}", place)
        else:
            callee = self.value(func)
        name = callee.value.name if isinstance(callee.value, Named) else "a value"
        call = self._call(node, name)
        known = self.known_call(callee, call)
        if known is not None:
            return known
        self.unknown_calls += 1
        self.unknown_call = node
        reason = f"call of {name}"
        for one in (callee, *call.args, *call.kwargs.values()):
            self.taint(one, reason)
        return unknown(reason, place)

    def known_call(self, callee: Node, call: calls.Call) -> Node | None:
        """Work out a call of a class or function known by its whole name, or None."""
        return None


def _kind(value: Any) -> type:
    """The type whose methods a value has."""
    for kind in (dict, list, tuple, str):
        if isinstance(value, kind):
            return kind
    return object


def names_in(node: ast.AST) -> frozenset[str]:
    """List the names that a function uses."""
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))
