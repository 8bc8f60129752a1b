"""`plot reach` from the command line."""

import io
import sys
from functools import cache
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from atss_inspect.cli import progress, run
from atss_inspect.settings import preset
from atss_inspect.statistics.reach import measure_reach
from tests.tiny_coco import coco, write_coco

Captured = pytest.CaptureFixture[str]


# It needs no data, and takes a second.
MEASURED = cache(measure_reach)
DRAFT = ("--dpi", "30")  # coarse: fast


class Terminal(io.StringIO):
    """A terminal that remembers what it was shown."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _annotations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atss_inspect.statistics.reach.measure_reach", MEASURED)
    # At 800 / 1333, 640 x 480 grows by 5 / 3: 3 px become 5 px, which FCOS often
    # misses; 60 px become 100 px.
    write_coco(Path("val.json"), coco({1: [(100, 100, 3, 3), (300, 100, 60, 60)]}))


def test_no_annotations_are_needed(capsys: Captured) -> None:
    assert run(["plot", "reach", "-p", "fcos-mmdet", *DRAFT]) == 0
    out, err = capsys.readouterr()
    conventions, sees, *_ = out.split("\n\n")
    assert conventions.startswith("Assigned in input pixels, ")
    assert sees.startswith("fcos-mmdet: sees squares from 6 px, 1:8 boxes from 4 px")
    assert out.endswith(
        "verdict: fcos-mmdet sees squares from 6 px, 1:8 boxes from 4 px "
        "on the short\n  side.\n"
    )
    assert err == "wrote reach.png\n"
    assert Path("reach.png").read_bytes().startswith(b"\x89PNG")


def test_boxes_of_the_annotations_are_counted_unless_left_out(capsys: Captured) -> None:
    command = ["-q", "plot", "reach", "-p", "fcos-mmdet", "--ann", "val.json"]
    assert run([*command, "-o", "a.svg"]) == 0
    out = capsys.readouterr().out
    data, _, sees, *_ = out.split("\n\n")
    assert data == "val.json: 2 objects in 1 image"
    assert sees.startswith("fcos-mmdet: sees")
    assert "1 of 2 objects (50.0%) beyond its reach" in out
    assert run([*command, "--no-data", "-o", "b.svg"]) == 0
    assert "objects" not in capsys.readouterr().out
    assert b"your boxes" not in Path("b.svg").read_bytes()


@pytest.mark.parametrize("boxes", [(), ("--ann", "val.json", "--no-data")])
@pytest.mark.parametrize(
    "choice",
    [("--class", "cat"), ("--image", "1"), ("--size", "tiny"), ("--limit", "3")],
    ids=" ".join,
)
def test_boxes_that_are_not_there_cannot_be_chosen(
    choice: tuple[str, str], boxes: tuple[str, ...], capsys: Captured
) -> None:
    assert run(["plot", "reach", *boxes, *choice]) == 2
    assert capsys.readouterr().err == (
        f"atss-inspect: error: plot reach: {choice[0]}: there are no boxes to choose "
        "from\nhint: name annotations with --ann, without --no-data, or leave it out\n"
    )


def test_people_who_wait_see_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    monkeypatch.setattr(progress, "REDRAW_S", 0)
    once = MEASURED(preset("fcos-mmdet"))
    monkeypatch.setattr("atss_inspect.statistics.reach.measure_reach", lambda _: once)
    sketch = Figure((1, 1))
    monkeypatch.setattr(
        "atss_inspect.figures.reach.reach_figure", lambda *_, **__: sketch
    )
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    command = ["plot", "reach", "-p", "fcos-mmdet", "-p", "fcos-official", *DRAFT]
    assert run([*command, "-o", "a.png"]) == 0
    shown = terminal.getvalue()
    assert shown.index("measuring") < shown.index("1/2") < shown.index("2/2")
    quiet = Terminal()
    monkeypatch.setattr(sys, "stderr", quiet)
    assert run(["-q", *command, "-o", "b.png"]) == 0
    assert quiet.getvalue() == ""


def test_stderr_that_is_no_terminal_has_no_bar(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setattr(progress, "PATIENCE_S", 0)
    assert run(["plot", "reach", "-p", "fcos-mmdet", *DRAFT, "-o", "a.png"]) == 0
    assert capsys.readouterr().err == "wrote a.png\n"
