"""Hostile and sloppy pictures: a note in a few words, and everything else is shown."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from atss_inspect.cli import run
from atss_inspect.cli.streams import Notices
from atss_inspect.readers import load_coco
from atss_inspect.readers.pixels import read_picture
from atss_inspect.server import Catalog
from atss_inspect.settings import preset
from tests.hostile.pictures import (
    BOMBS,
    CASES,
    EPS,
    FOLDER,
    NOT_FOUND,
    OUT,
    PictureCase,
)
from tests.test_hostile_bombs import run_within_bounds
from tests.tiny_coco import coco

pytestmark = pytest.mark.skipif(os.name != "posix", reason="makes pipes and links")

Captured = pytest.CaptureFixture[str]
CONVENTION = ("--preset", "atss-mmdet")


def lay(cases: tuple[PictureCase, ...]) -> list[str]:
    """Write an image per case and the pictures' folder; options that name both."""
    Path(FOLDER).mkdir()
    for case in cases:
        case.lay(Path(FOLDER))
    document = coco({number: [(9, 9, 99, 99)] for number in range(len(cases))})
    for image, case in zip(document["images"], cases, strict=True):
        image["file_name"] = case.file_name
    Path("a.json").write_text(json.dumps(document))
    return ["--ann", "a.json", "--images", FOLDER]


EXPECTED = Counter(case.problem for case in CASES)


def test_the_names_of_cases_are_distinct() -> None:
    assert len({case.file_name for case in CASES}) == len(CASES)


@pytest.mark.slow
def test_browse_shows_every_image_with_a_note() -> None:
    lay(CASES)
    catalog = Catalog(load_coco("a.json"), [preset("atss-mmdet")], folder=FOLDER)
    found = [json.loads(catalog.document(place)) for place in range(len(CASES))]
    assert [each["picture_note"] for each in found] == [case.problem for case in CASES]


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("view", *map(str, range(len(CASES)))),
        ("report", "--worst", "0", "--sample", str(len(CASES))),
    ],
    ids=["view", "report"],
)
def test_a_page_shows_every_image_with_a_note(
    words: tuple[str, ...], capsys: Captured
) -> None:
    assert run([*words, *CONVENTION, *lay(CASES), "-q", "-o", "-"]) == 0
    page = capsys.readouterr().out
    assert {note: page.count(f'"{note}"') for note in EXPECTED} == EXPECTED


@pytest.mark.slow
def test_plot_image_tells_each_kind_once_and_how_often(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Notices, "MOST", 99)
    words = lay(CASES)
    number = len(CASES)
    gallery = ("--gallery", str(number), *map(str, range(number)))
    assert run(["plot", "image", *gallery, *CONVENTION, *words, "-o", "x.png"]) == 0
    told = capsys.readouterr().err.splitlines()
    tried = {NOT_FOUND: "images/none.jpg", OUT: "images/b.png"}
    [nameless] = [n for n, case in enumerate(CASES) if not case.file_name]
    expected = [
        f"{note} ({count} of {number} images"
        f"{f'; looked for {tried[note]}' if note in tried else ''})"
        for note, count in EXPECTED.items()
    ]
    expected += [
        f"1 image has no file_name; kept (images[{nameless}] (id {nameless}))",
        "1 image of a sample has another size in the file than its picture; used as "
        "written (200 scans.jpg: 640x480, the picture is 64x64); 1 picture was looked "
        "at",
    ]
    warnings = [line for line in told if line.startswith("warning: ")]
    assert sorted(warnings) == sorted(f"warning: {each}" for each in expected)
    assert all(line.isprintable() for line in told)


def test_no_program_is_started_for_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "a.jpg").write_bytes(EPS)
    load = "import sys; from PIL import Image; Image.open('a.jpg').load()"
    subprocess.run([sys.executable, "-c", load], capture_output=True, check=False)
    assert (tmp_path / "started").exists()  # this is what is to be avoided
    (tmp_path / "started").unlink()
    found = read_picture(str(tmp_path), "a.jpg", size=(6, 8), room=(6, 8))
    assert found.problem == "picture cannot be read"
    assert not (tmp_path / "started").exists()


@pytest.mark.slow
@pytest.mark.parametrize("case", BOMBS, ids=lambda case: case.file_name)
def test_pictures_that_grow_stay_within_bounds(case: PictureCase) -> None:
    words = lay((case,))
    view = ("-q", "view", "0", *CONVENTION, *words, "-o", "-")
    done = run_within_bounds(view)
    assert (done.returncode, done.stderr) == (0, "")
    assert f'"{case.problem}"' in done.stdout
