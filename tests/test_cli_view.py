"""`view`: which page it writes, where, and what it says."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atss_inspect.cli import output, run, view
from tests.tiny_coco import street, write_coco

Captured = pytest.CaptureFixture[str]
Json = dict[str, Any]


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what would be opened in a browser."""
    found: list[str] = []
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(output.typer, "launch", lambda path: found.append(path) or 0)
    return found


def ask(*words: str, code: int = 0) -> None:
    """Run the command on the file."""
    assert run(["view", "--ann", "street.json", *words]) == code


def documents(page: Path) -> list[Json]:
    """Take the data out of a page."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"data-image>(.*?)</script>", text)
    return [json.loads(block) for block in blocks]


def test_a_page_is_written_to_a_folder_of_its_own_and_opened(
    capsys: Captured, opened: list[str]
) -> None:
    ask("10")
    out, err = capsys.readouterr()
    path = Path(out.removesuffix("\n"))
    assert (path.name, err) == ("image-10.html", "")
    assert opened == [str(path)]
    [document] = documents(path)
    assert document["id"] == "10"
    names = [each["name"] for each in document["conventions"]]
    assert names == ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"]
    assert document["picture"] is None
    assert document["picture_note"] == "no images folder named"
    path.unlink()
    path.parent.rmdir()


def test_a_named_page_is_not_opened_if_so_asked(
    capsys: Captured, opened: list[str]
) -> None:
    ask("10.jpg", "3", "-o", "page.html", "--no-open", "-p", "atss-official")
    assert capsys.readouterr() == ("page.html\n", "")
    assert not opened
    found = documents(Path("page.html"))
    assert [each["id"] for each in found] == ["3", "10"]
    assert [each["name"] for each in found[0]["conventions"]] == ["atss-official"]


def test_a_page_can_go_to_stdout(capsys: Captured, opened: list[str]) -> None:
    ask("10", "-o", "-")
    out, err = capsys.readouterr()
    assert out.lstrip().startswith("<!doctype html>")
    assert out.endswith("</html>\n")
    assert (err, opened) == ("", [])


def test_the_same_question_gives_the_same_bytes() -> None:
    for name in ("one.html", "two.html"):
        ask("10", "--no-open", "-o", name)
    assert Path("one.html").read_bytes() == Path("two.html").read_bytes()


def test_settings_reach_the_page() -> None:
    ask("10", "-s", "k=5", "-p", "atss-mmdet", "--no-open", "-o", "page.html")
    [convention] = documents(Path("page.html"))[0]["conventions"]
    assert convention["ks"][convention["start"]] == 5


def test_pixels_come_from_the_images_folder() -> None:
    Path("images").mkdir()
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save("images/10.jpg")
    ask("10", "--images", "images", "--no-open", "-o", "page.html")
    [document] = documents(Path("page.html"))
    assert document["picture"].startswith("data:image/jpeg;base64,")
    assert document["picture_note"] == ""


def test_an_image_without_objects_has_a_page() -> None:
    ask("7", "--no-open", "-o", "page.html")
    [document] = documents(Path("page.html"))
    assert document["objects"]["ann"] == []


def test_without_a_display_the_path_is_enough(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(output.sys, "platform", "linux")
    ask("10", "-o", "page.html")
    note = "no browser to open here; open the page from its path\n"
    assert capsys.readouterr() == ("page.html\n", note)


def test_a_page_that_exists_is_kept() -> None:
    Path("page.html").write_text("mine", encoding="utf-8")
    ask("10", "--no-open", "-o", "page.html", code=2)
    assert Path("page.html").read_text(encoding="utf-8") == "mine"
    ask("10", "--no-open", "-o", "page.html", "--force")
    assert documents(Path("page.html"))


def test_very_many_images_are_refused(capsys: Captured) -> None:
    document = street()
    document["images"] += [
        {"id": 100 + n, "width": 9, "height": 9, "file_name": f"{n}.png"}
        for n in range(view.MOST_IMAGES + 1)
    ]
    write_coco(Path("street.json"), document)
    ask("*.png", code=2)
    assert "expected at most 60 images, got 61" in capsys.readouterr().err
