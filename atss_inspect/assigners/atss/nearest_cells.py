"""Which cells of a grid lie near a box, without looking at all of them."""

from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.boxes import Corners, Interval, rounded
from atss_inspect.assigners.pyramid import Grids
from atss_inspect.errors import SettingsError

Inside = tuple[IntArray, IntArray]


class CellGrid(NamedTuple):
    """The grid each (box, level) pair lives on; N pairs."""

    # rows, columns: (N,) int64 size of the feature map
    rows: IntArray
    columns: IntArray
    # step_y, step_x: (N,) float32 input pixels between cells
    step_y: Float32Array
    step_x: Float32Array
    # origin_y, origin_x: (N,) float32 shift of cell (0, 0)
    origin_y: Float32Array
    origin_x: Float32Array
    # corners of the anchors of a cell that is not shifted, each (A, N); infinite where
    # cells of the level have fewer
    anchors: Corners
    # along y and x, first cell and the first one beyond of anchors that are not left
    # out, (A, N) int64 each; None where none are
    ends: tuple[Inside, Inside] | None = None

    def take(self, pairs: IntArray) -> "CellGrid":
        """Keep some pairs."""
        numbers: Any = [field[pairs] for field in self[:6]]
        ends: Any = self.ends and [
            tuple(end[:, pairs] for end in axis) for axis in self.ends
        ]
        return CellGrid(*[*numbers, self.anchors.take(np.s_[:, pairs]), ends])


def pair_grids(grids: Grids, gt_image: IntArray) -> CellGrid:
    """Lay out one grid per (box, level), boxes outer; N = G x L."""
    # Of several axes, ``take`` is several times as fast as brackets.
    sizes = grids.map_sizes.take(gt_image, axis=0).reshape(-1, 2)
    steps = grids.steps.take(gt_image, axis=0).reshape(-1, 2)
    pyramid = grids.pyramid
    origins = np.tile(pyramid.origins, (len(gt_image), 1))
    cell_anchors = np.full(
        (4, pyramid.anchors_per_cell, pyramid.num_levels),
        np.inf,
        dtype=pyramid.cell_anchors.dtype,
    )
    cell_anchors[:, pyramid.shape_place, pyramid.shape_level] = pyramid.cell_anchors.T
    return CellGrid(
        rows=sizes[:, 0],
        columns=sizes[:, 1],
        step_y=steps[:, 0],
        step_x=steps[:, 1],
        origin_y=origins[:, 0],
        origin_x=origins[:, 1],
        anchors=Corners(*np.tile(cell_anchors, len(gt_image))),
        ends=_pair_ends(grids, gt_image),
    )


def _pair_ends(grids: Grids, gt_image: IntArray) -> tuple[Inside, Inside] | None:
    """Where the anchors of each pair begin and end that are not left out; as `ends`."""
    if grids.left_out is None:
        return None
    pyramid = grids.pyramid
    found = []
    for end in grids.left_out:
        shape = (len(gt_image), pyramid.num_levels, pyramid.anchors_per_cell)
        table = np.zeros(shape, dtype=np.int64)
        own = end.reshape(-1, len(pyramid.cell_anchors))[gt_image]
        table[:, pyramid.shape_level, pyramid.shape_place] = own
        found.append(np.ascontiguousarray(table.reshape(-1, shape[2]).T))
    first_row, stop_row, first_column, stop_column = found
    return (first_row, stop_row), (first_column, stop_column)


class NearestCells(NamedTuple):
    """The K anchors of each pair whose centers lie closest, nearest first."""

    # row, column, anchor: (N, K) int32 or int64 cell and place in the cell
    row: IntArray
    column: IntArray
    anchor: IntArray
    is_real: BoolArray  # (N, K) bool; False where the map has fewer than K anchors
    is_tied: BoolArray  # (N,) bool; the K-th and the first one left out are equally far


