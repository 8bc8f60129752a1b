"""Records as CSV: a header, then a line a row."""

import io
from typing import Any

import numpy as np

from atss_inspect.views.table import Column, Records
from atss_inspect.writers.tables import CsvTable


def records_csv(records: Records) -> bytes:
    """Write records as CSV; what a row does not have is an empty field."""
    columns = {column.key: _values(records, column) for column in records.columns}
    stream = io.BytesIO()
    schema = {key: column.dtype for key, column in columns.items()}
    CsvTable(stream, schema).write(columns)
    return stream.getvalue()


def _values(records: Records, column: Column) -> np.ndarray[Any, Any]:
    """Values of one column; (N,) float64, or objects: text, ids, whole numbers."""
    dtype = float if column.is_float else object
    values: np.ndarray[Any, Any] = np.empty(len(records.rows), dtype=dtype)
    values[:] = [row.get(column.key) for row in records.rows]
    return values
