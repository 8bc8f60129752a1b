"""ATSS, dense: Zhang et al. 2020 (arXiv:1912.02424), Algorithm 1, and its dialects."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .anchors import anchor_points
from .assignment import ReferenceAssignment, from_owners, is_near_miss
from .overlap import UnionGuard, iou_matrix
from .torch_mean import torch_cpu_mean


def assign_atss(
    anchors: Sequence[np.ndarray],
    gt_boxes: np.ndarray,
    *,
    k: int = 9,
    threshold_test: Literal[">=", ">"] = ">=",
    ddof: int = 1,
    mean_order: Literal["torch_cpu", "double"] = "torch_cpu",
    inside_margin: float = 0.01,
    contest: Literal["claimants", "all"] = "claimants",
    plus_one: bool = False,
    union_guard: UnionGuard = "floor",
    is_usable: np.ndarray | None = None,
) -> ReferenceAssignment:
    """Assign the anchors of one image.

    Parameters
    ----------
    anchors : (n, 4) float32 per level
    gt_boxes : (G, 4) float32
    k : anchors per level and box. The official code takes 9 times the anchors of a
        cell, mmdetection 9 whatever the cell holds. A smaller level gives all it has.
    mean_order : ``torch_cpu``: float32, in the order that torch sums on a CPU, which
        depends on how many boxes the image has; ``double``: rounded once, at the end.
        The standard deviation is computed in double either way, as torch does
    contest : who may win an anchor that several boxes claim: a claimant, or any box
        of the image (the YOLO ports)
    is_usable : (n,) bool over all levels; other anchors end as ignored

    Notes
    -----
    Equal distances: lowest index. Equal IoU in a contest: first box.

    ``is_tied``: on some level the k-th and the next distance are equal, so that
    another choice of candidates was possible.
    ``is_fragile``: a candidate's IoU lies within 4 ulp of the box's threshold without
    being equal; or a candidate passes the threshold and its smallest side distance
    lies so near the margin.
    """
    flat = np.concatenate(list(anchors)).astype(np.float32).reshape(-1, 4)
    points = anchor_points(flat)
    iou = iou_matrix(flat, gt_boxes, plus_one=plus_one, guard=union_guard)
    num_gt = len(gt_boxes)
    sizes = [len(level) for level in anchors]
    is_tied = np.zeros(num_gt, dtype=bool)
    candidates: list[np.ndarray] = []
    for g in range(num_gt):
        distances = center_distances(points, gt_boxes[g])
        nearest, is_tied[g] = nearest_per_level(distances, sizes, k)
        candidates.append(nearest)
    # Every box has the same number of candidates: the clamp depends on the map only.
    values = [iou[candidates[g], g] for g in range(num_gt)]
    means = candidate_means(values, mean_order)
    claims = np.zeros(iou.shape, dtype=bool)
    statistics = np.full((3, num_gt), np.nan, dtype=np.float32)
    is_fragile = np.zeros(num_gt, dtype=bool)
    for g in range(num_gt):
        std = sample_std(values[g], ddof)
        threshold = means[g] + std
        statistics[:, g] = means[g], std, threshold
        if threshold_test == ">=":
            passes = values[g] >= threshold
        else:
            passes = values[g] > threshold
        margins = smallest_side_distance(points[candidates[g]], gt_boxes[g])
        claims[candidates[g], g] = passes & (margins > np.float32(inside_margin))
        is_fragile[g] = (
            is_near_miss(values[g], threshold).any()
            or (passes & is_near_miss(margins, inside_margin)).any()
        )
    owner = settle_contests(claims, iou, contest)
    if is_usable is not None:
        owner[~is_usable] = -1
    return from_owners(
        owner,
        sizes,
        num_gt=num_gt,
        iou=iou,
        is_ignored=None if is_usable is None else ~is_usable,
        is_tied=is_tied,
        is_fragile=is_fragile,
        statistics=statistics,
    )


def center_distances(points: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(n,) float32 Euclidean distances; the root is kept: it merges close values."""
    center = (box[:2] + box[2:]) / np.float32(2)
    dx, dy = points[:, 0] - center[0], points[:, 1] - center[1]
    return np.sqrt(dx * dx + dy * dy)


def nearest_per_level(
    distances: np.ndarray, sizes: Sequence[int], k: int
) -> tuple[np.ndarray, bool]:
    """Places of the k nearest anchors of each level, and whether a cut was a tie."""
    chosen: list[int] = []
    is_tied = False
    start = 0
    for size in sizes:
        of_level = distances[start : start + size]
        order = np.argsort(of_level, kind="stable")
        take = min(k, size)
        chosen.extend((start + order[:take]).tolist())
        if take < size and of_level[order[take - 1]] == of_level[order[take]]:
            is_tied = True
        start += size
    return np.array(chosen, dtype=np.int64), is_tied


def candidate_means(values: Sequence[np.ndarray], mean_order: str) -> np.ndarray:
    """(G,) float32 mean IoU of each box's candidates, nearest first level by level."""
    if not values or not len(values[0]):
        return np.full(len(values), np.nan, dtype=np.float32)
    if mean_order == "torch_cpu":
        return torch_cpu_mean(np.stack(values, axis=1))
    return np.array([column.astype(np.float64).mean() for column in values]).astype(
        np.float32
    )


def sample_std(values: np.ndarray, ddof: int) -> np.float32:
    """In double, then float32; NaN where the sample is too small."""
    if len(values) <= ddof:
        return np.float32(np.nan)
    return np.float32(values.astype(np.float64).std(ddof=ddof))


def smallest_side_distance(points: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(n,) float32: how far inside the box each point is; negative outside."""
    x, y = points[:, 0], points[:, 1]
    left, top, right, bottom = x - box[0], y - box[1], box[2] - x, box[3] - y
    return np.minimum(np.minimum(left, top), np.minimum(right, bottom))


def settle_contests(claims: np.ndarray, iou: np.ndarray, contest: str) -> np.ndarray:
    """Owner of each anchor, -1 for none."""
    owner = np.full(len(claims), -1, dtype=np.int64)
    for place in np.flatnonzero(claims.any(axis=1)):
        claimants = np.flatnonzero(claims[place])
        if contest == "all" and len(claimants) > 1:
            claimants = np.arange(claims.shape[1])
        owner[place] = claimants[np.argmax(iou[place, claimants])]
    return owner
