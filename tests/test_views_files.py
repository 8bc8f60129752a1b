"""Annotations by name: in full, in brief, several, and stdin."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.views.files import (
    brief_name,
    brief_names,
    file_of,
    full_name,
    names_of_images,
)
from tests.tiny_coco import coco, write_coco


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
def test_a_file_is_named_in_full_or_without_its_folders(
    path: str, full: str, brief: str
) -> None:
    assert full_name(path) == full
    assert brief_name(path) == brief


def test_of_several_files_the_first_is_named_in_its_room() -> None:
    assert brief_names(["a/b.json"]) == "b.json"
    assert brief_names(["-", "b.json"]) == "stdin and 1 more file"
    assert brief_names(["abcdef", "b", "c"], room=4) == "abc… and 2 more files"


@pytest.fixture
def images(tmp_path: Path) -> list[Dataset]:
    """Images 1 and 3 of one file and 2 of another, each alone."""
    ones = {1: [(0, 0, 9, 9)], 3: [(0, 0, 9, 9)]}
    write_coco(tmp_path / "a.json", coco(ones))
    write_coco(tmp_path / "b.json", coco({2: [(0, 0, 9, 9)]}))
    dataset = load_coco("a.json", "b.json")
    return [dataset.slice_images(row, row + 1) for row in range(3)]


def test_an_image_is_from_its_own_file_among_several(images: list[Dataset]) -> None:
    ids = [image.image_ids.tolist()[0] for image in images]
    files = [file_of(image) for image in images]
    assert dict(zip(ids, files, strict=True)) == {1: "a.json", 3: "a.json", 2: "b.json"}


def test_images_are_named_by_the_files_they_are_from(images: list[Dataset]) -> None:
    by_id = {image.image_ids.tolist()[0]: image for image in images}
    assert names_of_images([by_id[2]]) == "b.json"
    assert names_of_images([by_id[1], by_id[3]]) == "a.json"
    assert names_of_images([by_id[2], by_id[1], by_id[3]]) == "b.json and 1 more file"
    piped = replace(by_id[2], files=("-",), image_file=np.array([0]))
    assert names_of_images([piped]) == "stdin"
