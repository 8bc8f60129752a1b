"""Answers that were saved as JSON and changed since: by hand, or by somebody else."""

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.hostile.case import ANN, Case, Refusal
from tests.hostile.json_text import document

SAVED = "saved.json"
BASELINE = ("check", "--ann", ANN, "--baseline", SAVED)
PICTURE = ("plot", "sweep", "--from", SAVED, "-o", "out.svg")
SAVING = {BASELINE: ("stats", "--json"), PICTURE: ("sweep", "k=5,9", "--json")}
NO_STATS = "expected what `atss-inspect stats --json` writes"
NO_SWEEP = "is no saved sweep: ..."
ANNOTATIONS = "annotations go to `compare --baseline`"
LARGE = 10**30

Way = tuple[str | int, ...]
FIRST: Way = ("results", 0)
# the content of what is no answer at all, the message after its name
NO_ANSWERS = {
    b"": "the JSON ends too early, at byte 0",
    b"[]": "expected a JSON object",
    b'{"results": [': "the JSON ends too early, at byte 13",
    b'{"a": ' * 100_000: "is nested too deeply",
    b'{"\xff": 1}': "is not UTF-8 at byte 2",
}
TINY = (*FIRST, "blocks", "tiny")
DAMAGED = "is damaged: ..."
CONTRADICTS = "results[0]...: contradicts the rest of the file"
# the way to what is changed, the new value, and the message after the name of the file
NO_BASELINES: tuple[tuple[Way, Any, str], ...] = (
    ((*FIRST, "blocks"), [], DAMAGED),
    ((*FIRST, "blocks", "\x1b[31m"), 3, DAMAGED),
    (
        (*TINY, "num_objects"),
        [LARGE],
        DAMAGED,
    ),
    ((*TINY, "num_objects"), [1, 2], CONTRADICTS),
    ((*TINY, "num_objects"), None, CONTRADICTS),
    ((*FIRST, "num_unassigned"), 1e308, DAMAGED),
    ((*FIRST, "num_unassigned"), 3, CONTRADICTS),
    *(((*FIRST, "num_objects"), value, DAMAGED) for value in (True, "2", 2.5, -1)),
    (("results",), {"a": 1}, DAMAGED),
    (("results",), [[]], DAMAGED),
    (("settings",), "x", DAMAGED),
    (("settings", 0), [], DAMAGED),
    (("selection",), [], DAMAGED),
    ((*FIRST, "preset"), "\x1b[2J", r"no result of preset ...; it has \x1b[2J..."),
    ((*FIRST, "preset"), None, DAMAGED),
    (("schema_version",), LARGE, f"schema_version is {LARGE}; expected ..."),
)
NO_SWEEPS: tuple[tuple[Way, Any, str], ...] = (
    (("schema_version",), "\x1b[31m", "schema_version: expected ..."),
    ((*FIRST, "num_objects"), -1, NO_SWEEP),
    ((*FIRST, "num_objects"), 1e308, NO_SWEEP),
    ((*FIRST, "unassigned_share"), 1.5, NO_SWEEP),
    ((*FIRST, "unassigned_share"), "\x1b[31m", NO_SWEEP),
    ((*FIRST, "mean_positives"), True, NO_SWEEP),
    ((*FIRST, "by_size"), {}, NO_SWEEP),
    ((*FIRST, "values"), [], NO_SWEEP),
    (("results",), [], NO_SWEEP),
    (("sweep", "axes"), [], NO_SWEEP),
    (("sweep", "axes", 0, "values"), [1] * 1000, "results: expected 1000 rows, ..."),
    (("sweep", "choice"), {"row": LARGE}, "sweep.choice.row: ..."),
    (("settings",), [], NO_SWEEP),
)


def _case(
    words: tuple[str, ...], content: bytes, message: str, hint: str = "..."
) -> Case:
    refusal = Refusal(f"{SAVED}: {message}", hint=hint)
    name = f"saved, {words[0]}: {content[:30]!r}"
    return Case(name, refusal, {ANN: document(), SAVED: content}, words)


@cache
def _answer(saving: tuple[str, ...]) -> bytes:
    from atss_inspect.cli import run

    with TemporaryDirectory() as folder:
        ann, saved = Path(folder, ANN), Path(folder, SAVED)
        ann.write_bytes(document())
        assert run(["-q", *saving, "--ann", str(ann), "-o", str(saved)]) == 0
        return saved.read_bytes()


def _changed(
    words: tuple[str, ...], way: Way, value: Any, message: str, hint: str = "..."
) -> Case:
    """Make a case of an answer in which one value is changed."""

    def make(folder: Path) -> None:
        answer = place = json.loads(_answer(SAVING[words]))
        *before, last = way
        for step in before:
            place = place[step]
        place[last] = value
        (folder / SAVED).write_text(json.dumps(answer))

    changed = f"{'.'.join(map(str, way))} is {json.dumps(value)[:30]}"
    refusal = Refusal(f"{SAVED}: {message}", hint=hint)
    name = f"saved, {words[0]}: {changed}"
    return Case(name, refusal, {ANN: document()}, words, make=make)


CASES = (
    *(
        _case(words, content, message)
        for words in (BASELINE, PICTURE)
        for content, message in NO_ANSWERS.items()
    ),
    _case(BASELINE, document(), NO_STATS, ANNOTATIONS),
    _case(PICTURE, document(), "expected a saved sweep, ..."),
    *(_changed(BASELINE, *row) for row in NO_BASELINES),
    *(_changed(PICTURE, *row) for row in NO_SWEEPS),
)
