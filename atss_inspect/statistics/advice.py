"""Whether another setting is better for these objects, or the difference is noise.

Two conventions are compared on the same images, drawn anew with replacement: a
difference whose interval holds zero is none. Advice asks for more than that: a gain
that is worth a change and its price, and no size of objects that pays for it.
"""

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.settings import Settings
from atss_inspect.statistics.bootstrap import (
    FEWEST_IMAGES,
    Interval,
    intervals_of_differences,
)
from atss_inspect.statistics.grades import ENOUGH_OBJECTS, counts_by_block
from atss_inspect.statistics.rises import side_by_side
from atss_inspect.statistics.summary import EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import (
    MISSING,
    OBJECTS,
    UNASSIGNED,
    Group,
    poorly_assigned,
    share,
)

# What a share must fall by, of all objects or of those of one size, to be worth a
# change, and what no other size may lose.
GAIN_OF_ALL, GAIN_OF_SIZE, LOSS_OF_SIZE = 0.005, 0.02, 0.01
# For what is missing alone: the part of it that must go, and what that may cost.
GAIN_OF_MISSING, CHEAP = 0.05, 1.1
# The knee is the cheapest setting that has this part of the largest gain.
KNEE = 0.7


class Measure(Enum):
    """What is compared: a share of objects, or of the positives that they need.

    The last three are of two gates, and of a gate beside what assigns.
    """

    POORLY_ASSIGNED = "poorly_assigned"
    MISSING_TO_NEED = "missing_to_need"
    UNASSIGNED = "unassigned"
    WITHOUT_CANDIDATE = "without_candidate"
    MISSING_TO_QUOTA = "missing_to_quota"
    WITHOUT_ANY = "without_any"

    @property
    def words(self) -> str:
        """Name for people: poorly assigned."""
        return _WORDS.get(self, self.value.replace("_", " "))

    @property
    def is_missing(self) -> bool:
        """Whether it is a part of what objects need, not a share of objects."""
        return self in (Measure.MISSING_TO_NEED, Measure.MISSING_TO_QUOTA)

    def share_of(self, group: Group) -> float | None:
        """Share of a group, of a rule or of a gate; None without objects."""
        if self.is_missing:
            return group.missing_to_need
        is_poor = self is Measure.POORLY_ASSIGNED
        return group.poorly_assigned_share if is_poor else group.unassigned_share

    def counts(self, blocks: IntArray, need: int) -> tuple[IntArray, IntArray]:
        """Parts and wholes of blocks of counts; (B, N) each."""
        if self.is_missing:
            return blocks[..., MISSING], blocks[..., OBJECTS] * need
        is_poor = self is Measure.POORLY_ASSIGNED
        parts = poorly_assigned(blocks) if is_poor else blocks[..., UNASSIGNED]
        return parts, blocks[..., OBJECTS]


_WORDS = {
    Measure.UNASSIGNED: "without a positive",
    Measure.WITHOUT_CANDIDATE: "without a candidate",
    Measure.MISSING_TO_QUOTA: "missing to the quota",
    Measure.WITHOUT_ANY: "without a positive, or a candidate of a gate",
}


class Difference(NamedTuple):
    """How far a share rises among the same objects."""

    name: str  # ``all`` or a size bin
    num_objects: int  # after the change
    before: float | None  # the share; None without objects
    after: float | None
    interval: Interval | None  # of ``after - before``; None where images are too few
    looks: int = 1  # how many such differences are looked at for the best one

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
        """Whether it falls by so much, and not by chance, whatever is looked at."""
        if not self.interval or self.change > -least:
            return False
        return self.interval.widened(self.change, self.looks).high < 0


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
    blocks = side_by_side(*map(counts_by_block, (before, after)))
    sides = zip(blocks, (before, after), strict=True)
    counts = [measure.counts(each, one.by_size.need) for each, one in sides]
    names = (EVERYTHING, *SIZE_BINS)
    intervals: Sequence[Interval | None] = [None] * len(names)
    if min(before.num_images, after.num_images) >= FEWEST_IMAGES:
        intervals = intervals_of_differences(*counts)
    sums = blocks[1][..., OBJECTS].sum(axis=0) / after.num_passes
    objects = sums.round().astype(np.int64).tolist()
    befores, afters = (
        [share(*both) for both in zip(*np.sum(each, axis=1).tolist(), strict=True)]
        for each in counts
    )
    each = zip(names, objects, befores, afters, intervals, strict=True)
    return tuple(Difference(*one, looks * len(names)) for one in each)


def has_same_bar(one: Settings, other: Settings) -> bool:
    """Whether poorly assigned means the same: a lower bar takes worse anchors."""
    return (one.bar, one.bar_of) == (other.bar, other.bar_of)


def measures_of(
    one: Settings, other: Settings, *, is_same_need: bool = True
) -> tuple[Measure, ...]:
    """What two conventions can be judged by: not by bars that are not the same.

    ``is_same_need``: whether two gates have the same quota. What gates are missing to
    it is nothing beside what assignments are missing to the need.
    """
    num_gates = sum(each.rule.gate is not None for each in (one, other))
    if num_gates == 1:
        return (Measure.WITHOUT_ANY,)
    if num_gates == 2:
        missing = (Measure.MISSING_TO_QUOTA,) if is_same_need else ()
        return (Measure.WITHOUT_CANDIDATE, *missing)
    both = Measure.UNASSIGNED, Measure.MISSING_TO_NEED
    return (*both, Measure.POORLY_ASSIGNED) if has_same_bar(one, other) else both


