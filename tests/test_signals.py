"""Never half a file: whatever stops the program, the target is the old or the new one.

The long tests kill every command that writes at random moments of its life, in every
way there is. A target may be a folder: then all its files are the old or the new ones.
"""

import errno
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.random_coco import random_coco
from tests.scripts import run_in_forks
from tests.tiny_coco import street, write_coco

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

PROGRAM = (sys.executable, "-m", "atss_inspect", "-q")
OLD = b"what was there before\n"
Held = dict[str, bytes]
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
ENDED = ([128 + number for number in STOPS], "", "")


def start(*words: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start the program in a process group of its own; SIGABRT shows where it is."""
    return subprocess.Popen(
        [*PROGRAM, *words],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
    )


def output_of(
    process: subprocess.Popen[bytes], what: object, *, within_s: float = 60
) -> tuple[bytes, bytes]:
    """Wait for the end; of a process that hangs, tell what it was and where it is."""
    try:
        return process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired:
        states = states_of_group(process.pid)
        os.killpg(process.pid, signal.SIGABRT)
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    _, error = process.communicate()
    places = error.decode(errors="replace")
    message = f"{what} has not ended after {within_s} s\n{states}\n{places}"
    raise AssertionError(message)


def states_of_group(group: int) -> str:
    """Describe the processes of a group, one a line, as far as /proc tells."""
    found = []
    for folder in sorted(Path("/proc").glob("[0-9]*")):
        with suppress(OSError):  # it has ended meanwhile
            # After number and name, which is in brackets: state, parent, group.
            name, _, rest = (folder / "stat").read_text().rpartition(") ")
            state, parent, own, *_ = rest.split()
            if int(own) != group:
                continue
            told = (folder / "status").read_text()
            signals = re.findall(r"^(Threads|S(?:ig|hd)\w+):\s+(\S+)", told, re.M)
            found.append(
                f"{name}) child of {parent}, state {state}, waits in "
                f"{(folder / 'wchan').read_text()}, "
                + ", ".join(f"{key} {value}" for key, value in signals)
            )
    return "\n".join(found)


def held(folder: Path) -> Held:
    """Read all that is in a folder; folders in it hold nothing themselves."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
    }


def put(folder: Path, old: Held) -> None:
    for name, content in old.items():
        (folder / name).parent.mkdir(exist_ok=True)
        if content:
            (folder / name).write_bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("number", STOPS)
def test_a_signal_while_reading_leaves_the_old_file_and_says_nothing(
    number: signal.Signals, tmp_path: Path
) -> None:
    put(tmp_path, {"out.json": OLD})
    os.mkfifo(tmp_path / "a.json")
    words = ("stats", "--ann", "a.json", "--force", "-o", "out.json")
    with (
        start(*words, folder=tmp_path) as process,
        # Opening waits for the reader, which from then on waits for the first bytes.
        (tmp_path / "a.json").open("wb"),
    ):
        time.sleep(0.05)
        process.send_signal(number)
        out, err = output_of(process, number.name)
    assert (process.returncode, out, err) == (128 + number, b"", b"")
    assert held(tmp_path) == {"a.json": b"", "out.json": OLD}


READY = """
import re, signal
from atss_inspect import cli
from atss_inspect.stopping import stop_in_order
from atss_inspect.writers.files import open_output, write_bytes
from atss_inspect.writers.folders import open_folder
class Field:
    def __set_name__(self, owner, name):
        signal.raise_signal(case)
stop_in_order()
"""
# What is going on when the signal comes.
AT_WORK = {
    "a file is written": """
with open_output("out.csv", force=True) as stream:
    stream.write(b"half of it")
    stream.flush()
    signal.raise_signal(case)
""",
    "a folder is written": """
with open_folder("out", force=True, own=re.compile("part-.*")) as folder:
    write_bytes(folder / "part-0.csv", b"the first of two")
    signal.raise_signal(case)
""",
    "a class is made, where it is no other error": """
cli.commands = lambda **_: type("Table", (), {"field": Field()})
cli.main()
""",
    "compiled code turns it into an error": """
def convert(**_):
    try:
        signal.raise_signal(case)
    except BaseException:
        pass  # as PyErr_Clear does: nothing remembers it
    raise TypeError("incompatible arguments")
cli.commands = convert
cli.main()
""",
}


@pytest.mark.slow
@pytest.mark.parametrize("script", AT_WORK.values(), ids=AT_WORK)
def test_a_signal_leaves_what_was_there_and_says_nothing(
    script: str, tmp_path: Path
) -> None:
    old = {"out.csv": OLD, "out": b"", "out/part-0.csv": OLD}
    put(tmp_path, old)
    imports = "import atss_inspect.cli, atss_inspect.writers.folders"
    assert run_in_forks(READY + script, STOPS, imports=imports) == ENDED
    assert held(tmp_path) == old


