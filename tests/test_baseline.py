"""Baselines: what they must be, and when a rise is a rise."""

import json
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from atss_inspect.errors import DataError
from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics import baseline
from atss_inspect.statistics.bootstrap import (
    Interval,
    images_per_block,
    intervals_of_differences,
    intervals_of_shares,
)
from atss_inspect.statistics.grades import counts_by_block
from atss_inspect.statistics.limits import POORLY, Check, Limit, Rise
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS, block_keys
from atss_inspect.statistics.tally import Group, Outcomes, SparseTally
from atss_inspect.views.stats import SCHEMA_VERSION, StatsReport
from atss_inspect.writers.documents import encode_json
from tests.random_coco import Loaded, random_coco, random_dataset
from tests.test_limits import SETTINGS, error_of


def saved(seed: int, settings=SETTINGS) -> dict[str, Any]:
    """What ``stats --json`` writes."""
    dataset = random_dataset(seed)
    report = StatsReport(dataset, tuple(settings), summarize(dataset, settings))
    return json.loads(encode_json(report.document()))


def read(document: dict[str, Any]):
    return baseline.baseline_of(document, "old.json", schema_version=SCHEMA_VERSION)


def test_a_rise_above_the_tolerance_breaks():
    old, new = (summarize(random_dataset(seed), SETTINGS) for seed in (1, 4))
    tolerance = Fraction(5, 100)
    found = list(baseline.check_baseline(read(saved(1)), SETTINGS, new, tolerance))
    num_broken = 0
    for one in found:
        place = [each.name for each in SETTINGS].index(one.preset)
        before = old[place].every_object
        if one.limit.group == "coco_small":
            before = old[place].coco_small
        elif one.limit.group != "all":
            before = old[place].of_sizes(one.limit.group)
        assert one.rise.before == Fraction(before.num_unassigned, before.num_objects)
        assert one.rise.interval is None  # of eight images
        rise = one.counts.unassigned_share - before.unassigned_share
        assert one.is_broken == (rise > 0.05)
        assert float(one.excess) == pytest.approx(max(0, rise - 0.05))
        num_broken += one.is_broken
    assert 0 < num_broken < len(found)
    assert len(found) > 6


def test_the_same_data_break_nothing_even_without_tolerance():
    summaries = summarize(random_dataset(1), SETTINGS)
    found = list(
        baseline.check_baseline(read(saved(1)), SETTINGS, summaries, Fraction(0))
    )
    assert found
    assert not any(one.is_broken for one in found)
    # A rise equal to the tolerance is kept.
    limit = Limit("all", Fraction(3, 100) + Fraction(1, 100))
    assert not Check("a", limit, Group(100, 0, 4)).is_broken


RETINANET = preset("retinanet-mmdet")


def drawn(seed: int, num_images: int = 120):
    """Many images, enough for intervals, and what RetinaNet does to their objects."""
    dataset = load_coco(Loaded(random_coco(seed, num_images=num_images)))
    return dataset, summarize(dataset, RETINANET)[0]


def saved_as(dataset, summary) -> dict[str, Any]:
    report = StatsReport(dataset, (RETINANET,), (summary,))
    return json.loads(encode_json(report.document()))


def test_counts_by_block_come_back_as_they_were_and_add_up():
    dataset, summary = drawn(1)
    document = saved_as(dataset, summary)
    earlier = read(document).presets["retinanet-mmdet"]
    blocks = counts_by_block(summary)[..., [0, 2, 3, 4]]
    np.testing.assert_array_equal(earlier.blocks, blocks)
    assert 10 < len(blocks) < 120
    for place, group in enumerate(("all", *SIZE_BINS)):
        counts = earlier.groups[group]
        kept = [counts.num_objects, counts.num_unassigned, counts.num_low_quality_only]
        assert blocks[:, place, :3].sum(axis=0).tolist() == kept
    assert document["results"][0]["blocks"]["counts"][3] == "num_missing"


