"""The ranking rule of RFLA and NWD-RKA: by hand, against loops, and for any input."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.assigners.ranking.params import RankingParams
from atss_inspect.assigners.steps import StepTable, steps_of
from atss_inspect.explain import explain_object
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset

from . import agreement
from .agreement import assign, dense_anchors, sorted_rows
from .reference.ranking import assign_ranking
from .strategies import (
    DISTANCES,
    Image,
    anchor_rules,
    any_anchor_rules,
    make_frame,
    scenes,
)
from .tiny_coco import coco_image

# Anchors of 32 px around 8, 24, 40, 56 along both axes, on a map of 4 x 4 cells: the
# anchor of cell (1, 1), index 5, is 8 ... 40.
ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, offset=0.5)
MAP_OF_16 = (64, 64)
LIKE_ANCHOR_5 = (8.0, 8.0, 40.0, 40.0)
BETWEEN_5_AND_6 = (16.0, 8.0, 48.0, 40.0)  # center 32, 24: 8 px from both


def answer(*boxes, **params):
    return assign([Image(MAP_OF_16, boxes)], ONE_LEVEL, RankingParams(**params))


def positives(*boxes, **params) -> list[list[int]]:
    """[box, index] of each."""
    return sorted_rows(answer(*boxes, **params))[:, [0, 2]].tolist()


def test_all_that_are_as_alike_as_the_kth_are_given():
    # Anchors 1, 4, 6 and 9 are 16 px from the second nearest place on.
    assert positives(LIKE_ANCHOR_5, k=1, k_again=0) == [[0, 5]]
    assert positives(LIKE_ANCHOR_5, k=2, k_again=0) == [[0, n] for n in (1, 4, 5, 6, 9)]
    assert positives(BETWEEN_5_AND_6, k=1, k_again=0) == [[0, 5], [0, 6]]


def test_the_nearest_may_lie_far_apart_along_a_long_object():
    # By KLD a row away is 4 * 16^2 / 8^2 = 16, three columns 4 * 48^2 / 256^2 = 0.14.
    image = Image((64, 320), ((24.0, 20.0, 280.0, 28.0),))  # center 152, 24: column 9
    params = RankingParams(k=7, k_again=0)
    found = sorted_rows(assign([image], ONE_LEVEL, params))
    assert found[:, 2].tolist() == [20 + column for column in range(6, 13)]


def test_an_object_is_fragile_whose_next_anchor_is_nearly_as_alike():
    # The center lies 2^-18 right of the middle between anchors 5 and 6.
    x = 2.0**-18
    box = (16.0 + x, 8.0, 48.0 + x, 40.0)
    for k, expected in ((1, True), (2, False)):
        assert answer(box, k=k, k_again=0).is_fragile.tolist() == [expected]
    assert positives(box, k=1, k_again=0) == [[0, 6]]
    assert not answer(BETWEEN_5_AND_6, k=1, k_again=0).is_fragile.any()


def test_an_object_takes_its_nearest_however_far_it_is():
    far = (1000.0, 20.0, 1010.0, 30.0)
    assert positives(far, k=1, k_again=0) == [[0, 7]]


def test_the_last_of_equal_objects_has_all():
    assert positives(LIKE_ANCHOR_5, LIKE_ANCHOR_5, k=1, k_again=0) == [[1, 5]]
    found = answer(LIKE_ANCHOR_5, LIKE_ANCHOR_5)
    assert set(found.gt.tolist()) == {1}
    assert found.unassigned.name_of(0) == "lost_to_others"
    assert found.unassigned.lost_to.tolist() == [1, -1]


def test_the_second_time_is_for_anchors_that_nobody_was_given():
    # At half their size anchors are as large as the box, but the nearest is the same;
    # the two boxes share it, and the first one has no other.
    small = (16.0, 16.0, 32.0, 32.0)
    words = {"k": 1, "k_again": 1, "ratio": 0.5}
    assert positives(small, small, **words) == [[1, 5]]
    # Anchors 5 and 6 are the boxes themselves, and each other's second nearest.
    words = {"k": 1, "k_again": 2, "ratio": 1.0}
    like_anchor_6 = (24.0, 8.0, 56.0, 40.0)
    own = [[0, n] for n in (1, 4, 5, 9)] + [[1, n] for n in (2, 6, 7, 10)]
    assert positives(LIKE_ANCHOR_5, like_anchor_6, **words) == own
    # By shape: one cell has a square of 32 px and a wide anchor of about 45 x 23 px.
    # At half the size it is the wide one that is most like 23 x 12 px.
    rule = replace(ONE_LEVEL, ratios=(1.0, 0.5))
    wide = (24 - 14.0, 24 - 10.0, 24 + 14.0, 24 + 10.0)
    image = Image(MAP_OF_16, (wide,))
    kinds = []
    for ratio in (1.0, 0.4):
        params = RankingParams(k=1, k_again=1, ratio=ratio, ranked_by="wd")
        kinds.append(sorted_rows(assign([image], rule, params))[:, 2].tolist())
    # Index 10 and 11 are the square and the wide one of cell 5.
    assert kinds == [[10], [10, 11]]


def test_what_is_very_like_an_object_and_not_positive_is_ignored():
    # By KLD anchor 6 is 4 * 16^2 / 32^2 = 1 away: 1 / (1 + 1/2); so are 1, 4 and 9.
    words = {"k": 1, "k_again": 0}
    for bar, expected in ((0.0, 0), (0.66, 4), (0.67, 0)):
        found = answer(LIKE_ANCHOR_5, **words, ignored_from=bar)
        assert found.num_ignored.tolist() == [expected]
    # At half their size anchors 1, 4, 6 and 9 are 4 * 16^2 / 16^2 = 4 away, else that
    # and (4 + 4 - 2 ln 4 - 2) = 3.2 for the sides: 1/3 and 0.22.
    small = (16.0, 16.0, 32.0, 32.0)
    words = {"k": 1, "k_again": 1, "ratio": 0.5}
    for bar, expected in ((0.33, 4), (0.34, 0)):
        found = answer(small, **words, ignored_from=bar)
        assert found.num_ignored.tolist() == [expected]
    assert answer(ignored_from=0.1).num_ignored.tolist() == [0]


def test_fewer_anchors_than_k_are_all_given():
    assert len(positives(LIKE_ANCHOR_5, k=100, k_again=0)) == 16


@st.composite
def ranking_params(draw: st.DrawFn) -> RankingParams:
    return RankingParams(
        k=draw(st.sampled_from((1, 2, 3, 7, 30))),
        ranked_by=draw(st.sampled_from(DISTANCES)),
        nwd_constant=draw(st.sampled_from((12.7, 0.5, 200.0))),
        k_again=draw(st.sampled_from((0, 1, 1, 2, 9))),
        ratio=draw(st.sampled_from((0.9, 1.0, 0.3, 2.0))),
        ignored_from=draw(st.sampled_from((0.8, 0.3, 0.0, 0.05))),
    )


ANY_RULES = st.one_of(anchor_rules(), any_anchor_rules())


@given(scenes(), ANY_RULES, ranking_params())
def test_positives_equal_the_loops(images, rule, params):
    found, frame = assign(images, rule, params), make_frame(images)
    for place, image in enumerate(images):
        theirs = answer_of_loops(image, rule, params)
        of_image = frame.gt_image == place
        assert agreement.rows_of_image(found, frame, place) == sorted(theirs.rows())
        assert found.num_ignored[place] == theirs.num_ignored
        np.testing.assert_array_equal(found.is_fragile[of_image], theirs.is_fragile)
        assert not found.is_tied.any()


def answer_of_loops(image, rule, params):
    words = {
        "k": params.k,
        "k_again": params.k_again,
        "ratio": params.ratio,
        "measure": params.ranked_by,
        "constant": params.nwd_constant,
        "ignored_from": params.ignored_from,
    }
    anchors = dense_anchors(rule, image.padded_size)
    inside = agreement.inside_border(image, rule)
    if rule.style != "mmdetection":
        usable = np.concatenate(inside)
        return assign_ranking(anchors, image.gt_boxes, **words, is_usable=usable)
    seen = [own[kept] for own, kept in zip(anchors, inside, strict=True)]
    found = assign_ranking(seen, image.gt_boxes, **words)
    places = [np.flatnonzero(kept) for kept in inside]
    pairs = zip(found.level.tolist(), found.index.tolist(), strict=True)
    index = [places[level][number] for level, number in pairs]
    beyond = sum(int((~kept).sum()) for kept in inside)
    return replace(
        found,
        index=np.array(index, dtype=np.int64),
        num_ignored=found.num_ignored + beyond,
    )


@given(scenes(), anchor_rules(), ranking_params())
def test_images_do_not_depend_on_each_other(images, rule, params):
    agreement.check_images_alone(images, rule, params)
    agreement.check_books_balance(images, rule, params)


@given(scenes(), anchor_rules(), ranking_params())
def test_claims_are_what_each_box_gets_alone(images, rule, params):
    frame, pyramid = make_frame(images), build_pyramid(rule)
    rule_of = agreement.rule_of(params)
    grids = pyramid.grids(frame.padded_size, frame.input_size)
    ours = rule_of.list_claims(frame, grids, params)
    alone = replace(rule_of, claims=None).list_claims(frame, grids, params)
    pairs = [
        sorted(zip(*map(np.ndarray.tolist, each), strict=True))
        for each in (ours, alone)
    ]
    assert pairs[0] == pairs[1]


@pytest.mark.parametrize("boxes", [(), (LIKE_ANCHOR_5,)])
def test_empty_images_and_frames(boxes):
    assert assign([], ONE_LEVEL, RankingParams()).num_positives == 0
    assert len(assign([Image((0, 0), boxes)], ONE_LEVEL, RankingParams()).gt) == 0


def test_explain_tells_the_nearest_and_who_has_them():
    # Points of P3 at 108 and 116 are 2 and 6 px from the centers at 110; fields of P4
    # are much larger. The second time the nearest is one of these again.
    twice = ((100.0, 100.0, 20.0, 20.0),) * 2
    dataset = load_coco(coco_image(*twice, width=800, height=800))
    settings = preset("rfla-fcos")
    one, other = (explain_object(dataset, row, settings) for row in (0, 1))
    given = [each for each in one.steps.anchors if each.is_nearest]
    assert [each.place[:3] for each in given] == [(0, 13, 13), (0, 13, 14), (0, 14, 13)]
    assert [each.outcome for each in given] == ["lost"] * 3
    assert {each.outcome for each in one.steps.anchors} == {"lost", "no"}
    assert one.steps.anchors[0].is_again
    # 2 D = 2 (45.5 / 20)^2 + 4 * (4 + 4) / 400 - 4 ln(45.5 / 20) - 2.
    divergence = (45.5 / 20) ** 2 + 0.04 - 2 * np.log(45.5 / 20) - 1
    found = float(given[0].likeness)
    assert found == pytest.approx(1 / (1 + divergence), rel=1e-6)
    steps = steps_of(settings.rule)
    assert steps.why(one.steps, "lost_to_others") == (
        "no anchor is left to it: its 3 nearest anchors by KLD went to other objects"
    )
    assert steps.why(one.steps, "beyond_border") is None
    tables = [
        each
        for each in steps.blocks(other.steps, ("P3", "P4", "P5", "P6", "P7"))
        if isinstance(each, StepTable)
    ]
    assert tables[0].headings == ("level", "row", "column", "KLD", "given", "result")
    assert tables[0].rows[0][-2:] == ("nearest", "won over 1")
    assert tables[0].rows[3][-2:] == ("no", "-")
