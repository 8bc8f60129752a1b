"""`threshold_figure`: a marker for each object, by the level that serves it."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

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


def markers(figure: Figure) -> list[Any]:
    """Lists of points: each level filled, then hollow; those without positives last."""
    return [line for line in figure.axes[0].lines if line.get_linestyle() == "None"]


def points(line: Any) -> list[tuple[float, float]]:
    return list(zip(line.get_xdata(), line.get_ydata(), strict=True))


def test_an_object_stands_at_mean_and_std_under_its_level() -> None:
    drawn = [points(line) for line in markers(drawn_once())]
    assert len(drawn) == 2 * (len(LEVELS) + 1)
    assert drawn[0] == [(0.1, 0.15)]  # P3, one level
    assert drawn[3] == [(0.24, 0.12)]  # P4, several levels
    assert drawn[10] == [(0.05, 0.05)]  # none
    assert sum(map(len, drawn)) == 3


@pytest.mark.parametrize("theme", EACH_THEME)
def test_unassigned_objects_have_their_color_and_several_levels_are_hollow(
    theme: Theme,
) -> None:
    figure = threshold_figure(TABLE, ATSS, theme=theme)
    drawn = markers(figure)
    assert to_hex(drawn[10].get_color()) == theme.poor
    assert drawn[10].get_marker() == "x"
    assert [line.get_fillstyle() for line in drawn[:2]] == ["full", "none"]
    colors = {to_hex(line.get_color()) for line in drawn}
    assert len(colors) == len(LEVELS) + 1
    assert len({line.get_marker() for line in drawn}) == len(LEVELS) + 1
    assert_legible(figure)


def test_legend_lines_strip_and_axes_say_what_they_are() -> None:
    main, strip = drawn_once().axes
    legend = main.get_legend()
    expected = [
        "P3 (1)",
        "P4 (1)",
        "P5 (0)",
        "P6 (0)",
        "P7 (0)",
        "without a positive (1)",
    ]
    assert written(legend.get_texts()) == expected
    # Lines of equal threshold add up.
    lines = [line for line in main.lines if line.get_linestyle() == "--"]
    sums = [np.add(*line.get_data()).tolist() for line in lines]
    assert sums == [[n / 10, n / 10] for n in range(1, len(sums) + 1)] != []
    assert "threshold 0.1" in written(main.texts)
    # Below is the share of objects by std / mean.
    one, several = strip.patches
    for drawn, expected in ((one, 1.5), (several, 0.5)):
        vertices = drawn.get_path().vertices
        top = vertices[vertices[:, 1] == 1][:, 0]
        assert top.min() <= expected <= top.max()
    assert main.get_xlabel() == "mean of the candidates' IoUs"
    assert main.get_ylabel() == "standard deviation (std)"
    assert strip.get_xlabel() == "std / mean of an object's candidates"


def test_of_many_objects_evenly_spaced_ones_are_drawn_and_it_says_so() -> None:
    table = objects(ATSS, [{"mean": n / 1e5, "std": 0.1} for n in range(5000)])
    figure = threshold_figure(table, ATSS)
    drawn = points(markers(figure)[0])
    assert len(drawn) == plot.MAX_MARKERS
    assert [x for x, _ in drawn[:3]] == [0, 2e-5, 4e-5]
    assert "Drawn: 2,500 of 5,000 objects, evenly" in " ".join(words(figure))
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
    assert lacking(text, *rows, "without a positive 1 0.050 0.050 0.100 1.00") == []
    told = " ".join(text.rpartition("\nverdict: ")[2].split())
    assert told == plot.threshold_verdict(TABLE, (ATSS,))
