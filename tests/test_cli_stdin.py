"""Annotations from stdin: people read its name, programs what was typed."""

import io
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from atss_inspect.cli import run
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]
MONKEY = pytest.MonkeyPatch
ONE = ("--preset", "atss-mmdet")


def from_stdin(monkeypatch: MONKEY, *words: str) -> None:
    """Run a command on the street, which comes through a pipe."""
    pipe = SimpleNamespace(buffer=io.BytesIO(json.dumps(street()).encode()))
    monkeypatch.setattr(sys, "stdin", pipe)
    assert run(["-q", *words, "--ann", "-"]) == 0


@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        (("stats", *ONE), "stdin: 4 images, 9 annotations, 3 classes\n"),
        (("worst", *ONE), "stdin: 4 images, 9 annotations, 3 classes\n"),
        (("sweep", "k=3,9"), "stdin: 4 images, 9 annotations, 3 classes\n"),
        (
            ("explain", "--ann-id", "100", *ONE),
            "annotation 100, annotations[0] in stdin",
        ),
    ],
    ids=["stats", "worst", "sweep", "explain"],
)
def test_what_is_printed_calls_it_stdin(
    words: tuple[str, ...], beginning: str, monkeypatch: MONKEY, capsys: Captured
) -> None:
    from_stdin(monkeypatch, *words)
    out = capsys.readouterr().out
    assert out.startswith(beginning)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "beginning"),
    [
        (("levels", *ONE), "stdin: 9 objects in 4 images\n"),
        (("sweep", "k=3,9"), "stdin: 9 objects in 4 images\n"),
        (("image", "2"), "stdin: image 2, 2.jpg, 640 x 480 pixels, 3 annotations\n"),
        (("image", "--gallery", "2"), "stdin: 2 images\n"),
    ],
    ids=["levels", "sweep", "image", "gallery"],
)
def test_what_is_printed_beside_a_picture_calls_it_stdin(
    words: tuple[str, ...], beginning: str, monkeypatch: MONKEY, capsys: Captured
) -> None:
    from_stdin(monkeypatch, "plot", *words, "--dpi", "30")
    assert capsys.readouterr().out.startswith(beginning)


def test_one_of_several_files_is_called_stdin_in_their_column(
    monkeypatch: MONKEY, capsys: Captured
) -> None:
    write_coco(Path("b.json"), street())
    from_stdin(monkeypatch, "worst", *ONE, "--ann", "b.json")
    lines = capsys.readouterr().out.splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith("ann. id"))
    files = {line.split()[1] for line in lines[place + 1 : place + 5]}
    assert files == {"stdin", "b.json"}


def test_commands_to_type_again_and_documents_keep_what_was_typed(
    monkeypatch: MONKEY, capsys: Captured
) -> None:
    from_stdin(monkeypatch, "stats", *ONE)
    assert "next: atss-inspect stats --ann - " in capsys.readouterr().out
    from_stdin(monkeypatch, "stats", *ONE, "--json")
    assert json.loads(capsys.readouterr().out)["inputs"][0]["path"] == "-"


@pytest.mark.slow
def test_a_report_is_headed_by_it(monkeypatch: MONKEY) -> None:
    from_stdin(monkeypatch, "report", *ONE, "--no-viewer", "-o", "report.html")
    html = Path("report.html").read_text("utf-8")
    assert "<title>Label assignment of stdin" in html
    assert '<th scope="row"><bdi>stdin</bdi></th>' in html
