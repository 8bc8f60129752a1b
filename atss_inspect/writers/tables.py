"""Write tables of any length, in one file or in parts, with the same bytes every time.

Rows pass through in blocks. Missing values are NaN or None in the arrays; they become
an empty field in CSV, ``null`` in JSON Lines and Parquet, and stay NaN in ``.npz``.
"""

import contextlib
import io
import itertools
import re
import shutil
import tempfile
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

import msgspec
import numpy as np
import numpy.typing as npt

from atss_inspect.errors import OutputError
from atss_inspect.writers.documents import python_values
from atss_inspect.writers.files import format_for, open_output
from atss_inspect.writers.folders import check_folder, open_folder

# Rows turned into Python objects at a time: enough to make the overhead vanish, few
# enough to stay within some ten megabytes.
_BLOCK_ROWS = 32_768
_PARQUET_GROUP_ROWS = 131_072

Column = npt.NDArray[Any]
Columns = Mapping[str, Column]
Schema = Mapping[str, npt.DTypeLike]


class TableWriter(ABC):
    """A table being written, block by block.

    Parameters
    ----------
    stream : where the bytes go
    schema : column name -> dtype, in the order of the columns. Columns of objects hold
        text: strings, whole numbers, or None; unless `arrays.FLAG` or `arrays.NUMBER`.
    """

    def __init__(self, stream: BinaryIO, schema: Schema) -> None:
        self.stream = stream
        dtypes = {name: np.dtype(dtype) for name, dtype in schema.items()}
        # Fixed-width strings would cut what a later block brings.
        self.schema = {
            name: np.dtype(object) if dtype.kind == "U" else dtype
            for name, dtype in dtypes.items()
        }

    def write(self, columns: Columns) -> None:
        """Append rows.

        Each column is an (N,) array that fits the dtype of the schema: every column of
        it, in any order; N may be 0. Raises `ValueError` where one is missing, unknown,
        not one-dimensional or of another length.
        """
        if columns.keys() != self.schema.keys():
            message = f"columns must be {list(self.schema)}, got {list(columns)}"
            raise ValueError(message)
        arrays = [
            np.asarray(columns[name]).astype(dtype, casting="same_kind", copy=False)
            for name, dtype in self.schema.items()
        ]
        shapes = [array.shape for array in arrays]
        if len(set(shapes)) != 1 or len(shapes[0]) != 1:
            message = f"columns must have one shape (N,), got {shapes}"
            raise ValueError(message)
        for start in range(0, len(arrays[0]), _BLOCK_ROWS):
            self.write_block([array[start : start + _BLOCK_ROWS] for array in arrays])

    @abstractmethod
    def write_block(self, arrays: list[Column]) -> None:
        """Append a block of at least one row; arrays in the order of the schema."""

    def finish(self) -> None:  # noqa: B027 - most formats have nothing to do
        """Write what comes after the last row."""

    def close(self) -> None:  # noqa: B027 - nor anything to let go of
        """Let go of what is held, whether or not the table was finished."""


class CsvTable(TableWriter):
    """Comma-separated values: UTF-8, a header, lines that end as on Unix.

    Fields are quoted where they must be. Numbers have the fewest digits that give the
    same number back; missing ones, and infinity, are empty.
    """

    def __init__(self, stream: BinaryIO, schema: Schema) -> None:
        super().__init__(stream, schema)
        stream.write(b",".join(_csv_text(list(self.schema))) + b"\n")

    def write_block(self, arrays: list[Column]) -> None:
        """Append rows as lines."""
        pairs = zip(arrays, self.schema.values(), strict=True)
        fields = [_csv_fields(array, is_text=_is_text(kind)) for array, kind in pairs]
        lines = b"\n".join(map(b",".join, zip(*fields, strict=True)))
        self.stream.write(lines + b"\n")


