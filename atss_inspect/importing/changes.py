"""What may have changed in a config without its text telling how."""

import ast
from dataclasses import dataclass
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import calls
from atss_inspect.importing.budget import Budget
from atss_inspect.importing.operators import unknown
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Named, Node, Place, Unknown


class Lazy(Named):
    """``L(Cls)`` of detectron2: a class whose call becomes a dict."""


class Function(Named):
    """A function of the file itself; its body is never entered."""


@dataclass(frozen=True, slots=True)
class OwnClass(Named):
    """A class that the file itself defines; its body is never entered."""

    bases: tuple[str, ...]  # their names


class Changes:
    """What one file has named, and what in it may have changed out of sight.

    Parameters
    ----------
    file : its name in messages
    names : what is known by name; grows by assignments
    budget : what may be spent
    before : lines of the file before the text that is worked out
    """

    def __init__(self, file: str, names: Dict, budget: Budget, before: int = 0) -> None:
        self.file = file
        self.names = names
        self.budget = budget
        self.before = before
        self.unknown_calls: list[ast.Call] = []
        # Containers that an unknown call was given, by identity: they may hold
        # anything now.
        self.tainted: dict[int, tuple[Any, str]] = {}
        # Names that the body of each function of the file uses.
        self.functions: dict[str, frozenset[str]] = {}
        # What unknown values were made of, by identity.
        self.behind: dict[int, tuple[Any, list[Node]]] = {}

    def place(self, node: ast.expr | ast.stmt) -> Place:
        """Where a piece of syntax is."""
        return Place(self.file, self.before + node.lineno)

    def refuse(self, node: ast.expr | ast.stmt, why: str) -> SettingsError:
        """Make the error for a piece of syntax that cannot be read."""
        hint = "a run leaves a config without statements in its work folder; try that"
        return SettingsError(self.place(node), why, hint=hint)

    def define(self, name: str, names: frozenset[str]) -> None:
        """Remember what a function names, beside others that had its name before."""
        self.functions[name] = self.functions.get(name, frozenset()) | names

    def skip(self, *nodes: ast.expr) -> None:
        """Leave out expressions; what calls in them may change is not known."""
        self.unchanging(*nodes)
        names = frozenset().union(*map(names_in, nodes))
        called = (part for node in nodes for part in ast.walk(node))
        if any(isinstance(one, ast.Call) and self._acts(one) for one in called):
            if calls.UNSAFE & names - self.names.keys():
                raise self.refuse(nodes[0], "whether a value changes is not known")
            held = [self.names[name] for name in names if name in self.names]
            self.taint("a call that may be left out", *held)

    def _acts(self, call: ast.Call) -> bool:
        """Whether a call may be one of more than a method or function of Python."""
        if isinstance(call.func, ast.Attribute):
            return not any(call.func.attr in some for some in calls.METHODS.values())
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        return name in self.names or name not in calls.BUILTINS

    def unchanging(self, *nodes: ast.expr) -> None:
        """Refuse expressions that change a value, where nobody knows if or when."""
        for node in nodes:
            for part in ast.walk(node):
                self.budget.step(self.place(node))
                func = part.func if isinstance(part, ast.Call) else None
                changes = (
                    isinstance(func, ast.Attribute) and func.attr in calls.MUTATING
                )
                if changes or isinstance(part, ast.NamedExpr):
                    raise self.refuse(node, "whether a value changes is not known")

    def taint(self, reason: str, *nodes: Node) -> None:
        """Mark what an unknown call was given: it may have changed anything in it.

        So may it what an unknown value was made of, and what functions name.
        """
        found, seen = list(nodes), set[Any]()
        while found:
            node = found.pop()
            value = node.value
            if isinstance(value, dict | list | tuple) and id(value) not in self.tainted:
                self.tainted[id(value)] = (value, reason)
                found += [one for _, one in node.items()]
            elif isinstance(value, Function | OwnClass | Unknown):
                key = value.reason if isinstance(value, Unknown) else value.name
                found += () if id(value) in seen else self._behind(value)
                names = frozenset() if key in seen else self.functions.get(key, ())
                self.budget.work(len(names), node.place)
                if calls.UNSAFE.intersection(names):
                    message = "calls a function that may change anything"
                    raise SettingsError(node.place, message)
                found += [self.names[name] for name in names if name in self.names]
                seen |= {key, id(value)}

    def _behind(self, value: Any) -> list[Node]:
        """List what an unknown value was made of."""
        return self.behind.get(id(value), (value, []))[1]

    def lost(self, node: ast.expr, reason: str) -> Node:
        """Make an unknown value, which may be, or hold, what its names hold."""
        found = unknown(reason, self.place(node))
        names = names_in(node)
        self.budget.work(len(names), found.place)
        held = [self.names[name] for name in names if name in self.names]
        if held:
            self.behind[id(found.value)] = (found.value, held)
        return found


def defaults(args: ast.arguments) -> list[ast.expr]:
    """List what parameters are without an argument; worked out with the function."""
    return [*args.defaults, *filter(None, args.kw_defaults)]


def names_in(node: ast.AST) -> frozenset[str]:
    """List the names that a piece of syntax uses."""
    return frozenset(part.id for part in ast.walk(node) if isinstance(part, ast.Name))


def free_names(node: ast.AST) -> frozenset[str]:
    """List the names that a function uses, without its parameters.

    Frames, and assignments to names outside, count as a use of ``globals``.
    """
    args = getattr(node, "args", None)
    names = names_in(node)
    if isinstance(args, ast.arguments):
        listed = (*args.posonlyargs, *args.args, *args.kwonlyargs)
        names -= {one.arg for one in listed}
        names = names.union(*map(names_in, defaults(args)))
    for part in ast.walk(node):
        inner = isinstance(part, ast.Attribute) and part.attr in calls.ANYTHING
        if inner or isinstance(part, ast.Global):
            return names | {"globals"}
    return names
