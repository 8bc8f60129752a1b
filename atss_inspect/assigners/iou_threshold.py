"""The IoU-threshold rule of RetinaNet and RPN: one bar, and low-quality matches."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.contest import Contest, strongest_claims
from atss_inspect.assigners.fragility import FRAGILE_ULPS, is_near
from atss_inspect.assigners.image_anchors import anchors_of_images, best_boxes
from atss_inspect.assigners.iou_windows import (
    Claims,
    anchors_reaching,
    best_iou_bound,
    join_claims,
)
from atss_inspect.boxes import Corners, corners_of
from atss_inspect.frame import Frame
from atss_inspect.pyramid import Grids, Pyramid


@dataclass(frozen=True)
class IouThresholdParams:
    """Parameters of the IoU-threshold rule (RetinaNet, RPN).

    Attributes
    ----------
    positive_from : an anchor whose best IoU is at least this is positive
    negative_below : an anchor whose best IoU is below this is negative; between the
        two it is ignored
    allow_low_quality : make a box's best anchors positive below the bar
    low_quality_floor : only if that best IoU is at least this
    low_quality_owner : such an anchor goes to the ``claimer`` whose best it is (the
        last one, mmdetection) or stays with its ``own_best`` box (everyone else)
    plus_one : count sides of boxes as x2 - x1 + 1 in the IoU
    min_union : the union is at least this (square pixels)
    """

    positive_from: float = 0.5
    negative_below: float = 0.4
    allow_low_quality: bool = True
    low_quality_floor: float = 0.0
    low_quality_owner: Literal["claimer", "own_best"] = "claimer"
    plus_one: bool = False
    min_union: float = 0.0


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
    grids = pyramid.grids(frame.padded_size)
    gt = corners_of(frame.gt_boxes)
    claims, best = reaching_claims(frame, gt, grids, params)
    contest = strongest_claims(claims.anchor, claims.iou, claims.gt)
    num_claims = len(claims.gt)
    wins = contest.wins(num_claims)
    is_positive = wins & (claims.iou >= np.float32(params.positive_from))
    is_ignored = wins & (claims.iou >= np.float32(params.negative_below)) & ~is_positive
    is_fragile = fragile_boxes(claims, wins, best, params)
    if params.allow_low_quality:
        low = low_quality_claims(claims, best, params)
        held = contest.holder_of(low, num_claims)
        is_ignored[held] = False
        if params.low_quality_owner == "claimer":
            is_positive[held] = False
            is_positive[last_claimers(claims, low)] = True
        else:
            is_positive[held] = True
            claims = with_own_best(claims, held, frame, gt, grids, params)
    rows = np.flatnonzero(is_positive)
    _, level, index = grids.locate(claims.anchor[rows])
    ignored_image = frame.gt_image[claims.gt[np.flatnonzero(is_ignored)]]
    return Assignment(
        gt=claims.gt[rows],
        level=level,
        index=index,
        iou=claims.iou[rows],
        num_ignored=np.bincount(ignored_image, minlength=frame.num_images),
        num_anchors=grids.num_anchors,
        is_tied=tied_boxes(frame.num_gt, claims, contest, is_positive),
        is_fragile=is_fragile,
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
        np.maximum.at(best, part.gt, part.iou)


def enumeration_bar(params: IouThresholdParams) -> np.float32:
    """Lowest IoU worth listing: a few ulp under the lower bar, to see fragile ones."""
    bar = np.float32(min(params.negative_below, params.positive_from))
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
    place, anchor = anchors_of_images(image[none], grids)
    nothing = np.zeros(len(anchor), dtype=np.float32)
    return [
        *(part._replace(gt=weak[some[part.gt]]) for part in near),
        Claims(weak[none[place]], anchor, nothing),
    ]


def low_quality_claims(
    claims: Claims, best: Float32Array, params: IouThresholdParams
) -> IntArray:
    """Rows of the claims that equal their box's best IoU, if that reaches the floor."""
    is_best = claims.iou == best[claims.gt]
    is_best &= claims.iou >= np.float32(params.low_quality_floor)
    return np.flatnonzero(is_best)


def last_claimers(claims: Claims, rows: IntArray) -> IntArray:
    """Keep, of the low-quality claims on one anchor, that of the last box."""
    gt = claims.gt[rows]
    contest = strongest_claims(claims.anchor[rows], gt, gt)
    return rows[contest.wins(len(rows))]


def with_own_best(
    claims: Claims,
    rows: IntArray,
    frame: Frame,
    gt: Corners,
    grids: Grids,
    params: IouThresholdParams,
) -> Claims:
    """Hand low-quality anchors to the box they overlap most, listed or not.

    Boxes that reach the bar elsewhere were not listed below it, so the best box of an
    anchor below the bar has to be looked up among all boxes of its image.
    """
    rows = np.unique(rows)
    rows = rows[claims.iou[rows] < enumeration_bar(params)]
    owner, overlaps = claims.gt.copy(), claims.iou.copy()
    owner[rows], overlaps[rows] = best_boxes(
        claims.anchor[rows], frame, gt, grids, params
    )
    return claims._replace(gt=owner, iou=overlaps)


def tied_boxes(
    num_gt: int, claims: Claims, contest: Contest, is_positive: BoolArray
) -> BoolArray:
    """Boxes that share the best IoU of a positive anchor with another; (G,) bool."""
    losers, winners = contest.losers[contest.is_even], contest.winners[contest.is_even]
    # A low-quality match may have moved the anchor from the winner to the loser.
    taken = is_positive[winners] | is_positive[losers]
    is_tied = np.zeros(num_gt, dtype=bool)
    is_tied[claims.gt[losers[taken]]] = True
    is_tied[claims.gt[winners[taken]]] = True
    return is_tied


def fragile_boxes(
    claims: Claims, wins: BoolArray, best: Float32Array, params: IouThresholdParams
) -> BoolArray:
    """Boxes whose anchors' best IoU nearly equals a bar, or whose best the floor."""
    is_fragile = np.zeros(len(best), dtype=bool)
    for bar in (params.positive_from, params.negative_below):
        near = np.flatnonzero(is_near(claims.iou, np.float32(bar)))
        is_fragile[claims.gt[near[wins[near]]]] = True
    if params.allow_low_quality and params.low_quality_floor > 0:
        is_fragile |= is_near(best, np.float32(params.low_quality_floor))
    return is_fragile
