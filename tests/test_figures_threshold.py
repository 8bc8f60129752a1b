"""`threshold_figure`: thresholds of objects, by the level that serves them."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from atss_inspect.figures import threshold as plot
from atss_inspect.figures.theme import Theme
from atss_inspect.figures.threshold import threshold_figure
from tests.command_line import lacking
from tests.figure_checks import EACH_THEME, assert_legible, words, written
from tests.object_tables import ATSS, LEVELS, objects

# Served by P3 alone, by P4 and P3, by nothing; std / mean is 1.5, 0.5 and 1.
ROWS: list[dict[str, Any]] = [
    {"levels": (9, 0, 0, 0, 0), "mean": 0.1, "std": 0.15},
    {"levels": (2, 5, 0, 0, 0), "mean": 0.24, "std": 0.12},
    {"levels": (0, 0, 0, 0, 0), "mean": 0.05, "std": 0.05},
]
TABLE = objects(ATSS, ROWS)


# What many tests only read.
drawn_once = cache(lambda: threshold_figure(TABLE, ATSS))


def test_each_level_has_a_density_with_its_median_in_words() -> None:
    levels, spread = drawn_once().axes
    names = written(levels.texts)
    assert names[:4] == ["P3\n1", "0.25", "P4\n1", "0.36"]
    assert names[-3:] == ["no positive\n1", "0.10", "median"]
    # The upright lines are the medians of mean + std, in the rows of their levels.
    medians = [e for e in levels.collections if isinstance(e, LineCollection)]
    places = [each.get_segments()[0].round(6).tolist() for each in medians]
    assert places == [
        [[x, row - 0.86], [x, row]] for x, row in ((0.25, 0), (0.36, 1), (0.1, 5))
    ]
    # A density is highest where its object is.
    curves = [line for line in levels.lines if len(line.get_xdata()) > 2]
    peaks = [line.get_xdata()[line.get_ydata().argmin()] for line in curves]
    np.testing.assert_allclose(peaks, [0.25, 0.36, 0.1], atol=0.005)
    assert written(spread.texts)[:4] == ["one level\n1", "1.50", "several\n1", "0.50"]
    assert levels.get_xlabel() == "threshold of the object (IoU)"
    assert spread.get_xlabel() == "std / mean of its candidates"


@pytest.mark.parametrize("theme", EACH_THEME)
def test_unassigned_objects_have_their_color_and_each_level_its_own(
    theme: Theme,
) -> None:
    figure = threshold_figure(TABLE, ATSS, theme=theme)
    names = [text for text in figure.axes[0].texts if "\n" in text.get_text()]
    inks = [to_hex(text.get_color()) for text in names]
    assert inks == [theme.ink] * len(LEVELS) + [theme.poor]
    curves = [line for line in figure.axes[0].lines if len(line.get_xdata()) > 2]
    colors = [to_hex(line.get_color()) for line in curves]
    assert len(set(colors)) == 3
    assert colors[-1] == theme.poor
    assert_legible(figure)


def test_the_title_names_where_thresholds_are_lowest_and_highest() -> None:
    table = objects(ATSS, ROWS[:1] * 10 + ROWS[1:2] * 10)
    title = threshold_figure(table, ATSS).texts[0].get_text()
    assert title == "Median threshold: 0.25 on P3, 0.36 on P4"
    # Objects without candidates are left out.
    table = objects(ATSS, [{"mean": np.nan, "std": np.nan}])
    assert "no objects" in words(threshold_figure(table, ATSS))


def test_the_text_has_the_medians_by_level() -> None:
    text = plot.threshold_text(TABLE, (ATSS,))
    rows = (
        "P3 1 0.100 0.150 0.250 1.50",
        "P4 1 0.240 0.120 0.360 0.50",
        "P7 0 - - - -",
    )
    rows += ("objects mean std threshold std/mean", "served by, medians")
    assert lacking(text, *rows, "no positive 1 0.050 0.050 0.100 1.00") == []
    told = " ".join(text.rpartition("\nverdict: ")[2].split())
    assert told == plot.threshold_verdict(TABLE, (ATSS,))
