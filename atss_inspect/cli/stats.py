"""``atss-inspect stats``: how many positives the objects get, and which get none."""

from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    AnnOption,
    ByOption,
    ClassOption,
    ConfigOption,
    DaskOption,
    ForceOption,
    FormatOption,
    ImageOption,
    JobsOption,
    JsonOption,
    LimitOption,
    OutputOption,
    PadToOption,
    PresetOption,
    SetOption,
    SizeOption,
)
from atss_inspect.cli.output import emit, has_style, pick_format, require_target
from atss_inspect.cli.request import (
    require_ann,
    resolve_request,
    typed_again,
    with_padding,
)
from atss_inspect.cli.selection import Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import at_work, require_workers
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.summary import Selection, Summary
    from atss_inspect.views.stats_report import StatsReport

EPILOG = examples(
    "atss-inspect stats --ann instances_val.json",
    "atss-inspect stats --ann val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats --ann val.json --json -o stats.json",
)


def stats(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: AnnOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    classes: ClassOption = None,
    images: ImageOption = None,
    sizes: SizeOption = None,
    limit: LimitOption = None,
    by: ByOption = None,
    output_format: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
    force: ForceOption = False,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
) -> None:
    """Positives per object and level, and which objects get none.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.

    --class and --size choose what is reported; the other objects still take part in
    the assignment. To train on fewer classes, use --set data.classes=NAME,NAME.
    """
    from atss_inspect.readers import load_coco
    from atss_inspect.views.stats_report import StatsReport

    quiet: bool = context.obj.quiet
    chosen = pick_format(output_format, as_json=as_json, output=output)
    require_target(output, force=force)
    overrides = with_padding(overrides, pad_to)
    request = resolve_request(
        ann=ann,
        preset=preset,
        config=config,
        overrides=overrides,
        default=DEFAULT_PRESETS,
    )
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    require_workers(jobs=jobs, dask=dask)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(one.settings for one in request.resolved)
    report = StatsReport(
        dataset=dataset,
        settings=settings,
        summaries=_summarize(
            dataset, settings, selection, jobs=jobs, dask=dask, quiet=quiet
        ),
        selection=selection,
        images=filters.images,
        limit=filters.limit,
        by=tuple(breakdown.value for breakdown in by or ()),
        command=typed_again(ann=ann, preset=preset, config=config, set=overrides),
        filtering=typed_again(
            image=images, limit=limit, size=filters.sizes, **{"class": classes}
        ),
    )
    emit(_render(report, chosen, output), output, force=force, quiet=quiet)


def _summarize(
    dataset: "Dataset",
    settings: "tuple[Settings, ...]",
    selection: "Selection",
    *,
    jobs: int,
    dask: str | None,
    quiet: bool,
) -> "tuple[Summary, ...]":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.run import summarize

    with at_work(dataset, jobs=jobs, dask=dask, quiet=quiet) as (executor, on_chunk):
        return summarize(
            dataset, settings, selection=selection, executor=executor, on_chunk=on_chunk
        )


def _render(report: "StatsReport", chosen: str, output: str | None) -> str | bytes:
    """Show a report in a format."""
    if chosen in ("table", "md"):
        from atss_inspect.views.stats_text import stats_markdown, stats_text

        if chosen == "md":
            return stats_markdown(report)
        return stats_text(report, bold=output is None and has_style())
    from atss_inspect.views import stats_records
    from atss_inspect.writers import encode_json, encode_json_lines

    if chosen == "json":
        return encode_json(stats_records.stats_document(report))
    if chosen == "jsonl":
        return encode_json_lines(stats_records.stats_records(report))
    return stats_records.stats_csv(report)
