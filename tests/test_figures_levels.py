"""`levels_figure`: shares by level, and the map of level by size."""

from functools import cache

import numpy as np
import pytest
from matplotlib.colors import to_hex

from atss_inspect.figures import levels as plot
from atss_inspect.figures.levels import levels_figure
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import Theme
from tests.command_line import lacking
from tests.figure_checks import EACH_THEME, assert_legible, written
from tests.object_tables import (
    ATSS,
    FCOS,
    objects,
    side_by_side,
)

BOTH = (ATSS, FCOS)
# ATSS: 8 of 10 positives on P3, 2 on P4. Small: all on P3; large: 2 on each.
# FCOS: 199 of 200 on P3, 1 on P7.
SMALL = {"levels": (6, 0, 0, 0, 0), "size": "small"}
LARGE = {"levels": (2, 2, 0, 0, 0), "size": "large"}
TINY = {"levels": (199, 0, 0, 0, 1), "size": "tiny"}
TABLE = side_by_side(objects(ATSS, [SMALL, LARGE]), objects(FCOS, [TINY]))


# What many tests only read.
drawn_once = cache(lambda: levels_figure(TABLE, BOTH))


def test_bars_and_the_rows_of_the_map_are_shares_of_the_positives() -> None:
    figure = drawn_once()
    uppers = figure.axes[::2]
    heights = [[bar.get_height() for bar in axes.patches] for axes in uppers]
    np.testing.assert_allclose(heights, [[0.8, 0.2, 0, 0, 0], [0.995, 0, 0, 0, 0.005]])
    # Rows of the map add up to one, and are empty without positives.
    expected = np.zeros((4, 5))
    expected[1, 0] = 1  # small
    expected[3, :2] = 0.5  # large
    [mesh] = figure.axes[1].collections
    np.testing.assert_allclose(mesh.get_array().reshape(4, 5), expected)
    texts = written(figure.axes[1].texts)
    assert texts == ["100", "0", "0", "0", "0", "50", "50", "0", "0", "0"]


@pytest.mark.parametrize("theme", EACH_THEME)
def test_presets_have_their_color(theme: Theme) -> None:
    figure = levels_figure(TABLE, BOTH, theme=theme)
    looks = looks_of(BOTH, theme)
    for place, settings in enumerate(BOTH):
        color = looks[settings.name].color
        bars = figure.axes[2 * place].patches
        assert {to_hex(bar.get_facecolor()) for bar in bars} == {color}
        [mesh] = figure.axes[2 * place + 1].collections
        assert to_hex(mesh.cmap(1.0)) == color
        assert to_hex(mesh.cmap(0.0)) == theme.paper
    assert_legible(figure)


def test_the_title_names_what_is_idle() -> None:
    title = drawn_once().texts[0].get_text().replace("\n", " ")
    assert title == "P5, P6 and P7 are idle under atss-mmdet"


def test_the_verdict_names_idle_levels_or_the_busiest() -> None:
    assert plot.levels_verdict(TABLE, BOTH) == (
        "Idle, with less than 1% of the positives: P5, P6 and P7 (atss-mmdet) and "
        "P4, P5, P6 and P7 (fcos-mmdet)."
    )
    assert (
        plot.levels_verdict(TABLE[:0], BOTH) == "There are no positives on any level."
    )
    table = objects(ATSS, [{"levels": (1, 2, 3, 4, 10)}])
    assert plot.levels_verdict(table, (ATSS,)) == (
        "No level is idle; most positives lie on P7 (atss-mmdet, 50.0%)."
    )


def test_the_text_has_the_numbers_of_the_figure() -> None:
    text = plot.levels_text(TABLE, (ATSS,))
    rows = ("P3 (stride 8) 80.0%", "P4 (stride 16) 20.0%", "P7 (stride 128) 0%")
    assert lacking(text, *rows, "tiny -", "small P3 100%", "large P3 50.0%") == []
    idle = "Idle, with less than 1% of the positives: P5, P6 and P7 (atss-mmdet)."
    assert text.endswith(f"\n\nverdict: {idle}\n")
