"""Pictures of gates: hollow candidates, frames of many, who has none, the words."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex

from atss_inspect.errors import SettingsError
from atss_inspect.figures.groups import part_of
from atss_inspect.figures.image import View, gallery_figure, image_figure
from atss_inspect.figures.image.view import MOST_SIGNS, Panel, window_of
from atss_inspect.figures.plots import PLOTS
from atss_inspect.figures.positives import positives_figure, single_ticks
from atss_inspect.figures.reach import LIMITS, reach_figure, reach_text, shade_limits
from atss_inspect.figures.theme import DEFAULT_THEME
from atss_inspect.figures.words import BOUND_NOTE
from atss_inspect.readers import load_coco
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, build_scene
from atss_inspect.settings import preset
from atss_inspect.statistics.reach import Reach, measure_reach
from atss_inspect.statistics.tables import objects_table
from tests.command_line import ask
from tests.figure_checks import all_words, assert_legible
from tests.image_scenes import artist
from tests.test_gate_explained import scene_document
from tests.tiny_coco import write_coco

PRESETS = ("ultralytics-8.3", "yolox-mmdet", "fcos-mmdet")


def scene_of(name: str = "ultralytics-8.3") -> Scene:
    return build_scene(load_coco(scene_document()), preset(name))


def test_few_candidates_are_hollow_signs_and_many_a_frame() -> None:
    figure = image_figure([scene_of()])
    # A has 80 points of P3, 20 of P4 and 4 of P5; B 120, C 20 and F 20 of P5.
    shown = {
        name: artist(figure, f"candidates {name}").get_offsets()
        for name in ("P3", "P4", "P5")
    }
    # P3: E 1, G 5 (H is its copy), I 2; P4: A 20, D 1; P5: A, C and F.
    assert [len(each) for each in shown.values()] == [8, 21, 44]
    signs = artist(figure, "candidates P4")
    assert not len(signs.get_facecolors())
    assert len(artist(figure, "frames").get_segments()) == 3 + 2 + 2 + 1
    assert artist(figure, "positives P3") is None


def test_frames_are_the_cells_of_the_window() -> None:
    scene = scene_of("rtmdet-mmdet")
    panel = Panel(scene, View(), (0, 1, 2), window_of(scene, View(), (0, 1, 2)))
    # A has 8 x 10 points of P3, at whole multiples of 8: 104 to 160 and 128 to 200.
    assert panel.framed[0].tolist() == [0, 0]
    assert panel.frames[0].tolist() == [100, 124, 164, 204]
    assert (scene.gate.counts[*panel.framed.T] > MOST_SIGNS).all()


def test_who_has_no_candidate_is_marked_as_who_has_no_positive() -> None:
    figure = image_figure([scene_of()])
    lines = artist(figure, "without a positive")
    assert len(lines.get_segments()) == 1
    assert to_hex(lines.get_colors()[0]) == DEFAULT_THEME.poor
    crosses = artist(figure, "crosses").get_offsets()
    np.testing.assert_allclose(crosses, [[23.7, 302.9]], atol=1e-3)
    words = all_words(figure)
    assert "1 of 9 objects has no candidate; 5 below the quota Image 7, a.jpg" in words
    assert "10: without a candidate" in words
    assert "Hollow: candidates, the points that an object may get." in words
    assert "object without a candidate" in words
    assert "positive" not in words


def test_presets_of_both_kinds_stand_side_by_side() -> None:
    figure = image_figure([scene_of(name) for name in PRESETS])
    words = all_words(figure)
    assert "1 of 9 without a candidate; 3,709 candidates" in words
    assert "1 of 10 without a candidate" in words
    assert "1 of 10 without a positive" in words
    assert "object with positives or candidates" in words
    assert "object without a positive or candidate" in words
    assert artist(figure, "positives P5", panel=2) is not None
    assert_legible(figure)


def test_contested_candidates_are_those_of_others_too() -> None:
    scene = scene_of("yolox-mmdet")
    found = np.bincount(scene.assignment.gt[scene.is_contested], minlength=10)
    assert found.tolist() == scene.gate.contested.sum(axis=1).tolist()


def test_candidates_of_several_objects_are_in_ink() -> None:
    scene = scene_of()
    figure = image_figure([scene])
    panel = Panel(scene, View(), (0, 1, 2), window_of(scene, View(), (0, 1, 2)))
    colors = artist(figure, "candidates P5").get_edgecolors()
    on_level = panel.signs[scene.assignment.level[panel.signs] == 2]
    is_ink = [to_hex(color) == DEFAULT_THEME.ink for color in colors]
    assert is_ink == np.isin(on_level, panel.contested).tolist()
    assert any(is_ink)
    assert not all(is_ink)
    assert "candidate of several objects" in all_words(figure)


def test_a_close_look_shows_boxes_as_they_are_widened() -> None:
    scene = scene_of("ultralytics")
    # Row 3 is D, 8 x 8 at 4, 100; what it counts as is 16 x 16 around its center.
    lines = artist(image_figure([scene], view=View(zoom=3)), "widened").get_segments()
    assert len(scene.widened) > 1
    corners = [segment[[0, 2]].ravel().round(3).tolist() for segment in lines]
    assert corners == [[0.0, 96.0, 16.0, 112.0]]
    alone = image_figure([scene], view=View(zoom=3, candidates=3))
    assert len(artist(alone, "widened").get_segments()) == 1
    words = all_words(alone)
    assert "box as widened" in words
    assert "Dotted in its color: a box as widened before points" in words


def test_a_whole_image_says_that_boxes_are_widened() -> None:
    figure = image_figure([scene_of("ultralytics")])
    assert not len(artist(figure, "widened").get_segments())
    words = all_words(figure)
    assert "Small boxes are widened before points are looked for." in words
    assert "sides below 16 px count as 16 px" in words
    assert "box as widened" not in words
    assert "widened" not in all_words(image_figure([scene_of()]))


def test_a_close_look_tells_candidates_of_others_apart() -> None:
    figure = image_figure([scene_of()], view=View(zoom=2, candidates=2))
    words = all_words(figure)
    assert "candidate of others, too: 476" in words
    assert "gets at most 10 of 476 candidates" in words
    assert len(artist(figure, "candidates contested_candidate").get_offsets()) == 476


def test_a_gallery_counts_objects_without_a_candidate() -> None:
    figure = gallery_figure([scene_of()], [Picture(None)])
    assert "1 of 9 objects has no candidate 1 image" in all_words(figure)


@pytest.mark.parametrize("options", ["", "--contested", "--by level", "--candidates 3"])
def test_the_text_beside_a_picture_counts_candidates(options: str) -> None:
    write_coco(Path("scene.json"), scene_document())
    out: Any = ask(f"plot image 7 --ann scene.json -p ultralytics-8.3 {options}").out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    for line in ("without a candidate 1", "picks at most 49", "on P3 2,805"):
        assert line in lines
    verdict = (
        "verdict: ultralytics-8.3 leaves 1 of 9 objects without a candidate: at this "
        "size they get no positive, whatever is predicted; 5 have fewer"
    )
    assert verdict in " ".join(out.split())
    assert json.dumps(lines[-1]).startswith('"next: atss-inspect explain ')


def table_of(*names: str) -> tuple[Any, Any]:
    settings = tuple(preset(name) for name in names)
    return objects_table(load_coco(scene_document()), settings), settings


def test_the_distribution_is_that_of_the_bounds() -> None:
    table, settings = table_of("ultralytics-8.3")
    part = part_of(table, settings[0])
    # A, B, C, D, E, F, G, I and J; H is a copy.
    assert part.positives.tolist() == [10, 10, 10, 1, 1, 10, 5, 2, 0]
    table, settings = table_of("yolox-mmdet")
    # The candidates of others are not its own.
    bounds = part_of(table, settings[0]).positives.tolist()
    assert bounds == [10, 10, 10, 1, 1, 10, 5, 5, 2, 0]


def test_positives_of_both_kinds_are_told_apart() -> None:
    given = table_of("ultralytics-8.3", "fcos-mmdet")
    figure, text = PLOTS["positives"].figure(*given), PLOTS["positives"].text(*given)
    shown = all_words(figure)
    assert "Positives per object, or at most" in shown
    assert "picked at most" in shown
    assert BOUND_NOTE.strip() in shown
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "without a candidate 1 11.1%" in lines
    assert "without a positive 1 10.0%" in lines
    assert_legible(figure)


@pytest.mark.parametrize("against", ["size", "ratio"])
def test_gates_alone_are_never_said_to_give_positives(against: str) -> None:
    given = table_of("ultralytics-8.3", "ultralytics-8.4.100")
    figure = PLOTS["size"].figure(*given, against=against)
    shown = all_words(figure)
    assert "Picked at most, against" in shown
    assert "without a candidate" in shown.replace("\n", " ")
    text = PLOTS["size"].text(*given, against=against)
    assert "without a positive" not in shown + text
    assert_legible(figure)


@pytest.mark.parametrize("name", ["levels", "threshold"])
def test_plots_that_say_nothing_of_gates_are_refused(name: str) -> None:
    with pytest.raises(SettingsError, match=f"plot {name}: yolox-mmdet is a gate") as e:
        PLOTS[name].require([preset("atss-mmdet"), preset("yolox-mmdet")])
    hint = "of gates there are plot image, positives, size, compare, sweep, "
    hint += "tune and reach"
    assert e.value.hint == hint
    PLOTS[name].require([preset("atss-mmdet")])


def test_two_gates_are_compared_by_their_bounds() -> None:
    write_coco(Path("scene.json"), scene_document())
    ask("plot compare --ann scene.json yolo11 ultralytics-8.3 -o two.svg")
    svg = Path("two.svg").read_text(encoding="utf-8")
    assert "at most under yolo11" in svg
    assert "candidates only under yolo11: 1" in svg
    assert "positives under yolo11" not in svg


@cache
def reach_of(name: str) -> Reach:
    return measure_reach(preset(name))


def test_a_square_just_below_the_stride_has_more_candidates_than_one_of_it() -> None:
    # Up to 8.4.127, sides below 8 px become 16 px, which hold 2 x 2 points of P3, one
    # of P4, and one of P5 at a quarter of the places; a side of 8 px stays.
    found = reach_of("ultralytics-8.4.100").squares.by_side()
    share, mean = found[7.90625]
    assert share == 0
    assert mean == pytest.approx(5.25, abs=0.05)
    assert found[8.0][1] < 1.5
    assert reach_of("ultralytics").squares.by_side()[8.0][1] > 5.2
    share, mean = reach_of("ultralytics-8.3").squares.by_side()[4.0]
    assert share > 0.6
    assert mean < 0.5


def test_the_smallest_box_seen_is_one_that_the_data_rules_keep() -> None:
    # Sides of 2 px or less are dropped before the gate.
    assert reach_of("ultralytics-8.3").sight.smallest == {1: 5, 8: 3}
    assert reach_of("ultralytics").sight.smallest == {1: 3, 8: 3}
    assert np.isnan(reach_of("ultralytics").mean_positives[0, 0])


def test_reach_speaks_of_candidates() -> None:
    gates = [reach_of("ultralytics-8.3"), reach_of("ultralytics")]
    figure = reach_figure(gates)
    shown = all_words(figure)
    assert "Which boxes have candidates" in shown
    assert "past the line most positions are without a candidate" in shown
    assert "every box has a candidate" in shown
    assert "get" not in shown.split("Each box")[0]
    assert_legible(figure)
    text = reach_text(gates, None)
    assert "squares without a candidate, share of positions" in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "8 px 1.3 5.3" in lines
    # Of 64 positions a tenth of a per cent is nothing.
    assert "4 px 64% 0%" in lines
    assert "positions on an image of the preset's own size give it a candidate" in (
        " ".join(text.split())
    )


def test_shades_of_gates_end_at_the_quota() -> None:
    assert shade_limits([reach_of("ultralytics")]) == (0, 0.5, 1, 2, 4, 8, 10)
    both = [reach_of("ultralytics"), reach_of("fcos-mmdet")]
    assert shade_limits(both) == LIMITS
    shown = all_words(reach_figure([reach_of("ultralytics-8.3")]))
    assert "0 0.5 1 2 4 8 10" in shown
    assert "64 " not in shown.split("Each box")[0]
    assert "Seen: with a candidate at half of the positions at least." in shown


def test_each_number_picked_at_most_has_a_bar_and_the_quota_a_label() -> None:
    table = objects_table(load_coco(scene_document()), [preset("ultralytics-8.3")])
    figure = positives_figure(table, [preset("ultralytics-8.3")])
    labels = [text.get_text() for text in figure.axes[-1].get_xticklabels()]
    assert labels == ["0", "2", "4", "6", "8", "10"]
    assert len(figure.axes[0].patches) == 1 + 10
    assert "The bins grow" not in all_words(figure)
    assert single_ticks([13, 10]) == [0, 2, 4, 6, 8, 10, 13]
    assert single_ticks([0]) == [0]
