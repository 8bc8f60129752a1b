"""The IoU-threshold rule of RetinaNet and RPN: one bar, and low-quality matches."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.boxes import FRAGILE_ULPS, corners_of, places_near
from atss_inspect.assigners.causes import CAUSES, LOST_TO_OTHERS, Unassigned
from atss_inspect.assigners.contest import Claims, best_boxes, marked, strongest_claims
from atss_inspect.assigners.distances import MeasureRule, likeness
from atss_inspect.assigners.iou_threshold import windows
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.pyramid import Grids, Pyramid


def last_claimers(claims: Claims) -> Claims:
    """Find who gets low-quality anchors where the last one to claim them does."""
    place: Any = claims.gt
    contest = strongest_claims(claims._replace(strength=place))
    return claims.take(contest.wins(len(claims.gt)))


def assign_iou_threshold(
    frame: Frame,
    pyramid: Pyramid,
    params: IouThresholdParams,
    claimers: Callable[[Claims], Claims] = last_claimers,
) -> Assignment:
    """Assign anchors to boxes by their best IoU.

    ``claimers`` choose who gets a low-quality anchor that goes to a claimer.

    An image without boxes is all negative. Equal best IoU with two boxes:
    the lowest box, and both count as tied.

    Notes
    -----
    Lin et al. 2017 (arXiv:1708.02002) and Ren et al. 2015 (arXiv:1506.01497):

    1. every anchor's best IoU over the boxes of its image;
    2. at least ``positive_from``: positive; below ``negative_below``: negative; else
       ignored;
    3. low-quality matches: every anchor whose IoU equals, to the last bit, the best
       IoU of some box becomes positive. A box that overlaps no anchor at all has best
       IoU 0 and so claims every anchor of its image, as in the frameworks. With
       ``low_quality_ties`` of ``first``, it is the first of them in their order only.
    """
    _require_bar(params)
    grids = pyramid.grids(frame.padded_size, frame.input_size)
    claims, best = reaching_claims(frame, grids, params)
    contest, num_claims = strongest_claims(claims), len(claims.gt)
    wins = contest.wins(num_claims)
    low, one_of_several = low_quality_claims(claims, best, params)
    reaches, is_above, low = _at_bars(claims, low, grids, params)
    is_held = marked(contest.holder_of(low, num_claims), num_claims)
    is_taken = (wins & reaches) | is_held
    held = claims.take(np.flatnonzero(is_held))
    owners, shared = best_boxes_of_unlisted(held, frame, grids, params)
    if params.low_quality_owner == "claimer":
        owners = claimers(claims.take(low))
    # Below the bar not every box is listed: there the looked-up best boxes tell.
    is_listed = claims.strength >= enumeration_bar(params)
    tied = contest.tied(claims.gt, is_taken & is_listed)
    positives = Claims.join([claims.take(np.flatnonzero(is_taken & ~is_held)), owners])
    wanted, at_bar = _wanted(claims, reaches, low)
    reached = partial(stage_reached, best, frame, grids, params)
    low_bar = params.negative_below
    between = claims.gt[np.flatnonzero(wins & is_above & ~is_taken)]
    answer = Assignment.of(frame, grids, positives, wanted, reached)
    return replace(
        answer,
        unassigned=below_the_bar(answer.unassigned, at_bar, reached),
        num_ignored=count_ignored(between, positives.gt, frame, grids, low_bar),
        is_tied=marked(np.concatenate([tied, shared, one_of_several]), frame.num_gt),
        is_fragile=fragile_boxes(claims, wins, best, params),
    )


def _require_bar(params: IouThresholdParams) -> None:
    if params.positive_from <= 0:
        message = f"positive_from must be above 0, got {params.positive_from}"
        raise ValueError(message)


def _wanted(
    claims: Claims, reaches: BoolArray, low: IntArray
) -> tuple[Claims, IntArray]:
    """What boxes were eligible for, over the bar or their best; boxes of the former."""
    is_wanted = reaches.copy()
    is_wanted[low] = True
    return claims.take(np.flatnonzero(is_wanted)), claims.gt[np.flatnonzero(reaches)]


def _at_bars(
    claims: Claims, low: IntArray, grids: Grids, params: IouThresholdParams
) -> tuple[BoolArray, BoolArray, IntArray]:
    """Which claims reach the bar, which the lower one, and which are low-quality.

    (C,) bool twice, and places; of anchors that are left out none does.
    """
    reaches, is_above = (
        claims.strength >= np.float32(bar)
        for bar in (params.positive_from, params.negative_below)
    )
    if (is_kept := grids.is_kept(claims.anchor)) is None:
        return reaches, is_above, low
    return reaches & is_kept, is_above & is_kept, low[is_kept[low]]


def below_the_bar(
    unassigned: Unassigned, at_bar: IntArray, reached: Callable[[BoolArray], IntArray]
) -> Unassigned:
    """Boxes without an anchor at the bar lost no more than a low-quality match.

    ``at_bar`` are the boxes of all anchors that reach it.
    """
    cause = unassigned.cause
    below = (cause == CAUSES.index(LOST_TO_OTHERS)) & ~marked(at_bar, len(cause))
    return unassigned._replace(cause=np.where(below, reached(below), cause))


def reaching_claims(
    frame: Frame, grids: Grids, params: IouThresholdParams
) -> tuple[Claims, Float32Array]:
    """List the anchors that reach the ignore band, or, failing that, a box's best.

    Returns
    -------
    claims : every (box, anchor) pair at or just under ``negative_below``, and for
        boxes without one (if low-quality matches are allowed) their best anchors
    best : (G,) float32 best IoU of each box; 0 where only such pairs were asked for
    """
    bar, best = enumeration_bar(params), np.zeros(frame.num_gt, dtype=np.float32)
    gt, bars = corners_of(frame.gt_boxes), np.full(frame.num_gt, bar)
    parts = windows.anchors_reaching(gt, frame.gt_image, bars, grids, params)
    for part in parts:
        np.maximum.at(best, part.gt, part.strength)
    if params.allow_low_quality:
        for part in best_anchors(np.flatnonzero(best < bar), frame, grids, params):
            np.maximum.at(best, part.gt, part.strength)
            parts.append(part)
    return Claims.join(parts), best


def enumeration_bar(params: IouThresholdParams) -> np.float32:
    """Lowest IoU worth listing: a few ulp under the lower bar, to see fragile ones.

    A negative bar of 0 needs no list: every anchor that is not positive is ignored.
    """
    bar = np.float32(min(params.negative_below or np.inf, params.positive_from))
    return np.float32(bar - FRAGILE_ULPS * np.spacing(bar))


def best_anchors(
    weak: IntArray, frame: Frame, grids: Grids, params: IouThresholdParams
) -> list[Claims]:
    """List the anchors around the best IoU of boxes that reach no bar.

    A box that overlaps no anchor claims every anchor of its image, with IoU 0.
    """
    image, boxes = frame.gt_image[weak], corners_of(frame.gt_boxes[weak])
    bound = windows.best_iou_bound(boxes, image, grids, params)
    some, none = np.flatnonzero(bound > 0), np.flatnonzero(bound == 0)
    if params.low_quality_floor > 0:
        none = none[:0]
    boxes = boxes.take(some)
    bars = windows.bars_under(bound[some], boxes, grids, params)
    near = windows.anchors_reaching(boxes, image[some], bars, grids, params)
    place, anchor = grids.anchors_of(image[none])
    nothing = np.zeros(len(anchor), dtype=np.float32)
    return [
        *(part._replace(gt=weak[some[part.gt]]) for part in near),
        Claims(weak[none[place]], anchor, nothing),
    ]


def low_quality_claims(
    claims: Claims, best: Float32Array, params: IouThresholdParams
) -> tuple[IntArray, IntArray]:
    """Rows of the claims that equal their box's best IoU, if that reaches the floor.

    The second result are boxes whose first such anchor is one of several; none where
    all of them count.
    """
    if not params.allow_low_quality:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    is_best = claims.strength == best[claims.gt]
    is_best &= claims.strength >= np.float32(params.low_quality_floor)
    rows = np.flatnonzero(is_best)
    if params.low_quality_ties == "all":
        return rows, rows[:0]
    rows = rows[np.lexsort((claims.anchor[rows], claims.gt[rows]))]
    box, first, number = np.unique(
        claims.gt[rows], return_index=True, return_counts=True
    )
    return rows[first], box[number > 1]


def best_boxes_of_unlisted(
    held: Claims, frame: Frame, grids: Grids, params: IouThresholdParams
) -> tuple[Claims, IntArray]:
    """Find the best box of low-quality anchors below the bar, claim by claim.

    Boxes that reach the bar elsewhere were not listed below it, so the best box of an
    anchor below the bar is looked up among all boxes of its image. The second result
    are boxes that share the best IoU of such an anchor.
    """
    unlisted = np.flatnonzero(held.strength < enumeration_bar(params))
    compare = partial(likeness, rule=params)
    best, tied = best_boxes(held.anchor[unlisted], frame, grids, compare)
    held.gt[unlisted], held.strength[unlisted] = best.gt, best.strength
    return held, tied


def stage_reached(
    best: Float32Array, frame: Frame, grids: Grids, rule: MeasureRule, boxes: BoolArray
) -> IntArray:
    """Causes of ``boxes``, (G,) bool: no anchor overlaps, or all are under the bar."""
    # Without low-quality matches nobody looked below the bar yet.
    unknown = np.flatnonzero(boxes & (best == 0))
    gt = corners_of(frame.gt_boxes[unknown])
    bound = windows.best_iou_bound(gt, frame.gt_image[unknown], grids, rule)
    reached = np.full(len(best), CAUSES.index("under_bar"))
    reached[unknown[bound == 0]] = CAUSES.index("no_anchor_in_reach")
    return reached


def count_ignored(
    ignored: IntArray, taken: IntArray, frame: Frame, grids: Grids, bar: float
) -> IntArray:
    """Count the ignored anchors of each image; (I,) int64.

    ``ignored`` and ``taken`` are boxes of the anchors that are listed between the bars,
    and of the positives; ``bar`` is the lower one.
    """
    image = frame.gt_image[ignored if bar > 0 else taken]
    counts = np.bincount(image, minlength=frame.num_images)
    if bar > 0:
        return counts + grids.num_beyond
    has_boxes = marked(frame.gt_image, frame.num_images)
    return np.where(has_boxes, grids.num_anchors - counts, grids.num_beyond)


def fragile_boxes(
    claims: Claims, wins: BoolArray, best: Float32Array, params: IouThresholdParams
) -> BoolArray:
    """Boxes whose anchors' best IoU nearly equals a bar, or whose best the floor."""
    bars = [np.float32(params.positive_from), np.float32(params.negative_below)]
    rows = np.concatenate([places_near(claims.strength, bar) for bar in bars])
    boxes = claims.gt[rows[wins[rows]]]
    if params.allow_low_quality and params.low_quality_floor > 0:
        at_floor = places_near(best, np.float32(params.low_quality_floor))
        boxes = np.concatenate([boxes, at_floor])
    return marked(boxes, len(best))
