"""What is wrong with a text that should be JSON: the first fault and where it is.

Decoders refuse a text in words of their own, which change from version to version and
are not read here. Only what was refused is looked at, so that it may take longer than
decoding does.
"""

import json
import re
import sys
from typing import Any, NamedTuple, NoReturn

from atss_inspect.readers.decode import WINDOW_BYTES, find_cuts, is_json

_SPACE = rb"[ \t\n\r]*+"
_SOUND = rb'"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*+)*'
_STRING = _SOUND + b'"'
_NUMBER = rb"-?(?:0|[1-9]\d*+)(?:\.\d++)?(?:[eE][+-]?\d++)?"
# The last of them are written by Python's json module, and read as numbers.
_WORD = rb"true|false|null|-?(?:NaN|Infinity|nan|inf|NAN|INF)(?=[\s,\]}])"
_SCALAR = b"(?:%b|%b|%b)" % (_STRING, _NUMBER, _WORD)
_ITEM = b"%b%b%b," % (_SPACE, _SCALAR, _SPACE)
_MEMBER = b"%b%b%b:%b" % (_SPACE, _STRING, _SPACE, _ITEM)

_SPACES = re.compile(_SPACE)
_ONE_STRING = re.compile(_STRING)
_ONE_SCALAR = re.compile(_SCALAR)
# Members and items without brackets, each with its comma: most of any file. Not all of
# a long list at once, since the search remembers each of them until its end.
_PLAIN = {
    b"{": re.compile(b"(?:%b){1,1000}" % _MEMBER),
    b"[": re.compile(b"(?:%b){1,1000}" % _ITEM),
}
_CLOSING = {b"{": b"}", b"[": b"]"}
_KIND = {b"{": "object", b"[": "array"}
# How far a broken value is sound.
_SOUND_STRING = re.compile(_SOUND)
_SOUND_ESCAPE = re.compile(rb"\\(?:u[\da-fA-F]{0,3})?")
_BAD_NUMBER = re.compile(
    rb"-?(?:0(?=\d)|(?:0|[1-9]\d*+)(?:\.(?!\d)|(?:\.\d++)?[eE][+-]?+(?!\d)))"
)
_WORDS = (b"true", b"false", b"null", b"NaN", b"Infinity", b"-Infinity", b"-NaN")

ENDS = "ends too early"
BAD_KEY = "a top-level key is not valid UTF-8"


class Fault(NamedTuple):
    """The first fault of a text.

    Attributes
    ----------
    reason : `ENDS`, `BAD_KEY` or other words
    byte : where it is, from 0; the length of the text where that ends too early
    line : the line of this byte, from 1
    """

    reason: str
    byte: int
    line: int


class _Broken(Exception):
    """Ends the search at a fault, given by its reason and its byte."""

    def __init__(self, reason: str, byte: int) -> None:
        super().__init__(reason)
        self.reason, self.byte = reason, byte


def find_fault(data: Any) -> Fault | None:
    """Find the first fault of a JSON text; None where there is none.

    Parameters
    ----------
    data : bytes, or what has a buffer of them

    Notes
    -----
    What the readers use although it is no JSON is no fault: bare NaN and Infinity, and
    halves of surrogate pairs and bytes that are not UTF-8 but in the top level's keys.

    Raises
    ------
    RecursionError
        Where more brackets are open than any decoder follows.
    """
    view = memoryview(data)
    try:
        _Search(view).run()
    except _Broken as broken:
        before = view[: broken.byte]
        ends = (
            bytes(before[start : start + WINDOW_BYTES]).count(b"\n")
            for start in range(0, len(before), WINDOW_BYTES)
        )
        return Fault(broken.reason, broken.byte, sum(ends) + 1)
    return None


def why_no_json(data: Any, error: Exception) -> str:
    """Name what is wrong with a text, given the kind of error a decoder raised."""
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    text = bytes(data)
    fault = find_fault(text)
    if fault is not None:
        return f"{fault.reason} at byte {fault.byte} (line {fault.line})"
    try:
        text.decode()
    except UnicodeDecodeError as place:
        return f"is not UTF-8 at byte {place.start}"
    return "expected only numbers and text that JSON allows"


