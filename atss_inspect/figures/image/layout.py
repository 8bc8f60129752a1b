"""Panels in rows, by hand: a constrained layout would take longer than all the rest."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures.image.view import Window
from atss_inspect.figures.sheet import (
    MARGIN,
    Heading,
    fitted,
    new_sheet,
    text_width,
    wrapped,
)
from atss_inspect.figures.theme import TEXT_SIZE, Theme

WIDTH = 5.2  # inches; one column of print
LEFT = MARGIN
INNER = WIDTH - 2 * LEFT  # between the margins
_TALLEST_CELL = 6.4
_GAP = 0.14
_TITLE_LINE = 0.17  # inches from the title to the words below it
_SUBTITLE_SIZE = 7.5
_SUBTITLE_LINE = 0.13
_TITLE_AIR = 0.03


class Grid(NamedTuple):
    """Cells of one size, filled row by row; all in inches.

    Attributes
    ----------
    num_panels, columns : how many
    width : of a panel
    cell_height : of a panel, without its title
    lines : above each panel; the title and all of the words below it
    """

    num_panels: int
    columns: int
    width: float
    cell_height: float
    lines: Sequence[Sequence[str]] = ()

    @property
    def title_height(self) -> float:
        """Room above each panel: for the most lines that one has."""
        if not self.lines:
            return 0.0
        num_below = max(map(len, self.lines)) - 1
        return _TITLE_LINE + num_below * _SUBTITLE_LINE + _TITLE_AIR

    @property
    def rows(self) -> int:
        """Number of rows."""
        return -(-self.num_panels // self.columns)

    @property
    def has_free_cell(self) -> bool:
        """Whether there is a cell without a panel in the last row."""
        return self.rows * self.columns > self.num_panels

    @property
    def height(self) -> float:
        """Height of all rows."""
        each = self.title_height + self.cell_height
        return self.rows * each + (self.rows - 1) * _GAP

    def corner(self, number: int) -> tuple[float, float]:
        """Left and top of a cell, its title included, from the body's top left."""
        row, column = divmod(number, self.columns)
        each = self.title_height + self.cell_height + _GAP
        return column * (self.width + _GAP), row * each

    def scale(self, window: Window) -> float:
        """Points of the page per input pixel of a panel."""
        return self.width * 72 / window.width


def make_grid(
    ratios: Sequence[float], titles: Sequence[tuple[str, str]] = (), *, columns: int = 0
) -> Grid:
    """Choose how many panels stand side by side: flat ones below one another.

    Parameters
    ----------
    ratios : height by width of each panel
    titles : title and words below it of each panel; no words, no room. The title is cut
        off if need be. What follows a comma or semicolon stays on one line if it fits
        there.
    columns : as many, if given
    """
    number, ratio = len(ratios), max(ratios)
    if not columns:
        widest = 1 if ratio < 0.45 else 3 if ratio >= 1.2 else 2
        columns = min(number, widest)
    width = (INNER - (columns - 1) * _GAP) / columns
    width = min(width, _TALLEST_CELL / ratio)
    lines = [
        [fitted(title, width, TEXT_SIZE, bold=True), *_folded(words, width)]
        for title, words in titles
    ]
    return Grid(number, columns, width, width * ratio, lines)


def _folded(words: str, width: float) -> list[str]:
    """Break words into lines, if possible only after a comma or semicolon."""
    lines: list[str] = []
    for part in re.split(r"(?<=[,;]) ", words):
        joined = f"{lines[-1]} {part}" if lines else ""
        if lines and text_width(joined, _SUBTITLE_SIZE) < width:
            lines[-1] = joined
        else:
            lines += wrapped(part, width, _SUBTITLE_SIZE)
    return lines


def bare_sheet(heading: Heading, theme: Theme, *, body: float) -> tuple[Figure, float]:
    """Make a sheet without a layout engine.

    Returns
    -------
    The figure, and the top of its body in inches from below.
    """
    figure = new_sheet(heading, theme, width=WIDTH, body=body + 0.1)
    engine: Any = figure.get_layout_engine()
    bottom = float(engine.get()["rect"][1])
    figure.set_layout_engine("none")
    return figure, bottom * figure.get_size_inches()[1] + body + 0.05


def panel_axes(
    figure: Figure, grid: Grid, number: int, top: float, window: Window
) -> Axes:
    """Make the axes of a panel's window, with its title and the lines below it."""
    page_width, page_height = figure.get_size_inches()
    left, down = grid.corner(number)
    left, high = LEFT + left, top - down
    for place, text in enumerate(grid.lines[number] if grid.lines else ()):
        below = _TITLE_LINE + (place - 1) * _SUBTITLE_LINE if place else 0.0
        figure.text(
            left / page_width,
            (high - below) / page_height,
            text,
            size=_SUBTITLE_SIZE if place else TEXT_SIZE,
            weight="normal" if place else "bold",
            va="top",
        )
    tall = grid.width * window.ratio
    bottom = high - grid.title_height - tall
    size = grid.width / page_width, tall / page_height
    axes = figure.add_axes((left / page_width, bottom / page_height, *size))
    axes.set_axis_off()
    axes.set_xlim(window.x1, window.x2)
    axes.set_ylim(window.y2, window.y1)
    return axes
