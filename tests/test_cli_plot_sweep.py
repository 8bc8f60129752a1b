"""`plot sweep` from the command line: run now, or read from a saved answer."""

import json
from pathlib import Path

import pytest

from atss_inspect.cli import run
from tests.saved_sweeps import saved_sweep
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]
COMMAND = ["-q", "plot", "sweep", "--ann", "street.json", "--dpi", "30"]


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


def complaint(capsys: Captured, *words: str, code: int = 2) -> str:
    """Run a command that is refused, and give its error with the hint."""
    assert run(["-q", "plot", "sweep", *words]) == code
    out, err = capsys.readouterr()
    assert not out
    return err


def test_a_saved_sweep_gives_the_same_picture_as_a_new_one(capsys: Captured) -> None:
    save = ["-q", "sweep", "--ann", "street.json", "k=3,9", "-o", "sweep.json"]
    assert run(save) == 0
    assert run([*COMMAND, "k=3,9", "-o", "new.svg"]) == 0
    new = capsys.readouterr().out
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


def test_one_source_is_needed(capsys: Captured) -> None:
    assert "got neither" in complaint(capsys)
    assert "got both k=3 and --from" in complaint(capsys, "k=3", "--from", "a.json")


def test_a_sweep_that_is_done_follows_no_other_options(capsys: Captured) -> None:
    words = ("--from", "a.json", "--class", "car", "-p", "fcos-mmdet", "--limit", "3")
    error = complaint(capsys, *words)
    assert "--from --preset --limit --class: the sweep is done already\nhint" in error


def test_three_settings_are_refused_before_any_work(capsys: Captured) -> None:
    words = ["k=3", "scale=4", "levels=P3-P7", "--ann", "missing.json"]
    assert "expected one or two settings, got 3" in complaint(capsys, *words)


def test_three_saved_settings_are_refused(capsys: Captured) -> None:
    document = saved_sweep({"k": [3], "scale": [4.0], "levels": [[8]]})
    Path("three.json").write_text(json.dumps(document), encoding="utf-8")
    assert "got 3" in complaint(capsys, "--from", "three.json")


def test_errors_of_the_sweep_are_those_of_sweep_by_another_name(
    capsys: Captured,
) -> None:
    several = ["-p", "atss-mmdet", "-p", "fcos-mmdet", "offset=0,0.5"]
    for words, message in [
        (["k"], 'sweep: expected NAME=VALUES, got "k"\nhint: for example'),
        (["k=3,x"], "sweep: assigner.k: expected a whole number of at least 1"),
        (["k=3,9999"], "sweep: assigner.k: expected"),
        (several, "sweep: expected one preset, got atss-mmdet, fcos-mmdet\nhint: "),
    ]:
        words = ["--ann", "street.json", *words]
        start = "atss-inspect: error:"
        assert complaint(capsys, *words).startswith(f"{start} plot {message}")
        assert run(["-q", "sweep", *words]) == 2
        assert capsys.readouterr().err.startswith(f"{start} {message}")


def test_other_errors_keep_their_name(capsys: Captured) -> None:
    error = complaint(capsys, "k=3,9", "--pad-to", "0", "9")
    assert error.startswith("atss-inspect: error: --pad-to 0 9: expected")


def test_a_file_that_is_no_sweep_is_named(capsys: Captured) -> None:
    error = complaint(capsys, "--from", "street.json", code=3)
    assert 'street.json: expected a saved sweep, got no "sweep"' in error
    assert "hint: save one with `atss-inspect sweep" in error
    error = complaint(capsys, "--from", "missing.json", code=3)
    assert "missing.json: no such file" in error
    assert "hint: save one with `atss-inspect sweep" in error
