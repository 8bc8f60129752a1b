"""The page of a figure: its words within its width, and axes that stay in place."""

import pytest
from matplotlib.figure import Figure

from atss_inspect.figures import sheet
from atss_inspect.figures.sheet import Heading, fitted, text_width, wrapped
from atss_inspect.figures.theme import DEFAULT_THEME, drawn_in
from atss_inspect.views.names import ELLIPSIS
from tests.figure_checks import assert_legible
from tests.object_tables import HOSTILE


def make_sheet(heading: Heading, width: float = 5.2) -> Figure:
    with drawn_in(DEFAULT_THEME):
        figure = sheet.new_sheet(heading, DEFAULT_THEME, width=width, body=2.0)
        axes = figure.subplots()
        axes.set_xlabel("x")
        return sheet.settle(figure)


@pytest.mark.parametrize("text", [*HOSTILE[:2], *HOSTILE[3:], "a few words " * 30])
def test_words_of_any_length_keep_off_the_axes(text: str) -> None:
    assert_legible(make_sheet(Heading(text, [text, "second line"], text), width=3.2))


def test_the_figure_is_as_much_higher_as_the_words_need() -> None:
    low = make_sheet(Heading("Title"))
    figure = make_sheet(Heading("Title", ["line"] * 5, "note"))
    assert figure.get_figheight() > low.get_figheight() + 0.5
    assert low.axes[0].get_window_extent().height > 100
    # Drawn again, nothing moves.
    before = figure.axes[0].get_position().bounds
    figure.canvas.draw_idle()
    assert_legible(figure)
    assert figure.axes[0].get_position().bounds == before


def test_width_grows_with_size_and_weight() -> None:
    assert text_width("", 9) == 0
    assert text_width("iiii", 9) < text_width("WWWW", 9)
    assert text_width("WW", 18) == pytest.approx(2 * text_width("WW", 9), rel=0.02)
    assert text_width("word", 9) < text_width("word", 9, bold=True)


def test_lines_end_between_words() -> None:
    assert wrapped("one two three", 10, 9) == ["one two three"]
    width = text_width("one two", 9) + 0.01
    assert wrapped("one two three", width, 9) == ["one two", "three"]
    assert wrapped("", 1, 9) == []
    # A word that is too long ends after hyphens, or anywhere.
    width = text_width("retinanet-", 9) + 0.01
    assert wrapped("retinanet-mmdet", width, 9) == ["retinanet-", "mmdet"]
    lines = wrapped("w" * 50, 1, 9)
    assert "".join(lines) == "w" * 50
    assert all(text_width(line, 9) < 1 for line in lines)
    # What does not fit is cut off and marked.
    lines = wrapped("w" * 500, 1, 9, max_lines=2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert text_width(lines[1], 9) < 1


@pytest.mark.parametrize("name", HOSTILE)
def test_titles_of_any_name_fit(name: str) -> None:
    lines = sheet.preset_title(name, 1.3).split("\n")
    assert len(lines) <= 2
    assert all(text_width(line, 8.5, bold=True) < 1.3 for line in lines)


def test_what_fits_stays_and_without_room_the_mark_is_left() -> None:
    for is_cut in (False, True):
        room = text_width("word", 8)
        assert fitted("word", room, 8, is_middle_cut=is_cut) == "word"
        assert fitted("word", 0, 8, is_middle_cut=is_cut) == ELLIPSIS


def test_the_longest_beginning_that_fits_is_kept() -> None:
    room = text_width("one tw" + ELLIPSIS, 8)
    assert fitted("one two three", room, 8) == "one tw" + ELLIPSIS
    # No blank before the mark.
    room = text_width("one " + ELLIPSIS, 8)
    assert fitted("one two three", room, 8) == "one" + ELLIPSIS


def test_the_middle_is_cut_where_the_end_tells_lines_apart() -> None:
    room = text_width("one tw" + ELLIPSIS + "ree", 8)
    cut = fitted("one two and three", room, 8, is_middle_cut=True)
    head, tail = cut.split(ELLIPSIS)
    assert "one two and three".startswith(head)
    assert "one two and three".endswith(tail)
    assert 0 <= len(head) - len(tail) <= 1
    assert 0.8 * room < text_width(cut, 8) <= room
