"""The FCOS rule, dense: Tian et al. 2019 (arXiv:1904.01355), and its dialects."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from .assignment import ReferenceAssignment, from_owners, is_near_miss
from .overlap import areas

FAR = np.float32(1e8)  # "no box": the mask value of every implementation
CLOSED_RANGES = ((-1, 64), (64, 128), (128, 256), (256, 512), (512, 1e8))
OPEN_RANGES = ((0, 64), (64, 128), (128, 256), (256, 512), (512, np.inf))


def assign_fcos(
    points: Sequence[np.ndarray],
    gt_boxes: np.ndarray,
    *,
    scale_ranges: Sequence[tuple[float, float]] = CLOSED_RANGES,
    closed_ranges: bool = True,
    inside_margin: float = 0.0,
    center_radii: Sequence[float] | None = None,
    center_test: Literal["clipped_box", "chebyshev"] = "clipped_box",
    plus_one_area: bool = False,
    area_rule: Literal["smallest", "rounded"] = "smallest",
) -> ReferenceAssignment:
    """Assign the points of one image.

    Parameters
    ----------
    points : (n, 2) float32 x, y per level
    gt_boxes : (G, 4) float32
    scale_ranges : per level, between which the largest side distance must lie
    center_radii : per level, center-sampling radius in input pixels; None for none
    center_test : ``clipped_box`` (official code, mmdetection) wants the point inside
        the square around the box center, cut to the box; ``chebyshev`` (torchvision,
        detectron2) wants the larger of |dx|, |dy| below the radius, and the point
        inside the box
    area_rule : ``smallest`` area wins; ``rounded``: the largest float32(1e8 - area)
        wins, which comes in steps of 8 square pixels

    Notes
    -----
    Equal areas: first box.

    ``is_tied``: a point's winning area is shared, in the rule's own arithmetic, by
    several boxes that may own it; each of these boxes is tied.
    ``is_fragile``: for some point one quantity of the box lies within 4 ulp of its
    bar without being equal, while all other tests of the pair hold. Quantities and
    bars: the largest side distance and each end of the level's range; the smallest
    side distance (with ``clipped_box`` sampling: that to the region) and the inside
    margin; with ``chebyshev`` the center distance and the radius.
    """
    sizes = [len(level) for level in points]
    num_gt = len(gt_boxes)
    may_own = np.zeros((sum(sizes), num_gt), dtype=bool)
    is_fragile = np.zeros(num_gt, dtype=bool)
    start = 0
    for level, of_level in enumerate(points):
        radius = None if center_radii is None else center_radii[level]
        for g, box in enumerate(gt_boxes):
            tests = tests_of_level(
                of_level,
                box,
                scale_ranges[level],
                closed=closed_ranges,
                inside_margin=inside_margin,
                radius=radius,
                center_test=center_test,
            )
            holds = np.array([test[0] for test in tests])
            near = np.array([test[1] for test in tests])
            may_own[start : start + len(of_level), g] = holds.all(axis=0)
            for t in range(len(tests)):
                others = np.delete(holds, t, axis=0).all(axis=0)
                is_fragile[g] |= bool((near[t] & others).any())
        start += len(of_level)
    owner, is_tied = smallest_owner(
        may_own, areas(gt_boxes, plus_one=plus_one_area), area_rule
    )
    return from_owners(
        owner, sizes, num_gt=num_gt, is_tied=is_tied, is_fragile=is_fragile
    )


Test = tuple[np.ndarray, np.ndarray]  # which points pass, which are a near miss


def tests_of_level(
    points: np.ndarray,
    box: np.ndarray,
    scale_range: tuple[float, float],
    *,
    closed: bool,
    inside_margin: float,
    radius: float | None,
    center_test: str,
) -> list[Test]:
    """Every test a point must pass to be owned by one box."""
    x, y = points[:, 0], points[:, 1]
    center = (box[:2] + box[2:]) / np.float32(2)
    tests: list[Test] = []
    region = box
    if radius is not None and center_test == "clipped_box":
        reach = np.float32(radius)
        low = np.maximum(center - reach, box[:2])
        high = np.minimum(center + reach, box[2:])
        region = np.concatenate([low, high])
    elif radius is not None:
        away = np.maximum(np.abs(x - center[0]), np.abs(y - center[1]))
        tests.append((away < np.float32(radius), is_near_miss(away, radius)))
    sides = side_distances(points, region).min(axis=0)
    tests.append(
        (sides > np.float32(inside_margin), is_near_miss(sides, inside_margin))
    )
    # The range looks at the whole box, whatever the region.
    largest = side_distances(points, box).max(axis=0)
    low_end, high_end = np.float32(scale_range[0]), np.float32(scale_range[1])
    if closed:
        above, below = largest >= low_end, largest <= high_end
    else:
        above, below = largest > low_end, largest < high_end
    tests.append((above, is_near_miss(largest, scale_range[0])))
    tests.append((below, is_near_miss(largest, scale_range[1])))
    return tests


def side_distances(points: np.ndarray, box: np.ndarray) -> np.ndarray:
    """(4, n) float32 distances to left, top, right and bottom; negative outside."""
    x, y = points[:, 0], points[:, 1]
    return np.array([x - box[0], y - box[1], box[2] - x, box[3] - y], dtype=np.float32)


def smallest_owner(
    may_own: np.ndarray, box_areas: np.ndarray, area_rule: str
) -> tuple[np.ndarray, np.ndarray]:
    """Owner of each point (-1 for none) and which boxes were equals of a winner."""
    num_points, num_gt = may_own.shape
    owner = np.full(num_points, -1, dtype=np.int64)
    is_tied = np.zeros(num_gt, dtype=bool)
    for place in np.flatnonzero(may_own.any(axis=1)):
        if area_rule == "smallest":
            cost = np.where(may_own[place], box_areas, FAR)
            is_background = cost.min() == FAR
        else:
            # float32 near 1e8 moves in steps of 8: close areas become equal.
            cost = -np.where(may_own[place], FAR - box_areas, np.float32(0))
            is_background = -cost.min() < np.float32(1e-5)
        if is_background:
            continue
        owner[place] = np.argmin(cost)
        equals = may_own[place] & (cost == cost.min())
        if equals.sum() > 1:
            is_tied |= equals
    return owner, is_tied
