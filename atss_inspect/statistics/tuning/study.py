"""One rung: its knobs turned on a sample, and on each half of the images alone.

It is one piece of work, for this process or another one; where the clock stops it does
not matter to its answer.
"""

from collections.abc import Mapping
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
    Judge,
    Ways,
    sample,
    shortfall,
    without_any,
)
from atss_inspect.statistics.tuning.search import Search, Values

# Objects that are searched on; of 300 one answer of three was worse than none.
SAMPLE = 4000
# What was looked at: a sample, and samples of every second block of images.
WHOLE, HALVES = "sample", ("first half", "second half")


class Evaluation(NamedTuple):
    """Settings that were tried on some of the images."""

    rung: str
    # ``sample``, ``first half``, ``second half`` or ``all``; the first three with
    # ``, floor`` where low-quality matches count
    images: str
    settings: Settings
    summary: Summary  # but of all images without low-quality matches
    shortfall: float  # `objective.shortfall`


class Searched(NamedTuple):
    """Settings that a rung comes to on a sample, and on each half alone."""

    whole: Settings
    halves: tuple[Settings, ...]
    values: dict[str, float]  # of the knobs by name, on the sample
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

    def search(self, rung: Rung, start: Mapping[str, float]) -> Searched:
        """Turn the knobs of a rung on each piece; ``start`` are values to try first."""
        knobs = self.ways.knobs(rung.base)
        starts = [_values_of(knobs, start), *self._second_start(knobs, rung.base)]
        found, settings, evaluations = [], [], list[Evaluation]()
        for name, piece in zip((WHOLE, *HALVES), self.pieces, strict=True):
            judge = Judge(piece, self.ways)
            forced = Judge(piece, self.ways, is_forced=True)
            [before] = judge.ask([self.today])
            found.append(Search(rung.base, knobs, judge, before).run(starts))
            settings.append(self._with_floor(found[-1].settings, forced))
            for images, each in ((name, judge), (f"{name}, floor", forced)):
                evaluations += (
                    Evaluation(rung.name, images, *one, shortfall(one[1]))
                    for one in each.summaries.items()
                )
        names = [knob.name for knob in knobs.each]
        values = dict(zip(names, found[0].values, strict=True))
        whole, *halves = settings
        return Searched(whole, tuple(halves), values, tuple(evaluations))

    def _with_floor(self, settings: Settings, judge: Judge) -> Settings:
        """Turn the floor of low-quality matches, which nothing else goes by."""
        knobs = self.ways.floor_knobs(settings)
        if not knobs.each:
            return settings
        [before] = judge.ask([settings])
        search = Search(settings, knobs, judge, before, without_any)
        return search.run([(0.0,)]).settings  # none, which a walk may not come to

    def _second_start(self, knobs: Knobs, base: Settings) -> list[Values]:
        """Values near the sizes and ratios of the objects, for anchors with ratios.

        From the preset alone the search may stop where larger ratios do not pay yet.
        """
        sample = self.pieces[0]
        every = slice(0, sample.num_images)
        boxes = build_frame(sample, every, base.data, base.resize).gt_boxes
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
