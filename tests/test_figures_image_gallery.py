"""`gallery_figure`: a titled picture for each image."""

import json
from pathlib import Path

import pytest

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import gallery_figure
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import build_scene
from tests.figure_checks import all_words, assert_legible, words
from tests.image_scenes import BOXES, PICTURE
from tests.tiny_coco import Box, coco


@pytest.mark.parametrize("number", [1, 3, pytest.param(40, marks=pytest.mark.slow)])
def test_a_gallery_has_a_titled_picture_for_each_image(number: int) -> None:
    boxes: list[Box] = [(101, 101, 4, 4), (10, 10, 90, 90)]
    dataset = load_coco(coco({row: boxes[: row % 3] for row in range(number)}))
    scenes = [
        build_scene(dataset.slice_images(row, row + 1), preset())
        for row in range(number)
    ]
    pictures = [PICTURE, *[replace_problem()] * (number - 1)]
    figure = gallery_figure(scenes, pictures, order="as in the file")
    assert len(figure.axes) == number
    assert_legible(figure)
    said = all_words(figure)
    assert "without a positive" in said
    if number > 2:
        assert "no objects" in words(figure)
        assert "1 of 2" in words(figure)
        assert f"{number - 1} pictures missing" in said


def replace_problem() -> Picture:
    return PICTURE._replace(pixels=None, problem="picture not found")


def test_a_gallery_names_its_file_without_the_folders(tmp_path: Path) -> None:
    path = tmp_path / "val.json"
    path.write_text(json.dumps(coco({42: BOXES})), encoding="utf-8")
    figure = gallery_figure([build_scene(load_coco(path), preset())], [PICTURE])
    said = all_words(figure)
    assert "From val.json" in said
    assert tmp_path.name not in said


def test_ids_of_any_length_fit_into_a_gallery() -> None:
    document = coco({"i" * 300: BOXES, "j" * 300: []})
    dataset = load_coco(document)
    scenes = [
        build_scene(dataset.slice_images(row, row + 1), preset()) for row in (0, 1)
    ]
    assert_legible(gallery_figure(scenes, [PICTURE, PICTURE]))
