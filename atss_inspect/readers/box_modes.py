"""What a COCO file itself says that its boxes are: a ``bbox_mode``, as detectron2's."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from atss_inspect.readers.box_formats import declared_format

_KEYS = ("bbox_mode", "bbox_format", "box_format")
_IN_TEXT = re.compile(rb'"(?:%b)"\s*:\s*"?([\w.]+)' % "|".join(_KEYS).encode())
_HEAD_BYTES = 1 << 16
_HEAD_ENTRIES = 100


def declared_in(lists: Mapping[str, Any]) -> str | None:
    """Find a mode at the top level, in ``info``, or the same in each annotation.

    ``lists`` are the values of a file, raw or not. Comes back one of `BOX_FORMATS`;
    None where nothing is said, or nothing that is known.
    """
    annotations = lists.get("annotations")
    some = annotations[:_HEAD_ENTRIES] if isinstance(annotations, list | tuple) else ()
    holders = (lists, lists.get("info"), *(some or [annotations]))
    formats = {declared_format(mode) for each in holders for mode in _modes_in(each)}
    return formats.pop() if len(formats) == 1 else None


def _modes_in(holder: Any) -> Iterator[str]:
    """List the modes in the beginning of a raw value, or those that an object has."""
    if isinstance(holder, msgspec.Raw):
        yield from (each.decode() for each in _IN_TEXT.findall(_head(holder)))
    elif isinstance(holder, Mapping):
        for mode in (holder[key] for key in _KEYS if key in holder):
            is_raw = isinstance(mode, msgspec.Raw)
            yield _head(mode).decode("utf-8", "replace") if is_raw else str(mode)


def _head(raw: msgspec.Raw) -> bytes:
    return bytes(memoryview(raw)[:_HEAD_BYTES])
