"""Positives by pyramid level, and which level serves which size."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.assigners.anchor_rule import fineness, level_label, level_name
from atss_inspect.figures import sheet, words
from atss_inspect.figures.groups import Objects, level_names, level_positives
from atss_inspect.figures.looks import Look, looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.statistics.statistic import Kind
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import share
from atss_inspect.views import numbers
from atss_inspect.views.headings import SIZES_NOTE
from atss_inspect.views.table import Cell, Section, row_of

TOPIC = "Positives by pyramid level"
IDLE_BELOW = 0.01  # share of a preset's positives
IDLE_NOTE = "A level is idle with less than 1% of a preset's positives."
NOTE = (
    "Above: % of the preset's positives on each level. Below: % of the positives of "
    "objects of a size (area in original pixels); each row adds up to 100, but for "
    "rounding. Idle: less than 1% of the positives."
)
_SMALL = TEXT_SIZE - 1
_CELL = TEXT_SIZE - 1.5
# Inches: names of rows, a level, the gap between presets, and the panels with what
# stands above and below.
_LEFT, _LEVEL, _GAP = 0.62, 0.214, 0.14
_ABOVE, _BARS, _BETWEEN, _MAP, _BELOW = 0.52, 1.3, 0.08, 0.92, 0.34


def levels_figure(
    table: Objects,
    settings: Settings | Sequence[Settings],
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw which levels the positives lie on, in all and by size, see `Plot.figure`.

    Figure with a column for each preset, those that do not fit below: bars of the
    share of its positives by level, with idle levels (less than 1 %) named, and a map
    of level by size, where each row adds up to 100 %. Sizes without positives have an
    empty row.
    """
    each = words.as_conventions(settings)
    counts = [level_positives(table, one) for one in each]
    looks, verdict = looks_of(each, theme), levels_verdict(table, each)
    most_levels = max(5, *(len(level_names(one)) for one in each))
    # As many side by side as one column of print has room for.
    room, least = sheet.INNER - _LEFT, most_levels * _LEVEL
    across = max(min(len(each), int((room + _GAP) / (least + _GAP))), 1)
    wide = max((room - (across - 1) * _GAP) / max(across, 2), least)
    width = _LEFT + across * (wide + _GAP) - _GAP + 2 * sheet.MARGIN
    width = max(sheet.WIDTH, width)
    band = _ABOVE + _BARS + _BETWEEN + _MAP + _BELOW
    highest = max(float(shares_of(part.sum(axis=0)).max()) for part in counts)
    with drawn_in(theme):
        heading = _heading(each, counts, verdict, data)
        body = -(-len(each) // across) * band
        page = sheet.new_sheet(heading, theme, width=width, body=body)
        for place, (one, part) in enumerate(zip(each, counts, strict=True)):
            row, column = divmod(place, across)
            left, down = column * (wide + _GAP), row * band + _ABOVE
            left += sheet.MARGIN + _LEFT
            upper = page.axes(left, down, wide, _BARS)
            lower = page.axes(left, down + _BARS + _BETWEEN, wide, _MAP)
            _draw_bars(upper, one, part.sum(axis=0), looks[one.name], theme, wide)
            upper.set_ylim(0, max(highest, 0.1) * 1.18)
            _draw_map(lower, one, part, looks[one.name], theme)
            for axes in (upper, lower):
                axes.set_xlim(-0.5, most_levels - 0.5)
            if not column:
                lower.set_yticks(range(len(SIZE_BINS)), SIZE_BINS, size=_SMALL)
        return page.figure


def _heading(
    settings: Sequence[Settings], counts: Sequence[IntArray], verdict: str, data: str
) -> sheet.Heading:
    """Put the words of the figure together."""
    findings = [verdict.removesuffix(".")]
    for one, part in zip(settings, counts, strict=True):
        found = idle_levels(level_names(one), part.sum(axis=0))
        verb, name = "is" if len(found) == 1 else "are", words.short_name(one.name)
        if found:
            findings.append(f"{numbers.joined(found)} {verb} idle under {name}")
            break
    else:
        findings.append(verdict.split("; ")[0].removesuffix("."))
    return words.plot_heading(findings, TOPIC, NOTE, settings, data, max_lines=2)


def shares_of(counts: IntArray) -> Float64Array:
    """Divide counts by their sum; zeros where there is nothing."""
    return np.asarray(counts / max(counts.sum(), 1))


def idle_levels(names: Sequence[str], counts: IntArray) -> list[str]:
    """Name the levels with less than 1 % of the positives; none without positives."""
    if not counts.any():
        return []
    shares = shares_of(counts).tolist()
    return [name for name, part in zip(names, shares, strict=True) if part < IDLE_BELOW]


def levels_verdict(table: Objects, settings: Sequence[Settings]) -> str:
    """Name in a sentence the idle levels, or where most positives lie if none is."""
    idle, busiest = [], []
    for one in settings:
        counts = level_positives(table, one).sum(axis=0)
        if not counts.any():
            continue
        name, (level, part) = words.short_name(one.name), _busiest(one, counts)
        found = idle_levels(level_names(one), counts)
        idle += [f"{numbers.joined(found)} ({name})"] if found else []
        busiest.append(f"{level} ({name}, {part})")
    if not busiest:
        return "There are no positives on any level."
    if idle:
        return f"Idle, with less than 1% of the positives: {numbers.joined(idle)}."
    return f"No level is idle; most positives lie on {numbers.joined(busiest)}."


def _busiest(settings: Settings, counts: IntArray) -> tuple[str, str]:
    """Level with most positives, the finest of equals, and its share."""
    place = int(counts.argmax())
    part = numbers.percent(float(shares_of(counts)[place]))
    return level_names(settings)[place], part


def levels_text(table: Objects, settings: Sequence[Settings]) -> str:
    """Write the shares of the figure, and the verdict."""
    by_level, by_size = [], []
    for one in settings:
        counts = level_positives(table, one)
        total = int(counts.sum())
        shares = [share(number, total) for number in counts.sum(axis=0).tolist()]
        by_level.append(dict(zip(level_names(one), shares, strict=True)))
        found = (_busiest(one, row) if row.any() else None for row in counts)
        by_size.append([f"{p[0]} {p[1]:>6}" if p else numbers.UNDEFINED for p in found])
    every = {stride for one in settings for stride in one.anchors.strides}
    strides = sorted(every, key=fineness)
    names = {level_name(stride): level_label(stride) for stride in strides}
    # A dash where there is no such level or no positive.
    levels = []
    for name, label in names.items():
        cells = (Cell(Kind.SHARE, part.get(name)) for part in by_level)
        levels.append(row_of(label, cells))
    sizes = map(row_of, SIZE_BINS, zip(*by_size, strict=True))
    title = "busiest level by size of objects, share of their positives"
    first = Section("share of positives by level", tuple(levels))
    shown = words.preset_table(settings, first, Section(title, tuple(sizes)))
    verdict, notes = levels_verdict(table, settings), [SIZES_NOTE, IDLE_NOTE]
    return words.plot_text(settings, shown, notes=notes, verdict=verdict)


def _short_percent(share: float) -> str:
    """Write a share in per cent, without the sign, in three signs at most."""
    return "<1" if 0 < share < 0.005 else f"{100 * share:.0f}"


def _brief_names(idle: list[str], names: Sequence[str]) -> str:
    """Name levels in little room: three in a row by the first and the last."""
    first = names.index(idle[0])
    is_row = list(names[first : first + len(idle)]) == idle
    return f"{idle[0]} to {idle[-1]}" if is_row and idle[2:] else numbers.joined(idle)


def _draw_bars(
    axes: Axes,
    settings: Settings,
    counts: IntArray,
    look: Look,
    theme: Theme,
    wide: float,
) -> None:
    """Draw the share of the positives by level, with the numbers above."""
    names, shares = level_names(settings), shares_of(counts)
    axes.bar(range(len(names)), shares, width=0.84, color=look.color)
    for place, part in enumerate(shares.tolist()):
        text = _short_percent(part) if counts.any() else ""
        style: Any = {"size": _CELL, "shift": (0, 1.5)}
        sheet.write(axes, text, (place, part), "center bottom", **style)
    idle = idle_levels(names, counts)
    text = f"{_brief_names(idle, names)} idle" if idle else "no idle level"
    color = theme.ink if idle else theme.faint_ink
    text = text if counts.any() else "no positives"
    axes.set_title(text, size=_SMALL, weight="normal", color=color, pad=3)
    name = sheet.preset_title(settings.name, wide)
    style = {"size": sheet.TITLE_SIZE, "weight": "bold", "color": look.color}
    space, shift = axes.transAxes, (0, 16)
    sheet.write(axes, name, (0, 1), "left bottom", shift=shift, space=space, **style)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _draw_map(
    axes: Axes, settings: Settings, counts: IntArray, look: Look, theme: Theme
) -> None:
    """Draw level by size, with the numbers in the cells."""
    shares = np.stack([shares_of(row) for row in counts])
    colors = LinearSegmentedColormap.from_list("", [theme.paper, look.color])
    x, y = (np.arange(length + 1) - 0.5 for length in shares.T.shape)
    num_levels = shares.shape[1]
    frame: Any = {"edgecolors": theme.rule, "linewidth": 0.6}
    axes.pcolormesh(x, y, shares, cmap=colors, vmin=0, vmax=1, **frame)
    for (size, level), part in np.ndenumerate(shares):
        if counts[size].any():
            style: Any = {"size": _CELL, "color": theme.readable_on(colors(part))}
            sheet.write(axes, _short_percent(part), (level, size), **style)
    axes.invert_yaxis()
    axes.set_xticks(range(num_levels), level_names(settings), size=_SMALL)
    axes.set_xlabel("level", size=_SMALL)
    axes.set_yticks(range(len(SIZE_BINS)), [""] * len(SIZE_BINS))
    sheet.hide_frame(axes, "left", "right", "bottom", "top")
