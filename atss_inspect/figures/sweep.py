"""What other values of a setting would do: curves for one setting, maps for two.

In words: whether a row is worth a change, and the numbers of the most important rows.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import Colormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from atss_inspect.arrays import Float64Array
from atss_inspect.errors import SettingsError
from atss_inspect.figures import sheet
from atss_inspect.figures.swept import (
    SweptAxis,
    name_values,
    own_row,
    room_below,
    swept_axes,
)
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import (
    amount_line,
    plot_heading,
    plot_text,
    short_name,
)
from atss_inspect.readers.saved_sweep import SavedSweep, SweepRow
from atss_inspect.settings import Settings, restore_settings
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
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
_DOTTED = (EVERYTHING, *SIZE_BINS)
_FLAT = 0.02  # a share that no value moves by so much
_MOST_MARKERS = 25
# Inches: values of the axes, names of the lines, and the panels of curves and of dots.
_LEFT, _RIGHT, _ABOVE, _UPPER = 0.45, 0.85, 0.32, 1.9
_BETWEEN, _LOWER, _ROWS = 0.42, 1.3, 1.4
_OWN_NOTE = " Each value keeps its own objects."
_BARS_NOTE = " Gray bars: 95% intervals of the difference from today."
_MOST_NUMBERS = (20, 9)  # rows and columns of a map whose cells have room for numbers


def sweep_figure(
    saved: SavedSweep, *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw a sweep of one or two settings.

    Figure with two axes, the share of poorly assigned objects and the mean of
    positives. One setting: curves over its values, for all objects and by size, or dots
    for few values that are no numbers. Two: maps, the first setting from top to
    bottom. Raises `ValueError` for a sweep of more than two settings. ``data`` is a
    line that names the data.
    """
    axes = swept_axes(saved)
    if len(axes) > MOST_AXES:
        message = f"expected a sweep of at most two settings, got {len(axes)}"
        raise ValueError(message)
    with drawn_in(theme):
        draw = _curves
        if len(axes) == 1 and not axes[0].is_number:
            draw = _dots if 1 < len(axes[0].labels) <= len(_SIZE_LOOKS) else _curves
        return (_maps if len(axes) == 2 else draw)(saved, axes, data, theme)


def _heading(saved: SavedSweep, data: str, note: str) -> sheet.Heading:
    """Put the words of the figure together."""
    axes = swept_axes(saved)
    topic = "Two settings" if len(axes) == 2 else f"Other values of {axes[0].title}"
    note += _OWN_NOTE * (len({row.num_objects for row in saved.results}) > 1)
    return plot_heading(_findings(saved), topic, note, (), data)


def _findings(saved: SavedSweep) -> Iterator[str]:
    """Sentences for the title: what a change gains, or that nothing matters."""
    poor = "without a candidate" if saved.is_of_gate else "poorly assigned"
    rows, own = saved.results, own_row(saved)
    shares = [row.shown_share for row in rows if row.shown_share is not None]
    if saved.choice is not None and own is not None and saved.choice != own:
        before, after = (
            numbers.percent(rows[row].shown_share) for row in (own, saved.choice)
        )
        name, change = _change_name(saved, saved.choice, own), f"{before} to {after}"
        yield f"{name} cuts {poor} objects from {change}"
        yield f"{name} cuts {poor} from {change}"
        yield f"{name} cuts {poor} {change}"
        yield f"Cuts {poor} from {change}"
        return
    changes = [row.poorly_assigned_change for row in rows if row.is_within_chance]
    known = sum(row.interval_low is not None for row in rows)
    if shares and known > 1 and len(changes) == known:
        low, high = numbers.percent(min(shares)), numbers.percent(max(shares))
        span = f"{low.removesuffix('%')} to {high}"
        name = " and ".join(one.title for one in swept_axes(saved))
        is_flat = max(shares) - min(shares) < _FLAT
        if is_flat:
            yield f"{name}: flat, {span} {poor}"
            yield f"{name}: flat, {span}"
        else:
            yield f"{name}: {span} {poor}, perhaps by chance"
            yield f"{name}: {span}, perhaps by chance"
            yield f"{span} {poor}, perhaps by chance"
    yield printable(saved.sweep.verdict).split(" (")[0].split(". ")[0].removesuffix(".")


