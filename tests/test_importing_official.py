"""What keys of the official repositories' YAML, PaddleDetection's and INI become."""

from pathlib import Path
from typing import Any

import pytest

from atss_inspect.assigners.point_gate import PointGateParams
from atss_inspect.importing.parts import Refused
from atss_inspect.settings import imported_settings, preset
from tests.importing_trees import (
    assigned,
    changed,
    plain,
    read_or_refuse_everything,
    remarks,
    values,
    yacs,
)

ATSS: dict[str, Any] = {
    "MODEL": {
        "RPN_ONLY": True,
        "ATSS_ON": True,
        "BACKBONE": {"CONV_BODY": "R-50-FPN-RETINANET"},
        "ATSS": {"ANCHOR_SIZES": (64, 128, 256, 512, 1024), "TOPK": 9},
    },
    "INPUT": {"MIN_SIZE_TRAIN": (800,), "MAX_SIZE_TRAIN": 1333},
    "DATALOADER": {"SIZE_DIVISIBILITY": 32},
}
RETINANET = changed(
    ATSS, MODEL__ATSS_ON=None, MODEL__RETINANET_ON=True, MODEL__RETINANET={}
)
FCOS = changed(ATSS, MODEL__ATSS_ON=None, MODEL__FCOS_ON=True, MODEL__FCOS={})
RPN: dict[str, Any] = {
    "MODEL": {
        "WEIGHT": "x",
        "RPN": {"USE_FPN": True, "ANCHOR_STRIDE": (4, 8, 16, 32, 64)},
    },
    "INPUT": {},
    "DATALOADER": {"SIZE_DIVISIBILITY": 32},
    "DATASETS": {"TRAIN": ("coco_2014_train", "coco_2014_valminusminival")},
}
PADDLE: dict[str, Any] = {
    "architecture": "FasterRCNN",
    "RPNHead": {
        "anchor_generator": {
            "aspect_ratios": [0.5, 1.0, 2.0],
            "anchor_sizes": [[32], [64], [128], [256], [512]],
            "strides": [4, 8, 16, 32, 64],
        },
        "rpn_target_assign": {"negative_overlap": 0.3, "positive_overlap": 0.7},
    },
    "TrainDataset": {"!": "COCODataSet", "anno_path": "a.json"},
    "TrainReader": {
        "sample_transforms": [
            {"Decode": {}},
            {
                "RandomResize": {
                    "target_size": [[640, 1333], [800, 1333]],
                    "keep_ratio": True,
                }
            },
            {"RandomFlip": {"prob": 0.25}},
        ],
        "batch_transforms": [{"PadBatch": {"pad_to_stride": 32}}],
    },
}
PADDLE_RETINANET = changed(
    PADDLE,
    architecture="RetinaNet",
    RetinaHead={
        "anchor_generator": {
            "octave_base_scale": 4,
            "scales_per_octave": 3,
            "aspect_ratios": [0.5, 1.0, 2.0],
            "strides": [8.0, 16.0, 32.0, 64.0, 128.0],
        },
        "bbox_assigner": {"name": "MaxIoUAssigner", "positive_overlap": 0.5},
    },
)
PADDLE_FCOS = changed(
    PADDLE,
    architecture="FCOS",
    TrainReader__batch_transforms=[
        {
            "Gt2FCOSTarget": {
                "object_sizes_boundary": [64],
                "center_sampling_radius": 1.5,
                "downsample_ratios": [8, 16],
            }
        }
    ],
)
KERAS: dict[str, Any] = {
    "anchor_parameters": {
        "sizes": "32 64 128 256 512",
        "strides": "8 16 32 64 128",
        "ratios": "0.5 1 2",
        "scales": "1 1.2 1.6",
    },
    "pyramid_levels": {"levels": "3 4 5 6 7"},
}


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        (yacs(ATSS), "atss-official"),
        (yacs(RETINANET), "retinanet-official"),
        (yacs(FCOS), "fcos-official"),
        (
            yacs(FCOS, MODEL__FCOS={"CENTER_SAMPLING_RADIUS": 1.5}),
            "fcos-official-imprv",
        ),
    ],
)
def test_the_plain_config_is_the_preset_and_flips(imported, name):
    assert imported.framework == "maskrcnn-benchmark"
    found = assigned(imported)
    ours = preset(name).values()
    start = preset(imported.extends).values()
    assert start | found == ours
    assert remarks(imported, "inexact", "not_read") == {}


