"""Limits: how they are written, and what breaks them."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from atss_inspect.annotations.data_rules import INTENDED, OBJECT_REASONS
from atss_inspect.errors import AtssInspectError, SettingsError
from atss_inspect.readers.findings import FOLDER_LOSSES, LOSSES
from atss_inspect.settings import preset
from atss_inspect.statistics import limits, metrics
from atss_inspect.statistics.limits import (
    LIMIT_OPTION,
    Check,
    Limit,
    check_limits,
    parse_limit,
    parse_points,
)
from atss_inspect.statistics.run import assign, summarize
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.statistics.tally import Group
from tests.random_coco import random_dataset

SETTINGS = (preset("atss-mmdet"), preset("fcos-mmdet"))
SOME, NOTHING = Group(100, 0, 0), Group(0, 0, 0)


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
        ("class:car =3%", "class:car ", Fraction(3, 100)),
    ],
)
def test_limits_are_read_exactly(text, group, most):
    assert parse_limit(text, LIMIT_OPTION) == Limit(group, most)


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
        ("tiny", "a value is missing; expected tiny=VALUE", None),
        ("smal=2%", 'no group "smal"; did you mean small?', GROUPS),
        ("car=2%", 'no group "car"', GROUPS),
    ],
)
def test_a_malformed_limit_says_what_is_allowed(text, message, hint):
    told = f"--max-unassigned {text}: {message}"
    assert error_of(parse_limit, text, LIMIT_OPTION) == (SettingsError, told, hint)


def test_a_class_that_does_not_exist_is_an_error():
    asked = [parse_limit(text, LIMIT_OPTION) for text in ("class:cra=2%", "small=2%")]
    told = 'limits: no class "cra" in the annotations; did you mean car?'
    assert error_of(limits.require_classes, asked, ["bus", "car"])[1] == told
    limits.require_classes(asked, ["cra"])


def test_a_share_equal_to_the_limit_is_kept():
    # 7 of 100 against 7%: 0.07 * 100 is 7.000000000000001 in floating point.
    for number in range(1, 100):
        limit = limits.parse_share(f"{number}%", "")
        check = Check("a", Limit("all", limit), SOME, Fraction(number, 100))
        assert (check.is_broken, check.excess) == (False, 0)
    above = Check("a", parse_limit("7%", LIMIT_OPTION), SOME, Fraction(70_001, 10**6))
    assert (above.is_broken, above.excess) == (True, Fraction(1, 10**6))


@pytest.mark.parametrize(
    ("group", "is_least", "is_broken"),
    [("tiny", False, False), ("tiny", True, True), ("all", False, True)],
)
def test_no_objects_have_too_much_of_nothing_and_enough_of_nothing(
    group, is_least, is_broken
):
    limit = Limit(group, Fraction(1, 2), is_least=is_least)
    assert Check("a", limit, NOTHING, None).is_broken is is_broken


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
        assert one.counts[:3] == (len(chosen), chosen.sum(), number)
        assert one.is_broken == (10 * number > len(chosen))
    assert {one.is_broken for one in found} == {True, False}


def test_categories_of_one_name_count_together():
    # Of 37 and 63 objects under two ids; 2 without a positive, of the second.
    dataset = replace(random_dataset(4), category_names=("car", "bus", "car", "cat"))
    rows = [[37, 90, 0], [5, 0, 5], [63, 80, 2], [0, 0, 0]]
    counts = np.pad(np.array(rows), ((0, 0), (0, 3)))
    (summary,) = summarize(random_dataset(4), SETTINGS[:1])
    by_class = replace(summary.by_class, counts=counts)
    asked = [parse_limit("num_unassigned:class:car=0", limits.MOST_OPTION)]
    own = dataset, SETTINGS[:1], [replace(summary, by_class=by_class)]
    [check] = check_limits(asked, *own)
    assert (check.counts.num_objects, check.value, check.is_broken) == (100, 2, True)


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
    option = limits.LEAST_OPTION if is_least else limits.MOST_OPTION
    for place, settings in enumerate(SETTINGS):
        own = (settings,), summaries[place : place + 1]
        for key in ("gini", "mean_positives", "large_to_small", "p95_positives"):
            value = metrics.record_of(own[1][0], settings)[key]
            limit = parse_limit(f"{key}={value!r}", option)
            [check] = check_limits([limit], dataset, *own)
            assert check.limit == ("all", Fraction(repr(value)), key, is_least, False)
            if key != "mean_positives":  # whole numbers over one another: exact
                assert not check.excess


BOTH = "5% of the objects, or 0.05 objects?"


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("num_poorly_assigned=5%", ("all", Fraction(1, 20), True)),
        ("num_poorly_assigned:tiny = 20 %", ("tiny", Fraction(1, 5), True)),
        ("num_unassigned:class:red car =7", ("class:red car ", Fraction(7), False)),
        ("num_unassigned: class:a:b=c =0", ("class:a:b=c ", Fraction(0), False)),
    ],
)
def test_a_number_of_objects_may_be_a_percentage_of_them(text, limit):
    found = parse_limit(text, limits.MOST_OPTION)
    assert (found.group, found.bound, found.is_part) == limit


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("num_unassigned=0.05", BOTH, "write 5%, or a whole number"),
        (
            *("num_unassigned=1.5", "num_unassigned counts; expected a whole number, "),
            None,
        ),
        ("num_positives=0.5", "num_positives counts; expected a whole number, ", None),
        (
            *("num_positives=5%", "num_positives is no share, and counts no objects"),
            "expected a number without %",
        ),
        ("gini", "a value is missing; expected gini=VALUE", None),
        ("gini:tiny", "a value is missing; expected gini:tiny=VALUE", None),
    ],
)
def test_a_limit_by_key_that_may_mean_two_things_is_refused(text, message, hint):
    kind, found, hinted = error_of(parse_limit, text, limits.MOST_OPTION)
    assert (kind, hinted) == (SettingsError, hint)
    assert found.startswith(f"--max {text}: {message}")


def test_points_are_percentage_points_with_and_without_a_sign():
    for text in ("0.5", "0.5%", " .5 % "):
        assert parse_points(text, "") == Fraction(1, 200)
    hint = "such as 0.5, half a percentage point"
    for text in ("101", "-1", "half", ""):
        told = f'--max-worse: expected percentage points from 0 to 100, got "{text}"'
        found = error_of(parse_points, text, "--max-worse")
        assert found == (SettingsError, told, hint)


def test_only_what_nobody_wanted_left_out_counts_as_lost():
    dataset = random_dataset(4)
    [summary] = summarize(dataset, SETTINGS[0])
    intended = dict.fromkeys(INTENDED, 9)
    lost = {"unknown_image": 2, "outside_image": 3, "too_small": 0}
    summary = replace(summary, left_out_objects=intended | lost)
    allowed = Fraction(5, dataset.num_annotations)
    [one] = limits.left_out_by(dataset, SETTINGS[:1], [summary], allowed)
    assert list(one.reasons.items()) == [("outside_image", 3), ("unknown_image", 2)]
    assert (one.number, one.share, one.is_broken) == (5, allowed, False)
    assert one._replace(limit=allowed - Fraction(1, 10**9)).is_broken
    assert one._replace(num_objects=0).is_broken


def test_every_reason_is_decided_in_the_document(project_root):
    text = (project_root / "docs" / "json.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.endswith((" yes |", " no |"))]
    told = {re.findall(r"`(\w+)`", row)[0]: row.endswith(" no |") for row in rows}
    assert {name for name, is_intended in told.items() if is_intended} == {*INTENDED}
    losses = {*LOSSES[1:], *FOLDER_LOSSES}
    assert set(told) == {*OBJECT_REASONS[1:], *losses, "not_selected"}
