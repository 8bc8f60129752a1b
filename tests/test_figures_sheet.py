"""The page of every figure: heading, axes, note."""

import pytest
from matplotlib.figure import Figure

from atss_inspect.figures.sheet import Heading, new_sheet, settle
from atss_inspect.figures.theme import DEFAULT_THEME, drawn_in
from tests.figure_checks import assert_legible
from tests.object_tables import HOSTILE


def make_sheet(heading: Heading, width: float = 5.2) -> Figure:
    with drawn_in(DEFAULT_THEME):
        figure = new_sheet(heading, DEFAULT_THEME, width=width, body=2.0)
        axes = figure.subplots()
        axes.set_xlabel("x")
        return settle(figure)


@pytest.mark.parametrize("text", [*HOSTILE[:2], *HOSTILE[3:], "a few words " * 30])
def test_words_of_any_length_keep_off_the_axes(text: str) -> None:
    assert_legible(make_sheet(Heading(text, [text, "second line"], text), width=3.2))


def test_the_figure_is_as_much_higher_as_the_words_need() -> None:
    low = make_sheet(Heading("Title"))
    high = make_sheet(Heading("Title", ["line"] * 5, "note"))
    assert high.get_figheight() > low.get_figheight() + 0.5
    assert low.axes[0].get_window_extent().height > 100


def test_drawn_again_nothing_moves() -> None:
    figure = make_sheet(Heading("Title", ["line"]))
    before = figure.axes[0].get_position().bounds
    figure.canvas.draw_idle()
    assert_legible(figure)
    assert figure.axes[0].get_position().bounds == before
