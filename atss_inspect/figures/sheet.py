"""The page every figure is drawn on: heading, room for the axes, a note below."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

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
    left, y = MARGIN / width, 1 - MARGIN / height
    style: dict[str, Any] = {"ha": "left", "va": "top"}
    figure.text(
        left,
        y,
        "\n".join(title),
        size=TEXT_SIZE + 2,
        weight="bold",
        linespacing=1.2,
        **style,
    )
    y -= _height(title, TEXT_SIZE + 2) / height
    figure.text(left, y, "\n".join(lines), color=theme.faint_ink, **style)
    figure.text(
        left,
        MARGIN / height,
        "\n".join(note),
        size=TEXT_SIZE - 1.5,
        color=theme.faint_ink,
        ha="left",
        va="bottom",
    )
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


def _height(lines: Sequence[str], size: float) -> float:
    """Height of some lines in inches, with a little air below."""
    return len(lines) * size * _LINE / 72 + (0.04 if lines else 0)
