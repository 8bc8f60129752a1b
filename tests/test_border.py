"""Anchors beyond the border of their image: left out before, or ignored afterwards."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.assigners.anchor_rule import AnchorRule
from atss_inspect.assigners.atss.params import AtssParams
from atss_inspect.assigners.border import is_inside
from atss_inspect.assigners.fcos.params import FcosParams
from atss_inspect.assigners.iou_threshold.params import IouThresholdParams
from atss_inspect.assigners.pyramid import build_pyramid
from atss_inspect.settings import preset
from atss_inspect.settings.slips import find_slips

from . import strategies as drawn
from .agreement import assign, check_agreement, inside_border, sorted_rows
from .command_line import ask
from .strategies import Image, any_anchor_rules, scenes
from .tiny_coco import street, write_coco

# Anchors of 32 px around 0, 16, 32 and 48; those around 16 and 32 lie within 64 px, and
# that around 48 would but for x2 = 64, which is not below 64.
ONE_LEVEL = AnchorRule(strides=(16,), scale=2.0, allowed_border=0.0)
MAP = (64, 64)
CORNER = (0.0, 0.0, 14.0, 14.0)  # in anchor 0 wholly; 14 x 14 of anchor 5
MIDDLE = (0.0, 0.0, 32.0, 32.0)  # anchor 5 itself


def inside(image: Image, rule: AnchorRule) -> list[int]:
    grids = build_pyramid(rule).grids(
        np.array([image.padded_size]), np.array([image.input_size])
    )
    keys = np.arange(grids.num_anchors[0])
    assert grids.num_beyond[0] == len(keys) - is_inside(grids, grids.border, keys).sum()
    return keys[is_inside(grids, grids.border, keys)].tolist()


def test_an_anchor_may_touch_the_near_border_and_not_the_far_one():
    # Cells (1, 1), (1, 2), (2, 1), (2, 2): 0 ... 32 and 16 ... 48 along both axes.
    assert inside(Image(MAP, ()), ONE_LEVEL) == [5, 6, 9, 10]
    # One pixel more lets in those of 32 ... 64.
    assert inside(Image((64, 96), (), (0, 31)), ONE_LEVEL) == [7, 8, 9, 13, 14, 15]


def test_the_border_is_that_of_the_image_before_padding():
    # 48 px: x2 = 48 is out, too.
    assert inside(Image(MAP, (), (0, 16)), ONE_LEVEL) == [5, 9]
    assert inside(Image(MAP, (), (16, 0)), ONE_LEVEL) == [5, 6]


def test_an_allowed_border_widens_the_image_on_all_sides():
    rule = replace(ONE_LEVEL, allowed_border=16.0)
    # Those around 0 begin at -16; those around 48 end at 64.
    assert inside(Image(MAP, ()), rule) == list(range(16))
    assert inside(Image(MAP, (), (0, 16)), rule) == [
        0,
        1,
        2,
        4,
        5,
        6,
        8,
        9,
        10,
        12,
        13,
        14,
    ]
    rule = replace(ONE_LEVEL, allowed_border=15.9)
    assert inside(Image(MAP, ()), rule) == [5, 6, 7, 9, 10, 11, 13, 14, 15]


@given(scenes(), any_anchor_rules())
def test_anchors_inside_are_those_of_the_test_of_each(images, rule):
    for image in images:
        if rule.allowed_border >= 0:
            expected = np.concatenate(inside_border(image, rule))
            grids = build_pyramid(rule).grids(
                np.array([image.padded_size]), np.array([image.input_size])
            )
            place = np.zeros(1, dtype=np.int64)
            every = replace(grids, input_size=None).anchors_of(place)[1]
            found = is_inside(grids, grids.border, every)
            np.testing.assert_array_equal(found, expected)
            np.testing.assert_array_equal(grids.num_beyond, [(~expected).sum()])


def test_mmdetection_forces_the_best_of_those_inside():
    # The corner box lies in anchor 0, which is out; of those inside, anchor 5 has 196
    # of 1024 px.
    found = assign([Image(MAP, (CORNER,))], ONE_LEVEL, IouThresholdParams())
    assert sorted_rows(found).tolist() == [[0, 0, 5]]
    assert found.iou.tolist() == [np.float32(196) / np.float32(1024)]
    assert found.num_beyond.tolist() == found.num_ignored.tolist() == [12]
    assert found.num_anchors.tolist() == [16]


@pytest.mark.parametrize("style", ["detectron2", "torchvision"])
def test_others_assign_first_and_ignore_the_anchors_beyond(style):
    rule = replace(ONE_LEVEL, style=style)
    # Anchors 0, 1, 4 and 5 hold all of the corner box: the same IoU. The first three
    # are beyond the border.
    found = assign([Image(MAP, (CORNER,))], rule, IouThresholdParams())
    assert sorted_rows(found).tolist() == [[0, 0, 5]]
    # With the first of equals only, which is anchor 0, nothing is left.
    first = IouThresholdParams(low_quality_ties="first")
    found = assign([Image(MAP, (CORNER,))], rule, first)
    assert found.num_positives == 0
    assert found.unassigned.name_of(0) == "under_bar"
    assert found.num_ignored.tolist() == found.num_beyond.tolist() == [12]
    assert found.is_tied.tolist() == [True]


def test_atss_takes_its_candidates_from_those_inside():
    # Nearest to (7, 7) are anchors 0 (9.9 px), 1 and 4 (11.4) and 5 (12.7); inside are
    # 5, 6 and 9 (26.6), 10 (35.4).
    image, params = Image(MAP, (CORNER,)), AtssParams(k=2)
    found = assign([image], ONE_LEVEL, params)
    assert found.candidates.num_candidates.tolist() == [2]
    ious = [196 / 1024, 0.0]  # anchor 6 begins at x = 16
    assert found.candidates.mean[0] == pytest.approx(np.mean(ious))
    assert found.unassigned.name_of(0) == "no_center_inside"
    # All four inside, and no more.
    many = assign([image], ONE_LEVEL, AtssParams(k=9))
    assert many.candidates.num_candidates.tolist() == [4]
    # IoUs 1, 1/3, 1/3 and 1/7: mean 0.452, deviation 0.377.
    found = assign([Image(MAP, (MIDDLE,))], ONE_LEVEL, AtssParams(k=9))
    assert found.index.tolist() == [5]


def test_levels_without_an_anchor_inside_give_no_candidates():
    rule = AnchorRule(strides=(16, 32), scale=2.0, allowed_border=0.0)
    found = check_agreement([Image(MAP, (MIDDLE,))], rule, AtssParams(k=4))
    assert found.level.tolist() == [0]
    assert found.candidates.num_candidates.tolist() == [4]


@pytest.mark.parametrize("params", [IouThresholdParams(), AtssParams()])
def test_an_image_without_an_anchor_inside_gets_no_positive(params):
    rule = replace(ONE_LEVEL, scale=8.0)
    found = check_agreement(
        [Image(MAP, (CORNER, MIDDLE)), Image(MAP, ())], rule, params
    )
    assert found.num_positives == 0
    assert found.num_ignored.tolist() == found.num_anchors.tolist() == [16, 16]
    causes = {found.unassigned.name_of(box) for box in (0, 1)}
    assert causes == {"beyond_border"}


def test_points_of_fcos_have_no_border():
    params = FcosParams()
    found = assign([Image(MAP, (MIDDLE,))], ONE_LEVEL, params)
    plain = assign(
        [Image(MAP, (MIDDLE,))], replace(ONE_LEVEL, allowed_border=-1), params
    )
    assert sorted_rows(found).tolist() == sorted_rows(plain).tolist()
    assert found.num_ignored.tolist() == found.num_beyond.tolist() == [0]


@pytest.mark.parametrize("style", ["mmdetection", "detectron2"])
def test_without_a_negative_bar_an_empty_image_ignores_what_is_beyond(style):
    # No IoU is below 0: of the first image all but the positive are ignored.
    rule, params = replace(ONE_LEVEL, style=style), IouThresholdParams(negative_below=0)
    found = check_agreement([Image(MAP, (MIDDLE,)), Image(MAP, ())], rule, params)
    assert found.num_ignored.tolist() == [15, 12]
    assert found.num_beyond.tolist() == [12, 12]


@given(scenes(), drawn.anchor_rules(), drawn.iou_threshold_params())
def test_a_border_far_outside_changes_nothing(images, rule, params):
    wide = replace(rule, allowed_border=1e5)
    one, other = assign(images, rule, params), assign(images, wide, params)
    np.testing.assert_array_equal(sorted_rows(one), sorted_rows(other))
    for name in ("num_ignored", "num_anchors", "num_beyond", "is_tied", "is_fragile"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert not other.num_beyond.any()


def test_images_without_an_anchor_inside_are_warned_of():
    sizes = np.array([[480.0, 640.0], [480.0, 640.0], [100.0, 2000.0]])
    settings = preset("rpn-mmdet", allowed_border=0, sizes=[[100]])
    # 2000 x 100 px become 1333 x 67: no anchor of 100 px fits.
    [found] = find_slips([settings], sizes)
    assert (found.reason, found.count) == ("no_anchor_inside", 1)
    text = "allowed_border 0 leaves no anchor inside 1 of 3 images"
    assert found.message == f"{text}, where mmdetection stops with an error"
    official = replace(settings, anchors=replace(settings.anchors, style="official"))
    assert find_slips([official], sizes)[0].message == text
    assert find_slips([preset("rpn-mmdet", allowed_border=0)], sizes) == ()


def test_stats_count_the_anchors_beyond_the_border(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / "a.json", street())
    words = "stats a.json -p rpn-mmdet -p fcos-mmdet"
    plain, points = ask(f"{words} --json").json["results"]
    other, _ = ask(f"{words} -s allowed_border=0 --json").json["results"]
    for one in (plain, points):
        assert "beyond_border" not in one["per_image"]
    beyond = other["per_image"]["beyond_border"]
    assert 0 < beyond <= other["per_image"]["ignored"]
    total = sum(
        plain["per_image"][role] for role in ("positives", "negatives", "ignored")
    )
    found = sum(
        other["per_image"][role] for role in ("positives", "negatives", "ignored")
    )
    assert found == pytest.approx(total)
    told = ask(f"{words} -s allowed_border=0 --full").out
    [line] = [line for line in told.splitlines() if "beyond the border" in line][:1]
    assert line.split()[-1] == "-"
    assert "px up, at cell corners, 0 px beyond" in " ".join(told.split())
    assert "beyond the border" not in ask(f"{words} --full").out


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("retinanet-detectron2 -s positive_from=0.8", "0,0,30,30"),
        ("atss-official", "0,0,6,6"),
    ],
)
def test_nobody_is_said_to_have_what_is_ignored(name, box, tmp_path, monkeypatch):
    # The box lies at the corner: the anchors that it would have reach beyond it.
    monkeypatch.chdir(tmp_path)
    write_coco(tmp_path / "a.json", street())
    words = f"explain a.json -p {name} -s allowed_border=0 --image 2 --box {box}"
    told = ask(words).out
    assert "no positive" in told
    assert "lost to" not in told
    [result] = ask(f"{words} --json").json["results"]
    anchors = result["steps"].get("anchors") or result["steps"]["candidates"]
    assert {each["outcome"] for each in anchors} == {"no"}


@given(scenes(max_boxes=3), any_anchor_rules(), st.integers(1, 12))
def test_more_border_never_leaves_fewer_candidates(images, rule, k):
    rule = replace(rule, style="mmdetection", allowed_border=0.0)
    params = AtssParams(k=k)
    narrow = assign(images, rule, params)
    wide = assign(images, replace(rule, allowed_border=40.0), params)
    counts = (each.candidates.num_candidates for each in (narrow, wide))
    assert (next(counts) <= next(counts)).all()
