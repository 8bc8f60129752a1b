"""``atss-inspect stats``: how many positives the objects get, and which get none."""

import enum
from typing import Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import output_option, with_option_groups
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.selection import FilterOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.presets import DEFAULT_PRESETS

EPILOG = examples(
    "atss-inspect stats --ann instances_val.json",
    "atss-inspect stats --ann val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats --ann val.json --json -o stats.json",
)


class Breakdown(enum.StrEnum):
    """By what objects are told apart."""

    SIZE = "size"
    LEVEL = "level"
    CLASS = "class"
    RATIO = "ratio"


ByOption = Annotated[
    list[Breakdown] | None,
    output_option("--by size|level|class|ratio", "Break the numbers down; repeatable."),
]


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
    from atss_inspect.statistics.run import summarize
    from atss_inspect.views.stats import stats_answer

    chosen = answer.choose_format()
    flow = begin(context, asked, selected, work, default=DEFAULT_PRESETS)
    breakdowns = tuple(breakdown.value for breakdown in by or ())
    stats = flow.read_again(command=asked.typed_again(), by=breakdowns)
    report = flow.summarize(stats, summarize)
    answer.show(stats_answer(report), chosen, quiet=flow.quiet)
