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

from atss_inspect.figures import reach as plot
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.reach import reach_figure
from atss_inspect.figures.theme import THEMES
from atss_inspect.settings import preset
from atss_inspect.statistics.reach import Reach, Sight
from tests.figure_checks import all_words, assert_legible, written

LIGHT = THEMES["light"]
PAST = "past the line most positions get no positive"
FORCED_AREA = "hatched: most positions get only low-quality matches"
SIDES = np.array([4.0, 16.0, 64.0, 256.0])
# Nothing is seen where a side has 4 px; no image holds 256 x 256.
WITHOUT = np.array([[1.0, 1, 1, 1], [1, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, np.nan]])
PARTLY = Sight(SIDES, WITHOUT, {1: 10, 8: None})
FULL = Sight(SIDES, WITHOUT * 0, {1: 1, 8: 1})


def reach_of(name: str, *, is_forced: bool = False) -> Reach:
    """Make a reach without measuring; a forced one sees everything."""
    means = (1 - WITHOUT) * 9 + is_forced
    sights = (FULL, PARTLY) if is_forced else (PARTLY,)
    return Reach(preset(name), means, *sights)


ATSS, FORCED = reach_of("atss-mmdet"), reach_of("retinanet-mmdet", is_forced=True)
BOXES = np.array([[4.0, 4.0], [64.0, 64.0], [64.0, 64.0], [9999.0, 1.0]])


def named(name: str, **changes: Any) -> Reach:
    return replace(ATSS, settings=replace(ATSS.settings, name=name), **changes)


# What several tests only read: two panels.
drawn_together = cache(lambda: reach_figure([ATSS, FORCED]))


def panels(figure: Figure) -> list[Axes]:
    """The axes with a map."""
    return [axes for axes in figure.axes if axes.get_xscale() == "log"]


def test_both_kinds_of_line_are_explained_and_panels_named_in_their_colors() -> None:
    figure = drawn_together()
    found = all_words(figure)
    assert "with low-quality matches every box gets a positive; without them" in found
    assert f"{PAST} {FORCED_AREA}" in found
    assert "your boxes" not in found
    looks = looks_of([ATSS.settings, FORCED.settings], LIGHT)
    for axes, name in zip(panels(figure), looks, strict=True):
        [title] = [text for text in axes.findobj(Text) if text.get_text() == name]
        assert title.get_color() == looks[name].color
    left, right = panels(figure)
    assert (left.get_ylabel(), right.get_ylabel()) == ("height, input pixels", "")
    assert left.get_xlabel() == right.get_xlabel() == "width, input pixels"


def test_the_boxes_are_dots_and_those_off_the_axes_stand_at_the_border() -> None:
    figure = reach_figure([ATSS], {"atss-mmdet": BOXES})
    [dots] = [line for line in panels(figure)[0].lines if line.get_gid() == "boxes"]
    expected = [[4, 4], [64, 64], [64, 64], [256, 4]]
    np.testing.assert_array_equal(dots.get_xydata(), expected)
    assert "your boxes" in all_words(figure)
    # 4 x 4 and 9999 x 1 lie beyond.
    assert "2 of 4 objects (50.0%) beyond its reach" in all_words(figure)


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


@pytest.mark.slow
def test_names_are_shown_as_they_are() -> None:
    names = ("$x$", "long " * 60, "\u202egnol", "a\nb", "")
    boxes = dict.fromkeys([*names, "retinanet-mmdet"], BOXES)
    assert_legible(reach_figure([*map(named, names), FORCED], boxes))


def squares_from(name: str, side: int | None) -> Reach:
    """A reach that sees squares from a side on, every box from 1."""
    shares = WITHOUT * 0 if side == 1 else WITHOUT
    return named(name, sight=Sight(SIDES, shares, {1: side}))


@pytest.mark.parametrize(
    ("sides", "verdict"),
    [
        ({"a": 6}, "a sees squares from 6 px."),
        ({"a": 1}, "a: every box gets a positive."),
        (
            {"a": 18, "b": 6, "c": 6},
            "b and c see squares from 6 px; a sees squares from 18 px.",
        ),
        ({"a": None, "b": 1}, "b sees boxes of any size; a sees no squares."),
    ],
)
def test_the_verdict_names_who_sees_the_smallest(
    sides: dict[str, int | None], verdict: str
) -> None:
    reaches = [squares_from(*each) for each in sides.items()]
    assert plot.reach_verdict(reaches) == verdict