@pytest.mark.slow
def test_a_signal_that_becomes_an_error_while_loading_is_no_traceback() -> None:
    script = """
        import signal, sys
        class Field:
            def __set_name__(self, owner, name):
                signal.raise_signal(case)
        class Finder:
            def find_spec(self, name, path=None, target=None):
                if name == "atss_inspect.cli":
                    type("Options", (), {"field": Field()})
        sys.meta_path.insert(0, Finder())
        from atss_inspect.__main__ import start
        start()
    """
    assert run_in_forks(script, STOPS) == ENDED


@pytest.mark.slow
def test_a_file_that_may_not_grow_leaves_the_old_one_and_is_one_line(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    commands = {
        "out.csv": "export objects",
        "out.jsonl": "export positives",
        "out.npz": "export positives",
        "out.parquet": "export objects",
        "out.json": "stats --by class",
    }
    write_coco(tmp_path / "a.json", street())
    put(tmp_path, dict.fromkeys(commands, OLD))
    script = """
        import resource, sys
        from atss_inspect.cli import run
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
        target, words = case
        words = [*words.split(), "--ann", "a.json", "-o", target, "--force"]
        sys.exit(run(["-q", *words]))
    """
    ahead = ("-q", "export", "objects", "--ann", "a.json", "-o", "ahead.parquet")
    imports = f"import atss_inspect.cli; atss_inspect.cli.run({ahead})"
    codes, out, err = run_in_forks(script, [*commands.items()], imports=imports)
    assert (codes, out) == ([2] * len(commands), ""), err
    large = os.strerror(errno.EFBIG).lower()
    assert err == "".join(
        f"atss-inspect: error: {target}: cannot be written: {large}\n"
        for target in commands
    )
    left = held(tmp_path)
    assert set(left) == {*commands, "a.json", "ahead.parquet"}
    assert {left[target] for target in commands} == {OLD}


SEED = 20260
WAYS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGKILL", "SIGINT to all", "SIGTERM to all")
needs_proc = pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="looks for processes in /proc"
)


@dataclass(frozen=True)
class Command:
    """One command that is killed again and again."""

    words: str  # without data and target
    target: str  # what it writes; "" for a server, which writes nothing
    num_kills: int
    takes_jobs: bool = False  # whether it may have worker processes
    parts: tuple[str, ...] = ()  # the files of a target that is a folder

    @property
    def old(self) -> Held:
        """What the target held before."""
        if not self.target:
            return {}
        parts = {f"{self.target}/{name}": OLD for name in self.parts}
        return {self.target: b"" if parts else OLD, **parts}

    @property
    def to_stdout(self) -> tuple[str, ...]:
        """Options that make stdout the target; none where that cannot be."""
        form = self.target.rpartition(".")[2]
        if self.parts or not self.target:
            return ()
        is_table = form in ("csv", "json", "jsonl", "md", "npz", "parquet")
        return ("--format", form) if is_table else ("-o", "-")

    def typed(self, jobs: int, how: str = "") -> tuple[str, ...]:
        """Write the words to type."""
        more = ("--jobs", str(jobs)) if self.takes_jobs else ()
        output = ("-o", self.target, "--force") if self.target else ()
        if how == "pipe closed":
            output = self.to_stdout
        reads = () if self.words == "demo" else ("--ann", "../a.json")
        return (*self.words.split(), *reads, *more, *output)


PARTS = ("part-00000.parquet", "part-00001.parquet")
SET = ("dataset.json", "images-000.parquet")
WRITERS = (
    Command("export objects", "out.csv", 24, True),
    Command("export positives", "out.parquet", 24, True),
    Command("export objects", "out.npz", 20, True),
    Command("stats --by class", "out.json", 24, True),
    Command("export positives --rows-per-part 2000", "out", 24, True, PARTS),
    Command("convert --images-per-part 200", "out.atss", 30, False, SET),
    Command("demo", "out", 24, False, ("atss-inspect.toml",)),
    Command("export left-out", "out.jsonl", 4),
    Command("worst --by image", "out.json", 4, True),
    Command("compare", "out.md", 4, True),
    Command("sweep k=3:9:3", "out.csv", 4, True),
    Command("view 6 --no-open", "out.html", 16),
    Command("plot image 6", "out.svg", 10),
    Command("plot size", "out.png", 8),
    Command("report --no-viewer --limit 20", "out.html", 6),
)
SERVER = Command("browse --no-open", "", 14)  # it leaves nothing


class Kill(NamedTuple):
    """How a command is stopped."""

    jobs: int
    how: str  # one of ``WAYS``, a worker killed, or its stdout closed
    moment: float  # as a share of the time it takes undisturbed


def kills_of(command: Command) -> list[Kill]:
    """Draw the kills of a command, always the same ones."""
    chance = random.Random(f"{SEED} {command.words} {command.target}")
    kills = []
    for _ in range(command.num_kills):
        ways = list(WAYS)
        jobs = chance.choice([1, 2]) if command.takes_jobs else 1
        if jobs == 2:
            ways.append("worker killed")
        elif command.to_stdout:
            ways.append("pipe closed")
        kills.append(Kill(jobs, chance.choice(ways), chance.uniform(0, 1.05)))
    return kills


