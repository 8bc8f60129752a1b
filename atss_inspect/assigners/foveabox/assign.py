"""FoveaBox: the cells in the core of a box, on all levels that its size suits."""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.boxes import area, corners_of, is_near
from atss_inspect.assigners.causes import CAUSES, Cause
from atss_inspect.assigners.contest import Claims, marked, strongest_claims
from atss_inspect.assigners.foveabox.params import FoveaboxParams
from atss_inspect.assigners.pyramid import Grids, Pyramid, cells_between

NO_RANGE = Cause(
    *("size_in_no_range", "size in no range"),
    "The square root of the object's area lies in the size range of no level.",
    "Size ranges that meet, begin lower or end higher; larger or smaller images.",
    "the square root of its area lies in the size range of no level",
)
NO_CORE = Cause(
    *("no_point_in_core", "no point in the core"),
    "On every level whose size range holds the object, its core, a smaller box about "
    "its center, lies between the points.",
    "A larger core, larger input images or a finer level (P2).",
    "its core lies between the points of every level that its size suits",
)
NAMES = (*CAUSES, NO_RANGE.name, NO_CORE.name)
_HALF = np.float32(0.5)


class Cores(NamedTuple):
    """The cells in the core of each box on a level that it suits; (N,) int64 each."""

    gt: IntArray
    level: IntArray
    top: IntArray  # first row, and the first one beyond
    bottom: IntArray
    left: IntArray
    right: IntArray
    columns: IntArray  # of the level's map
    is_near: BoolArray  # (N,) bool, a cell's center nearly lies on the core's edge


def assign_foveabox(
    frame: Frame, pyramid: Pyramid, params: FoveaboxParams
) -> Assignment:
    """Assign points in the cores of boxes, on every level whose range holds their size.

    Sizes are square roots of areas. A point in several cores goes to the smallest box;
    of equals to the last one, and both count as tied. Nothing is ignored.

    Notes
    -----
    Kong et al. 2019 (arXiv:1904.03797), section 3.2, as mmdetection's ``FoveaHead``
    paints it: the largest first. Cores beyond the map move to its outermost cells.
    """
    # One point a cell, however many anchors the settings describe.
    pyramid = pyramid.points()
    grids = pyramid.grids(frame.padded_size)
    cores, sizes = find_cores(frame, grids, params), sizes_of(frame)
    claims = claims_of(cores, sizes, frame, grids)
    contest = strongest_claims(claims)
    # No two ranks are equal, but sizes may be.
    box = claims.gt
    even = sizes[box[contest.losers]] == sizes[box[contest.winners]]
    fits = marked(cores.gt, frame.num_gt)
    reached = np.where(fits, NAMES.index(NO_CORE.name), NAMES.index(NO_RANGE.name))
    won = claims.take(contest.wins(len(box)))
    ends = size_ranges(pyramid, params).ravel()
    is_near_end = is_near(np.repeat(sizes[:, None], len(ends), axis=1), ends)
    is_fragile = marked(cores.gt[cores.is_near], frame.num_gt)
    return replace(
        Assignment.of(frame, grids, won, claims, reached, NAMES),
        iou=None,
        is_tied=marked(contest._replace(is_even=even).tied(box), frame.num_gt),
        is_fragile=is_fragile | is_near_end.any(axis=1),
    )


def size_ranges(pyramid: Pyramid, params: FoveaboxParams) -> Float32Array:
    """Size range of every level; (L, 2) float32 input pixels."""
    if params.size_ranges:
        return np.array(params.size_ranges, dtype=np.float32)
    ranges = pyramid.strides[:, None] * np.array([2, 8], dtype=np.float32)
    ranges[0, 0] = 1
    ranges[-1, 1] *= 2
    return ranges


def sizes_of(frame: Frame) -> Float32Array:
    """Square roots of areas; (G,) float32 input pixels."""
    return np.sqrt(area(corners_of(frame.gt_boxes), plus_one=False))


def find_cores(frame: Frame, grids: Grids, params: FoveaboxParams) -> Cores:
    """Find the cells in the core of every box, on the levels whose range holds it."""
    sizes, limits = sizes_of(frame)[:, None], size_ranges(grids.pyramid, params)
    fits = (sizes >= limits[:, 0]) & (sizes <= limits[:, 1])
    gt, level = np.nonzero(fits)
    maps, steps = grids.maps(frame.gt_image[gt], level)
    boxes = frame.gt_boxes[gt]
    found, offset = [], np.float32(grids.pyramid.rule.offset)
    for axis, number, step in zip((1, 0), maps, steps, strict=True):
        low, high = boxes[:, axis] / step, boxes[:, axis + 2] / step
        half = _HALF * (high - low)
        start = low + np.float32(1 - params.core) * half
        end = low + np.float32(1 + params.core) * half
        first = _cell(np.ceil(start - offset), number)
        last = _cell(np.floor(end - offset), number)
        near = _is_near_center(start, number, offset)
        found.append((first, last + 1, near | _is_near_center(end, number, offset)))
    (top, bottom, near_y), (left, right, near_x) = found
    return Cores(gt, level, top, bottom, left, right, maps[1], near_y | near_x)


def _cell(place: Float32Array, number: IntArray) -> IntArray:
    """Take the nearest cell that the map has."""
    cell: IntArray = np.clip(place.astype(np.int64), 0, number - 1)
    return cell


def _is_near_center(
    edge: Float32Array, number: IntArray, offset: np.float32
) -> BoolArray:
    """Which edges, in cells, nearly lie on the center of a cell that the map has."""
    place = edge - offset
    near = is_near(edge, np.rint(place) + offset)
    return near & (_cell(np.floor(place), number) < _cell(np.ceil(place), number))


def claims_of(cores: Cores, sizes: Float32Array, frame: Frame, grids: Grids) -> Claims:
    """List the points in all cores; boxes that paint later are the stronger ones."""
    rank = np.empty(frame.num_gt, dtype=np.int64)
    rank[np.argsort(-sizes, kind="stable")] = np.arange(frame.num_gt)
    number = np.arange(len(cores.gt))
    pair, index = cells_between(number, *cores[2:7])
    box = cores.gt[pair]
    anchor = grids.anchor_key(frame.gt_image[box], cores.level[pair], index)
    place: Any = rank[box]
    return Claims(box, anchor, place)
