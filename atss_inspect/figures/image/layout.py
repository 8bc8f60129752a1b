"""Where things stand on the page of a picture: panels in a grid, their titles."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures import sheet
from atss_inspect.figures.image.view import Window
from atss_inspect.figures.theme import TEXT_SIZE, Theme

LARGEST_COLUMNS = 5
KEY_GAP = 0.06  # inches
WIDTH = 5.2  # inches; one column of print
LEFT = sheet.MARGIN
INNER = WIDTH - 2 * LEFT  # between the margins
GAP = 0.14
FLAT = 0.45  # height by width; flatter panels stand below one another
_TALLEST_CELL = 5.6
_TITLE_LINE = 0.17  # inches from the title to the words below it
_SUBTITLE_SIZE = 8.0
_SUBTITLE_LINE = 0.13
_TITLE_AIR = 0.03


class Grid(NamedTuple):
    """Cells of one width, filled row by row; all in inches."""

    columns: int
    width: float  # of a panel
    heights: Sequence[float] = ()  # of each panel, without its title
    lines: Sequence[Sequence[str]] = ()  # above each: the title and the words below it

    @property
    def rows(self) -> list[tuple[float, float]]:
        """Of each row the room for the most lines above a panel, and the highest."""
        found = []
        for start in range(0, len(self.heights), self.columns):
            row = slice(start, start + self.columns)
            below = max(map(len, self.lines[row]), default=0) - 1
            title = _TITLE_LINE + below * _SUBTITLE_LINE + _TITLE_AIR
            found.append((title * (below >= 0), max(self.heights[row])))
        return found

    @property
    def height(self) -> float:
        """Height of all rows."""
        return sum(map(sum, self.rows)) + (len(self.rows) - 1) * GAP

    def corner(self, number: int) -> tuple[float, float]:
        """Left and top of a cell, its title included, from the body's top left."""
        row, column = divmod(number, self.columns)
        down = sum(map(sum, self.rows[:row])) + row * GAP
        return column * (self.width + GAP), down


def make_grid(
    ratios: Sequence[float],
    titles: Sequence[tuple[str, str]],
    *,
    columns: int = 0,
    across: float = INNER,
) -> Grid:
    """Choose how many panels stand side by side: flat ones below one another.

    Parameters
    ----------
    ratios : height by width of each panel
    titles : title and words below it of each panel; no words, no room. The title is cut
        off if need be. What follows a comma or semicolon stays on one line if it fits
        there.
    columns : as many, if given
    across : inches that there are
    """
    number, ratio = len(ratios), max(ratios)
    if not columns:
        widest = 1 if ratio < FLAT else 3 if ratio >= 1.2 or number == 3 else 2
        columns = min(number, widest)
    width = min((across - (columns - 1) * GAP) / columns, _TALLEST_CELL / ratio)
    above = []
    for title, words in titles:
        lines: list[str] = []
        for part in re.split(r"(?<=[,;]) ", words):
            joined = f"{lines[-1]} {part}" if lines else ""
            if lines and sheet.text_width(joined, _SUBTITLE_SIZE) < width:
                lines[-1] = joined
            else:
                lines += sheet.wrapped(part, width, _SUBTITLE_SIZE)
        above.append([sheet.fitted(title, width, TEXT_SIZE, bold=True), *lines])
    return Grid(columns, width, [width * each for each in ratios], above)


def bare_sheet(
    heading: sheet.Heading, theme: Theme, *, body: float
) -> tuple[Figure, float]:
    """Make a sheet, and tell the top of its body in inches."""
    page = sheet.new_sheet(heading, theme, width=WIDTH, body=body + 0.1)
    return page.figure, page.top - 0.05


def panel_axes(
    figure: Figure, grid: Grid, number: int, top: float, window: Window
) -> Axes:
    """Make the axes of a panel's window, with its title and the lines below it."""
    page_width, page_height = figure.get_size_inches()
    left, down = grid.corner(number)
    left, high = LEFT + left, top - down
    for place, text in enumerate(grid.lines[number] if grid.lines else ()):
        below = _TITLE_LINE + (place - 1) * _SUBTITLE_LINE if place else 0.0
        style: Any = {"size": _SUBTITLE_SIZE if place else TEXT_SIZE, "va": "top"}
        style["weight"] = "normal" if place else "bold"
        x, y = left / page_width, (high - below) / page_height
        figure.text(x, y, sheet.isolated(text), **style)
    tall = grid.width * window.ratio
    bottom = high - grid.rows[number // grid.columns][0] - tall
    size = grid.width / page_width, tall / page_height
    axes = figure.add_axes((left / page_width, bottom / page_height, *size))
    axes.set_axis_off()
    axes.set_xlim(window.x1, window.x2)
    axes.set_ylim(window.y2, window.y1)
    return axes
