"""What the fuzzer found, made small, with what was wrong."""

from tests.hostile.case import ANN, EXPECTED, Case, Refusal
from tests.hostile.json_text import document

CASES = (
    # Only the first of three attempts to decode expected keys that are not UTF-8.
    Case(
        "NaN before a key that is not UTF-8",
        Refusal(
            f"{ANN}: a top-level key is not valid UTF-8", hint="save the file as UTF-8"
        ),
        {ANN: b'{"a": NaN, "\x8b": 1}'},
    ),
    # The number of values was written out in the message, all 40,000 digits of it.
    Case(
        "a sweep of more values than can be written down",
        Refusal('sweep: k: expected START:STOP:STEP, got "3:11e40092"', 2, "..."),
        {ANN: document()},
        ("sweep", "--ann", ANN, "k=3:11e40092"),
    ),
    # Keys were shown as they are, line breaks and all.
    Case(
        "a key of two lines",
        Refusal(f"{ANN}: has no images, but a\\nb; {EXPECTED}"),
        {ANN: b'{"a\\nb": 1}'},
    ),
    # ... and in full.
    Case(
        "a key of a megabyte",
        Refusal(f"{ANN}: has no images, but {'k' * 40}...; {EXPECTED}"),
        {ANN: b'{"' + b"k" * 1_000_000 + b'": 1}'},
    ),
)
