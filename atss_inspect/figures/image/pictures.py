"""One image in a panel or several side by side, or many images small on one sheet."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures import sheet
from atss_inspect.figures.image import marks
from atss_inspect.figures.image.key import Entry, Key, flow, key_entries
from atss_inspect.figures.image.labels import draw_labels, place_labels
from atss_inspect.figures.image.view import Panel, View, Window, shown_levels, window_of
from atss_inspect.figures.image.words import gallery_heading, heading, panel_lines
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, SceneMasks
from atss_inspect.views.names import name_of_id

_WHOLE = View()
_NO_PICTURE = Picture(None)
_KEY_GAP = 0.06  # inches
_CELL_RATIO = 0.75  # of a gallery
_LARGEST_COLUMNS = 5
WIDTH = 5.2  # inches; one column of print
LEFT = sheet.MARGIN
INNER = WIDTH - 2 * LEFT  # between the margins
_TALLEST_CELL = 6.4
_GAP = 0.14
_TITLE_LINE = 0.17  # inches from the title to the words below it
_SUBTITLE_SIZE = 7.5
_SUBTITLE_LINE = 0.13
_TITLE_AIR = 0.03


class Grid(NamedTuple):
    """Cells of one size, filled row by row; all in inches."""

    num_panels: int
    columns: int
    width: float  # of a panel
    cell_height: float  # of a panel, without its title
    lines: Sequence[Sequence[str]] = ()  # above each: the title and the words below it

    @property
    def title_height(self) -> float:
        """Room above each panel: for the most lines that one has."""
        if not self.lines:
            return 0.0
        num_below = max(map(len, self.lines)) - 1
        return _TITLE_LINE + num_below * _SUBTITLE_LINE + _TITLE_AIR

    @property
    def height(self) -> float:
        """Height of all rows."""
        rows = -(-self.num_panels // self.columns)
        return rows * (self.title_height + self.cell_height) + (rows - 1) * _GAP

    def corner(self, number: int) -> tuple[float, float]:
        """Left and top of a cell, its title included, from the body's top left."""
        row, column = divmod(number, self.columns)
        each = self.title_height + self.cell_height + _GAP
        return column * (self.width + _GAP), row * each


def make_grid(
    ratios: Sequence[float], titles: Sequence[tuple[str, str]], *, columns: int = 0
) -> Grid:
    """Choose how many panels stand side by side: flat ones below one another.

    Parameters
    ----------
    ratios : height by width of each panel
    titles : title and words below it of each panel; no words, no room. The title is cut
        off if need be. What follows a comma or semicolon stays on one line if it fits
        there.
    columns : as many, if given
    """
    number, ratio = len(ratios), max(ratios)
    if not columns:
        widest = 1 if ratio < 0.45 else 3 if ratio >= 1.2 else 2
        columns = min(number, widest)
    width = min((INNER - (columns - 1) * _GAP) / columns, _TALLEST_CELL / ratio)
    above = []
    for title, words in titles:
        lines: list[str] = []
        for part in re.split(r"(?<=[,;]) ", words):
            joined = f"{lines[-1]} {part}" if lines else ""
            if lines and sheet.text_width(joined, _SUBTITLE_SIZE) < width:
                lines[-1] = joined
            else:
                lines += sheet.wrapped(part, width, _SUBTITLE_SIZE)
        above.append([sheet.fitted(title, width, TEXT_SIZE, bold=True), *lines])
    return Grid(number, columns, width, width * ratio, above)


def bare_sheet(
    heading: sheet.Heading, theme: Theme, *, body: float
) -> tuple[Figure, float]:
    """Make a sheet without a layout engine, and the top of its body in inches."""
    figure = sheet.new_sheet(heading, theme, width=WIDTH, body=body + 0.1)
    engine: Any = figure.get_layout_engine()
    bottom = float(engine.get()["rect"][1])
    figure.set_layout_engine("none")
    return figure, bottom * figure.get_size_inches()[1] + body + 0.05


