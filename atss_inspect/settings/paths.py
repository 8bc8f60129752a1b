"""Every setting has one dotted path; names and aliases lead to it.

The table is read off the parameter dataclasses, so that a new field is a new setting.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any, Literal, get_type_hints

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners import RULES, load_all
from atss_inspect.assigners.pyramid import AnchorRule
from atss_inspect.assigners.rule import Rule
from atss_inspect.errors import SettingsError
from atss_inspect.fields import DECLARED, Limit
from atss_inspect.presets import did_you_mean

SECTIONS: dict[str, type] = {
    "data": DataRules,
    "resize": ResizeRule,
    "anchors": AnchorRule,
}
ASSIGNER_NAME = "assigner.name"
SECTION_NAMES = (*SECTIONS, "assigner")


@dataclass(frozen=True)
class Parameter:
    """One setting.

    Attributes
    ----------
    path : its dotted path, e.g. ``assigner.k``
    kind : the type its dataclass declares, e.g. ``tuple[float, ...]``
    limit, each : limits of the value, and of the elements of a list
    aliases : what the frameworks call it
    assigners : names of the assigners that have it; empty where it is no assigner's
    """

    path: str
    kind: Any
    limit: Limit | None = None
    each: Limit | None = None
    aliases: tuple[str, ...] = ()
    assigners: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


def _declared(
    section: str, declaring: type, assigners: tuple[str, ...] = ()
) -> Iterator[Parameter]:
    """Read the parameters of one section off its dataclass."""
    hints = get_type_hints(declaring)
    for field in fields(declaring):
        said = {name: field.metadata[name] for name in DECLARED if field.metadata}
        path = f"{section}.{field.name}"
        yield Parameter(path, hints[field.name], **said, assigners=assigners)


@lru_cache(maxsize=8)
def _all_parameters(rules: tuple[Rule[Any], ...]) -> dict[str, Parameter]:
    """Build the table of every setting, in the order of the dataclasses."""
    table = {
        parameter.path: parameter
        for section, declaring in SECTIONS.items()
        for parameter in _declared(section, declaring)
    }
    names: Any = Literal[*(rule.name for rule in rules)]
    table[ASSIGNER_NAME] = Parameter(ASSIGNER_NAME, names, aliases=("assigner",))
    for rule in rules:
        for parameter in _declared("assigner", rule.params, (rule.name,)):
            # What several assigners have comes after what only one has.
            known = table.pop(parameter.path, None)
            owners = (*known.assigners, rule.name) if known else (rule.name,)
            table[parameter.path] = replace(parameter, assigners=owners)
    return table


class _Parameters(Mapping[str, Parameter]):
    """Every setting by its path, those of rules from outside once they are loaded."""

    def __getitem__(self, path: str) -> Parameter:
        return _all_parameters(tuple(RULES.values()))[path]

    def __iter__(self) -> Iterator[str]:
        return iter(_all_parameters(tuple(RULES.values())))

    def __len__(self) -> int:
        return len(_all_parameters(tuple(RULES.values())))


PARAMETERS = _Parameters()


def aliases(table: Mapping[str, Parameter] = PARAMETERS) -> dict[str, str]:
    """Paths of settings by what the frameworks call them."""
    return {alias: one.path for one in table.values() for alias in one.aliases}


def find_parameter(
    name: str, origin: str, table: Mapping[str, Parameter] = PARAMETERS
) -> Parameter:
    """Find the setting a user means.

    Parameters
    ----------
    name : a full path, its last part where only one path ends so, or an alias; case
        does not matter, ``-`` counts as ``_`` and ``__`` as a dot
    origin : what an error message begins with, e.g. ``--set``

    Raises
    ------
    SettingsError
        Where nothing or more than one setting is meant; it names the candidates.
    """
    plain = name.strip().lower().replace("-", "_").replace("__", ".")
    for look_further in (load_all, None):
        if plain in table:
            return table[plain]
        matches = [parameter for parameter in table.values() if parameter.name == plain]
        matches = matches or [one for one in table.values() if plain in one.aliases]
        if len(matches) == 1:
            return matches[0]
        if matches:
            paths = ", ".join(parameter.path for parameter in matches)
            message = f"{origin}: {name}: may be any of {paths}; give the full path"
            raise SettingsError(message)
        # A rule from outside that nobody named yet may have it.
        if look_further:
            look_further()
    raise unknown_key(origin, name, _nearest(plain, table))


def unknown_key(origin: str, name: str, suggestion: str) -> SettingsError:
    """Error on a key that means nothing, with what it may have been meant to be."""
    message = f"{origin}: {name}: unknown key{suggestion}"
    return SettingsError(message, hint="`atss-inspect config show` lists all settings")


def _nearest(name: str, table: Mapping[str, Parameter]) -> str:
    """Suggest a setting: by its last part in another section, then by spelling."""
    last = name.rpartition(".")[2]
    known = {one.name: path for path, one in table.items()} | aliases(table)
    if "." not in name:
        return did_you_mean(name, known)
    if last in known:
        return f"; did you mean {known[last]}?"
    return did_you_mean(name, table)
