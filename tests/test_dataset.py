"""The arrays between reading and everything else."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect.annotations.dataset import Dataset, pair_iou
from atss_inspect.readers import load_coco
from tests.random_coco import Loaded
from tests.tiny_coco import CATEGORIES, Box, coco


def three_images() -> Dataset:
    """Images 5, 6, 7 with two, no and one objects, and one annotation left out."""
    boxes: dict[int, list[Box]] = {5: [(0, 1, 2, 3), (4, 5, 6, 7)], 6: []}
    document = coco({**boxes, 7: [(8, 9, 10, 11)], 99: [(1, 1, 1, 1)]})
    document["images"].pop()
    for number, each in enumerate(document["images"]):
        each |= {"width": 20 + 20 * number, "height": 10 + 20 * number}
    for each in document["annotations"]:
        is_last = each["image_id"] == 7
        each |= {"segmentation": [each["id"]], "ignore": is_last}
        each["iscrowd"] = int(not is_last)
    return load_coco(Loaded(document), masks=True)


def test_selected_images_keep_their_objects_and_order():
    chosen = three_images().select_images(np.array([2, 0]))
    np.testing.assert_array_equal(chosen.image_ids, [5, 7])
    np.testing.assert_array_equal(chosen.object_offsets, [0, 2, 3])
    np.testing.assert_array_equal(chosen.annotation_ids, [106, 109, 103])
    chosen = three_images().select_images(np.array([1, 2]))
    expected = {
        "object_offsets": [0, 0, 1],
        "xywh": [[8, 9, 10, 11]],
        "file_names": ["6.jpg", "7.jpg"],
        "image_sizes": [[30, 40], [50, 60]],
        "areas": [55],
        "category_index": [1],
        "annotation_index": [1],
        "is_crowd": [False],
        "is_ignored": [True],
    }
    assert {name: getattr(chosen, name).tolist() for name in expected} == expected
    assert chosen.segmentations == ([103],)
    assert chosen.num_annotations == 2  # one object, one left out
    assert chosen.left_out == {"unknown_image": 1}
    assert chosen.findings == three_images().findings


def test_selecting_no_image_gives_empty_arrays_of_the_same_kinds():
    empty = three_images().select_images(np.array([], np.int64))
    assert (empty.num_images, empty.num_objects) == (0, 0)
    assert empty.xywh.shape == (0, 4)
    assert empty.image_sizes.shape == (0, 2)
    assert empty.object_offsets.tolist() == [0]
    assert empty.category_names == CATEGORIES
    assert empty.select_images(np.array([], np.int64)).num_images == 0


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([0, 0], "repeat"),
        ([3], r"0\.\.2"),
        ([-1], r"0\.\.2"),
        ([0.0], "integers"),
        ([[0], [1]], "integers"),
        ([True, False, True], "integers"),
    ],
)
def test_selection_refuses_rows_that_are_none(rows, problem):
    with pytest.raises(ValueError, match=problem):
        three_images().select_images(np.array(rows))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"xywh": np.zeros((3, 5))}, r"xywh must have shape \(3, 4\)"),
        ({"areas": np.zeros(2)}, "areas"),
        ({"image_sizes": np.ones((3, 2), np.float32)}, "must be float64, got float32"),
        ({"image_ids": np.array(["a", "b", "c"])}, "int64 or object"),
        ({"category_names": ("cat",)}, "category_ids"),
        ({"object_offsets": np.array([0, 2, 1, 3])}, "must rise"),
        ({"object_offsets": np.array([0, 2, 2, 2])}, "must rise"),
        ({"num_annotations": 3}, "add up to 4"),
        ({"segmentations": ("s0",)}, "segmentations"),
        ({"normalized": np.zeros((2, 4), np.float32)}, r"normalized must have shape"),
        ({"normalized": np.zeros((3, 4))}, "must be float32, got float64"),
    ],
)
def test_arrays_that_disagree_are_refused(change, problem):
    with pytest.raises(ValueError, match=problem):
        replace(three_images(), **change)


def test_datasets_are_compared_by_identity():
    first, second = three_images(), three_images()
    assert first == first
    assert first != second
    assert len({first, second}) == 2


def test_iou_of_pairs():
    first = np.array(
        [(0, 0, 10, 10), (0, 0, 10, 10), (0, 0, 4, 4), (0, 0, -1, -1)], float
    )
    # 10 x 5 of 150, the same, a corner alone, and no extent.
    other = np.array(
        [(0, 5, 10, 10), (0, 0, 10, 10), (4, 4, 4, 4), (0, 0, -1, -1)], float
    )
    np.testing.assert_array_equal(pair_iou(first, other), [50 / 150, 1, 0, 0])
    assert pair_iou(first[:0], other[:0]).shape == (0,)
    # 0.1 + 0.2 - 0.1 is not 0.2, and of boxes that differ by a bit the quotient is 1.
    box = np.array([[0.1, 0.1, 0.2, 0.2]])
    assert pair_iou(box, box) == 1
    beside = np.nextafter(box, 1)
    assert (beside != box).any()
    assert pair_iou(box, beside) < 1
