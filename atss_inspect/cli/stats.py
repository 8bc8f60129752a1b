"""``atss-inspect stats``: how many objects are poorly assigned, and which."""

import enum
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli import output
from atss_inspect.cli.drawing import ShiftOptions
from atss_inspect.cli.options import output_option
from atss_inspect.cli.request import ComparedRequestOptions, CountOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import DEFAULT_PRESETS

if TYPE_CHECKING:
    from atss_inspect.views.shifts import ShiftsReport
    from atss_inspect.views.stats import StatsReport
    from atss_inspect.views.variants import VariantsReport

EXAMPLES = (
    "atss-inspect stats instances_val.json",
    "atss-inspect stats val.json -p atss-mmdet --set k=15 --by class",
    "atss-inspect stats val.json -p retinanet-detectron2 --as-trained",
    "atss-inspect stats val.json -p atss-mmdet --shifts 32",
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
    drawn: ShiftOptions,
    selected: CountOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """How many objects are poorly assigned, which, why, and how bad that is.

    Without a preset: ATSS, RetinaNet and FCOS of mmdetection side by side. Of YOLO
    models (-p yolo11) it tells which objects have no candidate at this size.

    --class and --size choose what is reported; the other objects still take part in
    the assignment. To train on fewer classes, use --set data.classes=NAME,NAME.
    """
    flow = begin(context, asked, selected, work, answer, default=DEFAULT_PRESETS)
    flow = flow.drawing(drawn)
    if drawn.shifts and (answer.by or answer.full or answer.every):
        message = f"--shifts {drawn.shifts}: expected no --by, --full or --all"
        raise SettingsError(message, hint="shifts are counted by size alone")
    stats = flow.read_again(
        command=asked.typed_again(),
        commands=asked.each_alone_again(flow),
        options=flow.options,
        by=tuple(breakdown.value for breakdown in answer.by or ()),
        sort=answer.sort.value,
        width=answer.screen.width,
        is_full=answer.full or answer.every,
    )
    if drawn.is_asked or drawn.shifts:
        flow.show((over_shifts if drawn.shifts else over_variants)(flow, stats))
        return
    from atss_inspect.views.draw_words import training_note

    # Where there are more warnings than fit, there is enough to do.
    is_read = answer.choose_format() in ("table", "md") and not flow.notices.waiting
    if is_read and (text := training_note(flow.settings)):
        flow.notices.tell(f"note: {text}")
    flow.show(flow.summarize(stats))


def over_variants(flow: Workflow, stats: "StatsReport") -> "VariantsReport":
    """Count what conventions do to the objects over all that training draws."""
    from atss_inspect.views.variants import VariantsReport

    (average, found), drawn = flow.summarize_drawn(stats), flow.drawn
    variants, words = flow.variants(stats.dataset), drawn.typed_again()
    return VariantsReport(average, variants, found, drawn.num_epochs, words)


def over_shifts(flow: Workflow, stats: "StatsReport") -> "ShiftsReport":
    """Count what conventions do to the objects in other places of the pictures."""
    from atss_inspect.views.shifts import ShiftsReport

    found, variants = flow.summarize_variants(stats), flow.asked_variants(stats.dataset)
    own = replace(stats, summaries=tuple(one.nominal for one in found))
    rest = flow.drawn.num_epochs, flow.drawn.draws_again()
    return ShiftsReport(own, variants, found, *rest)
