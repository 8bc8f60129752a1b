"""Settings from the config of a training framework, each with its place as origin."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
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
    from atss_inspect.importing.imported import Remark
    from atss_inspect.importing.mmdet_images import CONFIG
    from atss_inspect.importing.read import read_config

    def read(changes: Sequence[str]) -> "Imported":
        config = read_config(path, bases=bases, overrides=changes)
        imported = read_as_settings(config.root, part, dialect=config.dialect)
        remarks = (*config.repeated, *imported.remarks)
        return replace(imported, files=config.files, remarks=remarks)

    imported = read(overrides)
    remarks = [
        replace(one, text=one.text.replace(CONFIG, str(path)))
        for one in imported.remarks
    ]
    for number, change in enumerate(overrides):
        others = [*overrides[:number], *overrides[number + 1 :]]
        if _says_same(imported, partial(read, others)):
            key = f"--with {change.partition('=')[0]}"
            text = "no setting changes by it; is it the key that training looks at?"
            remarks.append(Remark("not_read", key, None, text))
    return replace(imported, remarks=tuple(remarks))


def _says_same(imported: "Imported", read: "Callable[[], Imported]") -> bool:
    """Whether a config without one of its changes gives the same settings."""
    try:
        other = read()
    except SettingsError:
        return False
    return _said(imported) == _said(other)


def _said(imported: "Imported") -> list[Any]:
    """What a change to a config may change: the preset, settings, what is inexact."""
    found = {one.path: one.value for one in imported.found}
    inexact = {one.key for one in imported.remarks if one.kind == "inexact"}
    return [imported.extends, found, inexact]


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
