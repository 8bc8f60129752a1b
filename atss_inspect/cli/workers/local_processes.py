"""Work shared among processes of this machine: ``--jobs``."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect import stopping
from atss_inspect.errors import AtssInspectError
from atss_inspect.private_names import RESULTS, SENDER

if TYPE_CHECKING:
    from concurrent.futures import Executor

PATIENCE_S = 10.0  # with processes that have no work any more, or have lost one
WATCH_S = 0.5  # between looks whether there is still something to watch
SIGNAL_S = 0.1  # a signal that was sent with another one has come after this


@contextlib.contextmanager
def worker_processes(jobs: int) -> "Iterator[Executor | None]":
    """Start an executor of some processes; None for one job, which needs no other.

    Processes are spawned, not forked: a fork copies whatever locks the threads of
    NumPy's libraries hold at that moment. When the block ends by an error or Ctrl-C,
    work that has not begun is dropped. Raises `AtssInspectError` where a process was
    killed.
    """
    if jobs <= 1:
        yield None
        return
    # Loads 17 ms of modules, which one job does without.
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    pool = ProcessPoolExecutor(jobs, get_context("spawn"), _serve)
    is_over = threading.Event()
    with stopping.interrupts_handled_by(stopping.interrupt_once):
        try:
            with _held_back():
                # One process starts with each of these.
                for _ in range(jobs):
                    pool.submit(os.getpid)
                threading.Thread(
                    target=_watch, args=(pool, is_over), daemon=True
                ).start()
            yield pool
        except BrokenProcessPool as error:
            # A signal to all processes ends the workers too; let ours come first.
            time.sleep(SIGNAL_S)
            message = "a worker process was killed, perhaps for want of memory"
            raise AtssInspectError(message, hint="use fewer --jobs") from error
        finally:
            is_over.set()
            _let_go(pool)


def _let_go(pool: "Executor") -> None:
    """Wait for the chunks under way, a fraction of a second, and end the processes.

    Signals wait too: before Python 3.13 one that stops the wait for the pool's thread
    has it taken for ended, and processes that are still starting find nothing there.
    """
    patience = threading.Timer(PATIENCE_S, _end_by_force, (pool,))
    patience.daemon = True
    patience.start()
    try:
        with _held_back():
            pool.shutdown(cancel_futures=True)
    finally:
        patience.cancel()


def _watch(pool: "Executor", is_over: threading.Event) -> None:
    """End the work where a process has been killed and the pool does not notice."""
    from multiprocessing import active_children
    from multiprocessing.connection import wait

    processes = active_children()
    while not wait([each.sentinel for each in processes], WATCH_S):
        if is_over.is_set():
            return
    if not is_over.wait(PATIENCE_S):
        _end_by_force(pool)


def _end_by_force(pool: "Executor") -> None:
    """End processes that wait for ever, and a pool that does.

    A process that was killed may have held the lock of a queue that the others wait
    at, or have sent half a result, for whose other half the pool waits as long as any
    process, this one too, could send it.
    """
    from multiprocessing import active_children

    for each in active_children():
        each.kill()
    sender = SENDER.of(RESULTS.of(pool))
    if sender is not None:
        sender.close()


def _held_back() -> contextlib.AbstractContextManager[None]:
    """Hold signals back while processes start or end; only the main thread may."""
    is_main = threading.current_thread() is threading.main_thread()
    return stopping.held_back() if is_main else contextlib.nullcontext()


def _serve() -> None:
    """Make a worker end with the main process, and leave Ctrl-C to that one.

    A terminal sends Ctrl-C to all processes. Signals were blocked when this one was
    born.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, stopping.STOPPING)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """End when the main process is gone: killed, it cannot tell its workers."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
