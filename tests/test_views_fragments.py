"""Settings to paste: in the form of each framework, complete, and readable by it."""

import ast
import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from atss_inspect.assigners import RULES
from atss_inspect.assigners.rule import Words
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names
from atss_inspect.settings import preset, resolve
from atss_inspect.views.fragments import fragment_of, toml_of

GOLDEN = (Path(__file__).parent / "golden" / "fragments.txt").read_text()
EXACT = dict(part.split("\n", 1) for part in f"\n{GOLDEN}".split("\n==== ")[1:])
NO_LEVELS = (
    "# Not certain: a ResNet with FPN as the preset has it has no such levels.\n"
)
NO_OCTAVE = "octave_base_scale=None, scales_per_octave=None"
SIZES = "sizes=[[16],[32],[64],[128],[256]]"
LEVEL_RATIOS = "ratios=[[1],[1],[2,3],[1],[1]]"
NOT_CERTAIN = "the key for it is not certain.\n"
P2_P7 = "strides=4,8,16,32,64,128"


class Detectron2Loader(yaml.SafeLoader):
    """Reads what detectron2's own files let Python evaluate, checked to be Python."""


Detectron2Loader.add_constructor(
    "tag:yaml.org,2002:python/object/apply:eval",
    lambda loader, node: ast.parse(loader.construct_sequence(node)[0]),
)


def written(name: str, changes: str, today: str = "") -> str:
    """Text for a preset with changes as they are typed, beside what holds today."""
    own = resolve(name, overrides=today.split()).settings
    changed = resolve(name, overrides=[*today.split(), *changes.split()]).settings
    found = fragment_of(changed, own)
    assert found is not None
    return found.text


@pytest.mark.parametrize("case", EXACT)
def test_a_change_has_all_keys_that_follow_it(case: str) -> None:
    before, _, changes = case.partition(" / ")
    name, _, today = before.partition(" ")
    assert written(name, changes, today) == EXACT[case].rstrip("\n") + "\n"


@pytest.mark.parametrize(
    ("name", "changes", "part"),
    [
        ("atss-mmdet", "strides=4,8,16", "neck=dict(start_level=0, num_outs=3, end_l"),
        ("atss-mmdet-dyhead", P2_P7, "),\n)\n# Not certain: neck is a list here, and "),
        ("fcos-mmdet", "radius=2", "(center_sampling=True, center_sample_radius=2),"),
        ("fcos-mmdet-center", "radius=2", "bbox_head=dict(center_sample_radius=2),"),
        ("fcos-torchvision", P2_P7, "sizes=((4,), (8,), (16,), (32,), (64,), (128,)),"),
        ("retinanet-detectron2", P2_P7, "Config\nfrom detectron2.layers import Shape"),
        ("retinanet-detectron2", P2_P7, "input_shape = [ShapeSpec(channels=256)] * 6"),
        ("rpn-detectron2", P2_P7, NO_LEVELS),
        ("rpn-torchvision", "strides=4,8,16", NO_LEVELS),
        ("atss-official", "offset=0.1", f"# anchors.offset = 0.1: {NOT_CERTAIN}"),
        ("retinanet-mmdet", "scales=2,4", f"({NO_OCTAVE}, scales=[2, 4])"),
        ("retinanet-mmdet", SIZES, f"{NO_OCTAVE}, scales=[1], base_sizes=[16, 32, 64,"),
        ("rpn-mmdet", "sizes=[[16,32]]", "(scales=[1, 2], base_sizes=[16, 16, 16,"),
        # The offset is one of base sizes there.
        ("atss-mmdet-dyhead", "sizes=[[16]]", f"= [[16.0]]: {NOT_CERTAIN}"),
        ("retinanet-mmdet", "strides=8,16,[32,40]", "strides=[8, 16, [40, 32]]"),
        ("retinanet-mmdet", "ratios=[[1,2]]", f"= [[1.0, 2.0]]: {NOT_CERTAIN}"),
        ("rpn-mmdet", "allowed_border=0", "train_cfg=dict(rpn=dict(allowed_border=0))"),
        ("rpn-detectron2", "allowed_border=0", "  RPN:\n    BOUNDARY_THRESH: 0\n"),
        ("rpn-detectron2", "allowed_border=0", "generator.anchor_boundary_thresh = 0"),
        ("retinanet-mmdet", "low_quality_ties=first", "gt_max_assign_all=False"),
        ("retinanet-detectron2", "sizes=[[16,32]]", "    SIZES: [[16, 32]]\n"),
        (
            "retinanet-detectron2",
            LEVEL_RATIOS,
            "ASPECT_RATIOS: [[1], [1], [2, 3], [1], ",
        ),
        (
            "retinanet-torchvision",
            LEVEL_RATIOS,
            "ios=((1.0,), (1.0,), (2.0, 3.0), (1.0,)",
        ),
        (
            "retinanet-torchvision",
            SIZES,
            "sizes=((16,), (32,), (64,), (128,), (256,)),",
        ),
        ("retinanet-official", SIZES, "    SCALES_PER_OCTAVE: 1\n"),
        (
            "retinanet-official",
            "scales=2,4",
            f"# anchors.scales = [2.0, 4.0]: {NOT_CERTAIN}",
        ),
        ("retinanet-official", LEVEL_RATIOS, f"[1.0], [1.0]]: {NOT_CERTAIN}"),
    ],
)
def test_keys_of_single_changes(name: str, changes: str, part: str) -> None:
    assert part in written(name, changes)


