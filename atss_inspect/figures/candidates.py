"""What ATSS's candidates say of each object: mean and spread of their IoUs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.figures.groups import (
    busiest_levels,
    level_names,
    levels_served,
    rows_of,
)
from atss_inspect.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

UNSERVED = "none"


@dataclass(frozen=True)
class Candidates:
    """The candidates' statistics of one convention's N objects.

    Attributes
    ----------
    mean, std : (N,) float64 of the candidates' IoUs
    level : (N,) int64, the level with most positives, -1 for none
    num_levels : (N,) int64, levels with positives
    names : of the levels, finest first
    """

    mean: Float64Array
    std: Float64Array
    level: IntArray
    num_levels: IntArray
    names: list[str]

    @classmethod
    def of(cls, table: "pd.DataFrame", settings: Settings) -> "Candidates":
        """Take the objects of a convention that have candidates."""
        rows = rows_of(table, settings)
        kept = rows["candidate_mean"].notna().to_numpy()
        return cls(
            mean=rows["candidate_mean"].to_numpy(np.float64)[kept],
            std=rows["candidate_std"].to_numpy(np.float64)[kept],
            level=busiest_levels(table, settings)[kept],
            num_levels=levels_served(table, settings)[kept],
            names=level_names(settings),
        )

    @property
    def spread(self) -> Float64Array:
        """Std in units of the mean, (N,); NaN where no candidate overlaps."""
        return self.std / np.where(self.mean > 0, self.mean, np.nan)

    @property
    def groups(self) -> Iterator[tuple[int, str, BoolArray]]:
        """Objects by the level that serves them, then those without positives."""
        for place, name in enumerate(self.names):
            yield place, name, self.level == place
        yield -1, UNSERVED, self.level == -1
