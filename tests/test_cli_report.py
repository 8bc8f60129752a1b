"""`report`: the file it writes, what it says, and what it refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from atss_inspect.cli import run
from tests.report_pages import Parsed
from tests.test_cli_stats import YARD
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _yard(_empty_folder: None) -> None:
    write_coco(Path("yard.json"), YARD)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins for the figures, which take seconds to draw; they have their tests."""
    from tests import report_pages

    def stand_ins(report: Any, _workers: Any) -> Any:
        return report_pages.stand_ins(report)

    monkeypatch.setattr("atss_inspect.report.draw_figures", stand_ins)


def report(*arguments: str) -> int:
    """Run the command on the yard, under ATSS."""
    words = ["report", "--ann", "yard.json", "-p", "atss-mmdet"]
    return run([*words, *arguments])


def documents(path: str) -> list[dict[str, Any]]:
    """Read what the viewer of a page knows."""
    html = Path(path).read_text(encoding="utf-8")
    blocks = re.findall(r"data-image>(.*?)</script>", html)
    return [json.loads(block) for block in blocks]


def test_the_page_is_named_after_the_command_and_its_size_is_told(
    capsys: Captured,
) -> None:
    assert report() == 0
    out, err = capsys.readouterr()
    assert out == ""
    size = Path("report.html").stat().st_size / 1e6
    assert err.endswith(f"wrote report.html, {size:.1f} MB: 1 image\n")
    html = Path("report.html").read_text(encoding="utf-8")
    assert "Label assignment of yard.json" in html
    assert "atss-mmdet leaves 2 of 4 objects (50.0%) without a positive" in html


def test_the_same_page_may_be_there_already_and_another_may_not(
    capsys: Captured,
) -> None:
    assert report() == 0
    capsys.readouterr()
    assert report() == 0
    assert "unchanged: report.html" in capsys.readouterr().err
    assert report("--no-viewer") == 2
    assert "report.html: exists already" in capsys.readouterr().err
    assert report("--no-viewer", "--force") == 0
    assert report("-o", "other.html") == 0
    capsys.readouterr()
    assert report("-o", "other.html") == 2
    assert "replace it with --force" in capsys.readouterr().err


def test_images_are_chosen_by_id_by_chance_or_for_being_worst() -> None:
    assert report("--image", "2", "-o", "a.html") == 0
    assert [each["id"] for each in documents("a.html")] == ["2"]
    assert report("--image", "empty.jpg", "--worst", "5", "-o", "b.html") == 0
    assert [each["id"] for each in documents("b.html")] == ["2", "1"]
    assert report("--sample", "2", "-o", "c.html") == 0
    assert [each["id"] for each in documents("c.html")] == ["1", "2"]
    assert report("--worst", "0", "-o", "d.html") == 0
    assert documents("d.html") == []


def test_pictures_come_from_the_images_folder(project_root: Path) -> None:
    sample = project_root / "sample_data"
    words = ["report", "--ann", str(sample / "instances.json"), "-p", "fcos-mmdet"]
    assert run([*words, "--images", str(sample / "images"), "--image", "42"]) == 0
    [document] = documents("report.html")
    assert document["picture"].startswith("data:image/jpeg;base64,")
    assert report("--image", "1", "--images", ".", "-o", "none.html") == 0
    [document] = documents("none.html")
    assert document["picture"] is None
    assert document["picture_note"] == "picture not found in the images folder"


def test_pictures_that_are_missing_are_counted_in_a_warning(capsys: Captured) -> None:
    assert report("--sample", "2", "--images", ".", "-o", "a.html") == 0
    err = capsys.readouterr().err
    missing = "warning: picture not found in the images folder (2 of 2 images)\n"
    assert err.count("warning: picture") == 1
    assert missing in err
    assert report("--sample", "2", "-o", "b.html") == 0
    assert "warning: picture" not in capsys.readouterr().err


def test_what_is_given_up_for_the_size_is_said(capsys: Captured) -> None:
    assert report("--sample", "2", "--max-mb", "0.1") == 0
    err = capsys.readouterr().err
    note = "2 of 2 images left out, but tables and figures alone exceed the limit"
    assert f"note: to stay below 0.1 MB, {note}\n" in err
    assert float(err.split("report.html, ")[1].split(" MB")[0]) > 0.1
    assert "0 images" in err
    assert "2 of 2 images left out" in Path("report.html").read_text(encoding="utf-8")


def test_filters_hold_for_the_whole_page() -> None:
    words = ["--class", "dog", "--size", "large", "--limit", "1", "--no-viewer"]
    assert report(*words) == 0
    parsed = Parsed(Path("report.html").read_text(encoding="utf-8"))
    assert "Only the first 1 image; objects of class dog; large objects." in parsed.text
    assert "Every object gets a positive under atss-mmdet." in parsed.text
    assert "--class dog" in parsed.text


def test_a_convention_of_ones_own_is_named_by_its_file() -> None:
    Path("mine.toml").write_text('extends = "atss-mmdet"\n[assigner]\nk = 3\n')
    words = ["report", "--ann", "yard.json", "--config", "mine.toml", "--set", "k=4"]
    assert run(words) == 0
    parsed = Parsed(Path("report.html").read_text(encoding="utf-8"))
    assert "worst --ann yard.json --set k=4 --config mine.toml" in parsed.text
    rows = {row[0]: row[1:] for row in parsed.table_with("setting")}
    assert rows["assigner.k"] == ["4 --set"]
    assert [row[0] for row in parsed.table_with("0.2*k*L")][1:4] == ["3", "4 *", "5"]


def test_the_page_can_go_to_stdout(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert report("--no-viewer", "-o", "-") == 0
    out, err = capsysbinary.readouterr()
    assert out.startswith(b"<!doctype html>")
    assert out.endswith(b"</html>\n")
    assert b"wrote" not in err


RUN = """
import sys
from atss_inspect.cli import main

sys.argv = ["atss-inspect", *sys.argv[1:]]
main()
"""


@pytest.mark.slow
def test_the_same_input_gives_the_same_bytes_whoever_does_the_work() -> None:
    write_coco(Path("street.json"), street())
    pages = []
    for seed, jobs in (("1", "1"), ("2", "1"), ("3", "2")):
        words = [sys.executable, "-c", RUN, "report", "--ann", "street.json"]
        words += ["--jobs", jobs, "-o", f"{seed}.html", "--sample", "2"]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run(words, check=True, env=environment, capture_output=True)
        pages.append(Path(f"{seed}.html").read_bytes())
    assert pages[0] == pages[1] == pages[2]
