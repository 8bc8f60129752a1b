"""The IoU-threshold rule of RetinaNet and RPN: one bar, and low-quality matches."""

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import (
    FRAGILE_ULPS,
    Assignment,
    is_near,
    places_near,
    put_together,
)
from atss_inspect.assigners.boxes import Corners, corners_of
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import (
    BestBoxes,
    Claims,
    best_boxes,
    join_claims,
    marked,
    strongest_claims,
)
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.iou_threshold.windows import (
    anchors_reaching,
    best_iou_bound,
)
from atss_inspect.assigners.pyramid import Grids, Pyramid


def assign_iou_threshold(
    frame: Frame, pyramid: Pyramid, params: IouThresholdParams
) -> Assignment:
    """Assign anchors to boxes by their best IoU.

    Parameters
    ----------
    frame : boxes of any number of images, float32 input pixels
    pyramid : the anchors
    params : the convention

    Returns
    -------
    Assignment. An image without boxes is all negative. Equal best IoU with two boxes:
    the lowest box, and both count as tied.

    Notes
    -----
    Lin et al. 2017 (arXiv:1708.02002) and Ren et al. 2015 (arXiv:1506.01497):

    1. every anchor's best IoU over the boxes of its image;
    2. at least ``positive_from``: positive; below ``negative_below``: negative; else
       ignored;
    3. low-quality matches: every anchor whose IoU equals, to the last bit, the best
       IoU of some box becomes positive. A box that overlaps no anchor at all has best
       IoU 0 and so claims every anchor of its image, as in the frameworks.
    """
    if params.positive_from <= 0:
        message = f"positive_from must be above 0, got {params.positive_from}"
        raise ValueError(message)
    grids = pyramid.grids(frame.padded_size)
    gt = corners_of(frame.gt_boxes)
    claims, best = reaching_claims(frame, gt, grids, params)
    contest, num_claims = strongest_claims(claims), len(claims.gt)
    wins = contest.wins(num_claims)
    low = low_quality_claims(claims, best, params)
    reaches = claims.strength >= np.float32(params.positive_from)
    is_held = marked(contest.holder_of(low, num_claims), num_claims)
    held = np.flatnonzero(is_held)
    is_taken = (wins & reaches) | is_held
    own_best = best_boxes_of_unlisted(claims, held, frame, grids, params)
    # Below the bar not every box is listed: there the looked-up best boxes tell.
    is_listed = claims.strength >= enumeration_bar(params)
    tied = contest.tied(claims.gt, is_taken & is_listed)
    owners = low_quality_owners(claims, low, held, own_best, params)
    plain = claims.take(np.flatnonzero(is_taken & ~is_held))
    positives = join_claims([plain, owners])
    # What boxes were eligible for: over the bar, or their best.
    reaches[low] = True
    wanted = claims.take(np.flatnonzero(reaches))
    reached = partial(stage_reached, best, frame, grids, params)
    is_ignored = (
        wins & ~is_taken & (claims.strength >= np.float32(params.negative_below))
    )
    return replace(
        put_together(frame, grids, positives, wanted, reached),
        num_ignored=count_ignored(claims, is_ignored, positives, frame, grids, params),
        is_tied=marked(np.concatenate([tied, own_best.tied]), frame.num_gt),
        is_fragile=fragile_boxes(claims, wins, best, params),
    )


def reaching_claims(
    frame: Frame, gt: Corners, grids: Grids, params: IouThresholdParams
) -> tuple[Claims, Float32Array]:
    """List the anchors that reach the ignore band, or, failing that, a box's best.

    Returns
    -------
    claims : every (box, anchor) pair at or just under ``negative_below``, and for
        boxes without one (if low-quality matches are allowed) their best anchors
    best : (G,) float32 best IoU of each box; 0 where only such pairs were asked for
    """
    bar = enumeration_bar(params)
    bars = np.full(frame.num_gt, bar)
    parts = anchors_reaching(gt, frame.gt_image, bars, grids, params)
    best = np.zeros(frame.num_gt, dtype=np.float32)
    raise_best(best, parts)
    if params.allow_low_quality:
        weak = best_anchors(np.flatnonzero(best < bar), frame, gt, grids, params)
        raise_best(best, weak)
        parts += weak
    return join_claims(parts), best


def raise_best(best: Float32Array, parts: list[Claims]) -> None:
    """Raise the best IoU of each box, (G,) float32, to that of its claims."""
    for part in parts:
        np.maximum.at(best, part.gt, part.strength)


def enumeration_bar(params: IouThresholdParams) -> np.float32:
    """Lowest IoU worth listing: a few ulp under the lower bar, to see fragile ones.

    A negative bar of 0 needs no list: every anchor that is not positive is ignored.
    """
    lower = min(params.negative_below or np.inf, params.positive_from)
    bar = np.float32(lower)
    return np.float32(bar - FRAGILE_ULPS * np.spacing(bar))


