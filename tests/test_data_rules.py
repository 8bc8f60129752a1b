"""Which annotations and images are kept, and under which name the others are counted.

Odd cases by hand, per framework, are in tests/golden/data_cases.py.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations import data_rules
from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.dataset import Dataset
from atss_inspect.annotations.frame import Frame, build_frame
from atss_inspect.annotations.resize import ResizeRule
from atss_inspect.errors import DataError
from atss_inspect.importing.data_sets import DATASET_RULES
from atss_inspect.readers import load_coco
from atss_inspect.settings import Settings, preset

from .reference.frames import see_image

Annotation = dict[str, Any]


def of_data_set(name: str, **words: object) -> Settings:
    """mmdetection's settings with what one of its data set classes does otherwise."""
    return preset("atss-mmdet", **{**DATASET_RULES[name].settings, **words})


SETTINGS_OF = {
    "official": preset("atss-official"),
    "mmdetection": preset("atss-mmdet"),
    "detectron2": preset("retinanet-detectron2"),
    "torchvision": preset("retinanet-torchvision"),
    "glip": preset("atss-mmdet-glip"),
    # bbox_min_size of the configs.
    "voc": of_data_set("VOCDataset", **{"data.min_box_side": 32}),
    "open_images": of_data_set("OpenImagesDataset"),
}
PLAIN: Annotation = {"bbox": [10, 20, 30, 40]}
CROWD, IGNORED = {**PLAIN, "iscrowd": 1}, {**PLAIN, "ignore": 1}
DOG_CROWD = {**CROWD, "category_id": 2}
OUTSIDE, THIN = {"bbox": [100, 20, 30, 40]}, {"bbox": [10, 20, 1, 40]}
UNKNOWN = "category_not_listed"
DROPPING = ("unannotated", "only_crowd", "only_thin")
AS_IT_IS = ResizeRule(rule="stretch", size=(100, 100))


UNLISTED = {**PLAIN, "category_id": 9}


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
    document = {"images": entries, "annotations": numbered, "categories": categories}
    return load_coco(document)


def frame_of(
    images: list[list[Annotation]],
    rules: DataRules,
    resize: ResizeRule = AS_IT_IS,
    size: tuple[int, int] = (100, 100),
) -> Frame:
    dataset = dataset_of(images, size)
    return build_frame(dataset, slice(0, dataset.num_images), rules, resize)


@pytest.mark.parametrize(
    ("annotation", "rules", "reason"),
    [
        (PLAIN, {}, None),
        # Other classes go first; an unknown class selects nothing.
        (DOG_CROWD, {"classes": ("cat",)}, "class_not_selected"),
        (DOG_CROWD, {"classes": ("cat", "dog")}, "crowd"),
        (DOG_CROWD, {}, "crowd"),
        (PLAIN, {"classes": ("zebra",)}, "class_not_selected"),
        (IGNORED, {"drop_ignored": True}, "ignore_flag"),
        (IGNORED, {"drop_ignored": False}, None),
        (CROWD, {}, "crowd"),
        (CROWD, {"drop_crowd": False}, None),
        # A category that the file does not list comes before all else.
        (UNLISTED, {"unknown_category": "skip"}, "category_not_listed"),
        ({**UNLISTED, "iscrowd": 1}, {"unknown_category": "skip"}, UNKNOWN),
        (UNLISTED, {"unknown_category": "skip", "classes": ("cat",)}, UNKNOWN),
        (UNLISTED, {"unknown_category": "train"}, None),
        (PLAIN, {"unknown_category": "error"}, None),
        # Boxes that share no area with the image go where clipped or ruled.
        (OUTSIDE, {"clip": "original"}, "outside_image"),
        (OUTSIDE, {"clip": "input"}, "outside_image"),
        (OUTSIDE, {"clip": "never", "drop_outside": True}, "outside_image"),
        (OUTSIDE, {"clip": "never"}, None),
        ({"bbox": [-30, 20, 30, 40]}, {"clip": "input"}, "outside_image"),
        ({"bbox": [-30, 20, 30.5, 40]}, {"clip": "input"}, None),
        # Boxes without extent always go.
        ({"bbox": [10, 20, 0, 40]}, {"clip": "never"}, "no_extent"),
        ({"bbox": [10, 20, 30, 0]}, {"clip": "never"}, "no_extent"),
        ({"bbox": [10, 20, -5, 40]}, {"clip": "never"}, "no_extent"),
        ({"bbox": [200, 20, 0, 40]}, {"clip": "input"}, "no_extent"),
        ({"bbox": [10, 20, 0.5, 40]}, {"min_box_side": 1.0}, "too_small"),
        ({"bbox": [10, 20, 30, 0.5]}, {"min_box_side": 1.0}, "too_small"),
        ({"bbox": [10, 20, 1, 1]}, {"min_box_side": 1.0}, None),
        ({**PLAIN, "area": 0}, {"min_box_side": 1.0}, "area_0_in_the_file"),
        ({**PLAIN, "area": -4}, {"min_box_side": 1.0}, "negative_area_in_the_file"),
        ({**PLAIN, "area": -4}, {}, None),
        ({**PLAIN, "area": 0}, {}, None),
        # It rounds away: 2^-20 px at x = 90 is less than float32 can tell there.
        ({"bbox": [90, 20, 2.0**-20, 40]}, {}, "too_small_after_resize"),
    ],
)
def test_an_object_goes_for_the_first_reason_that_holds(annotation, rules, reason):
    frame = frame_of([[annotation]], DataRules(**rules))
    assert frame.left_out_objects == ({reason: 1} if reason else {})
    assert frame.num_gt == (not reason)
    assert frame.left_out_images == {}


