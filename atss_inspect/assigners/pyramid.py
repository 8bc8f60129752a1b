"""Anchors on the grids of a feature pyramid, without ever building them all.

An anchor is named by (level, y, x, a): cell row, cell column, place in the cell. Its
corners are float32: the cell anchor of (level, a) plus the cell's position.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np

from atss_inspect.arrays import Float32Array, Float64Array, IntArray
from atss_inspect.assigners.boxes import Corners
from atss_inspect.fields import LEAST, SHARE, WHOLE, Limit, at_least, between, setting

_POSITIVE = between(LEAST, 1e4)


@dataclass(frozen=True)
class AnchorRule:
    """Where anchors sit and how large they are; a framework's anchor generator."""

    # input pixels between neighboring cells, one per level, finest first
    strides: tuple[int, ...] = setting(
        (8, 16, 32, 64, 128),
        Limit(
            lambda values: len(values) > 0 and all(a < b for a, b in pairwise(values)),
            "whole numbers that increase from level to level",
            most=16,
        ),
        each=at_least(1, WHOLE, most=100_000),
    )
    # whose rounding and order. ``mmdetection``: float32, no rounding, ratios outermost.
    # ``detectron2``: double, no rounding, sizes outermost. ``torchvision``: whole
    # sizes, half extents rounded half-even. ``official`` (maskrcnn-benchmark with the
    # ATSS repository's window): ratio sides rounded at stride scale, corners (size - 1)
    # / 2 from the center
    style: Literal["mmdetection", "detectron2", "torchvision", "official"] = (
        "mmdetection"
    )
    # side of a ratio-1 anchor of the first scale, in strides
    scale: float = setting(8.0, _POSITIVE, aliases=("octave_base_scale",))
    # scales scale * 2^(i / n), i = 0 ... n - 1
    scales_per_octave: int = setting(1, at_least(1, WHOLE, most=32))
    # height / width
    ratios: tuple[float, ...] = setting(
        (1.0,),
        Limit(lambda values: len(values) > 0, "a list of at least one number", most=32),
        each=_POSITIVE,
        aliases=("aspect_ratios",),
    )
    # center of the anchors in cell (0, 0), in strides
    offset: float = setting(0.0, SHARE, aliases=("center_offset",))
    # ``nominal`` strides, or ``padded``: padded size // map size, per axis
    # (torchvision), so that the grid is compressed where the division has a rest
    grid: Literal["nominal", "padded"] = "nominal"


