"""What keys of detectron2's YAML and LazyConfig, and of AdelaiDet's, become."""

from typing import Any

import pytest

from atss_inspect.importing.parts import Refused
from atss_inspect.importing.values import Named, Node, Place
from atss_inspect.settings import preset
from atss_inspect.settings.configs import import_config
from tests.importing_trees import (
    assigned,
    changed,
    read,
    read_or_refuse_everything,
    remarks,
    values,
    yacs,
)

THIRD = 1.0 / 3
OCTAVES = [[x, x * 2**THIRD, x * 2 ** (2.0 / 3)] for x in (32, 64, 128, 256, 512)]
YAML: dict[str, Any] = {
    "MODEL": {
        "META_ARCHITECTURE": "RetinaNet",
        "BACKBONE": {"NAME": "build_retinanet_resnet_fpn_backbone"},
        "FPN": {"IN_FEATURES": ["res3", "res4", "res5"]},
        "ANCHOR_GENERATOR": {"SIZES": OCTAVES},
        "RETINANET": {"IOU_THRESHOLDS": [0.4, 0.5]},
        "ROI_KEYPOINT_HEAD": {},
    },
    "INPUT": {"MIN_SIZE_TRAIN": (800,)},
    "DATALOADER": {"NUM_WORKERS": 4},
    "DATASETS": {"TRAIN": ("coco_2017_train",)},
    "VERSION": 2,
}
RPN: dict[str, Any] = {
    "MODEL": {
        "META_ARCHITECTURE": "GeneralizedRCNN",
        "FPN": {"IN_FEATURES": ["res2", "res3", "res4", "res5"]},
        "RESNETS": {},
        "PROPOSAL_GENERATOR": {"NAME": "RPN"},
        "RPN": {"IN_FEATURES": ["p2", "p3", "p4", "p5", "p6"]},
        "ANCHOR_GENERATOR": {"SIZES": [[32], [64], [128], [256], [512]]},
    },
    "INPUT": {},
}
FCOS = {"MODEL": {"PROPOSAL_GENERATOR": {"NAME": "FCOS"}, "FCOS": {}}, "INPUT": {}}


def named(name: str, **keys: Any) -> dict[str, Any]:
    return {"_target_": Node(Named(f"some.{name}"), Place("x.py", 7)), **keys}


LAZY: dict[str, Any] = {
    "model": named(
        "RetinaNet",
        backbone=named("FPN", in_features=["res3", "res4", "res5"]),
        anchor_generator=named(
            "DefaultAnchorGenerator",
            sizes=OCTAVES,
            aspect_ratios=[0.5, 1.0, 2.0],
            strides=[8, 16, 32, 64, 128],
            offset=0.0,
        ),
        anchor_matcher=named(
            "Matcher",
            thresholds=[0.4, 0.5],
            labels=[0, -1, 1],
            allow_low_quality_matches=True,
        ),
        head_in_features=["p3", "p4", "p5", "p6", "p7"],
    ),
    "dataloader": {
        "train": named(
            "build_detection_train_loader",
            dataset=named("get_detection_dataset_dicts", names="coco_2017_train"),
            mapper=named(
                "DatasetMapper",
                augmentations=[
                    named("ResizeShortestEdge", short_edge_length=800, max_size=1333),
                    named("RandomFlip", horizontal=True),
                ],
            ),
        )
    },
}
LAZY_RPN = changed(
    LAZY,
    model=named(
        "GeneralizedRCNN",
        backbone=named("FPN", square_pad=1024),
        proposal_generator=named(
            "RPN",
            anchor_generator=LAZY["model"]["anchor_generator"],
            anchor_matcher=LAZY["model"]["anchor_matcher"],
        ),
        roi_heads=named("StandardROIHeads"),
    ),
)
LAZY_FCOS = changed(
    LAZY, model=named("FCOS", backbone=named("FPN"), head_in_features=["p3", "p4"])
)
MODEL = "MODEL__"
STEPS = "dataloader__train__mapper__augmentations"


