"""Positives against a property of objects: median and middle half by preset.

The property is size, aspect ratio, or place in the image.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atss_inspect.arrays import Float64Array
from atss_inspect.figures import sheet, words
from atss_inspect.figures.against import AGAINST, Against
from atss_inspect.figures.groups import (
    Objects,
    Part,
    Quartiles,
    part_of,
    quartiles_by_bin,
    rows_of,
)
from atss_inspect.figures.looks import Look, looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.table import AnyCell, Section, count, row_of, share

ENOUGH = 10  # objects in a bin for its median to be part of the line
NOTE = (
    "Lines: median; bands: the middle half of the objects (25th to 75th percentile). "
    f"Small dots: bins of fewer than {ENOUGH} objects."
)
LOW_NOTE = (
    " Dotted, hollow: median of the low-quality matches (IoU below the rule's bar), "
    "which the line leaves out."
)
RANK_NOTE = " A rule with a bar is not ranked against one without."
POOR_NOTE = "Poorly assigned: without a positive, or with only low-quality matches."
_DOTS = (0, (1, 1.3))

# What the table in words says of every group.
_CELLS: dict[str, Callable[[Part], AnyCell]] = {
    "objects": lambda part: count(part.counts.num_objects),
    "mean": lambda part: numbers.mean(part.counts.mean_positives),
    "median": lambda part: numbers.short(part.percentile(50)),
    "share": lambda part: share(part.counts.unassigned_share),
}
# And of rules that have a bar.
_LOW_CELLS: dict[str, Callable[[Part], AnyCell]] = {
    "positives without low-quality matches, mean": (
        lambda part: numbers.mean(
            None if part.low_quality is None else part.at_bar.counts.mean_positives
        )
    ),
    "objects with only low-quality matches, share": (
        lambda part: share(part.low_quality_only_share)
    ),
    "poorly assigned objects, share": lambda part: share(
        part.counts.poorly_assigned_share
    ),
}


@dataclass(frozen=True)
class Curve:
    """One preset against the property, bin by bin."""

    settings: Settings
    look: Look
    x: Float64Array  # (B,) middles of the bins
    bins: Quartiles  # what lies in them, without low-quality matches
    low_quality: Float64Array | None = None  # (B,) median; None where there is no bar

    def where(self, values: Float64Array, *, enough: bool) -> Float64Array:
        """Keep the values of bins with enough objects, or of the others; else NaN."""
        number = self.bins.num_objects
        kept = number >= ENOUGH if enough else (number > 0) & (number < ENOUGH)
        return np.where(kept, values, np.nan)

    @property
    def shown_low_quality(self) -> Float64Array | None:
        """The medians of low-quality matches where there are some; None without any."""
        low = self.low_quality
        if low is None or not (low > 0).any():
            return None
        return np.where(low > 0, low, np.nan)


def size_figure(
    table: Objects,
    settings: Settings | Sequence[Settings],
    *,
    against: str = "size",
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw positives per object against size, aspect ratio or position.

    See `Plot.figure`; for ``position`` the table is one of `with_image_sizes`. Against
    ``size``, square root of the area in input pixels; ``ratio``, height / width;
    ``position``, how far the center is from the nearest border, 1 being the middle of
    the image.

    Figure with the median and the middle half of positives above, low-quality matches
    apart, and the share of poorly assigned objects below, by preset. Boxes without
    extent have no size and ratio, and are left out.
    """
    each, axis = words.as_conventions(settings), AGAINST[against]
    curves = _curves(table, each, axis, theme)
    verdict = size_verdict(table, each, against=against)
    note = NOTE
    if any(curve.shown_low_quality is not None for curve in curves):
        note += LOW_NOTE
    if len({one.bar is None for one in each}) > 1:
        note += RANK_NOTE
    note, title = words.with_gates(note, each), axis.title
    if all(one.rule.gate for one in each):
        title = title.replace("Positives", "Picked at most,")
    heading = words.plot_heading(title, note, each, verdict, data)
    with drawn_in(theme):
        body = 3.9 + 0.16 * ((len(each) - 1) // 3)
        figure = sheet.new_sheet(heading, theme, body=body)
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        if not any(curve.bins.num_objects.any() for curve in curves):
            style: Any = {"color": theme.faint_ink, "bbox": theme.ground}
            sheet.write_no_objects(upper, size=TEXT_SIZE, **style)
        for curve in curves:
            _draw_positives(upper, curve, theme)
            style = curve.look.line(theme, markersize=3, linewidth=1.4)
            _draw_values(lower, curve, curve.bins.zeros, style)
        _set_positives_axis(upper, curves)
        _set_poor_axis(lower, curves, theme)
        _set_property_axis(lower, curves, axis)
        _add_legend(upper, curves, theme)
        return sheet.settle(figure)


def _curves(
    table: Objects, settings: Sequence[Settings], axis: Against, theme: Theme
) -> list[Curve]:
    """Measure the objects of every preset in the same bins."""
    edges = axis.edges(axis.measure(table))
    looks = looks_of(settings, theme)
    curves = []
    for one in settings:
        rows = rows_of(table, one)
        values = axis.measure(rows)
        is_known = ~np.isnan(values)
        places, part = axis.bins(values[is_known], edges), part_of(rows[is_known], one)
        found = quartiles_by_bin(places, part.at_bar.positives, len(edges) - 1)
        low = None
        if part.low_quality is not None:
            bins = quartiles_by_bin(places, part.low_quality, len(edges) - 1)
            low = bins.quartiles[:, 1]
        x = axis.centers(edges)
        curves.append(Curve(one, looks[one.name], x, found, low))
    return curves


def size_verdict(
    table: Objects, settings: Sequence[Settings], *, against: str = "size"
) -> str:
    """Compare mean positives of extreme and ordinary objects, and those at the bar."""
    axis = AGAINST[against]
    extreme, ordinary = axis.extreme[0], axis.ordinary[0]
    parts = {words.short_name(one.name): _parts(table, one, axis) for one in settings}
    ratios = _ratios(parts, axis)
    if not ratios:
        return f"{extreme} cannot be compared with {ordinary}: one kind is missing."
    gates = [words.short_name(one.name) for one in settings if one.rule.gate]
    get = "can get" if len(gates) == len(settings) else "get"
    what = "points" if len(gates) == len(settings) else "positives"
    text = f"{extreme} {get} {numbers.joined(ratios)} as many {what} as {ordinary}"
    if 0 < len(gates) < len(settings):
        text += f" (at most: {numbers.joined(gates)})"
    at_bar = {
        name: {kind: part.at_bar for kind, part in groups.items()}
        for name, groups in parts.items()
        if any(part.counts.num_low_quality_only for part in groups.values())
    }
    without = _ratios(at_bar, axis)
    if without:
        text += f"; without low-quality matches {numbers.joined(without)}"
    return f"{text}."


def _ratios(parts: Mapping[str, Mapping[str, Part]], axis: Against) -> list[str]:
    """Divide the mean of extreme objects by that of ordinary ones, smallest first."""
    known = []
    for name, groups in parts.items():
        mean, other = (
            groups[row].counts.mean_positives
            for _, row in (axis.extreme, axis.ordinary)
        )
        if mean is not None and other:
            known.append((mean / other, name))
    return [
        f"{numbers.ratio(value) if value < 0.95 else numbers.mean(value)}x ({name})"
        for value, name in sorted(known, key=lambda pair: pair[0])
    ]


def size_text(
    table: Objects, settings: Sequence[Settings], *, against: str = "size"
) -> str:
    """Write the numbers behind the figure by group, and the verdict."""
    axis = AGAINST[against]
    parts = [_parts(table, one, axis) for one in settings]
    has_low = any(one.low_quality_bar is not None for one in settings)
    sections = []
    what = {
        "mean": words.amount_words(settings),
        "median": words.amount_words(settings),
    }
    what["share"] = f"objects {words.without_words(settings)}"
    for name, write in (_CELLS | (_LOW_CELLS if has_low else {})).items():
        title = f"{what[name]}, {name}" if name in what else name
        cells = zip(*(map(write, each.values()) for each in parts), strict=True)
        sections.append(Section(title, tuple(map(row_of, parts[0], cells))))
    shown = words.preset_table(settings, *sections)
    verdict = size_verdict(table, settings, against=against)
    notes = [axis.note, *([POOR_NOTE] if has_low else [])]
    return words.plot_text(settings, shown, notes=notes, verdict=verdict)


def _parts(table: Objects, settings: Settings, axis: Against) -> dict[str, Part]:
    """Take one convention's objects apart by row of the table."""
    rows = rows_of(table, settings)
    group = axis.group(rows)
    places = [*((name, (place,)) for place, name in enumerate(axis.groups))]
    return {
        name: part_of(rows[np.isin(group, each)], settings)
        for name, each in (*places, *axis.joined.items())
    }


def _draw_positives(axes: Axes, curve: Curve, theme: Theme) -> None:
    """Draw the median as a line, the middle half as a band, low-quality ones apart."""
    low, middle, high = curve.bins.quartiles.T
    low, high = curve.where(low, enough=True), curve.where(high, enough=True)
    style: Any = {"color": curve.look.color, "alpha": 0.16, "linewidth": 0}
    axes.fill_between(curve.x, low, high, **style)
    _draw_values(axes, curve, middle, curve.look.line(theme, markersize=4.5))
    low = curve.shown_low_quality
    if low is not None:
        _draw_values(axes, curve, low, _low_style(curve, theme))


def _low_style(curve: Curve, theme: Theme) -> dict[str, Any]:
    """How the low-quality matches of a preset are drawn."""
    style = curve.look.line(theme, markersize=4.5, linewidth=1.4)
    return style | {"linestyle": _DOTS, "markerfacecolor": "none"}


def _draw_values(
    axes: Axes, curve: Curve, values: Float64Array, style: dict[str, Any]
) -> None:
    """Draw bins with enough objects as a line, and the others as dots apart."""
    dots: Any = {"linestyle": "none", "marker": ".", "markersize": 3}
    axes.plot(curve.x, curve.where(values, enough=True), **style)
    few = curve.where(values, enough=False)
    if style["markerfacecolor"] == "none":
        dots |= {"marker": "o", "markersize": 2.6, "markerfacecolor": "none"}
    axes.plot(curve.x, few, color=curve.look.color, **dots)


def _set_positives_axis(axes: Axes, curves: Sequence[Curve]) -> None:
    """Make the axis logarithmic from 1 on, with 0 below."""
    shown = [curve.bins.quartiles[:, 2] for curve in curves]
    shown += [each.low_quality for each in curves if each.low_quality is not None]
    most = _highest(shown, at_least=8)
    ticks = [0, *(2**power for power in range(int(np.log2(most)) + 2))]
    if len(ticks) > 10:
        ticks = [0, *ticks[1::2]]
    axes.set_yscale("symlog", base=2, linthresh=1, linscale=0.8)
    axes.set_ylim(-0.25, most * 1.25)
    axes.set_yticks(ticks, map(str, ticks))
    axes.set_ylabel(words.amount_words([each.settings for each in curves]))
    axes.minorticks_off()


def _set_poor_axis(axes: Axes, curves: Sequence[Curve], theme: Theme) -> None:
    top = _highest([curve.bins.zeros for curve in curves], at_least=0.01)
    axes.set_ylim(-0.06 * top, top * 1.12)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.locator_params(axis="y", nbins=3)
    has_low = any(curve.low_quality is not None for curve in curves)
    without = words.without_words([each.settings for each in curves])
    without = without.replace("a positive or candidate", "any")
    label = "poorly\nassigned" if has_low else without.replace(" ", "\n", 1)
    axes.set_ylabel(label, color=theme.poor)


def _highest(values: Sequence[Float64Array], *, at_least: float) -> float:
    return float(np.nanmax([at_least, *np.concatenate(values)]))


def _set_property_axis(axes: Axes, curves: Sequence[Curve], axis: Against) -> None:
    """Show the bins that hold objects, with whole powers of two as ticks."""
    axes.set_xlabel(axis.label)
    if not axis.is_log:
        axes.set_xlim(0, 1)
        return
    is_used = np.any([curve.bins.num_objects > 0 for curve in curves], axis=0)
    used = curves[0].x[is_used] if is_used.any() else curves[0].x
    ends = used[0] / 1.3, used[-1] * 1.3
    axes.set_xscale("log", base=2)
    axes.set_xlim(*ends)
    low, high = np.log2(ends)
    ticks = np.exp2(np.arange(np.ceil(low), np.floor(high) + 1))
    labels = [f"{tick:.0f}" if tick >= 1 else f"1/{1 / tick:.0f}" for tick in ticks]
    axes.set_xticks(ticks, labels)
    axes.minorticks_off()


def _add_legend(axes: Axes, curves: Sequence[Curve], theme: Theme) -> None:
    """Name the presets above the panel."""
    size: Any = {"size": TEXT_SIZE - 0.5}
    handles, widths = [], []
    for each in curves:
        name, style = each.settings.name, each.look.line(theme, markersize=4.5)
        label = sheet.preset_title(name, 1.6, bold=False, max_lines=1, **size)
        handles.append(Line2D([], [], **style, label=label))
        widths.append(sheet.text_width(printable(name), **size))
    low = [each for each in curves if each.shown_low_quality is not None]
    if low:
        style = _low_style(low[0], theme)
        if len(low) > 1:
            style["color"] = theme.faint_ink
        handles.append(Line2D([], [], **style, label="low-quality matches"))
        widths.append(sheet.text_width("low-quality matches", **size))
    gaps: Any = {"handlelength": 2.2, "columnspacing": 1.2, "borderaxespad": 0.2}
    ncols = 3 if max(widths) < 1.1 else 2
    axes.legend(handles=handles, ncols=ncols, **sheet.ABOVE, **gaps)
