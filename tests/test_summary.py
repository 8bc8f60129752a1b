"""Counts that add up, and the numbers made of them."""

from dataclasses import asdict, replace
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import summary as module
from atss_inspect.statistics.counting import Counting
from atss_inspect.statistics.run import summarize, summarize_chunk
from atss_inspect.statistics.summary import Selection, Summary
from atss_inspect.statistics.tally import Group, Outcomes, Tally
from tests.random_coco import parts_in_any_order, random_dataset
from tests.tiny_coco import coco

PRESETS = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet")
SETTINGS = tuple(preset(name) for name in PRESETS)


def summary_of(positives: list[int], bins: list[int] | None = None) -> Summary:
    """A summary of objects with these numbers of positives, all on one level."""
    of = bins or [2] * len(positives)
    histogram = np.zeros((4, max(positives, default=0) + 1), dtype=np.int64)
    levels = np.zeros((4, 1), dtype=np.int64)
    for size, number in zip(of, positives, strict=True):
        histogram[size, number] += 1
        levels[size, 0] += number
    found = Outcomes(np.array(positives, dtype=np.int64))
    empty = load_coco(coco({}))
    return replace(
        summarize(empty, SETTINGS[0])[0],
        num_images=2,
        num_anchors=100,
        num_taken=sum(positives),
        num_ignored=3,
        histogram=histogram,
        level_positives=levels,
        level_objects=np.array([sum(number > 0 for number in positives)]),
        by_size=Tally.count(np.array(of, dtype=np.int64), found, 4),
        iou_units=2**31 * sum(positives),
        num_ious=sum(positives),
        num_tied=1,
        num_fragile=0,
        left_out_objects={"crowd": 2, "too_small": 1},
        left_out_images={},
    )


def assert_equal(one: Summary, other: Summary) -> None:
    np.testing.assert_equal(asdict(one), asdict(other))


@given(parts_in_any_order())
def test_parts_in_any_order_add_up_to_the_whole(cut):
    whole, *found = (
        summarize_chunk(part, SETTINGS, Selection(), Counting(need=3))
        for part in (cut[0], *cut[1])
    )
    for total, parts in zip(whole, zip(*found, strict=True), strict=True):
        assert_equal(reduce(add, parts), total)


def test_a_limit_of_area_opens_the_next_size():
    areas = np.array([0, 255.9, 256, 1023.9, 1024, 9215.9, 9216])
    assert module.SIZE_BINS == ("tiny", "small", "medium", "large")
    assert module.size_bins(areas).tolist() == [0, 0, 1, 1, 2, 2, 3]


def test_a_limit_of_ratio_belongs_to_the_squarer_bin():
    sides = [(41, 10), (40, 10), (21, 10), (20, 10), (10, 10), (10, 20), (10, 21)]
    sides += [(10, 40), (10, 41)]
    xywh = np.array([(0, 0, *pair) for pair in sides], dtype=float)
    names = ("over 4:1", "4:1 to 2:1", "2:1 to 1:2", "1:2 to 1:4", "under 1:4")
    assert names == module.RATIO_BINS
    assert module.ratio_bins(xywh).tolist() == [0, 1, 1, 2, 2, 2, 3, 3, 4]


COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=60)


@given(COUNTS, st.integers(0, 100))
def test_percentiles_are_numpys(positives, percent):
    expected = np.percentile(positives, percent)
    assert summary_of(positives).percentile(percent) == pytest.approx(expected)


def test_percentiles_carry_no_rounding_noise():
    # 479 objects: rank 478 * 0.05 = 23.9, between 1 and 2. NumPy gives 1.8999999999.
    positives = [1] * 24 + [2] * 455
    assert summary_of(positives).percentile(5) == 1.9


@given(COUNTS)
def test_gini_is_the_mean_difference_over_twice_the_mean(positives):
    array = np.array(positives)
    gini = summary_of(positives).gini
    if not array.any():
        assert gini is None
        return
    difference = np.abs(array[:, None] - array[None, :]).mean()
    assert gini == pytest.approx(difference / (2 * array.mean()), abs=1e-12)


def test_gini_by_hand():
    assert summary_of([5, 5, 5]).gini == 0
    # One of four has everything: (n - 1) / n.
    assert summary_of([0, 0, 0, 8]).gini == 0.75


def test_shares_and_means_by_hand():
    # Two tiny objects (0 and 4), one small (2), one large (9).
    summary = summary_of([0, 4, 2, 9], bins=[0, 0, 1, 3])
    # The tiny one lacks all four that it needs, the small one two of them.
    assert summary.every_object == Group(4, 15, 1, None, 6, 16)
    assert summary.every_object.missing_to_need == 6 / 16
    assert summary.mean_positives == 15 / 4
    assert summary.unassigned_share == 1 / 4
    assert summary.median_positives == 3
    assert summary.of_sizes("tiny") == Group(2, 4, 1, None, 4, 8)
    assert summary.of_sizes("tiny").mean_positives == 2
    assert summary.of_sizes("medium").mean_positives is None
    assert summary.coco_small == Group(3, 6, 1, None, 6, 12)
    assert summary.large_to_small == 9 / 2
    assert summary.level_shares == (1,)
    assert summary.mean_iou == 0.5
    assert summary.num_left_out == 3
    assert summary.share_of_objects(summary.num_tied) == 1 / 4
    assert summary.num_negatives == 100 - 15 - 3
    assert summary.per_image == (15 / 2, 82 / 2, 3 / 2)


def test_nothing_is_undefined_not_zero():
    summary = summary_of([])
    names = ("mean_positives", "unassigned_share", "gini", "large_to_small", "mean_iou")
    assert {getattr(summary, name) for name in names} == {None}
    assert {summary.percentile(5), *summary.level_shares} == {None}
    assert summary.num_objects == summary.num_positives == 0
    assert module.share(1, 0) is None


def test_objects_without_positives_have_no_evenness():
    summary = summary_of([0, 0], bins=[0, 3])
    assert summary.gini is summary.large_to_small is None
    assert (summary.mean_positives, summary.level_shares) == (0, (None,))


@pytest.mark.parametrize(
    ("name", "overrides", "expected"),
    [
        ("atss-mmdet", {}, 9.0),  # 0.2 * 9 * 5 levels
        ("atss-mmdet", {"k": 15}, 15.0),
        ("atss-official-9a", {}, 81.0),  # k counts per anchor: 0.2 * 81 * 5
        ("retinanet-mmdet", {}, None),
        ("fcos-mmdet", {}, None),
    ],
)
def test_the_papers_estimate_counts_what_k_counts(name, overrides, expected):
    assert module.expected_positives(preset(name, **overrides)) == expected


def test_objects_not_selected_are_left_out_and_still_compete():
    whole = random_dataset(3)
    everything = summarize(whole, SETTINGS[0])[0]
    chosen = Selection(classes=("class 1",), sizes=("tiny", "large"))
    some = summarize(whole, SETTINGS[0], selection=chosen)[0]
    num_not_selected = some.left_out_objects["not_selected"]
    assert some.num_objects + num_not_selected == everything.num_objects
    assert some.of_sizes("small", "medium").num_objects == 0
    assert [group.num_objects for group in some.by_class.groups[1:]] == [0, 0, 0]
    assert 0 < some.num_objects < everything.num_objects
    # The anchors of the others are not negative because nobody asks for them.
    assert some.num_taken == everything.num_taken
    assert some.num_negatives == everything.num_negatives
