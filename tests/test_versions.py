"""What the comparison between versions says of answers that differ."""

import sys
from pathlib import Path

import pytest

from tests.repeatable import Answer
from tests.versions import compare, first_difference, is_python

STATS = ("stats -f csv", Path("a.json"))
EXPORT = ("export objects", Path("a.json"))
EXPECTED = {STATS: Answer(b"a,b\n1,0.25\n", 0, ""), EXPORT: Answer(b"1\n2\n", 0, "")}


@pytest.mark.parametrize(
    ("other", "verdict"),
    [
        (Answer(b"1\n2\n", 0, ""), "equal"),
        (Answer(b"1\n2.0\n", 0, ""), "line 2 is b'2.0', not b'2'"),
        (Answer(b"1\n", 0, ""), "2 bytes, not 4"),
        (Answer(b"1\n2\n", 0, "a warning"), "stderr says 'a warning'"),
        (Answer(b"", 3, "no such file"), "exit code 3: no such file"),
    ],
)
def test_the_first_difference_is_named(other, verdict):
    where = "" if verdict == "equal" else "1 of 2 differ: export objects on a.json: "
    assert first_difference(EXPECTED, EXPECTED | {EXPORT: other}) == where + verdict


def test_answers_that_fail_alike_are_not_equal():
    failed = {STATS: Answer(b"", 3, "no such file")}
    assert first_difference(failed, failed).endswith("exit code 3: no such file")


def test_an_interpreter_that_is_missing_or_does_not_run_is_none(tmp_path):
    stand_in = tmp_path / "python3.99"
    stand_in.write_text("#!/bin/sh\nexit 127\n")
    stand_in.chmod(0o755)
    names = (sys.executable, "no-such-python", str(stand_in))
    assert [is_python(name) for name in names] == [True, False, False]


def test_one_row_that_differs_is_a_failure(monkeypatch, tmp_path, capsys):
    made = [("lowest python3", *"12345", "equal"), ("newest python3", *"12345", "no")]
    monkeypatch.setattr("tests.versions.rows", lambda *_: iter(made))
    assert not compare(["python3"], tmp_path)
    assert capsys.readouterr().out.splitlines()[2].split()[-2:] == ["5", "no"]
    made.pop()
    assert compare(["python3"], tmp_path)
