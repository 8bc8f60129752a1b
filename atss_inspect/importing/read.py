"""Read the config of a training framework as a tree of values with places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from atss_inspect.errors import SettingsError
from atss_inspect.importing import SUFFIXES, documents
from atss_inspect.importing.bases import read_python
from atss_inspect.importing.budget import MOST_DEPTH
from atss_inspect.importing.imported import Remark
from atss_inspect.importing.interpolations import resolve
from atss_inspect.importing.overrides import override
from atss_inspect.importing.sources import Sources
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Node, Place


@dataclass(frozen=True)
class ReadConfig:
    """A config as its text has it.

    Attributes
    ----------
    root : a dict of its names or keys
    files : names of all files that were read, the named one first
    repeated : remarks on keys of YAML or JSON that are written again
    dialect : how it is written: ``mmengine``, ``read_base``, ``lazy`` (detectron2's
        LazyConfig), ``script`` (one that builds a detector of torchvision, see
        `scripts`), ``yacs``, ``yaml``, ``json``, ``ini``
    """

    root: Node
    files: tuple[str, ...]
    repeated: tuple[Remark, ...]
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
    if not name.lower().endswith(SUFFIXES):
        raise SettingsError(name, f"expected a config named {', '.join(SUFFIXES)}")
    sources = Sources(_read, bases or {})
    try:
        held, dialect = _read_any(name, None, sources)
        root, dialect = _finished(name, held, dialect, sources, overrides)
        _check(root)
    except (RecursionError, MemoryError) as error:
        raise SettingsError(name, "is not readable: too deep") from error
    return ReadConfig(root, tuple(sources.files), tuple(sources.repeated), dialect)


def _finished(
    name: str, held: Dict, dialect: str, sources: Sources, overrides: Sequence[str]
) -> tuple[Node, str]:
    """Put in overrides and interpolations; tell the dialect once more."""
    if not held:
        raise SettingsError(name, "holds no config: no value has a name")
    root = Node(held, Place(name, 1))
    if dialect == "yaml" and root.find("model._target_"):
        dialect = "lazy"  # as LazyConfig saves it
    if dialect == "yacs":
        root = documents.literals(root)
    for text in overrides:
        override(root, text)
    if dialect == "lazy":
        root = resolve(root, sources.budget)
    return root, dialect


def _check(node: Node, depth: int = 0) -> None:
    """Refuse what nobody could write down: too deep, or with half a letter."""
    if depth > MOST_DEPTH:
        raise SettingsError(node.place, f"is deeper than {MOST_DEPTH} levels; refused")
    keys = node.value if isinstance(node.value, dict) else ()
    texts = [one for one in (node.value, *keys) if isinstance(one, str)]
    if any("\ud800" <= sign <= "\udfff" for text in texts for sign in text):
        raise SettingsError(node.place, "has half a letter (a lone surrogate); refused")
    for _, one in node.items():
        _check(one, depth + 1)


def _read_any(name: str, place: Place | None, sources: Sources) -> tuple[Dict, str]:
    """Read a file by its suffix."""
    lower = name.lower()
    if lower.endswith(".py"):
        return read_python(name, place, sources)
    held = documents.read_document(name, place, sources)
    if lower.endswith((".json", ".ini")):
        return held, lower.rpartition(".")[2]
    # All of detectron2's and maskrcnn-benchmark's configs have one of these.
    return held, "yacs" if held.keys() & {"MODEL", "DATASETS", "SOLVER"} else "yaml"


def _read(name: str, place: Place, sources: Sources) -> Dict:
    """Read a base of a config."""
    return _read_any(name, place, sources)[0]
