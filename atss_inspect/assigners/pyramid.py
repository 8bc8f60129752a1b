"""Anchors on the grids of a feature pyramid, without ever building them all.

An anchor is named by (level, y, x, a): cell row, cell column, place in the cell. Its
corners are float32: the cell anchor of (level, a) plus the cell's position.
"""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from atss_inspect.arrays import BoolArray, Float32Array, IntArray
from atss_inspect.assigners.anchor_rule import SHARES, SHIFTED, AnchorRule
from atss_inspect.assigners.border import Border, Ends, find_border, is_inside
from atss_inspect.assigners.boxes import Corners, rounded
from atss_inspect.assigners.cell_anchors import CELL_ANCHORS

# Part of a cell that is no remainder: 320 px hold 3 cells of 320 / 3 px.
_NO_REST = 1e-6


@dataclass(frozen=True)
class Pyramid:
    """The anchor cells of every level; S shapes of anchors in all."""

    rule: AnchorRule  # the convention it was made from
    # (L,) float32, input pixels; the smaller one where the axes differ
    strides: Float32Array
    # (L, 2) float32 shift of cell (0, 0) along y, x; not 0 only for `SHIFTED` styles
    origins: Float32Array
    # (S, 4) xyxy of the anchors of cells that are not shifted, level by level; float32,
    # of `efficientdet` and `torchvision-ssd`, which round them later, float64
    cell_anchors: Float32Array
    per_cell: IntArray  # (L,) int64 number of anchors in a cell of each level

    @property
    def num_levels(self) -> int:
        """Number of levels L."""
        return len(self.strides)

    @cached_property
    def anchors_per_cell(self) -> int:
        """Number of anchors per cell A, of the level that has most."""
        return int(self.per_cell.max())

    @cached_property
    def is_uniform(self) -> bool:
        """Whether the cells of all levels have as many anchors."""
        return bool((self.per_cell == self.anchors_per_cell).all())

    @cached_property
    def first_shape(self) -> IntArray:
        """Shape that is the first of each level; (L,) int64."""
        first: IntArray = np.cumsum(self.per_cell) - self.per_cell
        return first

    @cached_property
    def shape_level(self) -> IntArray:
        """Level of each shape; (S,) int64."""
        return np.repeat(np.arange(self.num_levels), self.per_cell)

    @cached_property
    def shape_place(self) -> IntArray:
        """Place in the cell of each shape; (S,) int64."""
        return np.arange(len(self.cell_anchors)) - self.first_shape[self.shape_level]

    @cached_property
    def first_anchors(self) -> Float32Array:
        """Anchors in cell (0, 0), (S, 4) float32; to within a rounding."""
        origins = np.tile(self.origins[self.shape_level, ::-1], 2)
        anchors: Float32Array = (self.cell_anchors + origins).astype(np.float32)
        return anchors

    def per_cell_of(self, shape: IntArray) -> IntArray | int:
        """Number of anchors in the cell of each shape; one number if all are alike."""
        if self.is_uniform:
            return self.anchors_per_cell
        counts: IntArray = self.per_cell[self.shape_level[shape]]
        return counts

    def shapes_of(self, level: int) -> slice:
        """Shapes of one level."""
        first = int(self.first_shape[level])
        return slice(first, first + int(self.per_cell[level]))

    def points(self) -> "Pyramid":
        """The same with one anchor a cell, for rules that look at points only."""
        return replace(
            self,
            rule=replace(self.rule, allowed_border=-1.0),
            cell_anchors=self.cell_anchors[self.first_shape],
            per_cell=np.ones_like(self.per_cell),
        )

    def split(self, level: IntArray, index: IntArray) -> tuple[IntArray, IntArray]:
        """Split indices within levels into the cell and the place in it; (N,) each."""
        # By one number a division takes a third of the time.
        per_cell = self.anchors_per_cell if self.is_uniform else self.per_cell[level]
        cell, place = np.divmod(index, per_cell)
        return cell, place

    @property
    def level_names(self) -> tuple[str, ...]:
        """P3 for stride 8, P4 for 16, ...; ``stride 12`` where it is no power of 2."""
        return self.rule.level_names

    def grids(
        self, padded_size: IntArray, input_size: IntArray | None = None
    ) -> "Grids":
        """Lay the pyramid over (I, 2) padded sizes (height, width).

        ``input_size`` are those before padding, (I, 2): where the border is. Without
        them no anchor is beyond one.
        """
        sizes = padded_size[:, None, :]
        strides = np.array(list(self.rule.strides_yx))
        # Every stride-2 layer gives ceil(n / 2); nested, that is ceil(n / stride).
        if self.rule.is_whole:
            strides = strides.astype(np.int64)
            map_sizes = -(-sizes // strides)  # (I, L, 2)
        else:
            cells = np.ceil(sizes / strides - _NO_REST)
            map_sizes = np.maximum(cells.astype(np.int64), 1)
        steps = np.broadcast_to(strides, map_sizes.shape)
        if self.rule.grid == "padded" and self.rule.style != SHARES:
            steps = sizes // map_sizes
        steps = steps.astype(np.float32, order="C")
        has_border = self.rule.allowed_border >= 0
        return Grids(self, map_sizes, steps, input_size if has_border else None)


@dataclass(frozen=True)
class Grids:
    """A pyramid laid over some images."""

    pyramid: Pyramid  # its anchor cells
    map_sizes: IntArray  # (I, L, 2) int64 rows, columns of each feature map
    steps: Float32Array  # (I, L, 2) float32 input pixels between cells along y, x
    # (I, 2) int64 sizes before padding, where anchors beyond a border take no part
    input_size: IntArray | None = None

    @cached_property
    def border(self) -> Border | None:
        """Anchors within the border; None without one."""
        if self.input_size is None:
            return None
        return find_border(self, self.input_size, self.pyramid.rule.allowed_border)

    @property
    def left_out(self) -> Border | None:
        """The border, where anchors beyond it are left out before the assignment."""
        is_before = self.pyramid.rule.style == "mmdetection"
        return self.border if is_before else None

    def is_kept(self, key: IntArray) -> BoolArray | None:
        """Which anchors count after the assignment; (N,) bool, None if all do."""
        if self.border is None or self.left_out is not None:
            return None
        return is_inside(self, self.border, key)

    @cached_property
    def num_beyond(self) -> IntArray:
        """Number of anchors of each image beyond the border; (I,) int64."""
        if self.border is None:
            return np.zeros(len(self.map_sizes), dtype=np.int64)
        shape = len(self.map_sizes), len(self.pyramid.cell_anchors)
        inside = self.border.counts.reshape(shape).sum(axis=1)
        beyond: IntArray = self.num_anchors - inside
        return beyond

    def ends(
        self, image: IntArray, shape: IntArray, sizes: tuple[IntArray, IntArray]
    ) -> tuple[Ends, Ends]:
        """First row and column of anchors to be looked at, and the first ones beyond.

        Of images and shapes, (N,) or broadcast together, on maps of these sizes.
        """
        if self.left_out is None:
            return (0, sizes[0]), (0, sizes[1])
        return self.left_out.ends(image * len(self.pyramid.cell_anchors) + shape)

    @cached_property
    def level_anchors(self) -> IntArray:
        """Number of anchors of each level; (I, L) int64."""
        cells: IntArray = self.map_sizes[..., 0] * self.map_sizes[..., 1]
        return cells * self.pyramid.per_cell

    @cached_property
    def num_anchors(self) -> IntArray:
        """Number of anchors of each image; (I,) int64."""
        total: IntArray = self.level_anchors.sum(axis=1)
        return total

    @cached_property
    def index_bits(self) -> int:
        """Number of bits that hold the index of any anchor within its level."""
        return int(self.level_anchors.max(initial=1)).bit_length()

    def anchor_key(
        self, image: IntArray, level: IntArray, index: IntArray | int
    ) -> IntArray:
        """Name anchors of all images by one number each; sorts by its three parts."""
        pair = image * self.pyramid.num_levels + level
        return (pair << self.index_bits) + index

    def locate(self, key: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """Split keys of `anchor_key` into image, level and index."""
        pair = key >> self.index_bits
        # np.divmod takes several times as long as these two.
        image = pair // self.pyramid.num_levels
        level = pair - image * self.pyramid.num_levels
        return image, level, key & ((1 << self.index_bits) - 1)

    def maps(
        self, image: IntArray, level: IntArray
    ) -> tuple[tuple[IntArray, IntArray], tuple[Float32Array, Float32Array]]:
        """Look up (rows, columns) and (step y, step x) of some maps; each (N,)."""
        place = image * self.pyramid.num_levels + level
        rows, columns = (self.map_sizes[..., axis].ravel()[place] for axis in (0, 1))
        step_y, step_x = (self.steps[..., axis].ravel()[place] for axis in (0, 1))
        return (rows, columns), (step_y, step_x)

    def corners(self, key: IntArray) -> Corners:
        """Corners of some anchors, each (N,) float32 in input pixels."""
        image, level, index = self.locate(key)
        cell, place = self.pyramid.split(level, index)
        (_, columns), (step_y, step_x) = self.maps(image, level)
        row, column = np.divmod(cell, columns)
        base = self.pyramid.cell_anchors[self.pyramid.first_shape[level] + place]
        steps = step_y, step_x
        return self.placed(Corners(*base.T), level, (row, column), steps)

    def placed(
        self,
        base: Corners,
        level: IntArray,
        cell: tuple[IntArray, IntArray],
        steps: tuple[Float32Array, Float32Array],
    ) -> Corners:
        """Corners of cell anchors in cells (row, column); broadcast, float32.

        As `torchvision-ssd` computes them, they are fractions of the input until the
        last step.
        """
        if self.pyramid.rule.style == SHARES:
            side = np.float32(self.pyramid.rule.input_side)
            half = np.float32(0.5)
            y, x = (
                (place.astype(np.float32) + half) / (side / step)
                for place, step in zip(cell, steps, strict=True)
            )
            shares = Corners(*(rounded(each / side) for each in base)).shifted(x, y)
            return Corners(*(each * side for each in shares))
        y, x = (
            place.astype(np.float32) * step + origin
            for place, step, origin in zip(
                cell, steps, self.pyramid.origins[level].T, strict=True
            )
        )
        return base.shifted(x, y)

    def anchors_of(self, image: IntArray) -> tuple[IntArray, IntArray]:
        """List every anchor of some images, without those that are left out.

        Returns the place in ``image`` each anchor belongs to and its key, both (N,)
        int64.
        """
        levels = np.arange(self.pyramid.num_levels)
        counts = self.level_anchors[image].ravel()
        first = self.anchor_key(image[:, None], levels, 0).ravel()
        place = np.repeat(np.arange(len(image)), len(levels))
        place, key = np.repeat(place, counts), ranges(first, counts)
        if self.left_out is None:
            return place, key
        inside = is_inside(self, self.left_out, key)
        return place[inside], key[inside]


def ranges(starts: IntArray, counts: IntArray) -> IntArray:
    """Concatenate ``arange(start, start + count)`` of runs, perhaps none; int64."""
    before = np.cumsum(counts) - counts
    return np.repeat(starts - before, counts) + np.arange(counts.sum())


def cells_between(
    number: IntArray,
    top: IntArray,
    bottom: IntArray,
    left: IntArray,
    right: IntArray,
    width: IntArray,
) -> tuple[IntArray, IntArray]:
    """List the cells of rectangles on grids, row by row; all arrays are (R,) int64.

    ``top``, ``bottom``, ``left`` and ``right`` are rows and columns, the latter ones
    beyond; rectangles may be empty. ``width`` is the number of columns of the grid that
    each lies on, ``number`` what to call it. Returns, (P,) int64, the number of the
    rectangle, and row * width + column of the cell.
    """
    some = np.flatnonzero((bottom > top) & (right > left))
    heights = (bottom - top)[some]
    line = np.repeat(some, heights)
    first = ranges(top[some], heights) * width[line] + left[line]
    widths = (right - left)[line]
    return np.repeat(number[line], widths), ranges(first, widths)


@lru_cache(maxsize=256)
def build_pyramid(rule: AnchorRule) -> Pyramid:
    """Make the cell anchors of every level by a framework's rule.

    Equal rules give the same pyramid, whose arrays nobody changes.
    """
    cells = [CELL_ANCHORS[rule.style](level) for level in rule.levels()]
    strides = np.array(list(rule.strides_yx), dtype=np.float32)
    offset = np.float32(rule.offset if rule.style in SHIFTED else 0)
    return Pyramid(
        rule=rule,
        strides=np.array(rule.spacings, dtype=np.float32),
        origins=strides * offset,
        cell_anchors=np.concatenate(cells),
        per_cell=np.array([len(each) for each in cells], dtype=np.int64),
    )
