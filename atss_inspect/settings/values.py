"""Values of settings: from TOML, Python or text, checked, and back to text."""

import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, Literal, get_args, get_origin

from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean
from atss_inspect.settings.paths import Parameter


@dataclass(frozen=True)
class Limit:
    """What a value, already of the right type, must be besides."""

    allows: Callable[[Any], bool]
    expected: str


def _at_least(least: float, noun: str) -> Limit:
    return Limit(lambda value: value >= least, f"{noun} of at least {least}")


def _increasing(values: tuple[float, ...]) -> bool:
    return len(values) > 0 and all(a < b for a, b in pairwise(values))


_WHOLE = "a whole number"
_POSITIVE_WHOLE = _at_least(1, _WHOLE)
_POSITIVE = Limit(lambda value: value > 0, "a number above 0")
_NOT_NEGATIVE = _at_least(0, "a number")
_SHARE = Limit(lambda value: 0 <= value <= 1, "a number from 0 to 1")
_ABOVE_ZERO = Limit(lambda value: 0 < value <= 1, "a number above 0, at most 1")
# Larger images are no input of a detector, and their anchors could not be numbered.
_SIDE = Limit(lambda value: 1 <= value <= 100_000, "a whole number from 1 to 100000")
_NOT_EMPTY = Limit(lambda values: len(values) > 0, "a list of at least one number")
# A path with [] holds for every element of the list.
LIMITS: dict[str, Limit] = {
    "data.min_box_side": _NOT_NEGATIVE,
    "data.min_input_side": _NOT_NEGATIVE,
    "data.min_image_side": _at_least(0, _WHOLE),
    "resize.short_side": _SIDE,
    "resize.long_side": _SIDE,
    "resize.size[]": _SIDE,
    "resize.pad_divisor": _POSITIVE_WHOLE,
    "resize.pad_to": Limit(
        lambda sides: len(sides) in (0, 2), "a height and a width, or an empty list"
    ),
    "resize.pad_to[]": _SIDE,
    "anchors.strides": Limit(
        _increasing, "whole numbers that increase from level to level"
    ),
    "anchors.strides[]": _POSITIVE_WHOLE,
    "anchors.scale": _POSITIVE,
    "anchors.scales_per_octave": _POSITIVE_WHOLE,
    "anchors.ratios": _NOT_EMPTY,
    "anchors.ratios[]": _POSITIVE,
    "anchors.offset": _SHARE,
    "assigner.k": _POSITIVE_WHOLE,
    "assigner.std_ddof": Limit(lambda value: value in (0, 1), "0 or 1"),
    "assigner.center_margin": _NOT_NEGATIVE,
    "assigner.min_union": _NOT_NEGATIVE,
    "assigner.positive_from": _ABOVE_ZERO,
    "assigner.negative_below": _SHARE,
    "assigner.low_quality_floor": _SHARE,
    "assigner.center_sampling_radius": _NOT_NEGATIVE,
    "assigner.scale_ranges[]": Limit(
        lambda ends: ends[0] < ends[1], "[low, high] with low below high"
    ),
}
# Far more than any detector uses. Beyond it a setting is a slip, and the work, the
# memory or the precision of float32 would give out; of lists, the number of elements.
CEILINGS: dict[str, float] = {
    "data.min_box_side": 1e6,
    "data.min_input_side": 1e6,
    "data.min_image_side": 1_000_000,
    "resize.pad_divisor": 100_000,
    "anchors.strides": 16,
    "anchors.strides[]": 100_000,
    "anchors.scale": 1e4,
    "anchors.scales_per_octave": 32,
    "anchors.ratios": 32,
    "anchors.ratios[]": 1e4,
    "assigner.k": 1000,
    "assigner.center_margin": 1e6,
    "assigner.min_union": 1e6,
    "assigner.center_sampling_radius": 1e6,
}
MOST_SHOWN = 120  # characters of a wrong value in a message
_KINDS: dict[Any, tuple[type, str]] = {
    bool: (bool, "true or false"),
    int: (Integral, _WHOLE),
    float: (Real, "a number"),
    str: (str, "text"),
}


def convert(parameter: Parameter, value: Any, origin: str) -> Any:
    """Check a value and bring it to the parameter's type.

    Parameters
    ----------
    value : as TOML or Python gives it; lists become tuples, whole numbers floats
        where a float is wanted
    origin : what an error message begins with

    Raises
    ------
    SettingsError
        Names the path, the value and what is allowed.
    """
    return _convert(value, parameter.kind, parameter.path, origin)


def _convert(value: Any, kind: Any, path: str, origin: str) -> Any:
    """Convert by kind, then ask the limits of the path."""
    if get_origin(kind) is tuple:
        converted = _convert_list(value, kind, path, origin)
    elif get_origin(kind) is Literal:
        return _convert_choice(value, get_args(kind), path, origin)
    else:
        converted = _convert_scalar(value, kind, path, origin)
    limit = LIMITS.get(_general(path))
    if limit and not limit.allows(converted):
        raise _refusal(origin, path, limit.expected, value)
    ceiling = CEILINGS.get(_general(path))
    if ceiling is not None:
        _require_at_most(ceiling, converted, path, origin)
    return converted