class JsonLinesTable(TableWriter):
    """One JSON object a line, with every column in it."""

    def __init__(self, stream: BinaryIO, schema: Schema) -> None:
        super().__init__(stream, schema)
        # Records of a fixed shape are encoded twice as fast as dictionaries. Their
        # attributes need names that are identifiers, which columns need not be.
        attributes = {f"column_{place}": name for place, name in enumerate(self.schema)}
        fields = [(attribute, Any) for attribute in attributes]
        self._row = msgspec.defstruct("Row", fields, rename=attributes, gc=False)
        self._encoder = msgspec.json.Encoder()

    def write_block(self, arrays: list[Column]) -> None:
        """Append rows as lines."""
        # A list: given an iterator, msgspec 0.22 never lets go of the rows.
        rows = list(map(self._row, *(python_values(array) for array in arrays)))
        self.stream.write(self._encoder.encode_lines(rows))


class NpzTable(TableWriter):
    """A NumPy archive with one array a column; text as fixed-width strings.

    `numpy.savez` stamps its archives with the time and needs whole arrays. Here each
    column waits in a temporary file until its length is known, uncompressed, since
    compressors differ between Python builds.
    """

    def __init__(self, stream: BinaryIO, schema: Schema) -> None:
        super().__init__(stream, schema)
        # Beside the target, where there has to be room for the columns anyway.
        folder = Path(stream.name).parent if isinstance(stream.name, str) else None
        self._spools = [_NpySpool(dtype, folder) for dtype in self.schema.values()]

    def write_block(self, arrays: list[Column]) -> None:
        """Append rows to the columns' temporary files."""
        for spool, array in zip(self._spools, arrays, strict=True):
            spool.append(array)

    def finish(self) -> None:
        """Put the columns into the archive."""
        with zipfile.ZipFile(self.stream, "w") as archive:
            for name, spool in zip(self.schema, self._spools, strict=True):
                entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
                entry.create_system = 3  # the same on every system
                entry.external_attr = 0o644 << 16
                entry.file_size = spool.num_bytes()
                with archive.open(entry, "w") as member:
                    spool.copy_to(member)

    def close(self) -> None:
        """Delete the temporary files."""
        for spool in self._spools:
            spool.close()


class ParquetTable(TableWriter):
    """Apache Parquet through pyarrow, an extra; NaN and None are null."""

    def __init__(self, stream: BinaryIO, schema: Schema) -> None:
        super().__init__(stream, schema)
        import pyarrow.parquet  # only who asks for Parquet needs it

        self._pyarrow = pyarrow
        types = {
            name: pyarrow.string()
            if _is_text(kind)
            else pyarrow.from_numpy_dtype(kind.metadata["holds"])
            if kind.metadata
            else pyarrow.from_numpy_dtype(kind)
            for name, kind in self.schema.items()
        }
        self._types = pyarrow.schema(types)
        self._writer = pyarrow.parquet.ParquetWriter(stream, self._types)
        self._waiting: list[Any] = []

    def write_block(self, arrays: list[Column]) -> None:
        """Append rows; small blocks wait until they make a row group worth having."""
        kinds = zip(arrays, self.schema.values(), self._types.types, strict=True)
        columns = [
            self._pyarrow.array(
                _texts(each) if _is_text(kind) else each, of_type, from_pandas=True
            )
            for each, kind, of_type in kinds
        ]
        self._waiting.append(self._pyarrow.table(columns, schema=self._types))
        if sum(len(table) for table in self._waiting) >= _PARQUET_GROUP_ROWS:
            self._write_group()

    def _write_group(self) -> None:
        """Write the waiting rows as one row group."""
        self._writer.write_table(self._pyarrow.concat_tables(self._waiting))
        self._waiting = []

    def finish(self) -> None:
        """Write the last rows and the footer."""
        if self._waiting:
            self._write_group()
        self._writer.close()

    def close(self) -> None:
        """End the writer; of a table given up, what it writes now is thrown away."""
        with contextlib.suppress(OSError):
            self._writer.close()


TABLES: dict[str, type[TableWriter]] = {
    "csv": CsvTable,
    "jsonl": JsonLinesTable,
    "npz": NpzTable,
    "parquet": ParquetTable,
}


