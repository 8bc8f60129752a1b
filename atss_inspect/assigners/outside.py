"""Rules from outside are not trusted: what they are and what they answer is checked."""

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass, replace
from typing import Any, Literal, get_origin, get_type_hints

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.pyramid import Pyramid
from atss_inspect.assigners.rule import Params, Rule
from atss_inspect.errors import AtssInspectError, SettingsError

# A signal ends a program by `SystemExit` too; it is remembered, whatever is raised.
FAILURES = (Exception, SystemExit)
_SCALARS = (bool, int, float, str)


def checked(rule: Rule[Any]) -> Rule[Any]:
    """The same rule, whose failures and impossible answers are errors that name it."""

    def assign(frame: Frame, pyramid: Pyramid, params: Any) -> Assignment:
        try:
            answer = rule.assign(frame, pyramid, params)
            problem = next(problems_of_answer(answer, frame, pyramid), None)
        except AtssInspectError:
            raise
        except FAILURES as error:
            problem = f"{type(error).__name__}: {error}"
        if problem:
            message = f"assigner {rule.name}: its assign fails: {problem}"
            raise SettingsError(message, hint="ask those who wrote it")
        return answer

    return replace(rule, assign=assign)


def problems_of_rule(rule: Rule[Any]) -> Iterator[str]:
    """What a rule is not that it must be, for its own part."""
    facts = {
        "the name is no Python identifier": rule.name.isidentifier(),
        "assign: expected a function": callable(rule.assign),
        "about: expected a line of text": str(rule.about).isprintable()
        and isinstance(rule.about, str),
        "uses_anchors: expected True or False": isinstance(rule.uses_anchors, bool),
        "its parameters are no dataclass that derives from Params": is_dataclass(
            rule.params
        )
        and issubclass(rule.params, Params),
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


def problems_of_answer(answer: Any, frame: Frame, pyramid: Pyramid) -> Iterator[str]:
    """What an answer is not that it must be: types and lengths, then ranges.

    Only the first one is to be read: what comes later may fail for it.
    """
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


def _out_of_range(answer: Assignment, frame: Frame, pyramid: Pyramid) -> Iterator[str]:
    """Numbers of an answer that name nothing."""
    rows, columns = np.moveaxis(pyramid.grids(frame.padded_size).map_sizes, 2, 0)
    sizes = rows * columns * pyramid.anchors_per_cell  # (I, L)
    for name, end in {"gt": frame.num_gt, "level": sizes.shape[1]}.items():
        if not _lies_within(getattr(answer, name), end):
            yield f"{name}: expected numbers from 0, below {end}"
    ends = sizes[frame.gt_image[answer.gt], answer.level]
    if not _lies_within(answer.index, ends):
        yield "index: expected places on the map of their level"
    if not _lies_within(answer.num_ignored, answer.num_anchors + 1):
        yield "num_ignored: expected numbers from 0 to num_anchors"
    cause, names = np.asarray(answer.starvation.cause), answer.starvation.names
    if cause.shape != (frame.num_gt,) or not _lies_within(cause, len(names)):
        yield "starvation: expected a cause for each box"


def _lies_within(values: Any, end: Any) -> bool:
    """Whether whole numbers are at least 0 and below their end."""
    return bool(((values >= 0) & (values < end)).all())
