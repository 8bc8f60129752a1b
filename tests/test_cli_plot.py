"""Pictures of many objects on the command line: what all have in common, and two."""

import sys
from pathlib import Path

import pytest
import typer
from matplotlib.figure import Figure

from atss_inspect.cli import run
from atss_inspect.figures.theme import Theme
from tests.command_line import Printed, ask
from tests.tiny_coco import street, write_coco

PNG, SVG, PDF = b"\x89PNG", b"<?xml", b"%PDF"
LEVELS = "levels -p atss-mmdet"  # a single panel
sketched = pytest.mark.usefixtures("_sketched")


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


def plot(words: str, *, code: int = 0) -> Printed:
    """Draw the street coarsely, which is fast."""
    name, _, rest = words.partition(" ")
    return ask(f"plot {name} --dpi 30 --ann street.json {rest}", code=code)


@pytest.mark.parametrize(
    ("words", "name", "following"),
    [
        ("levels", "levels", "stats {} --by level"),
        ("positives", "positives", "stats {} --by size"),
        ("size", "size", "stats {} --by size"),
        ("threshold", "threshold", "export objects {} -o objects.csv"),
        ("size --against ratio", "size-ratio", "stats {} --by ratio"),
        pytest.param(
            "size --against position",
            "size-position",
            "export objects {} -o objects.csv",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_picture_is_a_png_named_after_it_and_its_numbers_are_printed(
    words: str, name: str, following: str
) -> None:
    out, err = plot(f"{words} -p atss-mmdet")
    assert Path(f"{name}.png").read_bytes().startswith(PNG)
    assert out.startswith("street.json: 9 objects in 4 images\n\n")
    assert "\nverdict: " in out
    command = following.format("--ann street.json --preset atss-mmdet")
    assert out.endswith(f".\nnext: atss-inspect {command}\n")
    assert err == f"wrote {name}.png\n"


@sketched
@pytest.mark.parametrize(("file", "beginning"), [("a.svg", SVG), ("a.PDF", PDF)])
def test_the_suffix_decides_the_format(file: str, beginning: bytes) -> None:
    assert plot(f"{LEVELS} -o {file}").err == f"wrote {file}\n"
    assert Path(file).read_bytes().startswith(beginning)


@sketched
def test_the_same_picture_again_is_unchanged_and_another_one_an_error() -> None:
    first = plot(LEVELS).out
    assert plot(LEVELS) == (first, "unchanged: levels.png\n")
    # Another theme and another resolution each make another picture.
    for changed in ("--theme dark", "--dpi 31"):
        err = plot(f"{LEVELS} {changed}", code=2).err
        assert "levels.png" in err
        assert "name another file with -o" in err


@sketched
def test_stdout_takes_the_picture_alone(
    capfdbinary: pytest.CaptureFixture[bytes],
) -> None:
    assert run(["plot", "levels", "-o", "-", "--ann", "street.json"]) == 0
    sys.stdout.flush()
    out, err = capfdbinary.readouterr()
    assert out.startswith(PNG)
    assert b"verdict" not in out
    assert err == b""


@sketched
def test_show_opens_a_file_that_does_not_stay_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)
    plot(f"{LEVELS} --show")
    assert [Path(path).name for path in opened] == ["levels.png"]
    assert Path(opened[0]).read_bytes().startswith(PNG)
    assert not Path("levels.png").exists()
    plot(f"{LEVELS} --show -o kept.png")
    assert opened[1] == "kept.png"


@sketched
def test_presets_are_drawn_in_the_order_asked_for_and_quietly_if_wanted() -> None:
    out, err = plot("levels -p fcos-mmdet -p atss-official --quiet")
    assert err == ""
    _, conventions, table, *_ = out.split("\n\n")
    assert conventions.index("  fcos-mmdet ") < conventions.index("  atss-official ")
    assert table.splitlines()[0].split() == ["fcos-mmdet", "atss-official"]
    # Without a preset, several stand side by side.
    default = plot("levels -o default.png").out
    assert len(default.splitlines()[2].split()) > 1


def test_compare_draws_two_conventions_with_the_numbers_of_compare() -> None:
    printed = plot("compare fcos-mmdet atss-mmdet")
    assert printed.out.startswith("street.json: 9 objects in 4 images\n\n")
    assert "only under fcos-mmdet" in printed.out
    assert printed.err == "wrote compare.png\n"
    assert Path("compare.png").exists()
    table = ask("-q compare --ann street.json fcos-mmdet atss-mmdet")
    assert printed.verdict == table.verdict


def test_a_saved_sweep_gives_the_same_picture_as_a_new_one() -> None:
    ask("-q sweep --ann street.json k=3,9 -o sweep.json")
    new = plot("sweep k=3,9 -o new.svg")
    assert ask("-q plot sweep --from sweep.json -o saved.svg").out == new.out
    assert Path("saved.svg").read_bytes() == Path("new.svg").read_bytes()
    assert new.out.startswith("street.json: 9 objects in 4 images\n\n")
    saved = ask("-q sweep --ann street.json k=3,9 --json").json["sweep"]
    assert new.verdict == saved["verdict"]


def test_two_settings_make_a_map() -> None:
    out, err = plot("sweep levels=P2-P6,P3-P7 scale=4,8")
    assert "levels P2-P6, scale 4" in out
    assert err == "wrote sweep.png\n"
