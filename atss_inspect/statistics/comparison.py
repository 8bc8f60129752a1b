"""The same objects under several conventions, side by side.

Only objects that every convention keeps are compared. A comparison holds whole numbers
and the most telling examples, so that comparisons of parts of a data set, added in any
order, are exactly the comparison of the whole.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.gate import Gate
from atss_inspect.settings import Settings
from atss_inspect.statistics import run
from atss_inspect.statistics.counting import (
    Counting,
    ObjectGroups,
    counted,
    summarize_answer,
)
from atss_inspect.statistics.summary import (
    SIZE_BINS,
    Selection,
    Summary,
    size_bins,
    size_names,
)
from atss_inspect.statistics.tally import NEED, share, weighted_count

if TYPE_CHECKING:
    from concurrent.futures import Executor

# Examples kept of each kind of flip.
MAX_EXAMPLES = 5
# A cell of the joint histogram as one number: size, positives, positives.
_BITS = 30
_MASK = (1 << _BITS) - 1


class Flip(NamedTuple):
    """An object that has a positive under one convention and not under the other."""

    num_positives: int  # under the convention that gives it any; of a gate candidates
    file: int  # row of the data set's files
    annotation_index: int  # place therein
    image_id: Any  # as the file writes it
    ann_id: Any  # likewise; None where there is none
    size: str  # one of `SIZE_BINS`

    @property
    def order(self) -> tuple[int, int, int]:
        """Most positives first, then as in the files; no two objects are equal."""
        return -self.num_positives, self.file, self.annotation_index


class PairOutcomes(NamedTuple):
    """Objects by the conventions, of two, under which they have a positive.

    Of a gate in its place a candidate, here and in `Joint`.
    """

    num_objects: int
    num_both: int
    num_only_first: int
    num_only_second: int
    num_neither: int


@dataclass(frozen=True)
class Joint:
    """Objects by size and by their positives under two conventions."""

    keys: IntArray  # (N,) int64 ascending, a cell each: size bin, positives, positives
    counts: IntArray  # (N,) int64 objects in the cell, at least one

    @classmethod
    def count(cls, bins: IntArray, first: IntArray, second: IntArray) -> "Joint":
        """Count objects; size bins and positives are (G,) int64."""
        keys = (bins << 2 * _BITS) | (first << _BITS) | second
        return cls(*np.unique(keys, return_counts=True))

    def __add__(self, other: "Joint") -> "Joint":
        every = np.concatenate([self.keys, other.keys])
        keys, place = np.unique(every, return_inverse=True)
        counts = np.concatenate([self.counts, other.counts])
        return Joint(keys, weighted_count(place, counts, len(keys)))

    def of_sizes(self, *names: str) -> "Joint":
        """Keep the objects of some size bins; all without a name."""
        rows = [SIZE_BINS.index(name) for name in names or SIZE_BINS]
        chosen = np.isin(self.keys >> 2 * _BITS, rows)
        return Joint(self.keys[chosen], self.counts[chosen])

    @property
    def first(self) -> IntArray:
        """Positives under the first convention; (N,)."""
        return (self.keys >> _BITS) & _MASK

    @property
    def second(self) -> IntArray:
        """Positives under the second convention; (N,)."""
        return self.keys & _MASK

    @property
    def outcomes(self) -> PairOutcomes:
        """Count the objects with a positive under both, one or neither of the two."""
        kind = 2 * (self.first > 0) + (self.second > 0)
        neither, second, first, both = weighted_count(kind, self.counts, 4).tolist()
        return PairOutcomes(int(self.counts.sum()), both, first, second, neither)

    @property
    def spearman(self) -> float | None:
        """Spearman's rank correlation of positives per object, ties by average rank.

        None where one of the two gives all objects the same, and without objects.

        Notes
        -----
        Ranks are taken twice and centered, which makes them whole numbers: all is
        exact until the last division.
        """
        x = _centered_ranks(self.first, self.counts)
        y = _centered_ranks(self.second, self.counts)
        number: list[int] = self.counts.tolist()  # Python's integers hold any sum
        product, of_x, of_y = (
            sum(map(math.prod, zip(number, one, other, strict=True)))
            for one, other in ((x, y), (x, x), (y, y))
        )
        squares = of_x * of_y
        if not squares:
            return None
        if product * product == squares:
            return math.copysign(1.0, product)
        return product / math.sqrt(squares)


def _centered_ranks(values: IntArray, counts: IntArray) -> list[int]:
    """Twice the average rank of each cell's objects, less twice the mean rank; (N,)."""
    distinct, place = np.unique(values, return_inverse=True)
    each = weighted_count(place, counts, len(distinct))
    # Ranks of a value run from before + 1 to before + each; the mean rank of all n
    # objects is (n + 1) / 2.
    before = np.cumsum(each) - each
    return list((2 * before + each - counts.sum())[place].tolist())