@contextlib.contextmanager
def open_table(
    target: str | Path,
    schema: Schema,
    *,
    table_format: str | None = None,
    force: bool = False,
) -> Iterator[TableWriter]:
    """Open a table that becomes the target when the block ends well.

    Without a single row it is empty, with its columns. Raises `OutputError` as
    `open_output`, and for an unknown suffix or Parquet without pyarrow.

    Parameters
    ----------
    target, force : as for `open_output`
    schema : column name -> dtype, in the order of the columns; ``object`` for text
    table_format : ``csv``, ``jsonl``, ``npz`` or ``parquet``; None: by the suffix
    """
    chosen = table_format or format_for(target, list(TABLES))
    if chosen == "parquet":
        require_pyarrow(target)
    with open_output(target, force=force) as stream:
        table = TABLES[chosen](stream, schema)
        with contextlib.closing(table):
            yield table
            table.finish()


_OWN_FILES = re.compile(rf"part-\d{{5,}}\.({'|'.join(TABLES)})")


@dataclass
class TableParts:
    """A table being written part by part; `write` is that of a `TableWriter`.

    Parameters
    ----------
    folder : where the parts go: ``part-00000.parquet`` and so on
    schema, table_format : of every part
    rows_per_part : every part but the last has exactly so many
    stack : ends the part that is open when the table is complete, or given up
    """

    folder: Path
    schema: Schema
    table_format: str
    rows_per_part: int
    stack: contextlib.ExitStack

    def __post_init__(self) -> None:
        self._num_parts = 0
        self._begin_part()

    def _begin_part(self) -> None:
        """End the part that is open, if any, and open the next."""
        self.stack.close()
        path = self.folder / f"part-{self._num_parts:05d}.{self.table_format}"
        opened = open_table(path, self.schema, table_format=self.table_format)
        self._table: TableWriter = self.stack.enter_context(opened)
        self._num_parts += 1
        self._room = self.rows_per_part

    def write(self, columns: Columns) -> None:
        """Append rows; see `TableWriter.write`."""
        num_rows = max((len(column) for column in columns.values()), default=0)
        start = 0
        while start < num_rows:
            if self._room == 0:
                self._begin_part()
            stop = min(start + self._room, num_rows)
            self._table.write({name: c[start:stop] for name, c in columns.items()})
            self._room -= stop - start
            start = stop


def check_parts(target: str | Path, *, force: bool) -> None:
    """Refuse a folder for parts that cannot be written; see `check_folder`."""
    check_folder(target, force=force, own=_OWN_FILES)


@contextlib.contextmanager
def open_parts(
    target: str | Path,
    schema: Schema,
    *,
    table_format: str,
    rows_per_part: int,
    force: bool = False,
) -> Iterator[TableParts]:
    """Open a table in parts whose folder becomes the target when the block ends well.

    Raises `OutputError` as `open_folder` and `open_table`.

    Parameters
    ----------
    target : the folder; replaced if ``force`` and nothing but parts is in it
    schema, table_format : as for `open_table`
    rows_per_part : at least 1; memory does not depend on it
    """
    if table_format == "parquet":
        require_pyarrow(target)
    opened = open_folder(target, force=force, own=_OWN_FILES)
    with opened as folder, contextlib.ExitStack() as stack:
        yield TableParts(folder, schema, table_format, rows_per_part, stack)


def write_parquet(target: str | Path, columns: Columns) -> None:
    """Write columns without compression; the same columns give the same bytes.

    They are (N,) arrays of int64, float64 or bool, or of objects, which hold text; no
    value is missing. Whole numbers are written as differences. That makes the file as
    small as general compression would (35 bytes per object), and it loads four times as
    fast.
    """
    require_pyarrow(target)
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: pa.array(column, pa.string() if column.dtype.kind == "O" else None)
        for name, column in columns.items()
    }
    integers = [name for name, column in columns.items() if column.dtype.kind == "i"]
    options: dict[str, Any] = {
        "compression": "none",
        "use_dictionary": False,
        "column_encoding": dict.fromkeys(integers, "DELTA_BINARY_PACKED"),
    }
    with open_output(target) as stream:
        pq.write_table(pa.table(arrays), stream, **options)


