"""Pictures as a whole: every view of every rule, and a gallery of images."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, gallery_figure, image_figure
from atss_inspect.figures.theme import THEMES
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import build_scene
from tests.figure_checks import (
    EACH_FORMAT,
    all_words,
    assert_legible,
    assert_same_bytes,
    words,
)
from tests.image_scenes import BOXES, PICTURE, artist, drawn_boxes, scene_of
from tests.tiny_coco import Box, coco


def test_a_panel_for_each_level() -> None:
    figure = drawn_boxes(View(by_level=True))
    assert len(figure.axes) == 5
    for level, number in enumerate(scene_of(BOXES).level_counts()):
        drawn = artist(figure, f"positives P{level + 3}", panel=level)
        assert (0 if drawn is None else len(drawn.get_offsets())) == number
        assert f"P{level + 3}, stride {8 << level}" in words(figure)


@pytest.mark.parametrize(
    "view",
    [
        View(),
        View(labels="all", has_contested=True, has_anchors=True),
        View(by_level=True),
        View(candidates=0, zoom=0),
        View(zoom=2, candidates=2),
        View(zoom=3, labels="all"),
        View(levels=("P4",)),
    ],
)
def test_every_view_is_legible(view: View) -> None:
    assert_legible(drawn_boxes(view))


@pytest.mark.parametrize("name", ["retinanet-mmdet", "fcos-mmdet"])
def test_candidates_of_other_rules_are_legible(name: str) -> None:
    for row in (0, 2):  # fed and starved
        assert_legible(drawn_boxes(View(candidates=row, zoom=row), name))


@pytest.mark.parametrize("boxes", [[], [(10, 10, 50, 50)], [(101, 101, 4, 4)]])
@pytest.mark.parametrize("name", ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"])
def test_no_object_one_object_and_a_starved_one(boxes: Any, name: str) -> None:
    view = View(has_contested=True, has_anchors=True)
    scene = scene_of(boxes, name)
    scenes = [scene, scene] if name == "retinanet-mmdet" else [scene]
    assert_legible(image_figure(scenes, picture=PICTURE, view=view))
    if not boxes:
        kept = scene_of(boxes, name, data__drop_images="never")
        assert "Image 42, 42.jpg: no objects" in all_words(image_figure([kept]))


@pytest.mark.parametrize("file_format", EACH_FORMAT)
def test_equal_input_gives_equal_bytes(file_format: str) -> None:
    def draw() -> Figure:
        scenes = [scene_of(BOXES, name) for name in ("atss-mmdet", "fcos-mmdet")]
        view = View(has_contested=True, labels="all")
        return image_figure(scenes, picture=PICTURE, view=view)

    assert_same_bytes(draw, file_format)


def test_a_changed_theme_leaves_the_geometry_alone() -> None:
    light = drawn_boxes()
    dark = image_figure([scene_of(BOXES)], picture=PICTURE, theme=THEMES["dark"])
    assert_legible(dark)
    assert light.get_size_inches().tolist() == dark.get_size_inches().tolist()
    np.testing.assert_array_equal(
        artist(light, "fed").get_segments(), artist(dark, "fed").get_segments()
    )


def test_the_key_stands_in_a_free_cell_only_if_no_word_is_cut_off() -> None:
    # Panels of a tall image are narrow, three in a row.
    document = coco({42: [(30, 40, 60, 60), (50, 50, 300, 400)]})
    document["images"][0]["height"] = 960
    tall = build_scene(load_coco(document), preset())
    view = View(by_level=True)
    for figure, is_beside in (
        (drawn_boxes(view), True),
        (image_figure([tall], view=view), 0),
    ):
        lowest = min(axes.get_position().y0 for axes in figure.axes)
        [words_of_key] = [
            text
            for text in figure.texts
            if text.get_text() == "positives on other levels only"
        ]
        assert (words_of_key.get_position()[1] > lowest) == is_beside


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
