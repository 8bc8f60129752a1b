"""What a COCO file itself says that its boxes are: a ``bbox_mode``, as detectron2's."""

import re
from collections.abc import Mapping
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
    found = {*_modes_of(_value(lists.get("annotations")))}
    for holder in (lists, _value(lists.get("info"))):
        if isinstance(holder, Mapping):
            found |= {_text(_value(holder[key])) for key in _KEYS if key in holder}
        elif isinstance(holder, bytes):
            found |= {*_modes_of(holder)}
    formats = {*map(declared_format, found)}
    return formats.pop() if len(formats) == 1 else None


def _value(value: Any) -> Any:
    """Take a plain value; of a raw one the beginning of its text."""
    is_raw = isinstance(value, msgspec.Raw)
    return bytes(memoryview(value)[:_HEAD_BYTES]) if is_raw else value


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _modes_of(annotations: Any) -> list[str]:
    """List the modes of the first annotations, raw or not."""
    if isinstance(annotations, bytes):
        return [each.decode() for each in _IN_TEXT.findall(annotations)]
    if not isinstance(annotations, list | tuple):
        return []
    entries = filter(
        lambda each: isinstance(each, Mapping), annotations[:_HEAD_ENTRIES]
    )
    return [str(each[key]) for each in entries for key in _KEYS if key in each]
