"""How far shares of poorly assigned objects have risen from one data set to another.

The images need not be the same. A rise is judged by its interval: where most blocks of
images are the same on both sides, of the same draws of blocks for both; else the shares
are independent, and their two intervals are put together.
"""

import itertools
import zlib
from collections.abc import Sequence
from fractions import Fraction
from math import hypot
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import IntArray
from atss_inspect.statistics import bootstrap
from atss_inspect.statistics.bootstrap import Interval
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.summary import COCO_SMALL, EVERYTHING, SIZE_BINS, Summary
from atss_inspect.statistics.tally import (
    BELOW_QUOTA,
    OBJECTS,
    Group,
    exact_share,
    poorly_assigned,
)

GROUPS = (EVERYTHING, *SIZE_BINS, COCO_SMALL)


class Side(NamedTuple):
    """What one convention does to the objects of one data set."""

    num_images: int
    # (B, 4, 5) counts of blocks by size, the first columns of `Tally.counts`
    sizes: IntArray
    images: Sequence[int] = ()  # `image_digests` of the data

    @classmethod
    def of(cls, summary: Summary, dataset: Dataset) -> "Side":
        """Take the counts of a summary, and what tells blocks of images apart."""
        sizes = summary.block_sizes[..., :BELOW_QUOTA]
        return cls(summary.num_images, sizes, image_digests(dataset))

    @property
    def blocks(self) -> IntArray:
        """Counts of blocks of each of `GROUPS`; (B, 6, 5)."""
        sums = (self.sizes[:, :n].sum(axis=1, keepdims=True) for n in (4, 2))
        every, coco_small = sums
        return np.concatenate([every, self.sizes, coco_small], axis=1)

    def has_images_of(self, other: "Side") -> bool:
        """Whether most blocks are of the same images, whatever objects they hold."""
        pairs = zip(self.images, other.images, strict=False)
        num_same = sum(one == two for one, two in pairs)
        return 2 * num_same > max(len(self.images), len(other.images))


def image_digests(dataset: Dataset) -> list[int]:
    """CRC-32 of the ids and file names of the images of each block."""
    step = bootstrap.images_per_block(dataset.num_images)
    names = zip(dataset.image_ids.tolist(), dataset.file_names.tolist(), strict=True)
    texts = [repr(name).encode() for name in names]
    return [
        zlib.crc32(b"".join(texts[start : start + step]))
        for start in range(0, len(texts), step)
    ]


def side_by_side(*blocks: IntArray) -> list[IntArray]:
    """Pad counts to as many blocks each; those at the end may be empty."""
    most = max(map(len, blocks))
    return [np.pad(one, ((0, most - len(one)), (0, 0), (0, 0))) for one in blocks]


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

    def widened(self, looks: int) -> "Rise":
        """The same where it is one of so many that are looked at."""
        if self.interval is None or self.change is None:
            return self
        return self._replace(interval=self.interval.widened(self.change, looks))


def rises(before: Side, now: Side) -> dict[str, Rise]:
    """Compare all objects, those of each size, and what COCO calls small."""
    is_same = before.has_images_of(now)
    blocks = [before.blocks, now.blocks]
    blocks = side_by_side(*blocks) if is_same else blocks
    # Poorly assigned objects of each block, and all of them.
    one, other = ((poorly_assigned(each), each[..., OBJECTS]) for each in blocks)
    intervals: Sequence[Interval | None] = [None] * len(GROUPS)
    numbers = before.num_images, now.num_images
    if min(numbers) >= bootstrap.FEWEST_IMAGES:
        intervals = (
            bootstrap.intervals_of_differences(one, other)
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
    sides = [bootstrap.intervals_of_shares(*each, number) for each, number in both]
    shares = [bootstrap.shares_of(*each).tolist() for each in counts]
    found: list[Interval | None] = []
    for old, new, first, second in zip(*shares, *sides, strict=True):
        if first is None or second is None:
            found.append(None)
            continue
        low = new - old - hypot(new - second.low, first.high - old)
        high = new - old + hypot(second.high - new, old - first.low)
        found.append(Interval(low, high))
    return found