SMALL = "[[10,13,16,30],[30,61,62,45]]"
YOLO_NECK = "num_scales=2, in_channels=[256, 128], out_channels=[128, 64]"
NO_SUCH = "# Not certain: the network as the preset has it has no such levels.\n"
SQUARE = "short_side=768 long_side=768 pad_to=768,768"


@pytest.mark.parametrize(
    ("name", "changes", "parts"),
    [
        ("yolox-mmdet", "levels=P2-P4", ["(out_indices=[1, 2, 3])", "[64, 128, 256]"]),
        ("yolox-mmdet", "levels=P2-P4", ["bbox_head=dict(strides=[4, 8", "makes p5,"]),
        ("rtmdet-mmdet", "levels=P2-P5", ["dict(in_channels=[128, 256, 512, 1024])"]),
        ("rtmdet-mmdet", "levels=P2-P5", ["d=dict(anchor_generator=dict(strides=[4"]),
        ("rtmdet-mmdet", "levels=P3-P6", [NO_SUCH]),
        ("yolov3-mmdet", f"levels=P2-P3 sizes={SMALL}", [YOLO_NECK, "out_indices=[2"]),
        (
            "yolov3-mmdet",
            f"levels=P2-P3 sizes={SMALL}",
            ["s=[8, 4], base_sizes=[[[30, 61], [62, 45]], [[10, 13], [16, 30]]]"],
        ),
        ("reppoints-mmdet", "levels=P2-P6", ["bbox_head=dict(point_strides=[4, 8, "]),
        ("foveabox-mmdet", "levels=P2-P6", ["base_edge_list=[8, 16, 32, 64, 128]"]),
        ("ga-retinanet-mmdet", "scale=3", ["=3), square_anchor_generator=dict(scales"]),
        ("ga-retinanet-mmdet", "levels=P2-P6", ["square_anchor_generator=dict(strid"]),
    ],
)
def test_networks_without_a_plain_fpn(
    name: str, changes: str, parts: list[str]
) -> None:
    text = written(name, changes)
    assert all(part in text for part in parts)
    # Necks of YOLO know no levels.
    has_fpn = name.startswith(("rep", "fov", "ga"))
    assert ("start_level" in text) == (has_fpn and "levels" in changes)


def test_a_fixed_square_is_one_key() -> None:
    assert written("efficientdet-d1", SQUARE) == "image_size = (768, 768)\n"
    assert "img_scale and crop_size" in written("rtmdet-mmdet", SQUARE)


def test_anchors_of_yolov5_are_rows_of_its_file_of_the_model() -> None:
    sizes = "sizes=[[5,6.5],[10,13],[30,61]]"
    text = written("yolov5", f"{sizes} imgsz=800 ratio_below=3")
    read = yaml.safe_load(text)
    assert read == {"anchors": [[5, 6.5], [10, 13], [30, 61]]}
    for part in (
        "--noautoanchor",
        "# P4/16\n",
        "# train.py: imgsz=800",
        "anchor_t = 3",
    ):
        assert part in text


def test_sizes_for_torchvision_are_those_that_were_judged() -> None:
    text = written("retinanet-torchvision", "scale=3.7")
    sizes = ast.literal_eval(text.partition("sizes=")[2].partition(",\n")[0])
    cells = preset("retinanet-torchvision", scale=3.7).pyramid.cell_anchors
    cells = cells.reshape(5, 9, 4)
    sides = cells[:, 3:6, 2] - cells[:, 3:6, 0]  # of ratio 1
    # Half a side is rounded to a whole number, half to even.
    np.testing.assert_array_equal(2 * np.rint(np.array(sizes) / 2), sides)


