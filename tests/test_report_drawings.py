"""Which figures a report has."""

import re

from atss_inspect.report import draw_figures, num_drawings
from atss_inspect.report.answers import Workers
from tests.report_pages import answers_of, stand_ins, street_report
from tests.tiny_coco import coco, street


def test_every_convention_with_a_k_has_its_own_two() -> None:
    report = answers_of(street(), "atss-mmdet", "fcos-mmdet", "atss-official")
    assert list(stand_ins(report)) == [
        *("positives", "size", "levels", "compare"),
        *("threshold-0", "sweep-0", "threshold-1", "sweep-1", "reach"),
    ]
    titles = [each.title for each in stand_ins(report).values()]
    assert "Thresholds of atss-official, object by object" in titles
    assert "atss-mmdet against fcos-mmdet" in titles


def test_without_a_second_convention_or_a_k_there_are_fewer() -> None:
    report = answers_of(street(), "fcos-mmdet")
    assert list(stand_ins(report)) == ["positives", "size", "levels", "reach"]
    assert num_drawings(street_report()) == 7


def test_without_objects_there_is_the_reach_alone() -> None:
    steps: list[int] = []
    report = answers_of(coco({1: []}), "atss-mmdet")
    drawn = draw_figures(report, Workers(None, steps.append))
    assert list(drawn) == ["reach"]
    assert steps == [1]
    assert set(re.findall(r' id="(\w+)-', drawn["reach"].svg)) == {"reach"}
    assert 'aria-label="Which boxes each preset can see. ' in drawn["reach"].svg
