"""A complete, named convention: data rules, resize rule, anchors and assigner."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners import rule_of
from atss_inspect.assigners.pyramid import AnchorRule, Pyramid
from atss_inspect.assigners.rule import Params, Rule
from atss_inspect.errors import SettingsError
from atss_inspect.settings.layers import in_order
from atss_inspect.settings.paths import ASSIGNER_NAME, PARAMETERS, SECTION_NAMES
from atss_inspect.settings.values import convert, find_conflict, format_value

ABOUT = ("description", "source")


@dataclass(frozen=True)
class Settings:
    """Everything that decides an assignment, apart from the annotations.

    Attributes
    ----------
    name : of the preset, or of the file without its suffix
    data, resize, anchors, assigner : the conventions, each with its own docstring
    description : one line for people
    source : where the numbers come from
    """

    name: str
    data: DataRules
    resize: ResizeRule
    anchors: AnchorRule
    assigner: Params
    description: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        values = self.values()
        for path, value in values.items():
            convert(PARAMETERS[path], value, self.name)
        conflict = find_conflict(values)
        if conflict:
            paths, text = conflict
            message = f"{self.name}: {paths[0]}: expected {text}"
            raise SettingsError(message)

    @property
    def rule(self) -> Rule[Any]:
        """Rule that takes its ``assigner``; it knows what depends on rules."""
        return rule_of(self.assigner)

    @property
    def assigner_name(self) -> str:
        """``atss``, ``iou_threshold``, ``fcos``, or the name of a rule from outside."""
        return self.rule.name

    @property
    def pyramid(self) -> Pyramid:
        """The anchors that its rule looks at."""
        return self.rule.pyramid(self.anchors)

    def values(self) -> dict[str, Any]:
        """Every setting by its dotted path, in a fixed order."""
        named = {
            f"{section}.{part.name}": getattr(getattr(self, section), part.name)
            for section in SECTION_NAMES
            for part in fields(getattr(self, section))
        }
        return in_order(named | {ASSIGNER_NAME: self.assigner_name})

    def to_dict(self) -> dict[str, Any]:
        """Every setting as nested dicts and lists, ready for JSON."""
        tables: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "source": self.source,
        }
        for path, value in self.values().items():
            section, _, name = path.partition(".")
            tables.setdefault(section, {})[name] = _as_lists(value)
        return tables

    def to_toml(self, notes: Mapping[str, str] | None = None) -> str:
        """Write a TOML file that `load_settings` reads back as equal settings.

        Parameters
        ----------
        notes : comments by dotted path, e.g. the origins of the values
        """
        lines = [f"{key} = {format_value(getattr(self, key))}" for key in ABOUT]
        section = ""
        for path, value in self.values().items():
            table, _, name = path.partition(".")
            if table != section:
                lines += ["", f"[{table}]"]
                section = table
            note = f" # {notes[path]}" if notes else ""
            lines.append(f"{name} = {format_value(value)}{note}")
        return "\n".join(lines) + "\n"


def _as_lists(value: Any) -> Any:
    """Turn tuples, nested ones too, into lists."""
    if isinstance(value, tuple):
        return [_as_lists(element) for element in value]
    return value
