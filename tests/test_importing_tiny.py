"""RFLA, NWD and NWD-RKA in configs of mmdetection, as settings."""

from typing import Any

import pytest

from atss_inspect.importing.parts import Refused
from atss_inspect.settings import preset
from tests.importing_trees import ANCHORS, RETINANET_2, changed, read, remarks, values

CALCULATOR: dict[str, Any] = {"type": "BboxDistanceMetric"}
RFLA: dict[str, Any] = {
    **{"type": "HieAssigner", "ignore_iof_thr": -1, "gpu_assign_thr": 512},
    **{"iou_calculator": CALCULATOR, "assign_metric": "kl"},
    **{"topk": [3, 1], "ratio": 0.9},
}
FIELDS = {"type": "RFGenerator", "fpn_layer": "p2", "fraction": 0.5}
RPN = {"type": "AnchorGenerator", "scales": [8], "ratios": [0.5, 1.0, 2.0]}
P2 = {"strides": [4, 8, 16, 32, 64]}
NWD: dict[str, Any] = {
    **{"type": "MaxIoUAssigner", "pos_iou_thr": 0.7, "neg_iou_thr": 0.3},
    **{"min_pos_iou": 0.3, "iou_calculator": CALCULATOR, "assign_metric": "nwd"},
}
RKA: dict[str, Any] = {
    **{"type": "RankingAssigner", "iou_calculator": CALCULATOR},
    **{"assign_metric": "nwd", "topk": 2},
}
POINTS = {
    **{"type": "RFLA_FCOSHead", "strides": [8, 16, 32, 64, 128], "fpn_layer": "p3"},
    **{"fraction": 0.5, "norm_on_bbox": True},
}
PIPELINE = [
    {"type": "LoadAnnotations", "with_bbox": True},
    {"type": "Resize", "img_scale": (800, 800), "keep_ratio": True},
    {"type": "RandomFlip", "flip_ratio": 0.5},
    {"type": "Pad", "size_divisor": 32},
]


def tree(head: dict[str, Any], assigner: dict[str, Any]) -> dict[str, Any]:
    training = {"assigner": assigner, "allowed_border": -1}
    found = changed(RETINANET_2, model__bbox_head=head, model__train_cfg=training)
    found["data"]["train"] |= {"type": "AITODDataset", "pipeline": PIPELINE}
    return found


def head(generator: dict[str, Any], kind: str = "RPNHead") -> dict[str, Any]:
    return {"type": kind, "anchor_generator": generator}


@pytest.mark.parametrize(
    ("name", "own_head", "assigner"),
    [
        ("rfla-rpn", head(FIELDS | P2), RFLA),
        ("rfla-fcos", POINTS, RFLA),
        ("nwd-rka-rpn", head(RPN | P2), RKA),
        ("nwd-rpn", head(RPN | P2), NWD),
    ],
)
def test_the_authors_configs_are_their_presets(name, own_head, assigner):
    imported = read(tree(own_head, assigner))
    # There is no preset of that rule and framework but rpn-mmdet for the IoU rule.
    assert imported.extends == ("rpn-mmdet" if name == "nwd-rpn" else name)
    ours = preset(name).values()
    merged = preset(imported.extends).values() | values(imported)
    assert len(merged.pop("data.classes")) == 8
    differing = {path for path, value in merged.items() if ours.get(path) != value}
    assert differing <= {"assigner.min_union"}  # unused by NWD
    assert remarks(imported, "inexact", "not_read") == {}


def test_other_anchors_under_rfla_replace_its_fields():
    found = values(read(tree(head(ANCHORS, "RetinaHead"), RFLA)))
    assert (found["anchors.sizes"], found["anchors.scale"]) == ((), 4.0)


@pytest.mark.parametrize(
    ("metric", "calculator", "expected"),
    [
        ("nwd", {}, ("nwd", 12.7)),
        ("wasserstein", {}, ("nwd", 12.8)),
        ("dotd", {"constant": 12.0}, ("dotd", 12.0)),
        ("kl", {}, ("kld", None)),
    ],
)
def test_the_measure_of_an_iou_rule(metric, calculator, expected):
    assigner = NWD | {
        "assign_metric": metric,
        "iou_calculator": CALCULATOR | calculator,
    }
    found = values(read(tree(head(RPN | P2), assigner)))
    constant = found.get("assigner.nwd_constant")
    assert (found["assigner.measure"], constant or expected[1]) == expected


def test_fields_of_another_share_and_level():
    found = values(read(tree(POINTS | {"fraction": 0.25, "fpn_layer": "p2"}, RFLA)))
    assert found["anchors.sizes"] == ((8.75,), (22.75,), (66.75,), (106.75,), (138.75,))
    imported = read(tree(POINTS | {"fraction": 1 / 3}, RFLA))
    assert list(remarks(imported, "inexact")) == ["model.bbox_head.fraction"]


@pytest.mark.parametrize(
    ("own_head", "assigner", "key"),
    [
        (head(FIELDS | P2), RFLA | {"inside": True}, "inside"),
        (head(FIELDS | P2), RFLA | {"topk": 3}, "topk"),
        (head(FIELDS | P2), RFLA | {"assign_metric": "exp_kl"}, "assign_metric"),
        (head(FIELDS | P2), RFLA | {"iou_calculator": None}, "iou_calculator"),
        (head(FIELDS | P2 | {"center_offset": 0.5}), RFLA, "center_offset"),
        (head(RPN | P2), NWD | {"assign_metric": "giou"}, "assign_metric"),
        (head(RPN | P2), NWD | {"assign_metric": "iou"}, "iou_calculator.type"),
        (head(RPN | P2), RKA | {"assign_metric": None}, "assign_metric"),
        (POINTS, NWD, "bbox_head.type"),
        (POINTS | {"strides": [5]}, RFLA, "strides"),
    ],
)
def test_what_is_not_imitated_is_refused(own_head, assigner, key):
    with pytest.raises(Refused) as caught:
        read(tree(own_head, assigner))
    assert caught.value.key.endswith(key)
