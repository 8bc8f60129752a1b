"""The ranking rule of RFLA and NWD-RKA, dense, box by box.

After ``hierarchical_assigner.py`` of Chasel-Tsui/mmdet-rfla and ``ranking_assigner.py``
of Chasel-Tsui/mmdet-aitod.
"""

from collections.abc import Sequence

import numpy as np

from .assignment import ReferenceAssignment, from_owners, is_near_miss
from .distances import alike, rescaled


def assign_ranking(
    anchors: Sequence[np.ndarray],
    gt_boxes: np.ndarray,
    *,
    k: int = 3,
    k_again: int = 1,
    ratio: float = 0.9,
    measure: str = "kld",
    constant: float = 12.7,
    ignored_from: float = 0.8,
    is_usable: np.ndarray | None = None,
) -> ReferenceAssignment:
    """Assign the anchors of one image; nothing is tied.

    ``is_fragile``: the best anchor that is not given to the box is within 4 ulp of the
    last that is, in either step.
    """
    flat = np.concatenate(list(anchors)).astype(np.float32).reshape(-1, 4)
    owner = np.full(len(flat), -1, dtype=np.int64)
    is_fragile = np.zeros(len(gt_boxes), dtype=bool)
    best = np.full(len(flat), -1, dtype=np.float32)
    for gt, box in enumerate(gt_boxes):
        values = alike(flat, box, measure, constant)
        best = np.maximum(best, values)
        given, is_fragile[gt] = nearest(values, k)
        owner[given] = gt  # over what an earlier box was given
    if k_again:
        best[:] = -1
        smaller, second = rescaled(flat, ratio), np.full(len(flat), -1, dtype=np.int64)
        for gt, box in enumerate(gt_boxes):
            values = alike(smaller, box, measure, constant)
            best = np.maximum(best, values)
            given, near = nearest(values, k_again)
            is_fragile[gt] |= near
            second[given] = gt
        owner = np.where(owner < 0, second, owner)
    is_ignored = np.zeros(len(flat), dtype=bool)
    if ignored_from and len(gt_boxes):
        is_ignored = ~((best >= 0) & (best < np.float32(ignored_from))) & (owner < 0)
    if is_usable is not None:
        owner[~is_usable] = -1
        is_ignored |= ~is_usable
    return from_owners(
        owner,
        [len(level) for level in anchors],
        num_gt=len(gt_boxes),
        is_ignored=is_ignored,
        is_fragile=is_fragile,
    )


def nearest(values: np.ndarray, k: int) -> tuple[np.ndarray, bool]:
    """Places of the k largest values, of all equal ones, and whether it is close."""
    if not len(values):
        return np.zeros(0, dtype=np.int64), False
    given: set[int] = set()
    for value in sorted(values.tolist(), reverse=True)[:k]:
        given |= set(np.flatnonzero(values == np.float32(value)).tolist())
    places = np.array(sorted(given))
    least = values[places].min()
    others = np.delete(values, places)
    return places, bool(is_near_miss(others, float(least)).any())
