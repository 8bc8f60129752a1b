"""What gates claim, beside the real assigners with predictions of four kinds.

PEERS_PYTHON names an interpreter that has torch and Ultralytics, or mmdet, or both.
``python -m tests.test_peer_gates [FILE]`` prints the rows of docs/gates.md.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from atss_inspect.annotations.frame import build_frame
from atss_inspect.assigners.gate import Gate
from atss_inspect.readers import load_coco
from atss_inspect.settings import override, preset

from .strategies import Image, make_frame

PYTHON = os.environ.get("PEERS_PYTHON", "")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="PEERS_PYTHON names no interpreter"),
]
PREDICTIONS = ("random", "flat", "fresh", "trained")
NUM_SCENES = 60
SIDES = (64, 160, 320, 640)
MMDETECTION = {
    "rtmdet-mmdet": ("DynamicSoftLabelAssigner", {"topk": 13}, 0.0),
    "yolox-mmdet": ("SimOTAAssigner", {"center_radius": 2.5}, 0.5),
}
# Heads of Ultralytics: picks before contests, and what stays after them.
HEADS = {"one to many": (10, None), "YOLOv10's other": (1, None), "YOLO26's": (7, 1)}


def draw(rng: np.random.Generator) -> Image:
    """A square with tiny boxes, on points and cells, beyond borders, twins, crowds."""
    side = int(rng.choice(SIDES))
    number = int(rng.integers(1, 25))
    corners = rng.uniform(0, side, (number, 2))
    sides = np.exp(rng.uniform(0.8, np.log(side), (number, 2)))
    whole = rng.random(number) < 0.4
    step = float(rng.choice([1, 4, 8]))
    corners[whole] = np.round(corners[whole] / step) * step
    sides[whole] = np.maximum(np.round(sides[whole] / step) * step, step)
    crowd = rng.random(number) < 0.2
    corners[crowd] = rng.uniform(0, 12, (int(crowd.sum()), 2))
    far = np.minimum(corners + sides, side)
    near = np.minimum(corners, far - 2.5)
    boxes = np.hstack([near, far]).astype(np.float32)
    boxes[rng.random(number) < 0.1] -= np.float32(side)  # no data path leaves these
    boxes = np.vstack([boxes, boxes[: rng.integers(0, 2)]])
    return Image((side, side), tuple(map(tuple, boxes.astype(float).tolist())))


@cache
def scenes() -> list[Image]:
    rng = np.random.default_rng(14)
    return [draw(rng) for _ in range(NUM_SCENES)]


class Asked(NamedTuple):
    """One scene with one kind of predictions, and what came of it."""

    image: Image
    predictions: str
    gate: Gate
    owned: list[set[int]]  # candidates of each object, points numbered as the peer does
    before: np.ndarray  # (P, 2) object, point
    after: np.ndarray  # (P, 2)
    counted: np.ndarray  # (P, 2) those of them with a target score above 0

    def count(self, pairs: np.ndarray) -> np.ndarray:
        """(G,) positives of each object."""
        return np.bincount(pairs[:, 0], minlength=len(self.owned))

    def outside(self, pairs: np.ndarray) -> list[list[int]]:
        """Those whose point is no candidate of the object."""
        return [pair for pair in pairs.tolist() if pair[1] not in self.owned[pair[0]]]


def ask_peers(framework: str, cases: list[dict[str, Any]]) -> tuple[str, list[Any]]:
    script = str(Path(__file__).with_name("peer_gates.py"))
    run = subprocess.run(
        [PYTHON, script, framework],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(run.stdout)
    if not found["version"]:
        pytest.skip(f"{PYTHON} has no {framework}")
    return found["version"], found["answers"]


def preset_of(version: str) -> str:
    """The preset of a version of Ultralytics."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    if (major, minor) == (8, 3) and 100 <= patch <= 253:
        return "ultralytics-8.3"
    if (major, minor) != (8, 4) or patch < 60:
        pytest.skip(f"no preset claims Ultralytics {version}")
    return "ultralytics-8.4.100" if patch < 128 else "ultralytics"


def points_in(windows: np.ndarray, maps: np.ndarray) -> set[int]:
    """Numbers of the points of one object's (L, 4) windows; maps are (L, 2)."""
    first, found = 0, set()
    for (top, bottom, left, right), (rows, columns) in zip(
        windows.tolist(), maps.tolist(), strict=True
    ):
        for row in range(top, bottom):
            found |= {first + row * columns + column for column in range(left, right)}
        first += rows * columns
    return found


def pairs(rows: list[list[int]]) -> np.ndarray:
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def ask(name: str, framework: str, images: list[Image], **more: Any) -> Iterator[Asked]:
    """Ask about every image with every kind of predictions."""
    settings = override(preset(name), {"quota": more["quota"]})
    asked = [(image, kind) for image in images for kind in PREDICTIONS]
    words = {"strides": list(settings.anchors.strides), **more}
    cases = [
        {"boxes": image.boxes, "side": image.padded_size[0], "predictions": kind}
        | {"seed": number, **words}
        for number, (image, kind) in enumerate(asked)
    ]
    answers = ask_peers(framework, cases)[1]
    assert settings.rule.gate
    for (image, kind), answer in zip(asked, answers, strict=True):
        frame = make_frame([image])
        gate = settings.rule.gate(frame, settings.pyramid, settings.assigner)
        owned = [points_in(windows, gate.map_sizes[0]) for windows in gate.windows]
        sides = [pairs(answer.get(key, [])) for key in ("before", "after", "counted")]
        yield Asked(image, kind, gate, owned, *sides)


