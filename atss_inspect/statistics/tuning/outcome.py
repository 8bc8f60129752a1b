"""What tuning comes to: rows of price and poorly assigned objects, and a proposal.

Nothing is proposed that the assigner has not judged on all images, nor what does not
help the images that it was not tuned on.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from atss_inspect.settings import Settings
from atss_inspect.statistics.advice import (
    GAIN_OF_ALL,
    GAIN_OF_SIZE,
    LOSS_OF_SIZE,
    Difference,
    Effect,
    Gain,
    Measure,
    has_same_bar,
    losers,
)
from atss_inspect.statistics.bootstrap import FEWEST_IMAGES
from atss_inspect.statistics.grades import Grade, judge
from atss_inspect.statistics.price import Price
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.sweep import keeps_objects, price_per_image
from atss_inspect.statistics.tally import Group
from atss_inspect.statistics.tuning.objective import Guard
from atss_inspect.statistics.tuning.study import WHOLE, Evaluation

if TYPE_CHECKING:
    import pandas as pd

MOST_ROWS = 6
# Below this the evidence is thin, and below that there is none.
THIN, FEWEST_OBJECTS = 1000, 300
# The part of a gain that must carry over to the other half of the images.
CARRIED = 0.5


class Carried(NamedTuple):
    """Objects of one half of the images, under settings tuned on the other half."""

    before: Group  # under today's settings
    after: Group
    own: Group  # tuned on all images
    settings: Settings  # those tuned on the other half

    @classmethod
    def of(cls, half: Mapping[Settings, Summary], *asked: Settings) -> "Carried":
        """Take today's settings, those tuned on the other half, and on all images."""
        before, after, own = (half[one].every_object for one in asked)
        return cls(before, after, own, asked[1])


class HeldBack(NamedTuple):
    """Settings that gain on the sample, but not for all sizes."""

    settings: Settings
    before: float  # share of poorly assigned objects of the sample, and after
    after: float
    losers: tuple[str, ...]  # sizes


class Outcome(Enum):
    """Whether there is something to propose, and if not, why."""

    CHANGE = "change"
    FEW_IMAGES = "few images"  # to tell a gain from chance
    NO_GAIN = "no gain"
    FINE = "fine"  # there is one, but nothing needs changing
    SOME_LOSE = "some lose"
    WITHHELD = "withheld"  # a gain does not carry over to the other half


@dataclass(frozen=True)
class TunedRow:
    """The best settings of one rung, judged on all images."""

    rung: str
    settings: Settings
    summary: Summary
    price: Price  # of the average image, as a multiple of today's
    effect: Effect  # beside today's settings
    carried: tuple[Carried, ...]  # of the second half, then of the first
    at_todays_bar: Summary  # with today's bar and floor, where these were turned

    @property
    def order(self) -> tuple[float, ...]:
        """Shares that are to be small, the one that decides first."""
        every = self.summary.every_object
        shares = every.poorly_assigned_share, every.missing_to_need
        return tuple(each or 0.0 for each in shares)

    @property
    def gain(self) -> Gain | None:
        """What makes it worth its price; None where it is not."""
        return self.effect.gain

    @property
    def measure(self) -> Measure:
        """What it gains by; without a gain what decides first."""
        return self.gain.measure if self.gain else self.effect.measures[0][0]

    @property
    def difference(self) -> Difference:
        """How far that changes among all objects."""
        return dict(self.effect.measures)[self.measure][0]

    @property
    def holds(self) -> bool:
        """Whether half of its gain at least carries over, in both directions."""
        measure, least = self.measure, max(-self.difference.change * CARRIED, 0.0)
        falls = [
            (measure.share_of(one.before) or 0.0) - (measure.share_of(one.after) or 0.0)
            for one in self.carried
        ]
        return min(falls) >= least > 0


