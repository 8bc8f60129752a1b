"""The objects, images and classes that one convention treats worst.

Of every chunk only the worst few are kept, and the worst few of two chunks are among
those of each: memory stays bounded, and the answer does not depend on the chunks.
`worst_images` ranks images alone, by one of several criteria.
"""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame
from atss_inspect.arrays import BoolArray, IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.settings import Settings
from atss_inspect.statistics.counting import low_quality_only
from atss_inspect.statistics.grades import ENOUGH_OBJECTS
from atss_inspect.statistics.run import OnChunk, assign_chunk, map_chunks, sum_chunks
from atss_inspect.statistics.summary import Selection, size_names
from atss_inspect.statistics.tally import share

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


class WorstObject(NamedTuple):
    """An object, what it gets, and why it has no positive."""

    num_positives: int  # anchors
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

    @property
    def order(self) -> tuple[float, ...]:
        """Poorly assigned ones first, then those with few positives, then large ones.

        Of equals the first in the files.
        """
        grade = 1 if self.is_low_quality_only else 2 * (self.num_positives > 0)
        place = self.file, self.annotation_index
        return grade, self.num_positives, -self.area, *place


@dataclass(frozen=True)
class Reasons:
    """Objects of a group by why they are poorly assigned; the others come first."""

    counts: tuple[int, ...]  # one number per entry of `names`
    wanted: tuple[str, ...] = ()  # reasons asked for; empty means all
    # "none", the causes that the convention's rule gives, and `LOW_QUALITY_ONLY` where
    # it has low-quality matches.
    names: tuple[str, ...] = field(default=CAUSES, kw_only=True)

    @property
    def num_objects(self) -> int:
        """All objects of the group."""
        return sum(self.counts)

    @property
    def _asked(self) -> dict[str, int]:
        """Poorly assigned objects by reason asked for, in rule order."""
        known = dict(zip(self.names[1:], self.counts[1:], strict=True))
        return {n: known[n] for n in known if not self.wanted or n in self.wanted}

    @property
    def by_cause(self) -> dict[str, int]:
        """Objects without a positive by cause asked for, those that occur."""
        asked = self._asked.items()
        return {n: count for n, count in asked if count and n != LOW_QUALITY_ONLY}

    @property
    def num_unassigned(self) -> int:
        """Objects without a positive for a cause asked for."""
        return sum(self.by_cause.values())

    @property
    def num_low_quality_only(self) -> int | None:
        """Objects with low-quality matches only, 0 where others were asked for.

        None where the rule has no such matches.
        """
        has_any = LOW_QUALITY_ONLY in self.names
        return self._asked.get(LOW_QUALITY_ONLY, 0) if has_any else None

    @property
    def num_poorly_assigned(self) -> int:
        """Objects that are poorly assigned for a reason asked for."""
        return sum(self._asked.values())

    @property
    def share(self) -> float | None:
        """Share of the objects that are poorly assigned; None without objects."""
        return share(self.num_poorly_assigned, self.num_objects)

    @property
    def main_cause(self) -> str | None:
        """The cause of most without a positive; of equals the first in rule order."""
        causes = self.by_cause
        return max(causes, key=lambda name: causes[name], default=None)


@dataclass(frozen=True)
class WorstImage(Reasons):
    """An image and what becomes of its objects."""

    file: int = 0  # row of the data set's files
    image_id: Any = None  # as written in the file
    file_name: str = ""  # likewise

    @property
    def order(self) -> tuple[int, int]:
        """Most poorly assigned objects first, of these the larger share."""
        return -self.num_poorly_assigned, self.num_objects


@dataclass(frozen=True)
class WorstClass(Reasons):
    """A class and what becomes of its objects."""

    class_name: str = ""

    @property
    def order(self) -> tuple[bool, Fraction, int]:
        """Largest share first, then most objects; after the others those of few."""
        poorly = self.num_poorly_assigned
        is_small = self.num_objects < ENOUGH_OBJECTS
        return is_small, -Fraction(poorly, self.num_objects), -poorly


