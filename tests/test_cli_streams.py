"""Streams that are full or closed: an exit code that is right, and no traceback."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tiny_coco import street, write_coco

pytestmark = pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no /dev/full"
)
PROGRAM = f"{sys.executable} -m atss_inspect"
NO_SPACE = f"stdout: cannot be written: {os.strerror(errno.ENOSPC).lower()}"


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("a.json"), street())


def shell(words: str) -> subprocess.CompletedProcess[str]:
    """Run the program with what a shell does to its streams."""
    return subprocess.run(
        ["sh", "-c", f"exec {PROGRAM} {words}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=os.environ,
    )


@pytest.mark.parametrize(
    "words",
    [
        "stats -q --ann a.json",
        "export objects -q --ann a.json --format npz",
        "--help",
        pytest.param("export objects -q --ann a.json", marks=pytest.mark.slow),
        pytest.param("config list", marks=pytest.mark.slow),
        pytest.param("--version", marks=pytest.mark.slow),
    ],
)
def test_a_full_stdout_is_one_line_and_exit_code_2(words: str) -> None:
    done = shell(f"{words} >/dev/full")
    assert (done.returncode, done.stderr) == (2, f"atss-inspect: error: {NO_SPACE}\n")


@pytest.mark.slow
def test_a_full_stdout_is_told_as_json_where_json_was_asked_for() -> None:
    done = shell("stats -q --ann a.json --json >/dev/full")
    assert done.returncode == 2
    assert json.loads(done.stderr)["error"]["message"] == NO_SPACE


@pytest.mark.slow
def test_a_closed_stdout_is_refused_when_it_is_needed() -> None:
    done = shell("stats -q --ann a.json >&-")
    message = f"stdout: cannot be written: {os.strerror(errno.EBADF).lower()}"
    assert (done.returncode, done.stderr) == (2, f"atss-inspect: error: {message}\n")
    done = shell("stats -q --ann a.json -o a.csv >&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("a.csv").read_text().startswith("preset,")


@pytest.mark.slow
def test_a_closed_stdin_is_unreadable() -> None:
    done = shell("stats -q --ann - <&-")
    message = f"stdin: cannot be read: {os.strerror(errno.EBADF)}"
    assert (done.returncode, done.stderr) == (3, f"atss-inspect: error: {message}\n")


@pytest.mark.slow
def test_a_closed_stderr_is_silent_and_the_answer_comes() -> None:
    wanted = shell("stats -q --ann a.json").stdout
    assert shell("stats --ann a.json 2>&-").stdout == wanted


@pytest.mark.slow
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-"])
def test_where_stderr_cannot_speak_the_exit_code_does(redirection: str) -> None:
    done = shell(f"stats --ann b.json {redirection}")
    assert (done.returncode, done.stdout, done.stderr) == (3, "", "")


@pytest.mark.slow
def test_all_streams_closed_is_no_crash() -> None:
    assert shell("stats --ann a.json <&- >&- 2>&-").returncode == 2
