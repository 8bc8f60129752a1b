"""`sweep`: what it prints in every format, and that `stats` prints the same."""

import json
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


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("random.json"), random_coco(11))


SWEEP_OF_K = """\
yard.json: 1 image, 4 annotations, 1 class

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell corners

k    mean  0.2*k*L   none  tiny  small  medium  large  Gini   IoU
3     2.2      3.0  25.0%  100%     0%      0%     0%  0.25  0.50
9 *   6.8      9.0  25.0%  100%     0%      0%     0%  0.25  0.46
15    9.8     15.0  25.0%  100%     0%      0%     0%  0.33  0.48

k       P3     P4  P5  P6  P7
3    66.7%  33.3%  0%  0%  0%
9 *  66.7%  33.3%  0%  0%  0%
15   61.5%  38.5%  0%  0%  0%

mean: positives per object; none: objects without a positive, tiny to large:
those of this size; IoU: mean of the positives.
0.2*k*L: positives per object that the ATSS paper expects.
The last table: share of the positives on each level.
* atss-mmdet as it is.
Sizes go by area in original pixels (the file's area, else width x height): tiny
below 16x16, small below 32x32, medium below 96x96, large from there.

verdict: k makes no difference to the number of your starved objects, 1 of 4
  objects (25.0%): at k 15, 1 of 1 has no anchor center inside. The smallest
  after which nothing improves by more than the tolerance (objects without a
  positive, of all or of any size, by 0.1 percentage points; Gini by 0.01) is k
  3: 25.0% without a positive, Gini 0.25. It gives 2.2 positives per object, k 9
  6.8.

settings for k 3, as a file for --config:

  extends = "atss-mmdet"

  [assigner]
  k = 3

k 3 in a config of mmdetection:

  assigner=dict(topk=3),

next: atss-inspect stats --ann yard.json --set k=3 --by size
"""


def test_the_table_has_a_row_for_every_k_and_says_which_to_take() -> None:
    assert ask(f"{SWEEP} k=3:15:6").out == SWEEP_OF_K


ENOUGH = (
    "the smallest after which nothing improves by more than the tolerance (objects "
    "without a positive, of all or of any size, by 0.1 percentage points; Gini by 0.01)"
)


@pytest.mark.parametrize(
    ("command", "verdict"),
    [
        (
            f"{SWEEP} levels=P3-P7,P1-P7",
            "levels P1-P7 leaves fewest: 0 of 4 objects (0%) without a positive. "
            "atss-mmdet itself, levels P3-P7: 1 of 4 objects (25.0%).",
        ),
        (
            f"{SWEEP} scale=4,6",
            "scale makes no difference to the number of your starved objects: 1 of 4 "
            "objects (25.0%) each time. scale 6 is nearest to atss-mmdet.",
        ),
        (
            f"{SWEEP} --size medium k=3,9",
            "k makes no difference to starved objects: every object gets a positive. "
            "Nor does it change how evenly positives are shared; k 9 is nearest to "
            "atss-mmdet.",
        ),
        (f"{SWEEP} k=5", "k 5 leaves 1 of 4 objects (25.0%) without a positive."),
        (
            # A single candidate has no deviation: k 1 on one level feeds nobody.
            f"{RANDOM} --set strides=8 k=1:3",
            "k 2 leaves fewest objects without a positive, 0 of 19 objects (0%); k 1 "
            "most, 19 (100%). Of those that starve at most 0.1 percentage points more "
            f"than the fewest, {ENOUGH} is k 2: 0% without a positive, Gini 0.03.",
        ),
        (f"{SWEEP} --set min_box_side=500 k=3,9", "No object is left to assign."),
    ],
)
def test_the_verdict_says_which_to_take_and_what_it_costs(
    command: str, verdict: str
) -> None:
    sweep = ask(f"{command} --json").json["sweep"]
    assert sweep["verdict"] == verdict
    is_empty = verdict.startswith("No object")
    assert (sweep["choice"] is None) == is_empty
    assert is_empty != ("\nsettings for " in ask(command).out)


