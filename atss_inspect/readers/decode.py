"""COCO JSON to columns: typed, chunk by chunk, one pass over each list.

The file is never decoded as a whole. One pass finds the top-level lists; then each
list is cut into pieces of about half a megabyte between two entries, and each piece
goes through a typed decoder that skips what is not asked for (segmentations above
all). So temporaries stay in the processor's cache, memory holds the columns only, and
a piece with something odd in it is read entry by entry without slowing the others.
"""

import gc
import itertools
import json
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain
from typing import Any

import msgspec
import numpy as np

from atss_inspect.arrays import Float64Array, IdArray
from atss_inspect.readers import columns, tolerant
from atss_inspect.readers.box_modes import declared_in
from atss_inspect.readers.columns import Annotation, Image, MaskedAnnotation
from atss_inspect.readers.findings import Tally
from atss_inspect.readers.ids import join_tables, object_array, read_number

# Measured on a 490 MB file: 64 kB to 1 MB are alike, 4 MB is a fifth slower.
WINDOW_BYTES = 1 << 19
ENTRIES_PER_PIECE = 1 << 12  # of loaded objects
MAX_CUTS = 8
# The longest white space between two entries at which we still look for a cut.
MAX_GAP = 256
# Python refuses to read integers of more than 4300 digits; no id has so many.
MAX_DIGITS = 4000
# Of so many annotations the polygons are looked at where boxes are doubted.
_MOST_OUTLINES = 600
# What stands around a bare NaN or Infinity once it is wrapped.
WRAPPED = (b'{"":"', b'"}')

Entries = Sequence[object]
# Some entries of a list, and whether they are structs; else plain objects.
Chunks = Iterable[tuple[Entries, bool]]


@contextmanager
def paused_collector() -> Iterator[None]:
    """Pause the garbage collector: decoding makes many objects but no cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def read_lists(
    name: str,
    lists: Mapping[str, Any],
    chunks_of: Callable[[Any, type[msgspec.Struct]], Chunks],
    categories: Entries,
    *,
    masks: bool,
) -> columns.FileContent:
    """Turn ``images`` and ``annotations`` into columns, typed where possible.

    ``chunks_of`` is `decode_array` for raw JSON arrays, `convert_array` for lists of
    Python objects.
    """
    tally = Tally()
    kind = MaskedAnnotation if masks else Annotation
    annotations = chunks_of(lists["annotations"], kind)
    return columns.FileContent(
        name,
        _join_chunks(chunks_of(lists["images"], Image), partial(_images, tally)),
        _join_chunks(annotations, partial(_annotations, tally, masks)),
        tolerant.read_categories(categories, tally),
        tally,
        lambda: first_outlines(chunks_of(lists["annotations"], MaskedAnnotation)),
        declared_in(lists),
    )


def first_outlines(chunks: Chunks) -> tuple[Float64Array, Float64Array]:
    """Read the first boxes that have polygons, and the corners of these; (M, 4) each.

    Corners are x1, y1, x2, y2. Of entries that the typed decoder refuses none are read.
    """
    boxes, corners = [], []
    first: Any = next(iter(chunks), ((), False))
    for entry in itertools.islice(first[0], _MOST_OUTLINES if first[1] else 0):
        with suppress(ValueError, TypeError):
            points = np.concatenate(entry.segmentation, dtype=np.float64).reshape(-1, 2)
            corners.append([*points.min(axis=0), *points.max(axis=0)])
            boxes.append(entry.bbox)
    return np.reshape(boxes, (-1, 4)), np.reshape(corners, (-1, 4))


def _join_chunks(
    chunks: Chunks, read: Callable[[Any, int, bool], columns.Columns]
) -> columns.Columns:
    """Read a list's chunks, each with its place in the list; at least one."""
    parts, start = [], 0
    for entries, is_typed in chunks:
        parts.append(read(entries, start, is_typed))
        start += len(entries)
    parts = parts or [read([], 0, True)]
    return type(parts[0])(**join_tables([vars(part) for part in parts]))


def _annotations(
    tally: Tally, masks: bool, entries: Any, start: int, is_typed: bool
) -> columns.AnnotationColumns:
    """Read entries of ``annotations``, the first of which stands at ``start``."""
    if not is_typed:
        return tolerant.read_annotations(entries, start, tally, masks=masks)
    return columns.annotation_columns(
        entries, np.zeros(len(entries), np.uint8), _integers, masks=masks
    )


