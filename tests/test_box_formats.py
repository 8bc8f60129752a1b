"""Boxes that are no x, y, width, height: how they are read, and their names."""

import json

import numpy as np
import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.box_formats import BOX_FORMATS, declared_format, to_xywh
from tests.written_boxes import SIZE, boxes, written


@pytest.mark.parametrize("box_format", BOX_FORMATS)
def test_each_format_is_read_as_it_is_meant(box_format):
    xywh, sizes = boxes(60), np.tile(SIZE, (60, 1))
    numbers = written(xywh, box_format)
    assert to_xywh(numbers, sizes, box_format) == pytest.approx(xywh)


@pytest.mark.parametrize(
    ("mode", "box_format"),
    [
        (0, "xyxy"),
        (1, "xywh"),
        ("BoxMode.XYXY_ABS", "xyxy"),
        ("XYWH_ABS", "xywh"),
        ("XYXY_REL", "xyxy-fractions"),
        ("yolo", "cxcywh-fractions"),
        (4, None),  # turned boxes
        (None, None),
    ],
)
def test_names_of_formats(mode, box_format):
    assert declared_format(mode) == box_format


def document(numbers: np.ndarray, **more):
    """A file with such boxes on one image."""
    entries = [
        {"id": place, "image_id": 1, "category_id": 1, "bbox": box, **more}
        for place, box in enumerate(numbers.tolist())
    ]
    images = [{"id": 1, "file_name": "1.jpg", "width": 640, "height": 480}]
    categories = [{"id": 1, "name": "cat"}]
    return {"images": images, "annotations": entries, "categories": categories}


def file_of(path, numbers: np.ndarray, **more):
    """The same, written."""
    path.write_text(json.dumps(document(numbers, **more)))
    return path


def test_many_such_boxes_are_refused_with_the_option_that_reads_them(tmp_path):
    path = file_of(tmp_path / "a.json", written(boxes(20), "xyxy"))
    with pytest.raises(DataError) as error:
        load_coco(path)
    assert str(error.value).endswith(
        "a.json: all 20 boxes look like x1, y1, x2, y2: as x, y, width, height 17 of "
        "them do not fit into their images, as x1, y1, x2, y2 none; expected x, y, "
        "width, height"
    )
    assert error.value.hint == (
        "--box-format xyxy reads them so, --box-format xywh as they are written"
    )
    read = load_coco(path, box_format="xyxy")
    assert read.xywh == pytest.approx(boxes(20))
    reasons = [each.reason for each in read.findings]
    assert reasons == ["area_missing"]
    assert (
        load_coco(path, box_format="xywh").xywh.tolist()
        == written(boxes(20), "xyxy").tolist()
    )


def test_outliers_are_counted_and_do_not_silence_the_others():
    numbers = written(boxes(300), "xyxy")
    numbers[7, 2] = 5000
    with pytest.raises(DataError, match="of 300 boxes 299 look like x1, y1, x2, y2: "):
        load_coco(document(numbers))


def test_a_few_are_a_warning_that_names_it(tmp_path):
    path = file_of(tmp_path / "a.json", written(boxes(19), "xyxy"))
    [found] = [each for each in load_coco(path).findings if "look" in each.reason]
    assert (found.reason, found.count) == ("boxes_look_xyxy", 19)
    assert found.message == (
        "19 boxes look like x1, y1, x2, y2, where x, y, width, height in pixels are "
        "expected; used as written"
    )
    assert found.hint == (
        "as x, y, width, height 16 of them do not fit into their images, as x1, y1, "
        "x2, y2 none; --box-format xyxy reads them so"
    )
    # Of sizes nothing is said beside it.
    assert not [each for each in load_coco(path).findings if "size" in each.reason]


def test_where_several_are_likely_all_are_named():
    # Small boxes far from the borders: x, y may be a corner or the center.
    small = np.column_stack([boxes(20)[:, :2] / 2 + 100, np.full((20, 2), 9.0)])
    with pytest.raises(DataError, match="look like fractions of the image: ") as error:
        load_coco(document(written(small, "cxcywh-fractions")))
    assert error.value.hint == (
        "--box-format cxcywh-fractions if they are center x, center y, width, height "
        "as in YOLO, --box-format xywh-fractions if they are x, y, width, height, "
        "--box-format xywh as they are written"
    )


def test_polygons_of_a_file_are_looked_at(tmp_path):
    numbers = np.array([[110, 120, 230, 250]] * 20)
    polygon = [[110, 120, 230, 120, 230, 250], [112, 122, 114, 122, 114, 124]]
    path = file_of(tmp_path / "a.json", numbers, segmentation=polygon)
    with pytest.raises(DataError, match="20 of 20 polygons have these corners"):
        load_coco(path)
    with pytest.raises(DataError, match="20 of 20 polygons have these corners"):
        load_coco(json.loads(path.read_text()))


@pytest.mark.parametrize(
    "place", ["annotations", "top", "info", "annotations as an object"]
)
def test_what_a_file_says_of_its_boxes_is_believed(place, tmp_path):
    # Read either way they keep to the image.
    numbers = written(boxes(20) / 4, "xyxy")
    said = document(numbers, **({"bbox_mode": 0} if "annotations" in place else {}))
    if place == "top":
        said["bbox_mode"] = "xyxy"
    if place == "info":
        said["info"] = {"bbox_format": "BoxMode.XYXY_ABS"}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(said))
    with pytest.raises(DataError, match="look like x1, y1, x2, y2: the file says so"):
        load_coco(said if "object" in place else path)
    load_coco(document(numbers))


def test_a_format_that_the_boxes_contradict_is_not_believed():
    # Most end before they begin.
    numbers = boxes(20) / [1, 1, 9, 9]
    numbers[:7] = written(boxes(20) / 4, "xyxy")[:7]
    found = load_coco(document(numbers, bbox_mode="XYXY_ABS"))
    assert not [each for each in found.findings if "look" in each.reason]
    # Nor are boxes doubted that are x, y, width, height by what the file says.
    load_coco(document(written(boxes(20), "xyxy"), bbox_mode=1))


def test_a_part_of_the_boxes_of_another_format_is_counted():
    right, wrong = document(boxes(9)), document(written(boxes(3), "xyxy"))
    for each in right["annotations"]:
        each["area"] = each["bbox"][2] * each["bbox"][3]
    for each, box in zip(wrong["annotations"], boxes(3).tolist(), strict=True):
        each |= {"area": box[2] * box[3], "id": each["id"] + 100}
    right["annotations"] += wrong["annotations"]
    [found] = [each for each in load_coco(right).findings if "mixed" in each.reason]
    assert found.message == (
        "3 boxes of the file look like another format than the others; used as written"
    )
    assert found.hint == "they look like x1, y1, x2, y2"
    assert found.examples[0] == "annotations[9] (id 100)"


def test_an_unknown_format_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="must be one of xywh, xyxy, cxcywh, xywh-fr"):
        load_coco({"images": [], "annotations": []}, box_format="ltrb")
