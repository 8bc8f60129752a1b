"""Which boxes could have had each anchor, by the assigners' own functions."""

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss.assign import (
    AtssParams,
    adaptive_thresholds,
    eligible_candidates,
    preselect_candidates,
    wanted_anchors,
)
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.fcos.assign import (
    FcosParams,
    claim_strength,
    points_between,
    sides_of_pairs,
    span_along,
)
from atss_inspect.assigners.iou_threshold.assign import (
    IouThresholdParams,
    low_quality_claims,
    reaching_claims,
)
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.settings import AssignerParams


def list_claims(
    frame: Frame, grids: Grids, params: AssignerParams
) -> tuple[IntArray, IntArray]:
    """List every anchor that a box could have had, before contests are resolved.

    Parameters
    ----------
    frame : boxes in input pixels
    grids : the anchors; for FCOS one point a cell
    params : the rule

    Returns
    -------
    gt : (N,) int64 the box
    anchor : (N,) int64 key of the anchor, as `Grids.anchor_key` makes it; a box and an
        anchor meet once. Empty without boxes.
    """
    if isinstance(params, AtssParams):
        return _atss_claims(frame, grids, params)
    if isinstance(params, FcosParams):
        return _fcos_claims(frame, grids, params)
    return _iou_threshold_claims(frame, grids, params)


def is_contested(
    frame: Frame, grids: Grids, params: AssignerParams, assignment: Assignment
) -> BoolArray:
    """Tell which positives another object could have had.

    Returns
    -------
    (P,) bool, rows as in the assignment.
    """
    gt, anchor = list_claims(frame, grids, params)
    image = frame.gt_image[assignment.gt]
    keys = grids.anchor_key(image, assignment.level, assignment.index)
    order = np.argsort(keys)
    place = np.searchsorted(keys, anchor, sorter=order)
    contested = np.zeros(len(keys), dtype=bool)
    near = np.flatnonzero(place < len(keys))
    rows = order[place[near]]
    is_rival = (keys[rows] == anchor[near]) & (assignment.gt[rows] != gt[near])
    contested[rows[is_rival]] = True
    return contested


def _atss_claims(
    frame: Frame, grids: Grids, params: AtssParams
) -> tuple[IntArray, IntArray]:
    """Candidates at or over the threshold whose center is inside the box."""
    gt = corners_of(frame.gt_boxes)
    candidates = preselect_candidates(frame, grids, gt, params)
    statistics = adaptive_thresholds(candidates, frame.gt_image, params)
    places, _ = eligible_candidates(gt, candidates, statistics, params)
    wanted = wanted_anchors(frame, grids, candidates, places)
    return wanted.gt, wanted.anchor


def _iou_threshold_claims(
    frame: Frame, grids: Grids, params: IouThresholdParams
) -> tuple[IntArray, IntArray]:
    """Anchors over the bar, and low-quality matches."""
    gt = corners_of(frame.gt_boxes)
    claims, best = reaching_claims(frame, gt, grids, params)
    is_eligible = claims.iou >= np.float32(params.positive_from)
    is_eligible[low_quality_claims(claims, best, params)] = True
    return claims.gt[is_eligible], claims.anchor[is_eligible]


def _fcos_claims(
    frame: Frame, grids: Grids, params: FcosParams
) -> tuple[IntArray, IntArray]:
    """Points inside the box, near enough to its center, in the level's range."""
    gt = corners_of(frame.gt_boxes)
    _, can_own = claim_strength(gt, params)
    num_levels = grids.pyramid.num_levels
    pairs = np.flatnonzero(np.repeat(can_own, num_levels))
    across, along = (
        side.take(pairs) for side in sides_of_pairs(frame, gt, grids, params)
    )
    columns, rows = span_along(across, params), span_along(along, params)
    pair, index = points_between(columns, rows, across.num_points)
    box, level = np.divmod(pairs[pair], num_levels)
    return box, grids.anchor_key(frame.gt_image[box], level, index)
