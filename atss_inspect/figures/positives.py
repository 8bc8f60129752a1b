"""Positives per object as a distribution: presets side by side, sizes below."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.figures import sheet, words
from atss_inspect.figures.groups import Objects, Part, parts_by_size
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.statistics import metrics
from atss_inspect.statistics.summary import expected_positives
from atss_inspect.views import numbers
from atss_inspect.views.headings import SIZES_NOTE
from atss_inspect.views.table import Row, Section, count, objects, row_of

NOTE = (
    "Bars: share of the objects of that size (area in original pixels). The bins grow "
    "with the number of positives. Hatched: objects without any positive. Triangle: "
    "median. Below each size: number of objects."
)
LOW_NOTE = " Hollow bars: objects with only low-quality matches."
_BINS = "The bins grow with the number of positives. "
_MOST_SINGLE = 16  # picked under gates, with a bar for each number
_SMALL = TEXT_SIZE - 1.5
_ZERO = -0.7  # the bar of objects without positives stands a little apart
_COLUMN, _ROW = 1.42, 0.82  # inches of a panel with what belongs to it
_MOST_COLUMNS = 3  # side by side in one column of print
_BELOW_MEDIAN = 0.95  # of a panel's height; above it stands the median in words

Parts = dict[str, Part]


def positives_figure(
    table: Objects,
    settings: Settings | Sequence[Settings],
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw how many positives objects get, by preset and by size, see `Plot.figure`.

    Figure with a row of panels for all objects and one for each size, the largest
    last; a column for each preset, the fourth below the first. The bins are the same
    everywhere: 0, 1, 2, 3, 4-5, 6-7, 8-11 and so on; of gates alone, of which few are
    picked, single numbers. For ATSS, a dashed line stands where 0.2 k L positives are.
    """
    each = words.as_conventions(settings)
    parts = [parts_by_size(table, one) for one in each]
    verdict = positives_verdict(table, each)
    ends = [int(one["all"].positives.max(initial=0)) for one in parts]
    is_single = max(ends) <= _MOST_SINGLE and all(one.rule.gate for one in each)
    has_low = any(_has_low_quality(one["all"]) for one in parts)
    note = NOTE + (LOW_NOTE if has_low else "")
    note = note.replace(_BINS, "") if is_single else note
    title = words.amount_words(each)
    title, note = title[0].upper() + title[1:], words.with_gates(note, each)
    heading = words.plot_heading(title, note, each, verdict, data)
    looks = looks_of(each, theme)
    with drawn_in(theme):
        across = min(len(each), _MOST_COLUMNS)
        body = -(-len(each) // _MOST_COLUMNS) * (5 * _ROW + 0.9)
        figure = sheet.new_sheet(heading, theme, body=body)
        shape: Any = {"across": across, "rows": 5, "sharex": True, "sharey": True}
        columns = sheet.panels_of_presets(figure, len(each), **shape)
        lows = bin_limits(max(ends), is_single=is_single)
        for column, one, sizes in zip(columns, each, parts, strict=True):
            for axes, part in zip(column, sizes.values(), strict=True):
                _draw_part(axes, part, lows, looks[one.name].color, theme)
            _name_column(column, one, looks[one.name].color)
            _draw_expected(column, sizes, one, lows, theme)
        every = [part.positives for one in parts for part in one.values()]
        highest = max(float(bin_shares(part, lows).max()) for part in every)
        _set_axes(columns, lows, highest, ends)
        for column in columns[::_MOST_COLUMNS]:
            _name_rows(column, parts)
        return sheet.settle(figure)


def positives_verdict(table: Objects, settings: Sequence[Settings]) -> str:
    """Who leaves most and fewest objects without a positive, or low-quality ones."""
    every = {one.name: parts_by_size(table, one)["all"] for one in settings}
    shares = [
        f"{words.short_name(name)} {numbers.percent(part.low_quality_only_share)}"
        for name, part in every.items()
        if _has_low_quality(part)
    ]
    low = f" Only low-quality matches: {numbers.joined(shares)}." if shares else ""
    found = []
    for given in ("positive", "candidate"):
        own = {one.name: every[one.name] for one in settings if one.rule.given == given}
        found += [_without_words(own, given)] if own else []
    return f"{' '.join(found)}{low}"


def _has_low_quality(part: Part) -> bool:
    """Whether some objects have only low-quality matches."""
    return bool(part.counts.num_low_quality_only)


def _without_words(every: Parts, given: str) -> str:
    """Name in a sentence who leaves most and fewest objects without a positive.

    ``given``: or without what else (`Rule.given`).
    """
    shares = {name: part.counts.unassigned_share for name, part in every.items()}
    most, fewest = words.extremes(shares)
    known = [value for value in shares.values() if value is not None]
    if not most:
        return "There are no objects to assign."
    high, low = numbers.percent(max(known)), numbers.percent(min(known))
    if max(known) == 0:
        verb = "gets" if given == "positive" else "has"
        return f"Every object {verb} a {given} under {numbers.joined(most)}."
    verb = "leaves" if len(most) == 1 else "each leave"
    others = "" if most == fewest else f", {numbers.joined(fewest)} {low}"
    who = numbers.joined(most)
    return f"{who} {verb} {high} of objects without a {given}{others}."


def positives_text(table: Objects, settings: Sequence[Settings]) -> str:
    """Write the numbers that the figure shows most, and the verdict."""
    parts = [parts_by_size(table, one) for one in settings]
    expected, per_object = [expected_positives(one) for one in settings], []
    if any(value is not None for value in expected):
        label = metrics.named("expected_positives").label
        per_object.append(row_of(label, map(numbers.mean, expected)))
    for size in parts[0]:
        label = "median" if size == "all" else f"{size}, median"
        medians = [numbers.short(sizes[size].percentile(50)) for sizes in parts]
        per_object.append(row_of(label, medians))
    sections = (
        Section("", tuple(_count_rows([sizes["all"] for sizes in parts], settings))),
        Section(words.amount_words(settings), tuple(per_object)),
    )
    shown = words.preset_table(settings, *sections)
    verdict = positives_verdict(table, settings)
    return words.plot_text(settings, shown, notes=[SIZES_NOTE], verdict=verdict)


def _count_rows(parts: Sequence[Part], settings: Sequence[Settings]) -> Iterator[Row]:
    """Count the objects of each preset, and those that are poorly assigned."""
    every = [part.counts for part in parts]
    yield row_of("objects", [count(one.num_objects) for one in every])
    for given in ("positive", "candidate"):
        is_own = [one.rule.given == given for one in settings]
        if any(is_own):
            yield row_of(
                f"  without a {given}",
                [
                    objects(one.num_unassigned, one.unassigned_share) if own else ""
                    for own, one in zip(is_own, every, strict=True)
                ],
            )
    if any(part.low_quality is not None for part in parts):
        shares = [part.low_quality_only_share for part in parts]
        low = [one.num_low_quality_only for one in every]
        yield row_of("  only low-quality matches", map(objects, low, shares))


def bin_limits(most: int, *, is_single: bool = False) -> IntArray:
    """List the lower limits of the bins: 0, 1, 2, 3, 4, 6, 8, 12, ... beyond ``most``.

    The last one is the end of the last bin. There are bins up to 15 at least. Or, if
    ``is_single``, one for each number up to ``most``.
    """
    if is_single:
        return np.arange(most + 2)
    powers = 2 ** np.arange(1, max(most, 15).bit_length() + 1)
    lows = np.unique(np.concatenate([[0, 1], powers, powers * 3 // 2]))
    return lows[: np.searchsorted(lows, max(most, 15), side="right") + 1]


def axis_place(values: Any, lows: IntArray) -> Float64Array:
    """Place numbers of positives on the axis, where bar i stands at i; 0 is apart."""
    given = np.asarray(values, dtype=np.float64)
    index = np.minimum(np.searchsorted(lows, given, side="right") - 1, len(lows) - 2)
    inside = (given - lows[index] + 0.5) / (lows[index + 1] - lows[index]) - 0.5
    return np.asarray(np.where(given == 0, _ZERO, index + inside))


def bin_shares(positives: IntArray, lows: IntArray) -> Float64Array:
    """Share of objects in each bin; zeros without objects."""
    return np.histogram(positives, [*lows[:-1], np.inf])[0] / max(len(positives), 1)


def _draw_part(
    axes: Axes, part: Part, lows: IntArray, color: str, theme: Theme
) -> None:
    """Draw one panel."""
    median = part.percentile(50)
    if median is None:
        style: Any = {"color": theme.faint_ink, "bbox": theme.ground}
        sheet.write_no_objects(axes, size=_SMALL, **style)
        return
    shares = bin_shares(part.positives, lows)
    places, at_bar = np.arange(1, len(shares)), shares
    if _has_low_quality(part):
        is_at_bar = part.at_bar.positives > 0
        at_bar = bin_shares(part.positives[is_at_bar], lows) * is_at_bar.mean()
        heights = shares[1:] - at_bar[1:]
        low: Any = {"facecolor": "none", "edgecolor": color, "width": 0.86}
        low |= {"bottom": at_bar[1:], "linewidth": np.where(heights > 0, 0.9, 0)}
        axes.bar(places, heights, **low)
    axes.bar(places, at_bar[1:], width=0.92, color=color)
    _draw_unassigned(axes, shares, theme)
    _mark_median(axes, median, lows, theme)


def _mark_median(axes: Axes, median: float, lows: IntArray, theme: Theme) -> None:
    """Draw a triangle above the panel, with the number beside it."""
    place = float(axis_place(median, lows))
    style: Any = {"transform": axes.get_xaxis_transform(), "clip_on": False}
    axes.plot([place], [1.05], "v", color=theme.ink, markersize=4, **style)
    is_right = place > (len(lows) - 2) / 2
    align, right = ("right center", -5) if is_right else ("left center", 5)
    style = {"shift": (right, 0), "space": axes.get_xaxis_transform(), "size": _SMALL}
    text = f"median {numbers.short(median)}"
    sheet.write(axes, text, (place, 1.05), align, **style)


def _draw_unassigned(axes: Axes, shares: Float64Array, theme: Theme) -> None:
    """Draw the bar of objects without a positive, with its height in words."""
    style: Any = {"facecolor": theme.paper, "edgecolor": theme.poor}
    style |= {"hatch": "//////", "linewidth": 1 if shares[0] else 0}
    axes.bar([_ZERO], shares[:1], 0.92, **style)
    if shares[0]:
        text, high = numbers.percent(float(shares[0])), float(shares[:5].max())
        style = {"color": theme.poor, "bbox": theme.ground, "weight": "bold"}
        style |= {"shift": (0, 1.5), "size": _SMALL}
        sheet.write(axes, text, (_ZERO - 0.46, high), "left bottom", **style)


def _draw_expected(
    column: Sequence[Axes], sizes: Parts, one: Settings, lows: IntArray, theme: Theme
) -> None:
    """Draw the line of 0.2 k L in the panels of an ATSS preset that have objects."""
    expected = expected_positives(one)
    if expected is None or not sizes["all"].counts.num_objects:
        return
    place = min(float(axis_place(expected, lows)), len(lows) - 1.5)
    line: Any = {"color": theme.ink, "linewidth": 1, "dashes": (4, 2.5)}
    for axes, part in zip(column, sizes.values(), strict=True):
        if part.counts.num_objects:
            axes.axvline(place, 0, _BELOW_MEDIAN, **line)
    is_right = place > (len(lows) - 2) * 0.6
    align, space = "right" if is_right else "center", column[0].get_xaxis_transform()
    style: Any = {"shift": (0, 9), "space": space, "size": _SMALL}
    text = f"0.2·k·L = {numbers.short(expected)}"
    sheet.write(column[0], text, (place, 1), f"{align} bottom", **style)


def single_ticks(ends: Sequence[int]) -> list[int]:
    """Label 0, the most of each preset, and every second number that has room."""
    ticks = {0, *ends}
    for number in range(2, max(ends), 2):
        if not ticks & {number - 1, number + 1}:
            ticks.add(number)
    return sorted(ticks)


def _set_axes(
    columns: list[list[Axes]], lows: IntArray, highest: float, ends: Sequence[int]
) -> None:
    """Set the same axes in all panels, with labels where there is room."""
    num_bins = len(lows) - 1
    step = max((num_bins - 7) // 4, 1)  # labels of long axes would touch
    # Two or three ticks for shares.
    share = next(each for each in (0.05, 0.1, 0.2, 0.25, 0.5) if 2.2 * each >= highest)
    powers = [2**number for number in range(0, 40, step)]
    ticks = [0, *(power for power in powers if power < lows[-1])]
    if (np.diff(lows) == 1).all():
        ticks = single_ticks(ends)
    for axes in itertools.chain.from_iterable(columns):
        axes.set_xlim(_ZERO - 0.7, num_bins - 0.3)
        axes.set_xticks(axis_place(ticks, lows), map(str, ticks), size=_SMALL)
        axes.set_ylim(0, max(highest, 0.1) * 1.38)
        axes.yaxis.set_major_locator(FixedLocator([0, share, 2 * share]))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
        axes.tick_params(axis="y", labelsize=_SMALL, length=0)
        axes.tick_params(axis="x", length=2)
        axes.grid(visible=False, axis="x")
        axes.spines["left"].set_visible(False)


def _name_column(column: Sequence[Axes], one: Settings, color: str) -> None:
    """Write the preset above its column, and what is counted below."""
    style: Any = {"color": color, "pad": 22, "linespacing": 1.1}
    sheet.entitle(column[0], one.name, _COLUMN - 0.1, **style)
    column[-1].tick_params(labelbottom=True)
    what = "picked at most" if one.rule.gate else "positives per object"
    column[-1].set_xlabel(what, size=_SMALL)


def _name_rows(column: Sequence[Axes], parts: Sequence[Parts]) -> None:
    """Name the sizes, with their number of objects, on the left."""
    for axes, size in zip(column, parts[0], strict=True):
        counts = sorted({sizes[size].counts.num_objects for sizes in parts})
        number = "–".join(map(numbers.count, (counts[0], counts[-1])[: len(counts)]))
        align: Any = {"rotation": 0, "ha": "right", "va": "center"}
        axes.set_ylabel(f"{size}\n{number}", size=TEXT_SIZE - 1, **align)
