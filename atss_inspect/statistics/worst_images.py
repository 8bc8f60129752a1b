"""The images that a convention treats worst, by one of several criteria."""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.arrays import Float64Array, IntArray
from atss_inspect.assigners.causes import CAUSES
from atss_inspect.settings import Settings
from atss_inspect.statistics.run import OnChunk, assign_chunk, map_chunks

if TYPE_CHECKING:
    from concurrent.futures import Executor

# Criterion -> what the images have, in words.
CRITERIA = {
    "unassigned": "most objects without a positive",
    "share": "largest share of objects without a positive",
    "lost": "most objects that lost every anchor to others",
    "fewest": "fewest positives per object",
}


@dataclass(frozen=True, eq=False)
class _Tally:
    """Counts by image, (I,) int64 each: objects, starved and lost ones, positives."""

    objects: IntArray
    unassigned: IntArray
    lost: IntArray
    positives: IntArray


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

    Parameters
    ----------
    dataset : any size; worked off in chunks
    settings : the convention
    criterion : one of ``CRITERIA``
    limit : images wanted
    executor, on_chunk : as `run.map_chunks` takes them

    Returns
    -------
    (N,) int64 rows of images, worst first, of equals the one with more starved objects,
    then as in the data set. Fewer than ``limit``, or none, where the others have
    nothing of what is looked for; images without objects never count.
    """
    work = partial(_tally, settings=settings)
    parts = list(map_chunks(work, dataset, executor=executor, on_chunk=on_chunk))
    if not parts:
        return np.zeros(0, dtype=np.int64)
    columns = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("objects", "unassigned", "lost", "positives")
    ]
    tally = _Tally(*columns)
    badness = _badness(tally, criterion)
    order = np.lexsort((np.arange(len(badness)), -tally.unassigned, -badness))
    return order[np.isfinite(badness[order])][:limit]


def _badness(tally: _Tally, criterion: str) -> Float64Array:
    """Rate the images; -inf where there is nothing of what is looked for."""
    objects = np.maximum(tally.objects, 1).astype(np.float64)
    rates = {
        "unassigned": tally.unassigned.astype(np.float64),
        "share": tally.unassigned / objects,
        "lost": tally.lost.astype(np.float64),
        "fewest": -tally.positives / objects,
    }
    rate: Float64Array = rates[criterion]
    is_none = tally.objects == 0
    if criterion != "fewest":
        is_none |= rate == 0
    return np.where(is_none, -np.inf, rate)


def _tally(chunk: Dataset, settings: Settings) -> _Tally:
    """Count what becomes of the objects of a chunk, image by image."""
    [(_, frame, assignment)] = assign_chunk(chunk, (settings,))
    image = frame.image_rows[frame.gt_image]
    cause = assignment.starvation.cause

    def count(images: IntArray) -> IntArray:
        return np.bincount(images, minlength=chunk.num_images)

    return _Tally(
        objects=count(image),
        unassigned=count(image[cause > 0]),
        lost=count(image[cause == CAUSES.index("lost_to_others")]),
        positives=count(image[assignment.gt]),
    )
