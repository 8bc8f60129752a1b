"""What working through a data set takes: --jobs or --dask, and a progress bar."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from atss_inspect.cli.local_processes import worker_processes
from atss_inspect.cli.option_groups import OptionGroup
from atss_inspect.cli.options import DaskOption, JobsOption
from atss_inspect.cli.progress import progress_bar
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.statistics.run import OnChunk


class WorkOptions(OptionGroup):
    """The options that say who does the work; the answer is the same."""

    jobs: JobsOption = 1
    dask: DaskOption = None


ALONE = WorkOptions()


def require_workers(work: WorkOptions) -> None:
    """Refuse a cluster that does not answer before any work is done for it.

    Raises
    ------
    SettingsError
        Where both --jobs and --dask are asked for.
    AtssInspectError
        As `dask_cluster.dask_workers`.
    """
    if work.dask is None:
        return
    if work.jobs > 1:
        message = "--jobs and --dask: expected one of them"
        raise SettingsError(message, hint="the cluster says how many processes it has")
    from atss_inspect.cli.dask_cluster import require_scheduler

    require_scheduler(work.dask)


@contextlib.contextmanager
def at_work(
    dataset: "Dataset", work: WorkOptions = ALONE, *, quiet: bool
) -> "Iterator[tuple[Executor | None, OnChunk | None]]":
    """Lend what working through a data set takes: workers, and a progress bar.

    Both are what `run.map_chunks` asks for. `require_workers` has been asked before
    the data set was read.

    Parameters
    ----------
    dataset : to be worked through; there are never more processes than chunks of it
    work : number of processes, or the address of a Dask scheduler, whose workers are
        used instead; without it, this process does the work
    quiet : no progress bar, and no notes
    """
    with (
        _workers(dataset, work, quiet=quiet) as executor,
        progress_bar("assigning", dataset.num_images, quiet=quiet) as on_chunk,
    ):
        yield executor, on_chunk


def _workers(
    dataset: "Dataset", work: WorkOptions, *, quiet: bool
) -> "contextlib.AbstractContextManager[Executor | None]":
    """Choose who does the work."""
    from atss_inspect.statistics.run import count_chunks

    if work.dask is None:
        return worker_processes(min(work.jobs, count_chunks(dataset)))
    from atss_inspect.cli.dask_cluster import dask_workers

    return dask_workers(work.dask, quiet=quiet)
