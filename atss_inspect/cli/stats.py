"""``atss-inspect stats``: how many positives the objects get, and which get none."""

from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.options import ByOption
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import RequestOptions, require_ann
from atss_inspect.cli.selection import FilterOptions, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.settings import Settings
    from atss_inspect.statistics.summary import Selection, Summary
    from atss_inspect.views.stats_report import StatsReport

EPILOG = examples(
    "atss-inspect stats --ann instances_val.json",
    "atss-inspect stats --ann val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats --ann val.json --json -o stats.json",
)


@with_option_groups
def stats(
    context: typer.Context,
    *,
    asked: RequestOptions,
    selected: FilterOptions,
    by: ByOption = None,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Positives per object and level, and which objects get none.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.

    --class and --size choose what is reported; the other objects still take part in
    the assignment. To train on fewer classes, use --set data.classes=NAME,NAME.
    """
    from atss_inspect.readers import load_coco
    from atss_inspect.views.stats_report import StatsReport

    quiet: bool = context.obj.quiet
    chosen = answer.choose_format()
    request = asked.resolve(default=DEFAULT_PRESETS)
    filters = selected.filters()
    require_workers(work)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(one.settings for one in request.resolved)
    report = StatsReport(
        dataset=dataset,
        settings=settings,
        summaries=_summarize(dataset, settings, selection, work, quiet=quiet),
        selection=selection,
        images=filters.images,
        limit=filters.limit,
        by=tuple(breakdown.value for breakdown in by or ()),
        command=asked.typed_again(),
        filtering=filters.typed_again(),
    )
    answer.emit(_render(report, chosen, bold=answer.is_bold), quiet=quiet)


def _summarize(
    dataset: "Dataset",
    settings: "tuple[Settings, ...]",
    selection: "Selection",
    work: WorkOptions,
    *,
    quiet: bool,
) -> "tuple[Summary, ...]":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.statistics.run import summarize

    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        return summarize(
            dataset, settings, selection=selection, executor=executor, on_chunk=on_chunk
        )


def _render(report: "StatsReport", chosen: str, *, bold: bool) -> str | bytes:
    """Write a report in a format."""
    from atss_inspect.views.answer import render
    from atss_inspect.views.stats import stats_answer

    return render(stats_answer(report), chosen, bold=bold)
