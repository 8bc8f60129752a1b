"""Image ids of annotations that are none: read otherwise where that is unambiguous."""

import numpy as np
import pytest

from atss_inspect.readers.ids import id_array
from atss_inspect.readers.image_ids import frame_step, ids_seen, match_otherwise

NAMES = ["a/one.jpg", "b\\two.png", "three.jpg"]


def matched(
    values: list[object],
    ids: list[object],
    names: list[str] | None = None,
    others: tuple[object, ...] = (),
) -> tuple[list[int], str]:
    """Rows found for ids that are none; other annotations have ``others``."""
    rows, reason = match_otherwise(
        id_array(values),
        id_array([*values, *others]),
        id_array(ids),
        np.array(names or [f"{each}.bmp" for each in range(len(ids))], np.object_),
    )
    return rows.tolist(), reason


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
    assert matched([9], [1, 2, 3], names, others=(1, 2)) == ([-1], "")
    assert matched([9], [1, 2, 3], names) == ([0], "image_id_file_name")
    # What is written as a text cannot be one of these numbers.
    assert matched(["9"], [1, 2, 3], names, others=(1, 2))[0] == [0]


def test_ids_times_a_step_are_divided_where_none_is_an_image_as_it_stands():
    # 30 / 10 = 3: images 3, 4 and 6; their common divisor is 10.
    assert matched([30, 40, 60], [3, 4, 6, 7]) == ([0, 1, 2], "image_id_frame_step")
    # Frame 0 is image 0 by any step.
    found = matched([30, 40], [0, 3, 4], others=(0,))
    assert found == ([1, 2], "image_id_frame_step")
    # 5 is an image as it stands: is it frame 1 or frame 5?
    assert matched([10, 15], [1, 2, 3, 5], others=(5,)) == ([-1, -1], "")
    # No number divides both.
    assert matched([7, 9], [1, 2, 3]) == ([-1, -1], "")
    # 8 / 4 = 2 is an image, 12 / 4 = 3 is none.
    assert matched([8, 12], [2, 4]) == ([-1, -1], "")


@pytest.mark.parametrize(
    ("values", "ids", "step"),
    [
        ([0, 5, 10, 15], [0, 1, 2, 3], 5),
        ([5], [1], 5),
        ([2, 4], [2, 4], 0),  # all are images
        ([2, 4], [1, 2, 4], 0),
        ([4, 6], [2, 3], 2),
        ([0, 0], [0, 1], 0),
        ([], [1], 0),
        (["5"], ["1"], 0),
    ],
)
def test_a_step_leads_every_id_to_an_image(values, ids, step):
    assert frame_step(id_array(values), id_array(ids)) == step


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
