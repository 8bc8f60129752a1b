"""``atss-inspect export``: tables of positives, of objects, of objects left out."""

import contextlib
import enum
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    ForceOption,
    OptionGroup,
    OutputOption,
    output_option,
    with_option_groups,
)
from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.statistics.tables import Work
    from atss_inspect.views.stats_report import StatsReport
    from atss_inspect.writers import TableParts, TableWriter
    from atss_inspect.writers.tables import Schema

EPILOG = examples(
    "atss-inspect export positives --ann val.json -o positives.csv",
    "atss-inspect export objects -p atss-mmdet -p fcos-mmdet -o objects.parquet",
    "atss-inspect export left-out --ann val.json",
    "atss-inspect export objects --ann val.json -o rows --rows-per-part 1000000",
)


class Kind(enum.StrEnum):
    """What a row is."""

    POSITIVES = "positives"
    OBJECTS = "objects"
    LEFT_OUT = "left-out"


class TableFormat(enum.StrEnum):
    """How the table is written."""

    CSV = "csv"
    JSONL = "jsonl"
    NPZ = "npz"
    PARQUET = "parquet"


class TargetOptions(OptionGroup):
    """The options that say how a table is written, and where."""

    output: OutputOption = None
    table_format: TableFormat | None = output_option(
        "--format -f", "How to write; without it, the suffix of -o decides, else csv."
    )
    rows_per_part: Annotated[
        int | None,
        output_option(
            "--rows-per-part N",
            "Make -o a folder of files of so many rows each, Parquet unless --format "
            "says otherwise.",
            min=1,
        ),
    ] = None
    force: ForceOption = False

    @property
    def path(self) -> str:
        """The file, the folder of parts, or stdout."""
        return self.output or STDOUT


@with_option_groups
def export(
    context: typer.Context,
    kind: Annotated[
        Kind,
        typer.Argument(
            metavar="|".join(kind.value for kind in Kind), help="What a row is."
        ),
    ],
    *,
    asked: RequestOptions,
    selected: FilterOptions,
    target: TargetOptions,
    work: WorkOptions,
) -> None:
    """Write a table: a row per positive anchor, or per object.

    positives: image_id, ann_id, annotation_index (place in the file, from 0), level
    (from 0), cell_y, cell_x, anchor (place in the cell), iou (empty for FCOS); of one
    preset. objects: what is known of each object, by each preset. left-out: the
    objects that a preset's data rules leave out, with the reason. Without a preset:
    atss-mmdet.
    """
    chosen = _choose_format(target)
    flow = begin(context, asked, selected, work)
    if kind is Kind.POSITIVES:  # levels and anchors are numbered by each on its own
        hint = f"choose one, such as --preset {flow.request.names[0]}"
        flow.request.require_one("export positives", hint=hint)
    stats = flow.read()
    rows_of = _rows_of(kind, stats)
    schema = _schema(stats.dataset, rows_of)
    with _open(target, schema, chosen) as table:
        num_rows = _write(table, rows_of, flow, stats)
    if flow.quiet:
        return
    _tell(target.path, num_rows)
    if kind is Kind.OBJECTS:
        _tell_left_out(stats, num_rows)


def _choose_format(target: TargetOptions) -> str:
    """Choose a format: --format, then the suffix; a folder is of Parquet files.

    A target that cannot be written is refused before any work is done for it.
    """
    from atss_inspect.writers import check_parts, check_target, format_for

    default = "parquet" if target.rows_per_part else "csv"
    chosen = target.table_format or format_for(
        target.path, list(TableFormat), default=default
    )
    check = check_parts if target.rows_per_part else check_target
    check(target.path, force=target.force)
    return chosen


def _open(
    target: TargetOptions, schema: "Schema", table_format: str
) -> "contextlib.AbstractContextManager[TableParts | TableWriter]":
    """Open the file, or the folder of parts."""
    from atss_inspect.writers import open_parts, open_table

    if target.rows_per_part is None:
        return open_table(
            target.path, schema, table_format=table_format, force=target.force
        )
    return open_parts(
        target.path,
        schema,
        table_format=table_format,
        rows_per_part=target.rows_per_part,
        force=target.force,
    )


def _rows_of(kind: Kind, stats: "StatsReport") -> "Work":
    """Choose what makes the rows of a chunk."""
    from atss_inspect.statistics import tables

    rows_of_kind = {
        Kind.POSITIVES: tables.positives_chunk,
        Kind.OBJECTS: tables.objects_chunk,
        Kind.LEFT_OUT: tables.left_out_chunk,
    }[kind]
    return partial(rows_of_kind, settings=stats.settings, selection=stats.selection)


def _schema(dataset: "Dataset", rows_of: "Work") -> "Schema":
    """Find the columns and their dtypes from a table without rows."""
    nothing = rows_of(dataset.slice_images(0, 0))
    return {name: column.dtype for name, column in nothing.items()}


def _write(
    table: "TableParts | TableWriter",
    rows_of: "Work",
    flow: Workflow,
    stats: "StatsReport",
) -> int:
    """Write the rows of all chunks in order; the number of rows."""
    from atss_inspect.statistics.run import map_chunks

    num_rows = 0
    with flow.working(stats.dataset, len(stats.settings)) as (executor, on_chunk):
        for columns in map_chunks(
            rows_of, stats.dataset, executor=executor, on_chunk=on_chunk
        ):
            table.write(columns)
            num_rows += len(columns["image_id"])
    return num_rows


def _tell(target: str, num_rows: int) -> None:
    """Print on stderr what was written to a file."""
    from atss_inspect.views.numbers import plural

    if target != STDOUT:
        sys.stderr.write(f"wrote {target}, {plural(num_rows, 'row')}\n")


def _tell_left_out(stats: "StatsReport", num_rows: int) -> None:
    """Print how many rows one might miss."""
    import numpy as np

    from atss_inspect.views.numbers import plural

    dataset, num_presets = stats.dataset, len(stats.settings)
    every = np.arange(dataset.num_objects)
    number = int(stats.selection.mask(dataset, every).sum()) * num_presets - num_rows
    if number:
        where = " over all presets" if num_presets > 1 else ""
        sys.stderr.write(
            f"note: {plural(number, 'object')} left out by the data rules{where}; "
            "`atss-inspect export left-out` says why\n"
        )
