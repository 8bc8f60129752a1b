"""The objects, images and classes that one convention treats worst.

Of every chunk only the worst few are kept, and the worst few of two chunks are among
those of each: memory stays bounded, and the answer does not depend on the chunks.
`worst_images` ranks images alone, by one of several criteria.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from atss_inspect.annotations.dataset import Dataset, pair_iou
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.causes import CAUSES, LOST_TO_OTHERS, Unassigned
from atss_inspect.assigners.gate import Gate
from atss_inspect.settings import Settings
from atss_inspect.statistics.counting import counted, low_quality_only
from atss_inspect.statistics.followed import Draws, count_lacking, draw_keys, draws_of
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.run import OnChunk, answer_chunk, map_chunks, sum_chunks
from atss_inspect.statistics.summary import SIZE_BINS, Selection, size_bins, size_names
from atss_inspect.statistics.tally import NEED, Group, weighted_count
from atss_inspect.statistics.variants import (
    Lacking,
    ObjectVariants,
    Variants,
    see_chunk,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor

Row = TypeVar("Row")

# Criterion -> what the images have, in words.
CRITERIA = {
    "poorly": "most poorly assigned objects",
    "unassigned": "most objects without a positive",
    "share": "largest share of objects without a positive",
    "lost": "most objects that lost every anchor to others",
    "fewest": "fewest positives per object",
}
# Beside the causes: objects that have positives, none at or above the rule's bar.
LOW_QUALITY_ONLY = "low_quality_only"


@dataclass(frozen=True)
class Query:
    """What is looked for."""

    limit: int = 20  # objects, images or classes to keep, at least 1
    # Look only at objects without a positive for these, by name, and for
    # `LOW_QUALITY_ONLY` at those; empty means all, and well assigned objects.
    causes: tuple[str, ...] = ()
    selection: Selection = field(default_factory=Selection)
    need: int = NEED  # positives that an object needs


class WorstObject(NamedTuple):
    """An object, what it gets, and why it has no positive."""

    num_positives: int  # anchors; of a gate the candidates
    area: float  # square original pixels, as the file says
    file: int  # row of the data set's files
    annotation_index: int  # 0-based place in the file
    # This and the next three as written in the file.
    ann_id: Any
    image_id: Any
    file_name: str
    class_name: str
    size: str  # name of the size bin
    width: float  # original pixels, as the height
    height: float
    cause: str | None  # by name; None with positives
    # annotation id of the object that has the anchor it wanted most, be it only as a
    # low-quality match
    lost_to: Any
    is_low_quality_only: bool | None = None  # None where the rule has no such matches
    lost_to_iou: float | None = None  # with that object, as the file has both
    draws: Draws | None = None  # over variants, where those are looked at

    @property
    def reason(self) -> str | None:
        """The cause, or `LOW_QUALITY_ONLY`; None where it is well assigned."""
        return LOW_QUALITY_ONLY if self.is_low_quality_only else self.cause

    @property
    def order(self) -> tuple[float, ...]:
        """Poorly assigned first, then few positives, then large, as in the files.

        Over variants what is drawn decides in place of the first two.
        """
        rest = -self.area, self.file, self.annotation_index
        if self.draws is not None:
            return *self.draws.order, *rest
        grade = 1 if self.is_low_quality_only else 2 * (self.num_positives > 0)
        return grade, self.num_positives, *rest


@dataclass(frozen=True)
class Reasons:
    """Objects of a group, and why they are poorly assigned."""

    group: Group  # poorly assigned ones for the reasons asked for, without positives
    by_cause: dict[str, int]  # those without a positive, causes in the rule's order

    @property
    def main_cause(self) -> str | None:
        """The cause of most without a positive; of equals the first in rule order."""
        return max(self.by_cause, key=lambda name: self.by_cause[name], default=None)


@dataclass(frozen=True)
class WorstImage(Reasons):
    """An image and what becomes of its objects."""

    file: int  # row of the data set's files
    image_id: Any  # as written in the file
    file_name: str  # likewise

    @property
    def order(self) -> tuple[int, int]:
        """Most poorly assigned objects first, of these the larger share."""
        return -self.group.num_poorly_assigned, self.group.num_objects


@dataclass(frozen=True)
class WorstClass(Reasons):
    """A class and what becomes of its objects."""

    class_name: str

    @property
    def order(self) -> tuple[bool, Fraction, int]:
        """Largest share first, then most objects; after the others those of few."""
        poorly, number = self.group.num_poorly_assigned, self.group.num_objects
        return number < ENOUGH_OBJECTS, -Fraction(poorly, number), -poorly


def reasons_of(
    counts: Sequence[int], names: Sequence[str], query: Query
) -> tuple[Group, dict[str, int]]:
    """Name the counts of one group, as `Reasons` has them.

    ``counts``: a row of `Worst.tally`. ``names``: "none", the causes that the
    convention's rule gives, and `LOW_QUALITY_ONLY` where it has low-quality matches.
    """
    *by_reason, missing = counts
    pairs = zip(names[1:], by_reason[1:], strict=True)
    asked = {n: count for n, count in pairs if count and n in (query.causes or names)}
    low = asked.pop(LOW_QUALITY_ONLY, 0) if LOW_QUALITY_ONLY in names else None
    number, unassigned = sum(by_reason), sum(asked.values())
    return Group(number, 0, unassigned, low, missing, query.need * number), asked


class Alike(NamedTuple):
    """Poorly assigned objects of one size that are so for one reason."""

    num_objects: int
    example: WorstObject  # the first in the data set


@dataclass(frozen=True)
class Worst:
    """The worst of some images."""

    query: Query  # what was looked for
    # (C, N + 1) int64 objects by class and reason, and positives that they lack
    tally: IntArray
    class_names: tuple[str, ...]  # C names
    objects: tuple[WorstObject, ...]  # at most `query.limit`, worst first
    # At most `query.limit` that have a poorly assigned object, worst first; equals as
    # in the data set.
    images: tuple[WorstImage, ...]
    kinds: dict[int, Alike]  # of the reasons asked for, by number of reason and size
    names: tuple[str, ...] = CAUSES  # of the N reasons, as `reasons_of` takes them
    # objects that a variant keeps by how often they have no positive, where variants
    # are looked at
    lacking: Lacking | None = None
    is_of_gate: bool = False  # whose quota is then what objects need
    is_certain: bool = True  # as of `Gate`

    def __add__(self, other: "Worst") -> "Worst":
        """Put two runs of images together, the earlier on the left."""
        kinds = other.kinds | self.kinds
        for key in self.kinds.keys() & other.kinds.keys():
            number = self.kinds[key].num_objects + other.kinds[key].num_objects
            kinds[key] = self.kinds[key]._replace(num_objects=number)
        return replace(
            self,
            tally=self.tally + other.tally,
            objects=self._first((*self.objects, *other.objects)),
            images=self._first((*self.images, *other.images)),
            kinds=kinds,
            lacking=self.lacking and other.lacking and self.lacking + other.lacking,
        )

    @property
    def every_object(self) -> Reasons:
        """All objects reported, whatever the reasons asked for."""
        return self._every(replace(self.query, causes=()))

    @property
    def asked(self) -> Reasons:
        """All objects reported, by the reasons asked for."""
        return self._every(self.query)

    def _every(self, query: Query) -> Reasons:
        return Reasons(*reasons_of(self.tally.sum(axis=0).tolist(), self.names, query))

    @property
    def classes(self) -> tuple[WorstClass, ...]:
        """Classes with a poorly assigned object, as many as asked for, worst first."""
        # Of categories of one name nobody can ask for one alone.
        place = {name: row for row, name in enumerate(dict.fromkeys(self.class_names))}
        tally = np.zeros((len(place), self.tally.shape[1]), np.int64)
        np.add.at(tally, [place[name] for name in self.class_names], self.tally)
        rows = (
            WorstClass(*reasons_of(counts, self.names, self.query), name)
            for name, counts in zip(place, tally.tolist(), strict=True)
        )
        return self._first(row for row in rows if row.group.num_poorly_assigned)

    @property
    def typical(self) -> WorstObject | None:
        """One of the most frequent kind, if there is one of those listed; or None."""
        if not self.kinds:
            return None
        key = max(self.kinds, key=lambda key: (self.kinds[key].num_objects, -key))
        return self._of_kind(self.kinds[key])

    def _of_kind(self, kind: Alike) -> WorstObject:
        """Of one kind the first that is listed, or else the first of all."""
        own = kind.example.reason, kind.example.size
        listed = (row for row in self.objects if (row.reason, row.size) == own)
        return next(listed, kind.example)

    @property
    def examples(self) -> tuple[WorstObject, ...]:
        """One of each kind, the most frequent first, then the worst of all."""
        # By key where numbers are equal: chunks may be put together in another order.
        ranked = sorted(self.kinds, key=lambda key: (-self.kinds[key].num_objects, key))
        every = (*(self._of_kind(self.kinds[key]) for key in ranked), *self.objects)
        alone = {(row.file, row.annotation_index): row for row in reversed(every)}
        places = dict.fromkeys((row.file, row.annotation_index) for row in every)
        return tuple(alone[place] for place in places)[: self.query.limit]

    def _first(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Keep the first few in their order, which objects, images and classes have."""
        return tuple(sorted(rows, key=attrgetter("order"))[: self.query.limit])


