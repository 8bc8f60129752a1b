"""How the program is stopped from outside: once, in order, without a word.

Ctrl-C, SIGTERM (``kill``, a job scheduler, a container that is stopped) and SIGHUP (a
terminal that is closed) raise `SystemExit` in the main thread. So whatever is being
written is removed, worker processes end, and the exit code is 128 plus the number of
the signal, as a shell would give it.
"""

import contextlib
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

STOPPING = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)  # not all on every system
)
LATER_S = 0.01
# An orderly end takes less; a signal that comes later than this is a second request.
ORDERLY_END_S = 5.0

# The signals that were answered, and when (`time.monotonic`). Compiled code that calls
# Python may drop what is raised there, or raise something else in its place.
_answered: list[tuple[int, float]] = []


class Stopped(SystemExit):
    """The end of the program, by a signal."""


class TimeOver(Exception):
    """The time that somebody gave is over."""


@dataclass(frozen=True)
class Deadline:
    """A time after which nothing new begins; other machines have it, too."""

    end: float  # `time.time`, which does not depend on when a machine was started

    def __call__(self) -> None:
        """Raise `TimeOver` if it has passed."""
        if time.time() > self.end:
            raise TimeOver


def stop_in_order() -> None:
    """From now on, stop in order; a signal that is ignored already stays ignored."""
    for each in STOPPING:
        # nohup and shells that start something in the background ask for it.
        if signal.getsignal(each) != signal.SIG_IGN:
            signal.signal(each, end_once)
    sys.unraisablehook = _lose_no_signal


def end_once(number: int, _frame: object) -> NoReturn:
    """End by the first signal; later ones must not stop the stopping half-way."""
    ignore_signals()
    # Who catches the end in the middle of an import warns of what could not be loaded.
    warnings.simplefilter("ignore")
    _answered.append((number, time.monotonic()))
    raise Stopped(128 + number)


def stop_behind(error: BaseException | None) -> Stopped | None:
    """Find the signal that came before an error, which then only speaks of the end.

    Before Python 3.12, whatever is raised while a class names its fields becomes a
    `RuntimeError`; what is tidied up after a signal may fail; and compiled code that
    cannot convert an argument raises a `TypeError`, whatever the reason was.
    """
    while error is not None:
        if isinstance(error, Stopped):
            return error
        if isinstance(error, KeyboardInterrupt):
            return Stopped(128 + signal.SIGINT)
        error = error.__cause__ or error.__context__
    return Stopped(128 + _answered[0][0]) if _answered else None


@contextlib.contextmanager
def ending_by_the_signal() -> Iterator[None]:
    """End by the signal where one came, whatever error was made of it."""
    try:
        yield
    except Exception as error:
        if (stopped := stop_behind(error)) is not None:
            raise stopped from None
        raise


def ignore_signals() -> None:
    """Let nothing but SIGKILL stop what little is left to do."""
    for each in STOPPING:
        if signal.getsignal(each) == end_once:
            signal.signal(each, _pass_over)


def _pass_over(number: int, frame: object) -> None:
    """Do nothing about a signal, unless the one before it seems to be lost."""
    if _answered and time.monotonic() - _answered[-1][1] > ORDERLY_END_S:
        end_once(number, frame)


def _lose_no_signal(unraisable: "sys.UnraisableHookArgs") -> None:
    """Stop a little later where a signal came while Python could pass on no error.

    That is in finalizers and callbacks, most of them of imports.
    """
    stopped = unraisable.exc_value
    if not isinstance(stopped, Stopped) or not isinstance(stopped.code, int):
        if not _answered:  # else it is no more than an echo of the signal
            sys.__unraisablehook__(unraisable)
        return
    # What is raised before this function ends is lost, too, so the thread starts first.
    numbers = stopped.code - 128, len(_answered)
    threading.Thread(target=_send_again, args=numbers, daemon=True).start()
    for each in STOPPING:
        if signal.getsignal(each) == _pass_over:
            signal.signal(each, end_once)


def _send_again(number: int, num_answered: int) -> None:
    """Send a signal to the main thread until it is answered once more.

    The thread may be waiting for something, or not be listening yet.
    """
    while len(_answered) == num_answered:
        time.sleep(LATER_S)
        if hasattr(signal, "pthread_kill"):
            main_thread = threading.main_thread().ident
            signal.pthread_kill(main_thread or 0, number)
        else:
            signal.raise_signal(number)


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Let signals wait while something is done that must not be half done.

    Processes that are started meanwhile are born with them blocked. For the main
    thread only.
    """
    came: list[int] = []
    before = {each: signal.getsignal(each) for each in STOPPING}
    for each, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(each, lambda number, _frame: came.append(number))
    try:
        mask = None
        if hasattr(signal, "pthread_sigmask"):  # for this thread, and what it starts
            mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            yield
        finally:
            if mask is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    if came:
        signal.raise_signal(came[0])


def interrupt_once(_number: int, _frame: object) -> NoReturn:
    """Stop at the first Ctrl-C; later ones must not stop the stopping half-way."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def interrupted_once() -> Iterator[None]:
    """Let Ctrl-C stop once where Python's own handler is in place, which always does.

    Ours does so in any case; who ignores Ctrl-C, or has a handler, keeps to that. Only
    the main thread may say how signals are handled.
    """
    is_main = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT)
    if not is_main or before is not signal.default_int_handler:
        yield
        return
    signal.signal(signal.SIGINT, interrupt_once)
    try:
        yield
    finally:
        # A signal that has come is ignored from then on, and stays so.
        if signal.getsignal(signal.SIGINT) is interrupt_once:
            signal.signal(signal.SIGINT, before)
