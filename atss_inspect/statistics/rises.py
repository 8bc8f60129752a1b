"""How far shares of poorly assigned objects have risen from one data set to another.

The images need not be the same. A rise is judged by its interval: where both sides have
the same objects in every block of images, of the same draws of blocks for both; else
the shares are independent, and their two intervals are put together.
"""

import itertools
from collections.abc import Sequence
from fractions import Fraction
from math import hypot
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.statistics.bootstrap import (
    FEWEST_IMAGES,
    Interval,
    intervals_of_differences,
    intervals_of_shares,
    shares_of,
)
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group

GROUPS = (EVERYTHING, *SIZE_BINS, COCO_SMALL)


class Side(NamedTuple):
    """What one convention does to the objects of one data set."""

    num_images: int
    sizes: IntArray  # (B, 4, 5) counts of blocks by size, the columns of `Tally.counts`

    @classmethod
    def of(cls, summary: Summary) -> "Side":
        """Take the counts of a summary."""
        return cls(summary.num_images, summary.block_sizes)

    @property
    def blocks(self) -> IntArray:
        """Counts of blocks of each of `GROUPS`; (B, 6, 5)."""
        sums = (self.sizes[:, :n].sum(axis=1, keepdims=True) for n in (4, 2))
        every, coco_small = sums
        return np.concatenate([every, self.sizes, coco_small], axis=1)


class Rise(NamedTuple):
    """How far the share of poorly assigned objects of one group has risen."""

    before: Group  # without what objects miss to their need
    now: Group
    interval: Interval | None = None  # None where images tell nothing of chance
    # Of a few objects, or objects in a few images, nothing can be told where the whole
    # has an interval.
    is_told: bool = True

    @property
    def shares(self) -> tuple[Fraction | None, Fraction | None]:
        """The share before and now, exactly; None without objects."""
        before, now = (
            exact_share(one.num_poorly_assigned, one.num_objects) for one in self[:2]
        )
        return before, now

    @property
    def change(self) -> float | None:
        """The rise; None where either side has no objects."""
        before, now = self.shares
        return None if before is None or now is None else float(now - before)

    @property
    def is_none(self) -> bool:
        """Whether chance alone may have made it."""
        return self.interval is None or not self.is_told or self.interval.holds_zero


def rises(before: Side, now: Side) -> dict[str, Rise]:
    """Compare all objects, those of each size, and what COCO calls small."""
    blocks = before.blocks, now.blocks
    # Poorly assigned objects of each block, and all of them.
    one, other = ((each[..., 2] + each[..., 3], each[..., 0]) for each in blocks)
    intervals: Sequence[Interval | None] = [None] * len(GROUPS)
    if min(before.num_images, now.num_images) >= FEWEST_IMAGES:
        is_same = np.array_equal(one[1], other[1])
        numbers = before.num_images, now.num_images
        intervals = (
            intervals_of_differences(one, other)
            if is_same
            else _of_independent((one, other), numbers)
        )
    counts = zip(*(each.sum(axis=0)[:, :4].tolist() for each in blocks), strict=True)
    found = {}
    for name, interval, pair in zip(GROUPS, intervals, counts, strict=True):
        old, new = itertools.starmap(Group, pair)
        is_enough = min(old.num_objects, new.num_objects) >= ENOUGH_OBJECTS
        is_sure = interval is not None or intervals[0] is None
        is_told = name == EVERYTHING or (is_enough and is_sure)
        found[name] = Rise(old, new, interval, is_told)
    return found


def _of_independent(
    counts: Sequence[tuple[IntArray, IntArray]], num_images: Sequence[int]
) -> list[Interval | None]:
    """Intervals of how far shares of different images rise, before and now.

    Each end lies as far from the difference as the near ends of both intervals do from
    their shares, squares added (Newcombe 1998, method 10; Zou and Donner 2008).
    """
    both = zip(counts, num_images, strict=True)
    sides = [intervals_of_shares(*each, number) for each, number in both]
    shares = [shares_of(*each).tolist() for each in counts]
    found: list[Interval | None] = []
    for old, new, first, second in zip(*shares, *sides, strict=True):
        if first is None or second is None:
            found.append(None)
            continue
        low = new - old - hypot(new - second.low, first.high - old)
        high = new - old + hypot(second.high - new, old - first.low)
        found.append(Interval(low, high))
    return found


def exact_share(part: int, whole: int) -> Fraction | None:
    """Part of a whole, exactly; None where there is no whole."""
    return Fraction(part, whole) if whole else None