def ask_ultralytics(head: str, images: list[Image]) -> Iterator[Asked]:
    name = preset_of(ask_peers("ultralytics", [])[0])
    quota, after = HEADS[head]
    words = {"quota": quota, "quota_after": after, "offset": 0.5}
    return ask(name, "ultralytics", images, **words)


def ask_mmdetection(name: str, images: list[Image]) -> Iterator[Asked]:
    assigner, parameters, offset = MMDETECTION[name]
    words = {"assigner": assigner, "parameters": parameters, "offset": offset}
    return ask(name, "mmdetection", images, quota=parameters.get("topk", 10), **words)


@pytest.mark.parametrize("head", HEADS)
def test_ultralytics_counts_no_point_for_an_object_outside_its_candidates(head):
    num_without = 0
    for each in ask_ultralytics(head, scenes()):
        picked, gate = each.count(each.before), each.gate
        assert (picked <= gate.max_positives).all()
        assert not each.outside(each.before)
        # Of contests an object may come out with more than it picked, from its own.
        counted = each.count(each.counted)
        assert (counted <= gate.num_candidates).all()
        assert not each.outside(each.counted)
        assert not counted[gate.is_without].any()
        num_without += int(gate.is_without.sum())
        # What is gained was picked by two others. A point that overlaps with none of
        # those goes to the image's first object, and its target is 0.
        num_pickers = np.bincount(each.before[:, 1], minlength=10**5)
        picks = set(map(tuple, each.before.tolist()))
        ends = set(map(tuple, each.after.tolist()))
        assert all(num_pickers[point] > 1 for _, point in ends - picks)
        assert all(gt == 0 for gt, _ in each.outside(each.after))
    assert num_without > 50


@pytest.mark.parametrize("name", MMDETECTION)
def test_mmdetection_takes_points_of_the_pool_also_for_objects_without_their_own(name):
    num_warned = 0
    for each in ask_mmdetection(name, scenes()):
        counts, gate = each.count(each.after), each.gate
        # Of one object contests may leave more than it picked, not of all together.
        assert counts.sum() <= gate.max_positives.sum()
        assert set(each.after[:, 1].tolist()) <= pool_of(name, each)
        num_warned += int((counts[gate.is_without] > 0).sum())
    assert num_warned > 50


def pool_of(name: str, each: Asked) -> set[int]:
    """Points that any object may get: in some box; YOLOX: or near some center."""
    if name == "rtmdet-mmdet":
        return set().union(*each.owned)
    found, first = set(), 0
    for stride in (np.float32(8), np.float32(16), np.float32(32)):
        side = int(each.image.padded_size[0] // stride)
        y, x = (np.indices((side, side)).reshape(2, -1, 1) + np.float32(0.5)) * stride
        x1, y1, x2, y2 = each.image.gt_boxes.T
        cx, cy, reach = (x1 + x2) / 2, (y1 + y2) / 2, np.float32(2.5) * stride
        inside = np.min([x - x1, y - y1, x2 - x, y2 - y], axis=0) > 0
        sides = (x - (cx - reach), y - (cy - reach), (cx + reach) - x, (cy + reach) - y)
        near = np.min(sides, axis=0) > 0
        found |= set((first + np.flatnonzero((inside | near).any(axis=1))).tolist())
        first += side * side
    return found


def rows_of(name: str, answers: Iterator[Asked]) -> Iterator[str]:
    """Rows of the tables of docs/gates.md."""
    totals = {kind: np.zeros(6, dtype=np.int64) for kind in PREDICTIONS}
    for each in answers:
        ends = each.after if name in MMDETECTION else each.counted
        counts, without = each.count(ends), each.gate.is_without
        totals[each.predictions] += [
            len(counts),
            without.sum(),
            (counts[without] > 0).sum(),
            (counts[~without] == 0).sum(),
            (counts > each.gate.quota).sum(),
            len(each.outside(each.after)),
        ]
    for kind, numbers in totals.items():
        cells = " | ".join(f"{number:,}" for number in numbers.tolist())
        yield f"| {name} | {kind} | {cells} |"


def images_of(path: str, name: str) -> list[Image]:
    """The images of a file as a preset sees them."""
    settings, dataset = preset(name), load_coco(path)
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, settings.data, settings.resize)
    found = []
    for place, size in enumerate(frame.padded_size.tolist()):
        boxes = frame.gt_boxes[frame.gt_image == place].astype(float).tolist()
        if boxes:
            found.append(Image(tuple(size), tuple(map(tuple, boxes))))
    return found


if __name__ == "__main__":
    for name in (*HEADS, *MMDETECTION):
        ask_one = ask_mmdetection if name in MMDETECTION else ask_ultralytics
        own = name if name in MMDETECTION else "ultralytics"
        try:
            images = images_of(sys.argv[1], own) if sys.argv[1:] else scenes()
            for row in rows_of(name, ask_one(name, images)):
                sys.stdout.write(f"{row}\n")
        except pytest.skip.Exception as reason:
            sys.stderr.write(f"{name}: {reason}\n")