def test_the_same_images_are_compared_pair_by_pair():
    # Every fourth block has one poorly assigned object more: a rise that is the same in
    # every draw but for how often these are drawn.
    dataset, summary = drawn(1)
    earlier = read(saved_as(dataset, summary)).presets["retinanet-mmdet"]
    blocks = earlier.blocks.copy()
    blocks[::4, :2, 2] -= blocks[::4, 1:2, 2] > 0
    rises = baseline.rise_intervals(earlier._replace(blocks=blocks), summary)
    moved = (earlier.blocks - blocks)[:, 0, 2].sum()
    assert moved > 5
    rise = moved / summary.num_objects
    assert rises["all"].low <= rise <= rises["all"].high
    # Independent samples would be many times as far apart.
    wholes = counts_by_block(summary)[:, :1, 0]
    alone = intervals_of_shares(earlier.blocks[:, :1, 1:3].sum(axis=2), wholes)[0]
    assert rises["all"].high - rises["all"].low < (alone.high - alone.low) / 2
    assert list(rises) == ["all", *SIZE_BINS, "coco_small"]
    both = [
        (each[:, 1:3, 1:3].sum(axis=(1, 2))[:, None], each[:, 1:3, :1].sum(axis=1))
        for each in (blocks, earlier.blocks)
    ]
    assert [rises["coco_small"]] == intervals_of_differences(*both)


def test_other_images_are_independent_samples():
    dataset, summary = drawn(1)
    earlier = read(saved_as(dataset, summary)).presets["retinanet-mmdet"]
    _, other = drawn(2)
    found = baseline.rise_intervals(earlier, other)["all"]
    shares, ends = [], []
    for one in (summary, other):
        counts = counts_by_block(one)[:, :1]
        poorly = counts[..., 2] + counts[..., 3]
        shares.append(poorly.sum() / counts[..., 0].sum())
        ends += intervals_of_shares(poorly, counts[..., 0])
    (before, now), (first, second) = shares, ends
    low = now - before - ((now - second.low) ** 2 + (first.high - before) ** 2) ** 0.5
    high = now - before + ((second.high - now) ** 2 + (before - first.low) ** 2) ** 0.5
    assert found == pytest.approx((low, high))
    assert found.low < now - before < found.high


def images_of_ten(share: float, num_images: int, seed: int) -> Any:
    """Draw images of about ten medium objects, so many of them poorly assigned."""
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(num_images), rng.integers(8, 13, num_images))
    block = image // images_per_block(num_images)
    positives = (rng.random(len(image)) >= share).astype(np.int64)
    medium = np.full(len(image), 2)
    keys = block_keys(block, np.zeros_like(block), medium)
    counts = SparseTally.count(keys, Outcomes(positives))
    return SimpleNamespace(num_images=num_images, by_block=counts)


@pytest.mark.parametrize(
    ("share", "num_images", "is_told"),
    [(0.10, 50, False), (0.10, 5000, False), (0.13, 50, False), (0.13, 5000, True)],
)
def test_three_points_are_told_on_many_images_and_nothing_on_few(
    share, num_images, is_told
):
    # Of 10 %: on 500 objects chance moves a difference of shares by 2 points, on 50,000
    # by 0.2.
    for seed in range(5):
        before = images_of_ten(0.10, num_images, 2 * seed)
        rows = counts_by_block(before)[..., [0, 2, 3, 4]]
        earlier = baseline.Earlier(num_images, {}, rows, knows_low_quality=True)
        now = images_of_ten(share, num_images, 2 * seed + 1)
        found = baseline.rise_intervals(earlier, now)
        assert (found["all"].low > 0.005) == is_told
        assert found["all"].low < share - 0.10 < found["all"].high
        assert found["all"] == found["medium"]
        assert found["tiny"] is None


