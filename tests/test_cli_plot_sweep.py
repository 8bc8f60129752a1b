"""`plot sweep` from the command line: run now, or read from a saved answer."""

import json
from pathlib import Path

import pytest

from atss_inspect.cli import run
from tests.command_line import told
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]
COMMAND = ["-q", "plot", "sweep", "--ann", "street.json", "--dpi", "30"]


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


def test_a_saved_sweep_gives_the_same_picture_as_a_new_one(capsys: Captured) -> None:
    save = ["-q", "sweep", "--ann", "street.json", "k=3,9", "-o", "sweep.json"]
    assert run(save) == 0
    new = told(run([*COMMAND, "k=3,9", "-o", "new.svg"]), capsys)
    assert run(["-q", "plot", "sweep", "--from", "sweep.json", "-o", "saved.svg"]) == 0
    assert capsys.readouterr().out == new
    assert Path("saved.svg").read_bytes() == Path("new.svg").read_bytes()
    assert new.startswith("street.json: 9 objects in 4 images\n\n")
    verdict = json.loads(Path("sweep.json").read_text("utf-8"))["sweep"]["verdict"]
    assert " ".join(new.split()).endswith(f"verdict: {verdict}")


def test_two_settings_make_a_map(capsys: Captured) -> None:
    assert run([*COMMAND[1:], "levels=P2-P6,P3-P7", "scale=4,8"]) == 0
    out, err = capsys.readouterr()
    assert "levels P2-P6, scale 4" in out
    assert err == "wrote sweep.png\n"
