"""How well the best anchor of each object fits it: IoUs by preset."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.arrays import Float64Array
from atss_inspect.figures import sheet, words
from atss_inspect.figures.groups import Objects, rows_of
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers
from atss_inspect.views.table import Section, row_of, share

NOTE = (
    "Bars: share of the objects by the IoU of the best anchor that is positive for "
    "them; each row has its own scale. Hatched: without a positive. Triangle: median."
)
_BAR_NOTE = " Hollow: below the rule's bar (dashed), only low-quality matches."
BEST_NOTE = (
    "Best IoU: of the positives of an object. Under rules that look at no IoU it is "
    "not known."
)
LIMITS = (0.3, 0.5, 0.7)  # of the table in words
_TICKS = (".2", ".4", ".6", ".8", "1")
_BINS = np.arange(21) / 20
_SMALL = TEXT_SIZE - 1
_ZERO = -0.09  # where the bar of objects without a positive stands
# Inches: a panel and its name above.
_LEFT, _PANEL, _ABOVE, _BELOW = 0.42, 0.72, 0.4, 0.44


def iou_figure(
    table: Objects,
    settings: Settings | Sequence[Settings],
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw the best IoU of objects with their positives, see `Plot.figure`.

    Figure with a histogram for each preset, from top to bottom, in steps of 0.05. A
    preset that looks at no IoU has an empty one.
    """
    each = words.as_conventions(settings)
    looks, step = looks_of(each, theme), _ABOVE + _PANEL
    left, wide = sheet.MARGIN + _LEFT, sheet.INNER - _LEFT - 0.05
    with drawn_in(theme):
        heading = _heading(table, each, data)
        page = sheet.new_sheet(heading, theme, body=len(each) * step + _BELOW)
        for place, one in enumerate(each):
            axes = page.axes(left, place * step + _ABOVE, wide, _PANEL)
            _draw_ious(axes, _Ious(table, one), looks[one.name].color, theme)
            name = sheet.fitted(one.name, wide / 2, sheet.TITLE_SIZE, bold=True)
            color = looks[one.name].color
            axes.set_title(name, size=sheet.TITLE_SIZE, color=color, pad=11)
            axes.tick_params(labelbottom=place == len(each) - 1)
        axes.set_xlabel("IoU of the best anchor with its object", size=_SMALL)
        return page.figure


class _Ious:
    """Best IoUs of one convention's objects."""

    def __init__(self, table: Objects, settings: Settings) -> None:
        rows = rows_of(table, settings)
        best = rows["best_iou"].to_numpy(np.float64)
        self.number = len(rows)
        self.without = int((rows["num_positives"].to_numpy(np.int64) == 0).sum())
        self.known: Float64Array = best[~np.isnan(best)]
        self.bar = None if settings.bar_of else settings.low_quality_bar
        self.is_known = len(self.known) + self.without == self.number > 0

    @property
    def median(self) -> float | None:
        """Median of the objects that have a positive; None without any."""
        return float(np.median(self.known)) if len(self.known) else None

    def below(self, limit: float) -> float | None:
        """Share of all objects whose best IoU is lower, or that have none."""
        if not self.is_known:
            return None
        return share_of(int((self.known < limit).sum()) + self.without, self.number)


def _heading(table: Objects, settings: Sequence[Settings], data: str) -> sheet.Heading:
    """Put the words of the figure together."""
    note = NOTE
    if any(_Ious(table, one).bar is not None for one in settings):
        note += _BAR_NOTE
    topic = "Best IoU of each object"
    findings = _findings(table, settings)
    return words.plot_heading(findings, topic, note, settings, data)


