"""Two conventions on the same objects, and how far they agree."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from atss_inspect.arrays import IntArray
from atss_inspect.figures import sheet
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import plot_text, with_gates, without_words
from atss_inspect.settings import Settings
from atss_inspect.statistics.comparison import Joint
from atss_inspect.views import numbers
from atss_inspect.views.compare import (
    GROUPS,
    CompareReport,
    bar_note,
    outcome_labels,
    pair_verdicts,
    verdict,
)
from atss_inspect.views.headings import SHARED_NOTE, SIZES_NOTE
from atss_inspect.views.table import Section, Table, count_row

NOTE = (
    "Top: how many objects get so many positives under both; where both give the same, "
    "cells are outlined. Framed in orange: without a positive under one of the two. "
    "Below: sizes by area in original pixels."
)
# Lower limits of the bins of positives; the last one has no end.
LOWS = (0, 1, 2, 3, 5, 9, 17, 33, 65)
_GAP = 0.35  # objects without positives stand apart
_CORNER = -0.5 - _GAP  # of their cells
_PLACES = [-_GAP, *map(float, range(1, len(LOWS)))]  # middles of the bins
_SMALL = TEXT_SIZE - 1
_NAME_WIDTH = 1.9  # inches, beside the axes


def compare_figure(
    report: CompareReport, *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw how two conventions treat the same objects.

    Figure with two axes: objects by positives under the first (right) and the second
    (up), and, by size, the share without a positive under one or both. The report is
    of exactly two conventions; ``data`` is a line that names the data.
    """
    [(_, _, pair, _)] = report.named_pairs
    size: Any = {"size": TEXT_SIZE, "max_lines": 1}
    names = [sheet.preset_title(n, _NAME_WIDTH, **size) for n in report.stats.names]
    looks = looks_of(report.stats.settings, theme)
    colors = [looks[name].color for name in report.stats.names]
    with drawn_in(theme):
        lines = [*pair_verdicts(report), data]
        settings = report.stats.settings
        own_note = with_gates(NOTE, settings)
        note = " ".join(filter(None, (SHARED_NOTE, own_note, bar_note(report))))
        heading = sheet.Heading(" and ".join(names), lines, note)
        figure = sheet.new_sheet(heading, theme, body=5.7)
        top, bottom = figure.subplots(2, 1, height_ratios=(3.6, 1.5))
        _draw_joint(top, binned(pair.joint), theme)
        kinds = ["at most" if one.rule.gate else "positives" for one in settings]
        labels = [f"{k} under {n}" for k, n in zip(kinds, names, strict=True)]
        top.set_xlabel(labels[0], color=colors[0], weight="bold")
        top.set_ylabel(labels[1], color=colors[1], weight="bold")
        _draw_outcomes(bottom, pair.joint, names, colors, theme)
        _name_lack(bottom, settings)
        return sheet.settle(figure)


def binned(joint: Joint) -> IntArray:
    """Count objects by bins of positives; (B, B), second convention first."""
    places = np.searchsorted(LOWS, [joint.second, joint.first], side="right") - 1
    counts = np.zeros((len(LOWS), len(LOWS)), dtype=np.int64)
    np.add.at(counts, tuple(places), joint.counts)
    return counts


def bin_names() -> list[str]:
    """Name the bins: 0, 1, 2, 3–4, ..., 65+."""
    bins = itertools.pairwise(LOWS)
    names = [str(low) if low == end - 1 else f"{low}–{end - 1}" for low, end in bins]
    return [*names, f"{LOWS[-1]}+"]


def compare_plot_text(report: CompareReport) -> str:
    """Write the numbers that the figure shows most, and the verdict."""
    [(first, second, pair, _)] = report.named_pairs
    groups = [pair.joint.of_sizes(*sizes).outcomes for sizes in GROUPS.values()]
    labels = outcome_labels(first, second)
    # An `PairOutcomes` is the number of objects, then these four.
    names = ("objects", *(f"  {label}" for label in labels))
    rows = tuple(map(count_row, names, zip(*groups, strict=True)))
    table, words = Table(tuple(GROUPS), (Section("", rows),)), " ".join(verdict(report))
    notes = [f"{SHARED_NOTE} {SIZES_NOTE}"]
    return plot_text(report.stats.settings, table, notes=notes, verdict=words)


