"""Names from files: escaped, measured, clipped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from atss_inspect.views.names import cell_width, clip, clip_middle, pad, printable


@given(st.text())
def test_what_is_shown_is_printable(text):
    assert printable(text).isprintable()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain [red]name[/red]", "plain [red]name[/red]"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\tand a tab", r"two\nlines\tand a tab"),
        ("\u202eright to left", r"\u202eright to left"),
        ("\ud800", r"\ud800"),
        ("水果", "水果"),
    ],
)
def test_only_what_acts_is_escaped(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("水果", 4), ("e\u0301", 1), ("", 0)]
)
def test_width_counts_columns_not_characters(text, width):
    assert cell_width(text) == width


@pytest.mark.parametrize(
    ("text", "width", "clipped"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("水果和蔬菜", 6, "水果…"),
        ("水果和蔬菜", 5, "水果…"),  # a wide sign does not fit into one column
        ("e\u0301" * 9, 4, "e\u0301" * 3 + "…"),
    ],
)
def test_what_does_not_fit_is_cut_off_and_marked(text, width, clipped):
    assert clip(text, width) == clipped


@pytest.mark.parametrize(
    ("text", "width", "clipped"),
    [
        ("short", 5, "short"),
        ("longer", 5, "lo…er"),
        ("a path/name 17", 8, "a pat…17"),
        ("水果和蔬菜", 7, "水果…菜"),
        ("be\u0301" * 9, 4, "be\u0301…e\u0301"),
        ("e\u0301" * 9, 4, "e\u0301" * 2 + "…" + "e\u0301"),
    ],
)
def test_the_middle_is_cut_out_where_the_end_is_needed(text, width, clipped):
    assert clip_middle(text, width) == clipped


@given(st.text(), st.integers(2, 30))
def test_a_text_without_its_middle_is_never_too_wide(text, width):
    text = printable(text)
    assert cell_len(clip_middle(text, width)) <= max(width, 1)


@given(st.text(), st.integers(2, 30))
def test_clipped_and_padded_texts_have_the_width_wanted(text, width):
    cell = pad(clip(printable(text), width), width)
    assert cell_len(cell) == width