def _findings(table: Objects, settings: Sequence[Settings]) -> Iterator[str]:
    """Sentences for the title: how many objects no positive fits."""
    shares = {one.name: _Ious(table, one).below(0.5) for one in settings}
    known = sorted((part, name) for name, part in shares.items() if part is not None)
    if not known:
        yield "No IoU is known here"
        return
    low, high = known[0], known[-1]
    most = f"{numbers.percent(high[0])} of objects get no positive of IoU 0.5"
    name, other = (words.short_name(each[1]) for each in (high, low))
    if len(known) > 1:
        yield f"{most} under {name}, {numbers.percent(low[0])} under {other}"
    yield f"{most} under {name}"
    yield f"{numbers.percent(high[0])} get no positive of IoU 0.5 ({name})"


def iou_verdict(table: Objects, settings: Sequence[Settings]) -> str:
    """Name in a sentence the median of the best IoUs under each preset."""
    medians = {one.name: _Ious(table, one).median for one in settings}
    known = [
        f"{value:.2f} ({words.short_name(name)})"
        for name, value in medians.items()
        if value is not None
    ]
    if not known:
        return "No IoU is known here."
    return f"Median of the objects' best IoU: {numbers.joined(known)}."


def iou_text(table: Objects, settings: Sequence[Settings]) -> str:
    """Write medians and shares below some limits, and the verdict."""
    found = [_Ious(table, one) for one in settings]
    medians = [numbers.ratio(one.median) for one in found]
    rows = [row_of("median", medians)]
    for limit in LIMITS:
        cells = [share(one.below(limit)) for one in found]
        rows.append(row_of(f"below {limit:g} or without, share", cells))
    shown = words.preset_table(settings, Section("best IoU of objects", tuple(rows)))
    verdict = iou_verdict(table, settings)
    return words.plot_text(settings, shown, notes=[BEST_NOTE], verdict=verdict)


def _draw_ious(axes: Axes, ious: _Ious, color: str, theme: Theme) -> None:
    """Draw one panel."""
    axes.set_xlim(_ZERO - 0.06, 1.0)
    axes.set_xticks([_ZERO, 0.2, 0.4, 0.6, 0.8, 1], ["none", *_TICKS])
    axes.tick_params(labelsize=_SMALL)
    axes.set_yticks([])
    sheet.hide_frame(axes, "left", grid="x")
    style: Any = {"size": _SMALL}
    if not ious.is_known:
        text = "looks at no IoU" if ious.number else "no objects"
        style |= {"color": theme.faint_ink, "space": axes.transAxes}
        sheet.write(axes, text, (0.5, 0.4), **style)
        return
    highest = _draw_bars(axes, ious, color, theme)
    if ious.bar is not None:
        axes.axvline(ious.bar, color=theme.ink, linewidth=1.0, dashes=(4, 2.5))
    axes.set_ylim(0, highest * 1.25)
    tick = next(t for t in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005) if t <= highest)
    axes.set_yticks([tick], [f"{tick:.0%}"])
    if ious.median is not None:
        place, text = ious.median, f"{ious.median:.2f}"
        sheet.mark_median(axes, place, text, theme.ink, is_right=True)


def _draw_bars(axes: Axes, ious: _Ious, color: str, theme: Theme) -> float:
    """Draw the bars, hollow below the rule's bar; the height of the highest."""
    shares = np.histogram(ious.known, _BINS)[0] / ious.number
    without, places = ious.without / ious.number, _BINS[:-1] + 0.025
    is_low = places < (ious.bar or 0.0)
    style: Any = {"facecolor": "none", "edgecolor": color, "linewidth": 1.0}
    axes.bar(places[is_low], shares[is_low], 0.042, **style)
    axes.bar(places[~is_low], shares[~is_low], 0.046, color=color)
    style = {"facecolor": theme.paper, "edgecolor": theme.poor, "hatch": "//////"}
    axes.bar([_ZERO], [without], 0.06, linewidth=1.0 * bool(without), **style)
    if without:
        style = {"color": theme.poor, "weight": "bold", "shift": (0, 2), "size": _SMALL}
        text = numbers.percent(without)
        sheet.write(axes, text, (_ZERO - 0.03, without), "left bottom", **style)
    return max(float(shares.max()), without, 0.01)
