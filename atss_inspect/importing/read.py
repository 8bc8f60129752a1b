"""Read the config of a training framework as a tree of values with places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from atss_inspect.errors import SettingsError
from atss_inspect.importing.bases import read_python
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Node, Place

SUFFIXES = (".py", ".yaml", ".yml", ".json", ".ini")


@dataclass(frozen=True)
class ReadConfig:
    """A config as its text has it.

    Attributes
    ----------
    root : a dict of its names or keys
    files : names of all files that were read, the named one first
    dialect : how it is written: ``mmengine``, ``read_base``, ``lazy``
    """

    root: Node
    files: tuple[str, ...]
    dialect: str


def read_config(
    path: str | Path,
    *,
    bases: Mapping[str, Path] | None = None,
    overrides: Sequence[str] = (),
) -> ReadConfig:
    """Read a config with all it inherits; nothing is run or imported.

    Parameters
    ----------
    path : a ``.py .yaml .yml .json`` or ``.ini`` file
    bases : folders of packages whose configs it inherits, by their names
    overrides : ``KEY=VALUE`` as given to the trainer, keys dotted

    Raises `SettingsError` where it cannot be read, with file and line.
    """
    name = str(path)
    sources = Sources(_read, bases or {})
    try:
        root, dialect = read_python(name, None, sources)
    except RecursionError as error:
        raise SettingsError(
            name, "is not readable: values too deep in values"
        ) from error
    return ReadConfig(Node(root, Place(name, 1)), tuple(sources.files), dialect)


def _read(name: str, place: Place, sources: Sources) -> Dict:
    """Read a base of a config."""
    root, _ = read_python(name, place, sources)
    return root
