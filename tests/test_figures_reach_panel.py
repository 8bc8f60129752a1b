"""One panel of reach: shades, lines, dots, ticks and key, read back one by one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from atss_inspect.figures.reach import (
    LIMITS,
    draw_dots,
    draw_key,
    draw_limits,
    draw_positives,
    draw_shades,
    set_axes,
)
from atss_inspect.figures.theme import THEMES
from atss_inspect.settings import preset
from atss_inspect.statistics.reach import Reach, Sight

LIGHT = THEMES["light"]
SIDES = np.array([4.0, 16.0, 64.0])


def sight(*shares: float) -> Sight:
    """Starve so many places of each width, whatever the height."""
    return Sight(SIDES, np.tile(shares, (3, 1)), {1: None})


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
    set_axes(left, SIDES, is_left=True)
    set_axes(right, SIDES, is_left=False)
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
FORCED = reach(sight(0, 0, 0), sight(1, 0, 0))


@pytest.mark.parametrize(
    ("reaches", "has_dots", "expected"),
    [
        ([SOME], False, [BEYOND]),
        ([FORCED], False, [f"{BEYOND} by IoU alone"]),
        ([SOME, FORCED], True, [BEYOND, "the same by IoU alone", "your boxes"]),
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
