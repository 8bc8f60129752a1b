"""RepPoints' rule: by hand, against loops, and what is told of it."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.nearest_point.assign import _distance
from atss_inspect.assigners.nearest_point.params import NearestPointParams
from atss_inspect.assigners.pyramid import AnchorRule
from atss_inspect.errors import SettingsError
from atss_inspect.settings import preset

from . import agreement
from .agreement import assign, rows_of_image, sorted_rows
from .reference.nearest_point import rows_nearest_point
from .strategies import Image, images, make_frame

RULE = AnchorRule()  # points 0, 8, 16, ... on P3
SIZE = (128, 128)  # 16 x 16 cells on P3, 8 x 8 on P4


def answer(*boxes, **params):
    return assign([Image(SIZE, boxes)], RULE, NearestPointParams(**params))


def rows(*boxes, **params) -> list[tuple[int, ...]]:
    return list(map(tuple, sorted_rows(answer(*boxes, **params)).tolist()))


def test_a_level_begins_at_four_strides_in_the_geometric_mean():
    # 64 x 64 is 4 strides of 16: P4, its point (64, 64). 63.9 x 64: P3.
    assert rows((32, 32, 96, 96)) == [(0, 1, 4 * 8 + 4)]
    assert rows((32.0625, 32, 96, 96)) == [(0, 0, 8 * 16 + 8)]
    # 32 x 128: the same mean. With scale 8 it is one of P3.
    assert rows((48, 0, 80, 128)) == [(0, 1, 4 * 8 + 4)]
    assert rows((48, 0, 80, 128), level_scale=8.0) == [(0, 0, 8 * 16 + 8)]
    # Less than the first level takes, and more than the last: P3 and P7.
    assert [row[1] for row in rows((3, 3, 4, 4), (-4e3, -4e3, 4e3, 4e3))] == [0, 4]


def test_distances_are_in_sides_of_the_box():
    # Center (20, 20): x is 4 px from 16 and from 24 of 8 px, y as far of 80.
    found = rows((16, -20, 24, 60), num_points=5)
    # Columns 2 and 3 (0.5 sides away), rows by 8 px, which are 0.1 sides: rows 2 and 3,
    # then of rows 1 and 4 at equal distance the lower index.
    cells = [(1, 2), (2, 2), (2, 3), (3, 2), (3, 3)]
    assert found == [(0, 0, row * 16 + column) for row, column in cells]


def test_the_nearest_box_has_a_point_and_the_others_get_none_in_its_place():
    # The second center is at the point (40, 40) itself, the first 1 px off.
    found = answer((20, 20, 62, 60), (20, 20, 60, 60))
    assert found.gt.tolist() == [1]
    assert found.unassigned.name_of(0) == "lost_to_others"
    assert found.unassigned.lost_to.tolist() == [1, -1]
    # Distances count in each one's own sides: 1 px of 62 is nearer than 1 px of 42.
    assert answer((20, 20, 62, 60), (10, 20, 72, 60)).gt.tolist() == [1]


def test_of_equals_the_first_box_and_the_lowest_index_win():
    twins = answer((20, 20, 60, 60), (20, 20, 60, 60))
    assert twins.gt.tolist() == [0]
    assert twins.is_tied.tolist() == [True, True]
    # Center (36, 36) is as far from four points.
    between = answer((16, 16, 56, 56))
    assert between.index.tolist() == [4 * 16 + 4]
    assert between.is_tied.tolist() == [True]
    assert not answer((17, 16, 57, 57)).is_tied.any()


def test_a_level_with_fewer_points_gives_all_it_has():
    # P7 of 128 x 128 is one cell.
    assert rows((0, 0, 600, 600), num_points=3) == [(0, 4, 0)]
    assert not rows()


def test_sizes_and_distances_that_rounding_decides_are_fragile():
    below = float(np.nextafter(np.float32(64), np.float32(0)))
    # Both sides less by a rounding: nearly the size where P4 begins.
    assert answer((0, 0, below, below)).is_fragile.any()
    assert not answer((0, 0, 64, 64)).is_fragile.any()
    assert not answer((0, 0, 63, 63)).is_fragile.any()
    # A center a rounding off the middle of two points, 4 px from 32 and from 40.
    right = float(np.nextafter(np.float32(66), np.float32(67)))
    near = answer((6, 35.5, right, 51.5))
    assert (near.is_tied.any(), near.is_fragile.any()) == (False, True)
    # Two boxes whose distances from (40, 40) differ by a rounding.
    right = float(np.nextafter(np.float32(64), np.float32(65)))
    top, bottom = 23.4375, 64.4375
    found = answer((23, top, 64, bottom), (23, top, right, bottom))
    assert found.is_fragile.all()
    assert not found.is_tied.any()


def test_the_square_along_y_is_added_without_rounding_it():
    # As torch's norm does on a processor with fused operations.
    rng = np.random.default_rng(3)
    x, y = rng.uniform(0, 3, (2, 2000)).astype(np.float32)
    exact = [Fraction(float(a)) ** 2 for a in y]
    squares = [Fraction(float(a * a)) + b for a, b in zip(x, exact, strict=True)]
    expected = np.sqrt(np.array([np.float32(float(each)) for each in squares]))
    np.testing.assert_array_equal(_distance(x, y), expected)


@pytest.mark.parametrize("strides", [[8, 12], [12, 24], [8, 32], [8.5, 17]])
def test_strides_are_powers_of_two(strides):
    with pytest.raises(SettingsError, match="powers of 2, each twice the last"):
        preset("reppoints-mmdet", strides=strides)


@given(
    scene=st.lists(images(max_boxes=8, longest_side=160), max_size=3),
    strides=st.sampled_from(((8, 16, 32), (4, 8), (16,))),
    scale=st.sampled_from((1.0, 4.0, 2.5)),
    number=st.integers(1, 9),
    offset=st.sampled_from((0.0, 0.5)),
)
def test_rows_equal_the_loops(scene, strides, scale, number, offset):
    rule = AnchorRule(strides, offset=offset)
    params = NearestPointParams(scale, number)
    frame, found = make_frame(scene), assign(scene, rule, params)
    for place, image in enumerate(scene):
        maps = [tuple(-(-side // s) for side in image.padded_size) for s in strides]
        expected = rows_nearest_point(
            image.gt_boxes,
            strides,
            maps,
            level_scale=scale,
            num_points=number,
            offset=offset,
        )
        assert rows_of_image(found, frame, place) == expected
    agreement.check_books_balance(scene, rule, params)
    agreement.check_images_alone(scene, rule, params)


def test_windows_grow_where_all_cells_of_an_axis_are_as_near():
    # 300 px wide, a millionth high: of the row of points nearest to the center all are
    # equally far in float32, so that the first column wins.
    flat = (0, 12, 300, 12)
    assert rows(flat)[0][2] % 16 == 0
    [row] = rows_nearest_point(
        np.array([flat], dtype=np.float32), [8], [(16, 16)], offset=0.0
    )
    assert rows(flat) == [row]