def test_an_rpn_has_other_bars_and_a_border():
    imported = yacs(RPN)
    # What is usual is that of an RPN; all else is RetinaNet's of the same repository.
    assert imported.extends == "rpn-detectron2"
    found = preset(imported.extends).values() | values(imported)
    theirs = preset("retinanet-official").values()
    differing = {path for path in theirs if found[path] != theirs[path]}
    tables = {path.partition(".")[0] for path in differing} - {"augment"}
    assert tables == {"anchors", "assigner"}
    bars = {"assigner.positive_from", "assigner.negative_below"}
    assert {path for path in differing if path.startswith("assigner.")} == bars
    assert found["anchors.strides"] == (4, 8, 16, 32, 64)
    assert (found["anchors.scale"], found["anchors.scales_per_octave"]) == (8.0, 1)
    assert found["anchors.allowed_border"] == 0.0
    assert found["assigner.positive_from"] == 0.7
    assert found["assigner.negative_below"] == 0.3
    turned_off = values(yacs(RPN, MODEL__RPN__STRADDLE_THRESH=-1))
    assert turned_off.get("anchors.allowed_border", -1.0) == -1.0
    # Without an FPN all sizes are on the one level.
    one = {"MODEL__RPN": {"ANCHOR_SIZES": (128, 256)}, "DATALOADER": None}
    found = values(yacs(RPN, **one))
    assert found["anchors.strides"] == (16,)
    assert found["anchors.sizes"] == ((128.0, 256.0),)
    assert found["resize.pad_divisor"] == 1


def test_octaves_of_another_base_are_sizes():
    key = {"MODEL__ATSS": {"OCTAVE": 4.0, "SCALES_PER_OCTAVE": 2}}
    found = values(yacs(ATSS, **key))
    assert found["anchors.sizes"][0] == (64.0, 128.0)


def test_a_range_of_sizes_and_rules_of_voc():
    found = values(yacs(ATSS, INPUT__MIN_SIZE_RANGE_TRAIN=(640, 800)))
    assert found["augment.short_range"] == (640, 800)
    found = values(yacs(RPN, DATASETS__TRAIN=("voc_2007_train",)))
    assert (found["data.drop_ignored"], found["data.drop_images"]) == (True, "never")


def test_fewer_levels_of_fcos_keep_the_first_ranges():
    found = values(yacs(FCOS, MODEL__FCOS={"FPN_STRIDES": [8, 16]}))
    assert found["assigner.scale_ranges"] == ((-1.0, 64.0), (64.0, 128.0))
    with pytest.raises(Refused, match="ranges for 5 levels"):
        yacs(FCOS, MODEL__FCOS={"FPN_STRIDES": [4, 8, 16, 32, 64, 128]})


@pytest.mark.parametrize(
    ("tree", "part", "words"),
    [
        (changed(ATSS, MODEL__ATSS={"POSITIVE_TYPE": "SSC"}), None, "SSC on the anch"),
        (changed(ATSS, MODEL__ATSS={"ANCHOR_SIZES": (64,)}), None, "as many as there"),
        (ATSS, "rpn", "no RPN"),
        (RPN, "head", "proposals"),
    ],
)
def test_what_cannot_be_imitated_is_refused(tree, part, words):
    with pytest.raises(Refused, match=words):
        yacs(tree, part)


def test_paddles_rpn_is_detectron2s_with_data_rules_of_its_own():
    imported = plain(PADDLE)
    found = values(imported)
    assert imported.extends == "rpn-detectron2"
    assert found["anchors.scale"] == 8.0
    assert found["augment.short_sides"] == (640, 800)
    assert (found["resize.long_side"], found["resize.pad_divisor"]) == (1333, 32)
    assert (found["resize.rule"], found["augment.flip"]) == ("mmdetection", 0.25)
    assert found["data.min_box_side"] == 1e-5
    assert found["data.corners"] == "thousandths"
    assert remarks(imported, "not_read") == {}