def lazy(tree: dict[str, Any], part: str | None = None, **changes: Any) -> Any:
    return read(changed(tree, **changes), part, dialect="lazy")


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        (yacs(YAML), "retinanet-detectron2"),
        (lazy(LAZY), "retinanet-detectron2"),
        (yacs(RPN), "rpn-detectron2"),
        (yacs(FCOS), "fcos-adelaidet"),
        (
            lazy(LAZY_FCOS, model__head_in_features=["p3", "p4", "p5", "p6", "p7"]),
            "fcos-detectron2",
        ),
    ],
)
def test_the_plain_config_is_the_preset_and_flips(imported, name):
    assert imported.extends == name
    drawn = preset(name).values() | values(imported)
    assert drawn["augment.flip"] == 0.5
    assert drawn["augment.short_sides"] == drawn["augment.short_range"] == ()
    found, ours = assigned(imported), preset(name).values()
    assert {path: ours[path] for path in found} == found
    assert remarks(imported, "inexact", "not_read") == {}


def test_what_yaml_leaves_out_has_the_defaults_of_the_framework():
    # C4: one feature, res4, which no FPN pads for, and five sizes.
    imported = yacs({"MODEL": {}})
    found = values(imported)
    assert imported.extends == "rpn-detectron2"
    assert found["anchors.strides"] == (16,)
    assert found["anchors.sizes"] == ((32.0, 64.0, 128.0, 256.0, 512.0),)
    assert found["resize.pad_divisor"] == 1
    told = remarks(imported, "default")
    assert told["MODEL.RPN.IOU_THRESHOLDS"] == "positive_from 0.7"
    assert told["MODEL.BACKBONE"] == "1: what the backbone needs"
    # detectron2's own object has another default than its YAML.
    generator = "model__anchor_generator__"
    assert values(lazy(LAZY, **{f"{generator}offset": None}))["anchors.offset"] == 0.5


def test_a_dilated_stage_has_half_its_stride():
    keys = {f"{MODEL}RPN__IN_FEATURES": ["res5"], f"{MODEL}RESNETS__RES5_DILATION": 2}
    sizes = {f"{MODEL}ANCHOR_GENERATOR": {}}
    found = values(yacs(RPN, **keys, **sizes))
    assert (found["anchors.strides"], found["resize.pad_divisor"]) == ((16,), 1)
    keys[f"{MODEL}RESNETS__RES5_DILATION"] = 1
    assert values(yacs(RPN, **keys, **sizes))["anchors.strides"] == (32,)


def test_hrnets_features_begin_with_another_number():
    keys = {f"{MODEL}RPN__IN_FEATURES": ["p1", "p2", "p3", "p4", "p5"]}
    backbone = {f"{MODEL}BACKBONE": {"NAME": "build_hrfpn_backbone"}}
    found = values(yacs(RPN, **keys, **backbone))
    assert found["anchors.strides"] == (4, 8, 16, 32, 64)


@pytest.mark.parametrize(
    ("key", "value", "path", "ours"),
    [
        ("INPUT__MAX_SIZE_TRAIN", 1000, "resize.long_side", 1000),
        ("INPUT__RANDOM_FLIP", "none", "augment.flip", 0.0),
        (f"{MODEL}ANCHOR_GENERATOR__OFFSET", 0.5, "anchors.offset", 0.5),
        (
            f"{MODEL}ANCHOR_GENERATOR__SIZES",
            [[32, 48]],
            "anchors.sizes",
            ((32.0, 48.0),),
        ),
        (
            f"{MODEL}ANCHOR_GENERATOR__ASPECT_RATIOS",
            [[1], [1], [1], [1], [2, 1]],
            "anchors.ratios",
            ((1.0,), (1.0,), (1.0,), (1.0,), (2.0, 1.0)),
        ),
        (f"{MODEL}RPN__BOUNDARY_THRESH", 0, "anchors.allowed_border", 0.0),
        (f"{MODEL}RPN__BOUNDARY_THRESH", -5, "anchors.allowed_border", -1.0),
        (f"{MODEL}RPN__IOU_THRESHOLDS", [0.2, 0.6], "assigner.negative_below", 0.2),
        (
            "DATALOADER",
            {"FILTER_EMPTY_ANNOTATIONS": False},
            "data.drop_images",
            "never",
        ),
        ("DATASETS", {"TRAIN": ("voc_2007_trainval",)}, "data.drop_ignored", False),
        ("DATASETS", {"TRAIN": ("lvis_v1_train",)}, "data.drop_crowd", False),
    ],
)
def test_one_key_is_one_setting(key, value, path, ours):
    assert values(yacs(RPN, **{key: value}))[path] == ours


