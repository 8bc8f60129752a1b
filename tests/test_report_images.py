"""The images inside a report: which, what is known of them, and their size."""

from urllib.parse import parse_qs

import numpy as np

from atss_inspect.page.render import IndexEntry, json_block
from atss_inspect.readers import load_coco
from atss_inspect.readers.pixels import Picture
from atss_inspect.report import Wanted, choose_images
from atss_inspect.report.answers import Workers
from atss_inspect.report.images import (
    LOOKS,
    Fitted,
    fit_images,
    gather_images,
    image_link,
    image_row,
    object_key,
    picture_problems,
    unassigned_by_image,
)
from atss_inspect.settings import preset
from atss_inspect.viewer import picture_uri
from tests.random_coco import Loaded
from tests.report_pages import answers_of, street_report
from tests.tiny_coco import Box, coco, street

FED, STARVED = (100.0, 100.0, 64.0, 64.0), (1.0, 1.0, 1.0, 1.0)


def boxes(fed: int, starved: int) -> list[Box]:
    """Boxes with positives, and some that fit between all centers."""
    moved = [(100.0 + 60 * n, 100.0, 64.0, 64.0) for n in range(fed)]
    return [*moved, *((1.0 + 60 * n, 1.0, 1.0, 1.0) for n in range(starved))]


DOCUMENT = coco({n: boxes(2, starved) for n, starved in enumerate((0, 3, 1, 2, 0))})


def test_starved_objects_are_counted_by_image_and_preset():
    report = answers_of(DOCUMENT)
    assert report.stats.dataset.image_ids.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(
        unassigned_by_image(report), [[0, 3, 1, 2, 0], [0, 0, 0, 0, 0]]
    )


def test_the_worst_come_first_and_images_where_all_are_fed_never():
    report = answers_of(DOCUMENT, "atss-mmdet")
    assert choose_images(report, Wanted(worst=20)) == [1, 3, 2]
    assert choose_images(report, Wanted(worst=1)) == [1]
    assert choose_images(report, Wanted(worst=0)) == []


def test_half_of_the_places_are_for_the_objects_listed_as_worst():
    # The largest starved object is alone in its image.
    document = coco({1: boxes(0, 3), 2: boxes(0, 2), 3: [(2.0, 2.0, 2.0, 2.0)]})
    report = answers_of(document, "atss-mmdet")
    assert choose_images(report, Wanted(worst=2)) == [0, 2]
    assert choose_images(report, Wanted(worst=1)) == [0]


def test_images_asked_for_come_before_the_others_and_once():
    report = answers_of(DOCUMENT, "atss-mmdet")
    assert choose_images(report, Wanted(rows=(4, 1), worst=2)) == [4, 1, 3]


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


def test_images_are_found_by_the_place_of_an_annotation():
    dataset = street_report().stats.dataset
    for row in range(dataset.num_objects):
        image = int(np.searchsorted(dataset.object_offsets, row, side="right")) - 1
        assert image_row(dataset, 0, int(dataset.annotation_index[row])) == image


def test_without_objects_or_images_there_are_none():
    assert choose_images(answers_of(coco({})), Wanted(sample=2)) == []
    assert choose_images(answers_of(coco({5: []})), Wanted()) == []


HOSTILE = 'a&b=c #\u202e"<x>\n'


def test_a_link_says_what_the_viewer_reads_whatever_the_names_are():
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


def test_problems_of_pictures_are_counted_by_kind():
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


def test_objects_of_one_id_are_told_apart_as_in_the_viewer():
    document = street()
    for each in document["annotations"]:
        each["id"] = 7
    image = load_coco(Loaded(document)).slice_images(0, 1)
    found = gather_images(image, [0], [preset()])[0].document
    keys = [
        object_key(found, image, index) for index in image.annotation_index.tolist()
    ]
    assert keys == ["7", "7~2", "7~3"]


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


def documents(number: int) -> list[dict[str, object]]:
    """Make documents of a few bytes."""
    return [{"id": str(place), "picture": None} for place in range(number)]


def size_of(fitted: Fitted) -> int:
    """Count the bytes that the images take."""
    return sum(len(json_block(each).encode()) for each in fitted.documents)


def test_pictures_that_fit_are_left_as_they_are():
    fitted = fit_images(documents(2), [Picture(NOISE)] * 2, room=10_000_000)
    assert len(fitted.documents) == 2
    assert fitted.look == LOOKS[0]
    assert fitted.note == ""


def test_pictures_shrink_before_images_are_left_out():
    whole = size_of(fit_images(documents(2), [Picture(NOISE)] * 2, room=10_000_000))
    room = whole * 2 // 3
    fitted = fit_images(documents(2), [Picture(NOISE)] * 2, room=room)
    assert size_of(fitted) <= room
    assert len(fitted.documents) == 2
    assert fitted.look in LOOKS[1:]
    assert fitted.note == f"pictures reduced to {fitted.look.longest} pixels"  # type: ignore[union-attr]


def test_the_last_images_go_where_even_the_smallest_pictures_are_too_large():
    coarse = picture_uri(NOISE, longest=LOOKS[-1].longest, quality=LOOKS[-1].quality)
    room = int(2.5 * len(coarse))
    fitted = fit_images(documents(3), [Picture(NOISE)] * 3, room=room)
    assert size_of(fitted) <= room
    assert [each["id"] for each in fitted.documents] == ["0", "1"]
    assert fitted.note == "pictures reduced to 300 pixels and 1 of 3 images left out"


def test_pictures_are_not_said_to_be_smaller_where_none_is_left():
    fitted = fit_images(documents(3), [Picture(NOISE)] * 3, room=0)
    assert fitted.documents == ()
    assert fitted.note == "3 of 3 images left out"


def test_images_without_pixels_stay_without():
    pictures = [Picture(None, problem="missing"), Picture(NOISE)]
    fitted = fit_images(documents(2), pictures, room=10_000_000)
    assert fitted.documents[0]["picture"] is None
    assert fitted.documents[1]["picture"].startswith("data:image/jpeg")


def test_without_pictures_the_documents_alone_decide():
    each = len(json_block(documents(1)[0]))
    fitted = fit_images(documents(5), [Picture(None)] * 5, room=3 * each)
    assert len(fitted.documents) == 3
    assert fitted.look is None
    assert fitted.note == "2 of 5 images left out"
    assert fit_images([], [], room=0) == Fitted((), 0)
    assert fit_images(documents(1), [Picture(None)], room=-5).documents == ()
