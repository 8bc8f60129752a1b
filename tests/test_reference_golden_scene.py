"""The reference assigners on one scene of six boxes, against the original programs.

The numbers come from running each project's own assigner on these boxes (image
1333×800, padded 1344×800, boxes already in input pixels). One row departs from its
run, on purpose: with nine anchors a cell, the official ATSS meets a distance tie at
the 81st place of box C; lowest index gives 367 positives, torch on a CPU 366.
"""

import numpy as np
import pytest

from .reference.anchors import fully_inside
from .reference.frames import map_sizes
from .reference.presets import PRESETS

IMAGE_SIZE, PADDED_SIZE = (800, 1333), (800, 1344)
BOXES = np.array(
    [
        [100.3, 120.7, 164.9, 200.2],  # A
        [300.1, 150.6, 620.4, 540.9],  # B
        [310.7, 160.2, 450.3, 330.8],  # C, inside B
        [700.2, 20.4, 1320.6, 780.3],  # D
        [50.1, 700.3, 58.9, 707.2],  # E, tiny
        [0, 400.5, 1333, 440.25],  # F, as wide as the image
    ],
    dtype=np.float32,
)
# preset: positives per level of A | B | C | D | E | F, all positives, ignored
SCENE = {
    "atss-official": (
        "9 0 0 0 0 | 0 0 9 8 0 | 0 9 0 0 0 | 0 0 0 9 6 | 0 0 0 0 0 | 0 0 3 0 0",
        53,
        0,
    ),
    "atss-official-9a": (
        "27 64 0 0 0 | 0 0 0 72 9 | 0 23 68 0 0 | 0 0 0 3 77 | 0 0 0 0 0 | 0 6 9 9 0",
        367,
        0,
    ),
    "atss-mmdet": (
        "9 0 0 0 0 | 0 0 9 6 0 | 0 9 0 0 0 | 0 0 0 9 0 | 1 0 0 0 0 | 0 0 3 0 0",
        46,
        0,
    ),
    "atss-mmdet-dyhead": (
        "9 0 0 0 0 | 0 0 9 8 0 | 0 9 0 0 0 | 0 0 0 9 0 | 0 0 0 0 0 | 0 0 3 0 0",
        47,
        0,
    ),
    "atss-mmdet-glip": (
        "9 0 0 0 0 | 0 0 9 8 0 | 0 9 0 0 0 | 0 0 0 9 0 | 0 0 0 0 0 | 0 0 3 0 0",
        47,
        0,
    ),
    "gfl-paddle": (
        "9 0 0 0 0 | 0 0 9 6 0 | 0 9 0 0 0 | 0 0 0 9 0 | 1 0 0 0 0 | 0 0 3 0 0",
        46,
        0,
    ),
    "atss-yolov6": ("0 4 0 | 0 0 9 | 0 0 5 | 0 0 9 | 0 0 0 | 0 0 3", 30, 0),
    "atss-mmdet-9a": (
        "2 8 0 0 0 | 0 0 0 8 1 | 0 0 8 0 0 | 0 0 0 0 9 | 6 0 0 0 0 | 0 0 3 0 0",
        45,
        0,
    ),
    "ssc-official": (
        "48 8 0 0 0 | 0 0 21 24 0 | 0 35 8 0 0 | 0 0 0 24 24 | 0 0 0 0 0 | 0 0 0 0 0",
        192,
        0,
    ),
    "retinanet-official-repo": (
        "6 26 0 0 0 | 0 0 30 34 0 | 0 0 31 0 0 | 0 0 0 0 34 | 9 0 0 0 0 | 0 0 69 0 0",
        239,
        278,
    ),
    "retinanet-mmdet": (
        "10 21 0 0 0 | 0 0 0 29 0 | 0 0 30 0 0 | 0 0 0 0 31 | 9 0 0 0 0 | 0 0 0 15 0",
        145,
        293,
    ),
    "retinanet-torchvision": (
        "0 23 0 0 0 | 0 0 30 34 0 | 0 0 30 0 0 | 0 0 0 0 43 | 15 0 0 0 0 | 0 0 69 0 0",
        244,
        295,
    ),
    "retinanet-detectron2": (
        "10 21 0 0 0 | 0 0 0 36 0 | 0 0 30 0 0 | 0 0 0 4 31 | 9 0 0 0 0 | 0 0 0 4 0",
        145,
        293,
    ),
    "rpn-official-repo": (
        "0 3 0 0 0 | 0 0 0 57 0 | 0 0 3 0 0 | 0 0 0 0 8 | 30 0 0 0 0 | 0 0 0 68 0",
        169,
        28334,
    ),
    "rpn-mmdet": (
        "0 5 0 0 0 | 0 0 0 9 0 | 0 0 2 0 0 | 0 0 0 0 12 | 0 0 0 0 0 | 0 0 0 0 0",
        28,
        743,
    ),
    "rpn-torchvision": (
        "0 5 0 0 0 | 0 0 0 72 0 | 0 0 2 0 0 | 0 0 0 40 8 | 66 0 0 0 0 | 0 0 0 47 0",
        240,
        733,
    ),
    "rpn-detectron2": (
        "0 5 0 0 0 | 0 0 0 35 0 | 0 0 2 0 0 | 0 0 0 16 12 | 42 0 0 0 0 | 0 0 0 18 0",
        130,
        734,
    ),
    "fcos-official": (
        "48 8 0 0 0 | 0 0 21 24 0 | 0 35 8 0 0 | 0 0 0 24 24 | 0 0 0 0 0 | 0 0 0 0 0",
        192,
        0,
    ),
    "fcos-mmdet": (
        "48 8 0 0 0 | 0 0 21 24 0 | 0 35 8 0 0 | 0 0 0 24 24 | 0 0 0 0 0 | 0 0 0 0 0",
        192,
        0,
    ),
    "fcos-official-imprv": (
        "9 0 0 0 0 | 0 0 9 3 0 | 0 9 0 0 0 | 0 0 0 9 3 | 0 0 0 0 0 | 0 0 0 0 0",
        42,
        0,
    ),
    "fcos-mmdet-center": (
        "9 0 0 0 0 | 0 0 9 3 0 | 0 9 0 0 0 | 0 0 0 9 3 | 0 0 0 0 0 | 0 0 0 0 0",
        42,
        0,
    ),
    "fcos-torchvision": (
        "9 0 0 0 0 | 0 0 9 3 0 | 0 9 0 0 0 | 0 0 0 12 6 | 1 0 0 0 0 | 0 0 0 0 0",
        49,
        0,
    ),
    "fcos-detectron2": (
        "9 0 0 0 0 | 0 0 9 3 0 | 0 9 0 0 0 | 0 0 0 9 3 | 0 0 0 0 0 | 0 0 0 0 0",
        42,
        0,
    ),
}


