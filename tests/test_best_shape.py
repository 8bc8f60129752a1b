"""Guided Anchoring's rule: by hand, against loops, and what is told of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.best_shape.assign import squares_of
from atss_inspect.assigners.best_shape.params import BestShapeParams
from atss_inspect.assigners.pyramid import AnchorRule, build_pyramid
from atss_inspect.errors import SettingsError
from atss_inspect.settings import preset

from . import agreement
from .agreement import assign, dense_anchors, rows_of_image, sorted_rows
from .reference.best_shape import assign_best_shape
from .strategies import Image, images, make_frame

# 16 x 16, 8 x 32 and 32 x 8 about the centers 8, 24, 40 and 56 of a 64 px image.
RULE = AnchorRule((16,), scale=1.0, ratios=(1.0, 4.0, 0.25), offset=0.5)
SIZE = (64, 64)


def answer(*boxes, **params):
    return assign([Image(SIZE, boxes)], RULE, BestShapeParams(**params))


def rows(*boxes, **params) -> list[list[int]]:
    return sorted_rows(answer(*boxes, **params)).tolist()


def test_a_cell_is_one_anchor_whatever_shape_fits():
    # The 8 x 32 shape about (24, 24): cell (1, 1) of 4 x 4. Its neighbors above and
    # below share 8 x 16 with it: 128 / 384, less than the bars.
    found = answer((20, 8, 28, 40))
    assert sorted_rows(found).tolist() == [[0, 0, 5]]
    assert found.num_anchors.tolist() == [16]
    assert found.iou.tolist() == [1.0]
    # Three shapes of cell (1, 1) overlap a box of 16 x 16: one row all the same.
    assert rows((16, 16, 32, 32), negative_below=0.1, positive_from=0.3) == [[0, 0, 5]]


def test_bars_are_those_of_the_iou_rule():
    # 16 x 32 about (24, 24) with 16 x 16: 0.5 exactly, and 0.5 with 8 x 32.
    assert rows((16, 8, 32, 40), allow_low_quality=False) == [[0, 0, 5]]
    # 20 x 32: 256 / 640 = 0.4 with both, its best: at the floor.
    found = answer((14, 8, 34, 40))
    assert sorted_rows(found).tolist() == [[0, 0, 5]]
    alone = answer((14, 8, 34, 40), allow_low_quality=False)
    assert (alone.num_positives, alone.num_ignored.tolist()) == (0, [1])
    higher = answer((14, 8, 34, 40), low_quality_floor=0.41)
    assert (higher.num_positives, higher.unassigned.name_of(0)) == (0, "under_bar")


def test_cells_with_equal_best_shapes_are_all_positive_and_the_last_box_has_them():
    # Between the centers (24, 24) and (40, 24): 16 x 16 shares 8 x 16, a third, and
    # the two 32 x 8 shapes share 16 x 8 - 8 x 8 ... all of it by symmetry in pairs.
    boxes = ((24, 16, 40, 32),) * 2
    found = answer(*boxes, low_quality_floor=0.3)
    assert sorted_rows(found).tolist() == [[1, 0, 5], [1, 0, 6]]
    assert found.unassigned.name_of(0) == "under_bar"
    assert found.unassigned.lost_to.tolist() == [1, -1]


def test_above_the_bar_the_lowest_of_equal_boxes_has_a_cell():
    twins = ((20, 8, 28, 40),) * 2
    found = answer(*twins, allow_low_quality=False)
    assert sorted_rows(found).tolist() == [[0, 0, 5]]
    assert found.is_tied.tolist() == [True, True]
    assert found.unassigned.name_of(1) == "lost_to_others"
    # Low-quality matches go to the last one, at any IoU.
    assert rows(*twins) == [[1, 0, 5]]
    assert not rows()


def test_a_square_of_the_first_scale_stands_for_the_shapes_of_a_cell():
    rule = AnchorRule((8, 16), scale=4.0, scales_per_octave=3, ratios=(0.5, 1.0, 2.0))
    found = squares_of(build_pyramid(rule))
    np.testing.assert_array_equal(
        found.cell_anchors, [[-16, -16, 16, 16], [-32, -32, 32, 32]]
    )
    assert (found.per_cell.tolist(), found.rule) == ([1, 1], rule)
    sized = AnchorRule((8, 16), sizes=((30.0, 40.0),), ratios=(0.5, 2.0))
    found = squares_of(build_pyramid(sized))
    np.testing.assert_array_equal(found.cell_anchors, [[-15, -15, 15, 15]] * 2)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"allowed_border": 0.0}, "no border"),
        ({"negative_below": 0.6}, "at most positive_from"),
        ({"style": "yolo", "sizes": [[8, 8]]}, "a style with ratios"),
    ],
)
def test_what_does_not_fit_is_refused(words, message):
    with pytest.raises(SettingsError, match=message):
        preset("ga-retinanet-mmdet", **words)


@given(
    scene=st.lists(images(max_boxes=8, longest_side=160), max_size=3),
    scales=st.sampled_from(((2.0,), (1.0, 1.7), (4.0, 3.0))),
    ratios=st.sampled_from(((1.0,), (0.5, 1.0, 2.0), (0.2, 3.0))),
    bars=st.sampled_from(((0.5, 0.4), (0.3, 0.3), (0.7, 0.0), (0.45, 0.2))),
    floor=st.sampled_from((0.0, 0.1, 0.4, None)),
    offset=st.sampled_from((0.0, 0.5)),
)
def test_rows_and_ignored_equal_the_loops(scene, scales, ratios, bars, floor, offset):
    rule = AnchorRule((8, 16), scales=scales, ratios=ratios, offset=offset)
    forced = {"allow_low_quality": floor is not None, "low_quality_floor": floor or 0.0}
    params = BestShapeParams(*bars, **forced, min_union=1e-6)
    frame, found = make_frame(scene), assign(scene, rule, params)
    for place, image in enumerate(scene):
        expected, num_ignored = assign_best_shape(
            dense_anchors(rule, image.padded_size),
            image.gt_boxes,
            per_cell=len(scales) * len(ratios),
            positive_from=bars[0],
            negative_below=bars[1],
            low_quality_floor=floor,
        )
        assert rows_of_image(found, frame, place) == expected
        assert found.num_ignored[place] == num_ignored
    agreement.check_books_balance(scene, rule, params)
    agreement.check_images_alone(scene, rule, params)
