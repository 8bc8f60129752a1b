"""Swept settings as axes: places and labels."""

import numpy as np

from atss_inspect.figures.sweep import has_room, spread_out, swept_axes
from atss_inspect.readers.saved_sweep import check_sweep
from tests.saved_sweeps import saved_sweep


def test_labels_that_are_close_are_moved_apart() -> None:
    assert spread_out([0, 0, 50], gap=10, top=100) == [0, 10, 50]
    assert spread_out([98, 99, 20], gap=10, top=100) == [90, 100, 20]
    assert spread_out([], gap=10, top=100) == []


def test_labels_of_numbers_need_room() -> None:
    assert has_room(np.array([3.0, 9, 15]), ["3", "9", "15"])
    assert not has_room(np.array([9.0, 10, 400]), ["9", "10", "400"])
    assert has_room(np.array([9.0]), ["9"])


def test_true_and_false_are_no_numbers() -> None:
    saved = saved_sweep({"a": [True, False]}, paths={"a": "assigner.a"})
    [axis] = swept_axes(check_sweep(saved, "sweep"))
    assert not axis.is_number
    assert axis.labels == ("true", "false")