def test_sides_are_measured_again_after_the_resize():
    half = ResizeRule(rule="stretch", size=(50, 50))
    rules = DataRules(min_input_side=1.0)
    boxes = [{"bbox": [10, 20, 2, 40]}, {"bbox": [10, 20, 2.1, 40]}]
    frame = frame_of([boxes], rules, half)
    assert frame.left_out_objects == {"too_small_after_resize": 1}
    assert frame.object_rows.tolist() == [1]


def test_objects_of_a_lost_image_are_left_out_with_it_unless_they_have_a_reason():
    crowd = {"bbox": [0, 0, 1, 9], "iscrowd": 1}
    frame = frame_of([[THIN, crowd]], DataRules(drop_images="only_thin"))
    assert frame.left_out_objects == {"image_left_out": 1, "crowd": 1}
    assert frame.left_out_images == {"only_thin_boxes": 1}
    assert frame.num_images == 0


@pytest.mark.parametrize(
    ("annotations", "rule", "reason"),
    [
        *(([], rule, "no_annotations") for rule in DROPPING),
        ([], "never", None),
        # An image counts as empty if all its objects are of other classes.
        *(([{**PLAIN, "category_id": 2}], rule, "no_annotations") for rule in DROPPING),
        ([UNLISTED], "only_thin", "no_annotations"),
        ([UNLISTED, THIN], "only_thin", "only_thin_boxes"),
        ([CROWD], "only_crowd", "only_crowd"),
        ([CROWD, PLAIN], "only_crowd", None),
        ([CROWD], "unannotated", None),
        ([CROWD], "only_thin", None),
        ([THIN], "only_thin", "only_thin_boxes"),
        ([THIN, {"bbox": [10, 20, 1.5, 1.5]}], "only_thin", None),
        # One side is enough to be thin, and a crowd that is thick keeps the image.
        ([THIN, CROWD], "only_thin", None),
    ],
)
def test_an_image_is_left_out_by_what_is_annotated_on_it(annotations, rule, reason):
    rules = DataRules(classes=("cat",), drop_images=rule, unknown_category="skip")
    frame = frame_of([annotations], rules)
    assert frame.left_out_images == ({reason: 1} if reason else {})


@pytest.mark.parametrize("also", [{}, {"classes": ("cat", "9")}])
def test_an_image_with_unlisted_categories_alone_is_empty_where_they_are_skipped(also):
    for choice, lost in (("skip", {"no_annotations": 1}), ("train", {})):
        rules = DataRules(drop_images="unannotated", unknown_category=choice, **also)
        assert frame_of([[UNLISTED]], rules).left_out_images == lost


def test_an_unlisted_category_is_an_error_where_the_framework_stops():
    rules = DataRules(unknown_category="error")
    with pytest.raises(DataError) as caught:
        frame_of([[PLAIN], [PLAIN, UNLISTED, UNLISTED]], rules)
    assert str(caught.value).endswith(
        ": annotations[2] (id 2): category_id 9 is not in categories, where training "
        "stops"
    )
    hint = "--set unknown_category=skip leaves such annotations out"
    assert caught.value.hint == hint


