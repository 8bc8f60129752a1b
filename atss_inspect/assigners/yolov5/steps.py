"""The steps of YOLOv5's rule for one object, and as text."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from atss_inspect.assigners import steps as shared
from atss_inspect.assigners.steps import Paragraph, Place, Steps, Subject
from atss_inspect.assigners.yolov5.assign import cells_of, find_fits, shares_of
from atss_inspect.assigners.yolov5.params import Yolov5Params
from atss_inspect.views.names import name_of_id


class SharedAnchor(NamedTuple):
    """One positive anchor of the object."""

    place: Place  # which anchor
    times: int  # how often the loss has it
    outcome: str  # ``positive``
    held_by: Any  # None: there is no contest
    rivals: tuple[Any, ...]  # annotation ids of other objects that have it too


class Yolov5Steps(NamedTuple):
    """How the rule comes to its answer."""

    params: Yolov5Params  # of the rule
    anchors: tuple[SharedAnchor, ...]  # by level, row, column and place


def _follow(subject: Subject, params: Yolov5Params) -> Yolov5Steps:
    frame, grids = subject.frame, subject.grids
    fits, _ = find_fits(shares_of(frame), frame, grids, params)
    gt, anchor, times = cells_of(fits, frame, grids)
    own = gt == subject.gt
    pairs, counts = (gt, anchor), times[own].tolist()
    return Yolov5Steps(params, subject.rows(SharedAnchor, anchor[own], pairs, counts))


def _tried(steps: Yolov5Steps, _: Sequence[Place]) -> Iterator[shared.Tried]:
    """List the positives: the rule looks at no other anchor."""
    return shared.tried(steps.anchors, lambda _: "positive")


def _blocks(steps: Yolov5Steps, names: shared.LevelNames) -> shared.Blocks:
    bar, shown = steps.params.ratio_below, steps.anchors[: shared.ANCHORS_SHOWN]
    yield Paragraph(
        f"anchors whose sides differ by less than a factor of {bar:g}, in the cell of "
        f"the center and its near neighbors; an anchor may have several objects"
    )
    if shown:
        rows = [
            (*shared.place_words(each.place, names), str(each.times), _result(each))
            for each in shown
        ]
        yield shared.anchor_table(("in the loss",), rows, steps.anchors)
    if len(steps.anchors) > len(shown):
        yield Paragraph(f"{len(steps.anchors) - len(shown)} more")


def _result(each: SharedAnchor) -> str:
    """Write whose the anchor is as well."""
    if not each.rivals:
        return "positive"
    more = f" +{len(each.rivals) - 1}" if len(each.rivals) > 1 else ""
    return f"shared with {name_of_id(each.rivals[0])}{more}"


STEPS = Steps(_follow, _tried, _blocks)
