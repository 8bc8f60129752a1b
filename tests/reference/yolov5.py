"""YOLOv5's ``build_targets``, object by object, as its loss does it."""

from collections.abc import Sequence

import numpy as np

F = np.float32


def rows_yolov5(
    normalized: np.ndarray,
    anchors: Sequence[Sequence[float]],
    strides: Sequence[int],
    maps: Sequence[tuple[int, int]],
    *,
    ratio: float = 4.0,
) -> list[tuple[int, int, int]]:
    """Every row (box, level, index) of one image, as often as the loss has it.

    Parameters
    ----------
    normalized : (G, 4) float32 center x, y, width, height as shares of the input
    anchors : of each level widths and heights in turn, input pixels
    maps : rows and columns of each level
    """
    found = []
    for level, (shapes, stride, (rows, columns)) in enumerate(
        zip(anchors, strides, maps, strict=True)
    ):
        sides = list(zip(shapes[::2], shapes[1::2], strict=True))
        for gt, (cx, cy, w, h) in enumerate(normalized.astype(np.float32)):
            x, y = cx * F(columns), cy * F(rows)
            wide, high = w * F(columns), h * F(rows)
            for place, (anchor_w, anchor_h) in enumerate(sides):
                of_anchor = F(anchor_w) / F(stride), F(anchor_h) / F(stride)
                if worst_ratio((wide, high), of_anchor) >= F(ratio):
                    continue
                cells = places_near(x, y, F(columns), F(rows))
                for at_x, at_y in cells:
                    column = min(max(int(at_x), 0), columns - 1)
                    row = min(max(int(at_y), 0), rows - 1)
                    index = (row * columns + column) * len(sides) + place
                    found.append((gt, level, index))
    return found


def worst_ratio(one: Sequence[np.float32], other: Sequence[np.float32]) -> np.float32:
    """Largest factor between sides of the same axis."""
    ratios = [a / b for a, b in zip(one, other, strict=True)]
    return max(max(ratio, F(1) / ratio) for ratio in ratios)


def places_near(
    x: np.float32, y: np.float32, width: np.float32, height: np.float32
) -> list[tuple[np.float32, np.float32]]:
    """The center, and where it comes to lie half a cell on, toward near neighbors."""
    half, places = F(0.5), [(x, y)]
    if x % F(1) < half and x > 1:
        places.append((x - half, y))
    if y % F(1) < half and y > 1:
        places.append((x, y - half))
    if (width - x) % F(1) < half and width - x > 1:
        places.append((x + half, y))
    if (height - y) % F(1) < half and height - y > 1:
        places.append((x, y + half))
    return places