@dataclass(frozen=True)
class Pyramid:
    """The anchor cells of every level."""

    rule: AnchorRule  # the convention it was made from
    strides: Float32Array  # (L,) float32, input pixels
    # (L,) float32 shift of cell (0, 0); not 0 only for detectron2's offset, which is
    # added to the shift of a cell, not to its anchors (one rounding)
    origins: Float32Array
    # (L, A, 4) float32 xyxy of the anchors of a cell that is not shifted
    cell_anchors: Float32Array

    @property
    def num_levels(self) -> int:
        """Number of levels L."""
        return len(self.strides)

    @property
    def anchors_per_cell(self) -> int:
        """Number of anchors per cell A."""
        return int(self.cell_anchors.shape[1])

    @property
    def first_anchors(self) -> Float32Array:
        """Anchors in cell (0, 0), (L, A, 4) float32; to within a rounding."""
        return self.cell_anchors + self.origins[:, None, None]

    @property
    def level_names(self) -> tuple[str, ...]:
        """P3 for stride 8, P4 for 16, ...; ``stride 12`` where it is no power of 2."""
        return tuple(level_name(int(stride)) for stride in self.rule.strides)

    def grids(self, padded_size: IntArray) -> "Grids":
        """Lay the pyramid over (I, 2) padded sizes (height, width)."""
        strides = np.array(self.rule.strides, dtype=np.int64)[:, None]
        sizes = padded_size[:, None, :]
        # Every stride-2 layer gives ceil(n / 2); nested, that is ceil(n / stride).
        map_sizes = -(-sizes // strides)  # (I, L, 2)
        steps = np.broadcast_to(strides, map_sizes.shape)
        if self.rule.grid == "padded":
            steps = sizes // map_sizes
        return Grids(self, map_sizes, steps.astype(np.float32, order="C"))


@dataclass(frozen=True)
class Grids:
    """A pyramid laid over some images."""

    pyramid: Pyramid  # its anchor cells
    map_sizes: IntArray  # (I, L, 2) int64 rows, columns of each feature map
    steps: Float32Array  # (I, L, 2) float32 input pixels between cells along y, x

    @cached_property
    def level_anchors(self) -> IntArray:
        """Number of anchors of each level; (I, L) int64."""
        cells: IntArray = self.map_sizes[..., 0] * self.map_sizes[..., 1]
        return cells * self.pyramid.anchors_per_cell

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
        cell, place = np.divmod(index, self.pyramid.anchors_per_cell)
        (_, columns), (step_y, step_x) = self.maps(image, level)
        row, column = np.divmod(cell, columns)
        origin = self.pyramid.origins[level]
        shift_y = row.astype(np.float32) * step_y + origin
        shift_x = column.astype(np.float32) * step_x + origin
        base = self.pyramid.cell_anchors[level, place]
        return Corners(*base.T).shifted(shift_x, shift_y)

    def anchors_of(self, image: IntArray) -> tuple[IntArray, IntArray]:
        """List every anchor of some images.

        Returns the place in ``image`` each anchor belongs to and its key, both (N,)
        int64.
        """
        levels = np.arange(self.pyramid.num_levels)
        counts = self.level_anchors[image].ravel()
        first = self.anchor_key(image[:, None], levels, 0).ravel()
        place = np.repeat(np.arange(len(image)), len(levels))
        return np.repeat(place, counts), ranges(first, counts)


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


def level_name(stride: int) -> str:
    """Name a level by its stride: P3 for 8."""
    exponent = stride.bit_length() - 1
    return f"P{exponent}" if stride == 1 << exponent else f"stride {stride}"


@lru_cache(maxsize=256)
def build_pyramid(rule: AnchorRule) -> Pyramid:
    """Make the cell anchors of every level by a framework's rule.

    Equal rules give the same pyramid, whose arrays nobody changes.
    """
    cells = [_CELL_ANCHORS[rule.style](stride, rule) for stride in rule.strides]
    strides = np.array(rule.strides, dtype=np.float32)
    is_shifted = rule.style == "detectron2"
    return Pyramid(
        rule=rule,
        strides=strides,
        origins=strides * np.float32(rule.offset if is_shifted else 0),
        cell_anchors=np.stack(cells).astype(np.float32),
    )


def octave_scales(rule: AnchorRule) -> Float64Array:
    """Scales of one octave, in strides; double, as every framework computes them."""
    steps = np.arange(rule.scales_per_octave) / rule.scales_per_octave
    return rule.scale * 2.0**steps


def _cell_anchors_mmdetection(stride: int, rule: AnchorRule) -> Float32Array:
    """Follow ``AnchorGenerator``: float32, ratio outer, scale inner, no rounding."""
    root = np.sqrt(np.array(rule.ratios, dtype=np.float32))[:, None]
    scales = octave_scales(rule).astype(np.float32)[None, :]
    base = np.float32(stride)
    widths = (base * (np.float32(1) / root) * scales).ravel()
    heights = (base * root * scales).ravel()
    center = np.float32(rule.offset) * base
    half = np.float32(0.5) * np.stack([widths, heights], axis=1)
    return np.hstack([center - half, center + half])


def _cell_anchors_detectron2(stride: int, rule: AnchorRule) -> Float32Array:
    """Follow ``DefaultAnchorGenerator``: double, size outer, ratio inner."""
    sizes = np.repeat(octave_scales(rule) * stride, len(rule.ratios))
    ratios = np.tile(np.array(rule.ratios), rule.scales_per_octave)
    widths = np.sqrt(sizes**2.0 / ratios)
    half = np.stack([widths, ratios * widths], axis=1) / 2
    # The offset is part of the grid's shift here: see `Pyramid.origins`.
    return np.hstack([-half, half]).astype(np.float32)


def _cell_anchors_torchvision(stride: int, rule: AnchorRule) -> Float32Array:
    """Follow ``AnchorGenerator``: whole sizes, half extents rounded half-even."""
    sizes = np.trunc(octave_scales(rule) * stride).astype(np.float32)[None, :]
    root = np.sqrt(np.array(rule.ratios, dtype=np.float32))[:, None]
    widths = ((np.float32(1) / root) * sizes).ravel()
    heights = (root * sizes).ravel()
    half = np.rint(np.stack([widths, heights], axis=1) / np.float32(2))
    return np.hstack([-half, half]) + np.float32(rule.offset * stride)


def _cell_anchors_official(stride: int, rule: AnchorRule) -> Float32Array:
    """Follow the ATSS repository's ``generate_anchors``: double, inclusive corners.

    Ratio sides are rounded half-even on a window of one stride, then scaled.
    """
    ratios = np.array(rule.ratios)[:, None]
    base_widths = np.rint(np.sqrt(stride * stride / ratios))
    base_heights = np.rint(base_widths * ratios)
    scales = octave_scales(rule)[None, :]
    sides = np.stack([base_widths * scales, base_heights * scales], axis=-1)
    half = (sides.reshape(-1, 2) - 1) / 2
    center = rule.offset * stride
    return np.hstack([center - half, center + half]).astype(np.float32)


_CELL_ANCHORS = {
    "mmdetection": _cell_anchors_mmdetection,
    "detectron2": _cell_anchors_detectron2,
    "torchvision": _cell_anchors_torchvision,
    "official": _cell_anchors_official,
}
