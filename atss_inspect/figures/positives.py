"""Positives per object as a distribution: presets side by side, sizes below."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
    "Bars: share of the objects of a size (by area in original pixels); each row has "
    "its own scale. "
)
_LOW = "Hollow: only low-quality matches. "
_BINS = "The bins grow with the number. "
_DASHED = "Dashed: 0.2·k·L of the ATSS paper. "
_MOST_SINGLE = 16  # picked under gates, with a bar for each number
_SMALL = TEXT_SIZE - 1
_ZERO = -0.7  # the bar of objects without positives stands a little apart
_MOST_COLUMNS = 3  # side by side in one column of print
# Inches: names of sizes, a panel and the next one below, what stands above and below.
_LEFT, _GAP = 0.92, 0.16
_PANEL, _ROW = 0.52, 0.7
_ABOVE, _BELOW = 0.36, 0.42
_TICK_ROOM = 0.24  # inches from label to label
_TICKS = (0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.0)  # shares to label

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
    last, each with a scale of its own; a column for each preset, the fourth below the
    first. The bins are the same everywhere: 0, 1, 2, 3, 4-5, 6-7, 8-11 and so on; of
    gates alone, of which few are picked, single numbers. For ATSS, a dashed line
    stands where 0.2 k L positives are.
    """
    each = words.as_conventions(settings)
    parts = [parts_by_size(table, one) for one in each]
    most = max(int(one["all"].positives.max(initial=0)) for one in parts)
    is_single = most <= _MOST_SINGLE and all(one.rule.gate for one in each)
    lows = bin_limits(most, is_single=is_single)
    looks = looks_of(each, theme)
    across = min(len(each), _MOST_COLUMNS)
    wide = (sheet.INNER - _LEFT - (across - 1) * _GAP) / across
    band = _ABOVE + len(parts[0]) * _ROW + _BELOW
    with drawn_in(theme):
        heading = _heading(each, parts, data, is_single=is_single)
        page = sheet.new_sheet(heading, theme, body=-(-len(each) // across) * band)
        for place, (one, sizes) in enumerate(zip(each, parts, strict=True)):
            row, column = divmod(place, across)
            left = sheet.MARGIN + _LEFT + column * (wide + _GAP)
            down = row * band + _ABOVE + _ROW - _PANEL
            steps = down + np.arange(len(sizes)) * _ROW
            panels = [page.axes(left, step, wide, _PANEL) for step in steps.tolist()]
            color = looks[one.name].color
            for axes, part in zip(panels, sizes.values(), strict=True):
                _draw_part(axes, part, lows, color, theme)
            _draw_expected(panels, sizes, one, lows, theme)
            _set_axes(panels, parts, lows, wide, is_first=not column)
            _name_column(panels, one, wide, color)
            if not column:
                _name_rows(panels, parts)
        return page.figure


def _heading(
    settings: Sequence[Settings], parts: Sequence[Parts], data: str, *, is_single: bool
) -> sheet.Heading:
    """Put the words of the figure together."""
    has_low = any(_has_low_quality(one["all"]) for one in parts)
    is_dashed = any(expected_positives(one) is not None for one in settings)
    note = f"{NOTE}{'' if is_single else _BINS}Hatched: {{lack}}. "
    note += f"{_LOW * has_low}Triangle: median. {_DASHED * is_dashed}"
    note = words.in_words(note.strip(), settings) + words.bound_note(settings)
    every = {one.name: each["all"] for one, each in zip(settings, parts, strict=True)}
    topic = f"{words.amount_words(settings).replace(' per object', '')} by size"
    topic = topic[0].upper() + topic[1:]
    findings = _findings(every, settings)
    return words.plot_heading(findings, topic, note, settings, data, max_lines=2)


def _findings(every: Parts, settings: Sequence[Settings]) -> Iterator[str]:
    """Sentences for the title: the verdict, or its largest numbers."""
    yield _verdict(every, settings).replace(". ", "; ").removesuffix(".")
    found = []
    for given in dict.fromkeys(one.rule.given for one in settings):
        own = [one.name for one in settings if one.rule.given == given]
        shares = {name: every[name].counts.unassigned_share for name in own}
        get = "get" if given == "positive" else "have"
        found += _largest(shares, f"{get} no {given}")
    low = {name: part.low_quality_only_share for name, part in every.items()}
    what = "only low-quality ones" if found else "get only low-quality matches"
    found += _largest(low, what)
    yield from (", ".join(found), found[0]) if found else ()


def _largest(shares: dict[str, float | None], what: str) -> list[str]:
    """Name the preset with the largest share; empty without any."""
    known = {name: share for name, share in shares.items() if share}
    if not known:
        return []
    most = max(known, key=lambda name: known[name])
    return [f"{numbers.percent(known[most])} {what} ({words.short_name(most, 24)})"]


def positives_verdict(table: Objects, settings: Sequence[Settings]) -> str:
    """Who leaves most and fewest objects without a positive, or low-quality ones."""
    every = {one.name: parts_by_size(table, one)["all"] for one in settings}
    return _verdict(every, settings)


def _verdict(every: Parts, settings: Sequence[Settings]) -> str:
    """Say so of all objects of each preset, by name."""
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
    place, text = float(axis_place(median, lows)), numbers.short(median)
    is_right = place <= (len(lows) - 2) / 2
    sheet.mark_median(axes, place, text, theme.ink, is_right=is_right)


def _draw_unassigned(axes: Axes, shares: Float64Array, theme: Theme) -> None:
    """Draw the bar of objects without a positive, with its height in words."""
    style: Any = {"facecolor": theme.paper, "edgecolor": theme.poor}
    style |= {"hatch": "//////", "linewidth": 1 if shares[0] else 0}
    axes.bar([_ZERO], shares[:1], 0.92, **style)
    if shares[0]:
        text, high = numbers.percent(float(shares[0])), float(shares[:4].max())
        style = {"color": theme.poor, "bbox": theme.ground, "weight": "bold"}
        style |= {"shift": (0, 1.5), "size": _SMALL}
        sheet.write(axes, text, (_ZERO - 0.46, high), "left bottom", **style)


def _draw_expected(
    column: Sequence[Axes], sizes: Parts, one: Settings, lows: IntArray, theme: Theme
) -> None:
    """Draw the line of 0.2 k L in the panels of an ATSS preset that have objects."""
    expected = expected_positives(one)
    if expected is None:
        return
    place = min(float(axis_place(expected, lows)), len(lows) - 1.5)
    line: Any = {"color": theme.ink, "linewidth": 1, "dashes": (4, 2.5)}
    for axes, part in zip(column, sizes.values(), strict=True):
        if part.counts.num_objects:
            axes.axvline(place, **line)


def single_ticks(ends: Sequence[int]) -> list[int]:
    """Label 0, the most of each preset, and every second number that has room."""
    ticks = {0, *ends}
    for number in range(2, max(ends), 2):
        if not ticks & {number - 1, number + 1}:
            ticks.add(number)
    return sorted(ticks)


def _x_ticks(parts: Sequence[Parts], lows: IntArray, wide: float) -> list[int]:
    """Choose the numbers that are labelled: single ones, or powers of two with room."""
    if (np.diff(lows) == 1).all():
        return single_ticks([int(one["all"].positives.max(initial=0)) for one in parts])
    room = wide / len(lows)  # inches of a bin; a power of two takes two of them
    widest = sheet.text_width(str(lows[-1]), _SMALL) + 0.08
    step = int(np.ceil(max(widest, _TICK_ROOM) / (2 * room)))
    powers = [2**number for number in range(0, 40, step)]
    return [0, *(power for power in powers if power < lows[-1])]


def _set_axes(
    column: Sequence[Axes],
    parts: Sequence[Parts],
    lows: IntArray,
    wide: float,
    *,
    is_first: bool,
) -> None:
    """Set the axes of a column; a row has one scale, told by one tick on its left."""
    places = axis_place(ticks := _x_ticks(parts, lows, wide), lows)
    for axes, size in zip(column, parts[0], strict=True):
        every = [bin_shares(sizes[size].positives, lows).max() for sizes in parts]
        highest = max(0.02, *map(float, every))
        share = next(each for each in _TICKS if each <= highest)
        axes.set_xlim(_ZERO - 0.7, len(lows) - 1.3)
        axes.set_ylim(0, highest * 1.5)
        axes.set_xticks(places, [""] * len(ticks))
        axes.set_yticks([share], [f"{share:.0%}"] if is_first else [""], size=_SMALL)
        axes.tick_params(axis="y", length=0, pad=2)
        axes.tick_params(axis="x", length=2)
        axes.grid(visible=False, axis="x")
        axes.spines["left"].set_visible(False)
    column[-1].set_xticks(places, map(str, ticks), size=_SMALL)


def _name_column(
    column: Sequence[Axes], one: Settings, wide: float, color: str
) -> None:
    """Write the preset above its column, and what is counted below."""
    sheet.entitle(column[0], one.name, wide, color=color, pad=18, linespacing=1.1)
    words_below = fold_amount(one.rule.amount, wide)
    column[-1].set_xlabel(words_below, size=_SMALL, labelpad=2)


def fold_amount(amount: str, wide: float) -> str:
    """Write what is counted below a column, in its first word where room is short."""
    is_wide = sheet.text_width(amount, _SMALL) < wide
    return amount if is_wide else amount.split()[0]


def _name_rows(column: Sequence[Axes], parts: Sequence[Parts]) -> None:
    """Name the sizes, with their number of objects, on the left."""
    for axes, size in zip(column, parts[0], strict=True):
        counts = sorted({sizes[size].counts.num_objects for sizes in parts})
        number = "–".join(map(numbers.count, (counts[0], counts[-1])[: len(counts)]))
        style: Any = {"space": axes.transAxes, "shift": (-24, 0), "size": _SMALL}
        style["weight"] = "bold" if size == "all" else "normal"
        sheet.write(axes, f"{size}\n{number}", (0, 0.5), "right center", **style)
