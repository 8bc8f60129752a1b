"""COCO annotations in: what is accepted, mended, left out, and how it is counted."""

import gc
import gzip
import io
import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset, Finding
from atss_inspect.readers import decode, load_coco, source
from atss_inspect.readers import load as loading
from atss_inspect.readers.columns import AnnotationColumns, FileContent, ImageColumns
from atss_inspect.readers.findings import REASONS, finding
from atss_inspect.readers.ids import object_array
from atss_inspect.readers.mend import mend

Coco = dict[str, Any]


def image(image_id: object = 1, **changes: object) -> Coco:
    entry = {
        "id": image_id,
        "file_name": f"{image_id}.jpg",
        "width": 200,
        "height": 100,
    }
    return entry | changes


def box(annotation_id: object = 1, image_id: object = 1, **changes: object) -> Coco:
    entry = {
        "id": annotation_id,
        "image_id": image_id,
        "category_id": 1,
        "bbox": [10, 20, 30.5, 40],
        "area": 500.0,
        "iscrowd": 0,
    }
    return entry | changes


def coco(
    *annotations: object, images: object = None, categories: object = None
) -> Coco:
    return {
        "images": [image()] if images is None else images,
        "annotations": list(annotations),
        "categories": [{"id": 1, "name": "cat"}] if categories is None else categories,
    }


def write(content: object, name: str = "a.json") -> Path:
    path = Path(name)
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def load(content: object, **options: bool) -> Dataset:
    dataset = load_coco(write(content), **options)
    assert dataset.num_objects + sum(dataset.left_out.values()) == (
        dataset.num_annotations
    )
    return dataset


def counts(dataset: Dataset) -> dict[str, int]:
    return {finding.reason: finding.count for finding in dataset.findings}


def the_finding(dataset: Dataset, reason: str) -> Finding:
    (found,) = (each for each in dataset.findings if each.reason == reason)
    return found


def assert_same(first: Dataset, second: Dataset) -> None:
    for name, value in vars(first).items():
        if isinstance(value, np.ndarray):
            np.testing.assert_array_equal(value, getattr(second, name), err_msg=name)
            assert value.dtype == getattr(second, name).dtype, name
        elif name not in ("files", "file_sizes"):
            assert value == getattr(second, name), name


def test_an_ordinary_file_becomes_arrays_without_findings():
    dataset = load(
        coco(
            box(7, 2, bbox=[1, 2, 3, 4.5], area=9.5, iscrowd=1, category_id=20),
            box(8, 1, ignore=1),
            images=[image(2), image(1, file_name="é.jpg", width=64)],
            categories=[{"id": 1, "name": "cat"}, {"id": 20, "name": "dog"}],
        )
    )
    assert dataset.files == ("a.json",)
    assert dataset.image_ids.tolist() == [1, 2]
    assert dataset.image_ids.dtype == np.int64
    assert dataset.file_names.tolist() == ["é.jpg", "2.jpg"]
    assert dataset.image_sizes.tolist() == [[100, 64], [100, 200]]
    assert dataset.object_offsets.tolist() == [0, 1, 2]
    assert dataset.xywh.tolist() == [[10, 20, 30.5, 40], [1, 2, 3, 4.5]]
    assert dataset.areas.tolist() == [500, 9.5]
    assert dataset.category_index.tolist() == [0, 1]
    assert dataset.annotation_ids.tolist() == [8, 7]
    assert dataset.annotation_index.tolist() == [1, 0]
    assert dataset.is_crowd.tolist() == [False, True]
    assert dataset.is_ignored.tolist() == [True, False]
    assert dataset.category_ids.tolist() == [1, 20]
    assert dataset.category_names == ("cat", "dog")
    assert dataset.findings == ()
    assert (dataset.left_out, dataset.left_out_images) == ({}, {})
    assert dataset.segmentations is None


def test_objects_keep_their_place_in_the_file_within_an_image():
    order = [3, 1, 2, 1, 3, 1]
    dataset = load(
        coco(
            *(box(100 - place, row) for place, row in enumerate(order)),
            images=[image(each) for each in (3, 1, 2, 4)],
        )
    )
    assert dataset.annotation_index.tolist() == [1, 3, 5, 2, 0, 4]
    assert dataset.object_offsets.tolist() == [0, 3, 4, 6, 6]


def test_no_annotations_and_no_images_give_empty_arrays():
    dataset = load(coco())
    assert (dataset.num_images, dataset.num_objects) == (1, 0)
    dataset = load({"images": [], "annotations": []})
    assert (dataset.num_images, dataset.num_objects) == (0, 0)
    assert dataset.xywh.shape == (0, 4)
    assert dataset.object_offsets.tolist() == [0]
    assert dataset.findings == ()


