"""What fewer poorly assigned objects cost: rows of `tune` by price, of all and by size.

In words: the same rows, and what to change.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures import sheet
from atss_inspect.figures.sweep import size_color
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import Spot, plot_text
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.tune_verdict import values_text

if TYPE_CHECKING:
    from atss_inspect.views.tune import TuneReport

TITLE = "What fewer poorly assigned objects cost"
NOTE = (
    "Letters are the rows of `atss-inspect tune`, a cross is today. Multiply-adds: of "
    "a ResNet-50 FPN with two towers. Nothing was trained. Sizes by area in original "
    "pixels."
)
TITLE_OF_GATE = "What fewer objects without a candidate cost"
ACROSS, UP = "multiply-adds, as a multiple of today's", "poorly assigned objects"
ONE_PRICE, TODAY = "all at today's price", "today"
UP_OF_GATE = "objects without a candidate"
_SMALL = TEXT_SIZE - 1
_SAME_PRICE = 0.005
_LEAST_SHARE, _ROOM = 0.01, 1.05  # height of the axes where nothing is left, and above


def tune_figure(
    report: "TuneReport", *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw the rows by price, a line for all objects and for those of each size.

    Without a row only today's settings are there. ``data`` is a line that names the
    data. Where all rows cost the same they stand beside each other.
    """
    lines = [printable(" ".join(report.verdict)), data]
    with drawn_in(theme):
        title = TITLE_OF_GATE if report.today.rule.gate else TITLE
        heading = sheet.Heading(title, lines, NOTE)
        figure = sheet.new_sheet(heading, theme, body=3.4)
        axes = figure.subplots()
        for name in (*SIZE_BINS, EVERYTHING):
            _draw_line(axes, report, name, theme)
        _name_rows(axes, report, theme)
        is_of_gate = report.tuning.before.by_size.is_of_gate
        axes.set_ylabel(UP_OF_GATE if is_of_gate else UP, size=_SMALL)
        axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
        axes.tick_params(labelsize=_SMALL)
        key: Any = {"loc": "lower center", "bbox_to_anchor": (0.5, 1), "ncol": 5}
        axes.legend(fontsize=_SMALL, frameon=False, **key)
        sheet.hide_frame(axes, "left", grid="x")
        return sheet.settle(figure)


def share_of(summary: Summary, name: str) -> float:
    """Share of poorly assigned objects, of all or of a size; NaN without any."""
    group = summary.every_object if name == EVERYTHING else summary.of_sizes(name)
    share = group.poorly_assigned_share
    return float("nan") if share is None else float(share)


def _draw_line(axes: Axes, report: "TuneReport", name: str, theme: Theme) -> None:
    """Draw the rows of one size as a line, and today's settings as a cross."""
    first, *places = _places(report)
    shares = [share_of(one.summary, name) for one in report.named.values()]
    today = share_of(report.tuning.before, name)
    if np.isnan(today):
        return
    is_all, color = name == EVERYTHING, size_color(name, theme)
    style: Any = {"color": color, "linewidth": 2.6 if is_all else 1.3}
    style |= {"marker": "o", "markersize": 5 if is_all else 3, "label": name}
    axes.plot(places, shares, zorder=4 if is_all else 3, **style)
    style = {"color": color, "marker": "x", "linestyle": "", "clip_on": False}
    axes.plot([first], [today], markersize=7, zorder=5, **style)


def _places(report: "TuneReport") -> list[float]:
    """Where today and the rows stand across: prices, or numbers if all cost 1."""
    prices = [1.0, *(row.price.multiply_adds for row in report.named.values())]
    is_one = max(prices) - min(prices) < _SAME_PRICE
    return [float(number) for number in range(len(prices))] if is_one else prices


def _name_rows(axes: Axes, report: "TuneReport", theme: Theme) -> None:
    """Write what each point of all objects is beside it, the proposal's in bold."""
    shown = {name: row.summary for name, row in report.named.items()}
    shown, places = {TODAY: report.tuning.before} | shown, _places(report)
    for (name, summary), x in zip(shown.items(), places, strict=True):
        weight = "bold" if name == report.proposed else "normal"
        style: Any = {"size": _SMALL, "weight": weight, "color": theme.ink}
        place = x, share_of(summary, EVERYTHING)
        sheet.write(axes, name, place, "left bottom", shift=(4, 4), **style)
    axes.set_xlabel(ACROSS if places[0] else ONE_PRICE, size=_SMALL)
    if not places[0]:
        axes.set_xticks(places, [*shown])
        axes.set_xlim(-0.5, len(places) - 0.5)
    shares = (np.nanmax(line.get_ydata(), initial=0.0) for line in axes.lines)
    axes.set_ylim(0, max([_LEAST_SHARE, *map(float, shares)]) * _ROOM)


def tune_spots(figure: Figure, report: "TuneReport") -> list[Spot]:
    """Write what each row is, for those who point at one of its points; today first.

    ``figure`` is that of `tune_figure`.
    """
    today = report.tuning.before
    rows = [(TODAY, "", 1.0, today)]
    for name, row in report.named.items():
        changes = values_text(row.settings, report.today)
        rows.append(
            (f"{name}, {row.rung}", changes, row.price.multiply_adds, row.summary)
        )
    return [_spot(figure, *row) for row in zip(_places(report), rows, strict=True)]


def _spot(figure: Figure, x: float, row: tuple[str, str, float, Summary]) -> Spot:
    """Place a row, its point of all objects first, and write its numbers."""
    name, changes, cost, shown = row
    shares = {size: share_of(shown, size) for size in (EVERYTHING, *SIZE_BINS)}
    shares = {size: one for size, one in shares.items() if not np.isnan(one)}
    points = np.array([(x, one) for one in shares.values()]).reshape(-1, 2)
    [axes], to_figure = figure.axes, figure.transFigure.inverted()
    places = to_figure.transform(axes.transData.transform(points)).tolist()
    each = [f"{size} {numbers.percent(one)}" for size, one in shares.items()]
    what = "without a candidate" if shown.by_size.is_of_gate else "poorly assigned"
    lines = name, changes, f"cost {cost:.2f}", f"{what}: {', '.join(each)}"
    return Spot(
        tuple((left, 1 - up) for left, up in places), tuple(filter(None, lines))
    )


def tune_plot_text(report: "TuneReport") -> str:
    """Write the rows that the figure shows, and the verdict."""
    verdict = printable(" ".join(report.verdict))
    return plot_text([report.today], report.front_table(), verdict=verdict)
