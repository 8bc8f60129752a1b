"""The verdict: the right preset, the right objects, in sentences that hold."""

from dataclasses import replace

import numpy as np
import pytest

from atss_inspect.readers import load_coco
from atss_inspect.settings import preset
from atss_inspect.statistics.tally import Tally
from atss_inspect.views.stats import StatsReport
from atss_inspect.views.verdict import verdict
from tests.random_coco import Loaded
from tests.test_summary import summary_of
from tests.tiny_coco import coco

TINY, SMALL, MEDIUM, LARGE = range(4)


def spoken(*each: tuple[list[int], list[int]], by: tuple[str, ...] = ()) -> str:
    """Give the verdict on summaries of (positives, size bins), named a, b, ..."""
    one_level = preset("atss-mmdet", strides=[8])
    settings = tuple(replace(one_level, name=name) for name in "abc"[: len(each)])
    nothing = Tally(*(np.zeros(3, dtype=np.int64),) * 3)
    more = {"by_class": nothing, "left_out_objects": {}}
    summaries = tuple(replace(summary_of(*one), **more) for one in each)
    dataset = load_coco(Loaded(coco({1: [(1, 1, 9, 9)] * len(each[0][0])})))
    return verdict(StatsReport(dataset, settings, summaries, by=by))


def test_one_preset_is_not_compared():
    text = spoken(([0, 9, 9, 9], [TINY, TINY, LARGE, LARGE]))
    starved = "a leaves 1 of 4 objects (25.0%) without a positive"
    assert text == f"{starved}. Hardest hit: tiny objects, 1 of 2 (50.0%)."


def test_presets_that_starve_alike_are_named_together():
    worse, better = ([0, 0, 9], [LARGE] * 3), ([0, 9, 9], [LARGE] * 3)
    assert spoken(worse, better, worse).startswith(
        "a leaves 2 of 3 objects (66.7%) and c 2 of 3 (66.7%) without a positive, the "
        "largest share; b 1 of 3 (33.3%), the smallest."
    )
    assert spoken(worse, worse).startswith(
        "every preset alike leaves 2 of 3 objects (66.7%) without a positive."
    )


def test_nobody_starving_is_said():
    fed = ([9, 9], [TINY, LARGE])
    assert spoken(fed) == "Every object gets a positive under a."
    both = "Every object gets a positive under a and b. All share positives alike"
    assert spoken(fed, fed) == f"{both} (Gini 0)."


def test_a_preset_without_objects_is_named():
    assert spoken(([], []), ([3], [TINY])).startswith(
        "Nothing is left to assign for a. Every object gets a positive under b."
    )


def test_the_hardest_hit_is_the_largest_share_under_any_preset():
    bins = [TINY] * 2 + [MEDIUM] * 2
    text = spoken(([0, 9, 0, 9], bins), ([9, 9, 0, 0], bins))
    assert "Hardest hit: medium objects under b, 2 of 2 (100%)." in text


def test_groups_hit_alike_are_not_told_apart():
    text = spoken(([0, 9, 0, 9], [TINY] * 2 + [MEDIUM] * 2))
    assert "Among the hardest hit: tiny objects, 1 of 2 (50.0%)." in text
    both = spoken(*[([0, 9, 9, 9], [TINY] * 2 + [MEDIUM] * 2)] * 2)
    assert "Hardest hit: tiny objects under a and b, 1 of 2 (50.0%)." in both


def test_one_rare_object_is_not_the_hardest_hit():
    bins = [TINY] + [LARGE] * 20 + [MEDIUM] * 20
    text = spoken(([0] * 3 + [9] * 38, bins))
    hit = "Of those with 20 or more, hardest hit: large objects, 2 of 20 (10.0%)."
    assert hit in text


def test_one_group_that_is_everything_is_not_named_again():
    text = spoken(([0, 9], [TINY, TINY]))
    assert text == "a leaves 1 of 2 objects (50.0%) without a positive."


@pytest.mark.parametrize("by", ["size", "ratio", "class", "level"])
def test_evenness_is_spoken_of_where_the_table_shows_it(by):
    two = (([1, 9], [TINY, LARGE]), ([5, 5], [TINY, LARGE]))
    assert spoken(*two).endswith(
        "b shares positives most evenly (Gini 0), a least (0.40)."
    )
    assert "Gini" not in spoken(*two, by=(by,))
