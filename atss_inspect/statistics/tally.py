"""Objects counted by what they got, in groups that add up."""

import itertools
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.errors import SettingsError

# Positives below which an object counts as missing some (`missing_to_need`).
NEED = 4


def require_need(need: int) -> int:
    """Refuse a need that is none: `SettingsError`."""
    if not isinstance(need, int | np.integer) or need < 1:
        message = f"need: expected a whole number of at least 1, got {need}"
        raise SettingsError(message)
    return int(need)


class Group(NamedTuple):
    """Some objects together; in an average pass counts may be fractions.

    Of a gate: its positives are the most that are possible, an object without a
    positive has no candidate of its own, and what it needs is the quota.
    """

    # num_objects, num_positives: how many, and their positives
    num_objects: int
    num_positives: int
    num_unassigned: int  # objects without a positive
    # objects with positives, none of them at or above the rule's bar; None where the
    # rule has no low-quality matches
    num_low_quality_only: int | None = None
    # num_missing, num_needed: positives that objects lack of those they need, and all
    # that they need
    num_missing: int = 0
    num_needed: int = 0
    # objects with fewer candidates than the quota; None where the rule is no gate
    num_below_quota: int | None = None

    @property
    def is_of_gate(self) -> bool:
        """Whether it tells what a gate lets through."""
        return self.num_below_quota is not None

    @property
    def num_poorly_assigned(self) -> int:
        """Objects without a positive, or with low-quality matches only."""
        return self.num_unassigned + (self.num_low_quality_only or 0)

    @property
    def mean_positives(self) -> float | None:
        """Positives per object; None without objects."""
        return share(self.num_positives, self.num_objects)

    @property
    def unassigned_share(self) -> float | None:
        """Share of objects without any positive; None without objects."""
        return share(self.num_unassigned, self.num_objects)

    @property
    def poorly_assigned_share(self) -> float | None:
        """Share of objects that are poorly assigned; None without objects."""
        return share(self.num_poorly_assigned, self.num_objects)

    @property
    def missing_to_need(self) -> float | None:
        """Mean over objects of the part of their need that is missing."""
        return share(self.num_missing, self.num_needed)


# Columns of `Tally.counts`.
OBJECTS, POSITIVES, UNASSIGNED, LOW_QUALITY_ONLY, MISSING, BELOW_QUOTA = range(6)


def poorly_assigned(counts: IntArray) -> IntArray:
    """Objects without a positive or with low-quality matches only; (..., 6) counts."""
    return counts[..., UNASSIGNED] + counts[..., LOW_QUALITY_ONLY]


class Outcomes(NamedTuple):
    """What each of G objects got."""

    positives: IntArray  # (G,) int64
    # (G,) bool; None where the rule has no low-quality matches
    is_low_quality_only: BoolArray | None = None
    need: int = NEED  # positives that an object needs; of a gate the quota
    is_of_gate: bool = False

    @property
    def low_rows(self) -> IntArray:
        """Rows of the objects that have low-quality matches only."""
        is_low = self.is_low_quality_only
        return np.flatnonzero([] if is_low is None else is_low)


