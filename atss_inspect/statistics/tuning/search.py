"""Coordinate search over a grid of values: walk outwards, stop without gain.

Eight times the evaluations, by differential evolution, gain at most a point more, and
odd numbers that nobody wants in a config.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from atss_inspect.assigners.knobs import Knobs
from atss_inspect.settings import Settings, override
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.tuning.objective import Guard, Judge

_ROUNDS = 6
_PATIENCE = 2  # steps without gain after which a walk ends
# A knob returns to today's value where that costs less: the rest is noise.
PARSIMONY = 0.003
_FINALISTS = 5

Values = tuple[float, ...]


@dataclass(frozen=True)
class Found:
    """Where a search ended."""

    settings: Settings
    values: Values  # of the knobs
    cost: float


@dataclass(frozen=True)
class Search:
    """A base, and what may be turned of it."""

    base: Settings
    knobs: Knobs
    judge: Judge
    before: Summary  # today's, which no size may fall behind
    # ``(before, after)``, what is made small, and what the best seen are compared by
    cost: Callable[[Summary, Summary], float] = Guard().cost
    shown: Callable[[Summary, Summary], float] | None = Guard().shown
    known: dict[Values, float] = field(default_factory=dict)  # what was looked at

    @property
    def start(self) -> Values:
        """Values that leave the base as it is."""
        return tuple(knob.value for knob in self.knobs.each)

    def settings(self, values: Values) -> Settings:
        """Settings that have these values."""
        changes = self.knobs.changes(values)
        return override(self.base, changes) if changes else self.base

    def costs(self, every: Sequence[Values]) -> list[float]:
        """Cost of values, all looked at together."""
        new = [one for one in dict.fromkeys(every) if one not in self.known]
        found = self.judge.ask(map(self.settings, new))
        costs = (self.cost(self.before, one) for one in found)
        self.known.update(zip(new, costs, strict=True))
        return [self.known[one] for one in every]

    def run(self, starts: Sequence[Values] = ()) -> Found:
        """Search from each start, and from the base; the best of them."""
        every = [self._descend(start) for start in dict.fromkeys((self.start, *starts))]
        best = min(every, key=lambda one: one[1])[0]
        best = self._shown_best(self._returned(best))
        return Found(self.settings(best), best, self.costs([best])[0])

    def _shown_best(self, best: Values) -> Values:
        """Take what shows better by more than noise: of the best few, and the base."""
        if self.shown is None:
            return best
        few = sorted(self.known, key=self.known.__getitem__)[:_FINALISTS]
        every = [best, self.start, *few]
        summaries = self.judge.ask(map(self.settings, every))
        shown = [self.shown(self.before, one) for one in summaries]
        least = min(shown)
        return every[shown.index(least)] if shown[0] - least > PARSIMONY else best

    def _descend(self, start: Values) -> tuple[Values, float]:
        """Turn one knob after another until a round changes nothing."""
        best, cost = start, self.costs([start])[0]
        for _ in range(_ROUNDS):
            before = best
            for place in range(len(best)):
                best, cost = self._turned(best, cost, place)
            if best == before:
                best, cost = self._slanted(best, cost)
            if best == before:
                break
        return best, cost

    def _slanted(self, best: Values, cost: float) -> tuple[Values, float]:
        """Turn two knobs at once by a step: smaller anchors may want other ratios."""
        places = itertools.combinations(range(len(best)), 2)
        tried = [
            _with(_with(best, one, first), other, second)
            for one, other in places
            for first in self._beside(best, one)
            for second in self._beside(best, other)
        ]
        found = zip(tried, self.costs(tried), strict=True)
        return min([(best, cost), *found], key=lambda each: each[1])

    def _beside(self, best: Values, place: int) -> Values:
        """The values before and behind that of a knob."""
        grid, at = self.knobs.each[place].values, self._nearest(best, place)
        return tuple(grid[max(at - 1, 0) : at] + grid[at + 1 : at + 2])

    def _nearest(self, best: Values, place: int) -> int:
        """Place of a knob's value among those to try."""
        grid = self.knobs.each[place].values
        return min(range(len(grid)), key=lambda n: abs(grid[n] - best[place]))

    def _turned(self, best: Values, cost: float, place: int) -> tuple[Values, float]:
        """Walk from a value outwards on both sides, and take the best seen."""
        grid, own = self.knobs.each[place].values, self._nearest(best, place)
        found, num_idle = (best, cost), {-1: 0, 1: 0}  # steps without gain, by way
        for step in itertools.count(1):
            places = {way: own + way * step for way in num_idle}
            ways = [
                way
                for way, at in places.items()
                if num_idle[way] < _PATIENCE and 0 <= at < len(grid)
            ]
            if not ways:
                break
            tried = [_with(best, place, grid[places[way]]) for way in ways]
            for way, values, one in zip(ways, tried, self.costs(tried), strict=True):
                num_idle[way] += 1
                if one < found[1]:
                    found, num_idle[way] = (values, one), 0
        return found

    def _returned(self, best: Values) -> Values:
        """Turn knobs back to today's values that hardly gain anything."""
        for place, value in enumerate(self.start):
            today = _with(best, place, value)
            one, other = self.costs([today, best])
            if one - other < PARSIMONY:
                best = today
        return best


def _with(values: Values, place: int, value: float) -> Values:
    return (*values[:place], value, *values[place + 1 :])
