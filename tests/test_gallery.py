"""docs/pictures.md is what `make gallery` writes, and so are its pictures."""

import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.image import imread

from docs import make_gallery
from docs.make_gallery import FOLDER, GALLERY, PAGE, entries_to_draw

MOST_BYTES_IN_ALL = 800_000
# Drawn in every run of the tests; the others take longer.
QUICK = ("sweep-grid", "compare")


def drawn_with() -> str:
    """The version of matplotlib that the page names."""
    found = re.search(r"Drawn with matplotlib (\S+)\.$", PAGE.read_text("utf-8"), re.M)
    assert found
    return found[1]


def assert_draws_the_same(entry: make_gallery.Entry, folder: Path) -> None:
    """Run a command anew; where matplotlib is the same, so are the pixels."""
    path = folder / f"{entry.name}.png"
    assert make_gallery.draw(entry, path) == 0
    if drawn_with() == mpl.__version__:
        np.testing.assert_array_equal(imread(path), imread(entry.path))


def test_the_page_is_written_from_the_table():
    assert PAGE.read_text("utf-8") == make_gallery.page(drawn_with(), entries_to_draw())


def test_every_picture_of_the_tool_is_on_the_page():
    from atss_inspect.cli.plot import PICTURES

    assert {entry.picture for entry in entries_to_draw()} == {n for n, *_ in PICTURES}


def test_names_are_unique_and_nothing_else_lies_there_and_files_are_small():
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert sorted(f"{entry.name}.png" for entry in GALLERY) == sorted(sizes)
    assert max(sizes.values()) <= make_gallery.MOST_BYTES, sizes
    assert sum(sizes.values()) <= MOST_BYTES_IN_ALL


def test_the_page_names_no_place_on_this_machine(project_root):
    text = PAGE.read_text("utf-8")
    assert str(project_root) not in text
    assert not re.search(r"(^|[\s`(])/\w+/", text)
    assert max(map(len, text.splitlines())) <= 110


@pytest.mark.parametrize("name", QUICK)
def test_quick_pictures_are_what_is_drawn(name, tmp_path):
    [entry] = [entry for entry in GALLERY if entry.name == name]
    assert_draws_the_same(entry, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("entry", GALLERY, ids=[entry.name for entry in GALLERY])
def test_all_pictures_are_what_is_drawn(entry, tmp_path):
    assert_draws_the_same(entry, tmp_path)
