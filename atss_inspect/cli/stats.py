"""``atss-inspect stats``: how many positives the objects get, and which get none."""

import enum

import typer

from atss_inspect.cli.options import output_option
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import FilterOptions, RequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.presets import DEFAULT_PRESETS

EXAMPLES = (
    "atss-inspect stats --ann instances_val.json",
    "atss-inspect stats --ann val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats --ann val.json --json -o stats.json",
)


# By what objects are told apart.
Breakdown = enum.StrEnum("Breakdown", "SIZE LEVEL CLASS RATIO")
BY = output_option("--by size|level|class|ratio", "Break the numbers down; repeatable.")


def stats(
    context: typer.Context,
    *,
    asked: RequestOptions,
    selected: FilterOptions,
    by: list[Breakdown] | None = BY,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Positives per object and level, and which objects get none.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.

    --class and --size choose what is reported; the other objects still take part in
    the assignment. To train on fewer classes, use --set data.classes=NAME,NAME.
    """
    flow = begin(context, asked, selected, work, answer, default=DEFAULT_PRESETS)
    breakdowns = tuple(breakdown.value for breakdown in by or ())
    stats = flow.read_again(command=asked.typed_again(), by=breakdowns)
    flow.show(flow.summarize(stats))
