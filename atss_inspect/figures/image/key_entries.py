"""Which signs of a figure are to be explained, and in which words."""

from collections.abc import Iterator, Sequence

import numpy as np

from atss_inspect.figures.image.colors import palette, rim
from atss_inspect.figures.image.key import Entry
from atss_inspect.figures.image.marks import (
    DIAMOND,
    LEVEL_MARKERS,
    OUTCOME_MARKERS,
    has_positives,
    is_looked_at,
    outcome_colors,
)
from atss_inspect.figures.image.view import Panel, View
from atss_inspect.figures.theme import Theme
from atss_inspect.views import numbers

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
    counts: dict[tuple[int, str], int] = {}
    for panel in panels:
        names = panel.scene.grids.pyramid.level_names
        number = panel.scene.level_counts().tolist()
        for level in panel.levels:
            place = level, names[level]
            counts[place] = counts.get(place, 0) + number[level]
    for (level, name), number in sorted(counts.items()):
        marker = LEVEL_MARKERS[level % len(LEVEL_MARKERS)]
        style = {
            "markersize": (4.2 + 0.7 * level) * (DIAMOND if marker == "D" else 1),
            "markerfacecolor": theme.faint_ink,
            "markeredgecolor": rim(theme),
            "markeredgewidth": 0.4,
        }
        text = f"{name}: {numbers.count(number)}" if len(panels) == 1 else name
        yield Entry(text, marker, style)


def _boxes(panels: Sequence[Panel], theme: Theme, color: str) -> Iterator[Entry]:
    """Explain the kinds of boxes that occur."""
    starved = fed = others = False
    for panel in panels:
        is_starved = panel.scene.is_unassigned & is_looked_at(panel)
        is_fed = has_positives(panel) & is_looked_at(panel)
        starved |= bool(is_starved.any())
        fed |= bool(is_fed.any())
        is_other = ~(is_starved | is_fed)
        is_other[list(panel.winners)] = False
        others |= bool(is_other.any())
    if fed:
        style = {"edgecolor": color or palette(theme)[0], "linewidth": 1.2}
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
    counts: dict[str, int] = {}
    for panel in panels:
        for name, number in (panel.tried.counts() if panel.tried else {}).items():
            counts[name] = counts.get(name, 0) + number
    for name in OUTCOME_MARKERS:
        if name in counts:
            face, edge = outcome_colors(name, theme, color)
            style = {
                "markersize": 5.5,
                "markerfacecolor": face,
                "markeredgecolor": edge,
                "markeredgewidth": 0.5 if OUTCOME_MARKERS[name][1] else 1.0,
            }
            number_ = f": {counts[name]}" if len(panels) == 1 else ""
            yield Entry(OUTCOME_WORDS[name] + number_, OUTCOME_MARKERS[name][0], style)