@pytest.mark.parametrize("name", SCENE)
def test_the_scene_comes_out_as_the_original_program_answered(name: str) -> None:
    preset = PRESETS[name]
    text, num_positives, num_ignored = SCENE[name]
    expected = [[int(n) for n in box.split()] for box in text.split("|")]
    maps = map_sizes(PADDED_SIZE, preset.num_levels, preset.first_stride)
    if name == "rpn-official-repo":
        anchors = np.concatenate(preset.lay_out(maps, PADDED_SIZE))
        usable = fully_inside(anchors, IMAGE_SIZE)
        preset = preset.with_parameters(is_usable=usable)

    assignment = preset.run(maps, PADDED_SIZE, BOXES)

    counts = np.zeros((len(BOXES), preset.num_levels), dtype=int)
    for gt, level, _ in assignment.rows():
        counts[gt, level] += 1
    assert counts.tolist() == expected
    assert len(assignment.gt) == num_positives
    assert assignment.num_ignored == num_ignored


def test_only_box_c_meets_a_distance_tie_with_nine_anchors() -> None:
    maps = map_sizes(PADDED_SIZE, 5, 8)
    assignment = PRESETS["atss-official-9a"].run(maps, PADDED_SIZE, BOXES)
    assert np.flatnonzero(assignment.is_tied).tolist() == [2]
