"""Counts of groups that occur: sums are those of all objects counted at once."""

import numpy as np
import pytest

from atss_inspect.statistics.tally import Outcomes, SparseTally


@pytest.mark.parametrize("shift", [-30, -12, 0, 3, 12, 30])
@pytest.mark.parametrize("numbers", [(40, 40), (0, 9), (9, 0), (0, 0), (1, 30)])
def test_the_sum_of_two_counts_is_the_count_of_all(shift, numbers):
    generator = np.random.default_rng(shift + 100)
    keys = [generator.integers(0, 15, number) for number in numbers]
    keys[1] += shift
    positives = [generator.integers(0, 6, number) for number in numbers]
    parts = map(SparseTally.count, keys, map(Outcomes, positives))
    found = next(parts) + next(parts)
    every = SparseTally.count(np.concatenate(keys), Outcomes(np.concatenate(positives)))
    assert found.keys.tolist() == every.keys.tolist()
    assert found.tally.counts.tolist() == every.tally.counts.tolist()
