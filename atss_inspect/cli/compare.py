"""``atss-inspect compare``: conventions on the same objects, or data sets under one."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import OptionGroup, with_option_groups
from atss_inspect.cli.options import (
    CONVENTION,
    INPUT,
    AnnOption,
    PadToOption,
    SetOption,
    complete_preset,
)
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import (
    Request,
    require_ann,
    resolve_request,
    typed_again,
    with_padding,
)
from atss_inspect.cli.selection import FilterOptions, Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.views.baseline import BaselineReport
    from atss_inspect.views.compare import CompareReport
    from atss_inspect.views.stats_report import StatsReport

EPILOG = examples(
    "atss-inspect compare --ann val.json atss-mmdet retinanet-mmdet",
    "atss-inspect compare --ann val.json atss-mmdet mine.toml --size tiny",
    "atss-inspect compare --ann new.json --baseline old.json atss-mmdet",
)

PresetArguments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PRESET",
        help="Conventions by name, or TOML files with your own.",
        autocompletion=complete_preset,
        rich_help_panel=CONVENTION,
    ),
]
BaselineOption = Annotated[
    list[str] | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="Earlier annotations: compare data, not conventions.",
        rich_help_panel=INPUT,
    ),
]


class NamedRequestOptions(OptionGroup):
    """`RequestOptions` for conventions that are named without an option."""

    presets: PresetArguments = None
    ann: AnnOption = None
    overrides: SetOption = None
    pad_to: PadToOption = None

    @property
    def changes(self) -> list[str]:
        """The texts of ``--set``, and what ``--pad-to`` is short for."""
        return with_padding(self.overrides, self.pad_to)


@with_option_groups
def compare(
    context: typer.Context,
    *,
    asked: NamedRequestOptions,
    baseline: BaselineOption = None,
    selected: FilterOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Which objects one convention feeds and another starves.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection. Only objects that all
    of them keep are compared. With --baseline: what a convention, or each of several,
    does to the objects of two annotation files.
    """
    quiet: bool = context.obj.quiet
    chosen = answer.choose_format()
    request = resolve_request(
        ann=asked.ann,
        preset=asked.presets,
        overrides=asked.changes,
        default=DEFAULT_PRESETS,
    )
    _require_presets(request, at_least=1 if baseline else 2)
    filters = selected.filters()
    require_workers(work)
    now = read_stats(request, require_ann(request), filters, quiet=quiet)
    now = replace(
        now,
        command=typed_again(ann=asked.ann, set=asked.changes),
        filtering=filters.typed_again(),
    )
    typed = tuple(asked.presets or now.names)
    if baseline:
        before = read_stats(request, baseline, filters, quiet=quiet)
        each = [_summarized(one, work, quiet=quiet) for one in (before, now)]
        changed = _baseline_report(each, typed)
        content = _render_baseline(changed, chosen, bold=answer.is_bold)
    else:
        report = compare_presets(now, typed, work, quiet=quiet)
        content = _render(report, chosen, bold=answer.is_bold)
    answer.emit(content, quiet=quiet)


def _require_presets(request: Request, *, at_least: int) -> None:
    """Refuse too few conventions, and equal names, which nobody could tell apart."""
    names = [one.settings.name for one in request.resolved]
    if len(names) < at_least:
        message = f"compare: expected two presets or more, got {', '.join(names)}"
        hint = "name another one, or earlier annotations with --baseline FILE"
        raise SettingsError(message, hint=hint)
    for name in names:
        if names.count(name) > 1:
            message = f"compare: expected different presets, got {name} twice"
            hint = "a copy of the settings in a TOML file of another name can differ"
            raise SettingsError(message, hint=hint)


def read_stats(
    request: Request, ann: Sequence[str], filters: Filters, *, quiet: bool
) -> "StatsReport":
    """Read annotations and take what was asked for; nothing is assigned yet."""
    from atss_inspect.readers import load_coco
    from atss_inspect.views.stats_report import StatsReport

    dataset = load_coco(*ann)
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    return StatsReport(
        dataset=dataset,
        settings=tuple(one.settings for one in request.resolved),
        summaries=(),
        selection=selection,
        images=filters.images,
        limit=filters.limit,
    )


def compare_presets(
    report: "StatsReport",
    typed: tuple[str, ...],
    work: WorkOptions,
    *,
    quiet: bool,
) -> "CompareReport":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.statistics.comparison import compare as compare_conventions
    from atss_inspect.views.compare import CompareReport

    dataset = report.dataset
    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        found = compare_conventions(
            dataset,
            report.settings,
            selection=report.selection,
            executor=executor,
            on_chunk=on_chunk,
        )
    stats = replace(report, summaries=found.summaries)
    return CompareReport(stats, found.pairs, typed)


def _summarized(
    report: "StatsReport", work: WorkOptions, *, quiet: bool
) -> "StatsReport":
    """Fill in what each convention does to the objects of one data set."""
    from atss_inspect.statistics.run import summarize

    dataset = report.dataset
    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        summaries = summarize(
            dataset,
            report.settings,
            selection=report.selection,
            executor=executor,
            on_chunk=on_chunk,
        )
    return replace(report, summaries=summaries)


def _baseline_report(
    each: "Sequence[StatsReport]", typed: tuple[str, ...]
) -> "BaselineReport":
    """Put the two data sets side by side."""
    from atss_inspect.views.baseline import BaselineReport

    before, now = each
    return BaselineReport(before, now, typed)


def _render(report: "CompareReport", chosen: str, *, bold: bool) -> str | bytes:
    """Write a comparison of conventions in a format."""
    from atss_inspect.views.answer import render
    from atss_inspect.views.compare import compare_answer

    return render(compare_answer(report), chosen, bold=bold)


def _render_baseline(
    report: "BaselineReport", chosen: str, *, bold: bool
) -> str | bytes:
    """Write a comparison of data sets in a format."""
    from atss_inspect.views.answer import render
    from atss_inspect.views.baseline import baseline_answer

    return render(baseline_answer(report), chosen, bold=bold)