def find_worst(
    dataset: Dataset,
    settings: Settings,
    query: Query,
    *,
    variants: Variants | None = None,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> Worst:
    """Find what a convention treats worst; arguments as `run.summarize` takes them.

    Over ``variants`` objects come in the order of what they get there; all else, causes
    too, is as the convention has it without drawing, and objects are those it keeps.
    """
    work = partial(worst_chunk, settings=settings, query=query, variants=variants)
    return sum_chunks(work, dataset, executor=executor, on_chunk=on_chunk)


def worst_images(
    dataset: Dataset,
    settings: Settings,
    criterion: str,
    *,
    limit: int,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> IntArray:
    """Find the images that a convention treats worst; (N,) int64 rows, worst first.

    Of equals the one with more objects without a positive, then as in the data set;
    no image without objects, or without what is looked for.

    Parameters
    ----------
    criterion : one of ``CRITERIA``
    limit : images wanted
    dataset, executor, on_chunk : as `run.summarize` takes them
    """
    work = partial(_counts_by_image, settings=settings)
    parts = map_chunks(work, dataset, executor=executor, on_chunk=on_chunk)
    counts = np.concatenate([np.zeros((5, 0), dtype=np.int64), *parts], axis=1)
    num_objects, unassigned, poorly, lost, positives = counts
    per_object = np.maximum(num_objects, 1)
    shares = unassigned / per_object, lost, -positives / per_object
    rate = dict(zip(CRITERIA, (poorly, unassigned, *shares), strict=True))[criterion]
    # There is nothing of what is looked for, but few positives are still few.
    is_some = (num_objects > 0) & ((rate != 0) | (criterion == "fewest"))
    rows = np.flatnonzero(is_some)
    return rows[np.lexsort((-unassigned[rows], -rate[rows]))][:limit]


def worst_chunk(
    chunk: Dataset, settings: Settings, query: Query, variants: Variants | None = None
) -> Worst:
    """Find the worst of one chunk."""
    seen = lacking = None
    if variants is not None:
        seen = see_chunk(chunk, variants)
        lacking = count_lacking(chunk, query.selection, variants, seen)
    [(_, frame, answer)] = answer_chunk(chunk, (settings,))
    gt = np.flatnonzero(query.selection.mask(chunk, frame.object_rows))
    rows = frame.object_rows[gt]
    is_low = low_quality_only(frame, answer, settings)
    reason, names = answer.unassigned.cause, answer.unassigned.names
    if is_low is not None:
        reason, names = np.where(is_low, len(names), reason), (*names, LOW_QUALITY_ONLY)
    positives, need, is_certain = counted(frame, answer, query.need)
    query = replace(query, need=need)
    found = _Found(chunk, frame, answer.unassigned, positives, is_low, reason, seen)
    missing = np.maximum(query.need - positives[gt], 0)
    count = partial(_tally, reason[gt], len(names), missing)
    by_image = count(chunk.images_of(rows), chunk.num_images)
    asked = gt[np.isin(names, query.causes or names)[reason[gt]]]
    return Worst(
        query=query,
        tally=count(chunk.category_index[rows], len(chunk.category_names)),
        class_names=chunk.category_names,
        objects=found.objects(found.in_order(asked)[: query.limit]),
        images=_worst_images(chunk, by_image, names, query),
        kinds=found.kinds(asked),
        names=names,
        lacking=lacking,
        is_of_gate=isinstance(answer, Gate),
        is_certain=is_certain,
    )


def _tally(
    reason: IntArray,
    num_reasons: int,
    missing: IntArray,
    group: IntArray,
    num_groups: int,
) -> IntArray:
    """Count objects by group and reason, and what they miss; as `Worst.tally`."""
    flat = np.bincount(group * num_reasons + reason, minlength=num_groups * num_reasons)
    lacking = weighted_count(group, missing, num_groups)
    return np.column_stack([flat.reshape(num_groups, num_reasons), lacking])


class _Found(NamedTuple):
    """The G boxes of a chunk under the convention, and what became of them."""

    chunk: Dataset
    frame: Frame
    unassigned: Unassigned
    positives: IntArray  # (G,) int64
    is_low: BoolArray | None  # (G,) with low-quality matches only, if the rule has any
    reason: IntArray  # (G,) int64, place in `Worst.names`
    seen: ObjectVariants | None  # of all objects of the chunk, over variants

    def in_order(self, gt: IntArray) -> IntArray:
        """Sort some boxes as `WorstObject.order` does."""
        rows = self.frame.object_rows[gt]
        file = self.chunk.image_file[self.chunk.images_of(rows)]
        positives = self.positives[gt]
        grade = np.where(self.reason[gt] > 0, positives > 0, 2)
        keys = (self.chunk.annotation_index[rows], file, -self.chunk.size_areas[rows])
        first: list[Any] = [positives, grade]
        if self.seen is not None:
            first = draw_keys(self.seen, rows)
        order: IntArray = gt[np.lexsort((*keys, *first))]
        return order

    def kinds(self, gt: IntArray) -> dict[int, Alike]:
        """Count the poorly assigned ones of some boxes by reason and size."""
        gt = gt[self.reason[gt] > 0]
        size = size_bins(self.chunk.size_areas[self.frame.object_rows[gt]])
        keys = self.reason[gt] * len(SIZE_BINS) + size
        names, first, counts = np.unique(keys, return_index=True, return_counts=True)
        kinds = map(Alike, counts.tolist(), self.objects(gt[first]))
        return dict(zip(names.tolist(), kinds, strict=True))

    def objects(self, gt: IntArray) -> tuple[WorstObject, ...]:
        """Describe some boxes."""
        chunk, rows = self.chunk, self.frame.object_rows[gt]
        image = chunk.images_of(rows)
        causes = np.array([None, *self.unassigned.names[1:]], dtype=object)
        # Who holds what a box wanted most, by annotation id; -1 where nobody does.
        holders = self.unassigned.lost_to[gt]
        holding = chunk.xywh[self.frame.object_rows[holders]]
        ids = chunk.annotation_ids[self.frame.object_rows[holders]].astype(object)
        likeness = pair_iou(chunk.xywh[rows], holding).astype(object)
        ids[holders < 0] = likeness[holders < 0] = None
        columns = (
            self.positives[gt],
            chunk.size_areas[rows],
            chunk.image_file[image],
            chunk.annotation_index[rows],
            chunk.annotation_ids[rows],
            chunk.image_ids[image],
            chunk.file_names[image],
            np.array(chunk.category_names, dtype=object)[chunk.category_index[rows]],
            size_names(chunk.size_areas[rows]),
            chunk.xywh[rows, 2],
            chunk.xywh[rows, 3],
            causes[self.unassigned.cause[gt]],
            ids,
            np.full(len(gt), None) if self.is_low is None else self.is_low[gt],
            likeness,
        )
        draws = draws_of(self.seen, rows) if self.seen else [None] * len(rows)
        lists = *(column.tolist() for column in columns), draws
        return tuple(itertools.starmap(WorstObject, zip(*lists, strict=True)))


def _worst_images(
    chunk: Dataset, tally: IntArray, names: tuple[str, ...], query: Query
) -> tuple[WorstImage, ...]:
    """List the images with most objects of the reasons asked for, worst first."""
    by_reason = tally[:, :-1]
    poorly = by_reason[:, np.isin(names, query.causes or names[1:])].sum(axis=1)
    order = np.lexsort((by_reason.sum(axis=1), -poorly))
    order = order[poorly[order] > 0][: query.limit]
    each = tally, chunk.image_file, chunk.image_ids, chunk.file_names
    rows = zip(*(column[order].tolist() for column in each), strict=True)
    return tuple(WorstImage(*reasons_of(n, names, query), *image) for n, *image in rows)


def _counts_by_image(chunk: Dataset, settings: Settings) -> IntArray:
    """Objects, unassigned, poorly assigned, lost, positives by image; (5, I)."""
    [(_, frame, answer)] = answer_chunk(chunk, (settings,))
    image = frame.image_rows[frame.gt_image]
    cause, low = answer.unassigned.cause, low_quality_only(frame, answer, settings)
    is_lost, is_poor = cause == CAUSES.index(LOST_TO_OTHERS), cause > 0
    is_poor = is_poor if low is None else is_poor | low
    each = (
        image,
        *map(image.__getitem__, (cause > 0, is_poor, is_lost, answer.gt)),
    )
    return np.stack([np.bincount(rows, minlength=chunk.num_images) for rows in each])
