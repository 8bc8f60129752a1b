"""What the signs mean: which of them, in which words, in a strip laid out by hand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from atss_inspect.figures.image import marks
from atss_inspect.figures.image.view import Panel, View
from atss_inspect.figures.sheet import fitted, text_width
from atss_inspect.figures.theme import Theme
from atss_inspect.views import numbers

KEY_SIZE = 8.0  # points
_LINE = 0.19  # inches
_SIGN_ROOM = 0.2
_GAP = 0.17


class Entry(NamedTuple):
    """One sign and its words.

    Attributes
    ----------
    text : what it means
    marker : of matplotlib, or empty for a box
    style : more of the sign's properties, as `Line2D` or `Rectangle` take them
    """

    text: str
    marker: str
    style: dict[str, Any]


class _Placed(NamedTuple):
    """An entry with its left end and its middle, inches from the top left corner."""

    entry: Entry
    text: str
    x: float
    y: float


class Key(NamedTuple):
    """Entries flowed into a width; ``height`` in inches."""

    placed: tuple[_Placed, ...]
    height: float

    @property
    def is_whole(self) -> bool:
        """Whether no words are cut off."""
        return all(each.text == each.entry.text for each in self.placed)

    def draw(self, figure: Figure, *, left: float, top: float) -> None:
        """Draw at a place, in inches from the left and from the bottom."""
        width, height = figure.get_size_inches()
        for entry, text, x, y in self.placed:
            middle = (left + x + 0.07) / width, (top - y) / height
            figure.add_artist(_sign(entry, middle, (width, height)))
            place = (left + x + _SIGN_ROOM) / width, middle[1]
            figure.text(*place, text, size=KEY_SIZE, va="center_baseline", ha="left")


def flow(entries: Sequence[Entry], width: float) -> Key:
    """Set entries one after the other, in as many lines as they need."""
    placed, x, line = [], 0.0, 0
    for entry in entries:
        text = fitted(entry.text, width - _SIGN_ROOM, KEY_SIZE)
        wide = _SIGN_ROOM + text_width(text, KEY_SIZE)
        if x and x + wide > width:
            x, line = 0.0, line + 1
        placed.append(_Placed(entry, text, x, (line + 0.5) * _LINE))
        x += wide + _GAP
    return Key(tuple(placed), (line + 1) * _LINE if placed else 0.0)


def _sign(
    entry: Entry, middle: tuple[float, float], size: tuple[float, float]
) -> Line2D | Rectangle:
    """Make the sign of an entry; it is placed in fractions of the figure."""
    x, y = middle
    if entry.marker:
        return Line2D([x], [y], marker=entry.marker, linestyle="none", **entry.style)
    wide, tall = 0.15 / size[0], 0.1 / size[1]
    corner = x - wide / 2, y - tall / 2
    return Rectangle(corner, wide, tall, fill=False, **entry.style)


# --- which signs there are ----------------------------------------------------------


def key_entries(
    panels: Sequence[Panel], view: View, theme: Theme, *, color: str = ""
) -> list[Entry]:
    """List the signs that some panels show, with counts where there is one panel.

    ``color`` is that of the object whose candidates are shown.
    """
    if not any(one.scene.num_gt or one.scene.left_out for one in panels):
        return []
    if view.candidates is not None:
        return [*_outcomes(panels, theme, color), *_boxes(panels, theme, color)]
    entries = [*_levels(panels, view, theme), *_boxes(panels, theme, color)]
    if view.has_contested:
        ring = {"markersize": 7.5, "markerfacecolor": "none"}
        number = sum(
            int(np.count_nonzero(one.scene.is_contested[one.positives]))
            for one in panels
        )
        text = "contested" + (f": {number}" if len(panels) == 1 else "")
        entries.append(Entry(text, "o", ring | {"markeredgecolor": theme.ink}))
    return entries


def _levels(panels: Sequence[Panel], view: View, theme: Theme) -> Iterator[Entry]:
    """Explain the markers of the levels."""
    if view.by_level:
        return
    counts: Counter[tuple[int, str]] = Counter()
    for panel in panels:
        names = panel.scene.grids.pyramid.level_names
        number = panel.scene.level_counts().tolist()
        counts.update({(each, names[each]): number[each] for each in panel.levels})
    for (level, name), number in sorted(counts.items()):
        marker, size = marks.level_sign(level, 4.2 + 0.7 * level)
        style = {
            "markersize": size,
            "markerfacecolor": theme.faint_ink,
            "markeredgecolor": marks.edge_color(theme),
            "markeredgewidth": 0.4,
        }
        text = f"{name}: {numbers.count(number)}" if len(panels) == 1 else name
        yield Entry(text, marker, style)


def _boxes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    """Explain the kinds of boxes that occur."""
    kinds = zip(*map(marks.kinds_of_boxes, panels), strict=True)
    fed, starved, others = (any(map(np.any, kind)) for kind in kinds)
    won = any(one.winners for one in panels)
    left_out = any(one.scene.left_out for one in panels)
    own, grey = color or marks.palette(theme)[0], theme.faint_ink
    other_words = "other object" if color else "positives on other levels only"
    dashes, dots = (0, (2, 0.9)), (0, (1, 1.2))
    for is_found, text, edge, width, line in (
        (fed, "object with positives", own, 1.2, "solid"),
        (starved, "object without a positive", theme.starved, 1.8, dashes),
        (won, "object it lost to", theme.ink, 1.4, "solid"),
        (others, other_words, grey, 0.8, "solid"),
        (left_out, "left out by data rules", grey, 0.9, dots),
    ):
        if is_found:
            style = {"edgecolor": edge, "linewidth": width, "linestyle": line}
            yield Entry(text, "", style)


def _outcomes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    """Explain what became of candidates."""
    counts: Counter[str] = Counter()
    for panel in panels:
        counts.update(panel.tried.counts() if panel.tried else {})
    for name, (marker, is_filled, text) in marks.OUTCOME_SIGNS.items():
        if name in counts:
            face, edge = marks.outcome_colors(name, theme, color)
            style = {
                "markersize": 5.5,
                "markerfacecolor": face,
                "markeredgecolor": edge,
                "markeredgewidth": 0.5 if is_filled else 1.0,
            }
            number = f": {counts[name]}" if len(panels) == 1 else ""
            yield Entry(f"{text}{number}", marker, style)
