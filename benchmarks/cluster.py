"""A Dask cluster on this machine, in a process of its own."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.timing import environment


@contextlib.contextmanager
def dask_cluster(workers: int) -> Iterator[str]:
    """Run a Dask cluster on this machine; gives the address of its scheduler."""
    code = (
        "import sys; from distributed import LocalCluster\n"
        f"if __name__ == '__main__':\n"
        f"    cluster = LocalCluster(n_workers={workers}, threads_per_worker=1, "
        "dashboard_address='127.0.0.1:0')\n"
        "    print(cluster.scheduler_address, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.communicate()
