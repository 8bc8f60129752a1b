"""What ``import atss_inspect`` offers, and when it is loaded."""

import ast
from importlib import import_module
from pathlib import Path

import pytest

import atss_inspect
from tests.scripts import run_script
from tests.test_lazy_imports import HEAVY

NAMES = [
    *("AtssInspectError", "Dataset", "Settings", "Summary", "assign", "load_coco"),
    *("objects_table", "positives_table", "preset", "summarize"),
]


def loaded_by(statement: str) -> set[str]:
    """Top-level modules that a statement loads in a process of its own."""
    done = run_script(f"{statement}\nimport sys\nprint(*sys.modules)")
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_there_are_ten_public_names() -> None:
    assert atss_inspect.__all__ == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    value = getattr(atss_inspect, name)
    assert value.__doc__
    assert value.__name__ == name
    assert getattr(import_module(value.__module__), name) is value
    assert name in dir(atss_inspect)


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
    assert imported == homes
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
    names = ", ".join(NAMES)
    loaded = loaded_by(f"from atss_inspect import {names}")
    assert "numpy" in loaded
    assert not loaded & {"pandas", "matplotlib", "pycocotools", "typer"}
