"""What the configs of frameworks' repositories are as settings: facts, written anew.

``python -m tests.clone_facts FOLDER`` writes ``tests/facts/`` from a folder of clones
named as in `CLONES`. Nothing of theirs is kept but names, paths and numbers.
"""

import ast
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from atss_inspect.errors import SettingsError
from atss_inspect.importing.frameworks import read_as_settings
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.read import read_config
from atss_inspect.importing.values import Place, node_of
from atss_inspect.settings import preset
from tests.config_facts import APART, FACTS, settings_of


class Clone(NamedTuple):
    commit: str
    patterns: tuple[str, ...]  # of configs, below ``configs``
    # files below the folder of clones that make the config that YAML changes
    defaults: tuple[str, ...] = ()


CLONES = {
    "detectron2": Clone(
        "02b5c4e", ("*.yaml", "*.py"), ("detectron2/detectron2/config/defaults.py",)
    ),
    "AdelaiDet": Clone(
        "3672122",
        ("*.yaml",),
        (
            "detectron2/detectron2/config/defaults.py",
            "AdelaiDet/adet/config/defaults.py",
        ),
    ),
    "ATSS": Clone("79dfb28", ("*.yaml",), ("ATSS/atss_core/config/defaults.py",)),
    "FCOS": Clone("a773f12", ("*.yaml",), ("FCOS/fcos_core/config/defaults.py",)),
    "PaddleDetection": Clone("666f597", ("*.yml",)),
}
# Images that are left out for their keypoints change no assignment of the others.
KEYPOINTS = "visible keypoints are left out"


def clones() -> Path | None:
    """Folder of clones that the environment names."""
    named = os.environ.get("CONFIG_CLONES")
    return Path(named) if named else None


def configs(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    """Configs that are trained with: not those that others only inherit from."""
    root = folder / name / "configs"
    for pattern in CLONES[name].patterns:
        for path in sorted(root.rglob(pattern)):
            inner = path.relative_to(root)
            if "common" not in inner.parts and not path.name.startswith("Base-"):
                yield inner.as_posix(), path


def is_exact(imported: Imported) -> bool:
    return all(
        one.kind == "default" or any(words in one.text for words in (*APART, KEYPOINTS))
        for one in imported.remarks
    )


def drawn_by(name: str) -> dict[str, Any]:
    """What training draws where a preset says it."""
    ours = preset(name).values().items()
    found = {path: value for path, value in ours if path.startswith("augment.")}
    result: dict[str, Any] = json.loads(json.dumps(found))
    return result


def gather(folder: Path, name: str) -> dict[str, Any]:
    """What became of every config: settings by number, or a refusal."""
    distinct: list[dict[str, Any]] = []
    read: dict[str, int] = {}
    refused: dict[str, list[str]] = {}
    for inner, path in configs(folder, name):
        try:
            held = read_config(path)
            imported = read_as_settings(held.root, dialect=held.dialect)
            drawn = drawn_by(imported.extends)
            found = drawn | settings_of(imported) | {"exact": is_exact(imported)}
        except Refused as error:
            if error.key:
                why = f"{error.key}: {error.reason}"
                refused.setdefault(why, []).append(inner)
            continue
        except SettingsError:
            continue
        found = dict(sorted(found.items()))
        if found not in distinct:
            distinct.append(found)
        read[inner] = distinct.index(found)
    return {"settings": distinct, "configs": read, "refused": refused}


def facts(name: str) -> dict[str, Any]:
    path = FACTS / f"{name}-{CLONES[name].commit}.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


class _Node(dict[str, Any]):
    """Stands for their ``CfgNode``: keys are attributes."""

    def __init__(self, held: dict[str, Any] | None = None) -> None:
        super().__init__(held or {})

    def __getattr__(self, key: str) -> Any:
        return self[key]

    def __setattr__(self, key: str, value: Any) -> None:
        self[key] = value


def executed_defaults(folder: Path, name: str) -> dict[str, Any]:
    """Run the files that make a framework's defaults, with `_Node` for its class."""
    names: dict[str, Any] = {"CN": _Node, "__file__": ""}
    for one in CLONES[name].defaults:
        tree = ast.parse((folder / one).read_text(encoding="utf-8"))
        tree.body = [line for line in tree.body if not isinstance(line, ast.ImportFrom)]
        exec(compile(tree, one, "exec"), names)
    result: dict[str, Any] = names["_C"]
    return result


def completed(path: Path, defaults: dict[str, Any]) -> Imported:
    """Import a config after every key that it leaves out was filled in."""
    held = read_config(path)
    whole = _merged(defaults, held.root.plain())
    return read_as_settings(node_of(whole, Place("x", 1)), dialect=held.dialect)


def _merged(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _merged(old[key], new[key])
        for key in old.keys() & new.keys()
        if isinstance(old[key], dict) and isinstance(new[key], dict)
    }
    return {**old, **new, **both}


def main() -> None:
    for name, clone in CLONES.items():
        text = json.dumps(gather(Path(sys.argv[1]), name), separators=(",", ":"))
        path = FACTS / f"{name}-{clone.commit}.json"
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
