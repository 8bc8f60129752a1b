"""What a command that works through a data set needs: --jobs, and a progress bar."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from atss_inspect.cli.progress import progress_bar
from atss_inspect.errors import AtssInspectError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.dataset import Dataset
    from atss_inspect.run import OnChunk


@contextlib.contextmanager
def at_work(
    dataset: "Dataset", *, jobs: int, quiet: bool
) -> "Iterator[tuple[Executor | None, OnChunk | None]]":
    """Lend what working through a data set takes: processes, and a progress bar.

    Never more processes than chunks. Both are what `run.map_chunks` asks for.
    """
    from atss_inspect.run import count_chunks

    with (
        worker_processes(min(jobs, count_chunks(dataset))) as executor,
        progress_bar("assigning", dataset.num_images, quiet=quiet) as on_chunk,
    ):
        yield executor, on_chunk


@contextlib.contextmanager
def worker_processes(jobs: int) -> "Iterator[Executor | None]":
    """Lend an executor of some processes; None for one job, which needs no other.

    Processes are spawned, not forked: a fork copies whatever locks the threads of
    NumPy's libraries hold at that moment. When the block ends by an error or Ctrl-C,
    work that has not begun is dropped.

    Raises
    ------
    AtssInspectError
        Where a process was killed.
    """
    if jobs <= 1:
        yield None
        return
    # Loads 17 ms of modules, which one job does without.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _ignore_interrupts)
    with _interrupts_handled_by(_interrupt_once):
        try:
            with _interrupts_handled_by(signal.SIG_IGN):
                # One process starts with each of these; they ignore Ctrl-C from birth.
                for _ in range(jobs):
                    pool.submit(os.getpid)
            yield pool
        except BrokenProcessPool as error:
            message = "a worker process was killed, perhaps for want of memory"
            raise AtssInspectError(message, hint="use fewer --jobs") from error
        finally:
            # Waits for the chunks under way, a fraction of a second.
            pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the main one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _interrupt_once(_number: int, _frame: object) -> NoReturn:
    """Stop at the first Ctrl-C; later ones must not stop the stopping half-way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _interrupts_handled_by(handler: Any) -> Iterator[None]:
    """Handle Ctrl-C in another way for a while; only the main thread may say how."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
