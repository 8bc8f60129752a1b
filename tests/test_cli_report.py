"""`report`: the file it writes, what it says, and what it refuses."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from atss_inspect.report import find_answers
from tests import report_pages
from tests.command_line import Printed, ask
from tests.report_pages import Parsed, text_of, viewer_documents
from tests.test_cli_stats import YARD
from tests.tiny_coco import street, write_coco


@pytest.fixture(autouse=True)
def _yard(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the figures, which take seconds to draw; they have their tests."""

    def stand_ins(report: Any, _workers: Any) -> Any:
        return report_pages.stand_ins(report)

    monkeypatch.setattr("atss_inspect.report.draw_figures", stand_ins)


def report(words: str = "", *, code: int = 0) -> Printed:
    """Run the command on the yard, under ATSS."""
    return ask(f"report --ann yard.json -p atss-mmdet {words}", code=code)


def shown(words: str) -> list[str]:
    """The images that a page shows."""
    report(f"{words} -o shown.html --force")
    return [each["id"] for each in viewer_documents("shown.html")]


def parsed() -> Parsed:
    """Take the page apart."""
    return Parsed(Path("report.html").read_text(encoding="utf-8"))


def test_the_page_is_named_after_the_command_and_its_size_is_told() -> None:
    out, err = report()
    assert out == ""
    size = Path("report.html").stat().st_size / 1e6
    assert err.endswith(f"wrote report.html, {size:.1f} MB: 1 image\n")
    assert "Label assignment of yard.json" in parsed().text
    verdict = "atss-mmdet leaves 2 of 4 objects (50.0%) without a positive"
    assert verdict in parsed().text


def test_the_same_page_may_be_there_already_and_another_may_not() -> None:
    report()
    assert "unchanged: report.html" in report().err
    assert "report.html: exists already" in report("--no-viewer", code=2).err
    report("--no-viewer --force")
    report("-o other.html")
    assert "replace it with --force" in report("-o other.html", code=2).err


def test_images_are_chosen_by_id_by_chance_or_for_being_worst() -> None:
    assert shown("--image 2") == ["2"]
    assert shown("--image empty.jpg --worst 5") == ["2", "1"]
    assert shown("--sample 2") == ["1", "2"]
    assert shown("--worst 0") == []


def test_pictures_come_from_the_images_folder(project_root: Path) -> None:
    sample = project_root / "sample_data"
    words = f"--images {sample / 'images'} --image 42 -p fcos-mmdet"
    ask(f"report --ann {sample / 'instances.json'} {words}")
    [document] = viewer_documents("report.html")
    assert document["picture"].startswith("data:image/jpeg;base64,")


def test_the_need_of_an_object_can_be_told() -> None:
    with mock.patch("atss_inspect.report.find_answers", wraps=find_answers) as asked:
        report("--need 7 --no-viewer")
    assert asked.call_args.kwargs["need"] == 7


def test_pictures_that_are_missing_are_counted_in_a_warning() -> None:
    err = report("--sample 2 --images . -o a.html").err
    missing = (
        "picture not found in the images folder (2 of 2 images; looked for yard.jpg)"
    )
    assert err.count("warning: picture") == 1
    assert missing in err
    for document in viewer_documents("a.html"):
        assert document["picture"] is None
        assert document["picture_note"] == "picture not found in the images folder"
    assert "warning: picture" not in report("--sample 2 -o b.html").err


def test_what_is_given_up_for_the_size_is_said() -> None:
    err = report("--sample 2 --max-mb 0.1").err
    note = "2 of 2 images left out, but tables and figures alone exceed the limit"
    assert f"note: to stay below 0.1 MB, {note}\n" in err
    assert float(err.split("report.html, ")[1].split(" MB")[0]) > 0.1
    assert "0 images" in err
    assert "2 of 2 images left out" in parsed().text


def test_filters_hold_for_the_whole_page() -> None:
    report("--class dog --size large --limit 1 --no-viewer")
    text = parsed().text
    assert "Only the first 1 image; objects of class dog; large objects." in text
    assert "There are too few objects to judge" in text
    assert "--class dog" in text


def test_a_convention_of_ones_own_is_named_by_its_file() -> None:
    Path("mine.toml").write_text('extends = "atss-mmdet"\n[assigner]\nk = 3\n')
    ask("report --ann yard.json --config mine.toml --set k=4")
    page = parsed()
    assert "worst --ann yard.json --set k=4 --config mine.toml" in page.text
    rows = {row[0]: row[1:] for row in page.table_with("setting")}
    assert rows["assigner.k"] == ["4 --set"]
    assert [row[0] for row in page.table_with("0.2*k*L")][1:4] == ["3", "4 *", "5"]


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_whoever_does_the_work() -> None:
    write_coco(Path("street.json"), street())
    pages = set()
    for seed, jobs in (("1", "1"), ("2", "1"), ("3", "2")):
        words = [sys.executable, "-m", "atss_inspect", "report", "--ann", "street.json"]
        words += ["--jobs", jobs, "--sample", "2", "--force", "--flip"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(words, check=True, env=environment, capture_output=True)
        pages.add(Path("report.html").read_bytes())
    assert len(pages) == 1


def test_over_variants_the_page_has_a_section_of_what_is_drawn() -> None:
    # FCOS over 400 and 800, flipped or not, as by hand in test_cli_worst: of two tiny
    # objects one is without a positive in all four, one in half of them.
    words = "-p fcos-mmdet --short-sides 400,800 --flip --no-viewer"
    ask(f"report --ann yard.json {words}")
    [drawn] = parsed().root.iterfind(".//section[@id='drawn']")
    text = " ".join(text_of(drawn).split())
    assert "fcos-mmdet: short side 400 or 800, flipped or not: 4 variants" in text
    assert "An average pass leaves 37.5% of the objects without a positive" in text
    rows = [[text_of(cell).strip() for cell in row] for row in drawn.iter("tr")]
    assert ["in an average pass", "75.0%", "0%", "0%", "37.5%"] in rows
    assert ["in every variant", "50.0%", "0%", "0%", "25.0%"] in rows
    assert ["short side 400", "100%", "-", "0%", "0%", "50.0%"] in rows
    assert ["short side 800", "50.0%", "-", "0%", "0%", "25.0%"] in rows
    # The rest of the page is of the nominal size.
    assert "fcos-mmdet leaves 1 of 4 objects (25.0%)" in parsed().text


def test_without_a_draw_there_is_no_section_of_it() -> None:
    report("--no-viewer")
    assert 'id="drawn"' not in Path("report.html").read_text(encoding="utf-8")


def test_the_page_is_opened_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setattr("typer.launch", lambda path: bool(opened.append(path)))
    report("--no-viewer -o there.html")
    assert opened == []
    report("--no-viewer --open -o there.html --force")
    report("--no-viewer --open -o -")
    assert opened == ["there.html"]
