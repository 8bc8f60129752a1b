"""Limits: how they are written, and what breaks them."""

import re
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from atss_inspect.annotations.data_rules import OBJECT_REASONS
from atss_inspect.errors import AtssInspectError, SettingsError
from atss_inspect.readers.findings import FOLDER_LOSSES, LOSSES
from atss_inspect.settings import preset
from atss_inspect.statistics import limits, metrics
from atss_inspect.statistics.limits import (
    Check,
    LeftOut,
    Limit,
    check_limits,
    parse_key_limit,
    parse_limit,
    parse_points,
)
from atss_inspect.statistics.run import assign, summarize
from atss_inspect.statistics.summary import SIZE_BINS, size_bins
from atss_inspect.statistics.tally import Group
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
        ("class:car =3%", "class:car ", Fraction(3, 100)),
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
        assert one.counts[:3] == (len(chosen), chosen.sum(), number)
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
            assert check.limit[:5] == (
                "all",
                *(Fraction(repr(value)), key, is_least, True),
            )
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
    found = parse_key_limit(text)
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
        (
            *("gini", "a value is missing; expected KEY=VALUE or KEY:GROUP=VALUE"),
            "such as --max gini=...",
        ),
        (
            *("gini:tiny", "a value is missing; expected KEY=VALUE or KEY:GROUP=VALUE"),
            "such as --max gini:tiny=...",
        ),
    ],
)
def test_a_limit_by_key_that_may_mean_two_things_is_refused(text, message, hint):
    kind, found, hinted = error_of(parse_key_limit, text)
    assert (kind, hinted) == (SettingsError, hint)
    assert found.startswith(f"--max {text}: {message}")


def test_a_percentage_of_objects_is_exact():
    # 3 of 30 tiny objects are 10% of them, though not of all.
    dataset = random_dataset(4)
    [summary] = summarize(dataset, SETTINGS[0])
    tiny = summary.of_sizes("tiny")
    exactly = Fraction(tiny.num_unassigned, tiny.num_objects)
    assert 0 < exactly < 1
    for bound, is_broken in ((exactly, False), (exactly - Fraction(1, 10**9), True)):
        limit = Limit("tiny", bound, "num_unassigned", is_by_key=True, is_part=True)
        [one] = check_limits([limit], dataset, SETTINGS[:1], [summary])
        assert (one.value, one.is_broken) == (exactly, is_broken)


@pytest.mark.parametrize("text", ["0.5", "0.5%", " .5 % "])
def test_points_are_percentage_points_with_and_without_a_sign(text):
    assert parse_points(text, "") == Fraction(1, 200)


@pytest.mark.parametrize("text", ["101", "-1", "half", ""])
def test_points_that_are_none_are_refused(text):
    told = f'--max-worse: expected percentage points from 0 to 100, got "{text}"'
    hint = "such as 0.5, half a percentage point"
    assert error_of(parse_points, text, "--max-worse") == (SettingsError, told, hint)


def test_only_what_nobody_wanted_left_out_counts_as_lost():
    dataset = random_dataset(4)
    [summary] = summarize(dataset, SETTINGS[0])
    intended = dict.fromkeys(limits.INTENDED, 9)
    lost = {"unknown_image": 2, "outside_image": 3, "too_small": 0}
    summary = replace(summary, left_out_objects=intended | lost)
    allowed = Fraction(5, dataset.num_annotations)
    [one] = limits.left_out_by(dataset, SETTINGS[:1], [summary], allowed)
    assert list(one.reasons.items()) == [("outside_image", 3), ("unknown_image", 2)]
    assert (one.number, one.share, one.is_broken) == (5, allowed, False)
    assert one._replace(limit=allowed - Fraction(1, 10**9)).is_broken


def test_nothing_left_is_too_much_lost():
    assert LeftOut("a", 0, 0, {}, Fraction(1)).is_broken
    assert not LeftOut("a", 1, 1, {}, Fraction(0)).is_broken


def test_every_reason_is_decided_in_the_document(project_root):
    text = (project_root / "docs" / "json.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.endswith((" yes |", " no |"))]
    told = {re.findall(r"`(\w+)`", row)[0]: row.endswith(" no |") for row in rows}
    assert {name for name, is_intended in told.items() if is_intended} == {
        *limits.INTENDED
    }
    losses = {*LOSSES[1:], *FOLDER_LOSSES}
    assert set(told) == {*OBJECT_REASONS[1:], *losses, "not_selected"}
