"""What fewer poorly assigned objects cost: rows of `tune` by price, of all and by size.

In words: the same rows, and what to change.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.figures import sheet
from atss_inspect.figures.sweep import size_color
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import Spot, plot_heading, plot_text, short_name
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.tune_verdict import values_text

if TYPE_CHECKING:
    from atss_inspect.views.tune import TuneReport

NOTE = (
    "Letters are the rows of `atss-inspect tune`, a cross is today ({today}){joined}. "
    "Multiply-adds: of a ResNet-50 FPN with two towers. Nothing was trained. Sizes by "
    "area in original pixels."
)
_JOINED = ", joined to what is proposed"
ACROSS, UP = "multiply-adds, as a multiple of today's", "poorly assigned objects"
UP_OF_GATE = "objects without a candidate"
ONE_PRICE, TODAY = "all at today's price", "today"
_SMALL = TEXT_SIZE - 1
_SAME_PRICE = 0.005
_LEAST_SHARE, _ROOM = 0.01, 1.1  # height of the axes where nothing is left, and above
# Inches: values of the axes, names of the lines, and the panel.
_LEFT, _RIGHT, _ABOVE, _PANEL, _BELOW = 0.45, 0.75, 0.32, 2.9, 0.46


def tune_figure(
    report: "TuneReport", *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw the rows by price, a line for all objects and for those of each size.

    Today's settings are a cross on each. Without a row only these are there. ``data``
    is a line that names the data. Where all rows cost the same they stand beside each
    other.
    """
    wide = sheet.INNER - _LEFT - _RIGHT
    with drawn_in(theme):
        heading = _heading(report, data)
        page = sheet.new_sheet(heading, theme, body=_ABOVE + _PANEL + _BELOW)
        axes = page.axes(sheet.MARGIN + _LEFT, _ABOVE, wide, _PANEL)
        lines = [_draw_line(axes, report, n, theme) for n in (*SIZE_BINS, EVERYTHING)]
        _set_axes(axes, report, theme)
        _name_rows(axes, report, theme)
        ends = [end for end in lines if end is not None]
        sheet.label_ends(axes, ends, _RIGHT - 0.15, size=_SMALL)
        return page.figure


def _heading(report: "TuneReport", data: str) -> sheet.Heading:
    """Put the words of the figure together."""
    note = NOTE.format(
        today=short_name(report.today.name), joined=_JOINED * bool(report.proposed)
    )
    topic = "Gain against cost"
    if report.proposed:
        cost = report.named[report.proposed].price.multiply_adds
        topic = f"At {cost:.2f}x the cost"
    return plot_heading(_findings(report), topic, note, (), data)


def _findings(report: "TuneReport") -> Iterator[str]:
    """Sentences for the title: what is proposed, or that nothing is."""
    verdict = printable(report.verdict[0] if report.verdict else "")
    if not report.proposed:
        yield verdict.removesuffix(".")
        return
    row, before = report.named[report.proposed], report.tuning.before
    shares = [numbers.percent(share_of(s, EVERYTHING)) for s in (before, row.summary)]
    poor = "without a candidate" if before.by_size.is_of_gate else "poorly assigned"
    change = f"{shares[0]} to {shares[1]}"
    yield f"{report.proposed} cuts {poor} objects from {change}"
    yield f"{report.proposed} cuts {poor} from {change}"
    yield f"{report.proposed} cuts {poor} {change}"


def share_of(summary: Summary, name: str) -> float:
    """Share of poorly assigned objects, of all or of a size; NaN without any."""
    group = summary.every_object if name == EVERYTHING else summary.of_sizes(name)
    share = group.poorly_assigned_share
    return float("nan") if share is None else float(share)


def _draw_line(
    axes: Axes, report: "TuneReport", name: str, theme: Theme
) -> tuple[str, float, float, str] | None:
    """Draw the rows of one size as a line, and a cross for today joined to it.

    Returns the name of the line, its right end and color; None without objects.
    """
    today = share_of(report.tuning.before, name)
    if np.isnan(today):
        return None
    first, *rest = _places(report)
    places = {
        key: (x, share_of(row.summary, name))
        for x, (key, row) in zip(rest, report.named.items(), strict=True)
    }
    is_all, color = name == EVERYTHING, size_color(name, theme)
    style: Any = {"color": color, "linewidth": 2.6 if is_all else 1.3}
    style |= {"marker": "o", "markersize": 5.5 if is_all else 3.5, "label": name}
    x, y = zip(*places.values(), strict=True) if places else ((), ())
    axes.plot(x, y, zorder=4 if is_all else 3, clip_on=False, **style)
    style = {"color": color, "clip_on": False, "label": f"{name}, today"}
    if report.proposed:
        x, y = zip((first, today), places[report.proposed], strict=True)
        axes.plot(x, y, linewidth=1.0 + 0.6 * is_all, dashes=(3, 2), color=color)
    size: Any = {
        "markersize": 9 if is_all else 6,
        "markeredgewidth": 2 if is_all else 1.3,
    }
    axes.plot([first], [today], "x", zorder=5, **size, **style)
    return name, *max([(first, today), *places.values()]), color


def _places(report: "TuneReport") -> list[float]:
    """Where today and the rows stand across: prices, or numbers if all cost 1."""
    prices = [1.0, *(row.price.multiply_adds for row in report.named.values())]
    is_one = max(prices) - min(prices) < _SAME_PRICE
    return [float(number) for number in range(len(prices))] if is_one else prices


def _set_axes(axes: Axes, report: "TuneReport", theme: Theme) -> None:
    """Start the share at 0, and say what is what."""
    shares = (np.nanmax(line.get_ydata(), initial=0.0) for line in axes.lines)
    axes.set_ylim(0, max([_LEAST_SHARE, *map(float, shares)]) * _ROOM)
    places = _places(report)
    air = max(0.06 * (max(places) - min(places)), 0.02)
    axes.set_xlim(min(places) - air, max(places) + air)
    axes.locator_params(nbins=6)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.3g}x")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
    axes.set_xlabel(ACROSS if places[0] else ONE_PRICE, size=_SMALL)
    if not places[0]:
        axes.set_xticks(places, [TODAY, *report.named])
        axes.set_xlim(-0.5, len(places) - 0.5)
    is_of_gate = report.tuning.before.by_size.is_of_gate
    title = UP_OF_GATE if is_of_gate else UP
    axes.set_title(title, size=_SMALL, pad=5, color=theme.poor)
    axes.tick_params(labelsize=_SMALL)
    sheet.hide_frame(axes, "left", grid="x")


def _name_rows(axes: Axes, report: "TuneReport", theme: Theme) -> None:
    """Write the letter of each row at its point, the proposal's in bold, and today."""
    style: Any = {"color": theme.ink, "zorder": 6, "bbox": theme.ground}
    first, *rest = _places(report)
    for x, (name, row) in zip(rest, report.named.items(), strict=True):
        is_proposed = name == report.proposed
        style["weight"] = "bold" if is_proposed else "normal"
        style["size"] = _SMALL + (3 if is_proposed else 0)
        place = x, share_of(row.summary, EVERYTHING)
        sheet.write(axes, name, place, "right top", shift=(-3, -4), **style)
    today = share_of(report.tuning.before, EVERYTHING)
    if first and not np.isnan(today):  # else it is named on the axis
        style |= {"weight": "normal", "size": _SMALL, "shift": (0, 6)}
        sheet.write(axes, TODAY, (first, today), "center bottom", **style)


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
