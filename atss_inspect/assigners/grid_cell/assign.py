"""YOLOv3's rule: the best anchors in the cells that hold an object's center."""

from dataclasses import replace

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.boxes import corners_of, iou, is_near, places_near
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.assigners.contest import Claims, marked, strongest_claims
from atss_inspect.assigners.grid_cell.params import GridCellParams
from atss_inspect.assigners.iou_threshold.assign import last_claimers
from atss_inspect.assigners.iou_threshold.windows import anchors_reaching
from atss_inspect.assigners.pyramid import Grids, Pyramid, ranges

_HALF = np.float32(0.5)
# Pairs are worked off in blocks, so that memory stays bounded.
_PAIRS_PER_BLOCK = 1_000_000


def assign_grid_cell(
    frame: Frame, pyramid: Pyramid, params: GridCellParams
) -> Assignment:
    """Assign anchors in the cells that hold the center of some object.

    Of these an anchor goes to the box with its best IoU, the lowest of equals, where
    that is above the bar; then each box is given its best ones, all of equals, and of
    several boxes the last one has them. A cell serves every box of the image, not only
    the one in it. Other anchors are ignored where they overlap a box too much.

    Notes
    -----
    Redmon, Farhadi 2018 (arXiv:1804.02767), section 2.1, as mmdetection's
    ``GridAssigner`` has it. A center beyond the map counts in the outermost cell, where
    mmdetection stops or takes a cell of another row.
    """
    grids = pyramid.grids(frame.padded_size)
    claims = overlaps_in_cells(frame, grids, params)
    best = best_of(claims, frame.num_gt)
    contest = strongest_claims(claims)
    is_forced, is_over = tests_of(claims, best, params)
    forced = last_claimers(claims.take(is_forced))
    over = claims.take(contest.wins(len(claims.gt)) & is_over)
    over = over.take(~np.isin(over.anchor, forced.anchor))
    positives = Claims.join([over, forced])
    wanted = claims.take(is_forced | is_over)
    names = ("no_anchor_in_reach", "under_bar")
    reached = np.where(best > 0, CAUSES.index(names[1]), CAUSES.index(names[0]))
    return replace(
        Assignment.of(frame, grids, positives, wanted, reached),
        num_ignored=count_ignored(positives.anchor, frame, grids, params),
        is_tied=marked(contest.tied(claims.gt, is_over), frame.num_gt),
        is_fragile=_is_fragile(claims, best, frame, grids, params),
    )


def tests_of(
    claims: Claims, best: Float32Array, params: GridCellParams
) -> tuple[BoolArray, BoolArray]:
    """Which claims are of their box's best anchors, and which are over the bar."""
    is_forced = claims.strength == best[claims.gt]
    is_forced &= claims.strength > np.float32(params.forced_above)
    return is_forced, claims.strength > np.float32(params.positive_above)


def overlaps_in_cells(frame: Frame, grids: Grids, params: GridCellParams) -> Claims:
    """List the anchors of cells with a center, and the boxes that they overlap.

    The strength is the IoU. Every box of an image is compared with every such anchor.
    """
    anchor = responsible_anchors(frame, grids)
    num_boxes = np.bincount(frame.gt_image, minlength=frame.num_images)
    first_box = np.cumsum(num_boxes) - num_boxes
    image = grids.locate(anchor)[0]
    gt, counts, found = corners_of(frame.gt_boxes), num_boxes[image], []
    block = np.cumsum(counts) // _PAIRS_PER_BLOCK
    for number in np.flatnonzero(np.bincount(block)):
        rows = np.flatnonzero(block == number)
        box = ranges(first_box[image[rows]], counts[rows])
        pair = np.repeat(np.arange(len(rows)), counts[rows])
        corners = grids.corners(anchor[rows]).take(pair)
        overlaps = iou(gt.take(box), corners, params)
        some = np.flatnonzero(overlaps > 0)
        found.append(Claims(box[some], anchor[rows[pair[some]]], overlaps[some]))
    return Claims.join(found)


def responsible_anchors(frame: Frame, grids: Grids) -> IntArray:
    """List all anchors of the cells that hold a center; sorted keys, each once."""
    row, column = (
        np.floor(place).astype(np.int64) for place in places_of(frame, grids)
    )
    rows, columns = np.moveaxis(grids.map_sizes[frame.gt_image], 2, 0)  # (G, L)
    cell = np.clip(row, 0, rows - 1) * columns + np.clip(column, 0, columns - 1)
    levels, per_cell = np.arange(grids.pyramid.num_levels), grids.pyramid.per_cell
    first = grids.anchor_key(frame.gt_image[:, None], levels, cell * per_cell)
    first, unique = np.unique(first, return_index=True)
    return ranges(first, per_cell[unique % len(levels)])


def places_of(frame: Frame, grids: Grids) -> tuple[Float32Array, Float32Array]:
    """Row and column of each center on each level, in cells; (G, L) float32."""
    gt, steps = corners_of(frame.gt_boxes), grids.steps[frame.gt_image]
    x, y = (gt.x1 + gt.x2) * _HALF, (gt.y1 + gt.y2) * _HALF
    return y[:, None] / steps[..., 0], x[:, None] / steps[..., 1]


def best_of(claims: Claims, num_gt: int) -> Float32Array:
    """Best IoU of each box with the anchors of all such cells; (G,) float32."""
    best = np.zeros(num_gt, dtype=np.float32)
    np.maximum.at(best, claims.gt, claims.strength)
    return best


def count_ignored(
    positive: IntArray, frame: Frame, grids: Grids, params: GridCellParams
) -> IntArray:
    """Count the anchors above the bar that are not positive; (I,) int64."""
    bar = np.nextafter(np.float32(params.ignored_above), np.float32(2))
    bars = np.full(frame.num_gt, bar)
    gt = corners_of(frame.gt_boxes)
    found = Claims.join(anchors_reaching(gt, frame.gt_image, bars, grids, params))
    ignored = np.setdiff1d(found.anchor, positive)
    return np.bincount(grids.locate(ignored)[0], minlength=frame.num_images)


def _is_fragile(
    claims: Claims,
    best: Float32Array,
    frame: Frame,
    grids: Grids,
    params: GridCellParams,
) -> BoolArray:
    """Which boxes have an IoU nearly at a bar, or a center nearly between two cells."""
    near = places_near(claims.strength, np.float32(params.positive_above))
    at_border = [
        is_near(place, np.rint(place)).any(axis=1) for place in places_of(frame, grids)
    ]
    at_bar = is_near(best, np.float32(params.forced_above))
    fragile: BoolArray = marked(claims.gt[near], frame.num_gt) | at_bar
    return fragile | at_border[0] | at_border[1]
