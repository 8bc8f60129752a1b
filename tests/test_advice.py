"""Advice on data whose truth is known: noise, small effects, and who pays for them."""

from typing import Any

import numpy as np
import pytest

from atss_inspect.settings import preset
from atss_inspect.statistics.advice import (
    Effect,
    Gain,
    Measure,
    differences,
    effect_of,
    losers,
    measures_of,
    recommend,
)
from tests.drawn_summaries import SETTINGS, drawn, improved, summary_of

TENTH = drawn(5000, 0.1, seed=1)
THIRD = drawn(1000, 0.3, seed=6)


def effect(
    before: np.ndarray, after: np.ndarray, sizes: Any = None, **more: Any
) -> Effect:
    return effect_of(summary_of(before, sizes), summary_of(after, sizes), **more)


def gain(
    before: np.ndarray, after: np.ndarray, sizes: Any = None, **more: Any
) -> Gain | None:
    return effect(before, after, sizes, **more).gain


@pytest.mark.parametrize("num_images", [50, 5000])
@pytest.mark.parametrize("seed", range(5))
def test_another_draw_of_the_same_is_no_gain(num_images: int, seed: int) -> None:
    before, after = (drawn(num_images, 0.1, seed=n) for n in (seed, seed + 100))
    assert gain(before, after) is None


def test_three_points_on_5000_images_are_a_gain() -> None:
    measure, found = gain(TENTH, improved(TENTH, 3)) or pytest.fail("no gain")
    assert (measure, found.name) == (Measure.POORLY_ASSIGNED, "all")
    assert found.change == pytest.approx(-0.03)
    low, high = found.interval or (0, 0)
    assert -0.035 < low < -0.03 < high < -0.025


def test_three_points_on_50_images_are_noise_where_other_objects_gain_and_lose() -> (
    None
):
    found = effect(drawn(50, 0.13, seed=9), drawn(50, 0.10, seed=10))
    assert found.poorly[0].change < -0.03
    assert found.poorly[0].is_none
    assert found.gain is None


def test_two_points_of_one_size_are_enough_if_it_has_thirty_objects() -> None:
    every = np.full((500, 10), 9)
    before, sizes = every.copy(), np.full_like(every, 3)
    sizes[::5, 0] = before[::10, 0] = 0  # 50 of 100 tiny ones, 1 % of all
    assert gain(before, every, sizes)
    before[::20, 0] = 9  # 25 of 100, half a point of all
    found = gain(before, every, np.where(np.arange(10) == 0, sizes, 3), cost=1.5)
    assert found is not None
    assert found.difference.name == "tiny"
    few = np.full_like(every, 3)
    few[::20, 0] = 0  # 25 tiny ones
    assert gain(np.where(few == 0, 0, 9), every, few, cost=1.5) is None


def test_low_quality_matches_that_go_do_not_speak_against_fewer_poorly_assigned() -> (
    None
):
    low = np.random.default_rng(1).random((200, 10)) < 0.4
    some, sizes = np.full((200, 10), 9), np.tile([1] + [3] * 9, (200, 1))
    before = summary_of(some, sizes, low)
    # A quarter of the objects with low-quality matches only reaches the bar, and the
    # others have one match where they had nine.
    after = summary_of(np.where(low, 1, 9), sizes, low & (np.arange(10) % 4 > 0))
    found = effect_of(before, after).gain
    assert found is not None
    assert found.measure is Measure.POORLY_ASSIGNED
    assert losers(differences(before, after, Measure.MISSING_TO_NEED))
    # Small objects must not pay with their matches.
    assert effect_of(before, summary_of(some, sizes, sizes == 1)).gain is None
    # Without a bar what is missing is a loss.
    plain = effect(np.where(low, 0, 9), np.where(low, 1, 2))
    assert not losers(plain.poorly)
    assert plain.gain is None


def test_what_is_missing_decides_only_where_poorly_assigned_objects_do_not_rise() -> (
    None
):
    before, after = np.full((400, 10), 2), np.full((400, 10), 4)
    measure, every = gain(before, after) or pytest.fail("no gain")
    assert (measure, every.change) == (Measure.MISSING_TO_NEED, -0.5)
    after[::13, 0] = 0  # 0.8 points, by no means chance
    found = effect(before, after)
    assert found.poorly[0].change < 0.01
    assert found.gain is None


def test_a_size_may_gain_where_all_objects_together_lose_a_little() -> None:
    sizes = np.tile([0] + [3] * 99, (200, 1))
    before, after = np.full((200, 100), 9), np.full((200, 100), 9)
    before[::5, 0] = 0  # 40 of 200 tiny ones
    after[:, 1:].flat[:99] = 0  # half a point of the large ones
    found = effect(before, after, sizes)
    assert found.poorly[0].change > 0
    assert recommend([found], [(1.0,)]) == 0


def test_rules_are_judged_by_their_bars_only_where_these_are_the_same() -> None:
    barred, plain = preset("retinanet-mmdet", allow_low_quality=False), SETTINGS
    poorly = Measure.POORLY_ASSIGNED
    assert poorly in measures_of(barred, barred)
    assert poorly in measures_of(plain, preset("fcos-mmdet"))
    assert poorly not in measures_of(barred, plain)
    assert poorly not in measures_of(barred, preset("rpn-mmdet"))  # 0.5 and 0.7


def test_the_knee_is_recommended_and_not_the_largest_value() -> None:
    tried = ((5, 1.2), (18, 1.5), (20, 3.0), (20.2, 6.0))
    effects = [effect(THIRD, improved(THIRD, n), cost=cost) for n, cost in tried]
    assert recommend([None, *effects], [(1.0,)] * 5) == 2


def test_of_equals_the_nearest_to_today_is_taken() -> None:
    found = effect(THIRD, improved(THIRD, 10))
    assert recommend([found, found], [(6.0,), (2.0,)]) == 1


def test_the_best_of_many_values_is_hardly_ever_recommended_from_noise() -> None:
    num_advised = 0
    for seed in range(14):
        sizes = np.random.default_rng(seed).integers(0, 4, (60, 5))
        seeds = range(100 * seed, 100 * seed + 13)
        today, *others = (drawn(60, 0.1, seed=n, num_each=5) for n in seeds)
        effects = [effect(today, other, sizes, looks=12) for other in others]
        num_advised += recommend(effects, [(1.0,)] * 12) is not None
    assert num_advised <= 1  # 4 if each were looked at alone


@pytest.mark.parametrize(
    ("points", "cost", "is_fine", "is_worth"),
    [
        (0.9, 1.0, False, True),
        (0.9, 2.0, False, False),  # twice the cost asks for twice the gain
        (1.1, 2.0, False, True),
        (2.1, 1.0, True, True),  # where all is fine, only for nothing, and much
        (1.9, 1.0, True, False),
        (9.0, 1.01, True, False),
    ],
)
def test_a_gain_has_to_be_worth_its_price(
    points: float, cost: float, is_fine: bool, is_worth: bool
) -> None:
    found = effect(TENTH, improved(TENTH, points), cost=cost, is_fine=is_fine)
    assert (found.gain is not None) == is_worth
    assert found.gain_if_free is not None


def test_what_is_missing_alone_is_worth_ten_percent_at_most_and_a_part_of_itself() -> (
    None
):
    before = np.full((400, 10), 2)  # half of the need
    after, few = before.copy(), before.copy()
    after[:, :1] = 3  # 2.5 points less
    few[::2, :1] = 3  # 1.25 points, a fortieth of what is missing
    assert gain(before, after, cost=1.09)
    assert gain(before, after, cost=1.11) is None
    assert gain(before, few) is None
