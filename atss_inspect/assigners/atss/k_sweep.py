"""ATSS for several k at once: the candidates of the largest k hold all others'."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment, CandidateStatistics
from atss_inspect.assigners.atss import assign
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.boxes import Corners, corners_of, places_near
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims, marked, strongest_claims
from atss_inspect.assigners.pyramid import Grids, Pyramid
from atss_inspect.assigners.rule import NearCells


def assign_each_k(
    frame: Frame, pyramid: Pyramid, params: AtssParams, ks: Sequence[int]
) -> Iterator[Assignment]:
    """Assign anchors to boxes by ATSS, for any number of k, in any order.

    Yields, for each k in turn, the same as `assign_atss` gives, to the last bit; only
    the order of its rows may differ. The convention's own k is not looked at.

    Notes
    -----
    Candidates of a level are sorted by distance, so those of a smaller k are the first
    of them. Their place and IoU, and which centers lie inside the box, are found once;
    thresholds and contests, which depend on all candidates, anew for each k.
    """
    if not ks:
        return
    grids = pyramid.grids(frame.padded_size, frame.input_size)
    candidates = assign.preselect_candidates(frame, grids, replace(params, k=max(ks)))
    nearest = _Nearest(frame, grids, params, candidates)
    per_k = params.anchors_per_k(pyramid.anchors_per_cell)
    bars = [nearest.thresholds(k * per_k) for k in ks]
    common = _find_common(nearest, bars)
    for bar in bars:
        yield _assign_nearest(nearest, common, bar)


class _Bar(NamedTuple):
    """What candidates are compared with, for one k."""

    per_level: int  # number of candidates
    statistics: CandidateStatistics  # of these
    is_fragile: BoolArray  # (G,) bool, the IoU of one of them is nearly the threshold


@dataclass(frozen=True)
class _Nearest:
    """The candidates of the largest k, (G, L, K), nearest first."""

    frame: Frame
    grids: Grids
    params: AtssParams
    candidates: assign.Candidates

    @property
    def shape(self) -> tuple[int, int, int]:
        """Boxes, levels and candidates per level."""
        num_gt, num_candidates = self.candidates.iou.shape
        num_levels = self.grids.pyramid.num_levels
        return num_gt, num_levels, num_candidates // num_levels

    @cached_property
    def boxes(self) -> Corners:
        """Corners of the boxes, (G, 1) float32."""
        return corners_of(self.frame.gt_boxes).take(np.s_[:, None])

    @cached_property
    def centers(self) -> tuple[Float32Array, Float32Array]:
        """Centers of the candidates, as the rule takes them; x, y (G, L * K)."""
        return self.candidates.anchors.centers()

    def thresholds(self, count: int) -> _Bar:
        """Take the statistics over the ``count`` nearest of each level."""
        iou, (num_gt, num_levels, most) = self.candidates.iou, self.shape
        if count < most:
            nearest = iou.reshape(self.shape)[:, :, :count]
            iou = nearest.reshape(num_gt, num_levels * count)
        these = replace(self.candidates, iou=iou)
        statistics = assign.adaptive_thresholds(these, self.frame.gt_image, self.params)
        near = places_near(iou, statistics.threshold[:, None])
        return _Bar(count, statistics, marked(near // iou.shape[1], num_gt))

    @cached_property
    def is_tied(self) -> BoolArray:
        """Tell of each place whether the next one is as far, on some level; (G, K).

        Distances are computed as those that the search has sorted by.
        """
        cells, center = self.candidates.cells, self.boxes.centers()
        squares = self.centers[1] - center[1]
        squares *= squares
        across = self.centers[0] - center[0]
        across *= across
        squares += across
        distance = np.sqrt(squares, out=squares).reshape(self.shape)
        tied = np.empty(self.shape, dtype=bool)
        np.equal(distance[:, :, :-1], distance[:, :, 1:], out=tied[:, :, :-1])
        tied[:, :, :-1] &= cells.is_real.reshape(self.shape)[:, :, 1:]
        tied[:, :, -1] = cells.is_tied.reshape(self.shape[:2])
        is_tied: BoolArray = np.logical_or.reduce(tied, axis=1)
        return is_tied


class _Placed(NamedTuple):
    """Candidates, box by box, and their place among those of their level; (N,)."""

    claims: Claims
    place: IntArray

    def passing(self, bar: _Bar, params: AtssParams) -> IntArray:
        """Rows of those over the threshold of their box, for one k."""
        threshold = bar.statistics.threshold[self.claims.gt]
        is_over = params.passes(self.claims.strength, threshold)
        return np.flatnonzero(is_over & (self.place < bar.per_level))


class _Common(NamedTuple):
    """All that the assignments for all k have in common.

    Eligible are candidates that are inside their box, and over its threshold for some
    k.
    """

    uncontested: _Placed  # eligible ones whose anchor nobody else can claim for any k
    contested: _Placed  # all other eligible ones
    first_inside: IntArray  # (G,) place of the nearest candidate inside, of any level
    near_margin: _Placed  # candidates nearly at it; anchors are places in (G, L * K)


def _find_common(nearest: _Nearest, bars: Sequence[_Bar]) -> _Common:
    """Find the candidates that may be positive for some k, and who shares them."""
    candidates, most = nearest.candidates, nearest.shape[2]
    depth = nearest.boxes.depth(*nearest.centers)
    margin = np.float32(nearest.params.center_margin)
    is_inside = (depth > margin) & ~np.isnan(candidates.iou)
    by_place = np.logical_or.reduce(is_inside.reshape(nearest.shape), axis=1)  # (G, K)
    # NaN where a box has no threshold at all.
    lowest = np.fmin.reduce([bar.statistics.threshold for bar in bars])
    places = np.flatnonzero(is_inside & (candidates.iou >= lowest[:, None]))
    claims = assign.wanted_anchors(nearest.frame, nearest.grids, candidates, places)
    contest = strongest_claims(claims)
    is_contested = marked(np.concatenate(contest[:2]), len(places))
    free, fought = np.flatnonzero(~is_contested), np.flatnonzero(is_contested)
    near = places_near(depth, margin)
    near_gt = near // candidates.iou.shape[1]
    near_claims = Claims(near_gt, near, candidates.iou.ravel()[near])
    return _Common(
        _Placed(claims.take(free), places[free] % most),
        _Placed(claims.take(fought), places[fought] % most),
        np.where(np.logical_or.reduce(by_place, axis=1), by_place.argmax(axis=1), most),
        _Placed(near_claims, near % most),
    )


def _assign_nearest(nearest: _Nearest, common: _Common, bar: _Bar) -> Assignment:
    """Assign with the nearest candidates of each level."""
    frame, grids, params = nearest.frame, nearest.grids, nearest.params
    rows = common.uncontested.passing(bar, params)
    fought = common.contested.claims.take(common.contested.passing(bar, params))
    won = assign.resolve_contests(frame, grids, fought, params)
    positives = Claims.join([common.uncontested.claims.take(rows), won])
    reached = np.where(
        common.first_inside < bar.per_level,
        CAUSES.index("under_threshold"),
        CAUSES.index("no_center_inside"),
    )
    near = common.near_margin.passing(bar, params)
    near_margin = marked(common.near_margin.claims.gt[near], frame.num_gt)
    # Who has no positive has lost every claim, so all of them were contested.
    return replace(
        Assignment.of(frame, grids, positives, fought, reached),
        is_tied=nearest.is_tied[:, bar.per_level - 1],
        is_fragile=bar.is_fragile | near_margin,
        candidates=bar.statistics,
    )


def near_cells(frame: Frame, grids: Grids, params: AtssParams, most: int) -> NearCells:
    """Cells of candidates for k up to ``most``, each once, by its nearest anchor."""
    cells = assign.preselect_candidates(frame, grids, replace(params, k=most)).cells
    per_k = params.anchors_per_k(grids.pyramid.anchors_per_cell)
    pair, place = np.nonzero(cells.is_real)
    row = cells.row[pair, place].astype(np.int64)
    column = cells.column[pair, place].astype(np.int64)
    # Rows are sorted by place already, so at a tie the first is the nearest.
    width = int(column.max(initial=0)) + 1
    height = int(row.max(initial=0)) + 1
    _, first = np.unique((pair * height + row) * width + column, return_index=True)
    first.sort()
    shape = frame.num_gt, grids.pyramid.num_levels
    counts = np.bincount(pair[first], minlength=shape[0] * shape[1]).reshape(shape)
    return NearCells(counts, row[first], column[first], place[first] // per_k + 1)
