"""The rare questions that need all boxes, or all anchors, of an image.

They arise for a few contested or unreachable anchors only; pairs are listed one by one
and worked off in blocks, so that memory stays bounded.
"""

import numpy as np

from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.boxes import Corners, IouRule, iou
from atss_inspect.frame import Frame
from atss_inspect.pyramid import Grids
from atss_inspect.ragged import ranges

_PAIRS_PER_BLOCK = 1_000_000


def best_boxes(
    anchor: IntArray, frame: Frame, gt: Corners, grids: Grids, rule: IouRule
) -> tuple[IntArray, Float32Array]:
    """Find, for each anchor, the box of its image with the highest IoU.

    Parameters
    ----------
    anchor : (N,) int64 keys; each image has at least one box

    Returns
    -------
    gt : (N,) int64, the lowest box where several are equal
    iou : (N,) float32
    """
    num_boxes = np.bincount(frame.gt_image, minlength=frame.num_images)
    first_box = np.cumsum(num_boxes) - num_boxes
    image = grids.locate(anchor)[0]
    best_gt = np.zeros(len(anchor), dtype=np.int64)
    best_iou = np.zeros(len(anchor), dtype=np.float32)
    ends = np.cumsum(num_boxes[image])
    block = ends // _PAIRS_PER_BLOCK
    for number in np.unique(block):
        rows = np.flatnonzero(block == number)
        counts = num_boxes[image[rows]]
        boxes = ranges(first_box[image[rows]], counts)
        anchors = grids.corners(anchor[rows])
        overlaps = iou(
            gt.take(boxes), anchors.take(np.repeat(range(len(rows)), counts)), rule
        )
        starts = np.cumsum(counts) - counts
        best_iou[rows] = np.maximum.reduceat(overlaps, starts)
        is_best = overlaps == np.repeat(best_iou[rows], counts)
        none = len(frame.gt_boxes)
        best_gt[rows] = np.minimum.reduceat(np.where(is_best, boxes, none), starts)
    return best_gt, best_iou


def anchors_of_images(image: IntArray, grids: Grids) -> tuple[IntArray, IntArray]:
    """List every anchor of some images.

    Returns the place in ``image`` each anchor belongs to and its key, both (N,) int64.
    """
    num_levels = grids.pyramid.num_levels
    levels = np.arange(num_levels)
    counts = grids.level_anchors[image].ravel()
    first = grids.anchor_key(image[:, None], levels, np.zeros_like(levels)).ravel()
    place = np.repeat(np.arange(len(image)), num_levels)
    return np.repeat(place, counts), ranges(first, counts)
