"""Where anchors sit and how large they are: the settings of an anchor generator."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from atss_inspect.arrays import Float64Array
from atss_inspect.assigners.cell_anchors import LevelShapes
from atss_inspect.fields import (
    DERIVED,
    LEAST,
    SHARE,
    WHOLE,
    Conflict,
    Limit,
    at_least,
    between,
    setting,
)

# Styles whose offset is part of a cell's shift, not of its anchors (one rounding).
SHIFTED = ("detectron2", "efficientdet", "torchvision-ssd", "yolo")
SHARES = "torchvision-ssd"  # style whose sizes are shares of the input's side
_POSITIVE = between(LEAST, 1e4)
_MOST_PIXELS, _MOST_LEVELS, _MOST_SHAPES, _MOST_SHARE = 100_000, 16, 32, 8
Number = int | float
Stride = Number | tuple[Number, Number]


def spacing(stride: Stride) -> Number:
    """The smaller one where the axes of a stride differ."""
    return min(stride) if isinstance(stride, tuple) else stride


def fineness(stride: Stride) -> tuple[Number, ...]:
    """What strides are sorted by, also where some are pairs."""
    return (min(stride), *stride) if isinstance(stride, tuple) else (stride,)


def stride_text(stride: Stride) -> str:
    """Write a stride: 8, 106.667, 8x16 (y, x)."""
    if isinstance(stride, tuple):
        return "x".join(map(stride_text, stride))
    return str(stride) if isinstance(stride, int) else f"{stride:g}"


def level_name(stride: Stride) -> str:
    """Name a level by its stride: P3 for 8; ``stride 12``, ``stride 8x16`` (y, x)."""
    exponent = int(spacing(stride)).bit_length() - 1
    is_power = stride == 2**exponent
    return f"P{exponent}" if is_power else f"stride {stride_text(stride)}"


def strides_of_levels(text: str) -> tuple[int, ...]:
    """Strides of levels named by their first and last, P3-P7; empty for other texts."""
    found = re.fullmatch(r"P(\d{1,2})(?:-P(\d{1,2}))?", text.strip().upper())
    first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    return tuple(2**level for level in range(first, last + 1)) if last <= 12 else ()


def level_label(stride: Stride) -> str:
    """Name of a level beside its stride: P3 (stride 8)."""
    name = level_name(stride)
    return f"{name} (stride {stride})" if name[0] == "P" else name


def _all_within(values: Any, least: float, most: float) -> bool:
    """Whether numbers, or lists of a few of them, lie between two ends."""
    if isinstance(values, tuple):
        is_short = 0 < len(values) <= _MOST_SHAPES
        return is_short and all(_all_within(each, least, most) for each in values)
    return bool(least <= values <= most)


def _each(least: float, most: float, what: str) -> Limit:
    """Limit numbers of a list, perhaps in lists of their own."""
    expected = f"{what} from {least:g} to {most:g}"
    return Limit(
        lambda values: _all_within(values, least, most), expected, ends=(least, most)
    )


_PIXELS = _each(
    LEAST, _MOST_PIXELS, f"a list of 1 to {_MOST_SHAPES} sizes in pixels, each"
)
_FEW_LEVELS = Limit(lambda _: True, "a list", most=_MOST_LEVELS)
_FEW_SHAPES = Limit(lambda _: True, "a list", most=_MOST_SHAPES)


@dataclass(frozen=True)
class AnchorRule:
    """Where anchors sit and how large they are; a framework's anchor generator."""

    # input pixels between neighboring cells, one per level, finest first; a pair where
    # the axes differ: (height, width)
    strides: tuple[int | float | tuple[int | float, int | float], ...] = setting(
        (8, 16, 32, 64, 128),
        Limit(
            lambda values: (
                len(values) > 0
                and all(a < b for a, b in pairwise(map(spacing, values)))
            ),
            "numbers that increase from level to level",
            most=_MOST_LEVELS,
        ),
        each=_each(1, _MOST_PIXELS, "a number, or a pair (height, width),"),
        aliases=("levels",),
    )
    # whose rounding and order. ``mmdetection``: float32, no rounding, ratios outermost.
    # ``detectron2``: double, no rounding, sizes outermost. ``efficientdet``: the same,
    # corners rounded once. ``torchvision``: whole sizes, half extents rounded
    # half-even. ``official`` (maskrcnn-benchmark with the ATSS repository's window):
    # ratio sides rounded at stride scale, corners (size - 1) / 2 from the center.
    # ``glip``: as mmdetection, then 1 off the far corners, as its head of GLIP does
    # ``mmdetection-ssd`` and ``torchvision-ssd``: of each level a smaller and a larger
    # size, in float32 from the stride's half, or ``sizes`` are shares of the input's
    # side. ``yolo``: they are widths and heights in turn
    style: Literal[
        "mmdetection",
        "detectron2",
        "torchvision",
        "official",
        "efficientdet",
        "glip",
        "mmdetection-ssd",
        "torchvision-ssd",
        "yolo",
    ] = "mmdetection"
    # side of a ratio-1 anchor of the first scale, in base sizes
    scale: float = setting(8.0, _POSITIVE, aliases=("octave_base_scale",))
    # scales scale * 2^(i / n), i = 0 ... n - 1
    scales_per_octave: int = setting(1, at_least(1, WHOLE, most=32))
    # the scales themselves, in base sizes; empty: by the two above
    scales: tuple[float, ...] = setting(
        (),
        _FEW_SHAPES,
        each=_POSITIVE,
        aliases=("anchor_scales",),
        is_later=True,
    )
    # sides of ratio-1 anchors in input pixels, but for ``torchvision-ssd``; a list for
    # each level or one for all; empty: scales times base sizes
    sizes: tuple[tuple[float, ...], ...] = setting(
        (),
        _FEW_LEVELS,
        each=_PIXELS,
        aliases=("anchor_sizes",),
        is_later=True,
    )
    # input pixels that scales multiply, one per level; empty: the strides
    base_sizes: tuple[float, ...] = setting(
        (),
        _FEW_LEVELS,
        each=_each(LEAST, _MOST_PIXELS, "pixels"),
        is_later=True,
    )
    # height / width; the same on all levels, or a list for each
    ratios: tuple[float | tuple[float, ...], ...] = setting(
        (1.0,),
        Limit(
            lambda values: (
                len(values) > 0
                and len({isinstance(value, tuple) for value in values}) == 1
            ),
            "a list of at least one number, or a list of numbers for each level",
            most=_MOST_SHAPES,
        ),
        each=_each(LEAST, 1e4, "a number"),
        aliases=("aspect_ratios",),
    )
    # factors of width and height, which stand in place of ratios; empty: by ratios
    ratio_pairs: tuple[tuple[float, float], ...] = setting(
        (),
        _FEW_SHAPES,
        each=_each(LEAST, 1e4, "factors of width and height"),
        is_later=True,
    )
    # center of the anchors in cell (0, 0), in strides; of ``mmdetection`` in base sizes
    offset: float = setting(0.0, SHARE, aliases=("center_offset",))
    # ``nominal`` strides, or ``padded``: padded size // map size, per axis
    # (torchvision), so that the grid is compressed where the division has a rest; of
    # ``torchvision-ssd`` not rounded, so that it fills the input
    grid: Literal["nominal", "padded"] = "nominal"
    # pixels by which anchors may reach beyond the input image before padding and still
    # take part; below 0 all do. ``mmdetection`` leaves the others out before assigning,
    # everyone else ignores them afterwards
    allowed_border: float = setting(-1.0, between(-1, _MOST_PIXELS), is_later=True)
    # side of the square that images are stretched to, of ``torchvision-ssd``
    input_side: int = field(default=300, metadata={DERIVED: True})

    def on_square(self, side: int) -> "AnchorRule":
        """The same on squares of another side, where sizes are shares of it."""
        is_share = self.style == SHARES
        return replace(self, input_side=side) if is_share else self

    @property
    def spacings(self) -> tuple[Number, ...]:
        """Strides, the smaller one where the axes differ."""
        return tuple(map(spacing, self.strides))

    @property
    def strides_yx(self) -> Iterator[tuple[Number, Number]]:
        """Stride of each level along y and x, input pixels.

        Of ``torchvision-ssd`` on a ``padded`` grid such that its cells fill the square.
        """
        fills = self.style == SHARES and self.grid == "padded"
        for each in self.strides:
            y, x = each if isinstance(each, tuple) else (each, each)
            yield (self._filling(y), self._filling(x)) if fills else (y, x)

    def _filling(self, stride: Number) -> Number:
        """The stride whose cells, as many as of another one, fill the square."""
        return self.input_side / math.ceil(self.input_side / stride)

    @property
    def is_whole(self) -> bool:
        """Whether all strides are whole numbers."""
        return all(float(one).is_integer() for pair in self.strides_yx for one in pair)

    @property
    def level_names(self) -> tuple[str, ...]:
        """P3 for stride 8, P4 for 16, ...; ``stride 12`` where it is no power of 2."""
        return tuple(map(level_name, self.strides))

    @property
    def has_plain_ratios(self) -> bool:
        """Whether all levels have the same ratios, and nothing else makes shapes."""
        is_by_sides = self.style == "yolo"
        return not (self.has_level_ratios or self.ratio_pairs or is_by_sides)

    @property
    def has_level_ratios(self) -> bool:
        """Whether levels have ratios of their own."""
        return isinstance(self.ratios[0], tuple)

    def first_center(self, level: int, has_anchors: bool) -> list[float]:
        """Center x, y of the anchors, or place of the point, in the first cell."""
        y, x = list(self.strides_yx)[level]
        if has_anchors and self.style not in SHIFTED:
            x = y = min(x, y)
            if self.style in ("mmdetection", "glip") and self.base_sizes:
                x = y = self.base_sizes[level]
        less = 0.5 if has_anchors and self.style == "glip" else 0.0
        return [x * self.offset - less, y * self.offset - less]

    def octave(self) -> Float64Array:
        """Scales in base sizes; (n,) double, as every framework computes them."""
        if self.scales:
            return np.array(self.scales)
        steps = np.arange(self.scales_per_octave) / self.scales_per_octave
        scales: Float64Array = self.scale * 2.0**steps
        return scales

    def scaled(self, factor: float) -> dict[str, Any]:
        """Settings that make all anchors larger or smaller."""
        if self.sizes:
            # 0.15, not 0.15000000000000002: these are to be typed.
            sizes = (
                tuple(float(f"{side * factor:.12g}") for side in level)
                for level in self.sizes
            )
            return {"anchors.sizes": tuple(sizes)}
        if self.scales:
            return {"anchors.scales": tuple(each * factor for each in self.scales)}
        return {"anchors.scale": self.scale * factor}

    def with_finer_level(self) -> dict[str, Any]:
        """Settings with one level more, of half the first stride; none if it is odd.

        What is written down for each level is halved for the new one, too.
        """
        first = self.strides[0]
        if not isinstance(first, int) or first % 2:
            return {}
        changes: dict[str, Any] = {"anchors.strides": (first // 2, *self.strides)}
        if len(self.sizes) > 1:
            half = tuple(side / 2 for side in self.sizes[0])
            changes["anchors.sizes"] = (half, *self.sizes)
        if self.base_sizes:
            changes["anchors.base_sizes"] = (self.base_sizes[0] / 2, *self.base_sizes)
        if self.has_level_ratios and len(self.ratios) > 1:
            changes["anchors.ratios"] = (self.ratios[0], *self.ratios)
        return changes

    def levels(self) -> Iterator[LevelShapes]:
        """What the anchors of each level are made from."""
        scales, pairs = self.octave(), np.array(self.ratio_pairs).reshape(-1, 2)
        for number, stride in enumerate(self.spacings):
            base = self.base_sizes[number] if self.base_sizes else stride
            bases, own = np.full(len(scales), float(base)), scales
            if self.sizes:
                bases = np.array(_of_level(self.sizes, number))
                own = np.ones(len(bases))
            ratios = self.ratios
            if self.has_level_ratios:
                ratios = _of_level(self.ratios, number)
            yield LevelShapes(
                stride=float(stride),
                base=float(base),
                bases=bases,
                scales=own,
                is_sized=bool(self.sizes),
                ratios=np.array(ratios, dtype=np.float64),
                pairs=pairs,
                offset=self.offset,
                unit=self.input_side if self.style == SHARES else 1,
            )


def _of_level(lists: Any, level: int) -> Any:
    """Take the list of one level; a single one is for all."""
    return lists[0] if len(lists) == 1 else lists[level]


# What decides about the shapes of anchors alone, and nothing where a rule has points.
SHAPING: tuple[str, ...] = (
    "scale",
    "scales_per_octave",
    "scales",
    "sizes",
    "base_sizes",
)
SHAPING += ("ratios", "ratio_pairs", "allowed_border")
# What decides alone where it is written down, and what has no effect beside it.
OVERRULED = {
    f"anchors.{ruling}": tuple(f"anchors.{name}" for name in names)
    for ruling, names in {
        "sizes": ("scale", "scales_per_octave"),
        "scales": ("scale", "scales_per_octave"),
        "ratio_pairs": ("ratios",),
    }.items()
}


def _style_conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse sizes that are none to the style of the anchors."""
    paths, sizes = ("anchors.sizes", "anchors.style"), values["anchors.sizes"]
    style, numbers = values["anchors.style"], {len(level) for level in sizes} or {1}
    if style == "yolo" and any(number % 2 for number in numbers):
        return Conflict(paths, "a width and a height for each anchor of style yolo")
    if style.endswith("-ssd") and numbers != {2}:
        what = f"a smaller and a larger size of each level, as style {style} needs"
        return Conflict(paths, what)
    if style != SHARES:
        return None
    if max(map(max, sizes)) > _MOST_SHARE:
        what = f"shares of the input's side, at most {_MOST_SHARE}, of style {style}"
        return Conflict(paths, what)
    height, width = values["resize.size"]
    if values["resize.rule"] != "stretch" or height != width:
        what = f"a square that images are stretched to, as style {style} needs"
        hint = "--set rule=stretch size=300 is one"
        return Conflict(("resize.size", "resize.rule", paths[1]), what, hint)
    return None


def anchor_conflict(values: Mapping[str, Any]) -> Conflict | None:
    """Refuse lists that are not one per level, and two ways to say one thing."""
    strides, sizes, scales = (
        values[f"anchors.{name}"] for name in ("strides", "sizes", "scales")
    )
    if sizes and scales:
        paths = ("anchors.sizes", "anchors.scales")
        hint = f"--set {paths[0]}=[] leaves the scales"
        return Conflict(paths, "either sizes or scales, got both", hint)
    if conflict := _style_conflict(values):
        return conflict
    for name, may_be_one in (("sizes", True), ("ratios", True), ("base_sizes", False)):
        path, lists = f"anchors.{name}", values[f"anchors.{name}"]
        if name == "ratios" and not isinstance(lists[0], tuple):
            continue
        if len(lists) not in {len(strides), 0, *([1] if may_be_one else [])}:
            what = (
                "one list, or one for each stride"
                if may_be_one
                else "one base size per stride"
            )
            expected = f"{what}, got {len(lists)} and {len(strides)} strides"
            hint = "pairs of factors of width and height are anchors.ratio_pairs"
            if name != "ratios":
                hint = "there are as many levels as anchors.strides has numbers"
            return Conflict(("anchors.strides", path), expected, hint)
    return None
