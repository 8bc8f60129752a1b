"""The key below pictures of images: what signs mean, and how many there are."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from atss_inspect.assigners.causes import KNOWN_CAUSES
from atss_inspect.figures import sheet
from atss_inspect.figures.image import marks
from atss_inspect.figures.image.candidates import (
    REJECTED,
    outcome_marker,
    outcome_style,
    outcome_words,
)
from atss_inspect.figures.image.view import MOST_SIGNS, Panel, given_words
from atss_inspect.figures.theme import Theme
from atss_inspect.views import numbers
from atss_inspect.views.names import clip_middle, name_of_id, printable

KEY_SIZE = 8.5  # points
_KEY_LINE = 0.19  # inches
_SIGN_ROOM = 0.2
_ENTRY_GAP = 0.17
_LONGEST_ID, _LONGEST_CLASS = 12, 14


class Entry(NamedTuple):
    """One sign and its words."""

    text: str  # what it means
    marker: str  # of matplotlib, or empty for a box
    # more properties, as `Line2D`, `Rectangle` or `Text` take them
    style: dict[str, Any]
    number: int = 0  # the sign, of an index


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

    def draw(self, figure: Figure, *, left: float, top: float) -> None:
        """Draw at a place, in inches from the left and from the bottom."""
        width, height = figure.get_size_inches()
        for entry, text, x, y in self.placed:
            center, middle = (left + x + 0.07) / width, (top - y) / height
            wide, tall = 0.15 / width, 0.1 / height
            corner, style = (center - wide / 2, middle - tall / 2), entry.style
            sign: Any = Rectangle(corner, wide, tall, fill=False)
            if entry.marker:
                sign = Line2D([center], [middle], marker=entry.marker, linestyle="none")
            if entry.number:
                words = str(entry.number)
                sign = Text(center, middle, words, ha="center", va="center_baseline")
                sign.set_size(KEY_SIZE)
            figure.add_artist(sign).set(**style)
            place = (left + x + _SIGN_ROOM) / width, middle
            style = {"size": KEY_SIZE, "va": "center_baseline", "ha": "left"}
            figure.text(*place, sheet.isolated(text), **style)


def flow(entries: Sequence[Entry], width: float) -> Key:
    """Set entries one after the other, in as many lines as they need."""
    placed, x, line = [], 0.0, 0
    for entry in entries:
        text = sheet.fitted(entry.text, width - _SIGN_ROOM, KEY_SIZE)
        wide = _SIGN_ROOM + sheet.text_width(text, KEY_SIZE)
        if entry.number and entry.number % 2 == 0 and max(x, wide) < width / 2:
            x = width / 2  # two of an index in a line, where they fit
        elif x and (entry.number or x + wide > width):
            x, line = 0.0, line + 1
        placed.append(_Placed(entry, text, x, (line + 0.5) * _KEY_LINE))
        x += wide + _ENTRY_GAP
    return Key(tuple(placed), (line + 1) * _KEY_LINE if placed else 0.0)


def key_entries(
    panels: Sequence[Panel],
    theme: Theme,
    *,
    color: str = "",
    has_close_up: bool = False,
) -> list[Entry]:
    """List the signs of some panels, of one with counts; ``color`` is the subject's."""
    if not any(one.scene.num_gt or one.scene.left_out for one in panels):
        return []
    view = panels[0].view
    if view.candidates is not None:
        return [*_outcomes(panels, theme, color), *_boxes(panels, theme, color)]
    boxes = _boxes(panels, theme, color)
    signs = *_levels(panels, theme), *_low_quality(panels, theme)
    entries = [*signs, *_of_several(panels, theme), *boxes]
    if has_close_up:
        finest = panels[0].scene.grids.pyramid.level_names[panels[0].levels[0]]
        style = {"mec": theme.faint_ink, "mew": 0.8, "markersize": 5}
        entries.append(Entry(f"anchor center of {finest}", "+", style))
    if view.has_contested:
        text, one = "contested", panels[0]
        if len(panels) == 1:
            text += f": {numbers.count(one.scene.is_contested[one.positives].sum())}"
        style = {"markersize": 7.5, "mfc": "none", "mec": theme.ink}
        entries.append(Entry(text, "o", style))
    return [*entries, *_off_mask(panels, theme), *_index(panels, theme)]


def _levels(panels: Sequence[Panel], theme: Theme) -> Iterator[Entry]:
    if panels[0].view.by_level:
        return
    counts: Counter[tuple[int, str]] = Counter()
    for panel in panels:
        names = panel.scene.grids.pyramid.level_names
        number = panel.scene.level_counts(panel.view.subject).tolist()
        counts.update({(each, names[each]): number[each] for each in panel.levels})
    # Of a crowd only the poorly assigned have signs, which others say.
    is_shown = not all(one.is_crowded for one in panels)
    for (level, name), number in sorted((+counts).items() if is_shown else ()):
        marker, size = marks.level_sign(level, 4.2 + 0.7 * level)
        colors: dict[str, Any] = {"mfc": theme.faint_ink, "mew": 0.4}
        colors["mec"] = marks.edge_color(theme)
        if all(panel.scene.gate for panel in panels):
            colors = {"mfc": "none", "mew": 0.9, "mec": theme.faint_ink}
        text = f"{name}: {numbers.count(number)}" if len(panels) == 1 else name
        yield Entry(text, marker, colors | {"markersize": size})


def _of_several(panels: Sequence[Panel], theme: Theme) -> Iterator[Entry]:
    """The sign of a gate's candidates that several objects may get."""
    if any(len(one.contested) for one in panels):
        style = {"mfc": "none", "mec": theme.ink, "markersize": 4.6, "mew": 1.0}
        yield Entry("candidate of several objects", "o", style)


