"""Which boxes a convention can see: positives over width and height."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.arrays import Float64Array
from atss_inspect.figures import reach_panel
from atss_inspect.figures.lettering import TITLE_SIZE, wrapped
from atss_inspect.figures.looks import Look, looks_of
from atss_inspect.figures.sheet import Heading, new_sheet, settle, write
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import convention_line, plot_text, short_name
from atss_inspect.statistics.reach import SEEN_FROM, Reach, Sight
from atss_inspect.statistics.summary import share
from atss_inspect.views import numbers
from atss_inspect.views.layout import fold
from atss_inspect.views.names import printable

TITLE = "Which boxes get positives"
NOTE = (
    "Each box is alone on an image of the preset's own size; mean of 64 places. No "
    "other object takes anchors away. Blank: no such image holds the box. 1:8 boxes: "
    "px of the short side."
)
SIGHT_NOTE = (
    "A box is seen if at least half of 64 places on an image of the preset's own size "
    "give it a positive, with no other box there. px: input pixels."
)
_SMALL = TEXT_SIZE - 1
_PANEL = 2.0  # inches, one of two panels side by side

Boxes = Mapping[str, Float64Array]


def reach_figure(
    reaches: Sequence[Reach],
    boxes: Boxes | None = None,
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw positives over width and height, and the line beyond which nothing is seen.

    Parameters
    ----------
    reaches : one panel each, two in a row; their names differ
    boxes : preset -> (G, 2) float64 width, height of the user's boxes in input pixels;
        drawn as dots, at most ``MAX_DOTS`` of them, chosen at random but always the
        same
    data : a line that names the user's data
    theme : the colors
    """
    known = boxes or {}
    settings = [each.settings for each in reaches]
    lines = [*_top_words(reaches, known), data, convention_line(settings)]
    looks = looks_of(settings, theme)
    words = _words_of_panels(reaches, known)
    body = _height([len(lines) for lines in words[::2]])
    with drawn_in(theme):
        heading = Heading(TITLE, lines, NOTE)
        figure = new_sheet(heading, theme, body=body)
        panels, bar, key = _lay_out(figure, len(reaches))
        for axes, reach in zip(panels, reaches, strict=True):
            name = reach.settings.name
            mesh = reach_panel.draw_positives(axes, reach, theme)
            reach_panel.draw_dots(axes, reach, known.get(name), theme)
            reach_panel.draw_limits(axes, reach, theme)
            reach_panel.set_axes(axes, reach.sight.sides, is_left=axes in panels[::2])
        for axes, reach, lines in zip(panels, reaches, words, strict=False):
            _entitle(axes, reach.settings.name, lines, looks)
        reach_panel.draw_shades(figure, mesh, bar, theme)
        reach_panel.draw_key(key, reaches, has_dots=bool(known), theme=theme)
        return settle(figure)


def _top_words(reaches: Sequence[Reach], boxes: Boxes) -> list[str]:
    """Write what stands above everything; a single panel needs no words of its own."""
    words = [reach_verdict(reaches)]
    if len(reaches) == 1 and boxes:
        own = boxes[reaches[0].settings.name]
        counted = boxes_words(reaches[0], own)
        words.append(f"{counted[:1].upper()}{counted[1:]}.")
    return words


def _words_of_panels(reaches: Sequence[Reach], boxes: Boxes) -> list[list[str]]:
    """Write the lines above each panel, as many for both of a row; none above one."""
    if len(reaches) == 1:
        return []
    words = [_panel_words(each, boxes.get(each.settings.name)) for each in reaches]
    for pair in (words[place : place + 2] for place in range(0, len(words), 2)):
        for lines in pair:
            lines += [""] * (max(map(len, pair)) - len(lines))
    return words


def _height(lines_above: Sequence[int]) -> float:
    """Count the inches that rows of panels need, with so many lines above each."""
    if not lines_above:
        return 5.4
    return sum(_PANEL + 0.72 + 0.14 * number for number in lines_above) + 1.15


