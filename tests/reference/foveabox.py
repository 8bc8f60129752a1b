"""FoveaBox's targets, painted box by box: Kong et al. 2019 (arXiv:1904.03797).

As mmdetection's ``FoveaHead`` has them: the largest box first, all of a level's cells
between the ends of its core, so that what is painted last stays.
"""

import math
from collections.abc import Sequence

import numpy as np

F = np.float32
Row = tuple[int, int, int]


def rows_foveabox(
    gt_boxes: np.ndarray,
    strides: Sequence[float],
    maps: Sequence[tuple[int, int]],
    *,
    size_ranges: Sequence[tuple[float, float]],
    core: float = 0.4,
    offset: float = 0.5,
) -> list[Row]:
    """(box, level, index) of every positive point of one image, sorted.

    ``gt_boxes`` are (G, 4) float32; ``maps`` rows and columns of each level.
    """
    sizes = [np.sqrt((x2 - x1) * (y2 - y1)) for x1, y1, x2, y2 in gt_boxes]
    rows: list[Row] = []
    for level, (stride, (height, width), (low, high)) in enumerate(
        zip(strides, maps, size_ranges, strict=True)
    ):
        painted: dict[int, int] = {}
        fitting = [gt for gt, size in enumerate(sizes) if F(low) <= size <= F(high)]
        for gt in sorted(fitting, key=lambda gt: -sizes[gt]):  # stable, as torch.sort
            x1, y1, x2, y2 = gt_boxes[gt] / F(stride)
            across = cells_of_core(x1, x2, width, core, offset)
            for row in cells_of_core(y1, y2, height, core, offset):
                painted.update((row * width + column, gt) for column in across)
        rows += [(gt, level, index) for index, gt in painted.items()]
    return sorted(rows)


def cells_of_core(
    low: np.float32, high: np.float32, number: int, core: float, offset: float
) -> range:
    """Cells of one axis whose centers lie in the core; ends are in cells."""
    half = F(0.5) * (high - low)
    first = math.ceil(low + F(1 - core) * half - F(offset))
    last = math.floor(low + F(1 + core) * half - F(offset))
    first, last = (min(max(end, 0), number - 1) for end in (first, last))
    return range(first, last + 1)