def test_the_text_says_what_the_picture_says() -> None:
    boxes = {"atss-mmdet": BOXES, "retinanet-mmdet": BOXES}
    convention, found, note, verdict = plot.reach_text([ATSS, FORCED], boxes).split(
        "\n\n"
    )
    assert convention.startswith("Assigned in input pixels, ")
    beyond = "2 of 4 objects (50.0%) beyond its reach; by their shapes, about 2 would "
    forced = "(IoU from 0.5) squares from 10 px, no 1:8 boxes 2 of 4 objects (50.0%) "
    assert " ".join(found.split()) == (
        f"atss-mmdet: sees squares from 10 px, no 1:8 boxes {beyond}get no positive "
        "retinanet-mmdet: with low-quality matches every box gets a positive; without "
        f"them {forced}with only low-quality matches at most positions"
    )
    assert note.startswith(
        "A box is seen if at least half of 64 positions on an image "
    )
    assert " ".join(verdict.split()) == (
        "verdict: atss-mmdet sees squares from 10 px; retinanet-mmdet sees squares "
        "from 10 px (smaller ones get only low-quality matches)."
    )


WIDTHS = np.array([4.0, 16.0, 64.0])


def reach(*shares: Sequence[float], name: str = "retinanet-mmdet") -> Reach:
    """So many places without a positive by width; then by IoU alone."""
    sights = [Sight(WIDTHS, np.tile(each, (3, 1)), {1: None}) for each in shares]
    return Reach(preset(name), np.zeros((3, 3)), *sights)


# Of 4 px nothing is seen, of 16 px by low-quality matches only.
RPN = reach((1, 0.25, 0), (1, 1, 0))


def test_what_only_low_quality_matches_reach_is_counted_apart_from_the_rest() -> None:
    np.testing.assert_allclose(RPN.forced_share[0], [0, 0.75, 0])
    boxes = np.array([[4.0, 4], [16, 4], [16, 9], [64, 4]])
    assert RPN.num_forced(boxes) == 2
    assert plot.sight_words(RPN) == (
        "with low-quality matches sees no squares; without them (IoU from 0.5) no "
        "squares"
    )
    assert plot.boxes_words(RPN, boxes) == (
        "1 of 4 objects (25.0%) beyond its reach; by their shapes, about 2 would get "
        "no positive; 2 of 4 objects (50.0%) with only low-quality matches at most "
        "positions"
    )
    assert plot.boxes_words(RPN, boxes, is_brief=True) == (
        "1 of 4 boxes (25.0%) beyond; 2 of 4 boxes (50.0%): only low-quality matches"
    )
    # A rule without a last resort has no such boxes; one without a bar no such matches.
    assert SOME.num_forced(boxes) == 0
    own = reach((0, 0, 0), (1, 1, 0), name="atss-mmdet")
    assert plot.sight_words(own) == (
        "with last resorts every box gets a positive; without them no squares"
    )
    assert "with only last resorts" in plot.boxes_words(own, boxes)


@pytest.mark.parametrize(
    ("shares", "is_hatched"),
    [
        ([(1, 0, 0)], False),
        ([(0, 0, 0), (1, 1, 0)], True),
        # Half of the places are not most; nor are those without any positive.
        ([(0, 0, 0), (0.5, 0.5, 0)], False),
        ([(1, 0.6, 0), (1, 1, 0)], False),
    ],
)
def test_what_only_low_quality_matches_reach_is_hatched(
    shares: list[Any], is_hatched: bool, axes: Axes
) -> None:
    plot.hatch_forced(axes, reach(*shares), LIGHT)
    areas = [each for each in axes.collections if each.get_gid() == "forced"]
    assert len(areas) == is_hatched
    for area in areas:
        assert area.hatches == ["///"]
        assert to_hex(area.get_edgecolor()[0]) == LIGHT.poor
        assert area.get_facecolor().size == 0 or area.get_facecolor()[0][3] == 0
        # From 4 px up to half-way between 16 and 64 px.
        x = area.get_paths()[0].vertices[:, 0]
        np.testing.assert_allclose([x.min(), x.max()], [4, 40], atol=1e-3)


