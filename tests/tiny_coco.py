"""Small COCO documents, built in code."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Box = tuple[float, float, float, float]
CATEGORIES = ("person", "car, small", "自転車")


def coco(images: dict[Any, Sequence[Box]], *, first_id: int = 100) -> dict[str, Any]:
    """Make a document: image id -> boxes x, y, width, height; images are 640 x 480.

    Annotations are written last image first, so that their place in the file is not
    their place in the sorted data set; categories take turns.
    """
    annotations: list[dict[str, Any]] = []
    for image_id, boxes in reversed(images.items()):
        for box in boxes:
            number = len(annotations)
            annotations.append(
                {
                    "id": first_id + 3 * number,
                    "image_id": image_id,
                    "category_id": 1 + number % 3,
                    "bbox": list(box),
                    "area": box[2] * box[3] / 2,
                    "iscrowd": 0,
                }
            )
    return {
        "images": [
            {"id": key, "width": 640, "height": 480, "file_name": f"{key}.jpg"}
            for key in images
        ],
        "annotations": annotations,
        "categories": [{"id": 1 + n, "name": c} for n, c in enumerate(CATEGORIES)],
    }


def coco_image(
    *boxes: Box, width: int = 800, height: int = 800, image_id: int = 1, **more: Any
) -> dict[str, Any]:
    """Make a document of one image and one class, annotations with ids from 1 on."""
    common = {"image_id": image_id, "category_id": 1, "iscrowd": 0}
    image = {"id": image_id, "width": width, "height": height, "file_name": "a.jpg"}
    return {
        "images": [image],
        "annotations": [
            {"id": n, "bbox": list(box), "area": box[2] * box[3], **common, **more}
            for n, box in enumerate(boxes, start=1)
        ],
        "categories": [{"id": 1, "name": "cat"}],
    }


def street() -> dict[str, Any]:
    """Three images of small, tall, overlapping and large objects, one without any."""
    return coco(
        {
            10: [(30, 40, 60, 60), (35, 45, 60, 60), (300, 100, 20, 160)],
            2: [(101, 101, 4, 4), (50, 20, 500, 400), (52, 25, 300, 120)],
            7: [],
            3: [(0, 0, 90, 45), (600, 440, 41, 41), (320, 240, 33.5, 31.25)],
        }
    )


def write_coco(path: Path, document: dict[str, Any]) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path
