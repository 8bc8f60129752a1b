"""Rises from one data set to another: when they are rises, and when chance."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.bootstrap import (
    images_per_block,
    intervals_of_differences,
    intervals_of_shares,
)
from atss_inspect.statistics.rises import GROUPS, Rise, Side, image_digests, rises
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import SIZE_BINS, Summary, block_keys
from atss_inspect.statistics.tally import Group, Outcomes, SparseTally
from tests.drawn_summaries import summary_of
from tests.random_coco import Loaded, random_coco

RETINANET = preset("retinanet-mmdet")


def drawn(seed: int, num_images: int = 120) -> tuple[Any, Summary]:
    """Many images, enough for intervals, and what RetinaNet does to their objects."""
    dataset = load_coco(Loaded(random_coco(seed, num_images=num_images)))
    return dataset, summarize(dataset, RETINANET)[0]


def side_drawn(seed: int, num_images: int = 120) -> Side:
    dataset, summary = drawn(seed, num_images)
    return Side.of(summary, dataset)


def poorly(side: Side) -> tuple[Any, Any]:
    """Poorly assigned objects of every block, and all; by group."""
    return side.blocks[..., 2] + side.blocks[..., 3], side.blocks[..., 0]


def test_the_same_images_are_compared_pair_by_pair():
    # Every fourth block has one poorly assigned object more: a rise that is the same in
    # every draw but for how often these are drawn.
    dataset, summary = drawn(1)
    now = Side.of(summary, dataset)
    sizes = now.sizes.copy()
    sizes[::4, 0, 3] -= sizes[::4, 0, 3] > 0
    before = now._replace(sizes=sizes)
    moved = (now.sizes - sizes).sum()
    assert moved > 5
    found = rises(before, now)
    assert tuple(found) == GROUPS == ("all", *SIZE_BINS, "coco_small")
    sizes = map(summary.of_sizes, SIZE_BINS)
    groups = (summary.every_object, *sizes, summary.coco_small)
    assert [one.now[:3] for one in found.values()] == [one[:3] for one in groups]
    every = found["all"]
    assert every.change == pytest.approx(moved / summary.num_objects)
    assert every.interval.low <= every.change <= every.interval.high
    assert not every.is_none
    # Independent samples would be many times as far apart.
    alone = intervals_of_shares(*(each[:, :1] for each in poorly(now)), 120)[0]
    span = alone.high - alone.low
    assert every.interval.high - every.interval.low < span / 2
    small = [
        (each[:, :2, 2:4].sum(axis=(1, 2))[:, None], each[:, :2, :1].sum(axis=1))
        for each in (before.sizes, now.sizes)
    ]
    assert [found["coco_small"].interval] == intervals_of_differences(*small)


@pytest.mark.parametrize("num_images", [120, 60])
def test_other_images_are_independent_samples(num_images):
    # With as many blocks the draws would fit one another, but the images do not.
    before, now = (side_drawn(*each) for each in ((1, 120), (2, num_images)))
    assert (len(before.sizes) == len(now.sizes)) == (num_images == 120)
    now = now._replace(images=[one + 1 for one in now.images])
    found = rises(before, now)["all"].interval
    sides = [[each[:, :1] for each in poorly(side)] for side in (before, now)]
    old, new = (parts.sum() / wholes.sum() for parts, wholes in sides)
    [first], [second] = (
        intervals_of_shares(*side, number)
        for side, number in zip(sides, (120, num_images), strict=True)
    )
    low = new - old - ((new - second.low) ** 2 + (first.high - old) ** 2) ** 0.5
    high = new - old + ((second.high - new) ** 2 + (old - first.low) ** 2) ** 0.5
    assert found == pytest.approx((low, high))
    if num_images == 120:
        [paired] = intervals_of_differences(*sides)
        assert abs(found.low - paired.low) > 1e-4


def test_one_annotation_or_image_more_leaves_most_images_the_same():
    for number, is_same in ((0, True), (11, True), (12, False)):
        before = side_drawn(1)
        assert len(before.images) == len(before.sizes) == 24
        images = [one + (place < number) for place, one in enumerate(before.images)]
        now = before._replace(images=[*images, 3], sizes=before.sizes.copy())
        now.sizes[0, 0, [0, 3]] += 1
        found = rises(before, now)["all"]
        assert found.change > 0
        assert (found.interval.high < 0.03) == is_same
        assert rises(now, before)["all"].interval.low == -found.interval.high


def test_images_are_told_apart_by_their_ids_and_names():
    source = random_coco(1, num_images=45)
    digests = image_digests(load_coco(Loaded(source)))
    assert len(digests) == 23  # of two images each
    assert len(set(digests)) == 23
    source["images"][44]["file_name"] = "\ud800 another"
    other = image_digests(load_coco(Loaded(source)))
    assert sum(one != two for one, two in zip(digests, other, strict=True)) == 1


def test_chance_alone_hardly_ever_breaks_one_of_many_limits():
    # Halves of the same data under one rule: six groups, of which some have objects of
    # others. Nothing is allowed to rise.
    num_broken = np.zeros(2, dtype=int)
    for seed in range(200):
        rng = np.random.default_rng(seed)
        sizes = rng.integers(0, 4, (2, 100, 5))
        two = np.where(rng.random((2, 100, 5)) < 0.2, 0, 9)
        each = map(summary_of, two, sizes)
        sides = [Side(100, summary.block_sizes) for summary in each]
        found = [one for one in rises(*sides).values() if one.interval]
        lows = ([one.widened(n).interval.low for one in found] for n in (1, len(found)))
        num_broken += [max(low) > 0 for low in lows]
    assert num_broken[0] > 15
    assert num_broken[1] <= 6  # 5 are one in forty


def images_of_ten(share: float, num_images: int, seed: int) -> Any:
    """Draw images of about ten medium objects, so many of them poorly assigned."""
    rng = np.random.default_rng(seed)
    image = np.repeat(np.arange(num_images), rng.integers(8, 13, num_images))
    block = image // images_per_block(num_images)
    positives = (rng.random(len(image)) >= share).astype(np.int64)
    medium = np.full(len(image), 2)
    keys = block_keys(block, np.zeros_like(block), medium)
    counts = SparseTally.count(keys, Outcomes(positives))
    other = summary_of(positives[:, None])
    summary = replace(other, num_images=num_images, by_block=counts)
    return Side(num_images, summary.block_sizes)


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
        found = rises(before, images_of_ten(share, num_images, 2 * seed + 1))
        every = found["all"].interval
        assert (every.low > 0.005) == is_told
        assert every.low < share - 0.10 < every.high
        assert every == found["medium"].interval
        assert (found["tiny"].interval, found["tiny"].change) == (None, None)


def side_of(num_images: int, *counts: tuple[int, int]) -> Side:
    """The same objects of each size in every image, so many without a positive."""
    image = np.zeros((4, 5), dtype=np.int64)
    for size, (objects, unassigned) in enumerate(counts):
        image[size, [0, 2]] = objects, unassigned
    return Side(num_images, np.repeat(image[None], num_images, axis=0))


def test_a_small_part_is_not_judged_where_the_whole_is():
    # 29 and 30 objects, and 40 that are all in nine images.
    before = side_of(30, (10, 0))
    now = side_of(30, (10, 1))
    for side, poorly in ((before, 0), (now, 1)):
        side.sizes[:29, 1, 0] = side.sizes[:30, 2, 0] = 1
        side.sizes[:9, 3, 0] = 5
        side.sizes[:9, 1:, 2] = poorly
    found = rises(before, now)
    told = {name: (one.is_told, one.interval is None) for name, one in found.items()}
    assert told["all"] == told["tiny"] == told["medium"] == (True, False)
    assert told["small"] == (False, False)
    assert told["large"] == (False, True)
    assert found["large"].is_none
    # Of few images nothing has an interval; what has enough objects is told.
    few = rises(side_of(9, (10, 0), (3, 0)), side_of(9, (10, 1), (3, 1)))
    assert [one.is_told for one in few.values()][:3] == [True, True, False]
    assert all(one.is_none for one in few.values())


def test_a_few_after_none_may_be_chance():
    # 0 of 50 and 4 of 52 objects: Fisher's exact test gives 12 %.
    before, now = side_of(50, (0, 0), (1, 0)), side_of(52, (0, 0), (1, 0))
    now.sizes[::13, 1, 2] = 1
    found = rises(before, now)["small"]
    assert found.change == pytest.approx(4 / 52)
    assert found.is_none
    now.sizes[::3, 1, 2] = 1
    assert not rises(before, now)["small"].is_none


def test_a_side_without_objects_has_no_rise():
    assert Rise(Group(0, 0, 0), Group(9, 0, 1)).change is None
    found = rises(side_of(0), side_of(30, (1, 1)))
    assert found["all"].change is found["all"].interval is None
