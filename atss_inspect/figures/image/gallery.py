"""Many images small on one sheet, cropped to what is poorly assigned."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from atss_inspect.figures.image import marks
from atss_inspect.figures.image.key import flow, key_entries
from atss_inspect.figures.image.layout import (
    INNER,
    KEY_GAP,
    LARGEST_COLUMNS,
    LEFT,
    WIDTH,
    bare_sheet,
    make_grid,
    panel_axes,
)
from atss_inspect.figures.image.view import Panel, View, Window, shown_levels
from atss_inspect.figures.image.words import gallery_heading
from atss_inspect.figures.theme import DEFAULT_THEME, Theme, drawn_in
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene
from atss_inspect.views.names import name_of_id
from atss_inspect.views.numbers import count

_CELL_RATIO = 0.75
# How much of an image is shown: the poorly assigned objects, in their extent, and at
# least so many of its widths.
_CROP_AIR, _CROP_LEAST = 1.25, 0.25
_SHARP = 0.6  # widths of an image; a closer crop may be blurred


def gallery_pixels(number: int, *, dpi: float) -> float:
    """Count the pixels across that a picture of a gallery is worth having."""
    return WIDTH * dpi / _num_columns(number) / _SHARP


def _num_columns(number: int) -> int:
    """Count the pictures that stand side by side."""
    return min(int(np.ceil(np.sqrt(number))), LARGEST_COLUMNS)


def gallery_figure(
    scenes: Sequence[Scene],
    pictures: Sequence[Picture],
    *,
    order: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw a contact sheet.

    Parameters
    ----------
    scenes : one per image, all under one convention, at least one
    pictures : their pixels, or why there are none
    order : how the images were chosen, for the title
    theme : colors

    Returns
    -------
    Figure of at most five columns of 4 : 3 cells, each image fitted into its own.
    """
    view = View(labels="none", is_small=True)
    with drawn_in(theme):
        columns = _num_columns(len(scenes))
        titles = list(map(_title, scenes)) if len(scenes) > 1 else []
        grid = make_grid([_CELL_RATIO] * len(scenes), titles, columns=columns)
        panels = [_cell(scene, view) for scene in scenes]
        key = flow(key_entries(panels, theme), INNER)
        body = grid.height + key.height + KEY_GAP
        words = gallery_heading(panels, pictures, order, width=INNER)
        figure, top = bare_sheet(words, theme, body=body)
        for number, (panel, picture) in enumerate(zip(panels, pictures, strict=True)):
            axes = panel_axes(figure, grid, number, top, panel.window)
            colors = marks.object_colors(panel.scene.image.xywh, theme)
            scale = grid.width * 72 / panel.window.width
            brush = marks.Brush(theme, colors, scale, 0.9 - 0.1 * columns)
            marks.draw_picture(axes, marks.faded(picture.pixels, theme), panel, theme)
            draws = marks.draw_left_out, marks.draw_frames, marks.draw_boxes
            for draw in (*draws, marks.draw_points):
                draw(axes, panel, brush)
        key.draw(figure, left=LEFT, top=top - grid.height - KEY_GAP)
        return figure


def _cell(scene: Scene, view: View) -> Panel:
    """Fit an image into a cell, or the part of it with all poorly assigned objects."""
    height, width = scene.canvas_size
    wide = max(float(width), height / _CELL_RATIO)
    x, y, boxes = width / 2, height / 2, scene.frame.gt_boxes[scene.is_poorly_assigned]
    if len(boxes):
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        across, down = (high - low).astype(float).tolist()
        x, y = ((low + high) / 2).astype(float).tolist()
        needed = max(across, down / _CELL_RATIO) * _CROP_AIR
        wide = min(max(needed, _CROP_LEAST * wide), wide)
    tall = wide * _CELL_RATIO
    # Within the image, if it is that large.
    left = min(max(x - wide / 2, 0.0), max(width - wide, 0.0))
    top = min(max(y - tall / 2, 0.0), max(height - tall, 0.0))
    left = (width - wide) / 2 if wide > width else left
    top = (height - tall) / 2 if tall > height else top
    window = Window(left, top, left + wide, top + tall)
    return Panel(scene, view, shown_levels(scene, view), window)


def _title(scene: Scene) -> tuple[str, str]:
    """Name an image, and say how many of its objects are poorly assigned."""
    found = (
        f"{count(scene.counts.num_poorly_assigned)} of {count(scene.num_gt)}"
        if scene.num_gt
        else "no objects"
    )
    return name_of_id(scene.image.image_ids.tolist()[0]), found
