"""The picture, and the signs on it: boxes, points by level, anchors, rings, candidates.

The picture is faded so that the signs stand out. Colors of neighbours differ, and none
is that of poorly assigned objects. Low-quality matches are hollow.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb, to_rgba_array
from matplotlib.patches import Rectangle

from atss_inspect.arrays import BoolArray, Float64Array
from atss_inspect.figures.image.view import Panel, Window
from atss_inspect.figures.theme import Theme
from atss_inspect.scene import color_numbers

# Finest level first. Filled all of them, so that an edge sets them off.
LEVEL_MARKERS = ("o", "s", "^", "D", "P", "*", "v", "h")
_SMALLEST_POINT = 1.7  # points across
_SMALLEST_SIGN = 3.0  # points, of the finest level where there is room
_GROWTH = 1.33  # from level to level, so that coarse signs show around finer ones
_DIAMOND = 0.75  # of its sides, to be as wide as the other signs
_FOCUS_GAP, _FOCUS_ARM = 4.0, 9.0  # points, of the brackets around an object
# After Okabe and Ito and Paul Tol, without orange and red, which poorly assigned ones
# have. Dark ones go with the white edges of light themes, light ones with dark edges.
_COLORS = (
    ("#0072b2", "#56b4e9"),
    ("#aa3399", "#dd88cc"),
    ("#117733", "#44c27a"),
    ("#5c5200", "#e8d84a"),
    ("#332288", "#a9a4ff"),
    ("#00898a", "#7fe0dc"),
    ("#d05c9e", "#ffb8d9"),
    ("#4f5b66", "#c5ced8"),
)
# Of the boxes of objects with low-quality matches only.
LOW_DASHES = (0, (4, 1.2, 1, 1.2))
# Of windows of many candidates.
FRAME_DOTS = (0, (1, 1))
# Of boxes that a gate widens.
WIDENED_DOTS = (0, (1, 1.8))
_FADE = 0.25
_MASK_ALPHA = 0.45
_FAINT = 0.45  # opacity of objects in the background
_MANY = 800  # signs or lines; in SVG and PDF more of them are pixels
_ONE_NUMBER = np.array([1, 1j])  # of x and y
Pixels = npt.NDArray[np.uint8]
Segments = npt.NDArray[np.floating[Any]]


def palette(theme: Theme) -> list[str]:
    """Colors that objects take turns with."""
    return [pair[theme.is_dark] for pair in _COLORS]


def edge_color(theme: Theme) -> str:
    """Color of the thin edge that sets signs off from any picture."""
    return "#0d0f12" if theme.is_dark else "#ffffff"


def object_colors(xywh: Float64Array, theme: Theme) -> list[str]:
    """Choose a color for every object of an image from its (G, 4) annotated boxes.

    G colors; each differs from those of the nearest objects that come before it. The
    choice depends on nothing else: an object has one color under all conventions.
    """
    colors = palette(theme)
    return [colors[number] for number in color_numbers(xywh, len(colors))]


@dataclass(frozen=True)
class Brush:
    """How things are drawn."""

    theme: Theme  # of the figure
    colors: Sequence[str]  # one for every object of the image
    scale: float  # points of the page per input pixel
    weight: float = 1.0  # of lines; less where pictures are small

    def of_boxes(self, panel: Panel) -> npt.NDArray[np.float64]:
        """Colors of a panel's boxes; (G, 4) red, green, blue, alpha.

        Poorly assigned ones have one in common.
        """
        names = [self.colors[row] for row in panel.scene.frame.object_rows.tolist()]
        colors = to_rgba_array(names).reshape(-1, 4)
        if panel.is_crowded:
            colors[:] = to_rgba_array(self.theme.faint_ink)
        colors[panel.scene.is_poorly_assigned] = to_rgba_array(self.theme.poor)
        colors[panel.is_faded, 3] = _FAINT
        return colors

    def point_sizes(self, panel: Panel) -> list[float]:
        """Diameter of the signs of each level in points: no wider than its cells."""
        strides = panel.scene.settings.anchors.spacings
        room = [0.95 * stride * self.scale for stride in strides]
        sizes = []
        for level, each in enumerate(room):
            usual = self.weight * _SMALLEST_SIGN * _GROWTH**level
            # Close up, where there is room, signs grow a little with the picture.
            grown = max(usual, min(each / 4, usual + self.weight * _SMALLEST_SIGN))
            sizes.append(max(min(each, grown), _SMALLEST_POINT))
        return sizes


def level_sign(level: int, size: float) -> tuple[str, float]:
    """Marker of a level, and its size to be as wide as another sign of this size."""
    marker = LEVEL_MARKERS[level % len(LEVEL_MARKERS)]
    return marker, size * (_DIAMOND if marker == "D" else 1)


def outlines(corners: npt.ArrayLike) -> Segments:
    """Turn (N, 4) xyxy boxes into closed lines, (N, 5, 2)."""
    boxes: Segments = np.asarray(corners).reshape(-1, 4)
    return boxes[:, [[0, 1], [2, 1], [2, 3], [0, 3], [0, 1]]]


def draw_signs(axes: Axes, points: npt.NDArray[Any], **style: Any) -> None:
    """Draw signs at (N, 2) points x, y, all in one artist."""
    axes.scatter(points[:, 0], points[:, 1], rasterized=len(points) > _MANY, **style)


def draw_boxes(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw objects with positives thin and solid, and poorly assigned ones thick.

    Those with low-quality matches only are dashed and dotted, those without a positive
    dashed and crossed out.
    """
    boxes, theme = outlines(panel.scene.frame.gt_boxes), brush.theme
    kinds, winners = kinds_of_boxes(panel), list(panel.winners)
    others = kinds.others.copy()
    others[winners] = True
    colors, faint = brush.of_boxes(panel), kinds.assigned & panel.is_faded
    under: Any = {"colors": edge_color(theme), "linewidths": 1.5, "alpha": 0.35}
    _segments(axes, boxes[faint], label="faded edges", zorder=2.6, **under)
    style: Any = {"colors": colors[faint], "linewidths": 0.7 * brush.weight}
    _segments(axes, boxes[faint], label="faded", zorder=2.6, **style)
    bright = kinds.assigned & ~faint
    for label, rows, color, width, dashes in (
        ("others", others, theme.faint_ink, 0.7, "solid"),
        ("winners", winners, theme.ink, 1.4, "solid"),
        ("with positives", bright, colors[bright], 1.2, "solid"),
        ("low-quality only", kinds.low_quality_only, theme.poor, 1.4, LOW_DASHES),
        ("without a positive", kinds.unassigned, theme.poor, 2.0, (0, (3, 1.4))),
    ):
        style = {"colors": color, "linestyles": [dashes]}
        draw_lines(axes, boxes[rows], brush, width, label=label, **style)
    if panel.view.subject is not None:  # a cross would hide the object
        return
    crossed = panel.scene.is_unassigned
    corners = panel.scene.frame.gt_boxes[crossed].reshape(-1, 2, 2)
    sides = (corners[:, 1] - corners[:, 0]).min(axis=1) * brush.scale
    size = np.clip(0.5 * sides, 3.4, 8.0 * brush.weight) ** 2
    cross: Any = {"marker": "X", "color": theme.poor, "label": "crosses"}
    cross |= {"edgecolors": edge_color(theme), "linewidths": 0.4, "zorder": 6}
    draw_signs(axes, corners.mean(axis=1), s=size, **cross)


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
    edge, style = edge_color(brush.theme), {"zorder": 4}
    _segments(axes, brackets, label="focus edges", colors=edge, linewidths=4, **style)
    _segments(
        axes, brackets, label="focus", colors=brush.theme.ink, linewidths=2, **style
    )


