"""Panels side by side or below one another, and the words above them."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.scene import build_scene
from tests.figure_checks import all_words, assert_legible, words
from tests.image_scenes import artist, crowd, drawn_boxes
from tests.tiny_coco import coco


def test_presets_stand_side_by_side_and_objects_keep_their_color() -> None:
    figure = drawn_boxes(View(), "atss-mmdet", "retinanet-mmdet")
    left, right = (axes.get_position() for axes in figure.axes)
    assert left.y0 == right.y0
    assert left.x1 < right.x0
    assert {"atss-mmdet", "retinanet-mmdet"} <= set(words(figure))
    assert any(text.startswith("1 of 4 without; P") for text in words(figure))
    colors = [
        dict(
            zip(
                map(tuple, np.round(np.array(one.get_segments())[:, 0], 2).tolist()),
                map(to_hex, one.get_color()),
                strict=True,
            )
        )
        for one in (artist(figure, "fed", 0), artist(figure, "fed", 1))
    ]
    assert all(colors[1][place] == color for place, color in colors[0].items())


@pytest.mark.parametrize("num_panels", [2, 3])
def test_words_above_panels_are_folded_and_nothing_is_cut_off(num_panels: int) -> None:
    # Objects for every level; tall images stand three in a row, in little room.
    document = coco(
        {42: [*crowd(9), (0, 0, 470, 470), (5, 5, 300, 300), (9, 9, 150, 150)]}
    )
    if num_panels == 3:
        document["images"][0] |= {"width": 480, "height": 640}
    scene = build_scene(load_coco(document), preset("fcos-mmdet"))
    counts = scene.level_counts().tolist()
    assert all(counts)
    figure = image_figure([scene] * num_panels, view=View(labels="none"))
    starved = int(scene.is_unassigned.sum())
    levels = ", ".join(f"P{3 + row} {number}" for row, number in enumerate(counts))
    expected = f"{starved} of {scene.num_gt} without; {levels}"
    said = words(figure)
    assert all_words(figure).count(expected) == num_panels
    assert expected not in said
    starts = [text for text in said if text.startswith(f"{starved} of")]
    assert len(starts) == num_panels
    assert all(text[-1] in ",;" for text in starts), starts
    assert_legible(figure)
    above = max(axes.get_position().y1 for axes in figure.axes[:num_panels])
    last = f"P7 {counts[-1]}"
    lowest = [
        text.get_window_extent().y0 / figure.bbox.height
        for text in figure.texts
        if text.get_text().endswith(last)
    ]
    assert len(lowest) == num_panels
    assert min(lowest) > above


def test_flat_images_stand_below_one_another() -> None:
    document = coco({1: [(0, 0, 99, 99)]})
    document["images"][0]["width"] = 4000
    dataset = load_coco(document)
    scenes = [
        build_scene(dataset, preset(name)) for name in ("atss-mmdet", "fcos-mmdet")
    ]
    first, second = (axes.get_position() for axes in image_figure(scenes).axes)
    assert first.x0 == second.x0
    assert first.y0 > second.y1
