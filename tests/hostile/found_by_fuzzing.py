"""What the fuzzer found, made small, with what was wrong."""

from tests.hostile.case import ANN, EXPECTED, Case, Refusal, refused
from tests.hostile.json_text import document

DIGITS = Refusal('sweep: k: expected START:STOP:STEP, got "3:11e40092"', 2, "...")
MEGABYTE = b'{"' + b"k" * 1_000_000 + b'": 1}'
CASES = (
    # Only the first of three attempts to decode expected keys that are not UTF-8.
    refused(
        "NaN before a key that is not UTF-8",
        b'{"a": NaN, "\x8b": 1}',
        "a top-level key is not valid UTF-8",
        "save the file as UTF-8",
    ),
    # The number of values was written out in the message, all 40,000 digits of it.
    Case(
        "a sweep of more values than can be written down",
        DIGITS,
        {ANN: document()},
        ("sweep", "--ann", ANN, "k=3:11e40092"),
    ),
    # Keys were shown as they are, line breaks and all, and in full.
    refused("two lines", b'{"a\\nb": 1}', f"has no images, but a\\nb; {EXPECTED}"),
    refused("a megabyte", MEGABYTE, f"has no images, but {'k' * 40}...; {EXPECTED}"),
)
