"""Whole files or nothing; the only code that writes."""

from atss_inspect.writers.digits import shortest_float32
from atss_inspect.writers.documents import encode_json, encode_json_lines
from atss_inspect.writers.files import (
    check_target,
    format_for,
    open_output,
    write_bytes,
)
from atss_inspect.writers.tables import TableWriter, open_table, write_table

__all__ = [
    "TableWriter",
    "check_target",
    "encode_json",
    "encode_json_lines",
    "format_for",
    "open_output",
    "open_table",
    "shortest_float32",
    "write_bytes",
    "write_table",
]
