"""Tables of the terminal on a page."""

import pytest

from atss_inspect.report.tables import (
    page_table,
    setting_rows,
    sort_value,
    tables_of_stats,
)
from atss_inspect.views.layout import Row, Section, Table
from tests.report_pages import answers_of, street_report
from tests.tiny_coco import coco


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,234  12.5%", 1234),
        ("<0.1%", 0.05),
        (">99.9%", 99.95),
        ("-", None),
        ("-0.25", -0.25),
        ("", None),
        ("12 x 4.5", 12),
        ("no anchor overlaps", None),
    ],
)
def test_cells_are_sorted_by_their_first_number(text: str, value: float | None) -> None:
    assert sort_value(text) == (None if value is None else pytest.approx(value))


def test_a_count_and_its_share_come_apart() -> None:
    row = Row("all (9)", (("1,234   12.5%",), ("-",)), ("7",))
    table = page_table(Table(("a", "b"), (Section("t", (row,)),)), "c", label="size")
    [section] = table.sections
    [line] = section.rows
    assert [tuple(cell) for cell in line.cells] == [
        ("7", "", 7.0),
        ("1,234", "12.5%", 1234.0),
        ("-", "", None),
    ]
    assert line.is_sum
    assert table.label == "size"


def test_sums_stay_in_place_and_sizes_do_not() -> None:
    labels = ("all", "all objects", "no level", "3 without any", "tiny", "allergy")
    rows = tuple(Row(label, (("1",),)) for label in labels)
    table = page_table(Table(("a",), (Section("", rows),)), "")
    is_sum = [row.is_sum for row in table.sections[0].rows]
    assert is_sum == [True, True, True, True, False, False]


def test_names_cannot_turn_the_text_around() -> None:
    row = Row("\u202eabc", (("1",),))
    table = page_table(Table(("a\nb",), (Section("", (row,)),)), "")
    assert table.sections[0].rows[0].label == "\\u202eabc"
    assert table.headings == ("a\\nb",)
    row = Row("w" * 300, (("1",),))
    [section] = page_table(Table(("a",), (Section("", (row,)),)), "").sections
    assert section.rows[0].label == "w" * 79 + "…"


def test_there_is_a_table_for_every_breakdown() -> None:
    tables = tables_of_stats(street_report())
    assert tables.causes is not None
    assert [row.label for row in tables.causes.sections[0].rows] == [
        "no anchor center inside"
    ]
    assert all(tables)
    assert "original pixels" in tables.size.caption  # type: ignore[union-attr]


def test_without_objects_there_is_the_overview_only() -> None:
    tables = tables_of_stats(answers_of(coco({1: []})))
    assert tables.overview.sections
    assert tables[1:] == (None,) * 5


def test_every_setting_has_a_row_and_says_where_it_is_from() -> None:
    rows = {row.path: row for row in setting_rows(street_report())}
    assert [tuple(cell) for cell in rows["assigner.k"].cells] == [
        ("9", "preset atss-mmdet"),
        ("", ""),
    ]
    assert rows["assigner.k"].differs
    assert not rows["anchors.strides"].differs
