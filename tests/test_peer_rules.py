"""Positives beside mmdetection's own rules, anchor by anchor, where somebody has it.

PEERS_PYTHON names an interpreter that has torch and mmdet, such as that of
`make bench-peers`.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.frame import build_frame
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset, resolve

from .agreement import assign, rows_of_image
from .strategies import Image, make_frame

PYTHON = os.environ.get("PEERS_PYTHON")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="PEERS_PYTHON names no interpreter"),
]
NUM_SCENES = 100


def ask_peers(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("peer_rules.py")
    words = [str(PYTHON), str(script)]
    text = json.dumps(cases)
    run = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def draw(rng: np.random.Generator) -> Image:
    """Draw an image whose boxes often coincide."""
    size = (64 * int(rng.integers(1, 9)), 64 * int(rng.integers(1, 9)))
    corners = rng.uniform(0, 0.95, (int(rng.integers(0, 25)), 2)) * size[::-1]
    sides = np.exp(rng.uniform(0, 6, corners.shape))
    boxes = np.hstack([corners, np.minimum(corners + sides, size[::-1])])
    if rng.random() < 0.3:
        boxes = np.round(boxes / 4) * 4
    boxes = boxes[((boxes[:, 2:] - boxes[:, :2]) > 0.1).all(axis=1)]
    return Image(size, tuple(map(tuple, boxes.astype(np.float32).tolist())))


def images_of_preset(settings, real_data) -> list[Image]:
    """The images of the subset as the preset has them."""
    path = real_data / "data/coco-val2017/instances_val2017_subset.json"
    dataset = load_coco(path)
    whole = slice(0, dataset.num_images)
    frame = build_frame(dataset, whole, settings.data, settings.resize)
    return [
        Image(tuple(padded), tuple(map(tuple, frame.gt_boxes[own].tolist())))
        for number, padded in enumerate(frame.padded_size.tolist())
        for own in [frame.gt_image == number]
    ]


def words_of(settings) -> dict[str, Any]:
    """What mmdetection's code is told."""
    return {"rule": settings.rule.name, **vars(settings.assigner)}


def check(images: list[Image], settings) -> int:
    """Compare images one by one; how many positives are equal."""
    rule, found = settings.anchors, assign(images, settings.anchors, settings.assigner)
    grids = settings.rule.pyramid(rule).grids(make_frame(images).padded_size)
    cases = [
        {
            "boxes": image.boxes,
            "maps": grids.map_sizes[number].tolist(),
            "padded": image.padded_size,
            **vars(rule),
            **words_of(settings),
        }
        for number, image in enumerate(images)
    ]
    frame, num_equal = make_frame(images), 0
    # Torch promises no order among equals, and rounds logarithms in its own way.
    is_open = found.is_tied | found.is_fragile
    is_open &= settings.rule.name == "nearest_point"
    for number, theirs in enumerate(ask_peers(cases)):
        ours = rows_of_image(found, frame, number)
        if is_open[frame.gt_image == number].any():
            continue
        assert ours == list(map(tuple, theirs["positives"])), images[number]
        assert found.num_ignored[number] == (theirs["ignored"] or 0), images[number]
        num_equal += len(ours)
    return num_equal


@pytest.mark.parametrize(
    "name", ["foveabox-mmdet", "reppoints-mmdet", "yolov3-mmdet", "ga-retinanet-mmdet"]
)
def test_the_presets_positives_are_those_of_the_framework(name, real_data):
    settings = preset(name)
    assert check(images_of_preset(settings, real_data), settings) > 3000


SETTINGS = [
    ("foveabox-mmdet", {"core": 0.7, "size_ranges": [[1, 50], [20, 80], [60, 300]]}),
    ("reppoints-mmdet", {"num_points": 1}),
    ("ga-retinanet-mmdet", {}),
    ("ga-retinanet-mmdet", {"positive_from": 0.6, "low_quality_floor": 0.0}),
    ("ga-retinanet-mmdet", {"negative_below": 0.3, "allow_low_quality": False}),
    ("yolov3-mmdet", {}),
    ("yolov3-mmdet", {"positive_above": 0.3, "ignored_above": 0.2}),
    ("yolov3-mmdet", {"forced_above": 0.4, "ignored_above": 0.6}),
    ("reppoints-mmdet", {"num_points": 4, "level_scale": 3.0}),
]


@pytest.mark.parametrize(("name", "words"), SETTINGS)
def test_random_scenes_have_the_positives_of_the_framework(name, words):
    own = {f"assigner.{key}": value for key, value in words.items()}
    strides = {"anchors.strides": [8, 16, 32]}
    settings = resolve(name, overrides=own | strides).settings
    rng = np.random.default_rng(14)
    assert check([draw(rng) for _ in range(NUM_SCENES)], settings) > 300
