"""``atss-inspect stats``: how many objects are poorly assigned, and which."""

import enum

import typer

from atss_inspect.cli import output
from atss_inspect.cli.options import output_option
from atss_inspect.cli.request import ComparedRequestOptions, CountOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.presets import DEFAULT_PRESETS

EXAMPLES = (
    "atss-inspect stats instances_val.json",
    "atss-inspect stats val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats val.json --json -o stats.json",
)


# By what objects are told apart.
Breakdown = enum.StrEnum("Breakdown", "SIZE LEVEL CLASS RATIO")
# Which classes come first.
Order = enum.StrEnum("Order", "WORST OBJECTS NAME NONE")


class TableOptions(output.TableOptions):
    """What the tables show, and how they are printed."""

    by: list[Breakdown] | None = output_option(
        "--by size|level|class|ratio", "Break the numbers down; repeatable."
    )
    full: bool = output_option(
        "--full", "More rows: levels, percentiles, ties, losses.", default=False
    )
    every: bool = output_option(
        "--all", "Every class, not the first 20.", default=False
    )
    sort: Order = output_option(
        "--sort worst|objects|name|none",
        "Order of classes; none is that of the file.",
        "worst",
    )


def stats(
    context: typer.Context,
    *,
    asked: ComparedRequestOptions,
    selected: CountOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """How many objects are poorly assigned, which, why, and how bad that is.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side.

    --class and --size choose what is reported; the other objects still take part in
    the assignment. To train on fewer classes, use --set data.classes=NAME,NAME.
    """
    flow = begin(context, asked, selected, work, answer, default=DEFAULT_PRESETS)
    stats = flow.read_again(
        command=asked.typed_again(),
        commands=asked.each_alone_again(flow),
        by=tuple(breakdown.value for breakdown in answer.by or ()),
        sort=answer.sort.value,
        width=answer.screen.width,
        is_full=answer.full or answer.every,
    )
    flow.show(flow.summarize(stats))
