"""A Dask cluster for tests: ``python -m tests.dask_cluster``.

Prints the address of its scheduler; then does what it reads, line by line: ``kill``
waits until one worker has work and kills its process, ``kill scheduler`` ends all at
once, ``stop`` and ``continue`` stop all workers and let them go on; prints a line when
done, or when no worker got work in a minute. Ends when stdin does.
"""

import os
import signal
import sys
import time

WORKERS = 3
PATIENCE_S = 60
STATES = {
    "stop": (signal.SIGSTOP, "stopped"),
    "continue": (signal.SIGCONT, "continued"),
}


def kill_a_busy_worker(cluster) -> bool:
    """Kill the process of a worker that has work, once some work has been done."""
    scheduler = cluster.scheduler
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        for worker in list(scheduler.workers.values()):
            done = sum(state.nbytes > 0 for state in list(scheduler.tasks.values()))
            if worker.processing and done:
                nannies = cluster.workers.values()
                pids = {each.worker_address: each.pid for each in nannies}
                os.kill(pids[worker.address], signal.SIGKILL)
                return True
        time.sleep(0.001)
    return False


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
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
        if line.strip() in STATES:
            number, answer = STATES[line.strip()]
            for nanny in cluster.workers.values():
                os.kill(nanny.pid, number)
            say(answer)
            continue
        say("killed" if kill_a_busy_worker(cluster) else "nobody had work")
    cluster.close()


if __name__ == "__main__":
    main()
