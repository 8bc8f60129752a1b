"""What holds of every assigner: the dense reference's answers, whatever the input."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atss_inspect.assigners import rule_of
from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.first_best.params import FirstBestParams
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.pyramid import build_pyramid

from . import agreement
from . import strategies as drawn
from .agreement import assign, sorted_rows
from .strategies import Image, anchor_rules, make_frame, scenes

# An anchor rule and parameters of one assigner; FCOS has one point a cell.
CONVENTIONS = {
    "atss": st.tuples(anchor_rules(), drawn.atss_params()),
    "iou_threshold": st.tuples(anchor_rules(), drawn.iou_threshold_params()),
    "first_best": st.tuples(anchor_rules(), drawn.first_best_params()),
    "fcos": anchor_rules(anchors=(1,)).flatmap(
        lambda rule: st.tuples(st.just(rule), drawn.fcos_params(len(rule.strides)))
    ),
}
# The same with lists of sizes, scales, ratios and strides of any kind, and a border.
ANY_ANCHORS = {
    "atss": st.tuples(drawn.any_anchor_rules(), drawn.atss_params()),
    "iou_threshold": st.tuples(drawn.any_anchor_rules(), drawn.iou_threshold_params()),
    "first_best": st.tuples(drawn.any_anchor_rules(), drawn.first_best_params()),
    "fcos": drawn.any_anchor_rules().flatmap(
        lambda rule: st.tuples(st.just(rule), drawn.fcos_params(len(rule.strides)))
    ),
}
of_every_assigner = pytest.mark.parametrize("assigner", CONVENTIONS)


@of_every_assigner
@given(images=scenes(), data=st.data())
def test_every_answer_equals_that_of_the_dense_reference(assigner, images, data):
    rule, params = data.draw(CONVENTIONS[assigner])
    assignment = agreement.check_agreement(images, rule, params)
    agreement.check_images_alone(images, rule, params)
    agreement.check_books_balance(images, rule, params)
    # Only IoU thresholds ignore anchors; only ATSS has candidates; FCOS has no IoU.
    assert assigner == "iou_threshold" or not assignment.num_ignored.any()
    assert (assignment.candidates is not None) == (assigner == "atss")
    assert (assignment.iou is None) == (assigner == "fcos")


@of_every_assigner
@given(images=scenes(), data=st.data())
def test_anchors_of_any_size_are_assigned_as_by_the_reference(assigner, images, data):
    rule, params = data.draw(ANY_ANCHORS[assigner])
    agreement.check_agreement(images, rule, params)
    agreement.check_images_alone(images, rule, params)
    agreement.check_books_balance(images, rule, params)


# Levels with one, three and six anchors, larger and smaller than their cells.
UNEVEN = {
    "sizes": ((16.0,), (20.0, 40.0, 90.0), (48.0, 64.0, 150.0)),
    "ratios": ((1.0,), (1.0,), (0.5, 3.0)),
}
UNEVEN_RULES = (
    AnchorRule((8, 16, 32), **UNEVEN, allowed_border=0.0),
    AnchorRule((8, 16, 32), **UNEVEN, style="detectron2", allowed_border=0.0),
    AnchorRule(((8, 20), 32, (64, 40)), **UNEVEN, style="efficientdet", offset=0.5),
    AnchorRule((8, 16, 32), **UNEVEN, style="glip", offset=0.5),
)


@of_every_assigner
@pytest.mark.parametrize("rule", UNEVEN_RULES, ids=lambda rule: rule.style)
@given(images=scenes(max_boxes=8).filter(lambda all_: any(i.boxes for i in all_)))
def test_uneven_levels_are_assigned_as_by_the_reference(assigner, rule, images):
    params = {
        "atss": AtssParams(k=5),
        "iou_threshold": IouThresholdParams(positive_from=0.35, negative_below=0.2),
        "fcos": FcosParams(center_sampling_radius=1.5),
        "first_best": FirstBestParams(positive_from=0.35),
    }
    agreement.check_agreement(images, rule, params[assigner])


@pytest.mark.slow
@of_every_assigner
@settings(max_examples=500)
@given(images=scenes(max_boxes=12), data=st.data())
def test_many_more_of_any_size_are_assigned_as_by_the_reference(assigner, images, data):
    agreement.check_agreement(images, *data.draw(ANY_ANCHORS[assigner]))


@pytest.mark.parametrize(
    ("style", "more"),
    [
        # Half a pixel at 122: float32 rounds it by more than one part in 100,000.
        ("detectron2", {"sizes": ((0.5,),), "ratios": (0.5,), "offset": 0.3}),
        ("torchvision", {"base_sizes": (0.5,), "scale": 1.0, "strides": (16,)}),
    ],
)
def test_anchors_of_less_than_a_pixel_are_found_far_out(style, more):
    image = Image(padded_size=(128, 32), boxes=((2.0, 122.0, 3.0, 123.0),))
    rule = AnchorRule(style=style, **more)
    agreement.check_agreement((image,), rule, IouThresholdParams())


@pytest.mark.slow
@of_every_assigner
@settings(max_examples=300)
@given(images=scenes(max_boxes=12), data=st.data())
def test_many_more_answers_equal_those_of_the_dense_reference(assigner, images, data):
    agreement.check_agreement(images, *data.draw(CONVENTIONS[assigner]))


PARAMS = {
    "atss": drawn.atss_params(),
    "iou_threshold": drawn.iou_threshold_params(),
    "first_best": drawn.first_best_params(),
}


@pytest.mark.parametrize("assigner", PARAMS)
@given(
    gt=drawn.quarter_boxes(),
    by=st.tuples(st.integers(-64, 64), st.integers(-64, 64)),
    scale=st.sampled_from((8.0, 3.0)),
    data=st.data(),
)
def test_moving_anchors_and_boxes_together_changes_nothing(
    assigner, gt, by, scale, data
):
    params = data.draw(PARAMS[assigner])
    # Quarter pixels and whole anchors: every sum is exact in float32.
    shift = np.tile(np.array(by, dtype=np.float32) / 4, 2)
    pyramid = build_pyramid(AnchorRule(scale=scale, offset=0.5))
    moved = dataclasses.replace(pyramid, cell_anchors=pyramid.cell_anchors + shift)
    here, there = (
        rule_of(params).assign(frame_of(each), anchors, params)
        for each, anchors in ((gt, pyramid), (gt + shift, moved))
    )
    np.testing.assert_array_equal(sorted_rows(here), sorted_rows(there))
    np.testing.assert_array_equal(here.num_ignored, there.num_ignored)
    np.testing.assert_array_equal(here.is_tied, there.is_tied)
    if assigner == "atss":
        np.testing.assert_array_equal(here.candidates.mean, there.candidates.mean)


ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, offset=0.5)
LIKE_ANCHOR_5 = Image((64, 64), ((8, 8, 40, 40),))
HOLDS_POINT_34 = Image((128, 128), ((12, 12, 28, 28),))
IOU_CASE = (ONE_LEVEL, LIKE_ANCHOR_5, 5, [16, 4, 16])


@pytest.mark.parametrize(
    ("params", "rule", "full", "index", "anchors", "ignored"),
    [
        (AtssParams(k=5), *IOU_CASE, 0),
        # Four neighbors at 1/3; from 0.4 on all others are negative.
        (IouThresholdParams(), *IOU_CASE, 0),
        (IouThresholdParams(negative_below=0.3), *IOU_CASE, 4),
        (FcosParams(), AnchorRule(offset=0.5), HOLDS_POINT_34, 34, [341, 23, 341], 0),
    ],
)
def test_an_image_without_boxes_between_others_changes_nothing(
    params, rule, full, index, anchors, ignored
):
    assignment = assign([full, Image((32, 32), ()), full], rule, params)
    assert sorted_rows(assignment).tolist() == [[0, 0, index], [1, 0, index]]
    assert assignment.iou is None or assignment.iou.tolist() == [1, 1]
    assert assignment.num_ignored.tolist() == [ignored, 0, ignored]
    assert assignment.num_anchors.tolist() == anchors


def frame_of(gt: np.ndarray):
    return make_frame([Image((288, 320), tuple(map(tuple, gt.tolist())))])


@pytest.mark.parametrize(
    "params",
    [
        AtssParams(contest="claimants"),
        AtssParams(contest="all"),
        IouThresholdParams(low_quality_owner="claimer"),
        IouThresholdParams(low_quality_owner="own_best"),
        FirstBestParams(),
        FirstBestParams(forced_to="first"),
        FcosParams(center_sampling_radius=0.0),
        FcosParams(center_sampling_radius=1.5),
    ],
    ids=repr,
)
def test_images_without_boxes_are_all_negative(params):
    for scene in ([], [Image((64, 64), ())], [Image((32, 32), ())] * 3):
        assignment = assign(scene, AnchorRule(), params)
        assert assignment.num_positives == 0
        assert assignment.num_ignored.tolist() == [0] * len(scene)
        assert (assignment.num_anchors > 0).all()
        assert assignment.is_tied.shape == assignment.is_fragile.shape == (0,)
        assert assignment.iou is None or assignment.iou.shape == (0,)
        assert not assignment.candidates or assignment.candidates.mean.shape == (0,)
