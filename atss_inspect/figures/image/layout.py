"""Panels in rows, by hand: a constrained layout would take longer than all the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from atss_inspect.figures.image.ruler import Ruler
from atss_inspect.figures.sheet import MARGIN, Heading, new_sheet
from atss_inspect.figures.theme import TEXT_SIZE, Theme

WIDTH = 5.2  # inches; one column of print
_TALLEST_CELL = 6.4
_GAP = 0.14
_TITLE_ROOM = 0.33  # for two lines above a panel
_SUBTITLE_SIZE = 7.5


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
    title_height = _TITLE_ROOM if number > 1 else 0.0
    return Grid(number, columns, width, width * ratio, title_height)


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
    ratio: float,
    lines: tuple[str, str] | None,
) -> Axes:
    """Make the axes of a panel, with its title and a second line."""
    page_width, page_height = figure.get_size_inches()
    left, down = grid.corner(number)
    left, high = grid.margin + left, top - down
    for text, size, weight, below in zip(
        lines or (),
        (TEXT_SIZE, _SUBTITLE_SIZE),
        ("bold", "normal"),
        (0, 0.17),
        strict=False,
    ):
        figure.text(
            left / page_width,
            (high - below) / page_height,
            Ruler(size, weight=weight).fitted(text, grid.width),
            size=size,
            weight=weight,
            va="top",
        )
    tall = grid.width * ratio
    bottom = high - grid.title_height - tall
    axes = figure.add_axes(
        (
            left / page_width,
            bottom / page_height,
            grid.width / page_width,
            tall / page_height,
        )
    )
    axes.set_axis_off()
    return axes
