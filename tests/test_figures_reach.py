"""The picture of reach: shades, lines, dots, ticks, key and words read back."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.reach import (
    LIMITS,
    MAX_DOTS,
    boxes_words,
    draw_dots,
    draw_key,
    draw_limits,
    draw_positives,
    draw_shades,
    reach_figure,
    reach_text,
    reach_verdict,
    set_axes,
    sight_words,
)
from atss_inspect.figures.theme import THEMES
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics.reach import Reach, Sight
from tests.figure_checks import (
    EACH_FORMAT,
    all_words,
    assert_legible,
    assert_same_bytes,
)

SIDES = np.array([4.0, 16.0, 64.0, 256.0])
# Nothing is seen where a side has 4 px; no image holds 256 x 256.
STARVED = np.array([[1.0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, np.nan]])
MEAN = np.where(np.isnan(STARVED), np.nan, (1 - STARVED) * 9)
ALL_FED = np.where(np.isnan(STARVED), np.nan, 0.0)


def reach_of(name: str, *, is_forced: bool = False) -> Reach:
    """Make a reach without measuring; a forced one sees everything."""
    partly = Sight(SIDES, STARVED, {1: 10, 8: None})
    if is_forced:
        full = Sight(SIDES, ALL_FED, {1: 1, 8: 1})
        return Reach(preset(name), MEAN + 1, full, partly)
    return Reach(preset(name), MEAN, partly)


ATSS, FORCED = reach_of("atss-mmdet"), reach_of("retinanet-mmdet", is_forced=True)
BOXES = np.array([[4.0, 4.0], [64.0, 64.0], [64.0, 64.0], [9999.0, 1.0]])


# What several tests only read: two panels.
drawn_together = cache(lambda: reach_figure([ATSS, FORCED]))


def panels(figure: Figure) -> list[Axes]:
    """The axes with a map."""
    return [axes for axes in figure.axes if axes.get_xscale() == "log"]


def test_both_kinds_of_line_are_explained() -> None:
    found = all_words(drawn_together())
    assert "sees every box by low-quality matches" in found
    assert "beyond: half of the places give nothing the same by IoU alone" in found
    assert "your boxes" not in found


def test_the_boxes_are_dots_and_those_off_the_axes_stand_at_the_border() -> None:
    figure = reach_figure([ATSS], {"atss-mmdet": BOXES})
    [dots] = [line for line in panels(figure)[0].lines if line.get_gid() == "boxes"]
    np.testing.assert_array_equal(
        dots.get_xydata(), [[4, 4], [64, 64], [64, 64], [256, 4]]
    )
    assert "your boxes" in all_words(figure)
    # 4 x 4 and 9999 x 1 lie beyond.
    assert "2 of 4 objects (50.0%) beyond its reach" in all_words(figure)


def test_many_boxes_are_thinned_in_the_same_way_each_time() -> None:
    boxes = np.random.default_rng(3).uniform(4, 256, (MAX_DOTS + 1, 2))
    shown = []
    for _ in range(2):
        axes = Figure().add_subplot()
        draw_dots(axes, ATSS, boxes, THEMES["light"])
        shown.append(axes.lines[0].get_xydata())
    assert len(shown[0]) == MAX_DOTS
    np.testing.assert_array_equal(*shown)


def test_several_panels_are_named_in_the_colors_of_their_presets() -> None:
    figure = drawn_together()
    looks = looks_of([ATSS.settings, FORCED.settings], THEMES["light"])
    for axes, reach in zip(panels(figure), (ATSS, FORCED), strict=True):
        name = reach.settings.name
        assert axes.get_title(loc="left") == name
        title = next(text for text in axes.findobj(Text) if text.get_text() == name)
        assert title.get_color() == looks[name].color


@pytest.mark.parametrize(
    ("theme", "number", "has_boxes"),
    [
        ("light", 1, False),
        ("light", 1, True),
        ("dark", 4, True),
        pytest.param("light", 3, True, marks=pytest.mark.slow),
        pytest.param("light", 2, True, marks=pytest.mark.slow),
        pytest.param("paper", 2, False, marks=pytest.mark.slow),
    ],
)
def test_all_words_can_be_read(theme: str, number: int, has_boxes: bool) -> None:
    names = ["atss-mmdet", "rpn-torchvision", "fcos-official-imprv", "atss-official-9a"]
    reaches = [
        reach_of(name, is_forced=name.startswith("rpn")) for name in names[:number]
    ]
    boxes = {name: np.tile(BOXES, (2000, 1)) for name in names} if has_boxes else None
    data = "instances.json: 36,780 objects in 5,000 images" if has_boxes else ""
    assert_legible(reach_figure(reaches, boxes, data=data, theme=THEMES[theme]))


@pytest.mark.parametrize(
    "names",
    [
        ("$x$", "long " * 60, "<b>"),
        pytest.param(("\u202egnol", "a\nb", ""), marks=pytest.mark.slow),
    ],
    ids=["signs", "lines"],
)
def test_names_are_shown_as_they_are(names: Sequence[str]) -> None:
    reaches = [
        replace(ATSS, settings=replace(ATSS.settings, name=name)) for name in names
    ]
    boxes = dict.fromkeys([*names, "retinanet-mmdet"], BOXES)
    assert_legible(reach_figure([*reaches, FORCED], boxes))


def test_no_boxes_and_one_box_are_no_error() -> None:
    assert_legible(reach_figure([ATSS], {"atss-mmdet": BOXES[:0]}))
    assert boxes_words(ATSS, BOXES[:0]).startswith("0 of 0 objects (-)")
    assert boxes_words(ATSS, BOXES[1:2]).startswith("0 of 1 object (0%)")


def test_where_nothing_is_seen_the_words_say_so() -> None:
    blind = Sight(SIDES, np.ones((4, 4)), {1: None, 8: None})
    assert sight_words(replace(ATSS, sight=blind)) == "sees no squares, no 1:8 boxes"


@pytest.mark.parametrize("file_format", EACH_FORMAT)
def test_the_same_reach_gives_the_same_bytes(file_format: str) -> None:
    assert_same_bytes(lambda: reach_figure([ATSS], {"atss-mmdet": BOXES}), file_format)


def named(name: str, side: int | None, *, is_forced: bool = False) -> Reach:
    """A reach that sees squares from a side on."""
    settings: Settings = replace(preset("atss-mmdet"), name=name)
    shares = ALL_FED if is_forced else STARVED
    return replace(ATSS, settings=settings, sight=Sight(SIDES, shares, {1: side}))


@pytest.mark.parametrize(
    ("reaches", "verdict"),
    [
        ([named("a", 6)], "a sees squares from 6 px."),
        ([named("a", 1, is_forced=True)], "a: every box gets a positive."),
        (
            [named("a", 18), named("b", 6), named("c", 6)],
            "b and c see squares from 6 px; a sees squares from 18 px.",
        ),
        (
            [named("a", None), named("b", 1, is_forced=True)],
            "b feeds boxes of any size; a sees no squares.",
        ),
    ],
)
def test_the_verdict_names_who_sees_the_smallest(
    reaches: list[Reach], verdict: str
) -> None:
    assert reach_verdict(reaches) == verdict


TEXT = """\
Assigned in input pixels, images resized to 800/1333 (mmdetection):
  atss-mmdet       ATSS, k 9 per level; 1 anchor of 8 x stride, offset 0
  retinanet-mmdet  IoU 0.5/0.4, low-quality; 9 anchors from 4 x stride, offset 0

