"""``atss-inspect export``: tables of positives, of objects, of objects left out."""

import contextlib
import enum
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    OUTPUT,
    AnnOption,
    ClassOption,
    ConfigOption,
    DaskOption,
    ForceOption,
    ImageOption,
    JobsOption,
    LimitOption,
    OutputOption,
    PadToOption,
    PresetOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.output import STDOUT
from atss_inspect.cli.request import (
    Request,
    require_ann,
    resolve_request,
    with_padding,
)
from atss_inspect.cli.selection import Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import at_work, require_workers
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from atss_inspect.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.summary import Selection
    from atss_inspect.tables import Work
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


def export(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    kind: Annotated[
        Kind,
        typer.Argument(
            metavar="|".join(kind.value for kind in Kind), help="What a row is."
        ),
    ],
    ann: AnnOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    classes: ClassOption = None,
    images: ImageOption = None,
    sizes: SizeOption = None,
    limit: LimitOption = None,
    output: OutputOption = None,
    table_format: TableFormatOption = None,
    rows_per_part: RowsPerPartOption = None,
    force: ForceOption = False,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
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

    target = output or STDOUT
    chosen = _pick_format(target, table_format, rows_per_part)
    _require_target(target, rows_per_part, force=force)
    overrides = with_padding(overrides, pad_to)
    request = resolve_request(
        ann=ann, preset=preset, config=config, overrides=overrides
    )
    if kind is Kind.POSITIVES:
        _require_one_preset(request)
    quiet: bool = context.obj.quiet
    require_workers(jobs=jobs, dask=dask)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(one.settings for one in request.resolved)
    work = _work(kind, settings, selection)
    schema = _schema(dataset, work)
    with _open(target, schema, chosen, rows_per_part, force=force) as table:
        num_rows = _write(table, work, dataset, jobs=jobs, dask=dask, quiet=quiet)
    if quiet:
        return
    _tell(target, num_rows)
    if kind is Kind.OBJECTS:
        every = np.arange(dataset.num_objects)
        num_selected = int(selection.mask(dataset, every).sum())
        _tell_left_out(num_selected * len(settings) - num_rows, len(settings))


def _pick_format(
    target: str, asked: TableFormat | None, rows_per_part: int | None
) -> str:
    """Choose a format: --format, then the suffix; a folder is of Parquet files."""
    from atss_inspect.writers import format_for

    default = "parquet" if rows_per_part else "csv"
    return asked or format_for(target, list(TableFormat), default=default)


def _require_target(target: str, rows_per_part: int | None, *, force: bool) -> None:
    """Refuse a target that cannot be written before any work is done for it."""
    from atss_inspect.writers import check_parts, check_target

    check = check_parts if rows_per_part else check_target
    check(target, force=force)


def _open(
    target: str,
    schema: "Schema",
    table_format: str,
    rows_per_part: int | None,
    *,
    force: bool,
) -> "contextlib.AbstractContextManager[TableParts | TableWriter]":
    """Open the file, or the folder of parts."""
    from atss_inspect.writers import open_parts, open_table

    if rows_per_part is None:
        return open_table(target, schema, table_format=table_format, force=force)
    return open_parts(
        target,
        schema,
        table_format=table_format,
        rows_per_part=rows_per_part,
        force=force,
    )


def _require_one_preset(request: Request) -> None:
    """Refuse several presets: levels and anchors are numbered by each on its own."""
    names = [one.settings.name for one in request.resolved]
    if len(names) > 1:
        message = f"export positives: expected one preset, got {', '.join(names)}"
        raise SettingsError(message, hint=f"choose one, such as --preset {names[0]}")


def _work(
    kind: Kind, settings: "tuple[Settings, ...]", selection: "Selection"
) -> "Work":
    """Choose what makes the rows of a chunk."""
    from atss_inspect import tables

    rows_of = {
        Kind.POSITIVES: tables.positives_chunk,
        Kind.OBJECTS: tables.objects_chunk,
        Kind.LEFT_OUT: tables.left_out_chunk,
    }[kind]
    return partial(rows_of, settings=settings, selection=selection)


def _schema(dataset: "Dataset", work: "Work") -> "Schema":
    """Find the columns and their dtypes from a table without rows."""
    nothing = work(dataset.slice_images(0, 0))
    return {name: column.dtype for name, column in nothing.items()}


def _write(
    table: "TableParts | TableWriter",
    work: "Work",
    dataset: "Dataset",
    *,
    jobs: int,
    dask: str | None,
    quiet: bool,
) -> int:
    """Write the rows of all chunks in order; the number of rows."""
    from atss_inspect.run import map_chunks

    num_rows = 0
    with at_work(dataset, jobs=jobs, dask=dask, quiet=quiet) as (executor, on_chunk):
        for columns in map_chunks(work, dataset, executor=executor, on_chunk=on_chunk):
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
