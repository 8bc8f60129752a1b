"""The steps that `explain` shows: what rules make them of, and those of any rule."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from importlib import import_module
from typing import Any, NamedTuple, TypeVar

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import LOST_TO_OTHERS
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.assigners.rule import Pairs, Params, Rule
from atss_inspect.views.names import name_of_id

LevelNames = Sequence[str]
Row = TypeVar("Row")
Line = tuple[str, ...]
# What may have become of an anchor. Of the reasons against it the first that holds, in
# the order of the rules. A rule may name others, which come after these.
OUTCOMES = (
    *("positive", LOST_TO_OTHERS, "under_threshold", "under_bar"),
    *("center_outside", "outside_center_region", "outside_scale_range"),
)
# Of anchors so many are written, the rest is counted.
ANCHORS_SHOWN = 12


class Place(NamedTuple):
    """Where an anchor is: level from 0, cell row and column, place in the cell."""

    level: int
    row: int
    column: int
    anchor: int


class Tried(NamedTuple):
    """One anchor that a rule looked at for an object: where it is, what it came to."""

    place: Place
    outcome: str  # one of OUTCOMES, or a name of the rule's own


class Paragraph(NamedTuple):
    """A paragraph of text; empty for a blank line. ``rest`` indents its later lines."""

    text: str
    rest: str = "  "


class StepTable(NamedTuple):
    """A table of text; the columns named in ``left`` are aligned on the left."""

    headings: Line
    rows: Sequence[Line]
    left: Line


BLANK = Paragraph("")
Blocks = Iterator[Paragraph | StepTable]


class Steps(NamedTuple):
    """How a rule's steps are found and told.

    The steps themselves are a NamedTuple of the rule's own: numbers, and tuples of
    NamedTuples, whose ``place`` or ``level`` programs read as in the exported tables.
    """

    follow: Callable[..., Any]  # ``(subject, params)``, the steps for one object
    # ``(steps, positives)``, the anchors that they look at, for pictures
    tried: Callable[..., Iterable[Tried]]
    blocks: Callable[..., Blocks]  # ``(steps, level names)``, the steps to read
    # ``(steps, cause)``, the cause as a sentence on this object, in place of
    # `Cause.sentence`; None for that one
    why: Callable[..., str | None] = lambda _steps, _cause: None
    note: str = ""  # which anchors ``tried`` lists, where a picture must say so


@dataclass(frozen=True, eq=False)
class Subject:
    """An object that a convention keeps."""

    image: Dataset  # the object's image alone, all its objects with it
    # frame, grids, assignment: the convention's view of the image, the anchors of its
    # rule, and the answer
    frame: Frame
    grids: Grids
    assignment: Assignment
    gt: int  # row of the object among the frame's boxes

    @cached_property
    def holders(self) -> dict[int, int]:
        """Every positive anchor of the image, by key, and the box it belongs to.

        The object itself, where an anchor has several.
        """
        found = self.assignment
        order = np.argsort(found.gt == self.gt, kind="stable")
        keys = self.keys(found.level[order], found.index[order])
        return dict(zip(keys.tolist(), found.gt[order].tolist(), strict=True))

    def keys(self, level: IntArray, index: IntArray) -> IntArray:
        """Name some anchors by their keys of the image; (N,) int64."""
        return self.grids.anchor_key(np.zeros_like(level), level, index)

    def places(self, keys: IntArray) -> list[Place]:
        """List where some anchors are."""
        _, level, index = self.grids.locate(keys)
        cell, anchor = self.grids.pyramid.split(level, index)
        row, column = np.divmod(cell, self.grids.map_sizes[0, level, 1])
        columns = (level.tolist(), row.tolist(), column.tolist(), anchor.tolist())
        return [Place(*each) for each in zip(*columns, strict=True)]

    def outcome(self, key: int, *, is_claimed: bool) -> tuple[str, Any]:
        """Look up an anchor: ``positive`` for this object, ``lost`` by it, or ``no``.

        With it comes the annotation id of another object that has the anchor, or None.
        """
        holder = self.holders.get(key)
        if holder == self.gt:
            return "positive", None
        name = None if holder is None else self.name_of(holder)
        return "lost" if is_claimed else "no", name

    def rows(
        self, kind: Callable[..., Row], keys: IntArray, pairs: Pairs, *tests: Any
    ) -> tuple[Row, ...]:
        """Make a row of each of some anchors, ``keys``, (N,) int64.

        ``kind`` takes the anchor's place, what stands for it in ``tests``, (N,) each,
        its outcome and holder, as `outcome` tells them, and ids of the other objects
        that could have had it. ``pairs`` are box and anchor of all anchors that boxes
        could have had, at least of ``keys``.
        """
        claimants: dict[int, list[int]] = {}
        rows = np.flatnonzero(np.isin(pairs[1], keys))
        for box, key in zip(*(part[rows].tolist() for part in pairs), strict=True):
            claimants.setdefault(key, []).append(box)
        found = []
        places, names = self.places(keys), keys.tolist()
        for place, key, *tested in zip(places, names, *tests, strict=True):
            boxes = claimants.get(key, [])
            rivals = tuple(self.name_of(box) for box in boxes if box != self.gt)
            fate = self.outcome(key, is_claimed=self.gt in boxes)
            found.append(kind(place, *tested, *fate, rivals))
        return tuple(found)

    def name_of(self, gt: int) -> Any:
        """Annotation id of a box of the frame; None where it has none."""
        return self.image.annotation_ids[[self.frame.object_rows[gt]]].tolist()[0]


def result_words(row: Any) -> str:
    """Write what became of an anchor: positive, won over 12 +1, lost to 7, or -."""
    if row.outcome == "positive":
        rivals = getattr(row, "rivals", ())
        more = f" +{len(rivals) - 1}" if len(rivals) > 1 else ""
        return f"won over {name_of_id(rivals[0])}{more}" if rivals else "positive"
    return f"lost to {name_of_id(row.held_by)}" if row.outcome == "lost" else "-"


def place_words(place: Place, names: LevelNames) -> Line:
    """Write level, row, column and place in the cell of an anchor."""
    return names[place.level], *map(str, place[1:])


def anchor_table(
    headings: Line, rows: Sequence[Line], anchors: Sequence[Any], *, left: Line = ()
) -> StepTable:
    """Make a table of anchors: level, y, x and anchor, ``headings``, and the result.

    The fourth column is left out where cells have one anchor only. Beside level and
    result, columns in ``left`` are aligned on the left.
    """
    headings = ("level", "row", "column", "anchor", *headings, "result")
    if not any(each.place.anchor for each in anchors):
        headings = headings[:3] + headings[4:]
        rows = [row[:3] + row[4:] for row in rows]
    return StepTable(headings, rows, ("level", *left, "result"))


def tried(
    rows: Iterable[Any], failed: Callable[[Any], str], positives: Iterable[Place] = ()
) -> Iterator[Tried]:
    """List the anchors of some rows, and the positives that are not among them.

    ``failed`` names the test that a row fails, of `OUTCOMES` where one of them fits.
    """
    shown = set()
    names = {"positive": "positive", "lost": LOST_TO_OTHERS}
    for each in rows:
        shown.add(each.place)
        yield Tried(each.place, names.get(each.outcome) or failed(each))
    yield from (Tried(place, "positive") for place in positives if place not in shown)


class ClaimedAnchor(NamedTuple):
    """One anchor that the object could have had, and what became of it."""

    place: Place  # which anchor
    outcome: str  # ``positive`` or ``lost`` (to another object)
    held_by: Any  # annotation id of another object that has the anchor, or None
    rivals: tuple[Any, ...]  # annotation ids of other objects that could have had it


class GeneralSteps(NamedTuple):
    """What is known of an object under any rule: the anchors it could have had."""

    params: Params
    anchors: tuple[ClaimedAnchor, ...]  # by level, row, column and place


def steps_of(rule: Rule[Any]) -> Steps:
    """Look up how a rule tells its steps: in its own way, or as any rule could."""
    if rule.steps:
        steps: Steps = import_module(rule.steps).STEPS
        return steps
    what = "anchors" if rule.uses_anchors else "points"
    note = f"Of {rule.title}: the {what} that the object could have had."
    return Steps(partial(_follow, rule), _tried, partial(_blocks, what), note=note)


def _follow(rule: Rule[Any], subject: Subject, params: Params) -> GeneralSteps:
    """List the anchors that an object could have had, and who has them."""
    pairs = rule.list_claims(subject.frame, subject.grids, params)
    keys = np.sort(pairs[1][pairs[0] == subject.gt])
    return GeneralSteps(params, subject.rows(ClaimedAnchor, keys, pairs))


def _tried(steps: GeneralSteps, positives: Sequence[Place]) -> Iterator[Tried]:
    """List the anchors it could have had, and all positives."""
    return tried(steps.anchors, lambda _: LOST_TO_OTHERS, positives)


def _blocks(what: str, steps: GeneralSteps, names: LevelNames) -> Blocks:
    """Write the first anchors, and count the others."""
    shown = steps.anchors[:ANCHORS_SHOWN]
    none = "" if shown else "no "
    yield Paragraph(f"{none}{what} that it could have had")
    if shown:
        rows = [(*place_words(each.place, names), result_words(each)) for each in shown]
        yield anchor_table((), rows, steps.anchors)
    if len(steps.anchors) > len(shown):
        yield Paragraph(f"{len(steps.anchors) - len(shown)} more")
