"""The settings that a saved sweep went through, as axes of its figure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from atss_inspect.arrays import Float64Array
from atss_inspect.assigners.anchor_rule import level_name
from atss_inspect.figures import sheet
from atss_inspect.figures.theme import TEXT_SIZE
from atss_inspect.readers.saved_sweep import SavedSweep, SweepAxis
from atss_inspect.statistics.sweep import LEVELS, label_of
from atss_inspect.views.names import clip, printable

_SMALL = TEXT_SIZE - 1
_INCHES, _ROWS_DOWN = 2.8, 12  # room for labels along the axes and beside them
_AIR = 0.1  # inches between labels
_NAME_ROOM = 0.46  # inches of one line of labels and the name of the axis
_LONGEST = 22


@dataclass(frozen=True, eq=False)
class SweptAxis:
    """One swept setting."""

    title: str  # its name as typed, made printable
    labels: tuple[str, ...]  # of its values, made printable and not too long
    # (N,) float64 where the values stand on an axis of curves: the numbers themselves,
    # or 0, 1, 2, ... where they are none.
    places: Float64Array
    is_number: bool  # whether `places` are the values
    # Place and label of the value that holds without the sweep; None and "" where it
    # has none on this axis.
    own: float | None
    own_label: str


def swept_axes(saved: SavedSweep) -> list[SweptAxis]:
    """Describe the swept settings, in the order of the sweep."""
    return [_describe(axis, own_value(saved, axis.path)) for axis in saved.sweep.axes]


def _describe(axis: SweepAxis, own: Any) -> SweptAxis:
    """Describe one setting; ``own`` is its value without the sweep."""
    values = _as_tuples(axis.values)
    is_number = len(values) > 1 and all(map(_is_number, values))
    if is_number:
        places = np.array(values, dtype=float)
        is_near = _is_number(own) and places.min() <= own <= places.max()
        place = float(own) if is_near else None
    else:
        places = np.arange(float(len(values)))
        place = float(values.index(own)) if own in values else None
    labels = tuple(_value_label(axis, value) for value in values)
    own_label = "" if place is None else _value_label(axis, own)
    title = clip(printable(axis.name), 32)
    return SweptAxis(title, labels, places, is_number, place, own_label)


def own_value(saved: SavedSweep, path: str) -> Any:
    """Look up a setting of the convention that was changed; None where it has none."""
    value: Any = saved.settings[0]
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return _as_tuples(value)


def own_row(saved: SavedSweep) -> int | None:
    """Find the row that is the convention as it is, if the sweep has it."""
    places, shape = [], []
    for axis in saved.sweep.axes:
        values = _as_tuples(axis.values)
        own = own_value(saved, axis.path)
        if own not in values:
            return None
        places.append(values.index(own))
        shape.append(len(values))
    return int(np.ravel_multi_index(places, shape))


def _is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_tuples(value: Any) -> Any:
    """Turn lists, nested ones too, into tuples, which compare like settings."""
    if isinstance(value, list | tuple):
        return tuple(map(_as_tuples, value))
    return value


def _value_label(axis: SweepAxis, value: Any) -> str:
    """Name a value as people type it: 8, P3-P7, [1, 2]."""
    if axis.name.lower() == LEVELS and isinstance(value, tuple) and value:
        first, last = level_name(int(value[0])), level_name(int(value[-1]))
        return first if len(value) == 1 else f"{first}-{last}"
    if axis.path == "resize.size" and len({*value}) == 1:
        value = value[0]  # a square
    return clip(printable(label_of(value)), _LONGEST)


def name_values(axes: Axes, axis: SweptAxis, *, is_vertical: bool = False) -> None:
    """Name an axis and as many of its values as have room.

    Numbers on an axis of curves get round ticks where the values are many or close.
    Values of a map stand in the middle of its cells.
    """
    is_map = bool(axes.collections)
    if is_vertical:
        axes.set_ylabel(axis.title, size=_SMALL)
        step = -(-len(axis.labels) // _ROWS_DOWN)
        places = np.arange(0, len(axis.labels), step)
        axes.set_yticks(places + 0.5, axis.labels[::step], size=_SMALL)
        return
    axes.set_xlabel(axis.title, size=_SMALL)
    if axis.is_number and not is_map:
        if has_room(axis.places, axis.labels):
            axes.set_xticks(axis.places, axis.labels, size=_SMALL)
        return
    if not is_map:  # as in a map, each value has a place of its own width
        axes.set_xlim(-0.5, len(axis.labels) - 0.5)
    is_flat, widest = _are_flat(axis), _widest(axis)
    most = int(_INCHES / (widest if is_flat else 1.6 * _SMALL / 72))
    step = -(-len(axis.labels) // max(most, 1))
    ticks = np.arange(0, len(axis.labels), step) + (0.5 if is_map else 0.0)
    turn: Any = {"size": _SMALL, "rotation": 0 if is_flat else 90}
    axes.set_xticks(ticks, axis.labels[::step], **turn)


def room_below(axis: SweptAxis) -> float:
    """Inches that the values of an axis take below it, with its name."""
    is_low = axis.is_number or _are_flat(axis)
    return _NAME_ROOM + (0.0 if is_low else _widest(axis) - 0.2)


def _widest(axis: SweptAxis) -> float:
    """Width of the longest label in inches, with a little air."""
    return max(sheet.text_width(label, _SMALL) for label in axis.labels) + _AIR


def _are_flat(axis: SweptAxis) -> bool:
    """Whether labels have room beside one another, a few of them at least."""
    return _widest(axis) * min(len(axis.labels), 6) <= _INCHES


def has_room(places: Float64Array, labels: Sequence[str]) -> bool:
    """Whether labels of numbers do not touch one another along an axis."""
    span = float(places.max() - places.min())
    if len(places) < 2 or not span:
        return True
    order = np.argsort(places)
    gaps = np.diff(places[order]) / span * _INCHES
    widths = np.array([sheet.text_width(label, _SMALL) for label in labels])[order]
    return bool((gaps >= (widths[1:] + widths[:-1]) / 2 + _AIR).all())
