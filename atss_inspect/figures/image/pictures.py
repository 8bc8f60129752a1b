"""One image in a panel or several side by side, or many images small on one sheet."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures.image import layout, marks
from atss_inspect.figures.image.labels import draw_labels, place_labels
from atss_inspect.figures.image.view import (
    Panel,
    View,
    Window,
    shown_levels,
    window_of,
)
from atss_inspect.figures.image.words import gallery_heading, heading, panel_lines
from atss_inspect.figures.theme import DEFAULT_THEME, Theme, drawn_in
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, SceneMasks
from atss_inspect.views.names import name_of_id

_WHOLE = View()
_NO_PICTURE = Picture(None)
_KEY_GAP = 0.06  # inches
_CELL_RATIO = 0.75  # of a gallery
_LARGEST_COLUMNS = 5


def image_figure(
    scenes: Sequence[Scene],
    *,
    picture: Picture = _NO_PICTURE,
    view: View = _WHOLE,
    titles: Sequence[str] = (),
    masks: Sequence[SceneMasks] = (),
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw an image with its objects and their positives.

    Parameters
    ----------
    scenes : one image under one or several conventions, a panel each
    picture : its pixels; without any, a blank canvas is drawn and the note says why
    view : what is to be seen of it
    titles : of the panels; the names of the conventions by default
    masks : of the objects, one for each scene, to be shaded
    theme : colors

    Returns
    -------
    Figure in input pixels, x right and y down. Objects keep their color from panel to
    panel; of an image without objects the picture is drawn.
    """
    with drawn_in(theme):
        panels = list(_panels(scenes, view, titles, masks))
        is_single = len(panels) == 1
        colors = marks.object_colors(scenes[0].image.xywh, theme)
        subject = "" if view.candidates is None else colors[view.candidates]
        entries = layout.key_entries(panels, theme, color=subject)
        above = [] if is_single else [panel_lines(one) for one in panels]
        grid = layout.make_grid([one.window.ratio for one in panels], above)
        labels = [place_labels(one, width=grid.width) for one in panels]
        key, in_cell = _fit_key(entries, grid)
        body = grid.height + (0 if in_cell else key.height + _KEY_GAP)
        words = heading(panels, picture, labels)
        figure, top = layout.bare_sheet(words, theme, body=body)
        pixels = marks.faded(picture.pixels, theme)
        for number, (panel, own) in enumerate(zip(panels, labels, strict=True)):
            axes = layout.panel_axes(figure, grid, number, top, panel.window)
            scale, weight = grid.scale(panel.window), 1.0 if is_single else 0.8
            brush = marks.Brush(theme, colors, scale, weight)
            marks.draw_picture(axes, pixels, panel, theme)
            _draw_panel(axes, panel, brush)
            draw_labels(axes, own, panel, brush)
        below = 0.0, grid.height + _KEY_GAP
        left, down = grid.corner(len(panels)) if in_cell else below
        key.draw(figure, left=layout.LEFT + left, top=top - down)
        return figure


def _panels(
    scenes: Sequence[Scene],
    view: View,
    titles: Sequence[str],
    masks: Sequence[SceneMasks],
) -> Iterator[Panel]:
    """Make a panel per scene, or one per level of the scene."""
    for number, scene in enumerate(scenes):
        levels = shown_levels(scene, view)
        window = window_of(scene, view, levels)
        names = scene.grids.pyramid.level_names
        for shown in [(level,) for level in levels] if view.by_level else [levels]:
            title = titles[number] if titles else scene.settings.name
            if view.by_level:
                stride = scene.settings.anchors.strides[shown[0]]
                title = f"{names[shown[0]]}, stride {stride}"
            own_masks = masks[number] if masks else None
            yield Panel(scene, view, shown, window, title, own_masks)


def _fit_key(
    entries: Sequence[layout.Entry], grid: layout.Grid
) -> tuple[layout.Key, bool]:
    """Lay out the key below the panels, or in a free cell if it fits there."""
    beside = layout.flow(entries, grid.width)
    fits = beside.is_whole and beside.height <= grid.cell_height
    if grid.has_free_cell and fits:
        return beside, True
    return layout.flow(entries, layout.INNER), False


def _draw_panel(axes: Axes, panel: Panel, brush: marks.Brush) -> None:
    """Draw masks, boxes and points of one panel, from below upward."""
    view = panel.view
    marks.draw_masks(axes, panel, brush)
    if panel.scene.left_out:
        marks.draw_left_out(axes, panel, brush)
    if not panel.scene.num_gt:
        marks.draw_focus(axes, panel, brush)
        return
    if view.has_anchors:
        marks.draw_anchors(axes, panel, brush)
    marks.draw_boxes(axes, panel, brush)
    marks.draw_focus(axes, panel, brush)
    if view.candidates is not None:
        marks.draw_tried(axes, panel, brush)
        return
    marks.draw_points(axes, panel, brush)
    if view.has_contested:
        marks.draw_contested(axes, panel, brush)


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
        titles = [_title(scene) for scene in scenes] if len(scenes) > 1 else []
        ratios = [_CELL_RATIO] * len(scenes)
        grid = layout.make_grid(ratios, titles, columns=columns)
        panels = [_cell(scene, view) for scene in scenes]
        key = layout.flow(layout.key_entries(panels, theme), layout.INNER)
        body = grid.height + key.height + _KEY_GAP
        words = gallery_heading(scenes, pictures, order)
        figure, top = layout.bare_sheet(words, theme, body=body)
        for number, (panel, picture) in enumerate(zip(panels, pictures, strict=True)):
            axes = layout.panel_axes(figure, grid, number, top, panel.window)
            colors = marks.object_colors(panel.scene.image.xywh, theme)
            scale, weight = grid.scale(panel.window), 0.9 - 0.1 * columns
            brush = marks.Brush(theme, colors, scale, weight)
            marks.draw_picture(axes, marks.faded(picture.pixels, theme), panel, theme)
            for draw in (marks.draw_left_out, marks.draw_boxes, marks.draw_points):
                draw(axes, panel, brush)
        key.draw(figure, left=layout.LEFT, top=top - grid.height - _KEY_GAP)
        return figure


def _cell(scene: Scene, view: View) -> Panel:
    """Fit an image into a cell."""
    height, width = scene.canvas_size
    wide = max(float(width), height / _CELL_RATIO)
    tall = wide * _CELL_RATIO
    left, top = (width - wide) / 2, (height - tall) / 2
    window = Window(left, top, left + wide, top + tall)
    return Panel(scene, view, shown_levels(scene, view), window)


def _title(scene: Scene) -> tuple[str, str]:
    """Name an image, and say how many of its objects starve."""
    starved = int(np.count_nonzero(scene.is_unassigned))
    found = f"{starved} of {scene.num_gt}" if scene.num_gt else "no objects"
    return name_of_id(scene.image.image_ids.tolist()[0]), found
