"""Every anchor and every point of a pyramid, written out, per framework.

A pyramid is a list with one (n, 4) float32 xyxy array of anchors (or one (n, 2)
float32 xy array of points) per level, in the order of the framework's own flat list:
rows, then columns, then the anchors of a cell.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

Size = tuple[int, int]


def octave_scales(num_scales: int) -> list[float]:
    """2^(0/n), 2^(1/n), ...: the scales of one octave, in double."""
    return [2 ** (i / num_scales) for i in range(num_scales)]


def cell_anchors_mmdetection(
    stride: int,
    *,
    scales: Sequence[float],
    ratios: Sequence[float],
    center_offset: float = 0.0,
) -> np.ndarray:
    """(A, 4) float32, ratio by ratio; the offset is a share of the stride."""
    center = np.float32(center_offset * stride)
    rows = []
    for ratio in ratios:
        height_factor = np.sqrt(np.float32(ratio))
        width_factor = np.float32(1) / height_factor
        for scale in scales:
            w = np.float32(stride) * width_factor * np.float32(scale)
            h = np.float32(stride) * height_factor * np.float32(scale)
            half_w, half_h = np.float32(0.5) * w, np.float32(0.5) * h
            rows.append(
                [center - half_w, center - half_h, center + half_w, center + half_h]
            )
    return np.array(rows, dtype=np.float32)


def cell_anchors_glip(stride: int, **words: Any) -> np.ndarray:
    """(A, 4) float32, as mmdetection's, but 1 is taken off the far corners."""
    cells = cell_anchors_mmdetection(stride, **words)
    return cells - np.array([0, 0, 1, 1], dtype=np.float32)


def cell_anchors_official(
    stride: int, *, scales: Sequence[float], ratios: Sequence[float]
) -> np.ndarray:
    """(A, 4) float32 around stride / 2, ratio by ratio; corners are pixel centers.

    The ratio is applied to a window of the stride's size and rounded there; only
    then is the window scaled to the anchor's size. All in double until the end.
    """
    center = 0.5 * stride
    rows = []
    for ratio in ratios:
        window_w = float(round(math.sqrt(stride * stride / ratio)))
        window_h = float(round(window_w * ratio))
        for scale in scales:
            w, h = window_w * scale, window_h * scale
            half_w, half_h = 0.5 * (w - 1), 0.5 * (h - 1)
            rows.append(
                [center - half_w, center - half_h, center + half_w, center + half_h]
            )
    return np.array(rows, dtype=np.float64).astype(np.float32)


def cell_anchors_torchvision(
    stride: int, *, scales: Sequence[float], ratios: Sequence[float]
) -> np.ndarray:
    """(A, 4) float32 around 0, ratio by ratio; half sides rounded half to even.

    Sizes are whole numbers: 32, 40 and 50 px on P3 of RetinaNet.
    """
    rows = []
    for ratio in ratios:
        height_factor = np.sqrt(np.float32(ratio))
        width_factor = np.float32(1) / height_factor
        for size in [int(scale * stride) for scale in scales]:
            half_w = np.round(width_factor * np.float32(size) / np.float32(2))
            half_h = np.round(height_factor * np.float32(size) / np.float32(2))
            rows.append([-half_w, -half_h, half_w, half_h])
    return np.array(rows, dtype=np.float32)


def cell_anchors_detectron2(
    stride: int, *, scales: Sequence[float], ratios: Sequence[float]
) -> np.ndarray:
    """(A, 4) float32 around 0, size by size; computed in double, never rounded."""
    rows = []
    for scale in scales:
        for ratio in ratios:
            w = math.sqrt((scale * stride) ** 2.0 / ratio)
            h = ratio * w
            rows.append([-w / 2.0, -h / 2.0, w / 2.0, h / 2.0])
    return np.array(rows, dtype=np.float64).astype(np.float32)


Pair = tuple[float, float]  # along y and x
Shape = float | tuple[float, float]  # height / width, or factors of width and height


