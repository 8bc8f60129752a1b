"""Annotations of a COCO file with what conventions do to each added to them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import msgspec
import numpy as np

from atss_inspect.statistics.annotated import LEFT_OUT
from atss_inspect.statistics.tables import Columns
from atss_inspect.writers.documents import python_values

KEY = "atss_inspect"
_BLOCK = 1 << 12


def enriched(
    entries: Iterable[tuple[int, bytes]], tables: Mapping[str, Columns]
) -> Iterator[bytes]:
    """Add to each annotation what conventions do to it, before its last brace.

    That is an object by convention under ``atss_inspect``; of one convention alone
    each value also stands under its name and the value's, such as
    ``atss-mmdet_num_positives``. What an earlier export has added is replaced; all
    else stays as it is written.

    Parameters
    ----------
    entries : of each annotation the place in the file, and its JSON text
    tables : by convention, see `statistics.annotated.annotated`
    """
    encoder = msgspec.json.Encoder()
    entries = iter(entries)
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
    if b'"atss_inspect"' in entry:
        entry = _without_members(entry)
    before = entry[:-1].rstrip()
    return before + (b"" if before == b"{" else b",") + added[1:]


def _without_members(entry: bytes) -> bytes:
    """Take out what an earlier export has added to an annotation."""
    with suppress(msgspec.DecodeError):
        own = msgspec.json.decode(entry, type=dict[str, msgspec.Raw])
        if KEY in own:
            earlier = msgspec.json.decode(own.pop(KEY), type=dict[str, Any])
            flat = tuple(f"{name}_" for name in earlier)
            kept = {key: text for key, text in own.items() if not key.startswith(flat)}
            return msgspec.json.encode(kept)
    return entry
