"""A summary of an average pass: three times the same pass is one of them."""

from fractions import Fraction

import numpy as np
import pytest

from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.advice import Measure, differences
from atss_inspect.statistics.baseline import blocks_record
from atss_inspect.statistics.bootstrap import intervals_of_shares
from atss_inspect.statistics.grades import judge
from atss_inspect.statistics.metrics import record_of, record_of_group
from atss_inspect.statistics.run import summarize
from atss_inspect.statistics.summary import Summary
from atss_inspect.statistics.sweep import keeps_objects, price_per_image
from atss_inspect.statistics.tally import per_pass
from atss_inspect.views.stats import StatsReport
from tests.drawn_summaries import drawn, large_ones
from tests.random_coco import Loaded, random_coco

PRESETS = ("atss-mmdet", "retinanet-mmdet", "fcos-mmdet")
DATASET = load_coco(Loaded(random_coco(4, num_images=60)))


@pytest.fixture(params=PRESETS)
def both(request: pytest.FixtureRequest) -> tuple[Summary, Summary]:
    """One pass, and the average of three of them."""
    (one,) = summarize(DATASET, preset(request.param))
    return one, one.times(3).per_pass(3)


# Percentiles lie between ranks, of which three passes have more.
RANKS = ("median_positives", "p5_positives", "p95_positives")


def test_every_number_is_that_of_one_pass(both: tuple[Summary, Summary]) -> None:
    one, average = both
    settings = preset("atss-mmdet")
    found, expected = record_of(average, settings), record_of(one, settings)
    assert [found.pop(key) for key in RANKS] == [
        np.percentile(np.repeat(positives_of(one), 3), percent)
        for percent in (50, 5, 95)
    ]
    for key in RANKS:
        expected.pop(key)
    for key, value in expected.items():
        assert found[key] == (pytest.approx(value) if key == "gini" else value), key
    for name in ("by_size", "by_class", "by_ratio"):
        pairs = zip(
            getattr(average, name).groups, getattr(one, name).groups, strict=True
        )
        for group, other in pairs:
            assert record_of_group(group) == record_of_group(other)
    assert average.per_image == one.per_image
    assert average.positives_by_level == one.positives_by_level
    assert average.left_out_objects == one.left_out_objects
    assert blocks_record(average) == blocks_record(one)
    assert price_per_image(settings, average) == price_per_image(settings, one)
    assert keeps_objects(one, average)


def positives_of(summary: Summary) -> list[int]:
    counts = summary.histogram.sum(axis=0).tolist()
    return [value for value, count in enumerate(counts) for _ in range(count)]


def test_grades_intervals_and_differences_are_those_of_one_pass(
    both: tuple[Summary, Summary],
) -> None:
    one, average = both
    settings = preset("retinanet-mmdet")
    names = dict(enumerate(DATASET.category_names))
    for classes in (None, names):
        pair = (judge(each, settings, classes).groups for each in both)
        for found, expected in zip(*pair, strict=True):
            usual = pytest.approx(expected.usual)  # of classes a mean
            assert found == expected._replace(usual=usual)
    (other,) = summarize(DATASET, preset("atss-mmdet", k=3))
    for measure in Measure:
        changes = differences(other.times(3).per_pass(3), average, measure)
        assert changes == differences(other, one, measure)


def test_limits_on_numbers_of_objects_go_by_one_pass() -> None:
    # 60 images with 29 objects in a class and 29 of a size: too few to be graded.
    positives = drawn(29, 0.5, seed=3, num_each=1)
    one = large_ones(positives)
    average = one.times(22).per_pass(22)
    assert judge(average, preset("atss-mmdet")).grade is None
    classes = judge(average, preset("atss-mmdet"), {0: "cat"})
    assert classes.groups[1].interval is None
    report = StatsReport(DATASET, (preset("atss-mmdet"),), (average,))
    assert report.classes == [29]


def test_none_of_few_objects_is_as_unsure_as_in_one_pass() -> None:
    parts, wholes = np.zeros((30, 1), np.int64), np.ones((30, 1), np.int64)
    wholes[15:] = 0  # 15 objects in 40 images
    alone = intervals_of_shares(parts, wholes, 40)
    assert intervals_of_shares(22 * parts, 22 * wholes, 40, 22) == alone


def test_counts_are_whole_where_they_can_be_and_else_exact() -> None:
    assert per_pass(44, 22) == 2
    assert isinstance(per_pass(44, 22), int)
    assert per_pass(1, 22) == Fraction(1, 22)
