"""Inputs that nobody should write and somebody does, each with what must come of it.

``python -m tests.hostile FOLDER`` writes them to look at; ``tests/test_hostile.py``
runs them all. What the fuzzer finds is added here, made small, with a sentence.
"""

from tests.hostile import (
    converted,
    documents,
    fields,
    files,
    folders,
    found_by_fuzzing,
    names,
    saved,
    sets,
    tables,
)
from tests.hostile.case import Case

ALL = (
    files,
    documents,
    fields,
    names,
    sets,
    tables,
    converted,
    saved,
    folders,
    found_by_fuzzing,
)
CASES: tuple[Case, ...] = tuple(case for room in ALL for case in room.CASES)
