"""What all pictures of many objects have in common on the command line."""

import sys
from pathlib import Path

import pytest
import typer
from matplotlib.figure import Figure

from atss_inspect.cli import run
from atss_inspect.figures.theme import Theme
from tests.tiny_coco import coco, street, write_coco

Captured = pytest.CaptureFixture[str]
PNG, SVG, PDF = b"\x89PNG", b"<?xml", b"%PDF"
DISTRIBUTIONS = ("levels", "positives", "size", "threshold")
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
