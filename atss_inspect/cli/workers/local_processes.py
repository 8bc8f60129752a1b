"""Work shared among processes of this machine: ``--jobs``."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from atss_inspect import stopping
from atss_inspect.errors import AtssInspectError
from atss_inspect.private_names import RESULTS, SENDER

if TYPE_CHECKING:
    from concurrent.futures import Executor

PATIENCE_S = 10.0  # with processes that have no work any more, or have lost one
HURRY_S = 0.1  # with work that nobody waits for any more
WATCH_S = 0.5  # between looks whether there is still something to watch
SIGNAL_S = 0.1  # a signal that was sent with another one has come after this
NO_THREAD = 75  # exit code of a process that may start no thread: EX_TEMPFAIL


@contextlib.contextmanager
def worker_processes(jobs: int) -> "Iterator[Executor | None]":
    """Start an executor of some processes; None for one job, which needs no other.

    Processes are spawned, not forked: a fork copies whatever locks the threads of
    NumPy's libraries hold at that moment. When the block ends by an error or Ctrl-C,
    work that has not begun is dropped. Raises `AtssInspectError` where processes or
    their threads cannot be started, and where a process was killed.
    """
    if jobs <= 1:
        yield None
        return
    # Loads 17 ms of modules, which one job does without.
    from concurrent.futures.process import BrokenProcessPool

    pool, is_wanted = _Processes(jobs), False
    with stopping.interrupted_once(), pool.hearing_threads():
        try:
            pool.start()
            yield cast("Executor", pool)
            is_wanted = True
        except BrokenProcessPool as error:
            # A signal to all processes ends the workers too; let ours come first.
            time.sleep(SIGNAL_S)
            if pool.lacked_threads():
                raise cannot_start(jobs, "one may start no thread") from error
            message = "a worker process was killed, perhaps for want of memory"
            raise AtssInspectError(message, hint="use fewer --jobs") from error
        finally:
            pool.let_go(hurries=not is_wanted)


def cannot_start(jobs: int, reason: object) -> AtssInspectError:
    """Make the error for processes, or threads of theirs, that cannot be started."""
    if isinstance(reason, OSError):
        reason = reason.strerror or reason
    message = f"--jobs {jobs}: no other processes can be started: {reason}"
    return AtssInspectError(message.lower(), hint="--jobs 1 needs none")


class _Processes:
    """What `run.map_chunks` asks of an executor, but one that always comes to an end.

    Python's own waits for ever where a thread of its own could not be started.
    """

    def __init__(self, jobs: int) -> None:
        from multiprocessing import active_children

        self.num_workers = jobs
        self.processes: list[Any] = []
        self.is_over = threading.Event()
        self._others = {*active_children(), *threading.enumerate()}
        self._failed: list[BaseException | None] = []  # what has ended threads of ours
        self._pool: Any = None
        self._sender: Any = None

    def start(self) -> None:
        """Start the processes, and the thread that watches them."""
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        try:
            # Starts the helper that tidies up after Python's queues, with the signals
            # blocked, so that a terminal that is closed leaves it alone. Ctrl-C is no
            # longer blocked then, so that the processes need a block of their own.
            with _held_back():
                context = get_context("spawn")
                self._pool = ProcessPoolExecutor(self.num_workers, context, _serve)
                self._sender = SENDER.of(RESULTS.of(self._pool))
            with _held_back():
                # One process starts with each of these.
                for _ in range(self.num_workers):
                    self._pool.submit(os.getpid)
                self.processes = self._own()
                threading.Thread(target=self.watch, daemon=True).start()
        except (OSError, RuntimeError) as error:
            self._end_by_force()
            raise cannot_start(self.num_workers, error) from error

    def submit(self, work: Callable[..., Any], /, *arguments: Any) -> SimpleNamespace:
        """Send one piece of work; its ``result()`` is an answer to come."""
        future = self._pool.submit(work, *arguments)
        return SimpleNamespace(result=partial(self._wait, future))

    def _wait(self, future: Any) -> Any:
        """Wait for an answer as long as there is somebody who could give it."""
        while True:
            try:
                return future.result(timeout=WATCH_S)
            except TimeoutError:
                if future.done():  # just now, or with an error of the work
                    return future.result()
            if self._failed:
                raise cannot_start(self.num_workers, self._failed[0])

    @contextlib.contextmanager
    def hearing_threads(self) -> Iterator[None]:
        """Note what ends a thread of the pool, in place of Python's traceback."""
        before = threading.excepthook

        def note(found: "threading.ExceptHookArgs") -> None:
            if isinstance(found.exc_value, RuntimeError | OSError):
                self._failed.append(found.exc_value)
            else:
                before(found)

        threading.excepthook = note
        try:
            yield
        finally:
            threading.excepthook = before

    def lacked_threads(self) -> bool:
        """Whether a process has ended since it may start no thread."""
        return any(each.exitcode == NO_THREAD for each in self.processes)

    def let_go(self, *, hurries: bool = False) -> None:
        """Wait for the chunks under way, a fraction of a second, and end the processes.

        Larger pieces of work may take longer: who ``hurries`` ends them.
        Signals wait too: before Python 3.13 one that stops the wait for the pool's
        thread has it taken for ended, and processes that are still starting find
        nothing there. So no wait is without a limit.
        """
        self.is_over.set()
        with _held_back():
            if self._pool is not None:
                self._pool.shutdown(wait=False, cancel_futures=True)
            if self._failed:  # nobody would tell the processes to end
                self._end_by_force()
            if not self._end_within(HURRY_S if hurries else PATIENCE_S):
                self._end_by_force()
                self._end_within(PATIENCE_S)

    def watch(self) -> None:
        """End the work where a process was killed and the pool does not notice."""
        from multiprocessing.connection import wait

        while not wait([each.sentinel for each in self.processes], WATCH_S):
            if self.is_over.is_set():
                return
        if not self.is_over.wait(PATIENCE_S):
            self._end_by_force()

    def _end_within(self, patience_s: float) -> bool:
        """Wait for the pool's thread and its processes; whether all have ended."""
        end = time.monotonic() + patience_s
        # Its other threads are daemons, and end with it.
        threads = (
            set(threading.enumerate()) - self._others - {threading.current_thread()}
        )
        for thread in threads:
            if not thread.daemon:
                thread.join(max(end - time.monotonic(), 0))
        if any(each.is_alive() and not each.daemon for each in threads):
            return False
        # The thread has waited for them, but where it ended by an error.
        for process in self._own():
            process.join(max(end - time.monotonic(), 0))
        return not self._own()

    def _own(self) -> list[Any]:
        """List the processes that are ours and have not ended."""
        from multiprocessing import active_children

        return [each for each in active_children() if each not in self._others]

    def _end_by_force(self) -> None:
        """End processes that wait for ever, and a pool that does.

        A process that was killed may have held the lock of a queue that the others wait
        at, or have sent half a result, for whose other half the pool waits as long as
        any process, this one too, could send it.
        """
        for each in self._own():
            each.kill()
        if self._sender is not None:
            self._sender.close()


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
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    except RuntimeError:
        os._exit(NO_THREAD)


def _end_with_parent() -> None:
    """End when the main process is gone: killed, it cannot tell its workers."""
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
