"""`sweep`: what it prints in every format, and that `stats` prints the same."""

from pathlib import Path
from typing import Any

import pytest

from tests.command_line import ask
from tests.random_coco import random_coco
from tests.tiny_coco import write_coco

SWEEP = "-q sweep --ann yard.json"
RANDOM = "-q sweep --ann random.json"

# One image that is 800 px high already. Anchors of P3 have their centers at whole
# multiples of 8: the box at (98, 203) of 3 px holds none.
YARD: dict[str, Any] = {
    "images": [{"id": 1, "width": 1024, "height": 800, "file_name": "yard.jpg"}],
    "categories": [{"id": 1, "name": "cat"}],
    "annotations": [
        {"id": 1, "bbox": [98, 203, 3, 3], "area": 9},
        {"id": 2, "bbox": [300, 300, 64, 64], "area": 4096},
        {"id": 3, "bbox": [500, 300, 200, 128], "area": 25600},
        {"id": 4, "bbox": [100, 500, 24, 24], "area": 576},
    ],
}
for _annotation in YARD["annotations"]:
    _annotation |= {"image_id": 1, "iscrowd": 0, "category_id": 1}


# The same on 30 images, which are enough to tell a difference from chance.
FIELD: dict[str, Any] = YARD | {
    "images": [YARD["images"][0] | {"id": n, "file_name": f"{n}"} for n in range(30)],
    "annotations": [
        one | {"id": 4 * n + one["id"], "image_id": n}
        for n in range(30)
        for one in YARD["annotations"]
    ],
}
FIELDS = "-q sweep --ann field.json"


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("field.json"), FIELD)
    write_coco(Path("random.json"), random_coco(11))


def test_the_table_has_a_row_for_every_k_and_one_for_today() -> None:
    printed = ask(f"{FIELDS} k=3,15")
    rows = [line.split() for line in printed.out.splitlines()]
    expected = (
        "k mean 0.2*k*L poorly tiny small medium large missing Gini IoU",
        "3 2.2 3.0 25.0% 100% 0% 0% 0% 43.8% 0.25 0.50",
        "15 9.8 15.0 25.0% 100% 0% 0% 0% 25.0% 0.33 0.48",
        "9 * 6.8 9.0 25.0% 100% 0% 0% 0% 25.0% 0.25 0.46",
    )
    start = rows.index(expected[0].split())
    assert rows[start : start + 4] == [row.split() for row in expected]
    assert ["9", "*", "66.7%", "33.3%", "0%", "0%", "0%"] in rows
    assert printed.verdict == (
        "No other value of k is clearly better here (25.0% poorly assigned, 25.0 to "
        "43.8% missing to need): keep 9."
    )


# Anchors of P3 have 4 px between them at twice the size: the 3 px box holds a center.
SIZES = """verdict: short_side 1600: poorly assigned 25.0 -> 0% (-25.0 points), 4.00 times
  the multiply-adds of a ResNet-50 FPN with two towers. To try as well: a finer
  level.

settings for short_side 1600, as a file for --config:

extends = "atss-mmdet"

[resize]
short_side = 1600
long_side = 2666

short_side 1600 for mmdetection:

# in train_pipeline and test_pipeline:
dict(type='Resize', scale=(2666, 1600), keep_ratio=True),

next: atss-inspect stats --ann field.json --preset atss-mmdet --set short_side=1600 --set long_side=2666 --by size
  or: atss-inspect sweep --ann field.json --preset atss-mmdet levels=P3-P7,P2-P6
"""  # noqa: E501 - commands are not broken


