"""Positives against a property of objects: median and middle half by preset.

The property is size, aspect ratio, or place in the image.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
from atss_inspect.views.table import AnyCell, Section, count, row_of, share

ENOUGH = 10  # objects in a bin for its median to be part of the line
NOTE = (
    "Lines: median; bands: the middle half of the objects. Bins of fewer than "
    f"{ENOUGH} objects are left out."
)
FEW_NOTE = f"Dots: medians; no bin has {ENOUGH} objects."
LOW_NOTE = " Dotted, hollow: low-quality matches, which the line leaves out."
POOR_NOTE = "Poorly assigned: without a positive, or with only low-quality matches."
_DOTS = (0, (1, 1.3))
_SMALL = TEXT_SIZE - 1
# Inches: names of the axes' values, of the lines, and of both panels.
_LEFT, _RIGHT = 0.5, 1.0
_UPPER, _LOWER, _BETWEEN = 2.3, 1.1, 0.42
_BODY = 0.3 + _UPPER + _BETWEEN + _LOWER + 0.5

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
    def has_enough(self) -> bool:
        """Whether any bin has enough objects for a line."""
        return bool((self.bins.num_objects >= ENOUGH).any())

    @property
    def drawn(self) -> list[Float64Array]:
        """What the upper panel shows, (B,) each."""
        low = self.shown_low_quality
        return [*self.bins.quartiles.T, *([] if low is None else [low])]

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
    ``size``, square root of the area in input pixels; ``ratio``, width : height as in
    the tables; ``position``, how far the center is from the nearest border, 1 being
    the middle of the image.

    Figure with the median and the middle half of positives above, low-quality matches
    apart, and the share of poorly assigned objects below, by preset. Boxes without
    extent have no size and ratio, and are left out.
    """
    each, axis = words.as_conventions(settings), AGAINST[against]
    curves = _curves(table, each, axis, theme)
    wide = sheet.INNER - _LEFT - _RIGHT
    with drawn_in(theme):
        heading = _heading(table, curves, axis, data)
        page = sheet.new_sheet(heading, theme, body=_BODY)
        left, down = sheet.MARGIN + _LEFT, 0.3 + _UPPER + _BETWEEN
        upper = page.axes(left, 0.3, wide, _UPPER)
        lower = page.axes(left, down, wide, _LOWER)
        if not any(curve.bins.num_objects.any() for curve in curves):
            style: Any = {"color": theme.faint_ink, "bbox": theme.ground}
            sheet.write_no_objects(upper, size=TEXT_SIZE, **style)
        for curve in curves:
            _draw_positives(upper, curve, theme)
            style = curve.look.line(theme, markersize=3, linewidth=1.6)
            _draw_values(lower, curve, curve.bins.zeros, style)
        _set_positives_axis(upper, curves)
        _set_poor_axis(lower, curves, theme)
        for axes in (upper, lower):
            _set_property_axis(axes, curves, axis)
        upper.tick_params(labelbottom=False)
        lower.set_xlabel(axis.label, size=_SMALL)
        _name_lines(upper, curves)
        return page.figure


def _heading(
    table: Objects, curves: Sequence["Curve"], axis: Against, data: str
) -> sheet.Heading:
    """Put the words of the figure together."""
    each = [curve.settings for curve in curves]
    note = NOTE if any(one.has_enough for one in curves) else FEW_NOTE
    if any(curve.shown_low_quality is not None for curve in curves):
        note += LOW_NOTE
    topic = f"Positives by {axis.topic}"
    if all(one.rule.gate for one in each):
        topic = f"Picked at most, by {axis.topic}"
    note += words.bound_note(each)
    findings = _findings(table, each, axis)
    return words.plot_heading(findings, topic, note, each, data)


def _findings(
    table: Objects, settings: Sequence[Settings], axis: Against
) -> Iterator[str]:
    """Sentences for the title: how many times as many extreme objects get."""
    parts = {one.name: _parts(table, one, axis) for one in settings}
    ratios = [value for value, _ in _ratios(parts, axis)]
    who, others, shortest = axis.short
    if not ratios:
        yield f"{who} cannot be compared with {others}"
        return
    low, high = _times(ratios[0]), _times(ratios[-1])
    span = low if low == high else f"{low} to {high}"
    are_gates = [one.rule.gate is not None for one in settings]
    get = "can get" if all(are_gates) else "get or can get" if any(are_gates) else "get"
    what = "points" if all(are_gates) else "positives"
    yield f"{who} {get} {span} as many {what} as {others}"
    yield f"{who} {get} {span} as many as {others}"
    yield shortest.format(f"{get} {span}")


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
    text = f"{extreme} {get} {_told(ratios)} as many {what} as {ordinary}"
    if 0 < len(gates) < len(settings):
        text += f" (at most: {numbers.joined(gates)})"
    at_bar = {
        name: {kind: part.at_bar for kind, part in groups.items()}
        for name, groups in parts.items()
        if any(part.counts.num_low_quality_only for part in groups.values())
    }
    without = _ratios(at_bar, axis)
    if without:
        text += f"; without low-quality matches {_told(without)}"
    return f"{text}."


