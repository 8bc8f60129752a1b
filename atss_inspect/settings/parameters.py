"""Every setting has one dotted path and a type; names, aliases and texts lead to it.

The table is read off the parameter dataclasses, so that a new field is a new setting.
Values come from TOML, Python or text; they are checked, and written back to text.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from numbers import Integral, Real
from types import MappingProxyType, UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from atss_inspect.annotations.augment import AugmentRule
from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners import RULES, find_rule, load_all, rule_names
from atss_inspect.assigners.anchor_rule import AnchorRule, strides_of_levels
from atss_inspect.assigners.rule import Rule
from atss_inspect.errors import SettingsError
from atss_inspect.fields import DECLARED, NUMBER, WHOLE, Limit, settings_of
from atss_inspect.presets import did_you_mean
from atss_inspect.presets.needing_models import WITHOUT_MODEL, why_none
from atss_inspect.settings.explained import name_of_others, value_of_others

SECTIONS: dict[str, type] = {
    "data": DataRules,
    "resize": ResizeRule,
    "anchors": AnchorRule,
    "augment": AugmentRule,
}
ASSIGNER_NAME = "assigner.name"
SECTION_NAMES = (*SECTIONS, "assigner")
MOST_SHOWN = 120  # characters of a wrong value in a message
_KINDS: dict[Any, tuple[type, str]] = {
    bool: (bool, "true or false"),
    int: (Integral, WHOLE),
    float: (Real, NUMBER),
    str: (str, "text"),
}
# What TOML does not take as it is within a basic string, and what acts on a terminal:
# more control characters, changes of direction.
_ACTING = (*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F))
_ESCAPES = {
    code: f"\\u{code:04x}"
    for code in (*_ACTING, 0x200E, 0x200F, *range(0x2066, 0x206A))
} | str.maketrans({'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"})


@dataclass(frozen=True)
class Parameter:
    """One setting."""

    path: str  # its dotted path, e.g. ``assigner.k``
    kind: Any  # the type its dataclass declares, e.g. ``tuple[float, ...]``
    # limit, each: limits of the value, and of the elements of a list
    limit: Limit | None = None
    each: Limit | None = None
    aliases: tuple[str, ...] = ()  # what the frameworks call it
    is_later: bool = False  # saved answers may lack it, and mean its default
    # names of the assigners that have it; empty where it is no assigner's
    assigners: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]


def _declared(section: str, declaring: type) -> Iterator[Parameter]:
    """Read the parameters of one section off its dataclass."""
    hints = get_type_hints(declaring)
    for one in settings_of(declaring):
        said = {name: one.metadata[name] for name in DECLARED if one.metadata}
        path = f"{section}.{one.name}"
        yield Parameter(path, hints[one.name], **said)


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
        for parameter in _declared("assigner", rule.params):
            # What several assigners have stands with those of the first one.
            known = table.get(parameter.path)
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


def aliases() -> dict[str, str]:
    """Paths of settings by what the frameworks call them, of several the first."""
    every = reversed([*PARAMETERS.values()])
    return {alias: one.path for one in every for alias in one.aliases}


def find_parameter(name: str, origin: str, assigner: str = "") -> Parameter:
    """Find the setting a user means; see `find_parameters`.

    Of an alias that settings of several assigners have it is that of ``assigner``.
    Raises `SettingsError` where more than one setting is meant.
    """
    matches = find_parameters(name, origin)
    matches = [one for one in matches if assigner in one.assigners] or matches
    if len(matches) > 1:
        raise _ambiguous(name, origin, matches)
    return matches[0]


def find_parameters(name: str, origin: str) -> list[Parameter]:
    """Find the settings a user may mean; messages begin with the origin, ``--set``.

    They have a full path, its last part where only one path ends so, or an alias for a
    name; case does not matter, ``-`` counts as ``_`` and ``__`` as a dot. Several are
    of one assigner each, so that what is meant depends on that. Raises `SettingsError`
    where nothing or more than one setting is meant; it names the candidates.
    """
    plain = name.strip().lower().replace("-", "_").replace("__", ".")
    for look_further in (load_all, None):
        if plain in PARAMETERS:
            return [PARAMETERS[plain]]
        known = PARAMETERS.values()
        matches = [parameter for parameter in known if parameter.name == plain]
        matches = matches or [one for one in known if plain in one.aliases]
        if len(matches) == 1 or (matches and all(one.assigners for one in matches)):
            return matches
        if matches:
            raise _ambiguous(name, origin, matches)
        # A rule from outside that nobody named yet may have it.
        if look_further:
            look_further()
    if others := name_of_others(plain):
        message = f"{origin}: {name}: {others[0]}"
        raise SettingsError(message, hint=others[1])
    raise unknown_key(origin, name, _nearest(plain))


def _ambiguous(name: str, origin: str, matches: Sequence[Parameter]) -> SettingsError:
    paths = ", ".join(parameter.path for parameter in matches)
    message = f"{origin}: {name}: may be any of {paths}; give the full path"
    return SettingsError(message)


def unknown_key(origin: str, name: str, suggestion: str) -> SettingsError:
    """Error on a key that means nothing, with what it may have been meant to be."""
    message = f"{origin}: {name}: unknown key{suggestion}"
    return SettingsError(message, hint="`atss-inspect config show` lists all settings")


def _nearest(name: str) -> str:
    """Suggest a setting: by its last part in another section, then by spelling."""
    last = name.rpartition(".")[2]
    known = {one.name: path for path, one in PARAMETERS.items()} | aliases()
    if "." not in name:
        return did_you_mean(name, known)
    if f"{name}s" in PARAMETERS:
        return f"; did you mean {name}s?"
    if last in known:
        return f"; did you mean {known[last]}?"
    return did_you_mean(name, PARAMETERS)


def convert(parameter: Parameter, value: Any, origin: str) -> Any:
    """Check a value, as TOML or Python gives it, and bring it to the parameter's type.

    Lists become tuples, whole numbers floats where a float is wanted. Raises a
    `SettingsError` that begins with the origin and names the path, the value and what
    is allowed.
    """
    path, limits = parameter.path, (parameter.limit, parameter.each)
    if path == ASSIGNER_NAME and isinstance(value, str) and find_rule(value):
        return value
    if path == "anchors.strides":
        text = value[0] if isinstance(value, list) and len(value) == 1 else value
        is_text = isinstance(text, str)
        value = (is_text and strides_of_levels(text)) or value  # levels = P3-P7
    if path == "resize.size":
        value = [value] if isinstance(value, Integral) else value
        is_one = isinstance(value, Sequence) and len(value) == 1
        value = [*value, *value] if is_one else value  # imgsz = 640
    return _convert(value, parameter.kind, path, origin, limits)


def _convert(
    value: Any, kind: Any, path: str, origin: str, limits: Sequence[Limit | None] = ()
) -> Any:
    """Convert by kind; ``limits`` are of the value, then of its elements."""
    limit, *inner = limits or (None,)
    converted: Any
    keeps_whole = isinstance(kind, UnionType) and int in get_args(kind)
    kind = _kind_for(value, kind)
    if get_origin(kind) is tuple:
        converted = _convert_list(value, kind, path, origin, inner)
        size, noun = len(converted), " elements"
    elif get_origin(kind) is Literal:
        return _convert_choice(value, kind, path, origin)
    else:
        expected = limit.expected if limit else ""
        converted = _convert_scalar(value, kind, path, origin, expected)
        if keeps_whole and converted.is_integer():
            converted = int(converted)
        size, noun = converted, ""
    if limit and not limit.allows(converted):
        raise refusal(origin, path, limit.expected, value)
    if limit and limit.most is not None and size > limit.most:
        raise refusal(origin, path, f"at most {limit.most:.7g}{noun}", converted)
    return converted


def _kind_for(value: Any, kind: Any) -> Any:
    """Of a union of numbers and lists the kind that a value is to have."""
    if not isinstance(kind, UnionType):
        return kind
    lists = [each for each in get_args(kind) if get_origin(each) is tuple]
    return lists[0] if lists and isinstance(value, list | tuple) else float


def _convert_scalar(
    value: Any, kind: Any, path: str, origin: str, expected: str
) -> Any:
    """Convert to bool, int, float or str; true and false are no numbers."""
    accepted, noun = _KINDS[kind]
    expected = expected or noun
    if not isinstance(value, accepted) or isinstance(value, bool) != (kind is bool):
        raise refusal(origin, path, expected, value)
    try:
        converted = kind(value)
    except OverflowError:  # a whole number beyond float
        converted = math.inf
    if kind is float and not math.isfinite(converted):
        finite = expected.replace("a number", "a finite number", 1)
        raise refusal(origin, path, finite, value)
    return converted


def _convert_choice(value: Any, kind: Any, path: str, origin: str) -> str:
    """Take one of some words; the error names the nearest."""
    choices = rule_names() if path == ASSIGNER_NAME else get_args(kind)
    if value in choices:
        return str(value)
    if path == ASSIGNER_NAME and (why := why_none(value)):
        text = f"{show_value(value)} {why}"
        raise SettingsError(origin, path, text, hint=WITHOUT_MODEL)
    suggestion = did_you_mean(value, choices) if isinstance(value, str) else ""
    expected = f"one of {', '.join(choices)}"
    raise refusal(origin, path, expected, value, suggestion)


def _convert_list(
    value: Any, kind: Any, path: str, origin: str, limits: Sequence[Limit | None]
) -> tuple[Any, ...]:
    """Convert each element; of a fixed-length list, as many as it has."""
    kinds = get_args(kind)
    is_open = kinds[-1] is Ellipsis
    if not isinstance(value, list | tuple):
        is_open = isinstance(value, str) and value.count("[") != value.count("]")
        expected = "a list whose brackets are closed" if is_open else "a list"
        raise refusal(origin, path, expected, value)
    if value_of_others(path, value):
        raise refusal(
            origin,
            path,
            "lists" if path.endswith("sizes") else "a list of numbers",
            value,
        )
    if not is_open and len(value) != len(kinds):
        error = refusal(origin, path, f"a list of {len(kinds)} numbers", value)
        if len(kinds) == 2 and len(value) == 1:
            side = show_value(value[0])
            name = path.rpartition(".")[2]
            sides = f"{side},{side}"
            sides = f"[{sides}]" if "[" in name else f"{name}={sides}"
            error.hint = f"a height and a width, such as {sides}"
        raise error
    return tuple(
        _convert(element, kinds[0 if is_open else i], f"{path}[{i}]", origin, limits)
        for i, element in enumerate(value)
    )


def refusal(
    origin: str, path: str, expected: str, value: Any, suggestion: str = ""
) -> SettingsError:
    """Error on a value that is not allowed: where, and what is."""
    text = f"expected {expected}, got {show_value(value)}{suggestion}"
    return SettingsError(origin, path, text, hint=value_of_others(path, value))


def is_square(name: str) -> bool:
    """Whether one number is enough for a setting of that name: the side of a square."""
    return name.strip().lower() == "imgsz"


def parse_text(text: str, kind: Any) -> Any:
    """Read a value from the command line or the environment, much as TOML would.

    Quotes and outer brackets may be left out: ``0.5,1,2`` is a list, ``box`` a word.
    What cannot be read is given back as it is, for `convert` to refuse.
    """
    text = text.strip()
    kind = float if isinstance(kind, UnionType) else kind
    if get_origin(kind) is tuple:
        return _parse_list(text, get_args(kind)[0])
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            return text
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1] if is_quoted else text


def _parse_list(text: str, element: Any) -> Any:
    """Read a bracketed list as TOML, anything else as values between commas."""
    if "[" not in text and not text.startswith(('"', "'")):
        parts = filter(str.strip, text.split(","))
        # Lists within a list need their brackets.
        kind = float if get_origin(element) is tuple else element
        return [parse_text(part, kind) for part in parts]
    for candidate in (text, f"[{text}]"):
        try:
            value = tomllib.loads(f"value = {candidate}")
        except (ValueError, RecursionError):  # no TOML, or nobody's TOML
            continue
        if set(value) == {"value"} and isinstance(value["value"], list):
            return value["value"]
    return text


def format_value(value: Any) -> str:
    """Write a value as TOML does."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.translate(_ESCAPES) + '"'  # a TOML basic string
    if isinstance(value, list | tuple):
        return f"[{', '.join(format_value(element) for element in value)}]"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, float) and value >= 1e6 and float(f"{value:.0e}") == value:
        return f"{value:.0e}".replace("e+0", "e")  # 1e8, where FCOS means no end
    return str(value)


def format_tables(
    values: Mapping[str, Any], notes: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Write lines of TOML, a table for each section; notes are comments by path."""
    lines: list[str] = []
    for path, value in values.items():
        table, _, name = path.partition(".")
        if f"[{table}]" not in lines:
            lines += [*([""] if lines else []), f"[{table}]"]
        note = f" # {notes[path]}" if path in notes else ""
        lines.append(f"{name} = {format_value(value)}{note}")
    return lines


def show_value(value: Any) -> str:
    """Write a value for a message, cut off where it is too long for a line."""
    try:
        text = format_value(value)
    except (ValueError, RecursionError):  # more digits, or lists, than Python writes
        return "a value too long to show"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."