@dataclass(frozen=True)
class Pair:
    """Two conventions on the same objects."""

    joint: Joint  # objects by size and positives
    # (4,) int64 positives that both give to the same object, by size bin; None where
    # the two have different anchors.
    common: IntArray | None
    # Objects with a positive under one only: `MAX_EXAMPLES` with most positives.
    only_first: tuple[Flip, ...]
    only_second: tuple[Flip, ...]

    def __add__(self, other: "Pair") -> "Pair":
        common = None
        if self.common is not None and other.common is not None:
            common = self.common + other.common
        first = _most_telling([*self.only_first, *other.only_first])
        second = _most_telling([*self.only_second, *other.only_second])
        return Pair(self.joint + other.joint, common, first, second)

    def common_share(self, *sizes: str) -> float | None:
        """Positives of both as a share of the positives of either, by size.

        None where the anchors differ, and where there are no positives.
        """
        if self.common is None:
            return None
        rows = [SIZE_BINS.index(name) for name in sizes or SIZE_BINS]
        joint = self.joint.of_sizes(*sizes)
        both = int(self.common[rows].sum())
        positives = int(((joint.first + joint.second) * joint.counts).sum())
        return share(both, positives - both)


def _most_telling(flips: Iterable[Flip]) -> tuple[Flip, ...]:
    return tuple(sorted(flips, key=lambda flip: flip.order)[:MAX_EXAMPLES])


@dataclass(frozen=True)
class Comparison:
    """Several conventions on the objects that all of them keep."""

    # One per convention, of these objects only; among the objects left out,
    # `not_kept_by_all` are those that another convention leaves out.
    summaries: tuple[Summary, ...]
    pairs: tuple[Pair, ...]  # every two, in the order of `itertools.combinations`

    def __add__(self, other: "Comparison") -> "Comparison":
        return Comparison(
            tuple(a + b for a, b in zip(self.summaries, other.summaries, strict=True)),
            tuple(a + b for a, b in zip(self.pairs, other.pairs, strict=True)),
        )


def compare(
    dataset: Dataset,
    settings: Sequence[Settings],
    *,
    selection: Selection | None = None,
    need: int = NEED,
    executor: "Executor | None" = None,
    on_chunk: run.OnChunk | None = None,
) -> Comparison:
    """Compare what conventions do to the same objects.

    What the reader left out of the files is counted in each summary, so that objects
    and those left out add up to the annotations.

    Parameters
    ----------
    settings : two conventions or more
    selection : the objects to compare, by default all
    need : positives that an object needs
    dataset, executor, on_chunk : as `run.summarize` takes them
    """
    chosen, counting = selection or Selection(), run.counting_of(dataset, need)
    work = partial(
        compare_chunk, settings=tuple(settings), selection=chosen, counting=counting
    )
    total = run.sum_chunks(work, dataset, executor=executor, on_chunk=on_chunk)
    summaries = (run.with_reader_losses(one, dataset) for one in total.summaries)
    return replace(total, summaries=tuple(summaries))


