"""How far shares of poorly assigned objects have risen from one data set to another.

The images need not be the same. A rise is judged by its interval: where both sides have
the same objects in every block of images, of the same draws of blocks for both; else
the shares are independent, and their two intervals are put together.
"""

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
)
from atss_inspect.statistics.grades import ENOUGH_OBJECTS, EVERYTHING, counts_by_block
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Group

COCO_SMALL = "coco_small"
GROUPS = (EVERYTHING, *SIZE_BINS, COCO_SMALL)


class Side(NamedTuple):
    """What one convention does to the objects of one data set."""

    num_images: int
    sizes: IntArray  # (B, 4, 5) counts of blocks by size, the columns of `Tally.counts`

    @classmethod
    def of(cls, summary: Summary) -> "Side":
        """Take the counts of a summary."""
        return cls(summary.num_images, counts_by_block(summary)[:, 1:])

    @property
    def blocks(self) -> IntArray:
        """Counts of blocks of each of `GROUPS`; (B, 6, 5)."""
        every = self.sizes.sum(axis=1, keepdims=True)
        coco_small = self.sizes[:, :2].sum(axis=1, keepdims=True)
        return np.concatenate([every, self.sizes, coco_small], axis=1)

    @property
    def groups(self) -> tuple[Group, ...]:
        """Counts of each of `GROUPS`, without what they miss to their need."""
        sums = self.blocks.sum(axis=0)[:, :4].tolist()
        return tuple(Group(*counts) for counts in sums)

    @property
    def poorly(self) -> tuple[IntArray, IntArray]:
        """Poorly assigned objects of each block, and all; (B, 6) each."""
        blocks = self.blocks
        return blocks[..., 2] + blocks[..., 3], blocks[..., 0]


class Rise(NamedTuple):
    """How far the share of poorly assigned objects of one group has risen."""

    before: Group
    now: Group
    interval: Interval | None = None  # None where images tell nothing of chance
    # Of a few objects, or objects in a few images, nothing can be told where the whole
    # has an interval.
    is_told: bool = True

    @property
    def share_before(self) -> Fraction | None:
        """The share before; None without objects."""
        return exact_share(self.before.num_poorly_assigned, self.before.num_objects)

    @property
    def share(self) -> Fraction | None:
        """The share now; None without objects."""
        return exact_share(self.now.num_poorly_assigned, self.now.num_objects)

    @property
    def change(self) -> float | None:
        """The rise; None where either side has no objects."""
        if self.share is None or self.share_before is None:
            return None
        return float(self.share - self.share_before)

    @property
    def is_none(self) -> bool:
        """Whether chance alone may have made it."""
        return self.interval is None or not self.is_told or self.interval.holds_zero


def rises(before: Side, now: Side) -> dict[str, Rise]:
    """Compare all objects, those of each size, and what COCO calls small."""
    intervals = _intervals(before, now)
    found = {}
    for name, old, new, interval in zip(
        GROUPS, before.groups, now.groups, intervals, strict=True
    ):
        is_enough = min(old.num_objects, new.num_objects) >= ENOUGH_OBJECTS
        is_sure = interval is not None or intervals[0] is None
        is_told = name == EVERYTHING or (is_enough and is_sure)
        found[name] = Rise(old, new, interval, is_told)
    return found


def _intervals(before: Side, now: Side) -> list[Interval | None]:
    """Intervals of the rise of each group; None for all of too few images."""
    if min(before.num_images, now.num_images) < FEWEST_IMAGES:
        return [None] * len(GROUPS)
    sides = before.poorly, now.poorly
    if np.array_equal(sides[0][1], sides[1][1]):
        return intervals_of_differences(*sides)
    return _of_independent(*sides)


def _of_independent(
    before: tuple[IntArray, IntArray], after: tuple[IntArray, IntArray]
) -> list[Interval | None]:
    """Intervals of how far shares of different images rise.

    Each end lies as far from the difference as the near ends of both intervals do from
    their shares, squares added (Newcombe 1998, method 10; Zou and Donner 2008).
    """
    sides = [intervals_of_shares(*each) for each in (before, after)]
    shares = [
        (part.sum(axis=0) / np.maximum(whole.sum(axis=0), 1)).tolist()
        for part, whole in (before, after)
    ]
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
