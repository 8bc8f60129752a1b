"""The named conventions that come with the package, one TOML file each.

One that differs little from another of its framework extends it, and its file has only
the lines that differ; who reads it here gets all of them.
Nothing here loads NumPy: help, completion and ``config list`` use it as it is.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from atss_inspect.errors import SettingsError, first_line
from atss_inspect.presets.needing_models import WITHOUT_MODEL, why_none
from atss_inspect.presets.written_out import written_out

DEFAULT_PRESET = "atss-mmdet"
# What is shown side by side where the user names no preset.
DEFAULT_PRESETS = (DEFAULT_PRESET, "retinanet-mmdet", "fcos-mmdet")
# Models whose assigner the version of a package decides, and letters of their sizes.
MODELS = {
    **dict.fromkeys(("yolov8", "yolo11", "yolo12", "yolo26"), "nsmlx"),
    **{"yolov9": "tsmce", "yolov10": "nsmblx"},
}
# Other names of presets, and what to name for other versions of the package.
ALIASES = {
    f"{model}{letter}": "ultralytics"
    for model, letters in MODELS.items()
    for letter in ("", *letters)
}
OLDER = (
    "-p ultralytics-8.3 for 8.3.100 to 8.3.253, -p ultralytics-8.4.100 for 8.4.60 to "
    "8.4.127"
)
FRAMEWORK = "framework"
_FOLDER = Path(__file__).parent
# No settings are as long, and /dev/zero has no end.
MOST_CHARACTERS = 1_000_000


def preset_names() -> tuple[str, ...]:
    """List the presets, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def is_preset(name: object) -> bool:
    """Whether a preset has this name, or another one of its names."""
    return name in ALIASES or name in preset_names()


def read_preset_text(name: str) -> str:
    """Read a preset, all of it; `SettingsError` names the nearest one."""
    names = preset_names()
    name = ALIASES.get(name, name)
    if name not in names:
        if why := why_none(name):
            message = f'unknown preset "{name}": it {why}'
            raise SettingsError(message, hint=WITHOUT_MODEL)
        message = f'unknown preset "{name}"{nearest_preset(name)}'
        raise SettingsError(message, hint="`atss-inspect config list` shows all")
    return written_out(read_toml_text(_FOLDER / f"{name}.toml"), read_preset_text)


@cache
def read_preset(name: str) -> Mapping[str, Any]:
    """Read the tables of settings of a preset, once; see `read_preset_text`."""
    tables = parse_toml(read_preset_text(name), name)
    return {key: tables[key] for key in tables if key != FRAMEWORK}


def read_framework(name: str) -> Mapping[str, Any]:
    """Read the framework of a preset, and the keys that its configs have."""
    own = parse_toml(read_preset_text(name), name)[FRAMEWORK]
    shared = read_toml(_FOLDER / "frameworks" / f"{own['name']}.toml")
    return {**shared, **own, "keys": shared["keys"] | own.get("keys", {})}


def preset_descriptions() -> dict[str, str]:
    """List each preset with its one-line description, in alphabetical order."""
    return {name: read_preset(name)["description"] for name in preset_names()}


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; `SettingsError` where it is missing, unreadable or no TOML."""
    return parse_toml(read_toml_text(path), str(path))


def read_toml_text(path: Path) -> str:
    """Read the text of a TOML file; errors name the file."""
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(MOST_CHARACTERS + 1)
    except FileNotFoundError as error:
        raise SettingsError(path, "no such file") from error
    except UnicodeDecodeError as error:
        raise SettingsError(path, "expected TOML in UTF-8, got other bytes") from error
    except OSError as error:
        raise SettingsError(path, f"cannot be read: {error.strerror}") from error
    if len(text) > MOST_CHARACTERS:
        raise SettingsError(path, "is larger than 1 MB; expected a file of settings")
    return text


def parse_toml(text: str, origin: str) -> dict[str, Any]:
    """Parse TOML; errors name ``origin`` and the place."""
    # Help and completion do without.
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError as error:
        message = f"{origin}: is nested too deeply; expected settings"
        raise SettingsError(message) from error
    except ValueError as error:  # also for a number of more digits than Python reads
        words = first_line(error)
        message = f"{origin}: not valid TOML: {words[:1].lower()}{words[1:]}"
        raise SettingsError(message) from error


def nearest_preset(name: str) -> str:
    """End an error message with the preset, or other name of one, that is nearest.

    One of the family first; of the models called YOLO none of another number.
    """
    import re

    def number_of(one: str) -> list[str]:
        return re.findall(r"\d+", one)[:1]

    known = [*preset_names(), *MODELS]
    begun = [one for one in known if one.startswith(f"{name}-")]
    if begun or not name.lower().startswith("yolo"):
        return did_you_mean(name, begun or known)
    plain = re.split(r"(?<=\d)(?!\d)", name.lower())[0]  # without what follows
    own = number_of(plain)
    alike = [one for one in known if number_of(one) == own]
    return did_you_mean(plain, ["yolo11"] if plain in ("yolo", "yolov") else alike)


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """End an error message with the nearest choice; nothing where none is near."""
    # Only wrong input pays for this import.
    from difflib import get_close_matches

    choices = list(choices)
    nearest = get_close_matches(word, choices, n=1)
    nearest += [choice for choice in choices if word and choice.startswith(word)]
    return f"; did you mean {nearest[0]}?" if nearest else ""
