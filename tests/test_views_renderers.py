"""Tables in every form: exact text, whatever is in them."""

import re

import pytest

from atss_inspect.page.render import page_cell, shown
from atss_inspect.statistics.grades import Grade
from atss_inspect.statistics.statistic import Kind
from atss_inspect.views import table as tables
from atss_inspect.views.names import Screen
from atss_inspect.views.renderers.csv import records_csv
from atss_inspect.views.renderers.markdown import (
    table_markdown,
)
from atss_inspect.views.renderers.terminal import table_text
from atss_inspect.views.table import Cell, Column, Row, Section, Table


def table(*headings: str, **parts: object) -> Table:
    """Make a table with a section at the margin and one with a title."""
    cells = tuple((str(10**place),) for place, _ in enumerate(headings))
    sections = (
        Section("", (Row("one", cells),)),
        Section("more", (Row("two", cells), Row("a longer label", cells))),
    )
    return Table(headings, sections, **parts)  # type: ignore[arg-type]


def test_numbers_stand_right_aligned_under_their_preset():
    assert table_text(table("a", "preset-b")) == (
        "                         a  preset-b\n"
        "one                      1        10\n"
        "\n"
        "more\n"
        "  two                    1        10\n"
        "  a longer label         1        10\n"
    )


def test_long_names_of_presets_are_broken_at_hyphens():
    names = ("retinanet-torchvision", "atss", "x" * 30)
    assert table_text(table(*names)).splitlines()[:2] == [
        "                        retinanet-",
        "                       torchvision              atss  xxxxxxxxxxxxxxx…",
    ]


def test_presets_that_do_not_fit_go_below():
    names = tuple(f"preset-number-{place}" for place in range(5))
    text = table_text(table(*names))
    assert text.count("\n  a longer label ") == 2
    assert max(map(len, text.splitlines())) <= 80
    assert all(text.count(name) == 1 for name in names)
    # A single one with wide cells is shown whole.
    wide = Table(("a",), (Section("", (Row("label", (("9" * 90,),)),)),))
    assert "9" * 90 in table_text(wide)


def test_several_columns_a_preset_and_common_ones():
    rows = (Row("cat", (("1.5", "0%"), ("22.5", "100%")), ("7",)),)
    columns = {"parts": (Column("mean"), Column("none")), "lead": (Column("objects"),)}
    wide = Table(("a", "b"), (Section("", rows),), label="class", **columns)
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


def test_color_adds_codes_and_nothing_else(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")  # who asks for color gets it all the same
    cells = [Cell(Kind.SHARE, 0.5, grade=grade) for grade in Grade]
    cells += [Cell(Kind.COUNT, 0), Cell(Kind.COUNT, 7), "name"]
    rows = tuple(Row(str(n), ((cell,), (cell,))) for n, cell in enumerate(cells))
    graded = Table(("a", "b"), (Section("title", rows),))
    plain = table_text(graded)
    colored = table_text(graded, Screen(has_color=True))
    assert re.sub(r"\x1b\[[\d;]*m", "", colored) == plain
    lines = colored.splitlines()
    assert lines[0].endswith("b\x1b[0m")
    assert lines[1] == "\x1b[1mtitle\x1b[0m"
    # Green, yellow, bold red, dim; other cells are as they are.
    for line, code in zip(lines[2:], ("32", "33", "1;31", "2", "", ""), strict=True):
        found = re.findall(r"\x1b\[([\d;]+)m", line)
        assert [each for each in found if each != "0"] == [code] * (2 if code else 0)
    # What is worse than fine is marked, so that color is not needed.
    marks = [line.split()[1:-1] for line in plain.splitlines()[2:5]]
    assert marks == [["50.0%"], ["!", "50.0%", "!"], ["!!", "50.0%", "!!"]]


def test_texts_of_a_plain_list_stand_on_the_left_and_give_room():
    words = {"is_text": True, "least": 4}
    columns = [Column("id"), Column("name", **words), Column("why", **words)]
    rows = [[tables.count(7), "n" * 90, "w" * 9], [tables.count(10), "|", "-"]]
    listed = tables.plain_list(columns, rows)
    text = table_text(listed).splitlines()
    assert max(map(len, text)) == 80
    assert text[0].startswith("id  name  ")
    assert text[1].endswith("…  " + "w" * 9)
    assert text[2].split() == ["10", "|", "-"]
    assert table_markdown(listed).splitlines()[1:2] == ["| --: | :-- | :-- |"]
    assert table_markdown(listed).endswith("| 10 | \\| | - |\n")


def test_markdown_is_aligned_where_it_is_to_be_read_as_it_is():
    columns = (Column("n"), Column("result", is_text=True))
    rows = (Row("", lead=("1", tables.Markup("**bad**"))), Row("", lead=("12", "ok")))
    padded = Table((), (Section("", rows),), lead=columns, is_padded=True)
    assert table_markdown(padded) == (
        "|  n | result  |\n| -: | :------ |\n|  1 | **bad** |\n| 12 | ok      |\n"
    )


def test_what_a_record_does_not_have_is_an_empty_field():
    columns = (Column("Name", "name"), Column("Share", "share", is_float=True))
    rows = [{"name": "a,b", "share": 0.25}, {"name": 3, "share": None}, {}]
    text = records_csv(tables.Records(columns, rows)).decode()
    assert text == 'name,share\n"a,b",0.25\n3,\n,\n'
    assert records_csv(tables.Records(columns, [])).decode() == "name,share\n"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (tables.objects(1234, 0.125), ("1,234", "12.5%", 1234)),
        (tables.objects(0, None), ("0 -", "", 0)),
        (Cell(Kind.OBJECTS, 3, 0.25, 12), ("3 of 12", "25.0%", 3)),
        (tables.share(0.0001), ("<0.1%", "", 0.05)),
        (tables.share(0.9999), (">99.9%", "", 99.95)),
        (tables.share(1.0), ("100%", "", 100)),
        (tables.share(None), ("-", "", None)),
        (Cell(Kind.CORRELATION, -0.254), ("-0.25", "", -0.25)),
        (Cell(Kind.CORRELATION, -0.001), ("0.00", "", 0)),
        (Cell(Kind.RATIO, 0.004), ("<0.01", "", 0.005)),
        (Cell(Kind.PER_IMAGE, 18843.2), ("18,843", "", 18843)),
        (Cell(Kind.PER_IMAGE, 67.59), ("67.6", "", 67.6)),
        (Cell(Kind.SPAN, (1.0, 25.5)), ("1 to 25.5", "", 1)),
        (Cell(Kind.SIDES, (12, 4.5)), ("12 x 4.5", "", 12)),
        (Cell(Kind.ID, 10_000), ("10000", "", 10_000)),
        ("no anchor overlaps 3", ("no anchor overlaps 3", "", None)),
        ("", ("", "", None)),
    ],
)
def test_cells_are_sorted_by_what_they_are(cell, expected):
    *texts, value = page_cell(cell)
    assert (*texts, value) == (*expected[:2], pytest.approx(expected[2]))


def test_differences_have_a_sign():
    for kind, value, text in (
        (Kind.COUNT, 1000, "+1,000"),
        (Kind.MEAN, 1000, "+1,000.0"),
        (Kind.RATIO, 1000, "+1,000.00"),
        (Kind.SHARE, -0.125, "-12.5"),
        (Kind.MEAN, 0.0, "0"),
    ):
        assert Cell(kind, value, is_change=True).text == text


def test_names_cannot_turn_the_text_around():
    assert shown("\u202eabc") == "\\u202eabc"
    assert shown("w" * 300) == "w" * 79 + "…"
