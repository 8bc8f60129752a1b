"""Every command answers about sample_data/ as it did, byte by byte, in every format."""

from pathlib import Path

import pytest

from tests.frozen import frozen_hashes
from tests.frozen.__main__ import difference
from tests.frozen.answers import answer, hash_of

FROZEN = frozen_hashes()


@pytest.mark.parametrize("call", FROZEN)
def test_answer_is_as_frozen(call: str, project_root: Path) -> None:
    found = hash_of(answer(call, project_root))
    assert found == FROZEN[call], f"`make frozen` shows how this differs: {call}"


def test_a_difference_is_shown_line_by_line() -> None:
    shown = list(
        difference("stats", "same\n4 objects\n", "same\n5 objects\n", "abcdef012")
    )
    assert shown[0] == "atss-inspect stats"
    assert shown[1:3] == ["--- abcdef0", "+++ today"]
    assert shown[4:] == [" same", "-4 objects", "+5 objects", ""]


def test_an_answer_that_only_libraries_changed_is_said_to_be_so() -> None:
    shown = " ".join(difference("stats", "same\n", "same\n", "abcdef012"))
    assert "as in abcdef0 with the libraries of today" in shown
