"""Limits: how they are written, what breaks them, and what a baseline must be."""

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from atss_inspect.errors import AtssInspectError, DataError, SettingsError
from atss_inspect.settings import preset
from atss_inspect.statistics import limits, metrics
from atss_inspect.statistics.limits import Check, Limit, check_limits, parse_limit
from atss_inspect.statistics.run import assign, summarize
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.statistics.tally import Group
from atss_inspect.views.stats import SCHEMA_VERSION, StatsReport
from atss_inspect.writers.documents import encode_json
from tests.random_coco import random_dataset

SETTINGS = (preset("atss-mmdet"), preset("fcos-mmdet"))
NOTHING = Group(0, 0, 0)


def error_of(call, *arguments, **keywords) -> tuple[type, str, str | None]:
    with pytest.raises(AtssInspectError) as caught:
        call(*arguments, **keywords)
    return type(caught.value), str(caught.value), caught.value.hint


@pytest.mark.parametrize(
    ("text", "group", "most"),
    [
        ("2%", "all", Fraction(1, 50)),
        ("0.02", "all", Fraction(1, 50)),
        (" .5 %", "all", Fraction(1, 200)),
        ("0", "all", Fraction(0)),
        ("100%", "all", Fraction(1)),
        ("all=0.3%", "all", Fraction(3, 1000)),
        ("small=5%", "small", Fraction(1, 20)),
        ("coco_small = 5%", "coco_small", Fraction(1, 20)),
        ("class:car=3%", "class:car", Fraction(3, 100)),
        ("class:a=b=3%", "class:a=b", Fraction(3, 100)),
        ("class:car, small=3%", "class:car, small", Fraction(3, 100)),
    ],
)
def test_limits_are_read_exactly(text, group, most):
    assert parse_limit(text) == Limit(group, most)


SHARE = "expected a percentage from 0% to 100%, or a fraction below 1"
GROUPS = "groups are tiny, small, medium, large, coco_small and class:NAME"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("2", f'{SHARE}, got "2"', "did you mean 2%"),
        ("1", f'{SHARE}, got "1"', "did you mean 1%"),
        ("150%", f'{SHARE}, got "150%"', None),
        ("-1%", f'{SHARE}, got "-1%"', None),
        ("nan", f'{SHARE}, got "nan"', None),
        ("tiny=", f'{SHARE}, got ""', None),
        ("tiny", f'{SHARE}, got "tiny"', None),
        ("smal=2%", 'no group "smal"; did you mean small?', GROUPS),
        ("car=2%", 'no group "car"', GROUPS),
    ],
)
def test_a_malformed_limit_says_what_is_allowed(text, message, hint):
    told = f"--max-unassigned {text}: {message}"
    assert error_of(parse_limit, text) == (SettingsError, told, hint)


def test_a_class_that_does_not_exist_is_an_error():
    asked = [parse_limit("class:cra=2%"), parse_limit("small=2%")]
    told = '--max-unassigned: no class "cra" in the annotations; did you mean car?'
    assert error_of(limits.require_classes, asked, ["bus", "car"])[1] == told
    limits.require_classes(asked, ["cra"])


def test_a_share_equal_to_the_limit_is_kept():
    # 7 of 100 against 7%: 0.07 * 100 is 7.000000000000001 in floating point.
    for number in range(1, 100):
        limit = limits.parse_share(f"{number}%", "")
        check = Check("a", Limit("all", limit), Group(100, 0, number))
        assert (check.is_broken, check.excess) == (False, 0)
    above = Check("a", parse_limit("7%"), Group(10**6, 0, 70_001))
    assert (above.is_broken, above.excess) == (True, Fraction(1, 10**6))


def test_a_group_without_objects_is_fine_but_a_data_set_without_is_not():
    tiny = Check("a", Limit("tiny", Fraction(0)), NOTHING)
    assert (tiny.is_broken, tiny.value) == (False, None)
    assert Check("a", Limit("all", Fraction(1)), NOTHING).is_broken


def test_every_limit_is_held_against_every_preset():
    dataset = random_dataset(4)
    groups = ("all", *limits.SIZES, "class:class 2")
    asked = [Limit(group, Fraction(1, 10)) for group in groups]
    summaries = summarize(dataset, SETTINGS)
    found = list(check_limits(asked, dataset, SETTINGS, summaries))
    assert [(one.preset, one.limit.group) for one in found] == [
        (convention.name, group) for group in groups for convention in SETTINGS
    ]
    for one in found:
        convention = next(each for each in SETTINGS if each.name == one.preset)
        frame, assignment = assign(dataset, convention)
        positives = np.bincount(assignment.gt, minlength=frame.num_gt)
        chosen = positives[members(dataset, frame.object_rows, one.limit.group)]
        number = int((chosen == 0).sum())
        assert one.counts == (len(chosen), chosen.sum(), number)
        assert one.is_broken == (10 * number > len(chosen))
    assert {one.is_broken for one in found} == {True, False}


