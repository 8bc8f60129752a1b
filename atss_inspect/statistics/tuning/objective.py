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
from atss_inspect.arrays import IntArray
from atss_inspect.assigners.knobs import Knobs
from atss_inspect.settings import Settings
from atss_inspect.statistics.advice import LOSS_OF_SIZE
from atss_inspect.statistics.bootstrap import images_per_block
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS, Selection, Summary
from atss_inspect.statistics.tally import NEED
from atss_inspect.statistics.variants import summarize_variants, variants_of

# Breaks ties between settings that leave nobody short.
_GINI = 0.01
# What a size may lose, and how much each point beyond counts: half of what is held
# against a row (`advice.LOSS_OF_SIZE`), since a sample tells of all images roughly.
GUARD, _PENALTY = LOSS_OF_SIZE / 2, 2.0
# Parts of the file of which the odd ones are one half, the even ones the other.
_PARTS = 4
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
        knobs = rule.free_knobs(params, settings.anchors)
        return knobs + rule.threshold_knobs(params) if self.thresholds else knobs

    def floor_knobs(self, settings: Settings) -> Knobs:
        """List what is turned last, by what low-quality matches do."""
        knobs = settings.rule.floor_knobs(settings.assigner)
        return knobs if self.thresholds else Knobs()

    def at_bar_of(self, today: Settings, settings: Settings) -> Settings:
        """The same with today's bar and floor, where these may be turned."""
        if (
            not self.thresholds
            or not settings.rule.threshold_knobs(today.assigner).each
        ):
            return settings
        return replace(settings, assigner=today.assigner)

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


@dataclass(frozen=True)
class Guard:
    """Lets no size lose by what rows are judged by.

    That is the share of poorly assigned objects, and without a bar also what is missing
    to their need; see `advice.Effect.gain`.
    """

    has_bar: bool = True
    is_strict: bool = True  # not on halves, where one object more is points of a size

    @classmethod
    def of(cls, settings: Settings, *, is_strict: bool = True) -> "Guard":
        """Take the measures that rows of a rule are judged by."""
        has_bar = settings.rule.unforced(settings.assigner) is not None
        return cls(has_bar, is_strict)

    def rises(self, before: Summary, after: Summary) -> dict[str, float]:
        """How much each size of `grades.ENOUGH_OBJECTS` objects or more loses."""
        found = {}
        for name, *pair in zip(
            SIZE_BINS, before.by_size.groups, after.by_size.groups, strict=True
        ):
            lacks = [(one.missing_to_need or 0.0) for one in pair]
            poorly = [(one.poorly_assigned_share or 0.0) for one in pair]
            rise = poorly[1] - poorly[0]
            if pair[0].num_objects >= ENOUGH_OBJECTS:
                found[name] = rise if self.has_bar else max(rise, lacks[1] - lacks[0])
        return found

    def cost(self, before: Summary, after: Summary) -> float:
        """Shortfall, and a penalty for each size that loses: what is made small."""
        return shortfall(after) + sum(self._excess(before, after))

    def shown(self, before: Summary, after: Summary) -> float:
        """Poorly assigned objects, by which the best that was seen are compared.

        Where it is strict, what makes a size lose comes after all that does not.
        """
        excess = self._excess(before, after)
        poorly = after.every_object.poorly_assigned_share or 0.0
        return poorly + (len(excess) if self.is_strict else sum(excess))

    def _excess(self, before: Summary, after: Summary) -> list[float]:
        """Penalties of those sizes that lose."""
        rises = self.rises(before, after).values()
        return [_PENALTY * (one - GUARD) for one in rises if one > GUARD]


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


def halves(num_images: int) -> IntArray:
    """Half, 0 or 1, that each of the B blocks of neighboring images is in; (B,) int64.

    Frames of a film are twins: of single blocks in turn both halves would have some of
    each film. Of two parts each half would have but one end of the file.
    """
    number = -(-num_images // images_per_block(num_images))
    return np.arange(number) * _PARTS // number % 2


def sample(dataset: Dataset, most: int, part: int | None = None) -> Dataset:
    """Take whole blocks of neighboring images with about so many objects.

    ``part`` 0 or 1 takes those of one half.
    """
    size = images_per_block(dataset.num_images)
    number = -(-dataset.num_images // size)
    half = halves(dataset.num_images)
    blocks = np.flatnonzero((half == part) | (part is None))
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
