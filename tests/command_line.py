"""One command of the tool as the tests of its answers run it."""

import contextlib
import csv
import io
import json
import os
import shlex
import subprocess
import sys
from typing import Any, NamedTuple

import pytest

from atss_inspect.cli import run

Captured = pytest.CaptureFixture[str]
Json = dict[str, Any]


class Printed(NamedTuple):
    """What a command printed, as text and as what the text is in other words."""

    out: str
    err: str

    @property
    def json(self) -> Any:
        """The document on stdout."""
        return json.loads(self.out)

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of the CSV on stdout."""
        return list(csv.DictReader(io.StringIO(self.out)))

    @property
    def verdict(self) -> str:
        """The verdict, in one line."""
        return " ".join(
            self.out.rpartition("verdict: ")[2].partition("\nnext: ")[0].split()
        )

    @property
    def next(self) -> str:
        """The last command that is said to be the next one, as it is to be typed."""
        return self.out.rpartition("next: atss-inspect ")[2].split("\n")[0]


def ask(command: str, *, code: int = 0) -> Printed:
    """Run a command as it is typed and require its exit code; what it printed."""
    streams = [
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)
        for _ in range(2)
    ]
    out, err = streams
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        found = run(shlex.split(command))
    printed = Printed(*(each.buffer.getvalue().decode() for each in streams))
    assert found == code, printed.err
    return printed


def lacking(text: str, *rows: str) -> list[str]:
    """The rows that a text lacks, however many blanks stand between their words."""
    lines = [line.split() for line in text.splitlines()]
    return [row for row in rows if row.split() not in lines]


def on_terminal(command: str, **environment: str) -> str:
    """Run a command with stdout and stderr on a terminal; what it shows."""
    pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "atss_inspect", *shlex.split(command)],
        stdout=follower,
        stderr=follower,
        env=os.environ | environment,
    )
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):  # where Linux has no more to tell
        while block := os.read(leader, 4096):
            shown += block
    os.close(leader)
    assert process.wait(timeout=60) == 0
    return shown.decode().replace("\r\n", "\n")


def told(code: int, capsys: Captured) -> str:
    """Require of a command that was run that it has done its work; what it printed."""
    assert code == 0
    return capsys.readouterr().out


class Command(NamedTuple):
    """A command, run without notes on annotations that are mostly the same."""

    name: str
    ann: str = "yard.json"

    def run(self, *words: str, ann: str = "") -> int:
        return run(["-q", self.name, "--ann", ann or self.ann, *words])

    def printed(self, capsys: Captured, *words: str, ann: str = "") -> str:
        return told(self.run(*words, ann=ann), capsys)

    def document(self, capsys: Captured, *words: str, ann: str = "") -> Json:
        """Run it; the JSON that it prints."""
        found: Json = json.loads(self.printed(capsys, "--json", *words, ann=ann))
        return found
