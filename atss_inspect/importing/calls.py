"""The few functions and methods of Python that configs call, on nodes."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import operators
from atss_inspect.importing.budget import Budget, integer_in_range
from atss_inspect.importing.operators import (
    FAILURES,
    NotKnown,
    Stream,
    elements,
    equal,
    key_of,
    known,
)
from atss_inspect.importing.trees import (
    Dict,
    Inherited,
    Owned,
    copy_tree,
    merge_deleting,
    update_deep,
)
from atss_inspect.importing.values import Node, Place, node_of

# What could change any value behind the reader's back.
UNSAFE = frozenset(
    ("globals", "locals", "vars", "exec", "eval", "setattr", "delattr", "__import__")
)
_MOST_DIGITS = 1000  # of rounding
# Ways to the names of a module without them.
INNARDS = frozenset(("f_globals", "f_locals", "__globals__", "__builtins__"))
ANYTHING = UNSAFE | INNARDS
# Functions and methods that loop over what they are given, and keep none of it.
LOOPING = frozenset(
    (
        *("list", "tuple", "dict", "sum", "min", "max", "sorted", "any", "all"),
        *("zip", "enumerate", "reversed", "len", "extend", "update", "merge", "join"),
    )
)
_VIEWS = ("keys", "values", "items")
_ADDING = ("append", "extend", "insert", "reverse")
METHODS: Mapping[type, frozenset[str]] = {
    dict: frozenset(("update", "merge", "pop", "setdefault", "copy", "get", *_VIEWS)),
    list: frozenset((*_ADDING, "pop", "copy", "index", "count")),
    tuple: frozenset(("index", "count")),
    str: frozenset(
        (
            *("lower", "upper", "strip", "split", "replace", "startswith", "endswith"),
            "join",
        )
    ),
}
# Also of methods that are not read: an expression with one cannot be left out.
MUTATING = frozenset(
    (*_ADDING, "update", "merge", "pop", "setdefault", "remove", "sort", "clear")
)


@dataclass(frozen=True)
class Call:
    """One call: its arguments, and what it may cost."""

    name: str
    args: list[Node]
    kwargs: Dict
    place: Place
    budget: Budget

    def elements(self, i: int = 0) -> list[Node]:
        """What a loop over one argument meets."""
        return elements(self.args[i], self.budget)

    def scalars(self) -> list[Any]:
        """The arguments, where each is a number, a text or None."""
        values = [known(arg) for arg in self.args]
        if self.kwargs or not all(map(operators.is_scalar, values)):
            reason = f"call of {self.name}"
            raise NotKnown(reason)
        lengths = [len(value) for value in values if isinstance(value, str)]
        self.budget.work(sum(lengths), self.place)
        return values

    def new(self, value: Any) -> Node:
        """Make a node of a new value, counted."""
        if isinstance(value, list | tuple | dict | str):
            self.budget.grow(len(value), self.place)
        integer_in_range(value, self.place)
        return Node(value, self.place)

    def pair(self, *nodes: Node) -> Node:
        """Make a tuple."""
        return self.new(nodes)


def _dict(call: Call) -> Node:
    made: Dict = {}
    if call.args and isinstance(known(call.args[0]), dict):
        made.update(call.args[0].value)
    elif call.args:
        pairs = [elements(one, call.budget) for one in call.elements()]
        made.update({key_of(key): value for key, value in pairs})
    return call.new(made | call.kwargs)


def _range(call: Call) -> Node:
    numbers = range(*call.scalars())
    call.budget.grow(len(numbers), call.place)
    return Node(Stream(Node(number, call.place) for number in numbers), call.place)


def _chosen(call: Call) -> Node:
    """``min max sorted any all`` of scalars."""
    found = call.elements() if len(call.args) == 1 else call.args
    values = Call(call.name, found, call.kwargs, call.place, call.budget).scalars()
    if call.name == "sorted":
        pairs = sorted(zip(values, found, strict=True), key=operator.itemgetter(0))
        return call.new([node for _, node in pairs])
    functions: Mapping[str, Callable[[list[Any]], Any]]
    functions = {"min": min, "max": max, "any": any, "all": all}
    return Node(functions[call.name](values), call.place)


def _start(call: Call) -> Node:
    """The second argument of ``sum`` and ``enumerate``; else 0."""
    given = call.args[1] if len(call.args) > 1 else call.kwargs.get("start")
    return given or Node(0, call.place)


def _sum(call: Call) -> Node:
    total = _start(call)
    for one in call.elements():
        total = operators.binary(operators.ADD, total, one, call.place, call.budget)
    return total


def _stream(call: Call, made: list[Node]) -> Node:
    return call.new(Stream(made, *(arg.value for arg in call.args)))


def _zip(call: Call) -> Node:
    columns = [call.elements(i) for i in range(len(call.args))]
    return _stream(call, [call.pair(*one) for one in zip(*columns, strict=False)])


def _enumerate(call: Call) -> Node:
    numbered = enumerate(call.elements(), known(_start(call)))
    made = [call.pair(Node(i, call.place), one) for i, one in numbered]
    return _stream(call, made)


def _round(number: Any, digits: int | None = None) -> Any:
    """Round; Python takes for ever for 10 to the power of many digits."""
    if digits is not None and abs(digits) > _MOST_DIGITS:
        raise ValueError
    return round(number, digits)


def _scalar(function: Callable[..., Any]) -> Callable[[Call], Node]:
    return lambda call: call.new(function(*call.scalars()))


BUILTINS: Mapping[str, Callable[[Call], Node]] = {
    "dict": _dict,
    "list": lambda call: call.new(call.elements() if call.args else []),
    "tuple": lambda call: call.new(tuple(call.elements() if call.args else ())),
    "reversed": lambda call: _stream(call, call.elements()[::-1]),
    "len": lambda call: Node(len(known(call.args[0])), call.place),
    "bool": lambda call: Node(bool(known(call.args[0])), call.place),
    "print": lambda call: Node(None, call.place),
    "range": _range,
    "sum": _sum,
    "zip": _zip,
    "enumerate": _enumerate,
    **{one.__name__: _scalar(one) for one in (int, float, str, abs)},
    "round": _scalar(_round),
    **dict.fromkeys(("min", "max", "sorted", "any", "all"), _chosen),
}


def call_method(held: Node, call: Call) -> Node:
    """Work out a call of one of `METHODS` of a dict, list, tuple or text."""
    try:
        if isinstance(held.value, dict):
            return _dict_method(held.value, call)
        if isinstance(held.value, str):
            return _text_method(held.value, call)
        return _list_method(held.value, call)
    except (NotKnown, *FAILURES) as error:
        if call.name not in MUTATING:
            raise
        message = f"what {call.name} changes is not known"
        raise SettingsError(call.place, message) from error


def _dict_method(held: Dict, call: Call) -> Node:
    if call.name in ("update", "merge"):
        return _update(held, call)
    if call.name == "copy":
        return call.new(type(held)(held))
    if call.name in _VIEWS:
        keys = [node_of(key, call.place) for key in held]
        pairs = map(call.pair, keys, held.values())
        views = {"keys": keys, "values": held.values(), "items": pairs}
        return call.new(Stream(views[call.name], held))
    default = call.args[1] if len(call.args) > 1 else Node(None, call.place)
    default = call.kwargs.get("default", default)
    call.budget.grow(1, call.place)
    key = key_of(call.args[0])
    if call.name == "setdefault" and isinstance(held, Owned) and key not in held:
        held[key] = copy_tree(default, call.budget, type(held))
        return default
    found: Node = getattr(held, call.name)(key, default)
    return found


def _update(held: Dict, call: Call) -> Node:
    """``update``, deep where the dict is inherited, and ``merge`` with ``_delete_``."""
    made = _dict(call)
    if isinstance(held, Owned):
        made = copy_tree(made, call.budget, type(held))
    if isinstance(held, Inherited):
        (merge_deleting if call.name == "merge" else update_deep)(made.value, held)
    elif call.name == "update":
        held.update(made.value)
    else:
        raise AttributeError
    return Node(None, call.place)


def _list_method(held: list[Node], call: Call) -> Node:
    if call.name == "copy":
        return call.new(list(held))
    if call.name in ("index", "count"):
        same = [equal(one, call.args[0], call.budget) for one in held]
        return Node(getattr(same, call.name)(True), call.place)
    if call.name == "extend":
        extend(held, call.args[0], call.place, call.budget)
        return Node(None, call.place)
    args = list(call.args)
    if args and call.name in ("pop", "insert"):
        args[0] = known(args[0])
    call.budget.grow(1, call.place)
    found: Node | None = getattr(held, call.name)(*args)
    return found or Node(None, call.place)


def extend(held: list[Node], more: Node, place: Place, budget: Budget) -> None:
    """Add to a list, in place, what another value holds."""
    found = elements(more, budget)
    budget.grow(len(found), place)
    held.extend(found)


def _text_method(held: str, call: Call) -> Node:
    if call.name == "join":
        texts = [known(one) for one in call.elements()]
        call.budget.grow(sum(map(len, texts)) + len(held) * len(texts), call.place)
        return Node(held.join(texts), call.place)
    args = call.scalars()
    if call.name == "split":
        call.budget.grow(len(held), call.place)
    if call.name == "replace":
        call.budget.grow((len(held) + 1) * (len(args[1]) + 1), call.place)
    # Some letters may be compared with each of the others.
    lengths = [len(arg) for arg in args if isinstance(arg, str)]
    call.budget.work(len(held) * max(lengths, default=1), call.place)
    value = getattr(held, call.name)(*args)
    if isinstance(value, list):
        value = [Node(part, call.place) for part in value]
    return call.new(value)