def test_a_row_worth_a_change_is_named_with_its_price_and_what_to_paste() -> None:
    out = ask(f"{FIELDS} short_side=800,1200,1600").out
    assert out.endswith(f"\n{SIZES}")
    [head, *rows] = [
        line.split()[-4:] for line in out[out.index("IoU  pixels") :].splitlines()[:4]
    ]
    assert head == ["pixels", "cells", "anchors", "multiply-adds"]
    # 1200 x 1536 is 2.25 times 800 x 1024, but padded to 1216 x 1536.
    assert rows == [["1.00"] * 4, ["2.28"] * 4, ["4.00"] * 4]


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        (
            f"{FIELDS} scale=4,6",
            "Other values of scale make no difference here (25.0% poorly assigned): "
            "keep 8.",
        ),
        (
            f"{FIELDS} k=8,9 scale=6,8",
            "Other values of k and scale make no difference here (25.0% poorly "
            "assigned): keep k 9, scale 8.",
        ),
        (
            f"{FIELDS} -p retinanet-torchvision levels=P1-P7,P2-P7",
            "levels P2-P7 would lower missing to need 18.8 -> 0%, which is not worth "
            "2.92 times the multiply-adds: keep P3-P7.",
        ),
        (
            f"{FIELDS} -p fcos-mmdet --set radius=0 --size small --need 20 "
            "short_side=800,1600",
            "Nothing needs changing, fcos-mmdet is fine here (0% poorly assigned, "
            "80.0% missing to need): keep 800. short_side 1600 would lower missing to "
            "need 80.0 -> 0%, at 4.00 times the multiply-adds.",
        ),
        (
            f"{FIELDS} --size medium --set k=3 k=3,9",
            "Nothing needs changing, yet k 9 costs nothing: missing to need 25.0 -> 0% "
            "(-25.0 points).",
        ),
        (f"{FIELDS} k=9", "No other value of k was tried: 25.0% poorly assigned."),
        (
            f"{FIELDS} positive_from=0.4,0.5 -p retinanet-mmdet",
            "Other values of positive_from change what counts as a positive, so they "
            "are not ranked: keep 0.5.",
        ),
        (
            f"{FIELDS} min_box_side=1,8",
            "Other values of min_box_side change which objects are kept, so they are "
            "not ranked: keep 1.",
        ),
        (
            f"{SWEEP} k=3,9",
            "With fewer than 20 images chance may make any difference: keep 9.",
        ),
        (f"{SWEEP} --set min_box_side=500 k=3,9", "No object is left to assign."),
    ],
)
def test_the_verdict_says_what_to_change_or_to_keep(command: str, verdict: str) -> None:
    printed = ask(command)
    assert printed.verdict.partition(" settings for ")[0] == verdict
    sweep = ask(f"{command} --json").json["sweep"]
    assert sweep["verdict"] == verdict
    is_change = verdict.endswith(("points).", "towers."))
    has_text = [sweep[key] is not None for key in ("choice", "toml", "fragment")]
    assert has_text == [is_change] * 3
    assert is_change == ("\nsettings for " in printed.out)


def test_a_sweep_over_levels_says_which_ranges_its_rows_take() -> None:
    notes = {
        "levels=P2-P6,P3-P7": "Scale ranges end at 64, 128, 256, 512 in every row, "
        "whatever its strides; --set assigner.scale_ranges=[] derives them.",
        "levels=P2-P7 --set scale_ranges=[]": "Scale ranges end at 32, 64, 128, 256, "
        "512 (levels P2-P7).",
    }
    for swept, note in notes.items():
        assert note in " ".join(ask(f"{FIELDS} -p fcos-mmdet {swept}").out.split())
    assert "Scale ranges" not in ask(f"{FIELDS} levels=P2-P6").out
    failed = ask(f"{FIELDS} -p fcos-mmdet levels=P2-P7", code=2)
    assert "expected one scale range per stride, got 5 and 6" in failed.err
    assert "hint: --set assigner.scale_ranges=[] derives them" in failed.err
    failed = ask(f"{FIELDS} -p retinanet-mmdet positive_from=0.3", code=2)
    assert "hint: --set assigner.negative_below=0.3 fits" in failed.err


@pytest.mark.parametrize(
    ("swept", "name", "last"),
    [
        ("k=9,11", "sweep", "short_side=800,1000,1200,1600"),
        ("--set short_side=1 k=9,11", "sweep", "short_side=1,2"),
        (
            "--set rule=letterbox k=9,11",
            "sweep",
            "imgsz=640,800,960,1280",
        ),
        ("short_side=800,801", "worst", ""),
        ("--set rule=stretch size=[640,640],[648,648]", "worst", ""),
        # Images that keep their size may be resized.
        ("--set rule=none k=9,11", "sweep", "rule=none,mmdetection"),
        ("--set rule=none rule=none,stretch", "worst", "levels=P3-P7,P2-P6"),
        ("--size large k=9,11", "stats", "--by size"),
    ],
)
def test_larger_images_are_to_be_tried_next_unless_they_were(
    swept: str, name: str, last: str
) -> None:
    typed = ask(f"{FIELDS} {swept}").out.rpartition("next: ")[2].strip()
    assert typed.startswith(f"atss-inspect {name} --ann field.json")
    assert typed.endswith(last)


