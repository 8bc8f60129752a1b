"""Take a data set through conventions, chunk by chunk, on one or many processes.

A chunk is a run of whole images. Chunks share nothing and their answers are whole
numbers, so the result does not depend on who computed what, or when.
"""

import ctypes
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from operator import add
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.arrays import IntArray
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.pyramid import Pyramid, build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.settings import Settings
from atss_inspect.statistics.summary import (
    Selection,
    Summary,
    add_counts,
    summarize_assignment,
)

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Answer = TypeVar("Answer")
OnChunk = Callable[[int], None]

# Fewer boxes a chunk make more calls, more boxes more memory and cache misses.
BOXES_PER_CHUNK = 4000
IMAGES_PER_CHUNK = 4096
# Of one image: 800 x 1,333 pixels with nine anchors a cell from stride 8 on have less
# than a thousandth of it, 37,000 x 37,000 nearly all.
MOST_ANCHORS = 1 << 28
# Chunks sent ahead to an executor, so that memory stays bounded; of an executor that
# tells its ``num_workers``, at least so many for each.
_CHUNKS_AHEAD = 32
_CHUNKS_PER_WORKER = 2
# Options of glibc, from its malloc.h.
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3


def assign(dataset: Dataset, settings: Settings) -> tuple[Frame, Assignment]:
    """Assign the anchors of all images of a data set at once.

    Memory grows with the data set; `summarize` works chunk by chunk.

    Returns
    -------
    frame : the images and boxes the convention keeps, in input pixels
    assignment : its positive anchors; ``gt`` counts the frame's boxes
    """
    every = slice(0, dataset.num_images)
    frame = build_frame(dataset, every, settings.data, settings.resize)
    return frame, assign_frame(frame, settings)


def assign_frame(frame: Frame, settings: Settings) -> Assignment:
    """Assign the anchors of one frame by the convention's rule.

    Raises
    ------
    SettingsError
        Where an image has more than ``MOST_ANCHORS`` anchors.
    """
    _keep_freed_memory()
    pyramid = build_pyramid(settings.anchors)
    _require_few_anchors(frame, pyramid, settings)
    return settings.rule.assign(frame, settings.pyramid, settings.assigner)


@cache
def _keep_freed_memory() -> None:
    """Have the C library keep freed memory for the next array.

    glibc hands blocks of some MB back to the system, and faults them in again page by
    page, which takes a tenth of the time or more. Others are left as they are.
    """
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option:
            set_option(_M_MMAP_THRESHOLD, 32 << 20)  # the most it takes
            set_option(_M_TRIM_THRESHOLD, 256 << 20)


def _require_few_anchors(frame: Frame, pyramid: Pyramid, settings: Settings) -> None:
    """Refuse sizes and strides that are slips: nothing could train on so much."""
    # No image has more anchors than one as high and as wide as any.
    largest = frame.padded_size.max(axis=0, keepdims=True, initial=1)
    if pyramid.grids(largest).num_anchors[0] <= MOST_ANCHORS:
        return
    found = pyramid.grids(frame.padded_size).num_anchors
    if found.max() > MOST_ANCHORS:
        row = int(found.argmax())
        height, width = frame.padded_size[row].tolist()
        message = (
            f"{settings.name}: an image of {width} x {height} input pixels would have "
            f"{found[row]:,} anchors; at most {MOST_ANCHORS:,} are possible"
        )
        raise SettingsError(message, hint="take a smaller input size or longer strides")


def summarize(
    dataset: Dataset,
    settings: Sequence[Settings] | Settings,
    *,
    selection: Selection | None = None,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> tuple[Summary, ...]:
    """Count what each convention does to the objects of a data set.

    Parameters
    ----------
    dataset : any size; worked off in chunks
    settings : one convention or several side by side
    selection : the objects to report, by default all
    executor : any `concurrent.futures.Executor`; None computes here
    on_chunk : called with the number of images done after every chunk

    Returns
    -------
    One summary per convention, in their order. What the reader left out of the files
    is counted in each.
    """
    each = (settings,) if isinstance(settings, Settings) else tuple(settings)
    work = partial(summarize_chunk, settings=each, selection=selection or Selection())
    total = work(dataset.slice_images(0, 0))
    for part in map_chunks(work, dataset, executor=executor, on_chunk=on_chunk):
        total = tuple(map(add, total, part))
    return tuple(with_reader_losses(summary, dataset) for summary in total)


def summarize_chunk(
    chunk: Dataset, settings: tuple[Settings, ...], selection: Selection
) -> tuple[Summary, ...]:
    """Count what each convention does to the objects of one chunk."""
    return tuple(
        summarize_assignment(
            chunk, frame, assignment, len(convention.anchors.strides), selection
        )
        for convention, frame, assignment in assign_chunk(chunk, settings)
    )


def assign_chunk(
    chunk: Dataset, settings: Sequence[Settings]
) -> Iterator[tuple[Settings, Frame, Assignment]]:
    """Assign one chunk by each convention; equal data rules and sizes share a frame."""
    frames: dict[object, Frame] = {}
    for convention in settings:
        rules = convention.data, convention.resize
        if rules not in frames:
            frames[rules] = build_frame(chunk, slice(0, chunk.num_images), *rules)
        yield convention, frames[rules], assign_frame(frames[rules], convention)


def map_chunks(
    work: Callable[[Dataset], Answer],
    dataset: Dataset,
    *,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> Iterator[Answer]:
    """Apply ``work`` to every chunk and give the answers in image order.

    ``work`` and its answers must be picklable if the executor has other processes.
    """
    waiting: deque[tuple[int, Future[Answer]]] = deque()
    num_workers: int = getattr(executor, "num_workers", 0)
    num_ahead = max(_CHUNKS_AHEAD, _CHUNKS_PER_WORKER * num_workers)

    def finish() -> Answer:
        num_images, future = waiting.popleft()
        answer = future.result()
        if on_chunk:
            on_chunk(num_images)
        return answer

    for start, stop in chunk_bounds(dataset.object_offsets):
        chunk = dataset.slice_images(start, stop)
        if executor is None:
            yield work(chunk)
            if on_chunk:
                on_chunk(stop - start)
            continue
        waiting.append((stop - start, executor.submit(work, chunk)))
        if len(waiting) >= num_ahead:
            yield finish()
    while waiting:
        yield finish()


def count_chunks(dataset: Dataset) -> int:
    """Count the chunks of a data set: more processes than these have nothing to do."""
    return sum(1 for _ in chunk_bounds(dataset.object_offsets))


def chunk_bounds(object_offsets: IntArray) -> Iterator[tuple[int, int]]:
    """Cut the images into runs of about ``BOXES_PER_CHUNK`` boxes, at least one image.

    An image is never split: its boxes contest each other's anchors.
    """
    num_images = len(object_offsets) - 1
    start = 0
    while start < num_images:
        full = object_offsets[start] + BOXES_PER_CHUNK
        stop = int(np.searchsorted(object_offsets, full, side="right")) - 1
        stop = min(max(stop, start + 1), start + IMAGES_PER_CHUNK, num_images)
        yield start, stop
        start = stop


def with_reader_losses(summary: Summary, dataset: Dataset) -> Summary:
    """Add what the reader could not use, so that objects add up to the annotations."""
    return replace(
        summary,
        left_out_objects=add_counts(summary.left_out_objects, dataset.left_out),
        left_out_images=add_counts(summary.left_out_images, dataset.left_out_images),
    )
