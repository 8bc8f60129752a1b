"""COCO detection data, from a JSON file or a loaded object, as a ``Dataset``."""

import codecs
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError
from atss_inspect.readers import decode, diagnose
from atss_inspect.readers.json_faults import fault_place, is_bare_number, json_fault
from atss_inspect.readers.mend import mend
from atss_inspect.readers.source import HEAD_BYTES, num_bytes, open_source, show_name

OBJECT_NAME = "COCO object"
RawLists = dict[str, msgspec.Raw]
HEAD_ENTRY_BYTES = 1 << 20


def read_coco_file(name: str, *, masks: bool) -> Dataset:
    """Read one file; see `load_coco`."""
    shown = show_name(name)
    try:
        data = _as_utf8(shown, open_source(name))
        failure = diagnose.not_json(shown, _first_bytes(data))
        if failure is not None:
            raise failure
        lists = _read_top_level(shown, data)
        kinds = {key: diagnose.json_kind(raw) for key, raw in lists.items()}
        diagnose.check_lists(shown, kinds)
        has_categories = kinds.get("categories") == "a list"
        categories = bytes(lists["categories"]) if has_categories else b"[]"
        read = decode.decode_loosely(categories)
        content = decode.read_lists(name, lists, decode.decode_array, read, masks=masks)
        diagnose.check_content(shown, content)
        return replace(mend(content), file_sizes=(num_bytes(name),))
    except RecursionError as error:
        problem = "is nested too deeply; expected COCO detection data"
        raise DataError(shown, problem) from error
    except MemoryError as error:
        hint = "split the file, or use less of it"
        raise DataError(shown, "takes more memory than there is", hint=hint) from error


def read_coco_object(lists: Mapping[str, Any], *, masks: bool) -> Dataset:
    """Take over a loaded COCO object; its dict is only read."""
    kinds = {str(key): diagnose.python_kind(lists[key]) for key in lists}
    diagnose.check_lists(OBJECT_NAME, kinds)
    categories = lists.get("categories") or []
    content = decode.read_lists(
        OBJECT_NAME, lists, decode.convert_array, categories, masks=masks
    )
    diagnose.check_content(OBJECT_NAME, content)
    return mend(content)


def _first_bytes(data: Any) -> bytes:
    """Get the beginning of the data, white space apart."""
    start = re.search(rb"\S", data)
    return bytes(data[start.start() : start.start() + HEAD_BYTES]) if start else b""


def _as_utf8(shown: str, data: Any) -> Any:
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


def _read_top_level(shown: str, data: Any) -> RawLists:
    """Find the values of the top-level object, without decoding them."""
    try:
        return msgspec.json.decode(data, type=RawLists)
    except msgspec.ValidationError:  # no object
        lists = None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        lists = _read_otherwise(data, error)
    if lists is not None:
        return lists
    fault = json_fault(data)
    if fault is not None:
        raise DataError(shown, fault[0], hint=fault[1])
    if _first_bytes(data).startswith(b"{"):
        # The decoder takes every such text that Python's json takes, but for this.
        problem = "a top-level key is not valid UTF-8"
        raise DataError(shown, problem, hint="save the file as UTF-8")
    raise diagnose.not_an_object(shown, _first_entry(data))


def _first_entry(data: Any) -> object:
    """Decode a top level that is no object: a scalar, or a list's first entry.

    Only the beginning of a long text is looked at: of an entry, or a scalar, that is
    longer comes an empty one of its kind.
    """
    head = bytes(data[:HEAD_ENTRY_BYTES]).decode("utf-8", "replace").lstrip()
    is_list = head.startswith("[")
    text = head[1:].lstrip() if is_list else head
    if is_list and text.startswith("]"):
        return []
    try:
        first, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        first = {"{": {}, "[": [], '"': ""}.get(text[:1], 0)
    return [first] if is_list else first


def _read_otherwise(data: Any, error: Exception) -> RawLists | None:
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
            return msgspec.json.decode(text, type=RawLists)
        except msgspec.DecodeError as found:
            if not decode.is_wrapped_within_text(text, fault_place(found)):
                return None
        except UnicodeDecodeError:
            return None
    return None
