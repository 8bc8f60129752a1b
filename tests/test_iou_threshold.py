"""The IoU-threshold rule: by hand, against the dense reference, and for any input."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams

from . import agreement
from .agreement import assign, dense_anchors, sorted_rows
from .reference.distances import alike_matrix
from .reference.overlap import iou_matrix
from .strategies import Image, anchor_rules, images, make_frame, scenes
from .strategies import iou_threshold_params as drawn_params

# Anchors of 32 px around 8, 24, 40, 56 along both axes, on a map of 4 x 4 cells: the
# anchor of cell (1, 1), index 5, is 8 ... 40.
ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, offset=0.5)
MAP_OF_16 = (64, 64)
LIKE_ANCHOR_5 = (8.0, 8.0, 40.0, 40.0)
INSIDE_ANCHOR_5 = (12.0, 12.0, 36.0, 36.0)  # 24 of 32 px: IoU 576 / 1024 = 0.5625
UNDER_FOUR = (8.0, 8.0, 24.0, 24.0)  # inside anchors 0, 1, 4 and 5: IoU 0.25 each
FAR = (1000.0, 1000.0, 1010.0, 1010.0)

# anchors 1, 4, 6 and 9 share half of anchor 5: 512 / (2048 - 512)
A_THIRD = float(np.float32(512) / np.float32(1536))


def answer(*boxes, **params):
    return assign([Image(MAP_OF_16, boxes)], ONE_LEVEL, IouThresholdParams(**params))


def positives(*boxes, **params) -> list[list[int]]:
    """[box, index] of each."""
    return sorted_rows(answer(*boxes, **params))[:, [0, 2]].tolist()


def test_anchors_between_the_bars_are_ignored():
    # Four neighbors at 1/3; four diagonal ones at 256 / 1792 = 1/7.
    ignored = {0.3: 4, 0.1: 8, A_THIRD: 4, float(np.nextafter(A_THIRD, 1)): 4, 0.34: 0}
    for negative_below, expected in ignored.items():
        found = answer(LIKE_ANCHOR_5, negative_below=negative_below)
        assert found.num_ignored.tolist() == [expected]


def test_without_a_negative_bar_every_other_anchor_is_ignored():
    # No IoU is below 0: 63 of 8 x 8 anchors are neither positive nor negative, those
    # that overlap nothing too. In an image without boxes all are negative.
    params = IouThresholdParams(negative_below=0.0)
    images = [Image((128, 128), (LIKE_ANCHOR_5,)), Image((128, 128), ())]
    assignment = agreement.check_agreement(images, ONE_LEVEL, params)
    assert assignment.num_positives == 1
    assert assignment.num_ignored.tolist() == [63, 0]


def test_of_equal_best_anchors_the_first_may_be_the_only_one():
    # Anchors 0, 1, 4 and 5 hold all of the box; 1 is not below 0.
    assert positives(UNDER_FOUR) == [[0, 0], [0, 1], [0, 4], [0, 5]]
    assert positives(UNDER_FOUR, low_quality_ties="first") == [[0, 0]]
    assert answer(UNDER_FOUR, low_quality_ties="first").is_tied.tolist() == [True]
    # One best anchor is no choice, and a floor above 0.25 leaves none.
    one = answer(LIKE_ANCHOR_5, low_quality_ties="first")
    assert (one.index.tolist(), one.is_tied.tolist()) == ([5], [False])
    none = answer(UNDER_FOUR, low_quality_ties="first", low_quality_floor=0.3)
    assert (none.num_positives, none.is_tied.tolist()) == (0, [False])


def test_an_object_far_from_all_anchors_takes_the_first_of_the_image():
    assert positives(FAR, low_quality_ties="first") == [[0, 0]]
    assert len(positives(FAR)) == 16
    # The last of two takes it, as in mmdetection; the first has nothing.
    assert positives(FAR, FAR, low_quality_ties="first") == [[1, 0]]


def test_a_positive_bar_of_0_is_refused():
    # Every anchor of every image would be positive: no detector trains like that.
    with pytest.raises(ValueError, match="positive_from must be above 0, got 0"):
        answer(LIKE_ANCHOR_5, positive_from=0.0, negative_below=0.0)


def test_an_iou_equal_to_the_bar_is_positive():
    found = positives(LIKE_ANCHOR_5, positive_from=A_THIRD, negative_below=A_THIRD)
    assert found == [[0, n] for n in (1, 4, 5, 6, 9)]
    above = float(np.nextafter(np.float32(A_THIRD), np.float32(1)))
    assignment = answer(LIKE_ANCHOR_5, positive_from=above, negative_below=A_THIRD)
    assert sorted_rows(assignment).tolist() == [[0, 0, 5]]
    assert assignment.num_ignored.tolist() == [4]
    assert assignment.is_fragile.tolist() == [True]


def test_a_box_under_the_bar_gets_all_its_equally_best_anchors():
    # The plateau of exactly equal IoU of a box inside several anchors.
    assert positives(UNDER_FOUR) == [[0, 0], [0, 1], [0, 4], [0, 5]]
    assert positives(UNDER_FOUR, allow_low_quality=False) == []


@pytest.mark.parametrize(("floor", "number"), [(0.25, 4), (0.26, 0)])
def test_low_quality_matches_need_the_floor(floor, number):
    assert len(positives(UNDER_FOUR, low_quality_floor=floor)) == number


def test_a_low_quality_match_is_not_ignored():
    # 0.25 lies between 0.2 and 0.5; so do no other anchors of this box.
    for is_allowed, number in ((True, 0), (False, 4)):
        words = {"negative_below": 0.2, "allow_low_quality": is_allowed}
        assert answer(UNDER_FOUR, **words).num_ignored.tolist() == [number]


def test_a_claimed_anchor_goes_to_the_last_claimer_or_stays_with_its_own_best():
    # Anchor 5 is the best of both boxes: IoU 1 with the first, 0.5625 with the second.
    boxes = (LIKE_ANCHOR_5, INSIDE_ANCHOR_5)
    for owner, first, reversed_ in (("claimer", 1, 1), ("own_best", 0, 1)):
        assert positives(*boxes, low_quality_owner=owner) == [[first, 5]]
        assert positives(*boxes[::-1], low_quality_owner=owner) == [[reversed_, 5]]


def test_boxes_that_share_a_low_quality_anchor_evenly_are_tied_though_one_has_better():
    # The first box's best are anchors 0, 1, 4 and 5 at 0.25. The second shares 20 * 16
    # px with anchor 0: 320 / (1024 + 576 - 320) = 0.25 as well, but 20 * 24 with anchor
    # 5: 480 / 1120 = 0.43. So anchor 0 is positive, and either could be its best box.
    boxes = (UNDER_FOUR, (4.0, 8.0, 28.0, 32.0))
    for owner in ("claimer", "own_best"):
        assert [0, 0] in positives(*boxes, low_quality_owner=owner)
        assert answer(*boxes, low_quality_owner=owner).is_tied.all(), owner


def test_boxes_are_tied_over_an_anchor_that_overlaps_none_of_them():
    # Anchor 15 (40 ... 72) has IoU 0 with both boxes and is positive, since it holds
    # the second's best IoU of 0.
    for owner in ("claimer", "own_best"):
        assert answer(UNDER_FOUR, FAR, low_quality_owner=owner).is_tied.all(), owner


def test_nwd_stands_in_place_of_the_iou():
    # Anchors 1, 4, 6 and 9 are 16 px away: exp(-16 / 12.7) = 0.284; the diagonal ones
    # 22.6 px: 0.168. Anchor 5 is the box, but for the root of 1e-6: 0.99992.
    for negative_below, expected in {0.16: 8, 0.28: 4, 0.29: 0}.items():
        found = answer(LIKE_ANCHOR_5, measure="nwd", negative_below=negative_below)
        assert (found.index.tolist(), found.num_ignored.tolist()) == ([5], [expected])
    assert found.iou.tolist() == pytest.approx([0.99992], abs=1e-5)
    # 48 px as 32: (16^2 + 16^2) / 4 = 128 px^2, exp(-11.3 / 12.7) = 0.41; the constant
    # decides what that is worth.
    wider = (0.0, 0.0, 48.0, 48.0)
    for constant, bars in ((12.7, []), (40.0, [[0, 5]])):
        words = {"measure": "nwd", "nwd_constant": constant, "low_quality_floor": 0.7}
        assert positives(wider, positive_from=0.7, **words) == bars
    assert answer(wider, measure="nwd", low_quality_floor=0.5).unassigned.name_of(
        0
    ) == ("under_bar")
    # By DotD a box and an anchor of the same center are as alike as can be.
    assert positives((20.0, 20.0, 28.0, 28.0), measure="dotd") == [[0, 5]]


@given(scenes(), anchor_rules(), drawn_params())
def test_ignored_anchors_lie_between_the_bars(images, rule, params):
    assignment = assign(images, rule, params)
    for place, image in enumerate(images):
        anchors = np.concatenate(dense_anchors(rule, image.padded_size))
        best = ious_of(anchors, image, params).max(axis=1, initial=0)
        between = best < np.float32(params.positive_from)
        between &= best >= np.float32(params.negative_below)
        assert assignment.num_ignored[place] <= between.sum()
        if not params.allow_low_quality:
            assert assignment.num_ignored[place] == between.sum()


@given(images(repeats=False), anchor_rules(), drawn_params(), st.randoms())
def test_boxes_in_another_order_get_the_same_anchors(image, rule, params, random):
    # A low-quality anchor claimed by two boxes goes to the last of them.
    params = replace(params, low_quality_owner="own_best")
    anchors = np.concatenate(dense_anchors(rule, image.padded_size))
    iou = ious_of(anchors, image, params)
    best = iou.max(axis=1, keepdims=True, initial=0)
    assume(not ((iou == best).sum(axis=1) > 1)[best[:, 0] > 0].any())
    assume((iou.max(axis=0, initial=0) > 0).all() or not params.allow_low_quality)
    order = random.sample(range(len(image.boxes)), len(image.boxes))
    agreement.check_permutation(image, order, rule, params)


def ious_of(anchors: np.ndarray, image: Image, params: IouThresholdParams):
    guard = "floor" if params.min_union else "where_overlapping"
    plus_one = params.plus_one
    if params.distance:
        words = params.measure, params.nwd_constant
        return alike_matrix(anchors, image.gt_boxes, *words)
    return iou_matrix(anchors, image.gt_boxes, plus_one=plus_one, guard=guard)


@given(scenes(wild=False), anchor_rules(), drawn_params())
def test_without_low_quality_every_positive_reaches_the_bar(images, rule, params):
    strict = replace(params, allow_low_quality=False)
    assignment = assign(images, rule, strict)
    assert (assignment.iou >= np.float32(params.positive_from)).all()
    boxes = make_frame(images).gt_boxes[assignment.gt]
    anchors = agreement.anchors_of_rows(images, rule, assignment)
    for iou, anchor, box in zip(assignment.iou, anchors, boxes, strict=True):
        alone = Image((32, 32), (tuple(box.tolist()),))
        assert iou == ious_of(anchor[None], alone, params)[0, 0]
