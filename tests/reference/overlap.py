"""IoU in float32, with each project's width of a box and guard of the union."""

from typing import Literal

import numpy as np

# none: 0/0 is NaN · floor: max(union, 1e-6) · add: union + 1e-10 ·
# where_overlapping: 0 without dividing where nothing overlaps
UnionGuard = Literal["none", "floor", "add", "where_overlapping"]


def areas(boxes: np.ndarray, *, plus_one: bool) -> np.ndarray:
    """(n,) float32 areas; with ``plus_one`` corners are inclusive pixels."""
    extra = np.float32(1 if plus_one else 0)
    return (boxes[:, 2] - boxes[:, 0] + extra) * (boxes[:, 3] - boxes[:, 1] + extra)


def iou_with_box(
    anchors: np.ndarray, box: np.ndarray, *, plus_one: bool, guard: UnionGuard
) -> np.ndarray:
    """(n,) float32 IoU of every anchor with one box.

    Areas first, their sum, minus the intersection, then the division: another order
    gives other last bits, and low-quality matches compare with ``==``.
    """
    extra = np.float32(1 if plus_one else 0)
    zero = np.float32(0)
    inter_w = np.minimum(anchors[:, 2], box[2]) - np.maximum(anchors[:, 0], box[0])
    inter_h = np.minimum(anchors[:, 3], box[3]) - np.maximum(anchors[:, 1], box[1])
    inter = np.maximum(inter_w + extra, zero) * np.maximum(inter_h + extra, zero)
    both = areas(anchors, plus_one=plus_one) + areas(box[None], plus_one=plus_one)[0]
    union = both - inter
    if guard == "floor":
        union = np.maximum(union, np.float32(1e-6))
    elif guard == "add":
        union = union + np.float32(1e-10)
    # Two empty boxes: NaN, as in the projects that divide without looking.
    with np.errstate(invalid="ignore", divide="ignore"):
        iou = inter / union
    if guard == "where_overlapping":
        iou = np.where(inter > 0, iou, zero)
    return iou


def iou_matrix(
    anchors: np.ndarray, boxes: np.ndarray, *, plus_one: bool, guard: UnionGuard
) -> np.ndarray:
    """(n, G) float32."""
    matrix = np.zeros((len(anchors), len(boxes)), dtype=np.float32)
    for g, box in enumerate(boxes):
        matrix[:, g] = iou_with_box(anchors, box, plus_one=plus_one, guard=guard)
    return matrix
