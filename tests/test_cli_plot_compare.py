"""`plot compare` from the command line."""

from pathlib import Path

import pytest

from atss_inspect.cli import run
from tests.command_line import told
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]
COMMAND = ["-q", "plot", "compare", "--ann", "street.json", "--dpi", "30"]


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


def test_the_picture_and_its_numbers(capsys: Captured) -> None:
    assert run([*COMMAND[1:], "fcos-mmdet", "atss-mmdet"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("street.json: 9 objects in 4 images\n\n")
    assert "only by fcos-mmdet" in out
    assert "\nverdict: " in out
    assert err == "wrote compare.png\n"
    assert Path("compare.png").exists()


def test_the_numbers_are_those_of_compare(capsys: Captured) -> None:
    names = ["atss-mmdet", "retinanet-mmdet"]
    drawn = told(run(COMMAND), capsys)
    table = told(run(["-q", "compare", "--ann", "street.json", *names]), capsys)
    verdict = drawn.split("verdict: ")[1]
    assert verdict in table


def test_the_presets_of_the_project_are_compared(capsys: Captured) -> None:
    settings = 'preset = ["fcos-mmdet", "rpn-mmdet"]\n'
    Path("atss-inspect.toml").write_text(settings, encoding="utf-8")
    assert "only by rpn-mmdet" in told(run(COMMAND), capsys)


def test_only_objects_asked_for_are_drawn(capsys: Captured) -> None:
    assert run([*COMMAND, "--size", "tiny", "-o", "tiny.pdf", "--theme", "paper"]) == 0
    assert "street.json: 1 object in 4 images, only tiny objects" in (
        capsys.readouterr().out
    )
    assert Path("tiny.pdf").read_bytes().startswith(b"%PDF")
