"""Fifteen public names; and nothing waits for what only other work needs to load."""

import ast
import json
from importlib import import_module
from pathlib import Path

import pytest

import atss_inspect
from atss_inspect.cli.app import COMMANDS
from atss_inspect.cli.plot import PICTURES
from tests.scripts import run_script
from tests.tiny_coco import street, write_coco

HEAVY = {"numpy", "pandas", "matplotlib", "pycocotools", "msgspec", "pyarrow"}
HEAVY |= {"distributed"}

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
        assert not {module.partition(".")[0] for module in loaded} & {*HEAVY, "rich"}


@pytest.mark.parametrize(
    ("words", "has_rich"),
    [
        ("--color always", True),
        ("--by class --sort name", False),
        ("--json --jobs 1 --limit 2 --need 3", False),
        pytest.param("--format csv", False, marks=pytest.mark.slow),
        pytest.param("--format md -o out.md", False, marks=pytest.mark.slow),
    ],
)
def test_only_colors_load_what_draws_them(words: str, has_rich: bool):
    write_coco(Path("street.json"), street())
    loaded = loaded_modules(*f"-q stats --ann street.json {words}".split())
    assert ("rich.console" in loaded) == has_rich
    # Typer's validators take as long to import as all there is to do.
    assert "pydantic" not in loaded


NAMES = [
    *("AtssInspectError", "Dataset", "Settings", "Summary", "Tuning", "assign"),
    *("compare", "load_coco", "objects_table", "plot", "positives_table", "preset"),
    *("summarize", "sweep", "tune"),
]


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a statement loads in a process of its own."""
    done = run_script(f"{statement}\nimport sys\nprint(*sys.modules)")
    return {name.partition(".")[0] for name in done.stdout.split()}


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert atss_inspect.__all__ == NAMES
    value = getattr(atss_inspect, name)
    assert value.__doc__
    assert name in dir(atss_inspect)
    if name != "plot":  # a module
        assert value.__name__ == name
        assert getattr(import_module(value.__module__), name) is value


def test_type_checkers_see_the_same_names() -> None:
    tree = ast.parse(Path(atss_inspect.__file__).read_text(encoding="utf-8"))
    [block] = [node for node in tree.body if isinstance(node, ast.If)]
    imported = {
        alias.name: statement.module
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    homes = {name: f"atss_inspect.{home}" for name, home in atss_inspect._HOME.items()}
    assert imported == homes | {"plot": "atss_inspect"}
    assert sorted(homes) == NAMES


def test_a_name_that_is_not_public_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="asign"):
        atss_inspect.asign  # noqa: B018 - looking it up is the test


def test_errors_have_one_root() -> None:
    for call in (atss_inspect.preset, atss_inspect.load_coco):
        with pytest.raises(atss_inspect.AtssInspectError):
            call("missing")


def test_names_load_what_they_need_and_no_more() -> None:
    loaded = loaded_by("import atss_inspect; dir(atss_inspect)")
    assert "atss_inspect" in loaded
    assert not loaded & HEAVY
    # Reading, assigning and counting need no pandas; nothing needs matplotlib.
    names = ", ".join(name for name in NAMES if name != "plot")
    loaded = loaded_by(f"from atss_inspect import {names}")
    assert "numpy" in loaded
    assert not loaded & {"pandas", "matplotlib", "pycocotools", "typer"}
    # Only YOLO and VOC data need these.
    assert not loaded & {"PIL", "yaml", "defusedxml"}
