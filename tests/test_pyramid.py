"""Cell anchors, grids and names of anchors, against tables and the dense reference."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners import pyramid as module
from atss_inspect.assigners.anchor_rule import AnchorRule, level_name
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.settings import preset

from .agreement import dense_anchors
from .reference.anchors import cell_anchors_detectron2, lay_on_grid
from .strategies import anchor_rules, any_anchor_rules

BLOCKS = st.integers(1, 12)


def cell_of(name: str, level: int, anchor: int) -> np.ndarray:
    return cells_of(name, level)[anchor]


def cells_of(name: str, level: int) -> np.ndarray:
    pyramid = build_pyramid(preset(name).anchors)
    return pyramid.cell_anchors[pyramid.shapes_of(level)]


def test_official_atss_anchors_are_inclusive_and_centered_on_half_a_stride():
    # 64 px around 4: 4 ± 63 / 2; 1024 px around 64: 64 ± 1023 / 2.
    assert cell_of("atss-official", 0, 0).tolist() == [-27.5, -27.5, 35.5, 35.5]
    assert cell_of("atss-official", 4, 0).tolist() == [-447.5, -447.5, 575.5, 575.5]


def test_mmdetection_atss_anchors_are_centered_on_the_corner_or_the_center():
    assert cell_of("atss-mmdet", 0, 0).tolist() == [-32, -32, 32, 32]
    assert cell_of("atss-mmdet-dyhead", 0, 0).tolist() == [-28, -28, 36, 36]


def test_official_ratios_are_rounded_on_a_window_of_one_stride():
    # ratio 1/2: window round(sqrt(64 / 0.5)) = 11 by round(11 / 2) = 6 (half-even),
    # times 4: 44 x 24 around 4: 4 ± 21.5, 4 ± 11.5. Then times 2^(1/3) and 2^(2/3).
    # Ratio 2: 6 x 12 times 4.
    half_sides = [
        *((21.5, 11.5), (27.2183, 14.6191), (34.4228, 18.5488)),
        *((15.5, 15.5), (19.6587, 19.6587), (24.8984, 24.8984)),
        *((11.5, 23.5), (14.6191, 29.7381), (18.5488, 37.5976)),
    ]
    found = cells_of("retinanet-official", 0)
    np.testing.assert_allclose(found[:, 2:] - 4, half_sides, atol=1e-4)
    np.testing.assert_allclose(4 - found[:, :2], half_sides, atol=1e-4)


# Half width, half height at 32 px and its two octave steps, by ratio and by size.
UNROUNDED = np.array(
    [
        [(22.6274, 11.3137), (28.5088, 14.2544), (35.9188, 17.9594)],
        [(16, 16), (20.1587, 20.1587), (25.3984, 25.3984)],
        [(11.3137, 22.6274), (14.2544, 28.5088), (17.9594, 35.9188)],
    ]
)
# 40 and 50 px, not 40.3 and 50.8; 22.6 rounds to 23, 14.1 to 14, 35.4 to 35.
ROUNDED = [(23, 11), (28, 14), (35, 18), (16, 16), (20, 20), (25, 25)]
ROUNDED += [(11, 23), (14, 28), (18, 35)]


@pytest.mark.parametrize(
    ("name", "half_sides"),
    [
        ("retinanet-mmdet", UNROUNDED.reshape(9, 2)),
        ("retinanet-torchvision", ROUNDED),
        # detectron2 goes size by size, not ratio by ratio.
        ("retinanet-detectron2", UNROUNDED.swapaxes(0, 1).reshape(9, 2)),
        ("rpn-mmdet", UNROUNDED[:, 0]),
        ("rpn-detectron2", UNROUNDED[:, 0]),
        ("rpn-torchvision", ROUNDED[::3]),
    ],
)
def test_anchors_of_the_finest_level_are_those_of_the_framework(name, half_sides):
    found = cells_of(name, 0)
    np.testing.assert_allclose(found[:, 2:], half_sides, atol=1e-4)
    np.testing.assert_array_equal(found[:, :2], -found[:, 2:])


def test_torchvision_sizes_are_whole_numbers():
    # 256 and 512 px times 2^(1/3) and 2^(2/3): 322.5, 406.4, 645.08, 812.7. Half of the
    # square anchors: 161, 203, 322.5 rounded to even, 406.
    cells = {level: cells_of("retinanet-torchvision", level) for level in (3, 4)}
    assert cells[3][3:6, 2].tolist() == [128, 161, 203]
    assert cells[4][3:6, 2].tolist() == [256, 322, 406]


TORCHVISION_STEPS = {
    640: (8, 16, 32, 64, 128),
    672: (8, 16, 32, 61, 112),
    800: (8, 16, 32, 61, 114),
    1088: (8, 16, 32, 64, 120),
    1216: (8, 16, 32, 64, 121),
    1312: (8, 16, 32, 62, 119),
    1344: (8, 16, 32, 64, 122),
}


@pytest.mark.parametrize(("side", "steps"), TORCHVISION_STEPS.items())
def test_torchvision_compresses_grids_that_do_not_divide(side, steps):
    # 672: maps of 84, 42, 21, 11, 6 cells; 672 // 11 = 61, 672 // 6 = 112.
    pyramid = build_pyramid(AnchorRule(grid="padded"))
    grids = pyramid.grids(np.array([[side, 640], [640, side]]))
    assert grids.steps[0, :, 0].tolist() == list(steps)
    assert grids.steps[0, :, 1].tolist() == [8, 16, 32, 64, 128]
    assert grids.steps[1, :, 1].tolist() == list(steps)
    nominal = build_pyramid(AnchorRule()).grids(np.array([[side, 640]]))
    assert nominal.steps[0, :, 0].tolist() == [8, 16, 32, 64, 128]


@given(
    st.one_of(anchor_rules(), any_anchor_rules()),
    st.lists(st.tuples(BLOCKS, BLOCKS), min_size=1, max_size=3),
)
def test_every_anchor_is_where_the_dense_reference_has_it(rule, blocks):
    sizes = [(32 * height, 32 * width) for height, width in blocks]
    grids = build_pyramid(rule).grids(np.array(sizes))
    for image, size in enumerate(sizes):
        for level, anchors in enumerate(dense_anchors(rule, size)):
            assert grids.level_anchors[image, level] == len(anchors)
            index = np.arange(len(anchors))
            place = np.full(len(anchors), image), np.full(len(anchors), level)
            corners = grids.corners(grids.anchor_key(*place, index))
            np.testing.assert_array_equal(np.stack(corners, axis=1), anchors)


def test_detectron2_adds_the_offset_to_the_shift_and_not_to_the_anchor():
    # An offset of half a stride is part of the shift there, one float32 sum with the
    # cell anchor; added to the anchor first it is rounded twice. All sizes but those of
    # one square anchor a cell are affected.
    nine = {"scales_per_octave": 3, "ratios": (0.5, 1.0, 2.0)}
    rule = AnchorRule((8,), style="detectron2", scale=1.0, offset=0.5, **nine)
    scales = [2 ** (i / 3) for i in range(3)]
    cell = cell_anchors_detectron2(8, scales=scales, ratios=rule.ratios)
    expected = lay_on_grid(cell, (4, 4), (8, 8), (4.0, 4.0))
    grids = build_pyramid(rule).grids(np.array([[32, 32]]))
    index = np.arange(len(expected))
    corners = grids.corners(grids.anchor_key(0 * index, 0 * index, index))
    np.testing.assert_array_equal(np.stack(corners, axis=1), expected)


@given(anchor_rules(), st.lists(st.tuples(BLOCKS, BLOCKS), min_size=1, max_size=3))
def test_keys_are_unique_sort_by_place_and_give_it_back(rule, blocks):
    sizes = np.array([(32 * height, 32 * width) for height, width in blocks])
    grids = build_pyramid(rule).grids(sizes)
    places = [
        (image, level, index)
        for (image, level), number in np.ndenumerate(grids.level_anchors)
        for index in (0, number - 1)
    ]
    image, level, index = np.array(places).T
    keys = grids.anchor_key(image, level, index)
    assert (np.diff(keys) >= 0).all()
    found = np.stack(grids.locate(keys), axis=1)
    np.testing.assert_array_equal(found, places)


def test_no_image_has_no_grid():
    grids = build_pyramid(AnchorRule()).grids(np.zeros((0, 2), dtype=np.int64))
    assert grids.map_sizes.shape == (0, 5, 2)
    assert grids.num_anchors.shape == (0,)


def test_levels_are_named_by_their_stride():
    names = {4: "P2", 8: "P3", 128: "P7", 1: "P0", 12: "stride 12"}
    assert {stride: level_name(stride) for stride in names} == names
    pyramid = build_pyramid(AnchorRule(strides=(8, 12)))
    assert pyramid.level_names == ("P3", "stride 12")


RUNS = st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(0, 9)))


@given(RUNS)
def test_runs_equal_those_of_a_loop(runs):
    expected = [start + i for start, count in runs for i in range(count)]
    starts = np.array([start for start, _ in runs], dtype=np.int64)
    counts = np.array([count for _, count in runs], dtype=np.int64)
    assert module.ranges(starts, counts).tolist() == expected


def test_no_run_gives_an_empty_integer_array():
    nothing = module.ranges(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert nothing.shape == (0,)
    assert nothing.dtype == np.int64
