"""ATSS: a threshold of its own for every object, from its nearest anchors."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment, CandidateStatistics
from atss_inspect.assigners.atss.nearest_cells import (
    NearestCells,
    nearest_cells,
    pair_grids,
)
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.atss.torch_mean import torch_mean
from atss_inspect.assigners.boxes import Corners, corners_of, iou, places_near
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims, best_boxes, marked, strongest_claims
from atss_inspect.assigners.pyramid import Grids, Pyramid


@dataclass(frozen=True)
class Candidates:
    """The anchors preselected for every box, level by level, nearest first."""

    cells: NearestCells  # row, column and place in the cell, as (G * L, K)
    anchors: Corners  # corners, each (G, L * K) float32
    # (G, L * K) float32 with the box; NaN where a level has fewer than K anchors
    iou: Float32Array

    def centers(self, places: IntArray) -> tuple[Float32Array, Float32Array]:
        """Centers of some anchors, by flat places in (G, L * K); x and y, (N,) each."""
        return Corners(*(side.ravel()[places] for side in self.anchors)).centers()


class Eligible(NamedTuple):
    """Candidates at or above the threshold of their box, with their center inside."""

    gt: Corners  # corners of the boxes, (G,) each
    # candidates, statistics: those of all boxes
    candidates: Candidates
    statistics: CandidateStatistics
    claims: Claims  # the eligible ones, with their IoU as strength
    is_fragile: BoolArray  # (G,) bool, an IoU or a claimed center nearly at its bar


def assign_atss(frame: Frame, pyramid: Pyramid, params: AtssParams) -> Assignment:
    """Assign anchors to boxes by Adaptive Training Sample Selection.

    An image without boxes is all negative; nothing is ever ignored. A box may get no
    positive: no candidate center inside it, all candidates under its threshold, or
    every anchor lost. Ties: equal distances take the lowest anchor, a contested anchor
    with equal IoU goes to the lowest box.

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
    grids = pyramid.grids(frame.padded_size, frame.input_size)
    found = find_eligible(frame, grids, params)
    positives = resolve_contests(frame, grids, found.claims, params)
    reached = partial(stage_reached, found.gt, found.candidates, params)
    tied_levels = found.candidates.cells.is_tied.reshape(-1, pyramid.num_levels)
    return replace(
        Assignment.of(frame, grids, positives, found.claims, reached),
        is_tied=np.logical_or.reduce(tied_levels, axis=1),
        is_fragile=found.is_fragile,
        candidates=found.statistics,
    )


def atss_claims(
    frame: Frame, grids: Grids, params: AtssParams
) -> tuple[IntArray, IntArray]:
    """Candidates at or over the threshold whose center is inside the box.

    Not what boxes get alone on their image: torch sums the IoUs of one box, and so
    rounds its threshold, by how many boxes there are.
    """
    claims = find_eligible(frame, grids, params).claims
    return claims.gt, claims.anchor