def _ratios(
    parts: Mapping[str, Mapping[str, Part]], axis: Against
) -> list[tuple[float, str]]:
    """Divide the mean of extreme objects by that of ordinary ones, smallest first."""
    known = []
    for name, groups in parts.items():
        mean, other = (
            groups[row].counts.mean_positives
            for _, row in (axis.extreme, axis.ordinary)
        )
        if mean is not None and other:
            known.append((mean / other, name))
    return sorted(known, key=lambda pair: pair[0])


def _times(value: float) -> str:
    """Write how many times as many: 0.27x, 2.1x."""
    return f"{numbers.ratio(value) if value < 0.95 else numbers.mean(value)}x"


def _told(ratios: Sequence[tuple[float, str]]) -> str:
    """Write ratios with the names of the presets."""
    return numbers.joined([f"{_times(value)} ({name})" for value, name in ratios])


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
    _draw_values(axes, curve, middle, curve.look.line(theme, markersize=4))
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
    """Draw bins with enough objects as a line; where none has, all of them as dots."""
    if not curve.has_enough:
        style = style | {"linestyle": "none"}
    axes.plot(curve.x, curve.where(values, enough=curve.has_enough), **style)


def _set_positives_axis(axes: Axes, curves: Sequence[Curve]) -> None:
    """Make the axis logarithmic from 1 on, with 0 below; no longer than the data."""
    shown = [one.where(q, enough=one.has_enough) for one in curves for q in one.drawn]
    known = np.concatenate([each[~np.isnan(each)] for each in shown])
    low, high = (known.min(), known.max()) if len(known) else (0.0, 8.0)
    most = max(8.0, float(high))
    ticks = [0, *(2**power for power in range(int(np.log2(most)) + 2))]
    if len(ticks) > 8:
        ticks = [0, *ticks[1::2]]
    start = max((tick for tick in ticks if tick <= low), default=0)
    axes.set_yscale("symlog", base=2, linthresh=1, linscale=0.8)
    axes.set_ylim(-0.25 if start < 1 else start / 1.3, most * 1.3)
    ticks = [tick for tick in ticks if start <= tick]
    axes.set_yticks(ticks, map(str, ticks), size=_SMALL)
    axes.minorticks_off()
    title = words.amount_words([each.settings for each in curves])
    axes.set_title(title, size=_SMALL, pad=5)
    sheet.hide_frame(axes, "left", grid="x")


def _set_poor_axis(axes: Axes, curves: Sequence[Curve], theme: Theme) -> None:
    """Show the share of objects that are poorly assigned, from 0."""
    shown = [one.where(one.bins.zeros, enough=one.has_enough) for one in curves]
    top = float(np.nanmax([0.01, *np.concatenate(shown)]))
    axes.set_ylim(-0.05 * top, top * 1.1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.locator_params(axis="y", nbins=4)
    axes.tick_params(labelsize=_SMALL)
    has_low = any(curve.low_quality is not None for curve in curves)
    without = words.without_words([each.settings for each in curves])
    title = "poorly assigned" if has_low else without
    axes.set_title(title, size=_SMALL, pad=5, color=theme.poor)
    sheet.hide_frame(axes, "left", grid="x")


def _set_property_axis(axes: Axes, curves: Sequence[Curve], axis: Against) -> None:
    """Show the bins that are drawn, with whole powers of two as ticks."""
    is_used = np.any(
        [~np.isnan(c.where(c.bins.zeros, enough=c.has_enough)) for c in curves], axis=0
    )
    used = curves[0].x[is_used] if is_used.any() else curves[0].x
    if not axis.is_log:
        axes.set_xlim(0, 1)
        axes.set_xticks([0, 0.5, 1], ["border", "halfway", "middle"], size=_SMALL)
        return
    ends = used[0] / 1.15, used[-1] * 1.15
    axes.set_xscale("log", base=2)
    axes.set_xlim(*ends)
    low, high = np.log2(ends)
    powers = np.arange(np.ceil(low), np.floor(high) + 1)
    powers = powers[:: 1 if len(powers) < 8 else 2]
    axes.set_xticks(np.exp2(powers), map(axis.named, powers.tolist()), size=_SMALL)
    axes.minorticks_off()


def _name_lines(axes: Axes, curves: Sequence[Curve]) -> None:
    """Name the presets where their lines end, apart from one another."""
    names = []
    for one in curves:
        ends = [(one.bins.quartiles[:, 1], one.settings.name, one.has_enough)]
        low = one.shown_low_quality
        if low is not None:
            ends.append((low, "low-quality", one.has_enough))
        for values, name, enough in ends:
            shown = one.where(values, enough=enough)
            places = np.flatnonzero(~np.isnan(shown))
            if len(places):
                last = places[-1]
                names.append((name, one.x[last], shown[last], one.look.color))
    sheet.label_ends(axes, names, _RIGHT - 0.15, size=_SMALL)
