"""The presets are complete, and their anchors are those of the frameworks."""

import json
import tomllib
from pathlib import Path

import pytest

from atss_inspect import presets
from atss_inspect.assigners import rule_names
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.presets.needing_models import why_none
from atss_inspect.presets.written_out import written_out
from atss_inspect.settings import parse_settings, preset, resolve, restore_settings
from atss_inspect.settings.parameters import PARAMETERS

NAMES = presets.preset_names()
# They are compared with answers recorded from the framework itself.
RECORDED = {
    *("atss-mmdet", "atss-official", "fcos-mmdet", "fcos-mmdet-center"),
    *("fcos-official", "fcos-official-imprv", "fcos-torchvision", "rpn-mmdet"),
    *("retinanet-detectron2", "retinanet-mmdet", "retinanet-torchvision"),
    *("rtmdet-mmdet", "ultralytics", "ultralytics-8.3", "ultralytics-8.4.100"),
    "yolox-mmdet",
    *("fcos-detectron2", "rpn-detectron2", "rpn-torchvision"),
    *("ssd300-mmdet", "ssd300-torchvision", "ssdlite320-torchvision"),
    *("efficientdet-d0", "ppyoloe-warmup", "yolov5"),
}


def test_the_frameworks_presets_are_there_in_alphabetical_order():
    assert set(NAMES) >= {*RECORDED, *presets.DEFAULT_PRESETS, presets.DEFAULT_PRESET}
    assert list(NAMES) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_is_complete_and_survives_being_written_and_read(name):
    resolved = resolve(name)
    # What came later and is as it was before need not be said.
    said = {path for path, one in PARAMETERS.items() if not one.is_later}
    origins = [resolved.origins[path] for path in said & resolved.origins.keys()]
    assert set(origins) == {f"preset {name}"}
    settings = preset(name)
    assert settings.name == name
    assert settings.description
    assert settings.source
    assert parse_settings(settings.to_toml(), name) == settings
    written = json.dumps(settings.to_dict(), allow_nan=False)
    assert restore_settings(json.loads(written)) == settings
    assert "extends" not in tomllib.loads(presets.read_preset_text(name))


def test_a_preset_that_extends_another_has_only_what_differs_of_the_same_framework():
    folder = Path(presets.__file__).parent
    own = {name: (folder / f"{name}.toml").read_text("utf-8") for name in NAMES}
    extending = {
        name: below
        for name in NAMES
        if (below := tomllib.loads(own[name]).get("extends"))
    }
    assert extending["efficientdet-d7"] == "efficientdet-d0"
    for name, below in extending.items():
        assert below not in extending, name
        frameworks = [presets.read_framework(one)["name"] for one in (name, below)]
        assert len(set(frameworks)) == 1, name
        # Another rule's table is whole, so the two may have a line in common.
        same = {*own[name].splitlines()} & {*own[below].splitlines()} - {""}
        is_new_rule = 'name = "' in own[name]
        assert is_new_rule or not [one for one in same if one[0] != "["], name
        assert len(own[name].splitlines()) < len(own[below].splitlines()) / 2, name


BASE = """\
description = "below"
source = "b"

# of all levels
[anchors] # b.py
strides = [
    8, # P3
    16,
]
# why
scale = 4.0 # b.py

[assigner]
name = "atss"
k = 9 # topk

[framework]
name = "official"
"""


def test_lines_of_a_preset_come_over_those_it_extends_and_a_named_table_is_whole():
    own = """\
description = "mine"
source = "m"
extends = "below"

[anchors] # m.py
# another reason
scale = 8.0 # m.py

[assigner]
name = "fcos"

[framework.keys]
"anchors.scale" = ""
"""
    whole = """\
description = "mine"
source = "m"

[anchors] # m.py
strides = [
    8, # P3
    16,
]
# another reason
scale = 8.0 # m.py

[assigner]
name = "fcos"

[framework]
name = "official"

[framework.keys]
"anchors.scale" = ""
"""
    assert written_out(own, {"below": BASE}.__getitem__) == whole
    assert written_out(BASE, {}.__getitem__) == BASE
    bare = 'description = "mine"\nsource = "m"\nextends = "below"\n'
    changed = BASE.replace('"below"', '"mine"').replace('"b"', '"m"')
    assert written_out(bare, {"below": BASE}.__getitem__) == changed


def test_descriptions_fit_on_a_line_and_say_which_presets_have_no_record():
    for name, description in presets.preset_descriptions().items():
        assert len(description) <= 80 - 2 - max(map(len, NAMES))
        assert description.endswith("(no record)") == (name not in RECORDED), name


def test_numbers_of_presets_carry_their_origin():
    # Two lines in three at least: a second value often shares its line's origin.
    for name in NAMES:
        text = presets.read_preset_text(name).partition("\n[framework]")[0]
        lines = [line for line in text.splitlines() if " = " in line]
        assert sum(" # " in line for line in lines) > len(lines) * 2 / 3, name