@dataclass(frozen=True)
class Tally:
    """Counts of N groups."""

    # (N, 6) int64, those of `Group` but what is needed; zeros where the rule has no
    # low-quality matches, or is no gate
    counts: IntArray
    has_low_quality: bool = False  # whether it has
    need: int = NEED  # positives that an object needs; of a gate the quota
    is_of_gate: bool = False
    num_passes: int = 1  # that the counts are sums of; groups are of an average one

    @classmethod
    def count(cls, group: IntArray, found: Outcomes, num_groups: int) -> "Tally":
        """Count objects by group; ``group`` is (G,) int64."""
        positives, is_low, need, is_of_gate = found
        few = group[positives < need] if is_of_gate else group[:0]
        lacking = np.maximum(need - positives, 0)
        columns = (
            np.bincount(group, minlength=num_groups),
            weighted_count(group, positives, num_groups),
            np.bincount(group[positives == 0], minlength=num_groups),
            np.bincount(group[found.low_rows], minlength=num_groups),
            weighted_count(group, lacking, num_groups),
            np.bincount(few, minlength=num_groups),
        )
        counts = np.stack(columns, axis=1)
        return cls(counts, is_low is not None, need, is_of_gate)

    def __add__(self, other: "Tally") -> "Tally":
        return replace(self, counts=self.counts + other.counts)

    def __mul__(self, weight: int) -> "Tally":
        return replace(self, counts=self.counts * weight)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The N groups one by one."""
        return tuple(itertools.starmap(self._group, self.counts.tolist()))

    def taken(self, rows: IntArray) -> "Tally":
        """The same of some groups."""
        return replace(self, counts=self.counts[rows])

    def sum_of(self, rows: list[int] | slice = np.s_[:]) -> Group:
        """Some of the groups together, by default all."""
        return self._group(*self.counts[rows].sum(axis=0).tolist())

    def _group(self, *counts: int) -> Group:
        """Name the counts of one group."""
        needed = self.need * counts[OBJECTS]
        every = (*counts[:BELOW_QUOTA], needed, counts[BELOW_QUOTA])
        group = Group(*(per_pass(each, self.num_passes) for each in every))
        low = group.num_low_quality_only if self.has_low_quality else None
        below = group.num_below_quota if self.is_of_gate else None
        return group._replace(num_low_quality_only=low, num_below_quota=below)


@dataclass(frozen=True)
class SparseTally:
    """Counts of the groups that occur, of many."""

    keys: IntArray  # (N,) int64 ascending, names of the groups
    tally: Tally  # their counts

    @classmethod
    def count(cls, key: IntArray, found: Outcomes) -> "SparseTally":
        """Count objects by key; ``key`` is (G,) int64."""
        keys, place = np.unique(key, return_inverse=True)
        return cls(keys, Tally.count(place, found, len(keys)))

    def __add__(self, other: "SparseTally") -> "SparseTally":
        if not (len(self.keys) and len(other.keys)):
            return self if len(self.keys) else other
        # Of neighboring images only the keys of one block overlap; others need no sums.
        start = np.searchsorted(self.keys, other.keys[0])
        stop = np.searchsorted(other.keys, self.keys[-1], side="right")
        both = np.concatenate([self.keys[start:], other.keys[:stop]])
        counts = self.tally.counts, other.tally.counts
        shared = np.concatenate([counts[0][start:], counts[1][:stop]])
        keys, place = np.unique(both, return_inverse=True)
        every = SparseTally(both, replace(self.tally, counts=shared))
        sums = every.summed(place, len(keys)).counts
        rows = np.concatenate([counts[0][:start], sums, counts[1][stop:]])
        keys = np.concatenate([self.keys[:start], keys, other.keys[stop:]])
        return SparseTally(keys, replace(self.tally, counts=rows))

    def __mul__(self, weight: int) -> "SparseTally":
        return replace(self, tally=self.tally * weight)

    def summed(self, groups: IntArray, num_groups: int) -> Tally:
        """Sum the counts of keys into groups; ``groups`` is (N,) int64."""
        columns = self.tally.counts.T
        sums = [weighted_count(groups, column, num_groups) for column in columns]
        return replace(self.tally, counts=np.stack(sums, axis=1))


def share(part: float | Fraction, whole: float | Fraction) -> float | None:
    """Divide, or None where there is nothing to divide by."""
    return float(part / whole) if whole else None


def per_pass(count: int, num_passes: int) -> Any:
    """Count of an average pass of so many: whole where that is, else a fraction."""
    if num_passes == 1:
        return count
    found = Fraction(count, num_passes)
    return found.numerator if found.denominator == 1 else found


def exact_share(part: int | Fraction, whole: int | Fraction) -> Fraction | None:
    """Part of a whole, exactly; None where there is no whole."""
    return Fraction(part, whole) if whole else None


def weighted_count(group: IntArray, weights: IntArray, num_groups: int) -> IntArray:
    """Sum integer weights by group; exact, since doubles hold sums below 2^53."""
    sums = np.bincount(group, weights=weights, minlength=num_groups)
    return sums.astype(np.int64)
