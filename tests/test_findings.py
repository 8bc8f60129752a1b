"""Every oddity has a sentence that reads well, and a meaning that is written down."""

import re
from pathlib import Path

import pytest

from atss_inspect.readers.findings import HINTS, REASONS, finding

JSON_DOCUMENT = Path(__file__).parents[1] / "docs" / "json.md"


def test_every_reason_is_explained() -> None:
    named = set(re.findall(r"`(\w+)`", JSON_DOCUMENT.read_text(encoding="utf-8")))
    assert set(REASONS) <= named


@pytest.mark.parametrize("reason", REASONS)
def test_sentences_are_of_one_or_of_many(reason: str) -> None:
    one, many = finding(reason, 1).message, finding(reason, 2000).message
    assert "1 " in one
    assert "2,000 " in many
    assert not re.search(r"[{}|]", one + many)
    assert one != many.replace("2,000", "1")


def test_every_hint_belongs_to_a_reason() -> None:
    assert set(HINTS) <= set(REASONS)
    assert finding("bbox_repeated", 1).hint == "remove the copies"
    assert finding("bbox_repeated", 1, hint="other").hint == "other"