def test_missing_iscrowd_segmentation_and_extra_keys_are_nothing_to_report():
    entry = box(attributes={"a": [{"b": 1}]}, score=0.5)
    del entry["iscrowd"]
    dataset = load(coco(entry) | {"info": None, "extra": [1, {"annotations": []}]})
    assert dataset.is_crowd.tolist() == [False]
    assert dataset.findings == ()


def test_masks_are_kept_only_when_asked_for():
    polygon, rle = [[1, 2, 3, 4, 5, 6]], {"counts": "abc", "size": [100, 200]}
    content = coco(
        box(1, 2, segmentation=polygon),
        box(2, 1, segmentation=rle),
        box(3, 1),
        images=[image(1), image(2)],
    )
    assert load(content).segmentations is None
    assert load(content, masks=True).segmentations == (rle, None, polygon)
    content["annotations"][0]["area"] = "12"  # read one by one
    assert load(content, masks=True).segmentations == (rle, None, polygon)
    assert load(coco(), masks=True).segmentations == ()


def test_the_garbage_collector_is_left_as_it_was():
    load(coco(box()))
    assert gc.isenabled()
    gc.disable()
    try:
        load(coco(box()))
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_numbers_written_as_text_are_read_and_counted():
    dataset = load(
        coco(
            box(1, bbox=["333.03", "1e1", " 5", True]),
            box(2, area="12.5"),
            box(3, iscrowd="1"),
            box(4),
            images=[image(width=1000)],
        )
    )
    assert dataset.xywh[0].tolist() == [333.03, 10, 5, 1]
    assert dataset.areas.tolist() == [500, 12.5, 500, 500]
    assert dataset.is_crowd.tolist() == [False, False, True, False]
    assert counts(dataset) == {"number_as_text": 2, "iscrowd_boolean": 1}
    assert the_finding(dataset, "number_as_text").examples == (
        "annotations[0] (id 1)",
        "annotations[1] (id 2)",
    )


@pytest.mark.parametrize(
    ("written", "is_crowd", "found"),
    [
        (True, True, {"iscrowd_boolean": 1}),
        (False, False, {"iscrowd_boolean": 1}),
        ("true", True, {"iscrowd_boolean": 1}),
        ("0", False, {"iscrowd_boolean": 1}),
        (1.0, True, {}),
        (2, True, {}),
        (None, False, {}),
        ("maybe", False, {"iscrowd_invalid": 1}),
        ([1], False, {"iscrowd_invalid": 1}),
    ],
)
def test_iscrowd_is_read_as_meant(written, is_crowd, found):
    dataset = load(coco(box(iscrowd=written)))
    assert dataset.is_crowd.tolist() == [is_crowd]
    assert counts(dataset) == found


@pytest.mark.parametrize(
    ("written", "is_ignored"),
    [(1, True), (0, False), (True, True), ("no", False), (None, False), ("true", True)],
)
def test_ignore_is_read_as_a_truth(written, is_ignored):
    assert load(coco(box(ignore=written))).is_ignored.tolist() == [is_ignored]


@pytest.mark.parametrize("written", [-5, "nan", "large", [3], "-inf"])
def test_an_unusable_area_is_replaced_by_width_times_height(written):
    dataset = load(coco(box(area=written)))
    assert dataset.areas.tolist() == [30.5 * 40]
    assert counts(dataset) == {"area_invalid": 1}


def test_a_missing_area_is_replaced_by_width_times_height():
    without = box(2)
    del without["area"]
    dataset = load(coco(box(1), without, box(3, area=None)))
    assert dataset.areas.tolist() == [500, 1220, 1220]
    assert counts(dataset) == {"area_missing": 2}
    # Two negative sides do not make a positive area.
    dataset = load(coco(box(area=None, bbox=[50, 50, -3, -4])))
    assert dataset.areas.tolist() == [0]


def test_float_and_text_image_sizes_are_used_and_counted():
    dataset = load(
        coco(images=[image(1, width=300.0, height=50.5), image(2, height="90")])
    )
    assert dataset.image_sizes.tolist() == [[50.5, 300], [90, 200]]
    assert counts(dataset) == {"image_size_float": 1, "image_size_as_text": 1}
    dataset = load(coco(images=[image(1), image(2, width=300.0)]))
    assert the_finding(dataset, "image_size_float").examples == ("images[1] (id 2)",)


