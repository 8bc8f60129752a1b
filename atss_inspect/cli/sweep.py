"""``atss-inspect sweep``: what other values of a setting would do."""

from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    AnnOption,
    ClassOption,
    DaskOption,
    ForceOption,
    FormatOption,
    ImageOption,
    JobsOption,
    JsonOption,
    LimitOption,
    OneConfigOption,
    OnePresetOption,
    OutputOption,
    PadToOption,
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
from atss_inspect.errors import SettingsError
from atss_inspect.presets import preset_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atss_inspect.cli.request import Request
    from atss_inspect.dataset import Dataset
    from atss_inspect.settings import ResolvedSettings, Settings
    from atss_inspect.summary import Selection, Summary
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


def sweep(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    swept: AxesArgument,
    ann: AnnOption = None,
    preset: OnePresetOption = None,
    config: OneConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    classes: ClassOption = None,
    images: ImageOption = None,
    sizes: SizeOption = None,
    limit: LimitOption = None,
    output_format: FormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
    force: ForceOption = False,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
) -> None:
    """Try other values of a setting, and say which to take.

    Any setting by its name, alias or path, as for --set. levels names the levels of
    the pyramid: P2-P6 has strides 4 to 64. While short_side is swept, long_side follows
    in proportion, unless it is swept or set too.
    """
    quiet: bool = context.obj.quiet
    chosen = pick_format(output_format, as_json=as_json, output=output)
    require_target(output, force=force)
    filters = Filters.of_options(
        images=images, limit=limit, classes=classes, sizes=sizes
    )
    report = run_sweep(
        swept,
        filters,
        ann=ann,
        preset=preset,
        config=config,
        overrides=with_padding(overrides, pad_to),
        jobs=jobs,
        dask=dask,
        quiet=quiet,
    )
    emit(_render(report, chosen, output), output, force=force, quiet=quiet)


def run_sweep(  # noqa: PLR0913 - one argument per option
    swept: "Sequence[str]",
    filters: Filters,
    *,
    ann: "Sequence[str] | None",
    preset: "Sequence[str] | None",
    config: "Sequence[str] | None",
    overrides: "Sequence[str]",
    jobs: int,
    dask: str | None = None,
    quiet: bool,
) -> "SweepReport":
    """Read the annotations, and try every value; everything else is checked before."""
    from atss_inspect.readers import load_coco
    from atss_inspect.sweep import expand, parse_axes
    from atss_inspect.views.stats_report import StatsReport
    from atss_inspect.views.sweep_report import SweepReport

    axes = parse_axes(swept)
    request = resolve_request(
        ann=ann, preset=preset, config=config, overrides=overrides
    )
    base = _only_one(request)
    points = expand(base.settings, axes, fixed=_set_by_user(base, config or ()))
    require_workers(jobs=jobs, dask=dask)
    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    settings = tuple(point.settings for point in points)
    summaries = _summarize(
        dataset, settings, selection, jobs=jobs, dask=dask, quiet=quiet
    )
    stats = StatsReport(
        dataset=dataset,
        settings=settings,
        summaries=summaries,
        selection=selection,
        images=filters.images,
        limit=filters.limit,
        command=typed_again(ann=ann, preset=preset, config=config, set=overrides),
        filtering=typed_again(
            image=filters.images,
            limit=filters.limit,
            size=filters.sizes,
            **{"class": filters.classes},
        ),
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
    *,
    jobs: int,
    dask: str | None,
    quiet: bool,
) -> "tuple[Summary, ...]":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.sweep import sweep as sweep_settings

    with at_work(dataset, jobs=jobs, dask=dask, quiet=quiet) as (executor, on_chunk):
        return sweep_settings(
            dataset, settings, selection=selection, executor=executor, on_chunk=on_chunk
        )


def _render(report: "SweepReport", chosen: str, output: str | None) -> str | bytes:
    """Show a report in a format."""
    if chosen in ("table", "md"):
        from atss_inspect.views.sweep_text import sweep_markdown, sweep_text

        if chosen == "md":
            return sweep_markdown(report)
        return sweep_text(report, bold=output is None and has_style())
    from atss_inspect.views import sweep_records
    from atss_inspect.writers import encode_json, encode_json_lines

    if chosen == "json":
        return encode_json(sweep_records.sweep_document(report))
    if chosen == "jsonl":
        return encode_json_lines(sweep_records.sweep_records(report))
    return sweep_records.sweep_csv(report)
