"""The ranking rule of RFLA and NWD-RKA: each box is given its k nearest anchors."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.boxes import FRAGILE_ULPS, Corners, corners_of, places_near
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims, marked
from atss_inspect.assigners.distances import Distance
from atss_inspect.assigners.iou_threshold.assign import last_claimers
from atss_inspect.assigners.iou_threshold.windows import anchors_reaching
from atss_inspect.assigners.pyramid import Grids, Pyramid
from atss_inspect.assigners.ranking.params import RankingParams

# Boxes are sampled in blocks, so that memory stays bounded.
_ANCHORS_PER_BLOCK = 4_000_000


@dataclass(frozen=True)
class ByDistance:
    """Compare anchors by a distance, in place of an IoU."""

    distance: Distance
    plus_one: bool = False
    min_union: float = 0.0


class Nearest(NamedTuple):
    """The anchors most alike each box."""

    claims: Claims  # how alike they are as strength; by box, the nearest first
    is_fragile: BoolArray  # (G,) bool, the next one is nearly as alike as the k-th


class Wanted(NamedTuple):
    """What boxes are given, before contests."""

    first: Nearest
    again: Nearest  # of anchors that no box has from the first time


def assign_ranking(frame: Frame, pyramid: Pyramid, params: RankingParams) -> Assignment:
    """Assign each box the k anchors most alike it, and so once more.

    Of several boxes that are given one anchor at the same time, the last has it; what
    was given the first time stays. An image without boxes is all negative. Nothing is
    tied: all that are as alike as the k-th are given.

    Notes
    -----
    ``HieAssigner`` of mmdet-rfla (Xu et al. 2022, arXiv:2208.08738, section 3.3) and,
    without a second time, ``RankingAssigner`` of mmdet-nwdrka (Xu et al. 2022,
    arXiv:2206.13996), whose ``topk`` fails on images of fewer than k anchors; here a
    box is given them all.
    """
    grids = pyramid.grids(frame.padded_size, frame.input_size)
    first, again = find_wanted(frame, grids, params)
    # No anchor is in both.
    won = last_claimers(Claims.join([first.claims, again.claims]))
    nowhere = np.full(frame.num_gt, CAUSES.index("no_anchor_in_reach"))
    answer = Assignment.of(frame, grids, won, first.claims, nowhere)
    return replace(
        answer,
        iou=None,
        num_ignored=answer.num_ignored + count_ignored(frame, grids, params, won),
        is_fragile=first.is_fragile | again.is_fragile,
    )


def find_wanted(frame: Frame, grids: Grids, params: RankingParams) -> Wanted:
    """Find what each box is given, the first time and the second."""
    first = nearest(frame, grids, params.first, params.k)
    if not params.k_again:
        nothing = first.claims.take(np.zeros(0, dtype=np.int64))
        return Wanted(first, Nearest(nothing, np.zeros(frame.num_gt, dtype=bool)))
    again = nearest(frame, grids, params.again, params.k_again)
    is_free = ~np.isin(again.claims.anchor, first.claims.anchor)
    return Wanted(first, again._replace(claims=again.claims.take(is_free)))


def ranking_claims(
    frame: Frame, grids: Grids, params: RankingParams
) -> tuple[IntArray, IntArray]:
    """List what each box is given, where it were alone on its image."""
    first = nearest(frame, grids, params.first, params.k).claims
    parts = [first]
    if params.k_again:
        parts.append(nearest(frame, grids, params.again, params.k_again).claims)
    every = Claims.join(parts)
    pairs = np.unique(np.stack([every.gt, every.anchor]), axis=1)
    return pairs[0], pairs[1]


def nearest(frame: Frame, grids: Grids, distance: Distance, k: int) -> Nearest:
    """Find the k anchors most alike each box, and those as alike as the k-th.

    Notes
    -----
    Any k anchors tell how alike the k-th is at least, so those in a few cells around
    the center, on every level and of every shape, set a bar. All that reach it lie in
    windows (`Distance.reach`), and the k-th of them is the k-th of all.
    """
    gt = corners_of(frame.gt_boxes)
    bars = sampled_bars(gt, frame.gt_image, grids, distance, k)
    # A little below, to see what is fragile.
    low = np.maximum(bars - FRAGILE_ULPS * np.spacing(bars), np.float32(0))
    found = anchors_reaching(gt, frame.gt_image, low, grids, ByDistance(distance))
    claims = Claims.join(found)
    claims = claims.take(np.lexsort((claims.anchor, -claims.strength, claims.gt)))
    counts = np.bincount(claims.gt, minlength=frame.num_gt)
    some = np.flatnonzero(counts)
    last = (np.cumsum(counts) - counts + np.minimum(counts, k) - 1)[some]
    bars[some] = claims.strength[last]
    of_claims = bars[claims.gt]
    is_given = claims.strength >= of_claims
    near = places_near(claims.strength, of_claims)
    near = near[~is_given[near]]
    return Nearest(claims.take(is_given), marked(claims.gt[near], frame.num_gt))


def sampled_bars(
    gt: Corners, gt_image: IntArray, grids: Grids, distance: Distance, k: int
) -> Float32Array:
    """How alike the k-th of some anchors near each box is; (G,) float32.

    0 where they are fewer than k.
    """
    pyramid = grids.pyramid
    num_cells = -(-k // pyramid.anchors_per_cell)
    side = int(np.ceil(np.sqrt(num_cells))) + 1
    per_box = side * side * len(pyramid.cell_anchors)
    size = max(_ANCHORS_PER_BLOCK // per_box, 1)
    bars = np.zeros(len(gt_image), dtype=np.float32)
    for start in range(0, len(gt_image), size):
        rows = np.arange(start, min(start + size, len(gt_image)))
        sample = _sample(gt.take(rows), gt_image[rows], grids, distance, side)
        if sample.shape[1] >= k:
            kth = np.partition(sample, -k, axis=1)[:, -k]
            bars[rows] = np.maximum(kth, np.float32(0))
    return bars


def _sample(
    gt: Corners, gt_image: IntArray, grids: Grids, distance: Distance, side: int
) -> Float32Array:
    """How alike anchors of the nearest side x side cells are; -1 where there are none.

    Of all levels and shapes; (G, side * side * S) float32.
    """
    pyramid = grids.pyramid
    num_shapes = len(pyramid.cell_anchors)
    box = np.repeat(np.arange(len(gt_image)), num_shapes)
    shape = np.tile(np.arange(num_shapes), len(gt_image))
    image, level = gt_image[box], pyramid.shape_level[shape]
    sizes, steps = grids.maps(image, level)
    boxes = gt.take(box)
    own = corners_of(pyramid.first_anchors).take(shape)
    (x, y), (own_x, own_y) = boxes.centers(), own.centers()
    ends_y, ends_x = grids.ends(image, shape, sizes)
    row, is_row = _nearest_cells((y - own_y) / steps[0], ends_y, side)
    column, is_column = _nearest_cells((x - own_x) / steps[1], ends_x, side)
    anchors = corners_of(pyramid.cell_anchors).take(shape)
    anchors = grids.placed(anchors, level, (row[:, None], column), steps)
    alike = distance.likeness(boxes, anchors)  # (side, side, N)
    alike = np.where(is_row[:, None] & is_column, alike, np.float32(-1))
    flat = alike.reshape(side * side, len(gt_image), num_shapes)
    return np.moveaxis(flat, 1, 0).reshape(len(gt_image), side * side * num_shapes)


def _nearest_cells(
    place: Float32Array, ends: tuple[IntArray | int, IntArray], side: int
) -> tuple[IntArray, BoolArray]:
    """List the cells around places in cells, (side, N), and which of them there are."""
    start = np.ceil(place - side / 2)
    start = np.maximum(np.minimum(start, ends[1] - side), ends[0]).astype(np.int64)
    cells = start + np.arange(side)[:, None]
    return cells, cells < ends[1]


def count_ignored(
    frame: Frame, grids: Grids, params: RankingParams, positives: Claims
) -> IntArray:
    """Count the anchors of each image that are alike a box and not positive; (I,)."""
    if not params.ignored_from:
        return np.zeros(frame.num_images, dtype=np.int64)
    bars = np.full(frame.num_gt, params.ignored_from, dtype=np.float32)
    gt, rule = corners_of(frame.gt_boxes), ByDistance(params.again)
    found = anchors_reaching(gt, frame.gt_image, bars, grids, rule)
    alike = np.unique(Claims.join(found).anchor)
    alike = alike[~np.isin(alike, positives.anchor)]
    is_kept = grids.is_kept(alike)
    alike = alike if is_kept is None else alike[is_kept]
    return np.bincount(grids.locate(alike)[0], minlength=frame.num_images)
