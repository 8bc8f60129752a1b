"""Never half a file: whatever stops the program, the target is the old or the new one.

The long test kills every command that writes at random moments of its life, in every
way there is. A target may be a folder: then all its files are the old or the new ones.
"""

import os
import random
import resource
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.random_coco import random_coco
from tests.tiny_coco import street, write_coco

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

PROGRAM = (sys.executable, "-m", "atss_inspect", "-q")
OLD = b"what was there before\n"
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


def start(*words: str, folder: Path, **more: object) -> subprocess.Popen[bytes]:
    """Start the program in a process group of its own."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [*PROGRAM, *words],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **more,
    )


def names(folder: Path) -> set[str]:
    """What is in a folder."""
    return {path.name for path in folder.iterdir()}


def beside(folder: Path) -> set[str]:
    """The temporary files in a folder."""
    return {name for name in names(folder) if name.endswith(".tmp")}


Content = bytes | dict[str, bytes]


def content(target: Path) -> Content:
    """Read a file, or all files of a folder."""
    if target.is_dir():
        return {path.name: path.read_bytes() for path in target.iterdir()}
    return target.read_bytes()


def put(target: Path, old: Content) -> None:
    """Write what was there before."""
    if isinstance(old, bytes):
        target.write_bytes(old)
        return
    target.mkdir()
    for name, each in old.items():
        (target / name).write_bytes(each)


# --- one way to be stopped at a time ------------------------------------------------


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_while_reading_leaves_the_old_file_and_says_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    target = tmp_path / "out.json"
    target.write_bytes(OLD)
    os.mkfifo(tmp_path / "a.json")
    words = ("stats", "--ann", "a.json", "--force", "-o", "out.json")
    with (
        start(*words, folder=tmp_path) as process,
        # Opening waits for the reader, which from then on waits for the first bytes.
        (tmp_path / "a.json").open("wb"),
    ):
        time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (128 + number, b"", b"")
    assert target.read_bytes() == OLD
    assert not beside(tmp_path)


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_while_writing_leaves_the_old_file(
    number: signal.Signals, tmp_path: Path
) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(OLD)
    script = f"""
        import signal
        from atss_inspect.stopping import stop_in_order
        from atss_inspect.writers import open_output
        stop_in_order()
        with open_output({str(target)!r}, force=True) as stream:
            stream.write(b"half of it")
            stream.flush()
            signal.raise_signal({int(number)})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (128 + number, b"")
    assert target.read_bytes() == OLD
    assert not beside(tmp_path)


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_that_comes_while_a_class_is_made_is_no_other_error(
    number: signal.Signals,
) -> None:
    script = f"""
        import signal
        from atss_inspect import cli
        from atss_inspect.stopping import stop_in_order
        class Field:
            def __set_name__(self, owner, name):
                signal.raise_signal({int(number)})
        stop_in_order()
        cli.commands = lambda **_: type("Table", (), {{"field": Field()}})
        cli.main()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (128 + number, b"")


@pytest.mark.parametrize("number", STOPS)
def test_a_signal_while_writing_a_folder_leaves_the_old_folder(
    number: signal.Signals, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    put(target, {"part-0.csv": OLD})
    script = f"""
        import re, signal
        from atss_inspect.stopping import stop_in_order
        from atss_inspect.writers import open_folder, write_bytes
        stop_in_order()
        own = re.compile("part-.*")
        with open_folder({str(target)!r}, force=True, own=own) as folder:
            write_bytes(folder / "part-0.csv", b"the first of two")
            signal.raise_signal({int(number)})
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (128 + number, b"")
    assert content(target) == {"part-0.csv": OLD}
    assert names(tmp_path) == {"out"}


@pytest.mark.parametrize(
    "words",
    [
        ("export", "objects", "-o", "out.csv"),
        ("export", "positives", "-o", "out.jsonl"),
        ("export", "positives", "-o", "out.npz"),
        ("export", "objects", "-o", "out.parquet"),
        ("stats", "--by", "class", "-o", "out.json"),
    ],
    ids=" ".join,
)
def test_a_disk_that_is_full_leaves_the_old_file_and_is_one_line(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    write_coco(tmp_path / "a.json", street())
    target = tmp_path / words[-1]
    target.write_bytes(OLD)
    with start(
        *words,
        *("--ann", "a.json", "--force"),
        folder=tmp_path,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200)),
    ) as process:
        out, err = process.communicate(timeout=30)
    message = f"atss-inspect: error: {target.name}: cannot be written: file too large\n"
    assert (process.returncode, out, err) == (2, b"", message.encode())
    assert target.read_bytes() == OLD
    assert not beside(tmp_path)