def _change_name(saved: SavedSweep, row: int, own: int) -> str:
    """Name what is changed in a row: "P2-P6", "k 15"."""
    axes = swept_axes(saved)
    shape = [len(one.values) for one in saved.sweep.axes]
    places = zip(axes, *(np.unravel_index(at, shape) for at in (row, own)), strict=True)
    changed = [
        f"{axis.title} {axis.labels[new]}" if axis.is_number else axis.labels[new]
        for axis, new, old in places
        if new != old
    ]
    return " and ".join(changed)


def _curves(
    saved: SavedSweep, swept: Sequence[SweptAxis], data: str, theme: Theme
) -> Figure:
    """Draw both numbers over the values of one setting."""
    [axis] = swept
    has_bars = any(row.interval is not None for row in saved.results)
    note = f"{_SIZES_NOTE}{_BARS_NOTE * has_bars} Today: {base_name(saved)}."
    left, wide = sheet.MARGIN + _LEFT, sheet.INNER - _LEFT - _RIGHT
    body = _ABOVE + _UPPER + _BETWEEN + _LOWER + room_below(axis)
    page = sheet.new_sheet(_heading(saved, data, note), theme, body=body)
    top = page.axes(left, _ABOVE, wide, _UPPER)
    bottom = page.axes(left, _ABOVE + _UPPER + _BETWEEN, wide, _LOWER)
    _name_panels(top, bottom, saved, theme)
    top.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
    for panel, number in ((top, "shown_share"), (bottom, "mean_positives")):
        ends = _draw_curves(panel, saved, axis, number, theme)
        _mark_rows(panel, saved, axis, number, theme)
        name_values(panel, axis)
        sheet.label_ends(panel, ends, _RIGHT - 0.15, size=_SMALL)
    top.set_xlabel("")
    top.tick_params(labelbottom=False)
    return page.figure


def _name_panels(top: Axes, bottom: Axes, saved: SavedSweep, theme: Theme) -> None:
    """Write above both panels what they show."""
    style: Any = {"size": _SMALL, "pad": 5}
    top.set_title(WITHOUT if saved.is_of_gate else POORLY, color=theme.poor, **style)
    bottom.set_title(MOST if saved.is_of_gate else MEAN, **style)


def _draw_curves(
    axes: Axes, saved: SavedSweep, axis: SweptAxis, number: str, theme: Theme
) -> list[tuple[str, float, float, str]]:
    """Draw one number, for all objects and by size; the ends of the lines, by name.

    Sizes whose lines end at the same height share a name.
    """
    order = np.argsort(axis.places, kind="stable")
    ends: dict[str, tuple[float, float]] = {}
    highest = 0.0
    for name, values in _series(saved.results, number):
        values = values[order]
        if np.isnan(values).all():
            continue
        highest = max(highest, float(np.nanmax(values)))
        _draw_curve(axes, name, axis.places[order], values, theme)
        last = np.flatnonzero(~np.isnan(values))[-1]
        ends[name] = float(axis.places[order][last]), float(values[last])
    if number == "shown_share":
        highest = max(highest, _draw_intervals(axes, saved, axis, theme))
    axes.set_ylim(0, (highest or 0.01) * 1.12)
    axes.locator_params(axis="y", nbins=5)
    axes.tick_params(labelsize=_SMALL)
    sheet.hide_frame(axes, "left", grid="x")
    joined: dict[tuple[float, int], list[str]] = {}
    for name, (x, y) in ends.items():
        joined.setdefault((x, round(y / (highest or 1) * 60)), []).append(name)
    return [
        (
            names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}",
            *ends[names[-1]],
            size_color(names[0] if len(names) == 1 else "all", theme),
        )
        for names in joined.values()
    ]


