"""One rung: its knobs turned on a sample, and on each half of the images alone.

It is one piece of work, for this process or another one; where the clock stops it does
not matter to its answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import build_frame
from atss_inspect.assigners.knobs import Knobs
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.tuning.ladder import Rung
from atss_inspect.statistics.tuning.objective import (
    Guard,
    Judge,
    Ways,
    sample,
    shortfall,
    without_any,
)
from atss_inspect.statistics.tuning.search import Search, Values

# Objects that are searched on; of 300 one answer of three was worse than none.
SAMPLE = 4000
# What is looked at: a sample of all images, and of each half of them.
WHOLE = "sample"
PIECES = (WHOLE, "sample of first half", "sample of second half")
# On what it is judged.
JUDGED = ("all", "first half", "second half")


class Evaluation(NamedTuple):
    """Settings that were tried on some of the images."""

    rung: str
    images: str  # of `PIECES`, or of `JUDGED`
    settings: Settings
    summary: Summary  # without low-quality matches, unless judged or for the floor
    shortfall: float  # `objective.shortfall`


class Searched(NamedTuple):
    """Settings that a rung comes to on a sample, and on each half alone."""

    whole: Settings
    halves: tuple[Settings, ...]
    values: tuple[Mapping[str, float], ...]  # of the knobs by name, on each piece
    evaluations: tuple[Evaluation, ...]


@dataclass(frozen=True)
class Study:
    """What each rung is searched on."""

    today: Settings
    pieces: tuple[Dataset, ...]  # the sample, then one of each half
    ways: Ways

    @classmethod
    def of(cls, dataset: Dataset, today: Settings, ways: Ways) -> "Study":
        """Take samples of a data set, whole blocks of neighboring images."""
        pieces = [sample(dataset, SAMPLE, part) for part in (None, 0, 1)]
        return cls(today, tuple(pieces), ways)

    def search(
        self, rung: Rung, start: Sequence[Mapping[str, float]] = ({}, {}, {})
    ) -> Searched:
        """Turn the knobs of a rung on each piece, which know nothing of each other.

        ``start`` are values to try first, of each piece.
        """
        knobs = self.ways.knobs(rung.base)
        names = [knob.name for knob in knobs.each]
        values, settings, evaluations = [], [], list[Evaluation]()
        for images, piece, own in zip(PIECES, self.pieces, start, strict=True):
            judge = Judge(piece, self.ways)
            forced = Judge(piece, self.ways, is_forced=True)
            [before] = judge.ask([self.today])
            starts = _values_of(knobs, own), *_second_start(knobs, rung.base, piece)
            guard = Guard.of(self.today, is_strict=images == WHOLE)
            wanted = guard.cost, guard.shown
            found = Search(rung.base, knobs, judge, before, *wanted).run(starts)
            values.append(dict(zip(names, found.values, strict=True)))
            settings.append(self._with_floor(found.settings, forced))
            evaluations += (
                Evaluation(rung.name, images, *one, shortfall(one[1]))
                for each in (judge, forced)
                for one in each.summaries.items()
            )
        whole, *halves = settings
        return Searched(whole, tuple(halves), tuple(values), tuple(evaluations))

    def _with_floor(self, settings: Settings, judge: Judge) -> Settings:
        """Turn the floor of low-quality matches, which nothing else goes by."""
        knobs = self.ways.floor_knobs(settings)
        if not knobs.each:
            return settings
        [before] = judge.ask([settings])
        search = Search(settings, knobs, judge, before, without_any, None)
        return search.run([(0.0,)]).settings  # none, which a walk may not come to


def _second_start(knobs: Knobs, base: Settings, piece: Dataset) -> list[Values]:
    """Values near the sizes and ratios of the objects, for anchors with ratios.

    From the preset alone the search may stop where larger ratios do not pay yet.
    """
    every = slice(0, piece.num_images)
    boxes = build_frame(piece, every, base.data, base.resize).gt_boxes
    if not len(boxes):
        return []
    wide, high = (boxes[:, 2:] - boxes[:, :2]).T
    medians = np.median(np.sqrt(wide * high)), np.median(high / wide)
    wanted = knobs.start(*map(float, medians))
    near = {
        knob.name: min(knob.values, key=lambda one: abs(one - wanted[knob.name]))
        for knob in knobs.each
        if knob.name in wanted
    }
    return [_values_of(knobs, near)] if near else []


def _values_of(knobs: Knobs, named: Mapping[str, float]) -> Values:
    """Values of knobs by their names; today's of the others."""
    return tuple(named.get(knob.name, knob.value) for knob in knobs.each)
