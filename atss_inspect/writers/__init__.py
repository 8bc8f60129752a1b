"""Whole files or nothing; the only code that writes."""

from atss_inspect.writers.digits import shortest_float32
from atss_inspect.writers.documents import encode_json, encode_json_lines
from atss_inspect.writers.figures import FIGURE_FORMATS, encode_figure
from atss_inspect.writers.files import (
    check_target,
    format_for,
    holds,
    open_output,
    write_bytes,
)
from atss_inspect.writers.tables import TableWriter, open_table, write_table

__all__ = [
    "FIGURE_FORMATS",
    "TableWriter",
    "check_target",
    "encode_figure",
    "encode_json",
    "encode_json_lines",
    "format_for",
    "holds",
    "open_output",
    "open_table",
    "shortest_float32",
    "write_bytes",
    "write_table",
]
