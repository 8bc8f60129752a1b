"""Whole files or nothing; the only code that writes."""

from atss_inspect.writers.documents import (
    encode_json,
    encode_json_lines,
    shortest_float32,
)
from atss_inspect.writers.figures import FIGURE_FORMATS, encode_figure
from atss_inspect.writers.files import (
    check_target,
    format_for,
    holds,
    open_output,
    write_bytes,
)
from atss_inspect.writers.folders import check_folder, open_folder
from atss_inspect.writers.parts import TableParts, check_parts, open_parts
from atss_inspect.writers.tables import (
    TableWriter,
    open_table,
    write_parquet,
    write_table,
)

__all__ = [
    "FIGURE_FORMATS",
    "TableParts",
    "TableWriter",
    "check_folder",
    "check_parts",
    "check_target",
    "encode_figure",
    "encode_json",
    "encode_json_lines",
    "format_for",
    "holds",
    "open_folder",
    "open_output",
    "open_parts",
    "open_table",
    "shortest_float32",
    "write_bytes",
    "write_parquet",
    "write_table",
]
