"""Other processes for --jobs."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.errors import AtssInspectError

if TYPE_CHECKING:
    from concurrent.futures import Executor


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
    try:
        with _interrupts_ignored():
            # One process starts with each of these.
            for _ in range(jobs):
                pool.submit(os.getpid)
        yield pool
    except BrokenProcessPool as error:
        message = "a worker process was killed, perhaps for want of memory"
        raise AtssInspectError(message, hint="use fewer --jobs") from error
    finally:
        pool.shutdown(cancel_futures=True)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C, which a terminal sends to all processes, to the main one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C for a moment: processes started now ignore it from birth on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
