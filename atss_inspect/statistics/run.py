"""Take a data set through conventions, chunk by chunk, on one or many processes.

A chunk is a run of whole images. Chunks share nothing and their answers are whole
numbers, so the result does not depend on who computed what, or when.
"""

import ctypes
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from operator import add
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.arrays import IntArray
from atss_inspect.assigners import RULES
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.gate import Gate
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names, read_preset
from atss_inspect.settings import Settings
from atss_inspect.settings.given import several, single
from atss_inspect.statistics.bootstrap import images_per_block
from atss_inspect.statistics.counting import (
    Counting,
    ObjectGroups,
    summarize_answer,
)
from atss_inspect.statistics.summary import Selection, Summary, add_counts
from atss_inspect.statistics.tally import NEED, require_need

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

Part = TypeVar("Part")
Answer = tuple[Settings, Frame, Assignment | Gate]
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

    Examples
    --------
    >>> from atss_inspect import assign, load_coco, preset
    >>> dataset = load_coco("sample_data/instances.json")
    >>> frame, assignment = assign(dataset, preset("atss-mmdet"))
    >>> frame.gt_boxes.shape, assignment.gt.shape
    ((520, 4), (4472,))
    """
    convention, every = single(settings), slice(0, dataset.num_images)
    frame = frame_of(dataset, every, convention)
    return frame, assign_frame(frame, convention)


def frame_of(dataset: Dataset, images: slice, settings: Settings) -> Frame:
    """Take a run of images as a convention's network sees them; see `build_frame`."""
    rules, placed = (settings.data, settings.resize), placement(settings)
    return build_frame(dataset, images, *rules, **placed)


def placement(settings: Settings) -> dict[str, Any]:
    """How images lie, as `build_frame` takes it."""
    return {"is_flipped": settings.is_flipped, "shift": settings.shift}


def assign_frame(frame: Frame, settings: Settings) -> Assignment:
    """Assign the anchors of one frame by the convention's rule.

    Raises `SettingsError` where an image has more than ``MOST_ANCHORS`` anchors, and of
    a gate.
    """
    if settings.rule.gate is not None:
        message = f"{settings.name} is a gate; which points of an object become "
        message += "positive only a model says"
        hint = "which may: stats, `export candidates` and `export objects`"
        raise SettingsError(message, hint=hint)
    _prepare(frame, settings)
    return settings.rule.assign(frame, settings.pyramid, settings.assigner)


def answer_frame(frame: Frame, settings: Settings) -> Assignment | Gate:
    """Assign the anchors of one frame, or find what may become positive, by the rule.

    Raises `SettingsError` as `assign_frame`.
    """
    if settings.rule.gate is None:
        return assign_frame(frame, settings)
    return find_gate(frame, settings)


def find_gate(frame: Frame, settings: Settings) -> Gate:
    """Find what may become positive, by a rule that answers with a gate.

    Raises `SettingsError` where the rule answers with an assignment.
    """
    _prepare(frame, settings)
    gate = settings.rule.gate
    if gate is None:
        message = f"{settings.name}: expected a rule that answers with a gate"
        names = (
            name
            for name in preset_names()
            if RULES[read_preset(name)["assigner"]["name"]].gate
        )
        raise SettingsError(message, hint=f"presets that do: {', '.join(names)}")
    return gate(frame, settings.pyramid, settings.assigner)


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


def _prepare(frame: Frame, settings: Settings) -> None:
    """Refuse sizes and strides that are slips: nothing could train on so much."""
    _keep_freed_memory()
    pyramid = build_pyramid(settings.anchors)
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
    need: int = NEED,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> tuple[Summary, ...]:
    """Count what each convention does to the objects of a data set.

    Parameters
    ----------
    dataset : any size; worked off in chunks
    settings : one convention or several side by side
    selection : the objects to report, by default all
    need : positives that an object needs (`Group.missing_to_need`)
    executor : any `concurrent.futures.Executor`; None computes here
    on_chunk : called with the number of images done after every chunk

    Returns
    -------
    One summary per convention, in their order. What the reader left out of the files
    is counted in each.

    Examples
    --------
    >>> from atss_inspect import load_coco, preset, summarize
    >>> dataset = load_coco("sample_data/instances.json")
    >>> both = summarize(dataset, [preset("atss-mmdet"), preset("fcos-mmdet")])
    >>> [one.num_unassigned for one in both]
    [24, 21]
    """
    asked = several(settings)
    each = tuple(dict.fromkeys(asked))  # a sweep has today's settings twice
    chosen, counting = selection or Selection(), counting_of(dataset, need)
    work = partial(summarize_chunk, settings=each, selection=chosen, counting=counting)
    plus: Any = lambda one, other: tuple(map(add, one, other))  # noqa: E731
    total = sum_chunks(work, dataset, plus=plus, executor=executor, on_chunk=on_chunk)
    found = (with_reader_losses(summary, dataset) for summary in total)
    return tuple(map(dict(zip(each, found, strict=True)).__getitem__, asked))


