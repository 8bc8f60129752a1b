"""One image in a panel or several side by side, or many images small on one sheet."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures import sheet
from atss_inspect.figures.image import marks
from atss_inspect.figures.image.candidates import (
    SCALE_FOOT,
    draw_scale,
    draw_tried,
    scale_height,
)
from atss_inspect.figures.image.key import Entry, Key, flow, key_entries
from atss_inspect.figures.image.labels import draw_labels, place_labels
from atss_inspect.figures.image.view import (
    CROWD,
    Panel,
    View,
    Window,
    differing_rows,
    lacking,
    shown_levels,
    window_of,
)
from atss_inspect.figures.image.words import (
    close_up_lines,
    gallery_heading,
    heading,
    panel_lines,
)
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, SceneMasks
from atss_inspect.views.names import name_of_id

_WHOLE = View()
_NO_PICTURE = Picture(None)
_KEY_GAP = 0.06  # inches
_CELL_RATIO = 0.75  # of a gallery
# How much of an image a gallery shows, in widths: around what is poorly assigned.
_CROP_AIR, _CROP_LEAST, _CROP_MOST = 1.25, 0.25, 0.6
_LARGEST_COLUMNS = 5
WIDTH = 5.2  # inches; one column of print
LEFT = sheet.MARGIN
INNER = WIDTH - 2 * LEFT  # between the margins
_TALLEST_CELL = 5.6
_GAP = 0.14
_TITLE_LINE = 0.17  # inches from the title to the words below it
_SUBTITLE_SIZE = 8.0
_SUBTITLE_LINE = 0.13
_TITLE_AIR = 0.03
_CLOSE_UP = 2.0  # inches across, where one panel stands alone
# A larger object, in sides of the window, is seen well enough.
_LARGE = 0.3


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
    ratios: Sequence[float],
    titles: Sequence[tuple[str, str]],
    *,
    columns: int = 0,
    across: float = INNER,
) -> Grid:
    """Choose how many panels stand side by side: flat ones below one another.

    Parameters
    ----------
    ratios : height by width of each panel
    titles : title and words below it of each panel; no words, no room. The title is cut
        off if need be. What follows a comma or semicolon stays on one line if it fits
        there.
    columns : as many, if given
    across : inches that there are
    """
    number, ratio = len(ratios), max(ratios)
    if not columns:
        widest = 1 if ratio < 0.45 else 3 if ratio >= 1.2 or number == 3 else 2
        columns = min(number, widest)
    width = min((across - (columns - 1) * _GAP) / columns, _TALLEST_CELL / ratio)
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
        colors = marks.object_colors(scenes[0].image.xywh, theme)
        page = _arrange(panels, theme, colors)
        pairs = itertools.zip_longest(panels, page.close_ups)
        wide = page.grid.width
        labels = [place_labels(one, width=wide, close_up=it) for one, it in pairs]
        words = heading(panels, picture, labels, width=INNER)
        figure, top = bare_sheet(words, theme, body=page.height)
        pixels = marks.faded(picture.pixels, theme)
        weight = 1.0 if len(panels) == 1 else 0.8
        weight *= 0.7 if panels[0].num_seen > CROWD else 1.0
        for number, (panel, own) in enumerate(zip(panels, labels, strict=True)):
            axes = panel_axes(figure, page.grid, number, top, panel.window)
            scale = page.grid.width * 72 / panel.window.width
            brush = marks.Brush(theme, colors, scale, weight)
            marks.draw_picture(axes, pixels, panel, theme)
            _draw_panel(axes, panel, brush)
            draw_labels(axes, own, panel, brush)
            for close_up in page.close_ups[number : number + 1]:
                marks.draw_window(axes, close_up.window, brush)
        _draw_below(figure, page, top - page.grid.height, pixels, theme, colors)
        return figure


class _Page(NamedTuple):
    """What stands where: panels, below them close-ups or IoUs, and the key."""

    grid: Grid
    close_ups: Sequence[Panel]  # of one object, as many as panels or none
    below: Grid  # of the close-ups
    scale: Panel | None  # whose candidates' IoUs are drawn
    key: Key
    # from the left and from the panels' top in inches
    key_place: tuple[float, float]
    height: float


def _arrange(panels: Sequence[Panel], theme: Theme, colors: Sequence[str]) -> _Page:
    """Lay out what a picture of one image consists of."""
    view, is_single = panels[0].view, len(panels) == 1
    subject = "" if view.candidates is None else colors[view.candidates]
    above = [] if is_single else [panel_lines(one) for one in panels]
    columns = len(panels) if view.is_row and len(panels) <= _LARGEST_COLUMNS else 0
    ratios = [one.window.ratio for one in panels]
    grid = make_grid(ratios, above, columns=columns)
    close_ups = _close_ups(panels) if grid.columns == len(panels) else []
    has_any = bool(close_ups)
    entries = key_entries(panels, theme, color=subject, has_close_up=has_any)
    if close_ups:
        return _with_close_ups(grid, close_ups, entries, panels[0].index)
    none, down = Grid(0, 1, 0.0, 0.0), grid.height
    scale = panels[0] if is_single and scale_height(panels[0]) else None
    if scale is not None:
        down += _GAP + scale_height(scale)
    key, in_cell = _fit_key(entries, grid)
    if in_cell:
        place = grid.corner(len(panels))
        return _Page(grid, [], none, scale, key, place, down)
    height = down + key.height + _KEY_GAP
    return _Page(grid, [], none, scale, key, (0.0, down + _KEY_GAP), height)


def _with_close_ups(
    grid: Grid,
    close_ups: Sequence[Panel],
    entries: Sequence[Entry],
    index: Sequence[int],
) -> _Page:
    """Lay out close-ups below the panels; beside a single one the key."""
    ratios = [one.window.ratio for one in close_ups]
    words = [close_up_lines(one, one.view.zoom or 0, index) for one in close_ups]
    down, is_single = grid.height + _GAP, len(close_ups) == 1
    across = _CLOSE_UP if is_single else INNER
    below = make_grid(ratios, words, columns=len(close_ups), across=across)
    if is_single:
        left = _CLOSE_UP + 1.4 * _GAP
        key, place = flow(entries, INNER - left), (left, down)
        height = down + max(below.height, key.height)
    else:
        place = 0.0, down + below.height + _KEY_GAP
        key = flow(entries, INNER)
        height = place[1] + key.height
    return _Page(grid, close_ups, below, None, key, place, height)


def _close_ups(panels: Sequence[Panel]) -> list[Panel]:
    """Look closely at the object that matters most, in every panel.

    The worst that differs from panel to panel, or the worst of all; none where it is
    large, or the picture is about something else.
    """
    view = panels[0].view
    if view.subject is not None or view.by_level or view.has_masks:
        return []
    rows = panels[0].differing or tuple(itertools.chain(*lacking(_scenes(panels))))
    for row in rows:
        close = replace(view, zoom=row, labels="none", has_contested=False)
        found = []
        for one in panels:
            window = window_of(one.scene, close, one.levels)
            found.append(replace(one, view=close, window=window))
        if all(_is_small(*pair, row) for pair in zip(found, panels, strict=True)):
            return found
    return []


def _scenes(panels: Sequence[Panel]) -> list[Scene]:
    return [one.scene for one in panels]


def _is_small(close_up: Panel, panel: Panel, row: int) -> bool:
    """Tell whether an object is in the picture, and small there."""
    is_seen = panel.scene.gt_of(row) is not None
    return is_seen and close_up.window.width < _LARGE * panel.window.width


def _draw_below(
    figure: Figure,
    page: _Page,
    top: float,
    pixels: marks.Pixels | None,
    theme: Theme,
    colors: Sequence[str],
) -> None:
    """Draw what stands below the panels, whose lower end is ``top`` in inches."""
    wide, high = figure.get_size_inches()
    for number, panel in enumerate(page.close_ups):
        axes = panel_axes(figure, page.below, number, top - _GAP, panel.window)
        scale = page.below.width * 72 / panel.window.width
        brush = marks.Brush(theme, colors, scale, 0.9)
        marks.draw_picture(axes, pixels, panel, theme)
        marks.draw_cells(axes, panel, brush)
        _draw_panel(axes, panel, brush)
    if page.scale is not None:
        tall, left = scale_height(page.scale), LEFT + 0.25
        bottom = top - _GAP - tall + SCALE_FOOT
        size = (INNER - 0.3) / wide, (tall - SCALE_FOOT) / high
        axes = figure.add_axes((left / wide, bottom / high, *size))
        draw_scale(axes, page.scale, marks.Brush(theme, colors, 1.0))
    left, down = page.key_place
    page.key.draw(figure, left=LEFT + left, top=top + page.grid.height - down)


def _panels(
    scenes: Sequence[Scene],
    view: View,
    titles: Sequence[str],
    masks: Sequence[SceneMasks],
) -> Iterator[Panel]:
    """Make a panel per scene, or one per level of the scene."""
    differing = differing_rows(scenes) if len(scenes) > 1 else ()
    has_poor = any(one.is_poorly_assigned.any() for one in scenes)
    for number, scene in enumerate(scenes):
        levels = shown_levels(scene, view)
        window = window_of(scene, view, levels)
        names = scene.grids.pyramid.level_names
        for shown in [(level,) for level in levels] if view.by_level else [levels]:
            title = titles[number] if titles else scene.settings.name
            title = title if len(scenes) > 1 else ""
            if view.by_level:
                title = names[shown[0]]
                if title[0] == "P":
                    title += f", stride {scene.settings.anchors.strides[shown[0]]}"
            own_masks = masks[number] if masks else None
            more = own_masks, differing, has_poor
            yield Panel(scene, view, shown, window, title, *more)


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
        draw_tried(axes, panel, brush)
        return
    marks.draw_points(axes, panel, brush)
    if view.has_contested:
        marks.draw_contested(axes, panel, brush)


def gallery_pixels(number: int, *, dpi: float) -> float:
    """Count the pixels across that a picture of a gallery is worth having."""
    return WIDTH * dpi / _num_columns(number) / _CROP_MOST


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
    view = View(labels="none", is_small=True)
    with drawn_in(theme):
        columns = _num_columns(len(scenes))
        titles = list(map(_title, scenes)) if len(scenes) > 1 else []
        grid = make_grid([_CELL_RATIO] * len(scenes), titles, columns=columns)
        panels = [_cell(scene, view) for scene in scenes]
        key = flow(key_entries(panels, theme), INNER)
        body = grid.height + key.height + _KEY_GAP
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
        key.draw(figure, left=LEFT, top=top - grid.height - _KEY_GAP)
        return figure


def _cell(scene: Scene, view: View) -> Panel:
    """Fit an image into a cell, or the part of it that holds poorly assigned objects.

    Where these are far apart, about half of the image that holds most of them.
    """
    height, width = scene.canvas_size
    wide = max(float(width), height / _CELL_RATIO)
    x, y, boxes = width / 2, height / 2, scene.frame.gt_boxes[scene.is_poorly_assigned]
    if len(boxes):
        low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
        across, down = (high - low).astype(float).tolist()
        needed = max(across, down / _CELL_RATIO) * _CROP_AIR
        if needed > _CROP_MOST * wide:
            centers = (boxes[:, :2] + boxes[:, 2:]) / 2
            reach = np.array([1.0, _CELL_RATIO]) * _CROP_MOST * wide / 2
            near = (np.abs(centers[:, None] - centers) < reach).all(axis=2)
            own = boxes[near[near.sum(axis=1).argmax()]]
            low, high = own[:, :2].min(axis=0), own[:, 2:].max(axis=0)
        x, y = ((low + high) / 2).astype(float).tolist()
        wide = min(max(needed, _CROP_LEAST * wide), _CROP_MOST * wide)
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
        f"{scene.counts.num_poorly_assigned} of {scene.num_gt}"
        if scene.num_gt
        else "no objects"
    )
    return name_of_id(scene.image.image_ids.tolist()[0]), found
