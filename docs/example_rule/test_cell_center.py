"""The rules beside loops written from their description, on boxes of half pixels.

Run after `pip install -e .`: settings find the rules by their entry points.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from atss_inspect import assign, load_coco, preset
from atss_inspect.annotations.frame import Frame, build_frame

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 640, 480
STRIDES = 8, 16, 32  # of my_detector.toml
Cell = tuple[int, int, int, float, float]  # level, row, column, x, y
Window = tuple[float, float, float, float]


def scene(num_boxes: int) -> dict[str, Any]:
    """Make a COCO document whose boxes often have sides on points, or are equal."""
    rng = np.random.default_rng(0)
    corners = rng.integers(0, 800, (num_boxes, 2)) / 2
    boxes = np.hstack([corners, rng.integers(1, 160, (num_boxes, 2)) / 2])
    boxes[1::7] = boxes[::7][: len(boxes[1::7])]
    return {
        "images": [{"id": 1, "width": WIDTH, "height": HEIGHT}],
        "categories": [{"id": 1, "name": "thing"}],
        "annotations": [
            {"id": n, "image_id": 1, "category_id": 1, "bbox": box}
            for n, box in enumerate(boxes.tolist())
        ],
    }


def cells(size: tuple[int, int], strides: tuple[int, ...]) -> Iterator[Cell]:
    """Every cell and its center, in the order of levels, rows and columns."""
    for level, stride in enumerate(strides):
        for row in range(-(-size[0] // stride)):
            for column in range(-(-size[1] // stride)):
                yield level, row, column, (column + 0.5) * stride, (row + 0.5) * stride


def is_inside(x: float, y: float, window: Window) -> bool:
    """Whether a point lies inside; on a side it does not."""
    return window[0] < x < window[2] and window[1] < y < window[3]


def expected_owners(frame: Frame, margin: float) -> set[Any]:
    """Owner, level, row and column of each positive in a square of 640, by loops."""
    found = set()
    boxes = list(enumerate(frame.gt_boxes.tolist()))
    for level, row, column, x, y in cells((640, 640), STRIDES):
        around = [
            (np.float32(x2 - x1) * np.float32(y2 - y1), number)
            for number, (x1, y1, x2, y2) in boxes
            if is_inside(x, y, (x1 + margin, y1 + margin, x2 - margin, y2 - margin))
        ]
        if around:  # the smallest, of equals the first
            found.add((min(around)[1], level, row, column))
    return found


def test_positives_are_those_of_the_loop() -> None:
    """Every positive, and no other one."""
    settings = preset(str(FOLDER / "my_detector.toml"))
    for num_boxes in (0, 1, 60):
        dataset = load_coco(scene(num_boxes))
        frame, found = assign(dataset, settings)
        columns = 640 // np.array(STRIDES)
        row, column = np.divmod(found.index, columns[found.level])
        rows = np.stack([found.gt, found.level, row, column], axis=1).tolist()
        ours = set(map(tuple, rows))
        assert ours == expected_owners(frame, margin=2.0)
        assert len(ours) == found.num_positives
    assert found.is_tied.any()


def test_candidates_of_the_gate_are_those_of_the_loop() -> None:
    """On each level as many points as the loop finds in the middle of each box."""
    settings = preset(str(FOLDER / "my_gate.toml"))
    dataset = load_coco(scene(60))
    frame = build_frame(dataset, slice(0, 1), settings.data, settings.resize)
    assert settings.rule.gate
    gate = settings.rule.gate(frame, settings.pyramid, settings.assigner)
    expected = np.zeros_like(gate.counts)
    height, width = frame.padded_size[0].tolist()
    for level, _, _, x, y in cells((height, width), (8, 16, 32, 64, 128)):
        for number, (x1, y1, x2, y2) in enumerate(frame.gt_boxes.tolist()):
            width, height = (x2 - x1) * 0.25, (y2 - y1) * 0.25
            middle = x1 + width, y1 + height, x2 - width, y2 - height
            expected[number, level] += is_inside(x, y, middle)
    np.testing.assert_array_equal(gate.counts, expected)
