"""`--dask`: the same bytes from a cluster, also where a worker dies; clear errors."""

import contextlib
import importlib.util
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from atss_inspect.cli import run
from atss_inspect.cli.workers.dask_cluster import (
    CONNECT_S,
    _differences,
    dask_workers,
    versions,
)
from tests.command_line import ask
from tests.random_coco import random_coco
from tests.tiny_coco import street, write_coco

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is an extra: pip install 'atss-inspect[dask]'",
)


class Cluster:
    """A cluster in processes of its own; see `tests.dask_cluster`."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.dask_cluster"],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.address = self.process.stdout.readline().strip()

    def tell(self, word: str, answer: str) -> None:
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == f"{answer}\n"

    def kill_a_busy_worker(self) -> None:
        self.tell("kill", "killed")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.process.communicate(timeout=20)
        self.process.kill()
        self.process.wait()


@pytest.fixture(scope="module")
def cluster(project_root: Path) -> Iterator[Cluster]:
    with contextlib.closing(Cluster(project_root)) as one:
        yield one


@pytest.fixture
def shared_work(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses of clusters in the order they were given work."""
    addresses = []

    def lend(address: str, *, quiet: bool):
        addresses.append(address)
        return dask_workers(address, quiet=quiet)

    monkeypatch.setattr("atss_inspect.cli.workers.dask_cluster.dask_workers", lend)
    return addresses


@pytest.fixture
def large() -> str:
    """Annotations that are some hundred chunks of work."""
    from benchmarks.generator import write_dataset

    write_dataset(Path("large.json"), num_images=12_000, polygons=False)
    return "large.json"


def start(*words: str) -> "subprocess.Popen[bytes]":
    """Start the tool in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "atss_inspect", "-q", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


COMMANDS = (
    "stats --json --short-sides 400,800 --flip",
    *("stats --json --by class", "worst", "compare atss-mmdet fcos-mmdet"),
    *("sweep k=5,9", "check --max-unassigned 0", "export objects", "plot positives"),
    *("plot levels", "plot threshold", "plot size --against position"),
    *("plot compare atss-mmdet fcos-mmdet", "plot sweep k=5,9"),
)


@pytest.mark.slow
@needs_dask
def test_every_command_gives_the_same_bytes(
    cluster: Cluster, shared_work: list[str], capfd: pytest.CaptureFixture[str]
):
    write_coco(Path("random.json"), random_coco(3, num_images=300))
    for command in COMMANDS:
        words = [*command.split(), "--ann", "random.json"]
        if command.startswith("plot"):
            words += ["--force", "-o", "out.svg"]
        found = []
        for more in ([], ["--dask", cluster.address]):
            code = run([*words, *more])
            written = [path.read_bytes() for path in Path.cwd().glob("*.svg")]
            found.append((code, capfd.readouterr(), written))
        assert found[0] == found[1]
        assert shared_work.pop() == cluster.address


@pytest.mark.slow
@needs_dask
def test_a_worker_killed_in_the_middle_changes_nothing(cluster: Cluster, large: str):
    words = ("export", "objects", "--ann", large)
    process = start(*words, "--dask", cluster.address)
    killer = threading.Thread(target=cluster.kill_a_busy_worker, daemon=True)
    killer.start()
    found, errors = process.communicate(timeout=120)
    killer.join(timeout=1)
    assert not killer.is_alive(), "no worker was killed before the work was done"
    assert (process.returncode, errors) == (0, b"")
    expected, _ = start(*words).communicate()
    assert found == expected
    assert len(found.splitlines()) > 80_000


@pytest.mark.slow
@needs_dask
def test_ctrl_c_cancels_the_work_and_leaves_no_file(cluster: Cluster, large: str):
    words = ("export", "objects", "--ann", large, "-o", "objects.csv", "--force")
    # Python drops what is raised inside `Future.__del__` of Dask: it is rare, and a
    # user would press again; here it is tried again.
    for _ in range(3):
        process = start(*words, "--dask", cluster.address)
        while not any(path.stat().st_size for path in Path.cwd().glob(".objects.csv*")):
            assert process.poll() is None, process.communicate()
            time.sleep(0.001)  # until the first rows have come
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        if b"Future.__del__" not in errors:
            break
        Path("objects.csv").unlink(missing_ok=True)
    assert (process.returncode, errors) == (130, b"")
    assert [path.name for path in Path.cwd().iterdir()] == ["large.json"]


@pytest.mark.slow
@needs_dask
def test_a_scheduler_that_goes_away_is_one_clear_line(project_root: Path, large: str):
    with contextlib.closing(Cluster(project_root)) as own:
        process = start("export", "objects", "--ann", large, "--dask", own.address)
        own.kill_a_busy_worker()
        own.process.kill()
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 2
    assert errors.decode() == (
        f"atss-inspect: error: --dask {own.address}: the connection to the scheduler "
        "is lost\n"
    )


def listen(stack: contextlib.ExitStack, answer: bytes | None) -> int:
    """Listen on a port that is not Dask's; take connections, or answer each so."""
    server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    kept = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            kept.append(connection)
            if answer is not None:
                connection.sendall(answer)

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


@needs_dask
@pytest.mark.slow
@pytest.mark.parametrize("listener", ["nobody", "silent", "HTTP", "noise"])
def test_no_scheduler_is_one_clear_line_soon(listener: str):
    # The tool waits so long; the rest of the minute is for a machine with other work.
    assert CONNECT_S < 5
    with contextlib.ExitStack() as stack:
        if listener == "nobody":
            taken = stack.enter_context(socket.socket())
            taken.bind(("127.0.0.1", 0))  # nobody listens
            port = taken.getsockname()[1]
        else:
            page = b"HTTP/1.0 400 Bad request\r\nServer: x\r\n\r\n" + b"<p>" * 999
            port = listen(stack, {"HTTP": page, "noise": bytes(99)}.get(listener))
        address = f"tcp://127.0.0.1:{port}"
        process = start("stats", "--ann", "missing.json", "--dask", address)
        out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert errors.decode().splitlines() == [
        f"atss-inspect: error: --dask {address}: no Dask scheduler answers there",
        "hint: expected the address that `dask scheduler` prints: tcp://host:8786",
    ]


@needs_dask
@pytest.mark.slow
def test_workers_that_are_stopped_are_one_clear_line_soon(project_root: Path):
    write_coco(Path("street.json"), street())
    with contextlib.closing(Cluster(project_root)) as own:
        own.tell("stop", "stopped")
        process = start("stats", "--ann", "street.json", "--dask", own.address)
        out, errors = process.communicate(timeout=60)
        own.tell("continue", "continued")
    assert (process.returncode, out) == (2, b"")
    assert errors.decode().splitlines() == [
        f"atss-inspect: error: --dask {own.address}: its workers do not answer",
        "hint: they may be stopped, or cut off from the scheduler; start them again",
    ]


def test_without_dask_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    write_coco(Path("street.json"), street())
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = ask("stats --ann street.json --dask tcp://127.0.0.1:1", code=2).err
    assert "--dask needs dask and distributed" in error
    assert "hint: pip install 'atss-inspect[dask]'" in error


def test_other_versions_are_named_once():
    here = versions()
    assert set(here) == {"atss-inspect", "numpy", "Python"}
    assert _differences(here, {"a": here, "b": here}) == ""
    assert _differences(here, {}) == ""
    other = {**here, "numpy": "1.0"}
    found = _differences(here, {"a": other, "b": here, "c": {**other, "Python": "3.1"}})
    assert found == (
        f"numpy {here['numpy']} here, 1.0 there; "
        f"Python {here['Python']} here, 3.1 there"
    )
