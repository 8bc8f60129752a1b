"""``atss-inspect export``: tables of positives, of objects, of objects left out."""

import enum
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import typer

from atss_inspect.cli import options
from atss_inspect.cli.drawing import PlainVariantOptions
from atss_inspect.cli.request import FilterOptions, RequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.views.numbers import plural
from atss_inspect.writers.files import STDOUT, check_target, format_for

if TYPE_CHECKING:
    from atss_inspect.statistics.tables import Work
    from atss_inspect.statistics.variants import Variants
    from atss_inspect.views.stats import StatsReport

EXAMPLES = (
    "atss-inspect export positives --ann val.json -o positives.csv",
    "atss-inspect export objects -p atss-mmdet -p fcos-mmdet -o objects.parquet",
    "atss-inspect export objects --ann val.json --short-sides 640:800:32 --flip",
    "atss-inspect export left-out --ann val.json",
    "atss-inspect export objects --ann val.json -o rows --rows-per-part 1000000",
    "atss-inspect export coco --ann val.json -p yolov5 -o enriched.json",
    "atss-inspect export fixed --ann data.yaml -o coco.json",
)


# What a row is.
Kind = enum.StrEnum(
    "Kind",
    {
        "POSITIVES": "positives",
        "CANDIDATES": "candidates",
        "OBJECTS": "objects",
        "LEFT_OUT": "left-out",
        "COCO": "coco",
        "FIXED": "fixed",
    },
)
KIND = typer.Argument(metavar="|".join(Kind), help="What a row is, or which file.")
# How the table is written.
TableFormat = enum.StrEnum("TableFormat", "CSV JSONL NPZ PARQUET")


class TargetOptions(WorkOptions):
    """The options that say how a table is written, where, and who does the work."""

    output: str | None = options.OUTPUT_FILE
    table_format: TableFormat | None = options.output_option(
        "--format -f", "How to write; without it, the suffix of -o decides, else csv."
    )
    rows_per_part: int | None = options.output_option(
        "--rows-per-part N",
        "Make -o a folder of files of so many rows each, Parquet unless --format says "
        "otherwise.",
        min=1,
    )
    force: bool = options.FORCE

    @property
    def path(self) -> str:
        """The file, the folder of parts, or stdout."""
        return self.output or STDOUT


def export(
    context: typer.Context,
    kind: Kind = KIND,
    *,
    asked: RequestOptions,
    drawn: PlainVariantOptions,
    selected: FilterOptions,
    target: TargetOptions,
) -> None:
    """Write a table of positive anchors, of candidates of a gate, or of objects.

    candidates: a row per object and level, the cells that may become positive, by a
    gate (-p yolo11): image_id, ann_id, annotation_index, level, row_from, row_to,
    column_from, column_to, num_candidates, num_contested.

    positives: image_id, ann_id, annotation_index (place in the file, from 0), level
    (from 0), cell_y, cell_x, anchor (place in the cell), iou and is_low_quality (empty
    where the rule has none); of one preset. objects: what is known of each object, by
    each preset, and over sizes and flips that are drawn. left-out: the objects that a
    preset's data rules leave out, with the reason. Without a preset: atss-mmdet.

    Two are no tables but COCO JSON. coco: the same file, with what each preset does to
    each annotation added to it, for FiftyOne and the like. fixed: the annotations as
    they were understood, with ids, boxes and areas mended, and a list of what was
    changed; of YOLO and VOC data, too. Both read a file twice, so not stdin.
    """
    if kind in (Kind.COCO, Kind.FIXED):
        _document(context, kind, asked, drawn, selected, target)
        return
    from atss_inspect.statistics import tables
    from atss_inspect.statistics.run import map_chunks
    from atss_inspect.writers.tables import open_parts, open_table

    chosen = _choose_format(target)
    flow = begin(context, asked, selected, target).drawing(drawn)
    _require(kind, flow)
    stats = flow.read()
    variants = flow.asked_variants(stats.dataset)
    rows_of = _rows_of(kind, stats, variants)
    # A table without rows tells the columns and their dtypes.
    nothing = rows_of(stats.dataset.slice_images(0, 0))
    schema = {n: tables.dtype_of(n, column) for n, column in nothing.items()}
    opened: Any = open_table
    if target.rows_per_part is not None:
        opened = partial(open_parts, rows_per_part=target.rows_per_part)
    opened = opened(target.path, schema, table_format=chosen, force=target.force)
    num_passes = len(stats.settings) + sum(len(one.each) for one in variants)
    working = flow.working(stats.dataset, num_passes)
    num_rows = 0
    with opened as table, working as workers:
        for columns in map_chunks(rows_of, stats.dataset, **workers):
            table.write(columns)
            num_rows += len(columns["image_id"])
    if not flow.quiet:
        _tell(target.path, num_rows, stats if kind is Kind.OBJECTS else None)


