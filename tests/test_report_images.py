"""Which images a report has to look around in."""

import numpy as np

from atss_inspect.report import Wanted, choose_images
from atss_inspect.report.images import image_row, unassigned_by_image
from tests.report_pages import answers_of, street_report
from tests.tiny_coco import Box, coco

FED, STARVED = (100.0, 100.0, 64.0, 64.0), (1.0, 1.0, 1.0, 1.0)


def boxes(fed: int, starved: int) -> list[Box]:
    """Boxes with positives, and some that fit between all centers."""
    moved = [(100.0 + 60 * n, 100.0, 64.0, 64.0) for n in range(fed)]
    return [*moved, *((1.0 + 60 * n, 1.0, 1.0, 1.0) for n in range(starved))]


DOCUMENT = coco({n: boxes(2, starved) for n, starved in enumerate((0, 3, 1, 2, 0))})


def test_starved_objects_are_counted_by_image_and_preset() -> None:
    report = answers_of(DOCUMENT)
    assert report.stats.dataset.image_ids.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(
        unassigned_by_image(report), [[0, 3, 1, 2, 0], [0, 0, 0, 0, 0]]
    )


def test_the_worst_come_first_and_images_where_all_are_fed_never() -> None:
    report = answers_of(DOCUMENT, "atss-mmdet")
    assert choose_images(report, Wanted(worst=20)) == [1, 3, 2]
    assert choose_images(report, Wanted(worst=1)) == [1]
    assert choose_images(report, Wanted(worst=0)) == []


def test_half_of_the_places_are_for_the_objects_listed_as_worst() -> None:
    # The largest starved object is alone in its image.
    document = coco({1: boxes(0, 3), 2: boxes(0, 2), 3: [(2.0, 2.0, 2.0, 2.0)]})
    report = answers_of(document, "atss-mmdet")
    assert choose_images(report, Wanted(worst=2)) == [0, 2]
    assert choose_images(report, Wanted(worst=1)) == [0]


def test_images_asked_for_come_before_the_others_and_once() -> None:
    report = answers_of(DOCUMENT, "atss-mmdet")
    assert choose_images(report, Wanted(rows=(4, 1), worst=2)) == [4, 1, 3]


def test_a_sample_depends_on_the_seed_alone() -> None:
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


def test_images_are_found_by_the_place_of_an_annotation() -> None:
    dataset = street_report().stats.dataset
    for row in range(dataset.num_objects):
        image = int(np.searchsorted(dataset.object_offsets, row, side="right")) - 1
        assert image_row(dataset, 0, int(dataset.annotation_index[row])) == image


def test_without_objects_or_images_there_are_none() -> None:
    assert choose_images(answers_of(coco({})), Wanted(sample=2)) == []
    assert choose_images(answers_of(coco({5: []})), Wanted()) == []
