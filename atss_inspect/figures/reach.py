"""Which boxes a convention can see: positives over width and height.

A panel has shades of positives, shades of what is out of reach, and hatches
where boxes get only low-quality matches.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from atss_inspect.arrays import BoolArray, Float64Array
from atss_inspect.figures import sheet
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.reach_words import (
    LACKS,
    Boxes,
    forced_words,
    given_by,
    name_of,
    reach_verdict,
    sight_words,
)
from atss_inspect.figures.reach_words import (
    reach_text as reach_text,
)
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.figures.words import (
    plot_heading,
)
from atss_inspect.statistics.reach import SEEN_FROM, Reach
from atss_inspect.statistics.tally import share
from atss_inspect.views import numbers

# What boxes get, by what rules give them (`Rule.given`).
_SHADES = {
    ("positive",): "mean positives of a box",
    ("candidate",): "picked at most for a box, mean",
    ("candidate", "positive"): "mean positives of a box, of gates at most",
}
TOPIC = "Which boxes are seen"
NOTE = (
    "Each box is alone on an image of the preset's own size; mean of 64 positions. No "
    "other object takes anchors away. Blank: no such image holds the box."
)
_SEEN = " Seen: with a {} at half of the positions at least."
_HELD = "no such image holds the box"
GATE_NOTE = NOTE.replace(_HELD, f"{_HELD}, or the data rules drop it")
# Positives double from shade to shade; the last one has no end.
LIMITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
MAX_DOTS = 5000
_SEED = 0
_SMALL = TEXT_SIZE - 1
# Inches: values of the axes, gap between panels, a line above them, what is below.
_LEFT, _GAP, _LINE, _AXIS = 0.52, 0.14, 0.145, 0.42
_LARGEST, _MOST_ACROSS = 2.9, 3
_BAR, _BAR_WORDS, _KEY = 0.1, 0.42, 0.18  # the shades, and a line of the key
_BEYOND = "most positions"
_HATCH = "///"


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
    known, across = boxes or {}, min(len(reaches), _MOST_ACROSS)
    room = (sheet.INNER - _LEFT - (across - 1) * _GAP) / across
    side, wide = min(room, _LARGEST), sheet.INNER - _LEFT
    above = [_words_of_panel(each, known, side) for each in reaches]
    bands = _heights(reaches, above, across, side)
    key = _key(reaches, has_dots=bool(known), theme=theme)
    limits = shade_limits(reaches)
    with drawn_in(theme):
        looks = looks_of([each.settings for each in reaches], theme)
        body = sum(bands) + _BAR + _BAR_WORDS + len(key) * _KEY
        page = sheet.new_sheet(_heading(reaches, data), theme, body=body)
        for place, (reach, lines) in enumerate(zip(reaches, above, strict=True)):
            row, column = divmod(place, across)
            left = sheet.MARGIN + _LEFT + column * (side + _GAP)
            axes = page.axes(left, sum(bands[: row + 1]) - side - _AXIS, side, side)
            mesh = draw_positives(axes, reach, theme, limits)
            draw_unseen(axes, reach, theme)
            draw_dots(axes, reach, known.get(reach.settings.name), theme)
            set_axes(axes, reach.sight.sides, side, is_left=not column)
            _name_panel(axes, reach, lines, looks[reach.settings.name].color, side)
        bar = page.axes(sheet.MARGIN + _LEFT, sum(bands), wide, _BAR)
        draw_shades(page.figure, mesh, bar, theme, limits, _SHADES[given_by(reaches)])
        style: Any = {"fontsize": _SMALL, "labelspacing": 0.4, "borderaxespad": 0}
        corner: Any = (sheet.MARGIN / sheet.WIDTH, page.bottom / page.tall)
        style |= {"loc": "lower left", "bbox_to_anchor": corner, "borderpad": 0.2}
        page.figure.legend(handles=key, **style)
        return page.figure


def _heights(
    reaches: Sequence[Reach], above: Sequence[Sequence[str]], across: int, side: float
) -> list[float]:
    """Inches of each row of panels, with the words above and the axis below."""
    names = [sheet.preset_title(each.settings.name, side) for each in reaches]
    title = 0.1 + _LINE * (1 + max(name.count("\n") for name in names))
    rows = [above[start : start + across] for start in range(0, len(above), across)]
    return [title + _LINE * max(map(len, row)) + side + _AXIS for row in rows]


def _heading(reaches: Sequence[Reach], data: str) -> sheet.Heading:
    """Put the words of the figure together."""
    settings = [each.settings for each in reaches]
    note = NOTE if all(one.squares is None for one in reaches) else GATE_NOTE
    note += _SEEN.format(" or ".join(reversed(given_by(reaches))))
    findings = _findings(reaches)
    return plot_heading(findings, TOPIC, note, settings, data)


def _findings(reaches: Sequence[Reach]) -> Iterator[str]:
    """Sentences for the title: who sees the smallest squares, and who does not."""
    if len(reaches) == 1:
        [reach] = reaches
        words = sight_words(reach, is_brief=True)
        yield (
            f"{name_of(reach)} {words}"
            if words[:4] == "sees"
            else f"{name_of(reach)}: {words}"
        )
        yield f"{name_of(reach)}: {_square_words(reach)}"
        return
    yield reach_verdict(reaches).removesuffix(".")
    order = sorted(reaches, key=_smallest_square)
    best, worst = order[0], order[-1]
    if _smallest_square(best) == _smallest_square(worst):
        yield f"All see {_square_words(best)}"
    words = _square_words(worst)
    yield f"{name_of(worst)} sees {words}, {name_of(best)} {_square_words(best)}"
    yield f"{name_of(worst)} sees {words.replace('from', 'only from')}"


def _smallest_square(reach: Reach) -> float:
    """Side of the smallest square that is seen without a last resort."""
    sight = reach.unforced or reach.sight
    if sight.is_everywhere:
        return 0.0
    return sight.smallest[1] or np.inf


def _square_words(reach: Reach) -> str:
    """Name the smallest square that is seen without a last resort."""
    side = _smallest_square(reach)
    if side in (0.0, np.inf):
        return "no squares" if side else "every box"
    return f"squares from {side:g} px"


def _words_of_panel(reach: Reach, boxes: Boxes, inches: float) -> list[str]:
    """Write the lines above a panel: the smallest square, and the boxes beyond."""
    texts = [_square_words(reach).replace("from", "≥")]
    own = boxes.get(reach.settings.name)
    if own is not None:
        beyond = int(np.count_nonzero(reach.sight.share_at(own) > 1 - SEEN_FROM))
        parts = {"out of reach": beyond}
        if reach.unforced is not None:
            parts[forced_words(reach).removesuffix(" matches")] = reach.num_forced(own)
        texts += [
            f"{numbers.percent(share(number, len(own)))} {what}"
            for what, number in parts.items()
            if number or len(parts) == 1
        ]
    return [line for text in texts for line in sheet.wrapped(text, inches, _SMALL)]


def _name_panel(
    axes: Axes, reach: Reach, lines: Sequence[str], color: str, inches: float
) -> None:
    """Write the preset above a panel, and what it sees."""
    style: Any = {"size": _SMALL, "linespacing": 1.2, "space": axes.transAxes}
    sheet.write(axes, "\n".join(lines), (0, 1), "left bottom", shift=(0, 3), **style)
    pad = 5 + 72 * _LINE * len(lines)
    sheet.entitle(axes, reach.settings.name, inches, color=color, pad=pad)


def shade_limits(reaches: Sequence[Reach]) -> tuple[float, ...]:
    """Limits of the shades; of gates alone they end at the most that is picked."""
    if any(one.squares is None for one in reaches):
        return LIMITS
    most = max(float(np.nanmax(one.mean_positives)) for one in reaches)
    return *(limit for limit in LIMITS if limit < most), most


def draw_positives(
    axes: Axes, reach: Reach, theme: Theme, limits: Sequence[float] = LIMITS
) -> Any:
    """Draw the mean positives of every shape that is seen, a shade a doubling."""
    is_open = limits == LIMITS
    colors = theme.ramp(num_shades=len(limits) - (not is_open))
    norm = BoundaryNorm(limits, colors.N, extend="max" if is_open else "neither")
    sides, shown = reach.sight.sides, reach.mean_positives.copy()
    for area in unseen_areas(reach):
        shown[area] = np.nan
    style: Any = {"cmap": colors, "norm": norm, "shading": "nearest"}
    shown = np.ma.masked_invalid(shown)
    return axes.pcolormesh(sides, sides, shown, rasterized=True, **style)


def unseen_areas(reach: Reach) -> tuple[BoolArray, BoolArray]:
    """Shapes without a positive at most places, and by the last resort at most; (S, S).

    Shapes that no image holds are in neither.
    """
    unseen = np.nan_to_num(reach.sight.unassigned_share) > 1 - SEEN_FROM
    forced = np.nan_to_num(reach.forced_share) > 1 - SEEN_FROM
    return unseen, forced


def draw_unseen(axes: Axes, reach: Reach, theme: Theme) -> None:
    """Shade what is out of reach, and hatch what gets only low-quality matches."""
    sides = reach.sight.sides
    unseen, forced = unseen_areas(reach)
    for area, alpha, name in ((unseen, 0.62, "unseen"), (forced, 0.16, "forced")):
        if not area.any():
            continue
        shown = np.ma.masked_equal(area.astype(np.float64), 0)
        style: Any = {"cmap": ListedColormap([theme.poor]), "alpha": alpha, "gid": name}
        axes.pcolormesh(
            sides, sides, shown, shading="nearest", rasterized=True, **style
        )
    if forced.any():
        style = {"levels": [0.5, 2], "colors": "none", "hatches": [_HATCH]}
        marked = axes.contourf(sides, sides, forced.astype(np.float64), **style)
        marked.set(edgecolor=theme.poor, linewidth=0, gid="hatch")


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
    style |= {"markersize": 2.6, "alpha": 0.4, "rasterized": is_many}
    if is_many:
        style |= {"markersize": 2, "alpha": 0.16}
    axes.plot(*shown.T, linestyle="", marker="o", clip_on=False, gid="boxes", **style)


def set_axes(axes: Axes, sides: Float64Array, inches: float, *, is_left: bool) -> None:
    """Set the same log scale on both axes, with ticks at whole octaves."""
    low, high = int(np.floor(np.log2(sides[0]))), int(np.ceil(np.log2(sides[-1])))
    step = max(1, round((high - low) * 0.36 / inches))
    ticks = [2.0**power for power in range(low + (step - 1) // 2, high + 1, step)]
    axes.set(xscale="log", yscale="log")
    ends, labels = (sides[0], sides[-1]), [f"{tick:g}" for tick in ticks]
    axes.set(xlim=ends, ylim=ends)
    axes.set_xticks(ticks, labels, size=_SMALL)
    axes.set_yticks(ticks, labels if is_left else [""] * len(ticks), size=_SMALL)
    axes.minorticks_off()
    axes.grid(visible=False)
    axes.tick_params(length=2)
    axes.set_xlabel("width, px", size=_SMALL, labelpad=1)
    if is_left:
        axes.set_ylabel("height, input px", size=_SMALL, labelpad=1)


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
    bar.ax.set_xticklabels([f"{limit:g}" for limit in limits], size=_SMALL)
    sheet.hide_frame(bar.ax)
    bar.outline.set_edgecolor(theme.rule)


def _key(reaches: Sequence[Reach], *, has_dots: bool, theme: Theme) -> list[Artist]:
    """Explain shaded and hatched areas and dots."""
    handles: list[Artist] = []
    areas = [unseen_areas(each) for each in reaches]
    plain: Any = {"facecolor": theme.poor, "linewidth": 0}
    if any(unseen.any() for unseen, _ in areas):
        label = f"{_BEYOND} {LACKS[given_by(reaches)]}"
        handles.append(Patch(label=label, alpha=0.62, **plain))
    forced = [each for each, area in zip(reaches, areas, strict=True) if area[1].any()]
    if forced:
        label = f"{_BEYOND} get only {forced_words(forced[0])}"
        style: Any = {"facecolor": (*to_rgb(theme.poor), 0.16), "edgecolor": theme.poor}
        handles.append(Patch(hatch=_HATCH, linewidth=0, label=label, **style))
    if has_dots:
        dot: Any = {"color": theme.ink, "marker": "o", "markersize": 3.5}
        handles.append(Line2D([], [], linestyle="", label="your boxes", **dot))
    return handles
