"""Anchors of any size beside the frameworks' own code, where somebody has it.

PEERS_PYTHON names an interpreter that has torch, mmdet, torchvision and effdet, such as
that of `make bench-peers`.
"""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.pyramid import build_pyramid

from .agreement import assign
from .strategies import Image

PYTHON = os.environ.get("PEERS_PYTHON")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not PYTHON, reason="PEERS_PYTHON names no interpreter"),
]
NUM_CASES = 300
STRIDES = ((16,), (8, 16, 32), (8, 12.5, 40), (10, 320 / 3), ((8, 16), 32), (4, 8, 16))
Case = tuple[Image, AnchorRule, Any]


def ask_peers(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    script = Path(__file__).with_name("peer_anchors.py")
    words = [PYTHON, str(script)]
    text = json.dumps(cases)
    run = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def draw(rng: np.random.Generator) -> Case:
    """Draw an image, anchors of mmdetection, and parameters of one of its assigners."""
    size = (32 * int(rng.integers(2, 9)), 32 * int(rng.integers(2, 9)))
    corners = rng.uniform(0, 0.9, (int(rng.integers(1, 7)), 2)) * size[::-1]
    sides = np.exp(rng.uniform(1, 5, corners.shape))
    boxes = np.hstack([corners, np.minimum(corners + sides, size[::-1])])
    boxes = tuple(map(tuple, boxes.astype(np.float32).astype(float).tolist()))
    strides = STRIDES[rng.integers(len(STRIDES))]
    words: dict[str, Any] = {"scales": tuple(rng.uniform(0.5, 6, rng.integers(1, 4)))}
    if rng.random() < 0.3:
        words = {"scale": float(rng.integers(1, 6)), "scales_per_octave": 3}
    if rng.random() < 0.5:
        words["base_sizes"] = tuple(rng.uniform(8, 60, len(strides)))
    rule = AnchorRule(
        strides,
        ratios=tuple(rng.choice([0.3, 0.5, 1.0, 2.0, 3.7], rng.integers(1, 4))),
        offset=float(rng.choice([0.0, 0.5, 0.3])),
        allowed_border=float(rng.choice([-1, 0, 0, 7])),
        **words,
    )
    params: Any = AtssParams(k=int(rng.integers(1, 12)), min_union=1e-6)
    if rng.random() < 0.7:
        params = IouThresholdParams(
            low_quality_floor=float(rng.choice([0.0, 0.3])),
            low_quality_ties=str(rng.choice(["all", "first"])),
            min_union=1e-6,
        )
    padding = tuple(rng.integers(0, 32, 2).tolist())
    return Image(size, boxes, padding), rule, params


def as_config(image: Image, rule: AnchorRule, params: Any) -> dict[str, Any]:
    """The same in mmdetection's words, whose pairs are (width, height)."""
    pairs = [each[::-1] if isinstance(each, tuple) else each for each in rule.strides]
    anchors = {"ratios": rule.ratios, "center_offset": rule.offset}
    anchors["scales"] = rule.scales or None
    if not rule.scales:
        anchors["octave_base_scale"] = rule.scale
        anchors["scales_per_octave"] = rule.scales_per_octave
    anchors["base_sizes"] = rule.base_sizes or None
    assigner, words = "ATSSAssigner", {}
    if isinstance(params, AtssParams):
        words["topk"] = params.k
    else:
        assigner = "MaxIoUAssigner"
        words = {"pos_iou_thr": 0.5, "neg_iou_thr": 0.4}
        words["min_pos_iou"] = params.low_quality_floor
        words["gt_max_assign_all"] = params.low_quality_ties == "all"
    grids = build_pyramid(rule).grids(np.array([image.padded_size]))
    return {
        "framework": "mmdetection",
        "xy": pairs,
        "anchors": anchors,
        "maps": grids.map_sizes[0].tolist(),
        "padded": image.padded_size,
        "input": image.input_size,
        "border": rule.allowed_border,
        "assigner": assigner,
        "parameters": words,
        "boxes": image.boxes,
    }


def test_mmdetection_finds_the_same_positives():
    rng = np.random.default_rng(13)
    cases = [draw(rng) for _ in range(NUM_CASES)]
    answers = ask_peers([as_config(*case) for case in cases])
    num_compared = 0
    for (image, rule, params), answer in zip(cases, answers, strict=True):
        found = assign([image], rule, params)
        is_atss = isinstance(params, AtssParams)
        if is_atss and (found.is_tied.any() or found.is_fragile.any()):
            continue  # torch.topk promises no order
        grids = build_pyramid(rule).grids(np.array([image.padded_size]))
        first = np.cumsum(grids.level_anchors[0]) - grids.level_anchors[0]
        ours = zip(
            found.gt.tolist(), (first[found.level] + found.index).tolist(), strict=True
        )
        if answer["positives"] is None:  # it stops where no anchor is inside
            assert found.num_positives == 0
            assert found.num_beyond[0] == found.num_anchors[0]
            continue
        assert sorted(map(tuple, answer["positives"])) == sorted(ours), (rule, params)
        ignored = found.num_ignored[0] - found.num_beyond[0]
        assert answer["ignored"] == ignored, (rule, params)
        num_compared += 1
    assert num_compared > NUM_CASES * 0.6


def test_torchvision_makes_the_same_cells():
    rng = np.random.default_rng(7)
    cases = []
    for _ in range(50):
        sizes = [rng.integers(1, 900, rng.integers(1, 4)).tolist() for _ in range(3)]
        ratios = [rng.uniform(0.1, 5, rng.integers(1, 4)).tolist() for _ in range(3)]
        cases.append({"framework": "torchvision", "sizes": sizes, "ratios": ratios})
    for case, answer in zip(cases, ask_peers(cases), strict=True):
        rule = AnchorRule(
            (8, 16, 32),
            style="torchvision",
            sizes=tuple(map(tuple, case["sizes"])),
            ratios=tuple(map(tuple, case["ratios"])),
        )
        pyramid = build_pyramid(rule)
        for level, cells in enumerate(answer["cells"]):
            found = pyramid.cell_anchors[pyramid.shapes_of(level)]
            np.testing.assert_array_equal(found, np.array(cells, dtype=np.float32))


@pytest.mark.parametrize("pairs", [((1.0, 1.0), (1.4, 0.7), (0.7, 1.4)), ((0.9, 1.3),)])
@pytest.mark.parametrize("scale", [4.0, 3.0])
def test_effdet_makes_the_same_anchors(pairs, scale):
    arguments = {
        "min_level": 3,
        "max_level": 7,
        "num_scales": 3,
        "image_size": [512, 640],
    }
    arguments |= {"aspect_ratios": pairs, "anchor_scale": scale}
    [answer] = ask_peers([{"framework": "efficientdet", "arguments": arguments}])
    words = {"scale": scale, "scales_per_octave": 3, "ratio_pairs": pairs}
    rule = AnchorRule(style="efficientdet", offset=0.5, **words)
    grids = build_pyramid(rule).grids(np.array([[512, 640]]))
    keys = grids.anchors_of(np.zeros(1, dtype=np.int64))[1]
    found = grids.corners(keys)
    yxyx = np.stack([found.y1, found.x1, found.y2, found.x2], axis=1)
    np.testing.assert_array_equal(yxyx, np.array(answer["anchors"], dtype=np.float32))
