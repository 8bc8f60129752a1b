"""How much room words take, and how they are broken to fit."""

import re
import warnings
from collections.abc import Iterator
from functools import lru_cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from atss_inspect.figures.theme import TEXT_SIZE, font_families
from atss_inspect.views.names import ELLIPSIS, printable

_POINTS = 72  # per inch
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
    return float(measured[0]) / _POINTS * _HINTING


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
    if text_width(text, size, bold=bold) <= inches:
        return text
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        shorter = _shortened(text, middle, is_middle_cut=is_middle_cut)
        if text_width(shorter, size, bold=bold) <= inches:
            fits = middle
        else:
            too_long = middle
    return _shortened(text, fits, is_middle_cut=is_middle_cut)


def _shortened(text: str, number: int, *, is_middle_cut: bool) -> str:
    """Keep so many signs of a text, half of them at its end if the middle is cut."""
    at_end = number // 2 if is_middle_cut else 0
    end = text[len(text) - at_end :].lstrip()
    return text[: number - at_end].rstrip() + ELLIPSIS + end


def preset_title(name: str, inches: float) -> str:
    """Break the name of a preset, in bold ``TITLE_SIZE``, into two lines at most."""
    lines = wrapped(printable(name), inches, TITLE_SIZE, bold=True, max_lines=2)
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
