"""Axes of a sweep that cannot be meant."""

from tests.hostile.case import ANN, Case, Refusal
from tests.hostile.json_text import document

# the axes, the message after "sweep: "
ROWS = (
    (("k",), 'expected NAME=VALUES, got "k"'),
    (("k=",), 'expected NAME=VALUES, got "k="'),
    (("k=3:",), 'k: expected START:STOP:STEP, got "3:"'),
    (("k=1:501",), "k: expected at most 500 values in all, got 501"),
    (("k=3:4:0.5",), 'assigner.k: expected a whole number of at least 1, got "3.0"'),
    (("kk=3",), "kk: unknown key; did you mean k?"),
    (("levels=3",), 'levels: expected levels such as P3-P7, got "3"'),
    (("levels=P3", "strides=[8]"), "anchors.strides: named twice"),
    (("k=,,,",), 'expected NAME=VALUES, got "k=,,,"'),
    (("=3",), ": unknown key..."),
    (("\x1b[31m=3",), r"\x1b[31m: unknown key..."),
    (("k=a:b",), 'k: expected START:STOP:STEP, got "a:b"'),
    (("k=1:2:3:4",), 'k: expected START:STOP:STEP, got "1:2:3:4"'),
    (("k=1:nan",), 'k: expected START:STOP:STEP, got "1:nan"'),
    (("k=1:inf",), 'k: expected START:STOP:STEP, got "1:inf"'),
    (("k=9:1",), 'k: expected START at most STOP, got "9:1"'),
    (("k=1:9:0",), 'k: expected a step above 0, got "1:9:0"'),
    (("k=1:9:-1",), 'k: expected a step above 0, got "1:9:-1"'),
    (("k=1:1000000000",), "k: expected at most 500 values in all, got 1000000000"),
    (("k=1:9:1e-30",), "k: expected at most 500 values in all, got ..."),
    (("k=1:1e999999",), 'k: expected START:STOP:STEP, got "1:1e999999"'),
    (("k=0:9e999999:1e-999999",), "k: expected START:STOP:STEP, got ..."),
    (("k=9e999999:9e999999:9e999999",), "k: expected ..."),
    (("k=1e999998:1e999998",), "k: expected START:STOP:STEP, got ..."),
    (("scale=1e-999998:1e-999998",), "scale: expected START:STOP:STEP, got ..."),
    (("k=0",), "assigner.k: expected a whole number of at least 1, got 0"),
    (("k=1000000000",), "assigner.k: expected ..."),
    (("k=1:1e299",), "k: expected at most 500 values in all, got 1.0...E+299"),
    (("k=" + "1" * 20_000,), "assigner.k: expected ..."),
    (("k=" + "2" * 20_000 + ":2",), "k: expected ..."),
    (("k=1.5:3",), "assigner.k: expected a whole number of at least 1, got ..."),
    (
        ("k=1:30", "scale=1:30"),
        "k and scale: expected at most 500 values in all, got 900",
    ),
    (("k=1", "topk=2"), "assigner.k: named twice"),
    (("levels=P9-P3",), 'levels: expected levels such as P3-P7, got "P9-P3"'),
    (("levels=P3-P99",), 'levels: expected levels such as P3-P7, got "P3-P99"'),
    (("levels=\u0663",), "levels: expected levels such as P3-P7, got ..."),
    (("strides=8,16",), "strides: expected lists in brackets, got 8,16"),
    (("strides=[8",), "anchors.strides: expected ..."),
    (("strides=[[8]]",), "anchors.strides[0]: expected ... got [8]"),
    (("strides=" + "[" * 5000,), "anchors.strides: expected a list, got ..."),
    (("ratios=]",), "ratios: expected lists in brackets, got ]"),
    (("style=none",), 'anchors.style: expected one of ... got "none"'),
    (("positive_from=0.5",), "assigner.positive_from: not a parameter of ..."),
)


def _case(axes: tuple[str, ...], message: str) -> Case:
    """Make a case of a row."""
    return Case(
        f"sweep {' '.join(axes)[:40]}",
        Refusal(f"sweep: {message}", 2, "..."),
        {ANN: document()},
        ("sweep", "--ann", ANN, *axes),
    )


CASES = tuple(_case(*row) for row in ROWS)
