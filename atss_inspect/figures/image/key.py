"""What the signs mean: a strip of signs and words, laid out by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from atss_inspect.figures.image.ruler import Ruler

KEY_SIZE = 8.0  # points
_LINE = 0.19  # inches
_SIGN_ROOM = 0.2
_GAP = 0.17


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
    ruler = Ruler(KEY_SIZE)
    placed, x, line = [], 0.0, 0
    for entry in entries:
        text = ruler.fitted(entry.text, width - _SIGN_ROOM)
        wide = _SIGN_ROOM + ruler.width(text)
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
