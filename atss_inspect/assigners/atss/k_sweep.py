"""ATSS for several k at once: the candidates of the largest k hold all others'."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment, CandidateStatistics
from atss_inspect.assigners.atss.assign import (
    Candidates,
    adaptive_thresholds,
    preselect_candidates,
    resolve_contests,
    wanted_anchors,
)
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.boxes import Corners, corners_of
from atss_inspect.assigners.causes import (
    CAUSES,
    Wanted,
    is_starved,
    why_starved,
)
from atss_inspect.assigners.contest import strongest_claims
from atss_inspect.assigners.fragility import places_near
from atss_inspect.assigners.pyramid import Grids, Pyramid
from atss_inspect.assigners.rule import NearCells


def assign_each_k(
    frame: Frame, pyramid: Pyramid, params: AtssParams, ks: Sequence[int]
) -> Iterator[Assignment]:
    """Assign anchors to boxes by ATSS, once for every k.

    Parameters
    ----------
    frame, pyramid : as for `assign_atss`
    params : the convention; its own k is not looked at
    ks : any number of k, in any order

    Yields
    ------
    Assignment for each k in turn, the same as `assign_atss` gives, to the last bit;
    only the order of its rows may differ.

    Notes
    -----
    Candidates of a level are sorted by distance, so those of a smaller k are the first
    of them. Their place and IoU, and which centers lie inside the box, are found once;
    thresholds and contests, which depend on all candidates, anew for each k.
    """
    if not ks:
        return
    grids = pyramid.grids(frame.padded_size)
    candidates = preselect_candidates(
        frame, grids, corners_of(frame.gt_boxes), replace(params, k=max(ks))
    )
    per_k = params.anchors_per_k(pyramid.anchors_per_cell)
    counts = [k * per_k for k in ks]
    nearest = _Nearest.of(frame, grids, candidates)
    bars = [nearest.thresholds(frame, count, params) for count in counts]
    lowest = np.fmin.reduce([bar.statistics.threshold for bar in bars])
    common = _find_common(frame, grids, nearest, lowest, params)
    for bar in bars:
        yield _assign_nearest(frame, grids, nearest, common, bar, params)


@dataclass(frozen=True)
class _Nearest:
    """The candidates of the largest k, (G, L, K), nearest first.

    Attributes
    ----------
    candidates : as found
    center_x, center_y : (G, 1) float32 of the boxes
    anchor_x, anchor_y : (G, L * K) float32 of the candidates
    """

    candidates: Candidates
    boxes: Corners
    anchor_x: Float32Array
    anchor_y: Float32Array
    num_levels: int

    @classmethod
    def of(cls, frame: Frame, grids: Grids, candidates: Candidates) -> "_Nearest":
        """Measure the centers of candidates, as the rule does."""
        anchors = candidates.anchors
        return cls(
            candidates,
            corners_of(frame.gt_boxes).take(np.s_[:, None]),
            (anchors.x1 + anchors.x2) / np.float32(2),
            (anchors.y1 + anchors.y2) / np.float32(2),
            grids.pyramid.num_levels,
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Boxes, levels and candidates per level."""
        num_gt, num_candidates = self.candidates.iou.shape
        return num_gt, self.num_levels, num_candidates // self.num_levels

    def overlaps(self, count: int) -> Float32Array:
        """IoU of the ``count`` nearest of each level; (G, L * count) float32."""
        if count == self.shape[2]:
            return self.candidates.iou
        iou = self.candidates.iou.reshape(self.shape)[:, :, :count]
        return iou.reshape(len(iou), self.num_levels * count)

    def thresholds(self, frame: Frame, count: int, params: AtssParams) -> "_Bar":
        """Take the statistics over the ``count`` nearest of each level."""
        these = replace(self.candidates, iou=self.overlaps(count))
        statistics = adaptive_thresholds(these, frame.gt_image, params)
        bar = statistics.threshold[:, None]
        is_fragile = np.zeros(frame.num_gt, dtype=bool)
        is_fragile[places_near(these.iou, bar) // these.iou.shape[1]] = True
        return _Bar(count, statistics, is_fragile)

    def depth(self) -> Float32Array:
        """How far inside its box each center lies (pixels); (G, L * K) float32."""
        box, x, y = self.boxes, self.anchor_x, self.anchor_y
        depth: Float32Array = np.minimum(x - box.x1, box.x2 - x)
        np.minimum(depth, y - box.y1, out=depth)
        np.minimum(depth, box.y2 - y, out=depth)
        return depth

    @cached_property
    def is_tied(self) -> BoolArray:
        """Tell of each place whether the next one is as far, on some level; (G, K).

        Distances are computed as those that the search has sorted by.
        """
        box, cells = self.boxes, self.candidates.cells
        squares = self.anchor_y - (box.y1 + box.y2) / np.float32(2)
        squares *= squares
        across = self.anchor_x - (box.x1 + box.x2) / np.float32(2)
        across *= across
        squares += across
        distance = np.sqrt(squares, out=squares).reshape(self.shape)
        tied = np.empty(self.shape, dtype=bool)
        np.equal(distance[:, :, :-1], distance[:, :, 1:], out=tied[:, :, :-1])
        tied[:, :, :-1] &= cells.is_real.reshape(self.shape)[:, :, 1:]
        tied[:, :, -1] = cells.is_tied.reshape(self.shape[:2])
        is_tied: BoolArray = np.logical_or.reduce(tied, axis=1)
        return is_tied


@dataclass(frozen=True)
class _Bar:
    """What candidates are compared with, for one k.

    Attributes
    ----------
    count : candidates per level
    statistics : of these
    is_fragile : (G,) bool, the IoU of one of them is nearly the threshold
    """

    count: int
    statistics: CandidateStatistics
    is_fragile: BoolArray


class _Eligible(NamedTuple):
    """Candidates that are inside their box, and over its threshold for some k; (N,).

    Attributes
    ----------
    wanted : box (ascending), anchor and IoU
    place : among the nearest of its level
    per_box : (G,) how many of them each box has
    """

    wanted: Wanted
    place: IntArray
    per_box: IntArray

    def take(self, rows: BoolArray) -> "_Eligible":
        """Keep some of them."""
        gt = self.wanted.gt[rows]
        wanted = Wanted(gt, self.wanted.anchor[rows], self.wanted.strength[rows])
        per_box = np.bincount(gt, minlength=len(self.per_box))
        return _Eligible(wanted, self.place[rows], per_box)

    def claims(self, bar: _Bar, params: AtssParams) -> IntArray:
        """Rows of those that claim their anchor for one k."""
        passes = np.greater_equal if params.threshold_test == ">=" else np.greater
        of_each = np.repeat(bar.statistics.threshold, self.per_box)
        return np.flatnonzero(
            passes(self.wanted.strength, of_each) & (self.place < bar.count)
        )


class _Common(NamedTuple):
    """All that the assignments for all k have in common.

    Attributes
    ----------
    uncontested : candidates whose anchor nobody else can claim for any k
    level, cell : of their anchors; the latter is the index
    contested : all others
    first_inside : (G,) place of the nearest candidate inside, of any level
    near_margin : candidates nearly at the margin, as flat places in (G, L * K)
    """

    uncontested: _Eligible
    level: IntArray
    cell: IntArray
    contested: _Eligible
    first_inside: IntArray
    near_margin: IntArray


def _find_common(
    frame: Frame,
    grids: Grids,
    nearest: _Nearest,
    lowest: Float32Array,
    params: AtssParams,
) -> _Common:
    """Find the candidates that may be positive for some k, and who shares them.

    ``lowest`` is the lowest threshold of each box; NaN where it has none at all.
    """
    candidates = nearest.candidates
    most = nearest.shape[2]
    depth, margin = nearest.depth(), np.float32(params.center_margin)
    is_inside = (depth > margin) & ~np.isnan(candidates.iou)
    by_place = np.logical_or.reduce(is_inside.reshape(nearest.shape), axis=1)  # (G, K)
    rows = np.flatnonzero(is_inside & (candidates.iou >= lowest[:, None]))
    wanted = wanted_anchors(frame, grids, candidates, rows)
    contest = strongest_claims(wanted.anchor, wanted.strength, wanted.gt)
    is_contested = np.zeros(len(rows), dtype=bool)
    is_contested[contest.losers] = is_contested[contest.winners] = True
    eligible = _Eligible(wanted, rows % most, np.zeros(frame.num_gt, dtype=np.int64))
    uncontested = eligible.take(~is_contested)
    _, level, index = grids.locate(uncontested.wanted.anchor)
    return _Common(
        uncontested,
        level,
        index,
        eligible.take(is_contested),
        np.where(np.logical_or.reduce(by_place, axis=1), by_place.argmax(axis=1), most),
        places_near(depth, margin),
    )


def _assign_nearest(
    frame: Frame,
    grids: Grids,
    nearest: _Nearest,
    common: _Common,
    bar: _Bar,
    params: AtssParams,
) -> Assignment:
    """Assign with the nearest candidates of each level."""
    uncontested = common.uncontested.claims(bar, params)
    contested = common.contested.wanted.take(common.contested.claims(bar, params))
    won = resolve_contests(frame, grids, contested, params)
    _, level, index = grids.locate(won.anchor)
    owner = np.concatenate([common.uncontested.wanted.gt[uncontested], won.gt])
    starved = is_starved(frame.num_gt, owner)
    reached = np.where(
        common.first_inside < bar.count,
        CAUSES.index("under_threshold"),
        CAUSES.index("no_center_inside"),
    )
    return Assignment(
        gt=owner,
        level=np.concatenate([common.level[uncontested], level]),
        index=np.concatenate([common.cell[uncontested], index]),
        iou=np.concatenate(
            [common.uncontested.wanted.strength[uncontested], won.strength]
        ),
        num_ignored=np.zeros(frame.num_images, dtype=np.int64),
        num_anchors=grids.num_anchors,
        is_tied=nearest.is_tied[:, bar.count - 1],
        is_fragile=bar.is_fragile
        | _is_near_margin(nearest, common.near_margin, bar, params),
        # Who is starved has lost every claim, so all of them were contested.
        starvation=why_starved(starved, reached, contested, won.gt, won.anchor),
        candidates=bar.statistics,
    )


def _is_near_margin(
    nearest: _Nearest, near_margin: IntArray, bar: _Bar, params: AtssParams
) -> BoolArray:
    """Tell which boxes have a claim whose center is nearly at the margin; (G,) bool."""
    passes = np.greater_equal if params.threshold_test == ">=" else np.greater
    num_gt, num_levels, most = nearest.shape
    near_margin = near_margin[near_margin % most < bar.count]
    gt = near_margin // (num_levels * most)
    is_claim = passes(
        nearest.candidates.iou.ravel()[near_margin], bar.statistics.threshold[gt]
    )
    is_near_margin = np.zeros(num_gt, dtype=bool)
    is_near_margin[gt[is_claim]] = True
    return is_near_margin


def near_cells(frame: Frame, grids: Grids, params: AtssParams, most: int) -> NearCells:
    """Find the cells of all candidates for k up to ``most``.

    Anchors of one cell lie at one point, so a cell comes once, with its nearest anchor.
    """
    boxes = corners_of(frame.gt_boxes)
    cells = preselect_candidates(frame, grids, boxes, replace(params, k=most)).cells
    per_k = params.anchors_per_k(grids.pyramid.anchors_per_cell)
    pair, place = np.nonzero(cells.is_real)
    row = cells.row[pair, place].astype(np.int64)
    column = cells.column[pair, place].astype(np.int64)
    # Rows are sorted by place already, so the first of equals is the nearest.
    width = int(column.max(initial=0)) + 1
    height = int(row.max(initial=0)) + 1
    _, first = np.unique((pair * height + row) * width + column, return_index=True)
    first.sort()
    num_pairs = frame.num_gt * grids.pyramid.num_levels
    counts = np.bincount(pair[first], minlength=num_pairs)
    return NearCells(
        counts.reshape(frame.num_gt, grids.pyramid.num_levels),
        row[first],
        column[first],
        place[first] // per_k + 1,
    )
