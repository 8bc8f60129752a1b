"""Settings to paste: in the form of each framework, complete, and readable by it."""

import ast
from typing import Any

import numpy as np
import pytest
import yaml

from atss_inspect.presets import preset_names
from atss_inspect.settings import Settings, preset
from atss_inspect.views.fragments import Fragment, fragment_of

P2_P7 = (4, 8, 16, 32, 64, 128)
STRIDES = "anchors.strides"
SIDES = ("resize.short_side", "resize.long_side")


def written(name: str, *paths: str, **changes: Any) -> str:
    """Text for a preset with some changes, whose paths may be named too."""
    settings = preset(name, **changes)
    own = preset(name).values()
    changed = [path for path, one in settings.values().items() if own[path] != one]
    found = fragment_of(settings, paths or changed)
    assert found is not None
    return found.text


def test_levels_of_mmdetection_name_the_keys_of_the_neck() -> None:
    assert (
        written("retinanet-mmdet", strides=P2_P7)
        == """\
model = dict(
    neck=dict(start_level=0, num_outs=6),
    bbox_head=dict(anchor_generator=dict(strides=[4, 8, 16, 32, 64, 128])),
)
"""
    )
    fine = written("atss-mmdet", strides=(4, 8, 16))
    assert "    neck=dict(start_level=0, num_outs=3, end_level=2),\n" in fine
    listed = written("atss-mmdet-dyhead", strides=P2_P7)
    assert "# Not certain: where neck is a list" in listed


def test_fcos_of_mmdetection_has_its_ranges_beside_the_strides() -> None:
    assert (
        written("fcos-mmdet", strides=P2_P7, scale_ranges=())
        == """\
model = dict(
    neck=dict(start_level=0, num_outs=6),
    bbox_head=dict(strides=[4, 8, 16, 32, 64, 128], regress_ranges=((-1, 32), \
(32, 64), (64, 128), (128, 256), (256, 512), (512, 1e8),)),
)
"""
    )
    kept = written("fcos-mmdet", strides=(4, 8, 16, 32, 64))
    assert "regress_ranges=((-1, 64), (64, 128)," in kept
    sampled = written("fcos-mmdet-center", radius=2.0)
    assert "bbox_head=dict(center_sampling=True, center_sample_radius=2)," in sampled


def test_the_rpn_of_mmdetection_has_other_keys() -> None:
    text = written("rpn-mmdet", scale=4, low_quality_floor=0.2)
    assert (
        text
        == """\
model = dict(
    rpn_head=dict(anchor_generator=dict(scales=[4])),
    train_cfg=dict(rpn=dict(assigner=dict(min_pos_iou=0.2))),
)
"""
    )


def test_sizes_and_k_of_mmdetection() -> None:
    text = written("atss-mmdet", k=11, short_side=1200, long_side=2000, pad_divisor=64)
    assert (
        text
        == """\
model = dict(
    data_preprocessor=dict(pad_size_divisor=64),
    train_cfg=dict(assigner=dict(topk=11)),
)
# in train_pipeline and test_pipeline:
dict(type='Resize', scale=(2000, 1200), keep_ratio=True),
"""
    )


def test_calls_of_torchvision_make_the_backbone_and_the_anchors() -> None:
    assert (
        written("retinanet-torchvision", strides=P2_P7, scales_per_octave=1)
        == """\
backbone = resnet_fpn_backbone(
    backbone_name="resnet50",
    weights="DEFAULT",
    returned_layers=[1, 2, 3, 4],
    extra_blocks=LastLevelP6P7(256, 256),
)
model = RetinaNet(
    backbone,
    num_classes,
    anchor_generator=AnchorGenerator(
        sizes=((16,), (32,), (64,), (128,), (256,), (512,)),
        aspect_ratios=((0.5, 1, 2),) * 6,
    ),
)
# Another number of anchors a cell: a trained detector's weights no longer fit.
"""
    )
    fcos = written("fcos-torchvision", strides=(4, 8, 16, 32, 64), radius=2.0)
    assert "extra_blocks=LastLevelMaxPool()," in fcos
    assert "sizes=((4,), (8,), (16,), (32,), (64,))," in fcos
    assert "    center_sampling_radius=2,\n" in fcos
    rpn = written("rpn-torchvision", scale=4.0, short_side=640, long_side=1066)
    assert rpn.startswith("model = FasterRCNN(\n")
    assert "    rpn_anchor_generator=AnchorGenerator(\n" in rpn
    assert "    min_size=640, max_size=1066,\n" in rpn


