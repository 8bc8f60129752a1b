"""The page of a report of gates: bounds in its words, and nothing of positives."""

from functools import cache
from pathlib import Path

import numpy as np

from atss_inspect.figures.sweep import sweep_data_line
from atss_inspect.report import Page, Wanted, choose_images, drawings
from atss_inspect.report.document import cards
from atss_inspect.report.images import lacking_by_image, poorly_assigned_by_image
from tests.browser import needs_browser
from tests.figure_checks import all_words
from tests.report_pages import Parsed, Report, answers_of, page_of
from tests.test_gate_explained import scene_document
from tests.tiny_coco import coco, coco_image

GATES, MIXED = ("ultralytics-8.3", "yolox-mmdet"), ("ultralytics-8.3", "fcos-mmdet")


@cache
def report_of(*names: str) -> Report:
    return answers_of(scene_document(), *names)


@cache
def drawn_page(*names: str) -> Page:
    return page_of(report_of(*names), is_drawn=True)


def test_gates_have_no_section_of_causes_and_no_plot_of_levels():
    page = page_of(report_of(*GATES))
    parsed = Parsed(page.html)
    assert "Why objects have no positive" not in parsed.text
    assert "poorly assigned:" not in parsed.text
    assert "without a candidate: 1 of 9 objects" in parsed.text
    assert "Picked at most" in parsed.text
    assert "Which pyramid level learns what" not in parsed.text
    assert "Candidates by pyramid level" in parsed.text
    assert "One object without a candidate of each size first" in parsed.text
    assert "A rule with a gate picks at most so many points" in parsed.text
    words = parsed.text.split("Settings and conventions")
    for other in ("ATSS", "low-quality", "0.2 k L", "with a bar", "other rules"):
        assert other not in words[0]
    terms = words[1].split("Terms")[1].split("About this page")[0]
    for other in ("ATSS", "Low-quality", "Poorly", "Gini", "IoU"):
        assert other not in terms
    assert "anchors.scale" not in words[1].split("as a file for")[0]
    assert "anchors.strides" in words[1]


def test_larger_images_are_tried_where_there_are_gates_alone():
    text = Parsed(page_of(report_of(*GATES)).html).text
    assert "ultralytics-8.3: imgsz" in text.replace("\n", "")
    assert [axis.name for axis in report_of(*GATES).tried.axes] == ["imgsz"]


def test_a_figure_of_a_sweep_names_how_many_objects_each_value_keeps():
    # The second one is 1.8 px at half the size, and dropped.
    boxes = (100, 100, 160, 160), (10, 10, 3.6, 3.6)
    report = answers_of(coco_image(*boxes, width=1280, height=1280), "ultralytics")
    (plan,) = [each for each in drawings._plans(report) if each.name == "sweep-tried"]
    amount = "1 to 2 objects in 1 image"
    assert amount in " ".join(all_words(plan.draw()[0]).split())
    assert amount in sweep_data_line(report.saved_sweeps["tried"])


def test_what_is_left_out_stands_among_the_warnings():
    text = Parsed(page_of(report_of("ultralytics-8.3")).html).text
    warnings = text.split("What was odd about")[1].split("Terms")[0]
    assert "Left out: 1 of 10 annotations (label repeated)." in warnings


def test_images_of_objects_below_the_quota_are_shown_where_none_is_without():
    small, large = (100, 100, 16, 16), (100, 100, 160, 160)
    boxes = {1: [large], 2: [small], 3: [small] * 2, 4: [large], 5: [small] * 2}
    document = {"images": [], "annotations": [], "categories": [{"id": 1, "name": "a"}]}
    for image, own in boxes.items():
        size = {"width": 640, "height": 640}
        document["images"].append({"id": image, "file_name": f"{image}.jpg", **size})
        for shift, (x, y, w, h) in enumerate(own):
            number = len(document["annotations"]) + 1
            one = {"id": number, "image_id": image, "category_id": 1, "iscrowd": 0}
            one |= {"bbox": [x + 100 * shift, y, w, h], "area": w * h}
            document["annotations"].append(one)
    report = answers_of(document, "ultralytics")
    assert poorly_assigned_by_image(report).tolist() == [[0, 0, 0, 0, 0]]
    assert lacking_by_image(report).tolist() == [[0, 1, 2, 0, 2]]
    assert choose_images(report, Wanted()) == [2, 4, 1]
    # One for the most objects; half of two for the object listed first.
    assert choose_images(report, Wanted(worst=1)) == [2]
    assert choose_images(report, Wanted(worst=2)) == [2, 1]
    text = Parsed(page_of(report).html).text
    assert "with their objects below the quota of candidates under each" in text
    assert text.count("not on this page") == 2


def test_both_kinds_stand_on_one_page():
    parsed = Parsed(page_of(report_of(*MIXED)).html)
    assert "poorly assigned: 1 of 10 objects" in parsed.text
    assert "without a candidate: 1 of 9 objects" in parsed.text
    assert "those without a positive or candidate, which teach" in parsed.text
    assert "Why objects have no positive" in parsed.text
    caption = "with their poorly assigned objects or objects below the quota"
    assert caption in parsed.text


def test_cards_of_gates_have_bounds():
    found = {card.name: card for card in cards(report_of(*MIXED))}
    gate = dict(found["ultralytics-8.3"].facts)
    # 49 of the bounds of the golden scene, of nine objects.
    assert gate["picks at most, mean"] == "5.4"
    assert gate["fewer candidates than the quota"] == "5 (55.6%)"
    assert gate["quota"] == "10"
    assert "without a positive" not in gate
    assert "without a positive" in dict(found["fcos-mmdet"].facts)


def test_images_with_objects_without_a_candidate_are_among_the_worst():
    poorly = poorly_assigned_by_image(report_of(*MIXED))
    np.testing.assert_array_equal(poorly, [[1], [1]])


def test_a_page_without_gates_says_nothing_of_them():
    text = Parsed(page_of(report_of("fcos-mmdet")).html).text
    assert "candidate" not in text.split("Settings and conventions")[0].replace(
        "candidates, anchors", ""
    ).replace("Candidates", "")


class TestInBrowser:
    """The whole page, drawn."""

    pytestmark = needs_browser

    def test_it_opens_without_complaint_and_leads_to_the_viewer(self, browser):
        path = Path("report.html").resolve()
        for names in (GATES, MIXED):
            path.write_text(drawn_page(*names).html, encoding="utf-8")
            browser.open(path)
            assert browser.complaints() == []
            assert browser.requests() == []
            browser.assert_fits()
            shown = browser.shown()
            assert shown["preset"] == "ultralytics-8.3"
            assert len(shown["hollow"]) == len(shown["positives"]) > 0


def test_no_interval_is_told_of_a_gate_that_leaves_no_object_without_a_candidate():
    # Twenty images, so that there are intervals; yolo11 widens what is tiny.
    boxes = [(9, 5, 2.5, 2.5), (17, 5, 2.5, 2.5), (100, 100, 40, 40)]
    document = coco(dict.fromkeys(range(1, 21), boxes))
    report = answers_of(document, "ultralytics-8.3", "yolo11")
    told = {each.name: each.interval for each in cards(report)}
    assert told["yolo11"] is None
    assert told["ultralytics-8.3"] is not None
    rows = Parsed(page_of(report, wanted=None).html).table_with("95% interval")
    [spans] = [row for row in rows if row[0] == "95% interval"]
    assert spans[2] == "-" != spans[1]
