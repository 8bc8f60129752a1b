"""The page every figure is drawn on: heading, room for the axes, a note below.

And the ways of writing on axes that several figures share.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.transforms import Transform

from atss_inspect.figures.lettering import wrapped
from atss_inspect.figures.theme import TEXT_SIZE, Theme

MARGIN = 0.12  # inches, on all sides
_LINE = 1.35  # height of a line of text, in sizes


@dataclass(frozen=True)
class Heading:
    """What a figure says in words.

    Attributes
    ----------
    title : what is shown
    lines : the verdict, the data, the convention: what the axes do not say
    note : small print below
    """

    title: str
    lines: Sequence[str] = ()
    note: str = ""


def new_sheet(
    heading: Heading, theme: Theme, *, width: float = 5.2, body: float = 3.0
) -> Figure:
    """Make a figure with its words written and the axes laid out in between.

    Parameters
    ----------
    heading : wrapped to the width, however long
    theme : of the colors; make the figure inside ``drawn_in(theme)``
    width : inches
    body : inches of height for the axes; the figure is as much higher as words need

    Returns
    -------
    Figure whose axes are kept off the words by a constrained layout; `settle` it when
    everything is in place.
    """
    inner = width - 2 * MARGIN
    title = wrapped(heading.title, inner, TEXT_SIZE + 2, bold=True)
    lines = [part for line in heading.lines for part in wrapped(line, inner, TEXT_SIZE)]
    note = wrapped(heading.note, inner, TEXT_SIZE - 1.5)
    top = MARGIN + _height(title, TEXT_SIZE + 2) + _height(lines, TEXT_SIZE)
    bottom = MARGIN + _height(note, TEXT_SIZE - 1.5)
    height = top + body + bottom
    layout = ConstrainedLayoutEngine(
        rect=(0, bottom / height, 1, body / height), w_pad=MARGIN, h_pad=0.06
    )
    figure = Figure(figsize=(width, height), layout=layout)
    high = 1 - MARGIN / height
    low = high - _height(title, TEXT_SIZE + 2) / height
    bold: dict[str, Any] = {"weight": "bold", "linespacing": 1.2}
    faint = {"color": theme.faint_ink}
    for words, y, va, size, style in (
        (title, high, "top", TEXT_SIZE + 2, bold),
        (lines, low, "top", TEXT_SIZE, faint),
        (note, MARGIN / height, "bottom", TEXT_SIZE - 1.5, faint),
    ):
        text = "\n".join(words)
        figure.text(MARGIN / width, y, text, va=va, ha="left", size=size, **style)
    return figure


def settle(figure: Figure) -> Figure:
    """Lay the axes out once and for all: drawn again, nothing moves."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with warnings.catch_warnings():
            # A sign that no font has is drawn as an empty box, which says as much.
            warnings.simplefilter("ignore", UserWarning)
            engine.execute(figure)
        figure.set_layout_engine("none")
    return figure


def write(
    axes: Axes,
    text: str,
    place: tuple[float, float],
    align: str = "center center",
    *,
    shift: tuple[float, float] | None = None,
    space: Transform | None = None,
    **style: Any,
) -> Text:
    """Write on axes.

    Parameters
    ----------
    text : one or several lines
    place : x, y in the data of the axes, or in ``space`` if that is given
    align : which end of the text stands there, and which height of it
    shift : points to the right and upward from there
    style : of the text
    """
    style["ha"], style["va"] = align.split()
    if shift is None:
        return axes.text(*place, text, transform=space or axes.transData, **style)
    offset: dict[str, Any] = {"xytext": shift, "textcoords": "offset points"}
    return axes.annotate(text, place, xycoords=space or "data", **offset, **style)


def write_no_objects(axes: Axes, **style: Any) -> None:
    """Write in the middle of axes that there is nothing to draw."""
    write(axes, "no objects", (0.5, 0.5), space=axes.transAxes, **style)


def panels_of_presets(
    figure: Figure, number: int, *, across: int, rows: int, **layout: Any
) -> list[list[Axes]]:
    """Make some panels below one another for each preset; what is more wraps.

    Parameters
    ----------
    number, across : of presets, and how many of them stand side by side
    rows : panels of a preset
    layout : of the panels, as ``Figure.subplots`` takes it
    """
    bands = -(-number // across)
    panels: Any = figure.subplots(rows * bands, across, squeeze=False, **layout)
    columns = [
        list(band[:, column])
        for band in np.split(panels, bands)
        for column in range(across)
    ]
    for unused in columns[number:]:
        for axes in unused:
            axes.remove()
    return columns[:number]


def hide_frame(axes: Axes, *sides: str, grid: str = "both") -> None:
    """Leave out ticks, grid lines of the axis ``grid`` and some sides of the frame."""
    axes.tick_params(length=0)
    axes.grid(visible=False, axis=grid)  # type: ignore[arg-type]
    if sides:
        axes.spines[list(sides)].set_visible(False)


def _height(lines: Sequence[str], size: float) -> float:
    """Height of some lines in inches, with a little air below."""
    return len(lines) * size * _LINE / 72 + (0.04 if lines else 0)
