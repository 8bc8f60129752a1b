"""Pictures come from the images folder, whole or not at all."""

import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from atss_inspect.readers.picture_files import ListedFolder
from atss_inspect.readers.pixels import (
    Picture,
    has_picture,
    picture_problems,
    read_picture,
)

REFUSED = "file name refused: it leads out of the images folder"
TOP, BOTTOM = (200, 20, 20), (20, 20, 200)


@pytest.fixture
def folder() -> Path:
    """A folder with a picture, 40 x 20: red above blue."""
    path = Path("pictures")
    (path / "sub").mkdir(parents=True)
    picture().save(path / "a.png")
    picture().save(path / "sub" / "b.jpg", quality=95)
    picture().save("outside.png")
    return path


def picture() -> Image.Image:
    image = Image.new("RGB", (40, 20), BOTTOM)
    image.paste(TOP, (0, 0, 40, 10))
    return image


def read(folder: Path, name: str, *, size: tuple[int, int] = (20, 40)) -> Picture:
    return read_picture(str(folder), name, size=size, room=(500, 500))


@pytest.mark.parametrize("name", ["a.png", "sub/b.jpg", "./a.png"])
def test_a_picture_of_the_folder_is_read(folder, name):
    Path("linked").symlink_to(folder.resolve())  # the folder itself may be a link
    for place in (folder, Path("linked")):
        found = read(place, name)
        assert found.pixels is not None
        assert found.pixels.shape == (20, 40, 3)
        assert found.pixels.dtype == np.uint8
        np.testing.assert_allclose(found.pixels[2, 5], TOP, atol=6)
        assert (found.size, found.problem) == ((20, 40), "")
    # Another size than annotated is said, and drawn all the same.
    found = read(folder, name, size=(30, 60))
    assert found.pixels is not None
    assert found.problem == "picture is 40 x 20, the annotations say 60 x 30"


@pytest.mark.parametrize(
    "name",
    [
        *("../outside.png", "sub/../../outside.png", "..\\outside.png"),
        *("/etc/hostname", "C:\\c.png", "\\\\host\\share\\c.png", "sub/../c.png"),
    ],
)
def test_a_name_that_leads_out_is_refused(folder, name):
    # The bare name has been looked for as well.
    bare = folder / re.split(r"[\\/]", name)[-1]
    assert read(folder, name) == (None, None, REFUSED, str(bare))


@pytest.mark.parametrize(
    "name",
    ["/data/train/a.png", "C:\\data\\a.png", "..\\a.png", "no/a.png", "x\\a.png"],
)
def test_a_picture_is_found_by_its_bare_name_where_its_folders_are_elsewhere(
    folder, name
):
    assert read(folder, name).problem == ""
    assert has_picture(str(folder), name)


def test_folders_in_a_name_may_be_written_as_windows_does(folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "d.png").write_bytes((folder / "a.png").read_bytes())
    assert read(folder, "deep\\d.png").problem == ""
    assert has_picture(str(folder), "deep\\d.png")


def test_problems_are_counted_with_the_first_path_that_was_tried(folder):
    found = [read(folder, name) for name in ("c.png", "a.png", "d.png", "")]
    tried = folder / "c.png"
    assert picture_problems(found) == (
        f"picture not found in the images folder (2 of 4 images; looked for {tried})",
        "no usable file name (1 of 4 images)",
    )


def test_a_link_that_leads_out_is_refused_and_one_within_is_followed(folder):
    (folder / "out.png").symlink_to(Path("outside.png").resolve())
    (folder / "up").symlink_to(Path.cwd())
    (folder / "in.png").symlink_to("a.png")
    assert read(folder, "out.png").problem == REFUSED
    assert read(folder, "up/outside.png").problem == REFUSED
    # A reader that has listed the folder has followed them too.
    listed, how = ListedFolder(str(folder)), {"size": (20, 40), "room": (9, 9)}
    assert read_picture(listed, "out.png", **how).pixels is not None
    assert has_picture(listed, "out.png")
    assert read_picture(listed, "../outside.png", **how).problem == REFUSED
    assert read(folder, "in.png").problem == ""


def test_without_a_folder_or_a_file_the_problem_is_named(folder):
    os.mkfifo(folder / "pipe.png")
    without = read_picture(None, "a.png", size=(20, 40), room=(9, 9))
    assert without.problem == "no images folder named"
    assert read(folder, "c.png").problem == "picture not found in the images folder"
    assert read(Path("nowhere"), "a.png").problem.startswith("picture not found")
    for name in ("sub", "pipe.png"):
        assert read(folder, name).problem == "picture is not a file"
    for name in ("", "a\0b", "x" * 5000):
        assert read(folder, name).pixels is None


@pytest.mark.parametrize("content", [b"", b"no picture", "a.png", "sub/b.jpg"])
def test_damaged_and_cut_off_pictures_are_no_error(folder, content):
    if isinstance(content, str):
        whole = (folder / content).read_bytes()
        content = whole[: len(whole) * 2 // 3]
    (folder / "bad.png").write_bytes(content)
    assert read(folder, "bad.png").problem == "picture cannot be read"


@pytest.mark.parametrize("most", [100, 500])
def test_a_picture_of_too_many_pixels_is_not_decoded(folder, monkeypatch, most):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", most)
    assert read(folder, "a.png").problem == "picture has too many pixels"


def test_a_large_picture_is_reduced_to_its_room(folder):
    Image.linear_gradient("L").resize((1600, 1200)).save(folder / "large.jpg")
    found = read_picture(str(folder), "large.jpg", size=(1200, 1600), room=(150, 200))
    assert found.pixels is not None
    assert found.pixels.shape == (150, 200, 3)
    assert found.size == (1200, 1600)
    assert found.problem == ""
    column = found.pixels[:, 100, 0].astype(int)
    assert (np.diff(column) >= -3).all()
    assert column[-1] - column[0] > 200


@pytest.mark.parametrize("room", [(500, 500), (10, 5)])
def test_a_turned_picture_is_turned_if_it_then_has_the_size_annotated(folder, room):
    exif = Image.Exif()
    exif[0x0112] = 6  # a quarter turn clockwise brings it upright
    picture().save(folder / "turned.jpg", exif=exif, quality=95)

    upright, raw = (
        read_picture(str(folder), "turned.jpg", size=size, room=room)
        for size in ((40, 20), (20, 40))
    )
    assert upright.pixels is not None
    height, width = upright.pixels.shape[:2]
    assert height == 2 * width
    np.testing.assert_allclose(upright.pixels[height // 2, -1], TOP, atol=12)
    assert raw.pixels is not None
    assert raw.pixels.shape[1] == 2 * raw.pixels.shape[0]
    assert upright.problem == raw.problem == ""


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "CMYK", "1", "P", "I;16"])
def test_every_kind_of_pixel_becomes_red_green_blue(folder, mode):
    name = f"kind.{'tif' if mode in ('CMYK', 'I;16') else 'png'}"
    deep = np.linspace(0, 60000, 800).astype(np.uint16).reshape(20, 40)
    is_deep = mode == "I;16"
    drawn = Image.fromarray(deep) if is_deep else picture().convert(mode)
    drawn.save(folder / name)
    for room in ((500, 500), (10, 20)):
        found = read_picture(str(folder), name, size=(20, 40), room=room)
        assert found.problem == ""
        assert found.pixels is not None
        assert found.pixels.shape == (min(room[0], 20), min(room[1], 40), 3)
        assert found.pixels.dtype == np.uint8
