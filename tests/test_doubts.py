"""What looks wrong about a file: sizes, places, ids, boxes of another kind."""

import pytest

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.readers.doubts import require_images
from tests.command_line import ask
from tests.soundness import counts, the_finding
from tests.tiny_coco import coco_image

Size = tuple[float, float]  # width, height
Box = tuple[float, float, float, float]


def loaded(*images: tuple[Size, list[Box]]) -> Dataset:
    """Load images of these sizes, with these boxes."""
    annotations = [
        {"image_id": number, "category_id": 1, "bbox": list(box)}
        for number, (_, boxes) in enumerate(images)
        for box in boxes
    ]
    for number, each in enumerate(annotations):
        each |= {"id": number, "area": max(each["bbox"][2] * each["bbox"][3], 1)}
    return load_coco(
        {
            "images": [
                {"id": n, "width": w, "height": h, "file_name": f"{n}.jpg"}
                for n, ((w, h), _) in enumerate(images)
            ],
            "annotations": annotations,
            "categories": [{"id": 1, "name": "cat"}],
        }
    )


TALL, WIDE = (100, 200), (200, 100)
# Fits into a wide image, not into a tall one; and the other way round.
IN_WIDE, IN_TALL, IN_BOTH = (120, 10, 60, 50), (10, 120, 50, 60), (5, 5, 50, 60)
WIDE_TOO = (110, 10, 60, 50)


@pytest.mark.parametrize(
    ("size", "boxes", "number"),
    [
        (TALL, [IN_WIDE, WIDE_TOO, IN_BOTH], 1),
        (TALL, [IN_WIDE, IN_BOTH], 0),  # a single box
        (WIDE, [IN_TALL, (10, 110, 50, 60)], 1),
        (TALL, [IN_TALL, IN_BOTH], 0),  # all fit
        (TALL, [IN_WIDE, WIDE_TOO, IN_TALL], 0),  # one fits neither way
        ((150, 150), [(120, 10, 60, 50)] * 2, 0),  # a square is the same both ways
        (TALL, [(30, 10, 72, 50), WIDE_TOO, IN_WIDE], 1),
        # A quarter of the way to the longer side, 25 of 100 px, is no more than usual.
        (TALL, [(30, 10, 95, 50), (40, 10, 85, 50)], 0),
        (TALL, [(30, 10, 96, 50), (40, 10, 86, 50)], 1),
        (TALL, [], 0),
    ],
)
def test_images_whose_boxes_fit_the_other_way_round(size, boxes, number):
    found = counts(loaded((size, boxes)))
    assert found.get("image_size_exchanged", 0) == number
    # Of these it is known what is wrong.
    assert number == 0 or "image_size_doubtful" not in found


def test_exchanged_sizes_are_named_with_what_to_do():
    dataset = loaded((TALL, [IN_WIDE]), (WIDE, [IN_WIDE]), (WIDE, [IN_TALL]))
    found = the_finding(dataset, "image_size_exchanged")
    assert found.count == 2
    assert found.examples == ("images[0] (id 0): 100x200", "images[2] (id 2): 200x100")
    assert found.hint == "compare with the pictures, by --images FOLDER"
    assert found.message == (
        "2 images would contain their boxes with width and height exchanged (a turned "
        "photograph, or boxes written y, x, height, width); used as written"
    )


def test_one_size_for_all_images_is_doubted_where_boxes_leave_it():
    square, inside, beyond = (100, 100), (10, 10, 50, 50), (100, 10, 50, 50)
    images = [(square, [inside])] * 9 + [(square, [beyond, inside])]
    assert counts(loaded(*images))["image_size_one_for_all"] == 1
    # A size of its own, fewer than ten images, and boxes that all fit, are no doubt.
    other = [*images[:-1], ((101, 100), [beyond, inside])]
    # Half of a walker who leaves the frame is in it; a point has no place beyond it.
    walker = [*images[:-1], (square, [(99, 10, 50, 50), inside])]
    point = [*images[:-1], (square, [(101, 10, 0, 50), inside])]
    for fine in (other, images[1:], images[:-1] + images[:1], walker, point):
        assert "image_size_one_for_all" not in counts(loaded(*fine))
    # One of 20 is 5 %, one of 19 more.
    for more, expected in ((10, 0), (9, 1)):
        found = counts(loaded(*images[:1] * more, *images))
        assert found.get("image_size_one_for_all", 0) == expected


def test_a_size_that_lacks_most_centers_is_doubted():
    square = (100, 100)
    off, on = (150, 10, 20, 20), (10, 10, 20, 20)
    assert counts(loaded((square, [off, on]))) == {"bbox_outside_image": 1}
    assert counts(loaded((square, [off, (150, 50, 20, 20), on]))) == {
        "bbox_outside_image": 2,
        "image_size_doubtful": 1,
    }


@pytest.mark.parametrize(
    ("box", "reason"),
    [
        ((-2, -2, 104, 104), None),
        ((-2.5, 0, 50, 50), "bbox_beyond_image"),
        ((60, 60, 42.5, 10), "bbox_beyond_image"),
        ((100, 10, 1, 10), "bbox_outside_image"),
        ((-1, 10, 1, 10), "bbox_outside_image"),
        ((10, 10, 0, 10), "bbox_without_extent"),
        ((10, 10, 10, -3), "bbox_without_extent"),
    ],
)
def test_places_of_boxes(box, reason):
    found = counts(loaded(((100, 100), [box, *[(1, 1, 5, 5 + n) for n in range(3)]])))
    assert found == ({reason: 1} if reason else {})


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((31, 500), "image_tiny"),
        ((500, 31), "image_tiny"),
        ((32, 32), None),
        ((100_000, 40), None),
        ((40, 100_001), "image_huge"),
    ],
)
def test_sizes_that_are_odd_alone(size, reason):
    assert counts(loaded((size, []))) == ({reason: 1} if reason else {})


def of_ids(known: int, unknown: int) -> Dataset:
    """Annotations of image 1, and others of image 99."""
    document = coco_image(*((n, 1, 5, 5) for n in range(known + unknown)))
    for each in document["annotations"][known:]:
        each["image_id"] = 99
    return load_coco(document)


def test_more_than_half_without_an_image_is_too_much():
    require_images(of_ids(2, 2))
    require_images(of_ids(0, 0))
    with pytest.raises(DataError, match="more than half of the annotations") as caught:
        require_images(of_ids(2, 3))
    assert str(caught.value) == (
        "COCO object: more than half of the annotations match no image: 3 annotations "
        "belong to an image id that is not in images; left out; image ids of "
        "annotations such as 99; of images such as 1"
    )
    assert caught.value.hint == "`check` answers all the same"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "told"),
    [
        ("03-frame-step-ids", "20, 25, 30; of images such as 0, 1, 2: are they mult"),
        ("04-item-id", "the keys are id, category_id, bbox, area, iscrowd, item_id"),
    ],
)
def test_most_match_nothing(case, told, real_data):
    file = real_data / "cases" / case / "ann.json"
    for command in ("stats", "worst", "compare atss-mmdet fcos-mmdet", "sweep k=3,9"):
        assert told in ask(f"{command} --ann {file}", code=3).err
    failed = ask(f"check --ann {file}", code=1)
    assert told in failed.err
    assert "annotations (" in failed.out