def _low_quality(panels: Sequence[Panel], theme: Theme) -> Iterator[Entry]:
    """The sign of low-quality matches, where there are any."""
    found = [one.scene.is_low_quality[one.positives].sum() for one in panels]
    each = zip(
        (one.scene.settings.low_quality_bar for one in panels), found, strict=True
    )
    bars = dict.fromkeys(f"{bar:g}" for bar, number in each if number)
    if not bars or all(one.is_crowded for one in panels):
        return
    of = dict.fromkeys(one.scene.settings.bar_of or "IoU" for one in panels)
    measures = numbers.joined([*of], "or")
    text = f"low-quality match ({measures} below {numbers.joined([*bars], 'or')})"
    if len(panels) == 1:
        text += f": {numbers.count(int(found[0]))}"
    style = {"mfc": "none", "mec": theme.faint_ink, "markersize": 4.6, "mew": 1.0}
    yield Entry(text, "o", style)


def _off_mask(panels: Sequence[Panel], theme: Theme) -> Iterator[Entry]:
    """The sign of points that teach the background, where there are masks."""
    found = [one.masks.is_off_mask for one in panels if one.masks is not None]
    if any(map(np.any, found)):
        text = "off its object's mask"
        if len(panels) == 1:
            text += f": {numbers.count(int(found[0].sum()))}"
        edge = marks.edge_color(theme)
        style = {"mfc": theme.ink, "mec": edge, "markersize": 5.5, "mew": 0.4}
        yield Entry(text, "X", style)


def _index(panels: Sequence[Panel], theme: Theme) -> Iterator[Entry]:
    """Name the objects that bear a number."""
    ground = {"boxstyle": f"square,pad={0.2}", "fc": theme.poor, "ec": theme.poor}
    for panel in panels:
        scene = panel.scene
        is_same = len({scene.causes[gt] for gt in panel.index}) == 1
        for number, gt in enumerate(panel.index, 1):
            name = clip_middle(name_of_id(scene.annotation_ids[gt]), _LONGEST_ID)
            cause = scene.causes[gt]
            what = f": {KNOWN_CAUSES[cause].words}" if cause and not is_same else ""
            kind = clip_middle(printable(scene.class_names[gt]), _LONGEST_CLASS)
            style = {"color": theme.paper, "bbox": ground}
            yield Entry(f"{name} {kind}{what}", "", style, number)


def _kinds(panels: Sequence[Panel]) -> list[tuple[bool, str]]:
    """Tell which of `marks.Kinds` there are; of one picture with their number."""
    kinds = list(zip(*map(marks.kinds_of_boxes, panels), strict=True))
    is_alone = len(panels) == 1 and panels[0].view.subject is None
    sums = [f": {numbers.count(int(kind[0].sum()))}" * is_alone for kind in kinds]
    return [(any(map(np.any, kind)), n) for kind, n in zip(kinds, sums, strict=True)]


def _boxes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    assigned, low, without, others = _kinds(panels)
    view, poor, grey = panels[0].view, theme.poor, theme.faint_ink
    own = color or marks.palette(theme)[0]
    own = grey if all(one.is_crowded for one in panels) else own
    is_whole = view.candidates is None
    won = any(one.winners for one in panels)
    framed = is_whole and any(len(one.framed) for one in panels)
    wide = any(len(one.widened) for one in panels)
    left_out = any(one.scene.left_out for one in panels)
    given, lack = given_words(panels), f"without a {given_words(panels, end='')}"
    rest = f"{given} on other levels only" if is_whole else "other object"
    many, few = f"more than {MOST_SIGNS} candidates of a level", "low-quality matches"
    dashes, dots = (0, (2, 0.9)), (0, (1, 1.2))
    for is_found, text, edge, width, line in (
        (assigned[0], f"object with {given}{assigned[1]}", own, 1.2, "solid"),
        (framed, many, own, 0.9, marks.FRAME_DOTS),
        (view.has_anchors, "anchor of a positive", own, 0.6, "solid"),
        (wide, "box as widened", own, 0.8, marks.WIDENED_DOTS),
        (low[0], f"only {few}{low[1]}", poor, 1.4, marks.LOW_DASHES),
        (without[0], f"object {lack}{without[1]}", poor, 1.8, dashes),
        (won, "object it lost to", theme.ink, 1.4, "solid"),
        (others[0], rest, grey, 0.8, "solid"),
        (left_out, "left out by data rules", grey, 0.9, dots),
    ):
        if is_found:
            style = {"edgecolor": edge, "linewidth": width, "linestyle": line}
            yield Entry(text, "", style)


def _outcomes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    """The signs of candidates; all that are rejected have one, and are counted."""
    counts: Counter[str] = Counter()
    for panel in panels:
        counts.update(panel.tried.counts() if panel.tried else {})
    is_single, rejected = len(panels) == 1, []
    for name, number in counts.items():
        words = outcome_words(name)
        words += f": {numbers.count(number)}" if is_single else ""
        if outcome_marker(name) == REJECTED:
            told = f"{numbers.count(number)} {outcome_words(name)}"
            rejected.append(told if is_single else words)
            continue
        found = outcome_style(name, theme, color)
        style = {"mfc": found["facecolors"], "mec": found["edgecolors"]}
        style |= {"markersize": 5.5, "mew": found["linewidths"]}
        yield Entry(words, outcome_marker(name), style)
    if rejected:
        style = {"markersize": 5.5, "mec": theme.faint_ink, "mew": 1.0}
        yield Entry(f"rejected: {', '.join(rejected)}", REJECTED, style)
