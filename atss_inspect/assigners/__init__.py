"""The table of rules: those that come with the package, and those from outside.

A package of its own brings a rule by an entry point of the group
``atss_inspect.assigners``: its name is the rule's, its value the `Rule`. It is loaded
when settings ask for it, and costs nothing before.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import Field, fields
from typing import TYPE_CHECKING, Any, get_type_hints

from atss_inspect.assigners.atss import ATSS
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.fcos import FCOS
from atss_inspect.assigners.iou_threshold import IOU_THRESHOLD
from atss_inspect.assigners.outside import FAILURES, checked, problems_of_rule
from atss_inspect.assigners.rule import Params, Rule
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "atss_inspect.assigners"
BUILT_IN: tuple[Rule[Any], ...] = (ATSS, IOU_THRESHOLD, FCOS)
# Those from outside follow when they are asked for.
RULES: dict[str, Rule[Any]] = {rule.name: rule for rule in BUILT_IN}


def rule_of(params: Params) -> Rule[Any]:
    """Find the rule that takes these parameters.

    Raises `SettingsError` where no rule does: in a process of its own, a rule is known
    by its entry point only.
    """
    for _ in range(2):
        for rule in RULES.values():
            if rule.params is type(params):
                return rule
        load_all()
    message = f"no assigner takes {type(params).__qualname__}"
    raise SettingsError(message, hint=f"register it, or add an entry point of {GROUP}")


def find_rule(name: str) -> Rule[Any] | None:
    """Find a rule by name, from outside too; None where there is none.

    Raises `SettingsError` where the package that brings it is broken.
    """
    if name not in RULES:
        for point in _entry_points():
            if point.name == name:
                register(_load(point))
    return RULES.get(name)


def rule_names() -> list[str]:
    """Names of all rules there are, those from outside too, which stay unloaded."""
    return list(dict.fromkeys([*RULES, *(point.name for point in _entry_points())]))


def load_all() -> None:
    """Load the rules from outside; broken ones are passed over, unasked for."""
    for point in _entry_points():
        if point.name not in RULES:
            with suppress(SettingsError):
                register(_load(point))


def register(rule: Rule[Any]) -> None:
    """Add a rule to the table.

    Raises `SettingsError` where it has the name of another one, or something of it that
    is another's: a cause, or a parameter of another type or with other limits.
    """
    try:
        problem = next(_problems(rule), None)
    except FAILURES as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        message = f"assigner {rule.name}: {problem}"
        raise SettingsError(message)
    RULES[rule.name] = checked(rule)
    KNOWN_CAUSES.update({cause.name: cause for cause in rule.causes})


def _problems(rule: Rule[Any]) -> Iterator[str]:
    """List what keeps a rule from being registered."""
    yield from problems_of_rule(rule)
    if rule.name in RULES:
        yield "there is a rule of this name"
    for cause in rule.causes:
        if cause.name in KNOWN_CAUSES:
            yield f"cause {cause.name}: there is one of this name"
    for one in fields(rule.params):
        yield from _problems_of_field(rule, one)


def _problems_of_field(rule: Rule[Any], one: "Field[Any]") -> Iterator[str]:
    """List what is wrong with a parameter: one path means one thing in all rules."""
    for other in RULES.values():
        for theirs in fields(other.params):
            is_same = theirs.name == one.name
            if is_same and _declared(rule, one) != _declared(other, theirs):
                what = "of another type or with other limits"
                yield f"parameter {one.name}: one of {other.name} too, {what}"


def _declared(rule: Rule[Any], one: "Field[Any]") -> tuple[object, ...]:
    """Type and limits of a parameter, to be compared."""
    limits = (one.metadata.get("limit"), one.metadata.get("each"))
    kind = get_type_hints(rule.params)[one.name]
    return kind, *(each and (each.expected, each.most) for each in limits)


def _entry_points() -> "tuple[EntryPoint, ...]":
    """Entry points of the rules from outside, by name."""
    # Looks through all installed packages, which most commands do without.
    from importlib.metadata import entry_points

    return tuple(sorted(entry_points(group=GROUP), key=lambda point: point.name))


def _load(point: "EntryPoint") -> Rule[Any]:
    """Load a rule from outside; one error for whatever is wrong with it."""
    where = f"assigner {point.name}: entry point {point.value}"
    where += f" of {point.dist.name}" if point.dist else ""
    try:
        rule = point.load()
    except FAILURES as error:
        message = f"{where}: cannot be loaded: {type(error).__name__}: {error}"
        raise SettingsError(message) from error
    if not isinstance(rule, Rule) or rule.name != point.name:
        found = f"rule {rule.name}" if isinstance(rule, Rule) else repr(rule)
        message = f"{where}: expected a Rule of this name, got {found}"
        raise SettingsError(message)
    return rule