def test_wide_grids_have_a_table_of_their_own_for_sizes() -> None:
    grid = "-p retinanet-mmdet positive_from=0.5 short_side=800,900"
    out = ask(f"{SWEEP} {grid}").out
    heads = [line for line in out.splitlines() if line.startswith("positive_from  ")]
    assert [head.split()[4:] for head in heads] == [
        ["mean", "none", "Gini", "IoU"],
        ["tiny", "small", "medium", "large"],
        ["P3", "P4", "P5", "P6", "P7"],
    ]
    assert "long_side=1333 keeps" in out
    assert max(map(len, out.partition("next:")[0].splitlines())) <= 80


BESIDE_STATS = [
    ("k=3,9", ["k=3", "k=9"]),
    ("scale=4:8:2", ["scale=4", "scale=6", "scale=8"]),
    ("levels=P2-P4", ["strides=4,8,16"]),
    ("short_side=400", ["short_side=400 --set long_side=667"]),
    ("short_side=400 --set long_side=1000", ["short_side=400 --set long_side=1000"]),
    ("k=5 scale=4,6", ["k=5 --set scale=4", "k=5 --set scale=6"]),
    (
        "radius=0,1.5 -p fcos-mmdet",
        ["radius=0 -p fcos-mmdet", "radius=1.5 -p fcos-mmdet"],
    ),
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
        assert set(row) - set(record) == {"values"}


def test_json_says_what_was_swept_and_what_to_paste() -> None:
    document = ask(f"{SWEEP} short_side=400,800 k=5 --json").json
    assert [row["values"] for row in document["results"]] == [
        {"resize.short_side": 400, "assigner.k": 5, "resize.long_side": 667},
        {"resize.short_side": 800, "assigner.k": 5, "resize.long_side": 1333},
    ]
    assert document["settings"][0]["assigner"]["k"] == 9
    about = document["sweep"]
    assert about["axes"] == [
        {"name": "short_side", "path": "resize.short_side", "values": [400, 800]},
        {"name": "k", "path": "assigner.k", "values": [5]},
    ]
    assert about["choice"]["row"] == 1
    assert about["tolerance"] == {"unassigned_share": 0.001, "gini": 0.01}
    assert about["toml"] == (
        'extends = "atss-mmdet"\n\n[resize]\nshort_side = 800\nlong_side = 1333\n\n'
        "[assigner]\nk = 5\n"
    )
    assert about["mmdetection"] == (
        "assigner=dict(topk=5),\n"
        "dict(type='Resize', scale=(1333, 800), keep_ratio=True),\n"
    )
    # k per anchor is pasted as mmdetection counts.
    about = ask(f"{SWEEP} -p atss-official-9a k=4 --json").json["sweep"]
    assert about["mmdetection"] == "assigner=dict(topk=36),\n"


def test_the_settings_to_paste_give_the_row() -> None:
    swept = ask(f"{RANDOM} --set offset=0.5 scale=4 levels=P2-P4 --json").json
    Path("mine.toml").write_text(swept["sweep"]["toml"], encoding="utf-8")
    stats = ask("stats --ann random.json --config mine.toml --json").json
    record = stats["results"][0] | {"preset": "atss-mmdet"}
    [row] = swept["results"]
    assert {key: row[key] for key in record} == record


def test_csv_and_json_have_a_line_for_every_combination() -> None:
    rows = ask(f"{SWEEP} k=3,9 levels=P2-P4,P3 -f csv").rows
    named = [(row["assigner.k"], row["anchors.strides"]) for row in rows]
    assert named == [("3", "P2-P4"), ("3", "P3"), ("9", "P2-P4"), ("9", "P3")]
    assert [row["level_share_P2"] for row in rows[1::2]] == ["", ""]
    assert all(float(row["unassigned_share"]) >= 0 for row in rows)
    lines = ask(f"{RANDOM} k=3,9 -f jsonl").out.splitlines()
    results = ask(f"{RANDOM} k=3,9 --json").json["results"]
    assert [json.loads(line) for line in lines] == results
    assert ask(f"{RANDOM} k=3,9 -o rows.csv").out == ""
    assert Path("rows.csv").read_text(encoding="utf-8").count("\n") == 3


@pytest.mark.parametrize("command", ["sweep", "worst", "plot sweep"])
def test_the_help_of_what_takes_one_preset_offers_one(command: str) -> None:
    page = " ".join(ask(f"{command} --help").out.split())
    assert "One framework's convention;" in page
    assert "side by side" not in page
