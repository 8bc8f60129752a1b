"""Answers that were saved as JSON and changed since: by hand, or by somebody else."""

import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.hostile.case import ANN, Case, Refusal
from tests.hostile.json_text import document

SAVED = "saved.json"
BASELINE = ("check", "--ann", ANN, "--baseline", SAVED)
PICTURE = ("plot", "sweep", "--from", SAVED, "-o", "out.svg")
SAVE_STATS = ("stats", "--json")
SAVE_SWEEP = ("sweep", "k=5,9", "--json")
NO_STATS = f"{SAVED}: expected what `atss-inspect stats --json` writes"
ANNOTATIONS = "annotations go to `compare --baseline`"
LARGE = 10**30

Way = tuple[str | int, ...]


def _case(
    name: str, words: tuple[str, ...], content: bytes, message: str, hint: str = "..."
) -> Case:
    """Make a case of a file that is no answer at all."""
    files = {ANN: document(), SAVED: content}
    return Case(f"saved, {words[0]}: {name}", Refusal(message, hint=hint), files, words)


@cache
def _answer(saving: tuple[str, ...]) -> bytes:
    """Save an answer."""
    from atss_inspect.cli import run

    with TemporaryDirectory() as folder:
        ann, saved = Path(folder, ANN), Path(folder, SAVED)
        ann.write_bytes(document())
        assert run(["-q", *saving, "--ann", str(ann), "-o", str(saved)]) == 0
        return saved.read_bytes()


def _changed(
    name: str,
    words: tuple[str, ...],
    saving: tuple[str, ...],
    change: Callable[[Any], object],
    refusal: Refusal,
) -> Case:
    """Make a case of an answer that is changed."""

    def make(folder: Path) -> None:
        answer = json.loads(_answer(saving))
        change(answer)
        (folder / SAVED).write_text(json.dumps(answer))

    return Case(
        f"saved, {words[0]}: {name}", refusal, {ANN: document()}, words, make=make
    )


def _put(way: Way, value: object) -> Callable[[Any], object]:
    """Put a value somewhere."""

    def change(answer: Any) -> None:
        *before, last = way
        for step in before:
            answer = answer[step]
        answer[last] = value

    return change


def _named(way: Way, value: object) -> str:
    """Name a change."""
    return f"{'.'.join(map(str, way))} is {json.dumps(value)[:30]}"


def _baseline(way: Way, value: object) -> Case:
    """Make a case of saved statistics that are none any more."""
    refusal = Refusal(NO_STATS, hint=ANNOTATIONS)
    change = _put(way, value)
    return _changed(_named(way, value), BASELINE, SAVE_STATS, change, refusal)


def _sweep(way: Way, value: object, message: str) -> Case:
    """Make a case of a saved sweep that is none any more."""
    refusal = Refusal(f"{SAVED}: {message}", hint="...")
    change = _put(way, value)
    return _changed(_named(way, value), PICTURE, SAVE_SWEEP, change, refusal)


NO_SWEEP = "is no saved sweep: ..."
FIRST: Way = ("results", 0)
NO_ANSWERS: Mapping[str, tuple[bytes, str]] = {
    "nothing": (b"", "the JSON ends too early, at byte 0"),
    "a list": (b"[]", "expected a JSON object"),
    "cut off": (b'{"results": [', "the JSON ends too early, at byte 13"),
    "nested deeply": (b'{"a": ' * 100_000, "is nested too deeply"),
    "no UTF-8": (b'{"\xff": 1}', "is not UTF-8 at byte 2"),
}
CASES = (
    *(
        _case(name, words, content, f"{SAVED}: {message}")
        for words in (BASELINE, PICTURE)
        for name, (content, message) in NO_ANSWERS.items()
    ),
    _case("annotations", BASELINE, document(), NO_STATS, ANNOTATIONS),
    _case("annotations", PICTURE, document(), f"{SAVED}: expected a saved sweep, ..."),
    # These three ended in a traceback, the others were taken for numbers.
    _baseline((*FIRST, "by_size"), []),
    _baseline((*FIRST, "by_size", 0, "size"), "\x1b[31m"),
    _baseline((*FIRST, "num_unassigned"), 1e308),
    _baseline((*FIRST, "num_unassigned"), 3),
    _baseline((*FIRST, "num_objects"), True),
    _baseline((*FIRST, "num_objects"), "2"),
    _baseline((*FIRST, "num_objects"), 2.5),
    _baseline((*FIRST, "num_objects"), -1),
    _baseline((*FIRST, "coco_small"), None),
    _baseline(("results",), {"a": 1}),
    _baseline(("results",), [[]]),
    _baseline(("settings",), "x"),
    _baseline(("settings", 0), []),
    _baseline(("selection",), []),
    _changed(
        "a preset that acts on a terminal",
        BASELINE,
        SAVE_STATS,
        _put((*FIRST, "preset"), "\x1b[2J"),
        Refusal(rf"{SAVED}: no result of preset ...; it has \x1b[2J...", hint="..."),
    ),
    _changed(
        "a preset that is no text",
        BASELINE,
        SAVE_STATS,
        _put((*FIRST, "preset"), None),
        Refusal(f"{SAVED}: no result of preset ...; it has None...", hint="..."),
    ),
    _changed(
        "another version",
        BASELINE,
        SAVE_STATS,
        _put(("schema_version",), LARGE),
        Refusal(f"{SAVED}: schema_version is {LARGE}; expected ...", hint="..."),
    ),
    _sweep(("schema_version",), "\x1b[31m", "schema_version: expected ..."),
    _sweep((*FIRST, "num_objects"), -1, NO_SWEEP),
    _sweep((*FIRST, "num_objects"), 1e308, NO_SWEEP),
    _sweep((*FIRST, "unassigned_share"), 1.5, NO_SWEEP),
    _sweep((*FIRST, "unassigned_share"), "\x1b[31m", NO_SWEEP),
    _sweep((*FIRST, "mean_positives"), True, NO_SWEEP),
    _sweep((*FIRST, "by_size"), {}, NO_SWEEP),
    _sweep((*FIRST, "values"), [], NO_SWEEP),
    _sweep(("results",), [], NO_SWEEP),
    _sweep(("sweep", "axes"), [], NO_SWEEP),
    _sweep(
        ("sweep", "axes", 0, "values"), [1] * 1000, "results: expected 1000 rows, ..."
    ),
    _sweep(("sweep", "choice"), {"row": LARGE}, "sweep.choice.row: ..."),
    _sweep(("settings",), [], NO_SWEEP),
)
