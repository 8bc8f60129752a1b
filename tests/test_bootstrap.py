"""Intervals of shares: known truths, blocks of neighbors, and what is too little."""

from random import Random

import numpy as np
import pytest

from atss_inspect.statistics import bootstrap
from atss_inspect.statistics.bootstrap import (
    FEWEST_BLOCKS,
    Interval,
    images_per_block,
    intervals_of_differences,
    intervals_of_shares,
)


@pytest.mark.parametrize(
    ("num_images", "expected"),
    [(0, 1), (1, 1), (20, 1), (50, 2), (445, 8), (5000, 25), (1_200_000, 6000)],
)
def test_neighbors_are_drawn_together(num_images: int, expected: int) -> None:
    assert images_per_block(num_images) == expected


def test_there_are_at_least_twenty_and_at_most_two_hundred_blocks() -> None:
    for num_images in range(20, 5000, 7):
        num_blocks = -(-num_images // images_per_block(num_images))
        assert 20 <= num_blocks <= 200, num_images


def test_each_draw_has_as_many_blocks_as_there_are() -> None:
    draws = bootstrap._draws(37)
    assert draws.shape == (4000, 37)
    assert bootstrap._draws(50).shape == (4000, 50)
    assert bootstrap._draws(51).shape == (1000, 51)
    assert (draws.sum(axis=1) == 37).all()
    assert draws.mean() == 1
    assert 0.9 < draws.var() < 1.05  # of binomial counts, 36/37


def test_draws_are_the_same_everywhere() -> None:
    # By hand from what Python's generator gives with this seed.
    text = Random(2017).randbytes(40)
    drawn = [int.from_bytes(text[n : n + 8], "little") % 5 for n in range(0, 40, 8)]
    assert bootstrap._draws(5)[0].tolist() == [drawn.count(n) for n in range(5)]


def test_an_interval_of_one_of_many_numbers_is_wider_on_both_sides() -> None:
    # Quantiles of the normal distribution: 1.9600 of one number, 2.6383 of six.
    low, high = Interval(0.1, 0.5).widened(0.2, 6)
    assert (0.2 - low, high - 0.2) == pytest.approx((0.13461, 0.40382), abs=1e-5)
    for looks in (0, 1):
        assert Interval(0.1, 0.5).widened(0.2, looks) == pytest.approx((0.1, 0.5))


@pytest.mark.parametrize("num_blocks", [20, 25, 100])
def test_an_interval_holds_the_truth_nineteen_times_in_twenty(num_blocks: int) -> None:
    # Some images are harder than others; as drawn, 92 % of 20 blocks would hold it.
    generator = np.random.default_rng(2)
    part = generator.binomial(20, generator.beta(2, 8, (num_blocks, 4000)))
    found = intervals_of_shares(part, np.full(part.shape, 20), num_blocks)
    hits = sum(one is not None and one.low <= 0.2 <= one.high for one in found)
    assert 0.94 <= hits / 4000 <= 0.96


@pytest.mark.parametrize(
    ("num_blocks", "t"), [(10, 2.262157), (20, 2.093024), (200, 1.971957)]
)
def test_few_blocks_are_as_unsure_as_students_t(num_blocks: int, t: float) -> None:
    expected = t / 1.959964 * (num_blocks / (num_blocks - 1)) ** 0.5
    (found,) = bootstrap.widening(np.array([num_blocks]))
    assert found == pytest.approx(expected, abs=2e-4)


def test_few_are_not_surer_than_none_nor_most_than_all() -> None:
    # 1 - 0.025^(1/50) of 50 images; of 5 objects in all, 1 - 0.025^(1/10).
    part, whole = np.zeros((25, 6), dtype=int), np.full((25, 6), 40)
    part[0, 1] = 1
    part[:, 2:4] = 40
    part[0, 3] = 39
    whole[:, 4] = np.arange(25) < 10
    none, few, every, most, small, half = intervals_of_shares(part, whole, 50)
    assert none is not None
    assert none == (0, pytest.approx(0.0711, abs=1e-4))
    assert few is not None
    assert few.low == 0
    assert few.high == none.high
    assert every == (1 - none.high, 1)
    assert most == every
    assert small == (0, pytest.approx(1 - 0.025 ** (1 / 10)))
    assert half == none
    assert intervals_of_shares(part, whole, 19) == [None] * 6


def test_a_group_in_few_blocks_has_no_interval() -> None:
    whole = np.zeros((50, 2), dtype=int)
    whole[: FEWEST_BLOCKS - 1, 0] = whole[:FEWEST_BLOCKS, 1] = 10
    few, enough = intervals_of_shares(whole // 2, whole, 50)
    assert few is None
    assert enough == Interval(0.5, 0.5)


def test_draws_without_the_group_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "FEWEST_BLOCKS", 1)
    whole = np.eye(40, 1, dtype=int)  # a third of all draws miss the one block
    assert np.isnan(bootstrap._shares_drawn(whole, whole)).any()
    (only,) = intervals_of_shares(whole, whole, 40)
    assert only == (pytest.approx(0.025), 1)


def test_what_makes_an_image_hard_for_both_cancels_out() -> None:
    generator = np.random.default_rng(3)
    whole = np.full((100, 1), 20)
    before = generator.integers(0, 20, (100, 1))
    after = np.maximum(before - 1, 0)
    (paired,) = intervals_of_differences((before, whole), (after, whole))
    (alone,) = intervals_of_shares(before, whole, 100)
    assert paired is not None
    assert alone is not None
    assert paired.high < 0
    assert paired.high - paired.low < (alone.high - alone.low) / 5
