"""Which anchors lie within the border of their image: a rectangle of cells a shape."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray

if TYPE_CHECKING:
    from atss_inspect.assigners.pyramid import Grids

Ends = tuple[IntArray | int, IntArray]  # first cell inside, and the first one beyond


class Border(NamedTuple):
    """The cells of each image and shape whose anchors lie inside; (I * S,) int64.

    Where there are none, all four are 0.
    """

    first_row: IntArray
    stop_row: IntArray
    first_column: IntArray
    stop_column: IntArray

    def ends(self, pair: IntArray) -> tuple[Ends, Ends]:
        """Rows and columns inside, of pairs image * S + shape; (N,) each."""
        first_row, stop_row, first_column, stop_column = (each[pair] for each in self)
        return (first_row, stop_row), (first_column, stop_column)

    @property
    def counts(self) -> IntArray:
        """Number of anchors inside; (I * S,) int64."""
        rows = self.stop_row - self.first_row
        counts: IntArray = rows * (self.stop_column - self.first_column)
        return counts


def find_border(grids: "Grids", input_size: IntArray, allowed: float) -> Border:
    """Find the anchors that reach at most ``allowed`` pixels beyond their images.

    ``input_size`` is (I, 2) height, width before padding. An anchor is inside where
    x1 >= -b, y1 >= -b, x2 < width + b and y2 < height + b in float32 (mmdetection's
    ``anchor_inside_flags``, maskrcnn-benchmark's ``add_visibility_to``).
    """
    pyramid, found = grids.pyramid, []
    for axis, low in ((0, 1), (1, 0)):
        num_cells = grids.map_sizes[:, pyramid.shape_level, axis]  # (I, S)
        step = grids.steps[:, pyramid.shape_level, axis]
        origin = pyramid.origins[pyramid.shape_level, axis]
        ends = pyramid.cell_anchors[:, [low, low + 2]].T
        sides = input_size[:, [axis]].astype(np.float64)
        for end, bar in zip(ends, (0 * sides - allowed, sides + allowed), strict=True):
            bar32 = bar.astype(np.float32)
            found.append(_first_cell(end, step, origin, num_cells, bar32))
    first_row, stop_row, first_column, stop_column = found
    is_empty = (stop_row <= first_row) | (stop_column <= first_column)
    return Border(*(np.where(is_empty, 0, each).ravel() for each in found))


def _first_cell(
    end: Float32Array,
    step: Float32Array,
    origin: Float32Array,
    num_cells: IntArray,
    bar: Float32Array,
) -> IntArray:
    """First cell whose anchor has this end at or beyond a bar; the map's end if none.

    ``end`` and ``origin`` are (S,), the others broadcast to (I, S).
    """
    guess = np.ceil((bar - end.astype(np.float64) - origin) / step)
    cell: IntArray = np.clip(guess - 1, 0, num_cells).astype(np.int64)
    # Rounding moves it by one cell at most: look at the guess and both sides.
    for _ in range(3):
        shifted = (cell.astype(np.float32) * step + origin + end).astype(np.float32)
        cell += (cell < num_cells) & (shifted < bar)
    return cell


def is_inside(grids: "Grids", border: Border, key: IntArray) -> BoolArray:
    """Which anchors, (N,) keys, lie within the border; (N,) bool."""
    image, level, index = grids.locate(key)
    pyramid = grids.pyramid
    cell, place = pyramid.split(level, index)
    row, column = np.divmod(cell, grids.maps(image, level)[0][1])
    shape = pyramid.first_shape[level] + place
    rows, columns = border.ends(image * len(pyramid.cell_anchors) + shape)
    inside: BoolArray = (row >= rows[0]) & (row < rows[1])
    inside &= (column >= columns[0]) & (column < columns[1])
    return inside
