"""Ask calls of a package; no more than this must work with older commits of it.

As a program: ``python answers.py CLONE`` reads calls from stdin, a line each, asks them
of the package of that clone, about its own sample_data/, and prints what came of them
as one JSON object.
"""

import contextlib
import hashlib
import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

# Written by us and not by a library, so that the bytes are ours too.
TEXT = {".csv", ".html", ".json", ".jsonl", ".md", ".toml", ".txt"}


def answer(call: str, clone: Path) -> str:
    """Everything that comes of a call, in the current folder, which is empty.

    Parameters
    ----------
    call : one command without the program's name, or several with `` && `` between
        them; `sample.json` is there for them to read
    clone : whose sample_data/ that is

    Returns
    -------
    For each command its exit code, stdout and stderr, then each text file written; the
    version of the package, which each release changes, is masked.
    """
    from atss_inspect import __version__

    sample = Path("sample.json")
    shutil.copyfile(clone / "sample_data" / "instances.json", sample)
    parts = [part for command in call.split(" && ") for part in _ask(command.split())]
    for path in sorted(Path().rglob("*")):
        if path.suffix in TEXT and path != sample:
            parts += [f"--- {path.as_posix()}", path.read_bytes().decode()]
    text = "\n".join(parts) + "\n"
    for before in ("atss-inspect ", '"version": "'):
        text = text.replace(before + __version__, before + "VERSION")
    return text


def run_here(words: list[str]) -> tuple[int, str, str]:
    """Run one command in this process; its exit code, stdout and stderr."""
    from atss_inspect.cli import run

    out, complaints = (
        io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="", write_through=True)
        for _ in range(2)
    )
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(complaints):
        code = run(words)
    return code, *(each.buffer.getvalue().decode() for each in (out, complaints))


def _ask(words: list[str]) -> tuple[str, ...]:
    code, out, complaints = run_here(words)
    return (f"--- exit code {code}, stdout", out, "--- stderr", complaints)


def hash_of(text: str) -> str:
    """Hash an answer; 16 digits are enough to tell it from a mistake."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def main() -> None:
    clone = Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(clone))
    answers = {}
    for call in sys.stdin.read().splitlines():
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            answers[call] = answer(call, clone)
            os.chdir(clone)  # Windows removes no folder that somebody is in
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