class Kinds(NamedTuple):
    """The boxes of a panel by what they get; (G,) bool each, winners in none."""

    assigned: BoolArray  # with positives on the levels shown
    # with low-quality matches only, some of them on these levels
    low_quality_only: BoolArray
    unassigned: BoolArray  # without a positive on any level
    # with positives on other levels only, or that the panel is not about
    others: BoolArray


def kinds_of_boxes(panel: Panel) -> Kinds:
    """Tell the boxes of a panel apart."""
    scene, is_asked = panel.scene, _is_looked_at(panel)
    has_any = np.zeros(scene.num_gt, dtype=bool)
    has_any[scene.assignment.gt[panel.positives]] = True
    has_any &= is_asked
    low = has_any & scene.is_low_quality_only
    unassigned = scene.is_unassigned & is_asked
    others = ~has_any & ~unassigned
    others[list(panel.winners)] = False
    return Kinds(has_any & ~low, low, unassigned, others)


def _is_looked_at(panel: Panel) -> BoolArray:
    """Find the boxes that the panel is about: all, or the one of the candidates."""
    if panel.view.candidates is None:
        return np.ones(panel.scene.num_gt, dtype=bool)
    rows: BoolArray = panel.scene.frame.object_rows == panel.view.candidates
    return rows


def draw_left_out(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw what the data rules leave out as dotted grey boxes."""
    boxes = outlines(panel.scene.left_out_boxes)
    style: Any = {"colors": brush.theme.faint_ink, "linestyles": [(0, (1, 1.5))]}
    draw_lines(axes, boxes, brush, 0.8, label="left out", **style)


def draw_lines(
    axes: Axes, lines: Segments, brush: Brush, width: float, *, label: str, **style: Any
) -> None:
    """Draw closed lines with an edge, two artists however many there are."""
    width *= brush.weight
    edges = np.repeat(to_rgba_array(edge_color(brush.theme)), len(lines), axis=0)
    edges[:, 3] = 0.75 * to_rgba_array(style["colors"])[:, 3]
    under: Any = {"colors": edges, "linewidths": width + 1.1, "zorder": 3}
    _segments(axes, lines, label=f"{label} edges", **under)
    _segments(axes, lines, label=label, linewidths=width, zorder=3.5, **style)


def _segments(axes: Axes, segments: Sequence[Any] | Segments, **style: Any) -> None:
    """Draw lines, all in one artist, that leave the limits of the axes as they are."""
    style["rasterized"] = len(segments) > _MANY
    axes.add_collection(LineCollection(list(segments), **style), autolim=False)


def draw_points(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the positives in their object's color, marker and size by level.

    Candidates of several objects are in ink.
    """
    scene = panel.scene
    colors = brush.of_boxes(panel)[scene.assignment.gt]
    colors[panel.contested, :3] = to_rgba_array(brush.theme.ink)[0, :3]
    sizes, names = brush.point_sizes(panel), scene.grids.pyramid.level_names
    edge: Any = {
        "edgecolors": edge_color(brush.theme),
        "linewidths": 0.4 * brush.weight,
    }
    signs = panel.signs[panel.is_bright]
    if panel.masks is not None:
        is_off = panel.masks.is_off_mask[signs]
        style: Any = {"marker": "X", "s": 22 * brush.weight, "zorder": 5.5, **edge}
        style |= {"c": brush.theme.ink, "label": "off mask"}
        draw_signs(axes, scene.points[signs[is_off]], **style)
        signs = signs[~is_off]
    for level in reversed(panel.levels):  # the small signs of fine levels on top
        on_level = signs[scene.assignment.level[signs] == level]
        marker, side = level_sign(level, sizes[level])
        is_low = scene.is_low_quality[on_level] | (scene.gate is not None)
        style = {"marker": marker, "zorder": 5, "s": side**2}
        for low, rows in ((False, on_level[~is_low]), (True, on_level[is_low])):
            points, own = scene.points[rows], colors[rows]
            if len(rows) and low:
                kind = "candidates" if scene.gate else "low-quality matches"
                name = f"{kind} {names[level]}"
                _hollow_signs(axes, points, own, brush, name, **style)
            elif len(rows):
                label = f"positives {names[level]}"
                draw_signs(axes, points, c=own, label=label, **style, **edge)


def draw_frames(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw windows of many candidates as frames around their cells."""
    colors = brush.of_boxes(panel)[panel.framed[:, 0]]
    style: Any = {"colors": colors, "label": "frames", "linestyles": [FRAME_DOTS]}
    draw_lines(axes, outlines(panel.frames), brush, 0.9, **style)


def draw_widened(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw where a gate looks for the candidates of boxes that it widens."""
    gate = panel.scene.gate
    if gate is None or gate.searched is None:
        return
    colors = brush.of_boxes(panel)[panel.widened]
    style: Any = {"colors": colors, "label": "widened", "linestyles": [WIDENED_DOTS]}
    draw_lines(axes, outlines(gate.searched[panel.widened]), brush, 0.8, **style)


def _hollow_signs(
    axes: Axes,
    points: npt.NDArray[Any],
    colors: npt.NDArray[Any],
    brush: Brush,
    name: str,
    **style: Any,
) -> None:
    """Draw rings with an edge below, nothing inside."""
    width = min(0.9 * brush.weight, 0.25 * style["s"] ** 0.5)
    edges = to_rgba_array([edge_color(brush.theme)] * len(points))
    edges[:, 3] = colors[:, 3]
    for label, color, wide in (
        (f"{name} edges", edges, 2 * width),
        (name, colors, width),
    ):
        style |= {"label": label, "linewidths": wide}
        draw_signs(axes, points, facecolors="none", edgecolors=color, **style)


def draw_contested(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Ring the positives that another object could have had."""
    scene = panel.scene
    rows = panel.signs[scene.is_contested[panel.signs]]
    sizes = np.array(brush.point_sizes(panel))[scene.assignment.level[rows]] + 2.6
    ring: Any = {"s": sizes**2, "marker": "o", "facecolors": "none"}
    under: Any = {"edgecolors": edge_color(brush.theme), "linewidths": 1.6}
    over: Any = {"edgecolors": brush.theme.ink, "linewidths": 0.8, "zorder": 5.2}
    points = scene.points[rows]
    draw_signs(axes, points, label="contested edges", zorder=5.1, **ring, **under)
    draw_signs(axes, points, label="contested", **ring, **over)


def draw_window(axes: Axes, window: Window, brush: Brush) -> None:
    """Frame the part of the image that a close-up below shows."""
    style: Any = {"colors": brush.theme.ink}
    draw_lines(axes, outlines(window), brush, 0.9, label="close-up", **style)


def draw_cells(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw all anchor centers of the finest level that a close-up shows."""
    points = panel.scene.centers(panel.levels[0])
    drawn = panel.scene.points[panel.scene.assignment.level == panel.levels[0]]
    is_free = ~np.isin(points @ _ONE_NUMBER, drawn @ _ONE_NUMBER)
    points = points[is_free]
    style: Any = {"marker": "+", "c": brush.theme.faint_ink, "linewidths": 0.7}
    draw_signs(axes, points, s=9, label="centers", zorder=2.4, **style)


def draw_anchors(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Draw the boxes of the positives, in a close-up of the object asked for alone."""
    scene, rows = panel.scene, panel.positives
    if panel.view.subject is not None:
        is_own = scene.frame.object_rows == panel.view.subject
        rows = rows[is_own[scene.assignment.gt[rows]]]
    style: Any = {"linewidths": 0.7 * brush.weight, "alpha": 0.7, "zorder": 2.5}
    colors = brush.of_boxes(panel)[scene.assignment.gt[rows]]
    boxes = outlines(scene.anchors[rows])
    _segments(axes, boxes, colors=colors, label="anchors", **style)


def faded(pixels: Pixels | None, theme: Theme) -> Pixels | None:
    """Move all colors some way towards the paper; (height, width, 3) uint8."""
    if pixels is None:
        return None
    paper = 255 * np.array(to_rgb(theme.paper))
    values = np.arange(256)[:, None] * (1 - _FADE) + paper * _FADE  # (256, 3)
    return values.astype(np.uint8)[pixels, np.arange(3)]


def draw_picture(axes: Axes, pixels: Pixels | None, panel: Panel, theme: Theme) -> None:
    """Draw the frame of the image, and its picture if there is one."""
    height, width = panel.scene.canvas_size
    ground: Any = {"facecolor": theme.canvas, "edgecolor": "none"}
    edge: Any = {"fill": False, "edgecolor": theme.rule, "linewidth": 0.8}
    for style, zorder, label in ((ground, 0.0, "frame"), (edge, 1.5, "frame edge")):
        style |= {"zorder": zorder, "label": label}
        axes.add_patch(Rectangle((0, 0), width, height, **style))
    if pixels is not None:
        _show(axes, pixels, panel.scene.picture_corners, panel.window)


def _show(axes: Axes, pixels: Pixels, corners: Sequence[float], window: Window) -> None:
    """Draw the part of some pixels that a window shows."""
    start, number = np.array(corners[:2]), np.array(pixels.shape[1::-1])
    step = (np.array(corners[2:]) - start) / number
    first = np.clip(np.floor((np.array(window[:2]) - start) / step), 0, number)
    last = np.clip(np.ceil((np.array(window[2:]) - start) / step), first, number)
    (left, top), (right, bottom) = first.astype(int), last.astype(int)
    if left < right and top < bottom:
        (x1, y1), (x2, y2) = (start + first * step, start + last * step)
        style: Any = {"aspect": "auto", "interpolation": "bilinear", "zorder": 1}
        axes.imshow(pixels[top:bottom, left:right], extent=(x1, x2, y2, y1), **style)


def draw_masks(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Shade the masks in the colors of their objects."""
    if panel.masks is None or not panel.scene.num_gt:
        return
    height, width = panel.scene.canvas_size
    colors = brush.of_boxes(panel)
    colors[:, 3] = _MASK_ALPHA
    table = np.vstack([colors, np.zeros((1, 4))])  # the last row is for no object
    shades = (255 * table).astype(np.uint8)[panel.masks.owner]
    _show(axes, shades, (0.0, 0.0, float(width), float(height)), panel.window)
