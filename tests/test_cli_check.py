"""`check`: exit codes, and a page that names what broke and by how much."""

import json
import re
from pathlib import Path

import pytest

from tests.command_line import Printed, ask
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import write_coco

# ATSS gives nothing to the two tiny boxes of four objects.
PAGE = """\
## atss-inspect check: 1 of 3 limits broken

yard.json: 2 images, 6 annotations, 3 classes

Assigned in input pixels, images resized to 800/1333 (mmdetection):

- **atss-mmdet**: ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell corners

| preset     | objects   | without a positive | allowed | result               |
| :--------- | :-------- | -----------------: | ------: | :------------------- |
| atss-mmdet | tiny      |      2 of 2 (100%) |     20% | **80.0 points over** |
| atss-mmdet | all       |     2 of 4 (50.0%) |     50% | kept                 |
| atss-mmdet | class:owl |                  - |      1% | kept, no objects     |

Next: `atss-inspect worst --ann yard.json --preset atss-mmdet --size tiny`
"""

# Before, without the 4 px box, 1 of 3 objects had nothing.
BASELINE_PAGE = """\
## atss-inspect check: 1 of 5 limits broken

yard.json: 2 images, 6 annotations, 3 classes

Assigned in input pixels, images resized to 800/1333 (mmdetection):

- **atss-mmdet**: ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell corners

| preset     | objects      | without a positive |              allowed | result               |
| :--------- | :----------- | -----------------: | -------------------: | :------------------- |
| atss-mmdet | all          |     2 of 4 (50.0%) | 33.8% (33.3% before) | **16.2 points over** |
| atss-mmdet | tiny + small |      2 of 2 (100%) |   100% (100% before) | kept                 |
| atss-mmdet | tiny         |      2 of 2 (100%) |   100% (100% before) | kept                 |
| atss-mmdet | medium       |        0 of 1 (0%) |     0.5% (0% before) | kept                 |
| atss-mmdet | large        |        0 of 1 (0%) |     0.5% (0% before) | kept                 |

Next: `atss-inspect worst --ann yard.json --preset atss-mmdet`
"""  # noqa: E501 - a table


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("yard.json"), YARD)
    before = [one for one in YARD["annotations"] if one["id"] != 2]
    write_coco(Path("old.json"), YARD | {"annotations": before})
    write_coco(Path("random.json"), random_coco(3, num_images=40))


@pytest.fixture
def baseline() -> str:
    """What `stats` has saved of the data before, as an option."""
    ask("-q stats --ann old.json -p atss-mmdet -o earlier.json")
    return "--baseline earlier.json"


def check(words: str, *, ann: str = "yard.json", code: int = 1) -> Printed:
    """Run the command; by default a limit is broken."""
    return ask(f"-q check --ann {ann} {words}", code=code)


def limits(*texts: str) -> str:
    """Write limits as options."""
    return " ".join(f"--max-unassigned {text}" for text in texts)


def test_a_broken_limit_is_named_and_the_exit_code_is_1() -> None:
    assert check(limits("50%", "tiny=20%", "class:owl=1%")).out == PAGE
    assert check(f"{limits('tiny=20%')} -o gate.json").out == ""
    assert json.loads(Path("gate.json").read_text())["num_broken"] == 1


def test_limits_that_hold_give_exit_code_0() -> None:
    out, err = check(limits("50%", "coco_small=100%"), code=0)
    assert out.startswith("## atss-inspect check: 2 limits kept\n")
    assert out.endswith(
        "Next: `atss-inspect stats --ann yard.json --preset atss-mmdet --json "
        "-o baseline.json`\n"
    )
    assert err == ""


KEY_TABLE = """\
| preset     | objects   | statistic         |                    found |      allowed | result           |
| :--------- | :-------- | :---------------- | -----------------------: | -----------: | :--------------- |
| fcos-mmdet | all       | gini              |                   0.5283 |  at most 0.5 | **0.0283 over**  |
| atss-mmdet | tiny      | mean\\_positives   |   0 positives per object |   at least 1 | **1 under**      |
| fcos-mmdet | tiny      | mean\\_positives   | 0.5 positives per object |   at least 1 | **0.5 under**    |
| fcos-mmdet | all       | mean\\_iou         |                        - | at least 0.1 | **undefined**    |
| atss-mmdet | all       | unassigned\\_share |           2 of 4 (50.0%) |          50% | kept             |
| fcos-mmdet | all       | unassigned\\_share |           1 of 4 (25.0%) |          50% | kept             |
| atss-mmdet | all       | gini              |                      0.5 |  at most 0.5 | kept             |
| atss-mmdet | class:owl | num\\_unassigned   |                0 objects |    at most 3 | kept, no objects |
| fcos-mmdet | class:owl | num\\_unassigned   |                0 objects |    at most 3 | kept, no objects |
| atss-mmdet | all       | mean\\_iou         |                   0.6992 | at least 0.1 | kept             |
"""  # noqa: E501 - a table