def test_an_unknown_preset_is_answered_with_the_nearest():
    with pytest.raises(SettingsError) as caught:
        presets.read_preset("atss-mmdett")
    message = 'unknown preset "atss-mmdett"; did you mean atss-mmdet?'
    assert str(caught.value) == message
    assert caught.value.hint == "`atss-inspect config list` shows all"


def test_only_toml_files_and_the_module_are_in_the_folder():
    files = (path for path in Path(presets.__file__).parent.iterdir() if path.is_file())
    assert {path.suffix for path in files} == {".py", ".toml"}


SQUARE = {
    "resize.short_side": 640,
    "resize.long_side": 640,
    "resize.pad_to": (640, 640),
}
STRETCHED = {"resize.rule": "stretch", "resize.pad_divisor": 1}
# Where a config that a preset is named after goes its own way.
OWN = {
    "atss-mmdet-dyhead": {"resize.pad_divisor": 128},
    "atss-mmdet-glip": {
        "data.corners": "minus_one",
        "data.min_input_side": 1.0,
        "data.drop_emptied": True,
        "resize.rule": "truncated",
    },
    "yolov3-mmdet": {"resize.short_side": 608, "resize.long_side": 608},
    "rtmdet-mmdet": SQUARE,
    "yolox-mmdet": SQUARE,
    "ssd300-mmdet": STRETCHED | {"resize.size": (300, 300)},
    "ssd300-torchvision": STRETCHED | {"resize.size": (300, 300)},
    "ssdlite320-torchvision": STRETCHED | {"resize.size": (320, 320)},
}
FIRST = {
    "mmdet": "atss-mmdet",
    "torchvision": "fcos-torchvision",
    "detectron2": "rpn-detectron2",
    "official": "atss-official",
}


def cells(name: str, level: int) -> list[list[float]]:
    pyramid = build_pyramid(preset(name).anchors)
    anchors = pyramid.cell_anchors[pyramid.shapes_of(level)]
    return anchors.round(4).tolist()


def test_presets_of_a_framework_share_its_data_and_resize_rules():
    for framework, first in FIRST.items():
        shared = preset(first).values()
        for name in (name for name in NAMES if f"-{framework}" in name):
            values = preset(name).values()
            differing = {
                path: values[path]
                for path in values
                if path.startswith(("data.", "resize."))
                and values[path] != shared[path]
            }
            assert differing == OWN.get(name, {}), name


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("detr", "matches queries to objects by predictions"),
        ("RT-DETR", "matches queries"),
        ("HungarianAssigner", "matches queries"),
        ("ota", "decides by predictions"),
        ("Auto_Assign", "decides by predictions"),
        ("yolof", "half of its positives by predictions"),
        ("centernet", "heat maps"),
        ("simota", "-p yolox-mmdet"),
        ("task-aligned", "-p ultralytics"),
    ],
)
def test_rules_that_need_a_model_say_so_wherever_they_are_named(name, why):
    for ask in (lambda: preset(name), lambda: resolve(overrides=[f"assigner={name}"])):
        with pytest.raises(SettingsError) as caught:
            ask()
        assert f"{name}" in str(caught.value)
        assert why in str(caught.value)
        assert "`atss-inspect plot size`" in str(caught.value.hint)


def test_no_preset_and_no_rule_is_said_to_need_a_model():
    for name in (*NAMES, *presets.ALIASES, *rule_names()):
        assert why_none(name) is None


def test_a_family_is_suggested_before_what_is_only_spelled_alike():
    with pytest.raises(SettingsError, match="did you mean yolox-mmdet"):
        preset("yolox")


@pytest.mark.parametrize("name", ["yolov8n", "yolov9", "yolov9c", "yolov10b", "yolo12"])
def test_models_of_one_package_are_names_of_its_gate(name):
    assert presets.ALIASES[name] == "ultralytics"
    named = preset(name)
    assert (named.name, named.extends) == (name, "ultralytics")
    assert named.values() == preset("ultralytics").values()


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        *(("yolov11", "yolo11"), ("yolov11n", "yolo11"), ("yolo8", "yolov8")),
        *(("yolo-v8", "yolov8"), ("yolov26x", "yolo26"), ("yolo5", "yolov5")),
        *(("yolov5s", "yolov5"), ("yolov6", "yolov6-warmup"), ("yolo", "yolo11")),
        *(("yoloxmm", "yolox-mmdet"), ("yolov8n-seg", "yolov8")),
        *(("yolov4", None), ("yolo13", None), ("yolonas", None)),
    ],
)
def test_no_yolo_is_suggested_for_one_of_another_number(name, nearest):
    assert presets.nearest_preset(name) == (
        f"; did you mean {nearest}?" if nearest else ""
    )
    with pytest.raises(SettingsError) as caught:
        preset(name)
    assert str(caught.value).endswith(f'"{name}"{presets.nearest_preset(name)}')
