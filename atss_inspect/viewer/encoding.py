"""Arrays as short JSON: whole numbers, differences, and two signs for a small step."""

from collections.abc import Sequence
from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from atss_inspect.arrays import IntArray

# Six bits a sign; none of these means anything to HTML or JSON.
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LARGEST_STEP = 31


def decimals(values: npt.NDArray[Any], digits: int) -> list[float | int]:
    """Round to so many digits; whole numbers lose their point."""
    rounded = np.round(np.asarray(values, dtype=np.float64), digits).ravel().tolist()
    return [int(value) if value == int(value) else value for value in rounded]


def scaled(values: npt.NDArray[Any], factor: int) -> list[int | None]:
    """Multiply and round to whole numbers; NaN becomes None."""
    exact = np.asarray(values, dtype=np.float64).ravel() * factor
    return [None if isnan(value) else round(value) for value in exact.tolist()]


def within_groups(values: IntArray, counts: IntArray) -> list[int]:
    """Differences to the value before, afresh in groups, whose sizes are ``counts``."""
    steps = np.diff(values, prepend=0)
    starts = (np.cumsum(counts) - counts)[counts > 0]
    steps[starts] = values[starts]
    found: list[int] = steps.tolist()
    return found


def distinct(values: IntArray) -> tuple[list[int], list[int]]:
    """Write values as places in a list of distinct ones, the most frequent first."""
    known, place, number = np.unique(values, return_inverse=True, return_counts=True)
    order = np.argsort(-number, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    return known[order].tolist(), rank[place.ravel()].tolist()


def as_signs(values: Sequence[int] | IntArray) -> str:
    """Write numbers from 0 to 63 as one sign each."""
    return "".join(map(SIGNS.__getitem__, np.asarray(values).tolist()))


def step_signs(row: IntArray, column: IntArray, counts: IntArray) -> str:
    """Write cells by their steps from the first of their group: two signs each.

    Raises `ValueError` for a step of more than 31 cells; the 30 nearest cells never
    have one.
    """
    first = np.repeat(np.cumsum(counts) - counts, counts)
    steps = np.stack([row - row[first], column - column[first]], axis=1)
    if np.abs(steps).max(initial=0) > _LARGEST_STEP:
        message = f"steps must be at most {_LARGEST_STEP} cells"
        raise ValueError(message)
    return as_signs((steps + _LARGEST_STEP + 1).ravel())
