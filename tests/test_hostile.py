"""Hostile and sloppy input: an answer that adds up, or one line that says why not."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.cli import run
from tests.hostile import CASES, fields, names
from tests.hostile.case import Answer, Case, Refusal, fits

Captured = pytest.CaptureFixture[str]
# Every wrong type of every field takes ten seconds; of these, a tenth is quick enough.
SELDOM = {id(case) for number, case in enumerate(fields.CASES) if number % 10}


def cases_that(expected: type[Answer | Refusal]) -> list[object]:
    """List the cases with one kind of outcome, some of them for the slow tests."""
    return [
        pytest.param(
            case,
            id=ascii(case.name),
            marks=[pytest.mark.slow] if id(case) in SELDOM else [],
        )
        for case in CASES
        if isinstance(case.expected, expected)
    ]


def lay(case: Case) -> None:
    """Write the files of a case; skip it where they cannot be made."""
    if case.needs:
        pytest.importorskip(case.needs, reason=f"{case.needs} is an extra")
    case.lay(Path())


def assert_harmless(text: str) -> None:
    """Nothing in it acts on a terminal; lines and joiners are the only control."""
    lines = text.replace("\u200c", "").replace("\u200d", "").split("\n")
    assert all(line.isprintable() for line in lines)


def assert_refused(expected: Refusal, code: int, out: str, err: str) -> None:
    """One line says why, perhaps with a hint; nothing is answered."""
    message, *hints = err.removesuffix("\n").split("\n")
    assert fits(f"atss-inspect: error: {expected.message}", message), err[-1000:]
    assert (code, out) == (expected.exit_code, "")
    assert fits(expected.hint, "".join(hints).removeprefix("hint: "))
    assert len(hints) <= 1
    assert all(line.startswith("hint: ") for line in hints)
    assert_harmless(err)
    assert len(err) < 11_000


def assert_answered(expected: Answer, out: str) -> dict[str, Any]:
    """Every object is used or left out, and what is odd is counted; the answer."""
    found: dict[str, Any] = json.loads(out)
    warnings = [(one["reason"], one["count"]) for one in found["warnings"]]
    assert warnings == list(expected.warnings.items())
    assert found["data"]["num_annotations"] == expected.objects + expected.losses
    return found


def test_the_names_of_cases_are_distinct() -> None:
    [(_, most)] = Counter(case.name for case in CASES).most_common(1)
    assert most == 1


@pytest.mark.parametrize("case", cases_that(Refusal))
def test_what_cannot_be_used_is_refused_in_one_line(
    case: Case, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(case)
    for name, value in case.environment.items():
        monkeypatch.setenv(name, value)
    assert_refused(case.expected, run(case.words), *capsys.readouterr())


@pytest.mark.parametrize("case", cases_that(Answer))
def test_what_can_be_used_is_used_and_the_rest_is_counted(
    case: Case, capsys: Captured
) -> None:
    lay(case)
    assert run([*case.words, "--json"]) == 0
    printed = capsys.readouterr()
    found = assert_answered(case.expected, printed.out)
    told = re.findall(r"^warning: ", printed.err, re.MULTILINE)
    others = map(int, re.findall(r"^and (\d+) more warning", printed.err, re.MULTILINE))
    assert len(told) + sum(others) == len(found["warnings"])
    losses = sum(one["count"] for one in found["warnings"] if one["is_loss"])
    (result,) = found["results"]
    left_out = sum(result["left_out"]["objects"].values())
    assert result["num_objects"] + left_out == found["data"]["num_annotations"]
    assert bool(losses) >= bool(case.expected.losses)


# Without those that are converted already, or of several files.
SINGLE = [
    case
    for case in CASES
    if isinstance(case.expected, Answer) and set(case.files) == {"a.json"}
]


@pytest.mark.slow
@pytest.mark.parametrize("case", SINGLE, ids=lambda case: ascii(case.name))
def test_what_can_be_used_is_told_the_same_from_its_converted_form(
    case: Case, capsys: Captured
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    lay(case)
    assert run(["convert", "--ann", "a.json", "-o", "set.atss", "-q"]) == 0
    answers = []
    for ann in ("a.json", "set.atss"):
        capsys.readouterr()
        assert run(["stats", "--ann", ann, "--json"]) == 0
        answers.append(capsys.readouterr())
    assert answers[0] == answers[1]


@pytest.mark.parametrize("case", names.CASES, ids=lambda case: ascii(case.name))
def test_no_table_acts_on_a_terminal(case: Case, capsys: Captured) -> None:
    lay(case)
    for words in ((*case.words, "--by", "class"), ("worst", "--ann", "a.json")):
        assert run(words) == 0
        assert_harmless("".join(capsys.readouterr()))


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
