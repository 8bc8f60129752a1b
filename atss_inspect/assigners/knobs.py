"""Settings that may be turned at no cost, and between which values that has sense."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from atss_inspect.assigners.anchor_rule import AnchorRule

Changes = Mapping[str, Any]


@dataclass(frozen=True)
class Knob:
    """One number that decides how anchors meet objects."""

    name: str  # for people
    value: float  # today's
    values: tuple[float, ...]  # to try, ascending; today's is among them

    @classmethod
    def of(cls, name: str, value: float, values: Sequence[float]) -> "Knob":
        """Make a knob whose values hold today's one, wherever that lies."""
        return cls(name, value, tuple(sorted({value, *values})))


@dataclass(frozen=True)
class Knobs:
    """The knobs of a rule, and the settings that values of them make."""

    each: tuple[Knob, ...] = ()
    # ``(values, one per knob)``, settings by path; nothing where all are today's
    changes: Callable[[Sequence[float]], Changes] = lambda _values: {}
    # ``(side, ratio)``, medians of the objects in input pixels: values by name to begin
    # with as well as with today's; of no name where there are none
    start: Callable[[float, float], Mapping[str, float]] = lambda *_: {}

    def at_ends(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Names of knobs that stand at the first or last value to try.

        ``settings`` by path are the base's with changes of these knobs.
        """
        grid = itertools.product(*(knob.values for knob in self.each))
        found = ((self.changes(values), values) for values in grid)
        same = [
            (len(changes), values)
            for changes, values in found
            if all(settings[path] == each for path, each in changes.items())
        ]
        _, values = max(same, default=(0, ()))
        pairs = zip(self.each, values, strict=bool(values))
        return tuple(
            one.name
            for one, value in pairs
            if value in (one.values[0], one.values[-1]) and value != one.value
        )

    def __add__(self, other: "Knobs") -> "Knobs":
        number = len(self.each)

        def both(values: Sequence[float]) -> Changes:
            first = self.changes(values[:number])
            return {**first, **other.changes(values[number:])}

        def start(*of_objects: float) -> Mapping[str, float]:
            return {**self.start(*of_objects), **other.start(*of_objects)}

        return Knobs((*self.each, *other.each), both, start)


def one_knob(knob: Knob, changes: Callable[[float], Changes]) -> Knobs:
    """Make a knob that settings follow alone."""
    return Knobs((knob,), lambda values: changes(*values))


SIZE_OF_ANCHORS, MIDDLE_OF_RATIOS = "size of anchors", "middle of ratios"
TURN_OF_RATIOS = "ratios"
_SECOND_SIZE = 0.5  # where ratios are those of the objects
# Multiples of today's sizes.
_FACTORS = (0.25, 0.375, 0.5, 0.625, 0.75, 0.8125, 0.875, 1.0, 1.125, 1.25, 1.5)
_CENTERS = (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.45, 1.65, 2.0, 2.5)
_SPREADS = (1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.3)
_DIGITS = 3


def anchor_knobs(anchors: AnchorRule) -> Knobs:
    """Turn sizes and ratios of anchors; SSD's belong to its size of images."""
    if anchors.style.endswith("-ssd"):
        return Knobs()
    if anchors.style == "yolo":
        return sides_knobs(anchors)
    shapes = pair_knob if anchors.ratio_pairs else ratio_knobs
    return size_knob(anchors) + shapes(anchors)


def size_knob(anchors: AnchorRule, factors: Sequence[float] = _FACTORS) -> Knobs:
    """Turn all sizes of anchors together; values are multiples of today's."""
    knob = Knob.of(SIZE_OF_ANCHORS, 1.0, factors)
    return one_knob(knob, lambda one: anchors.scaled(one) if one != 1 else {})


def ratio_knobs(anchors: AnchorRule) -> Knobs:
    """Turn the middle of ratios (height / width), and how far they lie apart.

    Of one ratio the middle alone. None where ratios are no row of equal steps.
    """
    if not anchors.has_plain_ratios or len(anchors.ratios) not in (1, 3):
        return Knobs()
    ratios = sorted(float(one) for one in anchors.ratios if not isinstance(one, tuple))
    middle = ratios[len(ratios) // 2]
    apart = ratios[-1] / middle
    if abs(ratios[0] * apart - middle) > 0.01 * middle:
        return Knobs()

    def changes(values: Sequence[float]) -> Changes:
        center, *rest = values
        if [center, *rest] == [middle, apart][: len(values)]:
            return {}
        row = (center / rest[0], center, center * rest[0]) if rest else (center,)
        return {"anchors.ratios": tuple(round(one, _DIGITS) for one in row)}

    knobs = [Knob.of(MIDDLE_OF_RATIOS, middle, _CENTERS)]
    if len(ratios) > 1:
        knobs.append(Knob.of("steps of ratios", apart, _SPREADS))

    def start(_side: float, ratio: float) -> Mapping[str, float]:
        return {SIZE_OF_ANCHORS: _SECOND_SIZE, MIDDLE_OF_RATIOS: ratio}

    return Knobs(tuple(knobs), changes, start)


_LEAST_SIDE = 0.1  # input pixels
_TURNS = (0.4, 0.5, 0.625, 0.75, 0.875, 1.0, 1.125, 1.35, 1.6, 2.0, 2.5)


def pair_knob(anchors: AnchorRule) -> Knobs:
    """Turn height / width of all pairs of factors together; the area stays."""

    def changes(values: Sequence[float]) -> Changes:
        [turn] = values
        pairs = ((x / turn**0.5, y * turn**0.5) for x, y in anchors.ratio_pairs)
        found = tuple((round(x, _DIGITS), round(y, _DIGITS)) for x, y in pairs)
        return {} if turn == 1 else {"anchors.ratio_pairs": found}

    def start(_side: float, ratio: float) -> Mapping[str, float]:
        return {SIZE_OF_ANCHORS: _SECOND_SIZE, TURN_OF_RATIOS: ratio}

    return Knobs((Knob.of(TURN_OF_RATIOS, 1, _TURNS),), changes, start)


def sides_knobs(anchors: AnchorRule) -> Knobs:
    """Turn sizes of anchors, and height / width of all of them together.

    For anchors that are written as widths and heights; the area stays as ratios turn.
    Sides are rounded to tenths of a pixel. The second start has the median size and
    ratio of the objects.
    """

    def changes(values: Sequence[float]) -> Changes:
        size, turn = values
        factors = size / turn**0.5, size * turn**0.5  # of widths, of heights
        sizes = (
            tuple(
                max(round(side * factors[n % 2], 1), _LEAST_SIDE)
                for n, side in enumerate(level)
            )
            for level in anchors.sizes
        )
        return {} if size == turn == 1 else {"anchors.sizes": tuple(sizes)}

    def start(side: float, ratio: float) -> Mapping[str, float]:
        sides = np.reshape([one for level in anchors.sizes for one in level], (-1, 2))
        size = np.median(np.sqrt(sides.prod(axis=1)))
        turn = ratio / np.median(sides[:, 1] / sides[:, 0])
        return {SIZE_OF_ANCHORS: side / float(size), TURN_OF_RATIOS: float(turn)}

    knobs = Knob.of(SIZE_OF_ANCHORS, 1, _FACTORS), Knob.of(TURN_OF_RATIOS, 1, _TURNS)
    return Knobs(knobs, changes, start)
