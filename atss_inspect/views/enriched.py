"""Annotations of a COCO file with what conventions do to each added to them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from atss_inspect.statistics.annotated import LEFT_OUT, OF_ASSIGNMENT, OF_GATE
from atss_inspect.statistics.tables import Columns
from atss_inspect.writers.documents import python_values

KEY = "atss_inspect"
_BLOCK = 1 << 12
# The keys that each convention has, but for that of what is left out.
_KINDS = (set(OF_ASSIGNMENT), set(OF_GATE))


def enriched(
    entries: Iterable[tuple[int, bytes]], tables: Mapping[str, Columns]
) -> Iterator[bytes]:
    """Add to each annotation what conventions do to it, before its last brace.

    That is an object by convention under ``atss_inspect``; of one convention alone
    each value also stands under its name and the value's, such as
    ``atss-mmdet_num_positives``. What an earlier export has added is replaced; all
    else stays as it is written. No entry may have a key that `taken_key` finds.

    Parameters
    ----------
    entries : of each annotation the place in the file, and its JSON text
    tables : by convention, see `statistics.annotated.annotated`
    """
    encoder = msgspec.json.Encoder()
    entries = iter(entries)
    may_have = _pattern(list(tables)).search
    while block := list(islice(entries, _BLOCK)):
        places = np.array([place for place, _ in block], np.int64)
        records = zip(
            *(_records(each, places) for each in tables.values()), strict=True
        )
        for (_, entry), by_name in zip(block, records, strict=True):
            added: dict[str, Any] = {KEY: dict(zip(tables, by_name, strict=True))}
            if len(tables) == 1:
                [name] = tables
                added |= {f"{name}_{key}": each for key, each in by_name[0].items()}
            if may_have(entry):
                entry = _without_earlier(entry, list(tables))[0]
            yield _with_members(entry, encoder.encode(added))


def _records(table: Columns, places: Any) -> Iterator[dict[str, Any]]:
    """Make records of one convention; ``left_out`` only where there is a reason."""
    columns = [python_values(column[places]) for column in table.values()]
    for values in zip(*columns, strict=True):
        record = dict(zip(table, values, strict=True))
        if record[LEFT_OUT] is None:
            del record[LEFT_OUT]
        yield record


def _with_members(entry: bytes, added: bytes) -> bytes:
    """Put members into the text of an object; anything else stays as it is."""
    if not entry.startswith(b"{"):
        return entry
    before = entry[:-1].rstrip()
    return before + (b"" if before == b"{" else b",") + added[1:]


def taken_key(
    array: bytes | memoryview, entries: Iterable[bytes], names: Sequence[str]
) -> tuple[int, str] | None:
    """Find a key that these conventions would write and that somebody else has written.

    Parameters
    ----------
    array, entries : JSON text of a list, whole and entry by entry
    names : of the conventions

    Returns
    -------
    The place of the first entry with such a key, and the key; None without any.
    """
    may_have = _pattern(names).search
    if may_have(array):
        for place, entry in enumerate(entries):
            for key in _without_earlier(entry, names)[1] if may_have(entry) else ():
                return place, key
    return None


def _pattern(names: Sequence[str]) -> re.Pattern[bytes]:
    """Match the text of what may hold a key of ours, perhaps written with escapes."""
    flat = [re.escape(msgspec.json.encode(name)[1:-1] + b"_") for name in names]
    return re.compile(rb'\\|"(?:%b)' % b"|".join([b'atss_inspect"', *flat]))


def _without_earlier(entry: bytes, names: Sequence[str]) -> tuple[bytes, list[str]]:
    """Take out what an earlier export has added to an annotation, no other key.

    Returns the text, and the keys to write that it still has: they are somebody else's.
    """
    try:
        own = msgspec.json.decode(entry, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):  # no object
        return entry, []
    added = _added_earlier(bytes(own.get(KEY, b"")))
    to_write = {KEY}
    if len(names) == 1:
        kinds = [{f"{names[0]}_{key}" for key in kind} for kind in _KINDS]
        flat = set().union(*kinds, {f"{names[0]}_{LEFT_OUT}"})
        to_write |= flat
        # A tool may keep these and drop the object.
        added |= flat if any(kind <= own.keys() for kind in kinds) else set()
    kept = {key: text for key, text in own.items() if key not in added}
    taken = [key for key in kept if key in to_write]
    return (msgspec.json.encode(kept) if len(kept) < len(own) else entry), taken


def _added_earlier(text: bytes) -> set[str]:
    """List the keys that an export has added, by its object; none if it is not ours."""
    try:
        records = msgspec.json.decode(text, type=dict[str, dict[str, msgspec.Raw]])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return set()
    if not all(each.keys() - {LEFT_OUT} in _KINDS for each in records.values()):
        return set()
    pairs = records.items() if len(records) == 1 else ()
    return {KEY, *(f"{name}_{key}" for name, record in pairs for key in record)}
