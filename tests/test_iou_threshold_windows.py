"""Anchors that reach a bar, found in windows, equal those of a look at all anchors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.boxes import corners_of
from atss_inspect.assigners.contest import Claims
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.iou_threshold.windows import (
    anchors_reaching,
    best_iou_bound,
)
from atss_inspect.assigners.pyramid import build_pyramid

from .agreement import dense_anchors, inside_border
from .reference.distances import alike_matrix
from .reference.overlap import iou_matrix
from .strategies import (
    DISTANCES,
    OVERLAPS,
    Image,
    anchor_rules,
    any_anchor_rules,
    make_frame,
    scenes,
)

PLAIN = IouThresholdParams(plus_one=False, min_union=0.0)
INCLUSIVE = IouThresholdParams(plus_one=True, min_union=0.0)
OVERLAP_RULES = st.sampled_from(
    [
        IouThresholdParams(plus_one=plus_one, min_union=least)
        for plus_one, least in OVERLAPS
    ]
)
ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, offset=0.5)


def reaching(images, rule, bars, overlap) -> set[tuple[int, int, int, float]]:
    """(box, level, index, IoU) of every claim the windows give."""
    frame, grids = make_frame(images), grids_of(images, rule)
    gt = corners_of(frame.gt_boxes)
    parts = anchors_reaching(gt, frame.gt_image, bars, grids, overlap)
    claims = Claims.join(parts)
    image, level, index = grids.locate(claims.anchor)
    np.testing.assert_array_equal(image, frame.gt_image[claims.gt])
    columns = (claims.gt, level, index, claims.strength)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    assert len(set(rows)) == len(rows)
    return set(rows)


def grids_of(images, rule):
    frame = make_frame(images)
    return build_pyramid(rule).grids(frame.padded_size, frame.input_size)


def dense_ious(images, rule, overlap) -> list[tuple[np.ndarray, np.ndarray]]:
    """Per box: the IoU with every anchor of its image, and the anchors per level."""
    of_boxes = []
    guard = "floor" if overlap.min_union else "where_overlapping"
    for image in images:
        anchors = dense_anchors(rule, image.padded_size)
        sizes = np.array([len(level) for level in anchors])
        flat, plus_one = np.concatenate(anchors), overlap.plus_one
        iou = iou_matrix(flat, image.gt_boxes, plus_one=plus_one, guard=guard)
        if distance := overlap.distance:
            words = distance.name, distance.constant
            iou = alike_matrix(flat, image.gt_boxes, *words)
        if rule.style == "mmdetection":  # which leaves the others out
            iou[~np.concatenate(inside_border(image, rule))] = 0
        of_boxes.extend((column, sizes) for column in iou.T)
    return of_boxes


BARS = st.one_of(
    st.sampled_from((0.5, 0.4, 0.7, 0.3, 1.0)), st.floats(2.0**-10, 1.0, width=32)
)


ANY_RULES = st.one_of(anchor_rules(), any_anchor_rules())
DISTANCE_RULES = st.builds(
    IouThresholdParams,
    measure=st.sampled_from(DISTANCES),
    nwd_constant=st.sampled_from((12.7, 0.5, 200.0)),
)


@given(scenes(), ANY_RULES, st.one_of(OVERLAP_RULES, DISTANCE_RULES), st.data())
def test_any_bar_on_any_pyramid_equals_brute_force(images, rule, overlap, data):
    num_gt = sum(len(image.boxes) for image in images)
    bars = data.draw(st.lists(BARS, min_size=num_gt, max_size=num_gt))
    bars = np.array(bars, dtype=np.float32)
    expected = set()
    for gt, (iou, sizes) in enumerate(dense_ious(images, rule, overlap)):
        first = np.cumsum(sizes) - sizes
        for place in np.flatnonzero(iou >= bars[gt]):
            level = int(np.searchsorted(np.cumsum(sizes), place, side="right"))
            expected.add((gt, level, int(place - first[level]), float(iou[place])))
    assert reaching(images, rule, bars, overlap) == expected


UNEVEN = {"sizes": ((16.0,), (24.0, 60.0, 90.0)), "ratios": ((0.5, 2.0), (1.0,))}


@pytest.mark.parametrize("border", [-1.0, 0.0, 20.0])
@given(
    scenes(max_boxes=8),
    st.sampled_from([0.05, 0.2, 0.5]),
    st.sampled_from([PLAIN, IouThresholdParams(measure="nwd")]),
)
def test_windows_end_where_anchors_are_left_out(border, images, bar, overlap):
    rule = AnchorRule((8, 16), **UNEVEN, allowed_border=border)
    num_gt = sum(len(image.boxes) for image in images)
    bars = np.full(num_gt, bar, dtype=np.float32)
    found = reaching(images, rule, bars, overlap)
    expected = sum(
        int((iou >= bars[0]).sum()) for iou, _ in dense_ious(images, rule, overlap)
    )
    assert len(found) == expected


@given(scenes(), ANY_RULES, OVERLAP_RULES)
def test_the_bound_is_the_best_iou_but_for_rounding(images, rule, overlap):
    frame, grids = make_frame(images), grids_of(images, rule)
    gt = corners_of(frame.gt_boxes)
    bound = best_iou_bound(gt, frame.gt_image, grids, overlap)
    best = [float(iou.max(initial=0)) for iou, _ in dense_ious(images, rule, overlap)]
    np.testing.assert_allclose(bound, best, rtol=1e-5, atol=0)


def test_inclusive_pixels_reach_farther():
    # The box touches the anchor 8 ... 40 at x = 40: nothing shared, but one column of
    # pixels if both ends count: 33 / (33*33 + 33*33 - 33) = 1/65.
    images = [Image((64, 64), ((40, 8, 72, 40),))]
    bar = np.full(1, 0.015, dtype=np.float32)
    for overlap, is_reached in ((PLAIN, False), (INCLUSIVE, True)):
        rows = reaching(images, ONE_LEVEL, bar, overlap)
        assert (5 in {index for _, _, index, _ in rows}) == is_reached


@pytest.mark.parametrize("images", [[], [Image((64, 64), ())]])
def test_no_box_claims_nothing(images):
    bars = np.zeros(0, dtype=np.float32)
    assert reaching(images, ONE_LEVEL, bars, PLAIN) == set()


def test_joining_no_claims_gives_empty_arrays_of_the_right_types():
    nothing = Claims.join([])
    assert isinstance(nothing, Claims)
    assert [array.dtype for array in nothing] == [np.int64, np.int64, np.float32]
    assert [len(array) for array in nothing] == [0, 0, 0]
