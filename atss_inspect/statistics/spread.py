"""How much shares change from place to place of the pictures."""

from collections.abc import Sequence

import numpy as np

from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import OBJECTS, UNASSIGNED, poorly_assigned
from atss_inspect.statistics.variants import VariantSummary


def shares_by_variant(
    found: VariantSummary, sizes: Sequence[str] = SIZE_BINS, *, poorly: bool = False
) -> list[float]:
    """Share of the objects of some sizes that lack a positive, or a good one.

    One of each variant or shift; none without objects.
    """
    rows = [SIZE_BINS.index(size) for size in sizes]
    counts = found.by_variant[:, rows].sum(axis=1)  # (V, 5)
    lacking = poorly_assigned(counts) if poorly else counts[:, UNASSIGNED]
    number = counts[:, OBJECTS]
    shares: list[float] = (lacking / number).tolist() if number.all() else []
    return shares


def deviation_of(shares: Sequence[float]) -> float | None:
    """Sample standard deviation; None of fewer than two."""
    return float(np.std(shares, ddof=1)) if len(shares) > 1 else None