def panel_axes(
    figure: Figure, grid: Grid, number: int, top: float, window: Window
) -> Axes:
    """Make the axes of a panel's window, with its title and the lines below it."""
    page_width, page_height = figure.get_size_inches()
    left, down = grid.corner(number)
    left, high = LEFT + left, top - down
    for place, text in enumerate(grid.lines[number] if grid.lines else ()):
        below = _TITLE_LINE + (place - 1) * _SUBTITLE_LINE if place else 0.0
        style: Any = {"size": _SUBTITLE_SIZE if place else TEXT_SIZE, "va": "top"}
        style["weight"] = "normal" if place else "bold"
        x, y = left / page_width, (high - below) / page_height
        figure.text(x, y, text, **style)
    tall = grid.width * window.ratio
    bottom = high - grid.title_height - tall
    size = grid.width / page_width, tall / page_height
    axes = figure.add_axes((left / page_width, bottom / page_height, *size))
    axes.set_axis_off()
    axes.set_xlim(window.x1, window.x2)
    axes.set_ylim(window.y2, window.y1)
    return axes


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
        entries = key_entries(panels, theme, color=subject)
        above = [] if is_single else [panel_lines(one) for one in panels]
        grid = make_grid([one.window.ratio for one in panels], above)
        labels = [place_labels(one, width=grid.width) for one in panels]
        key, in_cell = _fit_key(entries, grid)
        body = grid.height + (0 if in_cell else key.height + _KEY_GAP)
        words = heading(panels, picture, labels)
        figure, top = bare_sheet(words, theme, body=body)
        pixels = marks.faded(picture.pixels, theme)
        for number, (panel, own) in enumerate(zip(panels, labels, strict=True)):
            axes = panel_axes(figure, grid, number, top, panel.window)
            scale = grid.width * 72 / panel.window.width
            brush = marks.Brush(theme, colors, scale, 1.0 if is_single else 0.8)
            marks.draw_picture(axes, pixels, panel, theme)
            _draw_panel(axes, panel, brush)
            draw_labels(axes, own, panel, brush)
        below = 0.0, grid.height + _KEY_GAP
        left, down = grid.corner(len(panels)) if in_cell else below
        key.draw(figure, left=LEFT + left, top=top - down)
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
                title = names[shown[0]]
                if title[0] == "P":
                    title += f", stride {scene.settings.anchors.strides[shown[0]]}"
            own_masks = masks[number] if masks else None
            yield Panel(scene, view, shown, window, title, own_masks)


def _fit_key(entries: Sequence[Entry], grid: Grid) -> tuple[Key, bool]:
    """Lay out the key below the panels, or in a free cell if it fits there whole."""
    key = flow(entries, grid.width)
    fits = key.height <= grid.cell_height and grid.num_panels % grid.columns != 0
    if fits and all(entry.text == text for entry, text, _, _ in key.placed):
        return key, True
    return flow(entries, INNER), False


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
    if view.candidates is None:
        marks.draw_frames(axes, panel, brush)
    marks.draw_widened(axes, panel, brush)
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
    return WIDTH * dpi / _num_columns(number)


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
        titles = list(map(_title, scenes)) if len(scenes) > 1 else []
        grid = make_grid([_CELL_RATIO] * len(scenes), titles, columns=columns)
        panels = [_cell(scene, view) for scene in scenes]
        key = flow(key_entries(panels, theme), INNER)
        body = grid.height + key.height + _KEY_GAP
        words = gallery_heading(scenes, pictures, order)
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
        key.draw(figure, left=LEFT, top=top - grid.height - _KEY_GAP)
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
    """Name an image, and say how many of its objects are poorly assigned."""
    found = (
        f"{scene.counts.num_poorly_assigned} of {scene.num_gt}"
        if scene.num_gt
        else "no objects"
    )
    return name_of_id(scene.image.image_ids.tolist()[0]), found
