"""Which boxes a convention can see: positives over width and height.

A panel has shades of positives, the line beyond which nothing is seen, and hatches
where boxes get only low-quality matches.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from atss_inspect.arrays import Float64Array
from atss_inspect.figures import sheet
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import (
    convention_line,
    plot_text,
    preset_table,
    short_name,
)
from atss_inspect.statistics.reach import SEEN_FROM, Reach, Sight
from atss_inspect.statistics.tally import share
from atss_inspect.views import numbers
from atss_inspect.views.names import fold
from atss_inspect.views.table import AnyCell, Section, Table, row_of

# What boxes get, by what rules give them (`Rule.given`).
_TITLES = {
    ("positive",): "Which boxes get positives",
    ("candidate",): "Which boxes have candidates",
    ("candidate", "positive"): "Which boxes get positives or have candidates",
}
_LACKS = {
    ("positive",): "get no positive",
    ("candidate",): "are without a candidate",
    ("candidate", "positive"): "get no positive or are without a candidate",
}
_SHADES = {
    ("positive",): "mean positives of a box",
    ("candidate",): "picked at most for a box, mean",
    ("candidate", "positive"): "mean positives of a box, of gates at most",
}
NOTE = (
    "Each box is alone on an image of the preset's own size; mean of 64 positions. No "
    "other object takes anchors away. Blank: no such image holds the box. 1:8 boxes: "
    "px of the short side."
)
_SEEN = " Seen: with a {} at half of the positions at least."
_HELD = "no such image holds the box"
GATE_NOTE = NOTE.replace(_HELD, f"{_HELD}, or the data rules drop it")
SIGHT_NOTE = (
    "A box is seen if at least half of 64 positions on an image of the preset's own "
    "size give it a positive, with no other box there. px: input pixels."
)
# Positives double from shade to shade; the last one has no end.
LIMITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
MAX_DOTS = 5000
_SEED = 0
_SMALL = TEXT_SIZE - 1
_PANEL = 2.0  # inches, one of two panels side by side
_DASHES = (0, (2.2, 1.2))
_BEYOND = "past the line most positions"
_HATCH = "///"

Boxes = Mapping[str, Float64Array]


def _whole(part: float | None) -> str:
    """Write a share of few positions in whole per cents."""
    return numbers.UNDEFINED if part is None else f"{part:.0%}"


_OF_SQUARES: dict[str, Callable[[float | None], AnyCell]] = {
    "squares without a candidate, share of positions": _whole,
    "picked at most for a square, mean": numbers.mean,
}


def reach_figure(
    reaches: Sequence[Reach],
    boxes: Boxes | None = None,
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw positives over width and height, and where nothing is seen, or by force.

    Parameters
    ----------
    reaches : one panel each, two in a row; their names differ
    boxes : preset -> (G, 2) float64 width, height of the user's boxes in input pixels;
        drawn as dots, at most ``MAX_DOTS`` of them, chosen at random but always the
        same
    data : a line that names the user's data
    """
    known = boxes or {}
    settings = [each.settings for each in reaches]
    lines = [reach_verdict(reaches), data, convention_line(settings)]
    if len(reaches) == 1 and known:  # a single panel has no words of its own
        counted = boxes_words(reaches[0], known[settings[0].name])
        lines.insert(1, f"{counted[:1].upper()}{counted[1:]}.")
    looks = looks_of(settings, theme)
    words = _words_of_panels(reaches, known)
    # Inches that rows of panels need, with so many lines above each.
    rows = [_PANEL + 0.72 + 0.14 * len(above) for above in words[::2]]
    with drawn_in(theme):
        note = NOTE if all(one.squares is None for one in reaches) else GATE_NOTE
        note += _SEEN.format(" or ".join(reversed(_given(reaches))))
        heading = sheet.Heading(_TITLES[_given(reaches)], lines, note)
        figure = sheet.new_sheet(heading, theme, body=sum(rows) + 1.15 if rows else 5.4)
        panels, bar, key = _lay_out(figure, len(reaches))
        limits = shade_limits(reaches)
        for axes, reach in zip(panels, reaches, strict=True):
            mesh = draw_positives(axes, reach, theme, limits)
            hatch_forced(axes, reach, theme)
            draw_dots(axes, reach, known.get(reach.settings.name), theme)
            draw_limits(axes, reach, theme)
            set_axes(axes, reach.sight.sides, is_left=axes in panels[::2])
        for axes, each, above in zip(panels, settings, words, strict=False):
            style: Any = {"size": _SMALL - 0.5, "linespacing": 1.25, "shift": (0, 5)}
            style["space"], text = axes.transAxes, "\n".join(above)
            sheet.write(axes, text, (0, 1), "left bottom", **style)
            style = {"color": looks[each.name].color, "pad": 9 + 9.6 * len(above)}
            sheet.entitle(axes, each.name, _PANEL, max_lines=1, **style)
        draw_shades(figure, mesh, bar, theme, limits, _SHADES[_given(reaches)])
        draw_key(key, reaches, has_dots=bool(known), theme=theme)
        return sheet.settle(figure)


