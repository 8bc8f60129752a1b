"""One panel of reach: shades of positives, the line beyond which nothing is seen."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from atss_inspect.arrays import Float64Array
from atss_inspect.figures.theme import TEXT_SIZE, Theme, ramp
from atss_inspect.statistics.reach import SEEN_FROM, Reach, Sight

# Positives double from shade to shade; the last one has no end.
LIMITS = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
MAX_DOTS = 5000
_SEED = 0
_SMALL = TEXT_SIZE - 1
_DASHES = (0, (2.2, 1.2))
_BEYOND = "beyond: half of the places give nothing"


def draw_positives(axes: Axes, reach: Reach, theme: Theme) -> Any:
    """Draw the mean positives of every shape, a shade for every doubling."""
    colors = ramp(theme, len(LIMITS))
    norm = BoundaryNorm(LIMITS, colors.N, extend="max")
    return axes.pcolormesh(
        reach.sight.sides,
        reach.sight.sides,
        np.ma.masked_invalid(reach.mean_positives),
        cmap=colors,
        norm=norm,
        shading="nearest",
        rasterized=True,
    )


def draw_limits(axes: Axes, reach: Reach, theme: Theme) -> None:
    """Draw the line beyond which half of the places give nothing."""
    if reach.unforced is not None:
        _draw_limit(axes, reach.unforced, theme, is_forced=True)
    _draw_limit(axes, reach.sight, theme)


def _draw_limit(
    axes: Axes, sight: Sight, theme: Theme, *, is_forced: bool = False
) -> None:
    """Draw one line, where there is any box beyond it and any within."""
    shares = np.nan_to_num(sight.starved_share)
    if shares.max() <= 1 - SEEN_FROM or shares.min() > 1 - SEEN_FROM:
        return
    # A halo of the ground's color keeps the line apart from every shade.
    for color, width in ((theme.paper, 4.6), (theme.starved, 2.4)):
        axes.contour(
            sight.sides,
            sight.sides,
            shares,
            # Just above: where exactly half of the places are fed, a box is seen.
            levels=[1 - SEEN_FROM + 1e-6],
            colors=[color],
            linewidths=width,
            linestyles=[_DASHES] if is_forced else "solid",
        )


def draw_dots(
    axes: Axes, reach: Reach, boxes: Float64Array | None, theme: Theme
) -> None:
    """Draw the user's boxes as a faint cloud; those off the axes at the border."""
    if boxes is None or not len(boxes):
        return
    if len(boxes) > MAX_DOTS:
        chosen = np.random.default_rng(_SEED).choice(
            len(boxes), MAX_DOTS, replace=False
        )
        boxes = boxes[np.sort(chosen)]
    shown = np.clip(boxes, reach.sight.sides[0], reach.sight.sides[-1])
    is_few = len(boxes) < 1000
    axes.plot(
        shown[:, 0],
        shown[:, 1],
        linestyle="",
        marker="o",
        markersize=3.2 if is_few else 2,
        markerfacecolor=theme.ink,
        markeredgecolor="none",
        alpha=0.45 if is_few else 0.16,
        rasterized=not is_few,
        clip_on=False,
        gid="boxes",
    )


def set_axes(axes: Axes, sides: Float64Array, *, is_left: bool) -> None:
    """Set the same log scale on both axes, with a tick at every octave or second."""
    low, high = int(np.floor(np.log2(sides[0]))), int(np.ceil(np.log2(sides[-1])))
    ticks = [2.0**power for power in range(low, high + 1, 2 if high - low > 5 else 1)]
    for axis in (axes.xaxis, axes.yaxis):
        axis.axes.set(xscale="log", yscale="log")
    axes.set_xlim(sides[0], sides[-1])
    axes.set_ylim(sides[0], sides[-1])
    labels = [f"{tick:g}" for tick in ticks]
    axes.set_xticks(ticks, labels)
    axes.set_yticks(ticks, labels)
    axes.minorticks_off()
    axes.set_box_aspect(1)
    axes.grid(visible=False)
    axes.tick_params(length=2)
    axes.set_xlabel("width, input pixels", size=_SMALL)
    if is_left:
        axes.set_ylabel("height, input pixels", size=_SMALL)


def draw_shades(figure: Figure, mesh: Any, bar_axes: Axes, theme: Theme) -> None:
    """Explain the shades."""
    bar = figure.colorbar(mesh, cax=bar_axes, orientation="horizontal", ticks=LIMITS)
    bar.set_label("mean positives of a box", size=_SMALL)
    bar.ax.set_xticklabels([f"{limit:g}" for limit in LIMITS])
    bar.ax.tick_params(length=0)
    bar.ax.grid(visible=False)
    bar.outline.set_edgecolor(theme.rule)


def draw_key(
    axes: Axes, reaches: Sequence[Reach], *, has_dots: bool, theme: Theme
) -> None:
    """Explain lines and dots."""
    handles = []
    if any(not each.sight.is_everywhere for each in reaches):
        handles.append(Line2D([], [], label=_BEYOND))
    if any(each.unforced is not None for each in reaches):
        label = "the same by IoU alone" if handles else f"{_BEYOND} by IoU alone"
        handles.append(Line2D([], [], linestyle=_DASHES, label=label))
    for line in handles:
        line.set(color=theme.starved, linewidth=2.4)
    if has_dots:
        dot = Line2D([], [], color=theme.ink, marker="o", linestyle="", markersize=3.5)
        dot.set_label("your boxes")
        handles.append(dot)
    axes.legend(
        handles=handles,
        loc="center left",
        borderaxespad=0,
        fontsize=_SMALL - 0.5,
        labelspacing=0.7,
    )
