"""The files of one config: found, read as text, and counted."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from atss_inspect.errors import SettingsError, reason
from atss_inspect.importing.budget import MOST_BYTES, MOST_LEVELS, Budget
from atss_inspect.importing.imported import Remark
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Node, Place

SUFFIXES = (".py", ".yaml", ".yml", ".json")


@dataclass
class Sources:
    """What one config is read from.

    Attributes
    ----------
    read : reads one file by its name, for the place that names it
    packages : where packages are that configs name, by name; others are looked for
    files : names of all that were read, the config itself first
    repeated : a remark on each key of YAML or JSON that is written again, once each
    """

    read: "Callable[[str, Place, Sources], Dict]"
    packages: Mapping[str, Path]
    budget: Budget = field(default_factory=Budget)
    files: list[str] = field(default_factory=list)
    repeated: dict[Remark, None] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    @contextmanager
    def text(self, name: str, place: Place | None) -> Iterator[str]:
        """Text of a file, for as long as it is worked out; refuses it in itself."""
        where = name if place is None else f"{place}: {Path(name).name}"
        real = os.path.realpath(name)
        if real in self._open:
            raise SettingsError(where, "is a base of itself")
        if len(self._open) >= MOST_LEVELS:
            raise SettingsError(where, f"is deeper than {MOST_LEVELS} levels of bases")
        self._open.append(real)
        if name not in self.files:
            self.files.append(name)
        yield self._text(name, where)
        self._open.pop()

    def _text(self, name: str, where: str) -> str:
        """Read a plain file that is not too long."""
        try:
            if Path(name).exists() and not Path(name).is_file():
                raise SettingsError(where, "is no plain file")
            with Path(name).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            why = reason(error) if isinstance(error, OSError) else "not a path"
            raise SettingsError(where, f"cannot be read: {why}") from error
        self.budget.file(len(data), where)
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SettingsError(where, "is no text in UTF-8") from error

    def base(self, written: Node) -> str:
        """Find a base as a text names it: relative to its file, or ``mmdet::...``."""
        text, place = written.value, written.place
        if not isinstance(text, str) or "://" in text:
            raise SettingsError(place, "a base is not written down as a path")
        package, colons, rest = text.partition("::")
        if colons:
            folder = self.package(package, place)
            inside = (folder / ".mim" / "configs", folder / "configs")
            return _first(
                [one / rest for one in (*inside, folder.parent / "configs")], place
            )
        try:
            home = Path(text).expanduser()
        except RuntimeError:
            home = Path(text)
        return _first([Path(place.file).parent / home], place)

    def module(self, level: int, dotted: str, place: Place) -> str:
        """Find a config that is inherited as a module."""
        parts = dotted.split(".")
        folder = Path(place.file).parent.joinpath(*[os.pardir] * (level - 1))
        if not level:
            folder = self.package(parts.pop(0), place)
        return _first([Path(f"{folder.joinpath(*parts)}.py")], place)

    def zoo(self, written: Node) -> str:
        """Find a config of detectron2's model zoo."""
        folder = self.package("detectron2", written.place)
        inside = (folder / "model_zoo" / "configs", folder.parent / "configs")
        return _first([one / written.value for one in inside], written.place)

    def package(self, name: str, place: Place) -> Path:
        """Find the folder of a package, without importing it.

        It is given, or installed, or the file that names it lies in a clone of it.
        """
        if name in self.packages:
            given = self.packages[name]
            return given / name if (given / name).is_dir() else given
        try:
            spec = importlib.util.find_spec(name) if name.isidentifier() else None
        except (ImportError, ValueError):
            spec = None
        if spec is not None and spec.submodule_search_locations:
            return Path(next(iter(spec.submodule_search_locations)))
        for folder in Path(place.file).absolute().parents:
            if name.isidentifier() and (folder / name / "__init__.py").is_file():
                return folder / name
        message = f"the package {name[:40]} of a base is not found"
        raise SettingsError(place, message, hint=f"give --base {name[:40]}=FOLDER")


def _first(paths: list[Path], place: Place) -> str:
    """Take the first path that is a file; refuses what is not named like a config."""
    if paths[0].suffix not in SUFFIXES:
        message = f"a base is not named like {', '.join(SUFFIXES)}"
        raise SettingsError(place, message)
    try:
        found = next((path for path in paths if path.is_file()), None)
    except OSError:  # such as a name that is too long
        found = None
    if found is None:
        raise SettingsError(place, f"the base {paths[0].name[:99]} is not there")
    return Path(os.path.normpath(found)).as_posix()
