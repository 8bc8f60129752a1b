"""Commands over sizes and flips that training draws: texts, documents and refusals."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import ask
from tests.random_coco import random_coco
from tests.tiny_coco import write_coco

ATSS = "-p atss-mmdet --ann yard.json"
RANDOM = "--ann random.json"
DRAWN_TWICE = "--short-sides 400,800 --flip"
DRAWN = "--short-sides 240:480:80 --flip"

# One image, 800 px high and 1,000 wide. Anchors of mmdetection have their centers at
# multiples of 8 input pixels, and an object without one inside has no positive.
#   at 800:            the box from 98 to 101 holds none (96, 104), nor below it
#   flipped at 800:    1000 - 101 = 899 to 902: none either (896, 904)
#   at 400:            49 to 50.5: none (48, 56)
#   flipped at 400:    449.5 to 451: none (448, 456)
# The second, from 13 to 17, holds 16; flipped, 983 to 987 holds 984. At 400, 6.5 to 8.5
# holds 8; flipped, 491.5 to 493.5 none (488, 496). From 203 to 209 in height it holds
# 208, at 400 from 101.5 to 104.5 104.
YARD: dict[str, Any] = {
    "images": [{"id": 1, "width": 1000, "height": 800, "file_name": "yard.jpg"}],
    "categories": [{"id": 1, "name": "cat"}],
    "annotations": [
        {"id": 1, "bbox": [98, 203, 3, 3], "area": 9},
        {"id": 2, "bbox": [13, 203, 4, 6], "area": 24},
        {"id": 3, "bbox": [300, 300, 64, 64], "area": 4096},
    ],
}
for _annotation in YARD["annotations"]:
    _annotation |= {"image_id": 1, "iscrowd": 0, "category_id": 1}


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("yard.json"), YARD)
    write_coco(Path("random.json"), random_coco(11))
    images = [YARD["images"][0] | {"id": n, "file_name": f"{n}"} for n in range(30)]
    boxes = [
        one | {"id": 3 * n + one["id"], "image_id": n}
        for n in range(30)
        for one in YARD["annotations"]
    ]
    write_coco(Path("field.json"), YARD | {"images": images, "annotations": boxes})


# Of 4 draws of two tiny objects the first lacks a positive in all, the second in one:
# 5 of 8. Never in 2 epochs: 1 + 1/16 of 2 objects, 53.1 %.
def test_the_screen_tells_what_is_in_every_in_some_and_never() -> None:
    out = ask(f"-q stats {ATSS} --short-sides 400,800 --flip --epochs 2").out
    lines = [line.split() for line in out.splitlines()]
    assert out.startswith(
        "yard.json: 1 image, 3 annotations, 1 class\n"
        "short side 400 or 800, flipped or not: 4 variants, each exact\n\n"
    )
    assert ["tiny", "medium", "all"] in lines
    expected = (
        "objects 2 1 3",
        "in an average pass 62.5% 0% 41.7%",
        "in every variant 50.0% 0% 33.3%",
        "in some, not all 50.0% 0% 33.3%",
        "never in 2 epochs 53.1% 0% 35.4%",
        "at 800, not flipped 50.0% 0% 33.3%",
    )
    for row in expected:
        assert row.split() in lines, row
    assert "by short side, without a positive:\n  400 50.0%  800 33.3%\n" in out


def test_the_verdict_tells_what_drawing_costs_and_what_never_has_a_positive() -> None:
    printed = ask(f"-q stats {ATSS} --short-sides 400,800 --flip")
    assert printed.verdict == (
        "an average pass leaves 41.7% of the objects without a positive; at 800, not "
        "flipped, it is 33.3%. 1 object (33.3%) has a positive in no variant, and no "
        "more are expected to have none in 12 epochs; for 33.3% the size and flip "
        "drawn decide."
    )
    assert printed.next == (
        "worst --ann yard.json --preset atss-mmdet --flip --short-sides 400,800"
    )


VISDRONE = "visdrone-train-50/visdrone2019-det-train-first50image.json"
# The words of the design, with what its numbers have become.
SCREEN = """\
visdrone.json: 50 images, 3,326 annotations, 2 classes
11 short sides from 480 to 800, flipped or not: 22 variants, each exact

                         tiny   small  medium   large     all