def test_ids_stay_as_written():
    dataset = load(
        coco(
            box("a", "x", category_id="c"),
            box(None, 10),
            box(2**70, 9.0),
            images=[image("x"), image(10), image(9.0), image("b")],
            categories=[{"id": "c", "name": "sea"}, {"id": 1, "name": "cat"}],
        )
    )
    assert dataset.image_ids.tolist() == [9, 10, "b", "x"]
    assert type(dataset.image_ids[0]) is int
    assert dataset.annotation_ids.tolist() == [2**70, None, "a"]
    assert dataset.category_ids.tolist() == ["c", 1]
    assert dataset.category_index.tolist() == [1, 1, 0]
    assert counts(dataset) == {"annotation_id_missing": 1}


def test_integers_beyond_64_bits_are_ids_like_others():
    big = 2**64
    dataset = load(coco(box(1, big), box(2, 1), images=[image(big), image(1)]))
    assert dataset.image_ids.tolist() == [1, big]
    assert dataset.annotation_ids.tolist() == [2, 1]
    digits = "9" * 6000
    text = json.dumps(coco(box(1), box(2, 777))).replace("777", digits)
    assert load(text).left_out == {"unknown_image": 1}


def test_an_id_that_differs_only_in_type_is_matched_and_counted():
    dataset = load(coco(box(1, "1"), box(2, 1, category_id="1"), box(3, "01")))
    assert dataset.annotation_ids.tolist() == [1, 2]
    assert dataset.category_index.tolist() == [0, 0]
    assert dataset.left_out == {"unknown_image": 1}
    assert counts(dataset)["id_type_mismatch"] == 2


def test_ids_far_apart_are_found():
    ids = [5, 10**17, -(10**17), 2**63 - 1, -(2**63)]
    dataset = load(
        coco(
            *(box(1, each) for each in ids),
            box(2, 6),
            images=[image(each) for each in ids],
        )
    )
    assert dataset.num_objects == 5
    assert dataset.image_ids.tolist() == sorted(ids)
    assert dataset.annotation_index.tolist() == [4, 2, 0, 1, 3]
    assert dataset.left_out == {"unknown_image": 1}


def test_annotations_without_an_id_are_kept():
    without = box()
    del without["id"]
    dataset = load(coco(without, box(5)))
    assert dataset.annotation_ids.tolist() == [None, 5]
    assert counts(dataset) == {"annotation_id_missing": 1}


def test_duplicate_annotation_ids_keep_every_object():
    dataset = load(coco(box(5), box(3), box(5), box(5)))
    assert dataset.annotation_ids.tolist() == [5, 3, 5, 5]
    found = the_finding(dataset, "duplicate_annotation_id")
    assert found.count == 2
    assert found.examples == ("annotations[2] (id 5)", "annotations[3] (id 5)")
    dataset = load(coco(box("a"), box("a"), box(None), box(None)))
    assert counts(dataset)["duplicate_annotation_id"] == 1


def test_file_names_stay_as_written():
    names = ["../a b.jpg", "图.png", "\x1b[31m.jpg", "c/d.jpg", 17]
    dataset = load(
        coco(images=[image(place, file_name=name) for place, name in enumerate(names)])
    )
    assert dataset.file_names.tolist() == [*names[:4], "17"]
    assert dataset.findings == ()


def test_missing_file_names_are_counted():
    bare = image(2)
    del bare["file_name"]
    dataset = load(coco(images=[image(1), bare, image(3, file_name=None)]))
    assert dataset.file_names.tolist() == ["1.jpg", "", ""]
    assert counts(dataset) == {"file_name_missing": 2}


def test_text_that_is_not_unicode_is_replaced_and_counted():
    text = json.dumps(coco(box(), images=[image(file_name="ZZ.jpg")]))
    path = Path("a.json")
    path.write_bytes(text.encode().replace(b"ZZ", b"\xff\xfe"))
    dataset = load_coco(path)
    assert dataset.file_names.tolist() == ["\ufffd\ufffd.jpg"]
    assert counts(dataset) == {"text_not_unicode": 1}
    for lone in ("\\ud800", "\\uDfff", "\\ude00\\ud83d"):
        dataset = load(text.replace("ZZ", lone))
        assert set(dataset.file_names[0]) == set("\ufffd.jpg")
        assert counts(dataset) == {"text_not_unicode": 1}
    # A pair is one character; after an escaped backslash there is no escape.
    mixed = "\\ud83d\\ude00\\\\ud800\\ud800"
    assert load(text.replace("ZZ", mixed)).file_names[0].startswith("😀\\ud800\ufffd")
    assert load(text.replace("ZZ", mixed[:-6])).findings == ()


@pytest.mark.parametrize("written", ["missing", None, []])
def test_missing_categories_are_made_from_the_annotations(written):
    content = coco(box(1, category_id=7), box(2, category_id=3), box(3, category_id=7))
    content["categories"] = written
    if written == "missing":
        del content["categories"]
    dataset = load(content)
    assert dataset.category_ids.tolist() == [3, 7]
    assert dataset.category_names == ("3", "7")
    assert dataset.category_index.tolist() == [1, 0, 1]
    assert counts(dataset) == {"categories_missing": 2}


