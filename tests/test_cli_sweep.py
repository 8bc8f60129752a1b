"""`sweep`: what it prints in every format, and that `stats` prints the same."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.cli import run
from tests.random_coco import random_coco
from tests.tiny_coco import write_coco

Captured = pytest.CaptureFixture[str]

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


def printed(capsys: Captured, command: str) -> str:
    """Run a command, and give what it prints."""
    assert run(["-q", *command.split()]) == 0
    return capsys.readouterr().out


SWEEP_OF_K = """\
yard.json: 1 image, 4 annotations, 1 class

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0

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


def test_the_table_has_a_row_for_every_k_and_says_which_to_take(capsys):
    assert printed(capsys, "sweep --ann yard.json k=3:15:6") == SWEEP_OF_K


def verdict(capsys: Captured, command: str) -> str:
    """Give the verdict in one line."""
    document = json.loads(printed(capsys, f"sweep {command} --json"))
    text: str = document["sweep"]["verdict"]
    return text


def test_the_verdict_names_what_is_fed_by_another_pyramid(capsys):
    assert verdict(capsys, "--ann yard.json levels=P3-P7,P1-P7") == (
        "levels P1-P7 leaves fewest: 0 of 4 objects (0%) without a positive. "
        "atss-mmdet itself, levels P3-P7: 1 of 4 objects (25.0%)."
    )


def test_the_verdict_says_where_a_setting_makes_no_difference(capsys):
    assert verdict(capsys, "--ann yard.json scale=4,6") == (
        "scale makes no difference to the number of your starved objects: 1 of 4 "
        "objects (25.0%) each time. scale 6 is nearest to atss-mmdet."
    )
    assert verdict(capsys, "--ann yard.json --size medium k=3,9") == (
        "k makes no difference to starved objects: every object gets a positive. Nor "
        "does it change how evenly positives are shared; k 9 is nearest to atss-mmdet."
    )
    assert verdict(capsys, "--ann yard.json k=5") == (
        "k 5 leaves 1 of 4 objects (25.0%) without a positive."
    )


def test_the_verdict_names_the_first_k_that_is_enough_and_its_price(capsys):
    # A single candidate has no deviation, so that k 1 on one level feeds nobody.
    assert verdict(capsys, "--ann random.json --set strides=8 k=1:3") == (
        "k 2 leaves fewest objects without a positive, 0 of 19 objects (0%); k 1 most, "
        "19 (100%). Of those that starve at most 0.1 percentage points more than the "
        "fewest, the smallest after which nothing improves by more than the tolerance "
        "(objects without a positive, of all or of any size, by 0.1 percentage points; "
        "Gini by 0.01) is k 2: 0% without a positive, Gini 0.03."
    )


def test_no_objects_have_no_verdict_and_no_settings(capsys):
    command = "sweep --ann yard.json --set min_box_side=500 k=3,9"
    out = printed(capsys, command)
    assert "verdict: No object is left to assign.\n\nnext: atss-inspect stats" in out
    assert json.loads(printed(capsys, f"{command} --json"))["sweep"]["choice"] is None


def test_wide_grids_have_a_table_of_their_own_for_sizes(capsys):
    out = printed(
        capsys,
        "sweep --ann yard.json -p retinanet-mmdet positive_from=0.5 short_side=800,900",
    )
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
def test_every_result_is_that_of_stats_with_the_same_settings(capsys, swept, alone):
    document = json.loads(printed(capsys, f"sweep --ann random.json --json {swept}"))
    for row, words in zip(document["results"], alone, strict=True):
        command = f"stats --ann random.json --json --set {words}"
        if "-p" not in words:
            command += " -p atss-mmdet"
        record = json.loads(printed(capsys, command))["results"][0]
        assert {key: row[key] for key in record} == record
        assert set(row) - set(record) == {"values"}


def test_json_says_what_was_swept_and_what_to_paste(capsys):
    command = "sweep --ann yard.json short_side=400,800 k=5 --json"
    document = json.loads(printed(capsys, command))
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


def test_the_settings_to_paste_give_the_row(capsys):
    swept = "sweep --ann random.json --set offset=0.5 scale=4 levels=P2-P4 --json"
    document = json.loads(printed(capsys, swept))
    Path("mine.toml").write_text(document["sweep"]["toml"], encoding="utf-8")
    stats = printed(capsys, "stats --ann random.json --config mine.toml --json")
    record = json.loads(stats)["results"][0]
    row = document["results"][0]
    assert {k: row[k] for k in record if k != "preset"} == {
        k: v for k, v in record.items() if k != "preset"
    }


def test_k_per_anchor_is_pasted_as_mmdetection_counts(capsys):
    command = "sweep --ann yard.json -p atss-official-9a k=4 --json"
    about = json.loads(printed(capsys, command))["sweep"]
    assert about["mmdetection"] == "assigner=dict(topk=36),\n"


def test_csv_has_a_line_for_every_combination(capsys):
    out = printed(capsys, "sweep --ann yard.json k=3,9 levels=P2-P4,P3 -f csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    named = [(row["assigner.k"], row["anchors.strides"]) for row in rows]
    assert named == [("3", "P2-P4"), ("3", "P3"), ("9", "P2-P4"), ("9", "P3")]
    assert [row["level_share_P2"] for row in rows[1::2]] == ["", ""]
    assert all(float(row["unassigned_share"]) >= 0 for row in rows)


def test_other_formats_tell_the_same(capsys):
    command = "sweep --ann random.json k=3,9"
    lines = printed(capsys, f"{command} -f jsonl").splitlines()
    results = json.loads(printed(capsys, f"{command} --json"))["results"]
    assert [json.loads(line) for line in lines] == results
    assert "| k | mean |" in printed(capsys, f"{command} -f md")
    assert not printed(capsys, f"{command} -o rows.csv")
    assert Path("rows.csv").read_text(encoding="utf-8").count("\n") == 3


@pytest.mark.parametrize("command", ["sweep", "worst", "plot sweep"])
def test_the_help_of_what_takes_one_preset_offers_one(
    command: str, capsys: Captured
) -> None:
    assert run([*command.split(), "--help"]) == 0
    page = " ".join(capsys.readouterr().out.split())
    assert "One framework's convention;" in page
    assert "side by side" not in page
