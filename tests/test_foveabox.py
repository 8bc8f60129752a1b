"""FoveaBox's rule: by hand, against loops, and what is told of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.foveabox.assign import size_ranges
from atss_inspect.assigners.foveabox.params import FoveaboxParams
from atss_inspect.assigners.pyramid import AnchorRule, build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.settings import preset

from . import agreement
from .agreement import assign, rows_of_image, sorted_rows
from .reference.foveabox import rows_foveabox
from .strategies import Image, images, make_frame

RULE = AnchorRule(offset=0.5)  # points 4, 12, 20, ... on P3
SIZE = (128, 128)  # 16 x 16 cells on P3, 8 x 8 on P4
PRESET = ((1.0, 64.0), (32.0, 128.0), (64.0, 256.0), (128.0, 512.0), (256.0, 2048.0))


def answer(*boxes, **params):
    return assign([Image(SIZE, boxes)], RULE, FoveaboxParams(**params))


def rows(*boxes, **params) -> list[tuple[int, ...]]:
    return list(map(tuple, sorted_rows(answer(*boxes, **params)).tolist()))


def test_points_on_the_edges_of_the_core_are_in():
    # 40 px from 0: center 20, core 0.4 from 12 to 28. Points 12, 20 and 28 of P3 are in
    # (columns 1 to 3); P4, whose range begins at 32, has 24 in (8 is out): cell 1, 1.
    expected = [(0, 0, row * 16 + column) for row in (1, 2, 3) for column in (1, 2, 3)]
    assert rows((0, 0, 40, 40)) == [*expected, (0, 1, 9)]
    # Half a pixel to the right 12 is out, at 12.5, and 28.5 still holds 28.
    moved = [row for row in rows((0.5, 0, 40.5, 40)) if row[1] == 0]
    assert moved == [row for row in expected if row[2] % 16 != 1]


def test_both_ends_of_a_size_range_are_in():
    # 64 px is the end of P3, within P4, and the begin of P5.
    assert {row[1] for row in rows((16, 16, 80, 80))} == {0, 1, 2}
    # 16 x 64: the square root of the area is 32, the begin of P4.
    assert {row[1] for row in rows((46, 32, 62, 96))} == {0, 1}
    assert {row[1] for row in rows((46, 32, 61.5, 96))} == {0}


def test_the_smallest_box_has_a_contested_point_and_of_equals_the_last():
    # Both have (20, 20) in the core; the second is smaller.
    small = rows((0, 0, 40, 40), (8, 8, 32, 32))
    assert (1, 0, 34) in small
    assert (0, 0, 34) not in small
    twins = answer((0, 0, 40, 40), (0, 0, 40, 40))
    assert set(twins.gt.tolist()) == {1}
    assert twins.is_tied.tolist() == [True, True]
    assert twins.unassigned.name_of(0) == "lost_to_others"
    assert twins.unassigned.lost_to.tolist() == [1, -1]


def test_a_core_between_points_and_a_size_in_no_range_have_causes():
    # Center 16, core from 14.4 to 17.6: between the points 12 and 20.
    found = answer((12, 12, 20, 20), (0, 0, 0.5, 0.5))
    names = [found.unassigned.name_of(gt) for gt in (0, 1)]
    assert names == ["no_point_in_core", "size_in_no_range"]
    assert rows((12, 12, 20, 20), core=1.0) == [
        (0, 0, row * 16 + column) for row in (1, 2) for column in (1, 2)
    ]


def test_a_core_beyond_the_map_moves_to_the_outermost_cell():
    assert rows((-40, 0, -20, 20))[0] == (0, 0, 16)  # row 1 of y = 6 ... 14, column 0
    assert not rows()


def test_ranges_of_the_strides_are_those_of_the_preset():
    found = size_ranges(build_pyramid(RULE), FoveaboxParams())
    np.testing.assert_array_equal(found, np.array(PRESET, dtype=np.float32))
    assert preset("foveabox-mmdet").assigner.size_ranges == PRESET
    with pytest.raises(SettingsError, match="one size range per stride, got 5 and 3"):
        preset("foveabox-mmdet", strides=[8, 16, 32])


ends = st.integers(0, 40).map(lambda number: number * 4.0)
ranges = st.tuples(ends, ends).map(lambda pair: (min(pair), max(pair) + 1))


@given(
    scene=st.lists(images(max_boxes=8), max_size=3),
    strides=st.sampled_from(((8, 16, 32), (4, 12), (8,))),
    written=st.lists(ranges, min_size=3, max_size=3),
    core=st.sampled_from((0.0, 0.3, 0.4, 0.5, 1.0, 1.7)),
    offset=st.sampled_from((0.5, 0.0)),
)
def test_rows_equal_the_loops(scene, strides, written, core, offset):
    rule = AnchorRule(strides, offset=offset)
    params = FoveaboxParams(tuple(written[: len(strides)]), core)
    frame, found = make_frame(scene), assign(scene, rule, params)
    for number, image in enumerate(scene):
        maps = [tuple(-(-side // s) for side in image.padded_size) for s in strides]
        expected = rows_foveabox(
            image.gt_boxes,
            strides,
            maps,
            size_ranges=params.size_ranges,
            core=core,
            offset=offset,
        )
        assert rows_of_image(found, frame, number) == expected
    agreement.check_books_balance(scene, rule, params)
    agreement.check_images_alone(scene, rule, params)


def test_an_edge_that_rounding_moves_over_a_point_is_fragile():
    # 24 / 8 = 3 cells; half the core ends at 1.5 + 0.2 * 3 - 0.5, not on a point.
    assert not answer((0, 0, 24, 24)).is_fragile.any()
    # The core from 12 to 28 of a box that is a rounding too far right.
    right = float(np.nextafter(np.float32(40), np.float32(41)))
    assert answer((0, 0, right, 40)).is_fragile.all()
    above = float(np.nextafter(np.float32(64), np.float32(65)))
    assert answer((0, 0, above, above)).is_fragile.all()
