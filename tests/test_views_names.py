"""Names, numbers and files as people read them: escaped, measured, clipped."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.views import headings, numbers
from atss_inspect.views.names import (
    alike_words,
    cell_width,
    clip,
    clip_middle,
    pad,
    printable,
)
from tests.tiny_coco import coco, write_coco


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]name[/red]", "plain [red]name[/red]"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\tand a tab", r"two\nlines\tand a tab"),
        ("\u202eright to left", r"\u202eright to left"),
        ("\ud800", r"\ud800"),
        ("水果", "水果"),
        # What joins signs is part of how they are written.
        ("👩\u200d🚒 می\u200cخواهم", "👩\u200d🚒 می\u200cخواهم"),
    ],
)
def test_only_what_acts_is_escaped(text, shown):
    assert printable(text) == shown


def test_width_counts_columns_not_characters():
    widths = {"abc": 3, "水果": 4, "e\u0301": 1, "": 0}
    assert {text: cell_width(text) for text in widths} == widths


@pytest.mark.parametrize(
    ("clipped", "text", "width", "shown"),
    [
        (clip, "short", 5, "short"),
        (clip, "longer", 5, "long…"),
        (clip, "水果和蔬菜", 6, "水果…"),
        (clip, "水果和蔬菜", 5, "水果…"),  # a wide sign does not fit into one column
        (clip, "e\u0301" * 9, 4, "e\u0301" * 3 + "…"),
        # The middle is cut out where the end is needed.
        (clip_middle, "short", 5, "short"),
        (clip_middle, "longer", 5, "lo…er"),
        (clip_middle, "a path/name 17", 8, "a pat…17"),
        (clip_middle, "水果和蔬菜", 7, "水果…菜"),
        (clip_middle, "be\u0301" * 9, 4, "be\u0301…e\u0301"),
        (clip_middle, "e\u0301" * 9, 4, "e\u0301" * 2 + "…" + "e\u0301"),
    ],
)
def test_what_does_not_fit_is_cut_off_and_marked(clipped, text, width, shown):
    assert clipped(text, width) == shown


def plural(number: int) -> str:
    return numbers.plural(number, "class")


@given(st.text(), st.integers(2, 30))
def test_clipped_and_padded_texts_have_the_width_wanted(text, width):
    assert printable(text).isprintable()
    text = printable(text)
    assert cell_len(pad(clip(text, width), width)) == width
    assert cell_len(clip_middle(text, width)) <= width


@pytest.mark.parametrize(
    ("write", "texts"),
    [
        # What rounds to all or nothing says so.
        (numbers.percent, {None: "-", 0: "0%", 1e-9: "<0.1%", 0.00049: "<0.1%"}),
        (numbers.percent, {0.0005: "0.1%", 0.134: "13.4%", 0.9995: "100.0%"}),
        (numbers.percent, {0.99951: ">99.9%", 1: "100%"}),
        (numbers.count, {1115463: "1,115,463"}),
        # What rounding leaves of nothing is nothing; little is not.
        (numbers.points, {None: "-", 0: "0", -1e-17: "0", 0.075: "+7.5"}),
        (numbers.points, {0.0006: "+0.1", 0.0004: "+0.04", -0.00003: "-0.003"}),
        (numbers.span_of_points, {(0.058, 0.09): "5.8 to 9.0", (0.5, 0.5): "50.0"}),
        (numbers.span_of_points, {(0, 0.001): "0.0 to 0.1"}),
        (numbers.span_of_points, {(0.0002, 0.001): "0.02 to 0.10"}),
        (numbers.mean, {None: "-", 0.0: "0", 0.04: "<0.1", 9.06: "9.1"}),
        (numbers.ratio, {None: "-", 0.004: "<0.01", 130.0: "130.00"}),
        (numbers.short, {None: "-", 9.0: "9", 1.9: "1.9"}),
        (numbers.per_image, {None: "-", 67.59: "67.6", 18843.2: "18,843"}),
        (plural, {0: "0 classes", 1: "1 class", 2: "2 classes"}),
        (numbers.joined, {("a",): "a", ("a", "b", "c"): "a, b and c"}),
    ],
)
def test_numbers_have_the_digits_that_matter(write, texts):
    assert {value: write(value) for value in texts} == texts


@pytest.mark.parametrize(
    ("path", "full", "brief"),
    [
        ("a/val.json", "a/val.json", "val.json"),
        ("-", "stdin", "stdin"),
        # A file of that name is none the less a file.
        ("./-", "./-", "-"),
        ("a\n/b\n", "a\\n/b\\n", "b\\n"),
        # Converted annotations are folders.
        (".", ".", "."),
        ("/", "/", "/"),
    ],
)
def test_a_file_is_named_in_full_or_without_its_folders(path, full, brief):
    assert headings.full_name(path) == full
    assert headings.brief_name(path) == brief


def test_of_several_files_the_first_is_named_in_its_room():
    assert headings.brief_names(["a/b.json"]) == "b.json"
    assert headings.brief_names(["-", "b.json"]) == "stdin and 1 more file"
    assert headings.brief_names(["abcdef", "b", "c"], room=4) == "abc… and 2 more files"


@pytest.fixture
def images(tmp_path: Path) -> list[Dataset]:
    """Images 1 and 3 of one file and 2 of another, each alone."""
    ones = {1: [(0, 0, 9, 9)], 3: [(0, 0, 9, 9)]}
    write_coco(tmp_path / "a.json", coco(ones))
    write_coco(tmp_path / "b.json", coco({2: [(0, 0, 9, 9)]}))
    dataset = load_coco("a.json", "b.json")
    return [dataset.slice_images(row, row + 1) for row in range(3)]


def test_images_are_named_by_the_files_they_are_from(images):
    by_id = {image.image_ids.tolist()[0]: image for image in images}
    found = {key: headings.file_of(image) for key, image in by_id.items()}
    assert found == {1: "a.json", 3: "a.json", 2: "b.json"}
    assert headings.names_of_images([by_id[2]]) == "b.json"
    assert headings.names_of_images([by_id[1], by_id[3]]) == "a.json"
    both = [by_id[2], by_id[1], by_id[3]]
    assert headings.names_of_images(both) == "b.json and 1 more file"
    piped = replace(by_id[2], files=("-",), image_file=np.array([0]))
    assert headings.names_of_images([piped]) == "stdin"


@pytest.mark.parametrize(
    ("iou", "words"),
    [
        (None, ""),
        (0.0, ""),
        (0.8999, ""),
        (0.9, "nearly the same box (IoU 0.90)"),
        (0.9999, "nearly the same box (IoU 0.99)"),
        (1.0, "which has the same box"),
    ],
)
def test_boxes_that_are_nearly_the_same_are_called_so(iou, words):
    assert alike_words(iou) == words
