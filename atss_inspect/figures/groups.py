"""Objects in groups: shares, quartiles and levels out of the table of objects."""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import share

if TYPE_CHECKING:
    import pandas as pd

Objects: TypeAlias = "pd.DataFrame"  # a table of objects, see `objects_table`


class Part(NamedTuple):
    """Some objects of one preset; ``positives`` is (G,) int64."""

    positives: IntArray

    @property
    def num_objects(self) -> int:
        """How many there are."""
        return len(self.positives)

    @property
    def num_unassigned(self) -> int:
        """How many have no positive."""
        return int(np.count_nonzero(self.positives == 0))

    @property
    def unassigned_share(self) -> float | None:
        """Share of objects without any positive; None without objects."""
        return share(self.num_unassigned, self.num_objects)

    @property
    def mean(self) -> float | None:
        """Positives per object; None without objects."""
        return share(int(self.positives.sum()), self.num_objects)

    def percentile(self, percent: int) -> float | None:
        """Percentile of positives per object, linear between ranks; None without."""
        if not self.num_objects:
            return None
        return float(np.percentile(self.positives, percent))


def rows_of(table: Objects, settings: Settings) -> Objects:
    """Take the rows of one convention out of the table of objects."""
    return table[table["preset"] == settings.name]


def parts_by_size(table: Objects, settings: Settings) -> dict[str, Part]:
    """Take one convention's objects apart: ``all``, then the four sizes."""
    rows = rows_of(table, settings)
    positives = rows["num_positives"].to_numpy()
    sizes = rows["size"].to_numpy()
    return {
        "all": Part(positives),
        **{size: Part(positives[sizes == size]) for size in SIZE_BINS},
    }


def level_names(settings: Settings) -> list[str]:
    """Name the levels of a convention, finest first."""
    return [level_name(stride) for stride in settings.anchors.strides]


def level_counts(table: Objects, settings: Settings) -> IntArray:
    """One convention's positives by object and level, finest first; (G, L) int64."""
    names = [name.replace(" ", "_") for name in level_names(settings)]
    return rows_of(table, settings)[[f"positives_{name}" for name in names]].to_numpy()


def level_positives(table: Objects, settings: Settings) -> IntArray:
    """Count one convention's positives by size and by level, finest first; (4, L)."""
    counts = level_counts(table, settings)
    sizes = rows_of(table, settings)["size"].to_numpy()
    return np.stack([counts[sizes == size].sum(axis=0) for size in SIZE_BINS])


class Quartiles(NamedTuple):
    """What lies in each of B bins."""

    num_objects: IntArray  # (B,) int64
    # (B, 3) float64, 25th, 50th and 75th percentile of positives, linear between ranks;
    # NaN in empty bins.
    quartiles: Float64Array
    unassigned: Float64Array  # (B,) float64, share without a positive; NaN in these


def quartiles_by_bin(bins: IntArray, positives: IntArray, num_bins: int) -> Quartiles:
    """Summarize positives by bin; ``bins`` and ``positives`` are (G,) int64."""
    order = np.argsort(bins, kind="stable")
    number = np.bincount(bins, minlength=num_bins)
    parts = np.split(positives[order], np.cumsum(number)[:-1])
    quartiles = np.full((num_bins, 3), np.nan)
    unassigned = np.full(num_bins, np.nan)
    for place in np.flatnonzero(number):
        quartiles[place] = np.percentile(parts[place], (25, 50, 75))
        unassigned[place] = np.mean(parts[place] == 0)
    return Quartiles(number, quartiles, unassigned)
