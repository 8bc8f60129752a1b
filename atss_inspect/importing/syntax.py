"""Expressions of Python worked out over their syntax: nothing is run or imported.

A class or function that a file names is a `Named`, and what only running it could
tell is an `Unknown` with its reason. What would change values out of sight, or fail
in Python too, raises `SettingsError` with its line.
"""

import ast
import builtins
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import calls, operators
from atss_inspect.importing.budget import integer_in_range
from atss_inspect.importing.changes import (
    Changes,
    Function,
    OwnClass,
    defaults,
    free_names,
    names_in,
)
from atss_inspect.importing.operators import (
    FAILURES,
    NotKnown,
    Stream,
    elements,
    key_of,
    known,
    rounds,
    unknown,
)
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Named, Node, Place, Unknown, node_of

_BUILTIN_NAMES = frozenset(dir(builtins)) | {"__file__"}


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


def parse_expression(text: str) -> ast.expr | None:
    """Parse one expression; None where a text is none."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class Expressions(Changes):
    """Works out expressions of one file."""

    def value(self, node: ast.expr) -> Node:
        """Work out one expression; of what can be looped over once, nothing is known.

        A generator that is kept may do its work later, or never.
        """
        if isinstance(node, ast.GeneratorExp):
            self.skip(node)
            return self.lost(node, "a generator")
        found = self.stream(node)
        if isinstance(found.value, Stream):
            return self.lost(node, "what can be looped over only once")
        return found

    def stream(self, node: ast.expr) -> Node:
        """Work out one expression that is looped over at once, if at all."""
        place = self.place(node)
        self.budget.step(place)
        method: Callable[[Any, Place], Node] | None
        method = getattr(self, f"_{type(node).__name__}", None)
        try:
            if method is None:
                self.skip(node)
                return self.lost(node, f"{type(node).__name__} of Python")
            found: Node = method(node, place)
        except NotKnown as reason:
            return self.lost(node, str(reason))
        except FAILURES as error:
            return self.lost(node, f"a {type(error).__name__}")
        if self.tainted and id(found.value) in self.tainted:
            return unknown(self.tainted[id(found.value)][1], place)
        return found

    def bind(self, target: ast.expr, node: Node) -> None:
        """Bind a name, or each of several, to its value."""
        self.budget.step(self.place(target))
        if isinstance(target, ast.Name):
            self.names[target.id] = node
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, node)
        else:
            raise self.refuse(target, "an assignment that is not read")

    def _unpack(self, target: ast.Tuple | ast.List, node: Node) -> None:
        if isinstance(node.value, Unknown):
            found = [node] * len(target.elts)
        else:
            found = elements(node, self.budget)
        starred = any(isinstance(one, ast.Starred) for one in target.elts)
        if starred or len(found) != len(target.elts):
            raise self.refuse(target, "another number of values than names")
        for one, value in zip(target.elts, found, strict=True):
            self.bind(one, value)

    def _Constant(self, node: ast.Constant, place: Place) -> Node:
        if not operators.is_scalar(node.value):
            return unknown(f"a value of type {type(node.value).__name__}", place)
        integer_in_range(node.value, place)
        return Node(node.value, place)

    def _Name(self, node: ast.Name, place: Place) -> Node:
        found = self.names.get(node.id)
        if found is not None:
            return found
        if node.id in calls.UNSAFE:
            raise SettingsError(place, f"uses {node.id}, which may change anything")
        if node.id in _BUILTIN_NAMES:
            return Node(Named(node.id), place)
        raise SettingsError(place, f"the name {node.id} is not defined")

    def _List(self, node: ast.List | ast.Tuple, place: Place) -> Node:
        made = self._elements(node.elts)
        self.budget.grow(len(made), place)
        return Node(made, place)

    def _Tuple(self, node: ast.Tuple, place: Place) -> Node:
        return Node(tuple(self._List(node, place).value), place)

    def _Set(self, node: ast.Set, place: Place) -> Node:
        self._elements(node.elts)
        return unknown("a set", place)

    def _elements(self, nodes: list[ast.expr], *, loops: bool = False) -> list[Node]:
        """Work out the elements of a list or call, starred ones too."""
        made: list[Node] = []
        for node in nodes:
            if not isinstance(node, ast.Starred):
                made.append((self.stream if loops else self.value)(node))
                continue
            try:
                calls.extend(
                    made, self.stream(node.value), self.place(node), self.budget
                )
            except (NotKnown, *FAILURES) as error:
                raise self.refuse(node, "what * spreads is not known") from error
        return made

    def _Dict(self, node: ast.Dict, place: Place) -> Node:
        pairs: list[tuple[Node, Node]] = []
        for key, value in zip(node.keys, node.values, strict=True):
            if key is None:
                spread = self._spread(value)
                pairs += [(node_of(name, place), spread[name]) for name in spread]
            else:
                pairs.append((self.value(key), self.value(value)))
        self.budget.grow(len(pairs), place)
        return Node(_keyed(pairs), place)

    def _spread(self, node: ast.expr) -> Dict:
        found = self.value(node)
        if not isinstance(found.value, dict):
            raise self.refuse(node, "what ** spreads is not known")
        self.budget.grow(len(found.value), self.place(node))
        return found.value

    def _BinOp(self, node: ast.BinOp, place: Place) -> Node:
        left, right = self.value(node.left), self.value(node.right)
        return operators.binary(node.op, left, right, place, self.budget)

    def _UnaryOp(self, node: ast.UnaryOp, place: Place) -> Node:
        found = known(self.value(node.operand))
        return Node(operators.UNARY[type(node.op)](found), place)

    def _test(self, node: ast.expr, *skipped: ast.expr) -> tuple[Node, bool]:
        """Work out a test; where it is not known, others would have been left out."""
        found = self.value(node)
        try:
            return found, bool(known(found))
        except NotKnown:
            self.skip(*skipped)
            raise

    def _BoolOp(self, node: ast.BoolOp, _: Place) -> Node:
        for i, operand in enumerate(node.values[:-1]):
            found, true = self._test(operand, *node.values[i + 1 :])
            if true != isinstance(node.op, ast.And):
                return found
        return self.value(node.values[-1])

    def _Compare(self, node: ast.Compare, place: Place) -> Node:
        left = self.value(node.left)
        for i, (op, other) in enumerate(zip(node.ops, node.comparators, strict=True)):
            contains = isinstance(op, ast.In | ast.NotIn)
            right = (self.stream if contains else self.value)(other)
            try:
                true = operators.compare(op, left, right, self.budget)
            except (NotKnown, *FAILURES):
                self.skip(*node.comparators[i + 1 :])
                raise
            if not true:
                return Node(False, place)
            left = right
        return Node(True, place)

    def _IfExp(self, node: ast.IfExp, _: Place) -> Node:
        true = self._test(node.test, node.body, node.orelse)[1]
        return self.value(node.body if true else node.orelse)

    def _NamedExpr(self, node: ast.NamedExpr, _: Place) -> Node:
        self.bind(node.target, self.value(node.value))
        return self.names[node.target.id]

    def _Lambda(self, node: ast.Lambda, place: Place) -> Node:
        reason = f"a lambda of line {place.line}"
        for default in defaults(node.args):
            self.value(default)
        self.define(reason, free_names(node))
        return unknown(reason, place)

    def _Subscript(self, node: ast.Subscript, place: Place) -> Node:
        held = self.value(node.value)
        index = self.value(node.slice)
        try:
            whole = isinstance(known(held), dict)
            part = held.value[key_of(index) if whole else known(index)]
        except LookupError as error:
            raise self.refuse(node, "there is no such element") from error
        if isinstance(part, Node):
            return part
        self.budget.grow(len(part), place)
        return Node(part, place)

    def _Slice(self, node: ast.Slice, place: Place) -> Node:
        ends = [end and self.value(end) for end in (node.lower, node.upper, node.step)]
        return Node(slice(*(end and known(end) for end in ends)), place)

    def _Attribute(self, node: ast.Attribute, place: Place) -> Node:
        held = self.value(node.value).value
        if node.attr in calls.INNARDS:
            raise self.refuse(node, f"uses {node.attr}, which may change anything")
        if isinstance(held, dict):
            if node.attr in held:
                found: Node = held[node.attr]
                return found
            raise self.refuse(node, f"there is no {node.attr}")
        if isinstance(held, Named) and not isinstance(held, Function | OwnClass):
            return Node(Named(f"{held.name}.{node.attr}"), place)
        raise NotKnown(getattr(held, "reason", f"attribute {node.attr}"))

    def _JoinedStr(self, node: ast.JoinedStr, place: Place) -> Node:
        parts = [self.value(part) for part in node.values]
        texts = [known(part) for part in parts]
        self.budget.grow(sum(map(len, texts)), place)
        return Node("".join(texts), place)

    def _FormattedValue(self, node: ast.FormattedValue, place: Place) -> Node:
        found = known(self.value(node.value))
        if node.format_spec is not None:
            self.value(node.format_spec)
        plain = node.format_spec is None and node.conversion in (-1, ord("s"))
        if not plain or not operators.is_scalar(found):
            return unknown("a format of a text", place)
        return Node(str(found), place)

    def _ListComp(self, node: ast.ListComp | ast.GeneratorExp, place: Place) -> Node:
        made: list[Node] = []
        for _ in self._rounds(node.generators, node.elt):
            self.budget.grow(1, place)
            made.append(self.value(node.elt))
        return Node(made, place)

    def _GeneratorExp(self, node: ast.GeneratorExp, place: Place) -> Node:
        self.unchanging(node)  # who takes it may stop early
        return Node(Stream(self._ListComp(node, place).value), place)

    def _DictComp(self, node: ast.DictComp, place: Place) -> Node:
        made: list[tuple[Node, Node]] = []
        for _ in self._rounds(node.generators, node.key, node.value):
            self.budget.grow(1, place)
            made.append((self.value(node.key), self.value(node.value)))
        return Node(_keyed(made), place)

    def _rounds(
        self, generators: list[ast.comprehension], *body: ast.expr
    ) -> Iterator[None]:
        """Bind the names of a comprehension, round by round; raises `NotKnown`."""
        bound = frozenset().union(*(names_in(one.target) for one in generators))
        before = {name: self.names[name] for name in bound if name in self.names}
        try:
            yield from self._nested(generators, body)
        except (NotKnown, *FAILURES):
            self.skip(*body, *(one.iter for one in generators))
            raise
        finally:
            for name in bound:
                self.names.pop(name, None)
            self.names.update(before)

    def _nested(
        self, generators: list[ast.comprehension], body: tuple[ast.expr, ...]
    ) -> Iterator[None]:
        first, *others = generators
        for one in rounds(self.stream(first.iter), self.budget):
            self.bind(first.target, one)
            if not all(self._test(test)[1] for test in first.ifs):
                continue
            if others:
                yield from self._nested(others, body)
            else:
                yield

    def _Call(self, node: ast.Call, place: Place) -> Node:
        func = node.func
        if isinstance(func, ast.Attribute):
            held = self.value(func.value)
            for kind, methods in calls.METHODS.items():
                if isinstance(held.value, kind) and func.attr in methods:
                    return calls.call_method(held, self._call(node, func.attr))
            if isinstance(held.value, str):  # it changes nothing
                self._call(node, func.attr)
                return unknown(f"call of {func.attr}", place)
            callee = self._attribute_of(held, func, place)
        elif isinstance(func, ast.Name) and func.id not in self.names:
            if func.id in calls.UNSAFE:
                message = f"calls {func.id}, which may change anything"
                raise self.refuse(node, message)
            # A function that orders elements may change anything.
            keyed = any(keyword.arg == "key" for keyword in node.keywords)
            if func.id == "dict" or (func.id in calls.BUILTINS and not keyed):
                return calls.BUILTINS[func.id](self._call(node, func.id))
            callee = self.value(func)
        else:
            callee = self.value(func)
        return self._named_call(node, callee)

    def _attribute_of(self, held: Node, func: ast.Attribute, place: Place) -> Node:
        """Take a function out of what is before its dot, which it may change."""
        self.taint(f"call of {func.attr}", held)
        if isinstance(held.value, Named) and not isinstance(held.value, Function):
            return Node(Named(f"{held.value.name}.{func.attr}"), place)
        return unknown(f"call of {func.attr}", place)

    def _call(self, node: ast.Call, name: str) -> calls.Call:
        """Work out the arguments of a call."""
        args = self._elements(node.args, loops=name in calls.LOOPING)
        kwargs: Dict = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                kwargs.update(self._spread(keyword.value))
            else:
                kwargs[keyword.arg] = self.value(keyword.value)
        return calls.Call(name, args, kwargs, self.place(node), self.budget)

    def _named_call(self, node: ast.Call, callee: Node) -> Node:
        """Call what the file names: few are known, of the rest nothing is."""
        held = callee.value
        name = held.name if isinstance(held, Named) else "a value"
        if isinstance(held, Named) and held.last in calls.UNSAFE:
            raise self.refuse(node, f"calls {held.last}, which may change anything")
        call = self._call(node, name)
        found = self.known_call(callee, call)
        if found is not None:
            return found
        self.unknown_calls.append(node)
        reason = held.reason if isinstance(held, Unknown) else f"call of {name}"
        self.taint(reason, callee, *call.args, *call.kwargs.values())
        return unknown(reason, call.place)

    def known_call(self, callee: Node, call: calls.Call) -> Node | None:  # noqa: ARG002
        """Work out a call of what is known by its whole name; None of anything else."""
        return None


def _keyed(pairs: list[tuple[Node, Node]]) -> Dict:
    return {key_of(key): value for key, value in pairs}
