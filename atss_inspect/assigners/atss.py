"""ATSS: a threshold of its own for every object, from its nearest anchors."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment, CandidateStatistics
from atss_inspect.assigners.contest import strongest_claims
from atss_inspect.assigners.fragility import is_near
from atss_inspect.assigners.image_anchors import best_boxes
from atss_inspect.assigners.nearest_cells import (
    NearestCells,
    nearest_cells,
    pair_grids,
)
from atss_inspect.assigners.torch_mean import torch_mean
from atss_inspect.boxes import Corners, corners_of, iou
from atss_inspect.frame import Frame
from atss_inspect.pyramid import Grids, Pyramid


@dataclass(frozen=True)
class AtssParams:
    """Parameters of Adaptive Training Sample Selection (arXiv 1912.02424).

    Attributes
    ----------
    k : candidates per level: the k anchors whose centers lie closest to the box's
    k_per_anchor : multiply k by the anchors per cell (the authors' code)
    threshold_test : an IoU equal to mean + std is positive (``>=``) or not (``>``)
    std_ddof : 1 divides the variance by n - 1, 0 by n
    center_margin : an anchor center must lie more than this inside the box (pixels)
    contest : a contested anchor goes to the highest IoU among its ``claimants``, or
        among ``all`` boxes of the image
    plus_one : count sides of boxes as x2 - x1 + 1 in the IoU
    min_union : the union is at least this (square pixels)
    """

    k: int = 9  # authors' code, MODEL.ATSS.TOPK
    k_per_anchor: bool = False
    threshold_test: Literal[">=", ">"] = ">="
    std_ddof: int = 1
    center_margin: float = 0.01
    contest: Literal["claimants", "all"] = "claimants"
    plus_one: bool = False
    min_union: float = 0.0


@dataclass(frozen=True)
class Candidates:
    """The anchors preselected for every box, level by level, nearest first.

    Attributes
    ----------
    cells : row, column and place in the cell, as (G * L, K)
    anchors : corners, each (G, L * K) float32
    iou : (G, L * K) float32 with the box; NaN where a level has fewer than K anchors
    """

    cells: NearestCells
    anchors: Corners
    iou: Float32Array


def assign_atss(frame: Frame, pyramid: Pyramid, params: AtssParams) -> Assignment:
    """Assign anchors to boxes by Adaptive Training Sample Selection.

    Parameters
    ----------
    frame : boxes of any number of images, float32 input pixels
    pyramid : the anchors
    params : the convention

    Returns
    -------
    Assignment. An image without boxes is all negative; nothing is ever ignored. A box
    may get nothing: no candidate center inside it, all candidates under its threshold,
    or every anchor lost. Ties: equal distances take the lowest anchor, a contested
    anchor with equal IoU goes to the lowest box.

    Notes
    -----
    Zhang et al. 2020 (arXiv:1912.02424), Algorithm 1:

    1. per level, the k anchors whose centers lie closest to the box's center;
    2. their IoU with the box;
    3. threshold = mean + standard deviation of these IoUs, in float32: the mean as
       torch sums it, the deviation from float64, which torch agrees with;
    4. positive: at or above the threshold, center inside the box;
    5. a contested anchor goes to the highest IoU.
    """
    grids = pyramid.grids(frame.padded_size)
    gt = corners_of(frame.gt_boxes)
    candidates = preselect_candidates(frame, grids, gt, params)
    statistics = adaptive_thresholds(candidates, frame.gt_image, params)
    bar = statistics.threshold[:, None]
    if params.threshold_test == ">=":
        eligible = candidates.iou >= bar
    else:
        eligible = candidates.iou > bar
    claims = np.flatnonzero(eligible)
    depth = center_depth(gt, candidates, claims)
    margin = np.float32(params.center_margin)
    is_fragile: BoolArray = is_near(candidates.iou, bar).any(axis=1)
    is_fragile[claims[is_near(depth, margin)] // candidates.iou.shape[1]] = True
    claims = claims[depth > margin]
    return _resolve(frame, grids, params, candidates, claims, statistics, is_fragile)


def preselect_candidates(
    frame: Frame, grids: Grids, gt: Corners, params: AtssParams
) -> Candidates:
    """Take the k nearest anchors of every level, and their IoU with the box."""
    num_levels = grids.pyramid.num_levels
    num_anchors = grids.pyramid.anchors_per_cell
    k = params.k * num_anchors if params.k_per_anchor else params.k
    grid = pair_grids(grids, frame.gt_image)
    center_x = (gt.x1 + gt.x2) / np.float32(2)
    center_y = (gt.y1 + gt.y2) / np.float32(2)
    cells = nearest_cells(
        np.repeat(center_x, num_levels), np.repeat(center_y, num_levels), grid, k
    )
    shift_x = cells.column.astype(np.float32) * grid.step_x[:, None]
    shift_y = cells.row.astype(np.float32) * grid.step_y[:, None]
    if num_anchors == 1:
        base = grid.anchors.take(np.s_[0, :, None])
    else:
        base = grid.anchors.take((cells.anchor, np.arange(len(cells.row))[:, None]))
    flat = (frame.num_gt, num_levels * k)
    anchors = Corners(
        (base.x1 + shift_x).reshape(flat),
        (base.y1 + shift_y).reshape(flat),
        (base.x2 + shift_x).reshape(flat),
        (base.y2 + shift_y).reshape(flat),
    )
    overlaps = iou(gt.take(np.s_[:, None]), anchors, params)
    if not cells.is_real.all():
        overlaps[~cells.is_real.reshape(flat)] = np.nan
    return Candidates(cells, anchors, overlaps)


def adaptive_thresholds(
    candidates: Candidates, gt_image: IntArray, params: AtssParams
) -> CandidateStatistics:
    """Mean, standard deviation and their sum, over the candidates of each box.

    One candidate has no sample deviation (ddof 1): NaN, and a NaN bar feeds nothing.
    """
    is_real = ~np.isnan(candidates.iou)
    num_candidates = is_real.sum(axis=1)
    exact = np.where(is_real, candidates.iou, np.float32(0)).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 is the NaN meant above
        exact -= (exact.sum(axis=1) / num_candidates)[:, None]
        exact *= is_real
        exact *= exact
        variance = exact.sum(axis=1) / (num_candidates - params.std_ddof)
    mean = torch_mean(candidates.iou, num_candidates, gt_image)
    std = np.sqrt(variance).astype(np.float32)
    return CandidateStatistics(mean, std, mean + std, num_candidates)


def center_depth(gt: Corners, candidates: Candidates, claims: IntArray) -> Float32Array:
    """Measure how far inside its box the center of each claimed anchor lies (pixels).

    ``claims`` are flat places in the (G, L * K) candidates; negative is outside.
    """
    box = gt.take(claims // candidates.iou.shape[1])
    anchor = Corners(*(side.ravel()[claims] for side in candidates.anchors))
    x = (anchor.x1 + anchor.x2) / np.float32(2)
    y = (anchor.y1 + anchor.y2) / np.float32(2)
    depth_x = np.minimum(x - box.x1, box.x2 - x)
    depth_y = np.minimum(y - box.y1, box.y2 - y)
    depth: Float32Array = np.minimum(depth_x, depth_y)
    return depth


def _resolve(
    frame: Frame,
    grids: Grids,
    params: AtssParams,
    candidates: Candidates,
    claims: IntArray,
    statistics: CandidateStatistics,
    is_fragile: BoolArray,
) -> Assignment:
    """Give every contested anchor to one box."""
    num_gt, per_gt = candidates.iou.shape
    cells = candidates.cells
    gt = claims // per_gt
    pair = claims // cells.row.shape[1]
    level = pair % grids.pyramid.num_levels
    columns = grids.map_sizes[frame.gt_image[gt], level, 1]
    cell = cells.row.ravel()[claims] * columns + cells.column.ravel()[claims]
    index = cell * grids.pyramid.anchors_per_cell + cells.anchor.ravel()[claims]
    overlaps = candidates.iou.ravel()[claims]
    anchor = grids.anchor_key(frame.gt_image[gt], level, index)
    contest = strongest_claims(anchor, overlaps, gt)
    wins = np.flatnonzero(contest.wins(len(gt)))
    tied_levels = cells.is_tied.reshape(num_gt, grids.pyramid.num_levels)
    is_tied: BoolArray = tied_levels.any(axis=1)
    gt, level, index, overlaps = gt[wins], level[wins], index[wins], overlaps[wins]
    if params.contest == "all":
        fought = np.unique(contest.winners)
        place = np.searchsorted(wins, fought)
        gt[place], overlaps[place] = best_boxes(
            anchor[fought], frame, corners_of(frame.gt_boxes), grids, params
        )
    return Assignment(
        gt=gt,
        level=level,
        index=index,
        iou=overlaps,
        num_ignored=np.zeros(frame.num_images, dtype=np.int64),
        num_anchors=grids.num_anchors,
        is_tied=is_tied,
        is_fragile=is_fragile,
        candidates=statistics,
    )