def nearest_cells(
    center_x: Float32Array, center_y: Float32Array, grid: CellGrid, num_nearest: int
) -> NearestCells:
    """Pick, on each grid, the anchors whose centers lie closest to a box's center.

    Parameters
    ----------
    center_x, center_y : (N,) float32 input pixels
    grid : the grid of each pair
    num_nearest : K, at least 1

    Returns
    -------
    NearestCells, (N, K). Distances are float32 and rooted, as in the frameworks (the
    root makes some close distances equal); equal distances: lower row, then lower
    column, then lower place in the cell.

    Notes
    -----
    Zhang et al. 2020 (arXiv:1912.02424), Algorithm 1, lines 3 to 6. Only a window
    around the center is looked at. A pair is done when its K-th distance is below the
    distance of the first row or column left out, so that nothing outside the window
    can come before it or tie with it; else it is looked at again with a wider window.
    """
    side = first_window_side(num_nearest, len(grid.anchors.x1))
    result, is_certain = _search_window(center_x, center_y, grid, num_nearest, side)
    while not is_certain.all():
        side += max(2, side // 2)
        again = np.flatnonzero(~is_certain)
        found, is_certain[again] = _search_window(
            center_x[again], center_y[again], grid.take(again), num_nearest, side
        )
        for known, better in zip(result, found, strict=True):
            known[again] = better
    return result


def first_window_side(num_nearest: int, anchors_per_cell: int) -> int:
    """Guess the smallest window that almost always holds the nearest anchors.

    The circle that holds n cells has radius sqrt(n / pi); 0.3 cells more cover where
    in its cell the center lies. Windows stay certain only out to half their side.
    """
    num_cells = -(-num_nearest // anchors_per_cell)
    return int(np.ceil(2 * (np.sqrt(num_cells / np.pi) + 0.3)))


def _search_window(
    center_x: Float32Array,
    center_y: Float32Array,
    grid: CellGrid,
    num_nearest: int,
    side: int,
) -> tuple[NearestCells, BoolArray]:
    """Find the nearest anchors inside a window of side x side cells; (N, K).

    The second result tells which pairs are certain: no anchor outside could matter.
    """
    x1, y1, x2, y2 = grid.anchors
    inside_y, inside_x = grid.ends or (None, None)
    along_x = _Axis(center_x, (x1, x2), grid.step_x, grid.origin_x, grid.columns)
    along_y = _Axis(center_y, (y1, y2), grid.step_y, grid.origin_y, grid.rows)
    first_x, squares_x, edge_x = _squared_offsets(along_x, inside_x, side)
    first_y, squares_y, edge_y = _squared_offsets(along_y, inside_y, side)
    distance = np.sqrt(squares_y[:, None] + squares_x)  # (side, side, A, N)
    layout = KeyLayout.for_grid(grid)
    keys = layout.pack(distance, first_y, first_x)
    keys.sort(axis=1)
    missing = num_nearest + 1 - keys.shape[1]
    if missing > 0:
        nowhere = np.full((len(keys), missing), np.iinfo(np.int64).max)
        keys = np.hstack([keys, nowhere])
    # Of the last one taken and the first one left out, to be compared.
    kth, next_one = (keys[:, [num_nearest - 1, num_nearest]] >> layout.cell_bits).T
    edge = np.minimum(edge_x, edge_y)
    is_tied = (kth == next_one) & (kth < _INFINITY_BITS)
    found = layout.unpack(keys[:, :num_nearest], is_tied)
    return found, (kth < edge.view(np.int32)) | np.isinf(edge)


class _Axis(NamedTuple):
    """One axis of the pairs; all float32 but for the numbers of cells."""

    center: Float32Array  # (N,) of the box
    ends: Interval  # (A, N) low and high ends of the anchors of a cell not shifted
    step: Float32Array  # (N,) shift from cell to cell
    origin: Float32Array  # (N,) shift of cell 0
    num_cells: IntArray  # (N,) int64

    def squares(self, cells: IntArray) -> Float32Array:
        """Squared offsets of anchors of some cells, (..., N) or (..., A, N)."""
        low, high = self.ends
        shift = cells.astype(np.float32) * self.step + self.origin
        # The center of the shifted corners, as frameworks take it, not a shifted one.
        squares = (rounded(low + shift) + rounded(high + shift)) / np.float32(2)
        squares -= self.center
        squares *= squares
        return squares


def _squared_offsets(
    axis: _Axis, inside: Inside | None, side: int
) -> tuple[IntArray, Float32Array, Float32Array]:
    """Measure along one axis how far the anchors of a window's cells are.

    Returns
    -------
    first : (N,) int64 first cell of the window, shifted to stay on the grid
    squares : (side, A, N) float32 squared offsets, infinite beyond the grid and of
        anchors that are left out
    edge : (N,) float32 offset of the nearest anchor beyond the window, infinite if
        there is none
    """
    low, high = axis.ends
    middle = (low[0] + high[0]) / np.float32(2) + axis.origin
    first = np.ceil((axis.center - middle) / axis.step - np.float32(side / 2))
    first = first.astype(np.int64)
    if inside is not None:
        return _squared_offsets_inside(axis, inside, first, side)
    num_cells = axis.num_cells
    first = np.maximum(np.minimum(first, num_cells - side), 0)
    # With one cell more at each end, to see how far the first one left out is.
    cells = first + np.arange(-1, side + 1)[:, None]  # (side + 2, N)
    squares = axis.squares(cells[:, None])
    squares[0, :, first == 0] = np.inf
    squares[-1, :, first + side >= num_cells] = np.inf
    if num_cells.min(initial=side) < side:
        np.copyto(squares, np.inf, where=(cells >= num_cells)[:, None])
    edge = np.sqrt(squares[[0, -1]].min(axis=(0, 1)))
    return first, squares[1:-1], edge


def _squared_offsets_inside(
    axis: _Axis, inside: Inside, first: IntArray, side: int
) -> tuple[IntArray, Float32Array, Float32Array]:
    """Do the same where anchors are left out, others for each shape."""
    start, stop = inside  # (A, N)
    # From the first cell where any shape has anchors to the last one.
    most = np.iinfo(np.int64).max
    lowest = np.where(stop > start, start, most).min(axis=0)
    highest = stop.max(axis=0)
    first = np.maximum(np.minimum(first, highest - side), np.minimum(lowest, highest))
    cells = (first + np.arange(side)[:, None])[:, None]  # (side, 1, N)
    squares = axis.squares(cells)
    np.copyto(squares, np.inf, where=(cells < start) | (cells >= stop))
    # Of each shape the nearest anchors on both sides of the window.
    before, after = np.minimum(first, stop) - 1, np.maximum(first + side, start)
    beyond = axis.squares(np.stack([before, after]))  # (2, A, N)
    np.copyto(beyond, np.inf, where=np.stack([before < start, after >= stop]))
    return first, squares, np.sqrt(beyond.min(axis=(0, 1)))


class KeyLayout(NamedTuple):
    """How distance, row, column and place in the cell share one integer.

    The bits of a non-negative float32 order as its value, so such keys sort by
    distance, then row, column and place.
    """

    row_bits: int
    column_bits: int
    anchor_bits: int

    @classmethod
    def for_grid(cls, grid: CellGrid) -> "KeyLayout":
        """Make room for the largest map; maps of up to 2^32 anchors fit."""
        layout = cls(
            int(grid.rows.max(initial=1)).bit_length(),
            int(grid.columns.max(initial=1)).bit_length(),
            len(grid.anchors.x1).bit_length(),
        )
        if layout.cell_bits > 32:
            size = f"{grid.rows.max()} x {grid.columns.max()} cells"
            message = f"a feature map of {size} is too large; expected 2^32 anchors"
            raise SettingsError(message)
        return layout

    @property
    def cell_bits(self) -> int:
        """Number of bits below the distance."""
        return self.row_bits + self.column_bits + self.anchor_bits

    def pack(
        self, distance: Float32Array, first_row: IntArray, first_column: IntArray
    ) -> IntArray:
        """Pack (side, side, A, N) distances of windows; (N, side * side * A) int64."""
        side, _, num_anchors, num_pairs = distance.shape
        keys = distance.view(np.int32).astype(np.int64)
        keys <<= self.cell_bits
        cell = np.arange(side)
        place = self.place(cell[:, None, None], cell[:, None], np.arange(num_anchors))
        keys += place[..., None]
        keys += self.place(first_row, first_column, 0)
        flat = keys.reshape(side * side * num_anchors, num_pairs)
        return np.ascontiguousarray(flat.T)

    def place(
        self, row: IntArray, column: IntArray, anchor: IntArray | int
    ) -> IntArray:
        """Pack a place alone; places may be added up."""
        cell: IntArray = (row << self.column_bits) + column
        return (cell << self.anchor_bits) + np.int64(anchor)

    def unpack(self, keys: IntArray, is_tied: BoolArray) -> NearestCells:
        """Read (N, K) sorted keys."""
        is_real = np.ones(keys.shape, dtype=bool)
        if keys[:, -1].max(initial=0) >> self.cell_bits >= _INFINITY_BITS:
            is_real = keys >> self.cell_bits < _INFINITY_BITS
        # Maps seldom have more than 2^31 anchors, and half the memory is half the time.
        narrow = np.int32 if self.cell_bits < 32 else np.int64
        place: Any = (keys & ((1 << self.cell_bits) - 1)).astype(narrow)
        return NearestCells(
            row=place >> (self.column_bits + self.anchor_bits),
            column=(place >> self.anchor_bits) & ((1 << self.column_bits) - 1),
            anchor=place & ((1 << self.anchor_bits) - 1),
            is_real=is_real,
            is_tied=is_tied,
        )


_INFINITY_BITS = int(np.float32(np.inf).view(np.int32))
