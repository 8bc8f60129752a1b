"""The table of rules: those that come with the package, and those from outside.

A package of its own brings a rule by an entry point of the group
``atss_inspect.assigners``: its name is the rule's, its value the `Rule`. It is loaded
when settings ask for it, and costs nothing before. It is not trusted: what it is and
what it answers is checked.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from itertools import chain, product
from typing import TYPE_CHECKING, Any, Literal, get_origin, get_type_hints

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss import ATSS
from atss_inspect.assigners.best_shape import BEST_SHAPE
from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.assigners.fcos import FCOS
from atss_inspect.assigners.first_best import FIRST_BEST
from atss_inspect.assigners.foveabox import FOVEABOX
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.grid_cell import GRID_CELL
from atss_inspect.assigners.iou_threshold import IOU_THRESHOLD
from atss_inspect.assigners.nearest_point import NEAREST_POINT
from atss_inspect.assigners.point_gate import POINT_GATE
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.ranking import RANKING
from atss_inspect.assigners.rule import Params, Rule
from atss_inspect.assigners.yolov5 import YOLOV5
from atss_inspect.errors import AtssInspectError, SettingsError

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "atss_inspect.assigners"
# A signal ends a program by `SystemExit` too; it is remembered, whatever is raised.
FAILURES = (Exception, SystemExit)
_SCALARS = (bool, int, float, str)
BUILT_IN: tuple[Rule[Any], ...] = (
    *(ATSS, IOU_THRESHOLD, FCOS, FIRST_BEST, YOLOV5),
    *(RANKING, POINT_GATE),
    *(FOVEABOX, NEAREST_POINT, GRID_CELL, BEST_SHAPE),
)
# Those from outside follow when they are asked for.
RULES: dict[str, Rule[Any]] = {rule.name: rule for rule in BUILT_IN}
KNOWN_CAUSES.update({cause.name: cause for each in BUILT_IN for cause in each.causes})


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
        problem = next(chain(_problems_of_rule(rule), _clashes(rule)), None)
    except FAILURES as error:
        problem = f"{type(error).__name__}: {error}"
    if problem:
        where = f"assigner {rule.name}"
        raise SettingsError(where, problem)
    RULES[rule.name] = checked(rule)
    KNOWN_CAUSES.update({cause.name: cause for cause in rule.causes})


def _clashes(rule: Rule[Any]) -> Iterator[str]:
    """List what of a rule is another one's: one path means one thing in all rules."""
    if rule.name in RULES:
        yield "there is a rule of this name"
    for cause in rule.causes:
        if cause.name in KNOWN_CAUSES:
            yield f"cause {cause.name}: there is one of this name"
    for one, other in product(fields(rule.params), list(RULES.values())):
        theirs = {each.name: each for each in fields(other.params)}.get(one.name)
        if theirs and _declared(rule, one) != _declared(other, theirs):
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
        problem = f"cannot be loaded: {type(error).__name__}: {error}"
        raise SettingsError(where, problem) from error
    if not isinstance(rule, Rule) or rule.name != point.name:
        found = f"rule {rule.name}" if isinstance(rule, Rule) else repr(rule)
        raise SettingsError(where, f"expected a Rule of this name, got {found}")
    return rule


def checked(rule: Rule[Any]) -> Rule[Any]:
    """The same rule, whose failures and impossible answers are errors that name it."""
    assign = _guarded(rule.name, "assign", rule.assign, _problems_of_answer)
    gate = rule.gate
    if gate is not None:
        gate = _guarded(rule.name, "gate", gate, _problems_of_gate)
    return replace(rule, assign=assign, gate=gate)


def _guarded(
    name: str,
    what: str,
    function: Callable[[Frame, Pyramid, Any], Any],
    problems: Callable[[Any, Frame, Pyramid], Iterator[str]],
) -> Callable[[Frame, Pyramid, Any], Any]:
    """Wrap a function of a rule so that it fails by one error only."""

    def guarded(frame: Frame, pyramid: Pyramid, params: Any) -> Any:
        try:
            answer = function(frame, pyramid, params)
            problem = next(problems(answer, frame, pyramid), None)
        except AtssInspectError:
            raise
        except FAILURES as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            where = f"assigner {name}: its {what} fails"
            raise SettingsError(where, problem, hint="ask those who wrote it")
        return answer

    return guarded


