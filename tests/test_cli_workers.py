"""Who does the work: how many processes without --jobs, and the same bytes from all.

And the progress bar: for those who watch, and only when there is something to see.
"""

import contextlib
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from atss_inspect.cli import run, workers
from atss_inspect.cli.workers import available_cores, busy, default_jobs, progress_bar
from atss_inspect.report import answers
from atss_inspect.statistics.reach import measure_reach
from tests.command_line import ask
from tests.random_coco import random_coco
from tests.tiny_coco import write_coco

# Every command that shares its work, with -o out where that is needed.
COMMANDS = (
    *("stats --json", "stats --by level -f csv", "worst --json", "worst --by image"),
    *("worst --by class", "compare --json", "compare --baseline random.json -f md"),
    *("sweep k=3,9 --json", "check --max-unassigned 2% --max-unassigned tiny=3%"),
    *("export objects", "export positives", "export left-out"),
    # These take what is exported, and draw it.
    pytest.param("plot size -o out.svg", marks=pytest.mark.slow),
    pytest.param("report --no-viewer -o out.html", marks=pytest.mark.slow),
)


class OtherProcesses(Executor):
    """Gets its work, and sends its answers, as processes would; here, and at once."""

    def submit(self, work: Callable[..., Any], /, *arguments: Any) -> Future[Any]:  # type: ignore[override]
        """Pickle what goes to and fro."""
        sent, given = pickle.loads(pickle.dumps((work, arguments)))
        future: Future[Any] = Future()
        future.set_result(pickle.loads(pickle.dumps(sent(*given))))
        return future


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of processes asked for; none is started."""
    numbers = []

    @contextlib.contextmanager
    def worker_processes(jobs: int) -> Iterator[Executor | None]:
        numbers.append(jobs)
        yield OtherProcesses() if jobs > 1 else None

    monkeypatch.setattr(workers, "worker_processes", worker_processes)
    monkeypatch.setattr(workers, "available_cores", lambda: 3)
    # Other tests keep what it measures, in a function that cannot be sent.
    monkeypatch.setattr(answers, "measure_reach", measure_reach)
    return numbers


def answer(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, bytes]:
    """Run a command: its exit code, what it printed, and what it wrote."""
    code = run([*command.split(), "--ann", "random.json", "-q"])
    written = sorted(Path.cwd().glob("out.*"))
    content = b"".join(path.read_bytes() for path in written)
    for path in written:
        path.unlink()
    return code, capsys.readouterr().out, content


@pytest.mark.parametrize("command", COMMANDS)
def test_large_data_are_shared_among_processes_without_a_byte_changed(
    command: str, capsys: Any, monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    write_coco(Path("random.json"), random_coco(7, num_images=30, max_boxes=14))
    alone = answer(f"{command} --jobs 1", capsys)
    assert set(started) == {1}
    assert alone[0] in (0, 1)
    assert len(alone[1]) + len(alone[2]) > 100
    started.clear()
    monkeypatch.setattr("atss_inspect.statistics.run.BOXES_PER_CHUNK", 40)
    assert answer(command, capsys) == alone
    assert set(started) == {1}  # the data are small
    started.clear()
    monkeypatch.setattr(workers, "BOXES_PER_PROCESS", 20)
    assert answer(command, capsys) == alone
    assert set(started) == {3}


def test_what_is_piped_or_asked_for_by_number_starts_no_other_process(
    monkeypatch: pytest.MonkeyPatch, started: list[int]
) -> None:
    path = write_coco(Path("random.json"), random_coco(7, num_images=30, max_boxes=14))
    monkeypatch.setattr(workers, "BOXES_PER_PROCESS", 20)
    monkeypatch.setattr("atss_inspect.statistics.run.BOXES_PER_CHUNK", 40)
    with path.open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert ask("stats --ann - -q").err == ""
    for words in ("--limit 1", "--jobs 1", "--jobs 2"):
        assert ask(f"stats --ann random.json -q {words}").err == ""
    assert started == [1, 1, 1, 2]


@pytest.mark.parametrize(
    ("num_boxes", "num_passes", "num_cores", "expected"),
    [
        (36_780, 3, 8, 1),  # val2017 under three conventions
        (36_780, 11, 8, 2),  # under many
        (133_333, 3, 8, 1),
        (133_334, 3, 8, 2),
        (399_999, 1, 8, 1),
        (400_000, 1, 8, 2),
        (860_000, 3, 2, 2),  # train2017
        (860_000, 3, 1, 1),
        (860_000, 3, 8, 4),  # one for 200,000 boxes, for the sake of memory
        (10_000_000, 1, 8, 8),
        (10_000_000, 0, 8, 1),
        (0, 3, 8, 1),
    ],
)
def test_processes_go_by_boxes_and_conventions_and_cores(
    num_boxes: int, num_passes: int, num_cores: int, expected: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(workers, "available_cores", lambda: num_cores)
    dataset: Any = SimpleNamespace(num_objects=num_boxes)
    assert default_jobs(dataset, num_passes) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("max 100000", 6),
        ("200000 100000", 2),
        ("150000 100000", 2),  # a core and a half
        ("50000 100000", 1),
        ("900000 100000", 6),
        ("what is this", 6),
        (None, 6),
    ],
)
def test_cores_are_those_that_the_process_may_use(
    text: str | None, expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(6)), raising=False)
    monkeypatch.setattr(workers, "_QUOTA", str(tmp_path / "cpu.max"))
    if text is not None:
        (tmp_path / "cpu.max").write_text(text + "\n")
    assert available_cores() == expected


def test_a_system_that_tells_nothing_has_its_cores_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(workers, "_QUOTA", "missing")
    for number, expected in ((4, 4), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda number=number: number)
        assert available_cores() == expected


class Terminal(io.StringIO):
    """A terminal that remembers what it was shown."""

    def isatty(self) -> bool:
        return True


def put_terminal(monkeypatch: pytest.MonkeyPatch, *, patience_s: float) -> Terminal:
    """Put a terminal in place of stderr, and say when people get impatient."""
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(workers, "PATIENCE_S", patience_s)
    monkeypatch.setattr(workers, "REDRAW_S", 0.0)
    return shown


def test_work_that_takes_a_while_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = put_terminal(monkeypatch, patience_s=0)
    with progress_bar("assigning", 10) as on_chunk:
        for _ in range(5):
            on_chunk(2)
    shown = terminal.getvalue()
    assert shown.index("assigning") < shown.index("2/10") < shown.index("10/10")
    terminal = put_terminal(monkeypatch, patience_s=60)  # longer than it takes
    with progress_bar("assigning", 10) as on_chunk:
        on_chunk(10)
    assert terminal.getvalue() == ""
    with progress_bar("assigning", 10, is_long=True) as on_chunk:
        on_chunk(10)
    assert "10/10" in terminal.getvalue()


def test_what_cannot_be_counted_yet_is_said_and_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = put_terminal(monkeypatch, patience_s=0)
    with busy("reading"):
        assert terminal.getvalue() == "reading\r"
    assert terminal.getvalue() == "reading\r       \r"
    with busy("reading", quiet=True):
        pass
    assert terminal.getvalue() == "reading\r       \r"


def test_the_cursor_is_back_after_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = put_terminal(monkeypatch, patience_s=0)
    bar = progress_bar("assigning", 10)
    with pytest.raises(KeyboardInterrupt), bar as on_chunk:  # noqa: PT012 - within it
        on_chunk(1)
        raise KeyboardInterrupt
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert terminal.getvalue().count(hide) == terminal.getvalue().count(show) == 1


def test_nobody_watching_or_quiet_means_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = put_terminal(monkeypatch, patience_s=0)
    with progress_bar("assigning", 10, quiet=True) as on_chunk:
        assert on_chunk is None
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with progress_bar("assigning", 10) as on_chunk:
        assert on_chunk is None
    assert terminal.getvalue() == ""
