"""What every figure must satisfy: all of its words can be read."""

import warnings
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.axis import Axis, Tick
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from atss_inspect.figures.theme import THEMES

# Themes differ in colors; the light one is that of most other tests.
EACH_THEME = [
    pytest.param(theme, id=name, marks=[] if name == "dark" else [pytest.mark.slow])
    for name, theme in THEMES.items()
]
SMALLEST_TEXT = 6.5  # points, at the figure's own size
# Boxes of text hold the room of accents and descenders, which may be empty.
SLACK = 1.5  # pixels at 100 dpi
# A line may touch the room of accents and descenders, not the signs themselves.
CORE = 0.2  # of the height of a line, on both sides
# What was read of a figure is true until it changes; drawing is most of the work.
_READ: WeakKeyDictionary[Figure, list[tuple[str, Bbox, float]]] = WeakKeyDictionary()
_STRUCK: WeakKeyDictionary[Figure, list[str]] = WeakKeyDictionary()


class _Line(NamedTuple):
    """A line in pixels, what is drawn above it, and where it ends if it is cut off."""

    path: Path
    zorder: float
    clip: Bbox | None


def visible_texts(figure: Figure) -> list[tuple[str, Bbox, float]]:
    """List the words of a figure as drawn: text, box in pixels at 100 dpi, size."""
    if figure.stale or figure not in _READ:
        _READ[figure] = _drawn_texts(figure)
        _STRUCK[figure] = _struck_texts(figure)
        figure.stale = False  # to look at ticks is to touch them
    return _READ[figure]


def written(texts: Iterable[Text]) -> list[str]:
    """What texts, labels of ticks or entries of a legend say."""
    return [text.get_text() for text in texts]


def words(figure: Figure) -> list[str]:
    """List the texts of a figure as drawn, each on one line."""
    return [" ".join(text.split()) for text, _, _ in visible_texts(figure)]


def all_words(figure: Figure) -> str:
    """Everything written, as one text."""
    return " ".join(words(figure))


def assert_legible(figure: Figure) -> None:
    """Check that no words overlap, leave the figure, are struck through or tiny."""
    texts = visible_texts(figure)
    assert texts
    page = figure.bbox.padded(SLACK)
    for text, box, size in texts:
        assert size >= SMALLEST_TEXT, f"{text!r} has {size} points"
        assert box.x0 >= page.x0, f"{text!r} leaves the figure on the left"
        assert box.x1 <= page.x1, f"{text!r} leaves the figure on the right"
        assert box.y0 >= page.y0, f"{text!r} leaves the figure below"
        assert box.y1 <= page.y1, f"{text!r} leaves the figure above"
    overlaps = [
        f"{texts[first][0]!r} overlaps {texts[second][0]!r}"
        for first, second in _overlaps([box for _, box, _ in texts])
    ]
    assert not overlaps, "; ".join(overlaps)
    assert not _STRUCK[figure], "; ".join(_STRUCK[figure])


def _drawn_texts(figure: Figure) -> list[tuple[str, Bbox, float]]:
    figure.set_dpi(100)
    canvas = FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        # A sign that no font has is drawn as an empty box, which has a place too.
        warnings.simplefilter("ignore", UserWarning)
        figure.draw_without_rendering()  # everything finds its place, in less time
    renderer = canvas.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_fontsize())
        for text in _words(figure)
    ]


def _words(figure: Figure) -> list[Text]:
    unused = _unused_tick_labels(figure)
    return [
        text
        for text in figure.findobj(Text)
        if text not in unused and text.get_text().strip()
        # It and all that hold it are visible.
        if text.get_visible() and text.get_alpha() != 0
        if text.axes is None or text.axes.get_visible()
    ]


def _struck_texts(figure: Figure) -> list[str]:
    """Name the words within axes that a line of these runs through.

    Words on a ground of their own hide the lines below them.
    """
    found = []
    words = _words(figure)
    for axes in figure.axes:
        lines = list(_lines(axes))
        for text in words:
            is_inside = text.axes is axes and bool(text.get_window_extent().width)
            if is_inside and any(_runs_through(line, text) for line in lines):
                found.append(f"a line runs through {text.get_text()!r}")
    return found


def _lines(axes: Axes) -> Iterator[_Line]:
    """Give the lines of axes as they are drawn: curves, grid, contours."""
    curves = [(line, line.get_zorder()) for line in axes.get_lines()]
    for axis in (axes.xaxis, axes.yaxis):
        used = _drawn_ticks(axes, axis)
        curves += [(tick.gridline, axis.get_zorder()) for tick in used]
    for line, zorder in curves:
        is_line = line.get_linestyle() != "None" and len(line.get_xydata()) > 1
        if is_line and line.get_visible():
            path = line.get_transform().transform_path(line.get_path())
            yield _Line(path, zorder, axes.bbox if line.get_clip_on() else None)
    for many in axes.collections:
        if isinstance(many, LineCollection | ContourSet) and many.get_visible():
            for path in many.get_paths():
                drawn = many.get_transform().transform_path(path)
                yield _Line(drawn, many.get_zorder(), axes.bbox)


def _runs_through(line: _Line, text: Text) -> bool:
    if text.get_bbox_patch() is not None and text.get_zorder() > line.zorder:
        return False  # it is hidden
    core = text.get_window_extent().padded(-CORE * text.get_fontsize() * 100 / 72)
    if line.clip is not None:
        core = Bbox.intersection(core, line.clip)
    if core is None or core.width <= 0 or core.height <= 0 or not len(line.path):
        return False
    return bool(line.path.intersects_bbox(core, filled=False))


def _drawn_ticks(axes: Axes, axis: Axis) -> list[Tick]:
    """List the ticks of an axis that was drawn which lie within its limits."""
    if not axes.axison or not axis.get_visible():
        return []
    place = axis.get_transform().transform
    low, high = sorted(place(axis.get_view_interval()))
    air = (high - low) * 1e-10
    ticks = (*axis.get_major_ticks(), *axis.get_minor_ticks())
    return [tick for tick in ticks if low - air <= place(tick.get_loc()) <= high + air]


def _unused_tick_labels(figure: Figure) -> set[Text]:
    """Find the labels of ticks that matplotlib keeps in stock without drawing them."""
    unused: set[Text] = set()
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            ticks = {*axis.get_major_ticks(), *axis.get_minor_ticks()}
            for tick in ticks - set(_drawn_ticks(axes, axis)):
                unused |= {tick.label1, tick.label2}
    return unused


def _overlaps(boxes: list[Bbox]) -> list[tuple[int, int]]:
    """List the pairs of boxes that share more than their edges."""
    extents = np.array([box.extents for box in boxes])
    low, high = extents[:, :2], extents[:, 2:]
    shared = np.minimum(high[:, None], high) - np.maximum(low[:, None], low)
    first, second = np.nonzero(np.triu((shared > SLACK).all(axis=2), k=1))
    return list(zip(first.tolist(), second.tolist(), strict=True))


def contrast(one: str, other: str) -> float:
    """Contrast of two colors, 1 to 21, as WCAG 2.2 defines it."""
    parts = np.array([to_rgb(each) for each in (one, other)])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    low, high = sorted(linear @ (0.2126, 0.7152, 0.0722))
    return (high + 0.05) / (low + 0.05)
