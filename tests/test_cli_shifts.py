"""`stats --shifts`: what it prints, with numbers by hand, and what it refuses."""

import math
from pathlib import Path

import pytest

from tests.command_line import ask
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import write_coco

FCOS = "-q stats --ann yard.json -p fcos-mmdet --shifts 2"

# FCOS has points at 4, 12, 20, ... in x and y. The first shift is none, the second is
# 27.14 px right and 124.125 down. The box of 3 px from 13 to 16 holds none, nor from
# 40.14 to 43.14; that of 4 px from 2 to 6 holds 4, and from 29.14 to 33.14 none. So of
# two tiny objects 1 and then 2 are without: mean 75 %, deviation 0.5 / sqrt(2) = 35.4
# points; of four 1 and 2: 37.5 % and 17.7.
SCREEN = """\
yard.json: 2 images, 6 annotations (2 left out: crowd, no extent), 3 classes
2 shifts of every picture right and down, less than 128 input pixels

                                tiny  medium   large     all
objects                            2       1       1       4
without a positive
  mean over the shifts         75.0%      0%      0%   37.5%
  standard deviation, points    35.4       0       0    17.7
  at every shift               50.0%      0%      0%   25.0%
  at some, not all             50.0%      0%      0%   25.0%
  in the own place             50.0%      0%      0%   25.0%

verdict: fcos-mmdet leaves 37.5% of the objects without a positive on average,
  25.0% in their own place; the standard deviation over the shifts is 17.7
  points. For 25.0% of the objects the place decides. 1 object is without a
  positive at every shift.
next: atss-inspect worst --ann yard.json --preset fcos-mmdet --shifts 2
"""


@pytest.fixture(autouse=True)
def _files(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("random.json"), random_coco(11))


def test_the_screen_tells_luck_of_place_from_size() -> None:
    assert ask(FCOS).out == SCREEN


def test_the_document_has_every_shift_beside_the_answer_of_the_own_place() -> None:
    document = ask(f"{FCOS} --json").json
    [one] = document.pop("shifts")
    assert document == ask("-q stats --ann yard.json -p fcos-mmdet --json").json
    sizes = one.pop("by_size")
    assert one == {
        "preset": "fcos-mmdet",
        "num_shifts": 2,
        "num_objects": 4,
        "unassigned_share": 0.375,
        "unassigned_share_std": pytest.approx(0.25 / math.sqrt(2)),
        "every_shift": 1,
        "some_shifts": 1,
        "own_place_unassigned_share": 0.25,
        "by_shift": [
            {"shift": [0, 0], "unassigned_share": 0.25},
            {"shift": [27.140625, 124.125], "unassigned_share": 0.5},
        ],
    }
    assert [each["num_objects"] for each in sizes] == [2, 0, 1, 1]
    assert sizes[1]["unassigned_share"] is None
    rows = ask(f"{FCOS} -f csv").rows
    found = [(row["key"], row["unassigned_share"], row["every_shift"]) for row in rows]
    assert found[:3] == [
        ("all", "0.375", "1"),
        ("tiny", "0.75", "1"),
        ("small", "", "0"),
    ]


def test_rules_with_a_bar_are_told_by_poorly_assigned_objects_too() -> None:
    printed = ask("-q stats --ann random.json --shifts 3")
    rows = [line[:22].strip() for line in printed.out.splitlines()]
    assert rows.count("mean over the shifts") == rows.count("at every shift") == 2
    assert "retinanet-mmdet leaves " in printed.verdict
    assert "of the objects poorly assigned on average" in printed.verdict
    [none, iou, _] = ask("-q stats --ann random.json --shifts 3 --json").json["shifts"]
    assert none["poorly_every_shift"] is None
    assert iou["poorly_every_shift"] > iou["every_shift"]


def test_shifts_stand_alone() -> None:
    refused = ask(f"{FCOS} --by class", code=2).err
    assert "--shifts 2: expected no --by, --full or --all" in refused
    refused = ask(f"{FCOS} --as-trained", code=2).err
    assert "--shifts 2: expected no sizes, flips or epochs" in refused


def test_without_objects_there_is_nothing_to_move() -> None:
    assert "No object is left to assign." in ask(f"{FCOS} --class owl").out
