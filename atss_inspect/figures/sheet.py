"""The page every figure is drawn on: heading, room for the axes, a note below.

And the ways of writing on axes that several figures share: how much room words take,
and how they are broken to fit.
"""

import itertools
import re
import warnings
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Transform

from atss_inspect.arrays import Float64Array
from atss_inspect.figures.theme import TEXT_SIZE, Theme, font_families
from atss_inspect.views.names import ELLIPSIS, printable

MARGIN = 0.12  # inches, on all sides but the upper one
_TOP = 0.08
WIDTH = 4.4  # inches: what is printed or shown 8 cm wide stays legible
INNER = WIDTH - 2 * MARGIN
TITLE, TOPIC, NOTE = TEXT_SIZE + 1, TEXT_SIZE - 1, TEXT_SIZE - 1.5
_LINE = 1.3  # height of a line of text, in sizes
# Names in scripts from right to left, and what keeps the words around in place.
_RTL = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]"
_RTL_NAME = re.compile(f"{_RTL}+(?:[-_. \\d]*{_RTL}+)*")
_ISOLATE, _POP = "\u2068", "\u2069"
_KNOWS_DIRECTIONS = mpl.__version_info__ >= (3, 11)


@dataclass(frozen=True)
class Heading:
    """What a figure says in words."""

    title: str  # the finding
    lines: Sequence[str] = ()  # the topic, small: what is shown, of which data
    note: str = ""  # small print below: how it is read, conventions


@dataclass(frozen=True)
class Sheet:
    """A figure with its words written, and the body between them for axes."""

    figure: Figure
    top: float  # of the body, inches from the lower edge
    bottom: float

    @property
    def tall(self) -> float:
        """Height of the page in inches."""
        return float(self.figure.get_size_inches()[1])

    def axes(self, left: float, down: float, width: float, height: float) -> Axes:
        """Make axes, in inches from the upper left corner of the body."""
        wide, tall = self.figure.get_size_inches()
        low = self.top - down - height
        return self.figure.add_axes(
            (left / wide, low / tall, width / wide, height / tall)
        )


def new_sheet(
    heading: Heading, theme: Theme, *, width: float = WIDTH, body: float
) -> Sheet:
    """Make a figure with its words written, and room for the axes in between.

    ``width`` and ``body``, the height for the axes, are in inches; the figure is as
    much higher as its words need, wrapped to the width, however long. Make it inside
    ``drawn_in(theme)``.
    """
    inner = width - 2 * MARGIN
    title = wrapped(heading.title, inner, TITLE, bold=True)
    lines = [part for line in heading.lines for part in wrapped(line, inner, TOPIC)]
    note = wrapped(heading.note, inner, NOTE)
    bottom = MARGIN + _height(note, NOTE)
    top = bottom + body
    height = top + _TOP + _height(title, TITLE) + _height(lines, TOPIC)
    figure = Figure(figsize=(width, height))
    high = height - _TOP
    low = high - _height(title, TITLE)
    bold: Any = {"weight": "bold", "linespacing": 1.2, "va": "top"}
    faint = {"color": theme.faint_ink, "va": "top"}
    for words, y, size, style in (
        (title, high, TITLE, bold),
        (lines, low, TOPIC, faint),
        (note, MARGIN, NOTE, faint | {"va": "bottom"}),
    ):
        text, place = isolated("\n".join(words)), (MARGIN / width, y / height)
        figure.text(*place, text, ha="left", size=size, **style)
    return Sheet(figure, top, bottom)


def isolated(text: str) -> str:
    """Keep names from right to left from turning the words around them.

    Older matplotlib knows no directions, and would draw the signs that are added.
    """
    if not _KNOWS_DIRECTIONS:
        return text
    return _RTL_NAME.sub(f"{_ISOLATE}\\g<0>{_POP}", text)


def shades_over(*values: Float64Array) -> Normalize:
    """Scale of shades from the smallest to the largest number that is known."""
    known = np.concatenate([each[~np.isnan(each)].ravel() for each in values])
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    return Normalize(low, high if high > low else low + 1)


def first_fitting(sentences: Iterable[str], inches: float, max_lines: int = 2) -> str:
    """Choose the first title that fits into so many lines of a width, or the last."""
    every = list(sentences)
    fits = (
        one for one in every if len(wrapped(one, inches, TITLE, bold=True)) <= max_lines
    )
    return next(fits, every[-1])


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
    whole = (re.sub(r"(?<=\w-)\n", "", one).replace("\n", " ") for one in said)
    return list(whole), (top, low)


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
    text = isolated(text)
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


def mark_median(
    axes: Axes, place: float, text: str, color: str, *, is_right: bool = False
) -> None:
    """Draw a triangle above a panel, with the number on one side of it."""
    space = axes.get_xaxis_transform()
    style: Any = {"color": color, "markersize": 4.5, "transform": space}
    axes.plot([place], [1.06], "v", clip_on=False, **style)
    align, right = ("left center", 5) if is_right else ("right center", -5)
    style = {"shift": (right, 0), "space": space, "size": TOPIC}
    write(axes, text, (place, 1.06), align, **style)


def label_ends(
    axes: Axes,
    ends: Sequence[tuple[str, float, float, str]],
    inches: float,
    *,
    size: float,
) -> None:
    """Name lines on the right of axes, at the height of their ends but apart.

    ``ends``: name, x and y of the end, color; joined to the name by a thin line. Call
    it when scales and limits are set.
    """
    figure: Any = axes.figure
    box = axes.get_position()
    wide, tall = figure.get_size_inches() * (box.width, box.height)
    to_axes = (axes.transData - axes.transAxes).transform
    places = [to_axes((x, y)) for _, x, y, _ in ends]
    wanted = [float(y) * tall * 72 for _, y in places]
    texts = [wrapped(printable(e[0]), inches, size, max_lines=2) for e in ends]
    gap = size * 1.25 * max(map(len, texts), default=1)
    rows = spread_out(wanted, gap=gap, top=tall * 72)
    for lines, end, (x, y), row in zip(texts, ends, places, rows, strict=True):
        up, right, text, color = (
            row / tall / 72,
            1 + 0.12 / wide,
            "\n".join(lines),
            end[3],
        )
        style: Any = {"size": size, "color": color, "space": axes.transAxes}
        style |= {"linespacing": 1.1}
        write(axes, text, (right + 0.03 / wide, up), "left center", **style)
        style = {"transform": axes.transAxes, "clip_on": False, "color": color}
        style |= {"linewidth": 0.7, "zorder": 2.5}
        axes.plot([x, 1.0, right], [y, y, up], **style)


def spread_out(wanted: Sequence[float], *, gap: float, top: float) -> list[float]:
    """Move places apart that are closer than a gap, in their order, up to a top.

    They come in any order; of equals the earlier stays below.
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    placed = list(wanted)
    for lower, upper in itertools.pairwise(order):
        placed[upper] = max(placed[upper], placed[lower] + gap)
    limit = top
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def hide_frame(axes: Axes, *sides: str, grid: str = "both") -> None:
    """Leave out ticks, grid lines of the axis ``grid`` and some sides of the frame."""
    axes.tick_params(length=0)
    axes.grid(visible=False, axis=grid)  # type: ignore[arg-type]
    if sides:
        axes.spines[list(sides)].set_visible(False)


def _height(lines: Sequence[str], size: float) -> float:
    """Height of some lines in inches, with a little air below."""
    return len(lines) * size * _LINE / 72 + (0.03 if lines else 0)


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
