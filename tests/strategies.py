"""Generated scenes, pyramids and parameters, small enough for the dense reference.

Coordinates are whole numbers divided by a small one, so that examples shrink well and
ties occur: on a grid of 4 px boxes share centers, sides and areas all the time, on one
of 1/97 px hardly ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from atss_inspect.annotations.frame import Frame
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams

Size = tuple[int, int]
Box = tuple[float, float, float, float]

# Grid steps in pixels: coarse ones tie, the last one almost never.
STEPS = (4.0, 1.0, 0.5, 1 / 97)
TILING = {
    "mmdetection": ("nominal", (0.0, 0.5)),
    "detectron2": ("nominal", (0.0, 0.5)),
    "torchvision": ("padded", (0.0,)),
    "official": ("nominal", (0.5,)),
}
STYLES = (*sorted(TILING), "efficientdet", "glip")


@dataclass(frozen=True)
class Image:
    """One generated image: its padded size (height, width) and its xyxy boxes."""

    padded_size: Size
    boxes: tuple[Box, ...]
    # how much of it, below and to the right, is padding
    padding: Size = (0, 0)

    @property
    def input_size(self) -> Size:
        """(height, width) before padding."""
        height, width = self.padded_size
        return height - self.padding[0], width - self.padding[1]

    @property
    def gt_boxes(self) -> np.ndarray:
        """(G, 4) float32."""
        return np.array(self.boxes, dtype=np.float32).reshape(-1, 4)


def make_frame(images: Sequence[Image]) -> Frame:
    """Put images that are in input pixels already into one frame."""
    counts = [len(image.boxes) for image in images]
    boxes = [np.zeros((0, 4), dtype=np.float32), *(im.gt_boxes for im in images)]
    padded = np.array([im.padded_size for im in images], dtype=np.int64).reshape(-1, 2)
    inputs = np.array([im.input_size for im in images], dtype=np.int64).reshape(-1, 2)
    return Frame(
        image_rows=np.arange(len(images)),
        object_rows=np.arange(sum(counts)),
        gt_image=np.repeat(np.arange(len(images)), counts),
        gt_boxes=np.concatenate(boxes),
        input_size=inputs,
        padded_size=padded,
        left_out_objects={},
        left_out_images={},
        left_out_rows=np.zeros(0, dtype=np.int64),
        left_out_reasons=np.zeros(0, dtype=np.int64),
    )


@st.composite
def boxes(draw: st.DrawFn, size: Size, *, beyond: float = 24) -> Box:
    """One box: anywhere, tiny, thin, at a border, or wholly beyond one."""
    step = draw(st.sampled_from(STEPS))
    height, width = size
    kind = draw(st.sampled_from(("any", "any", "tiny", "thin", "border", "outside")))
    longest = {"tiny": (8, 8), "thin": (3, width), "outside": (16, 16)}
    tall, wide = longest.get(kind, (height, width))
    if kind == "thin" and draw(st.booleans()):
        tall, wide = height, 3
    h = draw(sides(tall, step))
    w = draw(sides(wide, step))
    x = draw(st.integers(int(-beyond / step), int(width / step))) * step
    y = draw(st.integers(int(-beyond / step), int(height / step))) * step
    if kind == "border":
        x = draw(st.sampled_from((0.0, float(width) - w, x)))
        y = draw(st.sampled_from((0.0, float(height) - h)))
    if kind == "outside":
        x = draw(st.sampled_from((-2000.0, width + 2000.0)))
    return x, y, x + w, y + h


def quarter_boxes() -> st.SearchStrategy[np.ndarray]:
    """(G, 4) float32 up to 500 px wide, on a grid of 1/4 px, where sums are exact."""
    rows = st.tuples(*[st.integers(0, 1200)] * 2, *[st.integers(2, 800)] * 2)

    def corners(rows: list[tuple[int, ...]]) -> np.ndarray:
        xywh = np.array(rows, dtype=np.float32) / 4
        return np.hstack([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]])

    return st.lists(rows, min_size=1, max_size=5).map(corners)


def sides(longest: float, step: float) -> st.SearchStrategy[float]:
    """A side on the grid, at least half a pixel where the grid allows it."""
    least = max(1, round(0.5 / step))
    most = max(least, int(longest / step))
    return st.integers(least, most).map(lambda n: n * step)


@st.composite
def images(
    draw: st.DrawFn,
    *,
    max_boxes: int = 5,
    longest_side: int = 320,
    wild: bool = True,
    repeats: bool = True,
) -> Image:
    """One image; boxes may repeat exactly, and there may be none.

    Not ``wild``: no box reaches far beyond the image.
    """
    blocks = st.integers(1, longest_side // 32)
    size = (32 * draw(blocks), 32 * draw(blocks))
    of_image = boxes(size)
    if not wild:
        of_image = boxes(size, beyond=0).filter(lambda box: -1 < box[0] < size[1])
    found = draw(st.lists(of_image, max_size=max_boxes, unique=not repeats))
    if found and repeats and draw(st.booleans()):
        found.insert(0, found[-1])
    padding = draw(st.tuples(st.integers(0, 31), st.integers(0, 31)))
    return Image(size, tuple(found), padding)


def scenes(**options: object) -> st.SearchStrategy[tuple[Image, ...]]:
    """Several images, none included."""
    return st.lists(images(**options), max_size=3).map(tuple)


@st.composite
def anchor_rules(draw: st.DrawFn, *, anchors: Sequence[int] = (1, 3, 9)) -> AnchorRule:
    """An anchor rule of any style, with 1, 3 or 9 anchors a cell and few levels."""
    style = draw(st.sampled_from(sorted(TILING)))
    grid, offsets = TILING[style]
    per_cell = draw(st.sampled_from(anchors))
    strides = ((8, 16, 32, 64, 128), (4, 8, 16, 32, 64), (8, 16, 32), (16,), (64, 128))
    return AnchorRule(
        strides=draw(st.sampled_from(strides)),
        style=style,
        scale=draw(st.sampled_from((8.0, 4.0, 5.0, 1.0))),
        scales_per_octave=3 if per_cell == 9 else 1,
        ratios=(1.0,) if per_cell == 1 else (0.5, 1.0, 2.0),
        offset=draw(st.sampled_from(offsets)),
        grid=grid,
    )


# Whole, fractional and uneven strides; 320 / 3 and 12.3 are not exact in float32.
ODD_STRIDES = (
    *((16,), (8, 16, 32), (8, 12.5, 40), (10, 320 / 3), (4, 12.3, 50, 51, 64.5)),
    *(((8, 16), 32), (7, (16, 20.5), (64, 32)), (8, 16, 32, 64, 128, 256, 300)),
)
SIDES = st.sampled_from((0.5, 3.0, 16.0, 32.0, 40.3, 64.0, 100.0, 181.0, 700.0))
RATIOS = st.sampled_from((0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 7.0))


@st.composite
def any_anchor_rules(draw: st.DrawFn, *, border: bool = True) -> AnchorRule:
    """Lists of sizes, scales, base sizes and ratios of any levels, perhaps a border."""
    strides = draw(st.sampled_from(ODD_STRIDES))

    def lists(of: st.SearchStrategy) -> st.SearchStrategy:
        one = st.lists(of, min_size=1, max_size=3).map(tuple)
        number = st.sampled_from((1, len(strides)))
        return number.flatmap(lambda n: st.tuples(*[one] * n))

    sides: dict[str, object] = {"scale": draw(st.sampled_from((8.0, 1.0, 2.5)))}
    kind = draw(st.sampled_from(("octave", "scales", "sizes")))
    if kind == "octave":
        sides["scales_per_octave"] = draw(st.integers(1, 3))
    if kind == "scales":
        scales = st.lists(st.sampled_from((1.0, 1.2, 2.0, 8.0)), min_size=1, max_size=3)
        sides["scales"] = tuple(draw(scales))
    if kind == "sizes":
        sides["sizes"] = draw(lists(SIDES))
    if draw(st.booleans()):
        sides["base_sizes"] = draw(st.tuples(*[SIDES] * len(strides)))
    shape = draw(st.sampled_from(("flat", "levels", "pairs")))
    if shape == "pairs":
        sides["ratio_pairs"] = ((1.0, 1.0), (1.4, 0.7), (0.7, 1.4))[: draw(BELOW_4)]
    else:
        ratios = draw(lists(RATIOS))
        sides["ratios"] = ratios if shape == "levels" else ratios[0]
    return AnchorRule(
        strides=strides,
        style=draw(st.sampled_from(STYLES)),
        offset=draw(st.sampled_from((0.0, 0.5, 0.3))),
        grid=draw(st.sampled_from(("nominal", "nominal", "padded"))),
        allowed_border=draw(st.sampled_from((-1.0, 0.0, 0.0, 16.5)))
        if border
        else -1.0,
        **sides,
    )


BELOW_4 = st.integers(1, 3)
# Overlap conventions: mmdetection; official; torchvision and detectron2; GLIP.
OVERLAPS = ((False, 1e-6), (True, 0.0), (False, 0.0), (True, 1e-6))
THRESHOLDS = (
    *((0.5, 0.4), (0.7, 0.3), (0.35, 0.2), (0.3, 0.05), (0.99, 0.01)),
    *((0.5, 0.5), (1.0, 1.0)),  # no ignore band
)


DISTANCES = ("nwd", "dotd", "kld", "wd")


@st.composite
def atss_params(draw: st.DrawFn, *, max_k: int = 20) -> AtssParams:
    plus_one, min_union = draw(st.sampled_from(OVERLAPS))
    return AtssParams(
        k=draw(st.integers(1, max_k)),
        k_per_anchor=draw(st.booleans()),
        threshold_test=draw(st.sampled_from((">=", ">"))),
        std_ddof=draw(st.sampled_from((1, 0))),
        center_margin=draw(st.sampled_from((0.01, 1e-9, 0.5))),
        contest=draw(st.sampled_from(("claimants", "all"))),
        plus_one=plus_one,
        min_union=min_union,
    )


@st.composite
def iou_threshold_params(draw: st.DrawFn) -> IouThresholdParams:
    plus_one, min_union = draw(st.sampled_from(OVERLAPS))
    positive_from, negative_below = draw(st.sampled_from(THRESHOLDS))
    return IouThresholdParams(
        positive_from=positive_from,
        negative_below=negative_below,
        allow_low_quality=draw(st.sampled_from((True, True, False))),
        low_quality_floor=draw(st.sampled_from((0.0, 0.3, 0.1, 0.6))),
        low_quality_ties=draw(st.sampled_from(("all", "all", "first"))),
        low_quality_owner=draw(st.sampled_from(("claimer", "own_best"))),
        measure=draw(st.sampled_from(("iou", "iou", *DISTANCES))),
        nwd_constant=draw(st.sampled_from((12.7, 12.8, 0.5, 200.0))),
        plus_one=plus_one,
        min_union=min_union,
    )


def first_best_params() -> st.SearchStrategy[FirstBestParams]:
    return st.builds(
        FirstBestParams,
        positive_from=st.sampled_from((0.5, 0.3, 0.7, 0.05, 1.0)),
        forced_to=st.sampled_from(("last", "first")),
        min_union=st.sampled_from((0.0, 1e-6)),
    )


def fcos_ranges(num_levels: int) -> st.SearchStrategy[tuple[tuple[float, float], ...]]:
    """Explicit scale ranges, overlapping and nested ones too; or none at all."""
    range_ = st.sampled_from(((-1, 64), (0, 32), (16, 48), (32, 1e8), (4.5, 20.25)))
    ranges = st.lists(range_, min_size=num_levels, max_size=num_levels).map(tuple)
    return st.one_of(st.just(()), ranges)


@st.composite
def fcos_params(draw: st.DrawFn, num_levels: int) -> FcosParams:
    return FcosParams(
        scale_ranges=draw(fcos_ranges(num_levels)),
        range_ends=draw(st.sampled_from(("closed", "open"))),
        center_sampling_radius=draw(st.sampled_from((0.0, 1.5, 0.75))),
        center_test=draw(st.sampled_from(("box", "distance"))),
        area=draw(st.sampled_from(("smallest", "1e8_minus"))),
        plus_one=draw(st.booleans()),
    )
