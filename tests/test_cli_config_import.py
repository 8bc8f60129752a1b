"""`config import`, and a framework's config wherever a convention is named."""

import json
import os
import re
from pathlib import Path

import pytest

from atss_inspect.settings import load_settings, preset, resolve
from tests.command_line import ask
from tests.tiny_coco import street, write_coco

BASE = """\
model = dict(
    type='RetinaNet',
    data_preprocessor=dict(type='DetDataPreprocessor', pad_size_divisor=32),
    bbox_head=dict(
        type='RetinaHead',
        num_classes=80,
        anchor_generator=dict(
            type='AnchorGenerator',
            octave_base_scale=4,
            scales_per_octave=3,
            ratios=[0.5, 1.0, 2.0],
            strides=[8, 16, 32, 64, 128])),
    train_cfg=dict(
        assigner=dict(
            type='MaxIoUAssigner', pos_iou_thr=0.5, neg_iou_thr=0.4, min_pos_iou=0)))
train_dataloader = dict(
    dataset=dict(
        type='CocoDataset',
        filter_cfg=dict(filter_empty_gt=True, min_size=32),
        pipeline=[
            dict(type='LoadAnnotations', with_bbox=True),
            dict(type='Resize', scale=(1333, 800), keep_ratio=True),
        ]))
"""
MINE = """\
import os
_base_ = './base.py'
work_dir = os.environ.get('RUN')
model = dict(bbox_head=dict(anchor_generator=dict(octave_base_scale=3)))
train_dataloader = dict(dataset=dict(metainfo=dict(classes=('car', 'person'))))
"""
WRITTEN = """\
# imported from mine.py (mmdetection 3)
extends = "retinanet-mmdet"

[data]
classes = ["car", "person"] # mine.py:5, classes
drop_images = "unannotated" # base.py:19, filter_empty_gt
min_image_side = 32 # base.py:19, min_size

[resize]
short_side = 800 # base.py:22, scale
long_side = 1333 # base.py:22, scale
pad_divisor = 32 # base.py:3, pad_size_divisor

[anchors]
strides = [8, 16, 32, 64, 128] # base.py:12, strides
scale = 3.0 # mine.py:4, octave_base_scale
scales_per_octave = 3 # base.py:10, scales_per_octave
ratios = [0.5, 1.0, 2.0] # base.py:11, ratios

[assigner]
positive_from = 0.5 # base.py:15, pos_iou_thr
negative_below = 0.4 # base.py:15, neg_iou_thr
low_quality_floor = 0.0 # base.py:15, min_pos_iou
"""


@pytest.fixture(autouse=True)
def configs():
    Path("base.py").write_text(BASE)
    Path("mine.py").write_text(MINE)
    crop = BASE.replace(
        "dict(type='Resize'", "dict(type='RandomCrop'), dict(type='Resize'"
    )
    Path("crop.py").write_text(crop)
    Path("paa.py").write_text(BASE.replace("RetinaHead", "PAAHead"))


def undrawn(text: str) -> str:
    """A file of settings without what training draws."""
    return re.sub(r"\[augment\]\n(.+\n)*\n", "", text)


def test_the_file_extends_a_preset_and_has_only_what_the_config_says():
    out, err = ask("config import mine.py")
    assert undrawn(out) == WRITTEN
    assert err.startswith("note: left to mmdetection 3: model.train_cfg")
    assert len(err.splitlines()) == 1
    assert ask("-q config import mine.py -o mine.toml") == ("", "")
    written = load_settings("mine.toml")
    assert written.values() == resolve("mine.py").settings.values()
    own = {"data.classes": ("car", "person"), "anchors.scale": 3.0}
    found = written.values()
    assert {**found, **own} == found


def test_what_is_imitated_in_part_is_told_and_refused_when_strict():
    out, err = ask("config import crop.py")
    told = "train_dataloader.dataset.pipeline[1]: inexact: RandomCrop crops or moves"
    assert f"warning: crop.py:22: {told}" in err
    assert "# inexact: train_dataloader.dataset.pipeline[1]: RandomCrop" in out
    out, err = ask("config import crop.py --strict -o crop.toml", code=2)
    assert err.startswith("atss-inspect: error: crop.py:22: train_dataloader.dataset")
    assert out == ""
    assert not Path("crop.toml").exists()
    assert undrawn(ask("config import mine.py --strict").out) == WRITTEN


def test_json_has_every_setting_with_its_place():
    document = ask("config import crop.py --json").json
    assert document["framework"] == "mmdetection 3"
    assert document["files"] == ["crop.py"]
    assert document["extends"] == "retinanet-mmdet"
    assert document["settings"]["anchors.scale"] == {
        "value": 4.0,
        "file": "crop.py",
        "line": 9,
        "key": "model.bbox_head.anchor_generator.octave_base_scale",
        "is_default": False,
    }
    assert document["settings"]["data.classes"]["is_default"]
    assert [one["line"] for one in document["inexact"]] == [22]
    assert document["not_read"] == []
    assert document["refused"] is None


