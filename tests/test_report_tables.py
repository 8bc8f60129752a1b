"""The tables of `stats` and of the settings on a page."""

from atss_inspect.report.document import setting_rows, tables_of_stats
from tests.report_pages import answers_of, street_report
from tests.tiny_coco import coco


def test_there_is_a_table_for_every_breakdown() -> None:
    tables = tables_of_stats(street_report())
    assert all(tables.values())
    labels = [row.label for row in tables["causes"].table.sections[0].rows]
    assert labels == ["no anchor center inside"]
    assert "original pixels" in tables["size"].caption


def test_without_objects_there_is_the_overview_only() -> None:
    tables = tables_of_stats(answers_of(coco({1: []})))
    assert tables["overview"].table.sections
    assert list(tables.values())[1:] == [None] * 5


def test_every_setting_has_a_row_and_says_where_it_is_from() -> None:
    rows = {row.path: row for row in setting_rows(street_report())}
    assert list(rows["assigner.k"].cells) == [
        ("9", "preset atss-mmdet"),
        ("", ""),
    ]
    assert rows["assigner.k"].differs
    assert not rows["anchors.strides"].differs


def test_a_class_whose_name_begins_with_all_is_no_sum() -> None:
    boxes = {1: [(0, 0, 99, 99), (200, 200, 50, 50)]}
    names = {1: "all-terrain vehicle", 2: "object without any"}
    annotations = coco(boxes)
    annotations["categories"] = [{"id": i, "name": name} for i, name in names.items()]
    for place, annotation in enumerate(annotations["annotations"]):
        annotation["category_id"] = place + 1
    by_class = tables_of_stats(answers_of(annotations))["by_class"]
    is_sum = {row.label: row.is_sum for row in by_class.table.sections[0].rows}
    assert is_sum == {"all": True, **dict.fromkeys(names.values(), False)}
