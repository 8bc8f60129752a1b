"""Where in their images objects are poorly assigned: a map for each preset."""

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.figures import sheet, words
from atss_inspect.figures.groups import Objects, part_of, rows_of
from atss_inspect.figures.looks import looks_of
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers
from atss_inspect.views.table import Section, row_of, share

NOTE = (
    "Cells: % of the objects with their center there that are {poor}; a dot: fewer "
    "than 5 objects. Every image is stretched to one shape."
)
PLACES_NOTE = (
    "By the center of the box, in thirds of the width and height of its image."
)
CELLS, FEW_CELLS = (4, 6), (3, 3)  # rows and columns, with many objects and with few
ENOUGH = 5  # objects in a cell to name their share
_MANY = 12  # objects a cell, on average, for the finer map
# How many standard errors one place must be off to be named: one of nine is looked for,
# and objects of an image are alike.
_SURE = 4.0
_SMALL = TEXT_SIZE - 1
_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "center", "right")
THIRDS = tuple(f"{row} {column}" for row, column in itertools.product(_ROWS, _COLUMNS))
# Inches: gap between panels, what stands above one, and below the map.
_GAP, _ABOVE, _BELOW = 0.14, 0.5, 0.1
_MOST_ACROSS = 2


def where_figure(
    table: Objects,
    settings: Settings | Sequence[Settings],
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw the share of poorly assigned objects over the image, see `Plot.figure`.

    The table is one of `with_image_sizes`. Figure with a map for each preset, two in a
    row; the shades of all run from the smallest to the largest share.
    """
    each = words.as_conventions(settings)
    looks = looks_of(each, theme)
    found = [_counts(table, one, _cells(table, each)) for one in each]
    shares = [np.where(n >= ENOUGH, p / np.maximum(n, 1), np.nan) for n, p in found]
    norm = sheet.shades_over(*shares)
    across = min(len(each), _MOST_ACROSS)
    wide = (sheet.INNER - (across - 1) * _GAP) / across
    tall = wide * float(np.clip(_shape(table), 0.5, 1.2))
    band = _ABOVE + tall + _BELOW
    with drawn_in(theme):
        heading = _heading(table, each, data)
        page = sheet.new_sheet(heading, theme, body=-(-len(each) // across) * band)
        for place, (one, part) in enumerate(zip(each, shares, strict=True)):
            row, column = divmod(place, across)
            left = sheet.MARGIN + column * (wide + _GAP)
            axes = page.axes(left, row * band + _ABOVE, wide, tall)
            if found[place][0].any():
                _draw_map(axes, part, norm, theme)
            else:
                sheet.write_no_objects(axes, size=_SMALL, color=theme.faint_ink)
            _set_frame(axes)
            counted = part_of(rows_of(table, one), one).counts
            text = numbers.percent(counted.poorly_assigned_share)
            text = words.in_words(f"{text} {{poor}}", [one])
            style: Any = {"size": _SMALL, "space": axes.transAxes, "shift": (0, 3)}
            sheet.write(axes, text, (0, 1), "left bottom", **style)
            color = looks[one.name].color
            sheet.entitle(axes, one.name, wide, max_lines=1, color=color, pad=16)
        return page.figure


def _heading(table: Objects, settings: Sequence[Settings], data: str) -> sheet.Heading:
    """Put the words of the figure together."""
    note = words.in_words(NOTE, settings)
    findings = _findings(table, settings)
    topic = "Where in the image"
    return words.plot_heading(findings, topic, note, settings, data)


def _findings(table: Objects, settings: Sequence[Settings]) -> Iterator[str]:
    """Sentences for the title: the preset and the place that stand out most."""
    found = [_worst(table, one) for one in settings]
    sure = [
        (off, text, one.name)
        for (off, text), one in zip(found, settings, strict=True)
        if off >= _SURE
    ]
    if not sure:
        yield words.in_words("No place has clearly more objects {poor}", settings)
        return
    _, text, name = max(sure)
    first, _, second = text.removesuffix(" elsewhere").rpartition(", ")
    if len(settings) > 1:
        place, _, share_here = first.partition(": ")
        yield f"{text} ({words.short_name(name)})"
        yield f"{share_here} {place.lower()} ({words.short_name(name)})"
        return
    yield text
    yield f"{first}, else {second}"


def _worst(table: Objects, one: Settings) -> tuple[float, str]:
    """Third of the image that stands out most: standard errors, and a sentence."""
    number, poor = (part.ravel() for part in _counts(table, one, FEW_CELLS))
    rest, rest_poor = number.sum() - number, poor.sum() - poor
    mean = poor.sum() / max(number.sum(), 1)
    number_1, rest_1 = np.maximum(number, 1), np.maximum(rest, 1)
    error = np.sqrt(mean * (1 - mean) * (1 / number_1 + 1 / rest_1))
    here, elsewhere = poor / number_1, rest_poor / rest_1
    off = np.where(number >= ENOUGH, (here - elsewhere) / np.maximum(error, 1e-9), 0)
    place = int(off.argmax())
    lack = words.in_words("{poor}", [one])
    shares = numbers.percent(here[place]), numbers.percent(elsewhere[place])
    name = THIRDS[place].capitalize()
    return float(off[place]), f"{name}: {shares[0]} {lack}, {shares[1]} elsewhere"


def where_verdict(table: Objects, settings: Sequence[Settings]) -> str:
    """Name in a sentence the place that stands out under each preset, if one does."""
    texts = []
    for one in settings:
        off, text = _worst(table, one)
        told = text if off >= _SURE else "no place has clearly more than others"
        texts.append(f"{words.short_name(one.name)}: {told}.")
    return " ".join(texts)


def where_text(table: Objects, settings: Sequence[Settings]) -> str:
    """Write the share of poorly assigned objects in each third, and the verdict."""
    found = [[part.ravel() for part in _counts(table, s, FEW_CELLS)] for s in settings]
    rows = [
        row_of(name, [share(share_of(int(p[i]), int(n[i]))) for n, p in found])
        for i, name in enumerate(THIRDS)
    ]
    title = words.in_words("objects {poor}, share", settings)
    shown = words.preset_table(settings, Section(title, tuple(rows)))
    verdict = where_verdict(table, settings)
    return words.plot_text(settings, shown, notes=[PLACES_NOTE], verdict=verdict)


def _shape(table: Objects) -> float:
    """Median height by width of the objects' images; 3:4 without any."""
    ratios = (table["image_height"] / table["image_width"]).to_numpy(np.float64)
    return float(np.median(ratios)) if len(ratios) else 0.75


def _cells(table: Objects, settings: Sequence[Settings]) -> tuple[int, int]:
    """How finely the image is divided: less so with few objects."""
    number = len(table) / max(len(settings), 1)
    return CELLS if number >= _MANY * CELLS[0] * CELLS[1] else FEW_CELLS


def _counts(
    table: Objects, one: Settings, cells: tuple[int, int]
) -> tuple[IntArray, IntArray]:
    """Count objects, and the poorly assigned of them, by cell from the top left."""
    rows = rows_of(table, one)
    is_poor: BoolArray = part_of(rows, one).is_poor
    places = []
    for start, side, whole, number in (
        ("y", "height", "image_height", cells[0]),
        ("x", "width", "image_width", cells[1]),
    ):
        center = (rows[start] + rows[side] / 2) / rows[whole]
        index = np.floor(center.to_numpy(np.float64) * number).astype(np.int64)
        places.append(np.clip(index, 0, number - 1))
    cell = np.ravel_multi_index(tuple(places), cells)
    size = cells[0] * cells[1]
    every, poor = (np.bincount(c, minlength=size) for c in (cell, cell[is_poor]))
    return every.reshape(cells), poor.reshape(cells)


def _draw_map(axes: Axes, shares: Float64Array, norm: Normalize, theme: Theme) -> None:
    """Draw the share of each cell, as a shade and in per cent."""
    shades = theme.ramp(theme.poor)
    shown = np.ma.masked_invalid(shares)
    frame: Any = {"edgecolors": theme.paper, "linewidth": 0.8}
    axes.pcolormesh(shown, cmap=shades, norm=norm, **frame)
    for (row, column), value in np.ndenumerate(shares):
        text, color = "·", theme.faint_ink
        if not np.isnan(value):
            text = "<1" if 0 < value < 0.005 else f"{100 * value:.0f}"
            color = theme.readable_on(shades(norm(value)))
        place = column + 0.5, row + 0.5
        style: Any = {"size": _SMALL, "color": color}
        sheet.write(axes, text, place, "center center_baseline", **style)
    axes.invert_yaxis()


def _set_frame(axes: Axes) -> None:
    """Draw the border of the image, without an axis."""
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[["left", "bottom", "top", "right"]].set_visible(True)
    axes.grid(visible=False)
