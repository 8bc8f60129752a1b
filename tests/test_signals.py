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

import pytest

from tests.random_coco import random_coco
from tests.scripts import run_in_forks
from tests.tiny_coco import street, write_coco

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")

PROGRAM = (sys.executable, "-m", "atss_inspect", "-q")
OLD = b"what was there before\n"
STOPS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
ENDED = ([128 + number for number in STOPS], "", "")


def start(*words: str, folder: Path, **more: object) -> subprocess.Popen[bytes]:
    """Start the program in a process group of its own; SIGABRT shows where it is."""
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]
        [*PROGRAM, *words],
        cwd=folder,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"PYTHONFAULTHANDLER": "1"},
        **more,
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


@pytest.mark.slow
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
        out, err = output_of(process, number.name)
    assert (process.returncode, out, err) == (128 + number, b"", b"")
    assert target.read_bytes() == OLD
    assert not beside(tmp_path)


@pytest.mark.slow
def test_a_signal_while_writing_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "out.csv"
    target.write_bytes(OLD)
    script = f"""
        import signal
        from atss_inspect.stopping import stop_in_order
        from atss_inspect.writers.files import open_output
        stop_in_order()
        with open_output({str(target)!r}, force=True) as stream:
            stream.write(b"half of it")
            stream.flush()
            signal.raise_signal(case)
    """
    imports = "import atss_inspect.writers.folders"
    assert run_in_forks(script, STOPS, imports=imports) == ENDED
    assert target.read_bytes() == OLD
    assert not beside(tmp_path)


@pytest.mark.slow
def test_a_signal_that_comes_while_a_class_is_made_is_no_other_error() -> None:
    script = """
        import signal
        from atss_inspect import cli
        from atss_inspect.stopping import stop_in_order
        class Field:
            def __set_name__(self, owner, name):
                signal.raise_signal(case)
        stop_in_order()
        cli.commands = lambda **_: type("Table", (), {"field": Field()})
        cli.main()
    """
    assert run_in_forks(script, STOPS, imports="import atss_inspect.cli") == ENDED


@pytest.mark.slow
def test_a_signal_that_compiled_code_turns_into_an_error_is_the_signal() -> None:
    script = """
        import signal
        from atss_inspect import cli
        from atss_inspect.stopping import stop_in_order
        def convert(**_):
            try:
                signal.raise_signal(case)
            except BaseException:
                pass  # as PyErr_Clear does: nothing remembers it
            raise TypeError("incompatible arguments")
        stop_in_order()
        cli.commands = convert
        cli.main()
    """
    assert run_in_forks(script, STOPS, imports="import atss_inspect.cli") == ENDED


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
def test_a_signal_while_writing_a_folder_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "out"
    put(target, {"part-0.csv": OLD})
    script = f"""
        import re, signal
        from atss_inspect.stopping import stop_in_order
        from atss_inspect.writers.files import write_bytes
        from atss_inspect.writers.folders import open_folder
        stop_in_order()
        own = re.compile("part-.*")
        with open_folder({str(target)!r}, force=True, own=own) as folder:
            write_bytes(folder / "part-0.csv", b"the first of two")
            signal.raise_signal(case)
    """
    imports = "import atss_inspect.writers.folders"
    assert run_in_forks(script, STOPS, imports=imports) == ENDED
    assert content(target) == {"part-0.csv": OLD}
    assert names(tmp_path) == {"out"}


@pytest.mark.slow
def test_a_file_that_may_not_grow_leaves_the_old_one_and_is_one_line(
    tmp_path: Path,
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is an extra")
    commands = [
        ("export", "objects", "-o", "out.csv"),
        ("export", "positives", "-o", "out.jsonl"),
        ("export", "positives", "-o", "out.npz"),
        ("export", "objects", "-o", "out.parquet"),
        ("stats", "--by", "class", "-o", "out.json"),
    ]
    write_coco(tmp_path / "a.json", street())
    targets = [tmp_path / words[-1] for words in commands]
    for target in targets:
        target.write_bytes(OLD)
    script = """
        import resource, sys
        from atss_inspect.cli import run
        resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
        sys.exit(run(["-q", *case, "--ann", "a.json", "--force"]))
    """
    ahead = ("-q", "export", "objects", "--ann", "a.json", "-o", "ahead.parquet")
    imports = f"import atss_inspect.cli; atss_inspect.cli.run({ahead})"
    codes, out, err = run_in_forks(script, commands, imports=imports)
    assert (codes, out) == ([2] * len(commands), ""), err
    large = os.strerror(errno.EFBIG).lower()
    assert err == "".join(
        f"atss-inspect: error: {target.name}: cannot be written: {large}\n"
        for target in targets
    )
    assert {target.read_bytes() for target in targets} == {OLD}
    assert not beside(tmp_path)


SEED = 20260
needs_proc = pytest.mark.skipif(
    not Path("/proc/self").exists(), reason="looks for processes in /proc"
)


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
    Command(("export", "left-out"), "out.jsonl", 4, to_stdout=("--format", "jsonl")),
    Command(("worst", "--by", "image"), "out.json", 4, True, ("--json",)),
    Command(("compare",), "out.md", 4, True, ("--format", "md")),
    Command(("sweep", "k=3:9:3"), "out.csv", 4, True, ("--format", "csv")),
    Command(("view", "6", "--no-open"), "out.html", 16),
    Command(("plot", "image", "6"), "out.svg", 10),
    Command(("plot", "size"), "out.png", 8),
    Command(("report", "--no-viewer", "--limit", "20"), "out.html", 6),
)
SERVER = Command(("browse", "--no-open"), "", 14, to_stdout=())
NUM_KILLS = sum(each.num_kills for each in WRITERS)


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


