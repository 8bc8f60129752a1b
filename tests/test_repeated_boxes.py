"""Copies of boxes: of the same image and class, to the last bit."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.readers import load_coco
from atss_inspect.readers.repeated_boxes import repeats_earlier
from tests.tiny_coco import coco_image


def repeats(*objects: tuple[float, ...], order: list[int] | None = None) -> list[bool]:
    """Of objects (image, class, x, y, width, height), which are copies."""
    table = np.array(objects, np.float64).reshape(-1, 6)
    rows, classes = table[:, 0].astype(np.int64), table[:, 1].astype(np.int64)
    places = np.array(range(len(table)) if order is None else order, np.int64)
    return repeats_earlier(rows, classes, table[:, 2:], places).tolist()


def test_the_first_in_the_file_is_no_copy():
    box = (0, 1, 10, 20, 30, 40)
    assert repeats(box, box, box) == [False, True, True]
    assert repeats(box, box, box, order=[5, 2, 9]) == [True, False, True]
    assert repeats(box) == [False]
    assert repeats() == []


def test_every_column_counts():
    box = (0, 1, 10, 20, 30, 40)
    for column in range(6):
        other = [*box]
        other[column] += 1
        assert repeats(box, tuple(other)) == [False, False]
    assert repeats(box, (1, 0, *box[2:])) == [False, False]
    assert repeats((0, 1, 10.0, 20, 30, 40), (0, 1, 10.0 + 2e-15, 20, 30, 40)) == [
        False,
        False,
    ]


def test_zero_has_no_sign():
    assert repeats((0, 0, 0.0, 1, 2, 3), (0, 0, -0.0, 1, 2, 3)) == [False, True]


@given(st.lists(st.tuples(*[st.integers(0, 1)] * 6), max_size=40))
def test_copies_are_those_that_were_seen_before(objects):
    seen: set[tuple[int, ...]] = set()
    expected = []
    for each in objects:
        expected.append(each in seen)
        seen.add(each)
    assert repeats(*objects) == expected


def test_copies_are_counted_with_where_they_are():
    box = (10, 20, 30, 40)
    document = coco_image(box, (1, 2, 3, 4), box, (10, 20, 30, 40.5))
    [found] = load_coco(document).findings
    assert found.message == (
        "1 box repeats an earlier one of the same image and class exactly; YOLO "
        "presets keep one of them, others all, though mostly an anchor goes to one "
        "alone"
    )
    assert found.examples == ("annotations[2] (id 3)",)
    assert found.hint == "remove the copies"
