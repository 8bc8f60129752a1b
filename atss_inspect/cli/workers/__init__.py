"""Who does the work: this process, others of this machine, or a Dask cluster.

And a progress bar on stderr, for people who wait for it.
"""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atss_inspect.cli.options import JOBS, OptionGroup, output_option
from atss_inspect.cli.workers.local_processes import worker_processes
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset

# Boxes, counted once for each convention, that a process assigns while another starts
# and does the same: docs/scaling.md has the measurement. A process more takes about as
# much memory as reading so many boxes has taken.
BOXES_PER_PROCESS = 200_000
# What is done sooner needs no bar, and does not wait for the import of Rich.
PATIENCE_S = 0.7
REDRAW_S = 0.1
_QUOTA = "/sys/fs/cgroup/cpu.max"


class WorkOptions(OptionGroup):
    """The options that say who does the work; the answer is the same."""

    jobs: int | None = JOBS
    dask: str | None = output_option(
        "--dask ADDRESS",
        "Share the work on the Dask cluster of this scheduler, such as "
        "tcp://host:8786; the answer is the same.",
    )

    def require(self) -> None:
        """Refuse a cluster that does not answer before any work is done for it.

        Raises `SettingsError` where both --jobs and --dask are asked for. Raises
        `AtssInspectError` as `dask_cluster.dask_workers`.
        """
        if self.dask is None:
            return
        if self.jobs not in (None, 1):
            message = "--jobs and --dask: expected one of them"
            hint = "the cluster says how many processes it has"
            raise SettingsError(message, hint=hint)
        from atss_inspect.cli.workers.dask_cluster import require_scheduler

        require_scheduler(self.dask)

    def start(
        self,
        dataset: "Dataset",
        *,
        num_passes: int,
        quiet: bool,
        in_chunks: bool = True,
    ) -> "contextlib.AbstractContextManager[Executor | None]":
        """Start the executor that `run.map_chunks` takes; None: this process works.

        Without --jobs, ``num_passes`` decides about processes, see `default_jobs`.
        Where all work is by chunks, there are never more processes than these.
        """
        from atss_inspect.statistics.run import count_chunks

        if self.dask is not None:
            from atss_inspect.cli.workers.dask_cluster import dask_workers

            return dask_workers(self.dask, quiet=quiet)
        jobs = self.jobs or default_jobs(dataset, num_passes)
        return worker_processes(min(jobs, count_chunks(dataset)) if in_chunks else jobs)


# For commands without these options.
ALONE = WorkOptions(jobs=1)


def default_jobs(dataset: "Dataset", num_passes: int) -> int:
    """Choose how many processes: one a core, where each has enough to do.

    That is 1 where this process alone is as fast, since others take a third of a second
    to start. Never more than 2, or one for ``BOXES_PER_PROCESS`` boxes, so that all
    together take no more memory than reading the annotations. The boxes of the data set
    are assigned by ``num_passes`` conventions; 0 starts no process.
    """
    num_boxes = dataset.num_objects
    if num_boxes * num_passes < 2 * BOXES_PER_PROCESS:
        return 1
    return min(available_cores(), max(num_boxes // BOXES_PER_PROCESS, 2))


def available_cores() -> int:
    """Count the cores that this process may use, at least 1.

    Those it is bound to, where the system tells; of these, as many as the quota of its
    control group allows (of a container, say).
    """
    from atss_inspect.readers.many_files import num_cores  # loads NumPy

    cores = num_cores()
    with contextlib.suppress(OSError, ValueError):  # no quota, or another system
        quota, period = map(int, Path(_QUOTA).read_text("ascii").split())
        cores = min(cores, -(-quota // period))
    return max(cores, 1)


@contextlib.contextmanager
def progress_bar(
    title: str | Callable[[], str],
    total: int,
    *,
    quiet: bool = False,
    is_long: bool = False,
) -> Iterator[Callable[[int], None] | None]:
    """Make a function to report progress to, where somebody watches; else None.

    The amounts reported sum up to the total. The bar shows once work has taken a while.
    No thread refreshes it: it moves when told to, a title that is a function is asked
    anew then, and otherwise it costs nothing. It vanishes when done, so that the answer
    stands alone. Of what ``is_long`` it shows at once.
    """
    if quiet or not sys.stderr.isatty():
        yield None
        return
    bar: Any = None
    done, next_draw = 0, time.monotonic() + (0 if is_long else PATIENCE_S)

    def advance(amount: int) -> None:
        nonlocal bar, done, next_draw
        done += amount
        if time.monotonic() < next_draw:
            return
        if bar is None:
            bar = _rich_bar()
            bar.add_task("", total=total)
            bar.start()
        named = title if isinstance(title, str) else title()
        bar.update(bar.task_ids[0], completed=done, description=named)
        bar.refresh()
        next_draw = time.monotonic() + REDRAW_S

    try:
        yield advance
    finally:
        if bar is not None:
            bar.stop()


@contextlib.contextmanager
def busy(words: str, *, quiet: bool = False) -> Iterator[None]:
    """Tell what is being done before there is anything to count, if somebody watches.

    The words are short: a warning printed meanwhile covers them.
    """
    if quiet or not sys.stderr.isatty():
        yield
        return
    sys.stderr.write(f"{words}\r")
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write(f"{' ' * len(words)}\r")


def _rich_bar() -> Any:
    from rich import progress
    from rich.console import Console

    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
    )
