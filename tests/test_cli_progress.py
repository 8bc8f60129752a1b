"""The progress bar: for those who watch, and only when there is something to see."""

import io
import sys

import pytest

from atss_inspect.cli import workers
from atss_inspect.cli.workers import progress_bar


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
        assert on_chunk is not None
        for _ in range(5):
            on_chunk(2)
    shown = terminal.getvalue()
    assert shown.index("assigning") < shown.index("2/10") < shown.index("10/10")


def test_short_work_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = put_terminal(monkeypatch, patience_s=60)
    with progress_bar("assigning", 10) as on_chunk:
        assert on_chunk is not None
        on_chunk(10)
    assert terminal.getvalue() == ""


def interrupt_work() -> None:
    """Press Ctrl-C while a bar is shown."""
    with progress_bar("assigning", 10) as on_chunk:
        assert on_chunk is not None
        on_chunk(1)
        raise KeyboardInterrupt


def test_the_cursor_is_back_after_ctrl_c(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = put_terminal(monkeypatch, patience_s=0)
    with pytest.raises(KeyboardInterrupt):
        interrupt_work()
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
