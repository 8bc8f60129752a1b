"""COCO detection data, from a JSON file or a loaded object, as a ``Dataset``."""

import codecs
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import msgspec

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError
from atss_inspect.readers import decode, diagnose, foreign, nested
from atss_inspect.readers.json_faults import (
    fault_place,
    is_bare_number,
    json_fault,
    show_text,
)
from atss_inspect.readers.mend import mend
from atss_inspect.readers.source import HEAD_BYTES, num_bytes, open_source, show_name

OBJECT_NAME = "COCO object"
RawLists = dict[str, msgspec.Raw]


def read_coco_file(
    name: str, *, masks: bool, box_format: str | None = None, key: str | None = None
) -> Dataset:
    """Read one file, or what some keys in it lead to; see `load_coco`."""
    shown = show_name(name)
    try:
        data = as_utf8(shown, open_source(name))
        failure = diagnose.not_json(shown, _first_bytes(data))
        if failure is not None:
            raise failure
        lists = read_top_level(shown, data, key)
        diagnose.check_lists(shown, lists)
        categories = bytes(lists.get("categories", b"null"))
        read = decode.decode_loosely(categories) or []
        content = decode.read_lists(name, lists, decode.decode_array, read, masks=masks)
        diagnose.check_content(shown, content, lists["images"])
        return replace(mend(content, box_format), file_sizes=(num_bytes(name),))
    except RecursionError as error:
        problem = "is nested too deeply; expected COCO detection data"
        raise DataError(shown, problem) from error
    except MemoryError as error:
        hint = "split the file, or use less of it"
        raise DataError(shown, "takes more memory than there is", hint=hint) from error


def read_coco_object(
    lists: Mapping[str, Any],
    *,
    masks: bool,
    box_format: str | None = None,
    key: str | None = None,
) -> Dataset:
    """Take over a loaded COCO object; its dict is only read."""
    if key is not None:
        lists, shared = nested.take(OBJECT_NAME, lists, key)
        if not isinstance(lists, Mapping):
            raise _no_object(OBJECT_NAME, key, lists)
        lists = lists if shared is None else {"categories": shared, **lists}
    diagnose.check_lists(OBJECT_NAME, lists)
    categories = lists.get("categories") or []
    content = decode.read_lists(
        OBJECT_NAME, lists, decode.convert_array, categories, masks=masks
    )
    diagnose.check_content(OBJECT_NAME, content, lists["images"])
    return mend(content, box_format)


def _first_bytes(data: Any) -> bytes:
    """Get the beginning of the data, white space apart."""
    start = re.search(rb"\S", data)
    return bytes(data[start.start() : start.start() + HEAD_BYTES]) if start else b""


def as_utf8(shown: str, data: Any) -> Any:
    """Drop a byte order mark; turn UTF-16, which some shells write, into UTF-8."""
    if data[:3] == codecs.BOM_UTF8:
        return memoryview(data)[3:]
    if data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return data
    try:
        return bytes(data).decode("utf-16").encode()
    except UnicodeError as error:
        problem = "is neither UTF-8 nor UTF-16 text; expected JSON in UTF-8"
        raise DataError(shown, problem) from error


def _no_object(shown: str, key: str, value: Any) -> DataError:
    """Make the error for a key that leads to something else."""
    found = f"--key {show_text(key)} leads to {diagnose.kind_of(value)}"
    return DataError(shown, f"{found}; expected an object with images and annotations")


def read_top_level(shown: str, data: Any, key: str | None) -> RawLists:
    """Find the values of the top-level object, without decoding them.

    That, or the one that some keys lead to.
    """
    kind: Any = RawLists if key is None else msgspec.Raw
    try:
        found = msgspec.json.decode(data, type=kind)
    except msgspec.ValidationError:  # no object
        found = None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        found = _read_otherwise(data, error, kind)
    if found is None:
        raise _why_not(shown, data)
    if key is None:
        return cast("RawLists", found)
    value, shared = nested.take(shown, found, key)
    if diagnose.kind_of(value) != "an object":
        raise _no_object(shown, key, value)
    lists: RawLists = msgspec.json.decode(value, type=RawLists)
    return lists if shared is None else {"categories": shared, **lists}


def _why_not(shown: str, data: Any) -> DataError:
    """Make the error for a text that is no JSON, or no object."""
    head = bytes(data[: foreign.HEAD_BYTES]).lstrip()
    if lines := foreign.of_lines(head):
        return diagnose.foreign_kind(shown, lines)
    fault = json_fault(data)
    if fault is not None:
        return DataError(shown, fault[0], hint=fault[1])
    if head.startswith(b"{"):
        # The decoder takes every such text that Python's json takes, but for this.
        problem = "a top-level key is not valid UTF-8"
        return DataError(shown, problem, hint="save the file as UTF-8")
    first = foreign.first_entry(head.decode("utf-8", "replace"))
    return diagnose.not_an_object(shown, first)


def _read_otherwise(data: Any, error: Exception, kind: Any) -> Any:
    """Read a text without what only Python's json module writes; None: it is broken.

    That is looked for only where a strict decoder stopped by it, with this error: each
    reading takes another copy of the text.
    """
    if not is_bare_number(data, error) and not decode.SURROGATE.search(data):
        return None
    data = decode.spoil_lone_surrogates(data)
    for skip_strings in (False, True):
        text = decode.wrap_bare_numbers(data, skip_strings=skip_strings)
        try:
            return msgspec.json.decode(text, type=kind)
        except msgspec.DecodeError as found:
            if not decode.is_wrapped_within_text(text, fault_place(found)):
                return None
        except UnicodeDecodeError:
            return None
    return None
