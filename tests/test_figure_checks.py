"""The checks of figures find what they look for, also in a figure that has changed."""

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.figure_checks import assert_legible, visible_texts


def page_with(*words: tuple[float, float, str]) -> Figure:
    figure = Figure((4, 2))
    for x, y, text in words:
        figure.text(x, y, text)
    return figure


def chart() -> Figure:
    """Draw a line with a title and a legend."""
    figure = Figure((4, 3))
    axes = figure.subplots()
    axes.plot([1, 2], [3, 4], label="old entry")
    axes.set_title("old title")
    axes.legend()
    return figure


def read(figure: Figure) -> set[str]:
    return {text for text, _, _ in visible_texts(figure)}


def test_words_upon_each_other_are_named() -> None:
    assert_legible(page_with((0.1, 0.2, "one"), (0.1, 0.7, "two"), (0.6, 0.2, "three")))
    figure = page_with((0.1, 0.2, "one"), (0.6, 0.7, "two"), (0.12, 0.22, "three"))
    with pytest.raises(AssertionError, match="'one' overlaps 'three'") as raised:
        assert_legible(figure)
    assert "two" not in str(raised.value).splitlines()[0]


SIDES = {
    "on the left": (-0.1, 0.5),
    "on the right": (0.99, 0.5),
    "below": (0.5, -0.1),
    "above": (0.5, 0.99),
}


@pytest.mark.parametrize("side", SIDES)
def test_words_that_leave_the_page_are_named(side: str) -> None:
    with pytest.raises(AssertionError, match=f"'far' leaves the figure {side}"):
        assert_legible(page_with((0.4, 0.4, "inside"), (*SIDES[side], "far")))


def note(**style: Any) -> tuple[Figure, Axes]:
    figure = Figure((4, 3))
    axes = figure.subplots()
    axes.set(xlim=(0, 1), ylim=(0, 1), axisbelow=True)
    axes.grid(visible=False)
    axes.text(0.3, 0.5, "note", va="center", **style)
    return figure, axes


STRIKES: dict[str, Callable[[Axes], object]] = {
    "curve": lambda axes: axes.plot([0, 1], [0.5, 0.5]),
    "dashed": lambda axes: axes.axvline(0.35, linestyle="--"),
    "grid": lambda axes: (axes.set_yticks([0.5]), axes.grid(visible=True)),
    "contour": lambda axes: axes.contour([[0, 0], [1, 1]], [0.5], extent=(0, 1, 0, 1)),
}


@pytest.mark.parametrize("draw", STRIKES.values(), ids=STRIKES)
def test_words_that_a_line_runs_through_are_named(
    draw: Callable[[Axes], object],
) -> None:
    # A ground hides only the lines below it.
    ground = {"facecolor": "white"}
    for style in ({}, {"bbox": ground, "zorder": 0.1}):
        figure, axes = note(**style)
        draw(axes)
        with pytest.raises(AssertionError, match="a line runs through 'note'"):
            assert_legible(figure)
    figure, axes = note(bbox=ground, zorder=5)
    draw(axes)
    assert_legible(figure)


def test_lines_beside_words_or_cut_off_are_none_of_theirs() -> None:
    figure, axes = note()
    axes.plot([0, 1], [0.3, 0.3])
    axes.plot([0.35, 0.35], [2, 3])
    axes.text(0.5, 1.1, "above", va="center")
    axes.plot([0.55, 0.55], [0.8, 2])  # ends where the axes do
    assert_legible(figure)


def test_an_unchanged_figure_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Figure] = []
    draw = Figure.draw_without_rendering
    monkeypatch.setattr(
        Figure,
        "draw_without_rendering",
        lambda figure: (drawn.append(figure), draw(figure)),
    )
    figure = chart()
    assert_legible(figure)
    assert {"old title", "old entry"} < read(figure)
    assert drawn == [figure]


CHANGES: dict[str, Callable[[Figure], object]] = {
    "title": lambda figure: figure.axes[0].set_title("new"),
    "legend": lambda figure: figure.axes[0].get_legend().get_texts()[0].set_text("new"),
    "label": lambda figure: figure.axes[0].set_xlabel("new"),
    "page": lambda figure: figure.text(0.01, 0.01, "new"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_figure_that_has_changed_is_read_anew(
    change: Callable[[Figure], object],
) -> None:
    figure = chart()
    assert "new" not in read(figure)
    change(figure)
    assert "new" in read(figure)