def _draw_intervals(
    axes: Axes, saved: SavedSweep, axis: SweptAxis, theme: Theme
) -> float:
    """Draw where the share of all objects may lie at each value; the highest end."""
    found = [row.interval for row in saved.results]
    known = [place for place, ends in enumerate(found) if ends is not None]
    if not known:
        return 0.0
    low, high = np.array([found[place] for place in known], dtype=float).T
    style: Any = {"colors": theme.ink, "linewidth": 5, "alpha": 0.22, "zorder": 2.8}
    axes.vlines(axis.places[known], low, high, **style)
    return float(high.max())


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


def _mark_rows(
    axes: Axes, saved: SavedSweep, axis: SweptAxis, number: str, theme: Theme
) -> None:
    """Ring what holds without the sweep on the line of all, and what to change to."""
    own = own_row(saved)
    for row, name, ground in (
        (own, "today", theme.paper),
        (saved.choice, "recommended", theme.ink),
    ):
        if row is None or (name == "today" and row == saved.choice):
            continue
        value = getattr(saved.results[row], number)
        if value is None:
            continue
        place = float(axis.places[row]), float(value)
        style: Any = {"markersize": 7.5, "color": theme.ink, "markeredgewidth": 1.8}
        axes.plot(*[[p] for p in place], "o", mfc=ground, zorder=5, label=name, **style)
        at_end = place[0] == axis.places.max()
        align, shift = ("right", 4) if at_end else ("center", 0)
        if number == "shown_share":
            style = {"size": _SMALL, "shift": (shift, 7), "bbox": theme.ground}
            sheet.write(axes, name, place, f"{align} bottom", zorder=6, **style)


def _dots(
    saved: SavedSweep, swept: Sequence[SweptAxis], data: str, theme: Theme
) -> Figure:
    """Draw both numbers as dots, one for each value, in a row for each size."""
    [axis] = swept
    left, wide = sheet.MARGIN + 0.6, sheet.INNER - 0.6 - 0.3
    is_wide = max(sheet.text_width(label, _SMALL) for label in axis.labels) > 0.7
    columns = 1 if is_wide else 2
    above = 0.32 + 0.18 * -(-len(axis.labels) // columns)
    name = base_name(saved)
    body = above + 2 * _ROWS + 0.5 + 0.35
    page = sheet.new_sheet(
        _heading(saved, data, f"{_SIZES_NOTE} Today: {name}."), theme, body=body
    )
    top = page.axes(left, above, wide, _ROWS)
    bottom = page.axes(left, above + _ROWS + 0.5, wide, _ROWS)
    _name_panels(top, bottom, saved, theme)
    for panel, number in ((top, "shown_share"), (bottom, "mean_positives")):
        every = dict(_series(saved.results, number))
        values = np.array([every[name] for name in _DOTTED])  # sizes, values
        _draw_dots(panel, saved, axis.labels, values, theme)
    top.xaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
    key: Any = {"loc": "lower left", "bbox_to_anchor": (-0.02, 1.15), "ncols": columns}
    top.legend(fontsize=_SMALL, borderaxespad=0, handletextpad=0.2, **key)
    return page.figure


def _draw_dots(
    axes: Axes,
    saved: SavedSweep,
    labels: Sequence[str],
    values: Float64Array,
    theme: Theme,
) -> None:
    """Draw one number: ``values`` are rows of sizes, with one for each value."""
    own, rows = own_row(saved), np.arange(len(_DOTTED))
    known = values[~np.isnan(values).all(axis=1)]
    most = float(np.nanmax(known, initial=0)) or 0.01
    ends = np.nan_to_num(values, nan=np.inf).min(axis=1), np.nan_to_num(values).max(1)
    axes.hlines(rows, *ends, colors=theme.faint_ink, linewidth=1.6, zorder=2)
    for place, label in enumerate(labels):
        *colors, marker = list(_SIZE_LOOKS.values())[place]
        color = colors[theme.is_dark]
        style: Any = {"marker": marker, "markersize": 8, "color": color}
        style["markerfacecolor"] = theme.paper if place == own else color
        style |= {"linestyle": "", "markeredgewidth": 1.8, "clip_on": False}
        said = " (today)" * (place == own) + " (recommended)" * (place == saved.choice)
        axes.plot(values[:, place], rows, label=label + said, zorder=4, **style)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.03 * most, most * 1.08)
    axes.set_yticks(rows, _DOTTED, size=_SMALL)
    axes.tick_params(labelsize=_SMALL)
    axes.tick_params(axis="y", pad=6)
    axes.locator_params(axis="x", nbins=5)
    sheet.hide_frame(axes, "left", grid="y")


