"""How bad it is: a grade by the poorly assigned objects, beside COCO val2017.

What is usual is what the same preset does to the 36,780 boxes of val2017, on which most
detectors were designed. A rule with a bar leaves far more objects poorly assigned than
one without, so each preset is compared with itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.presets import read_preset
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics.bootstrap import Interval, intervals_of_shares
from atss_inspect.statistics.summary import (
    EVERYTHING,
    SIZE_BINS,
    Summary,
    split_block_keys,
)
from atss_inspect.statistics.tally import (
    BELOW_QUOTA,
    OBJECTS,
    Group,
    poorly_assigned,
    weighted_count,
)
from atss_inspect.statistics.val2017 import NUM_BOXES, USUAL, USUAL_BELOW_QUOTA

# A smaller group never decides.
ENOUGH_OBJECTS = 30
# Below this the verdict says how thin the evidence is.
FEW_OBJECTS = 300
# Classes whose intervals are computed together.
CLASSES_AT_ONCE = 200


class Grade(StrEnum):
    """How bad it is, from good to bad."""

    FINE = "fine"
    LOOK = "look"
    SERIOUS = "serious"

    @property
    def rank(self) -> int:
        """The larger, the worse."""
        return list(Grade).index(self)


# What the lower end of a share must exceed for a grade, the worst first: so many times
# what is usual, or so large a part of the way from there to 100 % if that is less; and
# a share.
LIMITS = {Grade.SERIOUS: (2, 0.5, 0.05), Grade.LOOK: (1.25, 0.25, 0.02)}


class Graded(NamedTuple):
    """A group of objects, and how bad it is."""

    # what it is one of, ``all``, ``size`` or ``class``; a class may have any name
    by: str
    name: str  # ``all``, the size bin or the class
    counts: Group  # of its objects
    # of the share of poorly assigned objects; None where images are too few
    interval: Interval | None
    usual: float | None  # that share on COCO val2017; None where it is not known
    grade: Grade | None  # None of fewer than `ENOUGH_OBJECTS` objects

    @property
    def share(self) -> float:
        """Share of poorly assigned objects; 0 without objects."""
        return self.counts.poorly_assigned_share or 0.0


@dataclass(frozen=True)
class Judgement:
    """How bad one convention is for some objects."""

    # preset whose shares on val2017 it is compared with; empty where none is known
    usual_of: str
    groups: tuple[Graded, ...]  # all objects first, then those of each size or class
    elongated: Group  # the objects over 4:1 or under 1:4
    is_changed: bool  # whether the settings differ from that preset
    # of a gate, of how many objects have fewer candidates than the quota; at worst
    # worth a look: an object learns from a few points, too
    of_quota: Graded | None = None

    @property
    def grade(self) -> Grade | None:
        """The worst grade of any group; None where there are too few objects."""
        every = (*self.groups, *([self.of_quota] if self.of_quota else ()))
        grades = (one.grade for one in every if one.grade is not None)
        return max(grades, key=lambda grade: grade.rank, default=None)

    @property
    def worst(self) -> Graded | None:
        """The group that decides: of the worst grade, all objects before any part.

        Of parts that with the largest share.
        """
        grade = self.grade
        found = [one for one in self.groups if one.grade == grade is not None]
        return max(
            found, key=lambda one: (one.by == EVERYTHING, one.share), default=None
        )

    @property
    def is_by_shape(self) -> bool:
        """Whether elongated objects, a quarter at most, are half of the poor ones."""
        few, every = self.elongated, self.groups[0].counts
        poorly = few.num_poorly_assigned
        is_most = 0 < every.num_poorly_assigned <= 2 * poorly
        return is_most and 4 * few.num_objects <= every.num_objects

    @property
    def is_thin(self) -> bool:
        """Whether there are hardly enough objects to judge."""
        return self.groups[0].counts.num_objects < FEW_OBJECTS


def judge(
    summary: Summary,
    settings: Settings,
    classes: Mapping[int, str] | None = None,
    *,
    sizes: Sequence[str] = (),
) -> Judgement:
    """Grade what a convention does to all objects, and to those of each size or class.

    Parameters
    ----------
    summary, settings : the convention, and what it does
    classes : index and name of those to grade, which all that have objects are among,
        in place of sizes; a class is compared with as many objects of each size of
        val2017 as it has
    sizes : the only ones looked at, which then are compared with the same of val2017;
        without any, all objects are with all of val2017
    """
    base = _base_of(settings)
    all_usual, *usual = _usual(base.name if base else "", sizes)
    by, parts, names = "size", summary.by_size, list(SIZE_BINS)
    intervals = _of_blocks(counts_by_block(summary), summary)
    if classes is not None:
        rows = np.array(list(classes), np.int64)
        by, parts, names = "class", summary.by_class.taken(rows), [*classes.values()]
        usual = _usual_of_classes(summary, usual, rows)
        intervals = [intervals[0], *_of_classes(summary, rows)]
    groups = (summary.every_object, *parts.groups)
    kinds = (EVERYTHING, *[by] * len(names))
    names = [EVERYTHING, *names]
    every = zip(kinds, names, groups, intervals, (all_usual, *usual), strict=True)
    graded = [Graded(*each, _grade(*each[2:])) for each in every]
    is_changed = base is not None and _deciding(base) != _deciding(settings)
    return Judgement(
        usual_of=base.name if base else "",
        groups=tuple(graded),
        elongated=summary.by_ratio.sum_of([0, -1]),
        is_changed=is_changed,
        of_quota=_of_quota(summary, settings, base) if summary.candidates else None,
    )


def _of_quota(summary: Summary, settings: Settings, base: Settings | None) -> Graded:
    """Grade how many objects have fewer candidates than the quota.

    What is usual is known of the same quota alone.
    """
    every, usual = summary.every_object, None
    if base and base.assigner == settings.assigner:
        usual = USUAL_BELOW_QUOTA.get(base.name)
    blocks = counts_by_block(summary)[:, :1]
    [interval] = intervals_of_shares(
        blocks[..., BELOW_QUOTA],
        blocks[..., OBJECTS],
        int(summary.num_images),
        summary.num_passes,
    )
    below = every._replace(num_unassigned=every.num_below_quota or 0)
    grade = _grade(below, interval, usual) if usual is not None else None
    grade = Grade.LOOK if grade is Grade.SERIOUS else grade
    return Graded(EVERYTHING, EVERYTHING, below, interval, usual, grade)


def _base_of(settings: Settings) -> Settings | None:
    """Preset that settings are to be compared with.

    The one that they start from, unless another is as they are; None of another rule.
    """
    name = settings.extends or settings.name
    base = _preset(name) if name in USUAL else None
    if base and _is_alike(base, settings):
        return base
    # No other rule's is alike: those need not be resolved.
    same = (each for each in USUAL if _rule_name(each) == settings.assigner_name)
    alike = (each for each in map(_preset, same) if _is_alike(each, settings))
    base = next(alike, base)
    return base if base and base.rule is settings.rule else None


_preset = cache(preset)


@cache
def _rule_name(name: str) -> str:
    """Rule of a preset, as its file has it."""
    return str(read_preset(name)["assigner"]["name"])


def _is_alike(one: Settings, other: Settings) -> bool:
    """Whether two conventions assign, and keep, alike; whatever classes they train."""
    if _deciding(one) != _deciding(other):
        return False
    ours, theirs = one.data, other.data
    plain = (replace(each, classes=()) for each in (ours, theirs))
    return len({*plain}) == 1


def _deciding(settings: Settings) -> tuple[object, ...]:
    """What decides how an object is assigned."""
    return settings.resize, settings.anchors, settings.assigner


def _usual(base: str, sizes: Sequence[str]) -> Sequence[float | None]:
    """What is usual for all objects, or all of some sizes, then for each size."""
    if base not in USUAL:
        return [None] * (1 + len(SIZE_BINS))
    usual, numbers = USUAL[base], np.array(NUM_BOXES)
    if not sizes:
        return usual
    numbers[[size not in sizes for size in SIZE_BINS]] = 0
    return [float(numbers @ usual[1:] / numbers.sum()), *usual[1:]]


def _usual_of_classes(
    summary: Summary, usual: Sequence[float | None], rows: IntArray
) -> list[float | None]:
    """What is usual for the objects of some classes, given what is for each size."""
    if None in usual:
        return [None] * len(rows)
    _, category, size = split_block_keys(summary.by_block.keys)
    place = np.zeros(len(summary.by_class.counts), np.int64)
    place[rows] = np.arange(len(rows))
    group, number = place[category] * len(SIZE_BINS) + size, len(rows) * len(SIZE_BINS)
    counts = weighted_count(group, summary.by_block.tally.counts[:, OBJECTS], number)
    counts = counts.reshape(len(rows), len(SIZE_BINS))
    shares = counts @ np.array(usual, np.float64) / np.maximum(counts.sum(axis=1), 1)
    found: list[float | None] = shares.tolist()
    return found


def _grade(
    group: Group, interval: Interval | None, usual: float | None
) -> Grade | None:
    """Grade a group; without an interval what were serious is worth a look."""
    if group.num_objects < ENOUGH_OBJECTS:
        return None
    lowest = interval.low if interval else group.poorly_assigned_share or 0.0
    common = usual or 0.0
    for grade, (times, part, share) in LIMITS.items():
        if lowest > max(share, min(times * common, common + part * (1 - common))):
            if interval:
                return grade
            return Grade.LOOK if grade is Grade.SERIOUS else Grade.FINE
    return Grade.FINE


def _of_classes(summary: Summary, rows: IntArray) -> list[Interval | None]:
    """Intervals of some classes; None of those of few objects."""
    found: list[Interval | None] = [None] * len(rows)
    enough = ENOUGH_OBJECTS * summary.num_passes
    large = np.flatnonzero(summary.by_class.counts[rows, OBJECTS] >= enough)
    # Draws of all at once may be more than fits into memory.
    for places in np.array_split(large, -(-len(large) // CLASSES_AT_ONCE) or 1):
        some = _of_blocks(summary.block_classes(rows[places]), summary)
        for place, interval in zip(places.tolist(), some, strict=True):
            found[place] = interval
    return found


def counts_by_block(summary: Summary) -> IntArray:
    """Counts of each block of images, of all objects and of each size.

    Returns
    -------
    (B, 5, 5) int64, the columns of `Tally.counts`
    """
    counts = summary.block_sizes
    return np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)


def _of_blocks(blocks: IntArray, summary: Summary) -> list[Interval | None]:
    """Intervals of the shares of poorly assigned objects; ``blocks`` is (B, N, 5)."""
    return intervals_of_shares(
        poorly_assigned(blocks),
        blocks[..., OBJECTS],
        int(summary.num_images),
        summary.num_passes,
    )
