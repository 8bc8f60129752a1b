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
        page = sheet.new_sheet(heading, DEFAULT_THEME, width=width, body=2.0)
        page.axes(0.5, 0.1, width - 1, 1.5).set_xlabel("x")
        return page.figure


@pytest.mark.parametrize("text", [*HOSTILE[:2], *HOSTILE[3:], "a few words " * 30])
def test_words_of_any_length_keep_off_the_axes(text: str) -> None:
    assert_legible(make_sheet(Heading(text, [text, "second line"], text), width=3.2))


def test_the_figure_is_as_much_higher_as_the_words_need() -> None:
    low = make_sheet(Heading("Title"))
    figure = make_sheet(Heading("Title", ["line"] * 5, "note"))
    assert figure.get_figheight() > low.get_figheight() + 0.5
    # Axes stand where they are put, in inches below the words.
    for each in (low, figure):
        box = each.axes[0].get_window_extent()
        assert (box.x0 / each.dpi, box.height / each.dpi) == pytest.approx((0.5, 1.5))
        assert_legible(each)


def test_of_several_titles_the_first_that_fits_is_taken() -> None:
    sentences = ["long " * 30, "short " * 12, "brief", "b"]
    assert sheet.first_fitting(sentences, sheet.INNER, 1) == "brief"
    assert sheet.first_fitting(sentences, sheet.INNER, 2) == "short " * 12
    assert sheet.first_fitting(sentences[:1], sheet.INNER, 1) == sentences[0]


def test_lines_are_named_at_their_ends_apart_from_one_another() -> None:
    with drawn_in(DEFAULT_THEME):
        page = sheet.new_sheet(Heading("Title"), DEFAULT_THEME, body=2.0)
        axes = page.axes(0.5, 0.1, 2.5, 1.5)
        axes.set(xlim=(0, 10), ylim=(0, 1))
        ends = [("one", 5.0, 0.5, "#ff0000"), ("other", 10.0, 0.51, "#0000ff")]
        sheet.label_ends(axes, ends, 1.0, size=8)
    assert_legible(page.figure)
    low, high = axes.texts
    assert high.get_position()[1] > low.get_position()[1]
    joined = [line.get_xydata()[0].tolist() for line in axes.lines]
    assert joined == [[0.5, pytest.approx(0.5)], [1.0, pytest.approx(0.51)]]
    assert [line.get_color() for line in axes.lines] == ["#ff0000", "#0000ff"]


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


def test_the_middle_is_cut_where_the_end_tells_lines_apart() -> None:
    room = text_width("one tw" + ELLIPSIS + "ree", 8)
    cut = fitted("one two and three", room, 8, is_middle_cut=True)
    head, tail = cut.split(ELLIPSIS)
    assert "one two and three".startswith(head)
    assert "one two and three".endswith(tail)
    assert 0 <= len(head) - len(tail) <= 1
    assert 0.8 * room < text_width(cut, 8) <= room


def test_names_from_right_to_left_leave_the_words_around_them_in_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = "\u05e9\u05dc \u05d5\u05dd"
    monkeypatch.setattr(sheet, "_KNOWS_DIRECTIONS", True)
    told = sheet.isolated(f"a, {name} 5, {name[0]}: 3%")
    assert told == f"a, \u2068{name}\u2069 5, \u2068{name[0]}\u2069: 3%"
    assert sheet.isolated("retinanet 5, \u00e9: 3%") == "retinanet 5, \u00e9: 3%"
    # Older matplotlib would draw the signs.
    monkeypatch.setattr(sheet, "_KNOWS_DIRECTIONS", False)
    assert sheet.isolated(name) == name
