"""Gates as a table that leaves the house: a row per object and level."""

from collections.abc import Sequence

import numpy as np

from atss_inspect.annotations.dataset import Dataset
from atss_inspect.settings import Settings
from atss_inspect.statistics.run import find_gate, frame_of
from atss_inspect.statistics.summary import Selection
from atss_inspect.statistics.tables import Columns, object_names

WINDOW = ("row_from", "row_to", "column_from", "column_to")


def candidates_chunk(
    chunk: Dataset, *, settings: Sequence[Settings], selection: Selection
) -> Columns:
    """List the candidates of a chunk's objects, one row for each object and level.

    ``level`` counts from 0, the finest; cells lie from ``row_from`` to before
    ``row_to``, alike for columns, all 0 where there is none; ``num_candidates`` are
    as many, ``num_contested`` those of them that are another object's, too.
    """
    [convention] = settings
    frame = frame_of(chunk, slice(0, chunk.num_images), convention)
    gate = find_gate(frame, convention)
    chosen = np.flatnonzero(selection.mask(chunk, frame.object_rows))
    num_levels = gate.counts.shape[1]
    rows = frame.object_rows[np.repeat(chosen, num_levels)]
    windows = gate.windows[chosen].reshape(-1, len(WINDOW))
    return object_names(chunk, rows) | {
        "level": np.tile(np.arange(num_levels), len(chosen)),
        **dict(zip(WINDOW, windows.T, strict=True)),
        "num_candidates": gate.counts[chosen].ravel(),
        "num_contested": gate.contested[chosen].ravel(),
    }
