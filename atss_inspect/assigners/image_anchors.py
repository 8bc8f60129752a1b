"""The rare questions that need all boxes, or all anchors, of an image.

They arise for a few contested or unreachable anchors only; pairs are listed one by one
and worked off in blocks, so that memory stays bounded.
"""

from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float32Array, IntArray
from atss_inspect.assigners.boxes import Corners, IouRule, iou
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.assigners.ragged import ranges

_PAIRS_PER_BLOCK = 1_000_000


class BestBoxes(NamedTuple):
    """The best box of each of N anchors.

    Attributes
    ----------
    gt : (N,) int64, the lowest where several are equal
    iou : (N,) float32
    tied : (T,) int64 boxes that share the best IoU of an anchor with another box
    """

    gt: IntArray
    iou: Float32Array
    tied: IntArray


def best_boxes(
    anchor: IntArray, frame: Frame, gt: Corners, grids: Grids, rule: IouRule
) -> BestBoxes:
    """Find, for each anchor, the box of its image with the highest IoU.

    ``anchor`` is (N,) int64 keys; the image of each has at least one box.
    """
    num_boxes = np.bincount(frame.gt_image, minlength=frame.num_images)
    first_box = np.cumsum(num_boxes) - num_boxes
    image = grids.locate(anchor)[0]
    best = BestBoxes(
        np.zeros(len(anchor), dtype=np.int64),
        np.zeros(len(anchor), dtype=np.float32),
        np.zeros(0, dtype=np.int64),
    )
    tied = [best.tied]
    block = np.cumsum(num_boxes[image]) // _PAIRS_PER_BLOCK
    for number in np.flatnonzero(np.bincount(block)):
        rows = np.flatnonzero(block == number)
        counts = num_boxes[image[rows]]
        boxes = ranges(first_box[image[rows]], counts)
        pair_anchor = np.repeat(np.arange(len(rows)), counts)
        anchors = grids.corners(anchor[rows]).take(pair_anchor)
        overlaps = iou(gt.take(boxes), anchors, rule)
        starts = np.cumsum(counts) - counts
        best.iou[rows] = np.maximum.reduceat(overlaps, starts)
        is_best = overlaps == best.iou[rows][pair_anchor]
        none = len(frame.gt_boxes)
        best.gt[rows] = np.minimum.reduceat(np.where(is_best, boxes, none), starts)
        is_shared = np.add.reduceat(is_best.astype(np.int64), starts) > 1
        tied.append(boxes[is_best & is_shared[pair_anchor]])
    return best._replace(tied=np.concatenate(tied))


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
