"""Show how today's answers differ from the frozen ones, or freeze today's."""

import argparse
import contextlib
import difflib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.frozen import FILE, answers, frozen_hashes, write_hashes
from tests.frozen.answers import hash_of
from tests.smoke import PROJECT_ROOT, clean_environment


def ask(calls: Iterable[str], clone: Path) -> dict[str, str]:
    """Answer calls with the package of a clone and the libraries of this process."""
    done = subprocess.run(
        [sys.executable, answers.__file__, str(clone)],
        input="\n".join(calls),
        env=clean_environment() | {"COLUMNS": "80", "PYTHONUTF8": "1"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def git(*words: str | Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(PROJECT_ROOT), *map(str, words)],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@contextlib.contextmanager
def clone_of(commit: str) -> Iterator[Path]:
    """Lend the files of a commit."""
    with tempfile.TemporaryDirectory(prefix="atss-inspect-frozen-") as name:
        folder = Path(name).resolve() / "clone"
        git("worktree", "add", "--detach", folder, commit)
        try:
            yield folder
        finally:
            git("worktree", "remove", "--force", folder)


def difference(call: str, before: str, after: str, commit: str) -> Iterator[str]:
    """The lines that tell how an answer has changed."""
    yield f"atss-inspect {call}"
    if before == after:
        yield f"  as in {commit[:7]} with the libraries of today: one of them, or"
        yield "  `answers.txt`, has changed since it was recorded"
    yield from difflib.unified_diff(
        before.splitlines(), after.splitlines(), commit[:7], "today", lineterm="", n=2
    )
    yield ""


def show_differences() -> int:
    """Print what differs; the number of calls that do."""
    frozen = frozen_hashes()
    today = ask(frozen, PROJECT_ROOT)
    differing = [call for call in frozen if hash_of(today[call]) != frozen[call]]
    if differing:
        commit = git("log", "-1", "--format=%H", "--", FILE)
        with clone_of(commit) as clone:
            before = ask(differing, clone)
        for call in differing:
            for line in difference(call, before[call], today[call], commit):
                sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(differing)} of {len(frozen)} answers differ\n")
    return len(differing)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make frozen", description=__doc__)
    parser.add_argument("--record", action="store_true", help="freeze today's answers")
    if parser.parse_args().record:
        today = ask(frozen_hashes(), PROJECT_ROOT)
        write_hashes({call: hash_of(text) for call, text in today.items()})
    elif show_differences():
        sys.exit(1)


if __name__ == "__main__":
    main()