def test_a_rule_tells_the_keys_of_its_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words: Words[Any] = Words(
        configs=lambda params, _: {"mmdetection": {"k": {"{assigner}.near": params.k}}}
    )
    monkeypatch.setitem(RULES, "atss", replace(RULES["atss"], words=words))
    assert "train_cfg=dict(assigner=dict(near=11))" in written("atss-mmdet", "k=11")
    assert written("atss-official", "k=11") == f"# assigner.k = 11: {NOT_CERTAIN}"


def test_settings_without_a_preset_have_no_framework() -> None:
    assert fragment_of(replace(preset(), extends=""), preset()) is None


def test_a_file_has_what_differs_from_its_preset_or_from_today() -> None:
    today = preset("atss-mmdet", k=15)
    settings = preset("atss-mmdet", k=15, scale=4.0, long_side=1000)
    sides = "[resize]\nlong_side = 1000\n\n[anchors]\nscale = 4.0\n"
    assert toml_of(settings, today, "") == sides
    whole = toml_of(settings, today, "atss-mmdet")
    assert whole == f'extends = "atss-mmdet"\n\n{sides}\n[assigner]\nk = 15\n'


CHANGES = (
    "strides=16,32,64,128,256",
    "strides=4,8,16,32,64",
    "strides=8,16,32,64,128 scale=3.7 offset=0.25",
    "ratios=0.5,3 scales_per_octave=2",
    "short_side=640 long_side=999 pad_divisor=64",
    "positive_from=0.6 negative_below=0.2 allow_low_quality=false",
    "k=11",
    "sizes=[[16],[32,40],[64],[128],[256]] ratio_pairs=[[1,1],[1.4,0.7]]",
    "scales=2,4 ratios=[[1],[1],[2],[1],[1]] allowed_border=0",
    "radius=2 scale_ranges=[[-1,8],[8,16],[16,32],[32,64],[64,1e8]]",
)


@pytest.mark.parametrize("name", preset_names())
@pytest.mark.parametrize("changes", CHANGES)
def test_python_and_yaml_can_read_every_form(name: str, changes: str) -> None:
    python, yaml_text = "", ""
    with contextlib.suppress(SettingsError):  # parameters of another rule
        python = written(name, changes)
    if name.partition("-")[2].startswith(("official", "adelaidet")):
        yaml_text, python = python, ""
    elif python.startswith("# YAML"):
        yaml_text, _, python = python.partition("# LazyConfig\n")
    ast.parse(python)
    found = yaml.load(yaml_text, Detectron2Loader) or {}
    assert found.keys() <= {"MODEL", "INPUT", "DATALOADER"}


def test_glip_and_adelaidet_say_sizes_and_ranges_in_their_own_words() -> None:
    text = written("atss-mmdet-glip", "short_side=640")
    assert "dict(type='FixScaleResize', scale=(1333, 640), keep_ratio=True)," in text
    ranges = "scale_ranges=[[-1,8],[8,16],[16,32],[32,64],[64,1e8]]"
    text = written("fcos-adelaidet", f"radius=0 {ranges}")
    assert text == (
        "MODEL:\n  FCOS:\n    CENTER_SAMPLE: False\n"
        "    SIZES_OF_INTEREST: [8, 16, 32, 64]\n"
    )
    # There is no key for ranges with gaps.
    gaps = ranges.replace("[8,16]", "[9,16]")
    told = "# assigner.scale_ranges = [[-1.0, 8.0], [9.0, 16.0]"
    assert written("fcos-adelaidet", gaps).startswith(told)


def test_sizes_of_an_octave_are_written_as_detectron2_has_them() -> None:
    text = written("retinanet-detectron2", "scale=2")
    each = (
        "[[x, x * 2 ** (1.0 / 3), x * 2 ** (2.0 / 3)] for x in [16, 32, 64, 128, 256]]"
    )
    assert f'SIZES: !!python/object/apply:eval ["{each}"]\n' in text
    assert f"model.anchor_generator.sizes = {each}\n" in text
    found = eval(each)
    anchors = preset("retinanet-detectron2", scale=2.0).anchors
    np.testing.assert_allclose(found[1], 16 * anchors.octave())


def test_arguments_of_ultralytics_and_what_its_model_files_decide() -> None:
    assert written("yolo11", "imgsz=1280") == "imgsz=1280\n"
    assert written("yolov5", "imgsz=1280") == "imgsz=1280\n"
    assert "key for it is not certain" in written("yolo11", "quota=13")
    text = written("yolo11s", "levels=P2-P5 imgsz=960")
    told = " ".join(text.replace("#", " ").split())
    assert told == (
        "imgsz=960 The file of the model decides the levels: yolov8-p2.yaml and "
        "yolo26-p2.yaml have P2 to P5, yolov8-p6.yaml P3 to P6; for YOLO11 copy the "
        "inputs of their Detect layer."
    )
    assert max(map(len, text.splitlines())) <= 78