def test_wide_grids_have_a_table_of_their_own_for_sizes() -> None:
    grid = "-p retinanet-mmdet positive_from=0.5 short_side=800,900"
    out = ask(f"{SWEEP} {grid}").out
    heads = [line for line in out.splitlines() if line.startswith("positive_from  ")]
    assert [head.split()[4:] for head in heads] == [
        ["mean", "poorly", "tiny", "small", "medium", "large"],
        ["missing", "Gini", "IoU"],
        ["pixels", "cells", "anchors", "multiply-adds"],
        ["P3", "P4", "P5", "P6", "P7"],
    ]
    assert "long_side=1333 keeps" in out
    assert max(map(len, out.partition("next:")[0].splitlines())) <= 80


BESIDE_STATS = [
    ("k=3,9", ["k=3", "k=9"]),
    ("levels=P2-P4", ["strides=4,8,16"]),
    ("short_side=400", ["short_side=400 --set long_side=667"]),
    ("short_side=400 --set long_side=1000", ["short_side=400 --set long_side=1000"]),
    ("radius=0 offset=0 -p fcos-mmdet", ["radius=0 --set offset=0 -p fcos-mmdet"]),
]


@pytest.mark.parametrize(("swept", "alone"), BESIDE_STATS)
def test_every_result_is_that_of_stats_with_the_same_settings(
    swept: str, alone: list[str]
) -> None:
    rows = ask(f"{RANDOM} --json {swept}").json["results"]
    for row, words in zip(rows, alone, strict=True):
        preset = "" if "-p" in words else " -p atss-mmdet"
        stats = ask(f"stats --ann random.json --json --set {words}{preset}")
        record = stats.json["results"][0]
        assert {key: row[key] for key in record} == record
        added = {"values", "price", "poorly_assigned_change"}
        added |= {"interval_low", "interval_high"}
        assert set(row) - set(record) == added


def test_the_settings_to_paste_give_the_row() -> None:
    swept = ask(f"{FIELDS} --set k=7 scale=8 short_side=1600 --json").json
    Path("mine.toml").write_text(swept["sweep"]["toml"], encoding="utf-8")
    stats = ask("stats --ann field.json --config mine.toml --json").json
    record = stats["results"][0] | {"preset": "atss-mmdet"}
    [row] = swept["results"]
    assert {key: row[key] for key in record} == record
    # A file of one's own has no name that it could extend.
    Path("old.toml").write_text('extends = "atss-mmdet"', encoding="utf-8")
    own = ask(f"{FIELDS} -c old.toml short_side=1600 --json").json["sweep"]
    assert own["toml"] == "[resize]\nshort_side = 1600\nlong_side = 2666\n"
    assert own["fragment"]["framework"] == "mmdetection"


def test_a_setting_without_effect_is_refused_or_told():
    words = "sweep --ann yard.json -p fcos-mmdet sizes=[[32]],[[64]]"
    refused = "sweep: anchors.sizes: has no effect on fcos-mmdet, whatever its value"
    assert refused in ask(words, code=2).err
    told = ask("stats --ann yard.json -p fcos-mmdet -s scale=4").err
    assert "hint: anchors.scale has no effect on fcos-mmdet\n" in told
    both = ask("stats --ann yard.json -p fcos-mmdet -p atss-mmdet -s scale=4").err
    assert "no effect" not in both


def test_an_empty_list_of_today_is_named_by_what_it_means():
    words = "sweep --ann yard.json -p retinanet-mmdet anchors.scales=[4]"
    assert "[4, 5.04, 6.35]" in ask(words).out
    assert "as it is" in ask("sweep --ann yard.json sizes=[[32]]").out
