"""What other values of a setting would do: curves for one setting, maps for two.

In words: whether a row is worth a change, and the numbers of the most important rows.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from atss_inspect.arrays import Float64Array
from atss_inspect.assigners.anchor_rule import level_name
from atss_inspect.errors import SettingsError
from atss_inspect.figures import sheet
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import amount_line, plot_text, short_name
from atss_inspect.readers.saved_sweep import SavedSweep, SweepAxis, SweepRow
from atss_inspect.settings import Settings, restore_settings
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.sweep import LEVELS, label_of
from atss_inspect.views import numbers
from atss_inspect.views.names import clip, printable
from atss_inspect.views.table import Section, Table, row_of

MOST_AXES = 2
POORLY, MEAN = "poorly assigned objects", "positives per object, mean"
WITHOUT, MOST = "objects without a candidate", "picked at most per object, mean"
COLUMNS_NOTE = "poorly: share of poorly assigned objects; mean: positives per object."
GATE_NOTE = (
    "without: share of objects without a candidate; at most: mean of the points that "
    "the rule can pick for an object."
)
NO_CONVENTION = "The saved sweep does not hold all settings of its convention."
_MOST_LINES = 12  # of the table in words
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
_INCHES, _ROWS_DOWN = 3.7, 12  # room for labels along the axes and beside them
_AIR = 0.1  # inches between labels
_LONGEST = 22


@dataclass(frozen=True, eq=False)
class SweptAxis:
    """One swept setting."""

    title: str  # its name as typed, made printable
    labels: tuple[str, ...]  # of its values, made printable and not too long
    # (N,) float64 where the values stand on an axis of curves: the numbers themselves,
    # or 0, 1, 2, ... where they are none.
    places: Float64Array
    is_number: bool  # whether `places` are the values
    # Place and label of the value that holds without the sweep; None and "" where it
    # has none on this axis.
    own: float | None
    own_label: str


def swept_axes(saved: SavedSweep) -> list[SweptAxis]:
    """Describe the swept settings, in the order of the sweep."""
    return [_describe(axis, own_value(saved, axis.path)) for axis in saved.sweep.axes]


def _describe(axis: SweepAxis, own: Any) -> SweptAxis:
    """Describe one setting; ``own`` is its value without the sweep."""
    values = _as_tuples(axis.values)
    is_number = len(values) > 1 and all(map(_is_number, values))
    if is_number:
        places = np.array(values, dtype=float)
        is_near = _is_number(own) and places.min() <= own <= places.max()
        place = float(own) if is_near else None
    else:
        places = np.arange(float(len(values)))
        place = float(values.index(own)) if own in values else None
    labels = tuple(_value_label(axis, value) for value in values)
    own_label = "" if place is None else _value_label(axis, own)
    title = clip(printable(axis.name), 32)
    return SweptAxis(title, labels, places, is_number, place, own_label)


def own_value(saved: SavedSweep, path: str) -> Any:
    """Look up a setting of the convention that was changed; None where it has none."""
    value: Any = saved.settings[0]
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return _as_tuples(value)


def own_row(saved: SavedSweep) -> int | None:
    """Find the row that is the convention as it is, if the sweep has it."""
    places, shape = [], []
    for axis in saved.sweep.axes:
        values = _as_tuples(axis.values)
        own = own_value(saved, axis.path)
        if own not in values:
            return None
        places.append(values.index(own))
        shape.append(len(values))
    return int(np.ravel_multi_index(places, shape))


def _is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_tuples(value: Any) -> Any:
    """Turn lists, nested ones too, into tuples, which compare like settings."""
    if isinstance(value, list | tuple):
        return tuple(map(_as_tuples, value))
    return value


def _value_label(axis: SweepAxis, value: Any) -> str:
    """Name a value as people type it: 8, P3-P7, [1, 2]."""
    if axis.name.lower() == LEVELS and isinstance(value, tuple) and value:
        first, last = level_name(int(value[0])), level_name(int(value[-1]))
        return first if len(value) == 1 else f"{first}-{last}"
    if axis.path == "resize.size" and len({*value}) == 1:
        value = value[0]  # a square
    return clip(printable(label_of(value)), _LONGEST)


def name_values(axes: Axes, axis: SweptAxis, *, is_vertical: bool = False) -> None:
    """Name an axis and as many of its values as have room.

    Numbers on an axis of curves get round ticks where the values are many or close.
    Values of a map stand in the middle of its cells.
    """
    is_map = bool(axes.collections)
    if is_vertical:
        axes.set_ylabel(axis.title, size=_SMALL)
        step = -(-len(axis.labels) // _ROWS_DOWN)
        places = np.arange(0, len(axis.labels), step)
        axes.set_yticks(places + 0.5, axis.labels[::step], size=_SMALL)
        return
    axes.set_xlabel(axis.title, size=_SMALL)
    if axis.is_number and not is_map:
        if has_room(axis.places, axis.labels):
            axes.set_xticks(axis.places, axis.labels, size=_SMALL)
        return
    if not is_map:  # as in a map, each value has a place of its own width
        axes.set_xlim(-0.5, len(axis.labels) - 0.5)
    widest = max(sheet.text_width(label, _SMALL) for label in axis.labels) + _AIR
    is_flat = widest * min(len(axis.labels), 6) <= _INCHES
    most = int(_INCHES / (widest if is_flat else 1.6 * _SMALL / 72))
    step = -(-len(axis.labels) // max(most, 1))
    ticks = np.arange(0, len(axis.labels), step) + (0.5 if is_map else 0.0)
    turn: Any = {"size": _SMALL, "rotation": 0 if is_flat else 90}
    axes.set_xticks(ticks, axis.labels[::step], **turn)


def has_room(places: Float64Array, labels: Sequence[str]) -> bool:
    """Whether labels of numbers do not touch one another along an axis."""
    span = float(places.max() - places.min())
    if len(places) < 2 or not span:
        return True
    order = np.argsort(places)
    gaps = np.diff(places[order]) / span * _INCHES
    widths = np.array([sheet.text_width(label, _SMALL) for label in labels])[order]
    return bool((gaps >= (widths[1:] + widths[:-1]) / 2 + _AIR).all())


def spread_out(wanted: Sequence[float], *, gap: float, top: float) -> list[float]:
    """Move places apart that are closer than a gap, in their order, up to a top.

    They come in any order; of equals the earlier stays below.
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    placed = list(wanted)
    for lower, upper in itertools.pairwise(order):
        placed[upper] = max(placed[upper], placed[lower] + gap)
    limit = top
    for index in reversed(order):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def sweep_figure(
    saved: SavedSweep, *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw a sweep of one or two settings.

    Figure with two axes, the share of poorly assigned objects and the mean of
    positives. One setting: curves over its values, for all objects and by size. Two:
    maps, the first setting from top to bottom. Raises `ValueError` for a sweep of more
    than two settings. ``data`` is a line that names the data.
    """
    axes = swept_axes(saved)
    if len(axes) > MOST_AXES:
        message = f"expected a sweep of at most two settings, got {len(axes)}"
        raise ValueError(message)
    with drawn_in(theme):
        return (_curves if len(axes) == 1 else _maps)(saved, axes, data, theme)


def _two_panels(
    saved: SavedSweep, data: str, note: str, body: float, theme: Theme
) -> tuple[Figure, Axes, Axes]:
    """Make the axes of both numbers, one above the other."""
    title = f"Other values of {' and '.join(one.title for one in swept_axes(saved))}"
    heading = sheet.Heading(title, [printable(saved.sweep.verdict), data], note)
    figure = sheet.new_sheet(heading, theme, body=body)
    top, bottom = figure.subplots(2, 1, sharex=True)
    top.set_title(WITHOUT if saved.is_of_gate else POORLY)
    bottom.set_title(MOST if saved.is_of_gate else MEAN)
    return figure, top, bottom


def _curves(
    saved: SavedSweep, swept: Sequence[SweptAxis], data: str, theme: Theme
) -> Figure:
    """Draw both numbers over the values of one setting."""
    [axis] = swept
    figure, top, bottom = _two_panels(saved, data, _SIZES_NOTE, 4.6, theme)
    above = _draw_curves(top, saved, axis, "shown_share", theme)
    below = _draw_curves(bottom, saved, axis, "mean_positives", theme)
    top.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
    _mark_rows(top, bottom, saved, axis, theme)
    name_values(bottom, axis)
    top.tick_params(labelbottom=False)
    sheet.settle(figure)
    _join_labels(top, above)
    _join_labels(bottom, below)
    return figure


def _draw_curves(
    axes: Axes, saved: SavedSweep, axis: SweptAxis, number: str, theme: Theme
) -> list[Text]:
    """Draw one number, for all objects and by size; the labels at the ends."""
    order = np.argsort(axis.places, kind="stable")
    texts, highest = [], 0.0
    for name, values in _series(saved.results, number):
        values = values[order]
        if np.isnan(values).all():
            continue
        highest = max(highest, float(np.nanmax(values)))
        _draw_curve(axes, name, axis.places[order], values, theme)
        end = float(values[~np.isnan(values)][-1])
        # The name of the line right of the panel, at the height of its end.
        style: Any = {"weight": "bold" if name == "all" else "normal", "size": _SMALL}
        style |= {"space": axes.get_yaxis_transform(), "color": size_color(name, theme)}
        place = _LABELS_FROM + 0.01, end
        texts.append(sheet.write(axes, name, place, "left center", **style))
    axes.set_ylim(0, (highest or 0.01) * 1.34)
    axes.tick_params(labelsize=_SMALL)
    sheet.hide_frame(axes, "left", grid="x")
    return texts


def _series(
    rows: Sequence[SweepRow], number: str
) -> Iterator[tuple[str, Float64Array]]:
    """List a number of every row for each size, then for all objects; NaN for none."""
    for size in SIZE_BINS:
        groups = [
            {group.size: group for group in row.by_size}.get(size) for row in rows
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
    style: Any = {"linewidth": 2.6, "zorder": 4}
    if name != "all":
        style = {"linewidth": 1.5, "zorder": 3, "markersize": 4}
        style["marker"] = _SIZE_LOOKS[name][2] if len(places) <= _MOST_MARKERS else ""
    style |= {"color": size_color(name, theme), "label": name, "clip_on": False}
    axes.plot(places, values, **style)


def _join_labels(axes: Axes, texts: Sequence[Text]) -> None:
    """Move labels of lines that end close together apart; join all to their ends."""
    figure: Any = axes.figure
    height = axes.get_position().height * figure.get_figheight() * 72  # points
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    scale = height / (high - low)
    ends = [float(text.get_position()[1]) for text in texts]
    wanted = [(end - low) * scale for end in ends]
    placed = spread_out(wanted, gap=_SMALL * 1.45, top=height)
    lines = {line.get_label(): line for line in axes.lines}
    for text, end, place in zip(texts, ends, placed, strict=True):
        text.set_y(place / scale + low)
        points = np.asarray(lines[text.get_text()].get_xydata())
        last = points[~np.isnan(points[:, 1])][-1, 0]
        x = [(last - left) / (right - left), 1.0, _LABELS_FROM]
        style: Any = {"linewidth": 0.7, "color": text.get_color(), "zorder": 2.5}
        style |= {"transform": axes.get_yaxis_transform(), "clip_on": False}
        axes.plot(x, [end, end, place / scale + low], **style)


def _mark_rows(
    top: Axes, bottom: Axes, saved: SavedSweep, axis: SweptAxis, theme: Theme
) -> None:
    """Mark the value to change to, and the one that holds without the sweep."""
    own, place = axis.own, None
    marks: list[tuple[float, str, Any, str]] = []
    if saved.choice is not None:
        place = float(axis.places[saved.choice])
        words = f"recommended: {axis.labels[saved.choice]}"
        marks.append((place, words, "solid", theme.ink))
    if own is not None and place != own:
        words = f"{base_name(saved)}: {axis.own_label}"
        marks.append((own, words, (0, (3, 2)), theme.faint_ink))
    middle = (axis.places.min() + axis.places.max()) / 2
    for row, (place, words, dashes, color) in enumerate(marks):
        for panel in (top, bottom):
            panel.axvline(place, color=color, linewidth=1.1, linestyle=dashes, zorder=2)
        align, right = ("right top", -4) if place > middle else ("left top", 4)
        style: Any = {"space": top.get_xaxis_transform(), "shift": (right, -1)}
        style |= {"size": _SMALL, "color": color, "bbox": theme.ground, "zorder": 5}
        height = 1 - 0.13 * row
        sheet.write(top, clip(words, 44), (place, height), align, **style)


def _maps(
    saved: SavedSweep, swept: Sequence[SweptAxis], data: str, theme: Theme
) -> Figure:
    """Draw both numbers as maps over two settings."""
    down, across = swept
    shape = (len(down.labels), len(across.labels))
    note = f"Solid frame: recommended. Dashed: {base_name(saved)} as it is."
    each = min(max(0.27 * shape[0], 0.8), 3.2) + 0.6
    figure, top, bottom = _two_panels(saved, data, note, 2 * each + 0.5, theme)
    for panel, number, shades, worded in (
        (top, "shown_share", theme.ramp(theme.poor), numbers.percent),
        (bottom, "mean_positives", theme.ramp(), numbers.mean),
    ):
        values = np.array([getattr(row, number) for row in saved.results], dtype=float)
        _draw_map(panel, values.reshape(shape), shades, worded, theme)
        _frame_rows(panel, saved, shape, theme)
        name_values(panel, down, is_vertical=True)
    name_values(bottom, across)
    top.tick_params(labelbottom=False)
    return sheet.settle(figure)


def _draw_map(
    axes: Axes, values: Float64Array, shades: Any, worded: Any, theme: Theme
) -> None:
    """Draw one map, with the numbers in its cells where they have room."""
    highest = 1.0 if np.isnan(values).all() else float(np.nanmax(values)) or 1.0
    style: Any = {"edgecolors": theme.paper, "linewidth": 0.8 * (values.size <= 100)}
    shown = np.ma.masked_invalid(values)
    mesh = axes.pcolormesh(shown, cmap=shades, vmin=0, vmax=highest, **style)
    axes.invert_yaxis()
    sheet.hide_frame(axes, "left", "bottom")
    if values.shape[0] > _MOST_NUMBERS[0] or values.shape[1] > _MOST_NUMBERS[1]:
        figure: Any = axes.figure
        bar = figure.colorbar(mesh, ax=axes, aspect=14, pad=0.02)
        bar.ax.locator_params(nbins=4)
        bar.ax.yaxis.set_major_formatter(lambda value, _: worded(value))
        bar.ax.tick_params(labelsize=_SMALL)
        sheet.hide_frame(bar.ax)
        bar.outline.set_visible(False)
        return
    for (row, column), value in np.ndenumerate(values):
        words, color = numbers.UNDEFINED, theme.ink
        if not np.isnan(value):
            words = worded(float(value))
            color = theme.readable_on(shades(value / highest))
        style = {"size": _SMALL - 0.5, "color": color}
        place = column + 0.5, row + 0.5
        sheet.write(axes, words, place, "center center_baseline", **style)


def _frame_rows(
    axes: Axes, saved: SavedSweep, shape: tuple[int, int], theme: Theme
) -> None:
    """Frame the cell to change to, and the one that holds without the sweep."""
    own = own_row(saved)
    for row, dashes in ((saved.choice, "solid"), (own, (0, (2.5, 1.5)))):
        if row is None or (dashes != "solid" and row == saved.choice):
            continue
        y, x = divmod(row, shape[1])
        frame = Rectangle((x, y), 1, 1, fill=False, edgecolor=theme.ink, linewidth=1.8)
        frame.set(linestyle=dashes, clip_on=False, zorder=5)
        axes.add_patch(frame)


def base_name(saved: SavedSweep) -> str:
    """Name the convention that was changed."""
    return short_name(str(saved.settings[0].get("name", "as it is")))


def row_name(saved: SavedSweep, row: int) -> str:
    """Name a row: "k 9, scale 4"."""
    places = np.unravel_index(row, [len(axis.values) for axis in saved.sweep.axes])
    return ", ".join(
        f"{axis.title} {axis.labels[place]}"
        for axis, place in zip(swept_axes(saved), places, strict=True)
    )


def sweep_plot_text(saved: SavedSweep) -> str:
    """Write the numbers that the figure shows most, and the verdict."""
    rows: Sequence[int] = range(len(saved.results))
    if len(rows) > _MOST_LINES:
        rows = sorted({x for x in (saved.choice, own_row(saved)) if x is not None})
    lines = []
    for row in rows:
        found = saved.results[row]
        mean = numbers.mean(found.mean_positives)
        cells = numbers.percent(found.shown_share), mean
        lines.append(row_of(row_name(saved, row), cells))
    heads = ("without", "at most") if saved.is_of_gate else ("poorly", "mean")
    shown = [Table(heads, (Section("", tuple(lines)),))] if lines else []
    notes = [GATE_NOTE if saved.is_of_gate else COLUMNS_NOTE] if lines else []
    changed: list[Settings] | str
    try:
        changed = [restore_settings(saved.settings[0])]
    except SettingsError:
        changed = f"{NO_CONVENTION}\n"
    verdict = printable(saved.sweep.verdict)
    return plot_text(changed, *shown, notes=notes, verdict=verdict)


def sweep_data_line(saved: SavedSweep) -> str:
    """Name the annotations and count their objects, which values may drop."""
    num_objects = [row.num_objects for row in saved.results]
    files = [each.path for each in saved.inputs]
    return amount_line(files, num_objects, saved.data.num_images)
