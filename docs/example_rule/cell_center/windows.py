"""Which points lie inside boxes: rectangles of cells, on all levels at once."""

import numpy as np

from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.assigners.pyramid import Grids, cells_between


def windows_inside(
    frame: Frame, grids: Grids, margin: float | Float64Array
) -> IntArray:
    """Find the cells whose point lies more than a margin inside each box.

    ``margin`` is in input pixels: a number, or (G, 2) float64 along x and y. Float64
    holds what is compared here exactly.

    Returns
    -------
    (G, L, 4) int64 row_from, row_to, column_from, column_to: from the first cell to
    before the second; zeros where there is none
    """
    low, high = np.split(frame.gt_boxes.astype(np.float64), 2, axis=1)  # (G, 2) x, y
    low, high = low + margin, high - margin
    first = grids.pyramid.first_anchors.reshape(-1, 2, 2).mean(axis=1)  # (L, 2) x, y
    found = []
    for axis in (1, 0):  # rows along y, then columns along x
        step = grids.steps[frame.gt_image, :, 1 - axis].astype(np.float64)  # (G, L)
        size = grids.map_sizes[frame.gt_image, :, 1 - axis]
        start = np.floor((low[:, axis, None] - first[:, axis]) / step) + 1
        stop = np.ceil((high[:, axis, None] - first[:, axis]) / step)
        start = np.clip(start, 0, size)
        found += [start, np.clip(stop, start, size)]
    windows = np.stack(found, axis=2).astype(np.int64)
    is_some = (windows[..., 1] > windows[..., 0]) & (windows[..., 3] > windows[..., 2])
    return windows * is_some[..., None]


def points_inside(
    frame: Frame, grids: Grids, margin: float
) -> tuple[IntArray, IntArray]:
    """List boxes and keys of the points inside them, (N,) int64 each; pairs once."""
    windows = windows_inside(frame, grids, margin)
    number = np.arange(windows[..., 0].size)
    box, level = np.divmod(number, windows.shape[1])
    image = frame.gt_image[box]
    columns = grids.map_sizes[image, level, 1]
    top, bottom, left, right = windows.reshape(-1, 4).T
    pair, index = cells_between(number, top, bottom, left, right, columns)
    return box[pair], grids.anchor_key(image[pair], level[pair], index)
