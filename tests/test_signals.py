"""Never half a file: whatever stops the program, the target is the old or the new one.

The long test kills commands at random moments of their lives, in every way there is.
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

NUM_KILLS = 200
SEED = 20260
COMMANDS = (
    ("export", "objects", "out.csv"),
    ("export", "positives", "out.parquet"),
    ("export", "objects", "out.npz"),
    ("stats", "--by", "class", "out.json"),
)


@dataclass(frozen=True)
class Kill:
    """One command and how it is stopped.

    Attributes
    ----------
    words : the command, its target last
    jobs : number of processes
    how : ``SIGINT``, ``SIGTERM``, ``SIGKILL``, ``SIGINT to all``, ``SIGTERM to all``,
        ``worker killed``, or ``pipe closed``, where the target is stdout
    moment : as a share of the time it takes undisturbed
    """

    words: tuple[str, ...]
    jobs: int
    how: str
    moment: float

    def command(self) -> tuple[str, ...]:
        """Write the words to type."""
        *words, target = self.words
        jobs = ("--jobs", str(self.jobs))
        output = ("-o", target, "--force")
        if self.how == "pipe closed":
            output = ("--format", target.partition(".")[2])
        return (*words, "--ann", "../a.json", *jobs, *output)


def draw(number: int) -> Kill:
    """Draw the kill of this number, always the same one."""
    chance = random.Random(SEED + number)
    ways = ["SIGINT", "SIGTERM", "SIGKILL", "SIGINT to all", "SIGTERM to all"]
    jobs = chance.choice([1, 2])
    ways.append("worker killed" if jobs == 2 else "pipe closed")
    how = chance.choice(ways)
    return Kill(chance.choice(COMMANDS), jobs, how, chance.uniform(0, 1.05))


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


def perform(kill: Kill, folder: Path, whole: bytes, took_s: float) -> str:
    """Start, stop at the moment, and see what is left; how it ended."""
    folder.mkdir()
    target = folder / kill.words[-1]
    target.write_bytes(OLD)
    process = start(*kill.command(), folder=folder)
    time.sleep(kill.moment * took_s)
    with suppress(ProcessLookupError):
        stop(process, kill.how)
    _, error = process.communicate(timeout=60)
    ended = outcome(process.returncode, error, kill.how)
    wait_for_the_group(process)
    if kill.how == "pipe closed":
        assert names(folder) == {target.name}
        return ended
    content = target.read_bytes()
    assert content in (OLD, whole)
    assert content == whole or ended != "too late"
    left = beside(folder)
    assert names(folder) == {target.name, *left}
    if left:
        assert kill.how == "SIGKILL"
        assert len(left) == 1
        with start(*kill.command(), folder=folder) as again:
            assert again.wait(timeout=60) == 0
        assert names(folder) == {target.name}
        assert target.read_bytes() == whole
    return ended


def reference(words: tuple[str, ...], jobs: int, folder: Path) -> tuple[bytes, float]:
    """Run undisturbed: the whole file, and how long it takes beside another one."""
    folder.mkdir()
    kill = Kill(words, jobs, "", 0)
    began = time.monotonic()
    with start(*kill.command(), folder=folder) as process:
        assert process.wait(timeout=60) == 0
    return (folder / words[-1]).read_bytes(), time.monotonic() - began


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="looks for workers in /proc"
)
def test_at_whatever_moment_it_is_killed_the_file_is_the_old_or_the_new_one(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    write_coco(tmp_path / "a.json", random_coco(3, num_images=700, max_boxes=14))
    cases = [(words, jobs) for words in COMMANDS for jobs in (1, 2)]
    kills = [draw(number) for number in range(NUM_KILLS)]
    with ThreadPoolExecutor(2) as two:
        undisturbed = dict(
            zip(
                cases,
                two.map(
                    lambda at: reference(*cases[at], tmp_path / f"whole-{at}"),
                    range(len(cases)),
                ),
                strict=True,
            )
        )
        endings = two.map(
            lambda at: perform(
                kills[at],
                tmp_path / f"kill-{at}",
                *undisturbed[kills[at].words, kills[at].jobs],
            ),
            range(NUM_KILLS),
        )
        counts = Counter(zip((kill.how for kill in kills), endings, strict=True))
    for (how, ended), count in sorted(counts.items()):
        record_property(f"{how}: {ended}", count)
        print(f"{how}: {ended} {count}")  # noqa: T201 - shown with -s
    # Most of them must have met the program at work.
    met = counts.total() - sum(n for (_, ended), n in counts.items() if "too" in ended)
    assert met > NUM_KILLS / 2