def test_paddles_retinanet_reads_its_octaves():
    imported = plain(PADDLE_RETINANET)
    ours = preset("retinanet-detectron2").values() | values(imported)
    assert ours["anchors.strides"] == (8, 16, 32, 64, 128)
    assert (ours["anchors.scale"], ours["anchors.scales_per_octave"]) == (4.0, 3)
    assert ours["assigner.negative_below"] == 0.4
    with pytest.raises(Refused, match='"SimOTA" is not known'):
        plain(PADDLE_RETINANET, RetinaHead__bbox_assigner={"name": "SimOTA"})


def test_paddles_fcos_and_gfl_have_their_targets_in_batches():
    points = {"object_sizes_boundary": [64], "center_sampling_radius": 1.0}
    batches = [{"Gt2FCOSTarget": points | {"downsample_ratios": [8, 16]}}]
    keys = {"TrainReader__batch_transforms": batches}
    imported = plain(PADDLE, architecture="FCOS", **keys)
    found = values(imported)
    assert imported.extends == "fcos-adelaidet"
    assert found["assigner.scale_ranges"] == ((-1.0, 64.0), (64.0, 1e8))
    assert found["assigner.range_ends"] == "open"
    assert found["assigner.center_sampling_radius"] == 1.0
    batches[0] = {"Gt2GFLTarget": {"grid_cell_scale": 6}}
    imported = plain(PADDLE, architecture="GFL", **keys)
    found = preset("atss-mmdet").values() | values(imported)
    assert imported.extends == "atss-mmdet"
    assert (found["anchors.scale"], found["assigner.std_ddof"]) == (6.0, 0)
    assert (found["data.drop_outside"], found["data.min_image_side"]) == (False, 0)
    assert remarks(imported, "not_read") == {}
    with pytest.raises(Refused, match="Gt2GFLTarget is missing"):
        plain(PADDLE, architecture="GFL")


WARMUP: dict[str, Any] = {
    "architecture": "YOLOv3",
    "epoch": 300,
    "YOLOv3": {"yolo_head": "PPYOLOEHead"},
    "PPYOLOEHead": {
        **{"fpn_strides": [32, 16, 8], "static_assigner_epoch": 100},
        "static_assigner": {"name": "ATSSAssigner", "topk": 7},
        "assigner": {"name": "TaskAlignedAssigner", "topk": 12, "alpha": 1.0},
    },
    "TrainReader": {
        "sample_transforms": [{"Decode": {}}, {"RandomFlip": {}}],
        "batch_transforms": [
            {"BatchRandomResize": {"target_size": [320, 640, 768], "keep_ratio": 0}},
            {"PadGT": {}},
        ],
    },
    "EvalReader": {"sample_transforms": [{"Resize": {"target_size": [640, 640]}}]},
}


def test_the_first_epochs_of_pp_yoloe_are_atss():
    imported = plain(WARMUP)
    ours = preset("ppyoloe-warmup").values()
    beside = {"assigner.k": 7, "resize.pad_divisor": 1}
    assert ours | values(imported) == ours | beside
    told = remarks(imported, "inexact", "not_read")
    assert told.keys() == {
        "PPYOLOEHead.static_assigner_epoch",
        "TrainReader.batch_transforms[0].BatchRandomResize.target_size",
    }
    text = told["PPYOLOEHead.static_assigner_epoch"]
    assert text.startswith("ATSS decides in the first 100 of 300 epochs, then")
    assert "at most 12 points inside" in text
    assert "--with PPYOLOEHead.static_assigner_epoch=0" in text


@pytest.mark.parametrize("epochs", [0, -1])
def test_without_first_epochs_pp_yoloe_is_a_gate(epochs):
    imported = plain(WARMUP, PPYOLOEHead__static_assigner_epoch=epochs)
    found = imported_settings(imported, Path("x.yml")).settings
    assert found.assigner == PointGateParams(quota=12)
    assert found.anchors.offset == 0.5
    assert (found.resize.size, found.resize.pad_to) == ((640, 640), ())
    assert found.data == preset("ppyoloe-warmup").data
    assert "PPYOLOEHead.static_assigner_epoch" not in remarks(imported, "inexact")