def _maps(
    saved: SavedSweep, swept: Sequence[SweptAxis], data: str, theme: Theme
) -> Figure:
    """Draw both numbers as maps over two settings."""
    down, across = swept
    shape = (len(down.labels), len(across.labels))
    note = f"Dashed frame: {base_name(saved)} as it is. Shades run over the numbers."
    if saved.choice is not None:
        note = f"Solid frame: recommended. {note}"
    each = min(max(0.46 * shape[0], 1.0), 3.2)
    widest = max(sheet.text_width(label, _SMALL) for label in down.labels)
    left = sheet.MARGIN + widest + 0.4
    is_crowded = shape[0] > _MOST_NUMBERS[0] or shape[1] > _MOST_NUMBERS[1]
    wide = sheet.WIDTH - left - sheet.MARGIN - 0.7 * is_crowded
    body = 0.34 + 2 * each + 0.4 + room_below(across)
    page = sheet.new_sheet(_heading(saved, data, note), theme, body=body)
    downs = 0.34, 0.34 + each + 0.4
    top, bottom = (page.axes(left, down, wide, each) for down in downs)
    _name_panels(top, bottom, saved, theme)
    both: Any = (
        (top, downs[0], "shown_share", theme.ramp(theme.poor), numbers.percent),
        (bottom, downs[1], "mean_positives", theme.ramp(), numbers.mean),
    )
    for panel, down_to, number, shades, worded in both:
        values = np.array([getattr(row, number) for row in saved.results], dtype=float)
        mesh = _draw_map(panel, values.reshape(shape), shades)
        if is_crowded:
            bar = page.axes(left + wide + 0.1, down_to, 0.12, each)
            _draw_bar(bar, mesh, worded)
        else:
            _write_numbers(panel, values.reshape(shape), mesh, worded, theme)
        _frame_rows(panel, saved, shape, theme)
        name_values(panel, down, is_vertical=True)
    name_values(bottom, across)
    top.set_xticks([])
    return page.figure


def _draw_map(axes: Axes, values: Float64Array, shades: Colormap) -> QuadMesh:
    """Draw one map, whose shades run over the numbers."""
    norm = sheet.shades_over(values)
    style: Any = {"edgecolors": axes.get_facecolor(), "cmap": shades, "norm": norm}
    style["linewidth"] = 0.8 * (values.size <= 100)
    mesh = axes.pcolormesh(np.ma.masked_invalid(values), **style)
    axes.invert_yaxis()
    sheet.hide_frame(axes, "left", "bottom")
    return mesh


def _draw_bar(axes: Axes, mesh: QuadMesh, worded: Callable[[float], str]) -> None:
    """Explain the shades of a map."""
    figure: Any = axes.figure
    bar = figure.colorbar(mesh, cax=axes)
    axes.locator_params(nbins=4)
    axes.yaxis.set_major_formatter(lambda value, _: worded(value))
    axes.tick_params(labelsize=_SMALL)
    sheet.hide_frame(axes)
    bar.outline.set_visible(False)


def _write_numbers(
    axes: Axes,
    values: Float64Array,
    mesh: QuadMesh,
    worded: Callable[[float], str],
    theme: Theme,
) -> None:
    """Write the numbers of a map in its cells."""
    for (row, column), value in np.ndenumerate(values):
        words, color = numbers.UNDEFINED, theme.ink
        if not np.isnan(value):
            words = worded(float(value))
            shade: Any = mesh.to_rgba(np.array([value]))
            color = theme.readable_on(shade[0])
        style: Any = {"size": _SMALL, "color": color}
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
