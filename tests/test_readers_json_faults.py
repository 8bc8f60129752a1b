"""Where a text that should be JSON breaks off or breaks, without a decoder's words."""

import json
from pathlib import Path

import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import diagnose, load_coco
from atss_inspect.readers.diagnose import json_fault, why_no_json

ENDS = "the JSON ends too early, at byte"
ENTRY = {"id": -1.5e-3, "name": 'a"\\\u00e4\n', "ok": True, "no": False, "none": None}
TEXT = json.dumps({"images": [ENTRY, {}, []], "x": [float("nan"), -float("inf")]})
# A text, the byte, and what stands there.
FAULTS = (
    (b'{"a": 1} x', 9, "x"),
    (b'{"a": None}', 6, "None}"),
    (b'{"a": "\n"}', 7, '\\n"}'),
    (b'{"a": "\\x"}', 7, '\\x"}'),
    (b'{"a": "\\u12x4"}', 8, 'u12x4"}'),
    (b'{"a": [01]}', 8, "1]}"),
    (b'{"a": [1.]}', 8, ".]}"),
    (b"{'a': 1}", 1, "'a': 1}"),
    (b'{"a" 1}', 5, "1}"),
    (b'{"a": [1 2]}', 9, "2]}"),
    (b'{"\xff": [nan, -NaN, inf, x]}', 23, "x]}"),
    ('{"\u00e4": x\u20ac}'.encode(), 7, "x\u20ac}"),
    (b'{"a": x' + b"y" * 99, 6, "xyyyyyyyyyyy"),
    (b'{"a":\n \x1b}', 7, "\\x1b}"),
)


def test_wherever_a_text_is_cut_off_it_ends_too_early():
    for length in range(len(TEXT)):
        problem, _ = json_fault(TEXT[:length].encode()) or ("", "")
        assert problem == f"{ENDS} {length}", TEXT[:length]


@pytest.mark.parametrize(("text", "byte", "found"), FAULTS)
def test_the_first_fault_is_shown_with_its_byte_and_line(text, byte, found):
    line = text[:byte].count(b"\n") + 1
    problem, hint = json_fault(text) or ("", "")
    assert problem == f'is not valid JSON at byte {byte} (line {line}): "{found}"'
    assert hint is None


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
        ('{"a": [1 2]}\n', "is not valid JSON"),
        ('[{"image_id": 1, "bbox": [1, 2], "score": 0.5}]', "detection results"),
    ],
)
def test_of_a_long_text_only_the_end_is_looked_at(monkeypatch, text, problem):
    # The json module takes thirty times the memory of "[],[],...".
    monkeypatch.setattr(diagnose, "LONGEST_SEARCHED", 5)
    Path("a.json").write_text(text)
    with pytest.raises(DataError, match=f"{problem}(; .*)?$"):
        load_coco("a.json")


def test_noise_is_binary_data_whatever_it_begins_with():
    noise = b'{"a' + bytes(range(256)) * 4
    assert "is binary data" in str(diagnose.not_json("a.json", noise))
