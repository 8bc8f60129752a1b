"""Asking for help must not wait for what only the work, or other commands, need."""

import json
import subprocess
import sys

import pytest

from atss_inspect.cli.app import COMMANDS
from atss_inspect.cli.plot import PICTURES

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
    code = end.code
print()
print(json.dumps(sorted(sys.modules)))
sys.exit(code)
"""

IMPORT_PACKAGE = """
import json, sys
import atss_inspect

print(json.dumps(sorted(sys.modules)))
"""


CLI = "atss_inspect.cli"
COMMAND_MODULES = {f"{CLI}.{name}" for name, _ in COMMANDS}
PICTURE_MODULES = {f"{CLI}.plot.{name}" for name, _ in PICTURES}


def loaded_modules(script: str, *arguments: str, code: int = 0) -> set[str]:
    """Run a script in a process of its own; the modules it has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def loaded_libraries(script: str, *arguments: str) -> set[str]:
    """Run a script in a process of its own; the top-level modules it has loaded."""
    modules = loaded_modules(script, *arguments)
    return {module.partition(".")[0] for module in modules}


@pytest.mark.parametrize(
    "arguments",
    [("--help",), ("--version",), ("stats", "--help")],
    ids=" ".join,
)
def test_help_loads_no_heavy_library(arguments: tuple[str, ...]) -> None:
    assert not loaded_libraries(RUN_COMMAND, *arguments) & HEAVY


def test_importing_the_package_loads_no_heavy_library() -> None:
    assert not loaded_libraries(IMPORT_PACKAGE) & HEAVY


def test_a_command_loads_the_module_of_no_other() -> None:
    loaded = loaded_modules(RUN_COMMAND, "stats", "--help")
    assert loaded & COMMAND_MODULES == {"atss_inspect.cli.stats"}
    assert not loaded & PICTURE_MODULES


def test_a_picture_loads_the_module_of_no_other() -> None:
    loaded = loaded_modules(RUN_COMMAND, "plot", "reach", "--help")
    assert loaded & COMMAND_MODULES == {"atss_inspect.cli.plot"}
    assert loaded & PICTURE_MODULES == {"atss_inspect.cli.plot.reach"}
    # One that has no module is made of the table of plots.
    loaded = loaded_modules(RUN_COMMAND, "plot", "levels", "--help")
    assert not loaded & PICTURE_MODULES
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


def test_the_list_of_commands_loads_no_picture() -> None:
    loaded = loaded_modules(RUN_COMMAND, "--help")
    assert loaded >= COMMAND_MODULES
    assert not loaded & PICTURE_MODULES


@pytest.mark.parametrize(
    ("arguments", "loads"),
    [
        (("stts",), set()),
        (("plot", "lvls"), {"atss_inspect.cli.plot"}),
    ],
    ids=["command", "picture"],
)
def test_a_name_that_is_none_loads_no_command(
    arguments: tuple[str, ...], loads: set[str]
) -> None:
    loaded = loaded_modules(RUN_COMMAND, *arguments, code=2)
    assert loaded & (COMMAND_MODULES | PICTURE_MODULES) == loads
