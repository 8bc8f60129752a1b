"""Texts at a terminal: folded into lines, and names, which are data from files.

Names must neither act on the terminal nor break a table. The width never depends on the
terminal: the same input gives the same bytes.
"""

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

ELLIPSIS = "\u2026"
WIDTH = 80
# Longer names of presets are broken at their hyphens.
HEADING_WIDTH = 16
LINES_OF_HEADING = 4
NEARLY_THE_SAME = 0.9  # IoU
# Without them families of emoji and some scripts fall apart: zero-width non-joiner and
# joiner.
_JOINERS = "\u200c\u200d"


def printable(text: str) -> str:
    """Escape what is not to be seen: control characters, changes of direction, ..."""
    if text.isprintable():
        return text
    return "".join(
        sign
        if sign.isprintable() or sign in _JOINERS
        else sign.encode("unicode_escape").decode("ascii")
        for sign in text
    )


def alike_words(iou: float | None, *, is_same: bool = False) -> str:
    """Words for a box that is nearly another one, as copies are; empty if it is not."""
    if is_same or iou == 1:
        return "which has the same box"
    if iou is None or iou < NEARLY_THE_SAME:
        return ""
    # Rounded down: what is not the same is not 1.
    return f"nearly the same box (IoU {math.floor(iou * 100) / 100:.2f})"


def cell_width(text: str) -> int:
    """Count the columns a text takes on a terminal; wide signs take two."""
    if text.isascii():
        return len(text)
    # Rich knows the widths, and is loaded only for names that need it.
    from rich.cells import cell_len

    return cell_len(text)


def clip(text: str, width: int) -> str:
    """Shorten a text to so many columns, the end marked as cut off."""
    if cell_width(text) <= width:
        return text
    kept, used = "", 0
    for sign in text:  # marks of no width stay with the sign before them
        used += cell_width(sign)
        if used >= width:
            break
        kept += sign
    return kept + ELLIPSIS


def clip_middle(text: str, width: int) -> str:
    """Shorten a text to so many columns, cut in the middle: its end tells it apart."""
    if cell_width(text) <= width:
        return text
    start, used = len(text), 0
    while start and used + cell_width(text[start - 1]) <= (width - 1) // 2:
        start -= 1
        used += cell_width(text[start])
    end = text[start:].lstrip()
    while end and not cell_width(end[0]):  # a mark of a sign that is cut off
        end = end[1:]
    return clip(text, width - cell_width(end)) + end


def pad(text: str, width: int, *, is_text: bool = True) -> str:
    """Fill up with spaces on the right; on the left of what is a number."""
    space = " " * (width - cell_width(text))
    return text + space if is_text else space + text


def heading_lines(name: str, width: int = HEADING_WIDTH) -> list[str]:
    """Break a preset's name after hyphens and dots, into lines of its columns."""
    width = max(HEADING_WIDTH, width)
    lines = [""]
    for piece in re.findall(r"[^-._]+[-._]?|[-._]", printable(name)):
        if cell_width(lines[-1] + piece) > width and lines[-1]:
            lines.append("")
        lines[-1] += piece
    if len(lines) > LINES_OF_HEADING:
        lines[LINES_OF_HEADING - 1 :] = ["".join(lines[LINES_OF_HEADING - 1 :])]
    return [clip(line, width) for line in lines]


def name_of_id(ann_id: Any) -> str:
    """Annotation or image id as text; ``(no id)`` for None."""
    return "(no id)" if ann_id is None else printable(str(ann_id))


class Screen(NamedTuple):
    """What an answer is written for: a terminal, or by default a pipe or a file."""

    width: int = WIDTH
    has_color: bool = False


PLAIN = Screen()


def fold(
    text: str, *, first: str = "", rest: str | None = None, width: int = WIDTH
) -> list[str]:
    """Fold a text between words; paths and names are better whole than broken."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_lines(lines: Iterable[str]) -> str:
    """End every line."""
    return "".join(f"{line}\n" for line in lines)


def without_shared_start(paths: Sequence[list[str]]) -> list[list[str]]:
    """Drop the parts that all paths begin with, but never the whole of one."""
    longest = min(map(len, paths)) - 1
    number = 0
    while number < longest and len({path[number] for path in paths}) == 1:
        number += 1
    return [path[number:] for path in paths]
