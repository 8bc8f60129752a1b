"""What speaks for and against each way to read boxes, and when nothing is claimed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.readers.box_formats import BOX_FORMATS
from atss_inspect.readers.box_readings import Written, doubt_boxes, mixed_boxes
from tests.written_boxes import SIZE, boxes, written

WIDE = np.array(SIZE[::-1])


def doubt(numbers: np.ndarray, areas: np.ndarray | None = None, **more):
    """What is said of boxes of one image."""
    sizes = np.tile(more.get("size", SIZE), (len(numbers), 1))
    areas = np.full(len(numbers), np.nan) if areas is None else areas
    outlines = more.get("outlines", lambda: (np.empty((0, 4)), np.empty((0, 4))))
    return doubt_boxes(Written(numbers, sizes, areas), outlines)


def area(xywh: np.ndarray) -> np.ndarray:
    return xywh[:, 2] * xywh[:, 3]


@pytest.mark.parametrize("box_format", BOX_FORMATS)
def test_each_format_is_told(box_format):
    xywh = boxes(60)
    found = doubt(written(xywh, box_format))
    assert (found.box_formats if found else ("xywh",)) == (box_format,)
    found = doubt(written(xywh, box_format), area(xywh))
    assert (found.box_formats if found else ("xywh",)) == (box_format,)


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, 3, 12, 40]))
def test_boxes_as_they_should_be_are_not_doubted(seed, number):
    xywh = boxes(number, seed=seed)
    assert doubt(xywh) is None
    assert doubt(xywh, area(xywh)) is None
    assert doubt(np.round(xywh), area(xywh) * 0.7) is None


def test_boxes_over_the_border_are_not_doubted():
    # Wide ones: width is above x, so that all have corners in order.
    wide = np.column_stack([boxes(40)[:, :2] / 6, np.tile(WIDE / 2, (40, 1))])
    wide[:, 2:] += boxes(40)[:, :2] / 3
    wide[:20, 2] = 640 - wide[:20, 0] + 4  # 4 px are rounding for so wide ones
    assert doubt(wide) is None
    # Two of 40 are few, however far; of three, areas and polygons say what they are.
    far = np.array([[300, 9, 500, 400], [300, 9, 501, 400], [300, 9, 502, 400]])
    wide[:2] = far[:2]
    assert doubt(wide) is None
    wide[:3] = far
    assert doubt(wide).box_formats == ("xyxy",)
    assert doubt(wide, area(wide)) is None
    corners = written(wide, "xyxy")
    assert doubt(wide, outlines=lambda: (wide, corners)) is None


def test_turned_photographs_are_no_corners():
    # A document of 2500 x 2800 px at about 300, 600, on pictures recorded as 4000 x
    # 3000: 400 px are beyond, and all corners would be in order.
    near = boxes(40)[:, :2] / 6 + [250, 600]
    tall = np.column_stack([near, np.tile([2500, 2800], (40, 1))])
    assert doubt(tall, size=(3000.0, 4000.0)) is None
    assert doubt(tall, size=(3000.0, 3050.0)).box_formats == ("xyxy",)


def test_corners_that_fit_either_way_are_told_by_areas_or_polygons_alone():
    xywh = boxes(30) / 4
    corners = written(xywh, "xyxy")
    assert doubt(corners) is None
    found = doubt(corners, area(xywh))
    assert found == (("xyxy",), 30, "their areas are those of such boxes")
    # As those of pixels from the first to the last.
    inclusive = (xywh[:, 2] + 1) * (xywh[:, 3] + 1)
    assert doubt(corners, inclusive).box_formats == ("xyxy",)
    found = doubt(corners, outlines=lambda: (corners, corners + 1))
    assert found == (("xyxy",), 30, "30 of 30 polygons have these corners")
    # Areas of widths and heights speak for COCO's format.
    assert doubt(corners, area(corners)) is None
    assert doubt(corners, outlines=lambda: (corners, corners + 9)) is None


def test_one_outlier_silences_nothing():
    xywh = boxes(200)
    corners = written(xywh, "xyxy")
    corners[3] = (10, 10, 5000, 20)
    assert doubt(corners).box_formats == ("xyxy",)
    assert doubt(corners, area(xywh)).number == 199
    fractions = written(xywh, "cxcywh-fractions")
    fractions[3] = (0.5, 0.5, 30, 0.1)
    assert doubt(fractions).box_formats == ("cxcywh-fractions",)


def test_centers_need_their_like_at_the_near_borders():
    # 30 at the far borders, as centers half of each within; 30 in the middle.
    far = np.tile([600, 200, 80, 60], (30, 1)) + np.arange(30)[:, None] * [0, 1, 0, 0]
    middle = np.tile([300, 200, 80, 60], (30, 1)) + np.arange(30)[:, None]
    assert doubt(np.vstack([far, middle]).astype(float)) is None
    near = far.copy()
    near[:, 0] = 40  # x - width is below 0, x - width / 2 is not
    found = doubt(np.vstack([far, middle, near]).astype(float))
    assert found.box_formats == ("cxcywh",)
    assert found.evidence == (
        "as x, y, width, height 30 of them do not fit into their images, as center x, "
        "center y, width, height none"
    )


def test_a_reading_that_nothing_tells_from_another_is_not_claimed():
    small = np.column_stack([boxes(40)[:, :2] / 2 + 100, np.full((40, 2), 9.0)])
    for unit in ("fractions", "percent"):
        found = doubt(written(small, f"xywh-{unit}"), area(small))
        assert found.box_formats == (f"cxcywh-{unit}", f"xywh-{unit}")
    assert doubt(written(small, "cxcywh")) is None


def test_percentages_of_few_boxes_are_told_by_their_areas():
    xywh = boxes(5)
    assert doubt(written(xywh, "xyxy-percent")) is None
    assert doubt(written(xywh, "xyxy-percent"), area(xywh)).number == 5
    # In an image of 100 x 100 px they are pixels.
    square = xywh / [6.4, 4.8, 6.4, 4.8]
    assert doubt(square, area(square), size=(100.0, 100.0)) is None


def test_pixels_in_a_corner_of_the_image_are_no_percentages():
    # A map in a corner of the screen, 100 x 100 px, with boxes all over it.
    xywh = boxes(40) / [6.4, 4.8, 6.4, 4.8]
    assert doubt(xywh, area(xywh), size=(1080.0, 1920.0)) is None
    assert doubt(xywh, area(xywh) * 0.7, size=(1080.0, 1920.0)) is None


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (-1, -1, -1, -1), (0, 0, 1, 1)])
def test_what_stands_in_place_of_a_box_takes_no_part(box):
    assert doubt(np.tile(np.array(box, float), (40, 1))) is None
    corners = written(boxes(200), "xyxy")
    corners[:1] = box
    assert doubt(corners).box_formats == ("xyxy",)


def test_boxes_all_alike_are_not_doubted():
    assert doubt(np.tile([100.0, 100, 600, 400], (40, 1))) is None
    assert doubt(np.empty((0, 4))) is None


def mixed(numbers: np.ndarray, areas: np.ndarray):
    sizes = np.tile(SIZE, (len(numbers), 1))
    return mixed_boxes(Written(numbers, sizes, areas))


def test_a_part_of_another_format_is_told_by_areas():
    xywh = boxes(40)
    for box_format in ("xyxy", "xywh-fractions", "xywh-percent"):
        numbers = xywh.copy()
        numbers[:10] = written(xywh, box_format)[:10]
        name, which = mixed(numbers, area(xywh))
        assert (name, which.tolist()) == (box_format, [True] * 10 + [False] * 30)
    # Three of 40 are few.
    numbers = xywh.copy()
    numbers[:3] = written(xywh, "xyxy")[:3]
    assert not mixed(numbers, area(xywh))[1].any()
    assert not mixed(xywh, area(xywh))[1].any()
    assert not mixed(xywh, area(xywh) * 0.6)[1].any()
