"""The steps of the IoU-threshold rule for one object."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.iou_threshold.assign import (
    low_quality_claims,
    reaching_claims,
)
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.iou_threshold.windows import (
    Claims,
    anchors_reaching,
    best_iou_bound,
    join_claims,
)
from atss_inspect.assigners.rule import Tried
from atss_inspect.assigners.steps import outcome_name
from atss_inspect.assigners.subject import Place, Subject

# A box that overlaps no anchor claims every anchor of its image; these are enough.
MAX_ANCHORS = 200


class Overlapping(NamedTuple):
    """One anchor that overlaps the object.

    Attributes
    ----------
    place : which anchor
    iou : float32 with the box
    reaches_bar : its IoU is at least ``positive_from``
    is_low_quality : it is (one of) the object's best, and may be a low-quality match
    outcome : ``positive``, ``lost`` (to another object) or ``no``
    held_by : annotation id of another object that has the anchor, or None
    rivals : annotation ids of other objects that could have had it
    """

    place: Place
    iou: np.float32
    reaches_bar: bool
    is_low_quality: bool
    outcome: str
    held_by: Any
    rivals: tuple[Any, ...]


class IouThresholdSteps(NamedTuple):
    """How the IoU-threshold rule comes to its answer.

    Attributes
    ----------
    params : of the rule
    best : float32 best IoU of the object with any anchor
    num_over_bar : anchors whose IoU with the object is at least ``positive_from``
    num_low_quality : anchors that are low-quality matches by their IoU with it
    anchors : the best ones: at least half the best IoU, at most ``MAX_ANCHORS``
    """

    params: IouThresholdParams
    best: np.float32
    num_over_bar: int
    num_low_quality: int
    anchors: tuple[Overlapping, ...]


def iou_threshold_steps(
    subject: Subject, params: IouThresholdParams
) -> IouThresholdSteps:
    """Follow the IoU-threshold rule for one object."""
    gt = corners_of(subject.frame.gt_boxes)
    claims, best = reaching_claims(subject.frame, gt, subject.grids, params)
    is_low = np.zeros(len(claims.gt), dtype=bool)
    is_low[low_quality_claims(claims, best, params)] = True
    reaches = claims.iou >= np.float32(params.positive_from)
    own = claims.gt == subject.gt
    low_keys = claims.anchor[own & is_low]
    shown = _best_anchors(subject, params, claims.take(own & is_low))
    is_eligible = reaches | is_low
    # A box without overlap claims all anchors: only those shown matter as rivals.
    is_eligible &= np.isin(claims.anchor, shown.anchor)
    rivals = subject.rivals(claims.gt[is_eligible], claims.anchor[is_eligible])
    return IouThresholdSteps(
        params=params,
        best=shown.iou.max(initial=np.float32(0)),
        num_over_bar=int(np.count_nonzero(own & reaches)),
        num_low_quality=int(np.count_nonzero(own & is_low & ~reaches)),
        anchors=_overlapping(subject, params, shown, low_keys, rivals),
    )


def _best_anchors(
    subject: Subject, params: IouThresholdParams, low_quality: Claims
) -> Claims:
    """Take the anchors of at least half the object's best IoU, the best first."""
    gt = corners_of(subject.frame.gt_boxes).take([subject.gt])
    image = np.zeros(1, dtype=np.int64)
    bound = best_iou_bound(gt, image, subject.grids, params)
    found = low_quality
    if bound[0] > 0:
        bars = bound / np.float32(2)
        found = join_claims(anchors_reaching(gt, image, bars, subject.grids, params))
    return found.take(np.lexsort((found.anchor, -found.iou))[:MAX_ANCHORS])


def _overlapping(
    subject: Subject,
    params: IouThresholdParams,
    shown: Claims,
    low_keys: IntArray,
    rivals: dict[int, list[Any]],
) -> tuple[Overlapping, ...]:
    """Note of each anchor which bar it reaches and what became of it."""
    reaches = shown.iou >= np.float32(params.positive_from)
    is_low = np.isin(shown.anchor, low_keys)
    fates = subject.fates(shown.anchor, reaches | is_low, rivals)
    tests = zip(shown.iou, reaches.tolist(), is_low.tolist(), strict=True)
    return tuple(
        Overlapping(place, *test, *fate)
        for (place, fate), test in zip(fates, tests, strict=True)
    )


def tried_anchors(
    steps: IouThresholdSteps, _positives: Sequence[Place]
) -> Iterator[Tried]:
    """List the anchors of at least half the best IoU."""
    for each in steps.anchors:
        yield Tried(each.place, outcome_name(each.outcome, "under_bar"))