def test_a_category_that_is_not_listed_is_added_and_counted():
    dataset = load(coco(box(1, category_id=9), box(2), box(3, category_id="x")))
    assert dataset.category_ids.tolist() == [1, 9, "x"]
    assert dataset.category_names == ("cat", "9", "x")
    assert dataset.category_index.tolist() == [1, 0, 2]
    assert counts(dataset) == {"unknown_category": 2}


def test_an_object_without_a_category_is_kept_in_one_of_its_own():
    without = box(2)
    del without["category_id"]
    dataset = load(coco(box(1), without))
    assert dataset.category_ids.tolist() == [1, None]
    assert dataset.category_names == ("cat", "(none)")
    assert dataset.category_index.tolist() == [0, 1]
    assert counts(dataset) == {"category_id_missing": 1}


def test_odd_categories_are_mended():
    categories = [
        {"id": 1, "name": "cat"},
        {"id": 2},
        {"id": 3, "name": 5},
        {"id": 1, "name": "dog"},
        "bird",
        {"name": "no id"},
    ]
    dataset = load(coco(box(), categories=categories))
    assert dataset.category_ids.tolist() == [1, 2, 3]
    assert dataset.category_names == ("dog", "2", "5")
    assert counts(dataset) == {"duplicate_category_id": 1, "category_malformed": 2}


def test_a_repeated_equal_image_is_one_image():
    dataset = load(coco(box(1, 1), box(2, 2), images=[image(1), image(2), image(1)]))
    assert dataset.image_ids.tolist() == [1, 2]
    assert dataset.left_out_images == {"duplicate_image_id": 1}
    found = the_finding(dataset, "duplicate_image_id")
    assert (found.count, found.is_loss) == (1, False)


def test_of_different_images_with_one_id_the_last_wins():
    images = [image(1), image(1, width=50), image(2), image(1, file_name="b.jpg")]
    dataset = load(coco(box(1, 1), images=images))
    assert dataset.image_ids.tolist() == [1, 2]
    assert dataset.file_names.tolist() == ["b.jpg", "2.jpg"]
    assert dataset.object_offsets.tolist() == [0, 1, 1]
    assert dataset.left_out_images == {"conflicting_image_id": 2}
    assert the_finding(dataset, "conflicting_image_id").is_loss


def test_a_usable_image_wins_over_an_unusable_one_of_its_id():
    dataset = load(coco(box(), images=[image(), image(width=0)]))
    assert dataset.num_objects == 1
    assert dataset.left_out_images == {"image_size_unknown": 1}


def test_of_unusable_images_with_one_id_the_last_says_why_objects_go():
    images = [image(1), image(2, width=0), image(2, width=2**31)]
    dataset = load(coco(box(1, 1), box(2, 2), images=images))
    assert dataset.left_out == {"image_size_impossible": 1}
    assert dataset.left_out_images == {
        "image_size_unknown": 1,
        "image_size_impossible": 1,
    }


@pytest.mark.parametrize(
    ("width", "reason"),
    [
        (0, "image_size_unknown"),
        (-5, "image_size_unknown"),
        (None, "image_size_unknown"),
        ("wide", "image_size_unknown"),
        ("nan", "image_size_unknown"),
        ("inf", "image_size_unknown"),
        ([640], "image_size_unknown"),
        (0.5, "image_size_impossible"),
        (2**31, "image_size_impossible"),
        (1e300, "image_size_impossible"),
        (10**400, "image_size_unknown"),
    ],
)
def test_images_without_a_usable_size_go_with_their_objects(width, reason):
    images = [image(1), image(2, width=width)]
    dataset = load(coco(box(1, 1), box(2, 2), box(3, 2), images=images))
    assert dataset.image_ids.tolist() == [1]
    assert dataset.left_out == {reason: 2}
    assert dataset.left_out_images == {reason: 1}
    assert the_finding(dataset, reason).examples == ("images[1] (id 2)",)
    assert the_finding(dataset, reason).is_loss


def test_a_missing_size_is_an_unknown_size():
    bare = {"id": 2, "file_name": "2.jpg"}
    dataset = load(coco(box(1, 1), box(2, 2), images=[image(1), bare]))
    assert dataset.left_out == {"image_size_unknown": 1}


def test_images_that_are_no_objects_are_left_out():
    images = [image(1), "2.jpg", image(3), {"width": 1, "height": 1}, image(5)]
    dataset = load(coco(images=images))
    assert dataset.image_ids.tolist() == [1, 3, 5]
    assert dataset.left_out_images == {"image_malformed": 2}


