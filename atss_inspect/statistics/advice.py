"""Whether another setting is better for these objects, or the difference is noise.

Two conventions are compared on the same images, drawn anew with replacement: a
difference whose interval holds zero is none. Advice asks for more than that: a gain
that is worth a change, and no size of objects that pays for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.settings import Settings
from atss_inspect.statistics.bootstrap import (
    CONFIDENCE,
    FEWEST_IMAGES,
    Interval,
    deviations_of_differences,
    intervals_of_differences,
)
from atss_inspect.statistics.grades import ENOUGH_OBJECTS, counts_by_block
from atss_inspect.statistics.price import Price
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group, poorly_assigned

# What a share must fall by, of all objects or of those of one size, to be worth a
# change, and what no other size may lose.
GAIN_OF_ALL, GAIN_OF_SIZE, LOSS_OF_SIZE = 0.005, 0.02, 0.01
# The knee is the cheapest setting that has this part of the largest gain.
KNEE = 0.7


class Measure(Enum):
    """What is compared: a share of objects, or of the positives that they need."""

    POORLY_ASSIGNED = "poorly_assigned"
    MISSING_TO_NEED = "missing_to_need"
    UNASSIGNED = "unassigned"

    def share(self, group: Group) -> float | None:
        """Share of a group; None without objects."""
        if self is Measure.MISSING_TO_NEED:
            return group.missing_to_need
        if self is Measure.UNASSIGNED:
            return group.unassigned_share
        return group.poorly_assigned_share

    def counts(self, blocks: IntArray, need: int) -> tuple[IntArray, IntArray]:
        """Parts and wholes of blocks of counts; (B, N) each."""
        if self is Measure.MISSING_TO_NEED:
            return blocks[..., 4], blocks[..., 0] * need
        if self is Measure.UNASSIGNED:
            return blocks[..., 2], blocks[..., 0]
        return poorly_assigned(blocks), blocks[..., 0]


class Difference(NamedTuple):
    """How far a share rises among the same objects.

    Attributes
    ----------
    name : ``all`` or a size bin
    num_objects : after the change
    before, after : the share; None without objects
    interval : of ``after - before``; None where images are too few
    deviation : standard deviation of that, 0 where images are too few
    looks : how many such differences are looked at for the best one
    """

    name: str
    num_objects: int
    before: float | None
    after: float | None
    interval: Interval | None
    deviation: float = 0.0
    looks: int = 1

    @property
    def change(self) -> float:
        """The rise; 0 where either has no objects."""
        if self.before is None or self.after is None:
            return 0.0
        return self.after - self.before

    @property
    def is_none(self) -> bool:
        """Whether chance alone may have made it."""
        return self.interval is None or self.interval.holds_zero

    def falls_by(self, least: float) -> bool:
        """Whether it falls by so much, and not by chance.

        The more differences are looked at, the larger is the best of those that chance
        alone makes: its interval must exclude zero at 95 % of all looks together.
        """
        if self.is_none or self.change > -least:
            return False
        width = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / 2 / self.looks)
        return self.change + width * self.deviation < 0


# All objects first, then each size.
Differences = tuple[Difference, ...]


def differences(
    before: Summary,
    after: Summary,
    measure: Measure = Measure.POORLY_ASSIGNED,
    looks: int = 1,
) -> Differences:
    """Compare two conventions on the same images: all objects, then each size.

    ``looks`` are the conventions that are compared for the best one.
    """
    blocks = _aligned(counts_by_block(before), counts_by_block(after))
    sides = zip(blocks, (before, after), strict=True)
    counts = [measure.counts(each, one.by_size.need) for each, one in sides]
    names = (EVERYTHING, *SIZE_BINS)
    intervals: Sequence[Interval | None] = [None] * len(names)
    deviations = [0.0] * len(names)
    if min(before.num_images, after.num_images) >= FEWEST_IMAGES:
        intervals = intervals_of_differences(*counts)
        deviations = deviations_of_differences(*counts)
    groups = [(one.every_object, *one.by_size.groups) for one in (before, after)]
    return tuple(
        Difference(
            name,
            new.num_objects,
            measure.share(old),
            measure.share(new),
            interval,
            deviation,
            looks * len(names),
        )
        for name, old, new, interval, deviation in zip(
            names, *groups, intervals, deviations, strict=True
        )
    )


def measures_of(one: Settings, other: Settings) -> tuple[Measure, ...]:
    """What two conventions can be judged by: not by a bar that only one may miss."""
    both = Measure.UNASSIGNED, Measure.MISSING_TO_NEED
    has_bar = [each.rule.bar(each.assigner) is not None for each in (one, other)]
    return (*both, Measure.POORLY_ASSIGNED) if has_bar[0] == has_bar[1] else both


def _aligned(one: IntArray, other: IntArray) -> tuple[IntArray, IntArray]:
    """Make two counts by block equally long; blocks at the end may be empty."""
    number = max(len(one), len(other))
    rest = ((0, 0), (0, 0))
    pads = [((0, number - len(each)), *rest) for each in (one, other)]
    return np.pad(one, pads[0]), np.pad(other, pads[1])


class Gain(NamedTuple):
    """What a change brings that is worth it.

    Attributes
    ----------
    measure : what falls
    difference : of all objects, or of the size that gains most
    """

    measure: Measure
    difference: Difference


class Effect(NamedTuple):
    """What a change does to the same objects, of all and of each size.

    Attributes
    ----------
    poorly, missing : how far the share of poorly assigned objects rises, and what is
        missing to the need
    has_bar : whether low-quality matches count against the need
    """

    poorly: Differences
    missing: Differences
    has_bar: bool

    @property
    def measures(self) -> tuple[tuple[Measure, Differences], ...]:
        """Both, the one that decides first."""
        return (
            (Measure.POORLY_ASSIGNED, self.poorly),
            (Measure.MISSING_TO_NEED, self.missing),
        )

    @property
    def gain(self) -> Gain | None:
        """What makes the change worth it; None where it is not.

        Poorly assigned objects must fall by `GAIN_OF_ALL` among all objects, or by
        `GAIN_OF_SIZE` in a size of `grades.ENOUGH_OBJECTS` objects or more; where these
        stay, what is missing to the need. Chance must not explain it, and no such size
        may lose more than `LOSS_OF_SIZE` of either. Under a rule with a bar low-quality
        matches count against the need, so what is missing then says nothing against
        fewer poorly assigned objects.
        """
        if losers(self.poorly):
            return None
        if (self.has_bar or not losers(self.missing)) and (
            found := best_fall(self.poorly)
        ):
            return Gain(Measure.POORLY_ASSIGNED, found)
        every = self.poorly[0]
        if losers(self.missing) or (every.change > 0 and not every.is_none):
            return None
        found = best_fall(self.missing)
        return found and Gain(Measure.MISSING_TO_NEED, found)


def effect_of(before: Summary, after: Summary, looks: int = 1) -> Effect:
    """Compare two conventions on the same images by both measures.

    ``looks`` are the conventions that are compared for the best one.
    """
    return Effect(
        differences(before, after, looks=looks),
        differences(before, after, Measure.MISSING_TO_NEED, looks),
        before.by_size.has_low_quality,
    )


def losers(found: Sequence[Difference]) -> list[Difference]:
    """Sizes that lose too much for a change to be worth it."""
    return [
        one
        for one in found[1:]
        if one.num_objects >= ENOUGH_OBJECTS and one.change > LOSS_OF_SIZE
    ]


def best_fall(found: Sequence[Difference]) -> Difference | None:
    """Fall that is large enough: of all objects, else of the size that gains most."""
    every, *parts = found
    if every.falls_by(GAIN_OF_ALL):
        return every
    falling = [
        one
        for one in parts
        if one.num_objects >= ENOUGH_OBJECTS and one.falls_by(GAIN_OF_SIZE)
    ]
    return min(falling, key=lambda one: one.change, default=None)


@dataclass(frozen=True)
class Option:
    """A value of a sweep that may be recommended."""

    effect: Effect  # beside what holds today
    price: Price
    distance: tuple[float, ...]  # from what holds today


def recommend(options: Sequence[Option]) -> int | None:
    """Choose the option to change to; None where nothing is worth a change.

    Of those that are, the cheapest one that has `KNEE` of the largest gain of all
    objects, of equals the one nearest to today's settings.
    """
    gains = [option.effect.gain for option in options]
    measures = {one.measure for one in gains if one}
    if not measures:
        return None
    poorly = Measure.POORLY_ASSIGNED
    measure = poorly if poorly in measures else Measure.MISSING_TO_NEED
    falls = {
        place: -dict(options[place].effect.measures)[measure][0].change
        for place, one in enumerate(gains)
        if one and one.measure is measure
    }
    most = max(falls.values())
    # Where only a size gains, all objects together may lose a little.
    least = KNEE * most if most > 0 else most
    return min(
        (place for place, fall in falls.items() if fall >= least),
        key=lambda place: (options[place].price.multiply_adds, options[place].distance),
    )
