"""Where a text that should be JSON breaks off or breaks, without a decoder's words."""

import json
import re
from pathlib import Path

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import json_faults, load_coco
from atss_inspect.readers.diagnose import not_json
from atss_inspect.readers.json_faults import json_fault, why_no_json

ENDS = "the JSON ends too early, at byte"
ENTRY = {"id": -1.5e-3, "name": 'a"\\\u00e4\n', "ok": True, "no": False, "none": None}
TEXT = json.dumps({"images": [ENTRY, {}, []], "x": [float("nan"), -float("inf")]})
# A text, the byte, what stands there, and what is wrong with it.
PYTHON = "JSON has null, true and false, not "
QUOTES = "single quotes, where JSON has double ones, at "
COMMA, COLON = "a comma is missing before ", "a colon is missing before "
CONTROL = "a line break or control character in a text, at "
BACKSLASH = "a single backslash, which JSON wants doubled, at "
TOO_MANY, KEY = "a comma too many before ", "a key in double quotes is missing before "
BRACKET = "a comma or another bracket is missing before "
PRINT = "Python's print wrote it; write it with json.dump"
FAULTS = (
    (b"k,none", 0, "k,none", ""),
    (b'{"a": None}', 6, "None}", PYTHON),
    (b'{"a": "\n"}', 7, '\\n"}', CONTROL),
    (b'{"a": "\\x"}', 7, '\\x"}', BACKSLASH),
    (b'{"a": "\\u12x4"}', 8, 'u12x4"}', BACKSLASH),
    (b'{"a": [01]}', 8, "1]}", COMMA),
    (b'{"a": [1.]}', 8, ".]}", COMMA),
    (b"{'a': 1}", 1, "'a': 1}", QUOTES),
    (b'{"a" 1}', 5, "1}", COLON),
    (b'{"a": [1 2]}', 9, "2]}", COMMA),
    (b'{"\xff": [nan, -NaN, inf, x]}', 23, "x]}", ""),
    ('{"\u00e4": x\u20ac}'.encode(), 7, "x\u20ac}", ""),
    (b'{"a": x' + b"y" * 99, 6, "xyyyyyyyyyyy", ""),
    (b'{"a":\n \x1b}', 7, "\\x1b}", ""),
    (b'{"a": 1,}', 8, "}", TOO_MANY),
    (b'{"a": [1, ]}', 10, "]}", TOO_MANY),
    (b"{1: 2}", 1, "1: 2}", KEY),
    (b'{"a": }', 6, "}", "a value is missing before "),
    (b'{"a": [1}', 8, "}", BRACKET),
    (b'{"a": 1]', 7, "]", BRACKET),
    (b'{"a": 1, // x', 9, "// x", "a comment, which JSON does not have, at "),
)


def test_wherever_a_text_is_cut_off_it_ends_too_early():
    for length in range(len(TEXT)):
        problem, _ = json_fault(TEXT[:length].encode()) or ("", "")
        assert problem == f"{ENDS} {length}", TEXT[:length]


@pytest.mark.parametrize(("text", "byte", "found", "wrong"), FAULTS)
def test_the_first_fault_is_shown_with_its_byte_and_line(text, byte, found, wrong):
    line = text[:byte].count(b"\n") + 1
    problem, hint = json_fault(text) or ("", "")
    assert (
        problem == f'is not valid JSON at byte {byte} (line {line}): {wrong}"{found}"'
    )
    assert hint == (PRINT if wrong in (PYTHON, QUOTES) else None) or "//" in found


@pytest.mark.parametrize(
    "text",
    [
        TEXT.encode(),
        b'{"a": [1e400, nan], "b": "\\ud800", "c": {"\xff": "\xff"}}',
        b" [] \n",
        b"9" * 5000,
    ],
)
def test_what_the_readers_take_is_no_fault(text):
    assert json_fault(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b'{"a":\n x}', 'is not valid JSON at byte 7 (line 2): "x}"'),
        (b'{"a": "\xff"}', "is not UTF-8 at byte 7"),
        (b'{"a": NaN}', "holds numbers or text that JSON does not allow"),
    ],
)
def test_a_strict_decoder_is_explained(text, words):
    assert why_no_json(text, ValueError()) == words
    assert why_no_json(text, RecursionError()) == "is nested too deeply"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"a": [1, 2', "the JSON ends too early, at byte 11"),
        ('{"a": [1 2]}\n', 'at byte 9 .line 1.: a comma is missing before "2]}.*"'),
        ('[{"image_id": 1, "bbox": [1, 2], "score": 0.5}]', "detection results"),
    ],
)
def test_of_a_long_text_a_strict_decoder_finds_the_place(monkeypatch, text, problem):
    # The json module takes thirty times the memory of "[],[],...".
    monkeypatch.setattr(json_faults, "LONGEST_SEARCHED", 5)
    Path("a.json").write_text(text)
    with pytest.raises(DataError, match=f"{problem}(; .*)?(\nhint: .*)?$"):
        load_coco("a.json")


def test_what_follows_a_whole_document_is_told_with_its_place():
    for more in ("x", "]", "}", ":", "1"):
        problem, _ = json_fault(b'{"a": 1}\n ' + more.encode()) or ("", "")
        assert problem == "is no JSON alone; other text begins at byte 10 (line 2)"
    problem, hint = json_fault(b'{"a": 1}\n[') or ("", "")
    assert (
        problem == "holds several JSON documents; the second begins at byte 9 (line 2)"
    )
    assert hint == "make a file of each, and name all of them with --ann"


@pytest.mark.parametrize(("text", "byte"), [fault[:2] for fault in FAULTS])
def test_of_a_long_text_the_place_is_the_same_or_a_little_later(
    monkeypatch, text, byte
):
    monkeypatch.setattr(json_faults, "LONGEST_SEARCHED", 3)
    told, _ = json_fault(text) or ("", "")
    place = int(re.search(r"at byte (\d+)", told)[1])
    assert byte <= place <= byte + 4


def test_without_a_place_a_long_text_is_refused_all_the_same(monkeypatch):
    monkeypatch.setattr(json_faults, "LONGEST_SEARCHED", 3)
    monkeypatch.setattr(json_faults, "_BYTE", re.compile("never said"))
    for text in (b'{"a": x}', b'{"a": [1'):
        assert json_fault(text) == ("is not valid JSON", None)
    assert json_fault(b'{"a": 1}') is None


def test_noise_is_binary_data_whatever_it_begins_with():
    noise = b'{"a' + bytes(range(256)) * 4
    assert "is binary data" in str(not_json("a.json", noise))