def test_huge_and_tiny_images_are_used_and_counted():
    images = [image(1, width=10**9), image(2, height=23), image(3)]
    dataset = load(coco(images=images))
    assert dataset.num_images == 3
    assert counts(dataset) == {"image_huge": 1, "image_tiny": 1}
    assert the_finding(dataset, "image_tiny").examples == ("images[1] (id 2): 200x23",)


def test_annotations_of_unknown_images_are_left_out():
    without = box(3)
    del without["image_id"]
    dataset = load(coco(box(1), box(2, 99), without, box(4, None)))
    assert dataset.left_out == {"unknown_image": 3}
    found = the_finding(dataset, "unknown_image")
    assert found.is_loss
    assert found.message.startswith("3 annotations belong to an image id")
    assert found.examples[0] == "annotations[1] (id 2)"


@pytest.mark.parametrize(
    ("bbox", "reason"),
    [
        (None, "bbox_malformed"),
        ([], "bbox_malformed"),
        ([1, 2, 3], "bbox_malformed"),
        ([1, 2, 3, 4, 5, 6], "bbox_malformed"),
        ([1, 2, 3, None], "bbox_malformed"),
        ([1, 2, 3, "wide"], "bbox_malformed"),
        ([1, 2, 3, "1_0"], "bbox_malformed"),
        ([[1, 2], [3, 4], 1, 1], "bbox_malformed"),
        ("1 2 3 4", "bbox_malformed"),
        ({"x": 1}, "bbox_malformed"),
        ([1, 2, 3, "nan"], "bbox_not_finite"),
        ([1, 2, 3, "-Infinity"], "bbox_not_finite"),
        ([1, 2, 3, 10**400], "bbox_not_finite"),
        ([float("nan"), 2, 3, 4], "bbox_not_finite"),
        ([1, float("-inf"), 3, float("inf")], "bbox_not_finite"),
        ([1, 2, 3, 1e300], "bbox_out_of_range"),
        ([1, -(2**31), 3, 4], "bbox_out_of_range"),
    ],
)
def test_an_unusable_box_is_left_out_by_reason(bbox, reason):
    dataset = load(coco(box(1), box(2, bbox=bbox), box(3)))
    assert dataset.annotation_ids.tolist() == [1, 3]
    assert dataset.left_out == {reason: 1}
    assert counts(dataset) == {reason: 1}
    assert the_finding(dataset, reason).examples == ("annotations[1] (id 2)",)
    assert the_finding(dataset, reason).is_loss


def test_numbers_beyond_float64_are_infinite():
    text = json.dumps(coco(box(1), box(2, bbox=[1, 2, 3, 777]))).replace("777", "1e999")
    assert load(text).left_out == {"bbox_not_finite": 1}


def test_annotations_that_are_no_objects_are_left_out():
    dataset = load(coco(box(1), None, box(2), [1, 2], box(3)))
    assert dataset.annotation_index.tolist() == [0, 2, 4]
    assert dataset.left_out == {"annotation_malformed": 2}


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity", "nan", "-inf"])
def test_bare_words_for_numbers_are_read_though_they_are_not_json(word):
    text = json.dumps(coco(box(1), box(2, bbox=[1, 2, 3, 777]), box(3)))
    dataset = load(text.replace("777", word))
    assert dataset.left_out == {"bbox_not_finite": 1}


def test_bare_words_inside_names_are_left_alone():
    name = 'x, NaN, [Infinity] "nan", y\\'
    images = [image(1, file_name=name), image(2, file_name="NaN")]
    text = json.dumps(coco(box(1), box(2, bbox=[1, 2, 3, 777]), images=images))
    dataset = load(text.replace("777", "NaN"))
    assert dataset.file_names.tolist() == [name, "NaN"]
    assert dataset.left_out == {"bbox_not_finite": 1}


def test_boxes_without_extent_are_kept_and_counted():
    boxes = ([5, 5, 0, 4], [5, 5, 4, 0], [50, 50, -3, 8], [5, 5, 1e-9, 1])
    dataset = load(coco(*(box(i, bbox=each) for i, each in enumerate(boxes))))
    assert dataset.xywh.tolist() == [list(map(float, each)) for each in boxes]
    assert counts(dataset) == {"bbox_without_extent": 3}
    assert the_finding(dataset, "bbox_without_extent").message == (
        "3 boxes have no extent (width or height 0 or less); kept, the preset's data "
        "rules decide"
    )


