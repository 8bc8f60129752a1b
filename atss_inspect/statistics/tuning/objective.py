"""What the search makes small: positives that objects lack, and no size that pays.

Settings are judged by the assigner itself: what counts are positives at or above the
bar, so that low-quality matches do not count. The shape of boxes alone ranks settings
wrongly.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from atss_inspect.annotations.augment import MANY_OBJECTS, AugmentRule, drawn_sides
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.knobs import Knobs
from atss_inspect.settings import Settings
from atss_inspect.statistics.bootstrap import images_per_block
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import Selection, Summary
from atss_inspect.statistics.tally import NEED
from atss_inspect.statistics.variants import summarize_variants, variants_of

# Breaks ties between settings that leave nobody short.
_GINI = 0.01
# What a size may lose, and how much each point beyond counts.
GUARD, _PENALTY = 0.01, 2.0
_MOST_SIDES = 5  # that are searched over, of those that training draws


@dataclass(frozen=True)
class Ways:
    """How settings are looked for."""

    need: int = NEED  # positives that an object needs
    selection: Selection = field(default_factory=Selection)
    as_trained: bool = False  # judge an average pass over what training draws
    thresholds: bool = False  # turn what says which anchors are good, too
    # called before each piece of work, in whatever process; ends it by what it raises
    tick: Callable[[], None] | None = None

    def knobs(self, settings: Settings) -> Knobs:
        """List what may be turned of settings at no cost."""
        rule, params = settings.rule, settings.assigner
        knobs = rule.knobs(params, settings.anchors)
        return knobs + rule.threshold_knobs(params) if self.thresholds else knobs

    def floor_knobs(self, settings: Settings) -> Knobs:
        """List what is turned last, by what low-quality matches do."""
        knobs = settings.rule.floor_knobs(settings.assigner)
        return knobs if self.thresholds else Knobs()

    def count(
        self, dataset: Dataset, settings: Sequence[Settings], **options: Any
    ) -> tuple[Summary, ...]:
        """Count as `run.summarize`, or in an average pass; ``options`` are its own."""
        options |= {"need": self.need, "selection": self.selection}
        if not self.as_trained:
            return summarize(dataset, settings, **options)
        every = [variants_of(one, dataset.num_objects) for one in settings]
        found = summarize_variants(dataset, every, **options)
        return tuple(one.average for one in found)


def sketched(settings: Settings) -> Settings:
    """The same with a few of its short sides and no flip, to search over."""
    sides = [
        side
        for side in drawn_sides(settings.augment, MANY_OBJECTS + 1)
        if side is not None
    ]
    number = min(len(sides), _MOST_SIDES)
    places = ((2 * n + 1) * len(sides) // (2 * number) for n in range(number))
    few = AugmentRule(short_sides=tuple(sides[place] for place in places))
    return replace(settings, augment=few)


def without_low_quality(settings: Settings) -> Settings:
    """The same without low-quality matches, where the rule has them.

    Its positives are those at or above the bar, and objects without one are the poorly
    assigned ones.
    """
    unforced = settings.rule.unforced(settings.assigner)
    return settings if unforced is None else replace(settings, assigner=unforced)


def shortfall(summary: Summary) -> float:
    """Mean part of their need that objects lack, and a little of the Gini."""
    lacking = summary.every_object.missing_to_need or 0.0
    return float(lacking + _GINI * (summary.gini or 0.0))


def guarded(before: Summary, after: Summary) -> float:
    """Shortfall, and a penalty for each size that lacks more than before."""
    found = shortfall(after)
    for one, other in zip(before.by_size.groups, after.by_size.groups, strict=True):
        if one.num_objects >= ENOUGH_OBJECTS:
            rise = (other.missing_to_need or 0.0) - (one.missing_to_need or 0.0)
            found += _PENALTY * max(0.0, rise - GUARD)
    return found


def without_any(_before: Summary, after: Summary) -> float:
    """Objects without a positive, twice, and those with low-quality matches only.

    For the floor of these matches: a match is better than none, but takes anchors from
    others.
    """
    every = after.every_object
    return (every.poorly_assigned_share or 0.0) + (every.unassigned_share or 0.0)


@dataclass
class Judge:
    """Asks the assigner about settings, each once, on one set of images."""

    dataset: Dataset
    ways: Ways = field(default_factory=Ways)
    is_forced: bool = False  # with low-quality matches
    summaries: dict[Settings, Summary] = field(default_factory=dict)

    def ask(self, settings: Iterable[Settings]) -> list[Summary]:
        """Summaries of settings, without low-quality matches unless they are wanted."""
        every = list(settings)
        if new := [one for one in dict.fromkeys(every) if one not in self.summaries]:
            if self.ways.tick:
                self.ways.tick()
            plain = new if self.is_forced else map(without_low_quality, new)
            asked = map(sketched, plain) if self.ways.as_trained else plain
            found = self.ways.count(self.dataset, tuple(asked))
            few = (one.without_parts() for one in found)
            self.summaries.update(zip(new, few, strict=True))
        return [self.summaries[one] for one in every]


def sample(dataset: Dataset, most: int, part: int | None = None) -> Dataset:
    """Take whole blocks of neighboring images with about so many objects.

    ``part`` 0 or 1 takes every second block: frames of a film are twins, and images
    drawn one by one would have one in each half.
    """
    size = images_per_block(dataset.num_images)
    number = -(-dataset.num_images // size)
    blocks = np.arange(number) if part is None else np.arange(part, number, 2)
    bounds = np.minimum(np.arange(number + 1) * size, dataset.num_images)
    objects = np.diff(dataset.object_offsets[bounds])[blocks]
    share = min(most / max(int(objects.sum()), 1), 1.0)
    # Evenly over the file, the first block always.
    wanted = np.floor(np.arange(len(blocks)) * share)
    blocks = blocks[np.diff(wanted, prepend=-1) > 0]
    if len(blocks) == number:
        return dataset
    rows = np.arange(dataset.num_images)
    return dataset.select_images(rows[np.isin(rows // size, blocks)])
