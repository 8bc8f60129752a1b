"""Variants one by one and object by object, without a weight or an array shared."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.settings import Settings
from atss_inspect.statistics.counting import low_quality_only
from atss_inspect.statistics.run import assign


class ObjectHistory:
    """What one object got in each variant that keeps it: chance, positives, is low."""

    def __init__(self) -> None:
        self.seen: list[tuple[Fraction, int, bool]] = []

    @property
    def chance_of_positive(self) -> Fraction:
        return sum((chance for chance, n, _ in self.seen if n), Fraction(0))

    @property
    def is_every(self) -> bool:
        return all(not n for _, n, _ in self.seen)

    @property
    def is_some(self) -> bool:
        return not self.is_every and any(not n for _, n, _ in self.seen)


def histories(
    dataset: Dataset, settings: Settings, sides: list[int], flip: Fraction
) -> dict[int, ObjectHistory]:
    """Assign the data set at every side, flipped and not; by row of the data set."""
    found: dict[int, ObjectHistory] = {}
    for side in sides:
        for is_flipped, chance in ((False, 1 - flip), (True, flip)):
            if not chance:
                continue
            one = replace(
                settings,
                resize=replace(settings.resize, short_side=side),
                is_flipped=is_flipped,
            )
            frame, assignment = assign(dataset, one)
            is_low = low_quality_only(frame, assignment, one)
            for gt, row in enumerate(frame.object_rows.tolist()):
                positives = int(np.count_nonzero(assignment.gt == gt))
                low = is_low is not None and bool(is_low[gt])
                history = found.setdefault(row, ObjectHistory())
                history.seen.append((chance / len(sides), positives, low))
    return found


def average_pass(histories: dict[int, ObjectHistory]) -> Fraction:
    """Share of the objects of a pass without a positive, mean over what is drawn."""
    every = [one for history in histories.values() for one in history.seen]
    lacking = sum((chance for chance, n, _ in every if not n), Fraction(0))
    return lacking / sum((chance for chance, _, _ in every), Fraction(0))