@pytest.mark.parametrize(
    ("annotations", "reason"),
    [
        # Of 100 px resized to 50, a box of 2 px has 1 px left, which is not above 1.
        ([{"bbox": [10, 20, 2, 40]}], "only_small_boxes"),
        ([{"bbox": [10, 20, 2, 40]}, PLAIN], None),
        # A crowd is a box like another here, if it is a valid one.
        ([{"bbox": [10, 20, 2, 40]}, CROWD], None),
        ([{"bbox": [10, 20, 2, 40]}, {**OUTSIDE, "iscrowd": 1}], "only_small_boxes"),
        # No box at all, or none that is valid: nothing is emptied.
        ([], None),
        ([OUTSIDE], None),
        ([{**OUTSIDE, "iscrowd": 1}], None),
    ],
)
def test_an_image_of_small_boxes_alone_is_replaced_by_another(annotations, reason):
    half = ResizeRule(rule="stretch", size=(50, 50))
    rules = DataRules(min_input_side=1.0, drop_emptied=True, drop_outside=True)
    frame = frame_of([annotations, [PLAIN]], rules, half)
    assert frame.left_out_images == ({reason: 1} if reason else {})
    assert frame.image_rows.tolist() == ([1] if reason else [0, 1])
    kept = frame_of([annotations, [PLAIN]], replace(rules, drop_emptied=False), half)
    assert frame.left_out_objects == kept.left_out_objects


def test_a_small_image_of_small_boxes_is_left_out_as_a_small_image():
    rules = DataRules(min_input_side=1.0, drop_emptied=True, min_image_side=101)
    frame = frame_of([[{"bbox": [10, 20, 1, 40]}]], rules)
    assert frame.left_out_images == {"below_min_side": 1}


def test_small_images_are_left_out_by_their_shorter_side():
    rules = DataRules(min_image_side=32)
    for size, lost in (((31, 500), 1), ((500, 31), 1), ((32, 32), 0)):
        frame = frame_of([[PLAIN]], rules, size=size)
        assert frame.left_out_images == ({"below_min_side": 1} if lost else {})


def test_an_image_may_stay_with_nothing_left_on_it():
    rules = DataRules(drop_images="only_crowd")
    frame = frame_of([[{"bbox": [400, 20, 30, 40]}]], rules)
    assert (frame.num_images, frame.num_gt) == (1, 0)


def test_inclusive_corners_are_one_pixel_nearer():
    xywh = np.array([[10, 20, 30, 40], [10, 20, 0.5, 1]], dtype=np.float64)
    rules = DataRules(corners="inclusive")
    assert data_rules.far_corners(xywh, rules).tolist() == [
        [10, 20, 39, 59],
        [10, 20, 10, 20],
    ]
    plain = data_rules.far_corners(xywh, DataRules())
    assert plain.tolist() == [[10, 20, 40, 60], [10, 20, 10.5, 21]]


def test_glip_takes_one_off_the_far_corners_in_float32():
    # float32 is coarser from 16 on: float32(16.3) - 1 is not float32(15.3).
    xywh = np.array([[0.3, 20, 16, 40]])
    rules = DataRules(corners="minus_one")
    near, _, far, low = data_rules.far_corners(xywh, rules)[0]
    assert (near, low) == (0.3, 59)
    assert far == np.float32(16.3) - np.float32(1) != np.float32(15.3)


def test_voc_counts_whole_pixels_from_one():
    # <xmin>10.7</xmin><xmax>50</xmax>: x = 9.7, w = 40.3; int(10.7) - 1 = 9, 50 - 1.
    # 1 to 100, all of an image 100 wide, is 0 to 99; 0 to 3 begins at -1.
    xywh = np.array([[9.7, 0, 50 - 9.7, 100], [-1, -1, 4, 4]])
    rules = DataRules(corners="voc", clip="never", min_box_side=32)
    assert data_rules.far_corners(xywh, rules).tolist() == [
        [9, 0, 49, 99],
        [-1, -1, 2, 2],
    ]
    # A side is that of the whole pixels: 1 to 33 is 32, 1 to 32 only 31.
    enough, few = {"bbox": [0, 0, 33, 60]}, {"bbox": [0, 0, 32, 60]}
    frame = frame_of([[enough, few, {**enough, "area": 0}]], rules)
    assert frame.object_rows.tolist() == [0, 2]
    assert frame.left_out_objects == {"too_small": 1}


def test_corners_are_added_in_the_precision_of_the_framework():
    # 2^24 + 1 is no float32 number: the addends round first, then their sum.
    xywh = np.array([[2.0**24 + 1, 0, 1, 1]])
    assert data_rules.far_corners(xywh, DataRules())[0, 2] == 2.0**24 + 2
    single = DataRules(corner_dtype="float32")
    assert data_rules.far_corners(xywh, single)[0].tolist() == [2.0**24, 0, 2.0**24, 1]


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


@pytest.mark.parametrize("framework", sorted(SETTINGS_OF))
@given(files=FILES, size=IMAGE_SIZES)
def test_what_is_kept_equals_the_reference_image_by_image(framework, files, size):
    own = SETTINGS_OF[framework]
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
