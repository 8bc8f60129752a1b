"""Objects in groups: shares, quartiles and levels out of the table of objects."""

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from atss_inspect.arrays import BoolArray, Float64Array, IntArray
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import Group, share

if TYPE_CHECKING:
    import pandas as pd

Objects: TypeAlias = "pd.DataFrame"  # a table of objects, see `objects_table`


class Part(NamedTuple):
    """Some objects of one preset."""

    positives: IntArray  # (G,) int64
    # (G,) int64, those of them below the rule's bar; None without a bar
    low_quality: IntArray | None = None

    @property
    def counts(self) -> Group:
        """The objects counted as in every table."""
        positives, num_low = self.positives, None
        if self.low_quality is not None:
            is_low = (positives > 0) & (self.low_quality == positives)
            num_low = int(np.count_nonzero(is_low))
        num_unassigned = int(np.count_nonzero(positives == 0))
        return Group(len(positives), int(positives.sum()), num_unassigned, num_low)

    @property
    def is_poor(self) -> BoolArray:
        """Which objects are poorly assigned, (G,)."""
        low = self.low_quality
        return np.asarray(self.positives == (0 if low is None else low))

    @property
    def low_quality_only_share(self) -> float | None:
        """Share of objects with low-quality matches only; None without a bar."""
        counts = self.counts
        low = counts.num_low_quality_only
        return None if low is None else share(low, counts.num_objects)

    @property
    def at_bar(self) -> "Part":
        """The same objects without their low-quality matches."""
        low = self.low_quality
        return self if low is None else Part(self.positives - low)

    def percentile(self, percent: int) -> float | None:
        """Percentile of positives per object, linear between ranks; None without."""
        if not len(self.positives):
            return None
        return float(np.percentile(self.positives, percent))


def rows_of(table: Objects, settings: Settings) -> Objects:
    """Take the rows of one convention out of the table of objects."""
    return table[table["preset"] == settings.name]


def parts_by_size(table: Objects, settings: Settings) -> dict[str, Part]:
    """Take one convention's objects apart: ``all``, then the four sizes."""
    rows = rows_of(table, settings)
    sizes = rows["size"].to_numpy()
    parts = {size: part_of(rows[sizes == size], settings) for size in SIZE_BINS}
    return {"all": part_of(rows, settings), **parts}


def part_of(rows: Objects, settings: Settings) -> Part:
    """What some objects of one convention get, at most under a gate."""
    if settings.rule.gate is not None:
        # Of its own candidates, which others' do not replace.
        own = rows[["num_candidates", "max_positives"]].to_numpy(np.int64)
        return Part(own.min(axis=1))
    positives, low = rows["num_positives"].to_numpy(np.int64), None
    if settings.low_quality_bar is not None:
        low = positives - rows["num_at_bar"].to_numpy(np.int64)
    return Part(positives, low)


def level_names(settings: Settings) -> list[str]:
    """Name the levels of a convention, finest first."""
    return list(settings.anchors.level_names)


def level_counts(table: Objects, settings: Settings) -> IntArray:
    """One convention's positives by object and level, finest first; (G, L) int64."""
    names = [name.replace(" ", "_") for name in level_names(settings)]
    columns = [f"positives_{name}" for name in names]
    return rows_of(table, settings)[columns].to_numpy(np.int64)


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
    zeros: Float64Array  # (B,) float64, share of objects without any; NaN in these


def quartiles_by_bin(bins: IntArray, positives: IntArray, num_bins: int) -> Quartiles:
    """Summarize positives by bin; ``bins`` and ``positives`` are (G,) int64."""
    order = np.argsort(bins, kind="stable")
    number = np.bincount(bins, minlength=num_bins)
    parts = np.split(positives[order], np.cumsum(number)[:-1])
    quartiles = np.full((num_bins, 3), np.nan)
    zeros = np.full(num_bins, np.nan)
    for place in np.flatnonzero(number):
        quartiles[place] = np.percentile(parts[place], (25, 50, 75))
        zeros[place] = np.mean(parts[place] == 0)
    return Quartiles(number, quartiles, zeros)
