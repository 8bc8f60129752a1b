"""`check`: exit codes, and a page that names what broke and by how much."""

import json
import re
from pathlib import Path

import pytest

from atss_inspect.cli.check import CheckOptions
from tests.command_line import Printed, ask
from tests.random_coco import random_coco
from tests.test_cli_stats import YARD
from tests.tiny_coco import coco_image, write_coco

# Of the six annotations one is a crowd and one has no width.
LEFT_OUT = (
    "atss-mmdet leaves out 1 of 6 annotations (16.7%; at most 20% may be): no extent 1."
)
# The two tiny boxes of four objects have no positive under ATSS.
ROWS = """\
| atss-mmdet | tiny      |      2 of 2 (100%) | at most 20% | **80.0 points over** |
| atss-mmdet | all       |     2 of 4 (50.0%) | at most 50% | kept                 |
| atss-mmdet | class:owl |                  - |  at most 1% | kept, no objects     |

**Verdict:** atss-mmdet: 2 of 2 (100%) tiny objects without a positive; at most 20% \
"""


# Before, without the 4 px box, 1 of 3 objects had no positive.
BASELINE_ROWS = """\
| atss-mmdet | all          |  33.3% | 50.0% |          +16.7 | **too much** |
| atss-mmdet | tiny         |   100% |  100% |              0 | not judged   |
"""


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
    page = check(broken).out
    assert page.startswith("## atss-inspect check: 1 of 3 limits broken\n")
    assert f"{ROWS}allowed. {LEFT_OUT}\n" in page
    following = "worst --ann yard.json --preset atss-mmdet --size tiny"
    assert page.endswith(f"\nNext: `atss-inspect {following}`\n")
    table = "atss-mmdet  tiny            2 of 2 (100%)  at most 20%  80.0 points over\n"
    assert table in check(f"{broken} --format table").out
    assert check(f"{limits('tiny=20%')} -o gate.json").out == ""
    assert json.loads(Path("gate.json").read_text())["num_broken"] == 1


def test_limits_that_hold_give_exit_code_0() -> None:
    out, err = check(limits("50%", "coco_small=100%"), code=0)
    assert out.startswith("## atss-inspect check: 2 limits kept\n")
    assert f"**Verdict:** Every limit is kept. {LEFT_OUT}\n" in out
    assert out.endswith("--preset atss-mmdet --json -o baseline.json`\n")
    assert err == ""


KEY_ROWS = """\
| fcos-mmdet | all       | gini                  |                     0.53 |  at most 0.5 | **0.03 over**        |
| atss-mmdet | tiny      | `num_poorly_assigned` |            2 of 2 (100%) |  at most 20% | **80.0 points over** |
| fcos-mmdet | tiny      | `num_poorly_assigned` |           1 of 2 (50.0%) |  at most 20% | **30.0 points over** |
| atss-mmdet | tiny      | `mean_positives`      |   0 positives per object |   at least 1 | **1.0 under**        |
| fcos-mmdet | tiny      | `mean_positives`      | 0.5 positives per object |   at least 1 | **0.5 under**        |
| fcos-mmdet | all       | `mean_iou`            |                        - | at least 0.1 | **undefined**        |
"""  # noqa: E501 - a table


def test_any_statistic_can_be_limited_by_its_key() -> None:
    words = "-p atss-mmdet -p fcos-mmdet --max gini=0.5 --min mean_positives:tiny=1 "
    words += "--max num_poorly_assigned:tiny=20% "
    words += "--max num_unassigned:class:owl=3 --min mean_iou=0.1"
    text = check(f"{words} {limits('50%')}").out
    assert KEY_ROWS in text
    assert text.startswith("## atss-inspect check: 6 of 12 limits broken\n")
    found = check(f"{words} --json").json["checks"][-1]
    by_key = [found[key] for key in ("statistic", "value", "most", "least")]
    assert by_key == ["mean_iou", None, None, 0.1]


def test_a_limit_on_the_better_side_is_asked_about() -> None:
    words = "--max mean_iou=0.9 --min gini=0.1 --min mean_iou=0.1 --max gini=0.9 "
    words += f"--min num_objects=1 --max num_objects=99 {limits('99%')}"
    lines = ask(f"check --ann yard.json --max-left-out 99% {words}").err
    assert [line for line in lines.splitlines() if "hint" in line] == [
        "hint: --max: higher values of mean_iou are better; did you mean --min?",
        "hint: --min: lower values of gini are better; did you mean --max?",
    ]


