"""Areas that contradict their boxes: what each kind is, and what is used instead."""

import numpy as np
import pytest

from atss_inspect.readers.areas import mend_areas
from atss_inspect.readers.findings import Tally

NAN, INF = float("nan"), float("inf")
SIZE = (100.0, 200.0)  # height, width


def mended(
    areas: list[float],
    sides: list[tuple[float, float]] | None = None,
    *,
    are_boxes_sure: bool = True,
) -> tuple[list[float], dict[str, int]]:
    """Areas used, and the counts; boxes are 10 x 20 unless told."""
    number = len(areas)
    xywh = np.zeros((number, 4))
    xywh[:, 2:] = (10, 20) if sides is None else sides
    tally = Tally()
    used = mend_areas(
        np.array(areas, np.float64),
        xywh,
        np.tile(SIZE, (number, 1)),
        (np.arange(number), np.arange(number)),
        tally,
        are_boxes_sure=are_boxes_sure,
    )
    return used.tolist(), tally.counts


@pytest.mark.parametrize(
    ("area", "used", "reason"),
    [
        (200, 200, None),
        (1, 1, None),  # one small mask in a large box
        # 1.1 x 200 = 220; a pixel more on each side would be 11 x 21 = 231.
        (220, 220, None),
        (231, 231, None),
        (231.5, 200, "area_above_box"),
        (NAN, 200, "area_missing"),
        (-INF, 200, "area_invalid"),
        (0, 0, "area_zero"),
        (-7, -7, "area_negative"),
        (20_000, 200, "area_of_image"),
        (19_999, 200, "area_above_box"),
    ],
)
def test_an_area_is_kept_or_replaced_and_counted(area, used, reason):
    assert mended([200, area]) == ([200, used], {reason: 1} if reason else {})


def test_large_boxes_have_a_tenth_of_slack():
    # 100 x 100: 11000 is 1.1 times as much, and 101 x 101 is 10201.
    found, counts = mended([11_000, 11_001], [(100, 100)] * 2)
    assert (found, counts) == ([11_000, 10_000], {"area_above_box": 1})


def test_a_box_of_the_whole_image_has_its_area():
    assert mended([20_000], [(200, 100)]) == ([20_000], {})


def test_boxes_without_extent_have_area_0_rightly():
    assert mended([0, 5], [(0, 20), (10, 0)]) == ([0, 5], {})


def test_one_area_for_many_boxes_of_different_extent_is_none():
    sides = [(10, 20)] * 19 + [(11, 21)]  # 231 is more than 1.1 x 200
    found, counts = mended([1] * 20, sides)
    assert found == [200] * 19 + [231]
    assert counts == {"area_constant": 20}
    # Of five it is no accident, and boxes of one extent have one area.
    assert mended([1] * 5, sides[-5:])[1] == {"area_constant": 5}
    assert mended([1] * 4, sides[-4:])[1] == {}
    assert mended([200] * 20)[1] == {}
    # Nine of ten are enough of many, all of few.
    mixed = [*sides[-18:], (10, 20), (10, 20)]
    assert mended([1] * 18 + [2] * 2, mixed)[1] == {"area_constant": 18}
    assert mended([1] * 17 + [2] * 3, sides[::-1])[1] == {}
    assert mended([1] * 18 + [2], sides[1:])[1] == {}


def test_areas_of_1_or_less_are_fractions_where_boxes_are_larger():
    areas = [(number + 1) / 100 for number in range(20)]
    found, counts = mended(areas)
    assert (found, counts) == ([200] * 20, {"area_fraction": 20})
    assert mended([*areas[1:], 1.5])[1] == {}
    assert mended(areas[:5])[1] == {"area_fraction": 5}
    assert mended(areas[:4])[1] == {}
    # Half of the boxes are smaller than 100 pixels.
    assert mended(areas, [(9, 11)] * 10 + [(10, 20)] * 10)[1] == {}
    assert mended(areas, [(9, 11)] * 9 + [(10, 20)] * 11)[1] == {"area_fraction": 20}


def test_areas_in_percent_of_their_image_are_known_by_their_boxes():
    # 10 x n of 200 x 100 is n / 20 percent.
    sides = [(10.0, 20.0 + number) for number in range(30)]
    found, counts = mended([high / 20 for _, high in sides], sides)
    assert (found, counts) == ([10 * high for _, high in sides], {"area_fraction": 30})
    assert mended([high / 19 for _, high in sides], sides)[1] == {}


def test_boxes_that_are_doubted_themselves_contradict_nothing():
    found, counts = mended([500, NAN, 0], are_boxes_sure=False)
    assert (found, counts) == ([500, 200, 0], {"area_missing": 1})


def test_no_areas_are_no_matter():
    assert mended([]) == ([], {})
