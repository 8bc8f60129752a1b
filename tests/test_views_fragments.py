"""Settings to paste: in the form of each framework, complete, and readable by it."""

import ast
import contextlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import yaml

from atss_inspect.assigners import RULES
from atss_inspect.assigners.rule import Words
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names
from atss_inspect.settings import override, preset
from atss_inspect.views.fragments import fragment_of, toml_of

P2_P6, P2_P7, P3_P6 = (4, 8, 16, 32, 64), (4, 8, 16, 32, 64, 128), (8, 16, 32, 64)
NO_LEVELS = (
    "# Not certain: a ResNet with FPN as the preset has it has no such levels.\n"
)
NOT_CERTAIN = "the key for it is not certain.\n"
NO_GRADIENT = """\
# The backbone still makes p7, which nothing uses: weights without a
# gradient, which DistributedDataParallel refuses by default.
"""


def written(name: str, today: dict[str, Any] | None = None, **changes: Any) -> str:
    """Text for a preset with some changes, beside what holds today."""
    own = preset(name, **today or {})
    found = fragment_of(override(own, changes), own)
    assert found is not None
    return found.text


EXACT = {
    "a finer level": (
        written("retinanet-mmdet", strides=P2_P7),
        """\
model = dict(
    neck=dict(start_level=0, num_outs=6),
    bbox_head=dict(anchor_generator=dict(strides=[4, 8, 16, 32, 64, 128])),
)
""",
    ),
    "ranges of the strides": (
        written("fcos-mmdet", strides=P2_P7, scale_ranges=()),
        """\
model = dict(
    neck=dict(start_level=0, num_outs=6),
    bbox_head=dict(strides=[4, 8, 16, 32, 64, 128], regress_ranges=[[-1, 32], \
[32, 64], [64, 128], [128, 256], [256, 512], [512, 1e8]]),
)
""",
    ),
    # P2 trains up to 64 px, as P3 did: other ranges than its stride has.
    "kept ranges": (
        written("fcos-mmdet", strides=P2_P6),
        """\
model = dict(
    neck=dict(start_level=0),
    bbox_head=dict(strides=[4, 8, 16, 32, 64]),
)
# assigner.scale_ranges stay as they are: each level trains what the one in
# its place trained before. To follow the strides (--set assigner.scale_ranges=[]):
# bbox_head.regress_ranges = [[-1, 32], [32, 64], [64, 128], [128, 256], [256, 1e8]]
""",
    ),
    "an RPN": (
        written("rpn-mmdet", strides=P3_P6, scale=4, low_quality_floor=0.2),
        """\
model = dict(
    neck=dict(start_level=1, num_outs=4),
    rpn_head=dict(anchor_generator=dict(strides=[8, 16, 32, 64], scales=[4])),
    train_cfg=dict(rpn=dict(assigner=dict(min_pos_iou=0.2))),
)
# A second stage: roi_head.bbox_roi_extractor.featmap_strides = [8, 16, 32]
# A second stage: roi_head.bbox_roi_extractor.finest_scale = 112
""",
    ),
    "only what changes": (
        written("atss-mmdet", {"k": 11}, k=11, short_side=1200, pad_divisor=64),
        """\
model = dict(
    data_preprocessor=dict(pad_size_divisor=64),
)
# in train_pipeline and test_pipeline:
dict(type='Resize', scale=(1333, 1200), keep_ratio=True),
""",
    ),
    "a whole detector": (
        written("retinanet-torchvision", strides=P2_P6, scales_per_octave=1),
        """\
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool
from torchvision.models.detection.anchor_utils import AnchorGenerator
from torchvision.models.detection import RetinaNet

backbone = resnet_fpn_backbone(
    backbone_name="resnet50",
    weights="IMAGENET1K_V1",
    returned_layers=[1, 2, 3, 4],
    extra_blocks=LastLevelMaxPool(),
)
model = RetinaNet(
    backbone,
    num_classes=num_classes,  # yours, with the background
    anchor_generator=AnchorGenerator(
        sizes=((16,), (32,), (64,), (128,), (256,)),
        aspect_ratios=((0.5, 1.0, 2.0),) * 5,
    ),
)
# P6 is pooled from P5 here; the preset has a convolution.
# Another number of anchors a cell: a trained detector's weights no longer fit.
""",
    ),
    # A call has today's settings as well: it makes the whole detector.
    "a detector with torchvision's own backbone": (
        written("rpn-torchvision", {"short_side": 640}, positive_from=0.6),
        """\
from torchvision.models.detection import fasterrcnn_resnet50_fpn

model = fasterrcnn_resnet50_fpn(
    num_classes=num_classes,  # yours, with the background
    min_size=640,
    rpn_fg_iou_thresh=0.6,
)
""",
    ),
    "a head in YAML and LazyConfig": (
        written("rpn-detectron2", strides=P3_P6),
        """\
# YAML
MODEL:
  RESNETS:
    OUT_FEATURES: ["res3", "res4", "res5"]
  FPN:
    IN_FEATURES: ["res3", "res4", "res5"]
  RPN:
    IN_FEATURES: ["p3", "p4", "p5", "p6"]
  ANCHOR_GENERATOR:
    SIZES: [[64], [128], [256], [512]]
  ROI_HEADS:
    IN_FEATURES: ["p3", "p4", "p5"]
# LazyConfig
model.backbone.bottom_up.out_features = ["res3", "res4", "res5"]
model.backbone.in_features = ["res3", "res4", "res5"]
model.proposal_generator.in_features = ["p3", "p4", "p5", "p6"]
model.proposal_generator.anchor_generator.strides = [8, 16, 32, 64]
model.proposal_generator.anchor_generator.sizes = [[64], [128], [256], [512]]
model.roi_heads.box_in_features = ["p3", "p4", "p5"]
model.roi_heads.box_pooler.scales = [1 / 8, 1 / 16, 1 / 32]
# With masks: model.roi_heads.mask_in_features = ["p3", "p4", "p5"]
# With masks: model.roi_heads.mask_pooler.scales = [1 / 8, 1 / 16, 1 / 32]
""",
    ),
    # Five levels as before: the shapes of the head stay.
    "a level that nothing uses": (
        written("fcos-detectron2", strides=P2_P6, radius=2.0),
        """\
# LazyConfig
model.backbone.bottom_up.out_features = ["res2", "res3", "res4", "res5"]
model.backbone.in_features = ["res2", "res3", "res4", "res5"]
model.head_in_features = ["p2", "p3", "p4", "p5", "p6"]
model.center_sampling_radius = 2
"""
        + NO_GRADIENT,
    ),
    "the authors' YAML": (
        written("atss-official", strides=P2_P6, k=11, short_side=640),
        """\
MODEL:
  BACKBONE:
    CONV_BODY: "R-50-FPN"
  ATSS:
    ANCHOR_STRIDES: [4, 8, 16, 32, 64]
    ANCHOR_SIZES: [32, 64, 128, 256, 512]
    TOPK: 11
INPUT:
  MIN_SIZE_TRAIN: [640]
  MIN_SIZE_TEST: 640
# P6 is pooled from P5 here; the preset has a convolution.
""",
    ),
    "levels that the authors' code has not": (
        written("fcos-official", strides=P2_P7, scale_ranges=()),
        """\
MODEL:
  FCOS:
    FPN_STRIDES: [4, 8, 16, 32, 64, 128]
# In modeling/rpn/fcos/loss.py, object_sizes_of_interest = [[-1, 32], [32, 64], \
[64, 128], [128, 256], [256, 512], [512, 1e8]]
# The levels are built in modeling/backbone/backbone.py: change it too.
# modeling/rpn/fcos/fcos.py has range(5) for the levels: change it too.
""",
    ),
    # 9 anchors a cell have 9 times the candidates, without a change of k.
    "k that follows the anchors": (
        written("atss-mmdet", {"k_per_anchor": True}, ratios=(0.5, 1.0, 2.0)),
        """\
model = dict(
    bbox_head=dict(anchor_generator=dict(ratios=[0.5, 1, 2])),
    train_cfg=dict(assigner=dict(topk=27)),
)
# Another number of anchors a cell: a trained detector's weights no longer fit.
""",
    ),
}