@pytest.mark.parametrize(("margin", "is_broken"), [(1e-9, False), (-1e-9, True)])
def test_a_rise_breaks_only_where_its_lower_end_is_above_what_is_allowed(
    margin, is_broken
):
    interval = Interval(0.02, 0.09)
    limit = Limit("all", Fraction(1, 10) + Fraction(0.02 + margin), POORLY)
    rise = Rise(Fraction(1, 10), interval)
    check = Check("a", limit, Group(100, 0, 15), rise, Fraction(15, 100))
    assert check.is_broken is is_broken
    assert check.risen == 0.05


def test_without_blocks_or_images_the_plain_difference_decides():
    dataset, summary = drawn(1)
    document = saved_as(dataset, summary)
    old = json.loads(json.dumps(document))
    del old["results"][0]["blocks"]
    assert baseline.rise_intervals(read(old).presets["retinanet-mmdet"], summary) == {}
    few = drawn(1, num_images=19)
    earlier = read(saved_as(*few)).presets["retinanet-mmdet"]
    assert baseline.rise_intervals(earlier, summary) == {}


def test_a_baseline_without_low_quality_matches_is_compared_by_what_it_knows():
    dataset, summary = drawn(1)
    document = saved_as(dataset, summary)
    [result] = document["results"]
    del result["blocks"]
    for group in (result, result["coco_small"], *result["by_size"]):
        del group["num_low_quality_only"]
    found = list(
        baseline.check_baseline(read(document), [RETINANET], [summary], Fraction(0))
    )
    assert {one.limit.key for one in found} == {"unassigned_share"}
    assert not any(one.is_broken for one in found)


@pytest.mark.parametrize("row", ["1 0 0 0", "1 0 0 -1, " * 4 + "0 0 0 0", "a", 3])
def test_blocks_that_are_no_counts_are_an_error(row):
    document = saved(1)
    document["results"][0]["blocks"]["rows"] = [row]
    assert error_of(read, document)[:2] == (DataError, NO_STATS)


def test_data_that_have_lost_all_objects_break():
    summaries = summarize(random_dataset(1).slice_images(0, 0), SETTINGS)
    found = baseline.check_baseline(read(saved(1)), SETTINGS, summaries, Fraction(1))
    assert [(one.limit.group, one.is_broken) for one in found] == [("all", True)] * 2


def test_changed_settings_are_named():
    now = (preset("atss-mmdet", k=15, short_side=600), SETTINGS[1])
    found = baseline.differences(read(saved(1)), now)
    assert [(*one[:3], one.now) for one in found] == [
        ("atss-mmdet", "resize.short_side", 800, 600),
        ("atss-mmdet", "assigner.k", 9, 15),
    ]
    assert baseline.differences(read(saved(1)), SETTINGS) == []


NO_STATS = "old.json: expected what `atss-inspect stats --json` writes"


PARTLY = "old.json: holds selected sizes, limit only; expected all"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "old.json: schema_version is 2; expected 1"),
        ({"schema_version": None}, NO_STATS),
        ({"results": 3}, NO_STATS),
        ({"results": [{"preset": "a"}]}, NO_STATS),
        ({"settings": None}, NO_STATS),
        ({"pairs": []}, NO_STATS),
        ({"selection": {"classes": [], "sizes": ["tiny"], "limit": 3}}, PARTLY),
    ],
)
def test_a_baseline_of_another_kind_is_an_error(change, message):
    kind, found, hint = error_of(read, saved(1) | change)
    assert (kind, found) == (DataError, message)
    assert hint


def test_annotations_are_no_baseline():
    hint = "annotations go to `compare --baseline`"
    document = {"images": [], "annotations": [], "categories": []}
    assert error_of(read, document) == (DataError, NO_STATS, hint)


def test_a_baseline_needs_the_presets():
    earlier = read(saved(1))
    assert error_of(baseline.require_presets, earlier, [preset("rpn-mmdet")]) == (
        DataError,
        "old.json: no result of preset rpn-mmdet; it has atss-mmdet, fcos-mmdet",
        "choose with --preset, or save it again",
    )
    baseline.require_presets(earlier, SETTINGS[1:])
