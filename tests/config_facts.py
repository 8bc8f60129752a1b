"""What the configs of mmdetection's wheels are as settings: facts, written anew.

``python -m tests.config_facts FOLDER`` writes ``tests/facts/`` from a folder that holds
unpacked wheels, such as ``FOLDER/mmdet-3.3.0/mmdet`` (``make import-proof`` has them in
``build/import-proof/wheels``). Nothing of theirs is kept but
names, paths and numbers.
"""

import ast
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing.frameworks import read_as_settings
from atss_inspect.importing.imported import Imported
from atss_inspect.importing.parts import Refused
from atss_inspect.importing.read import read_config
from atss_inspect.settings.configs import config_layer

FACTS = Path(__file__).parent / "facts"
VERSIONS = ("3.3.0", "2.28.2")
# Where the classes of each kind are, in 3 and in 2.
PLACES = {
    "heads": ("models/dense_heads", "models/dense_heads"),
    "assigners": ("models/task_modules/assigners", "core/bbox/assigners"),
    "generators": ("models/task_modules/prior_generators", "core/anchor"),
    "transforms": ("datasets/transforms", "datasets/pipelines"),
}
# Sizes of a list or range are settings of their own; how often an image is seen changes
# no assignment.
APART = ("is drawn, the largest is used", "images are seen unequally often")


def package(folder: Path, version: str) -> Path:
    return folder / f"mmdet-{version}" / "mmdet"


def configs(folder: Path, version: str) -> Iterator[tuple[str, Path]]:
    root = package(folder, version) / ".mim" / "configs"
    for path in sorted(root.rglob("*.py")):
        yield path.relative_to(root).as_posix(), path


def is_exact(imported: Imported) -> bool:
    """Whether all that decides assignments has a setting."""
    return all(
        one.kind == "default" or any(words in one.text for words in APART)
        for one in imported.remarks
    )


def settings_of(imported: Imported) -> dict[str, Any]:
    values = {one.path: one.value for one in imported.found}
    values |= config_layer(imported).values
    values["data.classes"] = len(values.get("data.classes", ()))
    found = {"extends": imported.extends, "exact": is_exact(imported), **values}
    result: dict[str, Any] = json.loads(json.dumps(found))
    return result


def gather(folder: Path, version: str) -> dict[str, Any]:
    """What became of every config with a model: settings by number, or a refusal."""
    distinct: list[dict[str, Any]] = []
    read: dict[str, int] = {}
    refused: dict[str, list[str]] = {}
    for name, path in configs(folder, version):
        try:
            read_file = read_config(path)
        except SettingsError:
            continue
        root = read_file.root
        if root.find("model.type") is None:
            continue
        try:
            found = settings_of(read_as_settings(root, dialect=read_file.dialect))
        except Refused as error:
            why = error.reason.split()[0] if error.key.endswith("type") else error.key
            refused.setdefault(why, []).append(name)
            continue
        if found not in distinct:
            distinct.append(found)
        read[name] = distinct.index(found)
    return {
        "names": {kind: names_of(folder, version, kind) for kind in PLACES},
        "settings": distinct,
        "configs": read,
        "refused": refused,
    }


def names_of(folder: Path, version: str, kind: str) -> list[str]:
    """The classes of a kind that configs can name: those that are registered."""
    place = package(folder, version) / PLACES[kind][version != VERSIONS[0]]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # escapes in their texts
        trees = [ast.parse(path.read_text()) for path in sorted(place.rglob("*.py"))]
    return sorted(
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
        and node.decorator_list
        and (kind != "assigners" or node.name.endswith("Assigner"))
    )


def facts(version: str) -> dict[str, Any]:
    path = FACTS / f"mmdet-{version}.json"
    result: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return result


def main() -> None:
    FACTS.mkdir(exist_ok=True)
    for version in VERSIONS:
        text = json.dumps(gather(Path(sys.argv[1]), version), separators=(",", ":"))
        (FACTS / f"mmdet-{version}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
