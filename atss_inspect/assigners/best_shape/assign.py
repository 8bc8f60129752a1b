"""Guided Anchoring: cells are positive by the best IoU of any anchor shape there."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.best_shape.params import BestShapeParams
from atss_inspect.assigners.contest import Claims, marked, strongest_claims
from atss_inspect.assigners.iou_threshold import assign as by_iou
from atss_inspect.assigners.pyramid import Grids, Pyramid, build_pyramid


class Cells(NamedTuple):
    """Boxes and cells, by the best IoU of the cell's anchors."""

    # box, key of the cell's square, best IoU: (N,) each
    claims: Claims
    best: Float32Array  # (G,) float32 best IoU of each box
    low: IntArray  # rows of the claims that equal their box's best and reach the floor


def squares_of(pyramid: Pyramid) -> Pyramid:
    """One anchor a cell: the square of the first scale, which stands for all shapes."""
    rule = pyramid.rule
    if rule.sizes:
        first = replace(rule, sizes=tuple(level[:1] for level in rule.sizes))
    else:
        first = replace(rule, scales=(float(rule.octave()[0]),))
    square = build_pyramid(replace(first, ratios=(1.0,), ratio_pairs=()))
    return replace(square, rule=rule)


def assign_best_shape(
    frame: Frame, pyramid: Pyramid, params: BestShapeParams
) -> Assignment:
    """Assign cells to boxes as the IoU rule assigns anchors.

    The IoU of a cell with a box is the best one of all anchors that the settings
    describe there. Of equals the lowest box has a cell; low-quality matches go to the
    last box that claims them.

    Notes
    -----
    Wang et al. 2019 (arXiv:1901.03278), section 3.4, as mmdetection's
    ``ApproxMaxIoUAssigner`` has it.
    """
    own, rule = squares_of(pyramid).grids(frame.padded_size), params.iou_threshold
    shapes = build_pyramid(pyramid.rule).grids(frame.padded_size)
    claims, best, low = find_cells(frame, shapes, own, params)
    contest = strongest_claims(claims)
    wins = contest.wins(len(claims.gt))
    reaches = claims.strength >= np.float32(params.positive_from)
    owners = by_iou.last_claimers(claims.take(low))
    over = claims.take(wins & reaches)
    over = over.take(~np.isin(over.anchor, owners.anchor))
    positives = Claims.join([over, owners])
    is_between = wins & (claims.strength >= np.float32(params.negative_below))
    is_between &= ~np.isin(claims.anchor, positives.anchor)
    is_wanted = reaches.copy()
    is_wanted[low] = True
    wanted = claims.take(is_wanted)
    reached = partial(by_iou.stage_reached, best, frame, shapes, rule)
    answer = Assignment.of(frame, own, positives, wanted, reached)
    unassigned = by_iou.below_the_bar(answer.unassigned, claims.gt[reaches], reached)
    return replace(
        answer,
        unassigned=unassigned,
        num_ignored=by_iou.count_ignored(
            claims.gt[is_between], positives.gt, frame, own, params.negative_below
        ),
        is_tied=marked(contest.tied(claims.gt, reaches), frame.num_gt),
        is_fragile=by_iou.fragile_boxes(claims, wins, best, rule),
    )


def find_cells(
    frame: Frame, shapes: Grids, own: Grids, params: BestShapeParams
) -> Cells:
    """List the cells that reach the ignore band, or, failing that, a box's best."""
    rule = params.iou_threshold
    claims, best = by_iou.reaching_claims(frame, shapes, rule)
    claims = best_of_cells(claims, shapes, own)
    return Cells(claims, best, by_iou.low_quality_claims(claims, best, rule)[0])


def best_of_cells(claims: Claims, shapes: Grids, own: Grids) -> Claims:
    """Turn claims to anchors into such to cells, by the best of each; by box and key.

    ``shapes`` are the grids of all anchors, ``own`` those of the squares.
    """
    image, level, index = shapes.locate(claims.anchor)
    cell = own.anchor_key(image, level, shapes.pyramid.split(level, index)[0])
    order = np.lexsort((cell, claims.gt))
    gt, cell, strength = claims.gt[order], cell[order], claims.strength[order]
    is_new = np.append(True, (gt[1:] != gt[:-1]) | (cell[1:] != cell[:-1]))
    first = np.flatnonzero(is_new[: len(gt)])
    if not len(first):
        return claims
    return Claims(gt[first], cell[first], np.maximum.reduceat(strength, first))