# --- at random moments --------------------------------------------------------------

SEED = 20260


@dataclass(frozen=True)
class Command:
    """One command that is killed again and again.

    Attributes
    ----------
    words : without data and target
    target : what it writes; "" for a server, which writes nothing
    num_kills : how many times
    takes_jobs : whether it may have worker processes
    to_stdout : options that make stdout the target; () where that cannot be
    old : what the target held before
    """

    words: tuple[str, ...]
    target: str
    num_kills: int
    takes_jobs: bool = False
    to_stdout: tuple[str, ...] = ("-o", "-")
    old: Content = OLD


WRITERS = (
    Command(("export", "objects"), "out.csv", 24, True, ("--format", "csv")),
    Command(("export", "positives"), "out.parquet", 24, True, ("--format", "parquet")),
    Command(("export", "objects"), "out.npz", 20, True, ("--format", "npz")),
    Command(("stats", "--by", "class"), "out.json", 24, True, ("--format", "json")),
    Command(
        ("export", "positives", "--rows-per-part", "2000"),
        "out",
        24,
        takes_jobs=True,
        to_stdout=(),
        old={"part-00000.parquet": OLD, "part-00001.parquet": OLD},
    ),
    Command(
        ("convert", "--images-per-part", "200"),
        "out.atss",
        30,
        to_stdout=(),
        old={"dataset.json": OLD, "images-000.parquet": OLD},
    ),
    Command(("view", "6", "--no-open"), "out.html", 16),
    Command(("plot", "image", "6"), "out.svg", 10),
    Command(("plot", "size"), "out.png", 8),
    Command(("report", "--no-viewer", "--limit", "20"), "out.html", 6),
)
SERVER = Command(("browse", "--no-open"), "", 14, to_stdout=())
NUM_KILLS = sum(each.num_kills for each in (*WRITERS, SERVER))


@dataclass(frozen=True)
class Kill:
    """One command and how it is stopped.

    Attributes
    ----------
    command : what is stopped
    jobs : number of processes
    how : ``SIGINT``, ``SIGTERM``, ``SIGHUP``, ``SIGKILL``, ``SIGINT to all``,
        ``SIGTERM to all``, ``worker killed``, or ``pipe closed``, where the target is
        stdout
    moment : as a share of the time it takes undisturbed
    """

    command: Command
    jobs: int
    how: str
    moment: float

    def typed(self) -> tuple[str, ...]:
        """Write the words to type."""
        command = self.command
        jobs = ("--jobs", str(self.jobs)) if command.takes_jobs else ()
        output = ("-o", command.target, "--force") if command.target else ()
        if self.how == "pipe closed":
            output = command.to_stdout
        return (*command.words, "--ann", "../a.json", *jobs, *output)


