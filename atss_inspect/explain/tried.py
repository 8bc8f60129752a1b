"""What became of the anchors around one object, in the same words for every rule."""

from typing import NamedTuple

from atss_inspect.assigners.atss.steps import AtssSteps, Candidate
from atss_inspect.assigners.fcos.steps import Point
from atss_inspect.assigners.iou_threshold.steps import IouThresholdSteps
from atss_inspect.assigners.subject import Place
from atss_inspect.explain import Explanation

# Of the reasons against an anchor the first that holds, in the order of the rules.
OUTCOMES = (
    "positive",
    "lost_to_others",
    "under_threshold",
    "under_bar",
    "center_outside",
    "outside_center_region",
    "outside_scale_range",
)


class Tried(NamedTuple):
    """One anchor that a rule looked at for an object: where it is, what it came to.

    ``outcome`` is one of ``OUTCOMES``.
    """

    place: Place
    outcome: str


def tried_anchors(one: Explanation) -> tuple[Tried, ...]:
    """List the anchors that a rule's steps show for one object.

    Parameters
    ----------
    one : an explained object

    Returns
    -------
    For ATSS all candidates; for the IoU-threshold rule the anchors of at least half
    the best IoU; for FCOS a few points of each level, and all positives. Empty for an
    object that the data rules leave out.
    """
    steps = one.steps
    if steps is None:
        return ()
    if isinstance(steps, AtssSteps):
        return tuple(
            Tried(each.place, _of_candidate(each)) for each in steps.candidates
        )
    if isinstance(steps, IouThresholdSteps):
        return tuple(
            Tried(each.place, _of_outcome(each.outcome, "under_bar"))
            for each in steps.anchors
        )
    shown = {each.place for each in steps.points}
    others = [place for place in one.positives if place not in shown]
    return (
        *(Tried(each.place, _of_point(each)) for each in steps.points),
        *(Tried(place, "positive") for place in others),
    )


def _of_outcome(outcome: str, otherwise: str) -> str:
    """Name what is positive or lost; anything else fell at a test."""
    return {"positive": "positive", "lost": "lost_to_others"}.get(outcome, otherwise)


def _of_candidate(one: Candidate) -> str:
    """Name the test a candidate failed; the center first, which no threshold mends."""
    failed = "under_threshold" if one.is_inside else "center_outside"
    return _of_outcome(one.outcome, failed)


def _of_point(one: Point) -> str:
    """Name the first test that a point failed."""
    failed = "outside_scale_range"
    if not one.is_in_region:
        failed = "outside_center_region" if one.is_inside else "center_outside"
    return _of_outcome(one.outcome, failed)
