"""What positives are drawn against: measures, bins and groups."""

from pathlib import Path

import numpy as np
import pytest

from atss_inspect.figures.size import AGAINST, with_image_sizes
from atss_inspect.readers import load_coco
from atss_inspect.statistics.summary import RATIO_BINS
from atss_inspect.statistics.tables import objects_table
from tests.object_tables import ATSS, FCOS, counts, objects, side_by_side
from tests.tiny_coco import street, write_coco

SIZE, RATIO, POSITION = (AGAINST[name] for name in ("size", "ratio", "position"))


def test_size_is_the_root_of_the_area_in_input_pixels() -> None:
    table = objects(ATSS, counts(9, box=(0, 0, 8, 32)))
    assert SIZE.measure(table).tolist() == [16]
    table["input_x2"] *= 4  # the resize rule widens it
    assert SIZE.measure(table).tolist() == [32]


def test_boxes_without_extent_have_no_size_and_no_ratio() -> None:
    table = objects(ATSS, counts(9, box=(5, 5, 0, 7)))
    assert np.isnan(SIZE.measure(table)).all()
    assert np.isnan(RATIO.measure(table)).all()
    assert RATIO.group(table).tolist() == [-1]


def test_size_bins_are_half_octaves_that_hold_all_values() -> None:
    edges = SIZE.edges(np.array([16.0, 40.0, np.nan]))
    np.testing.assert_allclose(edges, 2 ** np.array([4, 4.5, 5, 5.5]))
    assert SIZE.bins(np.array([16.0, 22.0, 23.0, 40.0]), edges).tolist() == [0, 0, 1, 2]
    np.testing.assert_allclose(SIZE.centers(edges), 2 ** np.array([4.25, 4.75, 5.25]))


def test_bins_without_values_are_those_of_common_sizes() -> None:
    edges = SIZE.edges(np.array([]))
    assert edges[0] == 16
    assert edges[-1] > 512


def test_squares_stand_in_the_middle_of_a_ratio_bin() -> None:
    edges = RATIO.edges(np.array([1.0]))
    middles = RATIO.centers(edges)
    place = int(RATIO.bins(np.array([1.0]), edges)[0])
    np.testing.assert_allclose(middles[place], 1)
    # Beyond the ends: the first and last bin.
    ends = RATIO.bins(np.array([1e-6, 1e6]), edges)
    assert ends.tolist() == [0, len(edges) - 2]


def test_ratio_groups_are_those_of_stats() -> None:
    table = side_by_side(
        *(
            objects(ATSS, counts(9, box=box))
            for box in ((0, 0, 50, 10), (0, 0, 10, 10), (0, 0, 10, 50))
        )
    )
    names = [RATIO.groups[place] for place in RATIO.group(table)]
    assert names == [RATIO_BINS[0], RATIO_BINS[2], RATIO_BINS[4]]


@pytest.mark.parametrize(
    ("center", "expected", "group"),
    [
        ((320, 240), 1, 3),  # the middle of 640 x 480
        ((32, 240), 0.1, 1),  # a twentieth of the width from the left
        ((320, 468), 0.05, 0),  # 12 of 480 from below
        ((608, 472), 16 / 480, 0),  # the nearer of right and below
        ((-5, 240), 0, 0),  # outside
    ],
)
def test_position_goes_from_the_border_to_the_middle(
    center: tuple[float, float], expected: float, group: int
) -> None:
    table = objects(ATSS, counts(9, box=(center[0] - 4, center[1] - 4, 8, 8)))
    np.testing.assert_allclose(POSITION.measure(table), [expected], atol=1e-12)
    assert POSITION.group(table).tolist() == [group]


def test_image_sizes_are_added_by_image_and_file(
    tmp_path: Path,
) -> None:
    wide = street()
    for image in wide["images"]:
        image["width"] = 1000 + image["id"]
    paths = [
        str(write_coco(tmp_path / name, document))
        for name, document in (("a.json", street()), ("b.json", wide))
    ]
    one = load_coco(paths[1])
    table = with_image_sizes(objects_table(one, (ATSS, FCOS)), one)
    assert (table["image_width"] == 1000 + table["image_id"]).all()
    assert set(table["image_height"]) == {480}
    both = load_coco(*paths)
    table = with_image_sizes(objects_table(both, ATSS), both)
    is_wide = table["file"].astype(str).str.endswith("b.json")
    assert (table["image_width"][is_wide] > 1000).all()
    assert (table["image_width"][~is_wide] == 640).all()
    assert is_wide.any()
    assert not is_wide.all()
