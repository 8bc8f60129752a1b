"""A long table as a folder of parts, each a file of its own."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from atss_inspect.writers.folders import check_folder, open_folder
from atss_inspect.writers.tables import (
    TABLES,
    Columns,
    Schema,
    TableWriter,
    open_table,
    require_pyarrow,
)

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
    with (
        open_folder(target, force=force, own=_OWN_FILES) as folder,
        contextlib.ExitStack() as stack,
    ):
        yield TableParts(folder, schema, table_format, rows_per_part, stack)
