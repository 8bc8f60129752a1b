"""Two conventions on the same objects, and how far they agree."""

import itertools
from collections.abc import Iterator, Sequence
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
from atss_inspect.figures.words import (
    bound_note,
    in_words,
    plot_heading,
    plot_text,
    short_name,
    without_words,
)
from atss_inspect.statistics.advice import Measure
from atss_inspect.statistics.comparison import Joint
from atss_inspect.views import numbers
from atss_inspect.views.compare import (
    GROUPS,
    CompareReport,
    outcome_labels,
    pair_verdicts,
    told_of,
    verdict,
)
from atss_inspect.views.headings import SHARED_NOTE, SIZES_NOTE
from atss_inspect.views.names import printable
from atss_inspect.views.table import Section, Table, count_row

NOTE = (
    "Above: share of the objects of a size {lack}{low}. Below: how many objects get so "
    "many positives under both; where both give the same, cells are outlined. Framed "
    "in orange: {lack} under one of the two. Sizes by area in original pixels."
)
_RANK_NOTE = "The bars of their rules differ: not ranked by poorly assigned."
_LOW = " (filled) or with only low-quality matches (hollow)"
# Lower limits of the bins of positives; the last one has no end.
LOWS = (0, 1, 2, 3, 5, 9, 17, 33, 65)
_GAP = 0.35  # objects without positives stand apart
_CORNER = -0.5 - _GAP  # of their cells
_PLACES = [-_GAP, *map(float, range(1, len(LOWS)))]  # middles of the bins
_SMALL = TEXT_SIZE - 1
_BAR = 0.42  # of a row
# Inches: names of rows, the bars, what stands between, and the map.
_LEFT, _ABOVE, _BARS, _BETWEEN, _MAP, _BELOW = 0.95, 0.42, 1.7, 0.2, 2.1, 0.5


def compare_figure(
    report: CompareReport, *, data: str = "", theme: Theme = DEFAULT_THEME
) -> Figure:
    """Draw how two conventions treat the same objects.

    Figure with two axes: by size, the share of objects without a positive, or with only
    low-quality matches, under each; and objects by positives under the first (right)
    and the second (up). The report is of exactly two conventions; ``data`` is a line
    that names the data.
    """
    [(_, _, pair, _)] = report.named_pairs
    settings = report.stats.settings
    looks = looks_of(settings, theme)
    colors = [looks[name].color for name in report.stats.names]
    wide, left = sheet.INNER - _LEFT - 0.05, sheet.MARGIN + _LEFT
    with drawn_in(theme):
        body = _ABOVE + _BARS + _BETWEEN + _MAP + _BELOW
        page = sheet.new_sheet(_heading(report, data), theme, body=body)
        top = page.axes(left, _ABOVE, wide - 0.5, _BARS)
        bottom = page.axes(left, _ABOVE + _BARS + _BETWEEN, wide, _MAP)
        _draw_bars(top, report, colors, theme)
        _draw_joint(bottom, binned(pair.joint), theme)
        names = [sheet.fitted(printable(n), 2.0, _SMALL) for n in report.stats.names]
        kinds = ["at most" if one.rule.gate else "positives" for one in settings]
        style: Any = {"weight": "bold", "size": _SMALL}
        bottom.set_xlabel(f"{kinds[0]} under {names[0]}", color=colors[0], **style)
        second = "\n".join([f"{kinds[1]} under", names[1]])
        bottom.set_ylabel(second, color=colors[1], labelpad=3, **style)
        return page.figure


def _heading(report: CompareReport, data: str) -> sheet.Heading:
    """Put the words of the figure together."""
    settings = report.stats.settings
    has_low = any(one.by_size.has_low_quality for one in report.stats.summaries)
    note = in_words(NOTE.replace("{low}", _LOW * has_low), settings)
    note += bound_note(settings)
    [(_, _, _, judged)] = report.named_pairs
    ranked = _RANK_NOTE * (has_low and Measure.POORLY_ASSIGNED not in judged)
    note = " ".join(filter(None, (note, SHARED_NOTE, ranked)))
    topic = "Two presets"
    return plot_heading(_findings(report), topic, note, (), data, max_lines=2)


