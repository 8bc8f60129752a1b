"""Schemas of the TOML files: of settings, and of the project's file.

Types and limits are those that the dataclasses of settings declare, and that `--set`
is held to.
"""

from collections.abc import Iterable
from typing import Any

from atss_inspect.assigners import RULES, load_all
from atss_inspect.presets import ALIASES, preset_names
from atss_inspect.schemas.described import descriptions
from atss_inspect.schemas.from_types import FromTypes, Schema
from atss_inspect.settings.layers import TOP_LEVEL
from atss_inspect.settings.parameters import (
    ASSIGNER_NAME,
    PARAMETERS,
    SECTION_NAMES,
    SECTIONS,
    Parameter,
)

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_ONE_TEXT: Schema = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "maxItems": 1}]}
# What is taken besides what a setting's type says; see `parameters.convert`.
_LEVELS = {"type": "string", "pattern": r"^\s*[Pp]\d{1,2}(-[Pp]\d{1,2})?\s*$"}
_SIDE = {"type": "integer", "minimum": 1, "maximum": 100_000}
_SHORT = {
    path: (one, {"type": "array", "items": one, "minItems": 1, "maxItems": 1})
    for path, one in (("anchors.strides", _LEVELS), ("resize.size", _SIDE))
}
_ABOUT = {
    "description": "one line for people",
    "source": "where the numbers come from",
    "extends": "the preset whose settings hold where this file says nothing",
}


def settings_schema() -> Schema:
    """Schema of a file for ``--config``."""
    tables = {name: _table(name, is_short=True) for name in SECTION_NAMES}
    for table in tables.values():
        table["additionalProperties"] = False
    about = {key: _TEXT | {"description": _ABOUT[key]} for key in TOP_LEVEL}
    about["extends"] |= {"enum": ["", *preset_names(), *ALIASES]}
    return {
        "title": "A convention of atss-inspect: a file for --config",
        "type": "object",
        "properties": about | tables,
        "additionalProperties": False,
    }


def resolved_schema() -> Schema:
    """Schema of settings in documents: all of them, as `Settings.to_dict` gives."""
    tables = {name: _table(name) for name in SECTION_NAMES}
    for name in SECTIONS:
        tables[name]["required"] = [*tables[name]["properties"]]
    tables["assigner"]["required"] = ["name"]
    for one in tables["assigner"]["allOf"]:
        one["then"] = {"required": one["then"]["propertyNames"]["enum"]}
    texts = dict.fromkeys(("name", *TOP_LEVEL), _TEXT)
    return {
        "description": "Every resolved setting, by table.",
        "type": "object",
        "properties": texts | tables,
        "required": [*texts, *tables],
    }


def project_schema() -> Schema:
    """Schema of the project's file, ``atss-inspect.toml``."""
    # Settings are named by path, by its last part or as frameworks call them.
    short = {
        name: _setting(one, is_short=True)
        for one in reversed([*PARAMETERS.values()])
        for name in (*one.aliases, one.name, one.path)
    }
    presets = {"anyOf": [{"enum": [*preset_names(), *ALIASES]}, _TEXT]}
    many: Schema = {"anyOf": [presets, {"type": "array", "items": presets}]}
    held = {
        "ann": _TEXTS | {"description": "annotation files"},
        "split": _TEXTS | {"description": "splits of a data.yaml"},
        "key": _ONE_TEXT | {"description": "key of the annotations in their file"},
        "box_format": _ONE_TEXT | {"description": "what the numbers of boxes are"},
        "images": _ONE_TEXT | {"description": "folder of the pictures"},
        "preset": many | {"description": "presets, or files of settings"},
        "set": {
            "description": "settings of every preset that has them",
            "type": "object",
            "properties": dict(reversed([*short.items()])),
        },
    }
    return {
        "title": "The project's file of atss-inspect: atss-inspect.toml",
        "type": "object",
        "properties": held,
        "additionalProperties": False,
    }


def _table(section: str, *, is_short: bool = False) -> Schema:
    """Schema of one table; of ``assigner`` each rule has its own keys."""
    load_all()  # rules from outside, too
    every = [one for path, one in PARAMETERS.items() if path.startswith(f"{section}.")]
    properties = {one.name: _setting(one, is_short=is_short) for one in every}
    table: Schema = {"type": "object", "properties": properties}
    if section == "assigner":
        table["allOf"] = [_keys_of(rule, every) for rule in RULES]
    return table


def _keys_of(rule: str, every: Iterable[Parameter]) -> Schema:
    """Which keys go with the name of a rule."""
    own = [one.name for one in every if rule in one.assigners]
    named = {"properties": {"name": {"const": rule}}, "required": ["name"]}
    return {"if": named, "then": {"propertyNames": {"enum": ["name", *own]}}}


def _setting(one: Parameter, *, is_short: bool) -> Schema:
    """Schema of one setting: its type, limits, and words on it."""
    found = FromTypes().of(one.kind, (one.limit, one.each))
    if is_short and one.path in _SHORT:
        found = {"anyOf": [found, *_SHORT[one.path]]}
    said = [_words(one), one.limit.expected if one.limit else ""]
    said += [f"frameworks call it {', '.join(one.aliases)}"] if one.aliases else []
    text = "; ".join(filter(None, said))
    return ({"description": text} if text else {}) | found


def _words(one: Parameter) -> str:
    """Words on a setting, of the first rule that has some."""
    if one.path == ASSIGNER_NAME:
        return "the rule that assigns"
    section = one.path.partition(".")[0]
    owners: list[Any] = [RULES[name].params for name in one.assigners]
    every = (descriptions(each) for each in owners or [SECTIONS[section]])
    return next((found[one.name] for found in every if one.name in found), "")
