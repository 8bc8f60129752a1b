"""Advice on data whose truth is known: noise, small effects, and who pays for them."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect.settings import preset
from atss_inspect.statistics.advice import (
    Gain,
    Measure,
    differences,
    effect_of,
    losers,
    measures_of,
    recommend,
)
from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.tally import Outcomes, SparseTally, Tally
from tests.drawn_summaries import SETTINGS, drawn, improved, summary_of


def gain(before: Summary, after: Summary) -> Gain | None:
    return effect_of(before, after).gain


# Positives with a value, its cost, and its distance from today's.
Tried = tuple[np.ndarray, float, float]


def recommended(before: np.ndarray, tried: list[Tried]) -> int | None:
    effects = [
        effect_of(summary_of(before), summary_of(after), cost=cost)
        for after, cost, _ in tried
    ]
    return recommend(effects, [(distance,) for *_, distance in tried])


@pytest.mark.parametrize("num_images", [50, 5000])
@pytest.mark.parametrize("seed", range(5))
def test_another_draw_of_the_same_is_no_gain(num_images: int, seed: int) -> None:
    before = summary_of(drawn(num_images, 0.1, seed=seed))
    after = summary_of(drawn(num_images, 0.1, seed=seed + 100))
    assert gain(before, after) is None


def test_three_points_on_5000_images_are_a_gain() -> None:
    before = drawn(5000, 0.1, seed=1)
    found = gain(summary_of(before), summary_of(improved(before, 3)))
    assert found is not None
    assert found.measure is Measure.POORLY_ASSIGNED
    assert found.difference.name == "all"
    assert found.difference.change == pytest.approx(-0.03)
    low, high = found.difference.interval or (0, 0)
    assert -0.035 < low < -0.03 < high < -0.025


def test_three_points_on_50_images_are_a_gain_where_the_same_objects_gain() -> None:
    before = drawn(50, 0.1, seed=2, num_each=20)
    assert gain(summary_of(before), summary_of(improved(before, 3))) is not None


def test_three_points_on_50_images_are_noise_where_other_objects_gain_and_lose() -> (
    None
):
    before, after = drawn(50, 0.13, seed=9), drawn(50, 0.10, seed=10)
    found = differences(summary_of(before), summary_of(after))[0]
    assert found.change < -0.03
    assert found.is_none
    assert gain(summary_of(before), summary_of(after)) is None


def test_below_twenty_images_nothing_is_a_gain() -> None:
    before = drawn(19, 0.5, seed=1)
    assert gain(summary_of(before), summary_of(np.full_like(before, 9))) is None


def test_a_gain_below_half_a_point_is_not_worth_a_change() -> None:
    before = drawn(5000, 0.1, seed=1)
    after = summary_of(improved(before, 0.4))
    assert not differences(summary_of(before), after)[0].is_none
    assert gain(summary_of(before), after) is None


def test_a_size_that_pays_for_others_forbids_it() -> None:
    sizes = np.tile([1] * 2 + [3] * 8, (500, 1))
    before = drawn(500, 0.2, seed=5)
    after = np.where(sizes == 3, 9, before)  # large ones gain all
    better = gain(summary_of(before, sizes), summary_of(after, sizes))
    assert better is not None
    after[:15, 0] = 0  # small ones lose more than a point
    assert gain(summary_of(before, sizes), summary_of(after, sizes)) is None


def test_two_points_of_one_size_are_enough_if_it_has_thirty_objects() -> None:
    before = np.full((500, 10), 9)
    sizes = np.full_like(before, 3)
    sizes[::5, 0] = 0  # 100 tiny ones
    before[::5, 0] = 0
    found = gain(summary_of(before, sizes), summary_of(np.full_like(before, 9), sizes))
    assert found is not None
    assert found.difference.name == "all" or found.difference.name == "tiny"
    few = np.full_like(before, 3)
    few[::20, 0] = 0  # 25 tiny ones, half a percent of all
    before = np.where(few == 0, 0, 9)
    before[::20, 0][::6] = 9
    assert (
        gain(summary_of(before, few), summary_of(np.full_like(before, 9), few)) is None
    )


def test_where_poorly_assigned_is_flat_what_is_missing_decides() -> None:
    before = np.full((100, 10), 2)
    found = gain(summary_of(before), summary_of(np.full_like(before, 4)))
    assert found is not None
    assert found.measure is Measure.MISSING_TO_NEED
    assert found.difference.change == pytest.approx(-0.5)


def with_bar(positives: np.ndarray, low: np.ndarray) -> Summary:
    """Summary under a rule with a bar; ``low`` objects have low-quality matches only.

    They come with ten of a size, an image each.
    """
    plain = summary_of(positives)
    found = Outcomes(positives.ravel(), low.ravel())
    size = np.full(positives.size, 3)
    keys = np.repeat(plain.by_block.keys, plain.by_block.tally.counts[:, 0])
    return replace(
        plain,
        by_size=Tally.count(size, found, len(SIZE_BINS)),
        by_block=SparseTally.count(keys, found),
    )


def test_low_quality_matches_that_go_do_not_speak_against_fewer_poorly_assigned() -> (
    None
):
    low = np.random.default_rng(1).random((200, 10)) < 0.4
    some = np.full((200, 10), 9)
    before = with_bar(some, low)
    # A quarter of the objects with low-quality matches only reaches the bar, and the
    # others have one match where they had nine.
    after = with_bar(np.where(low, 1, 9), low & (np.arange(10) % 4 > 0))
    found = gain(before, after)
    assert found is not None
    assert found.measure is Measure.POORLY_ASSIGNED
    assert losers(differences(before, after, Measure.MISSING_TO_NEED))
    # Without a bar what is missing is a loss.
    plain = summary_of(np.where(low, 0, 9)), summary_of(np.where(low, 1, 2))
    assert not losers(differences(*plain))
    assert gain(*plain) is None


def test_what_is_missing_decides_only_where_poorly_assigned_objects_do_not_rise() -> (
    None
):
    before = np.full((400, 10), 2)
    after = np.full((400, 10), 4)
    assert gain(summary_of(before), summary_of(after)) is not None
    after[::13, 0] = 0  # 0.8 points, by no means chance
    assert differences(summary_of(before), summary_of(after))[0].change < 0.01
    assert gain(summary_of(before), summary_of(after)) is None


def test_a_size_may_gain_where_all_objects_together_lose_a_little() -> None:
    sizes = np.tile([0] + [3] * 99, (200, 1))
    before = np.full((200, 100), 9)
    before[::5, 0] = 0  # 40 of 200 tiny ones
    after = np.full((200, 100), 9)
    after[:, 1:].flat[:99] = 0  # half a point of the large ones
    one, other = summary_of(before, sizes), summary_of(after, sizes)
    assert differences(one, other)[0].change > 0
    assert recommend([effect_of(one, other)], [(1.0,)]) == 0


def test_rules_are_judged_by_their_bars_only_where_both_have_one() -> None:
    barred, plain = preset("retinanet-mmdet", allow_low_quality=False), SETTINGS
    poorly = Measure.POORLY_ASSIGNED
    assert poorly in measures_of(barred, barred)
    assert poorly in measures_of(plain, plain)
    assert poorly not in measures_of(barred, plain)


def test_the_knee_is_recommended_and_not_the_largest_value() -> None:
    before = drawn(1000, 0.3, seed=6)
    options = [
        (improved(before, points), cost, 1.0)
        for points, cost in ((5, 1.2), (18, 1.5), (20, 3.0), (20.2, 6.0))
    ]
    assert recommended(before, options) == 1


def test_of_equals_the_nearest_to_today_is_taken() -> None:
    before = drawn(1000, 0.3, seed=6)
    after = improved(before, 10)
    assert recommended(before, [(after, 1.0, 6.0), (after, 1.0, 2.0)]) == 1


def test_the_best_of_many_values_is_hardly_ever_recommended_from_noise() -> None:
    num_advised = 0
    for seed in range(40):
        sizes = np.random.default_rng(seed).integers(0, 4, (60, 5))
        today, *others = (
            summary_of(drawn(60, 0.1, seed=100 * seed + n, num_each=5), sizes)
            for n in range(13)
        )
        effects = [effect_of(today, other, len(others)) for other in others]
        num_advised += recommend(effects, [(1.0,)] * len(effects)) is not None
    assert num_advised <= 3  # 7 if each were looked at alone


def test_a_true_gain_is_found_among_many_values() -> None:
    before = drawn(100, 0.2, seed=3, num_each=20)
    today, after = summary_of(before), summary_of(improved(before, 3))
    assert recommend([effect_of(today, after, 12)], [(1.0,)]) == 0


def test_twice_the_cost_asks_for_twice_the_gain() -> None:
    before = drawn(5000, 0.1, seed=1)
    for points, cost, expected in ((0.9, 1.0, 0), (0.9, 2.0, None), (1.1, 2.0, 0)):
        assert recommended(before, [(improved(before, points), cost, 1.0)]) == expected


def test_what_is_missing_alone_is_worth_ten_percent_at_most_and_a_part_of_itself() -> (
    None
):
    before = np.full((400, 10), 2)  # half of the need
    after = before.copy()
    after[:, :1] = 3  # 2.5 points less
    few = before.copy()
    few[::2, :1] = 3  # 1.25 points, a fortieth of what is missing
    for one, cost, expected in ((after, 1.0, 0), (after, 1.09, 0), (after, 1.11, None)):
        assert recommended(before, [(one, cost, 1.0)]) == expected
    assert recommended(before, [(few, 1.0, 1.0)]) is None


def test_where_all_is_fine_only_a_large_gain_for_nothing_is_worth_a_change() -> None:
    before = drawn(5000, 0.1, seed=1)

    def found(points: float, cost: float) -> Gain | None:
        pair = summary_of(before), summary_of(improved(before, points))
        effect = effect_of(*pair, cost=cost, is_fine=True)
        assert effect.gain_if_free is not None
        return effect.gain

    assert found(2.1, 1.0) is not None
    assert found(1.9, 1.0) is None
    assert found(9.0, 1.01) is None
