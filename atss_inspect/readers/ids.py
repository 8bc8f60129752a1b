"""Ids, names and numbers as files write them: cleaned, and ids matched and sorted.

An id array is int64 where every id is an integer that fits, else objects (int, str
or None).
"""

import math
import numbers
from collections.abc import Sequence

import numpy as np

from atss_inspect.arrays import BoolArray, IdArray, IntArray

# A lookup table may be this much larger than what is looked up in it.
TABLE_SLACK = 8


def clean_id(value: object) -> int | str | None:
    """Read an id as written; None if it is missing or cannot be one.

    An integral float is the integer it means; any other float stays distinct as text.
    """
    if type(value) is int:  # before the slow ABC checks
        return value
    if isinstance(value, str):
        return clean_text(value)[0]
    if isinstance(value, numbers.Integral | np.bool_):
        return int(value)
    if isinstance(value, numbers.Real):
        number = float(value)
        if math.isfinite(number):
            return int(number) if number.is_integer() else repr(number)
    return None


def clean_text(value: object) -> tuple[str, bool]:
    """Read a name; False beside it if it held text that cannot be encoded.

    Lone surrogates would break every later write, so they become U+FFFD.
    """
    if value is None or is_endless(value):
        return "", True
    text = str(value)
    if text.isascii():
        return text, True
    valid = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return valid, valid == text and "\ufffd" not in text


def is_endless(value: object) -> bool:
    """Whether a value is NaN or an infinity, as a number rather than as text."""
    return isinstance(value, float | np.floating) and not math.isfinite(value)


def read_number(value: object) -> float | None:
    """Read a number, also from text or a boolean; None if it is none.

    NaN and infinities are numbers here, integers beyond float64 are infinite.
    """
    if type(value) is float:  # before the slow ABC checks
        return value
    if isinstance(value, str) and "_" in value:
        return None  # Python's 1_000
    if isinstance(value, str | np.bool_ | numbers.Real):
        try:
            return float(value)
        except ValueError:
            return None
        except OverflowError:
            return -math.inf if not isinstance(value, str) and value < 0 else math.inf
    return None


def id_array(ids: Sequence[int | str | None]) -> IdArray:
    """Pack cleaned ids into int64 if they all are integers that fit, else objects."""
    if set(map(type, ids)) <= {int}:
        try:
            return np.fromiter(ids, np.int64, len(ids))
        except OverflowError:
            pass  # integers beyond 64 bits stay Python objects
    return object_array(ids)


def object_array(values: Sequence[object]) -> IdArray:
    """Pack anything into a one-dimensional object array."""
    array = np.empty(len(values), np.object_)
    array[:] = values
    return array


def join_rows(parts: Sequence[IdArray]) -> IdArray:
    """Concatenate arrays, at least one; ids become objects unless all are int64."""
    filled = [part for part in parts if len(part)] or list(parts[:1])
    if len({part.dtype for part in filled}) > 1:
        # astype(object) turns int64 into Python ints, which match and print as such.
        filled = [part.astype(np.object_) for part in filled]
    return np.concatenate(filled) if len(filled) > 1 else filled[0]


def join_tables(parts: Sequence[dict[str, IdArray]]) -> dict[str, IdArray]:
    """Concatenate tables, at least one, of the same columns, emptying them on the way.

    Column by column, so that not all columns exist twice at once.
    """
    names = list(parts[0])
    return {name: join_rows([part.pop(name) for part in parts]) for name in names}


def narrow_ids(ids: IdArray) -> IdArray:
    """Make int64 of an object array once its odd ids are gone."""
    return id_array(ids.tolist()) if ids.dtype == np.object_ else ids


def sort_ids(ids: IdArray) -> IntArray:
    """Order ids stably: integers by value, then strings, then None."""
    if ids.dtype != np.object_:
        return np.argsort(ids, kind="stable")
    order = sorted(range(len(ids)), key=lambda place: _sort_key(ids[place]))
    return np.array(order, np.int64)


def match_ids(values: IdArray, keys: IdArray) -> tuple[IntArray, BoolArray]:
    """Find each value among unique keys.

    Returns (N,) int64 rows of ``keys``, -1 where there is none; and (N,) bool, which
    were found only after ``12`` and ``"12"`` were taken as the same.
    """
    if values.dtype != np.object_ and keys.dtype != np.object_:
        rows = _match_integers(values, keys)
        return rows, np.zeros(len(values), np.bool_)
    exact = {key: row for row, key in enumerate(keys.tolist())}
    as_text = {str(key): row for key, row in exact.items() if key is not None}
    found = [exact.get(value, -1) for value in values.tolist()]
    rows = np.array(found, np.int64).reshape(len(values))
    by_text = np.zeros(len(values), np.bool_)
    for place in np.flatnonzero(rows < 0).tolist():
        value = values[place]
        row = -1 if value is None else as_text.get(str(value), -1)
        rows[place], by_text[place] = row, row >= 0
    return rows, by_text


def repeated(ids: IdArray) -> IntArray:
    """List the places whose id (not None) already stands at an earlier place."""
    if ids.dtype != np.object_:
        if np.all(ids[1:] > ids[:-1]):  # the common case, in one pass
            return np.empty(0, np.int64)
        order = np.argsort(ids, kind="stable")
        again = ids[order][1:] == ids[order][:-1]
        return np.sort(order[1:][again])
    seen: set[object] = set()
    places = []
    for place, value in enumerate(ids.tolist()):
        if value is not None and value in seen:
            places.append(place)
        seen.add(value)
    return np.array(places, np.int64)


def _match_integers(values: IntArray, keys: IntArray) -> IntArray:
    """Find int64 values among unique int64 keys, by table or by bisection."""
    if len(keys) == 0 or len(values) == 0:
        return np.full(len(values), -1, np.int64)
    low, high = int(keys.min()), int(keys.max())
    span = high - low + 1
    if span > TABLE_SLACK * (len(keys) + len(values)):  # they lie far apart
        order = np.argsort(keys, kind="stable")
        place = np.searchsorted(keys, values, sorter=order)
        rows = order[np.minimum(place, len(keys) - 1)]
        return np.where(keys[rows] == values, rows, -1)
    # One slot beyond the last key stays -1: everything out of range looks there.
    table = np.full(span + 1, -1, np.int64)
    table[keys - low] = np.arange(len(keys))
    inside = (values >= low) & (values <= high)
    return table[np.where(inside, values - low, span)]


def _sort_key(value: object) -> tuple[int, int, str]:
    """Rank integers before strings before None."""
    if isinstance(value, int):
        return (0, value, "")
    return (1, 0, value) if isinstance(value, str) else (2, 0, "")