def stop(process: subprocess.Popen[bytes], how: str) -> None:
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
    for _ in range(500):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    states = states_of_group(process.pid)
    message = f"processes of group {process.pid} live on\n{states}"
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
    assert b"atss_inspect/cli" not in error, error
    return "too early"


def run_undisturbed(
    command: Command, jobs: int, folder: Path
) -> tuple[Held, list[float]]:
    """Run a command to its end: what it wrote, how long; a server until it serves."""
    folder.mkdir()
    began = time.monotonic()
    with start(*command.typed(jobs), folder=folder) as process:
        if not command.target:
            assert process.stdout is not None
            assert process.stdout.readline()
            ready_s = time.monotonic() - began
            process.terminate()
            return {}, [2 * ready_s]
        output_of(process, f"{command}, undisturbed")
    assert process.returncode == 0
    return held(folder), [time.monotonic() - began]


def perform(
    command: Command, kill: Kill, folder: Path, whole: Held, took_s: list[float]
) -> str:
    """Start, stop at the moment, and see what is left; how it ended.

    ``took_s`` ends in the time that the command took the last time it was not stopped:
    a shared machine is faster or slower.
    """
    folder.mkdir()
    put(folder, command.old)
    began = time.monotonic()
    process = start(*command.typed(kill.jobs, kill.how), folder=folder)
    try:
        process.wait(kill.moment * took_s[-1])
        took_s.append(time.monotonic() - began)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            stop(process, kill.how)
    out, error = output_of(process, f"{command}, {kill}")
    ended = outcome(process.returncode, error, kill.how)
    if command is SERVER and ended == "too late":  # Ctrl-C is how it is meant to end
        assert (kill.how[:6], out.count(b"\n")) == ("SIGINT", 1)
        ended = "stopped"
    wait_for_the_group(process)
    found = held(folder)
    if kill.how == "pipe closed":
        assert found == command.old
        return ended
    left = {name: name[: name.index(".tmp")] for name in found if ".tmp" in name}
    kept = {name: found[name] for name in found.keys() - left.keys()}
    assert kept in (command.old, whole)
    assert kept == whole or ended != "too late"
    if left:
        assert kill.how == "SIGKILL"
        assert len(set(left.values())) == 1
        with start(*command.typed(kill.jobs), folder=folder) as again:
            output_of(again, f"what follows {command}, {kill}")
        assert again.returncode == 0
        assert held(folder) == whole
    return ended


@pytest.fixture(scope="module")
def above(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with annotations, in which every command has a folder of its own."""
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    folder = tmp_path_factory.mktemp("killed")
    write_coco(folder / "a.json", random_coco(3, num_images=700, max_boxes=14))
    return folder


def assert_many_met_it_at_work(
    kills: list[Kill], endings: list[str], record: Callable[[str, object], None]
) -> None:
    """Count how they ended, and see that many were neither too early nor too late."""
    counts = Counter(zip((kill.how for kill in kills), endings, strict=True))
    for (how, ended), count in sorted(counts.items()):
        record(f"{how}: {ended}", count)
        print(f"{how}: {ended} {count}")  # noqa: T201 - shown with -s
    met = sum(count for (_, ended), count in counts.items() if "too" not in ended)
    # Most of them are; fewer of a few, where the machine becomes slower meanwhile.
    assert met > len(kills) / 10


def test_there_are_enough_kills() -> None:
    assert sum(each.num_kills for each in WRITERS) > 200


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize(
    "command", [*WRITERS, SERVER], ids=lambda each: f"{each.words} {each.target}"
)
def test_at_whatever_moment_it_is_killed_the_target_is_the_old_or_the_new_one(
    command: Command, above: Path, record_property: Callable[[str, object], None]
) -> None:
    name = f"{command.words} {command.target}"
    undisturbed = {
        jobs: run_undisturbed(command, jobs, above / f"{name}-whole-{jobs}")
        for jobs in ((1, 2) if command.takes_jobs else (1,))
    }
    kills = kills_of(command)
    endings = [
        perform(command, kill, above / f"{name}-{number}", *undisturbed[kill.jobs])
        for number, kill in enumerate(kills)
    ]
    assert_many_met_it_at_work(kills, endings, record_property)


@pytest.mark.slow
@needs_proc
def test_of_a_process_that_hangs_it_is_told_what_it_is_and_where_it_waits(
    tmp_path: Path,
) -> None:
    os.mkfifo(tmp_path / "a.json")
    process = start("stats", "--ann", "a.json", folder=tmp_path)
    with pytest.raises(AssertionError) as raised:
        output_of(process, "SIGINT at 0.3", within_s=4)
    told = str(raised.value)
    assert "SIGINT at 0.3 has not ended after 4 s" in told
    assert f"\n{process.pid} (" in told
    assert "state S, waits in " in told
    assert "SigBlk 0" in told
    assert "atss_inspect/readers/" in told  # the traceback
    assert not states_of_group(process.pid)