def test_sizes_for_torchvision_are_those_that_were_judged() -> None:
    text = written("retinanet-torchvision", scale=3.7)
    sizes = ast.literal_eval(text.partition("sizes=")[2].partition(",\n")[0])
    cells = preset("retinanet-torchvision", scale=3.7).pyramid.cell_anchors
    sides = cells[:, 3:6, 2] - cells[:, 3:6, 0]  # of ratio 1
    # Half a side is rounded to a whole number, half to even.
    np.testing.assert_array_equal(2 * np.rint(np.array(sizes) / 2), sides)


def test_yaml_and_lazy_config_of_detectron2_name_the_features() -> None:
    text = written("retinanet-detectron2", strides=P2_P7, ratios=(1.0,))
    first, _, lazy = text.partition("# LazyConfig\n")
    model = yaml.safe_load(first)["MODEL"]
    stages = ["res2", "res3", "res4", "res5"]
    assert model["RESNETS"]["OUT_FEATURES"] == model["FPN"]["IN_FEATURES"] == stages
    levels = ["p2", "p3", "p4", "p5", "p6", "p7"]
    assert model["RETINANET"]["IN_FEATURES"] == levels
    sizes = model["ANCHOR_GENERATOR"]["SIZES"]
    assert [level[0] for level in sizes] == [16, 32, 64, 128, 256, 512]
    assert sizes[0][1] == 16 * 2 ** (1 / 3)
    assert model["ANCHOR_GENERATOR"]["ASPECT_RATIOS"] == [[1]]
    assert 'model.head_in_features = ["p2", "p3", "p4", "p5", "p6", "p7"]\n' in lazy
    assert "model.head.input_shape = [ShapeSpec(channels=256)] * 6\n" in lazy
    assert "model.head.num_anchors = 3\n" in lazy
    fcos = written("fcos-detectron2", strides=P2_P7)
    assert fcos.startswith("# LazyConfig\nmodel.backbone.bottom_up.out_features")
    rpn = written("rpn-detectron2", strides=(8, 16, 32, 64), scale=4.0)
    assert "model.proposal_generator.in_features = " in rpn
    assert "Not certain" in written("rpn-detectron2", strides=(*P2_P7,))


def test_yaml_of_the_official_repositories() -> None:
    text = written("atss-official", strides=P2_P7, k=11, short_side=640, long_side=999)
    found = yaml.safe_load(text)
    assert found["MODEL"]["ATSS"] == {
        "ANCHOR_STRIDES": list(P2_P7),
        "TOPK": 11,
        "ANCHOR_SIZES": [32, 64, 128, 256, 512, 1024],
    }
    assert found["INPUT"]["MIN_SIZE_TRAIN"] == [640]
    assert found["INPUT"]["MAX_SIZE_TEST"] == 999
    assert "# The levels are built in modeling/backbone/backbone.py" in text
    fcos = written("fcos-official", strides=P2_P7, scale_ranges=(), radius=1.5)
    assert yaml.safe_load(fcos)["MODEL"]["FCOS"]["FPN_STRIDES"] == list(P2_P7)
    assert "object_sizes_of_interest" in fcos
    assert "[[-1, 32], [32, 64]," in fcos


def test_what_is_not_certain_is_said() -> None:
    for name in ("retinanet-mmdet", "retinanet-torchvision", "retinanet-detectron2"):
        assert "# Not certain: " in written(name, strides=(2, 4, 8))
        assert "# Not certain: " in written(name, strides=(8, 12))
        assert '# data.clip = "never": the key for it is not certain.\n' in written(
            name, clip="never"
        )


def named(name: str, extends: str) -> Fragment | None:
    """Fragment of settings that a file may hold."""
    values = preset("atss-mmdet", k=11)
    own = Settings(
        name, values.data, values.resize, values.anchors, values.assigner, "", "",
        extends,
    )  # fmt: skip
    return fragment_of(own, ["assigner.k"])


def test_the_framework_is_that_of_the_preset_that_settings_extend() -> None:
    assert named("mine", "") is None
    found = named("mine", "atss-official-9a")
    assert found is not None
    assert found.text == "MODEL:\n  ATSS:\n    TOPK: 11\n"


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_has_a_form_and_python_can_read_it(name: str) -> None:
    paths = (STRIDES, "anchors.scale", "anchors.ratios", *SIDES)
    found = fragment_of(preset(name), paths)
    assert found is not None
    assert found.text.endswith("\n")
    if found.framework in ("mmdetection", "torchvision"):
        ast.parse(found.text)
    elif found.framework != "detectron2":
        assert yaml.safe_load(found.text)
