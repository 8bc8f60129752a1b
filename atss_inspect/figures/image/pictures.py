"""One image in a panel or several side by side, with close-ups below them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures.image import marks
from atss_inspect.figures.image.candidates import (
    SCALE_FOOT,
    draw_scale,
    draw_tried,
    scale_height,
)
from atss_inspect.figures.image.key import Entry, Key, flow, key_entries
from atss_inspect.figures.image.labels import draw_labels, place_labels
from atss_inspect.figures.image.layout import (
    FLAT,
    GAP,
    INNER,
    KEY_GAP,
    LARGEST_COLUMNS,
    LEFT,
    Grid,
    bare_sheet,
    make_grid,
    panel_axes,
)
from atss_inspect.figures.image.view import (
    CROWD,
    Panel,
    View,
    differing_rows,
    lacking,
    shown_levels,
    window_of,
)
from atss_inspect.figures.image.words import (
    close_up_lines,
    heading,
    panel_lines,
)
from atss_inspect.figures.theme import DEFAULT_THEME, Theme, drawn_in
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene, SceneMasks

_WHOLE = View()
_NO_PICTURE = Picture(None)
_CLOSE_UP = 2.0  # inches across, where one panel stands alone
# A larger object, in sides of the window, is seen well enough.
_LARGE = 0.3


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
        is_fine = panels[0].num_seen > CROWD or view.has_masks
        weight *= 0.7 if is_fine else 1.0
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
    subject = "" if view.subject is None else colors[view.subject]
    above = [] if is_single else [panel_lines(one) for one in panels]
    ratios = [one.window.ratio for one in panels]
    is_row = view.is_row and len(panels) <= LARGEST_COLUMNS and max(ratios) >= FLAT
    columns = len(panels) if is_row else 0
    grid = make_grid(ratios, above, columns=columns)
    close_ups = _close_ups(panels) if grid.columns == len(panels) else []
    has_any = bool(close_ups)
    entries = key_entries(panels, theme, color=subject, has_close_up=has_any)
    if close_ups:
        return _with_close_ups(grid, close_ups, entries, panels[0].index)
    none, down = Grid(1, 0.0), grid.height
    scale = panels[0] if is_single and scale_height(panels[0]) else None
    if scale is not None:
        down += GAP + scale_height(scale)
    key, in_cell = _fit_key(entries, grid)
    if in_cell:
        place = grid.corner(len(panels))
        return _Page(grid, [], none, scale, key, place, down)
    height = down + key.height + KEY_GAP
    return _Page(grid, [], none, scale, key, (0.0, down + KEY_GAP), height)


def _with_close_ups(
    grid: Grid,
    close_ups: Sequence[Panel],
    entries: Sequence[Entry],
    index: Sequence[int],
) -> _Page:
    """Lay out close-ups below the panels; beside a single one the key."""
    ratios = [one.window.ratio for one in close_ups]
    words = [close_up_lines(one, one.view.zoom or 0, index) for one in close_ups]
    down, is_single = grid.height + GAP, len(close_ups) == 1
    across = _CLOSE_UP if is_single else INNER
    below = make_grid(ratios, words, columns=len(close_ups), across=across)
    if is_single:
        left = _CLOSE_UP + 1.4 * GAP
        key, place = flow(entries, INNER - left), (left, down)
        height = down + max(below.height, key.height)
    else:
        place = 0.0, down + below.height + KEY_GAP
        key = flow(entries, INNER)
        height = place[1] + key.height
    return _Page(grid, close_ups, below, None, key, place, height)


def _close_ups(panels: Sequence[Panel]) -> list[Panel]:
    """Look closely at the object that matters most, in every panel.

    The worst that differs from panel to panel, or the worst of all; none where it is
    large, or the picture is about something else.
    """
    view = panels[0].view
    is_other = view.subject is not None or view.by_level or view.has_masks
    if is_other or not all(one.levels for one in panels):
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
        axes = panel_axes(figure, page.below, number, top - GAP, panel.window)
        scale = page.below.width * 72 / panel.window.width
        brush = marks.Brush(theme, colors, scale, 0.9)
        marks.draw_picture(axes, pixels, panel, theme)
        marks.draw_cells(axes, panel, brush)
        _draw_panel(axes, panel, brush)
    if page.scale is not None:
        tall, left = scale_height(page.scale), LEFT + 0.25
        bottom = top - GAP - tall + SCALE_FOOT
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
    # To the right end of the row, and a little into the margin.
    left, _ = grid.corner(len(grid.heights))
    key = flow(entries, INNER - left + LEFT / 2)
    is_free = len(grid.heights) % grid.columns != 0
    fits = is_free and key.height <= sum(grid.rows[-1])
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
