"""What scripts that build detectors of torchvision become."""

from pathlib import Path
from typing import Any

import pytest

from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.values import Named, Node, Place
from atss_inspect.settings import preset
from atss_inspect.settings.configs import import_config
from tests.importing_trees import (
    assigned,
    read_or_refuse_everything,
    remarks,
    values,
)

SCRIPT = """\
import torchvision
from torchvision.models.detection import *
from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
from torchvision.models.detection.rpn import AnchorGenerator

"""
P3 = "resnet_fpn_backbone(backbone_name='resnet18', returned_layers=[2, 3, 4], "


def script(tmp_path: Path, text: str, part: str | None = None) -> Imported:
    path = tmp_path / "train.py"
    path.write_text(SCRIPT + text)
    return import_config(path, part=part)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("retinanet_resnet50_fpn()", "retinanet-torchvision"),
        ("retinanet_resnet50_fpn_v2(weights=None)", "retinanet-torchvision"),
        ("fcos_resnet50_fpn(num_classes=5)", "fcos-torchvision"),
        ("fasterrcnn_resnet50_fpn()", "rpn-torchvision"),
        ("maskrcnn_resnet50_fpn_v2()", "rpn-torchvision"),
        (
            f"RetinaNet({P3}extra_blocks=LastLevelP6P7(256, 256)), 2)",
            "retinanet-torchvision",
        ),
        ("FasterRCNN(resnet_fpn_backbone('resnet50'), 2)", "rpn-torchvision"),
    ],
)
def test_a_call_without_arguments_is_the_preset(tmp_path, call, name):
    imported = script(tmp_path, f"model = torchvision.models.detection.{call}\n")
    assert imported.extends == name
    ours = preset(name).values()
    assert ours | assigned(imported) == ours
    assert remarks(imported, "inexact", "not_read") == {}


def test_arguments_are_settings_with_their_lines(tmp_path):
    text = """\
SIDES = (640, 800)
model = retinanet_resnet50_fpn(
    min_size=SIDES, max_size=1000, fg_iou_thresh=0.6, size_divisible=64)
"""
    imported = script(tmp_path, text)
    found = values(imported)
    assert found["augment.short_sides"] == (640, 800)
    assert (found["resize.short_side"], found["resize.long_side"]) == (800, 1000)
    assert found["resize.pad_divisor"] == 64
    assert found["assigner.positive_from"] == 0.6
    (one,) = (one for one in imported.found if one.path == "resize.long_side")
    assert one.place.line == SCRIPT.count("\n") + 3


def test_keypoint_rcnn_draws_sizes_of_its_own(tmp_path):
    found = values(script(tmp_path, "keypointrcnn_resnet50_fpn()"))
    assert found["augment.short_sides"] == (640, 672, 704, 736, 768, 800)


@pytest.mark.parametrize(
    ("sizes", "ours"),
    [
        ("tuple((x,) for x in [32, 64, 128, 256, 512])", "anchors.scale"),
        # The builder's own sizes are cut to whole numbers; others stay as they are.
        (
            "tuple((x, int(x * 2 ** (1 / 3)), int(x * 2 ** (2 / 3)))"
            " for x in [32, 64, 128, 256, 512])",
            "anchors.scale",
        ),
        (
            "tuple((x, x * 2 ** (1 / 3), x * 2 ** (2 / 3))"
            " for x in [32, 64, 128, 256, 512])",
            "anchors.sizes",
        ),
        ("((32, 48), (64,), (128,), (256,), (512,))", "anchors.sizes"),
        ("(32, 64, 128, 256, 512)", "anchors.scale"),
    ],
)
def test_sizes_of_anchors(tmp_path, sizes, ours):
    ratios = "((0.5, 1.0, 3.0),) * 5"
    text = f"g = AnchorGenerator(sizes={sizes}, aspect_ratios={ratios})\n"
    call = "model = fasterrcnn_resnet50_fpn(rpn_anchor_generator=g)\n"
    found = values(script(tmp_path, text + call))
    assert ours in found
    assert found["anchors.ratios"] == (0.5, 1.0, 3.0)


def test_what_is_assigned_later_counts(tmp_path):
    text = """\
model = fasterrcnn_resnet50_fpn(weights="DEFAULT")
model.rpn.anchor_generator = AnchorGenerator((16, 32, 64, 128, 256), (1.0, 2.0))
model.roi_heads.box_predictor = None
model.transform.min_size = (600,)
model.rpn.my_rule = 3
"""
    imported = script(tmp_path, text)
    found = values(imported)
    assert (found["anchors.scale"], found["resize.short_side"]) == (4.0, 600)
    assert found["anchors.ratios"] == (1.0, 2.0)
    assert remarks(imported, "not_read").keys() == {"rpn.my_rule"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("fasterrcnn_mobilenet_v3_large_fpn()", "the same stride"),
        ("ssd300_vgg16()", "shapes of its own on each level"),
        ("RetinaNet(my_backbone(), 2)", "the name my_backbone"),
        ("RetinaNet(MyBackbone(), 2)", "the strides of MyBackbone"),
        ("FCOS(resnet_fpn_backbone('resnet50'), 2)", "not the sizes that FCOS has"),
        (
            "fcos_resnet50_fpn(anchor_generator=AnchorGenerator((4, 8, 16, 32, 64)))",
            "other sizes than strides",
        ),
        (
            "fasterrcnn_resnet50_fpn(rpn_anchor_generator=AnchorGenerator((32, 64)))",
            "for 2 levels where there are 5",
        ),
        ("retinanet_resnet50_fpn(proposal_matcher=Matcher(0.5, 0.4))", "of its own"),
        ("retinanet_resnet50_fpn(**options)", "spread by"),
        ("retinanet_resnet50_fpn(min_size=args.size)", "min_size"),
        ("retinanet_resnet50_fpn(fixed_size=(640, 640))", "fixed_size"),
        (f"RetinaNet({P3}extra_blocks=MyLevels()), 2)", 'the levels of "MyLevels"'),
        (f"RetinaNet({P3}), 2)", "4 levels for anchors of 5"),
    ],
)
def test_what_cannot_be_imitated_is_refused(tmp_path, text, words):
    with pytest.raises(Refused, match=words):
        script(tmp_path, text)


def test_parts_that_a_model_does_not_have(tmp_path):
    with pytest.raises(Refused, match="has no RPN"):
        script(tmp_path, "retinanet_resnet50_fpn()", "rpn")
    with pytest.raises(Refused, match="proposals"):
        script(tmp_path, "maskrcnn_resnet50_fpn()", "head")


def call(name: str, **keys: Any) -> dict[str, Any]:
    return {"_target_": Node(Named(name), Place("x.py", 7)), **keys}


@pytest.mark.parametrize("name", ["RetinaNet", "FCOS", "FasterRCNN"])
def test_whatever_stands_in_a_call_it_is_read_or_refused(name):
    tree = call(
        name,
        _args_=[
            call("resnet_fpn_backbone", returned_layers=[2, 3, 4]),
            2,
            (640, 800),
        ],
        anchor_generator=call(
            "AnchorGenerator", sizes=((8,), (16,), (32,), (64,)), aspect_ratios=(1.0,)
        ),
        fg_iou_thresh=0.5,
        size_divisible=32,
    )
    read_or_refuse_everything(tree, "script", without=("_args_",))
