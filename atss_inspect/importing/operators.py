"""Operators of Python on nodes: what is not known stays so, nothing grows unseen."""

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from atss_inspect.importing.budget import Budget, integer_in_range
from atss_inspect.importing.trees import Dict, Inherited, copy_tree, update_deep
from atss_inspect.importing.values import Named, Node, Place, Unknown, node_of

ADD = ast.Add()
_BINARY: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_ORDER: Mapping[type, Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
UNARY: Mapping[type, Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
    ast.Not: operator.not_,
}
# What Python raises for values that do not fit.
FAILURES = (ArithmeticError, TypeError, ValueError, LookupError, AttributeError)
# No power or shift of integers that gives more bits is worked out.
_MOST_BITS = 200
_LARGEST_KEY = 100  # values in tuples


class Stream(list[Node]):
    """What Python would make while it is looped over, and what it is made from."""

    def __init__(self, made: Iterable[Node], *sources: Any) -> None:
        super().__init__(made)
        self.sources: list[tuple[Any, list[Any]]] = []
        for one in sources:
            if isinstance(one, Stream):
                self.sources += one.sources
            elif isinstance(one, list | dict):
                self.sources.append((one, _held(one)))

    def require_unchanged(self, place: Place, budget: Budget) -> None:
        """Raise `NotKnown` where a loop changes what it loops over."""
        for source, before in self.sources:
            budget.work(len(before), place)
            now = _held(source)
            if len(now) != len(before) or any(map(operator.is_not, now, before)):
                reason = "a loop changes what it loops over"
                raise NotKnown(reason)


def _held(source: Any) -> list[Any]:
    return list(source.values() if isinstance(source, dict) else source)


class NotKnown(Exception):
    """Only running the config could tell; the message is the reason."""


def unknown(reason: str, place: Place) -> Node:
    """Make a value that only running the config could tell."""
    return Node(Unknown(reason), place)


def known(node: Node) -> Any:
    """Take the value of a node; raises `NotKnown` for an `Unknown` or `Named`."""
    if isinstance(node.value, Unknown):
        raise NotKnown(node.value.reason)
    if isinstance(node.value, Named):
        reason = f"value of {node.value.name}"
        raise NotKnown(reason)
    return node.value


def is_number(value: Any) -> bool:
    """Whether it is a bool, an integer or a float."""
    return isinstance(value, bool | int | float)


def is_scalar(value: Any) -> bool:
    """Whether it is a number, a text or None."""
    return value is None or isinstance(value, bool | int | float | str)


def binary(
    op: ast.operator, left: Node, right: Node, place: Place, budget: Budget
) -> Node:
    """Work out ``left op right``; texts and lists are counted before they are made."""
    a, b = known(left), known(right)
    inherits = isinstance(a, Inherited) or isinstance(b, Inherited)
    if inherits and isinstance(op, ast.BitOr) and isinstance(a, dict):
        merged: Dict = copy_tree(left, budget, Inherited).value
        update_deep(copy_tree(right, budget, Inherited).value, merged)
        return Node(merged, place)
    if is_number(a) and is_number(b):
        _refuse_growth(op, a, b, place)
    elif isinstance(op, ast.Add | ast.BitOr):
        budget.grow(len(a) + len(b), place)
    elif isinstance(op, ast.Mult):
        size, times = (len(b), a) if is_number(a) else (len(a), b)
        budget.grow(size * max(times, 0), place)
    else:  # such as % of a text, which a width in it could make endless
        reason = "an operator on a text or list"
        raise NotKnown(reason)
    value = _BINARY[type(op)](a, b)
    integer_in_range(value, place)
    if isinstance(value, complex):
        reason = "a complex number"
        raise NotKnown(reason)
    return Node(value, place)


def _refuse_growth(op: ast.operator, a: Any, b: Any, place: Place) -> None:
    """Refuse a power or shift of integers before it is worked out."""
    if isinstance(a, float) or isinstance(b, float) or b < 0:
        return
    bits = int(a).bit_length()
    power = isinstance(op, ast.Pow) and bits > 1 and bits * b > _MOST_BITS
    if power or (isinstance(op, ast.LShift) and bits + b > _MOST_BITS):
        integer_in_range(1 << _MOST_BITS, place)


def compare(op: ast.cmpop, left: Node, right: Node, budget: Budget) -> bool:
    """Work out one comparison; raises `NotKnown`."""
    if isinstance(op, ast.Is | ast.IsNot):
        return _identical(left, right) == isinstance(op, ast.Is)
    if isinstance(op, ast.Eq | ast.NotEq):
        return equal(left, right, budget) == isinstance(op, ast.Eq)
    if isinstance(op, ast.In | ast.NotIn):
        return _contains(known(right), left, budget) == isinstance(op, ast.In)
    if not is_scalar(known(left)) or not is_scalar(known(right)):
        reason = "an order of lists"
        raise NotKnown(reason)
    return _ORDER[type(op)](left.value, right.value)


def _identical(left: Node, right: Node) -> bool:
    """Work out ``is``, where it does not depend on how Python keeps numbers."""
    a, b = left.value, right.value
    sure = (type(None), bool, list, dict, Named)
    if isinstance(a, Named) and a == b:
        return True
    certain = isinstance(a, sure) or isinstance(b, sure)
    if certain and not isinstance(a, Unknown) and not isinstance(b, Unknown):
        return a is b
    reason = "whether two values are the same one"
    raise NotKnown(reason)


def equal(left: Node, right: Node, budget: Budget) -> bool:
    """Whether two values are equal as Python has it; raises `NotKnown`."""
    budget.step(left.place)
    if isinstance(left.value, Named) and left.value == right.value:
        return True
    a, b = known(left), known(right)
    if isinstance(a, dict) and isinstance(b, dict):
        same = a.keys() == b.keys()
        return same and all(_same(a[key], b[key], budget) for key in a)
    if type(a) is type(b) and isinstance(a, list | tuple):
        pairs = zip(a, b, strict=False)
        return len(a) == len(b) and all(_same(*pair, budget) for pair in pairs)
    if isinstance(a, str):
        budget.work(len(a), left.place)
    return bool(a == b)


def _contains(holder: Any, wanted: Node, budget: Budget) -> bool:
    """Work out ``wanted in holder``."""
    if isinstance(holder, str):
        budget.work(len(holder), wanted.place)
        return known(wanted) in holder
    if isinstance(holder, dict):
        return key_of(wanted) in holder
    return any(_same(one, wanted, budget) for one in holder)


def _same(left: Node, right: Node, budget: Budget) -> bool:
    """Whether two elements are equal; the same NaN is."""
    is_nan = isinstance(left.value, float) and left.value is right.value
    return is_nan or equal(left, right, budget)


def key_of(node: Node, room: list[int] | None = None) -> Any:
    """Take a value as a key of a dict: scalars, classes and tuples of a few of them."""
    room = room or [_LARGEST_KEY]
    room[0] -= 1
    if room[0] < 1:
        reason = "a key of many values"
        raise NotKnown(reason)
    if isinstance(node.value, tuple):
        return tuple(key_of(one, room) for one in node.value)
    if is_scalar(node.value) or isinstance(node.value, Named):
        return node.value
    known(node)
    raise TypeError


def rounds(node: Node, budget: Budget) -> Iterator[Node]:
    """What a loop over a value meets, also of what the loop adds to a list."""
    if not isinstance(node.value, Stream):
        yield from (
            node.value if isinstance(node.value, list) else elements(node, budget)
        )
        return
    for one in elements(node, budget):
        yield one
        node.value.require_unchanged(node.place, budget)


def elements(node: Node, budget: Budget) -> list[Node]:
    """List what a value holds, of a dict its keys; raises `NotKnown`."""
    value = known(node)
    if isinstance(value, list | tuple):
        budget.work(len(value), node.place)
        return list(value)
    if not isinstance(value, dict | str):
        raise TypeError
    budget.grow(len(value), node.place)
    return [node_of(one, node.place) for one in value]