def find_eligible(frame: Frame, grids: Grids, params: AtssParams) -> Eligible:
    """Keep the candidates at or above the threshold whose center is inside the box."""
    gt = corners_of(frame.gt_boxes)
    candidates = preselect_candidates(frame, grids, params)
    statistics = adaptive_thresholds(candidates, frame.gt_image, params)
    bar = statistics.threshold[:, None]
    places = np.flatnonzero(params.passes(candidates.iou, bar))
    depth = center_depth(gt, candidates, places)
    margin = np.float32(params.center_margin)
    near = (places_near(candidates.iou, bar), places[places_near(depth, margin)])
    is_fragile = marked(np.concatenate(near) // candidates.iou.shape[1], frame.num_gt)
    claims = wanted_anchors(frame, grids, candidates, places[depth > margin])
    return Eligible(gt, candidates, statistics, claims, is_fragile)


def preselect_candidates(frame: Frame, grids: Grids, params: AtssParams) -> Candidates:
    """Take the k nearest anchors of every level, and their IoU with the box."""
    gt, pyramid = corners_of(frame.gt_boxes), grids.pyramid
    num_levels = pyramid.num_levels
    k = params.candidates_per_level(pyramid.anchors_per_cell)
    grid = pair_grids(grids, frame.gt_image)
    center_x, center_y = (np.repeat(axis, num_levels) for axis in gt.centers())
    cells = nearest_cells(center_x, center_y, grid, k)
    flat = (frame.num_gt, num_levels * k)
    # Written out, since broadcasting along the few of a level takes longer.
    step_x, step_y = np.repeat(grid.step_x, k), np.repeat(grid.step_y, k)
    shift_x = (cells.column.ravel().astype(np.float32) * step_x).reshape(flat)
    shift_y = (cells.row.ravel().astype(np.float32) * step_y).reshape(flat)
    if pyramid.origins.any():
        origin_y, origin_x = np.repeat(pyramid.origins.T, k, axis=1)
        shift_x, shift_y = shift_x + origin_x, shift_y + origin_y
    shape = np.repeat(pyramid.first_shape, k)
    if pyramid.anchors_per_cell > 1:
        place = cells.anchor.reshape(flat)
        if not pyramid.is_uniform:  # what is no candidate has a place that is none
            place = np.minimum(place, np.repeat(pyramid.per_cell, k) - 1)
        shape = shape + place
    anchors = corners_of(pyramid.cell_anchors[shape]).shifted(shift_x, shift_y)
    overlaps = iou(gt.take(np.s_[:, None]), anchors, params)
    if not cells.is_real.all():
        overlaps[~cells.is_real.reshape(flat)] = np.nan
    return Candidates(cells, anchors, overlaps)


def adaptive_thresholds(
    candidates: Candidates, gt_image: IntArray, params: AtssParams
) -> CandidateStatistics:
    """Mean, standard deviation and their sum, over the candidates of each box.

    One candidate has no sample deviation (ddof 1): NaN, and nothing reaches a NaN bar.
    """
    is_missing = np.isnan(candidates.iou)
    exact = candidates.iou.astype(np.float64)
    num_candidates = np.full(len(exact), exact.shape[1])
    is_full = not is_missing.any()
    if not is_full:
        num_candidates -= is_missing.sum(axis=1)
        exact[is_missing] = 0
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 / 0 is the NaN meant above
        exact -= (exact.sum(axis=1) / num_candidates)[:, None]
        if not is_full:
            exact *= ~is_missing
        exact *= exact
        variance = exact.sum(axis=1) / (num_candidates - params.std_ddof)
    mean = torch_mean(candidates.iou, num_candidates, gt_image)
    std = np.sqrt(variance).astype(np.float32)
    return CandidateStatistics(mean, std, mean + std, num_candidates)


def center_depth(gt: Corners, candidates: Candidates, claims: IntArray) -> Float32Array:
    """How far inside its box, in pixels, each claimed center is; negative: outside."""
    box = gt.take(claims // candidates.iou.shape[1])
    return box.depth(*candidates.centers(claims))


def wanted_anchors(
    frame: Frame, grids: Grids, candidates: Candidates, claims: IntArray
) -> Claims:
    """Name candidates, by flat (G, L * K) places; the IoU is their strength."""
    cells = candidates.cells
    num_levels = grids.pyramid.num_levels
    pair = claims // cells.row.shape[1]  # of box and level
    columns = grids.map_sizes[..., 1].take(frame.gt_image, axis=0).ravel()
    levels = np.arange(num_levels)
    first = grids.anchor_key(frame.gt_image[:, None], levels, 0).ravel()
    cell = cells.row.ravel()[claims] * columns[pair] + cells.column.ravel()[claims]
    pyramid = grids.pyramid
    per_cell: Any = pyramid.anchors_per_cell
    if not pyramid.is_uniform:
        per_cell = pyramid.per_cell[pair % num_levels]
    index = cell * per_cell + cells.anchor.ravel()[claims]
    overlaps = candidates.iou.ravel()[claims]
    return Claims(pair // num_levels, first[pair] + index, overlaps)


def resolve_contests(
    frame: Frame, grids: Grids, claims: Claims, params: AtssParams
) -> Claims:
    """Settle every contested anchor for one box; what is left is positive."""
    contest = strongest_claims(claims)
    wins = np.flatnonzero(contest.wins(len(claims.gt)))
    positives = claims.take(wins)
    if params.contest == "all":
        fought = np.unique(contest.winners)
        compare = partial(iou, rule=params)
        best, _ = best_boxes(claims.anchor[fought], frame, grids, compare)
        place = np.searchsorted(wins, fought)
        positives.gt[place], positives.strength[place] = best.gt, best.strength
    return positives


def stage_reached(
    gt: Corners, candidates: Candidates, params: AtssParams, boxes: BoolArray
) -> IntArray:
    """Tell, for some boxes, (G,) bool, whether a candidate lies inside; (G,) causes."""
    num_candidates = candidates.iou.shape[1]
    rows = np.flatnonzero(boxes)
    places = (rows[:, None] * num_candidates + np.arange(num_candidates)).ravel()
    is_inside = center_depth(gt, candidates, places) > np.float32(params.center_margin)
    is_inside &= ~np.isnan(candidates.iou.ravel()[places])
    reached = np.full(len(boxes), CAUSES.index("no_center_inside"))
    reached[places[is_inside] // num_candidates] = CAUSES.index("under_threshold")
    return reached
