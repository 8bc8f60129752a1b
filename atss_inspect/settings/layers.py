"""Layers of settings by dotted path; the later wins, and origins are remembered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import Any

from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.assigners import BUILT_IN, RULES
from atss_inspect.assigners.anchor_rule import (
    OVERRULED,
    SHAPING,
    anchor_conflict,
    spacing,
)
from atss_inspect.assigners.rule import Rule
from atss_inspect.errors import SettingsError
from atss_inspect.fields import Conflict, settings_of
from atss_inspect.presets import did_you_mean, preset_names, read_preset
from atss_inspect.settings.parameters import (
    ASSIGNER_NAME,
    PARAMETERS,
    SECTION_NAMES,
    SECTIONS,
    convert,
    find_parameter,
    find_parameters,
    parse_text,
    refusal,
    unknown_key,
)

# Keys of a settings file that are no tables.
TOP_LEVEL = ("description", "source", "extends")
# Presets by which a setting has an effect, where it has none by those most often named.
LOOKED_AT_BY = {"resize.size": "-p yolo11"}
DEFAULT_ASSIGNER = BUILT_IN[0].name
_NAME = tuple(ASSIGNER_NAME.split("."))


@dataclass(frozen=True)
class Layer:
    """Some settings from one place."""

    origin: str  # the place, as messages and ``config show`` name it
    # by dotted path, converted to the parameter's type
    values: Mapping[str, Any] = field(default_factory=dict)
    # of single values, where they are not all from the same place
    origins: Mapping[str, str] = field(default_factory=dict)

    def origin_of(self, path: str) -> str:
        """Where one value is from."""
        return self.origins.get(path, self.origin)


def _converted(name: str, origin: str, value: Callable[[Any], Any]) -> dict[str, Any]:
    """Convert what is given by a name, for every setting that may be meant.

    ``value`` gives it for a type. Where several assigners have such a setting, those
    whose limits it keeps; `SettingsError` where none of them does.
    """
    found, errors = {}, []
    for one in find_parameters(name, origin):
        try:
            found[one.path] = convert(one, value(one.kind), origin)
        except SettingsError as error:
            errors.append(error)
    if not found:
        raise errors[0]
    return found


def _as_it_is(value: Any, _kind: Any) -> Any:
    """Take a value that is no text."""
    return value


def named_layer(values: Mapping[str, Any], origin: str) -> Layer:
    """Find and convert values given by any name; strings stay strings."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= _converted(name, origin, partial(_as_it_is, value))
    return Layer(origin, found)


def assignments_layer(texts: Sequence[str], origin: str = "--set") -> Layer:
    """Read ``name=value`` texts, the later ones winning (``--set``)."""
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals:
            message = f'{origin}: expected NAME=VALUE, got "{text}"'
            raise SettingsError(message, hint=f"for example {origin} k=15")
        values |= _converted(name, origin, partial(parse_text, value))
    return Layer(origin, values)


def table_layer(tables: Mapping[str, Any], origin: str) -> Layer:
    """Convert the tables of a settings file; every key must be a full path."""
    values = {}
    for section in (key for key in tables if key not in TOP_LEVEL):
        if section not in SECTION_NAMES:
            last_parts = {path.rpartition(".")[2]: path for path in PARAMETERS}
            suggestion = did_you_mean(section, (*SECTION_NAMES, *TOP_LEVEL))
            if section in last_parts:  # a setting written at the top level
                suggestion = f"; did you mean {last_parts[section]}?"
            raise unknown_key(origin, section, suggestion)
        table = tables[section]
        if not isinstance(table, Mapping):
            raise refusal(origin, section, "a table", table)
        # The rule first: it may be one from outside, which has the other keys.
        for name in sorted(table, key=lambda key: (section, key) != _NAME):
            path = f"{section}.{name}"
            one = PARAMETERS.get(path) or find_parameter(path, origin)
            values[one.path] = convert(one, table[name], origin)
    return Layer(origin, values)


@cache
def default_layer(assigner: str = DEFAULT_ASSIGNER) -> Layer:
    """Defaults of the dataclasses, with one assigner's parameters."""
    parts = SECTIONS | {"assigner": RULES[assigner].params}
    values: dict[str, Any] = {ASSIGNER_NAME: assigner}
    for section, declaring in parts.items():
        built = declaring()
        values |= {
            f"{section}.{f.name}": getattr(built, f.name) for f in settings_of(built)
        }
    return Layer("default", values)


def stack(
    base: Sequence[Layer], overrides: Sequence[Layer] = ()
) -> tuple[dict[str, Any], dict[str, str]]:
    """Lay layers over each other: values and origins by dotted path.

    They come in the order of the table of parameters. Where a layer changes the
    assigner, the parameters of the earlier one are forgotten. Raises `SettingsError`
    for a parameter that the assigner does not have, or values in conflict.

    Parameters
    ----------
    base : of one preset or file; each may hold only what its assigner has
    overrides : may hold parameters of other assigners too, which are passed over
    """
    assigner = assigner_after([*base, *overrides])
    layers = list(base)
    for layer in overrides:
        of_it = {path: v for path, v in layer.values.items() if _has(path, assigner)}
        layers.append(replace(layer, values=of_it))
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for layer in layers:
        current = layer.values.get(ASSIGNER_NAME, values.get(ASSIGNER_NAME, assigner))
        if values and current != values[ASSIGNER_NAME]:
            # Another assigner starts from its own defaults.
            for path in [path for path in values if path.startswith("assigner.")]:
                del values[path], origins[path]
            own = default_layer(current).values.items()
            values |= {path: one for path, one in own if path.startswith("assigner.")}
            origins |= dict.fromkeys(values.keys() - origins.keys(), "default")
        require_use(layer, {f"the assigner {current}": current})
        values |= layer.values
        origins |= {path: layer.origin_of(path) for path in layer.values}
    _require_effect(layers, values)
    if conflict := conflict_of(RULES[values[ASSIGNER_NAME]], values):
        # The one that came last is named.
        came = [
            (one, path)
            for one in layers
            for path in conflict.paths
            if path in one.values
        ]
        layer, path = came[-1]
        message = f"{layer.origin_of(path)}: {path}: expected {conflict.expected}"
        raise SettingsError(message, hint=conflict.hint)
    return in_order(values), in_order(origins)


