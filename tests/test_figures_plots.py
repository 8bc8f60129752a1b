"""The table of plots, and what every plot of all objects must be: legible."""

from typing import Any

import pytest

from atss_inspect.errors import SettingsError
from atss_inspect.figures.against import AGAINST
from atss_inspect.figures.plots import DATA, PLOTS, Plot
from atss_inspect.figures.size import size_figure
from tests.figure_checks import assert_legible, words
from tests.object_tables import ATSS, FCOS, HOSTILE, counts, hostile_table, objects

OF_OBJECTS = [plot for plot in PLOTS.values() if plot.panel == DATA]
# All but `compare`, which takes a comparison.
OF_TABLES = [plot for plot in OF_OBJECTS if plot.name != "compare"]
NO_OVERLAP = [{"mean": 0.0, "std": 0.0, "levels": (0, 0, 0, 0, 0)}]
FEW = {"none": [], "starved": [*counts(0, 0), *NO_OVERLAP], "one": counts(9)}
each_plot = pytest.mark.parametrize("plot", OF_TABLES, ids=lambda plot: plot.name)


@each_plot
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(rows, id=name, marks=pytest.mark.slow if name == "one" else [])
        for name, rows in FEW.items()
    ],
)
def test_few_objects_make_a_legible_figure(
    rows: list[dict[str, Any]], plot: Plot
) -> None:
    table = objects(ATSS, rows) if rows else objects(ATSS, counts(9))[:0]
    figure = plot.figure(table, (ATSS,))
    assert_legible(figure)
    shown = words(figure)
    if plot.name == "levels":
        is_starved = not rows or rows[0]["levels"][0] == 0
        assert ("no positives" in shown) == is_starved
    else:  # there are panels of sizes without objects
        assert ("no objects" in shown) == (not rows or plot.name == "positives")
    assert plot.verdict(table, (ATSS,)).endswith(".")


@each_plot
def test_hostile_names_stay_in_their_columns(plot: Plot) -> None:
    is_tall = plot.name in ("positives", "threshold")
    table, each = hostile_table(HOSTILE[1::3] if is_tall else HOSTILE)
    assert_legible(plot.figure(table, each, data="<x>" * 100))


@pytest.mark.slow
@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("rows", FEW.values(), ids=FEW)
def test_few_objects_are_legible_against_every_property(
    rows: list[dict[str, Any]], against: str
) -> None:
    table = objects(ATSS, rows) if rows else objects(ATSS, counts(9))[:0]
    assert_legible(size_figure(table, ATSS, against=against))


@each_plot
def test_a_text_ends_in_the_verdict(plot: Plot) -> None:
    table = objects(ATSS, counts(0, 9))
    text = plot.text(table, (ATSS,))
    words_of_verdict = " ".join(text.rpartition("\nverdict: ")[2].split())
    assert words_of_verdict == plot.verdict(table, (ATSS,))


def test_a_plot_refuses_conventions_it_cannot_show() -> None:
    for plot in OF_TABLES:
        plot.require((ATSS,))
    PLOTS["levels"].require((ATSS, FCOS))
    with pytest.raises(SettingsError, match="expected an ATSS preset, got fcos-mmdet"):
        PLOTS["threshold"].require((ATSS, FCOS))
