"""Signs on the picture: boxes, points by level, anchors, rings, candidates.

And their colors: neighbours differ, and none looks like a starved object.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba_array

from atss_inspect.arrays import BoolArray, Float64Array
from atss_inspect.coloring import color_numbers
from atss_inspect.figures.image.view import Panel
from atss_inspect.figures.theme import Theme

# Finest level first. Filled all of them, so that an edge sets them off.
LEVEL_MARKERS = ("o", "s", "^", "D", "P", "*", "v", "h")
_SMALLEST_POINT = 1.7  # points across
_SMALLEST_SIGN = 3.0  # points, of the finest level where there is room
_GROWTH = 1.33  # from level to level, so that coarse signs show around finer ones
DIAMOND = 0.75  # of its sides, to be as wide as the other signs
_FOCUS_GAP, _FOCUS_ARM = 4.0, 9.0  # points, of the brackets around an object
# What became of a candidate: marker, and whether it is filled.
OUTCOME_MARKERS = {
    "positive": ("o", True),
    "lost_to_others": ("D", False),
    "under_threshold": ("v", False),
    "under_bar": ("v", False),
    "center_outside": ("X", True),
    "outside_center_region": ("s", False),
    "outside_scale_range": ("^", False),
}
# After Okabe and Ito and Paul Tol, without orange and red, which starved objects have.
# Dark ones go with the white edges of light themes, light ones with dark edges.
_ON_LIGHT = (
    "#0072b2",
    "#aa3399",
    "#117733",
    "#5c5200",
    "#332288",
    "#00898a",
    "#d05c9e",
    "#4f5b66",
)
_ON_DARK = (
    "#56b4e9",
    "#dd88cc",
    "#44c27a",
    "#e8d84a",
    "#a9a4ff",
    "#7fe0dc",
    "#ffb8d9",
    "#c5ced8",
)
Segments = npt.NDArray[np.floating[Any]]


def palette(theme: Theme) -> tuple[str, ...]:
    """Colors that objects take turns with."""
    return _ON_DARK if theme.is_dark else _ON_LIGHT


def edge_color(theme: Theme) -> str:
    """Color of the thin edge that sets signs off from any picture."""
    return "#0d0f12" if theme.is_dark else "#ffffff"


def object_colors(xywh: Float64Array, theme: Theme) -> list[str]:
    """Choose a color for every object of an image.

    Parameters
    ----------
    xywh : (G, 4) of the annotations; the choice depends on nothing else, so that an
        object has one color under all conventions

    Returns
    -------
    G colors; each differs from those of the nearest objects that come before it.
    """
    colors = palette(theme)
    return [colors[number] for number in color_numbers(xywh, len(colors))]


@dataclass(frozen=True)
class Brush:
    """How things are drawn.

    Attributes
    ----------
    theme : of the figure
    colors : one for every object of the image
    scale : points of the page per input pixel
    weight : of lines; less where pictures are small
    """

    theme: Theme
    colors: Sequence[str]
    scale: float
    weight: float = 1.0

    def of_boxes(self, panel: Panel) -> npt.NDArray[np.float64]:
        """Colors of a panel's boxes; (G, 4) red, green, blue, alpha."""
        names = [self.colors[row] for row in panel.scene.frame.object_rows.tolist()]
        return to_rgba_array(names)

    def point_sizes(self, panel: Panel) -> list[float]:
        """Diameter of the signs of each level in points: no wider than its cells."""
        strides = panel.scene.settings.anchors.strides
        room = [0.95 * stride * self.scale for stride in strides]
        sizes = []
        for level, each in enumerate(room):
            usual = self.weight * _SMALLEST_SIGN * _GROWTH**level
            # Close up, where there is room, signs grow a little with the picture.
            grown = max(usual, min(each / 4, usual + self.weight * _SMALLEST_SIGN))
            sizes.append(max(min(each, grown), _SMALLEST_POINT))
        return sizes