class Gain(NamedTuple):
    """What a change brings that is worth it."""

    measure: Measure
    difference: Difference  # of all objects, or of the size that gains most


class Effect(NamedTuple):
    """How far shares rise among the same objects, of all and of each size."""

    poorly: Differences  # poorly assigned objects
    missing: Differences  # what is missing to the need
    has_low_quality: bool  # low-quality matches count against the need
    cost: float = 1.0  # multiply-adds after the change, as a multiple of today's
    is_fine: bool = False  # today's grade is
    is_of_gate: bool = False  # so that it is without a candidate, and to the quota

    @property
    def measures(self) -> tuple[tuple[Measure, Differences], ...]:
        """Both, the one that decides first."""
        if self.is_of_gate:
            kinds = Measure.WITHOUT_CANDIDATE, Measure.MISSING_TO_QUOTA
        else:
            kinds = Measure.POORLY_ASSIGNED, Measure.MISSING_TO_NEED
        return tuple(zip(kinds, (self.poorly, self.missing), strict=True))

    @property
    def gain(self) -> Gain | None:
        """What makes the change worth it; None where it is not.

        Poorly assigned objects must fall by `GAIN_OF_ALL` among all objects, or by
        `GAIN_OF_SIZE` in a size of `grades.ENOUGH_OBJECTS` objects or more, and twice
        as far at twice the cost; where these stay, what is missing to the need, by
        `GAIN_OF_MISSING` of itself and at no more than `CHEAP`. Chance must not explain
        it, and no such size may lose more than `LOSS_OF_SIZE` of either. Under a rule
        with a bar low-quality matches count against the need, so what is missing then
        says nothing against fewer poorly assigned objects. Where today's grade is fine
        the change must cost nothing, and of all objects gain what else one size must.
        """
        if losers(self.poorly) or (self.is_fine and self.cost > 1):
            return None
        if (self.has_low_quality or not losers(self.missing)) and (
            found := self._best_fall(self.poorly)
        ):
            return Gain(self.measures[0][0], found)
        every = self.poorly[0]
        is_worse = losers(self.missing) or (every.change > 0 and not every.is_none)
        found = None if is_worse or self.cost > CHEAP else self._best_fall(self.missing)
        if found and -found.change >= GAIN_OF_MISSING * (found.before or 0.0):
            return Gain(self.measures[1][0], found)
        return None

    def _best_fall(self, found: Differences) -> Difference | None:
        """Fall that is worth a change at this cost."""
        if self.is_fine:
            return found[0] if found[0].falls_by(GAIN_OF_SIZE) else None
        return best_fall(found, max(self.cost, 1.0))

    @property
    def gain_others_pay(self) -> Difference | None:
        """Fall of poorly assigned objects for which others lose too much."""
        return best_fall(self.poorly) if losers(self.poorly) else None

    @property
    def gain_if_free(self) -> Gain | None:
        """What the change brings that were worth it if it cost nothing."""
        return self._replace(cost=1.0, is_fine=False).gain


def effect_of(
    before: Summary,
    after: Summary,
    looks: int = 1,
    cost: float = 1.0,
    *,
    is_fine: bool = False,
) -> Effect:
    """Compare two conventions on the same images by both measures.

    ``looks`` is that of `differences`, ``cost`` and ``is_fine`` are those of `Effect`.
    """
    return Effect(
        differences(before, after, looks=looks),
        differences(before, after, Measure.MISSING_TO_NEED, looks),
        before.by_size.has_low_quality,
        cost,
        is_fine,
        before.by_size.is_of_gate,
    )


def losers(found: Sequence[Difference]) -> list[Difference]:
    """Sizes that lose too much for a change to be worth it, be it by chance."""
    return [
        one
        for one in found[1:]
        if one.num_objects >= ENOUGH_OBJECTS and one.change > LOSS_OF_SIZE
    ]


def best_fall(found: Sequence[Difference], times: float = 1.0) -> Difference | None:
    """Fall that is large enough, of all objects, else of the size that gains most."""
    every, *parts = found
    if every.falls_by(GAIN_OF_ALL * times):
        return every
    falling = [
        one
        for one in parts
        if one.num_objects >= ENOUGH_OBJECTS and one.falls_by(GAIN_OF_SIZE * times)
    ]
    return min(falling, key=lambda one: one.change, default=None)


def recommend(
    effects: Sequence[Effect | None], distances: Sequence[tuple[float, ...]]
) -> int | None:
    """Choose the change to make; None where nothing is worth one.

    Of those that are, the cheapest one that has `KNEE` of the largest gain of all
    objects, of equals the one nearest to today's settings; ``distances`` are how far
    they are.
    """
    gains = [(place, one, one.gain) for place, one in enumerate(effects) if one]
    measures = {gain.measure for _, _, gain in gains if gain}
    measure = min(measures, key=list(Measure).index, default=None)
    falls = {
        place: -dict(effect.measures)[measure][0].change
        for place, effect, gain in gains
        if gain and gain.measure is measure
    }
    most = max(falls.values(), default=0.0)
    # Where only a size gains, all objects together may lose a little.
    least = KNEE * most if most > 0 else most
    costs = {place: one.cost for place, one, _ in gains}
    return min(
        (place for place, fall in falls.items() if fall >= least),
        key=lambda place: (costs[place], distances[place]),
        default=None,
    )
