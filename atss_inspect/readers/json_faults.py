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
FOUND_BYTES = 12  # of a text that are shown where it is wrong
# The place in what the decoder of msgspec says of a text that is broken within.
_BYTE = re.compile(r"\(byte (\d+)\)")
# What the rest of a text looks like that is cut off within a string or its escape, a
# number, or a word.
_HALF = re.compile(
    r'"[^"\\]*+(?:\\.[^"\\]*+)*+\\?|\\?u[\da-fA-F]{0,4}|\.|[eE][-+]?|'
    r"t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?|Na?|-|-?I(?:n(?:f(?:i(?:n(?:it?)?)?)?)?)?",
    re.DOTALL,
)
CUT_OFF = "the file is cut off; copy or download it again"
PYTHON = "Python's print wrote it; write it with json.dump"
# What is wrong where a decoder's words hold the first, the second holds the last sign
# before the place, and the third the first sign at it; an empty one is any. In words
# that end where what stands there is to be quoted; and a hint.
_WRONG = (
    ("", "", "'", "single quotes, where JSON has double ones, at ", PYTHON),
    ("", ",", "]}", "a comma too many before ", None),
    ("':'", "", "", "a colon is missing before ", None),
    ("','", "", "]}", "a comma or another bracket is missing before ", None),
    ("','", "", "", "a comma is missing before ", None),
    ("", "", "/#", "a comment, which JSON does not have, at ", "take comments out"),
    ("property name", "", "", "a key in double quotes is missing before ", None),
    ("keys must", "", "", "a key in double quotes is missing before ", None),
    ("", "", "NTF", "JSON has null, true and false, not ", PYTHON),
    ("", ":", "]}", "a value is missing before ", None),
    ("escape", "", "", "a single backslash, which JSON wants doubled, at ", None),
    ("control", "", "", "a line break or control character in a text, at ", None),
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
    A strict decoder, which keeps nothing, finds the place in one pass. The words are
    those of Python's json module, put in ours; it gets a character for each byte of
    what leads there, so that places are those of the file, and keeps no objects and no
    numbers. Beyond ``LONGEST_SEARCHED`` bytes the strict decoder's own words are taken.
    Raises `RecursionError` where more brackets are open than they follow.
    """
    size, place, words = len(data), 0, ""
    if size > LONGEST_SEARCHED:
        found = _strict_fault(data)
        if found is None:
            return None
        place, words = found
        if place >= size:
            return _ends_too_early(size)
        if place > LONGEST_SEARCHED:
            return _described(data, place, words, shows=shows)
        data = bytes(data[: LONGEST_SEARCHED + FOUND_BYTES])
    text = blank_bare_numbers(data).decode("latin-1")
    try:  # bool keeps nothing of what it is given
        json.loads(text, object_pairs_hook=bool, parse_int=bool, parse_float=bool)
    except json.JSONDecodeError as error:
        rest = text[error.pos :].rstrip()
        if not rest or _HALF.fullmatch(rest):
            is_whole = len(text) == size
            return (
                _ends_too_early(size)
                if is_whole
                else _described(data, place, words, shows=shows)
            )
        return _described(data, error.pos, error.msg, shows=shows)
    return None


def fault_place(error: Exception) -> int | None:
    """Byte where a strict decoder stopped by an error; None where it read all."""
    found = _BYTE.search(str(error))
    # Of what follows a whole text it names the byte behind the first.
    return int(found[1]) - ("trailing char" in str(error)) if found else None


def is_bare_number(data: Any, error: Exception) -> bool:
    """Whether a strict decoder stopped by a bare NaN or Infinity."""
    place = fault_place(error)
    if place is None:
        return False
    # It may have stopped behind the sign.
    start = max(place - 1, 0)
    window = b",%b," % bytes(data[start : start + 16])
    return blank_bare_numbers(window) != window


def _strict_fault(data: Any) -> tuple[int, str] | None:
    """Find the byte where a strict decoder stops, and its words; None for nowhere.

    Of a text that it reads to its end and finds cut off, the byte is its length.
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
    return len(data) if place is None else place, str(error)


def _strict_error(data: Any) -> Exception | None:
    """Take the error by which a strict decoder refuses a text; it keeps nothing."""
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return error
    return None


def _described(data: Any, place: int, words: str, *, shows: bool) -> Fault:
    """Tell a place, what stands there and what is wrong with it."""
    place = _after_comma(data, place)
    line = 1 + sum(
        bytes(data[start : min(start + LONGEST_SEARCHED, place)]).count(b"\n")
        for start in range(0, place, LONGEST_SEARCHED)
    )
    problem = f"is not valid JSON at byte {place} (line {line})"
    is_behind = "extra data" in words.lower() or "trailing char" in words
    if is_behind and bytes(data[place : place + 1]) in (b"{", b"["):
        where = f"the second begins at byte {place} (line {line})"
        return f"holds several JSON documents; {where}", SEVERAL
    if not shows:
        return problem, None
    found = bytes(data[place : place + FOUND_BYTES]).decode("utf-8", "replace")
    before = bytes(data[max(place - 64, 0) : place]).rstrip()[-1:]
    what, hint = _missing(words, before.decode("latin-1"), found)
    return f'{problem}: {what}"{show_text(found)}"', hint


def _after_comma(data: Any, place: int) -> int:
    """Step over a comma before a bracket, which Python 3.13 stops at, not behind."""
    comma = re.match(rb",\s*(?=[\]}])", bytes(data[place : place + 64]))
    return place + (comma.end() if comma else 0)


def _missing(words: str, before: str, found: str) -> Fault:
    """Say what is wrong at a place, after a decoder's words and the signs around it.

    What comes back ends where what stands there is to be quoted; and a hint.
    """
    words, first = words.lower(), found[:1]
    for wanted, last, signs, what, hint in _WRONG:
        is_there = before in last if last and before else not last
        if wanted in words and is_there and (not signs or first in signs):
            return what, hint
    return "", None


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