def _problems_of_rule(rule: Rule[Any]) -> Iterator[str]:
    """What a rule is not that it must be, for its own part."""
    is_text = isinstance(rule.about, str) and rule.about.isprintable()
    is_derived = is_dataclass(rule.params) and issubclass(rule.params, Params)
    facts = {
        "the name is no Python identifier": rule.name.isidentifier(),
        "assign: expected a function": callable(rule.assign),
        "gate: expected a function": rule.gate is None or callable(rule.gate),
        "about: expected a line of text": is_text,
        "uses_anchors: expected True or False": isinstance(rule.uses_anchors, bool),
        "its parameters are no dataclass that derives from Params": is_derived,
    }
    yield from (problem for problem, is_fine in facts.items() if not is_fine)
    kinds = get_type_hints(rule.params)
    for one in fields(rule.params):
        yield from _problems_of_field(one, kinds[one.name])
    rule.params()


def _problems_of_field(one: "Field[Any]", kind: Any) -> Iterator[str]:
    """What settings cannot do with a parameter."""
    if one.default is MISSING and one.default_factory is MISSING:
        yield f"parameter {one.name}: has no default"
    if kind not in _SCALARS and get_origin(kind) not in (tuple, Literal):
        yield f"parameter {one.name}: expected a number, text, choices or a tuple"
    if one.name == "name":
        yield "parameter name: is what settings call the rule itself"


def _problems_of_answer(answer: Any, frame: Frame, pyramid: Pyramid) -> Iterator[str]:
    """What an answer is not that it must be: types and lengths, then ranges."""
    if not isinstance(answer, Assignment):
        yield f"expected an Assignment, got {type(answer).__name__}"
    num_positives = len(answer.gt)
    whole, marks = np.dtype(np.int64), np.dtype(np.bool_)
    expected = {
        **dict.fromkeys(("gt", "level", "index"), (whole, num_positives)),
        **dict.fromkeys(("num_ignored", "num_anchors"), (whole, frame.num_images)),
        **dict.fromkeys(("is_tied", "is_fragile"), (marks, frame.num_gt)),
    }
    if answer.iou is not None:
        expected["iou"] = (np.dtype(np.float32), num_positives)
    for name, (dtype, length) in expected.items():
        found = np.asarray(getattr(answer, name))
        if found.dtype != dtype or found.shape != (length,):
            got = f"{found.dtype} {found.shape}"
            yield f"{name}: expected {dtype} ({length},), got {got}"
    yield from _out_of_range(answer, frame, pyramid)


def _problems_of_gate(answer: Any, frame: Frame, pyramid: Pyramid) -> Iterator[str]:
    """What a gate is not that it must be: windows of cells that are on their maps."""
    if not isinstance(answer, Gate):
        yield f"expected a Gate, got {type(answer).__name__}"
    sizes = pyramid.grids(frame.padded_size).map_sizes
    shape = (frame.num_gt, sizes.shape[1], 4)
    for name, dtype, expected in (
        ("windows", np.int64, shape),
        ("gt_image", np.int64, shape[:1]),
        ("map_sizes", np.int64, sizes.shape),
    ):
        found = np.asarray(getattr(answer, name))
        if found.dtype != dtype or found.shape != expected:
            got = f"{found.dtype} {found.shape}"
            yield f"{name}: expected int64 {expected}, got {got}"
    starts, ends = answer.windows[..., ::2], answer.windows[..., 1::2]
    is_empty = (answer.windows == 0).all(axis=2)[..., None]
    is_window = (starts >= 0) & (starts < ends) & (ends <= sizes[frame.gt_image])
    if not (is_window | is_empty).all():
        yield "windows: expected cells of their maps, or zeros where there is none"
    if not isinstance(answer.quota, int) or answer.quota < 1:
        yield f"quota: expected a whole number of at least 1, got {answer.quota!r}"


def _out_of_range(answer: Assignment, frame: Frame, pyramid: Pyramid) -> Iterator[str]:
    """Numbers of an answer that name nothing."""
    rows, columns = np.moveaxis(pyramid.grids(frame.padded_size).map_sizes, 2, 0)
    sizes = rows * columns * pyramid.per_cell  # (I, L)
    for name, end in {"gt": frame.num_gt, "level": sizes.shape[1]}.items():
        if not _lies_within(getattr(answer, name), end):
            yield f"{name}: expected numbers from 0, below {end}"
    ends = sizes[frame.gt_image[answer.gt], answer.level]
    if not _lies_within(answer.index, ends):
        yield "index: expected places on the map of their level"
    if not _lies_within(answer.num_ignored, answer.num_anchors + 1):
        yield "num_ignored: expected numbers from 0 to num_anchors"
    cause, names = np.asarray(answer.unassigned.cause), answer.unassigned.names
    if cause.shape != (frame.num_gt,) or not _lies_within(cause, len(names)):
        yield "unassigned: expected a cause for each box"


def _lies_within(values: Any, end: Any) -> bool:
    """Whether whole numbers are at least 0 and below their end."""
    return bool(((values >= 0) & (values < end)).all())