def shade_limits(reaches: Sequence[Reach]) -> tuple[float, ...]:
    """Limits of the shades; of gates alone they end at the most that is picked."""
    if any(one.squares is None for one in reaches):
        return LIMITS
    most = max(float(np.nanmax(one.mean_positives)) for one in reaches)
    return *(limit for limit in LIMITS if limit < most), most


def _lay_out(figure: Figure, number: int) -> tuple[list[Axes], Axes, Axes]:
    """Make the panels, two in a row, the axes of the shades and those of the key."""
    across, down = min(number, 2), -(-number // 2)
    heights = [_PANEL] * down + [0.11, 0.2]
    grid = figure.add_gridspec(down + 2, across, height_ratios=heights)
    places = [grid[divmod(place, across)] for place in range(number)]
    panels = [figure.add_subplot(place) for place in places]
    key = figure.add_subplot(grid[down + 1, :])
    key.set_axis_off()
    return panels, figure.add_subplot(grid[down, :]), key


def sight_words(reach: Reach, *, is_brief: bool = False) -> str:
    """Name the smallest squares and thin boxes that a convention sees."""
    verb = "gets" if reach.settings.rule.gate is None else "has"
    words = f"every box {verb} a {reach.settings.rule.given}"
    if not reach.sight.is_everywhere:
        words = f"sees {_smallest(reach.sight, is_brief=is_brief)}"
    if reach.unforced is None:
        return words
    bar = reach.settings.low_quality_bar
    of = reach.settings.bar_of or "IoU"
    bar_words = "" if is_brief or bar is None else f" ({of} from {bar:g})"
    fewer = f"without them{bar_words} {_smallest(reach.unforced, is_brief=is_brief)}"
    return f"with {_forced_words(reach)} {words}; {fewer}"


def _given(reaches: Sequence[Reach]) -> tuple[str, ...]:
    """What the conventions give boxes, each once."""
    return tuple(sorted({one.settings.rule.given for one in reaches}))


def _forced_words(reach: Reach) -> str:
    """Name what boxes get where only the last resort of a rule gives them something."""
    has_low = reach.settings.low_quality_bar is not None
    return "low-quality matches" if has_low else "last resorts"


def _smallest(sight: Sight, *, is_brief: bool) -> str:
    """Name the smallest boxes seen: "squares from 6 px, 1:8 boxes from 14 px"."""
    parts = []
    for ratio, side in sight.smallest.items():
        shape = "squares" if ratio == 1 else f"1:{ratio} boxes"
        end = "" if is_brief or ratio == 1 else " on the short side"
        parts.append(f"no {shape}" if side is None else f"{shape} from {side} px{end}")
    return ", ".join(parts)


def boxes_words(reach: Reach, boxes: Float64Array, *, is_brief: bool = False) -> str:
    """Count the user's boxes beyond reach, and those with low-quality matches only."""
    all_boxes = f"{numbers.count(len(boxes))} boxes"
    whole = all_boxes if is_brief else numbers.plural(len(boxes), "object")

    def part(number: int) -> str:
        share_of = numbers.percent(share(number, len(boxes)))
        return f"{numbers.count(number)} of {whole} ({share_of})"

    shares = reach.sight.share_at(boxes)
    beyond = f"{part(int(np.count_nonzero(shares > 1 - SEEN_FROM)))} beyond"
    if not is_brief:
        number = numbers.count(round(float(shares.sum())))
        lack = _LACKS[_given([reach])].replace("are ", "be ")
        beyond += f" its reach; by their shapes, about {number} would {lack}"
    if reach.unforced is None:
        return beyond
    verb = ":" if is_brief else " with"
    where = "" if is_brief else " at most positions"
    what = f"only {_forced_words(reach)}{where}"
    forced = f"{part(reach.num_forced(boxes))}{verb} {what}"
    return forced if reach.sight.is_everywhere else f"{beyond}; {forced}"


def reach_verdict(reaches: Sequence[Reach]) -> str:
    """Name in a sentence who sees the smallest boxes."""
    if len(reaches) == 1:
        words = sight_words(reaches[0])
        return f"{_name(reaches[0])}{'' if words[:4] == 'sees' else ':'} {words}."
    # Who sees the same stands in one part of the sentence.
    groups: dict[tuple[float, str], list[str]] = {}
    for each in reaches:
        sight = each.unforced or each.sight
        side = sight.smallest[1]
        what = "no squares" if side is None else f"squares from {side} px"
        if sight.is_everywhere:
            side, what = -1, "boxes of any size"
        elif each.unforced:
            what += f" (smaller ones get only {_forced_words(each)})"
        groups.setdefault((side or np.inf, what), []).append(_name(each))
    parts = [
        f"{numbers.joined(names)} {'sees' if len(names) == 1 else 'see'} {what}"
        for (_, what), names in sorted(groups.items())
    ]
    return f"{'; '.join(parts)}."


def _name(reach: Reach) -> str:
    """Name a convention, which may come from a file."""
    return short_name(reach.settings.name, 40)


def reach_text(reaches: Sequence[Reach], boxes: Boxes | None) -> str:
    """Write what the figure says in words, and the verdict."""
    lines = []
    for each in reaches:
        lines += fold(f"{_name(each)}: {sight_words(each)}", rest="  ")
        if boxes:
            lines += fold(boxes_words(each, boxes[each.settings.name]), first="  ")
    settings, shown = [each.settings for each in reaches], "\n".join([*lines, ""])
    verdict, notes, tables = reach_verdict(reaches), [SIGHT_NOTE], []
    if gates := [each for each in reaches if each.squares]:
        both = (
            "a candidate"
            if len(gates) == len(reaches)
            else "a positive, or a candidate"
        )
        notes[0] = notes[0].replace("a positive", both)
        tables = [_squares_table(gates)]
    return plot_text(settings, shown, *tables, notes=notes, verdict=verdict)


def _squares_table(reaches: Sequence[Reach]) -> Table:
    """Write what squares around the finest stride have under gates, side by side."""
    each = [one.squares.by_side() for one in reaches if one.squares]
    sides = sorted({side for one in each for side in one})
    # Sides are multiples of 1/64 px.
    labels = [f"{math.floor(side * 10) / 10:g} px" for side in sides]
    sections = []
    for place, (title, write) in enumerate(_OF_SQUARES.items()):
        rows = [
            row_of(
                label,
                [write(one[side][place] if side in one else None) for one in each],
            )
            for label, side in zip(labels, sides, strict=True)
        ]
        sections.append(Section(title, tuple(rows)))
    return preset_table([one.settings for one in reaches], *sections)


def _words_of_panels(reaches: Sequence[Reach], boxes: Boxes) -> list[list[str]]:
    """Write the lines above each panel, as many for both of a row; none above one."""
    if len(reaches) == 1:
        return []
    words = []
    for each in reaches:
        texts = [sight_words(each, is_brief=True)]
        if each.settings.name in boxes:
            texts.append(boxes_words(each, boxes[each.settings.name], is_brief=True))
        small = _SMALL - 0.5
        words.append([t for text in texts for t in sheet.wrapped(text, _PANEL, small)])
    for pair in zip(words[::2], words[1::2], strict=False):
        most = max(map(len, pair))
        for lines in pair:
            lines += [""] * (most - len(lines))
    return words


def draw_positives(
    axes: Axes, reach: Reach, theme: Theme, limits: Sequence[float] = LIMITS
) -> Any:
    """Draw the mean positives of every shape, a shade for every doubling."""
    is_open = limits == LIMITS
    colors = theme.ramp(num_shades=len(limits) - (not is_open))
    norm = BoundaryNorm(limits, colors.N, extend="max" if is_open else "neither")
    sides, shown = reach.sight.sides, np.ma.masked_invalid(reach.mean_positives)
    style: Any = {"cmap": colors, "norm": norm, "shading": "nearest"}
    return axes.pcolormesh(sides, sides, shown, rasterized=True, **style)


def hatch_forced(axes: Axes, reach: Reach, theme: Theme) -> None:
    """Hatch, and fade, what gets only low-quality matches at most places."""
    shares = np.nan_to_num(reach.forced_share)
    if not (shares > 1 - SEEN_FROM).any():
        return
    levels = [1 - SEEN_FROM + 1e-6, 2]
    sides = reach.sight.sides
    # Their positives are no sign of being seen: the shades fade.
    axes.contourf(sides, sides, shares, levels, colors=[theme.paper], alpha=0.7)
    area = axes.contourf(sides, sides, shares, levels, colors="none", hatches=[_HATCH])
    area.set(edgecolor=theme.poor, linewidth=0, gid="forced")


def draw_limits(axes: Axes, reach: Reach, theme: Theme) -> None:
    """Draw the lines past which most places give no anchor.

    The dashed one is without low-quality matches. None where no box is past it, or none
    within.
    """
    for sight, dashes in ((reach.unforced, [_DASHES]), (reach.sight, "solid")):
        if sight is None:
            continue
        shares = np.nan_to_num(sight.unassigned_share)
        if reach.squares is not None:  # the data rules may drop the smallest boxes
            shares = np.ma.masked_invalid(sight.unassigned_share)
        if not shares.min() <= 1 - SEEN_FROM < shares.max():
            continue
        # A halo of the ground's color keeps the line apart from every shade.
        for color, width in ((theme.paper, 4.6), (theme.poor, 2.4)):
            style: Any = {"colors": [color], "linewidths": width, "linestyles": dashes}
            # Just above: where exactly half of the places have some, a box is seen.
            style["levels"] = [1 - SEEN_FROM + 1e-6]
            axes.contour(sight.sides, sight.sides, shares, **style)


def draw_dots(
    axes: Axes, reach: Reach, boxes: Float64Array | None, theme: Theme
) -> None:
    """Draw the user's boxes as a faint cloud; those off the axes at the border."""
    if boxes is None or not len(boxes):
        return
    if len(boxes) > MAX_DOTS:
        draws = np.random.default_rng(_SEED)
        boxes = boxes[np.sort(draws.choice(len(boxes), MAX_DOTS, replace=False))]
    shown = np.clip(boxes, reach.sight.sides[0], reach.sight.sides[-1])
    is_many = len(boxes) >= 1000
    style: Any = {"markerfacecolor": theme.ink, "markeredgecolor": "none"}
    style |= {"markersize": 3.2, "alpha": 0.45, "rasterized": is_many}
    if is_many:
        style |= {"markersize": 2, "alpha": 0.16}
    axes.plot(*shown.T, linestyle="", marker="o", clip_on=False, gid="boxes", **style)


def set_axes(axes: Axes, sides: Float64Array, *, is_left: bool) -> None:
    """Set the same log scale on both axes, with a tick at every octave or second."""
    low, high = int(np.floor(np.log2(sides[0]))), int(np.ceil(np.log2(sides[-1])))
    ticks = [2.0**power for power in range(low, high + 1, 2 if high - low > 5 else 1)]
    axes.set(xscale="log", yscale="log")
    ends, labels = (sides[0], sides[-1]), [f"{tick:g}" for tick in ticks]
    axes.set(xlim=ends, ylim=ends)
    axes.set_xticks(ticks, labels)
    axes.set_yticks(ticks, labels)
    axes.minorticks_off()
    axes.set_box_aspect(1)
    axes.grid(visible=False)
    axes.tick_params(length=2)
    axes.set_xlabel("width, input pixels", size=_SMALL)
    if is_left:
        axes.set_ylabel("height, input pixels", size=_SMALL)


def draw_shades(
    figure: Figure,
    mesh: Any,
    bar_axes: Axes,
    theme: Theme,
    limits: Sequence[float],
    label: str,
) -> None:
    """Explain the shades."""
    bar = figure.colorbar(mesh, cax=bar_axes, orientation="horizontal", ticks=limits)
    bar.set_label(label, size=_SMALL)
    bar.ax.set_xticklabels([f"{limit:g}" for limit in limits])
    sheet.hide_frame(bar.ax)
    bar.outline.set_edgecolor(theme.rule)


def draw_key(
    axes: Axes, reaches: Sequence[Reach], *, has_dots: bool, theme: Theme
) -> None:
    """Explain lines, the hatched area and dots."""
    limit: Any = {"color": theme.poor, "linewidth": 2.4}
    handles: list[Artist] = []
    if any(not each.sight.is_everywhere for each in reaches):
        label = f"{_BEYOND} {_LACKS[_given(reaches)]}"
        handles.append(Line2D([], [], label=label, **limit))
    forced = [each for each in reaches if each.unforced is not None]
    if forced:
        label = f"hatched: most positions get only {_forced_words(forced[0])}"
        style: Any = {"facecolor": "none", "edgecolor": theme.poor, "linewidth": 1.4}
        style |= {"hatch": _HATCH, "linestyle": _DASHES, "label": label}
        handles.append(Patch(**style))
    if has_dots:
        dot: Any = {"color": theme.ink, "marker": "o", "markersize": 3.5}
        handles.append(Line2D([], [], linestyle="", label="your boxes", **dot))
    style = {"borderaxespad": 0, "fontsize": _SMALL - 0.5, "labelspacing": 0.7}
    axes.legend(handles=handles, loc="center left", **style)
