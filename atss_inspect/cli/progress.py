"""A progress bar on stderr, for people who wait."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

# What is done sooner needs no bar, and does not wait for the import of Rich.
PATIENCE_S = 0.7
REDRAW_S = 0.1


class ProgressBar:
    """Draws itself once work has taken a while; ``advance`` fits ``on_chunk``.

    No thread refreshes it: it moves when told to, and otherwise costs nothing.
    """

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._next_draw = time.monotonic() + PATIENCE_S
        self._bar: Any = None

    def advance(self, amount: int) -> None:
        """Count work that has been done."""
        self._done += amount
        if time.monotonic() >= self._next_draw:
            self._draw()
            self._next_draw = time.monotonic() + REDRAW_S

    def _draw(self) -> None:
        """Show how far it is."""
        if self._bar is None:
            self._bar = _rich_bar()
            self._bar.add_task(self._title, total=self._total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._done)
        self._bar.refresh()

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


@contextlib.contextmanager
def progress_bar(
    title: str, total: int, *, quiet: bool = False
) -> Iterator[Callable[[int], None] | None]:
    """Make a function to report progress to, where somebody watches; else None.

    Parameters
    ----------
    title : what is being done
    total : the sum of all amounts that will be reported
    quiet : show nothing
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bar = ProgressBar(title, total)
    with contextlib.closing(bar):
        yield bar.advance


def _rich_bar() -> Any:
    """Make a bar that vanishes when done, so that the answer stands alone."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
    )
