"""One command of the tool as the tests of its answers run it."""

import json
from typing import Any, NamedTuple

import pytest

from atss_inspect.cli import run

Captured = pytest.CaptureFixture[str]
Json = dict[str, Any]


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
