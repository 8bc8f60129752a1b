"""The dataset as the network sees it: which rows, in which order, at which size."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from atss_inspect.annotations.data_rules import DataRules
from atss_inspect.annotations.frame import build_frame
from atss_inspect.annotations.resize import ResizeRule

from .test_data_rules import (
    FILES,
    IMAGE_SIZES,
    PLAIN,
    SETTINGS_OF,
    dataset_of,
    frame_of,
)

CROWD = {**PLAIN, "iscrowd": 1}


def test_places_count_the_images_that_are_left():
    rules = DataRules(drop_images="only_crowd")
    frame = frame_of([[CROWD], [PLAIN], [], [PLAIN]], rules)
    assert frame.image_rows.tolist() == [1, 3]
    assert frame.gt_image.tolist() == [0, 1]
    assert frame.object_rows.tolist() == [1, 2]
    assert frame.left_out_images == {"only_crowd": 1, "no_annotations": 1}


def test_boxes_are_float32_corners_in_input_pixels():
    # 100 x 100 to 800 x 800: 10, 20, 40, 60 times 8. A larger batch pads every image.
    for pad_to, padded in (((), [800, 800]), ((800, 1333), [800, 1344])):
        frame = frame_of([[PLAIN]], DataRules(), ResizeRule(pad_to=pad_to))
        assert frame.gt_boxes.dtype == np.float32
        assert frame.gt_boxes.tolist() == [[80, 160, 320, 480]]
        assert frame.input_size.tolist() == [[800, 800]]
        assert frame.padded_size.tolist() == [padded]


def test_boxes_are_clipped_to_the_original_or_to_the_input_image_or_not_at_all():
    over = {"bbox": [90, -10, 20, 20]}
    # To 8 times the size: 720, -80, 880, 80.
    boxes = {
        "never": [720, -80, 880, 80],
        "original": [720, 0, 800, 80],
        "input": [720, 0, 800, 80],
    }
    for clip, expected in boxes.items():
        frame = frame_of([[over]], DataRules(clip=clip), ResizeRule())
        assert frame.gt_boxes.tolist() == [expected]
    # Inclusive pixels end one before the border: x2 = 90 + 19 = 109 -> 99, times 8;
    # y2 = -10 + 20 = 10.
    rules = DataRules(clip="original", corners="inclusive")
    frame = frame_of([[{"bbox": [90, -10, 20, 21]}]], rules, ResizeRule())
    assert frame.gt_boxes.tolist() == [[720, 0, 792, 80]]


@pytest.mark.parametrize("name", sorted(SETTINGS_OF))
@given(files=FILES, size=IMAGE_SIZES)
def test_runs_of_images_put_together_are_the_whole_frame(name, files, size):
    own, dataset = SETTINGS_OF[name], dataset_of(files, size)
    whole = build_frame(dataset, slice(0, len(files)), own.data, own.resize)
    assert (whole.gt_boxes[:, 2:] > whole.gt_boxes[:, :2]).all()
    runs = [slice(n, min(n + 2, len(files))) for n in range(0, len(files), 2)]
    parts = [build_frame(dataset, run, own.data, own.resize) for run in runs]
    for name_ in ("image_rows", "object_rows", "gt_boxes", "input_size", "padded_size"):
        whole_array = getattr(whole, name_)
        arrays = [getattr(part, name_) for part in parts]
        joined = np.concatenate([whole_array[:0], *arrays])
        np.testing.assert_array_equal(joined, whole_array)
    images = [part.image_rows[part.gt_image] for part in parts]
    expected = whole.image_rows[whole.gt_image]
    np.testing.assert_array_equal(np.concatenate([expected[:0], *images]), expected)
    for table in ("left_out_objects", "left_out_images"):
        counts = sum((Counter(getattr(part, table)) for part in parts), Counter())
        assert counts == getattr(whole, table)


def test_a_frame_of_no_images_is_empty():
    frame = build_frame(dataset_of([]), slice(0, 0), DataRules(), ResizeRule())
    assert frame.num_images == frame.num_gt == 0
    assert frame.gt_boxes.shape == (0, 4)
    assert frame.input_size.shape == frame.padded_size.shape == (0, 2)
    assert frame.left_out_objects == frame.left_out_images == {}


def test_shares_of_the_image_are_letterboxed_unless_pixels_were_clipped():
    dataset = dataset_of([[{"bbox": [90, 90, 20, 20]}]])
    # In pixels the box reaches beyond 100 x 100, its share is the left upper quarter.
    shares = np.array([[0.25, 0.25, 0.5, 0.5]], np.float32)
    dataset = replace(dataset, normalized=shares)
    rule = ResizeRule(rule="letterbox", size=(200, 200))
    boxes = {"input": [0, 0, 100, 100], "original": [180, 180, 200, 200]}
    for clip, expected in boxes.items():
        frame = build_frame(dataset, slice(0, 1), DataRules(clip=clip), rule)
        assert frame.gt_boxes.tolist() == [expected]
