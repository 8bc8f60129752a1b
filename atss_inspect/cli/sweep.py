"""``atss-inspect sweep``: what other values of a setting would do."""

from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import with_option_groups
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import OneRequestOptions, require_ann
from atss_inspect.cli.selection import FilterOptions, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atss_inspect.annotations.dataset import Dataset
    from atss_inspect.cli.request import Request
    from atss_inspect.settings import ResolvedSettings, Settings
    from atss_inspect.statistics.summary import Selection, Summary
    from atss_inspect.views.sweep_report import SweepReport

EPILOG = examples(
    "atss-inspect sweep --ann val.json k=3:19:2",
    "atss-inspect sweep --ann val.json -p rpn-mmdet positive_from=0.5:0.8:0.05",
    "atss-inspect sweep --ann val.json k=5,9,13 scale=4,8",
    "atss-inspect sweep --ann val.json short_side=480,640,800,1000",
    "atss-inspect sweep --ann val.json levels=P2-P6,P2-P7,P3-P7",
)
AxesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="NAME=VALUES",
        help="A setting and its values: 5,9,13 or START:STOP:STEP, both ends "
        "included. Two settings make a grid.",
    ),
]


@with_option_groups
def sweep(
    context: typer.Context,
    swept: AxesArgument,
    *,
    asked: OneRequestOptions,
    selected: FilterOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Try other values of a setting, and say which to take.

    Any setting by its name, alias or path, as for --set. levels names the levels of
    the pyramid: P2-P6 has strides 4 to 64. While short_side is swept, long_side follows
    in proportion, unless it is swept or set too.
    """
    quiet: bool = context.obj.quiet
    chosen = answer.choose_format()
    report = run_sweep(swept, asked, selected, work, quiet=quiet)
    answer.emit(_render(report, chosen, bold=answer.is_bold), quiet=quiet)


def run_sweep(
    swept: "Sequence[str]",
    asked: OneRequestOptions,
    selected: FilterOptions,
    work: WorkOptions,
    *,
    quiet: bool,
) -> "SweepReport":
    """Read the annotations, and try every value; everything else is checked before."""
    from atss_inspect.readers import load_coco
    from atss_inspect.statistics.sweep import expand, parse_axes
    from atss_inspect.views.stats_report import StatsReport
    from atss_inspect.views.sweep_report import SweepReport

    command = asked.typed_again()  # refuses --pad-to before anything else
    axes = parse_axes(swept)
    request = asked.resolve()
    base = _only_one(request)
    points = expand(base.settings, axes, fixed=_set_by_user(base, asked.config or ()))
    require_workers(work)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    filters = selected.filters()
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(point.settings for point in points)
    stats = StatsReport(
        dataset=dataset,
        settings=settings,
        summaries=_summarize(dataset, settings, selection, work, quiet=quiet),
        selection=selection,
        images=filters.images,
        limit=filters.limit,
        command=command,
        filtering=filters.typed_again(),
    )
    is_preset = base.settings.name in preset_names()
    return SweepReport(stats, base.settings, is_preset, axes, points)


def _only_one(request: "Request") -> "ResolvedSettings":
    """Give the convention to change."""
    if len(request.resolved) > 1:
        names = ", ".join(one.settings.name for one in request.resolved)
        message = f"sweep: expected one preset, got {names}"
        raise SettingsError(message, hint="choose one with --preset NAME")
    return request.resolved[0]


def _set_by_user(base: "ResolvedSettings", config: "Sequence[str]") -> list[str]:
    """List the settings that neither a preset nor a settings file decides."""
    from pathlib import Path

    files = {Path(name).name for name in config}
    return [
        path
        for path, origin in base.origins.items()
        if origin not in {"default", *files} and not origin.startswith("preset ")
    ]


def _summarize(
    dataset: "Dataset",
    settings: "tuple[Settings, ...]",
    selection: "Selection",
    work: WorkOptions,
    *,
    quiet: bool,
) -> "tuple[Summary, ...]":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.statistics.sweep import sweep as sweep_settings

    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        return sweep_settings(
            dataset, settings, selection=selection, executor=executor, on_chunk=on_chunk
        )


def _render(report: "SweepReport", chosen: str, *, bold: bool) -> str | bytes:
    """Write a report in a format."""
    from atss_inspect.views.answer import render
    from atss_inspect.views.sweep import sweep_answer

    return render(sweep_answer(report), chosen, bold=bold)
