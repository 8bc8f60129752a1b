"""Work on many small files: in threads, in order, with a bar for who waits."""

import contextlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

Item = TypeVar("Item")
Result = TypeVar("Result")
# Of a title and a total: what makes a function to report progress to, or None.
Progress = Callable[[str, int], AbstractContextManager[Callable[[int], None] | None]]

# One task is worth the time to hand it over, and a bar moves often enough.
FILES_PER_TASK = 64
# Threads wait for the disk together; more of them wait for each other.
MOST_THREADS = 8


def map_files(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    *,
    title: str,
    progress: Progress | None = None,
) -> Iterator[Result]:
    """Do some work on every item, in threads; what comes of it, in order.

    The work must raise nothing. Where no thread can be started, this one does it all.
    An end from outside waits for the item that each thread is at.
    """
    starts = range(0, len(items), FILES_PER_TASK)
    chunks = [items[start : start + FILES_PER_TASK] for start in starts]
    bar = nullcontext() if progress is None else progress(title, len(items))
    with bar as advance, contextlib.closing(_map(work, chunks)) as results:
        for found in results:
            yield from found
            if advance is not None:
                advance(len(found))


def _map(
    work: Callable[[Item], Result], chunks: Sequence[Sequence[Item]]
) -> Generator[list[Result], None, None]:
    """Do the work chunk by chunk, some chunks ahead of what is taken."""
    has_ended = False

    def do(chunk: Sequence[Item]) -> list[Result]:
        return [work(item) for item in chunk if not has_ended]

    threads = min(num_cores(), MOST_THREADS, len(chunks))
    if threads < 2:
        yield from map(do, chunks)
        return
    from concurrent.futures import ThreadPoolExecutor  # most formats need none

    pool = ThreadPoolExecutor(threads)
    try:
        waiting: list[Future[list[Result]] | None] = []
        for place in range(len(chunks)):
            for ahead in range(len(waiting), min(place + 4 * threads, len(chunks))):
                waiting.append(_submit(pool, do, chunks[ahead]))
            task = waiting[place]
            waiting[place] = None  # its result is needed no longer than here
            yield do(chunks[place]) if task is None else task.result()
    finally:
        has_ended = True
        pool.shutdown(cancel_futures=True)


def _submit(
    pool: Any, do: Callable[[Sequence[Item]], list[Result]], chunk: Sequence[Item]
) -> "Future[list[Result]] | None":
    """Hand over a chunk; None where the system gives no thread to the pool."""
    try:
        task: Future[list[Result]] = pool.submit(do, chunk)
    except RuntimeError:
        return None
    return task


def num_cores() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # not on every system
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