def test_a_rise_over_the_baseline_breaks(baseline: str) -> None:
    page = check(baseline).out
    assert page.startswith("## atss-inspect check: 1 of 5 limits broken\n")
    assert BASELINE_ROWS in page
    verdict = "16.7 points more of the objects poorly assigned than before. "
    assert f"**Verdict:** atss-mmdet leaves {verdict}{LEFT_OUT}\n" in page
    for points, code in (("16%", 1), ("17%", 0)):
        check(f"{baseline} --tolerance {points}", code=code)
        check(f"{baseline} --max-worse {points}", code=code)


def test_changed_settings_are_named(baseline: str) -> None:
    text = check(f"{baseline} --set k=15").out
    assert "baseline:\n\n- atss-mmdet: assigner.k was 9, is 15\n" in text
    assert "Next: `atss-inspect worst --ann yard.json --set k=15 --preset " in text


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
    assert "check: loss within the limit\n" in ask(kept).out
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
    # The same is not said once more of what was limited.
    limited = ask("-q check --ann none.json --max num_poorly_assigned=1", code=1)
    assert limited.out.count("has no object left to assign") == 1


def test_where_nothing_is_left_the_next_command_works() -> None:
    stray = [one | {"image_id": 900 + one["id"]} for one in YARD["annotations"]]
    write_coco(Path("stray.json"), YARD | {"annotations": stray})
    found = ask("-q check --ann stray.json --json", code=1).json
    command = "check --ann stray.json --preset atss-mmdet --json"
    assert found["next"] == f"atss-inspect {command}"
    ask(f"-q {command}", code=1)
    # `stats` refuses what matches nothing, and of others sends there.
    ask("stats --ann stray.json", code=3)
    boxless = [one | {"bbox": [1, 2, 3, 1e300]} for one in YARD["annotations"]]
    write_coco(Path("boxless.json"), YARD | {"annotations": boxless})
    out = ask("-q stats --ann boxless.json -p atss-mmdet").out
    next_command = "check --ann boxless.json"
    assert f"next: atss-inspect {next_command}" in out
    assert "no object left" in ask(f"-q {next_command}", code=1).out


def test_objects_are_counted_once_in_a_sentence() -> None:
    told = {
        "--max num_unassigned=1": "2 objects without a positive; at most 1 allowed.",
        "--max num_poorly_assigned:tiny=1": "2 tiny objects poorly assigned; at most 1",
        "--max num_objects=1": "`num_objects` of the objects is 4 objects; at most 1",
        "--min mean_positives:small=1": "has no `mean_positives` of its small objects.",
    }
    for words, text in told.items():
        assert text in check(words).out


def test_need_says_what_is_missing() -> None:
    # Of 0, 0, 9 and 9 positives: 50% of 4 each are missing, of 12 each 1 - 18 / 48.
    key = "--max missing_to_need"
    check(f"{key}=50%", code=0)
    found = check(f"{key}=60% --need 12 --json").json["checks"][0]
    assert found["value"] == 0.625


def test_many_images_have_intervals_and_the_same_ones_nothing_worse() -> None:
    write_coco(Path("many.json"), random_coco(3, num_images=120))
    options = "--ann many.json -p retinanet-mmdet"
    ask(f"-q stats {options} -o all.json")
    command = f"-q check {options} --max-left-out 99% --baseline all.json"
    found = ask(f"{command} --max-worse 0 --json").json
    ends = [found["checks"][0][f"interval_{end}"] for end in ("low", "high")]
    assert ends == [0, 0]
    page = ask(command).out
    assert re.search(r"\| all +\|.*\| as before +\|", page)
    told = "objects; broken where the lower end of a rise is above 0.5 points:\n"
    assert told in page
    # A baseline saved anew would let what is allowed add up.
    assert page.endswith("--preset retinanet-mmdet --full`\n")
    worse = ask(f"{command} --set short_side=300", code=1)
    assert re.search(r"\+\d+\.\d \(\d+\.\d to \d+\.\d\) \| \*\*too much\*\*", worse.out)


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


def test_a_class_is_all_categories_of_its_name() -> None:
    # A speck between the anchor centers and a large box, of a category each.
    document = coco_image((9, 9, 2, 1), (10, 10, 200, 150))
    document["categories"] = [{"id": n, "name": "plush"} for n in (1, 2, 3)]
    document["annotations"][1]["category_id"] = 3
    write_coco(Path("twice.json"), document)
    command = "check --ann twice.json -p atss-mmdet --max-unassigned class:plush="
    failed = ask(f"{command}40%", code=1)
    assert "1 of 2 (50.0%)" in failed.out
    assert "2 categories have the name of an earlier one" in failed.err
    assert "1 of 2 (50.0%)" in ask(f"{command}50%").out
