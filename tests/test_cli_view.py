"""`view`: which page it writes, where, and what it says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from atss_inspect.cli import output
from atss_inspect.cli import view as command
from tests.command_line import Printed, ask
from tests.report_pages import viewer_documents
from tests.tiny_coco import street, write_coco


@pytest.fixture(autouse=True)
def _annotations() -> None:
    write_coco(Path("street.json"), street())


@pytest.fixture(autouse=True)
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what would be opened in a browser."""
    found: list[str] = []
    monkeypatch.setenv("DISPLAY", ":7")
    monkeypatch.setattr(output.typer, "launch", lambda path: found.append(path) or 0)
    return found


def view(words: str, *, code: int = 0) -> Printed:
    """Run the command on the street."""
    return ask(f"view --ann street.json {words}", code=code)


def seen(words: str) -> list[dict[str, Any]]:
    """What the page knows of its images."""
    view(f"{words} --no-open -o page.html --force")
    return viewer_documents("page.html")


def test_a_page_is_written_to_a_folder_of_its_own_and_opened(opened: list[str]) -> None:
    out, err = view("10")
    path = Path(out.removesuffix("\n"))
    assert (path.name, err) == ("image-10.html", "")
    assert opened == [str(path)]
    [document] = viewer_documents(str(path))
    assert document["id"] == "10"
    names = [each["name"] for each in document["conventions"]]
    assert names == ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"]
    assert document["picture"] is None
    assert document["picture_note"] == "no images folder named"
    path.unlink()
    path.parent.rmdir()


def test_settings_and_pixels_reach_the_page() -> None:
    [convention] = seen("10 -s k=5 -p atss-mmdet")[0]["conventions"]
    assert convention["ks"][convention["start"]] == 5
    Path("images").mkdir()
    Image.fromarray(np.zeros((480, 640, 3), np.uint8)).save("images/10.jpg")
    [document] = seen("10 --images images")
    assert document["picture"].startswith("data:image/jpeg;base64,")
    assert document["picture_note"] == ""
    [document] = seen("7")  # without objects
    assert document["objects"]["ann"] == []


def test_without_a_display_the_path_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(output.sys, "platform", "linux")
    note = "no browser to open here; open the page from its path\n"
    assert view("10 -o page.html") == ("page.html\n", note)


def test_very_many_images_are_refused() -> None:
    document = street()
    document["images"] += [
        {"id": 100 + n, "width": 9, "height": 9, "file_name": f"{n}.png"}
        for n in range(command.MOST_IMAGES + 1)
    ]
    write_coco(Path("street.json"), document)
    error = view("'*.png'", code=2).err
    assert "expected at most 60 images, got 61" in error
