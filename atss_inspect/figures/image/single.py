"""One image in one panel, or in several side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures.image import layout, marks
from atss_inspect.figures.image.key import Entry, Key, flow, key_entries
from atss_inspect.figures.image.labels import Labels, draw_labels, place_labels
from atss_inspect.figures.image.picture import (
    Pixels,
    draw_masks,
    draw_picture,
    faded,
)
from atss_inspect.figures.image.view import (
    Panel,
    View,
    positives_on,
    shown_levels,
    tried_on,
    window_of,
)
from atss_inspect.figures.image.words import heading, panel_lines
from atss_inspect.figures.theme import DEFAULT_THEME, Theme, drawn_in
from atss_inspect.readers.pixels import Picture
from atss_inspect.scene import Scene
from atss_inspect.scene_masks import SceneMasks

_WHOLE = View()
_NO_PICTURE = Picture(None)


@dataclass(frozen=True)
class _Page:
    """What is to be drawn on which grid, under which words."""

    panels: Sequence[Panel]
    titles: Sequence[Sequence[str]]
    labels: Sequence[Labels]
    view: View
    grid: layout.Grid


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
        subject = "" if view.candidates is None else colors[view.candidates]
        entries = key_entries(panels, view, theme, color=subject)
        grid = layout.make_grid([one.window.ratio for one in panels])
        words_above = [panel_lines(one, view) for one in panels]
        grid, above = layout.make_room(grid, words_above if len(panels) > 1 else [])
        labels = [place_labels(one, view, width=grid.width) for one in panels]
        page = _Page(panels, above, labels, view, grid)
        key, in_cell = _fit_key(entries, grid)
        words = heading(panels, view, picture, labels)
        body = grid.height + (0 if in_cell else key.height + 0.06)
        figure, top = layout.bare_sheet(words, theme, body=body)
        _draw_panels(figure, page, top, marks.Brush(theme, colors, 1.0), picture)
        left, down = grid.corner(len(panels)) if in_cell else (0.0, grid.height + 0.06)
        key.draw(figure, left=grid.margin + left, top=top - down)
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
        window = window_of(scene, view, positives_on(scene, levels))
        names = scene.grids.pyramid.level_names
        for shown in [(level,) for level in levels] if view.by_level else [levels]:
            title = titles[number] if titles else scene.settings.name
            if view.by_level:
                stride = scene.settings.anchors.strides[shown[0]]
                title = f"{names[shown[0]]}, stride {stride}"
            yield Panel(
                scene=scene,
                levels=shown,
                window=window,
                title=title,
                positives=positives_on(scene, shown),
                tried=tried_on(scene, view, shown),
                subject=view.candidates,
                masks=masks[number] if masks else None,
                focus=view.subject,
            )


def _fit_key(entries: Sequence[Entry], grid: layout.Grid) -> tuple[Key, bool]:
    """Lay out the key below the panels, or in a free cell if it fits there."""
    below = flow(entries, grid.inner)
    if grid.num_free:
        beside = flow(entries, grid.width)
        is_whole = all(each.text == each.entry.text for each in beside.placed)
        if is_whole and beside.height <= grid.cell_height:
            return beside, True
    return below, False


def _draw_panels(
    figure: Figure, page: _Page, top: float, brush: marks.Brush, picture: Picture
) -> None:
    """Draw every panel into its cell."""
    pixels = None if picture.pixels is None else faded(picture.pixels, brush.theme)
    for number, panel in enumerate(page.panels):
        lines = page.titles[number] if page.titles else ()
        axes = layout.panel_axes(figure, page.grid, number, top, panel.window, lines)
        scale = page.grid.width * 72 / panel.window.width
        weight = 1.0 if len(page.panels) == 1 else 0.8
        own = marks.Brush(brush.theme, brush.colors, scale, weight)
        _draw_panel(axes, panel, page.view, own, pixels)
        draw_labels(axes, page.labels[number], panel, own)


def _draw_panel(
    axes: Axes, panel: Panel, view: View, brush: marks.Brush, pixels: Pixels | None
) -> None:
    """Draw picture, masks, boxes and points of one panel, from below upward."""
    draw_picture(axes, pixels, panel, brush.theme)
    draw_masks(axes, panel, brush)
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
