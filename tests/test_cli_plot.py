"""Pictures of many objects on the command line: what all have in common, and two."""

import json
import sys
from pathlib import Path

import pytest
import typer
from matplotlib.figure import Figure

from atss_inspect.cli import run
from atss_inspect.figures.theme import Theme
from tests.command_line import told
from tests.tiny_coco import coco, street, write_coco

Captured = pytest.CaptureFixture[str]
PNG, SVG, PDF = b"\x89PNG", b"<?xml", b"%PDF"
DISTRIBUTIONS = ("levels", "positives", "size", "threshold")
COMPARE = ["-q", "plot", "compare", "--ann", "street.json", "--dpi", "30"]
SWEEP = ["-q", "plot", "sweep", "--ann", "street.json", "--dpi", "30"]
DRAFT = ("--dpi", "30", "-p", "atss-mmdet")  # coarse, a single panel: fast


@pytest.fixture(autouse=True)
def street_json(tmp_path: Path) -> None:
    """Nine objects in the working directory."""
    write_coco(tmp_path / "street.json", street())


@pytest.fixture
def _sketched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw an empty page in place of the levels, for what is told around a picture."""

    def sketch(*_: object, theme: Theme, **__: object) -> Figure:
        return Figure((1, 1), facecolor=theme.paper)

    monkeypatch.setattr("atss_inspect.figures.levels.levels_figure", sketch)


def plot(*arguments: str, status: int = 0) -> None:
    """Run `atss-inspect plot`."""
    assert run(["plot", *arguments, "--ann", "street.json"]) == status


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_picture_is_a_png_named_after_it_and_its_numbers_are_printed(
    name: str, capsys: Captured
) -> None:
    plot(name, *DRAFT)
    assert Path(f"{name}.png").read_bytes().startswith(PNG)
    out, err = capsys.readouterr()
    first, _, *rest = out.splitlines()
    assert first == "street.json: 9 objects in 4 images"
    assert any(line.startswith("verdict: ") for line in rest)
    assert out.endswith(".\n")
    assert err == f"wrote {name}.png\n"


@pytest.mark.parametrize(
    "against", ["ratio", pytest.param("position", marks=pytest.mark.slow)]
)
def test_size_is_named_after_what_it_is_drawn_against(against: str) -> None:
    plot("size", "--against", against, *DRAFT)
    assert Path(f"size-{against}.png").exists()


@pytest.mark.usefixtures("_sketched")
@pytest.mark.parametrize(("file", "beginning"), [("a.svg", SVG), ("a.PDF", PDF)])
def test_the_suffix_decides_the_format(
    file: str, beginning: bytes, capsys: Captured
) -> None:
    plot("levels", "-o", file, *DRAFT)
    assert Path(file).read_bytes().startswith(beginning)
    assert capsys.readouterr().err == f"wrote {file}\n"


@pytest.mark.usefixtures("_sketched")
def test_a_file_named_by_the_user_is_replaced_only_by_force(capsys: Captured) -> None:
    Path("mine.png").write_text("mine")
    plot("levels", "-o", "mine.png", status=2)
    assert Path("mine.png").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    plot("levels", "-o", "mine.png", "--force", *DRAFT)
    assert Path("mine.png").read_bytes().startswith(PNG)


@pytest.mark.usefixtures("_sketched")
def test_the_same_picture_again_is_unchanged_and_another_one_an_error(
    capsys: Captured,
) -> None:
    plot("levels", *DRAFT)
    first = capsys.readouterr().out
    plot("levels", *DRAFT)
    again = capsys.readouterr()
    assert again.err == "unchanged: levels.png\n"
    assert again.out == first
    # Another theme and another resolution each make another picture.
    for changed in (("--theme", "dark"), ("--dpi", "31")):
        plot("levels", *DRAFT, *changed, status=2)
        err = capsys.readouterr().err
        assert "levels.png" in err
        assert "name another file with -o" in err


@pytest.mark.usefixtures("_sketched")
def test_stdout_takes_the_picture_alone(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    plot("levels", "-o", "-", *DRAFT)
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    assert out.startswith(PNG)
    assert b"verdict" not in out
    assert err == b""


@pytest.mark.usefixtures("_sketched")
def test_show_opens_a_file_that_does_not_stay_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)
    plot("levels", "--show", *DRAFT)
    assert [Path(path).name for path in opened] == ["levels.png"]
    assert Path(opened[0]).read_bytes().startswith(PNG)
    assert not Path("levels.png").exists()
    plot("levels", "--show", "-o", "kept.png", *DRAFT)
    assert opened[1] == "kept.png"


@pytest.mark.usefixtures("_sketched")
def test_presets_are_drawn_in_the_order_asked_for_and_quietly_if_wanted(
    capsys: Captured,
) -> None:
    presets = ("-p", "fcos-mmdet", "-p", "atss-official")
    plot("levels", *presets, "--dpi", "30", "--quiet")
    out, err = capsys.readouterr()
    assert err == ""
    _, conventions, table, *_ = out.split("\n\n")
    assert conventions.index("  fcos-mmdet ") < conventions.index("  atss-official ")
    assert table.splitlines()[0].split() == ["fcos-mmdet", "atss-official"]


@pytest.mark.usefixtures("_sketched")
def test_filters_choose_the_objects_drawn(capsys: Captured) -> None:
    plot("levels", "--image", "10", "--class", "person", *DRAFT)
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith("street.json: ")
    assert "in 1 image, only person" in first


@pytest.mark.usefixtures("_sketched")
def test_without_a_preset_several_stand_side_by_side(capsys: Captured) -> None:
    plot("levels", "--dpi", "30")
    assert len(capsys.readouterr().out.splitlines()[2].split()) > 1


def test_annotations_without_objects_make_a_picture(capsys: Captured) -> None:
    write_coco(Path("street.json"), coco({1: []}))
    plot("levels", *DRAFT)
    assert capsys.readouterr().out.startswith("street.json: 0 objects in 1 image\n")


def test_compare_draws_two_conventions(capsys: Captured) -> None:
    assert run([*COMPARE[1:], "fcos-mmdet", "atss-mmdet"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("street.json: 9 objects in 4 images\n\n")
    assert "only by fcos-mmdet" in out
    assert "\nverdict: " in out
    assert err == "wrote compare.png\n"
    assert Path("compare.png").exists()


def test_the_numbers_are_those_of_compare(capsys: Captured) -> None:
    names = ["atss-mmdet", "retinanet-mmdet"]
    drawn = told(run(COMPARE), capsys)
    table = told(run(["-q", "compare", "--ann", "street.json", *names]), capsys)
    verdict = drawn.split("verdict: ")[1]
    assert verdict in table


def test_the_presets_of_the_project_are_compared(capsys: Captured) -> None:
    settings = 'preset = ["fcos-mmdet", "rpn-mmdet"]\n'
    Path("atss-inspect.toml").write_text(settings, encoding="utf-8")
    assert "only by rpn-mmdet" in told(run(COMPARE), capsys)


def test_compare_draws_only_objects_asked_for(capsys: Captured) -> None:
    assert run([*COMPARE, "--size", "tiny", "-o", "tiny.pdf", "--theme", "paper"]) == 0
    assert "street.json: 1 object in 4 images, only tiny objects" in (
        capsys.readouterr().out
    )
    assert Path("tiny.pdf").read_bytes().startswith(b"%PDF")


def test_a_saved_sweep_gives_the_same_picture_as_a_new_one(capsys: Captured) -> None:
    save = ["-q", "sweep", "--ann", "street.json", "k=3,9", "-o", "sweep.json"]
    assert run(save) == 0
    new = told(run([*SWEEP, "k=3,9", "-o", "new.svg"]), capsys)
    assert run(["-q", "plot", "sweep", "--from", "sweep.json", "-o", "saved.svg"]) == 0
    assert capsys.readouterr().out == new
    assert Path("saved.svg").read_bytes() == Path("new.svg").read_bytes()
    assert new.startswith("street.json: 9 objects in 4 images\n\n")
    verdict = json.loads(Path("sweep.json").read_text("utf-8"))["sweep"]["verdict"]
    assert " ".join(new.split()).endswith(f"verdict: {verdict}")


def test_two_settings_make_a_map(capsys: Captured) -> None:
    assert run([*SWEEP[1:], "levels=P2-P6,P3-P7", "scale=4,8"]) == 0
    out, err = capsys.readouterr()
    assert "levels P2-P6, scale 4" in out
    assert err == "wrote sweep.png\n"
