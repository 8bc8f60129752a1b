"""What holds wherever the user is: the project's file and the environment.

``atss-inspect.toml``, or ``[tool.atss-inspect]`` in ``pyproject.toml``, is looked for
in the working directory and upward. Its keys are ``ann``, ``split``, ``key``,
``box_format``, ``images``, ``preset`` and the table ``[set]``; relative paths in it
start at the file. The environment knows
``ATSS_INSPECT_ANN`` and ``ATSS_INSPECT_PRESET`` (several between the separators of
``PATH``), ``ATSS_INSPECT_IMAGES`` and ``ATSS_INSPECT_SET_NAME`` for every setting.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean, parse_toml, read_toml, read_toml_text
from atss_inspect.settings import ResolvedSettings
from atss_inspect.settings.configs import is_config
from atss_inspect.settings.layers import Layer, assignments_layer, named_layer
from atss_inspect.settings.parameters import (
    ASSIGNER_NAME,
    SECTION_NAMES,
    format_value,
    refusal,
)

PROJECT_FILE = "atss-inspect.toml"
ENVIRONMENT = "the environment"
PREFIX = "ATSS_INSPECT_"
# How annotations are read: go with those of the same file.
READING = ("split", "key", "box_format")
_KEYS = ("ann", *READING, "images", "preset", "set")


@dataclass(frozen=True)
class Surroundings:
    """What the user need not type."""

    ann: tuple[str, ...] = ()  # annotation files
    reading: Mapping[str, Any] = field(default_factory=dict)  # of `READING`
    images: str | None = None  # folder of images, or None
    presets: tuple[str, ...] = ()  # names, or paths of files of settings
    layers: tuple[Layer, ...] = ()  # overrides, the weakest first
    presets_origin: str = ""  # who named the presets, as an origin of a layer

    @property
    def presets_key(self) -> str:
        """Variable or key that names the presets, for messages."""
        is_variable = self.presets_origin == ENVIRONMENT
        return f"{PREFIX}PRESET" if is_variable else f"{self.presets_origin}: preset"


def read_surroundings(
    environment: Mapping[str, str], folder: Path | None
) -> Surroundings:
    """Read the environment, which wins, and below it the project's file.

    Variables of others are left alone; the file is looked for from the folder upward,
    and nowhere without one.
    Raises `SettingsError` for keys, settings or values that mean nothing; it names file
    or variable.
    """
    above = read_environment(environment)
    below = Surroundings() if folder is None else read_project(folder)
    return Surroundings(
        ann=above.ann or below.ann,
        reading={} if above.ann else below.reading,
        images=above.images or below.images,
        presets=above.presets or below.presets,
        layers=(*below.layers, *above.layers),
        presets_origin=(above if above.presets else below).presets_origin,
    )


def decisions(
    around: Surroundings, resolved: Sequence[ResolvedSettings]
) -> tuple[str, ...]:
    """Write what each place decides: ``atss-inspect.toml: preset = mine, k = 15``.

    A place is left out if something else wins over all that it says.
    """
    said: dict[str, list[str]] = {}
    if around.presets:
        names = ", ".join(one.settings.name for one in resolved)
        said[around.presets_origin] = [f"preset = {names}"]
    for layer in around.layers:
        for path, value in layer.values.items():
            origin = layer.origin_of(path)
            if any(one.origins.get(path) == origin for one in resolved):
                name = path.rpartition(".")[2]
                name = "assigner" if path == ASSIGNER_NAME else name
                text = f"{name} = {format_value(value)}"
                said.setdefault(layer.origin, []).append(text)
    return tuple(f"{origin}: {', '.join(texts)}" for origin, texts in said.items())


def read_environment(environment: Mapping[str, str]) -> Surroundings:
    """Read the variables that begin with ``ATSS_INSPECT_``."""
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name in sorted(environment):
        setting = name.removeprefix(f"{PREFIX}SET_")
        if setting != name:
            text = f"{_as_path(setting)}={environment[name]}"
            found = assignments_layer([text], name).values
            values |= found
            origins |= dict.fromkeys(found, name)
    ann, presets = (
        tuple(filter(None, environment.get(f"{PREFIX}{name}", "").split(os.pathsep)))
        for name in ("ANN", "PRESET")
    )
    images = environment.get(f"{PREFIX}IMAGES") or None
    layer = Layer(ENVIRONMENT, values, origins)
    return Surroundings(ann, {}, images, presets, (layer,), ENVIRONMENT)


def _as_path(setting: str) -> str:
    """Read ``ASSIGNER_K`` and ``ASSIGNER__K`` as assigner.k, ``K`` as k."""
    name = setting.lower().replace("__", ".")
    for section in SECTION_NAMES:
        if name.startswith(f"{section}_"):
            return f"{section}.{name.removeprefix(f'{section}_')}"
    return name


def read_project(folder: Path) -> Surroundings:
    """Read the nearest project file, in a folder or above it."""
    for place in (folder, *folder.parents):
        # A folder closed to us holds none.
        if os.path.isfile(place / PROJECT_FILE):  # noqa: PTH113 - that one may raise
            table = read_toml(place / PROJECT_FILE)
            return _from_table(table, PROJECT_FILE, place)
        if table := _tool_table(place / "pyproject.toml"):
            return _from_table(table, "pyproject.toml [tool.atss-inspect]", place)
    return Surroundings()


def _tool_table(path: Path) -> dict[str, Any]:
    """Take our table of a ``pyproject.toml``; empty where it has none."""
    if not os.path.isfile(path):  # noqa: PTH113 - as above
        return {}
    text = read_toml_text(path)
    # Other people's files need not be valid for us to work beside them.
    if "[tool.atss-inspect" not in text:
        return {}
    tools = _table(parse_toml(text, str(path)), "tool", path.name)
    return _table(tools, "atss-inspect", f"{path.name} [tool]")


def _table(tables: Mapping[str, Any], key: str, origin: str) -> dict[str, Any]:
    """Take a table out of another; empty where it is missing."""
    table = tables.get(key, {})
    if not isinstance(table, dict):
        raise refusal(origin, key, "a table", table)
    return table


def _from_table(table: Mapping[str, Any], origin: str, folder: Path) -> Surroundings:
    """Check a project table; relative paths start at its folder."""
    for key in table:
        if key not in _KEYS:
            message = f"{origin}: {key}: unknown key{did_you_mean(key, _KEYS)}"
            others = ", ".join(_KEYS[:-1])
            hint = f"settings go under [set]; the other keys are {others}"
            raise SettingsError(message, hint=hint)
    texts = {key: _texts(table, key, origin) for key in _KEYS[:-1]}
    ann, images, presets = texts["ann"], texts["images"], texts["preset"]
    for key in ("images", "key", "box_format"):
        if len(texts[key]) > 1:
            one = "one folder" if key == "images" else "one text"
            raise refusal(origin, key, one, texts[key])

    def is_file(name: str) -> bool:
        return name.endswith(".toml") or is_config(name)

    def from_folder(name: str) -> str:
        return name if name == "-" else str(folder / name)  # - is stdin

    files = (from_folder(name) if is_file(name) else name for name in presets)
    return Surroundings(
        ann=tuple(map(from_folder, ann)),
        reading={
            key: list(texts[key]) if key == "split" else texts[key][0]
            for key in READING
            if texts[key]
        },
        images=from_folder(images[0]) if images else None,
        presets=tuple(files),
        layers=(named_layer(_settings_of(table, origin), origin),),
        presets_origin=origin,
    )


def _settings_of(table: Mapping[str, Any], origin: str) -> dict[str, Any]:
    """Take ``assigner.k = 15`` under [set] with and without quotes around the key."""
    values: dict[str, Any] = {}
    for key, value in _table(table, "set", origin).items():
        if isinstance(value, Mapping):
            values |= {f"{key}.{name}": one for name, one in value.items()}
        else:
            values[key] = value
    return values


def _texts(table: Mapping[str, Any], key: str, origin: str) -> tuple[str, ...]:
    """Take a text or a list of texts."""
    value = table.get(key, [])
    texts = [value] if isinstance(value, str) else value
    if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
        return tuple(texts)
    raise refusal(origin, key, "text", value)
