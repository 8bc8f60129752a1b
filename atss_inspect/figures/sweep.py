"""What other values of a setting would do: curves for one setting, maps for two."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from atss_inspect.arrays import Float64Array
from atss_inspect.figures import sweep_axes
from atss_inspect.figures.sheet import Heading, hide_frame, new_sheet, settle, write
from atss_inspect.figures.sweep_axes import SweptAxis
from atss_inspect.figures.sweep_words import base_name, choice_words
from atss_inspect.figures.theme import (
    DEFAULT_THEME,
    TEXT_SIZE,
    Theme,
    drawn_in,
    ramp,
    readable_on,
    starved_ramp,
)
from atss_inspect.readers.saved_sweep import SavedSweep, SweepRow
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.views import numbers
from atss_inspect.views.names import clip

MOST_AXES = 2
NONE, MEAN = "objects without a positive", "positives per object, mean"
_SIZES_NOTE = "Sizes by area in original pixels."
# Sizes, from purple to olive, with lightness and marker to tell them apart in grey.
_SIZE_LOOKS = {
    "tiny": ("#6a2c86", "#cf9be6", "v"),
    "small": ("#2b6f9e", "#74b3e3", "s"),
    "medium": ("#11806b", "#46c6a4", "D"),
    "large": ("#857a00", "#d8cf4e", "o"),
}
_SMALL = TEXT_SIZE - 1
_MOST_MARKERS = 25
_LABELS_FROM = 1.05  # of the panel's width
_MOST_NUMBERS = (20, 9)  # rows and columns of a map whose cells have room for numbers


def sweep_figure(
    saved: SavedSweep, *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw a sweep of one or two settings.

    Parameters
    ----------
    saved : the sweep, see `readers.saved_sweep`
    data : a line that names the data
    theme : the colors

    Returns
    -------
    Figure with two axes, the share of objects without a positive and their mean
    positives. One setting: curves over its values, for all objects and by size. Two:
    maps, the first setting from top to bottom.

    Raises
    ------
    ValueError
        For a sweep of more than two settings.
    """
    axes = sweep_axes.swept_axes(saved)
    if len(axes) > MOST_AXES:
        message = f"expected a sweep of at most two settings, got {len(axes)}"
        raise ValueError(message)
    draw = _curves if len(axes) == 1 else _maps
    names = " and ".join(axis.title for axis in axes)
    lines = [choice_words(saved), data]
    with drawn_in(theme):
        return draw(saved, axes, Heading(f"Other values of {names}", lines), theme)


# --- one setting --------------------------------------------------------------------


def _curves(
    saved: SavedSweep,
    swept: Sequence[SweptAxis],
    heading: Heading,
    theme: Theme,
) -> Figure:
    """Draw both numbers over the values of one setting."""
    [axis] = swept
    heading = Heading(heading.title, heading.lines, _SIZES_NOTE)
    figure = new_sheet(heading, theme, body=4.6)
    top, bottom = figure.subplots(2, 1, sharex=True)
    labels = [
        _draw_curves(panel, saved, axis, number, theme)
        for panel, number in ((top, "unassigned_share"), (bottom, "mean_positives"))
    ]
    top.set_title(NONE)
    bottom.set_title(MEAN)
    top.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
    _mark_rows(top, bottom, saved, axis, theme)
    sweep_axes.name_values(bottom, axis)
    top.tick_params(labelbottom=False)
    settle(figure)
    for panel, texts in zip((top, bottom), labels, strict=True):
        _move_apart(figure, texts)
        _join_labels(panel, texts)
    return figure


def _draw_curves(
    axes: Axes, saved: SavedSweep, axis: SweptAxis, number: str, theme: Theme
) -> list[Text]:
    """Draw one number, for all objects and by size; the labels at the ends."""
    order = np.argsort(axis.places, kind="stable")
    places = axis.places[order]
    texts, highest = [], 0.0
    for name, values in _series(saved.results, number):
        values = values[order]
        if np.isnan(values).all():
            continue
        highest = max(highest, float(np.nanmax(values)))
        _draw_curve(axes, name, places, values, theme)
        end = values[~np.isnan(values)][-1]
        texts.append(_label(axes, name, end, theme))
    axes.set_ylim(0, (highest or 0.01) * 1.34)
    axes.tick_params(labelsize=_SMALL)
    hide_frame(axes, "left", grid="x")
    return texts