def test_a_refusal_names_key_place_and_reason_and_writes_nothing():
    reason = "PAAHead decides by predictions, which need a model"
    out, err = ask("config import paa.py -o paa.toml", code=2)
    told, hint = err.splitlines()
    assert told == f"atss-inspect: error: paa.py:5: model.bbox_head.type: {reason}"
    assert "atss-inspect stats" in hint
    assert "atss-inspect plot size" in hint
    assert (out, Path("paa.toml").exists()) == ("", False)
    refused = json.loads(ask("config import paa.py --json", code=2).out)["refused"]
    assert refused == {
        **{"key": "model.bbox_head.type", "file": "paa.py", "line": 5},
        "reason": reason,
    }


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("nothere.py", "nothere.py: cannot be read: no such file or directory"),
        ("mine.py --part rpn", "base.py:1: model.rpn_head: is missing: the model has"),
        ("mine.py --base x", '--base: expected PKG=FOLDER, got "x"'),
        ("mine.py --base x=nowhere", "--base x=nowhere: no such folder"),
        ("mine.toml", "mine.toml: expected a config named .py, .yaml, .yml"),
    ],
)
def test_what_is_typed_wrongly_is_named(words, message):
    assert (
        f"atss-inspect: error: {message}" in ask(f"config import {words}", code=2).err
    )


def test_changes_are_those_of_the_trainer():
    change = "model.bbox_head.anchor_generator.octave_base_scale=8"
    out = ask(f"config import mine.py --with {change}").out
    assert f"\nscale = 8.0 # --with {change.partition('=')[0]}\n" in out


def test_a_value_out_of_range_refuses_the_key_of_the_config():
    Path("wide.py").write_text(BASE.replace("pos_iou_thr=0.5", "pos_iou_thr=5"))
    err = ask("config import wide.py", code=2).err
    assert err == (
        "atss-inspect: error: wide.py:15: model.train_cfg.assigner.pos_iou_thr: "
        "assigner.positive_from: expected a number from 0.0001 to 1, got 5.0\n"
    )


def test_values_that_do_not_go_together_write_nothing():
    fcos = BASE.replace("RetinaHead", "FCOSHead")
    fcos = fcos.replace("num_classes=80,", "strides=[8, 16],")
    Path("fcos.py").write_text(fcos)
    err = ask("config import fcos.py -o fcos.toml", code=2).err
    assert "assigner.scale_ranges" in err
    assert not Path("fcos.toml").exists()


def test_a_config_stands_wherever_a_convention_is_named():
    write_coco(Path("street.json"), street())
    by_option = ask("stats street.json --config crop.py --set classes=[]")
    assert by_option.err.startswith("warning: crop.py:22: train_dataloader")
    by_preset = ask("stats street.json --preset crop.py --set classes=[]")
    assert (by_preset.verdict, by_preset.err) == (by_option.verdict, by_option.err)
    Path("atss-inspect.toml").write_text('preset = ["crop.py"]\n[set]\nclasses = []\n')
    assert "crop" in ask("stats street.json").out
    out = ask("compare street.json crop.py atss-mmdet --json").json
    names = [one["preset"] for one in out["results"]]
    assert names == ["crop", "atss-mmdet"]


def test_show_tells_file_and_line_of_every_value():
    out = ask("config show --config mine.py").out
    assert "anchors.scale               3.0" in out
    assert "mine.py:4, octave_base_scale" in out
    assert "base.py:15, pos_iou_thr" in out
    assert "preset retinanet-mmdet" in out
    lines = ask("config show --config base.py").out.splitlines()
    assert "80 in all" in "".join(lines)
    assert max(map(len, lines)) <= 80


def test_yolox_files_are_refused_by_their_class():
    text = "from yolox.exp import Exp as Other\nclass Exp(Other):\n    depth = 1\n"
    Path("exp.py").write_text(text)
    err = ask("config import exp.py", code=2).err
    assert "YOLOX decides by predictions" in err
    assert "-p yolox-mmdet" in err


def of_folders(tmp_path, monkeypatch):
    """Write two configs of one name, one of which draws and crops."""
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / "street.json", street())
    crop = BASE.replace(
        "        ]))", "            dict(type='RandomCrop'),\n        ]))"
    )
    for folder, text in {"run1": BASE, "run2": crop}.items():
        Path(folder).mkdir()
        Path(folder, "config.py").write_text(text, encoding="utf-8")


def test_configs_of_one_name_are_told_apart_by_their_folders(tmp_path, monkeypatch):
    of_folders(tmp_path, monkeypatch)
    typed = "run1/config.py run2/config.py"
    for words in (typed, "--config run1/config.py --config run2/config.py"):
        answer = ask(f"compare street.json {words} --json").out
        names = [one["name"] for one in json.loads(answer)["settings"]]
        assert names == ["run1/config", "run2/config"]
    assert (
        "got config twice"
        in ask("stats street.json -c run1/config.py -c run1/config.py", code=2).err
    )


