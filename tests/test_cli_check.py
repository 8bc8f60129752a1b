"""`check`: exit codes, and a page that names what broke and by how much."""

import json
import re
from pathlib import Path

import pytest

from atss_inspect.cli.check import CheckOptions
from tests.command_line import Printed, ask
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import write_coco

HEADING = """\
yard.json: 2 images, 6 annotations, 3 classes

Assigned in input pixels, images resized to 800/1333 (mmdetection):

- **atss-mmdet**: ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell corners

"""
# Of the six annotations one is a crowd and one has no width.
LEFT_OUT = """\
atss-mmdet leaves out 1 of 6 annotations (16.7%; at most 20% may be): no extent 1.

"""
# The two tiny boxes of four objects have no positive under ATSS.
PAGE = f"""\
## atss-inspect check: 1 of 3 limits broken

{HEADING}\
| preset     | objects   | without a positive |     allowed | result               |
| :--------- | :-------- | -----------------: | ----------: | :------------------- |
| atss-mmdet | tiny      |      2 of 2 (100%) | at most 20% | **80.0 points over** |
| atss-mmdet | all       |     2 of 4 (50.0%) | at most 50% | kept                 |
| atss-mmdet | class:owl |                  - |  at most 1% | kept, no objects     |

**Verdict:** atss-mmdet: 2 of 2 (100%) tiny objects without a positive; at most 20% \
allowed. {LEFT_OUT}\
Next: `atss-inspect worst --ann yard.json --preset atss-mmdet --size tiny`
"""
TABLE = """\
atss-inspect check: 1 of 3 limits broken

yard.json: 2 images, 6 annotations, 3 classes

Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet  ATSS, k 9 per level; 1 anchor a cell, 64 px up, at cell corners

preset      objects    without a positive      allowed  result
atss-mmdet  tiny            2 of 2 (100%)  at most 20%  80.0 points over
atss-mmdet  all            2 of 4 (50.0%)  at most 50%  kept
atss-mmdet  class:owl                   -   at most 1%  kept, no objects

verdict: atss-mmdet: 2 of 2 (100%) tiny objects without a positive; at most 20%
  allowed. atss-mmdet leaves out 1 of 6 annotations (16.7%; at most 20% may be):
  no extent 1.
next: atss-inspect worst --ann yard.json --preset atss-mmdet --size tiny
"""

