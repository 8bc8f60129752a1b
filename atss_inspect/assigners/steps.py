"""Steps of a rule that tells none of its own, and what the steps of all share."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.assigners.rule import (
    LevelNames,
    Paragraph,
    Params,
    Rule,
    Steps,
    StepTable,
    Tried,
)
from atss_inspect.assigners.subject import Place, Subject
from atss_inspect.views.names import name_of_id

BLANK = Paragraph("")
# Of anchors so many are written, the rest is counted.
ANCHORS_SHOWN = 12
Line = tuple[str, ...]


def result_words(outcome: str, held_by: Any, rivals: Sequence[Any] = ()) -> str:
    """Write what became of an anchor: positive, won over 12 +1, lost to 7, or -."""
    if outcome == "positive":
        more = f" +{len(rivals) - 1}" if len(rivals) > 1 else ""
        return f"won over {name_of_id(rivals[0])}{more}" if rivals else "positive"
    return f"lost to {name_of_id(held_by)}" if outcome == "lost" else "-"


def place_words(place: Place, names: LevelNames) -> Line:
    """Write level, row, column and place in the cell of an anchor."""
    return names[place.level], *map(str, place[1:])


def anchor_table(
    headings: Line, rows: Sequence[Line], places: Sequence[Place], *, left: Line
) -> StepTable:
    """Make a table of anchors that begins with level, y, x and anchor.

    The fourth column is left out where cells have one anchor only.
    """
    if not any(place.anchor for place in places):
        headings = headings[:3] + headings[4:]
        rows = [row[:3] + row[4:] for row in rows]
    return StepTable(headings, rows, left)


def outcome_name(outcome: str, otherwise: str) -> str:
    """Name the outcome of an anchor as pictures do; ``otherwise`` if a test failed."""
    return {"positive": "positive", "lost": "lost_to_others"}.get(outcome, otherwise)


# --- of any rule -------------------------------------------------------------------


class ClaimedAnchor(NamedTuple):
    """One anchor that the object could have had.

    Attributes
    ----------
    place : which anchor
    outcome : ``positive`` or ``lost`` (to another object)
    held_by : annotation id of another object that has the anchor, or None
    rivals : annotation ids of other objects that could have had it
    """

    place: Place
    outcome: str
    held_by: Any
    rivals: tuple[Any, ...]


class GeneralSteps(NamedTuple):
    """What is known of an object under any rule: the anchors it could have had.

    Attributes
    ----------
    params : of the rule
    anchors : by level, row, column and place
    """

    params: Params
    anchors: tuple[ClaimedAnchor, ...]


def steps_of(rule: Rule[Any]) -> Steps:
    """Look up how a rule tells its steps: in its own way, or as any rule could."""
    if rule.steps:
        return rule.steps
    what = "anchors" if rule.uses_anchors else "points"
    note = f"Of {rule.title}: the {what} that the object could have had."
    return Steps(partial(_follow, rule), _tried, partial(_blocks, what), note=note)


def _follow(rule: Rule[Any], subject: Subject, params: Params) -> GeneralSteps:
    """List the anchors that an object could have had, and who has them."""
    gt, anchor = rule.list_claims(subject.frame, subject.grids, params)
    keys = np.sort(anchor[gt == subject.gt])
    is_shared = np.isin(anchor, keys)
    rivals = subject.rivals(gt[is_shared], anchor[is_shared])
    fates = subject.fates(keys, np.ones(len(keys), dtype=bool), rivals)
    return GeneralSteps(params, tuple(ClaimedAnchor(p, *fate) for p, fate in fates))


def _tried(steps: GeneralSteps, positives: Sequence[Place]) -> Iterator[Tried]:
    """List the anchors it could have had, and all positives."""
    shown = {each.place for each in steps.anchors}
    for each in steps.anchors:
        yield Tried(each.place, outcome_name(each.outcome, "lost_to_others"))
    yield from (Tried(place, "positive") for place in positives if place not in shown)


def _blocks(
    what: str, steps: GeneralSteps, names: LevelNames
) -> Iterator[Paragraph | StepTable]:
    """Write the first anchors, and count the others."""
    shown = steps.anchors[:ANCHORS_SHOWN]
    none = "" if shown else "no "
    yield Paragraph(f"{none}{what} that it could have had")
    if not shown:
        return
    rows = [
        (
            *place_words(each.place, names),
            result_words(each.outcome, each.held_by, each.rivals),
        )
        for each in shown
    ]
    headings = ("level", "y", "x", "anchor", "result")
    places = [each.place for each in steps.anchors]
    yield anchor_table(headings, rows, places, left=("level", "result"))
    if len(steps.anchors) > len(shown):
        yield Paragraph(f"{len(steps.anchors) - len(shown)} more")
