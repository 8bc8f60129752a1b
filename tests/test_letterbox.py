"""Boxes on their way through Ultralytics' and YOLOv5's label text and square."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from atss_inspect.annotations import letterbox
from atss_inspect.annotations.data_rules import DataRules, repeats
from atss_inspect.annotations.frame import build_frame
from atss_inspect.annotations.letterbox import (
    LETTERBOXES,
    is_kept,
    loaded_sizes,
    six_digits,
    square_shares,
)
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import run

from .reference.letterbox import PATHS, label_of, loaded_size, see_square
from .test_data_rules import dataset_of
from .test_recorded_answers import SUBSET

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


@pytest.mark.parametrize("path", PATHS)
@given(images())
@example((147, 100, [{"bbox": [3.0, 7.0, 60.0, 140.0], "category_id": 1}]))
@example((640, 500, [{"bbox": [0.0, 0.0, 2.0, 9.0], "category_id": 1}]))
def test_boxes_of_an_image_equal_those_of_the_loop(path, image):
    height, width, annotations = image
    expected = see_square(annotations, height=height, width=width, side=640, path=path)
    dataset = dataset_of([annotations], (height, width))
    resize = ResizeRule(rule=path)
    frame = build_frame(dataset, slice(0, 1), rules_of(path), resize)
    assert sum(frame.left_out_objects.values()) + frame.num_gt == dataset.num_objects
    if expected is None:
        assert frame.left_out_images == {"label_out_of_range": 1}
        return
    places, boxes = expected
    np.testing.assert_array_equal(frame.gt_boxes, boxes)
    # Of lines that repeat each other the first one stays.
    assert tuple(dataset.annotation_index[frame.object_rows].tolist()) == places


def test_of_equal_labels_of_one_class_one_stays():
    # The second is the first in text; the third is of another class.
    box, near = (10.0, 20.0, 30.0, 40.0), (10.0, 20.0, 30.0, 40.0000001)
    lines = [
        {"bbox": list(one), "category_id": category}
        for one, category in ((box, 1), (near, 1), (box, 2))
    ]
    frame = build_frame(
        dataset_of([lines]), slice(0, 1), rules_of("yolov5"), ResizeRule(rule="yolov5")
    )
    assert frame.left_out_objects == {"label_repeated": 1}
    assert frame.object_rows.tolist() == [0, 2]


def test_a_label_of_minus_0_repeats_one_of_0():
    labels = np.array([(0.0, 0.5, 1, 1), (-0.0, 0.5, 1, 1), (0, 0.5, 1, 1)], np.float32)
    image, category = np.array([0, 0, 0]), np.array([4, 4, 5])
    assert repeats(image, category, labels).tolist() == [False, True, False]


@pytest.mark.parametrize("path", PATHS)
def test_a_side_100_times_the_other_is_dropped_where_that_is_the_rule(path):
    # 500 x 5 px of 640: 0.78125 and 0.0078125, which six digits and float32 hold.
    lines = [
        {"bbox": [70.0, y, width, 5.0], "category_id": 1}
        for y, width in ((317.5, 500.0), (317.5, 490.0), (100.0, 5.0))
    ]
    lines += [{"bbox": [317.5, 70.0, 5.0, 500.0], "category_id": 1}]
    dataset, rules = dataset_of([lines], (640, 640)), rules_of(path)
    found = {}
    for most in (100.0, 0.0, 97.0):
        own = replace(rules, most_elongated=most)
        frame = build_frame(dataset, slice(0, 1), own, ResizeRule(rule=path))
        found[most] = frame.object_rows.tolist()
    assert found == {100.0: [1, 2], 0.0: [0, 1, 2, 3], 97.0: [2]}


@pytest.mark.parametrize("path", PATHS)
def test_of_a_box_more_than_a_tenth_must_be_left(path):
    # 10 x 10 px, of which clipping leaves 1 x 10 px, or a little more.
    before = np.array([(-9, 0, 1, 10), (-8.75, 0, 1.25, 10)], dtype=np.float32)
    after = np.maximum(before, np.float32(0))
    limits = (0.0, 0.1, np.inf)
    assert is_kept(before, after, LETTERBOXES[path], limits).tolist() == [False, True]


def test_a_side_of_2_px_is_dropped_and_more_is_kept():
    # At 640 px nothing is scaled: 2 / 640 is 0.003125, 2.5 / 640 is 0.00390625, which
    # six digits hold.
    lines = [
        {"bbox": [100.0, 100.0, width, 20.0], "category_id": 1} for width in (2, 2.5)
    ]
    for path in PATHS:
        dataset = dataset_of([lines], (640, 640))
        frame = build_frame(dataset, slice(0, 1), rules_of(path), ResizeRule(rule=path))
        assert frame.object_rows.tolist() == [1], path
        assert frame.left_out_objects == {"dropped_after_letterbox": 1}


def test_the_border_is_of_whole_pixels_or_halves():
    # 640 x 481: 159 px left over, 79.5 on each side; whole pixels: 79 left.
    line = [{"bbox": [160.0, 100.0, 80.0, 320.0], "category_id": 1}]
    lefts = {}
    for path in PATHS:
        dataset = dataset_of([line], (640, 481))
        frame = build_frame(dataset, slice(0, 1), rules_of(path), ResizeRule(rule=path))
        assert frame.input_size.tolist() == [[640, 481]]
        assert frame.padded_size.tolist() == [[640, 640]]
        lefts[path] = round(float(frame.gt_boxes[0, 0]), 2)
    assert lefts == {"ultralytics-8.3": 239, "ultralytics": 239.5, "yolov5": 239.5}


@pytest.mark.parametrize("path", PATHS)
@given(images())
def test_the_same_boxes_as_labels_give_the_same(path, image):
    height, width, annotations = image
    in_pixels = dataset_of([annotations], (height, width))
    written = [label_of(each, height, width) for each in annotations]
    places = in_pixels.annotation_index.tolist()
    shares = [written[place] or (0, 0, 0, 0) for place in places]
    labels = np.array(shares, dtype=np.float32).reshape(-1, 4)
    frames = [
        build_frame(each, slice(0, 1), rules_of(path), ResizeRule(rule=path))
        for each in (in_pixels, replace(in_pixels, normalized=labels))
    ]
    np.testing.assert_array_equal(*(frame.object_rows for frame in frames))
    np.testing.assert_array_equal(*(frame.gt_boxes for frame in frames))


@pytest.mark.slow
@pytest.mark.parametrize("name", RECORDS)
def test_boxes_and_sizes_are_bit_equal_to_the_record(real_data, name):
    path = real_data / "goldens" / "coco-val2017-subset-2" / f"{name}.npz"
    with np.load(path) as record:
        record = {key: record[key] for key in record.files}
    dataset = load_coco(real_data / SUBSET)
    resize = ResizeRule(rule=RECORDS[name])
    images = slice(0, dataset.num_images)
    frame = build_frame(dataset, images, rules_of(RECORDS[name]), resize)
    for ours, theirs in (
        (dataset.image_ids[frame.image_rows], record["image_ids"]),
        (frame.input_size, record["image_hw"]),
        (frame.padded_size, record["pad_hw"]),
        (dataset.annotation_ids[frame.object_rows], record["ann_ids"]),
    ):
        np.testing.assert_array_equal(ours, theirs)
    if name == "yolov5":  # whose loss gets shares
        shares = square_shares(frame.gt_boxes, 640)
        np.testing.assert_array_equal(shares, record["gt_norm"])
    else:
        np.testing.assert_array_equal(frame.gt_boxes, record["gt_boxes"])


def test_a_flip_moves_centers_between_the_ways_to_shares_and_back():
    # 4 px to 100.1 px: the center is moved, and the width is not rounded anew.
    line = [{"bbox": [4.3, 100.0, 95.8, 20.0], "category_id": 1}]
    dataset = dataset_of([line], (640, 640))
    rules, resize = rules_of("ultralytics"), ResizeRule(rule="ultralytics")
    plain, flipped = (
        build_frame(dataset, slice(0, 1), rules, resize, is_flipped=one).gt_boxes[0]
        for one in (False, True)
    )
    x1, _, x2, _ = np.float32(plain)
    center, side = (x1 + x2) / np.float32(2), x2 - x1
    center = (np.float32(640) - center) / np.float32(640) * np.float32(640)
    side = side / np.float32(640) * np.float32(640)
    half = side / np.float32(2)
    assert flipped[[0, 2]].tolist() == [center - half, center + half]


@pytest.mark.slow
def test_digits_and_the_border_move_39_and_226_of_3718_windows(real_data, monkeypatch):
    dataset = load_coco(real_data / SUBSET)

    def windows(**changes):
        settings = preset("ultralytics-8.3", **changes)
        frame = run.frame_of(dataset, slice(0, dataset.num_images), settings)
        return run.find_gate(frame, settings).windows

    def moved(other):
        return np.count_nonzero((other != own).any(axis=(1, 2)))

    own = windows()
    assert len(own) == 3718
    assert moved(windows(resize__rule="ultralytics")) == 226
    monkeypatch.setattr(letterbox, "six_digits", lambda values: values)
    assert moved(windows()) == 39
