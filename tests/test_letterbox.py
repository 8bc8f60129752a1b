"""Boxes on their way through Ultralytics' and YOLOv5's label text and square."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.frame import build_frame
from atss_inspect.annotations.letterbox import LETTERBOXES, loaded_sizes, six_digits, square_shares
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset

from .reference.letterbox import PATHS, loaded_size, see_square
from .test_recorded_answers import SUBSET
from .tiny_coco import coco

RECORDS = {
    "ultralytics-8.3.253": "ultralytics-8.3",
    "ultralytics-8.4.100": "ultralytics",
    "ultralytics-8.4.190": "ultralytics",
    "yolov5": "yolov5",
}
NUMBERS = st.one_of(
    st.floats(1e-15, 1e5),
    st.integers(0, 4000).map(lambda n: n / 1280),
    st.integers(1, 10**7).map(lambda n: n / 1e7),
    st.tuples(st.integers(1, 4000), st.integers(1, 4000)).map(lambda p: p[0] / p[1]),
)


def rules_of(path: str) -> DataRules:
    return DataRules(
        labels="text",
        label_slack=0.0 if path == "yolov5" else 0.01,
        min_input_side=2.0,
        min_area_share=0.1,
        most_elongated=100.0,
    )


@given(st.lists(NUMBERS, max_size=30))
@example([0.0, 0.1, 0.9999996, 0.09999999999999999, 1e-5, 0.1929685, 0.1929695])
def test_six_digits_are_those_of_percent_g(values):
    expected = [float(f"{value:g}") for value in values]
    assert six_digits(np.array(values, dtype=np.float64)).tolist() == expected
    negative = six_digits(-np.array(values, dtype=np.float64))
    assert negative.tolist() == [-value for value in expected]


@pytest.mark.parametrize("path", PATHS)
def test_sizes_of_all_sides_are_those_of_the_loop(path):
    originals = [(n, max(n * 2 // 3, 1)) for n in range(1, 4001)]
    exact = np.array(originals, dtype=np.float64)
    found = loaded_sizes(exact, 640, LETTERBOXES[path])
    assert found.tolist() == [list(loaded_size(*each, 640, path)) for each in originals]
    # ceil(147 * (640 / 147)) is 641, which YOLOv5 scales back.
    assert found[146, 0] == (641 if path == "yolov5" else 640)


SIDES = st.integers(1, 700)


@st.composite
def images(draw):
    height, width = draw(SIDES), draw(SIDES)
    place = st.one_of(
        st.floats(-4, 1.02 * max(height, width)), st.integers(0, 700), st.just(0.0)
    )
    side = st.one_of(st.floats(0, 500), st.integers(-1, 300), st.sampled_from([2, 3]))
    box = st.tuples(place, place, side, side)
    boxes = draw(st.lists(box, max_size=6))
    boxes += boxes[: draw(st.integers(0, 1))]
    categories = draw(st.lists(st.integers(1, 2), min_size=7, max_size=7))
    crowds = draw(st.lists(st.booleans(), min_size=7, max_size=7))
    annotations = [
        {"bbox": list(map(float, box)), "category_id": category, "iscrowd": int(crowd)}
        for box, category, crowd in zip(boxes, categories, crowds, strict=False)
    ]
    return height, width, annotations


def check_image(height, width, annotations, path, side=640):
    expected = see_square(annotations, height=height, width=width, side=side, path=path)
    dataset = load_coco(coco_file(height, width, annotations))
    resize = ResizeRule(rule=path, size=(side, side))
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, rules_of(path), resize)
    assert sum(frame.left_out_objects.values()) + frame.num_gt == dataset.num_objects
    if expected is None:
        assert frame.left_out_images == {"label_out_of_range": 1}
        return
    places = tuple(dataset.annotation_index[frame.object_rows].tolist())
    # Which of equal lines stays is nobody's business: the first here.
    assert places == expected[0]
    np.testing.assert_array_equal(frame.gt_boxes, expected[1])