def test_one_bar_leaves_nothing_between():
    bars = {"IN_FEATURES": ["p2"], "IOU_THRESHOLDS": [0.5], "IOU_LABELS": [0, 1]}
    sizes = {f"{MODEL}ANCHOR_GENERATOR__SIZES": [[32]]}
    found = values(yacs(RPN, **{f"{MODEL}RPN": bars}, **sizes))
    assert found["assigner.negative_below"] == found["assigner.positive_from"] == 0.5


def test_sizes_that_are_drawn_are_remembered_and_told():
    twice = yacs(YAML, INPUT__MIN_SIZE_TRAIN=(640, 800, 800))
    assert values(twice)["augment.short_sides"] == (640, 800)
    assert "more often" in "".join(remarks(twice, "inexact").values())
    imported = yacs(YAML, INPUT__MIN_SIZE_TRAIN=(640, 800, 720))
    found = values(imported)
    assert found["resize.short_side"] == 800
    assert found["augment.short_sides"] == (640, 800, 720)
    (text,) = remarks(imported, "inexact").values()
    assert text.endswith("CONFIG short_side=640,720,800")
    ends = {"INPUT__MIN_SIZE_TRAIN": (640, 864)}
    found = values(yacs(YAML, **ends, INPUT__MIN_SIZE_TRAIN_SAMPLING="range"))
    assert found["augment.short_range"] == (640, 864)
    step = named("ResizeShortestEdge", short_edge_length=(640, 864), max_size=1333)
    found = values(lazy(LAZY, **{STEPS: [step]}))
    assert found["augment.short_range"] == (640, 864)
    step["sample_style"] = "choice"
    imported = lazy(LAZY, **{STEPS: [step]})
    assert values(imported)["augment.short_sides"] == (640, 864)
    assert values(imported)["augment.flip"] == 0.0


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("INPUT__CROP", {"ENABLED": True}, "crops images"),
        ("INPUT__RANDOM_FLIP", "vertical", "top to bottom"),
        ("DATALOADER", {"SAMPLER_TRAIN": "RepeatFactorTrainingSampler"}, "unequally"),
        (f"{MODEL}KEYPOINT_ON", True, "fewer than 1 visible keypoints"),
        (f"{MODEL}DENSEPOSE_ON", True, "dense poses"),
        ("DATASETS", {"TRAIN": ("coco_2017_train", "my_train")}, "only the first of 2"),
    ],
)
def test_what_is_imitated_in_part_is_told(key, value, words):
    assert words in "".join(remarks(yacs(RPN, **{key: value}), "inexact").values())


def test_keys_that_nobody_knows_are_told():
    imported = yacs(RPN, **{f"{MODEL}RPN__MY_BAR": 1, "INPUT__JITTER": 2})
    told = remarks(imported, "not_read")
    assert told.keys() == {"MODEL.RPN.MY_BAR", "INPUT.JITTER"}


@pytest.mark.parametrize(
    ("imported", "words"),
    [
        ((RPN, f"{MODEL}META_ARCHITECTURE", "SemanticSegmentor"), "assigns nothing"),
        ((RPN, f"{MODEL}META_ARCHITECTURE", "MyModel"), '"MyModel" is not known here'),
        (
            (RPN, f"{MODEL}PROPOSAL_GENERATOR__NAME", "PrecomputedProposals"),
            "stored proposals",
        ),
        ((RPN, f"{MODEL}PROPOSAL_GENERATOR__NAME", "RRPN"), "RRPN"),
        ((RPN, f"{MODEL}RPN__IN_FEATURES", ["stage3"]), 'the stride of "stage3"'),
        ((RPN, f"{MODEL}RPN__IOU_LABELS", [0, 1, 1]), "no rule here"),
        ((RPN, f"{MODEL}ANCHOR_GENERATOR__SIZES", [[1], [2]]), "of 2 levels"),
        (
            (RPN, f"{MODEL}ANCHOR_GENERATOR__NAME", "RotatedAnchorGenerator"),
            "RotatedAnchorGenerator",
        ),
        ((RPN, "VERSION", 1), "only keys of version 2"),
        ((FCOS, f"{MODEL}FCOS__SIZES_OF_INTEREST", [64]), "2 ranges for 5 levels"),
    ],
)
def test_what_cannot_be_imitated_is_refused_by_its_name(imported, words):
    tree, key, value = imported
    with pytest.raises(Refused, match=r"^x\.py:7: .*") as caught:
        yacs(tree, **{key: value})
    assert words in str(caught.value)


