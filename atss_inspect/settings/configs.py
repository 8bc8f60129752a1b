"""Settings from the config of a training framework, each with its place as origin."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from atss_inspect.errors import SettingsError
from atss_inspect.importing import SUFFIXES
from atss_inspect.settings.layers import Layer, in_order
from atss_inspect.settings.parameters import PARAMETERS, convert, format_tables
from atss_inspect.views.names import printable

if TYPE_CHECKING:
    from atss_inspect.importing.imported import Found, Imported


def is_config(name: str) -> bool:
    """Whether a file is named like the config of a framework."""
    return name.lower().endswith(SUFFIXES)


def import_config(
    path: str | Path,
    *,
    part: str | None = None,
    bases: Mapping[str, Path] | None = None,
    overrides: Sequence[str] = (),
) -> "Imported":
    """Read a config as settings; nothing is run or imported.

    Parameters
    ----------
    path : a ``.py .yaml .yml .json`` or ``.ini`` file
    part : ``rpn``, ``head``, or None for what is assigned to anchors
    bases : folders of packages whose configs it inherits, by their names
    overrides : ``KEY=VALUE`` as given to the trainer

    Raises `SettingsError` where it cannot be read, and `Refused` where what it says
    cannot be imitated.
    """
    # Only who has a config pays for all that reads it.
    from atss_inspect.importing.frameworks import read_as_settings
    from atss_inspect.importing.read import read_config

    read = read_config(path, bases=bases, overrides=overrides)
    imported = read_as_settings(read.root, part, dialect=read.dialect)
    return replace(imported, files=read.files)


def config_layer(imported: "Imported") -> Layer:
    """Check and convert what a config says; `Refused` names the key that is wrong."""
    # What training draws is said even where no setting takes it.
    found = [
        one for one in imported.found if one.path in PARAMETERS or not _is_drawn(one)
    ]
    values = {one.path: _convert(one) for one in found}
    origins = {one.path: origin(one, imported.framework) for one in found}
    return Layer(imported.framework, in_order(values), origins)


def _is_drawn(found: "Found") -> bool:
    return found.path.startswith("augment.")


def _convert(found: "Found") -> Any:
    """Convert one value; a setting that is missing here refuses the config."""
    from atss_inspect.importing.parts import Refused

    if found.path not in PARAMETERS:
        reason = f"needs the setting {found.path}, which is missing here"
        raise Refused(found.place, found.key, reason)
    try:
        return convert(PARAMETERS[found.path], found.value, "")
    except SettingsError as error:
        reason = str(error).removeprefix(": ")
        raise Refused(found.place, found.key, reason, hint=error.hint) from error


def origin(found: "Found", framework: str) -> str:
    """Name where a value is from: file, line and the last part of its key."""
    name = found.key.rpartition(".")[2]
    if found.default:
        return f"{framework}, default of {name}"
    if not found.place.line:  # in no file: one of the trainer's changes
        return found.place.file
    return f"{Path(found.place.file).name}:{found.place.line}, {name}"


def config_toml(imported: "Imported") -> str:
    """Write a TOML file of settings: what it extends, and only what the config says.

    Comments name the places, and what is imitated in part or not read.
    """
    layer = config_layer(imported)
    name = Path(imported.files[0]).name if imported.files else "a config"
    comments = [f"# imported from {name} ({imported.framework})"]
    comments += [
        f"# {one.kind.replace('_', ' ')}: {one.key}: {one.text}"
        for one in imported.remarks
        if one.kind != "default"
    ]
    lines = [*map(printable, comments), f'extends = "{imported.extends}"', ""]
    origins = {path: printable(text) for path, text in layer.origins.items()}
    return "\n".join([*lines, *format_tables(layer.values, origins)]) + "\n"
