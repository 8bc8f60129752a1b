"""Sizes from the headers of pictures: turned ones, damaged ones, what is no picture."""

import os
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageFile

from atss_inspect.readers.picture_sizes import (
    MISSING,
    TOO_SMALL,
    UNREADABLE,
    PictureSize,
    quiet_pillow,
    read_size,
)
from tests.other_formats import write_picture, write_turned

WIDTH, HEIGHT = 64, 48


@pytest.mark.parametrize(
    "name", ["a.jpg", "a.png", "a.bmp", "a.webp", "a.tif", "a.JPG"]
)
def test_the_size_is_height_and_width(name: str) -> None:
    path = write_picture(Path(name))
    assert read_size(str(path)) == PictureSize(HEIGHT, WIDTH)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_quarter_turn_exchanges_the_sides(name: str, orientation: int) -> None:
    expected = (WIDTH, HEIGHT) if orientation >= 5 else (HEIGHT, WIDTH)
    assert read_size(str(write_turned(Path(name), orientation)))[:2] == expected


def test_no_pixel_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("pixels were decoded")

    paths = [write_picture(Path(name)) for name in ("a.jpg", "a.png", "a.tif")]
    monkeypatch.setattr(ImageFile.ImageFile, "load", refuse)
    for path in paths:
        assert not read_size(str(path)).problem


@pytest.mark.parametrize(("size", "fits"), [((10, 10), True), ((9, 300), False)])
def test_less_than_ten_pixels_are_no_picture(size: tuple[int, int], fits: bool) -> None:
    found = read_size(str(write_picture(Path("a.png"), size)))
    assert found == (PictureSize(*size[::-1]) if fits else TOO_SMALL)


def test_a_file_that_is_cut_short_is_damaged() -> None:
    for path in (write_picture(Path("a.jpg")), write_picture(Path("a.png"))):
        content = path.read_bytes()
        if path.suffix == ".jpg":  # a small picture in front has an end of its own
            content = content[:2] + b"\xff\xfe\0\x08ab\xff\xd9cd" + content[2:]
        path.write_bytes(content + b"what a camera adds")
        assert read_size(str(path)) == PictureSize(HEIGHT, WIDTH)
        for length in (len(content) * 2 // 3, len(content) - 5, 20, 0):
            path.write_bytes(content[:length])
            assert read_size(str(path)) == UNREADABLE, (path, length)


def test_what_is_no_picture_is_not_read() -> None:
    Path("text.jpg").write_text("not found", "utf-8")
    write_picture(Path("a.gif")).rename("gif.jpg")  # a format that training refuses
    Path("folder.jpg").mkdir()
    for name in ("text.jpg", "gif.jpg", "folder.jpg", "a\0.jpg"):
        assert read_size(name) == UNREADABLE, name
    assert read_size("nowhere.jpg") == MISSING


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes")
def test_a_pipe_is_not_opened() -> None:
    os.mkfifo("a.jpg")
    assert read_size("a.jpg") == UNREADABLE


def test_links_are_followed() -> None:
    write_picture(Path("there/a.png"))
    Path("a.png").symlink_to("there/a.png")
    assert read_size("a.png") == PictureSize(HEIGHT, WIDTH)


def test_a_picture_of_very_many_pixels_has_a_size_or_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = str(write_picture(Path("a.png")))
    with quiet_pillow():
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 2000)  # of 3072: a warning
        assert read_size(path) == PictureSize(HEIGHT, WIDTH)
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
        assert read_size(path) == UNREADABLE
