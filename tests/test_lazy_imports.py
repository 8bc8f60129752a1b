"""Asking for help must not wait for what only the work, or other commands, need."""

import json

import pytest

from atss_inspect.cli.app import COMMANDS
from atss_inspect.cli.plot import PICTURES
from tests.scripts import run_script

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

CLI = "atss_inspect.cli"
COMMAND_MODULES = {f"{CLI}.{name}" for name, _ in COMMANDS}
PICTURE_MODULES = {f"{CLI}.plot.{name}" for name, _ in PICTURES}


def loaded_modules(*arguments: str, code: int = 0) -> set[str]:
    """Run a command in a process of its own; the modules it has loaded."""
    done = run_script(RUN_COMMAND, *arguments)
    assert done.returncode == code, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("words", "commands", "pictures"),
    [
        ("--version", set(), set()),
        ("--help", COMMAND_MODULES, set()),
        ("stats --help", {f"{CLI}.stats"}, set()),
        ("plot reach --help", {f"{CLI}.plot"}, {f"{CLI}.plot.reach"}),
        # One that has no module is made of the table of plots.
        ("plot levels --help", {f"{CLI}.plot"}, set()),
        ("stts", set(), set()),
        ("plot lvls", {f"{CLI}.plot"}, set()),
    ],
)
def test_help_and_wrong_names_load_only_the_commands_that_are_named(
    words, commands, pictures
):
    is_wrong = words in ("stts", "plot lvls")
    loaded = loaded_modules(*words.split(), code=2 if is_wrong else 0)
    assert loaded & COMMAND_MODULES == commands
    assert loaded & PICTURE_MODULES == pictures
    if not is_wrong:
        assert not {module.partition(".")[0] for module in loaded} & HEAVY
