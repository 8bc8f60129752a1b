"""The first fault of a text that should be JSON, found without a decoder's words."""

import json
import random

import pytest

from atss_inspect.readers import json_faults
from atss_inspect.readers.decode import is_json
from atss_inspect.readers.json_faults import find_fault, why_no_json

ENDS = json_faults.ENDS
CHARACTER = "invalid character"
NUMBER = "invalid number"
# A text, the reason, and the byte.
FAULTS = (
    (b"", ENDS, 0),
    (b" \n", ENDS, 2),
    (b'{"a": [1, 2', ENDS, 11),
    (b'{"a": "b', ENDS, 8),
    (b'{"a": "\\', ENDS, 8),
    (b'{"a": nul', ENDS, 9),
    (b'{"a": 1.', ENDS, 8),
    (b'{"a": 1} x', "trailing characters", 9),
    (b'{"a": x}', CHARACTER, 6),
    (b'{"a": None}', CHARACTER, 6),
    (b'{"a": nulx}', CHARACTER, 7),
    (b'{"a": -x}', CHARACTER, 7),
    (b'{"a": "\n"}', CHARACTER, 7),
    (b'{"a": "\\x"}', "invalid escaped character", 8),
    (b'{"a": "\\u12x4"}', "invalid character in unicode escape", 12),
    (b'{"a": [01]}', NUMBER, 8),
    (b'{"a": [1.]}', NUMBER, 9),
    (b'{"a": [-1.5e]}', NUMBER, 12),
    (b"{'a': 1}", "object keys must be strings", 1),
    (b'{"a": {b: 1}}', "expected '\"'", 7),
    (b'{"a" 1}', "expected ':'", 5),
    (b'{"a": 1 "b": 2}', "expected ',' or '}'", 8),
    (b'{"a": [1 2]}', "expected ',' or ']'", 9),
    (b'{"a": [1,]}', "trailing comma in array", 9),
    (b'{"a": {"b": 1,}}', "trailing comma in object", 14),
    (b'{"\xff": x}', json_faults.BAD_KEY, 1),
    (b'{"\\ud800": 1}', json_faults.BAD_KEY, 1),
)


@pytest.mark.parametrize(("text", "reason", "byte"), FAULTS)
def test_the_first_fault_is_named_with_its_byte(
    text: bytes, reason: str, byte: int
) -> None:
    assert find_fault(text) == (reason, byte, text[:byte].count(b"\n") + 1)


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": [NaN, -Infinity, 1e400], "b": "\\ud800", "c": {"\xff": "\xff"}}',
        b" [] \n",
        b'"\\u00e4\\n"',
        b"-0.5E+3",
    ],
)
def test_what_the_readers_take_is_no_fault(text: bytes) -> None:
    assert find_fault(text) is None


def test_brackets_beyond_all_reason_are_an_error_of_their_own() -> None:
    with pytest.raises(RecursionError):
        find_fault(b"[" * 10_000)


@pytest.mark.parametrize("window", [30, 1 << 19])
def test_texts_that_a_decoder_takes_and_only_they_have_no_fault(
    monkeypatch: pytest.MonkeyPatch, window: int
) -> None:
    # Leaps over what a decoder takes, of few entries or of all of them, change nothing.
    monkeypatch.setattr(json_faults, "WINDOW_BYTES", window)
    entries = [{"id": 1, "bbox": [1, 2.5], "name": 'a"b'}, {"ok": True, "no": None}]
    text = json.dumps({"info": {}, "annotations": entries * 3}).encode()
    signs = b'{}[],:"\\ 01.-eun\n'
    draw = random.Random(0)
    num_sound = 0
    for _ in range(3000):
        broken = bytearray(text)
        place = draw.randrange(len(broken))
        broken[place : place + draw.randrange(3)] = bytes([draw.choice(signs)])
        fault = find_fault(bytes(broken))
        assert (fault is None) == is_json(bytes(broken)), broken
        num_sound += fault is None
        if fault is not None and fault.reason != ENDS:
            # What comes before it could be the beginning of a sound text.
            before = find_fault(bytes(broken[: fault.byte - (fault.byte > place + 1)]))
            assert before is None or before.reason == ENDS
    assert 100 < num_sound < 2900


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a":\n x}', "invalid character at byte 7 (line 2)"),
        (b'{"a": "\xff"}', "is not UTF-8 at byte 7"),
        (b'{"a": NaN}', "expected only numbers and text that JSON allows"),
    ],
)
def test_a_strict_decoder_is_explained(text: bytes, words: str) -> None:
    assert why_no_json(text, ValueError()) == words
    assert why_no_json(text, RecursionError()) == "is nested too deeply"