def _series(
    rows: Sequence[SweepRow], number: str
) -> Iterator[tuple[str, Float64Array]]:
    """List a number of every row for each size, then for all objects; NaN for none."""
    for size in SIZE_BINS:
        groups = [
            next((group for group in row.by_size if group.size == size), None)
            for row in rows
        ]
        yield size, np.array([getattr(group, number, None) for group in groups], float)
    yield "all", np.array([getattr(row, number) for row in rows], dtype=float)


def size_color(name: str, theme: Theme) -> str:
    """Choose the color of a size; that of all objects is ink."""
    return theme.ink if name == "all" else _SIZE_LOOKS[name][theme.is_dark]


def _draw_curve(
    axes: Axes, name: str, places: Float64Array, values: Float64Array, theme: Theme
) -> None:
    """Draw one line; with markers where they do not crowd."""
    is_all = name == "all"
    has_markers = not is_all and len(places) <= _MOST_MARKERS
    axes.plot(
        places,
        values,
        color=size_color(name, theme),
        linewidth=2.6 if is_all else 1.5,
        marker=_SIZE_LOOKS[name][2] if has_markers else "",
        markersize=4,
        label=name,
        clip_on=False,
        zorder=4 if is_all else 3,
    )


def _label(axes: Axes, name: str, end: float, theme: Theme) -> Text:
    """Write the name of a line right of the panel, at the height of its end."""
    return write(
        axes,
        name,
        (_LABELS_FROM + 0.01, end),
        "left center",
        space=axes.get_yaxis_transform(),
        size=_SMALL,
        weight="bold" if name == "all" else "normal",
        color=size_color(name, theme),
    )


def _move_apart(figure: Figure, texts: Sequence[Text]) -> None:
    """Move the labels of lines that end close together apart."""
    if not texts or texts[0].axes is None:
        return
    axes = texts[0].axes
    height = axes.get_position().height * figure.get_figheight() * 72  # points
    low, high = axes.get_ylim()
    scale = height / (high - low)
    wanted = [(float(text.get_position()[1]) - low) * scale for text in texts]
    placed = sweep_axes.spread_out(wanted, gap=_SMALL * 1.45, top=height)
    for text, place in zip(texts, placed, strict=True):
        text.set_y(place / scale + low)


def _join_labels(axes: Axes, texts: Sequence[Text]) -> None:
    """Join the labels to the ends of their lines, which carry the same names."""
    low, high = axes.get_xlim()
    curves = {line.get_label(): line for line in axes.lines}
    for text in texts:
        line = curves[text.get_text()]
        points = np.asarray(line.get_xydata())
        place, end = points[~np.isnan(points[:, 1])][-1].tolist()
        axes.plot(
            [(place - low) / (high - low), 1.0, _LABELS_FROM],
            [end, end, text.get_position()[1]],
            transform=axes.get_yaxis_transform(),
            color=text.get_color(),
            linewidth=0.7,
            clip_on=False,
            zorder=2.5,
        )


def _mark_rows(
    top: Axes, bottom: Axes, saved: SavedSweep, axis: SweptAxis, theme: Theme
) -> None:
    """Mark the value to take, and the one that holds without the sweep."""
    chosen, own = saved.choice, axis.own
    marks: list[tuple[float, str, Any, str]] = []
    if chosen is not None:
        place = float(axis.places[chosen])
        words = f"chosen: {axis.labels[chosen]}"
        words += f", as {base_name(saved)} has it" if place == own else ""
        marks.append((place, words, "solid", theme.ink))
    if own is not None and (chosen is None or axis.places[chosen] != own):
        words = f"{base_name(saved)}: {axis.own_label}"
        marks.append((own, words, (0, (3, 2)), theme.faint_ink))
    middle = (axis.places.min() + axis.places.max()) / 2
    for row, (place, words, dashes, color) in enumerate(marks):
        for panel in (top, bottom):
            panel.axvline(place, color=color, linewidth=1.1, linestyle=dashes, zorder=2)
        is_right = place > middle
        write(
            top,
            clip(words, 44),
            (place, 1 - 0.13 * row),
            "right top" if is_right else "left top",
            shift=(-4 if is_right else 4, -1),
            space=top.get_xaxis_transform(),
            size=_SMALL,
            color=color,
            bbox=theme.ground,
            zorder=5,
        )


