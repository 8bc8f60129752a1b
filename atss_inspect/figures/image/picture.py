"""The picture below everything else, faded so that the signs stand out."""

from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba_array
from matplotlib.patches import Rectangle

from atss_inspect.figures.image.marks import Brush
from atss_inspect.figures.image.view import Panel, Window
from atss_inspect.figures.theme import Theme

Pixels = npt.NDArray[np.uint8]
_FADE = 0.25
_MASK_ALPHA = 0.5


def faded(pixels: Pixels, theme: Theme) -> Pixels:
    """Move all colors some way towards the paper; (height, width, 3) uint8."""
    paper = 255 * np.array(to_rgb(theme.paper))
    values = np.arange(256)[:, None] * (1 - _FADE) + paper * _FADE  # (256, 3)
    table = values.astype(np.uint8)
    channels = [table[pixels[..., band], band] for band in range(3)]
    return np.stack(channels, axis=-1)


def draw_picture(axes: Axes, pixels: Pixels | None, panel: Panel, theme: Theme) -> None:
    """Draw the frame of the image, and its picture if there is one."""
    height, width = panel.scene.canvas_size
    ground: dict[str, Any] = {"facecolor": theme.canvas, "edgecolor": "none"}
    edge: dict[str, Any] = {"fill": False, "edgecolor": theme.rule, "linewidth": 0.8}
    for style, zorder, label in ((ground, 0.0, "frame"), (edge, 1.5, "frame edge")):
        frame = Rectangle((0, 0), width, height, zorder=zorder, label=label, **style)
        axes.add_patch(frame)
    if pixels is not None:
        show(axes, pixels, panel.scene.picture_corners, panel.window)


def show(
    axes: Axes,
    pixels: Pixels,
    corners: tuple[float, float, float, float],
    window: Window,
) -> None:
    """Draw the part of some pixels that a window shows."""
    x1, y1, x2, y2 = corners
    height, width = pixels.shape[:2]
    wide, tall = (x2 - x1) / width, (y2 - y1) / height
    left, right = _part(window.x1 - x1, window.x2 - x1, wide, width)
    top, bottom = _part(window.y1 - y1, window.y2 - y1, tall, height)
    if left < right and top < bottom:
        axes.imshow(
            pixels[top:bottom, left:right],
            extent=(
                x1 + left * wide,
                x1 + right * wide,
                y1 + bottom * tall,
                y1 + top * tall,
            ),
            aspect="auto",
            interpolation="bilinear",
            zorder=1,
        )


def _part(low: float, high: float, step: float, number: int) -> tuple[int, int]:
    """Find the first and last of some pixels of a size between two places."""
    first = int(np.clip(np.floor(low / step), 0, number))
    return first, int(np.clip(np.ceil(high / step), first, number))


def draw_masks(axes: Axes, panel: Panel, brush: Brush) -> None:
    """Shade the masks in the colors of their objects; starved ones in theirs."""
    if panel.masks is None or not panel.scene.num_gt:
        return
    height, width = panel.scene.canvas_size
    colors = brush.of_boxes(panel)
    colors[panel.scene.is_unassigned] = to_rgba_array(brush.theme.starved)
    colors[:, 3] = _MASK_ALPHA
    table = np.vstack([colors, np.zeros((1, 4))])  # the last row is for no object
    shades = (255 * table).astype(np.uint8)[panel.masks.owner]
    corners = (0.0, 0.0, float(width), float(height))
    show(axes, shades, corners, panel.window)