def outlines(corners: npt.ArrayLike) -> Segments:
    """Turn (N, 4) xyxy boxes into closed lines, (N, 5, 2)."""
    boxes: Segments = np.asarray(corners).reshape(-1, 4)
    return boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3], [0, 1]]]


def _signs(axes: Axes, points: npt.NDArray[Any], **style: Any) -> None:
    """Draw signs at (N, 2) points x, y, all in one artist."""
    axes.scatter(points[:, 0], points[:, 1], **style)


def draw_boxes(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw fed objects thin and solid, starved ones thick, dashed and crossed out."""
    boxes = outlines(panel.scene.frame.gt_boxes)
    starved = panel.scene.is_unassigned & is_looked_at(panel)
    is_fed = has_positives(panel) & is_looked_at(panel)
    fed, others = np.flatnonzero(is_fed), np.flatnonzero(~is_fed & ~starved)
    faint, ink = brush.theme.faint_ink, brush.theme.ink
    _lines(axes, boxes[others], brush, label="others", color=faint, width=0.7)
    winners = boxes[list(panel.winners)]
    _lines(axes, winners, brush, label="winners", color=ink, width=1.4)
    colors = brush.of_boxes(panel)[fed]
    _lines(axes, boxes[fed], brush, label="fed", color=colors, width=1.2)
    _lines(
        axes,
        boxes[starved],
        brush,
        label="starved",
        color=brush.theme.starved,
        width=2.0,
        dashes=(0, (3, 1.4)),
    )
    if panel.subject is None:  # among candidates a cross would be taken for one
        _draw_crosses(axes, panel, brush)


def _draw_crosses(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Cross starved objects out."""
    starved = panel.scene.is_unassigned
    corners = panel.scene.frame.gt_boxes[starved].reshape(-1, 2, 2)
    sides = (corners[:, 1] - corners[:, 0]).min(axis=1) * brush.scale
    _signs(
        axes,
        corners.mean(axis=1),
        s=np.clip(0.5 * sides, 3.4, 8.0 * brush.weight) ** 2,
        marker="X",
        color=brush.theme.starved,
        edgecolors=edge_color(brush.theme),
        linewidths=0.4,
        zorder=6,
        label="starved crosses",
    )


def draw_focus(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Set the object that was asked for apart, by brackets at its corners."""
    if panel.focus_box is None:
        return
    gap = _FOCUS_GAP / brush.scale
    x1, y1, x2, y2 = np.array(panel.focus_box) + np.array([-gap, -gap, gap, gap])
    arm = min(_FOCUS_ARM / brush.scale, (x2 - x1) / 3, (y2 - y1) / 3)
    brackets = [
        [(x - along * arm, y), (x, y), (x, y - down * arm)]
        for x, along in ((x1, -1), (x2, 1))
        for y, down in ((y1, -1), (y2, 1))
    ]
    edges: Any = {"colors": edge_color(brush.theme), "linewidths": 4.0}
    lines: Any = {"colors": brush.theme.ink, "linewidths": 2.0}
    _segments(axes, brackets, label="focus edges", zorder=4, **edges)
    _segments(axes, brackets, label="focus", zorder=4, **lines)


def has_positives(panel: Panel) -> BoolArray:
    """Find the boxes that have positives on the levels shown; (G,) bool."""
    found = np.zeros(panel.scene.num_gt, dtype=bool)
    found[panel.scene.assignment.gt[panel.positives]] = True
    return found


def is_looked_at(panel: Panel) -> BoolArray:
    """Find the boxes that the panel is about: all, or the one of the candidates."""
    if panel.subject is None:
        return np.ones(panel.scene.num_gt, dtype=bool)
    rows: BoolArray = panel.scene.frame.object_rows == panel.subject
    return rows


def draw_left_out(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw what the data rules leave out as dotted grey boxes."""
    _lines(
        axes,
        outlines(panel.scene.left_out_boxes),
        brush,
        label="left out",
        color=brush.theme.faint_ink,
        width=0.8,
        dashes=(0, (1, 1.5)),
    )


def _lines(  # noqa: PLR0913 - what a line looks like
    axes: Axes,
    segments: Segments,
    brush: Brush,
    *,
    label: str,
    color: Any,
    width: float,
    dashes: Any = "solid",
) -> None:
    """Draw closed lines with an edge, two artists however many there are."""
    width *= brush.weight
    under = {
        "colors": edge_color(brush.theme),
        "linewidths": width + 1.1,
        "alpha": 0.75,
    }
    _segments(axes, segments, label=f"{label} edges", zorder=3, **under)
    style: Any = {"colors": color, "linewidths": width, "linestyles": [dashes]}
    _segments(axes, segments, label=label, zorder=3.5, **style)


def _segments(axes: Axes, segments: Sequence[Any] | Segments, **style: Any) -> None:
    """Draw lines, all in one artist, that leave the limits of the axes as they are."""
    axes.add_collection(LineCollection(list(segments), **style), autolim=False)


def draw_points(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the positives in their object's color, marker and size by level."""
    scene, colors = panel.scene, brush.of_boxes(panel)
    sizes = brush.point_sizes(panel)
    names = scene.grids.pyramid.level_names
    for level in reversed(panel.levels):  # the small signs of fine levels on top
        rows = panel.positives[scene.assignment.level[panel.positives] == level]
        if len(rows):
            marker = LEVEL_MARKERS[level % len(LEVEL_MARKERS)]
            side = sizes[level] * (DIAMOND if marker == "D" else 1)
            _signs(
                axes,
                scene.points[rows],
                s=side**2,
                marker=marker,
                c=colors[scene.assignment.gt[rows]],
                edgecolors=edge_color(brush.theme),
                linewidths=0.4 * brush.weight,
                zorder=5,
                label=f"positives {names[level]}",
            )


def draw_contested(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Ring the positives that another object could have had."""
    scene = panel.scene
    rows = panel.positives[scene.is_contested[panel.positives]]
    sizes = np.array(brush.point_sizes(panel))[scene.assignment.level[rows]] + 2.6
    for color, width, zorder in ((edge_color(brush.theme), 1.6, 5.1), (None, 0.8, 5.2)):
        _signs(
            axes,
            scene.points[rows],
            s=sizes**2,
            marker="o",
            facecolors="none",
            edgecolors=color or brush.theme.ink,
            linewidths=width,
            zorder=zorder,
            label="contested" if color is None else "contested edges",
        )


def draw_anchors(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the boxes of the positives, of one object if its candidates are shown."""
    scene, rows = panel.scene, panel.positives
    rows = rows[is_looked_at(panel)[scene.assignment.gt[rows]]]
    style: Any = {"linewidths": 0.6 * brush.weight, "alpha": 0.5, "zorder": 2.5}
    colors = brush.of_boxes(panel)[scene.assignment.gt[rows]]
    boxes = outlines(scene.anchors[rows])
    _segments(axes, boxes, colors=colors, label="anchors", **style)


def draw_tried(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the candidates of an object, marker by what became of them."""
    if panel.tried is None or panel.subject is None:
        return
    level, points, outcome, _ = panel.tried
    sizes = 1.35 * np.maximum(brush.point_sizes(panel), 2.8)
    for name in panel.tried.counts():
        rows = np.flatnonzero(np.array(outcome) == name)
        face, edge = outcome_colors(name, brush.theme, brush.colors[panel.subject])
        _signs(
            axes,
            points[rows],
            s=sizes[level[rows]] ** 2,
            marker=OUTCOME_MARKERS[name][0],
            facecolors=face,
            edgecolors=edge,
            linewidths=0.5 if OUTCOME_MARKERS[name][1] else 1.0,
            zorder=5.5 if name == "positive" else 5,
            label=f"candidates {name}",
        )


def outcome_colors(outcome: str, theme: Theme, color: str) -> tuple[str, str]:
    """Choose face and edge of a candidate's sign."""
    if outcome == "positive":
        return color, edge_color(theme)
    if OUTCOME_MARKERS[outcome][1]:
        return theme.ink, edge_color(theme)
    return edge_color(theme), color if outcome == "lost_to_others" else theme.ink
