"""ATSS for several k at once gives what each k gives alone, to the last bit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.assignment import Assignment
from atss_inspect.assigners.atss.assign import assign_atss
from atss_inspect.assigners.atss.k_sweep import assign_each_k
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.pyramid import build_pyramid

from .agreement import order_of
from .strategies import (
    Image,
    anchor_rules,
    any_anchor_rules,
    atss_params,
    make_frame,
    scenes,
)

KS = st.lists(st.integers(1, 24), min_size=1, max_size=4)


def assert_same(found: Assignment, alone: Assignment) -> None:
    """Compare every fact of two assignments, rows in a common order."""
    for name in ("gt", "level", "index", "iou"):
        one, other = getattr(found, name), getattr(alone, name)
        np.testing.assert_array_equal(one[order_of(found)], other[order_of(alone)])
        assert one.dtype == other.dtype
    for name in ("num_ignored", "num_anchors", "is_tied", "is_fragile"):
        np.testing.assert_array_equal(getattr(found, name), getattr(alone, name), name)
    for name in ("mean", "std", "threshold", "num_candidates"):
        one, other = (getattr(each.candidates, name) for each in (found, alone))
        np.testing.assert_array_equal(one, other, name, strict=True)
    for one, other in zip(found.unassigned, alone.unassigned, strict=True):
        np.testing.assert_array_equal(one, other)


def check(images, rule: AnchorRule, params: AtssParams, ks) -> None:
    """Compare all k at once with each of them alone."""
    frame, pyramid = make_frame(images), build_pyramid(rule)
    found = list(assign_each_k(frame, pyramid, params, ks))
    assert len(found) == len(ks)
    for k, together in zip(ks, found, strict=True):
        alone = replace(params, k=k)
        assert_same(together, assign_atss(frame, pyramid, alone))


@given(scenes(max_boxes=10), anchor_rules(), atss_params(), KS)
def test_every_k_of_many_gives_what_it_gives_alone(images, rule, params, ks):
    check(images, rule, params, ks)


@given(scenes(max_boxes=10), any_anchor_rules(), atss_params(), KS)
def test_anchors_of_any_size_give_for_every_k_what_it_gives_alone(
    images, rule, params, ks
):
    check(images, rule, params, ks)


def test_candidates_that_all_have_the_same_iou_have_no_deviation_at_any_k():
    # Anchors of 24 px around 8, 16, 24, ... contain the boxes, so that every candidate
    # of the nine nearest has the same IoU: 15 / 576 and 12 / 576.
    rule = AnchorRule(strides=(8,), scale=3.0)
    boxes = ((22.5, 21.5, 25.5, 26.5), (22.5, 22.0, 25.5, 26.0))
    images = [Image((64, 64), boxes)]
    ks = (1, 2, 3, 4, 5, 7, 9, 12)
    check(images, rule, AtssParams(), ks)
    scene = make_frame(images), build_pyramid(rule), AtssParams()
    found = assign_each_k(*scene, ks[1:-1])
    assert [one.candidates.std.tolist() for one in found] == [[0, 0]] * 6


def test_a_center_nearly_at_the_margin_makes_its_box_fragile_once_it_is_claimed():
    # The anchor center (0, 0) lies 0.5 px and an ulp inside the left side. Alone it is
    # its own threshold; among more candidates the box may claim others.
    image = Image((64, 64), ((-0.5 - 2.0**-24, -10.0, 10.0, 10.0),))
    rule = AnchorRule(strides=(16,), scale=2.0)
    params = AtssParams(std_ddof=0, center_margin=0.5)
    check([image], rule, params, (1, 2, 5, 9))
    found = assign_each_k(make_frame([image]), build_pyramid(rule), params, (9, 1))
    assert [one.is_fragile.tolist() for one in found][1] == [True]


def test_boxes_that_lose_everything_name_the_same_winner():
    # Identical boxes: the first takes all.
    images = [Image((64, 64), ((8.0, 8.0, 40.0, 40.0),) * 3)]
    rule = AnchorRule(strides=(16,), scale=2.0, offset=0.5)
    for contest in ("claimants", "all"):
        check(images, rule, AtssParams(contest=contest), (1, 2, 5, 9, 16, 20))


@pytest.mark.parametrize("k_per_anchor", [False, True])
def test_images_smaller_than_their_levels_k_give_what_they_have(k_per_anchor):
    images = [
        Image((32, 32), ((2.0, 2.0, 18.0, 18.0), (4.0, 4.0, 9.0, 9.0))),
        Image((64, 320), ((2.0, 2.0, 18.0, 18.0), (40.0, 4.0, 290.0, 59.0))),
    ]
    rule = AnchorRule(ratios=(0.5, 1.0, 2.0), scales_per_octave=3)
    check(images, rule, AtssParams(k_per_anchor=k_per_anchor), (1, 3, 9, 15, 30))


@pytest.mark.parametrize("images", [[], [Image((64, 64), ())]])
@pytest.mark.parametrize("ks", [(3, 9), ()])
def test_nothing_gives_nothing_for_every_k(images, ks):
    check(images, AnchorRule(), AtssParams(), ks)
