"""Boxes of one image, and the same as files of other formats write them."""

import numpy as np

SIZE = (480.0, 640.0)  # height, width


def boxes(number: int, *, seed: int = 1) -> np.ndarray:
    """Boxes all over an image, x, y, width, height."""
    random = np.random.default_rng(seed)
    near = random.uniform(0, 0.9, (number, 2)) * SIZE[::-1]
    sides = random.uniform(0.02, 0.99, (number, 2)) * (np.array(SIZE[::-1]) - near)
    return np.hstack([near, np.maximum(sides, 2)])


def written(
    xywh: np.ndarray, box_format: str, sizes: np.ndarray | None = None
) -> np.ndarray:
    """The same boxes as a file of this format writes them.

    ``sizes`` are height, width of the image of each; of one image unless told.
    """
    form, _, unit = box_format.partition("-")
    near, sides = xywh[:, :2], xywh[:, 2:]
    numbers = {
        "xywh": [near, sides],
        "xyxy": [near, near + sides],
        "cxcywh": [near + sides / 2, sides],
    }
    sizes = np.tile(SIZE, (len(xywh), 1)) if sizes is None else sizes
    whole = np.tile(sizes[:, ::-1], 2)
    units = {"": 1.0, "fractions": whole, "percent": whole / 100}
    return np.hstack(numbers[form]) / units[unit]