# Before, without the 4 px box, 1 of 3 objects had no positive.
BASELINE_PAGE = f"""\
## atss-inspect check: 1 of 5 limits broken

{HEADING}\
| preset     | objects      | poorly assigned |              allowed | result               |
| :--------- | :----------- | --------------: | -------------------: | :------------------- |
| atss-mmdet | all          |  2 of 4 (50.0%) | 33.8% (33.3% before) | **16.2 points over** |
| atss-mmdet | tiny         |   2 of 2 (100%) |   100% (100% before) | kept                 |
| atss-mmdet | small (COCO) |   2 of 2 (100%) |   100% (100% before) | kept                 |
| atss-mmdet | medium       |     0 of 1 (0%) |     0.5% (0% before) | kept                 |
| atss-mmdet | large        |     0 of 1 (0%) |     0.5% (0% before) | kept                 |

Where no interval of a rise is given, the baseline has no counts by block of images, or \
there are too few images: there the plain difference decides.

**Verdict:** atss-mmdet leaves 16.7 points more of the objects poorly assigned than \
before. {LEFT_OUT}\
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
    return ask(f"-q check --ann {ann} --max-left-out 20% {words}", code=code)


def limits(*texts: str) -> str:
    """Write limits as options."""
    return " ".join(f"--max-unassigned {text}" for text in texts)


def test_a_broken_limit_is_named_and_the_exit_code_is_1() -> None:
    broken = limits("50%", "tiny=20%", "class:owl=1%")
    assert check(broken).out == PAGE
    assert check(f"{broken} --format table").out == TABLE
    assert check(f"{limits('tiny=20%')} -o gate.json").out == ""
    assert json.loads(Path("gate.json").read_text())["num_broken"] == 1


def test_limits_that_hold_give_exit_code_0() -> None:
    out, err = check(limits("50%", "coco_small=100%"), code=0)
    assert out.startswith("## atss-inspect check: 2 limits kept\n")
    assert f"**Verdict:** Every limit is kept. {LEFT_OUT}" in out
    assert out.endswith(
        "Next: `atss-inspect stats --ann yard.json --preset atss-mmdet --json "
        "-o baseline.json`\n"
    )
    assert err == ""


KEY_TABLE = """\
| preset     | objects   | statistic             |                    found |      allowed | result               |
| :--------- | :-------- | :-------------------- | -----------------------: | -----------: | :------------------- |
| fcos-mmdet | all       | gini                  |                   0.5283 |  at most 0.5 | **0.0283 over**      |
| atss-mmdet | tiny      | `num_poorly_assigned` |            2 of 2 (100%) |  at most 20% | **80.0 points over** |
| fcos-mmdet | tiny      | `num_poorly_assigned` |           1 of 2 (50.0%) |  at most 20% | **30.0 points over** |
| atss-mmdet | tiny      | `mean_positives`      |   0 positives per object |   at least 1 | **1 under**          |
| fcos-mmdet | tiny      | `mean_positives`      | 0.5 positives per object |   at least 1 | **0.5 under**        |
| fcos-mmdet | all       | `mean_iou`            |                        - | at least 0.1 | **undefined**        |
| atss-mmdet | all       | without a positive    |           2 of 4 (50.0%) |  at most 50% | kept                 |
| fcos-mmdet | all       | without a positive    |           1 of 4 (25.0%) |  at most 50% | kept                 |
| atss-mmdet | all       | gini                  |                      0.5 |  at most 0.5 | kept                 |
| atss-mmdet | class:owl | `num_unassigned`      |                0 objects |    at most 3 | kept, no objects     |
| fcos-mmdet | class:owl | `num_unassigned`      |                0 objects |    at most 3 | kept, no objects     |
| atss-mmdet | all       | `mean_iou`            |                   0.6992 | at least 0.1 | kept                 |
"""  # noqa: E501 - a table


def test_any_statistic_can_be_limited_by_its_key() -> None:
    words = "-p atss-mmdet -p fcos-mmdet --max gini=0.5 --min mean_positives:tiny=1 "
    words += "--max num_poorly_assigned:tiny=20% "
    words += "--max num_unassigned:class:owl=3 --min mean_iou=0.1"
    text = check(f"{words} {limits('50%')}").out
    assert KEY_TABLE in text
    assert text.startswith("## atss-inspect check: 6 of 12 limits broken\n")
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
    command = f"check --ann random.json --max-left-out 99% {words}"
    lines = ask(command).err.splitlines()
    option, _, key = words.partition("=")[0].partition(" ")
    hint = f"hint: {option}: {side} values of {key} are better; did you mean {other}?"
    assert [line for line in lines if "hint" in line] == ([hint] if side else [])


def test_a_limit_that_a_value_equals_is_kept() -> None:
    check("--max gini=0.5 --min gini=0.5", code=0)
    check("--max unassigned_share=50% --min num_objects=4", code=0)
    check("--min unassigned_share=51%", code=1)


def test_a_rise_over_the_baseline_breaks(baseline: str) -> None:
    assert check(baseline).out == BASELINE_PAGE
    for points, code in (("16%", 1), ("17%", 0), ("0", 1), ("16.7", 0), ("0.5", 1)):
        check(f"{baseline} --tolerance {points}", code=code)
        check(f"{baseline} --max-worse {points}", code=code)


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
        "statistic": "unassigned_share",
        "unit": "of the objects",
        "value": 0.5,
        "least": None,
        "rise": None,
        "interval_low": None,
        "interval_high": None,
    }
    assert found["checks"][1]["share_before"] == pytest.approx(1 / 3)
    assert found["checks"][1]["rise"] == pytest.approx(1 / 6)
    assert found["left_out"] == [
        {
            "preset": "atss-mmdet",
            "num_annotations": 6,
            "num_left_out": 1,
            "share": 1 / 6,
            "limit": 0.2,
            "is_broken": False,
            "reasons": {"no_extent": 1},
        }
    ]
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


def test_annotations_that_nobody_wanted_left_out_break_by_default() -> None:
    document = json.loads(json.dumps(YARD))
    for annotation in document["annotations"][:2]:
        annotation["image_id"] = 77
    write_coco(Path("lost.json"), document)
    command = "-q check --ann lost.json -p atss-mmdet -p fcos-mmdet"
    out = ask(command, code=1).out
    assert out.startswith("## atss-inspect check: too many annotations lost\n")
    # The same for both presets.
    assert out.endswith(
        "\n\n**Verdict:** atss-mmdet leaves out 3 of 6 annotations (50.0%; more than "
        "1%): unknown image 2, no extent 1.\n\n"
        "Next: `atss-inspect stats --ann lost.json --preset atss-mmdet --full`\n"
    )
    kept = f"{command} --max-left-out 50%"
    assert "check: few enough annotations lost\n" in ask(kept).out
    found = ask(f"{command} {limits('99%')} --json", code=1).json
    assert (found["is_kept"], found["num_checks"], found["num_broken"]) == (False, 2, 0)


def test_without_a_limit_what_is_lost_is_checked_alone() -> None:
    whole = YARD | {"annotations": YARD["annotations"][:4]}
    write_coco(Path("whole.json"), whole)
    out = ask("-q check --ann whole.json").out
    assert out.startswith("## atss-inspect check: no annotation lost\n")
    nothing = "Nothing is left out but crowds, ignored objects and other classes."
    assert f"\n**Verdict:** {nothing}\n" in out
    write_coco(Path("none.json"), YARD | {"annotations": []})
    out = ask("-q check --ann none.json", code=1).out
    assert out.startswith("## atss-inspect check: no object left\n")
    assert "**Verdict:** atss-mmdet has no object left to assign.\n" in out


def test_what_a_rule_does_not_have_breaks_its_limit() -> None:
    words = "-p atss-mmdet -p retinanet-mmdet --max num_low_quality_only=99%"
    first, second = check(f"{words} --json").json["checks"]
    assert (first["value"], first["is_broken"]) == (None, True)
    assert (second["value"], second["is_broken"]) == (0.5, False)
    verdict = check(words).out
    assert "atss-mmdet has no `num_low_quality_only` of its objects." in verdict


def test_names_of_classes_are_taken_with_their_spaces() -> None:
    document = json.loads(json.dumps(YARD))
    document["categories"][0]["name"] = "cat "
    write_coco(Path("space.json"), document)
    limit = "--max 'num_poorly_assigned:class:cat =50%'"
    assert "class:cat " in check(limit, ann="space.json", code=0).out
    out = check(limit.replace("50", "5"), ann="space.json").out
    assert "1 of 2 (50.0%) objects of class cat  poorly assigned; at most 5%" in out


def test_many_images_have_intervals_and_the_same_ones_nothing_worse() -> None:
    write_coco(Path("many.json"), random_coco(3, num_images=120))
    options = "--ann many.json -p retinanet-mmdet"
    ask(f"-q stats {options} -o all.json")
    command = f"-q check {options} --max-left-out 99% --baseline all.json"
    found = ask(f"{command} --max-worse 0 --json").json
    ends = [found["checks"][0][f"interval_{end}"] for end in ("low", "high")]
    assert ends == [0, 0]
    assert "kept, as before" in ask(command).out
    worse = ask(f"{command} --set short_side=300", code=1)
    assert re.search(r"\*\*\+\d+\.\d points \(\d+\.\d to \d+\.\d\)\*\*", worse.out)


def test_a_terminal_gets_a_table_and_everything_else_markdown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for is_terminal, output, expected in (
        (True, None, "table"),
        (True, "-", "table"),
        (False, None, "md"),
        (True, "gate", "md"),
        (True, "gate.txt", "table"),
        (True, "gate.json", "json"),
    ):
        monkeypatch.setattr("sys.stdout.isatty", lambda found=is_terminal: found)
        options = CheckOptions(output_format=None, as_json=False, output=output)
        assert options.choose_format() == expected