def require_pyarrow(target: str | Path) -> None:
    """Refuse Parquet where pyarrow is not installed."""
    try:
        import pyarrow.parquet  # noqa: F401 - whether it is there is all we ask
    except ImportError as error:
        message = f"{target}: Parquet needs pyarrow, which is not installed"
        hint = "pip install 'atss-inspect[parquet]'"
        raise OutputError(message, hint=hint) from error


def _texts(array: Column) -> list[str | None]:
    """List a column of objects as text; None stays."""
    return [None if value is None else str(value) for value in array.tolist()]


def _is_text(dtype: np.dtype[Any]) -> bool:
    """Whether a column holds text."""
    return dtype.kind == "O" and not dtype.metadata


def _csv_fields(array: Column, *, is_text: bool) -> list[bytes]:
    """Format a column, which has at least one row, for CSV."""
    if is_text:
        return _csv_text(_texts(array))
    # A JSON array of numbers is their fields with commas between: the fastest way to
    # format many numbers, shortest digits included, that our dependencies offer.
    numbers = msgspec.json.encode(python_values(array))[1:-1]
    return numbers.replace(b"null", b"").split(b",")


def _csv_text(texts: Sequence[str | None]) -> list[bytes]:
    """Quote the texts that need it; the empty text, to tell it from a missing one."""
    return [b"" if text is None else _csv_quoted(text) for text in texts]


def _csv_quoted(text: str) -> bytes:
    """Quote one text where a reader of CSV would misunderstand it bare."""
    if not text or any(sign in text for sign in ',"\r\n') or text != text.strip():
        text = '"' + text.replace('"', '""') + '"'
    return text.encode("utf-8", errors="backslashreplace")


class _NpySpool:
    """One column of unknown length on its way into an ``.npy`` member.

    Text waits as JSON strings, one a line, until the longest is known.
    """

    def __init__(self, dtype: np.dtype[Any], folder: Path | None) -> None:
        self._is_text = _is_text(dtype)
        self._dtype = np.dtype("<U1") if self._is_text else dtype.newbyteorder("<")
        if dtype.metadata:  # what is missing is NaN
            self._dtype = np.dtype("<f8")
        self._num_rows = 0
        self._width = 1  # of the longest text so far
        # Closed by `close`, since it lives longer than this function.
        self._file: Any = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115

    def append(self, array: Column) -> None:
        """Add a block of the column."""
        self._num_rows += len(array)
        if not self._is_text:
            self._file.write(array.astype(self._dtype, copy=False).tobytes())
            return
        texts = ["" if text is None else text for text in _texts(array)]
        self._width = max(self._width, *map(len, texts))
        self._dtype = np.dtype(f"<U{self._width}")
        self._file.write(msgspec.json.Encoder().encode_lines(texts))

    def header(self) -> bytes:
        """Describe the column as the format ``.npy`` asks for it."""
        shape = (self._num_rows,)
        description = {"descr": self._dtype.str, "fortran_order": False, "shape": shape}
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, description)
        return header.getvalue()

    def num_bytes(self) -> int:
        """Length of the finished member."""
        return len(self.header()) + self._num_rows * self._dtype.itemsize

    def copy_to(self, member: IO[bytes]) -> None:
        """Write the whole column."""
        member.write(self.header())
        self._file.seek(0)
        if not self._is_text:
            shutil.copyfileobj(self._file, member)
            return
        while lines := list(itertools.islice(self._file, _BLOCK_ROWS)):
            texts = [msgspec.json.decode(line, type=str) for line in lines]
            member.write(np.array(texts, dtype=self._dtype).tobytes())

    def close(self) -> None:
        """Delete the temporary file."""
        self._file.close()
