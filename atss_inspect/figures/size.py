"""Positives against a property of objects: median and middle half by preset."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atss_inspect.arrays import Float64Array
from atss_inspect.figures import words
from atss_inspect.figures.against import AGAINST, Against
from atss_inspect.figures.groups import Part, Quartiles, quartiles_by_bin, rows_of
from atss_inspect.figures.lettering import text_width, wrapped
from atss_inspect.figures.looks import Look, looks_of
from atss_inspect.figures.sheet import new_sheet, settle, write_no_objects
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.table import Section

if TYPE_CHECKING:
    import pandas as pd

ENOUGH = 10  # objects in a bin for its median to be part of the line
NOTE = (
    "Lines: median; bands: the middle half of the objects (25th to 75th percentile). "
    f"Small dots: bins of fewer than {ENOUGH} objects."
)

# What the table in words says of every group.
_CELLS: dict[str, Callable[[Part], str]] = {
    "objects": lambda part: numbers.count(part.num_objects),
    "positives per object, mean": lambda part: numbers.mean(part.mean),
    "positives per object, median": lambda part: numbers.short(part.percentile(50)),
    "objects without a positive, share": lambda part: numbers.percent(
        part.unassigned_share
    ),
}


@dataclass(frozen=True)
class Curve:
    """One preset against the property, bin by bin.

    Attributes
    ----------
    settings, look : the convention
    x : (B,) middles of the bins
    bins : what lies in them
    """

    settings: Settings
    look: Look
    x: Float64Array
    bins: Quartiles

    def where(self, values: Float64Array, *, enough: bool) -> Float64Array:
        """Keep the values of bins with enough objects, or of the others; else NaN."""
        number = self.bins.num_objects
        kept = number >= ENOUGH if enough else (number > 0) & (number < ENOUGH)
        return np.where(kept, values, np.nan)


def size_figure(
    table: "pd.DataFrame",
    settings: Settings | Sequence[Settings],
    *,
    against: str = "size",
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw positives per object against size, aspect ratio or position.

    Parameters
    ----------
    table : of objects, see `objects_table`; for ``position`` see `with_image_sizes`
    settings : the conventions it was made with; their names differ
    against : ``size``, square root of the area in input pixels; ``ratio``, height /
        width; ``position``, how far the center is from the nearest border, 1 being the
        middle of the image
    data : a line that names the data
    theme : the colors

    Returns
    -------
    Figure with the median and the middle half of positives above, and the share of
    objects without any below, by preset. Boxes without extent have no size and ratio,
    and are left out.
    """
    each, axis = words.as_conventions(settings), AGAINST[against]
    curves = _curves(table, each, axis, theme)
    verdict = size_verdict(table, each, against=against)
    heading = words.plot_heading(
        axis.title, each, verdict=verdict, data=data, note=NOTE
    )
    with drawn_in(theme):
        figure = new_sheet(heading, theme, body=3.9 + 0.16 * ((len(each) - 1) // 3))
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        if not any(curve.bins.num_objects.any() for curve in curves):
            style: Any = {"color": theme.faint_ink, "bbox": theme.ground}
            write_no_objects(upper, size=TEXT_SIZE, **style)
        for curve in curves:
            _draw_positives(upper, curve, theme)
            _draw_unassigned(lower, curve, theme)
        _set_positives_axis(upper, curves)
        _set_unassigned_axis(lower, curves, theme)
        _set_property_axis(lower, curves, axis)
        _add_legend(upper, curves, theme)
        return settle(figure)


def _curves(
    table: "pd.DataFrame", settings: Sequence[Settings], axis: Against, theme: Theme
) -> list[Curve]:
    """Measure the objects of every preset in the same bins."""
    edges = axis.edges(axis.measure(table))
    looks = looks_of(settings, theme)
    curves = []
    for one in settings:
        rows = rows_of(table, one)
        values = axis.measure(rows)
        is_known = ~np.isnan(values)
        positives = rows["num_positives"].to_numpy()[is_known]
        places = axis.bins(values[is_known], edges)
        found = quartiles_by_bin(places, positives, len(edges) - 1)
        curves.append(Curve(one, looks[one.name], axis.centers(edges), found))
    return curves


# --- words --------------------------------------------------------------------------


def size_verdict(
    table: "pd.DataFrame", settings: Sequence[Settings], *, against: str = "size"
) -> str:
    """Compare in a sentence the mean positives of extreme and of ordinary objects."""
    axis = AGAINST[against]
    found = [
        (
            words.short_name(one.name),
            _extreme_to_ordinary(_parts(table, one, axis), axis),
        )
        for one in settings
    ]
    known = sorted(
        ((value, name) for name, value in found if value is not None),
        key=lambda pair: pair[0],
    )
    extreme, ordinary = axis.extreme[0], axis.ordinary[0]
    if not known:
        return f"{extreme} cannot be compared with {ordinary}: one kind is missing."
    parts = [f"{_times(value)} ({name})" for value, name in known]
    return f"{extreme} get {numbers.joined(parts)} as many positives as {ordinary}."


def size_text(
    table: "pd.DataFrame", settings: Sequence[Settings], *, against: str = "size"
) -> str:
    """Write the numbers behind the figure by group, and the verdict."""
    axis = AGAINST[against]
    parts = [_parts(table, one, axis) for one in settings]
    sections = []
    for title, write in _CELLS.items():
        rows = tuple(
            words.line(name, [write(groups[place]) for groups in parts])
            for place, name in enumerate(axis.groups)
        )
        sections.append(Section(title, rows))
    return words.plot_text(
        settings,
        words.preset_table(settings, *sections),
        notes=[axis.note],
        verdict=size_verdict(table, settings, against=against),
    )


def _parts(table: "pd.DataFrame", settings: Settings, axis: Against) -> list[Part]:
    """Take one convention's objects apart by group."""
    rows = rows_of(table, settings)
    groups, positives = axis.group(rows), rows["num_positives"].to_numpy()
    return [Part(positives[groups == place]) for place in range(len(axis.groups))]


def _extreme_to_ordinary(parts: Sequence[Part], axis: Against) -> float | None:
    """Divide the mean positives of two kinds of objects; None without a mean."""
    extreme, ordinary = (
        Part(np.concatenate([parts[place].positives for place in places])).mean
        for _, places in (axis.extreme, axis.ordinary)
    )
    return None if extreme is None or not ordinary else extreme / ordinary


def _times(value: float) -> str:
    """Write a factor: 9.8x, 0.85x."""
    return f"{numbers.ratio(value) if value < 0.95 else numbers.mean(value)}x"


# --- drawing ------------------------------------------------------------------------


def _draw_positives(axes: Axes, curve: Curve, theme: Theme) -> None:
    """Draw the median as a line, and the middle half as a band."""
    low, middle, high = curve.bins.quartiles.T
    low, high = curve.where(low, enough=True), curve.where(high, enough=True)
    style: Any = {"color": curve.look.color, "alpha": 0.16, "linewidth": 0}
    axes.fill_between(curve.x, low, high, **style)
    _draw_values(axes, curve, middle, curve.look.line(theme, markersize=4.5))


def _draw_unassigned(axes: Axes, curve: Curve, theme: Theme) -> None:
    """Draw the share of objects without a positive."""
    style = curve.look.line(theme, markersize=3, linewidth=1.4)
    _draw_values(axes, curve, curve.bins.unassigned, style)


def _draw_values(
    axes: Axes, curve: Curve, values: Float64Array, style: dict[str, Any]
) -> None:
    """Draw bins with enough objects as a line, and the others as dots apart."""
    dots: Any = {"linestyle": "none", "marker": ".", "markersize": 3}
    axes.plot(curve.x, curve.where(values, enough=True), **style)
    few = curve.where(values, enough=False)
    axes.plot(curve.x, few, color=curve.look.color, **dots)


def _set_positives_axis(axes: Axes, curves: Sequence[Curve]) -> None:
    """Make the axis logarithmic from 1 on, with 0 below."""
    most = _highest([curve.bins.quartiles[:, 2] for curve in curves], at_least=8)
    ticks = [0, *(2**power for power in range(int(np.log2(most)) + 2))]
    if len(ticks) > 10:
        ticks = [0, *ticks[1::2]]
    axes.set_yscale("symlog", base=2, linthresh=1, linscale=0.8)
    axes.set_ylim(-0.25, most * 1.25)
    axes.set_yticks(ticks, map(str, ticks))
    axes.set_ylabel("positives per object")
    axes.minorticks_off()


def _set_unassigned_axis(axes: Axes, curves: Sequence[Curve], theme: Theme) -> None:
    """Name the share in the color of starved objects."""
    top = _highest([curve.bins.unassigned for curve in curves], at_least=0.01)
    axes.set_ylim(-0.06 * top, top * 1.12)
    axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:g}%")
    axes.locator_params(axis="y", nbins=3)
    axes.set_ylabel("without\na positive", color=theme.starved)


def _highest(values: Sequence[Float64Array], *, at_least: float) -> float:
    """Largest of all values that there are."""
    return float(np.nanmax([at_least, *np.concatenate(values)]))


def _set_property_axis(axes: Axes, curves: Sequence[Curve], axis: Against) -> None:
    """Show the bins that hold objects, with whole powers of two as ticks."""
    axes.set_xlabel(axis.label)
    x = curves[0].x
    is_used = np.any([curve.bins.num_objects > 0 for curve in curves], axis=0)
    used = x[is_used] if is_used.any() else x
    if not axis.is_log:
        axes.set_xlim(0, 1)
        return
    axes.set_xscale("log", base=2)
    axes.set_xlim(used[0] / 1.3, used[-1] * 1.3)
    low, high = np.log2(used[0] / 1.3), np.log2(used[-1] * 1.3)
    ticks = np.exp2(np.arange(np.ceil(low), np.floor(high) + 1))
    axes.set_xticks(ticks, [_power(tick) for tick in ticks])
    axes.minorticks_off()


def _power(value: float) -> str:
    """Write a power of two; small ones as fractions."""
    return f"{value:.0f}" if value >= 1 else f"1/{1 / value:.0f}"


def _add_legend(axes: Axes, curves: Sequence[Curve], theme: Theme) -> None:
    """Name the presets above the panel."""
    names = [printable(curve.settings.name) for curve in curves]
    handles = [
        Line2D([], [], **curve.look.line(theme, markersize=4.5), label=_fitting(name))
        for curve, name in zip(curves, names, strict=True)
    ]
    style: Any = {"loc": "lower left", "bbox_to_anchor": (0, 1.0), "borderaxespad": 0.2}
    longest = max(text_width(name, TEXT_SIZE - 0.5) for name in names)
    axes.legend(
        handles=handles,
        ncols=3 if longest < 1.1 else 2,
        handlelength=2.2,
        columnspacing=1.2,
        borderpad=0.1,
        **style,
    )


def _fitting(name: str) -> str:
    """Shorten a name to half the width of the figure."""
    return "\n".join(wrapped(name, 1.6, TEXT_SIZE - 0.5, max_lines=1))
