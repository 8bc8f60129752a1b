"""Compare answers between versions of Python and of the dependencies.

``make test-versions PYTHONS="python3.11 python3.13"`` installs the package, built once,
into a temporary environment for each interpreter, with the newest versions of what it
depends on; for the first interpreter also with the lowest that ``pyproject.toml``
allows. All must answer every command of `tests.repeatable` with the same bytes. An
interpreter that is not to be had is named, and no failure.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.conftest import REAL_DATA
from tests.repeatable import COMMANDS, Answer, ask
from tests.smoke import PROJECT_ROOT, clean_environment

PACKAGES = ("numpy", "msgspec", "pandas", "rich")
TELL_VERSIONS = """
import importlib.metadata, platform, sys
print(platform.python_version(), *map(importlib.metadata.version, sys.argv[1:]))
"""
SAMPLE_DATA = PROJECT_ROOT / "sample_data" / "instances.json"
REAL_FILE = "data/coco-val2017/instances_val2017_int.json"
REAL_COMMANDS = (
    "stats -f csv --by size",
    "stats -f json",
    "export objects -f csv",
    "export objects -f npz",
)
ROW = "{:17}  {:7}  {:7}  {:7}  {:7}  {:7}  {}"

Question = tuple[str, Path]  # a command, and the annotations it is about
Answers = dict[Question, Answer]


class SetupError(Exception):
    """An environment cannot be made; the text is pip's reason."""


class Environment(NamedTuple):
    """An interpreter with the package, and the versions of what is there."""

    python: Path
    versions: tuple[str, ...]  # of Python, then of PACKAGES


def questions() -> list[Question]:
    asked = [(command, SAMPLE_DATA) for command in COMMANDS]
    if REAL_DATA is not None:
        asked += [(command, REAL_DATA / REAL_FILE) for command in REAL_COMMANDS]
    return asked


def is_python(name: str) -> bool:
    """Try an interpreter: a version manager's stand-in may exist and not run."""
    return shutil.which(name) is not None and not _run(name, "-c", "").returncode


def build_wheel(folder: Path) -> Path:
    """Build the package once, so that all environments get the same."""
    _pip(sys.executable, "wheel", "--no-deps", "-w", str(folder), str(PROJECT_ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel


def lowest_pins(folder: Path) -> Path:
    """Write the lower bounds of ``pyproject.toml`` as constraints."""
    pins = folder / "lowest.txt"
    pins.write_text(_run(sys.executable, str(PROJECT_ROOT / ".ci/lowest.py")).stdout)
    return pins


def make_environment(
    folder: Path, interpreter: str, wheel: Path, constraints: Path | None
) -> Environment:
    """Install the package for an interpreter; see `SetupError`."""
    made = _run(interpreter, "-m", "venv", str(folder))
    if made.returncode:
        raise SetupError(made.stderr.strip() or "no virtual environment")
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    bounds = () if constraints is None else ("-c", str(constraints))
    _pip(str(python), "install", str(wheel), *bounds)
    told = _run(str(python), "-c", TELL_VERSIONS, *PACKAGES).stdout
    return Environment(python, tuple(told.split()))


def answers(environment: Environment, folder: Path) -> Answers:
    variables = clean_environment() | {"COLUMNS": "80"}
    around = {"folder": folder, "environment": variables}
    return {
        (command, path): ask(environment.python, command, f"--ann={path}", **around)
        for command, path in questions()
    }


def first_difference(expected: Answers, found: Answers) -> str:
    """Describe where answers part, with the number of those that do; or ``equal``."""
    pairs = found.items()
    parted = [asked for asked, a in pairs if a != expected[asked] or a.exit_code]
    if not parted:
        return "equal"
    command, path = first = parted[0]
    how = _difference(expected[first], found[first])
    return f"{len(parted)} of {len(found)} differ: {command} on {path.name}: {how}"


def _difference(expected: Answer, found: Answer) -> str:
    if found.exit_code or expected.exit_code:
        return f"exit code {found.exit_code}: {found.complaint}"
    if found.complaint != expected.complaint:
        return f"stderr says {found.complaint!r}"
    lines = zip(expected.stdout.splitlines(), found.stdout.splitlines(), strict=False)
    for number, (one, other) in enumerate(lines, start=1):
        if one != other:
            return f"line {number} is {_around(other, one)}, not {_around(one, other)}"
    return f"{len(found.stdout)} bytes, not {len(expected.stdout)}"


def _around(line: bytes, other: bytes) -> str:
    """Cut a line to the place where another begins to differ."""
    places = zip(line, other, strict=False)
    same = next((n for n, (a, b) in enumerate(places) if a != b), min(len(line), 60))
    return repr(line[max(0, same - 20) : same + 40])


def _pip(python: str, *arguments: str) -> str:
    """Run pip, without what it may have been told about other versions."""
    done = _run(python, "-m", "pip", "--disable-pip-version-check", "-q", *arguments)
    if done.returncode:
        reasons = [line for line in done.stderr.splitlines() if "ERROR" in line]
        raise SetupError((reasons or [f"pip ended with {done.returncode}"])[0])
    return done.stdout


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    """Run a command, whether or not it succeeds."""
    variables = clean_environment()
    variables.pop("PIP_CONSTRAINT", None)
    options = {"env": variables, "capture_output": True, "text": True}
    return subprocess.run(command, **options, check=False)


def rows(interpreters: Sequence[str], folder: Path) -> Iterator[tuple[str, ...]]:
    """Give a row for each environment; the last field is the verdict."""
    wheel = build_wheel(folder)
    lowest = (interpreters[0], "lowest", lowest_pins(folder))
    newest = [(interpreter, "newest", None) for interpreter in interpreters]
    expected: Answers = {}
    for number, (interpreter, kind, constraints) in enumerate([lowest, *newest]):
        name = f"{kind} {Path(interpreter).name}"
        place = folder / f"environment-{number}"
        try:
            made = make_environment(place, interpreter, wheel, constraints)
        except SetupError as error:
            yield (name, *("-" for _ in ("python", *PACKAGES)), str(error))
            continue
        found = answers(made, folder)
        expected = expected or found
        yield (name, *made.versions, first_difference(expected, found))


def say(line: str) -> None:
    """Print a line at once, since the next one takes minutes."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def compare(interpreters: Sequence[str], folder: Path) -> bool:
    """Print the table; whether all environments give the same answers."""
    say(ROW.format("environment", "Python", *PACKAGES, "answers"))
    verdicts = set()
    for row in rows(interpreters, folder):
        say(ROW.format(*row))
        verdicts.add(row[-1])
    return verdicts == {"equal"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pythons", nargs="+", help="interpreters, such as python3.12")
    wanted = parser.parse_args().pythons
    found = [name for name in wanted if is_python(name)]
    for name in wanted:
        if name not in found:
            say(f"{name}: not here, not compared")
    if not found:
        sys.exit("no interpreter to compare with")
    with tempfile.TemporaryDirectory(prefix="atss-inspect-versions-") as name:
        if not compare(found, Path(name).resolve()):
            sys.exit(1)


if __name__ == "__main__":
    main()
