"""The key of a picture: signs and words, flowed into a width."""

import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from atss_inspect.figures.image.key import KEY_SIZE, Entry, flow
from atss_inspect.figures.lettering import text_width
from atss_inspect.views.names import ELLIPSIS

ROUND = Entry("positive", "o", {"markersize": 5})
BOX = Entry("fed", "", {"edgecolor": "#000000"})


def test_nothing_to_explain_takes_no_room() -> None:
    key = flow([], 4)
    assert (key.placed, key.height) == ((), 0)


def test_entries_stand_in_a_line_while_there_is_room() -> None:
    [first, second] = flow([ROUND, BOX], 4).placed
    assert first.x == 0
    # After the first one's sign, its words and a gap.
    assert second.x == pytest.approx(0.2 + text_width("positive", KEY_SIZE) + 0.17)
    assert first.y == second.y


def test_what_does_not_fit_begins_a_line() -> None:
    one_line = flow([ROUND], 0.9)
    key = flow([ROUND, BOX, ROUND], 0.9)
    assert [each.x for each in key.placed] == [0, 0, 0]
    tops = [each.y for each in key.placed]
    assert tops == pytest.approx([one_line.height * (n + 0.5) for n in range(3)])
    assert key.height == pytest.approx(3 * one_line.height)


def test_words_longer_than_a_line_are_cut_off() -> None:
    [placed] = flow([Entry("w" * 90, "o", {})], 1).placed
    assert placed.text.endswith(ELLIPSIS)
    assert 0.7 < text_width(placed.text, KEY_SIZE) <= 0.8


def test_signs_are_markers_or_boxes_left_of_their_words() -> None:
    figure = Figure(figsize=(4, 2))
    flow([ROUND, BOX], 3).draw(figure, left=0.5, top=1.5)
    marker, box = figure.artists
    assert isinstance(marker, Line2D)
    assert isinstance(box, Rectangle)
    assert marker.get_marker() == "o"
    assert not box.get_fill()
    words = [text.get_position() for text in figure.texts]
    # Inches from the left and from below, as fractions of 4 by 2.
    assert words[0] == pytest.approx((0.7 / 4, (1.5 - 0.095) / 2))
    assert marker.get_xydata()[0].tolist() == pytest.approx([0.57 / 4, words[0][1]])
    assert words[0][0] < box.get_x() < words[1][0]