def _require_at_most(ceiling: float, value: Any, path: str, origin: str) -> None:
    """Refuse a number above a ceiling, or a list of more elements."""
    size, noun = (len(value), " elements") if isinstance(value, tuple) else (value, "")
    if size > ceiling:
        raise _refusal(origin, path, f"at most {ceiling:.7g}{noun}", value)


def _general(path: str) -> str:
    """Name all elements of a list at once: ``strides[2]`` is one of ``strides[]``."""
    head, bracket, _ = path.partition("[")
    # An element of an element has no limit of its own.
    return head + "[]" * path.count("[") if bracket else path


def _convert_scalar(value: Any, kind: Any, path: str, origin: str) -> Any:
    """Convert to bool, int, float or str; true and false are no numbers."""
    accepted, noun = _KINDS[kind]
    limit = LIMITS.get(_general(path))
    expected = limit.expected if limit else noun
    if not isinstance(value, accepted) or (
        isinstance(value, bool) and kind is not bool
    ):
        raise _refusal(origin, path, expected, value)
    try:
        converted = kind(value)
    except OverflowError:  # a whole number beyond float
        converted = math.inf
    if kind is float and not math.isfinite(converted):
        finite = expected.replace("a number", "a finite number", 1)
        raise _refusal(origin, path, finite, value)
    return converted


def _convert_choice(
    value: Any, choices: tuple[str, ...], path: str, origin: str
) -> str:
    """Take one of some words; the error names the nearest."""
    if value in choices:
        return str(value)
    suggestion = did_you_mean(value, choices) if isinstance(value, str) else ""
    expected = f"one of {', '.join(choices)}"
    raise _refusal(origin, path, expected, value, suggestion)


def _convert_list(value: Any, kind: Any, path: str, origin: str) -> tuple[Any, ...]:
    """Convert each element; of a fixed-length list, as many as it has."""
    kinds = get_args(kind)
    is_open = kinds[-1] is Ellipsis
    if not isinstance(value, list | tuple):
        raise _refusal(origin, path, "a list", value)
    if not is_open and len(value) != len(kinds):
        raise _refusal(origin, path, f"a list of {len(kinds)} numbers", value)
    return tuple(
        _convert(element, kinds[0 if is_open else i], f"{path}[{i}]", origin)
        for i, element in enumerate(value)
    )


def _refusal(
    origin: str, path: str, expected: str, value: Any, suggestion: str = ""
) -> SettingsError:
    """Say which value is not allowed where, and what is."""
    shown = show_value(value)
    return SettingsError(
        f"{origin}: {path}: expected {expected}, got {shown}{suggestion}"
    )


def find_conflict(values: Mapping[str, Any]) -> tuple[tuple[str, ...], str] | None:
    """Find settings that are fine one by one but not together.

    Returns
    -------
    None, or the paths in conflict and what is expected of them.
    """
    low = values.get("assigner.negative_below", 0)
    high = values.get("assigner.positive_from", 1)
    if low > high:
        paths = ("assigner.positive_from", "assigner.negative_below")
        text = f"negative_below at most positive_from, got {low} and {high}"
        return paths, text
    ranges = values.get("assigner.scale_ranges", ())
    levels = len(values["anchors.strides"])
    if ranges and len(ranges) != levels:
        paths = ("assigner.scale_ranges", "anchors.strides")
        return paths, f"one scale range per stride, got {len(ranges)} and {levels}"
    return None


def parse_text(text: str, kind: Any) -> Any:
    """Read a value from the command line or the environment, much as TOML would.

    Quotes and outer brackets may be left out: ``0.5,1,2`` is a list, ``box`` a word.
    What cannot be read is given back as it is, for `convert` to refuse.
    """
    text = text.strip()
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
    if not text.startswith(("[", '"', "'")):
        return [parse_text(part, element) for part in text.split(",") if part.strip()]
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
        return _quote(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(format_value(element) for element in value)}]"
    if isinstance(value, Mapping):
        return "a table"
    return str(value)


def show_value(value: Any) -> str:
    """Write a value for a message, cut off where it is too long for a line."""
    try:
        text = format_value(value)
    except (ValueError, RecursionError):  # more digits, or lists, than Python writes
        return "a value too long to show"
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}..."


def _quote(text: str) -> str:
    """Write a TOML basic string."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


_CONTROLS = (*range(0x20), 0x7F)
_ESCAPES = {chr(code): f"\\u{code:04x}" for code in _CONTROLS} | {
    '"': '\\"',
    "\\": "\\\\",
    "\n": "\\n",
    "\t": "\\t",
}
