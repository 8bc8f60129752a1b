"""Work on many files in threads: in order, with progress, and without threads."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from atss_inspect.readers import many_files
from atss_inspect.readers.many_files import FILES_PER_TASK, map_files


def double(number: int) -> int:
    return 2 * number


@pytest.mark.parametrize("number", [0, 1, FILES_PER_TASK, 10 * FILES_PER_TASK + 1])
@pytest.mark.parametrize("cores", [1, 3])
def test_results_come_in_order(
    number: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many_files, "num_cores", lambda: cores)
    found = list(map_files(double, range(number), title="doubling"))
    assert found == list(range(0, 2 * number, 2))


def test_progress_reports_every_file_once() -> None:
    told: list[object] = []

    @contextlib.contextmanager
    def bar(title: str, total: int) -> Iterator[Callable[[int], None]]:
        told.extend([title, total])
        yield told.append
        told.append("end")

    number = 2 * FILES_PER_TASK + 5
    list(map_files(double, range(number), title="doubling", progress=bar))
    assert told == ["doubling", number, FILES_PER_TASK, FILES_PER_TASK, 5, "end"]


def test_where_no_thread_can_be_started_one_does_it_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    monkeypatch.setattr(many_files, "num_cores", lambda: 4)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    numbers = range(5 * FILES_PER_TASK)
    assert list(map_files(double, numbers, title="")) == [2 * n for n in numbers]


def test_threads_end_where_nobody_takes_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(many_files, "num_cores", lambda: 4)
    before = threading.active_count()
    done: list[int] = []
    results = map_files(done.append, range(1000 * FILES_PER_TASK), title="")
    assert next(iter(results)) is None
    results.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
    assert len(done) < 100 * FILES_PER_TASK


def test_an_end_waits_for_no_more_than_one_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(many_files, "num_cores", lambda: 2)
    start, begun = time.monotonic(), FILES_PER_TASK  # of the first task

    def work(number: int) -> None:
        time.sleep(0 if number < begun else 0.1)

    results = map_files(work, range(10 * FILES_PER_TASK), title="")
    next(iter(results))
    results.close()  # type: ignore[attr-defined]
    assert time.monotonic() - start < 0.1 * FILES_PER_TASK / 2