def test_any_statistic_can_be_limited_by_its_key() -> None:
    words = "-p atss-mmdet -p fcos-mmdet --max gini=0.5 --min mean_positives:tiny=1 "
    words += "--max num_unassigned:class:owl=3 --min mean_iou=0.1"
    text = check(f"{words} {limits('50%')}").out
    assert KEY_TABLE in text
    assert text.startswith("## atss-inspect check: 4 of 10 limits broken\n")
    found = check(f"{words} --json").json["checks"][-1]
    by_key = [found[key] for key in ("statistic", "value", "most", "least")]
    assert by_key == ["mean_iou", None, None, 0.1]


def test_long_means_are_written_without_an_exponent() -> None:
    text = check("--max negatives_per_image=20000 --max num_unassigned=1").out
    assert re.search(r"\| +\d\d,\d{3} anchors per image \| at most 20,000 \|", text)
    assert "2 objects | " in text
    assert "e+" not in text


@pytest.mark.parametrize(
    ("words", "side", "other"),
    [
        ("--max mean_iou=0.9", "higher", "--min"),
        ("--min gini=0.1", "lower", "--max"),
        ("--min mean_iou=0.1 --max gini=0.9", "", ""),
        ("--min num_objects=1 --max num_objects=99", "", ""),
        (limits("99%"), "", ""),
    ],
)
def test_a_limit_on_the_better_side_is_asked_about(
    words: str, side: str, other: str
) -> None:
    lines = ask(f"check --ann random.json {words}").err.splitlines()
    option, _, key = words.partition("=")[0].partition(" ")
    hint = f"hint: {option}: {side} values of {key} are better; did you mean {other}?"
    assert [line for line in lines if "hint" in line] == ([hint] if side else [])


def test_a_limit_that_a_value_equals_is_kept() -> None:
    check("--max gini=0.5 --min gini=0.5", code=0)
    check("--max unassigned_share=50% --min num_objects=4", code=0)
    check("--min unassigned_share=51%", code=1)


def test_a_rise_over_the_baseline_breaks(baseline: str) -> None:
    assert check(baseline).out == BASELINE_PAGE
    for tolerance, code in (("16%", 1), ("17%", 0), ("0", 1)):
        check(f"{baseline} --tolerance {tolerance}", code=code)


def test_changed_settings_are_named(baseline: str) -> None:
    text = check(f"{baseline} --set k=15").out
    assert "baseline:\n\n- atss-mmdet: assigner.k was 9, is 15\n" in text
    assert "Next: `atss-inspect worst --ann yard.json --set k=15 --preset " in text


def test_limits_and_baseline_add_up(baseline: str) -> None:
    found = check(f"{limits('1%')} {baseline} --json").json
    assert (found["is_kept"], found["num_checks"], found["num_broken"]) == (False, 6, 2)
    assert found["checks"][0] == {
        "preset": "atss-mmdet",
        "group": "all",
        "num_objects": 4,
        "num_unassigned": 2,
        "unassigned_share": 0.5,
        "share_before": None,
        "most": 0.01,
        "excess": 0.49,
        "is_broken": True,
    }
    assert found["checks"][1]["share_before"] == pytest.approx(1 / 3)
    assert found["differences"] == []
    assert found["next"].startswith("atss-inspect worst --ann yard.json")


def test_every_preset_must_keep_the_limits() -> None:
    text = check(f"{limits('30%')} -p fcos-mmdet -p atss-mmdet").out
    lines = [line for line in text.splitlines() if "mmdet |" in line]
    assert "atss-mmdet | all" in lines[0]
    assert "**20.0 points over**" in lines[0]
    assert "fcos-mmdet | all" in lines[1]
    assert "kept" in lines[1]


def test_data_without_objects_break_a_limit_on_all() -> None:
    write_coco(Path("none.json"), YARD | {"annotations": []})
    assert "**no objects**" in check(limits("99%", "tiny=0%"), ann="none.json").out
