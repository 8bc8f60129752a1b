"""The files of one config: found, read as text, and counted."""

import importlib.util
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from atss_inspect.errors import SettingsError, reason
from atss_inspect.importing.budget import MOST_BYTES, MOST_LEVELS, Budget
from atss_inspect.importing.trees import Dict
from atss_inspect.importing.values import Place

SUFFIXES = (".py", ".yaml", ".yml", ".json")


@dataclass
class Sources:
    """What one config is read from.

    Attributes
    ----------
    read : reads one file by its name, for the place that names it
    packages : where packages are that configs name, by name; others are looked for
    files : names of all that were read, the config itself first
    """

    read: "Callable[[str, Place, Sources], Dict]"
    packages: Mapping[str, Path]
    budget: Budget = field(default_factory=Budget)
    files: list[str] = field(default_factory=list)
    _open: list[str] = field(default_factory=list)

    @contextmanager
    def text(self, name: str, place: Place | None) -> Iterator[str]:
        """Text of a file, for as long as it is worked out; refuses it in itself."""
        where = name if place is None else f"{place}: {os.path.basename(name)}"
        self.budget.file(where)
        real = os.path.realpath(name)
        if real in self._open:
            raise SettingsError(where, "is a base of itself")
        if len(self._open) >= MOST_LEVELS:
            raise SettingsError(where, f"is deeper than {MOST_LEVELS} levels of bases")
        self._open.append(real)
        if name not in self.files:
            self.files.append(name)
        yield read_text(name, where)
        self._open.pop()

    def base(self, written: str, place: Place) -> str:
        """Find a base as a text names it: relative to its file, or ``mmdet::...``."""
        package, colons, rest = written.partition("::")
        if colons:
            folder = self.package(package, place)
            inside = (folder / ".mim" / "configs", folder / "configs", folder)
            found = [one / rest for one in inside if (one / rest).is_file()]
            return self._checked(str(found[0] if found else inside[0] / rest), place)
        home = os.path.expanduser(written) if written.startswith("~") else written
        name = os.path.join(os.path.dirname(place.file), home)
        return self._checked(os.path.normpath(name), place)

    def module(self, level: int, dotted: str, place: Place) -> str:
        """Find a config that is inherited as a module."""
        parts = dotted.split(".")
        if level:
            folder = os.path.dirname(place.file)
            above = [os.pardir] * (level - 1)
            name = os.path.normpath(os.path.join(folder, *above, *parts) + ".py")
        else:
            name = str(self.package(parts[0], place).joinpath(*parts[1:])) + ".py"
        return self._checked(name, place)

    def package(self, name: str, place: Place) -> Path:
        """Find the folder of an installed package, without importing it."""
        if name in self.packages:
            return self.packages[name]
        for folder in Path(place.file).absolute().parents:
            if (folder / name / "__init__.py").is_file():  # a clone it lies in
                return folder / name
        try:
            spec = importlib.util.find_spec(name) if name.isidentifier() else None
        except (ImportError, ValueError):
            spec = None
        if spec is None or not spec.submodule_search_locations:
            message = f"the package {name[:40]} of a base is not found"
            raise SettingsError(place, message, hint=f"give --base {name[:40]}=FOLDER")
        return Path(next(iter(spec.submodule_search_locations)))

    def _checked(self, name: str, place: Place) -> str:
        """Refuse a base that is no file, or not named like a config."""
        if not name.endswith(SUFFIXES) or "://" in name:
            message = f"a base is not named like {', '.join(SUFFIXES)}"
            raise SettingsError(place, message)
        if not os.path.isfile(name):
            raise SettingsError(
                place, f"the base {os.path.basename(name)} is not there"
            )
        return name


def read_text(name: str, where: str) -> str:
    """Read a text that is not too long from a plain file.

    Raises `SettingsError` that begins with ``where``.
    """
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):
            raise SettingsError(where, "is no plain file")
        with Path(name).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "not a path"
        raise SettingsError(where, f"cannot be read: {why}") from error
    if len(data) > MOST_BYTES:
        raise SettingsError(where, f"is longer than {MOST_BYTES >> 20} MB; refused")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(where, "is no text in UTF-8") from error
