"""Signals end the program once, in order; what must not be half done is done first."""

import itertools
import os
import pkgutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from multiprocessing import active_children, get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace

import pytest

from atss_inspect.cli.workers import local_processes
from atss_inspect.errors import AtssInspectError
from atss_inspect.private_names import PrivateName
from atss_inspect.stopping import Stopped, held_back
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


def stuck_process() -> BaseProcess:
    """Start a process that waits for ever, as for a lock of one that was killed."""
    process = get_context("spawn").Process(target=time.sleep, args=(60,))
    process.start()
    return process


def test_processes_that_wait_for_ever_are_ended_by_force(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_processes, "PATIENCE_S", 0.1)
    other, pool = stuck_process(), local_processes._Processes(1)
    process = stuck_process()
    begin = time.monotonic()
    pool.let_go()
    assert time.monotonic() - begin < 20
    process.join(10)
    assert process.exitcode == -signal.SIGKILL
    assert other.is_alive()  # somebody else's
    other.kill()
    other.join()


LACKING = {
    "processes": ("multiprocessing.util.spawnv_passfds", BlockingIOError(11, "x")),
    "threads": ("threading.Thread.start", RuntimeError("can't start new thread")),
}


@pytest.mark.parametrize("what", LACKING)
@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_cannot_be_started_is_one_line_soon(
    what: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, error = LACKING[what]
    module, _, attribute = name.rpartition(".")
    owner = pkgutil.resolve_name(module.replace(".Thread", ":Thread"))
    true_start = getattr(owner, attribute)
    started = itertools.count()

    def start(*words: object, **more: object) -> object:
        if next(started) >= number:
            raise error
        return true_start(*words, **more)

    monkeypatch.setattr(owner, attribute, start)
    begin = time.monotonic()
    told = pytest.raises(AtssInspectError, match="no other processes can be started")
    with told as caught, local_processes.worker_processes(3) as executor:
        executor.submit(os.getpid).result()
    assert caught.value.hint == "--jobs 1 needs none"
    assert time.monotonic() - begin < 20
    assert active_children() == []


def test_a_process_that_may_start_no_thread_is_told_as_such() -> None:
    pool = SimpleNamespace(processes=[SimpleNamespace(exitcode=None)])
    assert not local_processes._Processes.lacked_threads(pool)
    pool.processes.append(SimpleNamespace(exitcode=local_processes.NO_THREAD))
    assert local_processes._Processes.lacked_threads(pool)


def run_as_program(script: str, folder: Path) -> tuple[int, str, str]:
    """Run a script from a file, as processes that are spawned need it."""
    path = folder / "main.py"
    path.write_text(textwrap.dedent(script))
    done = subprocess.run(
        [sys.executable, str(path)],
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


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
    assert run_as_program(script, tmp_path) == (130, "", "")


def test_processes_that_live_are_watched_until_their_work_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_processes, "WATCH_S", 0.01)
    pool = local_processes._Processes(1)
    watching = threading.Thread(target=pool.watch, daemon=True)
    watching.start()
    watching.join(0.05)
    assert watching.is_alive()
    pool.is_over.set()
    watching.join(5)
    assert not watching.is_alive()


@pytest.mark.parametrize("name", ["RESULTS", "SENDER"])
def test_a_pool_whose_queue_is_not_known_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    missing = getattr(local_processes, name)._replace(attribute="no_such_attribute")
    monkeypatch.setattr(local_processes, name, missing)
    monkeypatch.setattr(local_processes, "PATIENCE_S", 0.0)  # so it ends by force
    with local_processes.worker_processes(2) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()


def be_stopped_at_work() -> None:
    """Be stopped while processes do what takes long."""
    with local_processes.worker_processes(2) as executor:
        executor.submit(os.getpid).result()
        for _ in range(2):
            executor.submit(time.sleep, 60)
        raise Stopped(130)


def test_long_work_is_not_waited_for_by_who_is_stopped() -> None:
    begin = time.monotonic()
    with pytest.raises(Stopped):
        be_stopped_at_work()
    # A second, and starting on a busy machine; work that is wanted has ten seconds.
    assert time.monotonic() - begin < 8


@pytest.mark.parametrize("jobs", [1, 2])
def test_who_ignores_ctrl_c_is_not_stopped_by_it(jobs: int, tmp_path: Path) -> None:
    script = f"""
        import os, signal, sys
        sys.path.insert(0, {str(PROJECT_ROOT)!r})
        from atss_inspect.cli.workers.local_processes import worker_processes
        from atss_inspect.stopping import stop_in_order
        if __name__ == "__main__":
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # as shells do for "&"
            stop_in_order()
            with worker_processes({jobs}) as executor:
                os.kill(os.getpid(), signal.SIGINT)
                if executor:
                    executor.submit(os.getpid).result()
            print("goes on")
    """
    assert run_as_program(script, tmp_path) == (0, "goes on\n", "")


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_all_processes_ends_them_without_a_word(
    number: signal.Signals, tmp_path: Path
) -> None:
    script = f"""
        import os, signal, sys, time
        sys.path.insert(0, {str(PROJECT_ROOT)!r})
        from atss_inspect.cli.workers.local_processes import worker_processes
        from atss_inspect.stopping import stop_in_order
        if __name__ == "__main__":
            os.setsid()
            stop_in_order()
            with worker_processes(2) as executor:
                executor.submit(os.getpid).result()
                os.killpg(0, {int(number)})
                time.sleep(20)
    """
    assert run_as_program(script, tmp_path) == (128 + number, "", "")


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
        executor.submit(_send_half_a_result).result()