def test_picodet_and_tood_of_paddle_have_first_epochs_too():
    pico = {"PicoDet": {"head": "PicoHeadV2"}, "PicoHeadV2": {}}
    imported = plain(WARMUP | pico | {"architecture": "PicoDet"})
    assert imported.extends == "picodet-warmup"
    ours = preset("picodet-warmup").values() | values(imported)
    assert (ours["anchors.strides"], ours["anchors.offset"]) == ((8, 16, 32), 0.0)
    assert "first 60 of 300" in "".join(remarks(imported, "inexact").values())
    tood = {"TOOD": {"head": "TOODHead"}, "TOODHead": {}, "architecture": "TOOD"}
    assert values(plain(WARMUP | tood))["anchors.scale"] == 8.0
    older = {"PicoDet": {"head": "PicoHead"}, "architecture": "PicoDet"}
    with pytest.raises(Refused, match="PicoHead decides by predictions") as caught:
        plain(WARMUP | older)
    assert "without a model" in str(caught.value.hint)


def test_paddles_objects_may_be_named_at_the_top():
    named = plain(
        PADDLE,
        RPNHead__rpn_target_assign="RPNTargetAssign",
        RPNTargetAssign={"positive_overlap": 0.6},
    )
    assert values(named)["assigner.positive_from"] == 0.6


@pytest.mark.parametrize(
    ("steps", "path", "ours"),
    [
        ([{"Resize": {"target_size": 640}}], "resize.short_side", 640),
        (
            [{"Resize": {"target_size": [512, 640], "keep_ratio": False}}],
            "resize.size",
            (512, 640),
        ),
        (
            [{"RandomResize": {"target_size": [[9, 20], [11, 20]], "random_range": 1}}],
            "augment.short_range",
            (9, 11),
        ),
        ([{"Decode": None}], "resize.rule", "none"),
        # A long side that is drawn too is told alone.
        (
            [{"RandomResize": {"target_size": [[9, 20], [11, 22]]}}],
            "augment.short_sides",
            (),
        ),
    ],
)
def test_paddles_steps(steps, path, ours):
    found = values(plain(PADDLE, TrainReader__sample_transforms=steps))
    assert found[path] == ours


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("YOLOv3", "the shape of anchors"),
        ("PPYOLOE", "is not known here"),  # without a head
        ("DETR", "queries"),
        ("YOLOF", "takes half of its positives by predictions"),
        ("TTFNet", "heat maps"),
        ("MyNet", "is not known here"),
    ],
)
def test_other_architectures_of_paddle_are_refused_by_name(name, words):
    with pytest.raises(Refused, match=words):
        plain(PADDLE, architecture=name)


def test_keras_retinanet_brings_anchors_and_rules_of_its_own():
    imported = plain(KERAS)
    found = values(imported)
    assert found["anchors.sizes"][0] == (32.0, 38.4, 51.2)
    assert (found["anchors.offset"], found["anchors.ratios"]) == (0.5, (0.5, 1.0, 2.0))
    assert found["assigner.allow_low_quality"] is False
    assert found["data.min_box_side"] == 1.0
    told = " ".join(remarks(imported, "inexact").values())
    assert "exactly 0.4 is negative there" in told
    with pytest.raises(Refused, match="as many as there are strides"):
        plain(KERAS, anchor_parameters__sizes="32 64")
    with pytest.raises(Refused, match="not those of the levels"):
        plain(KERAS, pyramid_levels__levels="4 5 6 7 8")


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        ({"anchors_scales": "[1]"}, "EfficientDet has its size of images"),
        ({"plan": "D3V001_3d", "trainer_cfg": {}}, "three dimensions"),
        ({"model": {"x": 1}, "data_aug": {}, "solver": {}}, "preset yolov6-warmup"),
        ({"architectures": ["DetrForObjectDetection"]}, "transformers matches queries"),
        ({"train": "images", "names": ["car"]}, "data.yaml says where pictures are"),
        ({"x": 1}, "not a config of a framework"),
    ],
)
def test_other_projects_are_refused_by_their_names(tree, words):
    with pytest.raises(Refused, match=words):
        plain(tree)


@pytest.mark.parametrize(
    ("tree", "dialect"),
    [
        *((tree, "yacs") for tree in (ATSS, RETINANET, FCOS, RPN)),
        *(
            (tree, "yaml")
            for tree in (PADDLE, PADDLE_RETINANET, PADDLE_FCOS, WARMUP, KERAS)
        ),
    ],
)
def test_whatever_stands_in_a_config_it_is_read_or_refused(tree, dialect):
    read_or_refuse_everything(tree, dialect)
