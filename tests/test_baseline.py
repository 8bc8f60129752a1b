"""Baselines: what they must be, and what a rise over them breaks."""

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from atss_inspect.errors import DataError
from atss_inspect.settings import preset
from atss_inspect.statistics import baseline
from atss_inspect.statistics.bootstrap import Interval
from atss_inspect.statistics.limits import POORLY, Check, Limit
from atss_inspect.statistics.rises import Rise, Side, rises
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS
from atss_inspect.statistics.tally import Group
from atss_inspect.views.stats import SCHEMA_VERSION, StatsReport
from atss_inspect.writers.documents import encode_json
from tests.random_coco import random_dataset
from tests.test_limits import SETTINGS, error_of
from tests.test_rises import RETINANET, drawn


def saved(seed: int = 1) -> dict[str, Any]:
    """What ``stats --json`` writes of eight images."""
    dataset = random_dataset(seed)
    return saved_as(dataset, SETTINGS, summarize(dataset, SETTINGS))


def saved_as(dataset, settings, summaries) -> dict[str, Any]:
    report = StatsReport(dataset, tuple(settings), tuple(summaries))
    return json.loads(encode_json(report.document()))


def read(document: dict[str, Any]) -> baseline.Baseline:
    return baseline.baseline_of(document, "old.json", schema_version=SCHEMA_VERSION)


def test_counts_by_block_come_back_as_they_were():
    dataset, summary = drawn(1)
    earlier = read(saved_as(dataset, [RETINANET], [summary])).presets[RETINANET.name]
    side = Side.of(summary, dataset)
    np.testing.assert_array_equal(earlier.sizes, side.sizes)
    assert earlier.images == side.images
    assert earlier.num_images == summary.num_images
    blocks = saved()["results"][0]["blocks"]
    assert blocks["tiny"].pop("num_low_quality_only") is None  # of ATSS
    assert list(blocks["tiny"]) == [one for one in baseline.COUNTS if "low" not in one]


def test_a_rise_above_the_tolerance_breaks():
    new = summarize(random_dataset(4), SETTINGS)
    allowed = Fraction(5, 100)
    now = random_dataset(4), SETTINGS, new
    found = list(baseline.check_baseline(read(saved()), *now, allowed))
    for one in found:
        rise = one.rise.shares[1] - one.rise.shares[0]
        assert one.value == Fraction(one.counts.num_unassigned, one.counts.num_objects)
        assert one.rise.interval is None  # of eight images
        assert one.is_broken == (one.rise.is_told and rise > allowed)
        assert one.excess == (max(0, rise - allowed) if one.rise.is_told else 0)
    assert len(found) > 6
    assert {one.is_broken for one in found} == {True, False}


def test_the_more_rises_are_judged_the_wider_are_their_intervals():
    (before, old), (dataset, new) = drawn(1), drawn(2)
    presets = [RETINANET, replace(RETINANET, name="another")]
    earlier = read(saved_as(before, presets, [old, old]))
    now = dataset, presets, [new, new]
    found = list(baseline.check_baseline(earlier, *now, Fraction(0)))
    alone = rises(Side.of(old, before), Side.of(new, dataset))
    looks = 2 * sum(one.is_told for one in alone.values())
    assert looks == 12
    for one in found:
        rise = alone[one.limit.group]
        assert one.rise.interval == rise.interval.widened(rise.change, looks)
        assert one.is_broken == (one.rise.interval.low > 0)


@pytest.mark.parametrize(("margin", "is_broken"), [(1e-9, False), (-1e-9, True)])
def test_a_rise_breaks_only_where_its_lower_end_is_above_what_is_allowed(
    margin, is_broken
):
    limit = Limit("all", Fraction(1, 10) + Fraction(0.02 + margin), POORLY)
    rise = Rise(Group(100, 0, 10), Group(100, 0, 15), Interval(0.02, 0.09))
    check = Check("a", limit, rise.now, rise.shares[1], rise)
    assert check.is_broken is is_broken
    assert rise.change == 0.05
    assert not check._replace(rise=rise._replace(is_told=False)).is_broken


def test_data_that_have_lost_all_objects_break():
    nothing = random_dataset(1).slice_images(0, 0)
    now = nothing, SETTINGS, summarize(nothing, SETTINGS)
    found = baseline.check_baseline(read(saved()), *now, Fraction(1))
    assert [(one.limit.group, one.is_broken) for one in found] == [("all", True)] * 2


def test_changed_settings_are_named():
    now = (preset("atss-mmdet", k=15, short_side=600), SETTINGS[1])
    found = baseline.changed_settings(read(saved()), now)
    assert found == [
        ("atss-mmdet", "resize.short_side", 800, 600),
        ("atss-mmdet", "assigner.k", 9, 15),
    ]
    assert baseline.changed_settings(read(saved()), SETTINGS) == []