@dataclass(frozen=True)
class Tuning:
    """Rows that were judged on all images, and what to make of them.

    Examples
    --------
    >>> from atss_inspect import load_coco, preset, tune
    >>> dataset = load_coco("sample_data/instances.json")
    >>> tuning = tune(dataset, preset("retinanet-mmdet"), free_only=True)
    >>> tuning.outcome.value, tuning.proposal is None
    ('change', False)
    """

    today: Settings
    before: Summary  # what these do to all images
    rows: tuple[TunedRow, ...]  # in the order of the ladder
    evaluations: tuple[Evaluation, ...]  # everything that was tried
    budget: float  # most multiply-adds of a proposal, as a multiple of today's
    not_tried: tuple[str, ...] = ()  # rungs left when it was stopped

    @property
    def is_thin(self) -> bool:
        """Whether there are few objects to choose settings by."""
        return self.before.num_objects < THIN

    @property
    def has_other_bars(self) -> bool:
        """Whether a row that is shown says otherwise which anchors are good."""
        rule, params = self.today.rule, self.today.assigner
        knobs = rule.threshold_knobs(params) + rule.floor_knobs(params)
        paths = knobs.changes([min(knob.values) for knob in knobs.each])
        today = self.today.values()
        shown = (one.settings.values() for one in self.front)
        return any(own[path] != today[path] for own in shown for path in paths)

    @property
    def num_tried(self) -> int:
        """How many settings were looked at."""
        return len({one.settings for one in self.evaluations})

    @cached_property
    def is_fine(self) -> bool:
        """Whether nothing needs changing."""
        return judge(self.before, self.today).grade is Grade.FINE

    @cached_property
    def affordable(self) -> list[TunedRow]:
        """Rows with the same objects that cost no more than the budget, best first."""
        within = self.budget * (1 + 1e-9)
        rows = [one for one in self.comparable if one.price.multiply_adds <= within]
        return sorted(rows, key=lambda one: (*one.order, one.price.multiply_adds))

    @property
    def best(self) -> TunedRow | None:
        """The best of them that gains anything."""
        return next((one for one in self.affordable if one.gain), None)

    @property
    def comparable(self) -> list[TunedRow]:
        """Rows that change something, and which objects are kept not."""
        return [
            one
            for one in self.rows
            if one.settings != self.today and keeps_objects(self.before, one.summary)
        ]

    @cached_property
    def proposal(self) -> TunedRow | None:
        """The best that holds and is worth a change at no more than the budget."""
        return next(
            (one for one in self.affordable if self._is_worth(one) and one.holds), None
        )

    def _is_worth(self, row: TunedRow) -> bool:
        """Whether a row is worth a change, more so where nothing needs changing."""
        return row.effect._replace(is_fine=self.is_fine).gain is not None

    @cached_property
    def outcome(self) -> Outcome:
        """Whether there is a proposal, else what speaks against the best row."""
        if self.proposal is not None:
            return Outcome.CHANGE
        if self.before.num_images < FEWEST_IMAGES:
            return Outcome.FEW_IMAGES
        if self.best is not None:
            return Outcome.FINE if self.best.holds else Outcome.WITHHELD
        pays = any(one.effect.gain_others_pay for one in self.affordable)
        if pays or self.held_back:
            return Outcome.SOME_LOSE
        return Outcome.NO_GAIN

    @cached_property
    def held_back(self) -> HeldBack | None:
        """What gains most in the budget, but that some size loses; None if little.

        It gains `GAIN_OF_SIZE` more than any row, by the same bar.
        """
        guard, before = Guard.of(self.today), self._todays[WHOLE].summary
        found = list[HeldBack]()
        for one in self.evaluations:
            rises = guard.rises(before, one.summary).items()
            losing = tuple(name for name, rise in rises if rise > LOSS_OF_SIZE)
            if (
                losing
                and one.images == WHOLE
                and self.price_of(one).multiply_adds <= self.budget * (1 + 1e-9)
                and has_same_bar(one.settings, self.today)
                and keeps_objects(before, one.summary)
            ):
                after = _poorly(one.summary)
                found.append(HeldBack(one.settings, _poorly(before), after, losing))
        best = min(found, key=lambda one: one.after, default=None)
        least = GAIN_OF_SIZE + max(self.largest_fall, 0.0)
        return best if best and best.before - best.after >= least else None

    @cached_property
    def _todays(self) -> dict[str, Evaluation]:
        """Today's settings on each set of images."""
        own = (one for one in self.evaluations if one.settings == self.today)
        return {one.images: one for one in own}

    def price_of(self, tried: Evaluation) -> Price:
        """Price of what was tried, as a multiple of today's on the same images."""
        both = tried, self._todays[tried.images]
        own, today = (price_per_image(one.settings, one.summary) for one in both)
        return own.relative_to(today)

    @property
    def largest_fall(self) -> float:
        """How far the share of poorly assigned objects falls at most in the budget."""
        falls = (-one.effect.poorly[0].change for one in self.affordable)
        return max(falls, default=0.0)

    @cached_property
    def front(self) -> tuple[TunedRow, ...]:
        """Rows that hold, by price: each has fewer poorly assigned than all cheaper.

        What costs more than today must be lower by `advice.GAIN_OF_ALL` than the next
        cheaper row. Of more than `MOST_ROWS` those that gain least are left out.
        """
        own, found = self.proposal, list[TunedRow]()
        key = lambda one: (one.price.multiply_adds, *one.order)  # noqa: E731
        for one in sorted(self.comparable, key=key):
            is_good = one.gain and not one.measure.is_missing and one.holds
            is_lower = not found or one.order[0] < found[-1].order[0] - GAIN_OF_ALL
            if one is own or (is_good and is_lower):
                found.append(one)
        while len(found) > MOST_ROWS:
            steps = [
                (one.order[0] - other.order[0], place)
                for place, (one, other) in enumerate(itertools.pairwise(found), 1)
                if other is not own
            ]
            del found[min(steps)[1]]
        return tuple(found)

    @cached_property
    def perhaps_chance(self) -> tuple[TunedRow, ...]:
        """Rows with fewer poorly assigned objects than those shown, the fewest first.

        They hold and are worth their price, but for chance, which so many rows make.
        """
        least = min((one.order[0] for one in self.front), default=_poorly(self.before))
        found = [
            one
            for one in self.comparable
            if one.order[0] < least - GAIN_OF_ALL
            and not one.gain
            and one.holds
            and not losers(one.effect.poorly)
            and -one.difference.change
            >= GAIN_OF_ALL * max(one.price.multiply_adds, 1.0)
        ]
        return tuple(sorted(found, key=lambda one: one.order))

    def named(self) -> dict[str, TunedRow]:
        """Rows of the front by their letters: A, B, ..."""
        return dict(zip("ABCDEFG", self.front, strict=False))

    def _repr_html_(self) -> str:
        from atss_inspect.statistics.shown import tuning_html

        return tuning_html(self)

    def to_frame(self) -> "pd.DataFrame":
        """Everything that was tried, a row each; see docs/tune.md."""
        from atss_inspect.statistics.tuning.frame import evaluations_frame

        return evaluations_frame(self)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand `to_frame` to pyarrow, polars, DuckDB and the like; needs pyarrow."""
        return self.to_frame().__arrow_c_stream__(requested_schema)


def _poorly(summary: Summary) -> float:
    return summary.every_object.poorly_assigned_share or 0.0
