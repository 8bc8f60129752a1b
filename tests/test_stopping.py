"""Signals end the program once, in order; what must not be half done is done first."""

import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from atss_inspect.cli.workers import local_processes
from atss_inspect.errors import AtssInspectError
from atss_inspect.private_names import PrivateName
from atss_inspect.stopping import held_back
from tests.conftest import PROJECT_ROOT
from tests.scripts import run_in_forks, run_script

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

HALF_SENDER = PrivateName(
    "multiprocessing.connection.Connection",
    "_send",
    "Python 3.11 to 3.14",
    "the one test that uses it is skipped",
)
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def test_a_signal_ends_the_process_with_its_number_and_without_a_word() -> None:
    script = """
        import signal
        from atss_inspect.stopping import stop_in_order
        stop_in_order()
        signal.raise_signal(case)
    """
    assert run_in_forks(script, STOPS) == ([128 + each for each in STOPS], "", "")


def test_a_second_signal_does_not_stop_the_stopping() -> None:
    script = """
        import signal
        from atss_inspect.stopping import stop_in_order
        stop_in_order()
        first, later = case
        try:
            signal.raise_signal(first)
        finally:
            signal.raise_signal(later)
            print("all put away")
    """
    pairs = list(itertools.product(STOPS, repeat=2))
    codes = [128 + first for first, _ in pairs]
    expected = (codes, "all put away\n" * len(pairs), "")
    assert run_in_forks(script, pairs) == expected


def test_after_a_signal_that_was_lost_a_later_one_stops_the_program() -> None:
    done = run_script("""
        import signal, time
        from atss_inspect import stopping
        stopping.ORDERLY_END_S = 0.05
        stopping.stop_in_order()
        try:
            signal.raise_signal(signal.SIGINT)
        except BaseException:
            pass  # as compiled code may do
        signal.raise_signal(signal.SIGINT)
        print("too soon", flush=True)
        time.sleep(0.1)
        signal.raise_signal(signal.SIGTERM)
        print("not reached")
    """)
    assert (done.returncode, done.stdout, done.stderr) == (143, "too soon\n", "")


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    done = run_script("""
        import signal
        from atss_inspect.stopping import stop_in_order
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        stop_in_order()
        signal.raise_signal(signal.SIGHUP)
        print("goes on")
    """)
    assert (done.returncode, done.stdout) == (0, "goes on\n")


def test_a_signal_is_not_lost_where_python_can_pass_on_no_error() -> None:
    done = run_script("""
        import signal, time
        from atss_inspect.stopping import stop_in_order
        class Finalized:
            def __del__(self):
                signal.raise_signal(signal.SIGTERM)
        stop_in_order()
        finalized = Finalized()
        del finalized
        time.sleep(20)
    """)
    assert (done.returncode, done.stdout, done.stderr) == (143, "", "")


def test_other_errors_that_cannot_be_passed_on_are_told() -> None:
    done = run_script("""
        from atss_inspect.stopping import stop_in_order
        class Finalized:
            def __del__(self):
                raise ValueError("told")
        stop_in_order()
        finalized = Finalized()
        del finalized
    """)
    assert (done.returncode, done.stdout) == (0, "")
    assert "ValueError: told" in done.stderr


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """What has happened; a signal adds itself."""
    events: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda *_: events.append("signal"))
    yield events
    signal.signal(signal.SIGTERM, before)


def test_a_signal_waits_while_it_is_held_back(heard: list[str]) -> None:
    with held_back():
        os.kill(os.getpid(), signal.SIGTERM)
        heard.append("work")
    assert heard == ["work", "signal"]


@pytest.mark.usefixtures("heard")
def test_an_error_is_not_hidden_by_a_signal_that_waits() -> None:
    def fail() -> None:
        with held_back():
            signal.raise_signal(signal.SIGTERM)
            raise KeyError

    with pytest.raises(KeyError):
        fail()


def test_processes_that_wait_for_ever_are_ended_by_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class StuckPool:
        """A pool one of whose processes was killed with the lock in its hand."""

        def __init__(self) -> None:
            self.process = get_context("spawn").Process(target=time.sleep, args=(60,))
            self.process.start()

        def shutdown(self, *, cancel_futures: bool) -> None:
            assert cancel_futures
            self.process.join()

    monkeypatch.setattr(local_processes, "PATIENCE_S", 0.1)
    pool = StuckPool()
    begin = time.monotonic()
    local_processes._let_go(pool)
    assert time.monotonic() - begin < 20
    assert pool.process.exitcode == -signal.SIGKILL


@pytest.mark.slow
def test_a_signal_while_processes_end_lets_those_start_that_are_starting(
    tmp_path: Path,
) -> None:
    # Worker processes take a second to start; there is no work for them.
    (tmp_path / "sitecustomize.py").write_text(
        "import sys, time\n"
        "if 'spawn_main' in ' '.join(sys.orig_argv):\n"
        "    time.sleep(1)\n"
    )
    script = f"""
        import os, signal, sys, threading
        sys.path.insert(0, {str(PROJECT_ROOT)!r})
        from atss_inspect.cli.workers.local_processes import worker_processes
        if __name__ == "__main__":
            try:
                with worker_processes(2):
                    stop = (os.getpid(), signal.SIGINT)
                    threading.Timer(0.3, os.kill, stop).start()
            except KeyboardInterrupt:
                sys.exit(130)
    """
    path = tmp_path / "main.py"
    path.write_text(textwrap.dedent(script))
    done = subprocess.run(
        [sys.executable, str(path)],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_processes_that_live_are_watched_until_their_work_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_processes, "WATCH_S", 0.01)
    is_over = threading.Event()
    watching = threading.Thread(
        target=local_processes._watch, args=(None, is_over), daemon=True
    )
    watching.start()
    watching.join(0.05)
    assert watching.is_alive()
    is_over.set()
    watching.join(5)
    assert not watching.is_alive()


@pytest.mark.parametrize("name", ["RESULTS", "SENDER"])
def test_a_pool_whose_queue_is_not_known_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    missing = getattr(local_processes, name)._replace(attribute="no_such_attribute")
    monkeypatch.setattr(local_processes, name, missing)
    with ProcessPoolExecutor(1) as pool:
        local_processes._end_by_force(pool)


def _send_half_a_result() -> bytes:
    """Be killed while the result is on its way."""

    def send_half(self: Connection, buffer: bytes) -> None:
        os.write(self.fileno(), buffer[: len(buffer) // 2])
        os.kill(os.getpid(), signal.SIGKILL)

    HALF_SENDER.put(Connection, send_half)
    return bytes(1_000_000)


@pytest.mark.slow
@pytest.mark.skipif(
    HALF_SENDER.of(Connection) is None, reason="a result cannot be cut in half"
)
def test_half_a_result_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_processes, "PATIENCE_S", 0.5)
    told = pytest.raises(AtssInspectError, match="a worker process was killed")
    with told, local_processes.worker_processes(2) as executor:
        executor.submit(_send_half_a_result).result(timeout=30)
