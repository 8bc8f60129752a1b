"""What YAML of Ultralytics and YOLOv5 becomes: levels by layers, sizes, versions."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from atss_inspect.importing.parts import Refused
from atss_inspect.settings import preset, resolve
from tests.command_line import ask
from tests.importing_trees import (
    changed,
    plain,
    read_or_refuse_everything,
    remarks,
    values,
)
from tests.tiny_coco import street, write_coco

# A small model: the image halved three times, up to stride 16 and back to 8.
BACKBONE = [
    [-1, 1, "Conv", [64, 3, 2]],  # 0, stride 2
    [-1, 1, "ADown", [64]],  # 1, stride 4
    [-1, 1, "SCDown", [64, 3, 2]],  # 2, stride 8
    [-1, 3, "C2f", [64, True]],  # 3
    [-1, 1, "nn.MaxPool2d", [2]],  # 4, stride 16
]
HEAD = [
    [-1, 1, "nn.Upsample", ["None", 2, "nearest"]],  # 5, stride 8
    [[-1, 3], 1, "Concat", [1]],  # 6
    [[6, 4], 1, "Detect", ["nc"]],
]
MODEL: dict[str, Any] = {"nc": 3, "backbone": BACKBONE, "head": HEAD}
ARGUMENTS: dict[str, Any] = {
    **{"task": "detect", "mode": "train", "model": "yolo11n.pt", "data": "data.yaml"},
    **{"imgsz": 1270, "fliplr": 0.25, "mosaic": 0.0, "scale": 0.0, "translate": 0.0},
}
SHAPES = changed(MODEL, anchors=[[10, 13, 16, 30], [30.5, 61, 62, 45]])
HYPER: dict[str, Any] = {"anchor_t": 3.0, "iou_t": 0.2, "fliplr": 0.0, "mosaic": 1.0}
OPTIONS: dict[str, Any] = {
    **{"weights": "yolov5s.pt", "cfg": "", "imgsz": 600, "noautoanchor": False},
    "hyp": HYPER,
}


def of(tree: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return values(plain(tree, **changes))


def told(tree: dict[str, Any], **changes: Any) -> dict[str, str]:
    return remarks(plain(tree, **changes), "inexact", "not_read")


@pytest.mark.parametrize("tree", [MODEL, SHAPES])
def test_levels_are_those_of_what_the_last_layer_takes(tree):
    assert of(tree)["anchors.strides"] == (8, 16)


@pytest.mark.parametrize(
    ("layer", "step"),
    [
        ([-1, 1, "Conv", [64, 3]], 1),
        ([-1, 1, "Conv", [64, 3, 2]], 2),
        ([-1, 1, "Focus", [64, 3]], 2),
        ([-1, 1, "HGStem", [32, 64]], 4),
        ([-1, 1, "ResNetLayer", [3, 64, 1, True, 1]], 4),
        ([-1, 1, "ResNetLayer", [64, 64, 2, False, 1]], 2),
        ([-1, 1, "nn.MaxPool2d", [3, 1, 1]], 1),
        ([-1, 1, "C3k2", [64, False, 0.25]], 1),
    ],
)
def test_each_layer_has_its_stride(layer, step):
    head = [layer, [[-1], 1, "Detect", ["nc"]]]
    assert of(MODEL, head=head)["anchors.strides"] == (16 * step,)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ([-1, 1, "Conv", [64, 3, "two"]], "layer 3, Conv: expected .*, got 'two'"),
        ([-4, 1, "Conv", [64, 3, 2]], "layer 3 takes -4, which is not there"),
        ([[0, -1], 1, "Concat", [1]], "layer 3 joins maps of unlike strides"),
    ],
)
def test_layers_are_named_by_the_list_they_are_in(layer, words):
    backbone = [*BACKBONE[:3], layer, BACKBONE[4]]
    with pytest.raises(Refused, match=f"backbone: {words}"):
        of(MODEL, backbone=backbone)
    backbone[3] = [-1, 1, "MyAttention", [64]]
    assert "MyAttention is not known" in told(MODEL, backbone=backbone)["backbone"]


def test_a_map_may_be_larger_than_the_image_on_the_way():
    head = [[0, 1, "nn.Upsample", [None, 4]], [-1, 1, "Conv", [64, 3, 2]]]
    head = [*head, [[4, -1], 1, "Detect", ["nc"]]]
    assert of(MODEL, head=head)["anchors.strides"] == (1, 16)


def test_several_moves_are_told_together():
    found = told(ARGUMENTS, mosaic=1.0, scale=0.5)["mosaic"]
    assert found.startswith("mosaic, scale move and resize objects at random")


def test_a_layer_that_nobody_knows_is_taken_to_keep_the_size_and_told():
    head = [[-1, 1, "MyAttention", [64]], *HEAD]
    assert "MyAttention is not known" in told(MODEL, head=head)["head"]


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ([[[3, 4], 1, "Concat", [1]], *HEAD], "layer 5 joins maps of unlike strides"),
        ([[9, 1, "Conv", [64]]], "ends in .Conv., which is not known"),
        ([[[9], 1, "Detect", ["nc"]]], "layer 5 takes 9, which is not there"),
        ([[[4], 1, "RTDETRDecoder", ["nc"]]], "RTDETRDecoder matches queries"),
        ([[[4], 1, "OBB", ["nc", 1]]], "rotated boxes"),
        ([[-1, 1, "Conv"]], r"expected layers as .*, got \[-1, 1, 'Conv'\]"),
        (3, "head: expected a list of layers, got 3"),
        ([7], "expected layers as .*, got 7"),
        ([[-1, 1, "Conv", 7]], r"arguments are a list, got \[-1, 1, 'Conv', 7\]"),
        ([[-1, 1, "Conv", "x"]], "arguments are a list, got .*'x'"),
        ([[True, 1, "Conv", [64]]], r"by their numbers, got \[True, 1,"),
        ([[[], 1, "Conv", [64]]], r"by their numbers, got \[\[\], 1,"),
        (
            [[-1, 1, "Conv", [64, 3, 0]], *HEAD],
            "layer 5, Conv: expected a whole .*, got 0",
        ),
        (
            [[0, 1, "nn.Upsample", [None, 4]], [[-1, 4], 1, "Detect", ["nc"]]],
            "head: expected maps of whole strides, got 1/2, 16",
        ),
    ],
)
def test_what_cannot_be_read_of_layers_is_refused(head, words):
    with pytest.raises(Refused, match=words):
        of(MODEL, head=head)


def test_a_model_of_ultralytics_says_its_levels_alone():
    imported = plain(MODEL)
    assert imported.extends == "ultralytics"
    assert values(imported).keys() == {"anchors.strides"}
    assert told(MODEL).keys() == {"version"}
    assert "640 is taken" in remarks(imported, "default")["imgsz"]


def test_models_of_two_heads_are_told():
    head = [*HEAD[:-1], [[6, 4], 1, "v10Detect", ["nc"]]]
    for tree in (changed(MODEL, head=head), changed(MODEL, end2end=True)):
        assert "second head" in remarks(plain(tree), "default")["end2end"]
    named = plain(ARGUMENTS, model="yolo26n.pt")
    assert "second head" in remarks(named, "default")["model"]


def test_arguments_of_a_run_say_size_and_flips():
    found = of(ARGUMENTS)
    assert found["resize.size"] == (1280, 1280)  # the next multiple of 32
    assert found["augment.flip"] == 0.25
    assert found["anchors.strides"] == (8, 16, 32)
    assert told(ARGUMENTS).keys() == {"version"}


@pytest.mark.parametrize(
    ("name", "strides"),
    [
        ("yolo26s.pt", (8, 16, 32)),
        ("runs/yolov8n-seg.yaml", (8, 16, 32)),
        ("yolov8x-p2.yaml", (4, 8, 16, 32)),
        ("C:\\models\\yolov8x-pose-p6.pt", (8, 16, 32, 64)),
        ("yolov5n6u.pt", (8, 16, 32, 64)),
        ("yolov3-tinyu.pt", (16, 32)),
    ],
)
def test_names_of_the_packages_own_models_say_their_levels(name, strides):
    assert of(ARGUMENTS, model=name)["anchors.strides"] == strides
    assert "model" not in told(ARGUMENTS, model=name)


def test_sizes_are_multiples_of_the_largest_stride():
    found = of(ARGUMENTS, model="yolo26n-p6.yaml", imgsz=[480, 600])
    assert found["resize.size"] == (640, 640)
    assert of(ARGUMENTS, imgsz=33)["resize.size"] == (64, 64)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("model", "runs/detect/train/weights/best.pt", "does not say its levels"),
        ("mosaic", None, "mosaic moves and resizes"),
        ("scale", 0.5, "scale moves and resizes"),
        ("multi_scale", 0.5, "another size for every batch"),
        ("rect", True, "no squares"),
        ("classes", [0], "data.classes"),
    ],
)
def test_what_is_imitated_in_part_is_told(key, value, words):
    assert words in told(ARGUMENTS, **{key: value})[key]


@pytest.mark.parametrize(
    ("version", "extends"),
    [
        *(("8.3.100", "ultralytics-8.3"), ("8.3.253", "ultralytics-8.3")),
        *(("8.4.60", "ultralytics-8.4.100"), ("8.4.127", "ultralytics-8.4.100")),
        *(("8.4.128", "ultralytics"), ("8.5.1", "ultralytics")),
    ],
)
def test_a_version_that_is_said_has_its_preset(version, extends):
    tree = changed(ARGUMENTS, version=version)
    assert plain(tree).extends == extends
    assert told(tree) == {}


@pytest.mark.parametrize("version", ["8.3.99", "8.3.254", "8.4.59", "9.0", 8.4])
def test_versions_whose_gate_nobody_has_read_are_refused(version):
    with pytest.raises(Refused, match=f"{version}: the gates that are known"):
        of(ARGUMENTS, version=version)


@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("task", "obb", "obb has rotated boxes"),
        ("task", "classify", "assigns no boxes"),
        ("model", "rtdetr-l.pt", "rtdetr-l matches queries"),
        ("imgsz", "big", "imgsz: expected a whole number .*, got 'big'"),
        ("imgsz", [], r"imgsz: expected one side or two, got \[\]"),
    ],
)
def test_runs_without_a_gate_are_refused(key, value, words):
    with pytest.raises(Refused, match=words):
        of(ARGUMENTS, **{key: value})


def test_a_model_of_yolov5_says_levels_and_anchors_and_not_what_autoanchor_makes():
    found = of(SHAPES)
    assert found["anchors.sizes"] == ((10, 13, 16, 30), (30.5, 61, 62, 45))
    assert "autoanchor" in told(SHAPES)["anchors"]
    # Training sorts levels.
    head = [*HEAD[:-1], [[4, 6], 1, "Detect", ["nc", "anchors"]]]
    other = of(SHAPES, head=head, anchors=SHAPES["anchors"][::-1])
    assert {path: other[path] for path in found} == found
    with pytest.raises(Refused, match="autoanchor makes them"):
        of(SHAPES, anchors=3)
    with pytest.raises(Refused, match="1 lists for 2 levels"):
        of(SHAPES, anchors=[[1, 2]])
    with pytest.raises(Refused, match="YOLOv7 decides by predictions"):
        of(HYPER, loss_ota=1)
    with pytest.raises(Refused, match="among the anchors of -p yolov5"):
        of(SHAPES, head=[[[4], 1, "IDetect", ["nc", "anchors"]]])


def test_a_run_of_yolov5_holds_its_hyperparameters():
    found = of(OPTIONS)
    assert found["resize.size"] == (608, 608)
    assert found["assigner.ratio_below"] == of(HYPER)["assigner.ratio_below"] == 3.0
    assert told(OPTIONS).keys() == {"noautoanchor", "hyp.mosaic"}
    assert "P5" in told(OPTIONS, weights="yolov5l6.pt")["weights"]
    assert "anchor_t" in told(OPTIONS, hyp="data/hyps/hyp.yaml")["hyp"]
    assert "autoanchor" in told(HYPER, anchors=3)["anchors"]
    assert plain(OPTIONS).extends == "yolov5"


@pytest.mark.parametrize("tree", [MODEL, SHAPES, ARGUMENTS, HYPER, OPTIONS])
def test_whatever_stands_in_a_file_it_is_read_or_refused(tree):
    read_or_refuse_everything(tree, "yaml")


def test_the_files_of_a_run_are_settings_of_every_command(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / "street.json", street())
    Path("args.yaml").write_text(yaml.safe_dump(ARGUMENTS))
    Path("data.yaml").write_text("train: images\nnames: [car]\n")
    out, err = ask("stats street.json -p yolo11 --config args.yaml --full")
    assert "letterboxed to 1280x1280" in " ".join(out.split())
    assert "config import args.yaml --with version=" in err
    written, err = ask("config import args.yaml --with version=8.3.200")
    assert (written.splitlines()[1], err) == ('extends = "ultralytics-8.3"', "")
    # The version decides nothing else, and is needed all the same.
    assert ask("config import args.yaml --with version=8.4.190").err == ""
    ours = resolve("args.yaml").settings
    beside = {"resize.size": (1280, 1280), "augment.flip": 0.25}
    assert ours.values() == preset("ultralytics").values() | beside
    _, err = ask("config import data.yaml", code=2)
    assert "says where pictures are" in err


def test_a_key_that_is_written_again_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("args.yaml").write_text("task: detect\nmode: train\nimgsz: 640\nimgsz: 1280\n")
    out, err = ask("config import args.yaml --with version=8.4.190")
    told = "imgsz: not read: is written again on line 4, which is taken"
    assert f"warning: args.yaml:3: {told}" in err
    assert "size = [1280, 1280] # args.yaml:4, imgsz" in out
