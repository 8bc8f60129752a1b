"""The files of a converted folder, opened as what they ought to be, or refused."""

import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np

from atss_inspect.annotations.columnar import Columns, decode_ids
from atss_inspect.errors import DataError, first_line, reason
from atss_inspect.readers.ids import object_array

CONVERT_ANEW = "write it anew with `atss-inspect convert`"
# A million classes take 50 MB.
MOST_TEXT_BYTES = 1 << 28
# What `convert` writes. Each value takes its place in the file, but for integers: what
# is read is no larger than a few times the file, whoever wrote it.
PLAIN = frozenset({"PLAIN", "RLE", "BIT_PACKED", "DELTA_BINARY_PACKED"})
# Each table has two columns of 64-bit floats, or more.
LEAST_ROW_BYTES = 16


def refuse(path: Path, problem: str) -> NoReturn:
    """Name the file and what is wrong with it."""
    raise DataError(str(path), problem, hint=CONVERT_ANEW)


def file_size(path: Path) -> int:
    """Take the size of a file in bytes; of a link, that of the file it leads to.

    Nobody has named what lies in the folder, so pipes, which may have no writer, and
    devices, which may have no end, are not opened.
    """
    try:
        status = path.stat()
    except FileNotFoundError:
        refuse(path, "no such file")
    except OSError as error:
        refuse(path, f"cannot be read: {reason(error)}")
    if not stat.S_ISREG(status.st_mode):
        refuse(path, "is no ordinary file")
    return status.st_size


def read_text(path: Path) -> bytes:
    """Read a file of text, unless it is larger than any such text."""
    if file_size(path) > MOST_TEXT_BYTES:
        refuse(path, f"is larger than {MOST_TEXT_BYTES >> 20} MB")
    try:
        return path.read_bytes()
    except OSError as error:
        refuse(path, f"cannot be read: {reason(error)}")


def read_table(
    path: Path,
    expected: Mapping[str, type | None],
    num_rows: int,
    *,
    stacks: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Columns:
    """Read a Parquet file whose columns and rows are as expected.

    ``expected`` are columns -> dtypes, None for ids, other columns are not looked at;
    ``num_rows`` is what the description says; ``stacks`` are those of the columns that
    become one (N, C) array, by its name. Raises `DataError` where the file is
    missing, damaged, of other columns or rows, or packed so that a small file could
    fill the memory.
    """
    try:
        import pyarrow.parquet  # an extra
    except ImportError as error:
        problem = "Parquet needs pyarrow, which is not installed"
        hint = "pip install 'atss-inspect[parquet]'"
        raise DataError(str(path), problem, hint=hint) from error
    size = file_size(path)
    try:
        # One thread: what is read is no larger than the cache of the disk's files.
        with pyarrow.parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            for name in expected:
                if names.count(name) != 1:
                    refuse(path, f"expected one column {name}, got {', '.join(names)}")
            _check_layout(path, file.metadata, expected, num_rows=num_rows, size=size)
            stacked = {
                name: _read_stack(path, file, columns, num_rows, expected[columns[0]])
                for name, columns in stacks.items()
            }
            single = {
                name: read_column(path, file.read([name], use_threads=False), dtype)
                for name, dtype in expected.items()
                if not any(name in columns for columns in stacks.values())
            }
    except (OSError, ValueError, pyarrow.ArrowException) as error:
        refuse(path, f"cannot be read: {first_line(error)}")
    return stacked | single


def _read_stack(
    path: Path, file: Any, names: Sequence[str], num_rows: int, dtype: type | None
) -> np.ndarray[Any, Any]:
    """Read columns into one array, each in the memory that the last one has left."""
    stack = np.empty((num_rows, len(names)), dtype)
    for place, name in enumerate(names):
        table = file.read([name], use_threads=False)
        stack[:, place] = read_column(path, table, dtype)
    return stack


def _check_layout(
    path: Path, metadata: Any, expected: Iterable[str], *, num_rows: int, size: int
) -> None:
    """Refuse other rows, and more than fits into the file, before memory is taken."""
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    found = sum(group.num_rows for group in groups)
    if found != num_rows:
        refuse(path, f"expected {num_rows:,} rows, got {found:,}")
    if found * LEAST_ROW_BYTES > size:
        refuse(path, f"claims {found:,} rows in {size:,} bytes")
    for group in groups:
        for place in range(group.num_columns):
            column = group.column(place)
            is_plain = column.compression == "UNCOMPRESSED"
            is_plain &= PLAIN.issuperset(column.encodings)
            if column.path_in_schema in expected and not is_plain:
                found_as = ", ".join((column.compression, *column.encodings)).lower()
                name = f"column {column.path_in_schema}"
                refuse(path, f"{name}: expected plain values, got {found_as}")


def read_column(path: Path, table: Any, dtype: type | None) -> np.ndarray[Any, Any]:
    """Take the one column of a table of pyarrow as an array.

    ``path`` is that of the file, for messages; ``dtype`` None stands for ids, int64 or
    texts that hold JSON.
    """
    [name], [column] = table.column_names, table.columns
    found = "object" if str(column.type) == "string" else str(column.type)
    names = {
        np.float64: "double",
        np.float32: "float",
        np.bool_: "bool",
        np.object_: "object",
    }
    kinds = ["int64", "object"] if dtype is None else [names.get(dtype, "int64")]
    if found not in kinds:
        allowed = " or ".join(kinds).replace("object", "string")
        refuse(path, f"column {name}: expected {allowed}, got {column.type}")
    if column.null_count:
        refuse(path, f"column {name}: {column.null_count:,} of its values are missing")
    if found != "object":
        pieces = [_numbers(chunk, dtype or np.int64) for chunk in column.chunks]
        nothing: np.ndarray[Any, Any] = np.empty(0, dtype or np.int64)
        return pieces[0] if len(pieces) == 1 else np.concatenate([nothing, *pieces])
    try:
        texts = column.to_pylist()
        if dtype is not None:
            return object_array(texts)
        ids = decode_ids(texts)
        # JSON may hold half a surrogate pair, which nothing could be written with.
        "".join(each for each in ids if isinstance(each, str)).encode()
    except (ValueError, RecursionError) as error:
        refuse(path, f"column {name}: {first_line(error)}")
    return ids


def _numbers(array: Any, dtype: type) -> np.ndarray[Any, Any]:
    """View the numbers of an Arrow array, which has no missing ones; unpack booleans.

    What pyarrow offers for this loads pandas first, which takes longer than the rest.
    """
    buffer = array.buffers()[1]
    if len(array) == 0 or buffer is None:
        return np.empty(0, dtype)
    if dtype is np.bool_:
        bits = np.unpackbits(np.frombuffer(buffer, np.uint8), bitorder="little")
        return bits[array.offset : array.offset + len(array)].astype(np.bool_)
    start = array.offset * np.dtype(dtype).itemsize
    return np.frombuffer(buffer, dtype, len(array), start)
