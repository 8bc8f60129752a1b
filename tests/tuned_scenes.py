"""Scenes with a known answer for `tune`: boxes of one shape, or of all sizes."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from tests.random_coco import Loaded

SIDE = 800


def scene(
    sides: Iterable[tuple[float, float]], *, seed: int, num_images: int = 40
) -> dict[str, Any]:
    """Place boxes (width, height) at random on square images, in turn."""
    rng = np.random.default_rng(seed)
    annotations = []
    for number, (width, height) in enumerate(sides):
        x, y = rng.uniform(0, [SIDE - width, SIDE - height]).round(1).tolist()
        annotations.append(
            {
                "id": number + 1,
                "image_id": number % num_images,
                "category_id": 1,
                "bbox": [x, y, width, height],
                "area": width * height,
                "iscrowd": 0,
            }
        )
    images = [
        {"id": n, "width": SIDE, "height": SIDE, "file_name": f"{n}.jpg"}
        for n in range(num_images)
    ]
    return {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "cat"}],
    }


def of_one_shape(width: float, height: float, *, seed: int = 0) -> Dataset:
    """400 boxes of one shape and size."""
    return load_coco(Loaded(scene([(width, height)] * 400, seed=seed)))


def all_sizes(seed: int, *, least: float = 24, number: int = 400) -> dict[str, Any]:
    """Boxes of all sizes and ratios up to 2."""
    rng = np.random.default_rng(seed)
    sizes = least * (400 / least) ** rng.random(number)
    ratios = 2 ** rng.uniform(-1, 1, number)
    widths, heights = sizes / ratios**0.5, sizes * ratios**0.5
    sides = np.stack([widths, heights], axis=1).round(1).tolist()
    return scene(sides, seed=seed)


def of_all_sizes(seed: int, **options: Any) -> Dataset:
    """The same, read."""
    return load_coco(Loaded(all_sizes(seed, **options)))