def _images(
    tally: Tally, entries: Any, start: int, is_typed: bool
) -> columns.ImageColumns:
    """Read entries of ``images``; a float size is worth a note."""
    if not is_typed:
        return tolerant.read_images(entries, start, tally)
    written = [(entry.height, entry.width) for entry in entries]
    if float in set(map(type, chain.from_iterable(written))):
        for place, pair in enumerate(written):
            if any(isinstance(side, float) and side == side for side in pair):
                tally.add_item(
                    "image_size_float", "images", start + place, entries[place].id
                )
    try:
        return columns.image_columns(entries, _integers)
    except OverflowError:  # an integer beyond float64
        for entry in entries:
            entry.height, entry.width = map(read_number, (entry.height, entry.width))
        return columns.image_columns(entries, _integers)


def decode_array(
    array: msgspec.Raw, entry_type: type[msgspec.Struct]
) -> Iterator[tuple[Entries, bool]]:
    """Decode a raw JSON array piece by piece.

    Yields the next entries, as ``entry_type`` (True) or as plain objects (False).

    A cut is guessed (``}, {``) and then proven: the piece before it begins between two
    entries, so if it is a whole JSON array once brackets are put around it, it also
    ends between two entries. A cut inside a string or a nested object fails that.
    """
    decoder = msgspec.json.Decoder(list[entry_type])  # type: ignore[valid-type]
    inner = memoryview(array)[1:-1]
    start, size = 0, WINDOW_BYTES
    while start < len(inner):
        window = bytes(inner[start : start + size])
        is_rest = start + size >= len(inner)
        cuts = iter([(len(window), len(window))]) if is_rest else find_cuts(window)
        for end, following in cuts:
            decoded = _decode_piece(decoder, b"[%b]" % window[:end])
            if decoded is not None:
                yield decoded
                start, size = start + following, WINDOW_BYTES
                break
        else:
            size *= 2


def convert_array(
    entries: Entries, entry_type: type[msgspec.Struct]
) -> Iterator[tuple[Entries, bool]]:
    """Convert dicts to structs piece by piece; one with an odd entry is left as it is.

    Odd is what no JSON can hold, too, so that an object gives what its file gives.
    """
    for start in range(0, len(entries), ENTRIES_PER_PIECE):
        piece = entries[start : start + ENTRIES_PER_PIECE]
        try:
            structs: list[Any] = msgspec.convert(piece, list[entry_type])  # type: ignore[valid-type]
            if entry_type is Image:
                # Refuses lone surrogates, which only Python strings can hold.
                "".join(entry.file_name for entry in structs).encode()
        except (msgspec.ValidationError, UnicodeEncodeError):
            yield piece, False
            continue
        is_odd = _hold_endless_numbers(piece, structs, entry_type)
        yield (piece, False) if is_odd else (structs, True)


def _hold_endless_numbers(
    entries: Entries, structs: Sequence[Any], entry_type: type[msgspec.Struct]
) -> bool:
    """Whether NaN or infinity is written in an entry, rather than nothing."""
    if entry_type is Image:
        numbers: list[Any] = [(entry.height, entry.width) for entry in structs]
        names: tuple[str, ...] = ("height", "width")
    else:
        numbers = [(*entry.bbox, entry.area) for entry in structs]
        names = ("bbox", "bbox", "bbox", "bbox", "area")
    try:
        # Nearly always a number, and ten times as fast as an array.
        if math.isfinite(sum(chain.from_iterable(numbers))):
            return False
        is_finite = np.isfinite(np.array(numbers, np.float64)).reshape(-1, len(names))
    except OverflowError:  # an integer beyond float64
        return True
    rows, columns_ = np.nonzero(~is_finite)
    entry_of: Any = entries
    return any(
        entry_of[row].get(names[column]) is not None
        for row, column in zip(rows.tolist(), columns_.tolist(), strict=True)
    )


def find_cuts(window: bytes) -> Iterator[tuple[int, int]]:
    """Guess where entries end, last first: where one ends, where the next begins."""
    brace, tries = len(window), 0
    while tries < MAX_CUTS:
        brace = window.rfind(b"{", 0, brace)
        if brace < 0:
            return
        gap = window[max(0, brace - MAX_GAP) : brace]
        before = gap.rstrip()
        if before.endswith(b",") and before[:-1].rstrip().endswith(b"}"):
            tries += 1
            yield brace - (len(gap) - len(before)) - 1, brace


def decode_loosely(text: bytes) -> Any:
    """Decode JSON of any types, with numbers and text that a strict decoder refuses.

    Numbers beyond float64 become infinite, bytes that are not UTF-8 become U+FFFD, and
    what `wrap_bare_numbers` has wrapped becomes the NaN or infinity that it was.
    """
    is_wrapped = WRAPPED[0] in text
    try:
        if not is_wrapped:
            return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    return json.loads(
        text.decode("utf-8", "replace"),
        object_hook=_unwrapped if is_wrapped else None,
        parse_int=lambda digits: (float if digits[MAX_DIGITS:] else int)(digits),
        strict=False,
    )


