"""The table of plots, and what every plot of all objects must be: legible."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd
import pytest
from matplotlib.figure import Figure

from atss_inspect.cli import run
from atss_inspect.cli.plot import Pictures
from atss_inspect.figures.against import AGAINST
from atss_inspect.figures.plots import DATA, PLOTS, Plot
from atss_inspect.figures.sheet import WIDTH
from atss_inspect.figures.size import size_figure
from docs.make_gallery import entries_to_draw, page
from tests.figure_checks import assert_legible, words, written
from tests.object_tables import (
    ATSS,
    HOSTILE,
    counts,
    hostile_table,
    objects,
    several,
)
from tests.report_pages import answers_of, page_of
from tests.tiny_coco import street, write_coco

OF_OBJECTS = [plot for plot in PLOTS.values() if plot.panel == DATA]
# All but `compare`, which takes a comparison.
OF_TABLES = [plot for plot in OF_OBJECTS if plot.name != "compare"]
NO_OVERLAP = [{"mean": 0.0, "std": 0.0, "levels": (0, 0, 0, 0, 0)}]
ONE = objects(ATSS, counts(9))
UNASSIGNED = objects(ATSS, [*counts(0, 0), *NO_OVERLAP])
FEW = {"none": ONE[:0], "unassigned": UNASSIGNED, "one": ONE}
each_plot = pytest.mark.parametrize("plot", OF_TABLES, ids=lambda plot: plot.name)


@each_plot
@pytest.mark.parametrize(
    "table",
    [FEW["none"], FEW["unassigned"], pytest.param(FEW["one"], marks=pytest.mark.slow)],
    ids=FEW,
)
def test_few_objects_make_a_legible_figure(table: pd.DataFrame, plot: Plot) -> None:
    figure = plot.figure(table, (ATSS,))
    assert_legible(figure)
    shown = words(figure)
    if plot.name == "levels":
        assert ("no positives" in shown) == (not table["num_positives"].any())
    else:  # there are panels of sizes without objects
        assert ("no objects" in shown) == (table.empty or plot.name == "positives")
    assert plot.verdict(table, (ATSS,)).endswith(".")


@pytest.mark.slow
@each_plot
def test_hostile_names_stay_in_their_columns(plot: Plot) -> None:
    is_tall = plot.name in ("positives", "threshold")
    table, each = hostile_table(HOSTILE[1::3] if is_tall else HOSTILE)
    assert_legible(plot.figure(table, each, data="<x>" * 100))


@pytest.mark.slow
@pytest.mark.parametrize(("name", "rows"), [("levels", 2), ("positives", 5)])
def test_more_presets_than_fit_into_a_column_of_print_stand_below(
    name: str, rows: int
) -> None:
    figure = PLOTS[name].figure(*several())
    assert figure.get_figwidth() == pytest.approx(WIDTH)
    assert_legible(figure)
    first, third, fourth = (figure.axes[rows * place] for place in (0, 2, 3))
    assert fourth.get_position().x0 == first.get_position().x0
    assert fourth.get_position().width == first.get_position().width
    assert fourth.get_position().y1 < third.get_position().y0
    # It has names of rows of its own, and its axes are labelled.
    assert written(fourth.get_yticklabels()) == written(first.get_yticklabels())
    assert figure.axes[-1].get_xlabel() in ("level", "positives")


@pytest.mark.slow
@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize("table", FEW.values(), ids=FEW)
def test_few_objects_are_legible_against_every_property(
    table: pd.DataFrame, against: str
) -> None:
    assert_legible(size_figure(table, ATSS, against=against))


def test_a_plot_of_ones_own_is_a_module_and_a_row_of_the_table(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "atss_inspect.figures.own"
    module: Any = ModuleType(name)
    module.own_figure = lambda *_, **__: Figure((1, 1))
    module.own_text = lambda *_: "verdict: All is well.\n"
    module.own_verdict = lambda *_: "All is well."
    monkeypatch.setitem(sys.modules, name, module)
    words_of_it = {"title": "A plot of ones own", "reading": "It is empty."}
    plot = Plot("own", DATA, **words_of_it, help="A plot.", is_for_all=True)
    monkeypatch.setitem(PLOTS, "own", plot)
    monkeypatch.setattr(Pictures, "rows", (*Pictures.rows, ("own", DATA)))
    write_coco(Path("street.json"), street())

    assert run(["plot", "own", "--ann", "street.json", "-p", "atss-mmdet"]) == 0
    assert Path("own.png").exists()
    assert "\n\nverdict: All is well.\nnext: " in capsys.readouterr().out
    assert run(["plot", "--help"]) == 0
    assert "A plot." in capsys.readouterr().out
    report = page_of(answers_of(street(), "atss-mmdet")).html
    assert '<p class="finding">A plot of ones own</p>' in report
    assert "It is empty." in report
    page_of_all = page("3", entries_to_draw())
    assert "```sh\natss-inspect plot own\n```" in page_of_all
    assert "It is empty." in page_of_all
