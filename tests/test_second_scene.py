"""One scene of ten boxes, as the original programs answered, for the newer rules.

640 x 640 network pixels; for presets of another side the boxes are scaled in float32.
Of a preset only anchors and assigner play a part. G and H are equal, D's edges and E's
sides lie where cells end.
"""

import numpy as np
import pytest

from atss_inspect.settings import preset

from .agreement import assign
from .strategies import Image

BOXES = np.array(
    [
        [100.3, 120.7, 164.9, 200.2],  # A
        [300.1, 150.6, 620.4, 540.9],  # B
        [310.7, 160.2, 450.3, 330.8],  # C
        [4, 100, 12, 108],  # D
        [50.1, 600.3, 58.9, 607.2],  # E
        [0, 400.5, 640, 440.25],  # F
        [200.5, 20.25, 204.75, 60.5],  # G
        [200.5, 20.25, 204.75, 60.5],  # H
        [500, 600, 516, 616],  # I
        [21.5, 301.2, 25.9, 304.6],  # J
    ],
    dtype=np.float32,
)
# preset, positives of A | B | ... on each level from the finest up to the last, as
# often as the loss has them
SCENE = """
ssd300-torchvision      4 1 | 0 0 2 3 2 | 0 4 3 | 1 | 1 | 0 0 1 | 0 | 1 | 1 | 1
ssdlite320-torchvision  1 | 0 5 5 2 2 | 16 | 1 | 1 | 1 | 0 | 1 | 1 | 1
efficientdet-d0         20 13 | 0 0 6 16 | 0 18 14 | 1 | 1 | 0 0 1 | 1 | 0 | 1 | 1
ppyoloe-warmup          0 4 | 0 0 9 | 0 0 5 | 0 | 1 | 0 0 4 | 2 | 0 | 2 | 0
yolov5                  3 9 6 | 0 0 6 | 0 6 9 | 8 | 6 | 0 | 6 | 6 | 9 8 | 3
ssd300-mmdet            4 1 | 0 0 2 3 2 | 0 4 3 | 1 | 1 | 0 0 1 | 0 | 1 | 1 | 1
reppoints-mmdet         1 | 0 0 0 1 | 0 1 | 1 | 1 | 0 1 | 1 | 0 | 1 | 1
ga-retinanet-mmdet      11 4 | 0 0 10 7 | 0 10 4 | 0 | 0 | 0 | 0 | 0 | 0 | 0
yolov3-mmdet            0 1 | 0 0 1 | 0 0 1 | 1 | 1 | 0 0 1 | 0 | 1 | 1 | 1
foveabox-mmdet          12 2 | 0 0 0 4 1 | 0 6 2 | 0 | 1 | 0 0 6 | 0 | 0 | 1 | 0
"""
ROWS = dict(row.split(maxsplit=1) for row in SCENE.strip().splitlines())


@pytest.mark.parametrize("name", ROWS)
def test_the_scene_comes_out_as_the_original_program_answered(name):
    settings = preset(name)
    size = settings.resize.size if settings.resize.has_fixed_size else (512,)
    side = size[0]
    boxes = BOXES * np.float32(side / 640)
    image = Image((side, side), tuple(map(tuple, boxes.tolist())))
    found = assign([image], settings.anchors, settings.assigner)
    counts = np.zeros((len(BOXES), len(settings.anchors.strides)), dtype=int)
    times = 1 if found.times is None else found.times
    np.add.at(counts, (found.gt, found.level), times)
    rows = (" ".join(map(str, np.trim_zeros(row, "b"))) or "0" for row in counts)
    assert " | ".join(rows) == ROWS[name]
