"""Rectangles of cells that overlap, counted without looking at single cells.

Between the edges of an image's rectangles all cells are alike. So they are counted in
blocks, of which an image of few objects has few. The blocks of all images lie behind
one another in flat arrays.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray


def shared_cells(windows: IntArray, image: IntArray) -> IntArray:
    """Count the cells of windows that lie in others of their image, too; (G,) int64.

    Parameters
    ----------
    windows : (G, 4) int64 row_from, row_to, column_from, column_to
    image : (G,) int64, which image each is of
    """
    if not len(windows):
        return np.zeros(0, dtype=np.int64)
    blocks = _Blocks.of(windows, image)
    corners = [
        (sign, blocks.place(image, windows_row, windows_column))
        for sign, windows_row, windows_column in blocks.corners
    ]
    added = np.zeros(blocks.number, dtype=np.int64)
    for sign, at in corners:
        np.add.at(added, at, sign)
    # What a window adds to a row or a column of blocks sums up to nothing, so that one
    # running sum passes through all images.
    cover = blocks.by_row(np.cumsum(blocks.by_column(np.cumsum(added))))
    cells = np.where(cover > 1, blocks.num_cells, 0)
    above_left = blocks.sum_before(cells)
    found = np.zeros(len(windows), dtype=np.int64)
    for sign, at in corners:
        found += sign * above_left[at]
    return found


class _Edges(NamedTuple):
    """Where the windows of images begin and end along one axis, each edge once."""

    number: IntArray  # (I,) int64 edges of each image
    length: IntArray  # (E,) int64 cells from each edge to the next one of its image
    place: IntArray  # (G, 2) int64 those of each window, counted in its image

    @classmethod
    def of(cls, ends: IntArray, image: IntArray) -> "_Edges":
        """Find them; ``ends`` is (G, 2) int64."""
        step = int(ends.max()) + 1
        keys, place = np.unique(image[:, None] * step + ends, return_inverse=True)
        of_image, edge = np.divmod(keys, step)
        number = np.bincount(of_image, minlength=int(image.max()) + 1)
        is_last = np.diff(of_image, append=-1) != 0
        length = np.where(is_last, 0, np.diff(edge, append=0))
        own = place.reshape(-1, 2) - (np.cumsum(number) - number)[image][:, None]
        return cls(number, length, own)

    def length_of(self, image: IntArray, place: IntArray) -> IntArray:
        """Cells from edges of images to the next ones."""
        starts = np.cumsum(self.number) - self.number
        return np.asarray(self.length[starts[image] + place])


@dataclass(frozen=True)
class _Blocks:
    """The blocks between edges, image by image, row by row."""

    rows: _Edges
    columns: _Edges

    @classmethod
    def of(cls, windows: IntArray, image: IntArray) -> "_Blocks":
        """Cut the images of (G, 4) windows at all edges."""
        return cls(_Edges.of(windows[:, :2], image), _Edges.of(windows[:, 2:], image))

    @cached_property
    def sizes(self) -> IntArray:
        """Number of blocks of each image; (I,) int64."""
        return self.rows.number * self.columns.number

    @cached_property
    def starts(self) -> IntArray:
        """Place of the first block of each image; (I,) int64."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def number(self) -> int:
        """Number of blocks B."""
        return int(self.sizes.sum())

    @cached_property
    def image(self) -> IntArray:
        """Image of each block; (B,) int64."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    @cached_property
    def row_column(self) -> tuple[IntArray, IntArray]:
        """Row and column of each block in its image; (B,) int64 each."""
        place = np.arange(self.number) - self.starts[self.image]
        row, column = np.divmod(place, self.columns.number[self.image])
        return row, column

    @cached_property
    def turned(self) -> IntArray:
        """Where each block lies if they are listed column by column; (B,) int64."""
        row, column = self.row_column
        own = column * self.rows.number[self.image] + row
        return np.asarray(self.starts[self.image] + own)

    def place(self, image: IntArray, row: IntArray, column: IntArray) -> IntArray:
        """Where blocks lie."""
        own = row * self.columns.number[image] + column
        return np.asarray(self.starts[image] + own)

    @property
    def corners(self) -> list[tuple[int, IntArray, IntArray]]:
        """Rows and columns of the corners of windows, with their signs in sums."""
        return [
            (1 if a == b else -1, self.rows.place[:, a], self.columns.place[:, b])
            for a in (0, 1)
            for b in (0, 1)
        ]

    @property
    def num_cells(self) -> IntArray:
        """Cells of each block; (B,) int64."""
        row, column = self.row_column
        height = self.rows.length_of(self.image, row)
        return np.asarray(height * self.columns.length_of(self.image, column))

    def by_column(self, values: IntArray) -> IntArray:
        """List (B,) values column by column."""
        found = np.empty_like(values)
        found[self.turned] = values
        return found

    def by_row(self, values: IntArray) -> IntArray:
        """List values row by row again."""
        return values[self.turned]

    def sum_before(self, values: IntArray) -> IntArray:
        """Sum up what lies above and left of each block, in its image; (B,) int64."""
        row, column = self.row_column
        start = self.starts[self.image]
        rows = _sum_in_line(values, start + row * self.columns.number[self.image])
        first = self.by_column(start + column * self.rows.number[self.image])
        return self.by_row(_sum_in_line(self.by_column(rows), first))


def _sum_in_line(values: IntArray, first: IntArray) -> IntArray:
    """Sum of the values before each in its line, which begins at ``first``."""
    total = np.cumsum(values) - values
    return np.asarray(total - total[first])
