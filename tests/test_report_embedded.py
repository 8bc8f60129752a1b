"""Images inside a report, and links to what they show."""

from urllib.parse import parse_qs

import numpy as np

from atss_inspect.page.render import IndexEntry
from atss_inspect.readers import load_coco
from atss_inspect.readers.pixels import Picture
from atss_inspect.report.answers import Workers
from atss_inspect.report.images import (
    gather_images,
    image_link,
    object_key,
    picture_problems,
)
from atss_inspect.settings import preset
from tests.random_coco import Loaded
from tests.tiny_coco import street

HOSTILE = 'a&b=c #\u202e"<x>\n'


def test_a_link_says_what_the_viewer_reads_whatever_the_names_are() -> None:
    link = image_link(IndexEntry(HOSTILE, "label"), preset=HOSTILE, ann=HOSTILE)
    start, _, query = link.partition(":")
    assert start == "#viewer"
    assert not set(query) & set('<>"# \n')
    printed = 'a&b=c #\\u202e"<x>\\n'
    assert parse_qs(query) == {
        "image": [HOSTILE],
        "preset": [printed],
        "object": [HOSTILE],
        "at": ["object"],
    }
    assert image_link(IndexEntry("4", "")) == "#viewer:image=4"


def test_problems_of_pictures_are_counted_by_kind() -> None:
    dataset = load_coco(Loaded(street()))
    images = gather_images(dataset, [0, 1, 2], [preset()], folder=".")
    damaged = Picture(None, problem="picture cannot be read")
    images[1] = images[1]._replace(picture=damaged)
    assert picture_problems(images) == (
        "picture not found in the images folder (2 of 3 images)",
        "picture cannot be read (1 of 3 images)",
    )
    assert picture_problems(images[:1]) == (
        "picture not found in the images folder (1 of 1 image)",
    )
    assert picture_problems(gather_images(dataset, [0, 1], [preset()])) == ()


def test_objects_of_one_id_are_told_apart_as_in_the_viewer() -> None:
    document = street()
    for each in document["annotations"]:
        each["id"] = 7
    image = load_coco(Loaded(document)).slice_images(0, 1)
    found = gather_images(image, [0], [preset()])[0].document
    keys = [
        object_key(found, image, index) for index in image.annotation_index.tolist()
    ]
    assert keys == ["7", "7~2", "7~3"]


def test_images_come_in_the_order_asked_for_with_what_is_wrong() -> None:
    dataset = load_coco(Loaded(street()))
    steps: list[int] = []
    workers = Workers(None, steps.append)
    found = gather_images(dataset, [3, 0], [preset()], folder=".", workers=workers)
    assert [each.row for each in found] == [3, 0]
    assert [each.document["id"] for each in found] == ["10", "2"]
    problem = "picture not found in the images folder"
    assert {each.document["picture_note"] for each in found} == {problem}
    assert steps == [1, 1]
    alone = gather_images(dataset, [0], [preset()])[0]
    assert alone.picture.pixels is None
    assert alone.document["picture_note"] == ""
    np.testing.assert_equal(gather_images(dataset, [], [preset()]), [])
