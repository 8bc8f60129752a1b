"""Streams that are full or closed: an exit code that is right, and no traceback.

And annotations from stdin: people read its name, programs what was typed.
"""

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest

from atss_inspect.cli.streams import Notices
from tests.command_line import Printed, ask
from tests.tiny_coco import street, write_coco

PROGRAM = f"{sys.executable} -m atss_inspect"
NO_SPACE = f"stdout: cannot be written: {os.strerror(errno.ENOSPC).lower()}"


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("a.json"), street())


def shell(words: str) -> subprocess.CompletedProcess[str]:
    """Run the program with what a shell does to its streams."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    return subprocess.run(
        ["sh", "-c", f"exec {PROGRAM} {words}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=os.environ,
    )


@pytest.mark.parametrize(
    ("number", "unlisted", "last"),
    [
        (0, None, []),
        (6, 5, ["line 5"]),
        (7, None, ["and 2 more warnings: look there"]),
        (14, 4, ["and 9 more warnings: look there"]),
        (14, 13, ["and 9 more warnings"]),
    ],
)
def test_six_lines_of_warnings_are_enough(
    number: int, unlisted: int | None, last: list[str]
) -> None:
    stream = io.StringIO()
    with mock.patch.object(sys, "stderr", stream):
        notices = Notices(quiet=False, elsewhere="look there")
        for line in [*range(number), *range(number)]:  # each is printed once
            notices.tell(f"line {line}", is_listed=line != unlisted)
        before = stream.getvalue().splitlines()
        notices.close()
    assert before == [f"line {n}" for n in range(min(number, 5))]
    assert stream.getvalue().splitlines() == [*before, *last]
    assert len(stream.getvalue().splitlines()) <= 6


@pytest.mark.parametrize(
    ("lengths", "printed"),
    [
        ([500], [500]),  # the first in any case
        ([81, 160, 80], [81, 160, 80]),
        ([81, 160, 80, 80], [81, 160, 80, 80]),
        ([81, 160, 80, 81], [81, 160, 80, "and 1 more warning: look"]),
        ([81, 160, 81, 1], [81, 160, "and 2 more warnings: look"]),
    ],
)
def test_lines_longer_than_a_terminal_count_for_several(
    lengths: list[int], printed: list[Any]
) -> None:
    stream = io.StringIO()
    with mock.patch.object(sys, "stderr", stream):
        notices = Notices(quiet=False, elsewhere="look")
        for place, length in enumerate(lengths):
            notices.tell(str(place) * length, is_listed=True)
        notices.close()
    lines = stream.getvalue().splitlines()
    assert [line if "and" in line else len(line) for line in lines] == printed


def test_of_many_warnings_losses_come_first_and_json_has_all() -> None:
    document = street()
    for place, image in enumerate(document["images"]):
        image |= {"width": 640.5, "file_name": None} if place else {"width": "640"}
    for place, annotation in enumerate(document["annotations"]):
        wrong = ({"bbox": None}, {"area": -1}, {"iscrowd": True}, {"category_id": 77})
        annotation |= wrong[place % 4]
    document["annotations"] += [{"id": 1}, {"id": 1, "image_id": 9}]
    write_coco(Path("a.json"), document)
    out, err = ask("stats a.json --json")
    found = json.loads(out)["warnings"]
    lines = err.splitlines()
    assert sum(-(-len(line) // 80) for line in lines) <= 6 < len(found)
    more = f"and {len(found) - len(lines) + 1} more warnings:"
    assert lines[-1] == f"{more} --json lists them"
    losses = [one["message"] for one in found if one["is_loss"]]
    assert losses
    assert all(any(text in line for line in lines) for text in losses[:5])
    assert ask("plot size a.json -o a.png").err.splitlines()[-2:] == [
        f"{more} `atss-inspect stats --json` lists them",
        "wrote a.png",
    ]
    told = ask("explain a.json --ann-id 103").err
    assert told.endswith(f"{more} `atss-inspect stats --json` lists them\n")
    assert ask("-q stats a.json").err == ""


def test_what_may_be_the_cause_of_others_comes_first_with_an_example() -> None:
    document = street()
    images = [{"id": n, "width": 90, "height": 90, "file_name": ""} for n in range(20)]
    # As of images of another size; five boxes to an image, one of them twice.
    document |= {"images": images, "annotations": []}
    for place in range(100):
        box = [100 + place // 2, 50, 20, 20 + place % 9]
        own = {"id": 7, "image_id": place // 5, "category_id": 1, "bbox": box}
        document["annotations"].append(own | {"area": -1})
    write_coco(Path("a.json"), document)
    lines = ask("stats a.json").err.splitlines()
    assert lines[0].startswith("warning: 20 images do not contain their boxes: the one")
    assert "(images[0] (id 0): 90x90, ...)" in lines[0]
    assert "warnings: --json lists them" in lines[-1]


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


CLOSED = f"stdout: cannot be written: {os.strerror(errno.EBADF).lower()}"
AS_JSON = f'{{"error": {{"exit_code": 2, "hint": null, "message": "{NO_SPACE}"}}}}\n'
NO_STDIN = f"stdin: cannot be read: {os.strerror(errno.EBADF).lower()}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "err"),
    [
        ("stats -q --ann a.json >&-", 2, f"atss-inspect: error: {CLOSED}\n"),
        ("stats -q --ann a.json -o a.csv >&-", 0, ""),
        ("stats -q --ann - <&-", 3, f"atss-inspect: error: {NO_STDIN}\n"),
        ("stats -q --ann a.json --json >/dev/full", 2, AS_JSON),
        # Where stderr cannot speak, the exit code does.
        ("stats --ann b.json 2>/dev/full", 3, ""),
        ("stats --ann b.json 2>&-", 3, ""),
        ("stats --ann a.json <&- >&- 2>&-", 2, ""),
    ],
)
def test_a_closed_or_full_stream_is_refused_when_it_is_needed(
    words: str, code: int, err: str
) -> None:
    done = shell(words)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", err)
    if "a.csv" in words:
        assert Path("a.csv").read_text().startswith("preset,")


@pytest.mark.slow
def test_a_closed_stderr_is_silent_and_the_answer_comes() -> None:
    wanted = shell("stats -q --ann a.json").stdout
    assert shell("stats --ann a.json 2>&-").stdout == wanted


def piped(words: str) -> Printed:
    """Run a command on the street, which comes through a pipe."""
    pipe = SimpleNamespace(buffer=io.BytesIO(json.dumps(street()).encode()))
    with mock.patch.object(sys, "stdin", pipe):
        return ask(f"-q {words} --ann -")


@pytest.mark.slow
def test_a_report_is_headed_by_it() -> None:
    piped("report -p atss-mmdet --no-viewer -o report.html")
    html = Path("report.html").read_text("utf-8")
    assert "<title>Label assignment of stdin" in html
    assert '<th scope="row"><bdi>stdin</bdi></th>' in html