atss-mmdet: sees squares from 10 px, no 1:8 boxes
  2 of 4 objects (50.0%) beyond its reach; by their shapes, about 2 would get
  nothing
retinanet-mmdet: every box gets a positive, as a low-quality match if need be;
  by IoU alone squares from 10 px, no 1:8 boxes
  2 of 4 objects (50.0%) beyond the reach of IoU alone

A box is seen if at least half of 64 places on an image of the preset's own size
give it a positive, with no other box there. px: input pixels.

verdict: retinanet-mmdet feeds boxes of any size; atss-mmdet sees squares from
  10 px.
"""


def test_the_text_says_what_the_picture_says() -> None:
    boxes = {"atss-mmdet": BOXES, "retinanet-mmdet": BOXES}
    assert reach_text([ATSS, FORCED], boxes) == TEXT


LIGHT = THEMES["light"]
WIDTHS = np.array([4.0, 16.0, 64.0])


def sight(*shares: float) -> Sight:
    """Starve so many places of each width, whatever the height."""
    return Sight(WIDTHS, np.tile(shares, (3, 1)), {1: None})


def reach(seen: Sight, unforced: Sight | None = None) -> Reach:
    """Make a reach of which only the lines matter."""
    return Reach(preset("atss-mmdet"), np.zeros((3, 3)), seen, unforced)


def lines_of(axes: Axes) -> list[Any]:
    """The lines without the halo below each."""
    return list(axes.collections)[1::2]


@pytest.fixture
def axes() -> Axes:
    """An empty panel."""
    return Figure().add_subplot()


def test_shades_change_where_positives_double(axes: Axes) -> None:
    means = np.array([[0.0, 0.49, 0.5], [1.0, 3.9, 4.0], [63.0, 64.0, np.nan]])
    mesh = draw_positives(
        axes, replace(reach(sight(1, 0, 0)), mean_positives=means), LIGHT
    )
    shades = np.ma.filled(mesh.norm(mesh.get_array()), -1)
    assert shades.tolist() == [[0, 0, 1], [2, 3, 4], [7, 9, -1]]
    assert mesh.cmap.N == 9
    # What is beyond the last limit has the last shade.
    assert mesh.cmap(9) == mesh.cmap(8) != mesh.cmap(7)


def test_the_line_lies_where_half_of_the_places_starve(axes: Axes) -> None:
    draw_limits(axes, reach(sight(1, 0, 0)), LIGHT)
    halo, line = axes.collections
    # Half-way from 4 (all starve) to 16 (none does).
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], 10, atol=1e-3)
    assert to_hex(line.get_edgecolor()[0]) == LIGHT.starved
    assert to_hex(halo.get_edgecolor()[0]) == LIGHT.paper
    assert halo.get_linewidth()[0] > line.get_linewidth()[0]


def test_a_box_of_which_half_of_the_places_are_fed_is_seen(axes: Axes) -> None:
    draw_limits(axes, reach(sight(1, 0.5, 0)), LIGHT)
    [line] = lines_of(axes)
    np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], 16, atol=1e-3)


@pytest.mark.parametrize("shares", [(0, 0, 0), (0.5, 0.5, 0), (1, 1, 0.6)])
def test_all_seen_or_none_is_no_line(
    shares: tuple[float, float, float], axes: Axes
) -> None:
    draw_limits(axes, reach(sight(*shares)), LIGHT)
    assert not axes.collections


def test_what_iou_alone_sees_is_dashed_and_lies_below(axes: Axes) -> None:
    draw_limits(axes, reach(sight(1, 0, 0), sight(1, 1, 0)), LIGHT)
    dashed, solid = lines_of(axes)
    np.testing.assert_allclose(dashed.get_paths()[0].vertices[:, 0], 40, atol=1e-3)
    np.testing.assert_allclose(solid.get_paths()[0].vertices[:, 0], 10, atol=1e-3)
    assert dashed.get_linestyle()[0][1]
    assert not solid.get_linestyle()[0][1]


@pytest.mark.parametrize("boxes", [None, np.zeros((0, 2))])
def test_no_boxes_are_no_dots(boxes: Any, axes: Axes) -> None:
    draw_dots(axes, reach(sight(1, 0, 0)), boxes, LIGHT)
    assert not axes.lines


def test_a_thousand_boxes_are_fainter_and_drawn_as_pixels(axes: Axes) -> None:
    for number in (999, 1000):
        draw_dots(axes, reach(sight(1, 0, 0)), np.full((number, 2), 8.0), LIGHT)
    few, many = axes.lines
    assert few.get_alpha() > many.get_alpha()
    assert few.get_markersize() > many.get_markersize()
    assert (few.get_rasterized(), many.get_rasterized()) == (False, True)


@pytest.mark.parametrize(
    ("last", "ticks"),
    [(128, [4, 8, 16, 32, 64, 128]), (256, [4, 16, 64, 256])],
    ids=["every octave", "every second"],
)
def test_ticks_stand_at_octaves(last: int, ticks: list[int], axes: Axes) -> None:
    set_axes(axes, np.array([4.0, last]), is_left=True)
    for axis in (axes.xaxis, axes.yaxis):
        assert axis.get_ticklocs().tolist() == ticks
        assert [tick.get_text() for tick in axis.get_ticklabels()] == [*map(str, ticks)]
        assert not axis.get_minorticklocs().size
    assert axes.get_xlim() == axes.get_ylim() == (4, last)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert axes.get_box_aspect() == 1


def test_only_the_leftmost_panel_names_its_height() -> None:
    left, right = Figure().subplots(1, 2)
    set_axes(left, WIDTHS, is_left=True)
    set_axes(right, WIDTHS, is_left=False)
    assert left.get_ylabel() == "height, input pixels"
    assert right.get_ylabel() == ""
    assert left.get_xlabel() == right.get_xlabel() == "width, input pixels"


def test_the_shades_are_explained_at_their_limits() -> None:
    figure = Figure()
    above, below = figure.subplots(2, 1)
    mesh = draw_positives(above, reach(sight(1, 0, 0)), LIGHT)
    draw_shades(figure, mesh, below, LIGHT)
    assert below.get_xlabel() == "mean positives of a box"
    labels = [tick.get_text() for tick in below.get_xticklabels()]
    assert labels == ["0", "0.5", "1", "2", "4", "8", "16", "32", "64"]
    assert below.get_xticks().tolist() == list(LIMITS)


BEYOND = "beyond: half of the places give nothing"
SOME = reach(sight(1, 0, 0))
ALL_FORCED = reach(sight(0, 0, 0), sight(1, 0, 0))


@pytest.mark.parametrize(
    ("reaches", "has_dots", "expected"),
    [
        ([SOME], False, [BEYOND]),
        ([ALL_FORCED], False, [f"{BEYOND} by IoU alone"]),
        ([SOME, ALL_FORCED], True, [BEYOND, "the same by IoU alone", "your boxes"]),
    ],
    ids=["a line", "a dashed line", "all"],
)
def test_the_key_names_what_is_there(
    reaches: list[Reach], has_dots: bool, expected: list[str], axes: Axes
) -> None:
    draw_key(axes, reaches, has_dots=has_dots, theme=LIGHT)
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == expected
    dashes = [line.get_linestyle() for line in legend.get_lines()]
    is_dashed = [text.endswith("IoU alone") for text in expected]
    assert [style == "--" for style in dashes] == is_dashed
