"""What the signs mean: which of them, in which words, in a strip laid out by hand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from atss_inspect.figures.image import marks
from atss_inspect.figures.image.view import Panel, View
from atss_inspect.figures.lettering import fitted, text_width
from atss_inspect.figures.theme import Theme
from atss_inspect.views import numbers

KEY_SIZE = 8.0  # points
_LINE = 0.19  # inches
_SIGN_ROOM = 0.2
_GAP = 0.17
_DASHES = (0, (2, 0.9))
OUTCOME_WORDS = {
    "positive": "positive",
    "lost_to_others": "lost to another object",
    "under_threshold": "under mean + std",
    "under_bar": "under the IoU bar",
    "center_outside": "center outside the box",
    "outside_center_region": "outside center region",
    "outside_scale_range": "outside scale range",
}


@dataclass(frozen=True)
class Entry:
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


@dataclass(frozen=True)
class Key:
    """Entries flowed into a width.

    Attributes
    ----------
    placed : every entry
    height : inches
    """

    placed: tuple[_Placed, ...]
    height: float

    def draw(self, figure: Figure, *, left: float, top: float) -> None:
        """Draw at a place, in inches from the left and from the bottom."""
        width, height = figure.get_size_inches()
        for entry, text, x, y in self.placed:
            middle = (left + x + 0.07) / width, (top - y) / height
            figure.add_artist(_sign(entry, middle, (width, height)))
            figure.text(
                (left + x + _SIGN_ROOM) / width,
                (top - y) / height,
                text,
                size=KEY_SIZE,
                va="center_baseline",
                ha="left",
            )


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
    if entry.marker:
        x, y = middle
        return Line2D([x], [y], marker=entry.marker, linestyle="none", **entry.style)
    wide, tall = 0.15 / size[0], 0.1 / size[1]
    corner = middle[0] - wide / 2, middle[1] - tall / 2
    return Rectangle(corner, wide, tall, fill=False, **entry.style)


# --- which signs there are ----------------------------------------------------------


def key_entries(
    panels: Sequence[Panel], view: View, theme: Theme, *, color: str = ""
) -> list[Entry]:
    """List the signs that some panels show.

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
    """Explain the markers of the levels, with counts where there is one panel."""
    if view.by_level:
        return
    counts: Counter[tuple[int, str]] = Counter()
    for panel in panels:
        names = panel.scene.grids.pyramid.level_names
        number = panel.scene.level_counts().tolist()
        counts.update({(each, names[each]): number[each] for each in panel.levels})
    for (level, name), number in sorted(counts.items()):
        marker = marks.LEVEL_MARKERS[level % len(marks.LEVEL_MARKERS)]
        style = {
            "markersize": (4.2 + 0.7 * level) * (marks.DIAMOND if marker == "D" else 1),
            "markerfacecolor": theme.faint_ink,
            "markeredgecolor": marks.edge_color(theme),
            "markeredgewidth": 0.4,
        }
        text = f"{name}: {numbers.count(number)}" if len(panels) == 1 else name
        yield Entry(text, marker, style)


def _boxes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    """Explain the kinds of boxes that occur."""
    starved = fed = others = False
    for panel in panels:
        is_starved = panel.scene.is_unassigned & marks.is_looked_at(panel)
        is_fed = marks.has_positives(panel) & marks.is_looked_at(panel)
        starved |= bool(is_starved.any())
        fed |= bool(is_fed.any())
        is_other = ~(is_starved | is_fed)
        is_other[list(panel.winners)] = False
        others |= bool(is_other.any())
    if fed:
        style = {"edgecolor": color or marks.palette(theme)[0], "linewidth": 1.2}
        yield Entry("object with positives", "", style)
    if starved:
        style = {"edgecolor": theme.starved, "linewidth": 1.8}
        yield Entry("object without a positive", "", style | {"linestyle": _DASHES})
    if any(one.winners for one in panels):
        style = {"edgecolor": theme.ink, "linewidth": 1.4}
        yield Entry("object it lost to", "", style)
    if others:
        words = "other object" if color else "positives on other levels only"
        yield Entry(words, "", {"edgecolor": theme.faint_ink, "linewidth": 0.8})
    if any(one.scene.left_out for one in panels):
        style = {"edgecolor": theme.faint_ink, "linewidth": 0.9}
        yield Entry("left out by data rules", "", style | {"linestyle": (0, (1, 1.2))})


def _outcomes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    """Explain what became of candidates, with counts where there is one panel."""
    counts: Counter[str] = Counter()
    for panel in panels:
        counts.update(panel.tried.counts() if panel.tried else {})
    for name, (marker, is_filled) in marks.OUTCOME_MARKERS.items():
        if name in counts:
            face, edge = marks.outcome_colors(name, theme, color)
            style = {
                "markersize": 5.5,
                "markerfacecolor": face,
                "markeredgecolor": edge,
                "markeredgewidth": 0.5 if is_filled else 1.0,
            }
            number = f": {counts[name]}" if len(panels) == 1 else ""
            yield Entry(f"{OUTCOME_WORDS[name]}{number}", marker, style)
