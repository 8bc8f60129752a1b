"""The page every figure is drawn on: heading, room for the axes, a note below.

And the ways of writing on axes that several figures share: how much room words take,
and how they are broken to fit.
"""

import itertools
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Transform

from atss_inspect.figures.theme import TEXT_SIZE, Theme, font_families
from atss_inspect.views.names import ELLIPSIS, printable

MARGIN = 0.12  # inches, on all sides
# Where a legend above its panel stands.
ABOVE: Any = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderpad": 0.1}
_LINE = 1.35  # height of a line of text, in sizes


@dataclass(frozen=True)
class Heading:
    """What a figure says in words."""

    title: str  # what is shown
    lines: Sequence[str] = ()  # verdict, data, convention: what the axes do not say
    note: str = ""  # small print below


def new_sheet(
    heading: Heading, theme: Theme, *, width: float = 5.2, body: float
) -> Figure:
    """Make a figure with its words written and the axes laid out in between.

    Figure whose axes are kept off the words by a constrained layout; `settle` it when
    everything is in place. Make it inside ``drawn_in(theme)``. ``width`` and ``body``,
    the height for the axes, are in inches; the figure is as much higher as its heading
    needs, wrapped to the width, however long.
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
    bold: Any = {"weight": "bold", "linespacing": 1.2, "va": "top"}
    faint = {"color": theme.faint_ink, "va": "top"}
    below = faint | {"va": "bottom"}
    for words, y, size, style in (
        (title, high, TEXT_SIZE + 2, bold),
        (lines, low, TEXT_SIZE, faint),
        (note, MARGIN / height, TEXT_SIZE - 1.5, below),
    ):
        figure.text(MARGIN / width, y, "\n".join(words), ha="left", size=size, **style)
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


def take_words(figure: Figure) -> tuple[list[str], tuple[float, float]]:
    """Take the words of a sheet away, for a page that writes them itself.

    Returns the title, the lines, one text each, and the note; and which part of the
    height is left to the axes: from and to, from the top, as shares.
    """
    title, lines, note = figure.texts[:3]
    above = lines if lines.get_text() else title
    heights = (above.get_window_extent().y0, note.get_window_extent().y1)
    top, low = (1 - y / figure.bbox.height for y in heights)
    said = [text.get_text() for text in (title, lines, note)]
    for text in (title, lines, note):
        text.remove()
    # Lines end between words, or after a hyphen within one.
    return [re.sub(r"(?<=\w-)\n", "", one).replace("\n", " ") for one in said], (
        top,
        low,
    )


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
    """Write one or several lines on axes.

    At a place x, y in the data of the axes, or in ``space`` if that is given, and
    ``shift`` points to the right and upward from there, stands the end and the height
    of the text that ``align`` names.
    """
    style["ha"], style["va"] = align.split()
    if shift is None:
        return axes.text(*place, text, transform=space or axes.transData, **style)
    offset: dict[str, Any] = {"xytext": shift, "textcoords": "offset points"}
    return axes.annotate(text, place, xycoords=space or "data", **offset, **style)


def write_no_objects(axes: Axes, **style: Any) -> None:
    """Write in the middle of axes that there is nothing to draw."""
    write(axes, "no objects", (0.5, 0.5), space=axes.transAxes, **style)


def entitle(
    axes: Axes, name: str, inches: float, *, max_lines: int = 2, **style: Any
) -> None:
    """Write the name of a preset above axes."""
    title = preset_title(name, inches, max_lines=max_lines)
    axes.set_title(title, size=TITLE_SIZE, **style)


def panels_of_presets(
    figure: Figure, number: int, *, across: int, rows: int, **layout: Any
) -> list[list[Axes]]:
    """Make ``rows`` panels below one another for each of a number of presets.

    So many of these stand side by side; what is more wraps. ``layout`` is that of the
    panels, as ``Figure.subplots`` takes it.
    """
    bands = -(-number // across)
    panels: Any = figure.subplots(rows * bands, across, squeeze=False, **layout)
    columns = [list(column) for band in np.split(panels, bands) for column in band.T]
    for axes in itertools.chain.from_iterable(columns[number:]):
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


# Signs are moved to whole pixels when they are drawn, which widens lines by so much at
# most resolutions.
_HINTING = 1.085
TITLE_SIZE = TEXT_SIZE - 0.5  # of the names of presets above their panels


@lru_cache(maxsize=4096)
def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Measure a line in inches as the figures' fonts draw it; ``size`` in points."""
    font = FontProperties(
        family=font_families(), size=size, weight="bold" if bold else "normal"
    )
    with warnings.catch_warnings():
        # A sign that no font has is drawn as an empty box, which is measured.
        warnings.simplefilter("ignore", UserWarning)
        measured = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(measured[0]) / 72 * _HINTING


def wrapped(
    text: str,
    inches: float,
    size: float,
    *,
    bold: bool = False,
    max_lines: int | None = None,
) -> list[str]:
    """Break a text into lines that fit a width.

    Lines end between words; words that do not fit end after a hyphen or the like, or
    anywhere if need be. What is more than ``max_lines`` is cut off and marked. An empty
    text has no lines.
    """
    lines: list[str] = []
    for piece in _pieces(text, inches, size, bold=bold):
        if lines and text_width((lines[-1] + piece).rstrip(), size, bold=bold) < inches:
            lines[-1] += piece
        else:
            lines.append(piece)
    lines = [line.rstrip() for line in lines]
    if max_lines is None or len(lines) <= max_lines:
        return lines
    last = lines[max_lines - 1]
    while last and text_width(last + ELLIPSIS, size, bold=bold) >= inches:
        last = last[:-1]
    return [*lines[: max_lines - 1], last + ELLIPSIS]


def fitted(
    text: str,
    inches: float,
    size: float,
    *,
    bold: bool = False,
    is_middle_cut: bool = False,
) -> str:
    """Shorten a line to a width, the end or the middle marked as cut off."""

    def is_too_wide(shown: str) -> bool:
        return text_width(shown, size, bold=bold) > inches

    def shortened(number: int) -> str:
        at_end = number // 2 if is_middle_cut else 0
        end = text[len(text) - at_end :].lstrip()
        return text[: number - at_end].rstrip() + ELLIPSIS + end

    if not is_too_wide(text):
        return text
    kept = range(1, len(text))
    return shortened(bisect_left(kept, True, key=lambda n: is_too_wide(shortened(n))))


def preset_title(
    name: str,
    inches: float,
    *,
    size: float = TITLE_SIZE,
    bold: bool = True,
    max_lines: int = 2,
) -> str:
    """Break the name of a preset into few lines; what is more is cut off."""
    lines = wrapped(printable(name), inches, size, bold=bold, max_lines=max_lines)
    return "\n".join(lines)


def _pieces(text: str, inches: float, size: float, *, bold: bool) -> Iterator[str]:
    """Take a text apart into words, words into parts, and parts into signs."""
    for word in re.findall(r"\S+\s*", text):
        if text_width(word.rstrip(), size, bold=bold) < inches:
            yield word
            continue
        for part in re.findall(r"[^-._/]+[-._/]*|[-._/]+", word):
            if text_width(part, size, bold=bold) < inches:
                yield part
            else:
                yield from part
