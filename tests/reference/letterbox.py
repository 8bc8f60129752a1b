"""What Ultralytics' and YOLOv5's data paths make of one image, box by box.

COCO annotations to label text, to a square, through the affine step that moves nothing,
to what the loss gets. Shares no code with the package.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

F = np.float32
PATHS = ("ultralytics-8.3", "ultralytics", "yolov5")


def label_of(
    annotation: dict[str, Any], height: float, width: float
) -> tuple[np.float32, ...] | None:
    """Center and size as a label file says them; None where none is written."""
    x, y, w, h = annotation["bbox"]
    if annotation.get("iscrowd", 0) or w / width <= 0 or h / height <= 0:
        return None
    numbers = ((x + w / 2) / width, (y + h / 2) / height, w / width, h / height)
    return tuple(F(float(f"{number:g}")) for number in numbers)


def is_dropped(labels: Sequence[tuple[np.float32, ...]], path: str) -> bool:
    """Whether an image is left out for a number of its labels."""
    low, high = (F(0), F(1)) if path == "yolov5" else (F(-0.01), F(1.01))
    return any(not low <= number <= high for label in labels for number in label)


def loaded_size(height: int, width: int, side: int, path: str) -> tuple[int, int]:
    """Height and width of the picture before the border."""
    ratio = side / max(height, width)
    if ratio == 1:
        return height, width
    sizes = math.ceil(height * ratio), math.ceil(width * ratio)
    if path == "yolov5":
        return sizes
    return min(sizes[0], side), min(sizes[1], side)


def box_of(
    label: tuple[np.float32, ...], height: int, width: int, side: int, path: str
) -> np.ndarray | None:
    """xyxy of one box in the square as the loss has it; None where it is dropped."""
    high, wide = loaded_size(height, width, side, path)
    ratio = min(side / high, side / wide, 1.0)
    corners = []
    for axis, length in ((0, wide), (1, high)):
        border = (side - round(length * ratio)) / 2
        if path == "ultralytics-8.3":
            border = round(border - 0.1)
        half = label[axis + 2] / F(2)
        for corner in (label[axis] - half, label[axis] + half):
            corners.append(F(length * ratio) * corner + F(border))
    x1, x2, y1, y2 = corners
    area = (x2 - x1) * (y2 - y1)
    kind = np.float64 if path == "yolov5" else F
    a1, a2, b1, b2 = (
        min(max(kind(each), kind(0)), kind(side)) for each in (x1, x2, y1, y2)
    )
    w, h = a2 - a1, b2 - b1
    tiny = kind(1e-16)
    if not (w > 2 and h > 2 and w * h / (area + tiny) > kind(0.1)):
        return None
    if max(w / (h + tiny), h / (w + tiny)) >= 100:
        return None
    corners = [F(each) for each in (a1, b1, a2, b2)]
    if path == "yolov5":
        return np.array([min(each, F(side - 1e-3)) for each in corners])
    return through_shares(corners, F(side))


def through_shares(corners: list[np.float32], side: np.float32) -> np.ndarray:
    """Center and size, divided by the side and multiplied by it, and corners again."""
    x1, y1, x2, y2 = corners
    cx, cy, w, h = (
        each / side * side
        for each in ((x1 + x2) / F(2), (y1 + y2) / F(2), x2 - x1, y2 - y1)
    )
    return np.array([cx - w / F(2), cy - h / F(2), cx + w / F(2), cy + h / F(2)])


def see_square(
    annotations: Sequence[dict[str, Any]],
    *,
    height: int,
    width: int,
    side: int,
    path: str,
) -> tuple[tuple[int, ...], np.ndarray] | None:
    """Places of the annotations that stay, and their (G, 4) boxes; None: no image."""
    lines: dict[tuple[Any, ...], int] = {}
    labels = []
    for place, annotation in enumerate(annotations):
        label = label_of(annotation, height, width)
        if label is not None:
            labels.append(label)
            lines.setdefault((annotation["category_id"], *map(float, label)), place)
    if is_dropped(labels, path):
        return None
    found = {}
    for place in lines.values():
        label = label_of(annotations[place], height, width)
        assert label is not None
        box = box_of(label, height, width, side, path)
        if box is not None:
            found[place] = box
    boxes = np.array([*found.values()], dtype=F).reshape(-1, 4)
    return tuple(found), boxes