# --- two settings -------------------------------------------------------------------


def _maps(
    saved: SavedSweep,
    swept: Sequence[SweptAxis],
    heading: Heading,
    theme: Theme,
) -> Figure:
    """Draw both numbers as maps over two settings."""
    down, across = swept
    shape = (len(down.labels), len(across.labels))
    note = f"Solid frame: chosen. Dashed: {base_name(saved)} as it is."
    heading = Heading(heading.title, heading.lines, note)
    each = min(max(0.27 * shape[0], 0.8), 3.2) + 0.6
    figure = new_sheet(heading, theme, body=2 * each + 0.5)
    top, bottom = figure.subplots(2, 1, sharex=True)
    for panel, number, shades, worded in (
        (top, "unassigned_share", starved_ramp(theme), numbers.percent),
        (bottom, "mean_positives", ramp(theme), numbers.mean),
    ):
        values = np.array([getattr(row, number) for row in saved.results], dtype=float)
        _draw_map(panel, values.reshape(shape), shades, worded, theme)
        _frame_rows(panel, saved, shape, theme)
        sweep_axes.name_values(panel, down, is_vertical=True)
    sweep_axes.name_values(bottom, across)
    top.tick_params(labelbottom=False)
    top.set_title(NONE)
    bottom.set_title(MEAN)
    return settle(figure)


def _draw_map(
    axes: Axes, values: Float64Array, shades: Any, worded: Any, theme: Theme
) -> None:
    """Draw one map, with the numbers in its cells where they have room."""
    highest = float(np.nanmax(values)) if not np.isnan(values).all() else 0.0
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(values),
        cmap=shades,
        vmin=0,
        vmax=highest or 1.0,
        edgecolors=theme.paper,
        linewidth=0.8 if values.size <= 100 else 0,
    )
    axes.invert_yaxis()
    hide_frame(axes, "left", "bottom")
    if values.shape[0] > _MOST_NUMBERS[0] or values.shape[1] > _MOST_NUMBERS[1]:
        _draw_bar(axes, mesh, worded)
        return
    for (row, column), value in np.ndenumerate(values):
        words, color = numbers.UNDEFINED, theme.ink
        if not np.isnan(value):
            words = worded(float(value))
            color = readable_on(shades(value / (highest or 1.0)), theme)
        style: Any = {"size": _SMALL - 0.5, "color": color}
        place = column + 0.5, row + 0.5
        write(axes, words, place, "center center_baseline", **style)


def _draw_bar(axes: Axes, mesh: Any, worded: Any) -> None:
    """Explain the shades of a map without numbers."""
    figure: Any = axes.figure
    bar = figure.colorbar(mesh, ax=axes, aspect=14, pad=0.02)
    bar.ax.locator_params(nbins=4)
    bar.ax.yaxis.set_major_formatter(lambda value, _: worded(value))
    bar.ax.tick_params(labelsize=_SMALL)
    hide_frame(bar.ax)
    bar.outline.set_visible(False)


def _frame_rows(
    axes: Axes, saved: SavedSweep, shape: tuple[int, int], theme: Theme
) -> None:
    """Frame the cell to take, and the one that holds without the sweep."""
    own = sweep_axes.own_row(saved)
    for row, dashes in ((saved.choice, "solid"), (own, (0, (2.5, 1.5)))):
        if row is None or (dashes != "solid" and row == saved.choice):
            continue
        y, x = divmod(row, shape[1])
        frame = Rectangle((x, y), 1, 1, fill=False, edgecolor=theme.ink, linewidth=1.8)
        frame.set(linestyle=dashes, clip_on=False, zorder=5)
        axes.add_patch(frame)
