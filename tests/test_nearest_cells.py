"""The k nearest anchors of a level equal those of a look at the whole grid."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss import nearest_cells as module
from atss_inspect.assigners.pyramid import build_pyramid

from .agreement import dense_anchors, inside_border
from .reference.anchors import anchor_points
from .reference.atss import center_distances
from .strategies import Image, anchor_rules, any_anchor_rules, scenes

ONE_LEVEL = AnchorRule(strides=(16,), scale=4.0)


def search(image: Image, rule: AnchorRule, k: int) -> module.NearestCells:
    pyramid = build_pyramid(rule)
    gt = image.gt_boxes
    on_image = np.zeros(len(gt), dtype=np.int64)
    sizes = np.array([image.padded_size]), np.array([image.input_size])
    grid = module.pair_grids(pyramid.grids(*sizes), on_image)
    center = (gt[:, :2] + gt[:, 2:]) / np.float32(2)
    x, y = (np.repeat(axis, pyramid.num_levels) for axis in center.T)
    return module.nearest_cells(x, y, grid, k)


def check_against_the_whole_grid(image: Image, rule: AnchorRule, k: int) -> None:
    found = search(image, rule, k)
    grids = build_pyramid(rule).grids(np.array([image.padded_size]))
    pair = 0
    for box in image.gt_boxes:
        for level, anchors in enumerate(dense_anchors(rule, image.padded_size)):
            distances = center_distances(anchor_points(anchors), box)
            if rule.allowed_border >= 0 and rule.style == "mmdetection":
                distances[~inside_border(image, rule)[level]] = np.inf
            order = np.argsort(distances, kind="stable")
            order = order[np.isfinite(distances[order])]
            num_real = min(k, len(order))
            cell = found.row[pair] * grids.map_sizes[0, level, 1] + found.column[pair]
            index = cell * grids.pyramid.per_cell[level] + found.anchor[pair]
            np.testing.assert_array_equal(index[:num_real], order[:num_real])
            np.testing.assert_array_equal(found.is_real[pair], np.arange(k) < num_real)
            is_cut = k < len(order)
            is_tied = is_cut and distances[order[k - 1]] == distances[order[k]]
            assert found.is_tied[pair] == is_tied
            pair += 1
    assert pair == len(found.row)


@given(
    scenes(longest_side=640).filter(lambda images: any(im.boxes for im in images)),
    anchor_rules(),
    st.integers(1, 100),
)
def test_any_k_on_any_grid_equals_brute_force(images, rule, k):
    for image in images:
        if image.boxes:
            check_against_the_whole_grid(image, rule, k)


@given(
    scenes(longest_side=640).filter(lambda images: any(im.boxes for im in images)),
    any_anchor_rules(),
    st.integers(1, 40),
)
def test_any_k_of_anchors_of_any_size_equals_brute_force(images, rule, k):
    for image in images:
        if image.boxes:
            check_against_the_whole_grid(image, rule, k)


# Anchors of 200 px lie inside 96 ... 224 px only, those of 16 px nearly everywhere.
SMALL_AND_LARGE = AnchorRule((8,), sizes=((16.0, 200.0),), allowed_border=0.0)


@given(
    scenes(longest_side=320).filter(lambda images: any(im.boxes for im in images)),
    st.integers(20, 80),
)
def test_anchors_left_out_near_the_box_send_the_search_farther(images, k):
    for image in images:
        if image.boxes:
            check_against_the_whole_grid(image, SMALL_AND_LARGE, k)


def test_no_box_gives_no_pair():
    found = search(Image((64, 64), ()), ONE_LEVEL, 9)
    assert found.row.shape == found.column.shape == found.is_real.shape == (0, 9)
    assert found.is_tied.shape == (0,)


def test_a_box_on_an_anchor_finds_it_first_then_the_ring_around_it_by_index():
    # Anchors at 0, 16, 32, 48, 64 along both axes; the box's center is (32, 32). Four
    # neighbors at 16, in index order: above, left, right, below. Then the diagonals.
    # With k = 3 two of the four neighbors: those of lowest index, and a tie.
    expected = [(2, 2), (1, 2), (2, 1), (2, 3), (3, 2)]
    for k, is_tied in ((5, False), (3, True)):
        found = search(Image((80, 80), ((22, 22, 42, 42),)), ONE_LEVEL, k)
        cells = zip(found.row[0].tolist(), found.column[0].tolist(), strict=True)
        assert list(cells) == expected[:k]
        assert found.is_tied[0] == is_tied


def test_a_level_smaller_than_k_gives_all_its_anchors():
    # 32x32 at stride 16: four anchors. Center (20, 4): distances to (0, 0), (16, 0),
    # (0, 16), (16, 16) squared are 416, 32, 544, 160.
    found = search(Image((32, 32), ((10, 0, 30, 8),)), ONE_LEVEL, 9)
    assert found.is_real[0].tolist() == [True] * 4 + [False] * 5
    assert found.row[0, :4].tolist() == [0, 1, 0, 1]
    assert found.column[0, :4].tolist() == [1, 1, 0, 0]
    assert not found.is_tied[0]


def test_a_k_of_exactly_the_level_is_no_tie():
    # All four anchors of the level are equally far from (8, 8): nothing is left out.
    found = search(Image((32, 32), ((0, 0, 16, 16),)), ONE_LEVEL, 4)
    assert found.is_real[0].all()
    assert not found.is_tied[0]


def test_a_box_far_outside_takes_the_border_cells_next_to_it():
    # Center (1000, 32): the last column, from its middle outwards.
    found = search(Image((80, 80), ((990, 22, 1010, 42),)), ONE_LEVEL, 3)
    assert found.column[0].tolist() == [4, 4, 4]
    assert found.row[0].tolist() == [2, 1, 3]


def test_distances_are_compared_after_the_root():
    # The center lies 1/64 px nearer to column 1 than to column 0, and 2880 px below:
    # squared distances differ in float32 (8294464.0 and 8294464.5), their roots do not.
    # So it is a tie, and the lower column is first.
    x, y = 8 + 2.0**-6, 2880
    squares = np.array([x, 16 - x], dtype=np.float32) ** 2 + np.float32(y) ** 2
    assert squares[0] > squares[1]
    assert np.sqrt(squares[0]) == np.sqrt(squares[1])
    found = search(Image((16, 32), ((x - 4, y - 4, x + 4, y + 4),)), ONE_LEVEL, 1)
    assert found.column[0].tolist() == [0]
    assert found.is_tied[0]


def test_the_first_window_holds_k_anchors():
    for per_cell in (1, 3, 9):
        for k in range(1, 200):
            assert module.first_window_side(k, per_cell) ** 2 * per_cell >= k
