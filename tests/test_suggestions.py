"""Single changes after which an object is well assigned: tried, not guessed."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from atss_inspect.explain import (
    ImageCounts,
    KindTried,
    Trial,
    explain_object,
    one_image,
    recommended,
    suggest,
)
from atss_inspect.readers import load_coco
from atss_inspect.settings import override, preset, resolve_all
from atss_inspect.settings.layers import assignments_layer
from atss_inspect.statistics.counting import reaches_bar
from atss_inspect.statistics.run import assign
from atss_inspect.statistics.sweep import expand, parse_axes
from atss_inspect.views import trials
from tests.assigning import assigning_names
from tests.strategies import any_anchor_rules
from tests.test_explain import FILES, TWICE, scene


def of_kind(tried: tuple[KindTried, ...], kind: str) -> KindTried:
    return next(each for each in tried if each.kind == kind)


def helps(box, settings, kind: str) -> tuple[str, ...]:
    """The changes of one kind that give a box of its own a positive."""
    works = of_kind(suggest(scene(box), 0, settings), kind).works
    assert works
    return works.overrides


def test_a_finer_level_reaches_what_lies_between_the_points():
    # The points of P3 are 4, 12, 20, ...; of a level of stride 4 they are 2, 6, 10,
    # 14, ..., and 14 lies between 13 and 16. At 1.25 the box is 16.25 to 20, at 1.5
    # 19.5 to 24 and holds the point 20.
    tried = suggest(scene((13, 13, 3, 3)), 0, preset("fcos-mmdet"))
    assert [each.kind for each in tried] == ["input size", "finer level"]
    larger, finer = tried
    assert larger.steps == ("1000/1666", "1200/2000")
    assert larger.works.num_positives == 1
    assert finer.works.overrides == (
        "strides=4,8,16,32,64,128",
        "scale_ranges=[[-1.0, 32.0], [32.0, 64.0], [64.0, 128.0], [128.0, 256.0], "
        "[256.0, 512.0], [512.0, 1e8]]",
    )
    assert finer.works.image_counts == (1, 0, 0)
    best = recommended(tried, ImageCounts(1, 1, 1))
    assert best.overrides == ("short_side=1200", "long_side=2000")
    # As `sweep` takes it; ranges are derived from the levels before and after.
    assert finer.works.axis(preset("fcos-mmdet")) == (
        *("--set", "assigner.scale_ranges=[]"),
        "strides=[8,16,32,64,128],[4,8,16,32,64,128]",
    )
    own = preset("fcos-mmdet", scale_ranges=((-1, 9), *[(9, 99)] * 3, (99, 1e8)))
    assert finer.works.axis(own) == ()  # no derived ranges are these


def test_objects_that_lose_by_a_change_and_its_price_are_told():
    # 11 to 13 holds the point 12; at 1.5 it is 16.5 to 19.5 and holds none.
    boxes = (13, 13, 3, 3), (11, 11, 2, 2)
    larger, finer = (
        each.works for each in suggest(scene(*boxes), 0, preset("fcos-mmdet"))
    )
    assert (larger.num_losing, larger.image_counts) == (1, (2, 1, 1))
    assert larger.multiply_adds == pytest.approx((1216 / 800) ** 2, abs=0.05)
    assert finer.num_losing == 1  # its points are 10 and 14, and P3 is for larger ones
    assert 2.7 < finer.multiply_adds < 2.9  # four times the cells


def test_nothing_helps_the_second_of_two_equal_boxes():
    tried = suggest(scene(*TWICE), 1, preset("atss-mmdet"))
    assert not any(each.works for each in tried)
    assert recommended(tried, ImageCounts(2, 1, 1)) is None
    assert of_kind(tried, "ratios (height / width)").steps == ("0.5 to 2", "0.25 to 4")
    # Neither more candidates nor a lower bar makes what overlaps badly overlap well.
    kinds = ("smaller anchors", "larger anchors", "ratios (height / width)")
    assert tuple(each.kind for each in tried) == (*kinds, "input size", "finer level")
    assert [each.kind for each in suggest(scene(*TWICE), 1, preset("rpn-mmdet"))] == [
        each.kind for each in tried
    ]


def test_a_low_quality_match_is_no_help():
    # A 24 px box in the middle of a 32 px anchor: IoU 576 / 1024 = 0.5625.
    one = {"offset": 0.5, "ratios": (1.0,), "scales_per_octave": 1}
    settings = preset("retinanet-mmdet", **one, positive_from=0.7)
    box = (88, 88, 24, 24)
    assert explain_object(scene(box), 0, settings).is_poorly_assigned
    assert helps(box, settings, "smaller anchors") == ("scale=3.0",)
    # At 1.25 it is 30 px wide, but the center has moved away from the anchor's.
    larger = of_kind(suggest(scene(box), 0, settings), "input size").works
    bar = override(settings, larger.changes).assigner.positive_from
    assert (bar, larger.image_counts.num_poorly_assigned) == (0.7, 0)
    # 5 to 1 needs flatter anchors: with those of 4 to 1, 64 x 16 px, the IoU is 0.8.
    flat = of_kind(
        suggest(scene((60, 92, 80, 16)), 0, settings), "ratios (height / width)"
    ).works
    assert flat.axis(settings) == ("ratios=[1],[0.25,0.5,1,2,4]",)


def test_stretched_images_and_padded_batches_grow_too():
    settings = preset("fcos-mmdet", rule="stretch", size=(800, 1024), pad_to=(800, 999))
    found = helps((13, 13, 3, 3), settings, "input size")
    assert found == ("size=1200,1536", "pad_to=1200,1499")


def test_images_that_keep_their_size_do_not_grow():
    settings = preset("fcos-mmdet", rule="none")
    tried = suggest(scene((13, 13, 3, 3)), 0, settings)
    [size] = [each for each in tried if each.kind == "input size"]
    assert size.steps == ()


def test_a_change_at_the_expense_of_others_is_none_to_recommend():
    def trial(kind: str, num_poorly_assigned: int) -> KindTried:
        counts = ImageCounts(9, 0, num_poorly_assigned)
        one = Trial(kind, {"anchors.scale": 2.0}, "2 x stride", 1, counts)
        return KindTried(kind, ("2 x stride",), one)

    tried = (trial("harmful", 5), trial("as many", 2), trial("fewer", 1))
    today = ImageCounts(9, 0, 2)
    assert recommended((*tried, trial("fewest", 0)), today).kind == "fewer"
    assert recommended(tried[:2], today) is None
    assert recommended((replace(tried[2], works=None),), today) is None


@pytest.mark.parametrize("name", assigning_names())
def test_every_suggestion_can_be_typed(name):
    dataset = scene((13, 13, 3, 3), (13, 13, 3, 3), (14, 12, 2, 4))
    for row in range(dataset.num_objects):
        for kind in suggest(dataset, row, preset(name)):
            if trial := kind.works:
                typed = resolve_all([name], overrides=trial.overrides)[0].settings
                assert typed == override(preset(name), trial.changes)


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_suggestions_give_objects_of_real_files_a_positive(real_data, file):
    dataset = load_coco(real_data / "data" / file)
    rng = np.random.default_rng(5)
    num_helped = 0
    for name in ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet", "rpn-mmdet"):
        settings = preset(name)
        frame, assignment = assign(dataset, settings)
        unassigned = frame.object_rows[assignment.unassigned.cause > 0]
        for row in rng.choice(unassigned, 16, replace=False).tolist():
            image, place = one_image(dataset, row)
            today = explain_object(image, place, settings).image_counts
            best = recommended(suggest(image, place, settings), today)
            if best is None:
                continue
            # Among the images around it, as typed.
            image = int(np.searchsorted(dataset.object_offsets, row, side="right")) - 1
            first = max(image - 1, 0)
            part = dataset.slice_images(first, image + 2)
            typed = resolve_all([name], overrides=best.overrides)[0].settings
            frame, assignment = assign(part, typed)
            place = row - int(dataset.object_offsets[first])
            gt = np.flatnonzero(frame.object_rows == place)[0]
            reaches = reaches_bar(assignment, typed)
            own = assignment.gt if reaches is None else assignment.gt[reaches]
            assert np.count_nonzero(own == gt) == best.num_positives > 0
            num_helped += 1
    assert num_helped >= 40  # of 64


def test_larger_and_smaller_sizes_are_tried_where_sizes_are_written_down():
    settings = preset("retinanet-mmdet", sizes=[[16], [32], [64], [128], [256, 300]])
    # 10 px around 16 are 0.39 of the anchor of 16 px there, and 0.69 of one of 12.
    tried = suggest(scene((11, 11, 10, 10)), 0, settings)
    smaller = of_kind(tried, "smaller anchors")
    assert smaller.steps[0] == "0.75 x today's"
    assert smaller.works.overrides == (
        "sizes=[[12.0], [24.0], [48.0], [96.0], [192.0, 225.0]]",
    )
    # The new level gets a list of its own, and so `sweep` cannot try both.
    finer = of_kind(tried, "finer level").works
    assert finer.overrides == (
        "strides=4,8,16,32,64,128",
        "sizes=[[8.0], [16.0], [32.0], [64.0], [128.0], [256.0, 300.0]]",
    )
    assert finer.axis(settings) == ()
    assert trials.smaller_anchors(settings) == (
        "sizes=[[16],[32],[64],[128],[256,300]],[[8],[16],[32],[64],[128,150]]"
    )
    scales = preset("retinanet-mmdet", scales=[2, 4])
    assert trials.smaller_anchors(scales) == "scales=[2,4],[1,2]"
    assert trials.longer_ratios(preset("retinanet-mmdet", ratios=[[1, 2]])) == ""


@pytest.mark.parametrize("name", ["atss-mmdet", "retinanet-mmdet", "fcos-mmdet"])
@given(anchors=any_anchor_rules())
def test_every_kind_is_tried_with_anchors_of_any_size(name, anchors):
    settings = preset(name)
    if name == "fcos-mmdet":
        settings = override(settings, {"scale_ranges": []})
    settings = replace(settings, anchors=anchors)
    image = scene((13, 13, 30, 60), (13, 13, 3, 3))
    explained = explain_object(image, 1, settings)
    assert explained.steps is not None
    for tried in suggest(image, 1, settings):
        assert tried.steps
        if tried.works:
            overrides = assignments_layer(tried.works.overrides).values
            assert override(settings, overrides) != settings
            for text in tried.works.axis(settings)[-1:]:
                assert expand(settings, parse_axes([text]))
    for text in trials.other_kinds(settings).values():
        assert expand(settings, parse_axes([text]))
    if ratios := trials.longer_ratios(settings):
        assert expand(settings, parse_axes([ratios]))
