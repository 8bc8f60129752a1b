"""`plot reach` from the command line."""

import sys
from functools import cache
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from atss_inspect.cli import run, workers
from atss_inspect.settings import preset
from atss_inspect.statistics.reach import measure_reach
from tests.command_line import ask
from tests.test_cli_workers import Terminal, put_terminal
from tests.tiny_coco import coco, write_coco

# It needs no data, and takes a second.
MEASURED = cache(measure_reach)


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("atss_inspect.statistics.reach.measure_reach", MEASURED)


def test_no_annotations_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE_S", 0)  # but stderr is no terminal
    out, err = ask("plot reach -p fcos-mmdet --dpi 30")
    conventions, sees, *_ = out.split("\n\n")
    assert conventions.startswith("Assigned in input pixels, ")
    assert sees.startswith("fcos-mmdet: sees squares from 6 px, 1:8 boxes from 4 px")
    assert out.endswith(
        "verdict: fcos-mmdet sees squares from 6 px, 1:8 boxes from 4 px "
        "on the short\n  side.\n"
    )
    assert err == "wrote reach.png\n"
    assert Path("reach.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.slow
def test_boxes_of_the_annotations_are_counted_unless_left_out() -> None:
    # At 800 / 1333, 640 x 480 grows by 5 / 3: 3 px become 5 px, which FCOS often
    # misses; 60 px become 100 px.
    write_coco(Path("val.json"), coco({1: [(100, 100, 3, 3), (300, 100, 60, 60)]}))
    command = "-q plot reach -p fcos-mmdet --ann val.json"
    out = ask(f"{command} -o a.svg").out
    data, _, sees, *_ = out.split("\n\n")
    assert data == "val.json: 2 objects in 1 image"
    assert sees.startswith("fcos-mmdet: sees")
    assert "1 of 2 objects (50.0%) beyond its reach" in out
    assert "objects" not in ask(f"{command} --no-data -o b.svg").out
    assert b"your boxes" not in Path("b.svg").read_bytes()


def test_people_who_wait_see_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    once = MEASURED(preset("fcos-mmdet"))
    monkeypatch.setattr("atss_inspect.statistics.reach.measure_reach", lambda _: once)
    path = "atss_inspect.figures.reach.reach_figure"
    monkeypatch.setattr(path, lambda *_, **__: Figure((1, 1)))
    words = ["plot", "reach", "-p", "fcos-mmdet", "-p", "fcos-official"]
    terminal = put_terminal(monkeypatch, patience_s=0)
    assert run([*words, "-o", "a.png"]) == 0
    shown = terminal.getvalue()
    assert shown.index("measuring") < shown.index("1/2") < shown.index("2/2")
    quiet = Terminal()
    monkeypatch.setattr(sys, "stderr", quiet)
    assert run(["-q", *words, "-o", "b.png"]) == 0
    assert quiet.getvalue() == ""
