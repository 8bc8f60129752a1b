"""The package of docs/your-own-rule.md, installed as a user installs it, and used.

``python -m tests.test_example_package`` writes anew what the tutorial's commands print.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

import pytest

from tests.documents import ROOT, Example, agrees, examples, refresh

GUIDE = ROOT / "docs" / "your-own-rule.md"
EXAMPLE = ROOT / "docs" / "example_rule"
ASKED = "--ann ../../sample_data/instances.json"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
INSTALL = ("install", "--no-index", "--no-deps", "--no-build-isolation")


def test_the_tutorial_shows_the_files_as_they_are():
    blocks = re.findall(
        r"<!-- (\S+) -->\n```\w+\n(.*?)```",
        GUIDE.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert len(blocks) > 8
    for name, shown in blocks:
        text = (EXAMPLE / name).read_text(encoding="utf-8")
        assert shown in text, f"{name}: not there as shown:\n{shown}"
    told = "".join(shown for _, shown in blocks)
    for name in ("__init__.py", "windows.py", "gate.py"):
        definitions = (EXAMPLE / "cell_center" / name).read_text(encoding="utf-8")
        for line in re.findall(r"^(?:def|class) .*$", definitions, re.MULTILINE):
            assert line in told, f"{name}: {line} is not shown"


class Place:
    """A folder with the package in an environment of its own."""

    def __init__(self, folder: Path) -> None:
        self.example = folder / "docs" / "example_rule"
        shutil.copytree(EXAMPLE, self.example)
        shutil.copytree(ROOT / "sample_data", folder / "sample_data")
        environment = folder / "environment"
        venv.create(environment, with_pip=False)
        paths = {"base": str(environment), "platbase": str(environment)}
        found = sysconfig.get_paths(scheme="venv", vars=paths)
        self.python = Path(found["scripts"]) / Path(sys.executable).name
        # What a user has installed beside it: this environment, without the network.
        ours = Path(found["purelib"]) / "ours.pth"
        ours.write_text(sysconfig.get_path("purelib") + "\n")

    def run(self, *words: str | Path, code: int = 0) -> str:
        """What a command of Python prints, or how it complains."""
        done = subprocess.run(
            [self.python, *words],
            cwd=self.example,
            env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stderr if code else done.stdout

    def ask(self, words: str, *, code: int = 0) -> str:
        """The same of one of ours."""
        return self.run("-m", "atss_inspect", *shlex.split(words), code=code)

    def show(self, example: Example) -> str:
        """What one of the tutorial's commands prints; nothing for other code."""
        is_command = example.kind == "console"
        return self.ask(example.source.partition(" ")[2]) if is_command else ""


@pytest.mark.slow
def test_the_package_is_installed_used_as_the_tutorial_does_and_removed(tmp_path):
    place = Place(tmp_path)
    stats = f"stats {ASKED} --config my_detector.toml"
    assert "expected one of" in place.ask(stats, code=2)
    place.run(*PIP, *INSTALL, ".")
    shown = examples(GUIDE.read_text(encoding="utf-8"))
    commands = [each for each in shown if each.kind == "console"]
    assert len(commands) > 5
    for each in commands:
        printed = place.show(each)
        if each.expected is None or not agrees(each.expected, printed):
            assert printed == each.expected, f"{GUIDE.name}:{each.line}"
    assert "cell_center, margin 2.0" in (place.example / "a.svg").read_text("utf-8")
    assert "points within the margin" in place.ask(f"{stats} --jobs 2")
    place.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "test_cell_center.py")
    place.run(*PIP, "uninstall", "--yes", "cell-center")
    error = place.ask(stats, code=2)
    assert "my_detector.toml: assigner.name: expected one of atss, " in error
    assert error.count("cell_center") == 1


@pytest.mark.slow
def test_its_gate_works_where_those_of_the_house_work(tmp_path):
    place = Place(tmp_path)
    place.run(*PIP, *INSTALL, ".")
    gate = f"{ASKED} --config my_gate.toml"
    rows = place.ask(f"export candidates {gate}").splitlines()
    names, *cells = (row.split(",") for row in rows)
    assert len(cells) == 5 * 520
    column = names.index("num_candidates")
    total = sum(int(each[column]) for each in cells)
    [result] = json.loads(place.ask(f"stats --json {gate}"))["results"]
    assert total == result["num_candidates"] > 0
    beside = place.ask(f"stats {ASKED} -p my_gate.toml -p fcos-mmdet")
    assert "without a candidate" in beside
    assert "model" in place.ask(f"export positives {gate}", code=2)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.run(*PIP, *INSTALL, ".")
        refresh(GUIDE, place.show)