@pytest.mark.parametrize("case", EXACT)
def test_a_change_has_all_keys_that_follow_it(case: str) -> None:
    found, expected = EXACT[case]
    assert found == expected


def test_keys_of_single_changes() -> None:
    few = written("atss-mmdet", strides=(4, 8, 16))
    assert "    neck=dict(start_level=0, num_outs=3, end_level=2),\n" in few
    listed = written("atss-mmdet-dyhead", strides=P2_P7)
    assert "neck=" not in listed
    assert "# Not certain: neck is a list here" in listed
    sampled = written("fcos-mmdet", radius=2.0)
    assert "bbox_head=dict(center_sampling=True, center_sample_radius=2)," in sampled
    wider = written("fcos-mmdet-center", radius=2.0)
    assert "bbox_head=dict(center_sample_radius=2)," in wider
    points = written("fcos-torchvision", strides=P2_P6)
    assert "sizes=((4,), (8,), (16,), (32,), (64,))," in points
    longer = written("retinanet-detectron2", strides=P2_P7)
    assert "# LazyConfig\nfrom detectron2.layers import ShapeSpec\n" in longer
    assert "model.head.input_shape = [ShapeSpec(channels=256)] * 6\n" in longer


def test_sizes_for_torchvision_are_those_that_were_judged() -> None:
    text = written("retinanet-torchvision", scale=3.7)
    sizes = ast.literal_eval(text.partition("sizes=")[2].partition(",\n")[0])
    cells = preset("retinanet-torchvision", scale=3.7).pyramid.cell_anchors
    sides = cells[:, 3:6, 2] - cells[:, 3:6, 0]  # of ratio 1
    # Half a side is rounded to a whole number, half to even.
    np.testing.assert_array_equal(2 * np.rint(np.array(sizes) / 2), sides)


