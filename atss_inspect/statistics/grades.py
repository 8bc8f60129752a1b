"""How bad it is: a grade by the poorly assigned objects, beside COCO val2017.

What is usual is what the same preset does to the 36,780 boxes of val2017, on which most
detectors were designed. A rule with a bar leaves far more objects poorly assigned than
one without, so each preset is compared with itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.settings import Settings
from atss_inspect.statistics.bootstrap import (
    FEWEST_IMAGES,
    Interval,
    intervals_of_shares,
)
from atss_inspect.statistics.summary import SIZE_BINS, Summary, split_block_keys
from atss_inspect.statistics.tally import Group, Tally
from atss_inspect.statistics.val2017 import USUAL

EVERYTHING = "all"
# A smaller group never decides.
ENOUGH_OBJECTS = 30
# Below this the verdict says how thin the evidence is.
FEW_OBJECTS = 300


class Grade(StrEnum):
    """How bad it is, from good to bad."""

    FINE = "fine"
    LOOK = "look"
    SERIOUS = "serious"

    @property
    def rank(self) -> int:
        """The larger, the worse."""
        return list(Grade).index(self)


class Bounds(NamedTuple):
    """What the lower end of a share must exceed: both, for the grade."""

    times_usual: float
    share: float


# The worst grade first.
LIMITS = {Grade.SERIOUS: Bounds(2, 0.05), Grade.LOOK: Bounds(1.25, 0.02)}


class Graded(NamedTuple):
    """A group of objects, and how bad it is.

    Attributes
    ----------
    by : what it is one of, ``all``, ``size`` or ``class``; a class may have any name
    name : ``all``, the size bin or the class
    counts : of its objects
    interval : of the share of poorly assigned objects; None where images are too few
    usual : that share on COCO val2017; None where it is not known
    grade : None of fewer than `ENOUGH_OBJECTS` objects
    """

    by: str
    name: str
    counts: Group
    interval: Interval | None
    usual: float | None
    grade: Grade | None

    @property
    def share(self) -> float:
        """Share of poorly assigned objects; 0 without objects."""
        return self.counts.poorly_assigned_share or 0.0


@dataclass(frozen=True)
class Judgement:
    """How bad one convention is for some objects.

    Attributes
    ----------
    usual_of : preset whose shares on val2017 it is compared with; empty where none is
        known
    groups : all objects first, then those of each size or class
    """

    usual_of: str
    groups: tuple[Graded, ...]

    @property
    def grade(self) -> Grade | None:
        """The worst grade of any group; None where there are too few objects."""
        grades = (one.grade for one in self.groups if one.grade is not None)
        return max(grades, key=lambda grade: grade.rank, default=None)

    @property
    def worst(self) -> Graded | None:
        """The group that decides: of the worst grade, all objects before any part.

        Of parts that with the largest share.
        """
        found = [one for one in self.groups if one.grade == self.grade is not None]
        return max(
            found, key=lambda one: (one.by == EVERYTHING, one.share), default=None
        )

    @property
    def is_thin(self) -> bool:
        """Whether there are hardly enough objects to judge."""
        return self.groups[0].counts.num_objects < FEW_OBJECTS


def judge(
    summary: Summary, settings: Settings, class_names: Sequence[str] = ()
) -> Judgement:
    """Grade what a convention does to all objects, and to those of each size or class.

    Parameters
    ----------
    summary, settings : the convention, and what it does
    class_names : of the C classes, to grade these and not sizes; a class is compared
        with all objects of val2017
    """
    usual_of = settings.extends or settings.name
    usual: Sequence[float | None] = USUAL.get(usual_of) or [None] * 5
    blocks = counts_by_block(summary, len(class_names))
    intervals = poorly_assigned_intervals(blocks, summary.num_images)
    by = "class" if class_names else "size"
    parts = list(zip(SIZE_BINS, summary.by_size.groups, usual[1:], strict=True))
    if class_names:
        parts = [
            (name, group, usual[0])
            for name, group in zip(class_names, summary.by_class.groups, strict=True)
        ]
    every = [(EVERYTHING, summary.every_object, usual[0]), *parts]
    kinds = (EVERYTHING, *[by] * len(parts))
    groups = [
        Graded(kind, name, group, interval, its, _grade(group, interval, its))
        for kind, (name, group, its), interval in zip(
            kinds, every, intervals, strict=True
        )
    ]
    return Judgement(usual_of if usual_of in USUAL else "", tuple(groups))


def _grade(
    group: Group, interval: Interval | None, usual: float | None
) -> Grade | None:
    """Grade a group; without an interval what were serious is worth a look."""
    if group.num_objects < ENOUGH_OBJECTS:
        return None
    lowest = interval.low if interval else group.poorly_assigned_share or 0.0
    for grade, limit in LIMITS.items():
        if lowest > limit.share and lowest > limit.times_usual * (usual or 0.0):
            if interval:
                return grade
            return Grade.LOOK if grade is Grade.SERIOUS else Grade.FINE
    return Grade.FINE


def counts_by_block(summary: Summary, num_classes: int = 0) -> IntArray:
    """Counts of each block of images, of all objects and of each size or class.

    Returns
    -------
    (B, 1 + N, 5) int64, the columns of `Tally.counts`; N is the number of classes, or
    of sizes where ``num_classes`` is 0
    """
    block, category, size = split_block_keys(summary.by_block.keys)
    number, part = (num_classes, category) if num_classes else (len(SIZE_BINS), size)
    num_blocks = int(block.max(initial=0)) + 1
    tally: Tally = summary.by_block.summed(block * number + part, num_blocks * number)
    counts = tally.counts.reshape(num_blocks, number, -1)
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)


def poorly_assigned_intervals(
    blocks: IntArray, num_images: int
) -> list[Interval | None]:
    """Intervals of the shares of poorly assigned objects of N groups.

    ``blocks`` are those of `counts_by_block`; None for all where there are fewer than
    `bootstrap.FEWEST_IMAGES` images.
    """
    if num_images < FEWEST_IMAGES:
        return [None] * blocks.shape[1]
    return intervals_of_shares(blocks[..., 2] + blocks[..., 3], blocks[..., 0])