def counting_of(dataset: Dataset, need: int) -> Counting:
    """Count objects of a data set by blocks of its images, as intervals need it."""
    return Counting(require_need(need), images_per_block(dataset.num_images))


def summarize_chunk(
    chunk: Dataset,
    settings: tuple[Settings, ...],
    selection: Selection,
    counting: Counting,
) -> tuple[Summary, ...]:
    """Count what each convention does to the objects of one chunk."""
    found, described = {}, None
    for place, (convention, frame, answer) in answer_each(chunk, settings):
        if described is not frame:  # conventions of one frame have the same objects
            chosen = selection.mask(chunk, frame.object_rows)
            objects = ObjectGroups.of(chunk, frame, chosen, counting)
            described = frame
        found[place] = summarize_answer(frame, answer, convention, objects)
    return tuple(found[place] for place in range(len(settings)))


def answer_chunk(chunk: Dataset, settings: Sequence[Settings]) -> list[Answer]:
    """Ask each convention about one chunk, in their order."""
    found = dict(answer_each(chunk, settings))
    return [found[place] for place in range(len(settings))]


def answer_each(
    chunk: Dataset, settings: Sequence[Settings]
) -> Iterator[tuple[int, Answer]]:
    """Ask each convention about one chunk, named by its place; what they share, once.

    Equal data rules and sizes share a frame, and conventions that differ in nothing
    but k their candidates. Answers come in the order in which they are found.
    """

    def all_but_k(at: int) -> object:
        rule, params = settings[at].rule, settings[at].assigner
        return settings[at].anchors, rule.at_k(params, 1) if rule.each_k else params

    sizes = [(each.data, each.resize, each.is_flipped, each.shift) for each in settings]
    for of_frame in _grouped(range(len(settings)), sizes.__getitem__):
        first = settings[of_frame[0]]
        every = slice(0, chunk.num_images)
        frame = frame_of(chunk, every, first)
        for family in _grouped(of_frame, all_but_k):
            members = [settings[at] for at in family]
            answers = _answer_family(frame, members)
            for at, answer in zip(family, answers, strict=True):
                yield at, (settings[at], frame, answer)


def _grouped(places: Iterable[int], key: Callable[[int], object]) -> list[list[int]]:
    """Bring together the places with equal keys, in the order they first come."""
    groups: dict[object, list[int]] = {}
    for place in places:
        groups.setdefault(key(place), []).append(place)
    return list(groups.values())


def _answer_family(
    frame: Frame, settings: Sequence[Settings]
) -> Iterable[Assignment | Gate]:
    """Ask conventions that differ in nothing but k about a frame."""
    first, params = settings[0], [each.assigner for each in settings]
    each_k = first.rule.each_k
    if not each_k or len(set(params)) == 1:
        return (answer_frame(frame, each) for each in settings)
    _prepare(frame, first)
    ks = [first.rule.k_of(one) or 0 for one in params]
    return each_k.assign(frame, first.pyramid, first.assigner, ks)


def sum_chunks(
    work: Callable[[Dataset], Part],
    dataset: Dataset,
    *,
    plus: Callable[[Part, Part], Part] = add,
    executor: "Executor | None",
    on_chunk: OnChunk | None,
) -> Part:
    """Add up `map_chunks` and the answer for no image; equal weights first."""
    waiting = [(1, work(dataset.slice_images(0, 0)))]
    for part in map_chunks(work, dataset, executor=executor, on_chunk=on_chunk):
        weight, total = 1, part
        while waiting and waiting[-1][0] == weight:
            weight, total = 2 * weight, plus(waiting.pop()[1], total)
        waiting.append((weight, total))
    total = waiting.pop()[1]
    while waiting:
        total = plus(waiting.pop()[1], total)
    return total


def map_chunks(
    work: Callable[[Dataset], Part],
    dataset: Dataset,
    *,
    executor: "Executor | None" = None,
    on_chunk: OnChunk | None = None,
) -> Iterator[Part]:
    """Apply ``work`` to every chunk; the answers come in image order.

    ``work`` and its answers must be picklable if the executor has other processes.
    """
    waiting: deque[tuple[int, Future[Part]]] = deque()
    num_workers: int = getattr(executor, "num_workers", 0)
    num_ahead = max(_CHUNKS_AHEAD, _CHUNKS_PER_WORKER * num_workers)

    def finish() -> Part:
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
