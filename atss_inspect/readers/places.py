"""Oddities told by a mask or by places: counted, and where the first few are."""

from typing import Any

import numpy as np

from atss_inspect.arrays import BoolArray, IdArray, IntArray
from atss_inspect.readers.findings import MAX_EXAMPLES, Tally, item_label


def note_places(
    reason: str,
    which: BoolArray,
    ids: IdArray,
    tally: Tally,
    order: IntArray | None = None,
) -> None:
    """Count annotations by a mask.

    Parameters
    ----------
    which, ids : mask and ids of the same rows
    order : place in the file of each row, if rows are not in file order
    """
    found = np.flatnonzero(which)
    if order is not None and len(found):
        found = found[np.argsort(order[found], kind="stable")]
    examples = [
        item_label(
            "annotations", int(row if order is None else order[row]), _plain(ids[row])
        )
        for row in found[:MAX_EXAMPLES].tolist()
    ]
    tally.add(reason, len(found), examples)


def labels_of(list_name: str, places: IntArray, ids: IdArray) -> list[str]:
    """Where the first few of these places are."""
    return [
        item_label(list_name, place, _plain(ids[place]))
        for place in places[:MAX_EXAMPLES].tolist()
    ]


def _plain(value: Any) -> Any:
    """Make a Python integer of a NumPy one, for messages."""
    return value.item() if isinstance(value, np.generic) else value
