"""How much shares change from place to place of the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from atss_inspect.arrays import IntArray
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import OBJECTS, UNASSIGNED, poorly_assigned
from atss_inspect.statistics.variants import Lacked, VariantSummary


@dataclass(frozen=True)
class Spread:
    """Share of some objects that lack a positive, or a good one, over V shifts."""

    shares: tuple[float, ...]  # at each shift; empty without objects
    mean: float | None  # of these, None without any
    lacked: Lacked  # objects that lack it at every shift, and at some

    @property
    def deviation(self) -> float | None:
        """Sample standard deviation of the shares; None of fewer than two."""
        return float(np.std(self.shares, ddof=1)) if len(self.shares) > 1 else None


def spread_of(
    found: VariantSummary, sizes: Sequence[str] = SIZE_BINS, *, poorly: bool = False
) -> Spread:
    """Look at the objects of some sizes; shifts are as likely each."""
    rows = [SIZE_BINS.index(size) for size in sizes]
    counts = found.by_variant[:, rows].sum(axis=1)  # (V, 5)
    lacking: IntArray = poorly_assigned(counts) if poorly else counts[:, UNASSIGNED]
    number = counts[:, OBJECTS]
    shares = tuple((lacking / number).tolist()) if number.all() else ()
    mean = float(Fraction(int(lacking.sum()), int(number.sum()))) if shares else None
    lacked = (found.poorly if poorly else found.unassigned).lacked(rows)
    return Spread(shares, mean, lacked)
