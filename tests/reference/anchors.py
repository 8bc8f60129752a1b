"""Every anchor and every point of a pyramid, written out, per framework.

A pyramid is a list with one (n, 4) float32 xyxy array of anchors (or one (n, 2)
float32 xy array of points) per level, in the order of the framework's own flat list:
rows, then columns, then the anchors of a cell.
"""

import math
from collections.abc import Sequence

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


def nominal_strides(strides: Sequence[int]) -> list[Size]:
    """The same step down and across: every framework but torchvision."""
    return [(stride, stride) for stride in strides]


def torchvision_strides(padded: Size, maps: Sequence[Size]) -> list[Size]:
    """Padded side // map side, per axis: not 64 and 128 where halving rounded up."""
    return [(padded[0] // height, padded[1] // width) for height, width in maps]


def lay_on_grid(
    cell_anchors: np.ndarray, map_size: Size, stride: Size, offset: float = 0.0
) -> np.ndarray:
    """Repeat a cell's anchors over a (height, width) map: (height·width·A, 4) float32.

    ``offset`` moves all of them by a share of the stride (detectron2's way).
    """
    height, width = map_size
    ys = ((np.arange(height) + offset) * stride[0]).astype(np.float32)
    xs = ((np.arange(width) + offset) * stride[1]).astype(np.float32)
    rows = []
    for y in ys:
        # One row of cells at a time: (width, 1, 4) shifts on (A, 4) cell anchors.
        shifts = np.stack([xs, np.full_like(xs, y), xs, np.full_like(xs, y)], axis=1)
        rows.append((cell_anchors[None] + shifts[:, None]).reshape(-1, 4))
    return np.concatenate([np.zeros((0, 4), dtype=np.float32), *rows])


def points_on_grid(map_size: Size, stride: Size, offset: float) -> np.ndarray:
    """(height·width, 2) float32 x, y: (index + offset) times the stride."""
    height, width = map_size
    ys = ((np.arange(height) + offset) * stride[0]).astype(np.float32)
    xs = ((np.arange(width) + offset) * stride[1]).astype(np.float32)
    rows = [np.stack([xs, np.full_like(xs, y)], axis=1) for y in ys]
    return np.concatenate([np.zeros((0, 2), dtype=np.float32), *rows])


def anchor_points(anchors: np.ndarray) -> np.ndarray:
    """(n, 2) float32 centers, x, y."""
    return (anchors[:, :2] + anchors[:, 2:]) / np.float32(2)


def fully_inside(anchors: np.ndarray, image_size: Size) -> np.ndarray:
    """(n,) bool: the official RPN's straddle test against the unpadded image."""
    height, width = image_size
    return (
        (anchors[:, 0] >= 0)
        & (anchors[:, 1] >= 0)
        & (anchors[:, 2] < width)
        & (anchors[:, 3] < height)
    )
