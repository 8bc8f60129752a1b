"""``atss-inspect compare``: conventions on the same objects, or data sets under one."""

from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.drawing import VariantOptions
from atss_inspect.cli.named_file import hint_at_preset
from atss_inspect.cli.options import input_option
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import CountOptions, NamedRequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.views.compare import CompareReport
    from atss_inspect.views.compare_average import DrawnComparison
    from atss_inspect.views.stats import StatsReport

EXAMPLES = (
    "atss-inspect compare --ann val.json atss-mmdet retinanet-mmdet",
    "atss-inspect compare --ann val.json atss-mmdet mine.toml --size tiny",
    "atss-inspect compare --ann val.json atss-mmdet fcos-mmdet --as-trained",
    "atss-inspect compare --ann new.json --baseline old.json atss-mmdet",
)

BASELINE = input_option(
    "--baseline FILE", "Earlier annotations: compare data, not conventions."
)


def compare(  # noqa: PLR0913 - a group of options each
    context: typer.Context,
    *,
    asked: NamedRequestOptions,
    baseline: list[str] | None = BASELINE,
    drawn: VariantOptions,
    selected: CountOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """How far conventions differ, and which objects have a positive under one only.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection. Only objects that all
    of them keep are compared. With --baseline: what a convention, or each of several,
    does to the objects of two annotation files. Of gates (ultralytics-8.3 yolo11) it is
    candidates that count.
    """
    from atss_inspect.views.baseline import BaselineReport

    flow = begin(context, asked, selected, work, answer, default=DEFAULT_PRESETS)
    if len(flow.names) < 2 and not baseline:
        message = f"compare: expected two presets or more, got {', '.join(flow.names)}"
        hint = "name another one, or earlier annotations with --baseline FILE"
        raise SettingsError(message, hint=hint_at_preset(asked.ann) or hint)
    if drawn.is_asked and baseline:
        message = "--baseline: expected no sizes or flips with it"
        raise SettingsError(message, hint="`stats` counts over them, file by file")
    flow = flow.drawing(drawn)
    now = flow.read_again()
    typed = tuple(name for _, name in flow.options)
    if baseline:
        before = flow.read(baseline)
        both = flow.summarize(before), flow.summarize(now)
        flow.show(BaselineReport(*both, typed))
    elif drawn.is_asked:
        flow.show(compare_drawn(flow, now, typed))
    else:
        flow.show(compare_presets(flow, now, typed))


def compare_drawn(
    flow: Workflow, stats: "StatsReport", typed: tuple[str, ...]
) -> "DrawnComparison":
    """Compare what conventions, named as typed, do over all that each draws."""
    from atss_inspect.views.compare_average import DrawnComparison

    (average, found), drawn = flow.summarize_drawn(stats), flow.drawn
    variants, words = flow.variants(stats.dataset), drawn.typed_again()
    return DrawnComparison(average, variants, found, drawn.num_epochs, words, typed)


def compare_presets(
    flow: Workflow, stats: "StatsReport", typed: tuple[str, ...]
) -> "CompareReport":
    """Compare what the conventions, named as typed, do to the same objects."""
    from atss_inspect.statistics.comparison import compare as compare_conventions
    from atss_inspect.views.compare import CompareReport

    found = flow.over(stats, compare_conventions)
    return CompareReport(replace(stats, summaries=found.summaries), found.pairs, typed)
