"""Where a text breaks off or breaks that should be JSON, and what is missing there."""

import json
import re
from typing import Any

import msgspec

from atss_inspect.readers.decode import blank_bare_numbers, blank_lone_surrogates

# Python's json module may take thirty times as much memory as a text has bytes; of a
# longer text it gets the beginning alone, up to where another decoder stops.
LONGEST_SEARCHED = 1 << 20
LONGEST_SHOWN = 40  # characters of a text in a message
LONGEST_TOKEN = 400  # bytes before a place that may tell what is missing there
FOUND_BYTES = 12  # of a text that are shown where it is wrong
# The place in what a strict decoder says of a text that is broken within.
_BYTE = re.compile(r"\(byte (\d+)\)")
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
# What the rest of a text looks like that is cut off within a string or its escape, a
# number, or a word.
_HALF = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?|\\?u[\da-fA-F]{0,4}|\.|[eE][-+]?|'
    r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|Na?|-|-?I(?:n(?:f(?:i(?:n(?:it?)?)?)?)?)?",
    re.DOTALL,
)
CUT_OFF = "the file is cut off; copy or download it again"
PYTHON = "Python's print wrote it; write it with json.dump"
# What is wrong where the last sign before a place is one of the first, if there are
# any, and the first sign at it one of the second. In words that end where what stands
# there is to be quoted; and a hint.
_WRONG = (
    ("", "'", "single quotes, where JSON has double ones, at ", PYTHON),
    (",", "]}", "a comma too many before ", None),
    (":", "]}", "a value is missing before ", None),
    ("", "/#", "a comment, which JSON does not have, at ", "take comments out"),
    (",[{:", "NTF", "JSON has null, true and false, not ", PYTHON),
    ("", "\0", "null bytes, as of a file not written to its end, at ", None),
    ("", "\n\r\t", "a line break or control character in a text, at ", None),
)
SEVERAL = "make a file of each, and name all of them with --ann"
Fault = tuple[str, str | None]


def json_fault(data: Any, *, shows: bool = True) -> Fault | None:
    """Find where a text breaks off or breaks that should be JSON; None for nowhere.

    Bare NaN and Infinity, halves of surrogate pairs and bytes that are not UTF-8 are no
    faults, since the readers use them. ``data`` are bytes, or what has a buffer of
    them; ``shows`` tells whether the problem shows some bytes of the text.

    Returns the problem, words with the byte, and the line where there is more than the
    end; and a hint.

    Notes
    -----
    Found by Python's json module, which promises the place. It gets a character for
    each byte, so that places are those of the file, and keeps no objects and no
    numbers. Of a text of more than ``LONGEST_SEARCHED`` bytes a strict decoder finds
    the place in one pass and keeps nothing at all. Raises `RecursionError` where more
    brackets are open than they follow.
    """
    size, limit = len(data), None
    if size > LONGEST_SEARCHED:
        found = _strict_fault(data)
        if found is None or found < 0:
            return None if found is None else ("is not valid JSON", None)
        if found >= size:
            return _ends_too_early(size)
        if found > LONGEST_SEARCHED:
            return _described(data, found, shows=shows)
        limit = found
        data = bytes(data[: LONGEST_SEARCHED + FOUND_BYTES])
    text = blank_bare_numbers(data).decode("latin-1")
    try:  # bool keeps nothing of what it is given
        json.loads(text, object_pairs_hook=bool, parse_int=bool, parse_float=bool)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].rstrip()
        is_end = not rest or _HALF.fullmatch(rest) is not None
        if is_end and limit is None:
            return _ends_too_early(size)
        return _described(
            data, limit or error.pos if is_end else error.pos, shows=shows
        )
    return None


def fault_place(error: Exception) -> int | None:
    """Byte where a strict decoder stopped by an error; None where it read all.

    Or where it does not tell.
    """
    found = _BYTE.search(str(error))
    return int(found[1]) if found else None


def is_bare_number(data: Any, error: Exception) -> bool:
    """Whether a strict decoder stopped by a bare NaN or Infinity."""
    place = fault_place(error)
    if place is None:
        return False
    # It may have stopped behind the sign.
    start = max(place - 1, 0)
    window = b",%b," % bytes(data[start : start + 16])
    return blank_bare_numbers(window) != window