NO_STATS = "old.json: expected what `atss-inspect stats --json` writes"
DAMAGED = "old.json: is damaged: "
PARTLY = "old.json: holds selected sizes, limit only; expected all"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "old.json: schema_version is 2; expected 1"),
        ({"schema_version": "1"}, 'old.json: schema_version is "1"; expected 1'),
        ({"schema_version": True}, "old.json: schema_version is true; expected 1"),
        ({"pairs": []}, NO_STATS),
        ({"sweep": {}}, NO_STATS),
        ({"results": 3}, DAMAGED),
        (
            {"results": [{"preset": "a", "num_images": 1, "num_objects": 1}]},
            DAMAGED,
        ),
        ({"settings": None}, DAMAGED),
        ({"selection": {"classes": [], "sizes": ["tiny"], "limit": 3}}, PARTLY),
        (
            {"results": saved()["results"][:1] * 2},
            "old.json: results[1].preset: contradicts the rest of the file",
        ),
    ],
)
def test_a_baseline_of_another_kind_is_an_error(change, message):
    kind, found, hint = error_of(read, saved() | change)
    # What is damaged, and where, is told in the words of a library.
    assert (kind, found[: len(message)]) == (DataError, message)
    assert hint


@pytest.mark.parametrize("value", [-1, 1 << 41, 10**400, 0.5, True, "3", None])
def test_a_count_that_is_none_is_named_with_its_place(value):
    document = saved()
    document["results"][1]["blocks"]["tiny"]["num_objects"][0] = value
    kind, found, _ = error_of(read, document)
    assert (kind, found[: len(DAMAGED)]) == (DataError, DAMAGED)
    assert "results[1].blocks" in found


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_missing": [1, 2, 3]},
        {"num_objects": None},
        {
            "num_objects": [0] * 4,
            "num_unassigned": None,
            "num_low_quality_only": [1] * 4,
        },
    ],
)
def test_counts_that_contradict_each_other_are_an_error(wrong):
    document = saved()
    blocks = document["results"][0]["blocks"]
    assert len(blocks["tiny"]["num_objects"]) == 4
    assert sum(blocks["tiny"]["num_unassigned"]) > 0
    told = "old.json: results[0].blocks: contradicts the rest of the file"
    blocks["tiny"] |= wrong
    assert error_of(read, document)[1] == told
    del blocks["tiny"]
    assert error_of(read, document)[1] == told


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"num_objects": 1}, "num_objects"),
        ({"num_unassigned": 2}, "num_unassigned"),
        ({"num_poorly_assigned": 2}, "num_poorly_assigned"),
        ({"num_images": 0}, "num_images"),
        ({"num_low_quality_only": 0}, "num_low_quality_only"),
        *(({"missing_to_need": one}, "missing_to_need") for one in (0.1, 1e-320, None)),
    ],
)
def test_what_its_own_blocks_contradict_is_named(wrong, place):
    document = saved()
    document["results"][0] |= wrong
    told = f"old.json: results[0].{place}: contradicts the rest of the file"
    assert error_of(read, document)[1] == told


def test_no_block_misses_more_than_its_objects_need():
    document = saved()
    blocks = document["results"][0]["blocks"]
    assert blocks["tiny"]["num_objects"] == [0, 2, 0, 1]
    assert blocks["tiny"]["num_missing"] == [0, 0, 0, 4]
    blocks["tiny"]["num_missing"] = [1, 0, 0, 3]
    told = "old.json: results[0].missing_to_need: contradicts the rest of the file"
    assert error_of(read, document)[1] == told


def test_a_rule_without_a_bar_has_no_low_quality_matches():
    document = saved()
    for size in SIZE_BINS:
        blocks = document["results"][0]["blocks"][size]
        blocks["num_low_quality_only"] = [0] * len(blocks["num_objects"])
    document["results"][0]["num_low_quality_only"] = 0
    place = "results[0].num_low_quality_only"
    assert error_of(read, document)[1].startswith(f"old.json: {place}: ")
    document["settings"][0]["assigner"]["k"] = "of another version"
    assert read(document).presets


def test_an_empty_block_at_the_end_changes_nothing():
    document = saved()
    for size in SIZE_BINS:
        for counts in document["results"][0]["blocks"][size].values():
            if counts is not None:
                counts.append(0)
    one, other = (read(each).presets["atss-mmdet"] for each in (document, saved()))
    np.testing.assert_array_equal(one.sizes, other.sizes)


def test_a_baseline_needs_the_presets_and_objects():
    earlier = read(saved())
    assert error_of(baseline.require_presets, earlier, [preset("rpn-mmdet")]) == (
        DataError,
        "old.json: no result of preset rpn-mmdet; it has atss-mmdet, fcos-mmdet",
        "choose with --preset, or save it again",
    )
    baseline.require_presets(earlier, SETTINGS[1:])
    nothing = random_dataset(1).slice_images(0, 0)
    empty = read(saved_as(nothing, SETTINGS, summarize(nothing, SETTINGS)))
    told = error_of(baseline.require_presets, empty, SETTINGS)[1]
    assert told == "old.json: no objects under preset atss-mmdet"
