"""YOLOv3's rule: by hand, against loops, and what is told of it."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.grid_cell import assign as rule
from atss_inspect.assigners.grid_cell.params import GridCellParams
from atss_inspect.settings import preset

from . import agreement
from .agreement import assign, rows_of_image, sorted_rows
from .reference.grid_cell import assign_grid_cell
from .strategies import Image, images, make_frame

# 16 px anchors in cells of 16 px, centers 8, 24, ...; one and 32 px ones on P5.
RULE = replace(
    preset("yolov3-mmdet").anchors,
    strides=(16, 32),
    sizes=((16.0, 16.0), (32.0, 32.0)),
)
SIZE = (64, 64)  # 4 x 4 cells on P4, 2 x 2 on P5


def answer(*boxes, **params):
    return assign([Image(SIZE, boxes)], RULE, GridCellParams(**params))


def rows(*boxes, **params) -> list[tuple[int, ...]]:
    return list(map(tuple, sorted_rows(answer(*boxes, **params)).tolist()))


def test_a_box_has_its_best_anchor_in_the_cell_of_its_center():
    # 20 x 20 about (24, 24): 256 / 400 with its own anchor of P4, above the bar too.
    assert rows((14, 14, 34, 34)) == [(0, 0, 5)]
    # 4 x 4 about (24, 24): 16 / 256, its best all the same; 16 / 1024 on P5.
    assert rows((22, 22, 26, 26)) == [(0, 0, 5)]
    assert rows((22, 22, 26, 26), forced_above=0.0625) == []
    assert answer((22, 22, 26, 26), forced_above=0.0625).unassigned.name_of(0) == (
        "under_bar"
    )
    assert not rows()


def test_a_center_on_a_border_lies_in_the_cell_behind_it():
    # (32, 24): column 2 of P4, though the anchor of column 1 overlaps as much.
    assert rows((24, 16, 40, 32)) == [(0, 0, 6)]


def test_an_anchor_at_the_bar_is_not_positive_and_not_ignored():
    # 16 x 32 about (24, 24) holds the anchor of P4: 256 / 512 is 0.5 exactly, and of
    # 16 x 32 with 32 x 32 about (16, 16), 16 x 32 less 16 x 8: 384 / 1152.
    found = answer((16, 8, 32, 40))
    assert sorted_rows(found).tolist() == [[0, 0, 5]]  # its best
    assert found.num_ignored.tolist() == [0]
    # With a lower bar the neighbors above and below, of other cells, are ignored: they
    # share 16 x 8 and have 128 / 640; and that of P5, which is not positive, too.
    assert answer((16, 8, 32, 40), ignored_above=0.199).num_ignored.tolist() == [3]
    assert answer((16, 8, 32, 40), ignored_above=0.2).num_ignored.tolist() == [1]

    # A second shape of 16 x 30 is its best: the first, at 0.5, is then left out.
    pairs = replace(RULE, sizes=((16.0, 16.0, 16.0, 30.0), (32.0, 32.0)))
    for bar, expected in ((0.5, [[0, 0, 11]]), (0.49, [[0, 0, 10], [0, 0, 11]])):
        image, params = Image(SIZE, ((16, 8, 32, 40),)), GridCellParams(bar)
        assert sorted_rows(assign([image], pairs, params)).tolist() == expected


def test_a_cell_serves_every_box_of_the_image():
    # Both overlap the anchor of P4's cell (1, 1), the wide one by 256 / 480; its own
    # center (31, 24) is in that cell, too.
    wide, small = (16, 16, 46, 32), (22, 22, 26, 26)
    found = answer(wide, small)
    # The small one's best is the anchor at (24, 24), and it is the last to claim it.
    assert sorted_rows(found).tolist() == [[1, 0, 5]]
    assert found.unassigned.name_of(0) == "lost_to_others"
    assert found.unassigned.lost_to.tolist() == [1, -1]
    # The other way round the wide one has it.
    assert [row[0] for row in rows(small, wide)] == [1]
    # The center of a third opens a cell in which the first has a better anchor.
    other = (34, 18, 46, 30)
    overlaps = rule.overlaps_in_cells(
        make_frame([Image(SIZE, (wide, small, other))]), *_grids()
    )
    assert {0, 2} <= set(overlaps.gt[overlaps.strength > 0.3].tolist())


def _grids():
    pyramid = preset("yolov3-mmdet").rule.pyramid(RULE)
    return pyramid.grids(np.array([SIZE])), GridCellParams()


def test_all_equal_best_anchors_are_positive():
    # Two boxes open the cells (1, 1) and (1, 2); a third one in the middle overlaps the
    # anchors of both by the same.
    left, right, middle = (16, 16, 32, 32), (32, 16, 48, 32), (28, 20, 36, 28)
    assert rows(left, right, middle)[-2:] == [(2, 0, 5), (2, 0, 6)]
    assert rows(middle, left, right) == [(1, 0, 5), (2, 0, 6)]


def test_what_rounding_decides_is_fragile():
    edge = float(np.nextafter(np.float32(40), np.float32(41)))
    assert answer((16, 8, 32, edge)).is_fragile.all()
    assert not answer((16, 8, 32, 40)).is_fragile.any()
    # The center is a rounding before the border of two cells.
    before = float(np.nextafter(np.float32(39), np.float32(0)))
    assert answer((25, 18, before, 32)).is_fragile.all()


@given(
    scene=st.lists(images(max_boxes=8, longest_side=96), max_size=2),
    sizes=st.sampled_from(
        [
            ((10.0, 13.0, 16.0, 30.0, 33.0, 23.0), (30.0, 61.0), (116.0, 90.0)),
            ((8.0, 8.0), (16.0, 16.0, 20.0, 12.0), (32.0, 32.0)),
        ]
    ),
    positive=st.sampled_from((0.0, 0.3, 0.5, 1.0)),
    ignored=st.sampled_from((0.25, 0.5, 1e-4)),
    forced=st.sampled_from((0.0, 0.2, 0.5)),
)
def test_rows_and_ignored_equal_the_loops(scene, sizes, positive, ignored, forced):
    anchors = replace(RULE, strides=(8, 16, 32), sizes=sizes)
    params = GridCellParams(positive, ignored, forced, min_union=1e-6)
    frame, found = make_frame(scene), assign(scene, anchors, params)
    for place, image in enumerate(scene):
        maps = [tuple(-(-side // s) for side in image.padded_size) for s in (8, 16, 32)]
        expected, num_ignored = assign_grid_cell(
            image.gt_boxes,
            sizes,
            (8, 16, 32),
            maps,
            positive_above=positive,
            ignored_above=ignored,
            forced_above=forced,
        )
        assert rows_of_image(found, frame, place) == expected
        assert found.num_ignored[place] == num_ignored
    agreement.check_books_balance(scene, anchors, params)
    agreement.check_images_alone(scene, anchors, params)


def test_blocks_of_pairs_do_not_change_the_answer(monkeypatch):
    rng = np.random.default_rng(5)
    corners = rng.uniform(0, 48, (20, 2))
    boxes = np.hstack([corners, corners + rng.uniform(2, 16, (20, 2))])
    scene = [Image(SIZE, tuple(map(tuple, boxes.tolist())))] * 3
    whole = sorted_rows(assign(scene, RULE, GridCellParams()))
    monkeypatch.setattr(rule, "_PAIRS_PER_BLOCK", 7)
    parts = sorted_rows(assign(scene, RULE, GridCellParams()))
    np.testing.assert_array_equal(whole, parts)