SOME = reach((1, 0, 0))
ALL_FORCED = reach((0, 0, 0), (1, 0, 0))


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


def test_shades_change_where_positives_double(axes: Axes) -> None:
    means = np.array([[0.0, 0.49, 0.5], [1.0, 3.9, 4.0], [63.0, 64.0, np.nan]])
    mesh = plot.draw_positives(axes, replace(SOME, mean_positives=means), LIGHT)
    shades = np.ma.filled(mesh.norm(mesh.get_array()), -1)
    assert shades.tolist() == [[0, 0, 1], [2, 3, 4], [7, 9, -1]]
    assert mesh.cmap.N == 9
    # What is beyond the last limit has the last shade.
    assert mesh.cmap(9) == mesh.cmap(8) != mesh.cmap(7)


@pytest.mark.parametrize(
    ("shares", "places"),
    [
        # Half-way from 4 (no place has a positive) to 16 (all have).
        ([(1, 0, 0)], [10]),
        # A box that has some at half of its places is seen.
        ([(1, 0.5, 0)], [16]),
        # What IoU alone sees is dashed and lies below.
        ([(1, 0, 0), (1, 1, 0)], [40, 10]),
        # All are seen, or none.
        ([(0, 0, 0)], []),
        ([(0.5, 0.5, 0)], []),
        ([(1, 1, 0.6)], []),
    ],
)
def test_lines_lie_where_half_of_the_places_have_no_positive(
    shares: list[Any], places: list[float], axes: Axes
) -> None:
    plot.draw_limits(axes, reach(*shares), LIGHT)
    halos, lines = axes.collections[::2], axes.collections[1::2]
    for halo, line, place in zip(halos, lines, places, strict=True):
        np.testing.assert_allclose(line.get_paths()[0].vertices[:, 0], place, atol=1e-3)
        assert to_hex(line.get_edgecolor()[0]) == LIGHT.poor
        assert to_hex(halo.get_edgecolor()[0]) == LIGHT.paper
        assert halo.get_linewidth()[0] > line.get_linewidth()[0]
    is_dashed = [bool(line.get_linestyle()[0][1]) for line in lines]
    assert is_dashed == [True, False][2 - len(places) :]


def test_many_boxes_are_thinned_in_the_same_way_each_time(axes: Axes) -> None:
    boxes = np.random.default_rng(3).uniform(4, 256, (plot.MAX_DOTS + 1, 2))
    for _ in range(2):
        plot.draw_dots(axes, ATSS, boxes, LIGHT)
    one, other = (line.get_xydata() for line in axes.lines)
    assert len(one) == plot.MAX_DOTS
    np.testing.assert_array_equal(one, other)


def test_a_thousand_boxes_are_fainter_and_drawn_as_pixels(axes: Axes) -> None:
    for boxes in (None, BOXES[:0]):
        plot.draw_dots(axes, SOME, boxes, LIGHT)
    for number in (999, 1000):
        plot.draw_dots(axes, SOME, np.full((number, 2), 8.0), LIGHT)
    few, many = axes.lines
    assert few.get_alpha() > many.get_alpha()
    assert few.get_markersize() > many.get_markersize()
    assert (few.get_rasterized(), many.get_rasterized()) == (False, True)


@pytest.mark.parametrize(
    ("reaches", "has_dots", "expected"),
    [
        ([SOME], False, [PAST]),
        ([ALL_FORCED], False, [FORCED_AREA]),
        ([SOME, ALL_FORCED], True, [PAST, FORCED_AREA, "your boxes"]),
    ],
    ids=["a line", "an area", "all"],
)
def test_the_key_names_what_is_there(
    reaches: list[Reach], has_dots: bool, expected: list[str], axes: Axes
) -> None:
    plot.draw_key(axes, reaches, has_dots=has_dots, theme=LIGHT)
    legend = axes.get_legend()
    assert written(legend.get_texts()) == expected
    hatches = [patch.get_hatch() for patch in legend.get_patches()]
    assert hatches == ["///"] * (FORCED_AREA in expected)