def test_boxes_over_the_border_are_kept_and_counted():
    # The image is 200 wide and 100 high.
    boxes = {
        "inside": [0, 0, 200, 100],
        "half a pixel over": [-0.5, -0.5, 201, 101],
        "two pixels over": [-2, 0, 204, 102],
        "beyond on the left": [-2.5, 0, 10, 10],
        "beyond at the bottom": [0, 50, 10, 53],
        "outside on the right": [200, 0, 10, 10],
        "outside just above": [5, -1, 10, 1],
        "outside just left": [-1, 5, 1, 10],
        "outside far below": [5, 500, 10, 1],
    }
    dataset = load(coco(*(box(i, bbox=each) for i, each in enumerate(boxes.values()))))
    assert dataset.num_objects == 9
    assert counts(dataset) == {"bbox_outside_image": 4, "bbox_beyond_image": 2}
    assert the_finding(dataset, "bbox_outside_image").examples[1] == (
        "annotations[6] (id 6)"
    )


def test_images_that_do_not_hold_their_boxes_are_named():
    images = [image(1), image(2, width=3, height=1), image(3)]
    annotations = [box(1, 2), box(2, 2, bbox=[0, 0, 2, 1]), box(3, 2), box(4, 3)]
    dataset = load(coco(*annotations, images=images))
    found = the_finding(dataset, "image_size_doubtful")
    assert found.examples == ("images[1] (id 2): 3x1",)
    # Half of the boxes outside is not most of them.
    dataset = load(coco(*annotations[:2], images=images))
    assert "image_size_doubtful" not in counts(dataset)


def test_boxes_between_0_and_1_look_normalised():
    small = box(1, bbox=[0.1, 0.2, 0.5, 1.0])
    dataset = load(coco(small, box(2, bbox=[0, 0, 1, 1])))
    assert counts(dataset) == {"boxes_look_normalised": 2}
    assert "boxes_look_normalised" not in counts(load(coco(small, box(2))))
    tiny = load(coco(small, images=[image(width=4, height=4)]))
    assert "boxes_look_normalised" not in counts(tiny)
    # A single small image does not keep all others from being looked at.
    images = [image(), image(2, width=30, height=30)]
    mixed = load(
        coco(
            small,
            box(2, bbox=[0, 0, 1, 1]),
            small | {"id": 3, "image_id": 2},
            images=images,
        )
    )
    assert counts(mixed)["boxes_look_normalised"] == 3


def test_the_first_of_several_reasons_counts():
    content = coco(
        box(1), box(2, 99, bbox=None), box(3, 99, bbox=[1, 2, 3, 1e12]), box(4), box(5)
    )
    assert load(content).left_out == {"bbox_malformed": 1, "bbox_out_of_range": 1}


def test_findings_count_one_in_the_singular():
    assert finding("unknown_category", 1).message == (
        "1 category used by annotations is not in categories; added, named by id"
    )
    assert finding("bbox_not_finite", 12345).message == (
        "12,345 annotations have NaN or Infinity in the bbox; left out"
    )


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("count", [1, 2])
def test_every_finding_is_one_plain_sentence(reason, count):
    message = finding(reason, count).message
    assert str(count) in message
    assert not set("{|}\n") & set(message)
    assert not message.endswith(".")


def test_a_finding_names_at_most_three_examples():
    dataset = load(coco(*(box(i, bbox=[1, 1, 0, 0]) for i in range(9))))
    assert the_finding(dataset, "bbox_without_extent").examples == tuple(
        f"annotations[{i}] (id {i})" for i in range(3)
    )


def test_gzip_is_known_by_content():
    content = json.dumps(coco(box()))
    Path("a.data").write_bytes(gzip.compress(content.encode()))
    parts = gzip.compress(content[:50].encode()) + gzip.compress(content[50:].encode())
    Path("b.json.gz").write_bytes(parts + b"\0" * 8)
    plain = load(content)
    assert_same(plain, load_coco("a.data"))
    assert_same(plain, load_coco("b.json.gz"))


def test_large_gzip_is_unpacked_in_steps():
    content = coco(*(box(i) for i in range(30_000)))
    Path("a.gz").write_bytes(gzip.compress(json.dumps(content).encode(), 1))
    assert load_coco("a.gz").num_objects == 30_000


@pytest.mark.slow
def test_every_member_of_gzip_is_read_however_large():
    content = json.dumps(coco(*(box(i) for i in range(60_000)))).encode()
    third = len(content) // 3
    assert third > source.CHUNK_BYTES
    pieces = (content[:third], content[third : 2 * third], content[2 * third :])
    Path("a.gz").write_bytes(b"".join(gzip.compress(piece, 1) for piece in pieces))
    assert load_coco("a.gz").num_objects == 60_000


def test_gzip_may_come_in_any_steps(monkeypatch):
    content = json.dumps(coco(box(), box(2)))
    Path("a.gz").write_bytes(gzip.compress(content.encode()))
    monkeypatch.setattr(source, "CHUNK_BYTES", 3)
    assert_same(load(content), load_coco("a.gz"))