def members(dataset, rows, group) -> np.ndarray:
    if group == "all":
        return np.ones(len(rows), dtype=bool)
    if group.startswith("class:"):
        names = np.array(dataset.category_names)[dataset.category_index[rows]]
        return names == group.removeprefix("class:")
    bins = np.array(SIZE_BINS)[size_bins(dataset.areas[rows])]
    return np.isin(bins, ["tiny", "small"] if group == "coco_small" else [group])


@pytest.mark.parametrize("is_least", [False, True])
def test_a_value_keeps_the_limit_that_is_written_with_its_own_digits(is_least):
    # As binary floats, 0.6 of a limit and 0.6 of a Gini need not be the same fraction.
    dataset = random_dataset(4)
    summaries = summarize(dataset, SETTINGS)
    for place, settings in enumerate(SETTINGS):
        own = (settings,), summaries[place : place + 1]
        for key in ("gini", "mean_positives", "large_to_small", "p95_positives"):
            value = metrics.record_of(own[1][0], settings)[key]
            limit = limits.parse_key_limit(f"{key}={value!r}", is_least=is_least)
            [check] = check_limits([limit], dataset, *own)
            assert check.limit == ("all", Fraction(repr(value)), key, is_least, True)
            if key != "mean_positives":  # whole numbers over one another: exact
                assert not check.excess


def saved(seed: int, settings=SETTINGS) -> dict[str, Any]:
    """What ``stats --json`` writes."""
    dataset = random_dataset(seed)
    report = StatsReport(dataset, tuple(settings), summarize(dataset, settings))
    return json.loads(encode_json(report.document()))


def read(document: dict[str, Any]):
    return limits.baseline_of(document, "old.json", schema_version=SCHEMA_VERSION)


def test_a_rise_above_the_tolerance_breaks():
    old, new = (summarize(random_dataset(seed), SETTINGS) for seed in (1, 4))
    tolerance = Fraction(5, 100)
    found = list(limits.check_baseline(read(saved(1)), SETTINGS, new, tolerance))
    num_broken = 0
    for one in found:
        place = [each.name for each in SETTINGS].index(one.preset)
        before = old[place].every_object
        if one.limit.group == "coco_small":
            before = old[place].coco_small
        elif one.limit.group != "all":
            before = old[place].of_sizes(one.limit.group)
        assert one.before == Fraction(before.num_unassigned, before.num_objects)
        rise = one.counts.unassigned_share - before.unassigned_share
        assert one.is_broken == (rise > 0.05)
        assert float(one.excess) == pytest.approx(max(0, rise - 0.05))
        num_broken += one.is_broken
    assert 0 < num_broken < len(found)
    assert len(found) > 6


def test_the_same_data_break_nothing_even_without_tolerance():
    summaries = summarize(random_dataset(1), SETTINGS)
    found = list(
        limits.check_baseline(read(saved(1)), SETTINGS, summaries, Fraction(0))
    )
    assert found
    assert not any(one.is_broken for one in found)
    # A rise equal to the tolerance is kept.
    limit = Limit("all", Fraction(3, 100) + Fraction(1, 100))
    assert not Check("a", limit, Group(100, 0, 4)).is_broken


def test_data_that_have_lost_all_objects_break():
    summaries = summarize(random_dataset(1).slice_images(0, 0), SETTINGS)
    found = limits.check_baseline(read(saved(1)), SETTINGS, summaries, Fraction(1))
    assert [(one.limit.group, one.is_broken) for one in found] == [("all", True)] * 2


def test_changed_settings_are_named():
    now = (preset("atss-mmdet", k=15, short_side=600), SETTINGS[1])
    found = limits.differences(read(saved(1)), now)
    assert [(*one[:3], one.now) for one in found] == [
        ("atss-mmdet", "resize.short_side", 800, 600),
        ("atss-mmdet", "assigner.k", 9, 15),
    ]
    assert limits.differences(read(saved(1)), SETTINGS) == []


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
    baseline = read(saved(1))
    assert error_of(limits.require_presets, baseline, [preset("rpn-mmdet")]) == (
        DataError,
        "old.json: no result of preset rpn-mmdet; it has atss-mmdet, fcos-mmdet",
        "choose with --preset, or save it again",
    )
    limits.require_presets(baseline, SETTINGS[1:])
