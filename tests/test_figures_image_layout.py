"""Panels side by side or below one another, the words above them, and the key."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from atss_inspect import load_coco, preset
from atss_inspect.figures.image import View, image_figure
from atss_inspect.figures.image.pictures import KEY_SIZE, Entry, flow
from atss_inspect.figures.sheet import text_width
from atss_inspect.scene import build_scene
from atss_inspect.views.names import ELLIPSIS
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


ROUND = Entry("positive", "o", {"markersize": 5})
BOX = Entry("fed", "", {"edgecolor": "#000000"})


def test_nothing_to_explain_takes_no_room() -> None:
    key = flow([], 4)
    assert (key.placed, key.height) == ((), 0)


def test_entries_stand_in_a_line_while_there_is_room() -> None:
    [first, second] = flow([ROUND, BOX], 4).placed
    assert first.x == 0
    # After the first one's sign, its words and a gap.
    assert second.x == pytest.approx(0.2 + text_width("positive", KEY_SIZE) + 0.17)
    assert first.y == second.y


def test_what_does_not_fit_begins_a_line() -> None:
    one_line = flow([ROUND], 0.9)
    key = flow([ROUND, BOX, ROUND], 0.9)
    assert [each.x for each in key.placed] == [0, 0, 0]
    tops = [each.y for each in key.placed]
    assert tops == pytest.approx([one_line.height * (n + 0.5) for n in range(3)])
    assert key.height == pytest.approx(3 * one_line.height)


def test_words_longer_than_a_line_are_cut_off() -> None:
    [placed] = flow([Entry("w" * 90, "o", {})], 1).placed
    assert placed.text.endswith(ELLIPSIS)
    assert 0.7 < text_width(placed.text, KEY_SIZE) <= 0.8


def test_signs_are_markers_or_boxes_left_of_their_words() -> None:
    figure = Figure(figsize=(4, 2))
    flow([ROUND, BOX], 3).draw(figure, left=0.5, top=1.5)
    marker, box = figure.artists
    assert isinstance(marker, Line2D)
    assert isinstance(box, Rectangle)
    assert marker.get_marker() == "o"
    assert not box.get_fill()
    words = [text.get_position() for text in figure.texts]
    # Inches from the left and from below, as fractions of 4 by 2.
    assert words[0] == pytest.approx((0.7 / 4, (1.5 - 0.095) / 2))
    assert marker.get_xydata()[0].tolist() == pytest.approx([0.57 / 4, words[0][1]])
    assert words[0][0] < box.get_x() < words[1][0]
