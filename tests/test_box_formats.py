"""Boxes that are no x, y, width, height, and how they are told and read."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.box_formats import BOX_FORMATS, to_xywh
from atss_inspect.readers.box_readings import doubt_boxes

SIZE = (480.0, 640.0)  # height, width
NOTHING = np.empty(0)


def boxes(number: int, *, seed: int = 1) -> np.ndarray:
    """Boxes all over an image, x, y, width, height."""
    random = np.random.default_rng(seed)
    near = random.uniform(0, 0.9, (number, 2)) * SIZE[::-1]
    sides = random.uniform(0.02, 0.99, (number, 2)) * (np.array(SIZE[::-1]) - near)
    return np.hstack([near, np.maximum(sides, 2)])


def written(xywh: np.ndarray, box_format: str) -> np.ndarray:
    """The same boxes as a file of this format writes them."""
    form, _, unit = box_format.partition("-")
    near, sides = xywh[:, :2], xywh[:, 2:]
    numbers = {
        "xywh": [near, sides],
        "xyxy": [near, near + sides],
        "cxcywh": [near + sides / 2, sides],
    }
    whole = {"": 1.0, "fractions": np.tile(SIZE[::-1], 2)}
    whole["percent"] = whole["fractions"] / 100
    return np.hstack(numbers[form]) / whole[unit]


def doubt(numbers: np.ndarray, areas: np.ndarray | None = None, **more):
    """What is said of boxes of one image."""
    sizes = np.tile(SIZE, (len(numbers), 1))
    areas = np.full(len(numbers), np.nan) if areas is None else areas
    outlines = more.get("outlines", lambda: (np.empty((0, 4)), np.empty((0, 4))))
    return doubt_boxes(numbers, sizes, areas, outlines)


@pytest.mark.parametrize("box_format", BOX_FORMATS)
def test_each_format_is_told_and_read_back(box_format):
    xywh = boxes(60)
    numbers = written(xywh, box_format)
    found = doubt(numbers)
    assert (found.box_format if found else "xywh") == box_format
    sizes = np.tile(SIZE, (60, 1))
    assert to_xywh(numbers, sizes, box_format) == pytest.approx(xywh)


@given(st.integers(0, 2**32 - 1))
def test_boxes_as_they_should_be_are_not_doubted(seed):
    assert doubt(boxes(40, seed=seed)) is None


def test_corners_within_the_first_quarter_are_told_by_areas_or_polygons_alone():
    # Read either way they keep to the image.
    xywh = boxes(30) / 4
    corners = written(xywh, "xyxy")
    assert doubt(corners) is None
    found = doubt(corners, xywh[:, 2] * xywh[:, 3])
    assert found == ("xyxy", "their areas are those of these corners")
    found = doubt(corners, outlines=lambda: (corners, corners + 1))
    assert found == ("xyxy", "30 of 30 polygons have these corners")
    # Areas of widths and heights speak for COCO's format.
    assert doubt(corners, corners[:, 2] * corners[:, 3]) is None
    assert doubt(corners, outlines=lambda: (corners, corners + 9)) is None


def test_a_few_boxes_over_the_border_make_no_centers():
    xywh = boxes(100)
    xywh[:, :2] += xywh[:, 2:]  # far from the near borders: as centers all lie inside
    xywh[:, 2:] /= 8
    xywh[:, :2] = np.minimum(xywh[:, :2], np.array(SIZE[::-1]) - xywh[:, 2:])
    xywh[:4, 0] = 640 - xywh[:4, 2] / 2
    assert doubt(xywh) is None
    xywh[:5, 0] = 640 - xywh[:5, 2] / 2
    assert doubt(xywh).box_format == "cxcywh"


def file_of(path, numbers: np.ndarray, **more):
    """A file with such boxes on one image."""
    entries = [
        {"id": place, "image_id": 1, "category_id": 1, "bbox": box, **more}
        for place, box in enumerate(numbers.tolist())
    ]
    images = [{"id": 1, "file_name": "1.jpg", "width": 640, "height": 480}]
    content = {"images": images, "annotations": entries}
    content["categories"] = [{"id": 1, "name": "cat"}]
    path.write_text(json.dumps(content))
    return path


def test_many_such_boxes_are_refused_with_the_option_that_reads_them(tmp_path):
    path = file_of(tmp_path / "a.json", written(boxes(20), "xyxy"))
    with pytest.raises(DataError) as error:
        load_coco(path)
    assert str(error.value).endswith(
        "a.json: all 20 boxes look like x1, y1, x2, y2: as x, y, width, height 19 of "
        "them leave their image, read so none; expected x, y, width, height"
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


def test_a_few_are_a_warning_that_names_it(tmp_path):
    path = file_of(tmp_path / "a.json", written(boxes(19), "xyxy"))
    (found,) = (each for each in load_coco(path).findings if "different" in each.reason)
    assert found.count == 19
    assert found.hint == (
        "as x, y, width, height 16 of them leave their image, read so none; "
        "--box-format xyxy reads them so"
    )


def test_polygons_of_a_file_are_looked_at_where_the_boxes_do_not_tell(tmp_path):
    box = [110, 120, 230, 250]
    polygon = [[110, 120, 230, 120, 230, 250], [112, 122, 114, 122, 114, 124]]
    path = file_of(tmp_path / "a.json", np.array([box] * 20), segmentation=polygon)
    with pytest.raises(DataError, match="20 of 20 polygons have these corners"):
        load_coco(path)
    with pytest.raises(DataError, match="20 of 20 polygons have these corners"):
        load_coco(json.loads(path.read_text()))


def test_an_unknown_format_is_named_with_those_there_are():
    with pytest.raises(ValueError, match="must be one of xywh, xyxy, cxcywh, xywh-fr"):
        load_coco({"images": [], "annotations": []}, box_format="ltrb")
