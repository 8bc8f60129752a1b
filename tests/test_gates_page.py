"""Numbers of docs/gates.md that need nobody else's code."""

import re

import numpy as np
import pytest

from .strategies import Image
from .test_gate import gate_of

PRESETS = ("ultralytics-8.3", "ultralytics-8.4.100", "ultralytics")


def test_means_of_squares_are_those_of_the_page(project_root):
    text = (project_root / "docs" / "gates.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d.]+) \| ([\d. |]+) \|$", text, re.MULTILINE)
    assert len(rows) == 6
    # Points repeat every 32 px: all places of a square, a tenth of a pixel apart,
    # none of them with an edge on a point.
    places = 128 + np.arange(320) / 10 + 0.03
    corners = np.stack(np.meshgrid(places, places), axis=-1).reshape(-1, 2)
    for side, cells in rows:
        boxes = np.hstack([corners, corners + float(side)]).tolist()
        image = Image((320, 320), tuple(map(tuple, boxes)))
        for name, told in zip(PRESETS, cells.split(" | "), strict=True):
            mean = gate_of(name, [image]).num_candidates.mean()
            assert mean == pytest.approx(float(told), abs=0.02), (name, side)
