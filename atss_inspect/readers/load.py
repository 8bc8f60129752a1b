"""One source to one ``Dataset``, each step in turn."""

import codecs
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError
from atss_inspect.readers.columnar import is_columnar, load_columnar
from atss_inspect.readers.columns import FileContent
from atss_inspect.readers.decode import (
    convert_lists,
    decode_lists,
    decode_loosely,
    paused_collector,
    quote_bare_numbers,
    spoil_lone_surrogates,
)
from atss_inspect.readers.diagnose import (
    check_content,
    check_lists,
    json_fault,
    json_kind,
    not_an_object,
    not_json,
    python_kind,
)
from atss_inspect.readers.mend import mend
from atss_inspect.readers.merge import merge
from atss_inspect.readers.source import STDIN, num_bytes, open_source, show_name

if TYPE_CHECKING:
    from pycocotools.coco import COCO

HEAD_BYTES = 1024
OBJECT_NAME = "COCO object"
EMPTY_LIST = msgspec.Raw(b"[]")

RawLists = dict[str, msgspec.Raw]


def load_coco(
    *sources: "str | os.PathLike[str] | Mapping[str, Any] | COCO", masks: bool = False
) -> Dataset:
    """Read COCO detection annotations.

    Parameters
    ----------
    *sources : one or more of: a path to JSON or gzipped JSON (known by content), or to
        the folder that `atss-inspect convert` made of it; ``-`` for stdin; a loaded
        ``pycocotools.coco.COCO``, or the dict inside one. Ids are per source; classes
        of the same name are one class (see ``merge``).
    masks : keep the raw segmentations, which otherwise are skipped; of a converted
        set, which holds none, all are None

    Returns
    -------
    Dataset
        What was odd but usable, and what could not be used, is counted in
        ``findings`` and ``left_out``; a set without images or objects is empty arrays.

    Raises
    ------
    DataError
        If a source cannot be read or is not COCO detection data.
    TypeError
        If there is no source, or one is neither a path nor a COCO object.
    """
    if not sources:
        message = "load_coco() needs at least one path or COCO object"
        raise TypeError(message)
    paths = [source for source in sources if isinstance(source, str | os.PathLike)]
    _refuse_repeats(os.fspath(path) for path in paths)
    with paused_collector():
        return merge([_load(source, masks=masks) for source in sources])


def _load(source: object, *, masks: bool) -> Dataset:
    """Read one source of whatever kind."""
    if isinstance(source, str | os.PathLike):
        name = os.fspath(source)
        if isinstance(name, str):
            load = load_columnar if is_columnar(name) else _load_file
            return load(name, masks=masks)
    # Asked for by shape, not by class: pycocotools is slow to import, and forks of it
    # have their own COCO class.
    content = getattr(source, "dataset", source)
    if isinstance(content, Mapping):
        return _load_object(content, masks=masks)
    message = (
        "expected a path, a pycocotools COCO object or its dataset dict, got "
        f"{type(source).__name__}"
    )
    raise TypeError(message)


def _load_file(name: str, *, masks: bool) -> Dataset:
    """Read one file."""
    shown = show_name(name)
    try:
        return _decode_file(name, shown, masks=masks)
    except RecursionError as error:
        message = f"{shown}: is nested too deeply; expected COCO detection data"
        raise DataError(message) from error
    except MemoryError as error:
        message = f"{shown}: takes more memory than there is"
        raise DataError(message, hint="split the file, or use less of it") from error


def _decode_file(name: str, shown: str, *, masks: bool) -> Dataset:
    """Read one file, each step in turn."""
    data = _as_utf8(shown, open_source(name))
    failure = not_json(shown, _first_bytes(data))
    if failure is not None:
        raise failure
    lists = _read_top_level(shown, data)
    kinds = {key: json_kind(bytes(memoryview(raw)[:1])) for key, raw in lists.items()}
    check_lists(shown, kinds)
    if kinds.get("categories") != "a list":
        lists["categories"] = EMPTY_LIST
    content = decode_lists(name, lists, masks=masks)
    return replace(_finish(shown, content), file_sizes=(num_bytes(name),))


def _load_object(lists: Mapping[str, Any], *, masks: bool) -> Dataset:
    """Take over a loaded COCO object; its dict is only read."""
    check_lists(OBJECT_NAME, {str(key): python_kind(lists[key]) for key in lists})
    parts = {
        key: lists.get(key) or [] for key in ("images", "annotations", "categories")
    }
    return _finish(OBJECT_NAME, convert_lists(OBJECT_NAME, parts, masks=masks))


def _finish(shown: str, content: FileContent) -> Dataset:
    """Check decoded columns and make the dataset."""
    check_content(shown, content)
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
        message = f"{shown}: is neither UTF-8 nor UTF-16 text; expected JSON in UTF-8"
        raise DataError(message) from error


def _read_top_level(shown: str, data: Any) -> RawLists:
    """Find the values of the top-level object, without decoding them."""
    for text in _readings(data):
        try:
            return msgspec.json.decode(text, type=RawLists)
        except msgspec.ValidationError:
            break
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
    fault = json_fault(data)
    if fault is not None:
        raise DataError(f"{shown}: {fault[0]}", hint=fault[1])
    if _first_bytes(data).startswith(b"{"):
        # The decoder takes every such text that Python's json takes, but for this.
        message = f"{shown}: a top-level key is not valid UTF-8"
        raise DataError(message, hint="save the file as UTF-8")
    raise not_an_object(shown, _first_entry(data))


def _first_entry(data: Any) -> object:
    """Decode a top level that is no object: a scalar, or a list's first entry."""
    try:
        entries = msgspec.json.decode(data, type=list[msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return decode_loosely(bytes(data))
    return [decode_loosely(bytes(entry)) for entry in entries[:1]]


def _readings(data: Any) -> Iterator[Any]:
    """Yield a text as it is, then without what only Python's json module writes."""
    yield data
    data = spoil_lone_surrogates(data)
    for skip_strings in (False, True):
        yield quote_bare_numbers(data, skip_strings=skip_strings)


def _refuse_repeats(names: Iterable[str]) -> None:
    """Refuse a file given twice, by whatever name: its objects would count twice."""
    seen: dict[str, str] = {}
    for name in names:
        place = _place(name)
        if place in seen:
            also = "" if name == seen[place] else f", as {seen[place]}"
            problem = f"is given twice{also}; expected each file once"
            message = f"{show_name(name)}: {problem}"
            raise DataError(message)
        seen[place] = name


def _place(name: str) -> str:
    """Follow links to where a file is; what has no place is left as it is."""
    try:
        return name if name == STDIN else os.path.realpath(name)
    except ValueError:  # a null byte
        return name
