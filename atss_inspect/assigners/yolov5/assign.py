"""YOLOv5's rule: anchors of a like shape, in up to three cells, and no contest."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.annotations.letterbox import square_shares
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.boxes import places_near
from atss_inspect.assigners.causes import CAUSES, Cause
from atss_inspect.assigners.contest import Claims, marked
from atss_inspect.assigners.pyramid import Grids, Pyramid
from atss_inspect.assigners.yolov5.params import Yolov5Params

NO_SHAPE = Cause(
    *("no_shape_fits", "no anchor of its shape"),
    "Every anchor is too many times as wide, as narrow, as high or as low as the box.",
    "Anchors of such a shape (AutoAnchor), another image size, or larger ratio_below.",
    "no anchor is of a like shape",
)
NAMES = (*CAUSES, NO_SHAPE.name)
# What the framework keeps boxes away from the far sides (input pixels).
_EDGE = 1e-3
_HALF, _ONE = np.float32(0.5), np.float32(1)


class Fits(NamedTuple):
    """Boxes and the anchor shapes that fit them; (N,) each."""

    gt: IntArray
    shape: IntArray  # of `Pyramid.cell_anchors`
    # x, y: float32 center of the box in cells of the level
    x: Float32Array
    y: Float32Array
    # rows, columns: int64 of the map
    rows: IntArray
    columns: IntArray


def assign_yolov5(frame: Frame, pyramid: Pyramid, params: Yolov5Params) -> Assignment:
    """Assign as `assign_shares` does, by boxes of a frame in input pixels."""
    return assign_shares(shares_of(frame), frame, pyramid, params)


def shares_of(frame: Frame) -> Float32Array:
    """Center x, y, width and height as shares of the padded image; (G, 4) float32."""
    sides = np.tile(frame.padded_size[frame.gt_image, ::-1], 2)  # (G, 4)
    most = (sides - _EDGE).astype(np.float32)
    return square_shares(np.clip(frame.gt_boxes, np.float32(0), most), sides)


def assign_shares(
    shares: Float32Array, frame: Frame, pyramid: Pyramid, params: Yolov5Params
) -> Assignment:
    """Assign each box all anchors of a like shape in the cells next to its center.

    ``shares`` are those of `shares_of`, or a file's own. There is no contest: an anchor
    may have several boxes. Rows that the loss has twice are one here
    (`Assignment.times`).

    Notes
    -----
    YOLOv5 v7.0, ``utils/loss.py``, ``build_targets``. Cells: that of the center, and on
    each axis the neighbor that is nearer than half a cell. On the border of two cells
    both tests hold, and the far one names the center's own cell once more.
    """
    grids = pyramid.grids(frame.padded_size)
    fits, is_near = find_fits(shares, frame, grids, params)
    gt, anchor, times = cells_of(fits, frame, grids)
    claims = Claims(gt, anchor, np.ones(len(gt), dtype=np.float32))
    reached = np.full(frame.num_gt, NAMES.index(NO_SHAPE.name))
    answer = Assignment.of(frame, grids, claims, claims, reached, NAMES)
    _, place, counts = np.unique(anchor, return_inverse=True, return_counts=True)
    return replace(
        answer,
        iou=None,
        times=times,
        num_shared=len(anchor) - len(counts),
        is_shared=(counts > 1)[place],
        is_fragile=is_near,
    )


def find_fits(
    shares: Float32Array, frame: Frame, grids: Grids, params: Yolov5Params
) -> tuple[Fits, BoolArray]:
    """Find the shapes that fit each box, and which boxes are (G,) bool near the bar."""
    pyramid = grids.pyramid
    level = pyramid.shape_level
    maps = grids.map_sizes[frame.gt_image][:, level]  # (G, S, 2) rows, columns
    cells = maps[..., ::-1].astype(np.float32)
    sides = (pyramid.cell_anchors[:, 2:] - pyramid.cell_anchors[:, :2]).astype(
        np.float32
    ) / pyramid.strides[level, None]
    with np.errstate(divide="ignore"):  # no side is far from every anchor
        ratio = shares[:, None, 2:] * cells / sides  # (G, S, 2)
        most = np.maximum(ratio, _ONE / ratio).max(axis=2)
    bar = np.float32(params.ratio_below)
    gt, shape = np.nonzero(most < bar)
    near = places_near(most, bar) // max(len(level), 1)
    x, y = (shares[gt, :2] * cells[gt, shape]).T
    return Fits(gt, shape, x, y, *maps[gt, shape].T), marked(near, frame.num_gt)


def cells_of(
    fits: Fits, frame: Frame, grids: Grids
) -> tuple[IntArray, IntArray, IntArray]:
    """List box and key of each anchor, and how often it is listed; by box and key."""
    pyramid, found = grids.pyramid, []
    for fit, row, column in _cells_near(fits):
        shape, gt = fits.shape[fit], fits.gt[fit]
        cell = row * fits.columns[fit] + column
        index = cell * pyramid.per_cell_of(shape) + pyramid.shape_place[shape]
        level = pyramid.shape_level[shape]
        found.append((gt, grids.anchor_key(frame.gt_image[gt], level, index)))
    gt, anchor = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((anchor, gt))
    gt, anchor = gt[order], anchor[order]
    is_new = np.append(True, (gt[1:] != gt[:-1]) | (anchor[1:] != anchor[:-1]))
    first = np.flatnonzero(is_new[: len(gt)])
    return gt[first], anchor[first], np.diff(np.append(first, len(gt)))


def _cells_near(fits: Fits) -> Iterator[tuple[IntArray, IntArray, IntArray]]:
    """Rows of fits, and row and column: the center's cells, then each neighbor's."""
    _, _, x, y, rows, columns = fits
    every = np.ones(len(x), dtype=bool)
    steps = (
        (every, 0, 0),
        (_is_near_start(x), -_HALF, 0),
        (_is_near_start(y), 0, -_HALF),
        (_is_near_start(columns.astype(np.float32) - x), _HALF, 0),
        (_is_near_start(rows.astype(np.float32) - y), 0, _HALF),
    )
    for chosen, across, down in steps:
        fit = np.flatnonzero(chosen)
        column = np.clip((x[fit] + across).astype(np.int64), 0, columns[fit] - 1)
        row = np.clip((y[fit] + down).astype(np.int64), 0, rows[fit] - 1)
        yield fit, row, column


def _is_near_start(place: Float32Array) -> BoolArray:
    """Which centers lie in the first half of a cell that is not the first one."""
    near: BoolArray = (place % _ONE < _HALF) & (place > _ONE)
    return near
