"""Conventions on the same objects: every number from its plain definition."""

import itertools
from collections import Counter
from dataclasses import asdict
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.readers import load_coco
from atss_inspect.settings import Settings, preset
from atss_inspect.statistics import comparison
from atss_inspect.statistics.comparison import Joint, compare, have_same_anchors
from atss_inspect.statistics.counting import Counting
from atss_inspect.statistics.run import assign
from atss_inspect.statistics.summary import SIZE_BINS, Selection, size_bins
from tests.agreement import sorted_rows
from tests.random_coco import parts_in_any_order, random_coco, random_dataset

# Other data rules, other anchors, the same anchors with another k, and points.
SETTINGS = (
    preset("atss-mmdet"),
    preset("atss-mmdet", k=15, min_box_side=8),
    preset("retinanet-torchvision"),
    preset("fcos-mmdet"),
)
# Each leaves objects without a positive that have one under another.
FLIPPING = (
    preset("atss-mmdet"),
    preset("retinanet-mmdet", allow_low_quality=False),
    preset("fcos-mmdet"),
)
PAIRS = list(itertools.combinations(range(len(SETTINGS)), 2))


def many_images(seed: int) -> Dataset:
    """A data set with objects of every size."""
    return load_coco(random_coco(seed, num_images=30))


def assert_equal(one: comparison.Comparison, other: comparison.Comparison) -> None:
    np.testing.assert_equal(asdict(one), asdict(other))


def anchors_of(dataset, convention: Settings) -> dict[int, set[tuple[int, int]]]:
    """The positives of each object that a convention keeps, by row of the data set."""
    frame, assignment = assign(dataset, convention)
    rows = frame.object_rows.tolist()
    owned: dict[int, set[tuple[int, int]]] = {row: set() for row in rows}
    for gt, *place in sorted_rows(assignment).tolist():
        owned[rows[gt]].add(tuple(place))
    return owned


def plain_spearman(x: list[int], y: list[int]) -> float | None:
    """Pearson's correlation of average ranks, each rank by counting."""

    def ranks(values):
        return [
            sum(v < value for v in values) + (sum(v == value for v in values) + 1) / 2
            for value in values
        ]

    if len(set(x)) < 2 or len(set(y)) < 2:
        return None
    return float(np.corrcoef(ranks(x), ranks(y))[0, 1])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "selection",
    [Selection(), Selection(classes=("class 1",), sizes=("tiny", "medium"))],
    ids=["all", "some"],
)
def test_every_number_equals_its_plain_definition(seed, selection):
    dataset = many_images(seed)
    found = compare(dataset, SETTINGS, selection=selection)
    owned = [anchors_of(dataset, each) for each in SETTINGS]
    chosen = selection.mask(dataset, np.arange(dataset.num_objects))
    shared = [
        row
        for row in range(dataset.num_objects)
        if chosen[row] and all(row in each for each in owned)
    ]
    assert len(shared) > 5
    sizes = [SIZE_BINS[b] for b in size_bins(dataset.areas[shared])]
    for place, summary in enumerate(found.summaries):
        counts = [len(owned[place][row]) for row in shared]
        assert summary.num_objects == len(shared)
        assert summary.num_positives == sum(counts)
        assert summary.num_unassigned == counts.count(0)
        for size in SIZE_BINS:
            of_size = [n for n, s in zip(counts, sizes, strict=True) if s == size]
            expected = len(of_size), sum(of_size), of_size.count(0)
            assert summary.of_sizes(size)[:3] == expected
    for (a, b), pair in zip(PAIRS, found.pairs, strict=True):
        check_pair(pair, SETTINGS[a], SETTINGS[b], owned[a], owned[b], shared, sizes)