def _draw_joint(axes: Axes, counts: IntArray, theme: Theme) -> None:
    """Draw how many objects there are in each cell, with the number where there are."""
    # The column between 0 and 1 is the gap.
    edges = np.array([_CORNER, 0.5 - _GAP, *(np.arange(1, len(LOWS) + 1) - 0.5)])
    spread = np.insert(np.insert(counts, 1, 0, axis=0), 1, 0, axis=1)
    norm, shades = LogNorm(1, max(int(counts.max(initial=0)), 10)), theme.ramp()
    shown = np.ma.masked_equal(spread, 0)
    axes.pcolormesh(edges, edges, shown, cmap=shades, norm=norm)
    for row, column in zip(*np.nonzero(counts), strict=True):
        number, place = int(counts[row, column]), (_PLACES[column], _PLACES[row])
        color: Any = theme.readable_on(shades(norm(number)))
        style: Any = {"color": color, "size": _SMALL - 0.5}
        sheet.write(axes, _brief(number), place, "center center_baseline", **style)
    _frame_cells(axes, theme)
    axes.set_xticks(_PLACES, bin_names(), size=_SMALL)
    axes.set_yticks(_PLACES, bin_names(), size=_SMALL)
    ends = edges[0] - 0.06, edges[-1]
    axes.set(xlim=ends, ylim=ends)
    sheet.hide_frame(axes)


def _frame_cells(axes: Axes, theme: Theme) -> None:
    """Outline the cells of equal bins, and frame objects without a positive."""
    length = len(LOWS) - 1
    equal = [(place - 0.5, place - 0.5, 1, 1) for place in range(1, len(LOWS))]
    without = [(_CORNER, 0.5, 1, length), (0.5, _CORNER, length, 1)]
    without.append((_CORNER, _CORNER, 1, 1))
    thin: Any = {"edgecolor": theme.faint_ink, "linewidth": 0.8}
    thick: Any = {"edgecolor": theme.poor, "linewidth": 1.8}
    for cells, style in ((equal, thin), (without, thick)):
        for x, y, wide, tall in cells:
            frame = Rectangle((x, y), wide, tall, fill=False, clip_on=False, **style)
            axes.add_patch(frame)


def _brief(number: int) -> str:
    """Write a count in four signs at most: 12k, 3.4M."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            value = number / limit
            return f"{value:.0f}{letter}" if value >= 9.95 else f"{value:.1f}{letter}"
    return str(number)


def _draw_outcomes(
    axes: Axes, joint: Joint, names: list[str], colors: list[str], theme: Theme
) -> None:
    """Draw a bar for each size: the shares without a positive under one or both."""
    groups = np.array([joint.of_sizes(*each).outcomes for each in GROUPS.values()])
    counts, totals = groups[:, 2:], groups[:, 0]  # (5, 3) and (5,)
    shares = counts / np.maximum(totals, 1)[:, None]
    left = np.zeros(len(groups))
    # In the order of `PairOutcomes` after both.
    labels = outcome_labels(*names)[1:]
    hatches, edges = ("////", "\\\\\\\\", "xxxx"), (*colors, theme.poor)
    for place, label in enumerate(labels):
        style: Any = {"facecolor": theme.paper, "edgecolor": edges[place]}
        style["linewidth"] = np.where(counts[:, place] > 0, 0.9, 0)
        style |= {"hatch": hatches[place], "height": 0.72, "left": left}
        number = numbers.count(int(counts[0, place]))
        style["label"] = f"{label}: {number}"
        axes.barh(range(len(groups)), shares[:, place], **style)
        left += shares[:, place]
    _set_bar_axes(axes, totals.tolist(), left.tolist(), theme)


def _set_bar_axes(
    axes: Axes, totals: list[int], shares: list[float], theme: Theme
) -> None:
    """Name the sizes, and write each bar's share at its end."""
    for row, (total, share) in enumerate(zip(totals, shares, strict=True)):
        words = numbers.percent(share) if total else "no objects"
        style: Any = {"shift": (4, 0), "size": _SMALL, "bbox": theme.ground}
        sheet.write(axes, words, (share, row), "left center", **style)
    names = zip(GROUPS, map(numbers.count, totals), strict=True)
    axes.set_yticks(range(len(totals)), [f"{name}  {total}" for name, total in names])
    axes.set_xlim(0, min(max(*shares, 0.02) * 1.2, 1.15))
    axes.invert_yaxis()
    axes.locator_params(axis="x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")
    axes.tick_params(labelsize=_SMALL)
    sheet.hide_frame(axes, "bottom", grid="y")


def _name_lack(axes: Axes, settings: Sequence[Settings]) -> None:
    """Write what the objects of the bars lack, and what others have."""
    lack = without_words(settings)
    axes.set_xlabel(f"share of objects {lack} under one or both", size=_SMALL)
    given = lack.removeprefix("without a ").replace(" or ", "s or ")
    handles, labels = axes.get_legend_handles_labels()
    labels = [f"{given}s {label}" for label in labels]
    ncols = 3 if len(labels[1]) < 24 else 1
    below: Any = {"loc": "upper left", "bbox_to_anchor": (0, -0.36), "ncols": ncols}
    gaps: Any = {"borderaxespad": 0, "handlelength": 1.6, "columnspacing": 1.2}
    axes.legend(handles, labels, fontsize=_SMALL - 0.5, **below, **gaps)
