"""A COCO file's members and entries as the text they are, for writing them again."""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from atss_inspect.readers import decode
from atss_inspect.readers.coco import RawLists, as_utf8, read_top_level
from atss_inspect.readers.source import open_source, show_name

_WRAPPED = re.compile(rb'\{"":"(-?\w+)"\}')


def read_members(name: str, key: str | None = None) -> RawLists:
    """Read the members of a file, or of what some keys in it lead to, undecoded.

    A file that `read_coco_file` has read raises nothing, unless it has changed.
    """
    shown = show_name(name)
    data = as_utf8(shown, open_source(name))
    # A strict decoder stops at lone surrogates; they become U+FFFD, as for the reader.
    data = decode.blank_lone_surrogates(data) or data
    return read_top_level(shown, data, key)


def entries_of(array: msgspec.Raw) -> Iterator[bytes]:
    """List the entries of a raw JSON array, piece by piece, as they are written."""
    for entries, is_raw in decode.decode_array(array, cast("Any", msgspec.Raw)):
        for entry in entries:
            yield bytes(cast("msgspec.Raw", entry)) if is_raw else encode(entry)


def as_told(text: bytes) -> bytes:
    """Write a text as JSON in which NaN and infinities are texts: ``"NaN"``."""
    return _WRAPPED.sub(rb'"\1"', as_utf8_text(text))


def as_utf8_text(text: bytes) -> bytes:
    """Write bytes that are not UTF-8 as U+FFFD."""
    return text.decode("utf-8", "replace").encode()


def has_bare_numbers(text: bytes) -> bool:
    """Whether a text has a NaN or an infinity, which are no JSON."""
    return _WRAPPED.search(text) is not None


def as_written(text: bytes) -> bytes:
    """Write NaN and infinities again as the file has them."""
    is_wrapped = decode.WRAPPED[0] in text
    return _WRAPPED.sub(rb"\1", text) if is_wrapped else text


def as_json(text: bytes) -> bytes:
    """Write a text as JSON that every program reads; most texts are that already.

    NaN and infinities become null, bytes that are not UTF-8 become U+FFFD.
    """
    try:
        text.decode()
    except UnicodeDecodeError:
        return encode(decode.decode_loosely(text))
    is_wrapped = decode.WRAPPED[0] in text
    return encode(decode.decode_loosely(text)) if is_wrapped else text


def encode(value: Any) -> bytes:
    """Encode values of any size; whole numbers without a point, NaN as null."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":")).encode()


def plain(value: Any) -> Any:
    """Make integers of whole floats, and None of what is no number."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list) else value
