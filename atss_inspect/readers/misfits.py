"""Where a decoded document is not of the type it should be, and what stands there.

A decoder's own sentence changes from version to version. So the place is found again
here, part by part, by asking whether each part fits.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import inspect, structs

_NAMES: dict[type, str] = {
    inspect.IntType: "int",
    inspect.FloatType: "float",
    inspect.StrType: "str",
    inspect.NoneType: "null",
    inspect.DictType: "object",
    inspect.StructType: "object",
    inspect.VarTupleType: "array",
}


def find_misfit(value: Any, expected: Any, item: str = "") -> str:
    """Name the first part of a value that does not fit a type.

    Parameters
    ----------
    value : decoded JSON that `msgspec.convert` refuses
    expected : the type: of structs, dicts, tuples of any length, numbers, text, None
    item : path of the value, "" for the whole

    Returns
    -------
    Such as ``results[3].num_objects: expected "int", got "str"``.
    """
    for part, part_type, part_item in _parts(value, expected):
        where = f"{item}{part_item}".lstrip(".")
        if part is msgspec.UNSET:
            return f"{where}: expected a value, got none"
        try:
            msgspec.convert(part, part_type)
        except msgspec.ValidationError:
            return find_misfit(part, part_type, where)
    words = _misfit(value, inspect.type_info(expected))
    return f"{item}: {words}" if item else words


def _parts(value: Any, expected: Any) -> Iterator[tuple[Any, Any, str]]:
    """Yield each part of a value with its type and the end of its path."""
    expected = _without_none(expected)
    origin, inner = get_origin(expected), get_args(expected)
    if isinstance(value, Mapping) and isinstance(expected, type(msgspec.Struct)):
        for field in structs.fields(expected):
            if field.required or field.encode_name in value:
                part = value.get(field.encode_name, msgspec.UNSET)
                yield part, field.type, f".{field.encode_name}"
    elif isinstance(value, Mapping) and origin is dict:
        yield from ((part, inner[1], f".{key}") for key, part in value.items())
    elif isinstance(value, list) and origin is tuple:
        for place, part in enumerate(value):
            yield part, inner[0], f"[{place}]"


def _without_none(expected: Any) -> Any:
    """Take limits and an alternative None away from a type."""
    if get_origin(expected) is Annotated:
        return _without_none(get_args(expected)[0])
    others = [each for each in get_args(expected) if each is not type(None)]
    is_optional = len(others) == 1 and type(None) in get_args(expected)
    return _without_none(others[0]) if is_optional else expected


def _misfit(value: Any, info: inspect.Type) -> str:
    """Describe what was expected of a value whose parts all fit."""
    kinds = info.types if isinstance(info, inspect.UnionType) else (info,)
    for kind in kinds:
        if _NAMES.get(type(kind)) == _name(value):
            return f'expected "{_name(value)}"{_limit(value, kind)}'
    if isinstance(info, inspect.LiteralType):
        return f"expected {' or '.join(map(str, info.values))}"
    names = " | ".join(_NAMES.get(type(kind), "a value") for kind in kinds)
    return f'expected "{names}", got "{_name(value)}"'


def _limit(value: Any, kind: Any) -> str:
    """Describe the limit that a value of the right kind is beyond."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f" of length >= {kind.min_length}"
    least, most = getattr(kind, "ge", None), getattr(kind, "le", None)
    if least is not None and value < least:
        return f" >= {type(value)(least)}"
    if most is not None and value > most:
        return f" <= {type(value)(most)}"
    return " of 64 bits"


def _name(value: Any) -> str:
    """Name the kind of a decoded value, as JSON has it."""
    names = {bool: "bool", dict: "object", list: "array", type(None): "null"}
    return names.get(type(value), type(value).__name__)
