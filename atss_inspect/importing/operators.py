"""Operators of Python on nodes: what is not known stays so, and nothing grows unseen."""

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.budget import Budget, integer_in_range
from atss_inspect.importing.values import Named, Node, Place, Unknown

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
}
# What Python raises for operands that do not fit.
FAILURES = (ArithmeticError, TypeError, ValueError, LookupError, AttributeError)


def unknown(reason: str, place: Place) -> Node:
    """Make a value that only running the config could tell."""
    return Node(Unknown(reason), place)


def reason_of(*nodes: Node) -> str | None:
    """Tell why one of these is not known; None where all are."""
    for node in nodes:
        if isinstance(node.value, Unknown):
            return node.value.reason
        if isinstance(node.value, Named):
            return f"value of {node.value.name}"
    return None


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
    why = reason_of(left, right)
    if why is not None:
        return unknown(why, place)
    a, b = left.value, right.value
    if is_number(a) and is_number(b):
        _refuse_growth(op, a, b, place)
    elif isinstance(op, ast.Add) and _same_kind(a, b):
        budget.grow(len(a) + len(b), place)
    elif isinstance(op, ast.Mult) and _is_repeat(a, b):
        size, times = (len(a), b) if isinstance(b, int) else (len(b), a)
        budget.grow(size * max(times, 0), place)
    elif isinstance(op, ast.BitOr) and isinstance(a, dict) and isinstance(b, dict):
        budget.grow(len(a) + len(b), place)
    else:
        return unknown("an operator on values it does not fit", place)
    try:
        value = _BINARY[type(op)](a, b)
    except (*FAILURES, KeyError) as error:
        return unknown(f"{type(error).__name__} at an operator", place)
    integer_in_range(value, place)
    return (
        unknown("a complex number", place)
        if isinstance(value, complex)
        else Node(value, place)
    )


def _refuse_growth(op: ast.operator, a: Any, b: Any, place: Place) -> None:
    """Refuse a power or shift of integers before it is worked out."""
    if isinstance(a, float) or isinstance(b, float) or b < 0:
        return
    bits = int(a).bit_length()
    if (isinstance(op, ast.Pow) and bits > 1 and bits * b > 200) or (
        isinstance(op, ast.LShift) and bits + b > 200
    ):
        integer_in_range(10**30, place)


def _same_kind(a: Any, b: Any) -> bool:
    """Whether two values can be joined by ``+``."""
    return any(
        isinstance(a, kind) and isinstance(b, kind) for kind in (str, list, tuple)
    )


def _is_repeat(a: Any, b: Any) -> bool:
    """Whether one is a list or text and the other how often to repeat it."""
    return (isinstance(a, str | list | tuple) and isinstance(b, int)) or (
        isinstance(a, int) and isinstance(b, str | list | tuple)
    )


def truth(node: Node) -> bool | None:
    """Whether Python takes a value for true; None where it is not known."""
    return None if reason_of(node) else bool(node.value)


def compare(op: ast.cmpop, left: Node, right: Node, budget: Budget) -> bool | None:
    """Work out one comparison; None where it is not known."""
    if isinstance(op, ast.Is | ast.IsNot):
        return _identical(op, left, right)
    if reason_of(left, right):
        return None
    if isinstance(op, ast.Eq | ast.NotEq):
        same = equal(left, right, budget)
        return None if same is None else same == isinstance(op, ast.Eq)
    if isinstance(op, ast.In | ast.NotIn):
        held = contains(right, left, budget)
        return None if held is None else held == isinstance(op, ast.In)
    if is_scalar(left.value) and is_scalar(right.value):
        try:
            return _ORDER[type(op)](left.value, right.value)
        except TypeError:
            return None
    return None


def _identical(op: ast.cmpop, left: Node, right: Node) -> bool | None:
    """Work out ``is`` where None or the same container makes it certain."""
    if isinstance(left.value, Unknown) or isinstance(right.value, Unknown):
        return None
    if left.value is None or right.value is None:
        return (left.value is right.value) == isinstance(op, ast.Is)
    if is_scalar(left.value) and is_scalar(right.value):
        certain = isinstance(left.value, bool) and isinstance(right.value, bool)
        return (
            (left.value is right.value) == isinstance(op, ast.Is) if certain else None
        )
    return (left.value is right.value) == isinstance(op, ast.Is)


def equal(left: Node, right: Node, budget: Budget) -> bool | None:
    """Whether two values are equal as Python has it; None where it is not known."""
    budget.step(left.place)
    a, b = left.value, right.value
    if isinstance(a, Named) and isinstance(b, Named) and a.name == b.name:
        return True
    if reason_of(left, right):
        return None
    if isinstance(a, dict) and isinstance(b, dict):
        if a.keys() != b.keys():
            return False
        pairs = [(a[key], b[key]) for key in a]
    elif any(isinstance(a, kind) and isinstance(b, kind) for kind in (list, tuple)):
        if len(a) != len(b):
            return False
        pairs = list(zip(a, b, strict=True))
    else:
        return bool(a == b)
    answers = [equal(one, other, budget) for one, other in pairs]
    return False if False in answers else (None if None in answers else True)


def contains(holder: Node, wanted: Node, budget: Budget) -> bool | None:
    """Work out ``wanted in holder``; None where it is not known."""
    if isinstance(holder.value, str) and isinstance(wanted.value, str):
        return wanted.value in holder.value
    if isinstance(holder.value, dict):
        return key_of(wanted) in holder.value
    if not isinstance(holder.value, list | tuple):
        return None
    answers = [equal(one, wanted, budget) for one in holder.value]
    return True if True in answers else (None if None in answers else False)


def key_of(node: Node) -> Any:
    """Give a value as a key of a dict: scalars, classes and tuples of them."""
    if isinstance(node.value, Unknown):
        message = f"a key that is not written down ({node.value.reason})"
        raise SettingsError(node.place, message)
    if isinstance(node.value, tuple):
        return tuple(key_of(one) for one in node.value)
    if is_scalar(node.value) or isinstance(node.value, Named):
        return node.value
    raise SettingsError(node.place, "a list or dict cannot be a key")
