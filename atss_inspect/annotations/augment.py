"""Which sizes and flips training draws for an image, and with what chance.

A *variant* is one short side, flipped or not; training draws one for each image and
epoch. Sizes and flips are drawn independently. Nothing else that moves boxes (crops,
mosaics) can be listed one by one: that is named and not drawn here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from atss_inspect.annotations.resize import SIDE
from atss_inspect.fields import SHARE, Limit, setting

# Of a range that many sizes are each taken; of more, so many in the middles of equal
# parts. Means over 33 sizes are those of 321 to 0.03 points.
MOST_OF_RANGE = 161
MIDDLES = 33
# With more objects than these, a range takes the middles too.
MANY_OBJECTS = 50_000


@dataclass(frozen=True)
class AugmentRule:
    """What training draws anew for each image and epoch."""

    # short sides in input pixels, each as likely as the others; empty: that of `resize`
    short_sides: tuple[int, ...] = setting(
        (),
        Limit(
            lambda sides: len(set(sides)) == len(sides),
            "whole numbers that are different",
            most=MOST_OF_RANGE,
        ),
        each=SIDE,
    )
    # the least and the most of a short side, every whole number between as likely, both
    # ends included; empty: no range
    short_range: tuple[int, ...] = setting(
        (),
        Limit(
            lambda ends: not ends or (len(ends) == 2 and ends[0] <= ends[1]),
            "the least and the most short side, or an empty list",
        ),
        each=SIDE,
    )
    # chance that an image is flipped left to right
    flip: float = setting(0.0, SHARE)
    # what else moves boxes in training, in words; it is told, and not imitated
    besides: tuple[str, ...] = setting((), is_later=True)

    @property
    def draws_sides(self) -> bool:
        """Whether more than one short side is drawn."""
        return len(self.short_sides) > 1 or len(set(self.short_range)) > 1

    @property
    def is_fixed(self) -> bool:
        """Whether nothing is drawn, and nothing said of sizes."""
        return not (self.short_sides or self.short_range or self.flip)


class Drawn(NamedTuple):
    """One thing that may be drawn."""

    short_side: int | None  # in input pixels; None: that of the resize rule
    is_flipped: bool
    weight: int  # how likely, beside the weights of the others


def is_sampled(rule: AugmentRule, num_objects: int) -> bool:
    """Whether a range has more sizes than are each looked at."""
    if not rule.short_range:
        return False
    number = rule.short_range[1] - rule.short_range[0] + 1
    most = MIDDLES if num_objects > MANY_OBJECTS else MOST_OF_RANGE
    return number > most


def drawn_sides(rule: AugmentRule, num_objects: int) -> tuple[int | None, ...]:
    """List the short sides that are looked at; (None,) where none is named."""
    if not rule.short_range:
        return rule.short_sides or (None,)
    low, high = rule.short_range
    if not is_sampled(rule, num_objects):
        return tuple(range(low, high + 1))
    number = high - low + 1
    return tuple(low + (2 * i + 1) * number // (2 * MIDDLES) for i in range(MIDDLES))


def draws(rule: AugmentRule, num_objects: int) -> Iterator[Drawn]:
    """List everything that may be drawn, sides in order, each unflipped first.

    Weights are the smallest whole numbers that have the chances' proportions.
    """
    flip = Fraction(str(rule.flip))
    chances = [(False, flip.denominator - flip.numerator), (True, flip.numerator)]
    for side in drawn_sides(rule, num_objects):
        yield from (Drawn(side, *chance) for chance in chances if chance[1])