def _require_effect(layers: Sequence[Layer], values: Mapping[str, Any]) -> None:
    """Refuse a value beside, or after, one beside which it has no effect."""
    for ruling, names in OVERRULED.items():
        # The layer that wrote it down, unless it says everything, and those after it.
        places = [n for n, one in enumerate(layers) if ruling in one.values]
        later = layers[places[-1] + _says_all(layers[places[-1]]) :]
        later = later if values[ruling] else ()
        for layer in later:
            for path in (name for name in names if name in layer.values):
                origin, text = layer.origin_of(path), f"has no effect beside {ruling}"
                hint = f"--set {ruling}=[] lets it decide"
                raise SettingsError(origin, path, text, hint=hint)


def _says_all(layer: Layer) -> bool:
    """Whether a layer has every setting of anchors: nobody typed these."""
    return all(path in layer.values for path in PARAMETERS if _is_of_anchors(path))


def _is_of_anchors(path: str) -> bool:
    return path.startswith("anchors.") and not PARAMETERS[path].is_later


def without_effect(rule: Rule[Any], values: Mapping[str, Any]) -> set[str]:
    """Settings that decide nothing under a rule, or beside other values."""
    resize = ResizeRule(rule=values["resize.rule"])
    idle = set[str]()
    if not rule.uses_anchors:
        idle |= {f"anchors.{name}" for name in SHAPING}
    if not resize.has_sides:
        idle |= {"resize.short_side", "resize.long_side"}
    if not resize.has_fixed_size:
        idle |= {"resize.size"}
    if resize.letterbox:
        idle |= {"resize.pad_to"}
    ruled = (names for ruling, names in OVERRULED.items() if values[ruling])
    return idle.union(*ruled)


def with_square_of_strides(values: Mapping[str, Any]) -> dict[str, Any]:
    """Let the square of YOLO be a multiple of the coarsest stride, as its training.

    Ultralytics' ``check_imgsz`` and YOLOv5's ``check_img_size`` take the next multiple
    of that, and at least of 32.
    """
    found, name = dict(values), "resize.pad_divisor"
    last = max(map(spacing, values["anchors.strides"]))
    if ResizeRule(rule=values["resize.rule"]).letterbox and not last % 1:
        found[name] = max(found[name], int(last))
    return found


def conflict_of(rule: Rule[Any], values: Mapping[str, Any]) -> Conflict | None:
    """Find values that do not go together, of sizes, of anchors and of the rule."""
    height, width = values["resize.size"]
    if ResizeRule(rule=values["resize.rule"]).letterbox and height != width:
        paths = ("resize.size", "resize.rule")
        expected = f"one side, of a square, got {height} and {width}"
        return Conflict(paths, expected, f"--set imgsz={max(height, width)}")
    return anchor_conflict(values) or rule.conflict(values)


def in_order(by_path: Mapping[str, Any]) -> dict[str, Any]:
    """Sort by the table of parameters."""
    return {path: by_path[path] for path in PARAMETERS if path in by_path}


def assigner_after(layers: Iterable[Layer]) -> str:
    """Assigner that the last layer to name one asks for."""
    named = [one.values[ASSIGNER_NAME] for one in layers if ASSIGNER_NAME in one.values]
    return str(named[-1]) if named else DEFAULT_ASSIGNER


def require_use(layer: Layer, users: Mapping[str, str]) -> None:
    """Refuse a parameter that no assigner of ``users``, by name of convention, has.

    One that has an alias with it that means the same of another assigner may be used.
    """
    for path in layer.values:
        meant = [path, *_meant_with(path, layer)]
        if any(_has(one, assigner) for one in meant for assigner in users.values()):
            continue
        owners = PARAMETERS[path].assigners
        kind = f"{'assigners' if owners[1:] else 'assigner'} {' and '.join(owners)}"
        found = f"not a parameter of {' and '.join(users)}, only of the {kind}"
        message = f"{layer.origin_of(path)}: {path}: {found}"
        presets = {
            name: read_preset(name)["assigner"]["name"] for name in preset_names()
        }
        names = ", ".join(name for name, rule in presets.items() if rule in owners)
        hint = f"presets that have it: {names}" if names else None
        raise SettingsError(message, hint=hint)


def _meant_with(path: str, layer: Layer) -> list[str]:
    """Settings of other assigners that a layer names by the same alias."""
    own, value = set(PARAMETERS[path].aliases), layer.values[path]
    return [
        other
        for other, theirs in layer.values.items()
        if other != path and theirs == value and own & {*PARAMETERS[other].aliases}
    ]


def _has(path: str, assigner: str) -> bool:
    """Whether a setting exists beside an assigner."""
    owners = PARAMETERS[path].assigners
    return not owners or assigner in owners
