"""Arrays as short JSON, and what they mean."""

import numpy as np
import pytest

from atss_inspect.viewer import encoding


def test_whole_numbers_lose_their_point_and_what_is_undefined_stays_so():
    values = np.array([[1.0, 2.5], [0.126, -3.0]])
    assert encoding.decimals(values, 2) == [1, 2.5, 0.13, -3]
    values = np.array([0.25, 0.12344, np.nan, 1.0], dtype=np.float32)
    assert encoding.scaled(values, 10_000) == [2500, 1234, None, 10_000]


def test_differences_begin_anew_in_each_group():
    values, counts = np.array([5, 7, 7, 3, 10]), np.array([3, 0, 2])
    assert encoding.within_groups(values, counts) == [5, 2, 0, 3, 7]
    assert encoding.within_groups(values[:0], np.array([0, 0])) == []


def test_distinct_values_come_most_frequent_first():
    found = encoding.distinct(np.array([4, 9, 9, 2, 9, 2]))
    assert found == ([9, 2, 4], [2, 0, 0, 1, 0, 1])
    assert encoding.distinct(np.zeros(0, dtype=np.int64)) == ([], [])


def test_steps_are_two_signs_each_from_the_first_of_the_group():
    row, column = np.array([4, 4, 3, 9]), np.array([7, 8, 6, 9])
    # (0, 0), (0, 1), (-1, -1); then another group.
    expected = encoding.as_signs([32, 32, 32, 33, 31, 31, 32, 32])
    assert encoding.step_signs(row, column, np.array([3, 0, 1])) == expected
    assert encoding.step_signs(row[:0], column[:0], np.array([0])) == ""
    with pytest.raises(ValueError, match="at most 31"):
        encoding.step_signs(np.array([0, 32]), np.array([0, 0]), np.array([2]))


def test_signs_mean_nothing_to_html_or_json():
    assert len(set(encoding.SIGNS)) == 64
    assert not set(encoding.SIGNS) & set("<>&\"'\\")
