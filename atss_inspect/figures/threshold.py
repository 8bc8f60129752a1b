"""ATSS's own threshold: mean against standard deviation of the candidates' IoUs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.errors import SettingsError
from atss_inspect.figures import groups, sheet, words
from atss_inspect.figures.groups import Objects
from atss_inspect.figures.theme import DEFAULT_THEME, TEXT_SIZE, Theme, drawn_in
from atss_inspect.settings import Settings
from atss_inspect.views import numbers
from atss_inspect.views.table import Column, Row, Section, Table, count

TITLE = "Each object's own threshold: mean + std"
NOTE = (
    "Filled: objects that one level serves, hollow: several; colored by the level "
    "with most positives. The paper's argument: where one level fits far better than "
    "the others, std is high, and the threshold keeps the others out; where several "
    "fit alike, std is low, and several may serve."
)
SERVED_NOTE = "Served by: the level with most of an object's positives."
MEDIANS_NOTE = (
    "mean, std: of the IoUs of an object's candidates; threshold: mean + std. Medians "
    "over the objects of the row."
)
MAX_MARKERS = 2500
_SMALL = TEXT_SIZE - 1.5
_MARKERS = "osD^vph*"
UNSERVED = "without a positive"


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
    """Draw the mean of each object's candidates against their standard deviation.

    Of ATSS conventions, from top to bottom, see `Plot.figure`; `SettingsError` for
    others. Figure with a marker for each object, by the level that serves it, and lines
    of equal threshold. Below: how std / mean is distributed among objects that one
    level serves and those that several serve. Of many objects, ``MAX_MARKERS`` evenly
    spaced in the table are drawn; the distribution is of all.
    """
    each = words.as_conventions(settings)
    require_thresholds(each)
    found = [Candidates.of(table, one) for one in each]
    most, note = max(len(objects.mean) for objects in found), NOTE
    if most > MAX_MARKERS:
        drawn, whole = numbers.count(MAX_MARKERS), numbers.count(most)
        note += f" Drawn: {drawn} of {whole} objects, evenly spaced in the file."
    verdict = threshold_verdict(table, each)
    heading = words.plot_heading(TITLE, note, each, verdict, data)
    with drawn_in(theme):
        figure = sheet.new_sheet(heading, theme, body=4.6 * len(each))
        panels = figure.subplots(2 * len(each), 1, height_ratios=(4.4, 1) * len(each))
        for place, (one, objects) in enumerate(zip(each, found, strict=True)):
            main, strip = panels[2 * place : 2 * place + 2]
            _set_axes(main, objects)
            _draw_thresholds(main, theme)
            _draw_objects(main, objects, theme)
            _add_legend(main, one, len(each))
            _draw_spread(strip, objects, theme)
        return sheet.settle(figure)


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


def _draw_objects(axes: Axes, objects: Candidates, theme: Theme) -> None:
    """Draw a marker for each object, hollow where several levels serve it."""
    import matplotlib as mpl

    drawn = np.zeros(len(objects.mean), dtype=bool)
    step = max(len(drawn), MAX_MARKERS) / MAX_MARKERS
    drawn[np.arange(0, len(drawn), step).astype(np.int64)] = True
    ends = (0.35, 1.0) if theme.is_dark else (0.0, 0.78)
    shades = mpl.colormaps["viridis"](np.linspace(*ends, len(objects.names)))
    for place, name, chosen in objects.groups:
        sign: Any = {"marker": "x", "color": theme.poor}
        size: Any = {"markersize": 4.5, "markeredgewidth": 1.1}
        if place >= 0:
            marker = _MARKERS[place % len(_MARKERS)]
            sign = {"marker": marker, "color": shades[place]}
            size = {"markersize": 3.2, "markeredgewidth": 0.7}
        label = f"{name} ({numbers.count(int(chosen.sum()))})"
        for several, fill in ((False, "full"), (True, "none")):
            rows = chosen & drawn & ((objects.num_levels > 1) == several)
            style: Any = {"fillstyle": fill, "label": "" if several else label}
            points = objects.mean[rows], objects.std[rows]
            axes.plot(*points, linestyle="none", **sign, **size, **style)


def _add_legend(axes: Axes, settings: Settings, num_presets: int) -> None:
    """Explain the markers above the panel; name the preset if there are several."""
    size, title = TEXT_SIZE, "served by (number of objects)"
    if num_presets > 1:
        plain: Any = {"size": size, "bold": False, "max_lines": 1}
        title = f"{sheet.preset_title(settings.name, 1.9, **plain)}: {title}"
    style: Any = {"title_fontsize": size - 0.5, "alignment": "left", "fontsize": _SMALL}
    gaps: Any = {"handletextpad": 0.1, "columnspacing": 0.9}
    axes.legend(ncols=4, title=title, **sheet.ABOVE, **style, **gaps)


def _set_axes(axes: Axes, objects: Candidates) -> None:
    """Start both axes at 0, with room above for the names of the lines."""
    axes.set_xlim(0, max(float(objects.mean.max(initial=0)), 0.1) * 1.06)
    axes.set_ylim(0, max(float(objects.std.max(initial=0)), 0.1) * 1.15)
    axes.set_xlabel("mean of the candidates' IoUs")
    axes.set_ylabel("standard deviation (std)")
    if not len(objects.mean):
        sheet.write_no_objects(axes, bbox={"color": axes.get_facecolor()})


def _draw_thresholds(axes: Axes, theme: Theme) -> None:
    """Draw the lines on which the threshold is the same, named where they begin."""
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    faint: Any = {"color": theme.faint_ink}
    style: Any = faint | {"linewidth": 0.8, "dashes": (4, 3), "zorder": 1}
    ground: Any = faint | {"bbox": {"color": theme.paper, "pad": 1.0}}
    for threshold in np.arange(1, 20) / 10:
        start = max(threshold - 0.96 * top, 0.03 * right)
        if start > 0.86 * right:
            break
        axes.plot([0, threshold], [threshold, 0], **style)
        if threshold - start >= 0.1 * top:
            text, place = f"threshold {threshold:.1f}", (start, threshold - start)
            sheet.write(axes, text, place, "left center", size=_SMALL - 0.5, **ground)


def _draw_spread(axes: Axes, objects: Candidates, theme: Theme) -> None:
    """Draw how std / mean is distributed with one level, and with several."""
    top = max(1.0, float(np.nanmax(objects.spread, initial=0))) * 1.02
    bins = np.linspace(0, top, 41).tolist()
    one: Any = {"histtype": "stepfilled", "color": theme.rule}
    several: Any = {"histtype": "step", "color": theme.ink, "linewidth": 1.3}
    for chosen, name, style in (
        (objects.num_levels == 1, "one level serves", one),
        (objects.num_levels > 1, "several levels serve", several),
    ):
        spread = objects.spread[chosen]
        weights = np.full(len(spread), 1 / max(len(spread), 1))
        axes.hist(spread, bins, weights=weights, label=name, **style)
    gaps: Any = {"borderaxespad": 0.2, "handlelength": 1.4}
    axes.legend(ncols=2, fontsize=_SMALL, **sheet.ABOVE, **gaps)
    axes.set_xlim(0, top)
    axes.set_yticks([])
    axes.set_ylabel("objects", size=_SMALL)
    axes.set_xlabel("std / mean of an object's candidates")
    axes.spines["left"].set_visible(False)
