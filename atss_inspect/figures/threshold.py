"""ATSS's own threshold: mean against standard deviation of the candidates' IoUs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.errors import SettingsError
from atss_inspect.figures import groups, sheet, words
from atss_inspect.figures.groups import Objects
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.views import numbers
from atss_inspect.views.table import Column, Row, Section, Table, count

NOTE = (
    "Above: how the thresholds of objects are distributed, by the level with most of "
    "their positives; the line is the median. Below: std / mean of an object's "
    "candidates. The paper's argument: where one level fits far better than the "
    "others, std is high, and the threshold keeps the others out."
)
SERVED_NOTE = "Served by: the level with most of an object's positives."
MEDIANS_NOTE = (
    "mean, std: of the IoUs of an object's candidates; threshold: mean + std. Medians "
    "over the objects of the row."
)
_SMALL = TEXT_SIZE - 1
# Inches: names of levels, medians in words, a density, and what stands around them.
_LEFT, _RIGHT, _ROW = 0.95, 0.6, 0.46
_ABOVE, _BETWEEN, _BELOW = 0.34, 0.72, 0.5
_STEPS, _WIDTH = 160, 0.02  # of a density: places, and how far an object counts
_ENOUGH = 10  # objects on a level for the title to name it
_NAMED = 0.3  # inches above, with several presets
UNSERVED = "no positive"


@dataclass(frozen=True)
class Candidates:
    """The candidates' statistics of one convention's N objects."""

    mean: Float64Array  # (N,) float64 of the candidates' IoUs
    std: Float64Array  # (N,) likewise
    level: IntArray  # (N,) int64, with most positives, of equals the finest; -1: none
    num_levels: IntArray  # (N,) int64, levels with positives
    names: list[str]  # of the levels, finest first

    @classmethod
    def of(cls, table: Objects, settings: Settings) -> "Candidates":
        """Take the objects of a convention that have candidates."""
        rows = groups.rows_of(table, settings)
        kept = rows["candidate_mean"].notna().to_numpy()
        counts = groups.level_counts(table, settings)[kept]
        return cls(
            mean=rows["candidate_mean"].to_numpy(np.float64)[kept],
            std=rows["candidate_std"].to_numpy(np.float64)[kept],
            level=np.where(counts.any(axis=1), counts.argmax(axis=1), -1),
            num_levels=(counts > 0).sum(axis=1),
            names=groups.level_names(settings),
        )

    @property
    def spread(self) -> Float64Array:
        """Std in units of the mean, (N,); NaN where no candidate overlaps."""
        return self.std / np.where(self.mean > 0, self.mean, np.nan)

    @property
    def groups(self) -> Iterator[tuple[int, str, BoolArray]]:
        """Objects by the level that serves them, then those without positives."""
        for place, name in enumerate(self.names):
            yield place, name, self.level == place
        yield -1, UNSERVED, self.level == -1


def require_thresholds(settings: Sequence[Settings]) -> None:
    """Raise `SettingsError` for the first whose rule has no thresholds."""
    for one in settings:
        if not one.rule.has_thresholds:
            name = words.short_name(one.name)
            message = f"plot threshold: expected an ATSS preset, got {name}"
            hint = "other rules have no candidates; `--preset atss-mmdet` has"
            raise SettingsError(message, hint=hint)


def threshold_figure(
    table: Objects,
    settings: Settings | Sequence[Settings],
    *,
    data: str = "",
    theme: Theme = DEFAULT_THEME,
) -> Figure:
    """Draw how each object's threshold is distributed, by the level that serves it.

    Of ATSS conventions, from top to bottom, see `Plot.figure`; `SettingsError` for
    others. Figure with a density for each level, and one of the objects without a
    positive, over the threshold: mean + std of the candidates' IoUs. Below: how std /
    mean is distributed among objects that one level serves and those that several
    serve.
    """
    each = words.as_conventions(settings)
    require_thresholds(each)
    found = [Candidates.of(table, one) for one in each]
    wide, left = sheet.INNER - _LEFT - _RIGHT, sheet.MARGIN + _LEFT
    heights = [len(list(objects.groups)) * _ROW for objects in found]
    head = _ABOVE + _NAMED * (len(each) > 1)
    rest = head + _BETWEEN + 2 * _ROW + _BELOW
    topic = "Thresholds (mean + std)"
    findings = _findings(table, each, found)
    with drawn_in(theme):
        heading = words.plot_heading(findings, topic, NOTE, each, data)
        body = sum(heights) + len(each) * rest
        page, down = sheet.new_sheet(heading, theme, body=body), 0.0
        for one, objects, tall in zip(each, found, heights, strict=True):
            levels = page.axes(left, down + head, wide, tall)
            below = down + head + tall + _BETWEEN
            spread = page.axes(left, below, wide, 2 * _ROW)
            _draw_levels(levels, objects, theme)
            _draw_spread(spread, objects, theme)
            if len(each) > 1:
                sheet.entitle(levels, one.name, wide, pad=18)
            down += tall + rest
        return page.figure


def _findings(
    table: Objects, settings: Sequence[Settings], found: Sequence["Candidates"]
) -> Iterator[str]:
    """Sentences for the title: where thresholds are lowest and highest."""
    [objects, *others] = found
    medians = {
        name: median
        for place, name, chosen in objects.groups
        if place >= 0 and chosen.sum() >= _ENOUGH
        if (median := _median((objects.mean + objects.std)[chosen])) is not None
    }
    if len(medians) > 1 and not others:
        low, high = (choose(medians, key=medians.__getitem__) for choose in (min, max))
        span = f"{medians[low]:.2f} on {low}, {medians[high]:.2f} on {high}"
        yield f"Median threshold: {span}"
    yield threshold_verdict(table, settings).removesuffix(".")


def threshold_verdict(table: Objects, settings: Sequence[Settings]) -> str:
    """Compare std / mean of objects that one level serves and several serve."""
    parts = []
    for one in settings:
        objects = Candidates.of(table, one)
        number, found = objects.num_levels, []
        kinds = {"one level serves it": number == 1, "several levels do": number > 1}
        for who, chosen in kinds.items():
            if (value := _median(objects.spread[chosen])) is not None:
                found.append(f"{numbers.ratio(value)} where {who}")
        whose = f" ({words.short_name(one.name)})" if len(settings) > 1 else ""
        parts += [f"{', '.join(found)}{whose}"] if found else []
    if not parts:
        return "No object has a positive."
    return f"Median std / mean of an object's candidates: {'; '.join(parts)}."


def threshold_text(table: Objects, settings: Sequence[Settings]) -> str:
    """Write the medians of what the figure shows by level, and the verdict."""
    shown = [_table(table, one) for one in settings]
    verdict, notes = threshold_verdict(table, settings), [SERVED_NOTE, MEDIANS_NOTE]
    return words.plot_text(settings, *shown, notes=notes, verdict=verdict)


def _table(table: Objects, settings: Settings) -> Table:
    """Tabulate one convention's medians by the level that serves the object."""
    objects = Candidates.of(table, settings)
    rows = []
    for _, name, chosen in objects.groups:
        mean, std = objects.mean[chosen], objects.std[chosen]
        medians = map(_median, (mean, std, mean + std))
        ious = [numbers.UNDEFINED if m is None else f"{m:.3f}" for m in medians]
        spread = numbers.ratio(_median(objects.spread[chosen]))
        rows.append(Row(name, ((count(int(chosen.sum())), *ious, spread),)))
    section = Section("served by, medians", tuple(rows))
    parts = tuple(map(Column, ("objects", "mean", "std", "threshold", "std/mean")))
    return replace(words.preset_table([settings], section), parts=parts)


