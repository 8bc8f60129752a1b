"""Hostile and sloppy input: an answer that adds up, or one line that says why not."""

import json
import subprocess
import sys
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import pytest

from atss_inspect.cli import run
from tests.hostile import CASES, fields, names
from tests.hostile.case import Answer, Case, Refusal, fits

Captured = pytest.CaptureFixture[str]
ERROR = "atss-inspect: error: "
# Every wrong type of every field takes ten seconds; of these, a tenth is quick enough.
SELDOM = {id(case) for number, case in enumerate(fields.CASES) if number % 10}


def marks(case: Case) -> list[pytest.MarkDecorator]:
    """Choose the slow cases, and those that cannot be made here."""
    found = [pytest.mark.slow] if id(case) in SELDOM else []
    if case.needs and find_spec(case.needs) is None:
        found.append(pytest.mark.skip(reason=f"{case.needs} is an extra"))
    return found


def cases_that(expected: type[Answer | Refusal]) -> list[object]:
    """List the cases with one kind of outcome, some of them for the slow tests."""
    return [
        pytest.param(
            case,
            id=ascii(case.name),
            marks=marks(case),
        )
        for case in CASES
        if isinstance(case.expected, expected)
    ]


def lay(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bring about what the case is about, here."""
    case.lay(Path())
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)


def assert_harmless(text: str) -> None:
    """Nothing in it acts on a terminal; lines are the only control."""
    assert all(line.isprintable() for line in text.split("\n"))


def test_the_names_of_cases_are_distinct() -> None:
    assert [
        name for name, n in Counter(case.name for case in CASES).items() if n > 1
    ] == []
    assert len(CASES) >= 150


@pytest.mark.parametrize("case", cases_that(Refusal))
def test_what_cannot_be_used_is_refused_in_one_line(
    case: Case, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = case.expected
    assert isinstance(expected, Refusal)
    lay(case, monkeypatch)
    code = run(case.words)
    printed = capsys.readouterr()
    assert printed.out == ""
    message, *hints = printed.err.removesuffix("\n").split("\n")
    assert fits(ERROR + expected.message, message), printed.err
    assert code == expected.exit_code
    assert all(line.startswith("hint: ") for line in hints)
    assert len(hints) <= 1
    assert fits(expected.hint, "".join(hints).removeprefix("hint: "))
    assert_harmless(printed.err)
    assert len(printed.err) < 11_000


@pytest.mark.parametrize("case", cases_that(Answer))
def test_what_can_be_used_is_used_and_the_rest_is_counted(
    case: Case, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = case.expected
    assert isinstance(expected, Answer)
    lay(case, monkeypatch)
    assert run([*case.words, "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    warnings = {one["reason"]: one["count"] for one in found["warnings"]}
    assert warnings == expected.warnings
    assert list(warnings) == list(expected.warnings)
    told = [line for line in printed.err.splitlines() if line.startswith("warning: ")]
    assert len(told) == len(printed.err.splitlines()) == len(warnings)
    total = found["data"]["num_annotations"]
    assert total == expected.objects + expected.losses
    losses = sum(one["count"] for one in found["warnings"] if one["is_loss"])
    (result,) = found["results"]
    left_out = sum(result["left_out"]["objects"].values())
    assert result["num_objects"] + left_out == total
    assert bool(losses) >= bool(expected.losses)


# Without those that are converted already, or of several files.
SINGLE = [
    case
    for case in CASES
    if isinstance(case.expected, Answer) and set(case.files) == {"a.json"}
]


@pytest.mark.slow
@pytest.mark.parametrize("case", SINGLE, ids=lambda case: ascii(case.name))
def test_what_can_be_used_is_told_the_same_from_its_converted_form(
    case: Case, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    lay(case, monkeypatch)
    assert run(["convert", "--ann", "a.json", "-o", "set.atss", "-q"]) == 0
    answers = []
    for ann in ("a.json", "set.atss"):
        capsys.readouterr()
        assert run(["stats", "--ann", ann, "--json"]) == 0
        answers.append(capsys.readouterr())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("case", names.CASES, ids=lambda case: ascii(case.name))
def test_no_table_acts_on_a_terminal(
    case: Case, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(case, monkeypatch)
    for words in ((*case.words, "--by", "class"), ("worst", "--ann", "a.json")):
        assert run(words) == 0
        printed = capsys.readouterr()
        assert_harmless(printed.out)
        assert_harmless(printed.err)


# Every file that is opened, every socket and process is an event for an audit hook.
WATCHED = """
import os, sys
from pathlib import Path
from atss_inspect import cli
own = {Path(place).resolve() for place in (sys.prefix, sys.base_prefix, sys.argv[1])}
def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec")):
        sys.stderr.write(f"{event}\\n")
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        path = Path(os.fsdecode(arguments[0])).resolve()
        if not own & {path, *path.parents}:
            sys.stderr.write(f"{path.name}\\n")
sys.addaudithook(watch)
for words in (["stats", "--by", "class"], ["worst"], ["export", "objects"]):
    assert cli.run([*words, "-q", "--ann", "a.json"]) == 0
"""


@pytest.mark.slow
def test_only_what_is_named_is_opened_and_nothing_is_sent_or_run() -> None:
    (case,) = (case for case in names.CASES if case.name == "name: absolute path")
    case.lay(Path())
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(root)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stderr.splitlines()) == {"a.json"}