def any_cell_anchors(
    style: str,
    stride: float,
    *,
    sides: Sequence[tuple[float, float]],
    shapes: Sequence[Shape],
    center: float = 0.0,
    is_whole: bool = False,
) -> np.ndarray:
    """(A, 4) around a center, one anchor after the other, of any sizes and ratios.

    ``sides`` are base sizes and scales, whose products are sides of square anchors;
    ``is_whole`` cuts those to whole numbers. float64 for ``efficientdet``, whose
    corners are rounded once they are on the grid.
    """
    pairs = [(side, shape) for shape in shapes for side in sides]
    if style in ("detectron2", "efficientdet"):  # size by size
        pairs = [(side, shape) for side in sides for shape in shapes]
    rows = []
    for (base, scale), shape in pairs:
        side = float(int(base * scale)) if is_whole else base * scale
        if style in ("mmdetection", "glip"):
            wide, high = factors_in_float32(shape)
            half_w = np.float32(0.5) * (np.float32(base) * wide * np.float32(scale))
            half_h = np.float32(0.5) * (np.float32(base) * high * np.float32(scale))
        elif style == "torchvision":
            wide, high = factors_in_float32(shape)
            half_w = np.round(wide * np.float32(side) / np.float32(2))
            half_h = np.round(high * np.float32(side) / np.float32(2))
        elif style == "official":
            window = window_of(stride, shape)
            half_w, half_h = (0.5 * (each * (side / stride) - 1) for each in window)
        elif isinstance(shape, tuple):
            half_w, half_h = (side * factor / 2 for factor in shape)
        else:
            w = math.sqrt(side**2.0 / shape)
            half_w, half_h = w / 2, shape * w / 2
        in_double = style in ("official", "detectron2", "efficientdet")
        c = center if in_double else np.float32(center)
        rows.append([c - half_w, c - half_h, c + half_w, c + half_h])
    dtype = np.float64 if style == "efficientdet" else np.float32
    cells = np.array(rows).astype(dtype)
    return cells - np.array([0, 0, style == "glip", style == "glip"], dtype=dtype)


def factors_in_float32(shape: Shape) -> tuple[np.float32, np.float32]:
    """Factors of width and height."""
    if isinstance(shape, tuple):
        return np.float32(shape[0]), np.float32(shape[1])
    high = np.sqrt(np.float32(shape))
    return np.float32(1) / high, high


def window_of(stride: float, shape: Shape) -> tuple[float, float]:
    """Width and height of the official code's window, whole numbers."""
    if isinstance(shape, tuple):
        return float(round(stride * shape[0])), float(round(stride * shape[1]))
    width = float(round(math.sqrt(stride * stride / shape)))
    return width, float(round(width * shape))


def any_map_size(padded: Size, stride: tuple[float, float]) -> Size:
    """Cells along y and x that cover the padded size, but for a millionth of one."""
    cells = []
    for side, step in zip(padded, stride, strict=True):
        number = 1
        while number * step < side - step * 1e-6:
            number += 1
        cells.append(number)
    return cells[0], cells[1]


def nominal_strides(strides: Sequence[int]) -> list[Size]:
    """The same step down and across: every framework but torchvision."""
    return [(stride, stride) for stride in strides]


def torchvision_strides(padded: Size, maps: Sequence[Size]) -> list[Size]:
    """Padded side // map side, per axis: not 64 and 128 where halving rounded up."""
    return [(padded[0] // height, padded[1] // width) for height, width in maps]


def lay_on_grid(
    cell_anchors: np.ndarray,
    map_size: Size,
    stride: Pair,
    origin: Pair = (0.0, 0.0),
) -> np.ndarray:
    """Repeat a cell's anchors over a (height, width) map: (height·width·A, 4) float32.

    ``origin`` moves all of them along y and x (detectron2's way).
    """
    height, width = map_size
    ys = shifts_along(height, stride[0], origin[0])
    xs = shifts_along(width, stride[1], origin[1])
    rows = []
    for y in ys:
        # One row of cells at a time: (width, 1, 4) shifts on (A, 4) cell anchors.
        shifts = np.stack([xs, np.full_like(xs, y), xs, np.full_like(xs, y)], axis=1)
        corners = cell_anchors[None] + shifts[:, None]
        rows.append(corners.astype(np.float32).reshape(-1, 4))
    return np.concatenate([np.zeros((0, 4), dtype=np.float32), *rows])


def shifts_along(number: int, step: float, origin: float) -> np.ndarray:
    """(number,) float32: every step from an origin on."""
    steps = np.arange(number).astype(np.float32) * np.float32(step)
    return steps + np.float32(origin)


def points_on_grid(map_size: Size, stride: Pair, origin: Pair) -> np.ndarray:
    """(height·width, 2) float32 x, y: index times the stride, from an origin on."""
    height, width = map_size
    ys = shifts_along(height, stride[0], origin[0])
    xs = shifts_along(width, stride[1], origin[1])
    rows = [np.stack([xs, np.full_like(xs, y)], axis=1) for y in ys]
    return np.concatenate([np.zeros((0, 2), dtype=np.float32), *rows])


def anchor_points(anchors: np.ndarray) -> np.ndarray:
    """(n, 2) float32 centers, x, y."""
    return (anchors[:, :2] + anchors[:, 2:]) / np.float32(2)


def fully_inside(
    anchors: np.ndarray, image_size: Size, border: float = 0
) -> np.ndarray:
    """(n,) bool: the official RPN's straddle test against the unpadded image."""
    height, width = image_size
    return (
        (anchors[:, 0] >= np.float32(-border))
        & (anchors[:, 1] >= np.float32(-border))
        & (anchors[:, 2] < np.float32(width + border))
        & (anchors[:, 3] < np.float32(height + border))
    )
