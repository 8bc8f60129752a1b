"""What every figure must satisfy: all of its words can be read."""

import itertools
import warnings
from collections.abc import Callable

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from atss_inspect.figures.theme import THEMES
from atss_inspect.writers import encode_figure

# Themes differ in colours; the two lighter ones in fewest of them.
EACH_THEME = [
    pytest.param(theme, id=name, marks=[pytest.mark.slow] if name == "paper" else [])
    for name, theme in THEMES.items()
]
SMALLEST_TEXT = 6.5  # points, at the figure's own size
# Boxes of text hold the room of accents and descenders, which may be empty.
SLACK = 1.5  # pixels at 100 dpi


def visible_texts(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """List the words of a figure as drawn: text, box in pixels at 100 dpi, size."""
    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A sign that no font has is drawn as an empty box, which has a place too.
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        figure.draw_without_rendering()  # everything finds its place, in less time
    unused = _unused_tick_labels(figure)
    found = []
    for artist in figure.findobj(Text):
        if artist not in unused and _is_drawn(artist) and artist.get_text().strip():
            box = artist.get_window_extent(canvas.get_renderer())
            found.append((artist.get_text(), box, artist.get_fontsize()))
    return found


def assert_legible(figure: Figure) -> None:
    """Check that no words overlap, leave the figure or are tiny."""
    texts = visible_texts(figure)
    assert texts
    page = figure.bbox
    for text, box, size in texts:
        assert size >= SMALLEST_TEXT, f"{text!r} has {size} points"
        assert box.x0 >= page.x0 - SLACK, f"{text!r} leaves the figure on the left"
        assert box.x1 <= page.x1 + SLACK, f"{text!r} leaves the figure on the right"
        assert box.y0 >= page.y0 - SLACK, f"{text!r} leaves the figure below"
        assert box.y1 <= page.y1 + SLACK, f"{text!r} leaves the figure above"
    for (one, first, _), (other, second, _) in itertools.combinations(texts, 2):
        assert not _overlap(first, second), f"{one!r} overlaps {other!r}"


def assert_same_bytes(make: Callable[[], Figure]) -> None:
    """Check that a figure made twice is written in the same bytes."""
    first, second = make(), make()
    for file_format in ("png", "svg"):
        one, other = (
            encode_figure(figure, file_format, dpi=40) for figure in (first, second)
        )
        assert one == other, file_format


def _is_drawn(artist: Text) -> bool:
    """Say whether an artist and all that hold it are visible, and it is not cut off."""
    if not artist.get_visible() or artist.get_alpha() == 0:
        return False
    axes = artist.axes
    return axes is None or bool(axes.get_visible())


def _unused_tick_labels(figure: Figure) -> set[Text]:
    """Find the labels of ticks that matplotlib keeps in stock without drawing them."""
    unused: set[Text] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            used = axis._update_ticks() if axes.axison and axis.get_visible() else []
            for tick in {*axis.majorTicks, *axis.minorTicks} - set(used):
                unused |= {tick.label1, tick.label2}
    return unused


def _overlap(one: Bbox, other: Bbox) -> bool:
    """Say whether two boxes share more than a rim."""
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return width > SLACK and height > SLACK
