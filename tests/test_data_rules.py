"""Which annotations and images are kept, and under which name the others are counted.

Odd cases by hand, per framework, are in tests/golden/data_cases.py.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations.data_rules import (
    IMAGE_REASONS,
    OBJECT_REASONS,
    DataRules,
    clip_boxes,
    far_corners,
    in_classes,
    shares_no_area,
)
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset

from .reference.frames import see_image

PRESET_OF = {
    "official": "atss-official",
    "mmdetection": "atss-mmdet",
    "detectron2": "retinanet-detectron2",
    "torchvision": "retinanet-torchvision",
}
Annotation = dict[str, Any]
PLAIN: Annotation = {"bbox": [10, 20, 30, 40]}
AS_IT_IS = ResizeRule(rule="stretch", size=(100, 100))


def dataset_of(
    images: list[list[Annotation]], size: tuple[int, int] = (100, 100)
) -> Dataset:
    """Read images of one size with these annotations; two classes, cat and dog."""
    height, width = size
    entries = [
        {"id": place, "file_name": f"{place}.jpg", "width": width, "height": height}
        for place in range(len(images))
    ]
    annotations = [
        {"image_id": place, "category_id": 1, **annotation}
        for place, of_image in enumerate(images)
        for annotation in of_image
    ]
    numbered = [{"id": place, **each} for place, each in enumerate(annotations)]
    categories = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    return load_coco(
        {"images": entries, "annotations": numbered, "categories": categories}
    )


def frame_of(
    images: list[list[Annotation]],
    rules: DataRules,
    resize: ResizeRule = AS_IT_IS,
    size: tuple[int, int] = (100, 100),
) -> Frame:
    dataset = dataset_of(images, size)
    return build_frame(dataset, slice(0, dataset.num_images), rules, resize)


def left_out(annotation: Annotation, **rules: object) -> dict[str, int]:
    return frame_of([[annotation]], DataRules(**rules)).left_out_objects


def test_nothing_is_left_out_of_plain_annotations():
    frame = frame_of([[PLAIN, PLAIN]], DataRules())
    assert frame.left_out_objects == frame.left_out_images == {}
    assert frame.num_gt == 2


def test_other_classes_are_left_out_first():
    dog_crowd = {**PLAIN, "category_id": 2, "iscrowd": 1}
    assert left_out(dog_crowd, classes=("cat",)) == {"class_not_selected": 1}
    assert left_out(dog_crowd, classes=("cat", "dog")) == {"crowd": 1}
    assert left_out(dog_crowd) == {"crowd": 1}


def test_an_unknown_class_selects_nothing():
    assert left_out(PLAIN, classes=("zebra",)) == {"class_not_selected": 1}


def test_ignored_annotations_are_left_out_where_the_key_is_read():
    ignored = {**PLAIN, "ignore": 1}
    assert left_out(ignored, drop_ignored=True) == {"ignore_flag": 1}
    assert left_out(ignored, drop_ignored=False) == {}


def test_crowds_are_left_out_unless_kept():
    crowd = {**PLAIN, "iscrowd": 1}
    assert left_out(crowd) == {"crowd": 1}
    assert left_out(crowd, drop_crowd=False) == {}


def test_boxes_that_share_no_area_with_the_image_are_left_out_where_clipped_or_ruled():
    outside = {"bbox": [100, 20, 30, 40]}
    for clip in ("original", "input"):
        assert left_out(outside, clip=clip) == {"outside_image": 1}
    assert left_out(outside, clip="never", drop_outside=True) == {"outside_image": 1}
    assert left_out(outside, clip="never") == {}


@pytest.mark.parametrize("bbox", [[10, 20, 0, 40], [10, 20, 30, 0], [10, 20, -5, 40]])
def test_boxes_without_extent_are_always_left_out(bbox):
    frame = frame_of([[{"bbox": bbox}]], DataRules(clip="never"))
    assert frame.num_gt == 0
    assert frame.left_out_objects == {"no_extent": 1}


def test_boxes_below_the_least_side_and_those_without_area_are_too_small():
    assert left_out({"bbox": [10, 20, 0.5, 40]}, min_box_side=1.0) == {"too_small": 1}
    assert left_out({"bbox": [10, 20, 30, 0.5]}, min_box_side=1.0) == {"too_small": 1}
    assert left_out({"bbox": [10, 20, 1, 1]}, min_box_side=1.0) == {}
    assert left_out({**PLAIN, "area": 0}, min_box_side=1.0) == {"too_small": 1}
    assert left_out({**PLAIN, "area": 0}) == {}


def test_sides_are_measured_again_after_the_resize():
    half = ResizeRule(rule="stretch", size=(50, 50))
    rules = DataRules(min_input_side=1.0)
    boxes = [{"bbox": [10, 20, 2, 40]}, {"bbox": [10, 20, 2.1, 40]}]
    frame = frame_of([boxes], rules, half)
    assert frame.left_out_objects == {"too_small_after_resize": 1}
    assert frame.object_rows.tolist() == [1]


def test_a_box_that_rounds_away_is_too_small_after_the_resize():
    # 2^-20 px at x = 90 is less than float32 can tell there.
    frame = frame_of([[{"bbox": [90, 20, 2.0**-20, 40]}]], DataRules())
    assert frame.left_out_objects == {"too_small_after_resize": 1}


def test_objects_of_a_lost_image_are_left_out_with_it_unless_they_have_a_reason():
    thin, crowd = (
        {"bbox": [10, 20, 1, 40]},
        {**PLAIN, "iscrowd": 1, "bbox": [0, 0, 1, 9]},
    )
    frame = frame_of([[thin, crowd]], DataRules(drop_images="only_thin"))
    assert frame.left_out_objects == {"image_left_out": 1, "crowd": 1}
    assert frame.left_out_images == {"only_thin_boxes": 1}
    assert frame.num_images == 0


def left_out_images(annotations: list[Annotation], **rules: object) -> dict[str, int]:
    return frame_of([annotations], DataRules(**rules)).left_out_images


@pytest.mark.parametrize("rule", ["unannotated", "only_crowd", "only_thin"])
def test_images_without_annotations_are_left_out_by_every_rule_but_never(rule):
    assert left_out_images([], drop_images=rule) == {"no_annotations": 1}
    assert left_out_images([], drop_images="never") == {}


def test_an_image_counts_as_empty_if_all_its_objects_are_of_other_classes():
    of_dogs = [{**PLAIN, "category_id": 2}]
    for rule in ("unannotated", "only_crowd", "only_thin"):
        words = {"classes": ("cat",), "drop_images": rule}
        assert left_out_images(of_dogs, **words) == {"no_annotations": 1}


def test_images_with_nothing_but_crowds_are_left_out_where_the_rule_says_so():
    crowd = {**PLAIN, "iscrowd": 1}
    assert left_out_images([crowd], drop_images="only_crowd") == {"only_crowd": 1}
    assert left_out_images([crowd, PLAIN], drop_images="only_crowd") == {}
    assert left_out_images([crowd], drop_images="unannotated") == {}
    assert left_out_images([crowd], drop_images="only_thin") == {}


def test_images_with_nothing_thick_are_left_out_where_the_rule_says_so():
    thin, thick = {"bbox": [10, 20, 1, 40]}, {"bbox": [10, 20, 1.5, 1.5]}
    words = {"drop_images": "only_thin"}
    assert left_out_images([thin], **words) == {"only_thin_boxes": 1}
    assert left_out_images([thin, thick], **words) == {}
    # One side is enough to be thin, and a crowd that is thick keeps the image.
    crowd = {**PLAIN, "iscrowd": 1}
    assert left_out_images([thin, crowd], **words) == {}


def test_small_images_are_left_out_by_their_shorter_side():
    rules = DataRules(min_image_side=32)
    for size, lost in (((31, 500), 1), ((500, 31), 1), ((32, 32), 0)):
        frame = frame_of([[PLAIN]], rules, size=size)
        assert frame.left_out_images == ({"below_min_side": 1} if lost else {})


def test_an_image_may_stay_with_nothing_left_on_it():
    frame = frame_of(
        [[{"bbox": [400, 20, 30, 40]}]], DataRules(drop_images="only_crowd")
    )
    assert frame.num_images == 1
    assert frame.num_gt == 0


def test_inclusive_corners_are_one_pixel_nearer():
    xywh = np.array([[10, 20, 30, 40], [10, 20, 0.5, 1]], dtype=np.float64)
    rules = DataRules(corners="inclusive")
    assert far_corners(xywh, rules).tolist() == [[10, 20, 39, 59], [10, 20, 10, 20]]
    plain = far_corners(xywh, DataRules())
    assert plain.tolist() == [[10, 20, 40, 60], [10, 20, 10.5, 21]]


def test_corners_are_added_in_the_precision_of_the_framework():
    # 2^24 + 1 is no float32 number: the addends round first, then their sum.
    xywh = np.array([[2.0**24 + 1, 0, 1, 1]])
    assert far_corners(xywh, DataRules())[0, 2] == 2.0**24 + 2
    single = DataRules(corner_dtype="float32")
    assert far_corners(xywh, single)[0].tolist() == [2.0**24, 0, 2.0**24, 1]


def test_boxes_are_clipped_to_height_and_width_less_the_slack():
    boxes = np.array([[-5.0, -6, 300, 400], [10, 20, 30, 40]])
    sizes = np.array([[100.0, 200.0], [100.0, 200.0]])
    clipped = clip_boxes(boxes, sizes, 0.0)
    assert clipped.tolist() == [[0, 0, 200, 100], [10, 20, 30, 40]]
    assert clip_boxes(boxes, sizes, 1.0)[0].tolist() == [0, 0, 199, 99]


def test_boxes_that_touch_the_image_from_outside_share_no_area():
    xywh = np.array([[100, 0, 5, 5], [99, 0, 5, 5], [-5, 0, 5, 5], [-5, 0, 5.5, 5]])
    outside = shares_no_area(xywh, np.tile([50.0, 100.0], (4, 1)))
    assert outside.tolist() == [True, False, True, False]


def test_all_classes_are_trained_on_where_none_is_named():
    dataset = dataset_of([[PLAIN]])
    assert in_classes(dataset, DataRules()).tolist() == [True, True]
    assert in_classes(dataset, DataRules(classes=("dog",))).tolist() == [False, True]


NUMBERS = st.one_of(
    st.integers(-20, 140).map(float), st.integers(-2000, 14000).map(lambda n: n / 97)
)
SIDES = st.one_of(
    st.sampled_from((0.0, 0.5, 1.0, 1e-6, 1.5, 200.0)),
    st.integers(1, 100).map(float),
    st.integers(1, 9700).map(lambda n: n / 97),
)
IMAGE_SIZES = st.sampled_from(((100, 100), (75, 120), (20, 20), (32, 97), (161, 240)))


@st.composite
def annotations(draw: st.DrawFn) -> Annotation:
    bbox = [draw(NUMBERS), draw(NUMBERS), draw(SIDES), draw(SIDES)]
    annotation: Annotation = {"bbox": bbox}
    if draw(st.booleans()):
        annotation["area"] = draw(st.sampled_from((0, 1, 200.5)))
    annotation["iscrowd"] = draw(st.sampled_from((0, 0, 0, 1)))
    return annotation


FILES = st.lists(st.lists(annotations(), max_size=5), max_size=4)


@pytest.mark.parametrize("framework", sorted(PRESET_OF))
@given(files=FILES, size=IMAGE_SIZES)
def test_what_is_kept_equals_the_reference_image_by_image(framework, files, size):
    own = preset(PRESET_OF[framework])
    frame = frame_of(files, own.data, own.resize, size)
    height, width = size
    place, first = 0, 0
    for image, of_image in enumerate(files):
        seen = see_image(framework, of_image, width=width, height=height)
        if seen.image_left_out is None:
            assert frame.image_rows[place] == image
            of_frame = frame.gt_image == place
            np.testing.assert_array_equal(frame.gt_boxes[of_frame], seen.boxes)
            rows = [first + row for row in seen.kept]
            assert frame.object_rows[of_frame].tolist() == rows
            assert tuple(frame.input_size[place]) == seen.input_size
            assert tuple(frame.padded_size[place]) == seen.padded_size
            place += 1
        first += len(of_image)
    assert frame.num_images == place


@given(
    name=st.sampled_from(sorted(PRESET_OF.values())),
    files=FILES,
    size=IMAGE_SIZES,
    classes=st.sampled_from(((), ("cat",), ("dog",))),
)
def test_kept_and_left_out_add_up_to_the_annotations_of_the_file(
    name, files, size, classes
):
    own = preset(name)
    dataset = dataset_of(files, size)
    rules = replace(own.data, classes=classes)
    frame = build_frame(dataset, slice(0, dataset.num_images), rules, own.resize)
    lost = sum(frame.left_out_objects.values()) + sum(dataset.left_out.values())
    assert frame.num_gt + lost == sum(map(len, files)) == dataset.num_annotations
    lost_images = sum(frame.left_out_images.values())
    assert frame.num_images + lost_images == len(files)
    assert set(frame.left_out_objects) <= set(OBJECT_REASONS[1:])
    assert set(frame.left_out_images) <= set(IMAGE_REASONS[1:])
    assert all(frame.left_out_objects.values())