def _unwrapped(entry: dict[str, Any]) -> Any:
    """Take a number out of its wrapping; leave anything else as it is."""
    word = entry.get("") if len(entry) == 1 else None
    is_wrapped = isinstance(word, str) and word.encode() in _WORD_SET
    return float(word) if is_wrapped and word is not None else entry


def spoil_lone_surrogates(data: Any) -> Any:
    r"""Make escapes such as ``\ud800`` without a partner plain bad bytes.

    Python's json module writes and reads them, the typed decoder refuses the file.
    As bytes that are not UTF-8 they end as U+FFFD, counted like other bad text.
    """
    if not SURROGATE.search(data):
        return data
    return _ESCAPE.sub(lambda match: b"\xff" if match["lone"] else match[0], data)


def blank_lone_surrogates(data: Any) -> bytes | None:
    r"""Write ``\ufffd`` in place of such escapes; each byte keeps its place.

    None where there is no escape of a surrogate.
    """
    if not SURROGATE.search(data):
        return None
    return _ESCAPE.sub(lambda match: b"\\ufffd" if match["lone"] else match[0], data)


# Left to right, so that an escaped backslash or a pair is never taken for a lone half.
SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_ESCAPE = re.compile(
    rb"\\\\|\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}"
    rb"|(?P<lone>\\u[dD][89a-fA-F][\da-fA-F]{2})"
)


def wrap_bare_numbers(data: Any, *, skip_strings: bool) -> bytes:
    """Wrap bare NaN and Infinity, which are not JSON, in objects: ``{"":"NaN"}``.

    Python's json module writes them, and JSON parsers refuse the whole file for them.
    No field of ours is such an object, so `decode_loosely` gets the entries that hold
    one, and knows it from a text "NaN".

    ``skip_strings`` leaves such words inside strings alone. That takes ten times as
    long; without it, a file with ", NaN," inside a string becomes malformed (the added
    quote ends the string before another one), which tells the caller to try again.
    """
    pattern = _STRING_OR_BARE if skip_strings else _BARE
    return _sub_bare(pattern, lambda word: word.join(WRAPPED), data)


def is_wrapped_within_text(text: bytes, place: int | None) -> bool:
    """Whether a decoder stopped at a byte since a wrapped word stands in a string."""
    # The wrapping's first quote ends the string, so that the second is the fault.
    return place is not None and text.startswith(WRAPPED[0], max(place - 2, 0))


def blank_bare_numbers(data: Any) -> bytes:
    """Put zeros in place of bare NaN and Infinity; each byte keeps its place."""
    return _sub_bare(_BARE, lambda word: b"0".ljust(len(word)), data)


def _sub_bare(
    pattern: re.Pattern[bytes], write: Callable[[bytes], bytes], data: Any
) -> bytes:
    """Write bare NaN and Infinity in another way."""

    def written(match: re.Match[bytes]) -> bytes:
        word, start = match[0], match.start()
        if word.startswith(b'"') or bytes(data[start - 1 : start]) not in _BEFORE_VALUE:
            return word
        return write(word)

    return pattern.sub(written, data)


# Each alternative begins with a letter or "-", so that the search can leap from one
# such byte to the next; a leading "-?" would test every byte of the file.
_WORD_SET = tuple(
    sign + word
    for sign in (b"", b"-")
    for word in (b"NaN", b"Infinity", b"nan", b"inf", b"NAN", b"INF")
)
_WORDS = b"|".join(_WORD_SET)
_BARE = re.compile(rb"(?:%b)(?=[\s,\]}])" % _WORDS)
_STRING_OR_BARE = re.compile(
    rb'"[^"\\]*(?:\\.[^"\\]*)*"|(?:%b)(?=[\s,\]}])' % _WORDS, re.DOTALL
)
_BEFORE_VALUE = frozenset(bytes([byte]) for byte in b":,[ \t\r\n")


def _decode_piece(
    decoder: msgspec.json.Decoder[Any], piece: bytes
) -> tuple[Entries, bool] | None:
    """Decode a piece of an array; None if it was not cut between two entries."""
    # Else it is a wrong cut, or something odd is in it.
    with suppress(msgspec.DecodeError, UnicodeDecodeError):
        return decoder.decode(piece), True
    try:
        msgspec.json.decode(piece, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    return decode_loosely(piece), False


def _integers(values: Sequence[int | None]) -> IdArray:
    """Pack values known to be integers or None: int64 where they fit."""
    try:
        return np.fromiter(values, np.int64, len(values))
    except (TypeError, OverflowError):
        return object_array(values)
