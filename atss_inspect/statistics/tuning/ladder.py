"""Rungs: settings that cost less or more than today's, of which knobs are turned.

Larger and smaller images, a finer level, fewer anchors a cell: all keep what counts as
a positive as it is.
"""

import math
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners.anchor_rule import level_name
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings, override

SAME = "same price"
# Sizes of images to try, as multiples of today's.
_SMALLER, _LARGER = (0.75,), (1.25, 1.5)
_STEP = 32  # what fixed sides stay multiples of at least, where they are
_FINEST = 4  # stride
_FEWER = {2: "two scales", 1: "one scale"}  # an octave
_STRIDES, _SCALES = "anchors.strides", "anchors.scales_per_octave"
# What a list may say for each level.
_BY_LEVEL = ("anchors.sizes", "anchors.base_sizes", "anchors.ratios")

Changes = dict[str, Any]


class Rung(NamedTuple):
    """Settings whose knobs are turned, and what they are beside today's."""

    name: str  # for people
    base: Settings


def rungs_of(
    settings: Settings, *, free_only: bool = False, as_trained: bool = False
) -> tuple[Rung, ...]:
    """List today's settings, then those that cost less, then those that cost more.

    What a rule or its levels cannot have is left out. With ``as_trained`` the sizes
    that training draws follow those of images.
    """
    found = [Rung(SAME, settings)]
    for name, changes in () if free_only else _each(settings, as_trained=as_trained):
        with suppress(SettingsError):  # beyond what a setting may be
            found.append(Rung(name, override(settings, changes)))
    return tuple(found)


def _each(settings: Settings, *, as_trained: bool) -> Iterator[tuple[str, Changes]]:
    """Name and settings of all rungs but today's; SSD belongs to its size of images."""
    if settings.anchors.style.endswith("-ssd"):
        return
    fewer = dict(_fewer_anchors(settings))
    yield from _sizes(settings, _SMALLER, as_trained=as_trained)
    yield from fewer.items()
    yield from _sizes(settings, _LARGER, as_trained=as_trained)
    if not (finer := _finer(settings)):
        return
    level = level_name(finer[_STRIDES][0])
    last = settings.anchors.strides[-1]
    if len(settings.anchors.strides) > 1:
        yield f"{level} for {level_name(last)}", _without_coarsest(settings, finer)
    yield f"with {level}", finer
    if (two := _FEWER[2]) in fewer:
        yield f"{level} {two}", finer | fewer[two]


def _sizes(
    settings: Settings, factors: tuple[float, ...], *, as_trained: bool
) -> Iterator[tuple[str, Changes]]:
    """Larger or smaller images."""
    resize, drawn = settings.resize, settings.augment
    lists = {"short_sides": drawn.short_sides, "short_range": drawn.short_range}
    for wanted in factors:
        factor = _whole_steps(resize, wanted)
        sides = resize.scaled(factor)
        if sides and factor != 1:
            changes = {f"resize.{name}": value for name, value in sides.items()}
            for name, each in lists.items() if as_trained else ():
                own = dict.fromkeys(round(side * factor) for side in each)
                changes |= {f"augment.{name}": tuple(own)} if each else {}
            yield f"images x{factor:.3g}", changes


def _whole_steps(resize: ResizeRule, factor: float) -> float:
    """The nearest factor after which fixed sides are multiples of what they must be.

    EfficientDet asserts that they are multiples of its coarsest cell.
    """
    step = max(_STEP, resize.pad_divisor)
    side = math.gcd(*(resize.size if resize.has_fixed_size else resize.pad_to))
    if side % step or not side:
        return factor
    return max(round(side * factor / step), 1) * step / side


def _fewer_anchors(settings: Settings) -> Iterator[tuple[str, Changes]]:
    """Fewer scales, or one ratio, of a rule that takes the bar of each anchor."""
    anchors = settings.anchors
    if settings.bar is None or not settings.rule.uses_anchors:
        return
    if not (anchors.sizes or anchors.scales):
        for number, name in _FEWER.items():
            if number < anchors.scales_per_octave:
                yield name, {_SCALES: number}
    if anchors.has_plain_ratios and len(anchors.ratios) == 3:
        yield "one ratio", {"anchors.ratios": (sorted(anchors.ratios)[1],)}


def _finer(settings: Settings) -> Changes:
    """One level more at the fine end, and what follows; nothing beyond P2."""
    changes = settings.anchors.with_finer_level()
    if not changes or changes[_STRIDES][0] < _FINEST:
        return {}
    return changes | settings.rule.with_finer_level(settings.assigner)


def _without_coarsest(settings: Settings, finer: Changes) -> Changes:
    """A finer level in place of the coarsest; ranges of sizes follow the strides."""
    number = len(finer[_STRIDES])
    values = settings.values() | finer
    lists = {path: values[path] for path in (_STRIDES, *_BY_LEVEL)}
    cut = {
        path: each[:-1]
        for path, each in lists.items()
        if len(each) == number and (path != _BY_LEVEL[-1] or isinstance(each[0], tuple))
    }
    ranges = settings.rule.with_other_strides(settings.assigner)
    return finer | cut | ranges