@dataclass
class Undisturbed:
    """What a command does when nobody stops it.

    Attributes
    ----------
    whole : what the target holds then
    took_s : the last time it came to its end; a shared machine is faster or slower
    """

    whole: Content
    took_s: float


def perform(kill: Kill, folder: Path, undisturbed: Undisturbed) -> str:
    """Start, stop at the moment, and see what is left; how it ended."""
    whole = undisturbed.whole
    folder.mkdir()
    target = folder / kill.command.target
    put(target, kill.command.old)
    began = time.monotonic()
    process = start(*kill.typed(), folder=folder)
    try:
        process.wait(kill.moment * undisturbed.took_s)
        undisturbed.took_s = time.monotonic() - began
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            stop(process, kill.how)
    _, error = output_of(process, kill)
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
            output_of(again, f"what follows {kill}")
        assert again.returncode == 0
        assert names(folder) == {target.name}
        assert content(target) == whole
    return ended


def perform_on_server(kill: Kill, folder: Path, ready_s: float) -> str:
    """Stop a server, perhaps before it serves; Ctrl-C is how it is meant to end."""
    folder.mkdir()
    process = start(*kill.typed(), folder=folder)
    time.sleep(2 * kill.moment * ready_s)
    stop(process, kill.how)
    out, error = output_of(process, kill)
    wait_for_the_group(process)
    assert names(folder) == set()
    if process.returncode == 0:
        assert (error, out.count(b"\n")) == (b"", 1)
        assert kill.how.startswith("SIGINT")
        return "stopped"
    return outcome(process.returncode, error, kill.how)


def run_undisturbed(command: Command, jobs: int, folder: Path) -> Undisturbed:
    """Run a command to its end."""
    folder.mkdir()
    began = time.monotonic()
    not_stopped = Kill(command, jobs, "", 0)
    with start(*not_stopped.typed(), folder=folder) as process:
        output_of(process, not_stopped)
    assert process.returncode == 0
    took_s = time.monotonic() - began
    return Undisturbed(content(folder / command.target), took_s)


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


@pytest.mark.slow
def test_there_are_enough_kills() -> None:
    assert NUM_KILLS >= 200


@pytest.mark.slow
@needs_proc
@pytest.mark.parametrize(
    "command", WRITERS, ids=lambda each: f"{' '.join(each.words)} {each.target}"
)
def test_at_whatever_moment_it_is_killed_the_target_is_the_old_or_the_new_one(
    command: Command, above: Path, record_property: Callable[[str, object], None]
) -> None:
    name = f"{WRITERS.index(command)}"
    undisturbed = {
        jobs: run_undisturbed(command, jobs, above / f"{name}-whole-{jobs}")
        for jobs in ((1, 2) if command.takes_jobs else (1,))
    }
    kills = [draw(command, number) for number in range(command.num_kills)]
    endings = [
        perform(kill, above / f"{name}-kill-{number}", undisturbed[kill.jobs])
        for number, kill in enumerate(kills)
    ]
    assert_many_met_it_at_work(kills, endings, record_property)


@pytest.mark.slow
@needs_proc
def test_at_whatever_moment_a_server_is_killed_it_leaves_nothing(
    above: Path, record_property: Callable[[str, object], None]
) -> None:
    ready_s = time_to_serve(above / "serving")
    kills = [draw(SERVER, number) for number in range(SERVER.num_kills)]
    endings = [
        perform_on_server(kill, above / f"server-kill-{number}", ready_s)
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