def test_stdin_is_read_as_bytes(monkeypatch):
    data = gzip.compress(json.dumps(coco(box())).encode())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
    dataset = load_coco("-")
    assert dataset.files == ("-",)
    assert dataset.file_sizes == (None,)
    assert dataset.num_objects == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_byte_order_marks_are_understood(encoding):
    path = Path("a.json")
    path.write_text(json.dumps(coco(box()), ensure_ascii=False), encoding=encoding)
    assert load_coco(path).num_objects == 1


def test_a_pipe_is_read(tmp_path):
    write(coco(box()))
    script = (
        "import sys; from atss_inspect.readers import load_coco; "
        "print(load_coco('/dev/stdin').num_objects)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=(tmp_path / "a.json").read_bytes(),
        capture_output=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    assert done.stdout.split() == [b"1"]


def read_square(name: str, *, masks: bool) -> Dataset:
    """One image that is one box, as large as the file says."""
    del masks
    side = float(Path(name).read_text())
    return mend(
        FileContent(
            name=name,
            images=ImageColumns(
                np.array([1]), object_array(["a.jpg"]), np.array([[side, side]])
            ),
            annotations=AnnotationColumns(
                ids=np.array([1]),
                image_ids=np.array([1]),
                category_ids=np.array([1]),
                xywh=np.array([[0, 0, side, side]]),
                areas=np.array([np.nan]),
                is_crowd=np.array([False]),
                is_ignored=np.array([False]),
                losses=np.zeros(1, np.uint8),
                segmentations=object_array([]),
            ),
            categories={1: "cat"},
        )
    )


def test_a_format_that_is_registered_is_read_and_joined(monkeypatch):
    squares = loading.InputFormat(lambda name: name.endswith(".square"), read_square)
    monkeypatch.setattr(loading, "FORMATS", (squares, *loading.FORMATS))
    write("64", "a.square")
    both = load_coco("a.square", write(coco(box())))
    assert both.xywh.tolist() == [[0, 0, 64, 64], [10, 20, 30.5, 40]]
    assert both.category_names == ("cat",)
    assert [each.reason for each in both.findings] == ["area_missing"]


def test_ids_are_per_file():
    first = write(coco(box(1, 2), box(2, 1), images=[image(2), image(1)]), "a.json")
    second = write(coco(box(1, 1), box(2, 99)), "b.json")
    dataset = load_coco(first, second)
    assert dataset.files == ("a.json", "b.json")
    sizes = tuple(Path(name).stat().st_size for name in dataset.files)
    assert dataset.file_sizes == sizes
    assert dataset.image_ids.tolist() == [1, 2, 1]
    assert dataset.image_file.tolist() == [0, 0, 1]
    assert dataset.object_offsets.tolist() == [0, 1, 2, 3]
    assert dataset.annotation_ids.tolist() == [2, 1, 1]
    assert dataset.annotation_index.tolist() == [1, 0, 0]
    assert dataset.num_annotations == 4
    assert dataset.left_out == {"unknown_image": 1}
    found = the_finding(dataset, "unknown_image")
    assert found.examples == ("b.json: annotations[1] (id 2)",)


def test_classes_of_several_files_are_one_by_id_and_name_else_by_name():
    def classes(**names: int) -> list[Coco]:
        return [{"id": number, "name": name} for name, number in names.items()]

    first = write(coco(box(category_id=3), categories=classes(car=3, bus=4)), "a.json")
    second = write(
        coco(box(category_id=7), box(category_id=3), categories=classes(car=7, van=3)),
        "b.json",
    )
    dataset = load_coco(first, second)
    assert dataset.category_ids.tolist() == [3, 4, 3]
    assert dataset.category_names == ("car", "bus", "van")
    assert dataset.category_index.tolist() == [0, 0, 2]
    # Two classes of one name in one file stay two, and match by id and name.
    twins = [{"id": 1, "name": "car"}, {"id": 2, "name": "car"}]
    third = write(coco(box(category_id=2), categories=twins), "c.json")
    fourth = write(
        coco(box(category_id=2), box(category_id=1), categories=twins[::-1]), "d.json"
    )
    dataset = load_coco(third, fourth)
    assert dataset.category_ids.tolist() == [1, 2]
    assert dataset.category_index.tolist() == [1, 1, 0]


def test_findings_of_several_files_add_up():
    first = write(coco(box(bbox=[9, 9, 0, 0])), "a.json")
    second = write(coco(box("x", bbox=[9, 9, 0, 0])), "b.json")
    dataset = load_coco(first, second, masks=True)
    assert counts(dataset) == {"bbox_without_extent": 2}
    assert dataset.annotation_ids.tolist() == [1, "x"]
    assert dataset.segmentations == (None, None)
    assert len(the_finding(dataset, "bbox_without_extent").examples) == 2


def rich_content() -> Coco:
    return coco(
        box(1, 2, segmentation=[[1, 2, 3, 4, 5, 6]]),
        box(2, 1, iscrowd=1, segmentation={"counts": [1, 2], "size": [100, 200]}),
        box(3, 2, bbox=[0.25, 1.5, 20, 30], segmentation=[]),
        images=[image(2), image(1)],
    )


def test_a_pycocotools_object_gives_what_its_file_gives(capsys):
    from pycocotools.coco import COCO

    path = write(rich_content())
    loaded = COCO(str(path))
    capsys.readouterr()
    assert_same(load_coco(path, masks=True), load_coco(loaded, masks=True))
    assert_same(load_coco(path), load_coco(loaded.dataset))


def test_lone_surrogates_in_a_coco_dict_are_replaced():
    content = coco(images=[image(1, file_name="\ud800.jpg")])
    dataset = load_coco(content)
    assert dataset.file_names.tolist() == ["\ufffd.jpg"]
    assert counts(dataset) == {"text_not_unicode": 1}
    content["images"].append(image("\udfff", width="\ud800"))
    dataset = load_coco(content)
    assert dataset.left_out_images == {"image_size_unknown": 1}
    found = the_finding(dataset, "image_size_unknown")
    assert found.examples == ("images[1] (id \ufffd)",)


def test_a_coco_dict_is_only_read():
    content = rich_content()
    before = deepcopy(content)
    load_coco(content, masks=True)
    assert content == before


def test_numpy_values_in_a_coco_dict_are_numbers():
    content = coco(
        box(np.int64(5), np.int32(1), bbox=np.array([1, 2, 3, 4], np.float32)),
        box(6, 1, bbox=[np.float64(1), np.int64(2), 3, 4], iscrowd=np.bool_(True)),
        images=[image(np.int64(1), width=np.int64(200))],
    )
    dataset = load_coco(content)
    assert dataset.annotation_ids.tolist() == [5, 6]
    assert dataset.annotation_ids.dtype == np.int64
    assert dataset.xywh.tolist() == [[1, 2, 3, 4]] * 2
    assert dataset.is_crowd.tolist() == [False, True]


def tricky_file() -> str:
    """Entries with cuts to be misled by: nested objects, braces in strings."""
    annotations: list[Coco] = []
    for number in range(60):
        extra = {
            "note": 'a}, {"b": 1}, {' * (number % 3),
            "parts": [{"x": 1}, {"y": {"z": 2}}, {}],
            "segmentation": {"counts": "}, {", "size": [1, 2]},
        }
        annotations.append(box(number, number % 5, **extra))
    content = coco(*annotations, images=[image(row) for row in range(5)])
    return json.dumps(content)


@pytest.mark.parametrize("window", [1, 7, 64, 300, 1000])
@pytest.mark.parametrize(
    "spread",
    [lambda text: text, lambda text: json.dumps(json.loads(text), indent=3)],
    ids=["tight", "spread"],
)
def test_a_file_read_in_pieces_is_the_same_file(window, spread, monkeypatch):
    text = spread(tricky_file())
    whole = load(text, masks=True)
    assert whole.num_objects == 60
    monkeypatch.setattr(decode, "WINDOW_BYTES", window)
    assert_same(whole, load(text, masks=True))


def test_an_odd_entry_does_not_change_how_the_others_are_read(monkeypatch):
    monkeypatch.setattr(decode, "WINDOW_BYTES", 500)
    annotations = [box(number) for number in range(50)]
    annotations[17]["bbox"] = ["1", 2, 3, 4]
    annotations[31]["id"] = "x"
    annotations[40] = None
    dataset = load(coco(*annotations))
    assert dataset.annotation_ids.tolist() == [
        "x" if number == 31 else number for number in range(50) if number != 40
    ]
    assert dataset.annotation_ids.dtype == np.object_
    found = the_finding(dataset, "number_as_text")
    assert found.examples == ("annotations[17] (id 17)",)
    assert the_finding(dataset, "annotation_malformed").examples == ("annotations[40]",)


def test_places_are_those_in_the_whole_list(monkeypatch):
    monkeypatch.setattr(decode, "WINDOW_BYTES", 300)
    images = [image(row) for row in range(30)]
    images[17]["width"] = 300.0
    images[23]["height"] = "90"
    dataset = load(coco(images=images))
    found = the_finding(dataset, "image_size_float")
    assert found.examples == ("images[17] (id 17)",)
    found = the_finding(dataset, "image_size_as_text")
    assert found.examples == ("images[23] (id 23)",)