@pytest.mark.parametrize("name", ["mmdet", "torchvision", "detectron2"])
def test_what_is_not_certain_is_said_once(name: str) -> None:
    for strides in ((2, 4, 8), (8, 12)):
        assert written(f"retinanet-{name}", strides=strides).count(NO_LEVELS) == 1
    text = written(f"retinanet-{name}", clip="never")
    assert text == f'# data.clip = "never": {NOT_CERTAIN}'


def test_levels_beyond_the_backbone_of_the_preset_are_not_certain() -> None:
    assert NO_LEVELS in written("rpn-detectron2", strides=P2_P7)
    assert NO_LEVELS in written("rpn-torchvision", strides=(4, 8, 16))
    assert NO_LEVELS not in written("rpn-mmdet", strides=P2_P7)


def test_a_rule_tells_the_keys_of_its_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words: Words[Any] = Words(
        configs=lambda params, _: {"mmdetection": {"k": {"{assigner}.near": params.k}}}
    )
    monkeypatch.setitem(RULES, "atss", replace(RULES["atss"], words=words))
    assert "train_cfg=dict(assigner=dict(near=11))" in written("atss-mmdet", k=11)
    assert written("atss-official", k=11) == f"# assigner.k = 11: {NOT_CERTAIN}"


def test_settings_without_a_preset_have_no_framework() -> None:
    today = preset("atss-mmdet")
    assert fragment_of(replace(today, extends=""), today) is None


def test_a_file_has_what_differs_from_its_preset_or_from_today() -> None:
    today = preset("atss-mmdet", k=15)
    settings = override(today, {"scale": 4.0, "long_side": 1000})
    sides = "[resize]\nlong_side = 1000\n\n[anchors]\nscale = 4.0\n"
    assert toml_of(settings, today, "") == sides
    whole = toml_of(settings, today, "atss-mmdet")
    assert whole == f'extends = "atss-mmdet"\n\n{sides}\n[assigner]\nk = 15\n'


CHANGES: tuple[dict[str, Any], ...] = (
    {"strides": (16, 32, 64, 128, 256)},
    {"strides": (4, 8, 16, 32, 64)},
    {"strides": (8, 16, 32, 64, 128), "scale": 3.7},
    {"ratios": (0.5, 3.0), "scales_per_octave": 2, "offset": 0.25},
    {"short_side": 640, "long_side": 999, "pad_divisor": 64},
    {"positive_from": 0.6, "negative_below": 0.2, "allow_low_quality": False},
    {"k": 11, "radius": 2.0},
)


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("change", CHANGES)
def test_python_and_yaml_can_read_every_form(name: str, change: dict[str, Any]) -> None:
    own = {}
    for key, value in change.items():
        with contextlib.suppress(SettingsError):  # a parameter of another rule
            preset(name, **{key: value})
            own[key] = value
    python, yaml_text = written(name, **own), ""
    if name.endswith("detectron2") and python.startswith("# YAML"):
        yaml_text, _, python = python.partition("# LazyConfig\n")
    elif "-official" in name:
        yaml_text, python = python, ""
    ast.parse(python)
    found = yaml.safe_load(yaml_text)
    assert found is None or found.keys() <= {"MODEL", "INPUT", "DATALOADER"}
