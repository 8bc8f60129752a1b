"""Asking for help must not wait for libraries that only the work itself needs."""

import json
import subprocess
import sys

import pytest

HEAVY = {
    *("numpy", "pandas", "matplotlib", "pycocotools"),
    *("msgspec", "pyarrow", "distributed"),
}

# The runner prints, as its last line, which modules the command has loaded.
RUN_COMMAND = """
import json, sys
from atss_inspect.cli import main

sys.argv = ["atss-inspect", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print()
print(json.dumps(sorted(sys.modules)))
"""

IMPORT_PACKAGE = """
import json, sys
import atss_inspect

print(json.dumps(sorted(sys.modules)))
"""


def loaded_modules(script: str, *arguments: str) -> set[str]:
    """Run a script in a process of its own; the top-level modules it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("stats", "--help")],
    ids=" ".join,
)
def test_help_loads_no_heavy_library(arguments: tuple[str, ...]) -> None:
    assert not loaded_modules(RUN_COMMAND, *arguments) & HEAVY


def test_importing_the_package_loads_no_heavy_library() -> None:
    assert not loaded_modules(IMPORT_PACKAGE) & HEAVY
