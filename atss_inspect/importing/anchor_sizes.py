"""Anchors whose sizes are written down in pixels, as most frameworks have them."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from atss_inspect.importing.mmdet_images import drawn_text
from atss_inspect.importing.parts import Part, numbers, unfit, whole

_MOST_SCALES = 32  # of an octave
Lists = tuple[tuple[float, ...], ...]


def per_level(values: Any) -> Lists:
    """Check lists of numbers, one a level; a flat list is one for all of them."""
    if isinstance(values, list | tuple) and values and not _has_lists(values):
        values = [values]
    if not isinstance(values, list | tuple) or not values:
        unfit("a list of numbers, or one for each level", values)
    return tuple(map(numbers, values))


def _has_lists(values: Any) -> bool:
    return any(isinstance(one, list | tuple) for one in values)


def whole_numbers(values: Any) -> tuple[int, ...]:
    """Check some whole numbers of at least 1; a number alone is a list of one."""
    listed = values if isinstance(values, list | tuple) else [values]
    if not listed:
        unfit("at least one whole number", values)
    return tuple(map(whole, listed))


def set_sizes(
    part: Part,
    name: str,
    sizes: Lists,
    *,
    default: str = "",
    make: Callable[[float], float] = float,
) -> None:
    """Set sizes of anchors by the key that has them; strides must be set before.

    Sizes that are the same scales of every stride, scale * 2^(i / n), are set as such;
    ``make`` is what the style of the preset does to each of them.
    """
    strides = part.notes.value_of("anchors.strides")
    if len(sizes) not in (1, len(strides)):
        reason = f"has sizes of {len(sizes)} levels where there are {len(strides)}"
        part.refuse(name, reason)
    whole_list = sizes * len(strides) if len(sizes) == 1 else sizes
    count, first = len(whole_list[0]), whole_list[0][0] if whole_list[0] else 0.0
    scale = first / strides[0]
    octave = [scale * 2 ** (i / max(count, 1)) for i in range(min(count, _MOST_SCALES))]
    expected = tuple(tuple(make(one * stride) for one in octave) for stride in strides)
    if expected == whole_list and _is_level_wise(strides):
        part.set("anchors.scale", scale, name, default=default)
        part.set("anchors.scales_per_octave", count, name, default=default)
    else:
        part.set("anchors.sizes", sizes, name, default=default)


def _is_level_wise(strides: tuple[int, ...]) -> bool:
    """Whether strides grow; others are refused by their own setting."""
    return all(a < b for a, b in pairwise(strides))


def set_ratios(part: Part, name: str, ratios: Lists, *, default: str = "") -> None:
    """Set ratios: a flat list where all levels have the same."""
    same = len(set(ratios)) == 1
    part.set("anchors.ratios", ratios[0] if same else ratios, name, default=default)


def set_short_sides(
    part: Part, name: str, shorts: tuple[int, ...], *, is_range: bool = False
) -> None:
    """Set the short side of training: the largest; tell of others that are drawn."""
    default = "" if name in part else str(max(shorts))
    part.set("resize.short_side", max(shorts), name, default=default)
    drawn = tuple(dict.fromkeys(shorts))
    sides, ends = ((), drawn) if is_range else (drawn, ())
    # Presets may draw others, so that none is said too.
    part.set("augment.short_sides", sides if len(drawn) > 1 else (), name)
    part.set("augment.short_range", ends if len(drawn) > 1 else (), name)
    if len(drawn) > 1:
        sizes = tuple((short, 0) for short in sorted(drawn))
        part.inexact(name, drawn_text(sizes, is_range=is_range))
    if len(drawn) < len(shorts) and not is_range:
        part.inexact(name, "some sizes are drawn more often than others")
