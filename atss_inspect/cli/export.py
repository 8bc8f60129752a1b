"""``atss-inspect export``: tables of positives, of objects, of objects left out."""

import contextlib
import enum
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import OptionGroup, with_option_groups
from atss_inspect.cli.options import OUTPUT, ForceOption, OutputOption
from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.request import Request, RequestOptions, require_ann
from atss_inspect.cli.selection import FilterOptions, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.statistics.summary import Selection
    from atss_inspect.statistics.tables import Work
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


TableFormatOption = Annotated[
    TableFormat | None,
    typer.Option(
        "--format",
        "-f",
        help="How to write; without it, the suffix of -o decides, else csv.",
        rich_help_panel=OUTPUT,
    ),
]
RowsPerPartOption = Annotated[
    int | None,
    typer.Option(
        "--rows-per-part",
        min=1,
        metavar="N",
        help="Make -o a folder of files of so many rows each, Parquet unless --format "
        "says otherwise.",
        rich_help_panel=OUTPUT,
    ),
]


class TargetOptions(OptionGroup):
    """The options that say how a table is written, and where."""

    output: OutputOption = None
    table_format: TableFormatOption = None
    rows_per_part: RowsPerPartOption = None
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
    import numpy as np

    from atss_inspect.readers import load_coco

    chosen = _choose_format(target)
    request = asked.resolve()
    if kind is Kind.POSITIVES:
        _require_one_preset(request)
    quiet: bool = context.obj.quiet
    require_workers(work)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, selected.filters())
    settings = tuple(one.settings for one in request.resolved)
    rows_of = _rows_of(kind, settings, selection)
    schema = _schema(dataset, rows_of)
    with _open(target, schema, chosen) as table:
        num_rows = _write(table, rows_of, dataset, work, quiet=quiet)
    if quiet:
        return
    _tell(target.path, num_rows)
    if kind is Kind.OBJECTS:
        every = np.arange(dataset.num_objects)
        num_selected = int(selection.mask(dataset, every).sum())
        _tell_left_out(num_selected * len(settings) - num_rows, len(settings))


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


def _require_one_preset(request: Request) -> None:
    """Refuse several presets: levels and anchors are numbered by each on its own."""
    names = [one.settings.name for one in request.resolved]
    if len(names) > 1:
        message = f"export positives: expected one preset, got {', '.join(names)}"
        raise SettingsError(message, hint=f"choose one, such as --preset {names[0]}")


def _rows_of(
    kind: Kind, settings: "tuple[Settings, ...]", selection: "Selection"
) -> "Work":
    """Choose what makes the rows of a chunk."""
    from atss_inspect.statistics import tables

    rows_of_kind = {
        Kind.POSITIVES: tables.positives_chunk,
        Kind.OBJECTS: tables.objects_chunk,
        Kind.LEFT_OUT: tables.left_out_chunk,
    }[kind]
    return partial(rows_of_kind, settings=settings, selection=selection)


def _schema(dataset: "Dataset", rows_of: "Work") -> "Schema":
    """Find the columns and their dtypes from a table without rows."""
    nothing = rows_of(dataset.slice_images(0, 0))
    return {name: column.dtype for name, column in nothing.items()}


def _write(
    table: "TableParts | TableWriter",
    rows_of: "Work",
    dataset: "Dataset",
    work: WorkOptions,
    *,
    quiet: bool,
) -> int:
    """Write the rows of all chunks in order; the number of rows."""
    from atss_inspect.statistics.run import map_chunks

    num_rows = 0
    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        for columns in map_chunks(
            rows_of, dataset, executor=executor, on_chunk=on_chunk
        ):
            table.write(columns)
            num_rows += len(columns["image_id"])
    return num_rows


def _tell(target: str, num_rows: int) -> None:
    """Say on stderr what was written to a file."""
    from atss_inspect.views.numbers import plural

    if target != STDOUT:
        sys.stderr.write(f"wrote {target}, {plural(num_rows, 'row')}\n")


def _tell_left_out(number: int, num_presets: int) -> None:
    """Say how many rows one might miss."""
    from atss_inspect.views.numbers import plural

    if number:
        where = " over all presets" if num_presets > 1 else ""
        sys.stderr.write(
            f"note: {plural(number, 'object')} left out by the data rules{where}; "
            "`atss-inspect export left-out` says why\n"
        )
