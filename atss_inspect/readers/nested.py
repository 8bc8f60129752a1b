"""COCO data that lie within other JSON: where they are, and how they are taken out."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from atss_inspect.errors import DataError
from atss_inspect.readers.json_faults import show_text

NEEDED = {"images", "annotations"}
DEEPEST = 3  # keys that lead to COCO data
MOST_ENTRIES = 100  # of an object or a list that are looked into
MOST_NAMED = 6


def members(value: Any) -> Mapping[str, Any] | None:
    """Get the members of an object, or of a list by number; None for other values.

    A raw value is decoded no further than that.
    """
    if isinstance(value, msgspec.Raw):
        for kind in (dict[str, msgspec.Raw], list[msgspec.Raw]):
            try:
                return members(msgspec.json.decode(value, type=kind))
            except (msgspec.DecodeError, UnicodeDecodeError):
                continue
        return None
    if isinstance(value, Mapping):
        return value
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return {str(place): each for place, each in enumerate(value[:MOST_ENTRIES])}
    return None


def find(value: Any, depth: int = DEEPEST) -> Iterator[str]:
    """List the keys, joined by dots, that lead to COCO data."""
    inner = members(value) or {}
    if len(inner) > MOST_ENTRIES:
        return
    for key, each in inner.items():
        if not _is_object(each):
            continue
        below = members(each) or {}
        if set(below) >= NEEDED:
            yield str(key)
        elif depth > 1:
            yield from (f"{key}.{rest}" for rest in find(each, depth - 1))


def _is_object(value: Any) -> bool:
    """Whether a value is an object, raw or not, without decoding it."""
    if isinstance(value, msgspec.Raw):
        return bytes(memoryview(value)[:1]) == b"{"
    return isinstance(value, Mapping)


def take(name: str, value: Any, key: str) -> tuple[Any, Any]:
    """Take what some keys, joined by dots, lead to.

    Beside it come the ``categories`` nearest above, which hold for all below; None
    where there are none. Raises `DataError` where a key is missing; it names those
    there are.
    """
    path, rest, categories = "", key, None
    while rest:
        inner = members(value) or {}
        categories = inner.get("categories", categories)
        # A key may have dots of its own.
        parts = [rest[:end] for end, sign in enumerate(rest) if sign == "."]
        step = next((part for part in (rest, *reversed(parts)) if part in inner), None)
        if step is None:
            shown = ", ".join(map(show_text, list(map(str, inner))[:MOST_NAMED]))
            place = f"under {path.rstrip('.')}" if path else "at the top level"
            found = f"there are {shown}" if shown else "there are no keys"
            problem = f"--key {show_text(key)}: no such key {place}; {found}"
            raise DataError(name, problem)
        value, path, rest = inner[step], f"{path}{step}.", rest[len(step) + 1 :]
    return value, categories


def refusal(name: str, value: Any) -> DataError | None:
    """Make the error for COCO data that lie deeper; None where there are none."""
    paths = list(find(value))
    if not paths:
        return None
    shown = ", ".join(map(show_text, paths[:MOST_NAMED]))
    more = ", ..." if paths[MOST_NAMED:] else ""
    words = "several data sets" if paths[1:] else "COCO data"
    which = "one" if paths[1:] else "it"
    hint = f"take {which} with --key {shlex.quote(paths[0])}"
    return DataError(name, f"holds {words} under {shown}{more}", hint=hint)
