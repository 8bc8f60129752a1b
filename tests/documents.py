"""Documents whose examples are run: ``python -m tests.documents`` writes them anew.

A ``console`` block holds commands after ``$`` and what a terminal then shows. It is run
in a shell; but a command of ours that a line begins with runs in this process. A
``python`` block is run as it stands, blocks of one document one after the other in one
namespace; a ``text`` block right after it is what it prints.
In expected output, a line of three dots stands for any lines, and three dots within a
line for any characters of it. Other blocks are not run.
"""

import contextlib
import io
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.frozen.answers import run_here

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = (
    "README.md",
    *(f"docs/{name}.md" for name in ("python", "scaling", "tables")),
    *(f"docs/{name}.md" for name in ("gates", "new-data", "other-numbers")),
    *(f"docs/{name}.md" for name in ("image-size", "small-objects", "which-anchors")),
    *(f"docs/{name}.md" for name in ("quirks", "which-k", "which-rule")),
    "docs/other_tools.md",
)
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_DOTS = "..."
# A command of ours without other signs of a shell, and where its output goes.
OURS = r"(atss-inspect [^|&;<>()$`*?~\n]*)([|>] .*)?"


@dataclass(frozen=True)
class Example:
    """Something to run and what is expected of it.

    Attributes
    ----------
    kind : ``console`` or ``python``
    source : one command without its ``$``, or the code
    expected : the output; None where any will do
    span : where the expected output stands in the document
    line : of the source, for messages
    """

    kind: str
    source: str
    expected: str | None
    span: tuple[int, int]
    line: int


def examples(text: str) -> list[Example]:
    found: list[Example] = []
    blocks = list(_BLOCK.finditer(text))
    for block, following in zip(blocks, [*blocks[1:], None], strict=True):
        line = text.count("\n", 0, block.start()) + 1
        if block[1] == "console":
            found += _commands(block, line)
        elif block[1] == "python":
            expected, span = None, (block.end(), block.end())
            gap = text[block.end() : following.start()] if following else ""
            if following and following[1] == "text" and not gap.strip():
                expected, span = following[2], following.span(2)
            found.append(Example("python", block[2], expected, span, line))
    return found


def _commands(block: re.Match[str], line: int) -> Iterator[Example]:
    """Split a console block at its prompts; a backslash continues a command."""
    prompts = list(re.finditer(r"^\$ ((?:.*\\\n)*.*)\n", block[2], re.MULTILINE))
    ends = [*(prompt.start() for prompt in prompts[1:]), len(block[2])]
    for prompt, end in zip(prompts, ends, strict=True):
        start = block.start(2)
        span = (start + prompt.end(), start + end)
        own_line = line + block[2].count("\n", 0, prompt.start()) + 1
        expected = block[2][prompt.end() : end]
        yield Example("console", prompt[1], expected, span, own_line)


def agrees(expected: str, found: str) -> bool:
    pattern = ""
    for line in expected.splitlines(keepends=True):
        if line.strip() == _DOTS:
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(map(re.escape, line.split(_DOTS)))
    return re.fullmatch(pattern, found) is not None


class Workplace:
    """A folder that looks like the clone, with ``atss-inspect`` as a command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "clone"
        self.folder.mkdir()
        shutil.copy(ROOT / "atss-inspect.toml", self.folder)
        shutil.copytree(ROOT / "sample_data", self.folder / "sample_data")
        tool = folder / "bin" / "atss-inspect"
        tool.parent.mkdir()
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m atss_inspect "$@"\n')
        tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
        self.environment = {
            **os.environ,
            "PATH": f"{tool.parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "80",
        }
        self.names: dict[str, Any] = {}

    def run(self, example: Example) -> str:
        run = self._console if example.kind == "console" else self._code
        return run(example)

    def _console(self, example: Example) -> str:
        ours = re.fullmatch(OURS, example.source, re.DOTALL)
        if ours is None:
            return self._shell(example.source)
        printed, told = self._command(shlex.split(ours[1], comments=True)[1:])
        if not ours[2]:
            return printed + told
        return told + self._shell(f"cat {ours[2]}", printed)

    def _command(self, arguments: list[str]) -> tuple[str, str]:
        """Run a command of ours in this process, which saves the imports."""
        with contextlib.chdir(self.folder):
            _, out, err = run_here(arguments)
        return out, err

    def _shell(self, command: str, given: str = "") -> str:
        done = subprocess.run(
            command,
            shell=True,
            cwd=self.folder,
            env=self.environment,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.stdout

    def _code(self, example: Example) -> str:
        printed = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(printed):
            exec(compile(example.source, "example", "exec"), self.names)
        return printed.getvalue()


def refresh(path: Path, run: Callable[[Example], str]) -> None:
    """Write what the examples of a document print into it, but where it has dots."""
    text = path.read_text(encoding="utf-8")
    pieces, end = [], 0
    for example in examples(text):
        found = run(example)
        if example.expected is None or _DOTS in example.expected:
            continue
        pieces += [text[end : example.span[0]], found]
        end = example.span[1]
    path.write_text("".join([*pieces, text[end:]]), encoding="utf-8")


if __name__ == "__main__":
    for name in DOCUMENTS:
        with tempfile.TemporaryDirectory() as folder:
            refresh(ROOT / name, Workplace(Path(folder)).run)
