"""Lines are measured in inches and cut off where their room ends."""

import pytest

from atss_inspect.figures.image.ruler import Ruler
from atss_inspect.views.names import ELLIPSIS


def test_heights_and_widths_go_by_the_size() -> None:
    small, large = Ruler(6), Ruler(12)
    assert small.height == pytest.approx(0.1)  # 1.2 lines of 6 points, 72 to the inch
    assert large.width("WW") == pytest.approx(2 * small.width("WW"), rel=0.02)
    assert Ruler(6, weight="bold").width("word") > small.width("word")


def test_what_fits_stays() -> None:
    ruler = Ruler(8)
    assert ruler.fitted("word", ruler.width("word")) == "word"


def test_the_longest_beginning_that_fits_is_kept() -> None:
    ruler = Ruler(8)
    room = ruler.width("one tw" + ELLIPSIS)
    assert ruler.fitted("one two three", room) == "one tw" + ELLIPSIS
    # No blank before the mark.
    room = ruler.width("one " + ELLIPSIS)
    assert ruler.fitted("one two three", room) == "one" + ELLIPSIS


def test_without_room_the_mark_is_left() -> None:
    assert Ruler(8).fitted("word", 0) == ELLIPSIS


def test_the_middle_is_cut_where_the_end_tells_lines_apart() -> None:
    ruler = Ruler(8)
    room = ruler.width("one tw" + ELLIPSIS + "ree")
    cut = ruler.fitted("one two and three", room, is_middle_cut=True)
    head, tail = cut.split(ELLIPSIS)
    assert "one two and three".startswith(head)
    assert "one two and three".endswith(tail)
    assert 0 <= len(head) - len(tail) <= 1
    assert 0.8 * room < ruler.width(cut) <= room
    assert ruler.fitted("word", ruler.width("word"), is_middle_cut=True) == "word"
    assert ruler.fitted("word", 0, is_middle_cut=True) == ELLIPSIS