def compare_chunk(
    chunk: Dataset,
    settings: tuple[Settings, ...],
    selection: Selection,
    counting: Counting,
) -> Comparison:
    """Compare conventions on the objects of one chunk."""
    answers = run.answer_chunk(chunk, settings)
    every = np.arange(chunk.num_objects)
    is_shared = selection.mask(chunk, every)  # selected, and kept by all; (G,)
    for _, frame, _ in answers:
        is_shared &= np.isin(every, frame.object_rows)
    shared = np.flatnonzero(is_shared)
    positives = [_positives(chunk, *answer)[shared] for answer in answers]
    pairs = [
        Pair(
            joint=Joint.count(size_bins(chunk.size_areas[shared]), first, second),
            common=_common_positives(chunk, answers[a], answers[b], is_shared),
            only_first=_flips(chunk, shared, first, second),
            only_second=_flips(chunk, shared, second, first),
        )
        for (a, first), (b, second) in itertools.combinations(enumerate(positives), 2)
    ]
    summaries = [
        _summarize(chunk, one, is_shared, selection, counting) for one in answers
    ]
    return Comparison(tuple(summaries), tuple(pairs))


def _positives(
    chunk: Dataset, _: Settings, frame: Frame, found: Assignment | Gate
) -> IntArray:
    """Positives of each object of a chunk, of a gate its candidates; (G,) int64."""
    positives = np.zeros(chunk.num_objects, dtype=np.int64)
    positives[frame.object_rows] = counted(frame, found, NEED)[0]
    return positives


def _summarize(
    chunk: Dataset,
    answer: run.Answer,
    is_shared: BoolArray,
    selection: Selection,
    counting: Counting,
) -> Summary:
    convention, frame, assignment = answer
    chosen = is_shared[frame.object_rows]
    objects = ObjectGroups.of(chunk, frame, chosen, counting)
    summary = summarize_answer(frame, assignment, convention, objects)
    is_selected = selection.mask(chunk, frame.object_rows)
    others = {"not_selected": ~is_selected, "not_kept_by_all": is_selected & ~chosen}
    added = {why: int(rows.sum()) for why, rows in others.items() if rows.any()}
    return replace(summary, left_out_objects={**frame.left_out_objects, **added})


def _flips(
    chunk: Dataset, objects: IntArray, positives: IntArray, other: IntArray
) -> tuple[Flip, ...]:
    """List the objects with a positive under one only, most positives first."""
    places = np.flatnonzero((positives > 0) & (other == 0))
    rows, positives = objects[places], positives[places]
    image = chunk.images_of(rows)
    columns = (
        positives,
        chunk.image_file[image],
        chunk.annotation_index[rows],
        chunk.image_ids[image],
        chunk.annotation_ids[rows],
        size_names(chunk.size_areas[rows]),
    )
    order = np.lexsort((columns[2], columns[1], -positives))[:MAX_EXAMPLES]
    lists = (column[order].tolist() for column in columns)
    return tuple(itertools.starmap(Flip, zip(*lists, strict=True)))


def have_same_anchors(one: Settings, other: Settings) -> bool:
    """Whether an anchor's place means the same to both conventions."""
    return (
        one.rule.uses_anchors == other.rule.uses_anchors
        and one.rule.gate is other.rule.gate is None
        and one.anchors == other.anchors
        and one.resize == other.resize
    )


def _common_positives(
    chunk: Dataset, one: run.Answer, other: run.Answer, is_shared: BoolArray
) -> IntArray | None:
    """Count the anchors that both give to the same shared object, by size; (4,)."""
    if not have_same_anchors(one[0], other[0]):
        return None
    keys = (_anchor_keys(frame, found) for _, frame, found in (one, other))
    common = np.intersect1d(next(keys), next(keys), assume_unique=True)
    rows = common >> _ROW_SHIFT
    bins = size_bins(chunk.size_areas[rows[is_shared[rows]]])
    return np.bincount(bins, minlength=len(SIZE_BINS))


# Object, level and anchor as one number: a level has fewer than 2^34 anchors, and a
# chunk fewer than 2^24 objects.
_LEVEL_SHIFT = 34
_ROW_SHIFT = 39


def _anchor_keys(frame: Frame, found: Assignment | Gate) -> IntArray:
    """Name every positive by object, level and anchor; (P,) int64; none of a gate."""
    if isinstance(found, Gate):
        return np.empty(0, dtype=np.int64)
    rows = frame.object_rows[found.gt] << _ROW_SHIFT
    return np.asarray(rows | (found.level << _LEVEL_SHIFT) | found.index)
