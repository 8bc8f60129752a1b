"""The IoU-threshold rule of RetinaNet and the RPN, dense, in both dialects."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Literal

import numpy as np

from .assignment import ReferenceAssignment, from_owners, is_near_miss
from .overlap import UnionGuard, iou_matrix

Measure = Callable[[np.ndarray, np.ndarray], np.ndarray]


def assign_iou_threshold(
    anchors: Sequence[np.ndarray],
    gt_boxes: np.ndarray,
    *,
    positive_from: float = 0.5,
    negative_below: float = 0.4,
    low_quality: Literal["own_best", "last_gt", "first_gt", "off"] = "own_best",
    low_quality_from: float = 0.0,
    plus_one: bool = False,
    union_guard: UnionGuard = "none",
    ties: Literal["all", "first"] = "all",
    measure: Measure | None = None,
    is_usable: np.ndarray | None = None,
) -> ReferenceAssignment:
    """Assign the anchors of one image.

    Parameters
    ----------
    low_quality : what becomes of an anchor that holds some box's greatest IoU.
        ``own_best``: it is positive for the box *it* overlaps most (official code,
        torchvision, detectron2). ``last_gt``: it goes to the box whose greatest IoU
        it holds, over any earlier decision, the last such box winning (mmdetection).
        ``first_gt``: the first such box wins (effdet).
    low_quality_from : a box whose greatest IoU is below this restores nothing
    measure : what stands in place of the IoU, of anchors and boxes; (n, G) float32
    ties : whether all anchors that hold a box's greatest IoU are restored, or the first
    is_usable : (n,) bool over all levels; other anchors end as ignored (the official
        RPN's anchors that reach out of the image)

    Notes
    -----
    An anchor's best box: the first of equals. A box that meets no anchor has the
    greatest IoU 0, which every anchor beyond all boxes holds too: they all turn
    positive, as they do in the reference implementations.

    ``is_tied``: several boxes share the best IoU of a positive anchor exactly; each of
    these boxes is tied. So is a box whose first greatest anchor is one of several.
    ``is_fragile``: for some anchor whose best box this is, the IoU lies within 4 ulp
    of ``positive_from`` or ``negative_below`` without being equal; or, with a floor
    above 0, the box's own greatest IoU lies so near ``low_quality_from``. Equality
    with the box's greatest IoU is no bar in this sense.
    """
    flat = np.concatenate(list(anchors)).astype(np.float32).reshape(-1, 4)
    sizes = [len(level) for level in anchors]
    num_gt = len(gt_boxes)
    compare = partial(iou_matrix, plus_one=plus_one, guard=union_guard)
    iou = (measure or compare)(flat, gt_boxes)
    owner = np.full(len(flat), -1, dtype=np.int64)
    is_ignored = np.zeros(len(flat), dtype=bool)
    is_fragile = np.zeros(num_gt, dtype=bool)
    is_chosen = np.zeros(num_gt, dtype=bool)
    if num_gt and len(flat):
        best_gt = np.argmax(iou, axis=1)
        best = iou[np.arange(len(flat)), best_gt]
        is_ignored = (best >= np.float32(negative_below)) & (
            best < np.float32(positive_from)
        )
        is_positive = best >= np.float32(positive_from)
        owner[is_positive] = best_gt[is_positive]
        near = is_near_miss(best, positive_from) | is_near_miss(best, negative_below)
        is_fragile[best_gt[near]] = True
        if low_quality != "off":
            order = range(num_gt)
            for g in reversed(order) if low_quality == "first_gt" else order:
                greatest = iou[:, g].max()
                if low_quality_from > 0 and is_near_miss(greatest, low_quality_from):
                    is_fragile[g] = True
                if greatest >= np.float32(low_quality_from):
                    restored = np.flatnonzero(iou[:, g] == greatest)
                    if ties == "first":
                        is_chosen[g] = len(restored) > 1
                        restored = restored[:1]
                    own = best_gt[restored] if low_quality == "own_best" else g
                    owner[restored] = own
    if is_usable is not None:
        owner[~is_usable] = -1
        is_ignored |= ~is_usable
    is_ignored &= owner < 0
    return from_owners(
        owner,
        sizes,
        num_gt=num_gt,
        iou=iou,
        is_ignored=is_ignored,
        is_tied=is_chosen | boxes_sharing_a_best(owner, iou),
        is_fragile=is_fragile,
    )


def boxes_sharing_a_best(owner: np.ndarray, iou: np.ndarray) -> np.ndarray:
    """(G,) bool: boxes that share the best IoU of some positive anchor with another."""
    shares = np.zeros(iou.shape[1], dtype=bool)
    for place in np.flatnonzero(owner >= 0):
        equals = iou[place] == iou[place].max()
        if equals.sum() > 1:
            shares |= equals
    return shares
