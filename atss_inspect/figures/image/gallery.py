"""Many images on one sheet, small, to be looked over at once."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from atss_inspect.figures.image import layout, marks
from atss_inspect.figures.image.key import flow, key_entries
from atss_inspect.figures.image.picture import draw_picture, faded
from atss_inspect.figures.image.view import (
    Panel,
    View,
    Window,
    positives_on,
    shown_levels,
)
from atss_inspect.figures.sheet import Heading
from atss_inspect.figures.theme import DEFAULT_THEME, Theme, drawn_in
from atss_inspect.figures.words import convention_line
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene
from atss_inspect.views import numbers
from atss_inspect.views.files import brief_names, file_of
from atss_inspect.views.names import name_of_id

_CELL_RATIO = 0.75
_LARGEST_COLUMNS = 5
_LONGEST_NAME = 40


def gallery_pixels(number: int, *, dpi: float) -> float:
    """Count the pixels across that a picture of a gallery is worth having."""
    return layout.WIDTH * dpi / _num_columns(number)


def _num_columns(number: int) -> int:
    """Count the pictures that stand side by side."""
    return min(int(np.ceil(np.sqrt(number))), _LARGEST_COLUMNS)


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
    view = View(labels="none")
    with drawn_in(theme):
        columns = _num_columns(len(scenes))
        grid = layout.make_grid([_CELL_RATIO] * len(scenes), columns=columns)
        titles = [_title(scene) for scene in scenes] if len(scenes) > 1 else []
        grid, lines = layout.make_room(grid, titles)
        panels = [_panel(scene, view) for scene in scenes]
        entries = key_entries(panels, view, theme)
        key = flow(entries, grid.inner)
        words = _heading(scenes, pictures, order)
        body = grid.height + key.height + 0.06
        figure, top = layout.bare_sheet(words, theme, body=body)
        for number, (panel, picture) in enumerate(zip(panels, pictures, strict=True)):
            above = lines[number] if lines else ()
            axes = layout.panel_axes(figure, grid, number, top, panel.window, above)
            colors = marks.object_colors(panel.scene.image.xywh, theme)
            scale = grid.width * 72 / panel.window.width
            brush = marks.Brush(theme, colors, scale, 0.9 - 0.1 * columns)
            pixels = None if picture.pixels is None else faded(picture.pixels, theme)
            draw_picture(axes, pixels, panel, theme)
            marks.draw_left_out(axes, panel, brush)
            marks.draw_boxes(axes, panel, brush)
            marks.draw_points(axes, panel, brush)
        key.draw(figure, left=grid.margin, top=top - grid.height - 0.06)
        return figure


def _panel(scene: Scene, view: View) -> Panel:
    """Fit an image into a cell."""
    levels = shown_levels(scene, view)
    height, width = scene.canvas_size
    wide = max(float(width), height / _CELL_RATIO)
    tall = wide * _CELL_RATIO
    left, top = (width - wide) / 2, (height - tall) / 2
    window = Window(left, top, left + wide, top + tall)
    return Panel(scene, levels, window, "", positives_on(scene, levels))


def _title(scene: Scene) -> tuple[str, str]:
    """Name an image, and say how many of its objects starve."""
    starved = int(np.count_nonzero(scene.is_unassigned))
    found = f"{starved} of {scene.num_gt}" if scene.num_gt else "no objects"
    return name_of_id(scene.image.image_ids.tolist()[0]), found


def _files(scenes: Sequence[Scene]) -> list[str]:
    """List the files that some images are from, each once."""
    return list(dict.fromkeys(file_of(scene.image) for scene in scenes))


def _heading(
    scenes: Sequence[Scene], pictures: Sequence[Picture], order: str
) -> Heading:
    """Put in words what is on the sheet."""
    total = sum(scene.num_gt for scene in scenes)
    starved = sum(int(np.count_nonzero(scene.is_unassigned)) for scene in scenes)
    which = f", {order}" if order else ""
    missing = sum(picture.pixels is None for picture in pictures)
    note = "Above each picture: image id, and objects without a positive of all."
    if missing:
        note += f" {numbers.plural(missing, 'picture')} missing: blank canvas."
    objects = numbers.plural(total, "object")
    return Heading(
        f"{numbers.plural(len(scenes), 'image')}{which}: "
        f"{numbers.count(starved)} of {objects} without a positive",
        [
            convention_line([scenes[0].settings]),
            f"From {brief_names(_files(scenes), room=_LONGEST_NAME)}",
        ],
        note,
    )
