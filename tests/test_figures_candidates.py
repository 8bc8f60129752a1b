"""What candidates say of objects, out of tables written by hand."""

import numpy as np

from atss_inspect.figures.candidates import UNSERVED, Candidates
from tests.object_tables import ATSS, LEVELS, RETINANET, objects, side_by_side

ONE_LEVEL = {"levels": (9, 0, 0, 0, 0), "mean": 0.2, "std": 0.1}
THREE_LEVELS = {"levels": (2, 5, 2, 0, 0), "mean": 0.4, "std": 0.1}
NOTHING = {"levels": (0, 0, 0, 0, 0), "mean": 0.0, "std": 0.0}
NO_CANDIDATES = {"levels": (0, 0, 0, 0, 0), "mean": np.nan, "std": np.nan}


def test_each_object_has_its_statistics_and_the_levels_that_serve_it() -> None:
    found = Candidates.of(objects(ATSS, [ONE_LEVEL, THREE_LEVELS, NOTHING]), ATSS)
    assert found.mean.tolist() == [0.2, 0.4, 0]
    assert found.std.tolist() == [0.1, 0.1, 0]
    assert found.level.tolist() == [0, 1, -1]
    assert found.num_levels.tolist() == [1, 3, 0]
    assert found.names == list(LEVELS)


def test_objects_without_candidates_are_left_out() -> None:
    rows = [NO_CANDIDATES, THREE_LEVELS, NO_CANDIDATES]
    found = Candidates.of(objects(ATSS, rows), ATSS)
    assert found.mean.tolist() == [0.4]
    assert found.level.tolist() == [1]
    assert found.num_levels.tolist() == [3]


def test_the_objects_of_other_conventions_are_left_out() -> None:
    table = side_by_side(objects(RETINANET, [NOTHING]), objects(ATSS, [ONE_LEVEL]))
    assert Candidates.of(table, ATSS).level.tolist() == [0]


def test_the_spread_is_in_units_of_the_mean() -> None:
    found = Candidates.of(objects(ATSS, [ONE_LEVEL, THREE_LEVELS, NOTHING]), ATSS)
    # 0.1 / 0.2, 0.1 / 0.4, and nothing to divide by.
    np.testing.assert_allclose(found.spread, [0.5, 0.25, np.nan])


def test_groups_are_the_levels_from_the_finest_and_then_the_unserved() -> None:
    rows = [NOTHING, ONE_LEVEL, THREE_LEVELS, ONE_LEVEL]
    groups = list(Candidates.of(objects(ATSS, rows), ATSS).groups)
    assert [(place, name) for place, name, _ in groups] == [
        *enumerate(LEVELS),
        (-1, UNSERVED),
    ]
    chosen = {name: rows.nonzero()[0].tolist() for _, name, rows in groups}
    nobody: list[int] = []
    assert chosen == {
        "P3": [1, 3],
        "P4": [2],
        **dict.fromkeys(("P5", "P6", "P7"), nobody),
        UNSERVED: [0],
    }


def test_no_objects_are_groups_of_nobody() -> None:
    table = objects(ATSS, [ONE_LEVEL]).iloc[:0]
    found = Candidates.of(table, ATSS)
    assert found.spread.shape == (0,)
    assert [chosen.tolist() for _, _, chosen in found.groups] == [[]] * 6
