"""`worst_images`: which rows, in which order, by each criterion."""

import pytest

from atss_inspect import load_coco, preset
from atss_inspect.statistics.worst import CRITERIA, worst_images
from tests.tiny_coco import Box, coco

STARVED: Box = (101, 101, 4, 4)  # 168.4 to 175.1 in input pixels, between two points
FED: Box = (30, 40, 60, 60)
# By id: 1 without objects, 2 half starved, 3 all fed, 4 starved alone; in 5 two starve
# between the points, and of three equal boxes the first takes every anchor.
DATASET = load_coco(
    coco(
        {
            1: [],
            2: [STARVED, FED],
            3: [FED],
            4: [STARVED],
            5: [STARVED, STARVED, FED, FED, FED],
        }
    )
)


@pytest.mark.parametrize(
    ("criterion", "ids"),
    [
        ("unassigned", [5, 2, 4]),
        ("share", [4, 5, 2]),
        ("lost", [5]),
        # Positives per object: 0, 9 / 5, 9 / 2, 9; image 1 does not count.
        ("fewest", [4, 5, 2, 3]),
    ],
)
def test_images_are_ordered_by_a_criterion(criterion: str, ids: list[int]) -> None:
    rows = worst_images(DATASET, preset(), criterion, limit=9)
    assert DATASET.image_ids[rows].tolist() == ids


def test_only_as_many_as_asked_for() -> None:
    assert len(worst_images(DATASET, preset(), "share", limit=2)) == 2


@pytest.mark.parametrize("criterion", CRITERIA)
def test_no_images_give_no_rows(criterion: str) -> None:
    empty = DATASET.slice_images(0, 0)
    assert worst_images(empty, preset(), criterion, limit=3).tolist() == []
