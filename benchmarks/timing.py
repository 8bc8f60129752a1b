"""Measure things in turn, so that whatever slows the machine slows them alike."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PYTHON = sys.executable
TOOL = str(Path(PYTHON).with_name("atss-inspect"))

# One thread each: the libraries beneath would otherwise use what cores there are.
ONE_THREAD = dict.fromkeys(
    ("MKL_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)


@dataclass(frozen=True)
class Measurement:
    """One run: wall time in seconds; of a process, also peak memory in bytes.

    ``cpu_seconds`` is the processor time of a process and those it waited for, which
    other work on the machine changes less.
    """

    seconds: float
    peak_bytes: int = 0
    cpu_seconds: float = 0.0


Runnable = Callable[[], Measurement]


def in_turn(
    cases: Mapping[str, Runnable], *, rounds: int, warm_up: bool = True
) -> dict[str, Measurement]:
    """Run all cases one after the other, several times; the medians.

    Parameters
    ----------
    cases : name -> what to run
    rounds : how often; the order is A B A B ..., never A A B B
    warm_up : run everything once more before, unmeasured: file cache, bytecode
    """
    runs: dict[str, list[Measurement]] = {name: [] for name in cases}
    for round_number in range(-int(warm_up), rounds):
        for name, run in cases.items():
            measured = run()
            if round_number >= 0:
                runs[name].append(measured)
    return {name: _middle(measured) for name, measured in runs.items()}


def _middle(measured: Sequence[Measurement]) -> Measurement:
    """Take the median of times and of peaks."""
    return Measurement(
        seconds=median(run.seconds for run in measured),
        peak_bytes=int(median(run.peak_bytes for run in measured)),
        cpu_seconds=median(run.cpu_seconds for run in measured),
    )


def a_call(function: Callable[[], object]) -> Runnable:
    """Measure a call within this process."""

    def run() -> Measurement:
        begin = time.perf_counter()
        function()
        return Measurement(time.perf_counter() - begin)

    return run


def environment() -> dict[str, str]:
    """One thread, and bytecode kept between runs, as where a package is installed."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | ONE_THREAD


def a_process(*command: str) -> Runnable:
    """Measure a whole process, from its start to its end, in an empty folder.

    Linux counts the memory of the process that starts another towards the other's
    peak, so whoever calls this should be small.
    """

    def run() -> Measurement:
        with tempfile.TemporaryDirectory() as folder:
            begin = time.perf_counter()
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=environment(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
            errors = process.stderr.read() if process.stderr else b""
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - begin
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)} failed:\n{errors.decode()}")
        unit = 1 if sys.platform == "darwin" else 1024
        spent = usage.ru_utime + usage.ru_stime
        return Measurement(seconds, usage.ru_maxrss * unit, spent)

    return run
