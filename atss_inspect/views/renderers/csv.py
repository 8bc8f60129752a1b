"""Records as CSV: a header, then a line a row."""

import io
from typing import Any

import numpy as np

from atss_inspect.views.table import Records
from atss_inspect.writers.tables import CsvTable


def records_csv(records: Records) -> bytes:
    """Write records as CSV; what a row does not have is an empty field.

    Columns are (N,) float64, or objects: text, ids, whole numbers.
    """
    columns: dict[str, np.ndarray[Any, Any]] = {}
    for key, column in ((one.key, one) for one in records.columns):
        dtype = float if column.is_float else object
        columns[key] = np.empty(len(records.rows), dtype=dtype)
        columns[key][:] = [row.get(key) for row in records.rows]
    stream = io.BytesIO()
    schema = {key: values.dtype for key, values in columns.items()}
    CsvTable(stream, schema).write(columns)
    return stream.getvalue()
