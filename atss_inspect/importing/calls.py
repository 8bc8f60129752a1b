"""The few functions and methods of Python that configs call, on nodes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import operators
from atss_inspect.importing.budget import Budget, integer_in_range
from atss_inspect.importing.operators import (
    FAILURES,
    is_scalar,
    key_of,
    reason_of,
    unknown,
)
from atss_inspect.importing.trees import (
    Inherited,
    copy_tree,
    merge_deleting,
    update_deep,
)
from atss_inspect.importing.values import Node, Place

# What could change any value behind the reader's back.
UNSAFE = frozenset(
    ("globals", "locals", "vars", "exec", "eval", "setattr", "delattr", "__import__")
)
# Of dicts and lists: how many arguments each takes at most.
METHODS: Mapping[type, frozenset[str]] = {
    dict: frozenset(
        (
            "update",
            "pop",
            "copy",
            "get",
            "keys",
            "values",
            "items",
            "setdefault",
            "merge",
        )
    ),
    list: frozenset(
        ("append", "extend", "insert", "pop", "copy", "index", "count", "reverse")
    ),
    tuple: frozenset(("index", "count")),
    str: frozenset(
        (
            "lower",
            "upper",
            "strip",
            "split",
            "replace",
            "join",
            "startswith",
            "endswith",
        )
    ),
}
MUTATING = frozenset(
    ("update", "pop", "setdefault", "merge", "append", "extend", "insert", "reverse")
    + ("remove", "sort", "clear", "popitem", "add", "discard")
)


@dataclass(frozen=True)
class Call:
    """One call: its arguments, and what it may cost."""

    name: str
    args: list[Node]
    kwargs: dict[str, Node]
    place: Place
    budget: Budget

    def unknown(self) -> Node:
        """Its value where only running it could tell."""
        why = reason_of(*self.args, *self.kwargs.values())
        return unknown(why or f"call of {self.name}", self.place)

    def refuse(self, why: str) -> SettingsError:
        """Make the error for a call whose effect is not known."""
        return SettingsError(self.place, f"{self.name}: {why}")

    def list(self, nodes: list[Node]) -> Node:
        """Make a new list."""
        self.budget.grow(len(nodes), self.place)
        return Node(nodes, self.place)


def elements(node: Node, budget: Budget) -> list[Node] | None:
    """List what a loop over a value meets; None where it is not known."""
    value = node.value
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, dict):
        return [Node(key, node.place) for key in value]
    if isinstance(value, str):
        budget.grow(len(value), node.place)
        return [Node(letter, node.place) for letter in value]
    return None


def _dict(call: Call) -> Node:
    """``dict(...)``."""
    made: dict[Any, Node] = {}
    for arg in call.args[:1]:
        pairs = _pairs(arg, call.budget)
        if pairs is None:
            return call.unknown()
        made.update(pairs)
    made.update(call.kwargs)
    call.budget.grow(len(made), call.place)
    return Node(made, call.place)


def _pairs(node: Node, budget: Budget) -> dict[Any, Node] | None:
    """Read a dict, or a list of pairs, as ``dict`` and ``update`` take it."""
    if isinstance(node.value, dict):
        return node.value
    if not isinstance(node.value, list | tuple):
        return None
    pairs = [elements(one, budget) for one in node.value]
    if any(pair is None or len(pair) != 2 for pair in pairs):
        return None
    return {key_of(pair[0]): pair[1] for pair in pairs if pair}


def _sequence(call: Call) -> Node:
    """``list(...)`` and ``tuple(...)``."""
    found = elements(call.args[0], call.budget) if call.args else []
    if found is None:
        return call.unknown()
    made = call.list(found)
    return made if call.name == "list" else Node(tuple(found), call.place)


def _scalar(call: Call) -> Node:
    """``int float bool str abs round`` of scalars."""
    if not all(is_scalar(arg.value) for arg in call.args) or call.kwargs:
        if call.name == "bool" and len(call.args) == 1 and not reason_of(*call.args):
            return Node(bool(call.args[0].value), call.place)
        return call.unknown()
    functions: Mapping[str, Callable[..., Any]] = {
        "int": int, "float": float, "bool": bool, "str": str, "abs": abs, "round": round
    }  # fmt: skip
    value = functions[call.name](*(arg.value for arg in call.args))
    integer_in_range(value, call.place)
    return Node(value, call.place)


def _len(call: Call) -> Node:
    """``len(...)``."""
    if len(call.args) != 1 or not isinstance(
        call.args[0].value, str | list | tuple | dict
    ):
        return call.unknown()
    return Node(len(call.args[0].value), call.place)


def _range(call: Call) -> Node:
    """``range(...)``, as a tuple of its numbers."""
    if not all(isinstance(arg.value, int) for arg in call.args):
        return call.unknown()
    numbers = range(*(arg.value for arg in call.args))
    call.budget.grow(len(numbers), call.place)
    return Node(tuple(Node(number, call.place) for number in numbers), call.place)


def _lowest(call: Call) -> Node:
    """``min max sorted any all`` of scalars."""
    found = elements(call.args[0], call.budget) if len(call.args) == 1 else call.args
    if found is None or call.kwargs or not all(is_scalar(one.value) for one in found):
        return call.unknown()
    if call.name in ("min", "max"):
        best = (min if call.name == "min" else max)(found, key=lambda one: one.value)
        return Node(best.value, best.place)
    if call.name == "sorted":
        return call.list(sorted(found, key=lambda one: one.value))
    values = (one.value for one in found)
    return Node((any if call.name == "any" else all)(values), call.place)


def _sum(call: Call) -> Node:
    """``sum(...)``, also of lists."""
    found = elements(call.args[0], call.budget) if call.args else None
    if found is None:
        return call.unknown()
    start = call.args[1] if len(call.args) > 1 else call.kwargs.get("start")
    total = start or Node(0, call.place)
    for one in found:
        total = operators.binary(operators.ADD, total, one, call.place, call.budget)
    return total


def _zip(call: Call) -> Node:
    """``zip(...)`` and ``enumerate(...)``, as lists of pairs."""
    lists = [elements(arg, call.budget) for arg in call.args]
    if any(one is None for one in lists) or call.kwargs:
        return call.unknown()
    if call.name == "enumerate":
        if len(lists) != 1:
            return call.unknown()
        lists.insert(0, [Node(i, call.place) for i in range(len(lists[0] or []))])
    tuples = list(zip(*(one or [] for one in lists), strict=False))
    call.budget.grow(len(tuples) * len(lists), call.place)
    return call.list([Node(one, call.place) for one in tuples])


def _reversed(call: Call) -> Node:
    """``reversed(...)``, as a list."""
    found = elements(call.args[0], call.budget) if len(call.args) == 1 else None
    return call.unknown() if found is None else call.list(found[::-1])


def _nothing(call: Call) -> Node:
    """``print(...)``: it changes nothing."""
    return Node(None, call.place)


BUILTINS: Mapping[str, Callable[[Call], Node]] = {
    "dict": _dict,
    **dict.fromkeys(("list", "tuple"), _sequence),
    **dict.fromkeys(("int", "float", "bool", "str", "abs", "round"), _scalar),
    **dict.fromkeys(("min", "max", "sorted", "any", "all"), _lowest),
    **dict.fromkeys(("zip", "enumerate"), _zip),
    "len": _len,
    "range": _range,
    "sum": _sum,
    "reversed": _reversed,
    "print": _nothing,
}


def call_builtin(call: Call) -> Node:
    """Work out a call of one of `BUILTINS`."""
    try:
        return BUILTINS[call.name](call)
    except FAILURES as error:
        return unknown(f"{type(error).__name__} at {call.name}", call.place)


def call_method(held: Node, call: Call) -> Node:
    """Work out a call of one of `METHODS` of a dict, list, tuple or text."""
    try:
        if isinstance(held.value, dict):
            return _dict_method(held.value, call)
        if isinstance(held.value, list):
            return _list_method(held.value, call)
        return _plain_method(held, call)
    except FAILURES as error:
        raise call.refuse(f"fails with {type(error).__name__}") from error


def _dict_method(held: dict[Any, Node], call: Call) -> Node:
    if call.name in ("update", "merge"):
        return _update(held, call)
    if call.name == "copy":
        call.budget.grow(len(held), call.place)
        return Node(type(held)(held), call.place)
    if call.name in ("keys", "values", "items"):
        return _view(held, call)
    key, default = key_of(call.args[0]), Node(None, call.place)
    if len(call.args) > 1:
        default = call.args[1]
    default = call.kwargs.get("default", default)
    if call.name == "get":
        return held.get(key, default)
    if call.name == "pop":
        return held.pop(key, default)
    call.budget.grow(1, call.place)
    return held.setdefault(key, default)


def _view(held: dict[Any, Node], call: Call) -> Node:
    """``keys values items``, as lists."""
    keys = [Node(key, call.place) for key in held]
    if call.name == "keys":
        return call.list(keys)
    if call.name == "values":
        return call.list(list(held.values()))
    call.budget.grow(2 * len(held), call.place)
    pairs = zip(keys, held.values(), strict=True)
    return call.list([Node(pair, call.place) for pair in pairs])


def _update(held: dict[Any, Node], call: Call) -> Node:
    """``update``, deep where the dict is inherited, and ``merge``, with `_delete_`."""
    made = _dict(call)
    if not isinstance(made.value, dict):
        raise call.refuse("what it takes is not known")
    call.budget.grow(len(made.value), call.place)
    if not isinstance(held, Inherited):
        held.update(made.value)
        return Node(None, call.place)
    news = copy_tree(made, call.budget, type(held)).value
    if call.name == "merge":
        merge_deleting(news, held)
    else:
        update_deep(news, held)
    return Node(None, call.place)


def _list_method(held: list[Node], call: Call) -> Node:
    if call.name == "copy":
        return call.list(list(held))
    if call.name == "reverse":
        held.reverse()
    elif call.name in ("index", "count"):
        return _plain_method(Node(held, call.place), call)
    elif call.name == "pop":
        return held.pop(_index(call.args[0], call) if call.args else -1)
    elif call.name == "append":
        call.budget.grow(1, call.place)
        held.append(call.args[0])
    elif call.name == "insert":
        call.budget.grow(1, call.place)
        held.insert(_index(call.args[0], call), call.args[1])
    else:
        extend(held, call.args[0], call.place, call.budget)
    return Node(None, call.place)


def extend(held: list[Node], more: Node, place: Place, budget: Budget) -> None:
    """Add to a list, in place, what another value holds."""
    found = elements(more, budget)
    if found is None:
        raise SettingsError(place, "what a list is extended by is not known")
    budget.grow(len(found), place)
    held.extend(found)


def _index(node: Node, call: Call) -> int:
    if not isinstance(node.value, int):
        raise call.refuse("its index is not known")
    return node.value


def _plain_method(held: Node, call: Call) -> Node:
    """``index count`` of lists, and methods of texts that give no long ones."""
    if reason_of(*call.args) or call.kwargs:
        return call.unknown()
    if isinstance(held.value, str):
        return _text_method(held.value, call)
    answers = [operators.equal(one, call.args[0], call.budget) for one in held.value]
    if None in answers:
        return call.unknown()
    value = answers.index(True) if call.name == "index" else answers.count(True)
    return Node(value, call.place)


def _text_method(held: str, call: Call) -> Node:
    args = [arg.value for arg in call.args]
    if call.name == "join":
        parts = [one.value for one in elements(call.args[0], call.budget) or []]
        size = sum(len(part) + len(held) for part in parts)
        args = [parts]
    elif call.name == "replace":
        size = len(held) + (len(held) + 1) * len(args[1])
    else:
        size = len(held)
    call.budget.grow(size, call.place)
    value = getattr(held, call.name)(*args)
    if isinstance(value, list):
        return call.list([Node(part, call.place) for part in value])
    return Node(value, call.place)