def draw(command: Command, number: int) -> Kill:
    """Draw one kill of a command, always the same one."""
    chance = random.Random(f"{SEED} {command.words} {command.target} {number}")
    ways = ["SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "SIGINT to all", "SIGTERM to all"]
    jobs = chance.choice([1, 2]) if command.takes_jobs else 1
    if jobs == 2:
        ways.append("worker killed")
    elif command.to_stdout:
        ways.append("pipe closed")
    return Kill(command, jobs, chance.choice(ways), chance.uniform(0, 1.05))


def stop(process: subprocess.Popen[bytes], how: str) -> None:
    """Stop a process in one of the ways."""
    if how == "pipe closed":
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
    elif how == "worker killed":
        listed = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        # The last is a worker, once there are more than the one that tidies up.
        if len(listed.split()) > 1:
            os.kill(int(listed.split()[-1]), signal.SIGKILL)
    elif how.endswith(" to all"):
        os.killpg(process.pid, signal.Signals[how.partition(" ")[0]])
    else:
        process.send_signal(signal.Signals[how])


def wait_for_the_group(process: subprocess.Popen[bytes]) -> None:
    """Wait until nobody of the process group is left."""
    for _ in range(500):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    message = f"processes of group {process.pid} live on"
    raise AssertionError(message)


def outcome(code: int, error: bytes, how: str) -> str:
    """Name how a process ended; anything unforeseen is an assertion error."""
    if code == 0:
        assert error == b""
        return "too late"
    if how == "worker killed":
        assert (code, error.count(b"\n")) == (2, 2), error
        assert b"a worker process was killed" in error
        return "told"
    if how == "pipe closed":
        assert (code, error) == (141, b"")
        return "stopped"
    number = signal.Signals[how.partition(" ")[0]]
    if number == signal.SIGKILL:
        assert code == -number
        # Python's own helper tells what it tidies up after a program that is gone.
        assert error == b"" or b"resource_tracker" in error
        return "killed"
    if code == 128 + number:
        assert error == b""
        return "stopped"
    # Python itself was stopped before it came to us.
    assert code in (-number, 1), (code, error)
    assert b"atss_inspect/cli" not in error
    return "too early"


def perform(kill: Kill, folder: Path, whole: Content, took_s: float) -> str:
    """Start, stop at the moment, and see what is left; how it ended."""
    folder.mkdir()
    target = folder / kill.command.target
    put(target, kill.command.old)
    process = start(*kill.typed(), folder=folder)
    time.sleep(kill.moment * took_s)
    with suppress(ProcessLookupError):
        stop(process, kill.how)
    _, error = process.communicate(timeout=60)
    ended = outcome(process.returncode, error, kill.how)
    wait_for_the_group(process)
    if kill.how == "pipe closed":
        assert names(folder) == {target.name}
        return ended
    found = content(target)
    assert found in (kill.command.old, whole)
    assert found == whole or ended != "too late"
    left = beside(folder)
    assert names(folder) == {target.name, *left}
    if left:
        assert kill.how == "SIGKILL"
        assert len(left) == 1
        with start(*kill.typed(), folder=folder) as again:
            assert again.wait(timeout=60) == 0
        assert names(folder) == {target.name}
        assert content(target) == whole
    return ended


def perform_on_server(kill: Kill, folder: Path, ready_s: float) -> str:
    """Stop a server, perhaps before it serves; Ctrl-C is how it is meant to end."""
    folder.mkdir()
    process = start(*kill.typed(), folder=folder)
    time.sleep(2 * kill.moment * ready_s)
    stop(process, kill.how)
    out, error = process.communicate(timeout=60)
    wait_for_the_group(process)
    assert names(folder) == set()
    if process.returncode == 0:
        assert (error, out.count(b"\n")) == (b"", 1)
        assert kill.how.startswith("SIGINT")
        return "stopped"
    return outcome(process.returncode, error, kill.how)


def reference(command: Command, jobs: int, folder: Path) -> tuple[Content, float]:
    """Run undisturbed: the whole target, and how long it takes beside another one."""
    folder.mkdir()
    began = time.monotonic()
    with start(*Kill(command, jobs, "", 0).typed(), folder=folder) as process:
        assert process.wait(timeout=60) == 0
    return content(folder / command.target), time.monotonic() - began


def time_to_serve(folder: Path) -> float:
    """Measure how long a server takes to print its address."""
    folder.mkdir()
    began = time.monotonic()
    with start(*Kill(SERVER, 1, "", 0).typed(), folder=folder) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        took_s = time.monotonic() - began
        process.terminate()
    return took_s


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="looks for workers in /proc"
)
def test_at_whatever_moment_it_is_killed_the_target_is_the_old_or_the_new_one(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    write_coco(tmp_path / "a.json", random_coco(3, num_images=700, max_boxes=14))
    cases = [(each, 1) for each in WRITERS]
    cases += [(each, 2) for each in WRITERS if each.takes_jobs]
    kills = [draw(each, number) for each in WRITERS for number in range(each.num_kills)]
    on_server = [draw(SERVER, number) for number in range(SERVER.num_kills)]
    with ThreadPoolExecutor(2) as two:
        found = two.map(
            lambda at: reference(*cases[at], tmp_path / f"whole-{at}"),
            range(len(cases)),
        )
        undisturbed = {
            (command.words, command.target, jobs): each
            for (command, jobs), each in zip(cases, found, strict=True)
        }
        ready_s = time_to_serve(tmp_path / "serving")

        def end(at: int) -> str:
            folder = tmp_path / f"kill-{at}"
            if at >= len(kills):
                return perform_on_server(on_server[at - len(kills)], folder, ready_s)
            command = kills[at].command
            key = command.words, command.target, kills[at].jobs
            return perform(kills[at], folder, *undisturbed[key])

        endings = list(two.map(end, range(NUM_KILLS)))
    counts = Counter(
        zip((kill.how for kill in (*kills, *on_server)), endings, strict=True)
    )
    for (how, ended), count in sorted(counts.items()):
        record_property(f"{how}: {ended}", count)
        print(f"{how}: {ended} {count}")  # noqa: T201 - shown with -s
    # Most of them must have met the program at work.
    met = counts.total() - sum(n for (_, ended), n in counts.items() if "too" in ended)
    assert met > NUM_KILLS / 2
    assert NUM_KILLS >= 200