@dataclass(frozen=True)
class Worst:
    """The worst of some images."""

    query: Query  # what was looked for
    tally: IntArray  # (C, N) int64 objects by class and reason, as `Reasons.names`
    class_names: tuple[str, ...]  # C names
    objects: tuple[WorstObject, ...]  # at most `query.limit`, worst first
    # At most `query.limit` that have a poorly assigned object, worst first; equals as
    # in the data set.
    images: tuple[WorstImage, ...]
    names: tuple[str, ...] = CAUSES  # as `Reasons.names`

    def __add__(self, other: "Worst") -> "Worst":
        """Put two runs of images together, the earlier on the left."""
        return replace(
            self,
            tally=self.tally + other.tally,
            objects=self._first((*self.objects, *other.objects)),
            images=self._first((*self.images, *other.images)),
        )

    @property
    def every_object(self) -> Reasons:
        """All objects reported, whatever the reasons asked for."""
        return Reasons(tuple(self.tally.sum(axis=0).tolist()), names=self.names)

    @property
    def asked(self) -> Reasons:
        """All objects reported, by the reasons asked for."""
        return replace(self.every_object, wanted=self.query.causes)

    @property
    def classes(self) -> tuple[WorstClass, ...]:
        """Classes with a poorly assigned object, as many as asked for, worst first."""
        make = partial(WorstClass, wanted=self.query.causes, names=self.names)
        pairs = zip(self.class_names, self.tally.tolist(), strict=True)
        rows = (make(tuple(counts), class_name=name) for name, counts in pairs)
        return self._first(row for row in rows if row.num_poorly_assigned)

    def _first(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        """Keep the first few in their order, which objects, images and classes have."""
        return tuple(sorted(rows, key=attrgetter("order"))[: self.query.limit])


def find_worst(
    dataset: Dataset,
    settings: Settings,
    query: Query,
    *,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> Worst:
    """Find what a convention treats worst; arguments as `run.summarize` takes them.

    Zeros and empty tuples for a data set without objects.
    """
    work = partial(worst_chunk, settings=settings, query=query)
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
    """Find the images that a convention treats worst.

    (N,) int64 rows of images, worst first, of equals the one with more objects
    without a positive, then as in the data set. Fewer than ``limit``, or none, where
    the others have nothing of what is looked for; images without objects never count.

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
    rates = {
        "poorly": poorly,
        "unassigned": unassigned,
        "share": unassigned / per_object,
    }
    rates |= {"lost": lost, "fewest": -positives / per_object}
    rate = rates[criterion]
    # There is nothing of what is looked for, but few positives are still few.
    is_some = (num_objects > 0) & ((rate != 0) | (criterion == "fewest"))
    rows = np.flatnonzero(is_some)
    return rows[np.lexsort((-unassigned[rows], -rate[rows]))][:limit]


def worst_chunk(chunk: Dataset, settings: Settings, query: Query) -> Worst:
    """Find the worst of one chunk."""
    [(_, frame, assignment)] = assign_chunk(chunk, (settings,))
    gt = np.flatnonzero(query.selection.mask(chunk, frame.object_rows))
    rows = frame.object_rows[gt]
    reason, names = assignment.unassigned.cause, assignment.unassigned.names
    is_low = low_quality_only(frame, assignment, settings)
    if is_low is not None:
        reason, names = np.where(is_low, len(names), reason), (*names, LOW_QUALITY_ONLY)
    shape = len(chunk.category_names), len(names)
    asked = gt[np.isin(names, query.causes or names)[reason[gt]]]
    return Worst(
        query=query,
        tally=_tally(chunk.category_index[rows], reason[gt], shape),
        class_names=chunk.category_names,
        objects=_worst_objects(chunk, frame, assignment, asked, is_low, query.limit),
        images=_worst_images(chunk, rows, reason[gt], names, query),
        names=names,
    )


def _tally(group: IntArray, reason: IntArray, shape: tuple[int, int]) -> IntArray:
    """Count objects by group and reason; ``shape`` is (groups, reasons)."""
    flat = np.bincount(group * shape[1] + reason, minlength=shape[0] * shape[1])
    return flat.reshape(shape)


def _worst_objects(
    chunk: Dataset,
    frame: Frame,
    assignment: Assignment,
    gt: IntArray,
    is_low: BoolArray | None,
    limit: int,
) -> tuple[WorstObject, ...]:
    """List the boxes of a frame that are worst, in their order, among those given."""
    positives = np.bincount(assignment.gt, minlength=frame.num_gt)
    lows = np.full(frame.num_gt, None) if is_low is None else is_low.astype(object)
    rows = frame.object_rows[gt]
    file = chunk.image_file[chunk.images_of(rows)]
    grade = np.where(lows[gt].astype(bool), 1, 2 * (positives[gt] > 0))
    keys = (chunk.annotation_index[rows], file, -chunk.areas[rows], positives[gt])
    gt = gt[np.lexsort((*keys, grade))[:limit]]
    rows = frame.object_rows[gt]
    image = chunk.images_of(rows)
    unassigned = assignment.unassigned
    causes = np.array([None, *unassigned.names[1:]], dtype=object)
    names = np.array(chunk.category_names, dtype=object)
    # Who holds what a box wanted most, by annotation id; -1 where nobody does.
    holders = unassigned.lost_to[gt]
    ids = chunk.annotation_ids[frame.object_rows[holders]].astype(object)
    ids[holders < 0] = None
    columns = (
        positives[gt],
        chunk.areas[rows],
        chunk.image_file[image],
        chunk.annotation_index[rows],
        chunk.annotation_ids[rows],
        chunk.image_ids[image],
        chunk.file_names[image],
        names[chunk.category_index[rows]],
        size_names(chunk.areas[rows]),
        chunk.xywh[rows, 2],
        chunk.xywh[rows, 3],
        causes[unassigned.cause[gt]],
        ids,
        lows[gt],
    )
    lists = (column.tolist() for column in columns)
    return tuple(itertools.starmap(WorstObject, zip(*lists, strict=True)))


def _worst_images(
    chunk: Dataset,
    rows: IntArray,
    reason: IntArray,
    names: tuple[str, ...],
    query: Query,
) -> tuple[WorstImage, ...]:
    """List the images with most objects of the reasons asked for, worst first."""
    shape = chunk.num_images, len(names)
    tally = _tally(chunk.images_of(rows), reason, shape)
    poorly = tally[:, np.isin(names, query.causes or names[1:])].sum(axis=1)
    order = np.lexsort((tally.sum(axis=1), -poorly))
    order = order[poorly[order] > 0][: query.limit]
    found = (chunk.image_file, chunk.image_ids, chunk.file_names)
    columns = [column[order].tolist() for column in (tally, *found)]
    return tuple(
        WorstImage(tuple(counts), query.causes, *image, names=names)
        for counts, *image in zip(*columns, strict=True)
    )


def _counts_by_image(chunk: Dataset, settings: Settings) -> IntArray:
    """Count by image; (5, I).

    Objects, those without, poorly assigned ones, those that lost all, and positives.
    """
    [(_, frame, assignment)] = assign_chunk(chunk, (settings,))
    image = frame.image_rows[frame.gt_image]
    cause = assignment.unassigned.cause
    is_lost, is_poor = cause == CAUSES.index("lost_to_others"), cause > 0
    low = low_quality_only(frame, assignment, settings)
    if low is not None:
        is_poor = is_poor | low
    chosen = (cause > 0, is_poor, is_lost, assignment.gt)
    each = (image, *(image[rows] for rows in chosen))
    return np.stack([np.bincount(rows, minlength=chunk.num_images) for rows in each])
