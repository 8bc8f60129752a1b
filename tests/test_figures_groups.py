"""Groups of objects: shares, quartiles, levels."""

import numpy as np

from atss_inspect.figures.groups import (
    Part,
    level_positives,
    parts_by_size,
    quartiles_by_bin,
)
from atss_inspect.statistics.summary import SIZE_BINS
from tests.object_tables import ATSS, FCOS, RETINANET, counts, objects, side_by_side

EMPTY = np.array([], dtype=np.int64)


def test_a_part_counts_what_has_nothing_and_of_no_objects_there_is_no_share() -> None:
    part = Part(np.array([0, 0, 3, 5]))
    assert (part.counts.num_objects, part.counts.num_unassigned) == (4, 2)
    assert (
        part.counts.unassigned_share,
        part.counts.mean_positives,
        part.percentile(50),
    ) == (0.5, 2, 1.5)
    assert (part.counts.num_low_quality_only, part.counts.poorly_assigned_share) == (
        None,
        0.5,
    )
    assert part.at_bar is part
    part = Part(EMPTY)
    assert (
        part.counts.unassigned_share,
        part.counts.mean_positives,
        part.percentile(50),
    ) == (None,) * 3


def test_low_quality_matches_are_counted_apart_where_there_is_a_bar() -> None:
    # One without a positive, one with low-quality matches only, one with both kinds.
    part = Part(np.array([0, 3, 5, 7]), np.array([0, 3, 2, 0]))
    assert part.counts.num_low_quality_only == 1
    assert (part.low_quality_only_share, part.counts.poorly_assigned_share) == (
        0.25,
        0.5,
    )
    assert part.at_bar.positives.tolist() == [0, 0, 3, 7]
    part = Part(EMPTY, EMPTY)
    assert (part.counts.num_low_quality_only, part.low_quality_only_share) == (0, None)
    # The column counts for rules with a bar alone.
    rows = counts(3, low=3)
    assert (
        parts_by_size(objects(ATSS, rows), ATSS)["all"].counts.num_low_quality_only
        is None
    )
    found = parts_by_size(objects(RETINANET, rows), RETINANET)["small"]
    assert found.counts.num_low_quality_only == 1


def test_sizes_are_taken_from_the_rows_of_the_preset_alone() -> None:
    table = side_by_side(
        objects(ATSS, [*counts(1, size="tiny"), *counts(2, size="large")]),
        objects(FCOS, counts(7, size="tiny")),
    )
    parts = parts_by_size(table, ATSS)
    assert list(parts) == ["all", *SIZE_BINS]
    positives = [part.positives.tolist() for part in parts.values()]
    assert positives == [[1, 2], [1], [], [], [2]]


def test_levels_count_positives_by_size() -> None:
    rows = [
        {"levels": (1, 2, 0, 0, 0), "size": "tiny"},
        {"levels": (0, 0, 0, 0, 5), "size": "large"},
        {"levels": (0, 1, 0, 0, 5), "size": "large"},
    ]
    expected = [[1, 2, 0, 0, 0], [0] * 5, [0] * 5, [0, 1, 0, 0, 10]]
    assert level_positives(objects(ATSS, rows), ATSS).tolist() == expected


def test_quartiles_are_taken_bin_by_bin() -> None:
    # Bin 0: 0, 4, 8; bin 2: 5. Bin 1 is empty.
    found = quartiles_by_bin(np.array([2, 0, 0, 0]), np.array([5, 8, 0, 4]), 3)
    assert found.num_objects.tolist() == [3, 0, 1]
    np.testing.assert_allclose(found.quartiles, [[2, 4, 6], [np.nan] * 3, [5] * 3])
    np.testing.assert_allclose(found.zeros, [1 / 3, np.nan, 0])
    found = quartiles_by_bin(EMPTY, EMPTY, 2)
    assert found.num_objects.tolist() == [0, 0]
    assert np.isnan(found.quartiles).all()
