"""What every figure must satisfy: all of its words can be read."""

import warnings
from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from atss_inspect.figures.theme import THEMES
from atss_inspect.writers import encode_figure

# Themes differ in colours; the light one is that of most other tests.
EACH_THEME = [
    pytest.param(theme, id=name, marks=[] if name == "dark" else [pytest.mark.slow])
    for name, theme in THEMES.items()
]
# Each format is written in its own way; the one that is quickest, in every run.
EACH_FORMAT = ["svg", pytest.param("png", marks=pytest.mark.slow)]
SMALLEST_TEXT = 6.5  # points, at the figure's own size
# Boxes of text hold the room of accents and descenders, which may be empty.
SLACK = 1.5  # pixels at 100 dpi
# What was read of a figure is true until it changes; drawing is most of the work.
_READ: WeakKeyDictionary[Figure, list[tuple[str, Bbox, float]]] = WeakKeyDictionary()


def visible_texts(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """List the words of a figure as drawn: text, box in pixels at 100 dpi, size."""
    if figure.stale or figure not in _READ:
        _READ[figure] = _drawn_texts(figure)
        figure.stale = False  # to look at ticks is to touch them
    return _READ[figure]


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
    overlaps = [
        f"{texts[first][0]!r} overlaps {texts[second][0]!r}"
        for first, second in _overlaps([box for _, box, _ in texts])
    ]
    assert not overlaps, "; ".join(overlaps)


def assert_same_bytes(make: Callable[[], Figure], file_format: str) -> None:
    """Check that a figure made twice is written in the same bytes."""
    one, other = (encode_figure(make(), file_format, dpi=40) for _ in range(2))
    assert one == other


def _drawn_texts(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """Draw a figure, and read all words of it."""
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


def _overlaps(boxes: list[Bbox]) -> list[tuple[int, int]]:
    """List the pairs of boxes that share more than a rim."""
    extents = np.array([box.extents for box in boxes])
    low, high = extents[:, :2], extents[:, 2:]
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    first, second = np.nonzero(np.triu((shared > SLACK).all(axis=2), k=1))
    return list(zip(first.tolist(), second.tolist(), strict=True))