def _median(values: Float64Array) -> float | None:
    """Median of what is known; None of nothing."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else None


def _density(values: Float64Array, places: Float64Array) -> Float64Array:
    """Density of values over places, its highest point 1; zeros without values."""
    counts = np.histogram(values, places)[0].astype(np.float64)
    step = places[1] - places[0]
    reach = np.arange(-np.ceil(3 * _WIDTH / step), np.ceil(3 * _WIDTH / step) + 1)
    kernel = np.exp(-((reach * step / _WIDTH) ** 2) / 2)
    smooth = np.convolve(counts, kernel)[len(reach) // 2 :][: len(counts)]
    return np.asarray(smooth / max(smooth.max(initial=0), 1e-9))


def _draw_ridges(
    axes: Axes, rows: Sequence[tuple[str, Float64Array, str]], theme: Theme
) -> None:
    """Draw a density in each row, with its name, its number and its median."""
    known = [values[~np.isnan(values)] for _, values, _ in rows]
    top = max([0.1, *(float(each.max()) for each in known if len(each))]) * 1.05
    places = np.linspace(0, top, _STEPS + 1)
    middles = (places[1:] + places[:-1]) / 2
    space = axes.get_yaxis_transform()
    for row, ((name, _, color), values) in enumerate(zip(rows, known, strict=True)):
        text = f"{name}\n{numbers.count(len(values))}"
        # Words are read on the ground, which pale shades of levels are not.
        ink = color if color == theme.poor else theme.ink
        style: Any = {"size": _SMALL, "color": ink, "space": space}
        sheet.write(axes, text, (0, row - 0.4), "right center", shift=(-6, 0), **style)
        median = _median(values)
        if median is None:
            continue
        high = row - 0.86 * _density(values, places)
        axes.fill_between(middles, row, high, color=color, alpha=0.35, linewidth=0)
        axes.plot(middles, high, color=color, linewidth=1.3)
        axes.vlines([median], row - 0.86, row, colors=color, linewidth=2)
        place = (1, row - 0.4)
        sheet.write(axes, f"{median:.2f}", place, "left center", shift=(6, 0), **style)
    axes.set_xlim(0, top)
    axes.set_ylim(len(rows) - 0.96, -1)
    axes.set_yticks(np.arange(len(rows)), [""] * len(rows))
    axes.tick_params(labelsize=_SMALL)
    sheet.hide_frame(axes, "left", "bottom", grid="x")
    head: Any = {"size": _SMALL, "color": theme.faint_ink, "space": axes.transAxes}
    sheet.write(axes, "median", (1, 1), "left bottom", shift=(4, 2), **head)
    axes.set_title("served by", size=_SMALL, pad=3, x=-0.36)


def _draw_levels(axes: Axes, objects: Candidates, theme: Theme) -> None:
    """Draw the thresholds of the objects that each level serves."""
    import matplotlib as mpl

    ends = (0.4, 1.0) if theme.is_dark else (0.0, 0.72)
    shades = mpl.colormaps["viridis"](np.linspace(*ends, len(objects.names)))
    threshold = objects.mean + objects.std
    colors = [*map(to_hex, shades), theme.poor]
    rows = [
        (name, threshold[chosen], colors[place])
        for place, name, chosen in objects.groups
    ]
    _draw_ridges(axes, rows, theme)
    axes.set_xlabel("threshold of the object (IoU)", size=_SMALL)
    if not len(objects.mean):
        sheet.write_no_objects(axes, bbox={"color": axes.get_facecolor()})


def _draw_spread(axes: Axes, objects: Candidates, theme: Theme) -> None:
    """Draw how std / mean is distributed with one level, and with several."""
    kinds = ("one level", objects.num_levels == 1), ("several", objects.num_levels > 1)
    rows = [(name, objects.spread[chosen], theme.ink) for name, chosen in kinds]
    _draw_ridges(axes, rows, theme)
    axes.set_xlabel("std / mean of its candidates", size=_SMALL)
