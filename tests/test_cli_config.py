"""`config list`, `show` and `init`: what they print and write."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from atss_inspect.presets import preset_names
from atss_inspect.settings import load_settings, parse_settings, preset
from tests.command_line import ask


def test_list_shows_every_preset_on_a_line() -> None:
    out, err = ask("config list")
    assert re.match(r"preset +what it is\natss-mmdet +ATSS of mmdetection: anch", out)
    assert err == ""
    lines = out.splitlines()
    named = [line.split()[0] for line in lines[1 : lines.index("")]]
    assert named == list(preset_names())
    assert max(map(len, lines)) <= 80
    assert lines[-1] == "next: atss-inspect config show --preset atss-mmdet"
    document = ask("config list --json").json
    assert document["schema_version"] == 1
    assert [row["preset"] for row in document["presets"]] == named


def test_list_shows_other_names_of_presets() -> None:
    out, _ = ask("config list")
    assert (
        "\nOther names of ultralytics: yolov8, yolo11, yolo12, yolo26, yolov9, yolov10"
        ";\nalso with the letter of a size: yolo11s.\n"
    ) in out
    assert ask("config list --json").json["aliases"]["yolo11s"] == "ultralytics"


HEAD = """\
atss-mmdet: ATSS of mmdetection: anchors at the cells' corners
source: mmdetection 3.3.0, configs/atss/atss_r50_fpn_1x_coco.py

setting                    value                 from
data.classes               []                    preset atss-mmdet
"""
OWN = [
    "resize.short_side          640                   atss-inspect.toml",
    "anchors.scale              5.0                   ATSS_INSPECT_SET_SCALE",
    "assigner.k                 15                    --set",
]
LEVELS = """
levels, in input pixels
level  stride  first center  anchors, width x height
P3     8       0, 0          40x40
P4     16      0, 0          80x80
P5     32      0, 0          160x160
P6     64      0, 0          320x320
P7     128     0, 0          640x640
"""


def test_show_tells_where_every_value_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("atss-inspect.toml").write_text("[set]\nshort_side = 640\n")
    monkeypatch.setenv("ATSS_INSPECT_SET_SCALE", "5")
    out, err = ask("config show --set k=15")
    assert out.startswith(HEAD)
    assert out.endswith(LEVELS)
    rows = out.split("\n\n")[1].splitlines()[1:]
    assert [row.split()[0] for row in rows] == list(preset().values())
    origin = " preset atss-mmdet"
    said = [row for row in rows if not row.endswith(" default")]
    assert [row for row in said if not row.endswith(origin)] == OWN
    assert {row.index(origin) for row in rows if row.endswith(origin)} == {48}
    assert err == ""


@pytest.mark.parametrize("name", preset_names())
def test_show_stays_within_80_columns(name: str) -> None:
    assert max(map(len, ask(f"config show -p {name}").out.splitlines())) <= 80


def test_show_writes_files_of_settings_and_takes_them() -> None:
    text = ask("config show --preset rpn-detectron2 --set scale=4 --format toml").out
    assert parse_settings(text, "rpn-detectron2") == preset("rpn-detectron2", scale=4)
    written = ask("config show -p fcos-mmdet -o mine.toml")
    assert written == ("", "wrote mine.toml\n")
    assert load_settings("mine.toml") == replace(preset("fcos-mmdet"), name="mine")
    Path("mine.toml").write_text('extends = "atss-mmdet"\n[assigner]\nk = 15\n')
    out = ask("config show --config mine.toml").out
    assert out.startswith("mine\n\nsetting ")
    assert "\nassigner.k                 15                    mine.toml\n" in out
    assert ask("config show -q -o mine.json") == ("", "")
    assert "results" in json.loads(Path("mine.json").read_text())


INIT = """\
# Read by atss-inspect in this folder and below. Options and variables
# ATSS_INSPECT_* win over it; relative paths start at this file.
# ann = "annotations/instances_train.json"
# images = "train"
preset = ["atss-mmdet"]

[set] # settings of every preset that has them: atss-inspect config show
# "assigner.k" = 9
# "resize.short_side" = 800
"""


def test_init_comments_out_what_it_does_not_know_and_leaves_files_unless_forced() -> (
    None
):
    Path("atss-inspect.toml").write_text("# mine\n")
    ask("config init", code=2)
    assert Path("atss-inspect.toml").read_text() == "# mine\n"
    ask("config init --force")
    assert Path("atss-inspect.toml").read_text() == ask("config init -o -").out == INIT


def test_init_knows_yolo_data() -> None:
    Path("data.yaml").write_text("train: images\n")
    lines = ask("config init -o -").out.splitlines()
    assert lines[2:4] == ['# ann = "data.yaml"', 'preset = ["atss-mmdet"]']
    words = "--split val --key a.b --box-format xyxy --images pictures"
    lines = ask(f"config init data.yaml {words} -o -").out.splitlines()
    assert lines[2:7] == [
        'ann = ["data.yaml"]',
        'split = ["val"]',
        'key = "a.b"',
        'box_format = "xyxy"',
        'images = "pictures"',
    ]