def _document(
    context: typer.Context,
    kind: Kind,
    asked: RequestOptions,
    drawn: PlainVariantOptions,
    selected: FilterOptions,
    target: TargetOptions,
) -> None:
    """Write a file of annotations rather than a table."""
    from atss_inspect.cli.export_document import export_document

    if target.table_format or target.rows_per_part:
        message = f"export {kind}: is COCO JSON; expected no --format, no parts"
        raise SettingsError(message, hint="leave these options out")
    if kind is Kind.FIXED and (asked.preset or asked.config or asked.overrides):
        message = "export fixed: no preset has a part in it; expected none"
        raise SettingsError(message, hint="`export coco` adds what presets do")
    flow = begin(context, asked, selected, target).drawing(drawn)
    export_document(flow, kind.value, target.path, force=target.force)


def _require(kind: Kind, flow: Workflow) -> None:
    """Refuse several presets, or variants, where rows are not of objects."""
    if kind in (Kind.POSITIVES, Kind.CANDIDATES):
        # Levels and anchors are numbered by each on its own.
        hint = f"choose one, such as --preset {flow.names[0]}"
        flow.require_one(f"export {kind}", hint=hint)
    if flow.drawn.is_asked and kind is not Kind.OBJECTS:
        message = f"export {kind}: expected objects, since variants are drawn"
        hint = "leave out what is drawn, or export objects"
        raise SettingsError(message, hint=hint)


def _rows_of(
    kind: Kind, stats: "StatsReport", variants: "tuple[Variants, ...]"
) -> "Work":
    """Choose what makes the columns of a chunk."""
    from atss_inspect.statistics import tables

    asked: Any = {"settings": stats.settings, "selection": stats.selection}
    if kind is Kind.OBJECTS:
        return partial(tables.objects_chunk, variants=variants, **asked)
    if kind is Kind.POSITIVES:
        return partial(tables.positives_chunk, **asked)
    if kind is Kind.CANDIDATES:
        from atss_inspect.statistics.candidates import candidates_chunk

        return partial(candidates_chunk, **asked)
    return partial(tables.left_out_chunk, **asked)


def _choose_format(target: TargetOptions) -> str:
    """Choose a format: --format, then the suffix; a folder is of Parquet files."""
    from atss_inspect.writers.tables import check_parts

    path, default, check = target.path, "csv", check_target
    if target.rows_per_part:
        default, check = "parquet", check_parts
    chosen = target.table_format or format_for(path, [*TableFormat], default=default)
    check(path, force=target.force)
    return chosen


def _tell(target: str, num_rows: int, objects: "StatsReport | None") -> None:
    """Print on stderr what was written to a file, and how many rows one might miss."""
    if target != STDOUT:
        sys.stderr.write(f"wrote {target}, {plural(num_rows, 'row')}\n")
    if objects is None:
        return
    import numpy as np

    dataset, num_presets = objects.dataset, len(objects.settings)
    every = np.arange(dataset.num_objects)
    number = int(objects.selection.mask(dataset, every).sum()) * num_presets - num_rows
    if number:
        where = " over all presets" if num_presets > 1 else ""
        sys.stderr.write(
            f"note: {plural(number, 'object')} left out by the data rules{where}; "
            "`atss-inspect export left-out` says why\n"
        )