def _findings(report: CompareReport) -> Iterator[str]:
    """Sentences for the title: what differs most tellingly, or that nothing does."""
    [(first, second, _, judged)] = report.named_pairs
    told = {what: every for what, (every, *_) in told_of(judged).items()}
    known = {what: one for what, one in told.items() if one.interval is not None}
    sure = [what for what, one in known.items() if not one.is_none]
    names = [short_name(name) for name in (first, second)]
    low = {
        name: f" (+{numbers.percent(one.share_of_objects(number))} low-quality)"
        for name, one in zip(names, report.stats.summaries, strict=True)
        if (number := one.every_object.num_low_quality_only)
    }
    for what in (*sure[:1], *list(known)[:1]):
        ends = told[what].before, told[what].after
        sides = [(share, name) for share, name in zip(ends, names, strict=True)]
        beyond = "" if sure else "; no difference beyond chance"
        for extra, end in ((low, beyond), ({}, beyond), ({}, "")):
            words = [
                f"{name} {numbers.percent(share)}{extra.get(name, '')}"
                for share, name in sorted(sides)
            ]
            yield f"{what.capitalize()}: {', '.join(words)}{end}"
    yield pair_verdicts(report)[0].split(". ")[0].removesuffix(".")


def binned(joint: Joint) -> IntArray:
    """Count objects by bins of positives; (B, B), second convention first."""
    places = np.searchsorted(LOWS, [joint.second, joint.first], side="right") - 1
    counts = np.zeros((len(LOWS), len(LOWS)), dtype=np.int64)
    np.add.at(counts, tuple(places), joint.counts)
    return counts


def bin_names() -> list[str]:
    """Name the bins in little room: 0, 1, 2, ≤4, ≤8, ..., 65+."""
    bins = itertools.pairwise(LOWS)
    names = [str(low) if low == end - 1 else f"≤{end - 1}" for low, end in bins]
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


def _draw_bars(
    axes: Axes, report: CompareReport, colors: Sequence[str], theme: Theme
) -> None:
    """Draw two bars for each size: who has no positive, or only low-quality ones."""
    rows, longest = np.arange(len(GROUPS)), 0.02
    for place, one in enumerate(report.stats.summaries):
        groups = [one.of_sizes(*sizes) for sizes in GROUPS.values()]
        at = rows + (place - 0.5) * _BAR
        without = np.array([each.unassigned_share or 0.0 for each in groups])
        poor = np.array([each.poorly_assigned_share or 0.0 for each in groups])
        low: Any = {"facecolor": "none", "edgecolor": colors[place], "linewidth": 1.0}
        low["linewidth"] = np.where(poor > without, 1.0, 0.0)
        axes.barh(at, poor - without, _BAR * 0.86, left=without, **low)
        axes.barh(at, without, _BAR * 0.9, color=colors[place])
        longest = max(longest, float(poor.max()))
        for y, share, each in zip(at.tolist(), poor.tolist(), groups, strict=True):
            text = numbers.percent(share) if each.num_objects else "no objects"
            style: Any = {"shift": (3, 0), "size": _SMALL, "color": colors[place]}
            sheet.write(axes, text, (share, y), "left center_baseline", **style)
    axes.set_xlim(0, longest)
    axes.set_ylim(len(GROUPS) - 0.4, -0.6)
    totals = [numbers.count(each.num_objects) for each in groups]
    names = [f"{name}  {total}" for name, total in zip(GROUPS, totals, strict=True)]
    axes.set_yticks(rows, names, size=_SMALL)
    axes.set_xticks([])
    sheet.hide_frame(axes, "bottom", grid="both")
    _name_bars(axes, report, colors, theme)


def _name_bars(
    axes: Axes, report: CompareReport, colors: Sequence[str], theme: Theme
) -> None:
    """Write above the bars what they are, and whose, in their colors."""
    has_low = any(one.by_size.has_low_quality for one in report.stats.summaries)
    what = "poorly assigned" if has_low else without_words(report.stats.settings)
    style: Any = {"space": axes.transAxes, "size": _SMALL}
    style |= {"weight": "bold"}
    above: Any = style | {"color": theme.poor, "shift": (0, 14)}
    sheet.write(axes, what, (0, 1), "left bottom", **above)
    right = 0.0
    for name, color in zip(report.stats.names, colors, strict=True):
        text = sheet.fitted(printable(name), 1.6, _SMALL, bold=True)
        style |= {"color": color, "shift": (right, 2)}
        sheet.write(axes, text, (0, 1), "left bottom", **style)
        right += 72 * sheet.text_width(text, _SMALL, bold=True) + 10