def _strict_fault(data: Any) -> int | None:
    """Find the byte where a strict decoder stops; None for nowhere.

    Of a text that it reads to its end and finds cut off, the byte is its length; it is
    -1 where the decoder does not tell.
    """
    error = _strict_error(data)
    if error is None:
        return None
    # Looked for only where the decoder stops by them: it takes another copy.
    blank = None
    if fault_place(error) is None:
        blank = blank_lone_surrogates(data)
    elif is_bare_number(data, error):
        blank = blank_lone_surrogates(data) or data
    if blank is not None:
        data = blank_bare_numbers(blank)
        error = _strict_error(data)
    if error is None:
        return None
    place = fault_place(error)
    if place is not None:
        return place
    # Else it tells no places at all: of a text that is cut off there is none.
    broken = _strict_error(b"[x]")
    return -1 if broken is None or fault_place(broken) is None else len(data)


def _strict_error(data: Any) -> Exception | None:
    """Take the error by which a strict decoder refuses a text; it keeps nothing."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return error
    return None


def _described(data: Any, place: int, *, shows: bool) -> Fault:
    """Tell a place, what stands there and what is wrong with it."""
    place = _after_comma(data, place)
    # A decoder may have stopped behind the first sign of what follows a whole text.
    for begin in (place, place - 1):
        first = bytes(data[begin : begin + 1])
        if first.strip() and _strict_error(memoryview(data)[:begin]) is None:
            where = f"begins at byte {begin} (line {_line(data, begin)})"
            if first in (b"{", b"["):
                return f"holds several JSON documents; the second {where}", SEVERAL
            return f"is no JSON alone; other text {where}", None
    problem = f"is not valid JSON at byte {place} (line {_line(data, place)})"
    if not shows:
        return problem, None
    found = bytes(data[place : place + FOUND_BYTES]).decode("utf-8", "replace")
    before = bytes(data[max(place - LONGEST_TOKEN, 0) : place]).decode("latin-1")
    what, hint = _missing(before, found)
    return f'{problem}: {what}"{show_text(found)}"', hint


def _line(data: Any, place: int) -> int:
    """Number of the line that a byte is in, from 1."""
    return 1 + sum(
        bytes(data[start : min(start + LONGEST_SEARCHED, place)]).count(b"\n")
        for start in range(0, place, LONGEST_SEARCHED)
    )


def _after_comma(data: Any, place: int) -> int:
    """Step over a comma before a bracket, which Python 3.13 stops at, not behind."""
    comma = re.match(rb",\s*(?=[\]}])", bytes(data[place : place + 64]))
    return place + (comma.end() if comma else 0)


def _missing(before: str, found: str) -> Fault:
    """What is wrong at a place, by what stands before it and there.

    What comes back ends where what stands there is to be quoted; and a hint.
    """
    last, first = before.rstrip()[-1:], found[:1]
    for wanted, signs, what, hint in _WRONG:
        if first and first in signs and (not wanted or (last and last in wanted)):
            return what, hint
    if first == "\\" or before.endswith("\\"):
        return "a single backslash, which JSON wants doubled, at ", None
    if last == "{" or (
        last == "," and found[:1] not in ('"', "") and _in_object(before)
    ):
        return "a key in double quotes is missing before ", None
    if last in ("", ":", ",", "["):
        return "", None
    if first in ("]", "}"):
        return "a comma or another bracket is missing before ", None
    is_key = re.search(r'[{,]\s*"[^"\\]*(?:\\.[^"\\]*)*"\s*$', before)
    if is_key and first != ",":
        return "a colon is missing before ", None
    return "a comma is missing before ", None


def _in_object(before: str) -> bool:
    """Whether the last bracket that is open in a text is that of an object."""
    depth = 0
    for sign in reversed(_STRING.sub("", before)):
        depth += (sign in "]}") - (sign in "[{")
        if depth < 0:
            return sign == "{"
    return False


def show_text(text: str) -> str:
    """Show a text that may be anything; a line and a terminal must survive it."""
    shown = text if text.isprintable() else ascii(text)[1:-1]
    return shown if len(shown) <= LONGEST_SHOWN else f"{shown[:LONGEST_SHOWN]}..."


def _ends_too_early(length: int) -> Fault:
    """Name the end of a text, and what to do about it."""
    return f"the JSON ends too early, at byte {length}", CUT_OFF


def why_no_json(data: Any, error: Exception, *, shows: bool = True) -> str:
    """Name what is wrong with a text that a decoder refused by this error."""
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    fault = json_fault(data, shows=shows)
    if fault is not None:
        return fault[0]
    try:
        bytes(data).decode()
    except UnicodeDecodeError as place:
        return f"is not UTF-8 at byte {place.start}"
    return "holds numbers or text that JSON does not allow"
