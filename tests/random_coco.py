"""COCO documents drawn at random, odd entries included."""

import itertools
import json
from functools import cache
from typing import Any

import numpy as np
from hypothesis import strategies as st

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco

SIDES = (2, 6, 14, 24, 60, 90, 160, 400)


class Loaded:
    """A document in the shape of a loaded COCO object."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.dataset = document


@cache
def random_dataset(seed: int) -> Dataset:
    return load_coco(Loaded(random_coco(seed)))


@st.composite
def parts_in_any_order(draw: st.DrawFn) -> tuple[Dataset, list[Dataset]]:
    """A data set, whole, and cut between some images, the parts in some order."""
    dataset = random_dataset(draw(st.integers(0, 30)))
    cuts = draw(st.lists(st.integers(0, 8), max_size=4))
    edges = sorted({0, *cuts, dataset.num_images})
    runs = draw(st.permutations(list(itertools.pairwise(edges))))
    parts = [dataset.slice_images(*run) for run in runs]
    return dataset.slice_images(0, dataset.num_images), parts


def random_coco(
    seed: int, *, num_images: int = 8, max_boxes: int = 12
) -> dict[str, Any]:
    """Draw a document with crowds, ignored, empty, thin and outside boxes, and more."""
    document: dict[str, Any] = json.loads(_drawn(seed, num_images, max_boxes))
    return document


@cache
def _drawn(seed: int, num_images: int, max_boxes: int) -> str:
    """Draw a document, once; as text, since tests change theirs."""
    rng = np.random.default_rng(seed)
    images = [
        {
            "id": int(image_id),
            "width": int(rng.choice([20, 320, 480, 640])),
            "height": int(rng.choice([30, 240, 480])),
            "file_name": f"{image_id:04d}.jpg",
        }
        for image_id in rng.permutation(num_images * 3)[:num_images]
    ]
    annotations = [
        _annotation(rng, image)
        for image in images
        for _ in range(int(rng.integers(0, max_boxes + 1)))
    ]
    for number, annotation in enumerate(annotations):
        annotation["id"] = number + 1
    categories = [{"id": n, "name": f"class {n}"} for n in (1, 2, 3, 9)]
    return json.dumps(
        {"images": images, "annotations": annotations, "categories": categories}
    )


def _annotation(rng: np.random.Generator, image: dict[str, Any]) -> dict[str, Any]:
    width, height = (float(rng.choice(SIDES)) for _ in range(2))
    annotation: dict[str, Any] = {
        "image_id": image["id"],
        "category_id": int(rng.choice([1, 1, 1, 2, 3])),
        "bbox": [
            float(rng.integers(-4, image["width"])),
            float(rng.integers(-4, image["height"])),
            width,
            height,
        ],
        "area": width * height * float(rng.choice([1, 0.5])),
        "iscrowd": int(rng.random() < 0.1),
    }
    oddity = rng.random()
    if oddity < 0.04:
        annotation["bbox"][2] = 0.0
    elif oddity < 0.08:
        annotation["bbox"][0] = 5000.0
    elif oddity < 0.12:
        annotation["ignore"] = 1
    elif oddity < 0.16:
        annotation["image_id"] = 999_999
    elif oddity < 0.2:
        annotation["bbox"] = [1, 2, 3]
    return annotation