def check_pair(pair, one, other, owned, others, shared, sizes) -> None:
    for group in (SIZE_BINS, *((size,) for size in SIZE_BINS)):
        rows = [r for r, size in zip(shared, sizes, strict=True) if size in group]
        x, y = [len(owned[row]) for row in rows], [len(others[row]) for row in rows]
        joint = pair.joint.of_sizes(*group)
        cells = zip(joint.first.tolist(), joint.second.tolist(), strict=True)
        cells = Counter(dict(zip(cells, joint.counts.tolist(), strict=True)))
        if len(group) == 1:
            assert cells == Counter(zip(x, y, strict=True))
        kinds = Counter((a > 0, b > 0) for a, b in zip(x, y, strict=True))
        order = itertools.product((True, False), repeat=2)
        assert joint.outcomes == (len(rows), *(kinds[kind] for kind in order))
        assert joint.spearman == pytest.approx(plain_spearman(x, y))
        if have_same_anchors(one, other):
            both = sum(len(owned[row] & others[row]) for row in rows)
            either = sum(len(owned[row] | others[row]) for row in rows)
            assert pair.common_share(*group) == (both / either if either else None)
        else:
            assert pair.common_share(*group) is None


@pytest.mark.parametrize("seed", range(3))
def test_flips_name_the_objects_with_most_positives(seed):
    dataset = many_images(seed)
    owned = [anchors_of(dataset, each) for each in FLIPPING]
    found = compare(dataset, FLIPPING)
    shared = set.intersection(*map(set, owned))
    num_flips = 0
    for (one, two), pair in zip(
        itertools.combinations(owned, 2), found.pairs, strict=True
    ):
        for giver, other, flips in (
            (one, two, pair.only_first),
            (two, one, pair.only_second),
        ):
            rows = [row for row in shared if giver[row] and not other[row]]
            rows.sort(key=lambda r: (-len(giver[r]), dataset.annotation_index[r]))
            image = np.searchsorted(dataset.object_offsets, rows, side="right") - 1
            expected = [
                comparison.Flip(
                    num_positives=len(giver[row]),
                    file=0,
                    annotation_index=int(dataset.annotation_index[row]),
                    image_id=dataset.image_ids[place],
                    ann_id=dataset.annotation_ids[row],
                    size=SIZE_BINS[size_bins(dataset.areas[[row]])[0]],
                )
                for row, place in zip(rows, image, strict=True)
            ]
            assert list(flips) == expected[: comparison.MAX_EXAMPLES]
            num_flips += len(flips)
    assert num_flips > 10


COUNTS = st.integers(0, 6)


@given(st.lists(st.tuples(COUNTS, COUNTS), max_size=40))
def test_spearman_is_the_correlation_of_average_ranks(rows):
    x, y = [a for a, _ in rows], [b for _, b in rows]
    arrays = (np.array(values, dtype=np.int64) for values in ([1] * len(x), x, y))
    assert Joint.count(*arrays).spearman == pytest.approx(plain_spearman(x, y))


def test_spearman_of_many_objects_does_not_overflow():
    keys = Joint.count(*np.array([[0, 0, 0], [1, 2, 3], [1, 3, 2]]))
    huge = Joint(keys.keys, np.full(3, 10**9))
    assert huge.spearman == pytest.approx(0.5)


@given(parts_in_any_order())
def test_parts_in_any_order_add_up_to_the_whole(cut):
    whole, *parts = (
        comparison.compare_chunk(part, SETTINGS, Selection(), Counting())
        for part in (cut[0], *cut[1])
    )
    assert_equal(reduce(add, parts), whole)


def test_nothing_to_compare_is_no_error():
    dataset = random_dataset(1)
    found = compare(dataset.slice_images(0, 0), SETTINGS)
    for pair in found.pairs:
        assert pair.joint.outcomes == (0, 0, 0, 0, 0)
        assert pair.joint.spearman is pair.common_share() is None
        assert pair.only_first == ()


def test_anchors_are_the_same_only_with_the_same_grid_and_shapes():
    one = preset("atss-mmdet")
    assert have_same_anchors(one, preset("atss-mmdet", k=3))
    assert have_same_anchors(preset("fcos-mmdet"), preset("fcos-mmdet-center"))
    for other in (
        preset("atss-mmdet", short_side=600),
        preset("atss-mmdet", scale=4),
        preset("retinanet-mmdet"),
        preset("fcos-mmdet"),
    ):
        assert not have_same_anchors(one, other)
