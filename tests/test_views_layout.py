"""Aligned tables: exact text, whatever is in them."""

import pytest

from atss_inspect.views.layout import (
    Row,
    Section,
    Table,
    fold,
    markdown_text,
    table_markdown,
    table_text,
)


def table(*headings: str, **parts: object) -> Table:
    """Make a table with a section at the margin and one with a title."""
    cells = tuple((str(10**place),) for place, _ in enumerate(headings))
    sections = (
        Section("", (Row("one", cells),)),
        Section("more", (Row("two", cells), Row("a longer label", cells))),
    )
    return Table(headings, sections, **parts)  # type: ignore[arg-type]


def test_numbers_stand_right_aligned_under_their_preset() -> None:
    assert table_text(table("a", "preset-b")) == (
        "                         a  preset-b\n"
        "one                      1        10\n"
        "\n"
        "more\n"
        "  two                    1        10\n"
        "  a longer label         1        10\n"
    )


def test_long_names_of_presets_are_broken_at_hyphens() -> None:
    names = ("retinanet-torchvision", "atss", "x" * 30)
    assert table_text(table(*names)).splitlines()[:2] == [
        "                        retinanet-",
        "                       torchvision              atss  xxxxxxxxxxxxxxx…",
    ]


def test_presets_that_do_not_fit_go_below() -> None:
    names = tuple(f"preset-number-{place}" for place in range(5))
    text = table_text(table(*names))
    assert text.count("\n  a longer label ") == 2
    assert max(map(len, text.splitlines())) <= 80
    for name in names:
        assert text.count(name) == 1


def test_a_single_preset_with_wide_cells_is_shown_whole() -> None:
    wide = Table(("a",), (Section("", (Row("label", (("9" * 90,),)),)),))
    assert "9" * 90 in table_text(wide)


def test_labels_are_clipped_to_make_room_and_no_further() -> None:
    cells = (("1" * 16,),) * 3
    wide = Table(
        ("a", "b", "c"), (Section("", (Row("w" * 90, cells),)),), label_room=18
    )
    *_, row = table_text(wide).splitlines()
    assert len(row) == 80
    assert row.startswith("w" * 25 + "…  1")


def test_several_columns_a_preset_and_common_ones() -> None:
    rows = (Row("cat", (("1.5", "0%"), ("22.5", "100%")), ("7",)),)
    wide = Table(
        ("a", "b"),
        (Section("", rows),),
        parts=("mean", "none"),
        label="class",
        lead=("objects",),
    )
    assert table_text(wide) == (
        "                         a           b\n"
        "class  objects  mean  none  mean  none\n"
        "cat          7   1.5    0%  22.5  100%\n"
    )
    assert table_markdown(wide) == (
        "| class | objects | a mean | a none | b mean | b none |\n"
        "| :-- | --: | --: | --: | --: | --: |\n"
        "| cat | 7 | 1.5 | 0% | 22.5 | 100% |\n"
    )


def test_bold_adds_codes_and_nothing_else() -> None:
    plain = table_text(table("a", "b"))
    bold = table_text(table("a", "b"), bold=True)
    assert bold != plain
    assert bold.replace("\x1b[1m", "").replace("\x1b[0m", "") == plain


@pytest.mark.parametrize("text", ["a|b", "<script>", "*x*", "`x`", "a\nb", "[x](y)"])
def test_markdown_takes_names_as_they_are(text: str) -> None:
    escaped = markdown_text(text)
    assert "\n" not in escaped
    for sign in "|<*`[":
        assert escaped.count(sign) == escaped.count("\\" + sign)


def test_folding_keeps_words_whole() -> None:
    path = "/a" * 60
    assert fold(f"see {path} there", first="note: ") == [
        "note: see",
        f"      {path}",
        "      there",
    ]
