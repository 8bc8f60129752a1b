"""Image ids of annotations that are none: read otherwise where that is unambiguous."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from atss_inspect.readers.ids import id_array
from atss_inspect.readers.image_ids import ids_seen, key_meant, match_otherwise
from tests.command_line import ask
from tests.tiny_coco import write_coco

NAMES = ["a/one.jpg", "b\\two.png", "three.jpg"]


def told(
    values: list[object],
    ids: list[object],
    names: list[str] | None = None,
    used: tuple[object, ...] = (),
) -> tuple[list[int], str, str]:
    """Rows found for ids that are none, how, and what is said of those without.

    Other annotations have ``used``, that are ids.
    """
    names = names or [f"n{each}.bmp" for each in range(len(ids))]
    own, every, images = id_array(values), id_array([*values, *used]), id_array(ids)
    rows, reason, doubt = match_otherwise(
        own, id_array(list(used)), images, np.array(names, np.object_)
    )
    meant = ids_seen(own[rows < 0], every, images, doubt).partition(": ")[2]
    return rows.tolist(), reason, meant


def matched(*given: Any, **more: Any) -> tuple[list[int], str]:
    """The same, without what is said."""
    return told(*given, **more)[:2]


@pytest.mark.parametrize(
    ("values", "ids", "names", "rows", "reason"),
    [
        (["007", "0012", "x"], [7, 12], None, [0, 1, -1], "image_id_leading_zeros"),
        ([7, 12], ["007", "0012"], None, [0, 1], "image_id_leading_zeros"),
        # 7 is the number of both.
        (["07"], ["7", "007"], None, [-1], ""),
        (["three.jpg", "x"], [1, 2, 3], NAMES, [2, -1], "image_id_file_name"),
        (["a/one.jpg"], [1, 2, 3], NAMES, [0], "image_id_file_name"),
        (["two.png", "one.jpg"], [1, 2, 3], NAMES, [1, 0], "image_id_file_name"),
        (["two", "one", "three"], [1, 2, 3], NAMES, [1, 0, 2], "image_id_file_name"),
        # Two images have this stem, and one the other.
        (["x", "y"], [1, 2, 3], ["x.jpg", "x.png", "y.jpg"], [-1, 2], None),
        ([139, 285], [1, 2], ["139.jpg", "285.jpg"], [0, 1], "image_id_file_name"),
        (["nothing", "fits"], [1, 2, 3], NAMES, [-1, -1], ""),
        # Paths of another computer, another suffix, another case.
        (["C:\\x\\b\\two.png", "/three.JPG"], [1, 2, 3], NAMES, [1, 2], None),
        (["THREE.JPG", "one.png"], [1, 2, 3], NAMES, [2, 0], None),
        (["data/a/one.jpg"], [1, 2], ["b/one.jpg", "a/one.jpg"], [1], None),
        (["x.jpg"], [1, 2], ["x.png", "x.jpg"], [1], None),
        # Of two names that lead to one image its own is meant, or none.
        (["c/one.jpg", "a/one.jpg"], [1, 2], NAMES, [-1, 0], None),
        (["c/three.jpg", "d/three.jpg"], [1, 2, 3], NAMES, [-1, -1], ""),
        (["c/one.jpg"], [1, 2], NAMES, [-1], ""),
        (["7.0", " 12 "], [7, 12], None, [0, 1], "image_id_leading_zeros"),
        (["7.5"], [7, 12], ["7.jpg", "12.jpg"], [-1], ""),
        ([], [1, 2], None, [], ""),
        ([5, 6], [], [], [-1, -1], ""),
    ],
)
def test_ids_are_read_as_numbers_and_as_names(values, ids, names, rows, reason):
    assert matched(values, ids, names) == (
        rows,
        "image_id_file_name" if reason is None else reason,
    )


def test_a_number_is_no_name_where_others_are_images():
    names = ["9.jpg", "8.jpg", "7.jpg"]
    assert matched([9], [1, 2, 3], names, used=(1, 2)) == ([-1], "")
    assert matched([9], [1, 2, 3], names) == ([0], "image_id_file_name")
    # What is written as a text cannot be one of these numbers.
    assert matched(["9"], [1, 2, 3], names, used=(1, 2))[0] == [0]


def test_ids_times_a_step_are_divided_where_none_is_an_image_as_it_stands():
    # 30 / 10 = 3: images 3, 4 and 6; their common divisor is 10.
    assert matched([30, 40, 60], [3, 4, 6, 7]) == ([0, 1, 2], "image_id_frame_step")
    # Frame 0 is image 0 by any step.
    found = matched([30, 40], [0, 3, 4], used=(0,))
    assert found == ([1, 2], "image_id_frame_step")
    # Also where ids are texts.
    found = matched(["0100", "200", "300"], [0, 1, 2, 3], used=("0",))
    assert found == ([1, 2, 3], "image_id_frame_step")
    # 5 is an image as it stands: is it frame 1 or frame 5?
    assert matched([10, 15], [1, 2, 3, 5], used=(5,)) == ([-1, -1], "")
    # As they stand, without zeros in front, all are images.
    found = matched(["02", "04", "06"], [1, 2, 3, 4, 6])
    assert found == ([1, 3, 4], "image_id_leading_zeros")
    # No number divides both.
    assert matched([7, 9, 12], [1, 2, 3]) == ([-1, -1, -1], "")
    # 8 / 4 = 2 is an image, 12 / 4 = 3 is none.
    assert matched([8, 12, 16], [2, 4]) == ([-1, -1, -1], "")


@pytest.mark.parametrize("values", [[42], [600, 1200], [600, 600, 1200]])
def test_one_or_two_ids_are_no_steps(values):
    # Divided by 42, or by 600, they would be images 1 and 2.
    assert matched(values, [1, 2, 3]) == ([-1] * len(values), "")


def test_an_id_that_two_readings_lead_to_different_images_is_left():
    names = ["000002.jpg", "000001.jpg", "000003.jpg"]
    assert told(["000001", "000003"], [1, 2, 3], names) == (
        [-1, -1],
        "",
        "000001 is the number of one image and the file name of another",
    )
    # Where both lead to the same one, it is that.
    found = matched(["000003"], [1, 2, 3], names)
    assert found == ([2], "image_id_leading_zeros")


@pytest.mark.parametrize(
    ("values", "ids", "meant"),
    [
        ([0, 5, 10, 15], range(6), "are they multiplied by 5?"),
        (["0", "5", "10", "15"], range(6), "are they multiplied by 5?"),
        # 13 alone is out of step: 10 of 11 are 90 %.
        ([*range(0, 50, 5), 13], range(10), "are they multiplied by 5?"),
        # 11 = 10 * 1 + 1 where images begin at 0, 10 * 2 - 9 where they do at 1.
        ([1, 11, 21], [0, 1, 2], "are they 10 times the ids of images, plus 1?"),
        ([1, 11, 21], [1, 2, 3], "are they 10 times the ids of images, minus 9?"),
        ([0, 1, 2], [0, 5, 10], "are the ids of images multiplied by 5?"),
        ([1001, 1002, 1003], [1, 2, 3], "are they 1000 too large?"),
        ([0, 1, 2], [1, 2, 3], "are they 1 too small?"),
        ([7, 100, 2000], [1, 2, 3], ""),
        ([1, 2, 9], [1, 2, 3], ""),
        ([0, 5], range(6), ""),
        (["a", "b", "c"], [1, 2, 3], ""),
        ([5, 6, 7], [], ""),
    ],
)
def test_the_nearest_reading_of_numbers_is_asked_for(values, ids, meant):
    own, images = id_array(values), id_array(list(ids))
    assert ids_seen(own, own, images).partition(": ")[2] == meant


def test_a_name_of_several_images_is_named():
    found = told(["0.jpg"], [1, 2], ["a/0.jpg", "b/0.jpg"])
    assert found == ([-1], "", "several images have the file name 0.jpg")
    found = told(["x/0.jpg"], [1], ["a/0.jpg"])
    doubt = "x/0.jpg is in another folder than the image of this file name"
    assert found == ([-1], "", doubt)


@pytest.mark.parametrize(
    ("keys", "hint"),
    [
        (["id", "imageId"], "the keys are id, imageId; rename imageId to image_id"),
        (["img_id"], "the keys are img_id; rename img_id to image_id"),
        (["id", "image"], "the keys are id, image; rename image to image_id"),
        (["item_id"], "the keys are item_id; rename item_id to image_id"),
        (["file_name"], "the keys are file_name; rename file_name to image_id"),
        (["id", "bbox"], "the keys are id, bbox"),
        (["image_id"], "image_id is there, but neither a number nor a text"),
        ([], "image_id is there, but neither a number nor a text"),
    ],
)
def test_the_key_that_may_be_meant_is_named(keys, hint):
    assert key_meant(keys) == hint


def test_the_ids_seen_are_named_and_the_step_if_there_is_one():
    values, ids = id_array([20, 25, 30, 35]), id_array(list(range(8)))
    assert ids_seen(values[1:], values, ids) == (
        "image ids of annotations such as 25, 30, 35; of images such as 0, 1, 2: "
        "are they multiplied by 5?"
    )
    none = id_array([])
    assert ids_seen(id_array(["x" * 50]), none, none) == (
        f"image ids of annotations such as {'x' * 40}...; of images such as none"
    )


def test_ids_are_escaped_in_a_warning():
    # 1 of 2 annotations is lost, which is no more than half.
    boxes = [{"image_id": each, "bbox": [1, 1, 9, 9]} for each in (1, "\x1b[31mx")]
    images = [{"id": 1, "width": 64, "height": 64}]
    write_coco(Path("set.json"), {"images": images, "annotations": boxes})
    assert "of annotations such as \\x1b[31mx; " in ask("stats set.json").err