def best_anchors(
    weak: IntArray, frame: Frame, gt: Corners, grids: Grids, params: IouThresholdParams
) -> list[Claims]:
    """List the anchors around the best IoU of boxes that reach no bar.

    A box that overlaps no anchor claims every anchor of its image, with IoU 0.
    """
    image = frame.gt_image[weak]
    boxes = gt.take(weak)
    bound = best_iou_bound(boxes, image, grids, params)
    some, none = np.flatnonzero(bound > 0), np.flatnonzero(bound == 0)
    # A little under the bound: rounding may make another anchor the best.
    bars = bound[some] * np.float32(1 - 1e-5)
    near = anchors_reaching(boxes.take(some), image[some], bars, grids, params)
    place, anchor = grids.anchors_of(image[none])
    nothing = np.zeros(len(anchor), dtype=np.float32)
    return [
        *(part._replace(gt=weak[some[part.gt]]) for part in near),
        Claims(weak[none[place]], anchor, nothing),
    ]


def low_quality_claims(
    claims: Claims, best: Float32Array, params: IouThresholdParams
) -> IntArray:
    """Rows of the claims that equal their box's best IoU, if that reaches the floor."""
    if not params.allow_low_quality:
        return np.zeros(0, dtype=np.int64)
    is_best = claims.strength == best[claims.gt]
    is_best &= claims.strength >= np.float32(params.low_quality_floor)
    return np.flatnonzero(is_best)


def best_boxes_of_unlisted(
    claims: Claims,
    held: IntArray,
    frame: Frame,
    grids: Grids,
    params: IouThresholdParams,
) -> BestBoxes:
    """Find the best box of low-quality anchors below the bar, row by row of ``held``.

    Boxes that reach the bar elsewhere were not listed below it, so the best box of an
    anchor below the bar is looked up among all boxes of its image.
    """
    gt, anchor, overlaps = claims.take(held)
    unlisted = np.flatnonzero(overlaps < enumeration_bar(params))
    found = best_boxes(anchor[unlisted], frame, grids, params)
    gt[unlisted], overlaps[unlisted] = found.gt, found.iou
    return BestBoxes(gt, overlaps, found.tied)


def low_quality_owners(
    claims: Claims,
    low: IntArray,
    held: IntArray,
    own_best: BestBoxes,
    params: IouThresholdParams,
) -> Claims:
    """Find who gets the low-quality anchors: their last claimer, or their best box."""
    if params.low_quality_owner == "own_best":
        return Claims(own_best.gt, claims.anchor[held], own_best.iou)
    claims = claims.take(low)
    place: Any = claims.gt
    contest = strongest_claims(claims._replace(strength=place))
    return claims.take(contest.wins(len(low)))


def stage_reached(
    best: Float32Array,
    frame: Frame,
    grids: Grids,
    params: IouThresholdParams,
    boxes: BoolArray,
) -> IntArray:
    """Tell boxes that overlap no anchor from those under the bar; (G,) causes.

    Only those of ``boxes``, (G,) bool, are looked at.
    """
    # Without low-quality matches nobody looked below the bar yet.
    unknown = np.flatnonzero(boxes & (best == 0))
    gt = corners_of(frame.gt_boxes[unknown])
    bound = best_iou_bound(gt, frame.gt_image[unknown], grids, params)
    reached = np.full(len(best), CAUSES.index("under_bar"))
    reached[unknown[bound == 0]] = CAUSES.index("no_anchor_in_reach")
    return reached


def count_ignored(
    claims: Claims,
    is_ignored: BoolArray,
    positives: Claims,
    frame: Frame,
    grids: Grids,
    params: IouThresholdParams,
) -> IntArray:
    """Count the ignored anchors of each image; (I,) int64."""

    def per_image(gt: IntArray) -> IntArray:
        return np.bincount(frame.gt_image[gt], minlength=frame.num_images)

    if params.negative_below > 0:
        return per_image(claims.gt[np.flatnonzero(is_ignored)])
    has_boxes = marked(frame.gt_image, frame.num_images)
    return np.where(has_boxes, grids.num_anchors - per_image(positives.gt), 0)


def fragile_boxes(
    claims: Claims, wins: BoolArray, best: Float32Array, params: IouThresholdParams
) -> BoolArray:
    """Boxes whose anchors' best IoU nearly equals a bar, or whose best the floor."""
    near = [
        places_near(claims.strength, np.float32(bar))
        for bar in (params.positive_from, params.negative_below)
    ]
    rows = np.concatenate(near)
    is_fragile = marked(claims.gt[rows[wins[rows]]], len(best))
    if params.allow_low_quality and params.low_quality_floor > 0:
        is_fragile |= is_near(best, np.float32(params.low_quality_floor))
    return is_fragile