def test_what_a_config_loses_is_in_every_answer(tmp_path, monkeypatch):
    of_folders(tmp_path, monkeypatch)
    asked = "stats street.json -c run2/config.py"
    told = json.loads(ask(f"{asked} --json").out)["warnings"]
    assert ["RandomCrop" in one["message"] for one in told][:1] == [True]
    assert told[0]["reason"] == "config_inexact"
    ask("report street.json -c run2/config.py -o page.html")
    assert "RandomCrop crops" in Path("page.html").read_text(encoding="utf-8")
    with pytest.warns(UserWarning, match="RandomCrop crops"):
        preset("run2/config.py")


def test_the_next_command_names_the_file_of_a_project(tmp_path, monkeypatch):
    of_folders(tmp_path, monkeypatch)
    project = 'ann = "street.json"\npreset = ["run1/config.py"]\n'
    Path("atss-inspect.toml").write_text(project, encoding="utf-8")
    write_coco(Path("street.json"), {**street(), "annotations": []})
    following = ask("stats").out.split("next: ")[1]
    assert following == "atss-inspect config show --config run1/config.py\n"
    assert ask(following.removeprefix("atss-inspect ")).out


def test_what_a_config_names_writes_no_line_of_its_own():
    key = 'a\\nextends = "x"\\x1b[31m\\u202e'
    text = BASE.replace("num_classes=80,", f"num_classes=80, **{{'{key}': 1}},")
    name = "my.py" if os.name == "nt" else "my\nassigner.k = 7\x1b[31m.py"
    Path(name).write_text(text)
    ask(f"-q config import '{name}' -o mine.toml")
    written = Path("mine.toml").read_text(encoding="utf-8")
    assert all(line.isprintable() for line in written.splitlines())
    assert 'not read: model.bbox_head.a\\nextends = "x"\\x1b[31m\\u202e' in written
    assert load_settings("mine.toml").values() == resolve(name).settings.values()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("num_classes=80", "**{1: 2, (3, 4): 5}", None),
        ("filter_cfg", "metainfo=dict(classes=5), filter_cfg", "expected a list of"),
        (
            "filter_cfg",
            "metainfo=dict(classes=['\\ud800']), filter_cfg",
            "half a letter",
        ),
        (
            "dict(type='Resize'",
            "dict(type='RandomFlip', direction=[1]), dict(type='Resize'",
            "expected names of directions",
        ),
        (
            "dict(type='Resize'",
            "dict(type='RandomFlip', direction=[], prob=0.5), dict(type='Resize'",
            "expected names of directions",
        ),
        ("model =", "break\nmodel =", "base.py:1: is outside of a loop"),
    ],
)
def test_odd_values_are_a_line_or_an_answer(old, new, message):
    Path("base.py").write_text(BASE.replace(old, new, 1))
    err = ask("config import base.py", code=2 if message else 0).err
    assert message is None or message in err


@pytest.mark.parametrize(
    "change", ["²=1", f"{'9' * 5000}=1", f"0{'.a' * 800}=1", "-1.x=1"]
)
def test_odd_changes_are_refused_by_a_line(change):
    Path("base.py").write_text(BASE + "train_pipeline = [dict()]\n")
    err = ask(f"config import base.py --with train_pipeline.{change}", code=2).err
    assert err.startswith("atss-inspect: error: --with train_pipeline.")
    assert "Traceback" not in err


def test_a_change_by_which_nothing_changes_is_told():
    key = "model.bbox_head.anchor_generator.octave_base_scale"
    words = f"config import mine.py --with model.bbox_heads.x=8 --with {key}=5"
    out, err = ask(f"{words} --strict")
    told = [line for line in err.splitlines() if line.startswith("warning")]
    assert told == [
        "warning: --with model.bbox_heads.x: not read: no setting changes by it; is it "
        "the key that training looks at?"
    ]
    assert "\nscale = 5.0" in out
    # Of two that are needed, neither is idle.
    both = "--with a.b=1 --with model.bbox_head.type=RetinaHead"
    assert "warning: --with a.b" in ask(f"config import paa.py {both}").err


def test_hints_name_changes_that_the_import_takes():
    key = "model.train_cfg.assigner.pos_iou_thr"
    err = ask(f"config import mine.py --with {key}=0.3", code=2).err
    assert "hint: --with model.train_cfg.assigner.neg_iou_thr=" in err
    late = "import os\n" + BASE.replace("(1333, 800)", "os.environ['S']")
    Path("late.py").write_text(late)
    err = ask("config import late.py", code=2).err
    assert "hint: `atss-inspect config import FILE --with KEY=VALUE` says it" in err
    drawn = BASE.replace("type='Resize', scale=(1333, 800)", "type='RandomResize', ")
    drawn = drawn.replace("'RandomResize', ", "'RandomResize', scale=[(9, 4), (9, 8)]")
    Path("drawn.py").write_text(drawn)
    err = ask("config import drawn.py").err
    assert "atss-inspect sweep FILE --config drawn.py short_side=4,5,6,7,8" in err
