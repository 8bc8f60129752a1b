"""The images inside a report: which, what is known of them, and their size."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest

from atss_inspect.page.render import IndexEntry, json_block
from atss_inspect.readers import load_coco
from atss_inspect.readers.pixels import Picture, picture_problems
from atss_inspect.report import Wanted, choose_images, num_passed_over
from atss_inspect.report import images as inside
from atss_inspect.report.answers import Workers
from atss_inspect.report.images import LOOKS, Fitted, fit_images, gather_images
from atss_inspect.settings import preset
from atss_inspect.viewer import picture_uri
from tests.random_coco import Loaded
from tests.report_pages import answers_of
from tests.tiny_coco import Box, coco, street


def boxes(num_well: int, num_without: int) -> list[Box]:
    """Boxes with positives, and some that fit between all centers."""
    moved = [(100.0 + 60 * n, 100.0, 64.0, 64.0) for n in range(num_well)]
    return [*moved, *((1.0 + 60 * n, 1.0, 1.0, 1.0) for n in range(num_without))]


DOCUMENT = coco({n: boxes(2, number) for n, number in enumerate((0, 3, 1, 2, 0))})


# The largest object without a positive is alone in its image.
ALONE = coco({1: boxes(0, 3), 2: boxes(0, 2), 3: [(2.0, 2.0, 2.0, 2.0)]})


@pytest.mark.parametrize(
    ("document", "wanted", "expected"),
    [
        # The worst come first, and images where all have some never.
        (DOCUMENT, Wanted(worst=20), [1, 3, 2]),
        (DOCUMENT, Wanted(worst=1), [1]),
        (DOCUMENT, Wanted(worst=0), []),
        # Half of the places are for the objects listed as worst.
        (ALONE, Wanted(worst=2), [0, 2]),
        (ALONE, Wanted(worst=1), [0]),
        # Images asked for come before the others, and once.
        (DOCUMENT, Wanted(rows=(4, 1), worst=2), [4, 1, 3]),
        # Without objects or images there are none.
        (coco({}), Wanted(sample=2), []),
        (coco({5: []}), Wanted(), []),
    ],
)
def test_the_images_that_are_chosen(document, wanted, expected):
    assert choose_images(answers_of(document, "atss-mmdet"), wanted) == expected


def test_of_the_worst_images_those_with_a_picture_are_preferred():
    report = answers_of(DOCUMENT, "atss-mmdet")
    Path("pictures").mkdir()
    for name in ("0.jpg", "3.jpg"):
        Path("pictures", name).write_bytes(b"picture")
    wanted = Wanted(worst=1, folder="pictures")
    assert choose_images(report, wanted) == [3]
    assert num_passed_over(report, wanted) == 1
    assert choose_images(report, replace(wanted, worst=2)) == [1, 3]
    assert num_passed_over(report, replace(wanted, worst=2)) == 0
    # Only these: but for those named one by one.
    only = replace(wanted, worst=9, sample=9, rows=(2,), is_pictured=True)
    assert choose_images(report, only) == [2, 3, 0]
    assert num_passed_over(report, only) == 2


def test_a_sample_depends_on_the_seed_alone():
    report = answers_of(DOCUMENT, "atss-mmdet")
    first = choose_images(report, Wanted(worst=0, sample=3, seed=1))
    assert first == choose_images(report, Wanted(worst=0, sample=3, seed=1))
    assert len(set(first)) == 3
    samples = {
        tuple(choose_images(report, Wanted(worst=0, sample=2, seed=n)))
        for n in range(9)
    }
    assert len(samples) > 1
    assert sorted(choose_images(report, Wanted(worst=2, sample=99))) == [0, 1, 2, 3, 4]


HOSTILE = 'a&b=c #\u202e"<x>\n'


def test_a_link_says_what_the_viewer_reads_whatever_the_names_are():
    link = inside.image_link(IndexEntry(HOSTILE, "label"), preset=HOSTILE, ann=HOSTILE)
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
    assert inside.image_link(IndexEntry("4", "")) == "#viewer:image=4"


def test_problems_of_pictures_are_counted_by_kind():
    dataset = load_coco(Loaded(street()))
    images = gather_images(dataset, [0, 1, 2], [preset()], folder=".")
    damaged = Picture(None, problem="picture cannot be read")
    images[1] = images[1]._replace(picture=damaged)
    pictures = [each.picture for each in images]
    tried = f"looked for {dataset.file_names[0]}"
    missing = f"picture not found in the images folder (2 of 3 images; {tried})"
    unreadable = "picture cannot be read (1 of 3 images)"
    assert picture_problems(pictures) == (missing, unreadable)
    one = f"picture not found in the images folder ({tried})"
    assert picture_problems(pictures[:1]) == (one,)
    without = gather_images(dataset, [0, 1], [preset()])
    assert picture_problems([each.picture for each in without]) == ()


def test_objects_of_one_id_are_told_apart_as_in_the_viewer():
    document = street()
    for each in document["annotations"]:
        each["id"] = 7
    image = load_coco(Loaded(document)).slice_images(0, 1)
    found = gather_images(image, [0], [preset()])[0].document
    indices = image.annotation_index.tolist()
    assert [inside.object_key(found, image, n) for n in indices] == ["7", "7~2", "7~3"]


def test_images_come_in_the_order_asked_for_with_what_is_wrong():
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


NOISE = np.random.default_rng(7).integers(0, 255, (600, 900, 3)).astype(np.uint8)


def fitted(pictures: list[Picture], room: int) -> Fitted:
    documents = [{"id": str(n), "picture": None} for n in range(len(pictures))]
    return fit_images(documents, pictures, room=room)


def size_of(fitted: Fitted) -> int:
    return sum(len(json_block(each).encode()) for each in fitted.documents)


def test_pictures_shrink_before_images_are_left_out():
    whole = fitted([Picture(NOISE)] * 2, 10_000_000)
    assert (len(whole.documents), whole.look, whole.note) == (2, LOOKS[0], "")
    room = size_of(whole) * 2 // 3
    found = fitted([Picture(NOISE)] * 2, room)
    assert size_of(found) <= room
    assert len(found.documents) == 2
    assert found.look in LOOKS[1:]
    assert found.note == f"pictures reduced to {found.look.longest} pixels"  # type: ignore[union-attr]


def test_the_last_images_go_where_even_the_smallest_pictures_are_too_large():
    coarse = picture_uri(NOISE, longest=LOOKS[-1].longest, quality=LOOKS[-1].quality)
    room = int(2.5 * len(coarse))
    found = fitted([Picture(NOISE)] * 3, room)
    assert size_of(found) <= room
    assert [each["id"] for each in found.documents] == ["0", "1"]
    assert found.note == "pictures reduced to 300 pixels and 1 of 3 images left out"
    # Pictures are not said to be smaller where none is left.
    found = fitted([Picture(NOISE)] * 3, 0)
    assert (found.documents, found.note) == ((), "3 of 3 images left out")
