"""Who does the work: this process, others of this machine, or a Dask cluster."""

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from atss_inspect.cli.options import JobsOption, OptionGroup, output_option
from atss_inspect.cli.workers.local_processes import worker_processes
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from atss_inspect.annotations.dataset import Dataset

# Boxes, counted once for each convention, that one process assigns while two others
# start and do the same: docs/scaling.md has the measurement.
BOXES_PER_PROCESS = 150_000
_QUOTA = "/sys/fs/cgroup/cpu.max"


class WorkOptions(OptionGroup):
    """The options that say who does the work; the answer is the same."""

    jobs: JobsOption = None
    dask: str | None = output_option(
        "--dask ADDRESS",
        "Share the work on the Dask cluster of this scheduler, such as "
        "tcp://host:8786; the answer is the same.",
    )

    def require(self) -> None:
        """Refuse a cluster that does not answer before any work is done for it.

        Raises
        ------
        SettingsError
            Where both --jobs and --dask are asked for.
        AtssInspectError
            As `dask_cluster.dask_workers`.
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
        self, dataset: "Dataset", *, num_boxes: int, quiet: bool
    ) -> "contextlib.AbstractContextManager[Executor | None]":
        """Start the executor that `run.map_chunks` takes; None: this process works.

        Parameters
        ----------
        dataset : to be worked through; there are never more processes than chunks
        num_boxes : decides about processes without --jobs, see `default_jobs`
        quiet : no notes
        """
        from atss_inspect.statistics.run import count_chunks

        if self.dask is not None:
            from atss_inspect.cli.workers.dask_cluster import dask_workers

            return dask_workers(self.dask, quiet=quiet)
        jobs = self.jobs or default_jobs(num_boxes)
        return worker_processes(min(jobs, count_chunks(dataset)))


# For commands without these options.
ALONE = WorkOptions(jobs=1)


def default_jobs(num_boxes: int) -> int:
    """Choose how many processes: one a core, where each has enough to do.

    Parameters
    ----------
    num_boxes : to be assigned, counted once for each convention

    Returns
    -------
    1 where a single process is as fast; starting others takes a third of a second.
    """
    most = num_boxes // BOXES_PER_PROCESS
    return 1 if most < 2 else min(most, available_cores())


def available_cores() -> int:
    """Count the cores that this process may use, at least 1.

    Those it is bound to, where the system tells; of these, as many as the quota of its
    control group allows (of a container, say).
    """
    cores = os.cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    with contextlib.suppress(OSError, ValueError):  # no quota, or another system
        quota, period = map(int, Path(_QUOTA).read_text("ascii").split())
        cores = min(cores, -(-quota // period))
    return max(cores, 1)