class _Search:
    """Goes through a text to its end; `_Broken` at the first fault.

    Attributes
    ----------
    view : the text
    opened : the brackets that are open at this point, the innermost last
    """

    def __init__(self, view: memoryview) -> None:
        self.view = view
        self.opened: list[bytes] = []
        self._leap_from = 0

    def run(self) -> None:
        """Read the one value of the text."""
        view = self.view
        at = _after_space(view, 0)
        while True:
            # A value begins here.
            bracket = _sign(view, at)
            if bracket in _CLOSING:
                self.opened.append(bracket)
                if len(self.opened) > sys.getrecursionlimit():
                    raise RecursionError
                at = self._next_value(at + 1, is_first=True)
            else:
                at = self._next_value(_after_scalar(view, at))
            if not self.opened:
                break
        at = _after_space(view, at)
        if at < len(view):
            _raise_at(view, at, "trailing characters")

    def _next_value(self, at: int, *, is_first: bool = False) -> int:
        """Go on to the next value, or past the last bracket."""
        while self.opened:
            at = _after_space(self.view, at)
            sign, closing = _sign(self.view, at), _CLOSING[self.opened[-1]]
            if sign != closing:
                if not is_first and sign != b",":
                    wanted = f"expected ',' or '{closing.decode()}'"
                    _raise_at(self.view, at, wanted)
                return self._after_plain(at + (not is_first))
            self.opened.pop()
            at, is_first = at + 1, False
        return at

    def _after_plain(self, at: int) -> int:
        """Skip entries that are quickly seen to be sound, and the key of the next."""
        kind, depth = self.opened[-1], len(self.opened)
        if kind == b"[" and depth <= 2:
            at = self._leap(at)
        # The keys of the top level are looked at one by one.
        if kind == b"[" or depth > 1:
            while plain := _PLAIN[kind].match(self.view, at):
                at = plain.end()
        at = _after_space(self.view, at)
        if _sign(self.view, at) == _CLOSING[kind]:
            _raise_at(self.view, at, f"trailing comma in {_KIND[kind]}")
        return at if kind == b"[" else _after_key(self.view, at, is_top=depth == 1)

    def _leap(self, at: int) -> int:
        """Skip as many objects of a list as a decoder says are sound."""
        while at >= self._leap_from:
            window = bytes(self.view[at : at + WINDOW_BYTES])
            sound = (
                following
                for end, following in find_cuts(window)
                if is_json(b"[%b]" % window[:end])
            )
            leap = next(sound, 0)
            if not leap:  # the fault is near, or something that only a decoder refuses
                self._leap_from = at + WINDOW_BYTES
            at += leap
        return at


def _after_key(view: memoryview, at: int, *, is_top: bool) -> int:
    """Skip a key and its colon."""
    key = _ONE_STRING.match(view, at)
    if key is None:
        if _sign(view, at) == b'"':
            _raise_string(view, at)
        words = "object keys must be strings" if is_top else "expected '\"'"
        _raise_at(view, at, words)
    if is_top and not _is_text(key[0]):
        raise _Broken(BAD_KEY, at)
    at = _after_space(view, key.end())
    if _sign(view, at) != b":":
        _raise_at(view, at, "expected ':'")
    return _after_space(view, at + 1)


def _is_text(string: bytes) -> bool:
    """Whether a string of JSON is Unicode throughout, its escapes included."""
    try:
        json.loads(string.decode()).encode()
    except UnicodeError:
        return False
    return True


def _after_scalar(view: memoryview, at: int) -> int:
    """Skip a string, a number or a word."""
    number = _BAD_NUMBER.match(view, at)
    if number is not None:
        _raise_at(view, number.end(), "invalid number")
    scalar = _ONE_SCALAR.match(view, at)
    if scalar is None:
        _raise_value(view, at)
    return scalar.end()


def _raise_value(view: memoryview, at: int) -> NoReturn:
    """Tell what is wrong with what is no value."""
    sign = _sign(view, at)
    if sign == b'"':
        _raise_string(view, at)
    if any(word.startswith(bytes(view[at : at + 9])) for word in _WORDS):
        raise _Broken(ENDS, len(view))
    at += sign in (b"t", b"f", b"n", b"-")
    _raise_at(view, at, "invalid character")


def _raise_string(view: memoryview, at: int) -> NoReturn:
    """Tell what is wrong with a string."""
    sound = _SOUND_STRING.match(view, at)
    end = sound.end() if sound else at
    escape = _SOUND_ESCAPE.match(view, end)
    if escape is None:
        _raise_at(view, end, "invalid character")
    if len(escape[0]) == 1:
        _raise_at(view, end + 1, "invalid escaped character")
    _raise_at(view, escape.end() + 1, "invalid character in unicode escape")


def _raise_at(view: memoryview, at: int, reason: str) -> NoReturn:
    """Raise a fault, unless the text ends there."""
    _sign(view, at)
    raise _Broken(reason, at)


def _sign(view: memoryview, at: int) -> bytes:
    """Take one byte; where there is none, the text ends too early."""
    if at >= len(view):
        raise _Broken(ENDS, len(view))
    return bytes(view[at : at + 1])


def _after_space(view: memoryview, at: int) -> int:
    """Skip white space."""
    space = _SPACES.match(view, at)
    return space.end() if space else at
