"""The candidates of one object: where they are, what became of them, and the cut-off.

Three signs are enough: what an object gets, what others took, and what is rejected.
Why it is rejected the key counts, and the IoUs below the picture show.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from atss_inspect.assigners.causes import LOST_TO_OTHERS
from atss_inspect.figures import sheet
from atss_inspect.figures.image.marks import Brush, draw_signs, edge_color
from atss_inspect.figures.image.view import Panel
from atss_inspect.figures.theme import Theme

# What became of a candidate, in words; another outcome of a rule is named by itself.
OUTCOMES = {
    "positive": "positive",
    "low_quality_match": "low-quality match",
    LOST_TO_OTHERS: "lost to another object",
    "under_threshold": "under mean + std",
    "under_bar": "does not reach the bar",
    "center_outside": "center outside the box",
    "outside_center_region": "outside center region",
    "outside_scale_range": "outside scale range",
    "candidate": "candidate",
    "contested_candidate": "candidate of others, too",
}
_MARKERS = {LOST_TO_OTHERS: "D", "contested_candidate": "D"}
_ROUND = ("positive", "low_quality_match", "candidate")
REJECTED = "x"  # the marker of what is neither
_SHIFTS = {"o": -0.15, "D": 0.2}  # of levels, where IoUs are equal
SCALE_HEIGHT = 0.26  # inches of the IoUs, per level
SCALE_FOOT = 0.42  # below them


def outcome_marker(name: str) -> str:
    """Choose the marker of an outcome."""
    return _MARKERS.get(name, "o" if name in _ROUND else REJECTED)


def outcome_words(name: str) -> str:
    """Write an outcome."""
    return OUTCOMES.get(name) or name.replace("_", " ")


def outcome_style(name: str, theme: Theme, color: str) -> dict[str, Any]:
    """Choose face and edge of a sign, as ``scatter`` takes them."""
    if name == "positive":
        return {"facecolors": color, "edgecolors": edge_color(theme), "linewidths": 0.5}
    if outcome_marker(name) == REJECTED:
        return {"c": theme.faint_ink, "linewidths": 1.0}
    if name == "low_quality_match":
        return {"facecolors": "none", "edgecolors": theme.poor, "linewidths": 1.1}
    return {"facecolors": theme.paper, "edgecolors": color, "linewidths": 1.1}


def _by_outcome(panel: Panel) -> Iterator[tuple[str, Any]]:
    """List the outcomes that occur and the rows of each, what is rejected first."""
    if panel.tried is not None:
        outcome = np.array(panel.tried.outcome)
        for name in reversed(panel.tried.counts()):
            yield name, np.flatnonzero(outcome == name)


def draw_tried(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the candidates of an object at their centers."""
    if panel.tried is None or panel.view.candidates is None:
        return
    sizes = np.maximum(brush.point_sizes(panel), 3.6)
    own = brush.colors[panel.view.candidates]
    for place, (name, rows) in enumerate(_by_outcome(panel)):
        style = outcome_style(name, brush.theme, own)
        marker = outcome_marker(name)
        largest = 4.5 if marker == REJECTED else 8.0
        size = np.minimum(1.3 * sizes[panel.tried.level[rows]], largest) ** 2
        style |= {"marker": marker, "s": size, "zorder": 5 + place / 100}
        points, label = panel.tried.points[rows], f"candidates {name}"
        draw_signs(axes, points, label=label, **style)


def scale_height(panel: Panel) -> float:
    """Height in inches for the candidates' IoUs; 0 where nothing cuts them off."""
    if panel.tried is None or panel.view.candidates is None or not len(panel.tried.iou):
        return 0.0
    if panel.scene.cut_off(panel.view.candidates) is None:
        return 0.0
    return SCALE_HEIGHT * len(np.unique(panel.tried.level)) + SCALE_FOOT


def draw_scale(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the IoU of each candidate, a row for each level, and the cut-off."""
    tried, row = panel.tried, panel.view.candidates
    if tried is None or row is None:
        return
    cut, names = panel.scene.cut_off(row), panel.scene.grids.pyramid.level_names
    levels, place = np.unique(tried.level, return_inverse=True)
    for name, rows in _by_outcome(panel):
        style = outcome_style(name, brush.theme, brush.colors[row])
        marker = outcome_marker(name)
        points = np.stack([tried.iou[rows], place[rows] + _SHIFTS.get(marker, 0)], 1)
        style |= {"marker": marker, "s": 26, "zorder": 5}
        draw_signs(axes, points, label=f"IoU {name}", **style)
    axes.set_yticks(range(len(levels)), [names[level] for level in levels.tolist()])
    axes.set_ylim(len(levels) - 0.5, -0.5)
    end = 1.2 * max(float(tried.iou.max()), cut or 0.0, 0.05)
    axes.set_xlim(-0.02 * end, end)
    axes.set_xlabel("IoU with the object", labelpad=1)
    sheet.hide_frame(axes, "left", grid="y")
    if cut is not None:
        axes.axvline(cut, color=brush.theme.ink, linewidth=1.2, zorder=4)
        of_own = panel.scene.assignment.candidates is not None
        words = f"cut-off {cut:.2f}{' = mean + std' if of_own else ''}"
        ha = "left" if cut < 0.5 * end else "right"
        shift = (4.0, 0.0) if ha == "left" else (-4.0, 0.0)
        style = {"weight": "bold", "bbox": brush.theme.ground, "zorder": 6}
        at = (cut, len(levels) - 1.0)
        sheet.write(axes, words, at, f"{ha} center", shift=shift, **style)
