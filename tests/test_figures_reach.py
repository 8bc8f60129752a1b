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
from atss_inspect.figures import reach_words as words
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.reach import reach_figure
from atss_inspect.figures.theme import THEMES
from atss_inspect.settings import preset
from atss_inspect.statistics.reach import Reach, Sight
from tests.figure_checks import all_words, assert_legible, written

LIGHT = THEMES["light"]
UNSEEN_AREA = "most positions get no positive"
FORCED_AREA = "most positions get only low-quality matches"
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


def test_both_kinds_of_area_are_explained_and_panels_named_in_their_colors() -> None:
    figure = drawn_together()
    found = all_words(figure)
    assert written(figure.legends[0].get_texts()) == [UNSEEN_AREA, FORCED_AREA]
    assert "your boxes" not in found
    looks = looks_of([ATSS.settings, FORCED.settings], LIGHT)
    for axes, name in zip(panels(figure), looks, strict=True):
        [title] = [text for text in axes.findobj(Text) if text.get_text() == name]
        assert title.get_color() == looks[name].color
        assert written(axes.texts)[0] == "squares ≥ 10 px"
    left, right = panels(figure)
    assert (left.get_ylabel(), right.get_ylabel()) == ("height, input px", "")
    assert left.get_xlabel() == right.get_xlabel() == "width, px"
    assert left.get_position().y0 == right.get_position().y0
    title = figure.texts[0].get_text().replace("\n", " ")
    assert title == "All see squares from 10 px"


def test_the_boxes_are_dots_and_those_off_the_axes_stand_at_the_border() -> None:
    figure = reach_figure([ATSS], {"atss-mmdet": BOXES})
    [dots] = [line for line in panels(figure)[0].lines if line.get_gid() == "boxes"]
    expected = [[4, 4], [64, 64], [64, 64], [256, 4]]
    np.testing.assert_array_equal(dots.get_xydata(), expected)
    assert "your boxes" in all_words(figure)
    # 4 x 4 and 9999 x 1 lie beyond.
    assert "50.0% out of reach" in all_words(figure)


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
    assert words.sight_words(RPN) == (
        "with low-quality matches sees no squares; without them (IoU from 0.5) no "
        "squares"
    )
    assert words.boxes_words(RPN, boxes) == (
        "1 of 4 objects (25.0%) beyond its reach; by their shapes, about 2 would get "
        "no positive; 2 of 4 objects (50.0%) with only low-quality matches at most "
        "positions"
    )
    # A rule without a last resort has no such boxes; one without a bar no such matches.
    assert SOME.num_forced(boxes) == 0
    own = reach((0, 0, 0), (1, 1, 0), name="atss-mmdet")
    assert words.sight_words(own) == (
        "with last resorts every box gets a positive; without them no squares"
    )
    assert "with only last resorts" in words.boxes_words(own, boxes)


@pytest.mark.parametrize(
    ("shares", "unseen", "forced"),
    [
        ([(1, 0, 0)], [1, 0, 0], [0, 0, 0]),
        # A box that has some at half of its places is seen.
        ([(0.5, 0.6, 0)], [0, 1, 0], [0, 0, 0]),
        ([(0, 0, 0), (1, 1, 0)], [0, 0, 0], [1, 1, 0]),
        # Half of the places are not most; nor are those without any positive.
        ([(0, 0, 0), (0.5, 0.5, 0)], [0, 0, 0], [0, 0, 0]),
        ([(1, 0.6, 0), (1, 1, 0)], [1, 1, 0], [0, 0, 0]),
    ],
)
def test_what_is_out_of_reach_is_shaded_and_low_quality_matches_are_hatched(
    shares: list[Any], unseen: list[int], forced: list[int], axes: Axes
) -> None:
    found = reach(*shares)
    areas = plot.unseen_areas(found)
    assert [area[0].astype(int).tolist() for area in areas] == [unseen, forced]
    plot.draw_unseen(axes, found, LIGHT)
    shown = {each.get_gid(): each for each in axes.collections}
    names = {"unseen"} if any(unseen) else set()
    assert shown.keys() == names | ({"forced", "hatch"} if any(forced) else set())
    for name in names:
        drawn = np.ma.filled(shown[name].get_array(), 0).reshape(3, 3)
        assert drawn[0].tolist() == unseen
        assert to_hex(shown[name].cmap(0)) == LIGHT.poor
    if any(forced):
        assert shown["hatch"].hatches == ["///"]
        assert to_hex(shown["hatch"].get_edgecolor()[0]) == LIGHT.poor
    # There are no shades of positives where they are not seen.
    mesh = plot.draw_positives(axes, found, LIGHT)
    blank = np.ma.getmaskarray(mesh.get_array()).reshape(3, 3)[0]
    assert blank.astype(int).tolist() == (np.array(unseen) | forced).tolist()


SOME = reach((1, 0, 0))
ALL_FORCED = reach((0, 0, 0), (1, 0, 0))


@pytest.fixture
def axes() -> Axes:
    return Figure().add_subplot()


def test_shades_change_where_positives_double(axes: Axes) -> None:
    means = np.array([[0.0, 0.49, 0.5], [1.0, 3.9, 4.0], [63.0, 64.0, np.nan]])
    seen = reach((0, 0, 0))
    mesh = plot.draw_positives(axes, replace(seen, mean_positives=means), LIGHT)
    shades = np.ma.filled(mesh.norm(mesh.get_array()), -1)
    assert shades.tolist() == [[0, 0, 1], [2, 3, 4], [7, 9, -1]]
    assert mesh.cmap.N == 9
    # What is beyond the last limit has the last shade.
    assert mesh.cmap(9) == mesh.cmap(8) != mesh.cmap(7)


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


def test_the_key_names_what_is_there() -> None:
    def named_in_key(reaches: list[Reach], *, has_dots: bool) -> list[Any]:
        boxes = {one.settings.name: BOXES for one in reaches} if has_dots else None
        return written(reach_figure(reaches, boxes).legends[0].get_texts())

    forced = replace(ALL_FORCED, settings=preset("rpn-mmdet"))
    assert named_in_key([SOME], has_dots=False) == [UNSEEN_AREA]
    assert named_in_key([forced], has_dots=False) == [FORCED_AREA]
    every = [UNSEEN_AREA, FORCED_AREA, "your boxes"]
    assert named_in_key([SOME, forced], has_dots=True) == every
