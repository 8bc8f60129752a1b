"""Which cells of a grid lie near a box, without looking at all of them."""

from dataclasses import dataclass, fields

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.pyramid import Grids


@dataclass(frozen=True)
class CellGrid:
    """The grid each (box, level) pair lives on; N pairs.

    Attributes
    ----------
    rows, columns : (N,) int64 size of the feature map
    step_y, step_x : (N,) float32 input pixels between cells
    cell_anchors : (N, A, 4) float32 xyxy of the anchors in cell (0, 0)
    """

    rows: IntArray
    columns: IntArray
    step_y: Float32Array
    step_x: Float32Array
    cell_anchors: Float32Array

    def take(self, pairs: IntArray | BoolArray) -> "CellGrid":
        """Keep some pairs."""
        return CellGrid(
            self.rows[pairs],
            self.columns[pairs],
            self.step_y[pairs],
            self.step_x[pairs],
            self.cell_anchors[pairs],
        )


def pair_grids(grids: Grids, gt_image: IntArray) -> CellGrid:
    """Lay out one grid per (box, level), boxes outer; N = G x L."""
    num_gt = len(gt_image)
    anchors = grids.pyramid.cell_anchors
    maps, steps = grids.map_sizes[gt_image], grids.steps[gt_image]
    return CellGrid(
        rows=maps[..., 0].ravel(),
        columns=maps[..., 1].ravel(),
        step_y=steps[..., 0].ravel(),
        step_x=steps[..., 1].ravel(),
        cell_anchors=np.broadcast_to(anchors, (num_gt, *anchors.shape)).reshape(
            -1, *anchors.shape[1:]
        ),
    )


@dataclass(frozen=True)
class NearestCells:
    """The K anchors of each pair whose centers lie closest, nearest first.

    Attributes
    ----------
    row, column, anchor : (N, K) int64 cell and place in the cell
    is_real : (N, K) bool; False where the map has fewer than K anchors
    is_tied : (N,) bool; the K-th and the first one left out are equally far
    """

    row: IntArray
    column: IntArray
    anchor: IntArray
    is_real: BoolArray
    is_tied: BoolArray


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
    side = first_window_side(num_nearest, grid.cell_anchors.shape[1])
    result, is_certain = _search_window(center_x, center_y, grid, num_nearest, side)
    while not is_certain.all():
        side += max(2, side // 2)
        again = np.flatnonzero(~is_certain)
        found, is_certain[again] = _search_window(
            center_x[again], center_y[again], grid.take(again), num_nearest, side
        )
        for field in fields(NearestCells):
            getattr(result, field.name)[again] = getattr(found, field.name)
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
    anchors = grid.cell_anchors
    ends_x = anchors[..., 0], anchors[..., 2]
    ends_y = anchors[..., 1], anchors[..., 3]
    first_x, dx2, edge_x = _squared_offsets(
        center_x, ends_x, grid.step_x, grid.columns, side
    )
    first_y, dy2, edge_y = _squared_offsets(
        center_y, ends_y, grid.step_y, grid.rows, side
    )
    distance = np.sqrt(dy2[:, :, None] + dx2[:, None, :])  # (N, side, side, A)
    keys, cell_bits, anchor_bits = _rank_keys(distance)
    keys.sort(axis=1)
    missing = num_nearest + 1 - keys.shape[1]
    if missing > 0:
        nowhere = np.full((len(keys), missing), np.iinfo(np.int64).max)
        keys = np.hstack([keys, nowhere])
    nearest = keys[:, :num_nearest]
    cell_mask, anchor_mask = (1 << cell_bits) - 1, (1 << anchor_bits) - 1
    ranked = keys[:, num_nearest - 1 : num_nearest + 1] >> (2 * cell_bits + anchor_bits)
    kth, next_one = ranked[:, 0], ranked[:, 1]
    found = NearestCells(
        row=((nearest >> (cell_bits + anchor_bits)) & cell_mask) + first_y[:, None],
        column=((nearest >> anchor_bits) & cell_mask) + first_x[:, None],
        anchor=nearest & anchor_mask,
        is_real=nearest < (_INFINITY_BITS << (2 * cell_bits + anchor_bits)),
        is_tied=(kth == next_one) & (kth < _INFINITY_BITS),
    )
    edge = np.minimum(edge_x, edge_y)
    return found, (kth < edge.view(np.int32)) | np.isinf(edge)


def _squared_offsets(
    center: Float32Array,
    ends: tuple[Float32Array, Float32Array],
    step: Float32Array,
    count: IntArray,
    side: int,
) -> tuple[IntArray, Float32Array, Float32Array]:
    """Measure along one axis how far the anchors of the window's cells are.

    Parameters
    ----------
    center : (N,) float32 center of the box
    ends : lower and upper coordinate of the anchors in cell 0, each (N, A)
    step, count : (N,) input pixels between cells; cells along this axis
    side : cells in the window

    Returns
    -------
    first : (N,) int64 first cell of the window, shifted to stay on the grid
    squares : (N, side, A) float32 squared offsets, infinite beyond the grid
    edge : (N,) float32 offset of the nearest anchor left out, infinite if none is
    """
    low, high = ends
    middle = (low[:, 0] + high[:, 0]) / np.float32(2)
    first = np.ceil((center - middle) / step - np.float32(side / 2)).astype(np.int64)
    first = np.clip(first, 0, np.maximum(count - side, 0))
    cells = first[:, None] + np.arange(-1, side + 1)  # with one cell more at each end
    shift = (cells.astype(np.float32) * step[:, None])[:, :, None]
    # The center of the shifted corners, as the frameworks take it, not a shifted center.
    position = ((low[:, None, :] + shift) + (high[:, None, :] + shift)) / np.float32(2)
    squares = position - center[:, None, None]
    squares *= squares
    squares[(cells < 0) | (cells >= count[:, None])] = np.inf
    edge = np.sqrt(squares[:, [0, -1]].min(axis=(1, 2)))
    return first, squares[:, 1:-1], edge


def _rank_keys(distance: Float32Array) -> tuple[IntArray, int, int]:
    """Pack distance, row, column and anchor into one integer that sorts like them.

    The bits of a non-negative float32 order as its value. Returns (N, side * side * A)
    int64 keys and how many bits hold a row or column, and an anchor.
    """
    num_pairs, side, _, num_anchors = distance.shape
    cell_bits, anchor_bits = side.bit_length(), num_anchors.bit_length()
    cells = np.arange(side)
    place = (
        (cells[:, None, None] << (cell_bits + anchor_bits))
        | (cells[None, :, None] << anchor_bits)
        | np.arange(num_anchors)
    )
    keys = distance.view(np.int32).astype(np.int64)
    keys <<= 2 * cell_bits + anchor_bits
    keys |= place
    return keys.reshape(num_pairs, -1), cell_bits, anchor_bits


_INFINITY_BITS = int(np.float32(np.inf).view(np.int32))
