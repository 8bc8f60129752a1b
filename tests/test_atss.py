"""ATSS: by hand, against the dense reference, and what must hold for any input."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.params import AtssParams

from . import agreement
from .agreement import anchors_of_rows, assign, sorted_rows
from .reference.anchors import anchor_points
from .reference.atss import center_distances, nearest_per_level
from .reference.overlap import iou_matrix
from .strategies import Image, anchor_rules, atss_params, images, make_frame, scenes

# Anchors of 32 px around 8, 24, 40, 56 along both axes, on a map of 4 x 4 cells: the
# anchor of cell (1, 1), index 5, is 8 ... 40.
ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, offset=0.5)
MAP_OF_16 = (64, 64)
LIKE_ANCHOR_5 = (8.0, 8.0, 40.0, 40.0)


def positives(boxes, rule=ONE_LEVEL, size=MAP_OF_16, **params) -> list[list[int]]:
    assignment = assign([Image(size, boxes)], rule, AtssParams(**params))
    return sorted_rows(assignment).tolist()


def test_a_box_equal_to_an_anchor_gets_that_anchor_and_no_neighbor():
    # k = 5: the anchor itself, and four neighbors that share half of it: 512 / (1024 +
    # 1024 - 512) = 1/3. Mean (1 + 4/3) / 5 = 0.466667; deviations 0.533333 and four
    # times -0.133333: squares 0.284444 + 4 * 0.017778 = 0.355556, over 4: 0.088889,
    # std 0.298142. Threshold 0.764809.
    image = Image(MAP_OF_16, (LIKE_ANCHOR_5,))
    assignment = assign([image], ONE_LEVEL, AtssParams(k=5))
    candidates = assignment.candidates
    assert candidates.num_candidates.tolist() == [5]
    facts = [candidates.mean, candidates.std, candidates.threshold]
    np.testing.assert_allclose(facts, [[0.466667], [0.298142], [0.764809]], atol=1e-6)
    assert sorted_rows(assignment).tolist() == [[0, 0, 5]]


def test_threshold_uses_the_sample_standard_deviation():
    # Two candidates equal the box (IoU 1) and two miss it (IoU 0): mean 0.5, sample std
    # sqrt(4 * 0.25 / 3) = 0.577, threshold 1.077, so nothing is positive. Dividing by n
    # instead puts the threshold at exactly 1: two positives, none if it is to exceed.
    # (Two equal anchors in each of two cells, 0 ... 32 and 32 ... 64.)
    rule = AnchorRule(strides=(32,), scale=1.0, ratios=(1.0, 1.0), offset=0.5)
    scene = ((0.0, 0.0, 32.0, 32.0),), rule, (32, 64)
    assert positives(*scene, k=4) == []
    assert positives(*scene, k=4, std_ddof=0) == [[0, 0, 0], [0, 0, 1]]
    assert positives(*scene, k=4, std_ddof=0, threshold_test=">") == []


def test_k_times_the_anchors_of_a_cell_takes_whole_cells():
    # Three anchors in each of 16 cells; the box lies on cell (1, 1), anchors 15 to 17.
    rule = AnchorRule(strides=(16,), scale=2.0, ratios=(0.5, 1.0, 2.0), offset=0.5)
    image = Image(MAP_OF_16, (LIKE_ANCHOR_5,))
    for is_per_anchor, expected in ((False, 1), (True, 3)):
        params = AtssParams(k=1, k_per_anchor=is_per_anchor)
        per_anchor = assign([image], rule, params)
        assert per_anchor.candidates.num_candidates.tolist() == [expected]
    # IoU 1 and twice the same (1:2 shapes): only the square exceeds mean + std.
    assert sorted_rows(per_anchor).tolist() == [[0, 0, 16]]


def test_one_candidate_has_no_deviation_or_is_its_own_threshold():
    alone = assign([Image(MAP_OF_16, (LIKE_ANCHOR_5,))], ONE_LEVEL, AtssParams(k=1))
    candidates = alone.candidates
    assert candidates.mean.tolist() == [1.0]
    assert np.isnan([candidates.std, candidates.threshold]).all()
    assert (alone.num_positives, alone.is_fragile.tolist()) == (0, [False])
    assert positives((LIKE_ANCHOR_5,), k=1, std_ddof=0) == [[0, 0, 5]]


def test_the_center_must_lie_deeper_inside_than_the_margin():
    # The nearest anchor center (24, 24) is 0.0078125 inside the left side; exactly the
    # margin is not deeper.
    boxes = ((24 - 2.0**-7, 10.0, 27.0, 38.0),)
    for margin, expected in ((0.01, []), (1e-9, [[0, 0, 5]]), (2.0**-7, [])):
        assert positives(boxes, k=1, std_ddof=0, center_margin=margin) == expected


def test_a_contested_anchor_goes_to_the_claimant_with_the_highest_iou():
    # One candidate each. A (64 of 1024 px) and B (100 of 1024) claim anchor 5; C's
    # nearest is anchor 6 (center 40), though it shares 20 * 32 px with anchor 5: IoU
    # 640 / 1408, the highest of all.
    a, b, c = (20.0, 20, 28, 28), (19.0, 19, 29, 29), (20.0, 8, 52, 40)
    one = {"k": 1, "std_ddof": 0}
    assert positives((a, b, c), **one) == [[1, 0, 5], [2, 0, 6]]
    assert positives((a, b, c), **one, contest="all") == [[2, 0, 5], [2, 0, 6]]
    # Without A only B claims anchor 5: there is no contest, and B keeps it.
    assert positives((b, c), **one, contest="all") == [[0, 0, 5], [1, 0, 6]]


def test_equal_candidates_are_all_positive_at_the_threshold_and_none_above_it():
    # The center (16, 16) is as far from the anchor centers (8, 8), (24, 8), (8, 24) and
    # (24, 24). Each of these anchors shares 17 of 18 px along both axes: 289 / (1024 +
    # 324 - 289) four times, std 0, threshold the same number.
    box = ((7.0, 7.0, 25.0, 25.0),)
    assert [row[2] for row in positives(box, k=4)] == [0, 1, 4, 5]
    assert positives(box, k=4, threshold_test=">") == []
    # Without the extra pixel the four centers are the corners of the box: not inside.
    assert positives(((8.0, 8.0, 24.0, 24.0),), k=4) == []


def test_equal_candidates_may_miss_their_own_mean_by_rounding_and_count_as_fragile():
    # 24 px anchors around 8, 16, 24 ... contain a 3 x 5 and a 3 x 4 px box around (24,
    # 24) nine times: IoU 15 / 576 and 12 / 576, std 0. A float32 sum of nine, divided
    # by nine, comes out one ulp above the first number and one below the second. Only
    # the anchor of cell (3, 3), index 27, has its center inside.
    rule = AnchorRule(strides=(8,), scale=3.0)
    for half_height, ulps, rows in ((2.5, 1, []), (2, -1, [[0, 0, 27]])):
        box = (22.5, 24 - half_height, 25.5, 24 + half_height)
        found = assign([Image((64, 64), (box,))], rule, AtssParams())
        iou = np.float32(6 * half_height / 576)
        assert found.candidates.threshold.tolist() == [iou + ulps * np.spacing(iou)]
        assert sorted_rows(found).tolist() == rows
        assert found.is_fragile.tolist() == [True]


@given(scenes(), anchor_rules(), atss_params())
def test_every_positive_has_its_center_inside_its_box(images, rule, params):
    # With contest "all" an anchor may go to a box that never claimed it.
    assume(params.contest == "claimants")
    assignment = assign(images, rule, params)
    centers = anchor_points(anchors_of_rows(images, rule, assignment))
    boxes = make_frame(images).gt_boxes[assignment.gt]
    assert (centers > boxes[:, :2]).all()
    assert (centers < boxes[:, 2:]).all()


@given(images(), anchor_rules(), atss_params())
def test_every_positive_is_one_of_the_k_nearest_of_its_level(image, rule, params):
    assume(params.contest == "claimants")
    per_cell = len(rule.ratios) * rule.scales_per_octave
    k = params.k * per_cell if params.k_per_anchor else params.k
    levels = agreement.dense_anchors(rule, image.padded_size)
    sizes = [len(level) for level in levels]
    first = np.cumsum(sizes) - sizes
    points = anchor_points(np.concatenate(levels))
    for gt, level, index in sorted_rows(assign([image], rule, params)).tolist():
        distances = center_distances(points, image.gt_boxes[gt])
        nearest, _ = nearest_per_level(distances, sizes, k)
        assert first[level] + index in nearest


@given(images(repeats=False), anchor_rules(), atss_params(), st.randoms())
def test_boxes_in_another_order_get_the_same_anchors(image, rule, params, random):
    order = random.sample(range(len(image.boxes)), len(image.boxes))
    for each in (image, agreement.permuted(image, order)):
        # The float32 mean of a box depends on its place, so its threshold may move by
        # an ulp or two; and equal IoUs go to the lowest box.
        assignment = assign([each], rule, params)
        assume(not assignment.is_fragile.any())
        bars = assignment.candidates.threshold[assignment.gt]
        assume(not np.isclose(assignment.iou, bars, rtol=1e-6, atol=0).any())
        assume(not has_rivals(each, rule, assignment, params))
    agreement.check_permutation(image, order, rule, params)


def has_rivals(image, rule, assignment, params) -> bool:
    anchors = anchors_of_rows([image], rule, assignment)
    plus_one = params.plus_one
    iou = iou_matrix(anchors, image.gt_boxes, plus_one=plus_one, guard="floor")
    best = iou.max(axis=1, keepdims=True, initial=0)
    return bool(((iou == best).sum(axis=1) > 1).any())
