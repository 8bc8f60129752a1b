"""A Dask cluster for tests: ``python -m tests.dask_cluster``.

Prints the address of its scheduler; then does what it reads, line by line: ``kill``
waits until one worker has work and kills its process, ``kill scheduler`` ends all at
once; prints a line when done. Ends when stdin does.
"""

import os
import signal
import sys
import time

WORKERS = 3


def kill_a_busy_worker(cluster) -> None:
    """Kill the process of a worker that has work, once some work has been done."""
    scheduler = cluster.scheduler
    while True:
        for worker in list(scheduler.workers.values()):
            done = sum(state.nbytes > 0 for state in list(scheduler.tasks.values()))
            if worker.processing and done:
                nannies = cluster.workers.values()
                [pid] = [
                    nanny.pid
                    for nanny in nannies
                    if nanny.worker_address == worker.address
                ]
                os.kill(pid, signal.SIGKILL)
                return
        time.sleep(0.001)


def say(line: str) -> None:
    """Answer on stdout."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the cluster."""
    from distributed import LocalCluster

    cluster = LocalCluster(
        n_workers=WORKERS,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )
    say(cluster.scheduler_address)
    for line in sys.stdin:
        if line.strip() == "kill scheduler":
            os.kill(os.getpid(), signal.SIGKILL)
        kill_a_busy_worker(cluster)
        say("killed")
    cluster.close()


if __name__ == "__main__":
    main()