def test_a_second_stage_is_refused_and_told():
    for tree, how in ((RPN, yacs), (LAZY_RPN, lazy)):
        assert "proposals" in "".join(remarks(how(tree), "default").values())
        with pytest.raises(Refused, match="proposals"):
            how(tree, "head")
    for tree, how in ((YAML, yacs), (LAZY, lazy), (LAZY_FCOS, lazy)):
        with pytest.raises(Refused, match="has no RPN"):
            how(tree, "rpn")


def test_fcos_of_adelaidet_has_ranges_and_center_sampling():
    two = {"FPN_STRIDES": [8, 16], "SIZES_OF_INTEREST": [32], "CENTER_SAMPLE": False}
    found = values(yacs(FCOS, MODEL__FCOS=two, INPUT__HFLIP_TRAIN=False))
    assert found["assigner.scale_ranges"] == ((-1.0, 32.0), (32.0, 1e8))
    assert found["assigner.center_sampling_radius"] == 0.0
    assert found["augment.flip"] == 0.0
    masks = yacs(FCOS, MODEL__META_ARCHITECTURE="CondInst")
    assert "centers of masks" in "".join(remarks(masks, "inexact").values())


def test_lazy_models_tell_padding_and_borders():
    found = values(lazy(LAZY_RPN, model__proposal_generator__anchor_boundary_thresh=0))
    assert found["anchors.allowed_border"] == 0.0
    assert found["resize.pad_to"] == (1024, 1024)
    found = values(lazy(LAZY, model__backbone=named("ResNet")))
    assert found["resize.pad_divisor"] == 1
    assert values(lazy(LAZY_FCOS))["anchors.strides"] == (8, 16)


def test_a_saved_lazyconfig_is_yaml_with_interpolations(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("""\
dataloader:
  train:
    _target_: detectron2.data.build_detection_train_loader
    dataset: {_target_: detectron2.data.get_detection_dataset_dicts, names: my_train}
    mapper:
      _target_: detectron2.data.DatasetMapper
      augmentations:
      - {_target_: a.ResizeShortestEdge, max_size: 1333, short_edge_length: 800}
model:
  _target_: detectron2.modeling.meta_arch.fcos.FCOS
  backbone:
    _target_: detectron2.modeling.FPN
    bottom_up: {out_features: [res3, res4]}
    in_features: ${.bottom_up.out_features}
  head_in_features: [p3, p4]
  num_classes: 80
""")
    imported = import_config(path)
    assert imported.framework == "detectron2 LazyConfig"
    found = values(imported)
    assert (found["anchors.strides"], found["resize.pad_divisor"]) == ((8, 16), 16)


def test_large_scale_jitter_is_told_and_its_own_size_taken():
    steps = [
        named(
            "ResizeScale",
            min_scale=0.1,
            max_scale=2.0,
            target_height=1024,
            target_width=1024,
        ),
        named("FixedSizeCrop", crop_size=(1024, 1024)),
        named("RandomContrast"),
        named("MyRotation"),
    ]
    imported = lazy(LAZY, **{STEPS: steps})
    found = values(imported)
    assert (found["resize.short_side"], found["resize.long_side"]) == (1024, 1024)
    assert found["resize.pad_to"] == (1024, 1024)
    told = " ".join(remarks(imported, "inexact").values())
    for words in ("from 0.1 to 2", "FixedSizeCrop crops", "MyRotation is not known"):
        assert words in told
    assert "RandomContrast" not in told


def test_lazy_models_that_are_not_known_are_refused():
    with pytest.raises(Refused, match='"MMDetDetector" is not known'):
        lazy(LAZY, model=named("MMDetDetector"))
    with pytest.raises(Refused, match="nothing says how images are read"):
        lazy(LAZY, dataloader=None)


@pytest.mark.parametrize(
    ("tree", "dialect"),
    [
        *((tree, "yacs") for tree in (YAML, RPN, FCOS)),
        *((tree, "lazy") for tree in (LAZY, LAZY_RPN, LAZY_FCOS)),
    ],
)
def test_whatever_stands_in_a_config_it_is_read_or_refused(tree, dialect):
    read_or_refuse_everything(tree, dialect)
