"""`positives_figure`: the bars, their places and the words."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from atss_inspect.figures import positives as plot
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.positives import positives_figure, positives_text
from atss_inspect.figures.theme import DEFAULT_THEME, Theme
from tests.command_line import lacking
from tests.figure_checks import EACH_THEME, assert_legible, words, written
from tests.object_tables import (
    ATSS,
    FCOS,
    RETINANET,
    counts,
    named,
    objects,
    side_by_side,
)

BOTH = (ATSS, RETINANET)
# Ten objects each; ATSS: 2 tiny ones with nothing, 8 small ones with 9 positives.
# RetinaNet: 2 tiny ones with 1 and 2, 8 small ones with 24 to 31.
TABLE = side_by_side(
    objects(ATSS, [*counts(0, 0, size="tiny"), *counts(*[9] * 8)]),
    objects(RETINANET, [*counts(1, 2, size="tiny"), *counts(*range(24, 32))]),
)
# 0, 1, 2, 3, 4-5, 6-7, 8-11, 12-15, 16-23, 24-31
LAST_BIN = 9


# What many tests only read.
drawn_once = cache(lambda: positives_figure(TABLE, BOTH))


def panel(figure: Figure, row: int, column: int) -> Any:
    """Find a panel of two presets; rows are all, tiny, small, medium, large."""
    return figure.axes[column * 5 + row]


def heights(axes: Any) -> list[float]:
    """Heights of the bars; the one of 0, drawn last, comes first."""
    drawn = [round(bar.get_height(), 6) for bar in axes.patches]
    return [drawn[-1], *drawn[:-1]]


def test_bars_are_shares_of_the_objects_of_a_preset_and_size() -> None:
    figure = drawn_once()
    assert len(figure.axes) == 10
    assert len({axes.get_xlim() for axes in figure.axes}) == 1
    # Presets share the scale of a row; rows differ.
    tops = [panel(figure, row, 0).get_ylim() for row in range(5)]
    assert tops == [panel(figure, row, 1).get_ylim() for row in range(5)]
    assert tops[0] != tops[2]
    # ATSS, all: 2 of 10 have none, 8 of 10 are in 8-11, which is bin 6.
    every = np.zeros(LAST_BIN + 1)
    every[[0, 6]] = 0.2, 0.8
    np.testing.assert_allclose(heights(panel(figure, 0, 0)), every)
    # RetinaNet, tiny: one object with 1, one with 2. Small: all in 24-31.
    tiny, small = np.zeros((2, LAST_BIN + 1))
    tiny[[1, 2]] = 0.5
    small[LAST_BIN] = 1
    np.testing.assert_allclose(heights(panel(figure, 1, 1)), tiny)
    np.testing.assert_allclose(heights(panel(figure, 2, 1)), small)


def test_bars_of_objects_with_only_low_quality_matches_are_hollow() -> None:
    # Of ten: one without a positive, four with 2 positives, of which three have only
    # low-quality matches, and five with 9.
    rows = [*counts(0, 2, *[9] * 5), *counts(2, 2, 2, low=2)]
    figure = positives_figure(objects(RETINANET, rows), RETINANET)
    hollow, full = [], []
    for bar in figure.axes[0].patches[:-1]:
        (full if bar.get_facecolor()[3] else hollow).append(bar)
    assert [round(bar.get_height(), 6) for bar in full[:2]] == [0, 0.1]
    assert [round(bar.get_height(), 6) for bar in hollow[:2]] == [0, 0.3]
    assert hollow[1].get_y() == pytest.approx(0.1)
    assert [bool(bar.get_linewidth()) for bar in hollow[:2]] == [False, True]
    assert sum(bar.get_height() for bar in full + hollow) == pytest.approx(0.9)
    assert "only low-quality matches" in " ".join(words(figure))
    assert plot.positives_verdict(objects(RETINANET, rows), (RETINANET,)) == (
        "retinanet-mmdet leaves 10.0% of objects without a positive. Only low-quality "
        "matches: retinanet-mmdet 30.0%."
    )
    assert "low-quality" not in " ".join(words(drawn_once()))


@pytest.mark.parametrize("theme", EACH_THEME)
def test_objects_without_a_positive_have_their_color_and_hatch_and_presets_theirs(
    theme: Theme,
) -> None:
    figure = positives_figure(TABLE, BOTH, theme=theme)
    looks = looks_of(BOTH, theme)
    for column, settings in enumerate(BOTH):
        *others, without = panel(figure, 0, column).patches
        assert to_hex(without.get_edgecolor()) == theme.poor
        assert without.get_hatch()
        colors = {to_hex(bar.get_facecolor()) for bar in others}
        assert colors == {looks[settings.name].color}
        assert not any(bar.get_hatch() for bar in others)
    assert_legible(figure)


def test_the_share_without_a_positive_and_the_expected_ones_stand_where_any_are() -> (
    None
):
    figure = drawn_once()
    first, tiny, second = (
        written(panel(figure, *place).texts) for place in ((0, 0), (1, 0), (0, 1))
    )
    assert first[:2] == ["20.0%", "9"]
    assert second == ["26.5"]
    assert tiny[:2] == ["100%", "0"]
    assert "Dashed: 0.2·k·L" in " ".join(words(figure))
    assert DEFAULT_THEME.poor == figure.axes[0].texts[0].get_color()
    # Only ATSS has the line of expected positives.
    dashed = [
        [line.get_xdata()[0] for line in axes.lines if line.get_linestyle() == "--"]
        for axes in figure.axes
    ]
    expected = [float(plot.axis_place(9, plot.bin_limits(31)))]
    # There are no medium and no large objects.
    assert dashed == [expected] * 3 + [[]] * 7


@pytest.mark.slow
def test_no_line_runs_through_words() -> None:
    # With 29 of 40 in the highest bar the words stand at the height of 50 %.
    table = objects(ATSS, counts(*[9] * 29, *[3] * 11))
    figure = positives_figure(table, ATSS)
    assert words(figure).count("no objects") == 3
    assert_legible(figure)
    # 8 of 20: words above the bar of those without stand at the height of 50 %.
    figure = positives_figure(objects(ATSS, counts(*[0] * 8, *[9] * 12)), ATSS)
    assert "40.0%" in words(figure)
    assert_legible(figure)


def test_long_tails_stay_legible() -> None:
    table = objects(FCOS, counts(0, 1, 30, 400, 5000))
    assert_legible(positives_figure(table, FCOS))


UNASSIGNED = side_by_side(
    objects(ATSS, counts(0)), objects(FCOS, counts(0)), objects(RETINANET, counts(1))
)
ATSS_LEAVES = "atss-mmdet leaves 20.0% of objects without a positive"
BOTH_LEAVE = "atss-mmdet and fcos-mmdet each leave 100% of objects without a positive"


def test_the_title_names_the_largest_shares() -> None:
    title = drawn_once().texts[0].get_text().replace("\n", " ")
    assert title == f"{ATSS_LEAVES}, retinanet-mmdet 0%"
    rows = [*counts(0, 2, *[9] * 5), *counts(2, 2, 2, low=2)]
    table = side_by_side(TABLE, objects(named(RETINANET, "own"), rows))
    figure = positives_figure(table, (*BOTH, named(RETINANET, "own")))
    assert figure.texts[0].get_text().replace("\n", " ") == (
        "20.0% get no positive (atss-mmdet), 30.0% only low-quality ones (own)"
    )


@pytest.mark.parametrize(
    ("table", "settings", "expected"),
    [
        (TABLE, BOTH, f"{ATSS_LEAVES}, retinanet-mmdet 0%."),
        (TABLE[:0], BOTH, "There are no objects to assign."),
        (TABLE, (RETINANET,), "Every object gets a positive under retinanet-mmdet."),
        (TABLE, (ATSS,), f"{ATSS_LEAVES}."),
        (UNASSIGNED, (ATSS, FCOS), f"{BOTH_LEAVE}."),
        (UNASSIGNED, (ATSS, FCOS, RETINANET), f"{BOTH_LEAVE}, retinanet-mmdet 0%."),
    ],
)
def test_the_verdict_names_the_extremes(
    table: Any, settings: Any, expected: str
) -> None:
    assert plot.positives_verdict(table, settings) == expected


def test_the_text_has_the_numbers_of_the_figure() -> None:
    text = positives_text(TABLE, BOTH)
    rows = ("objects 10 10", "without a positive 2 20.0% 0 0%", "median 9 26.5")
    rows += ("only low-quality matches - 0 0%", "0.2*k*L (ATSS paper) 9.0 -")
    rows += ("tiny, median 0 1.5", "small, median 9 27.5", "medium, median - -")
    assert lacking(text, *rows, "large, median - -") == []
    assert " ".join(text.split()).endswith(
        f"verdict: {ATSS_LEAVES}, retinanet-mmdet 0%."
    )
    # Only the paper of ATSS expects a number.
    assert "0.2*k*L" not in positives_text(TABLE, (RETINANET,))
