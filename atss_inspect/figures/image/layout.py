"""Panels in rows, by hand: a constrained layout would take longer than all the rest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from atss_inspect.figures.image.view import Window
from atss_inspect.figures.lettering import fitted, text_width, wrapped
from atss_inspect.figures.sheet import MARGIN, Heading, new_sheet
from atss_inspect.figures.theme import TEXT_SIZE, Theme

WIDTH = 5.2  # inches; one column of print
_TALLEST_CELL = 6.4
_GAP = 0.14
_TITLE_LINE = 0.17  # inches from the title to the words below it
_SUBTITLE_SIZE = 7.5
_SUBTITLE_LINE = 0.13
_TITLE_AIR = 0.03


@dataclass(frozen=True)
class Grid:
    """Cells of one size, filled row by row; all in inches.

    Attributes
    ----------
    num_panels, columns : how many
    width : of a panel
    cell_height : of a panel, without its title
    title_height : above each panel
    """

    num_panels: int
    columns: int
    width: float
    cell_height: float
    title_height: float
    margin: float = MARGIN

    @property
    def inner(self) -> float:
        """Width between the margins."""
        return WIDTH - 2 * self.margin

    @property
    def rows(self) -> int:
        """Number of rows."""
        return -(-self.num_panels // self.columns)

    @property
    def num_free(self) -> int:
        """Number of cells without a panel, in the last row."""
        return self.rows * self.columns - self.num_panels

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


def make_grid(ratios: Sequence[float], *, columns: int = 0) -> Grid:
    """Choose how many panels stand side by side: flat ones below one another.

    Parameters
    ----------
    ratios : height by width of each panel
    columns : as many, if given
    """
    number, ratio = len(ratios), max(ratios)
    if not columns:
        widest = 1 if ratio < 0.45 else 3 if ratio >= 1.2 else 2
        columns = min(number, widest)
    inner = WIDTH - 2 * MARGIN
    width = (inner - (columns - 1) * _GAP) / columns
    width = min(width, _TALLEST_CELL / ratio)
    return Grid(number, columns, width, width * ratio, title_height=0.0)


def make_room(
    grid: Grid, titles: Sequence[tuple[str, str]]
) -> tuple[Grid, list[list[str]]]:
    """Break the words above panels into lines, and give every cell room for the most.

    Parameters
    ----------
    grid : of the panels
    titles : title and words below it of each panel; no words, no room

    Returns
    -------
    The grid with its titles' height, and the lines of each panel: the title, cut off if
    need be, and all of the words below it. What follows a comma or semicolon stays on
    one line if it fits there.
    """
    lines = [
        [fitted(title, grid.width, TEXT_SIZE, bold=True), *_folded(words, grid)]
        for title, words in titles
    ]
    if not lines:
        return grid, []
    num_below = max(map(len, lines)) - 1
    height = _TITLE_LINE + num_below * _SUBTITLE_LINE + _TITLE_AIR
    return replace(grid, title_height=height), lines


def _folded(words: str, grid: Grid) -> list[str]:
    """Break words into lines, if possible only after a comma or semicolon."""
    lines: list[str] = []
    for part in re.split(r"(?<=[,;]) ", words):
        joined = f"{lines[-1]} {part}" if lines else ""
        if lines and text_width(joined, _SUBTITLE_SIZE) < grid.width:
            lines[-1] = joined
        else:
            lines += wrapped(part, grid.width, _SUBTITLE_SIZE)
    return lines


def bare_sheet(heading: Heading, theme: Theme, *, body: float) -> tuple[Figure, float]:
    """Make a sheet without a layout engine.

    Returns
    -------
    The figure, and the top of its body in inches from below.
    """
    figure = new_sheet(heading, theme, width=WIDTH, body=body + 0.1)
    engine = figure.get_layout_engine()
    bottom = 0.0
    if isinstance(engine, ConstrainedLayoutEngine):
        bottom = float(engine.get()["rect"][1])
    figure.set_layout_engine("none")
    return figure, bottom * figure.get_size_inches()[1] + body + 0.05


def panel_axes(
    figure: Figure,
    grid: Grid,
    number: int,
    top: float,
    window: Window,
    lines: Sequence[str],
) -> Axes:
    """Make the axes of a panel's window, with its title and the lines below it."""
    page_width, page_height = figure.get_size_inches()
    left, down = grid.corner(number)
    left, high = grid.margin + left, top - down
    for place, text in enumerate(lines):
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