objects                 1,157   1,028     977     164   3,326
without a positive
  in an average pass    44.1%    9.9%    0.5%      0%   18.6%
  in every variant       3.5%    1.2%      0%      0%    1.6%
  in some, not all      86.7%   32.5%    2.3%      0%   40.9%
  never in 12 epochs     6.6%    1.6%   <0.1%      0%    2.8%
  at 800, not flipped   34.1%    5.0%    0.1%      0%   13.4%
expected positives       0.87    3.28    7.46    9.93    4.00

by short side, without a positive:
  480 26.3%  512 24.5%  544 22.2%  576 22.1%  ...  768 13.5%  800 13.2%

verdict: an average pass leaves 18.6% of the objects without a positive (95%
  interval 13.1 to 23.8%); at 800, not flipped, it is 13.4%: drawing costs 5.2
  points (3.9 to 6.3). 53 objects (1.6%) have a positive in no variant, and 92
  (2.8%) are expected to have none in 12 epochs; for 40.9% the size and flip
  drawn decide.
next: atss-inspect worst --ann visdrone.json --preset atss-mmdet --flip \
--short-sides 480:800:32
"""


def test_the_screen_of_real_data_is_that_of_the_design(real_data: Path) -> None:
    Path("visdrone.json").symlink_to(real_data / "data" / VISDRONE)
    drawn = "--short-sides 480:800:32 --flip"
    out = ask(f"-q stats --ann visdrone.json -p atss-mmdet {drawn}").out
    assert out == SCREEN
    assert len(out.splitlines()) <= 24


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        ("--short-sides 800", "(95% interval 33.3%). 30 objects"),
        ("--short-sides 640", "at 800 alone, it is 33.3%: this size costs 33.3 points"),
        ("--short-sides 400,800", "at 800 alone, it is the same. "),
        ("--flip", "not flipped, it is the same. "),
        (DRAWN_TWICE, "not flipped, it is 33.3%: drawing costs 8.3 points (8.3). "),
    ],
)
def test_the_verdict_compares_with_the_nominal_size_where_that_differs(
    drawn: str, told: str
) -> None:
    verdict = ask(f"-q stats --ann field.json -p atss-mmdet {drawn}").verdict
    assert told in verdict, verdict


def test_documents_have_what_holds_over_variants_beside_the_nominal_size() -> None:
    command = f"-q stats {ATSS} --short-sides 400,800 --flip --epochs 2 --json"
    found, plain = ask(command).json, ask(f"-q stats {ATSS} --json").json
    assert found["results"] == plain["results"]
    [one] = found["variants"]
    wanted = {
        "preset": "atss-mmdet",
        "short_sides": [400, 800],
        "short_range": [],
        "flip": 0.5,
        "num_variants": 4,
        "is_sampled": False,
        "epochs": 2,
        "num_objects": 3,
        "num_left_out": 0,
        "unassigned_share": 5 / 12,
        "poorly_assigned_share": 5 / 12,
        "every_variant": 1,
        "some_variants": 1,
        "never_in_epochs": 1.0625,
        "every_variant_share": 1 / 3,
        "nominal_unassigned_share": 1 / 3,
        "change": pytest.approx(1 / 12),
        "interval_low": None,
    }
    assert {key: one[key] for key in wanted} == wanted
    assert one["by_short_side"] == [
        {"short_side": 400, "unassigned_share": 0.5},
        {"short_side": 800, "unassigned_share": 1 / 3},
    ]
    assert one["average_pass"]["num_unassigned"] == 1.25
    assert one["average_pass"]["num_objects"] == 3
    assert one["average_pass"]["mean_positives"] == one["expected_positives"]
    settings = found["settings"][0]["augment"]
    expected = {"short_sides": [400, 800], "short_range": [], "flip": 0.5}
    assert settings == expected | {"besides": []}


def test_rows_are_of_the_average_pass_with_what_holds_over_variants() -> None:
    command = f"-q stats {ATSS} --short-sides 400,800 --flip --epochs 2"
    rows = ask(f"{command} -f csv").rows
    [every] = [row for row in rows if row["group"] == "all"]
    assert float(every["num_unassigned"]) == 1.25
    assert (every["every_variant"], every["never_in_epochs"]) == ("1", "1.0625")
    sides = [row for row in rows if row["group"] == "short_side"]
    assert [(row["key"], row["unassigned_share"]) for row in sides] == [
        ("400", "0.5"),
        ("800", "0.3333333333333333"),
    ]
    [line] = map(json.loads, ask(f"{command} -f jsonl").out.splitlines())
    assert line["variants"]["every_variant"] == 1
    assert line["num_unassigned"] == 1


@pytest.mark.parametrize("preset", ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"])
def test_one_size_that_is_the_nominal_one_changes_no_number(preset: str) -> None:
    command = f"-q stats {RANDOM} -p {preset} --json"
    plain = ask(command).json["results"][0]
    [one] = ask(f"{command} --short-sides 800").json["variants"]
    average = one["average_pass"]
    same = [key for key in average if key != "left_out"]
    assert {key: average[key] for key in same} == {key: plain[key] for key in same}
    assert one["every_variant"] == one["never_in_epochs"] == plain["num_unassigned"]


def test_presets_side_by_side_each_have_their_own_draws() -> None:
    both = "-p atss-mmdet -p retinanet-detectron2"
    out = ask(f"-q stats {RANDOM} {both} --as-trained").out
    assert "\natss-mmdet: short side 800, flipped or not: 2 variants\n" in out
    six = "6 short sides from 640 to 800, flipped or not: 12 variants"
    assert f"\nretinanet-detectron2: {six}\n" in out
    assert "  nominal size alone" in out
    # With objects whose annotations are in order, see above.
    assert (
        len(ask(f"-q stats --ann yard.json {both} --as-trained").out.splitlines()) < 24
    )


def test_a_long_range_has_bounds() -> None:
    out = ask(f"-q stats {ATSS} --short-sides 480..800").out
    assert (
        "short side 480 to 800, 33 sizes of it: 33 variants, what holds in every one,\n"
        "  some or none is bounded\n"
    ) in out
    assert "  in every variant, at most" in out
    assert "  in some, not all, at least" in out
    assert "  never in 12 epochs, at most" in out
    several = ask(f"-q stats {RANDOM} --short-sides 480..800").out
    assert "at most " in several.split("in every variant")[1].split("\n")[0]


def test_breakdowns_and_the_full_answer_are_of_an_average_pass() -> None:
    by_size = ask(f"-q stats {ATSS} {DRAWN} --by size").out
    assert "\nIn an average pass:\n" in by_size
    full = ask(f"-q stats {ATSS} --short-sides 400,800 --full").out
    assert "atss-mmdet, without a positive\n  short side 400" in full


def test_what_training_draws_besides_is_told_once() -> None:
    note = (
        "note: atss-mmdet trains on flipped images too: --as-trained counts over them\n"
    )
    assert ask(f"stats {ATSS}").err.endswith(note)
    assert ask(f"stats {ATSS} --json").err == ask(f"-q stats {ATSS}").err == ""
    six = ask("stats --ann yard.json -p retinanet-detectron2").err
    assert "trains on other sizes and flipped images too" in six
    every = ask("stats --ann yard.json").err
    assert "note: every preset trains on flipped images too" in every
    assert "note: " not in ask(f"stats {ATSS} --as-trained").err


def test_settings_that_nobody_looks_at_are_told() -> None:
    err = ask(f"stats {ATSS} --set augment.flip=0.2").err
    assert "hint: augment.flip is looked at with --as-trained only\n" in err
    assert "hint: " not in ask(f"stats {ATSS} --set augment.flip=0.2 --as-trained").err


def test_who_draws_nothing_is_told() -> None:
    Path("mine.toml").write_text('extends = "atss-mmdet"\n[augment]\nflip = 0.0\n')
    err = ask("stats --ann yard.json -c mine.toml --as-trained").err
    assert "note: mine draws no other size, and no flip\n" in err


def test_check_limits_an_average_pass_and_what_holds_over_variants() -> None:
    drawn = f"{ATSS} --short-sides 400,800 --flip --epochs 2"
    limits = (
        ("--max-unassigned 41%", 1, 5 / 12),
        ("--max-unassigned 42%", 0, 5 / 12),
        ("--max every_variant=33%", 1, 1 / 3),
        ("--max every_variant:tiny=1", 0, 1),
        ("--max some_variants:coco_small=50%", 0, 0.5),
        ("--max never_in_epochs=1", 1, 1.0625),
        ("--max never_in_epochs:tiny=53%", 1, 0.53125),
    )
    for limit, code, value in limits:
        found = ask(f"-q check {drawn} {limit} -f json", code=code).json
        assert [one["value"] for one in found["checks"]] == [value], limit
    assert found["draws"] == [
        "short side 400 or 800, flipped or not: 4 variants, each exact"
    ]
    printed = ask(f"-q check {drawn} --max-unassigned tiny=9%", code=1)
    told = "atss-mmdet: 1 of 2 (62.5%) tiny objects without a positive in an average"
    assert f"{told} pass; at most 9% allowed." in printed.out
    assert "Limits are held against an average pass" in printed.out


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("check {} --max every_variant=1%", "known over sizes and flips only"),
        ("check {} --flip --max every_variant:class:cat=1%", "of sizes only, not of"),
        ("check {} --flip --baseline old.json", "expected no sizes or flips with it"),
        ("sweep {} --short-sides 400,800 short_side=400,800", "short sides are drawn"),
        ("sweep {} augment.flip=0,0.5", "what is drawn is the same in every row"),
        ("stats {} --epochs 3", "expected what is drawn in an epoch"),
        (
            "stats {} --set resize.rule=stretch --short-sides 400,800",
            "stretch has no short side to draw",
        ),
    ],
)
def test_what_cannot_be_is_refused(command: str, message: str) -> None:
    err = ask(command.format(ATSS), code=2).err
    assert message in err
    assert "hint: " in err or "of sizes only" in err


def test_compare_tells_how_far_average_passes_differ() -> None:
    command = "-q compare --ann random.json atss-mmdet fcos-mmdet"
    found = ask(f"{command} {DRAWN} --json").json
    stats = ask(f"-q stats {RANDOM} -p atss-mmdet -p fcos-mmdet {DRAWN} --json").json
    shares = [one["unassigned_share"] for one in stats["variants"]]
    [pair] = found["pairs"]
    every = pair["differences"][0]
    assert (every["measure"], every["group"]) == ("unassigned", "all")
    assert [every["first"], every["second"]] == pytest.approx(shares)
    names = ("num_variants", "unassigned_share", "every_variant")
    for one, other in zip(found["variants"], stats["variants"], strict=True):
        assert [one[name] for name in names] == [other[name] for name in names]
    out = ask(f"{command} {DRAWN}").out
    assert "Counts and shares are those of an average pass" in out
    again = "stats --ann random.json --preset atss-mmdet --preset fcos-mmdet --flip"
    assert f"next: atss-inspect {again} --short-sides 240:480:80\n" in out
    rows = ask(f"{command} {DRAWN} -f csv").rows
    assert [row["group"] for row in rows] == ["all", "tiny", "small", "medium", "large"]


def test_sweep_judges_rows_in_an_average_pass() -> None:
    command = f"-q sweep --ann random.json -p atss-mmdet k=3,9 {DRAWN}"
    rows = ask(f"{command} --json").json["results"]
    for row, k in zip(rows, (3, 9), strict=True):
        alone = f"-q stats {RANDOM} -p atss-mmdet --set k={k} {DRAWN} --json"
        [one] = ask(alone).json["variants"]
        average = one["average_pass"]
        assert {key: row[key] for key in average} == average
    out = ask(command).out
    assert (
        "8 variants, each exact\nRows are judged in an average pass over these." in out
    )
    # Flips alone leave the size to a sweep.
    ask("-q sweep --ann random.json short_side=400,800 --flip")