def _lay_out(figure: Figure, number: int) -> tuple[list[Axes], Axes, Axes]:
    """Make the panels, two in a row, the axes of the shades and those of the key."""
    across, down = min(number, 2), -(-number // 2)
    heights = [_PANEL] * down + [0.11, 0.2]
    grid = figure.add_gridspec(down + 2, across, height_ratios=heights)
    places = [grid[divmod(place, across)] for place in range(number)]
    panels = [figure.add_subplot(place) for place in places]
    key = figure.add_subplot(grid[down + 1, :])
    key.set_axis_off()
    return panels, figure.add_subplot(grid[down, :]), key


def _entitle(
    axes: Axes, name: str, words: Sequence[str], looks: Mapping[str, Look]
) -> None:
    """Name the preset, and write below what it sees."""
    style: Any = {"space": axes.transAxes, "size": _SMALL - 0.5, "linespacing": 1.25}
    write(axes, "\n".join(words), (0, 1), "left bottom", shift=(0, 5), **style)
    title = wrapped(printable(name), _PANEL, TITLE_SIZE, bold=True, max_lines=1)
    axes.set_title(
        title[0] if title else "",
        color=looks[name].color,
        size=TITLE_SIZE,
        pad=9 + 9.6 * len(words),
    )


# --- words --------------------------------------------------------------------------


def sight_words(reach: Reach) -> str:
    """Name the smallest squares and thin boxes that a convention sees."""
    if not reach.sight.is_everywhere:
        return f"sees {_smallest(reach.sight)}"
    if reach.unforced is None:
        return "every box gets a positive"
    return (
        "every box gets a positive, as a low-quality match if need be; by IoU alone "
        f"{_smallest(reach.unforced)}"
    )


def _smallest(sight: Sight, *, is_brief: bool = False) -> str:
    """Name the smallest boxes seen: "squares from 6 px, 1:8 boxes from 14 px"."""
    parts = []
    for ratio, side in sight.smallest.items():
        shape = "squares" if ratio == 1 else f"1:{ratio} boxes"
        is_plain = is_brief or ratio == 1
        end = "" if is_plain else " on the short side"
        parts.append(f"no {shape}" if side is None else f"{shape} from {side} px{end}")
    return ", ".join(parts)


def boxes_words(reach: Reach, boxes: Float64Array) -> str:
    """Count the user's boxes that are beyond the reach of a convention."""
    number, is_forced = _num_beyond(reach, boxes)
    of_all = f"{numbers.count(number)} of {numbers.plural(len(boxes), 'object')}"
    amount = f"{of_all} ({numbers.percent(share(number, len(boxes)))})"
    if is_forced:
        return f"{amount} beyond the reach of IoU alone"
    starved = round(float(reach.sight.share_at(boxes).sum()))
    return (
        f"{amount} beyond its reach; by their shapes, about "
        f"{numbers.count(starved)} would get nothing"
    )


def _num_beyond(reach: Reach, boxes: Float64Array) -> tuple[int, bool]:
    """Count the boxes beyond the line; whether it is the one of IoU alone."""
    is_forced = reach.sight.is_everywhere and reach.unforced is not None
    sight = reach.unforced if is_forced and reach.unforced else reach.sight
    return int(np.count_nonzero(sight.share_at(boxes) > 1 - SEEN_FROM)), is_forced


def reach_verdict(reaches: Sequence[Reach]) -> str:
    """Name in a sentence who sees the smallest boxes."""
    names = {_name(each): each.sight.smallest[1] for each in reaches}
    if len(reaches) == 1:
        [name] = names
        words = sight_words(reaches[0])
        verb = "" if words.startswith("sees") else ": "
        return f"{name}{verb or ' '}{words}."
    everywhere = [_name(each) for each in reaches if each.sight.is_everywhere]
    others = {name: side for name, side in names.items() if name not in everywhere}
    sentences = []
    if everywhere:
        verb = "feeds" if len(everywhere) == 1 else "feed"
        sentences.append(f"{numbers.joined(everywhere)} {verb} boxes of any size")
    by_side: dict[int | None, list[str]] = {}
    for name, side in sorted(others.items(), key=lambda item: item[1] or np.inf):
        by_side.setdefault(side, []).append(name)
    for side, group in by_side.items():
        verb = "sees" if len(group) == 1 else "see"
        what = "no squares" if side is None else f"squares from {side} px"
        sentences.append(f"{numbers.joined(group)} {verb} {what}")
    return "; ".join(sentences) + "."


def _name(reach: Reach) -> str:
    """Name a convention, which may come from a file."""
    return short_name(reach.settings.name, 40)


def reach_text(reaches: Sequence[Reach], boxes: Boxes | None = None) -> str:
    """Write what the figure says in words, and the verdict."""
    lines = []
    for each in reaches:
        lines += fold(f"{_name(each)}: {sight_words(each)}", rest="  ")
        if boxes:
            lines += fold(boxes_words(each, boxes[each.settings.name]), first="  ")
    return plot_text(
        [each.settings for each in reaches],
        "".join(f"{line}\n" for line in lines),
        notes=[SIGHT_NOTE],
        verdict=reach_verdict(reaches),
    )


def _panel_words(reach: Reach, boxes: Float64Array | None) -> list[str]:
    """Write what one of several panels shows, in lines that fit."""
    sentences = [_brief_words(reach)]
    if boxes is not None:
        number, is_forced = _num_beyond(reach, boxes)
        amount = f"{numbers.count(number)} of {numbers.count(len(boxes))} boxes"
        part = f"({numbers.percent(share(number, len(boxes)))})"
        end = "beyond IoU alone" if is_forced else "beyond"
        sentences.append(f"{amount} {part} {end}")
    return [line for text in sentences for line in wrapped(text, _PANEL, _SMALL - 0.5)]


def _brief_words(reach: Reach) -> str:
    """Write what `sight_words` writes, in fewer words."""
    sight = reach.sight
    if not sight.is_everywhere:
        return f"sees {_smallest(sight, is_brief=True)}"
    if reach.unforced is None:
        return "sees every box"
    alone = _smallest(reach.unforced, is_brief=True)
    return f"sees every box by low-quality matches; by IoU alone {alone}"
