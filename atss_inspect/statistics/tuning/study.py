"""One rung: its knobs turned on a sample, and on each half of the images alone.

It is one piece of work, for this process or another one; where the clock stops it does
not matter to its answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.assigners.knobs import MIDDLE_OF_RATIOS, SIZE_OF_ANCHORS, Knobs
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.tuning.ladder import Rung
from atss_inspect.statistics.tuning.objective import Judge, Ways, sample, shortfall
from atss_inspect.statistics.tuning.search import Search, Values

# Objects that are searched on; of 300 one answer of three was worse than none.
SAMPLE = 4000
# What was looked at: a sample, and samples of every second block of images.
WHOLE, HALVES = "sample", ("first half", "second half")
# Half the size, where ratios are those of the data.
_SECOND_SIZE = 0.5


class Evaluation(NamedTuple):
    """Settings that were tried on some of the images."""

    rung: str
    images: str  # ``sample``, ``first half``, ``second half`` or ``all``
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
    ratio: float  # median height / width of the objects
    ways: Ways

    @classmethod
    def of(cls, dataset: Dataset, today: Settings, ways: Ways) -> "Study":
        """Take samples of a data set, whole blocks of neighboring images."""
        pieces = [sample(dataset, SAMPLE, part) for part in (None, 0, 1)]
        sides = pieces[0].xywh[:, 2:]
        is_solid = (sides > 0).all(axis=1)
        ratios = sides[is_solid, 1] / sides[is_solid, 0]
        ratio = float(np.median(ratios)) if len(ratios) else 1.0
        return cls(today, tuple(pieces), ratio, ways)

    def search(self, rung: Rung, start: Mapping[str, float]) -> Searched:
        """Turn the knobs of a rung on each piece; ``start`` are values to try first."""
        knobs = self.ways.knobs(rung.base)
        starts = [_values_of(knobs, start), *self._second_start(knobs)]
        found, evaluations = [], list[Evaluation]()
        for name, piece in zip((WHOLE, *HALVES), self.pieces, strict=True):
            judge = Judge(piece, self.ways)
            [before] = judge.ask([self.today])
            found.append(Search(rung.base, knobs, judge, before).run(starts))
            evaluations += (
                Evaluation(rung.name, name, *each, shortfall(each[1]))
                for each in judge.summaries.items()
            )
        names = [knob.name for knob in knobs.each]
        values = dict(zip(names, found[0].values, strict=True))
        whole, *halves = (one.settings for one in found)
        return Searched(whole, tuple(halves), values, tuple(evaluations))

    def _second_start(self, knobs: Knobs) -> list[Values]:
        """Half the size, with the ratio of the objects in the middle, if there is one.

        From the preset alone the search may stop where larger ratios do not pay yet.
        """
        grids = {knob.name: knob.values for knob in knobs.each}
        if MIDDLE_OF_RATIOS not in grids:
            return []
        near = min(grids[MIDDLE_OF_RATIOS], key=lambda one: abs(one - self.ratio))
        start = {SIZE_OF_ANCHORS: _SECOND_SIZE, MIDDLE_OF_RATIOS: near}
        return [_values_of(knobs, start)]


def _values_of(knobs: Knobs, named: Mapping[str, float]) -> Values:
    """Values of knobs by their names; today's of the others."""
    return tuple(named.get(knob.name, knob.value) for knob in knobs.each)
