"""``atss-inspect sweep``: what other values of a setting would do."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli.drawing import VariantOptions
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import CountOptions, OneRequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.presets import preset_names

if TYPE_CHECKING:
    from atss_inspect.views.sweep import SweepReport

EXAMPLES = (
    "atss-inspect sweep --ann val.json k=3:19:2",
    "atss-inspect sweep --ann val.json -p rpn-mmdet positive_from=0.5:0.8:0.05",
    "atss-inspect sweep --ann val.json k=5,9,13 scale=4,8",
    "atss-inspect sweep --ann val.json short_side=480,640,800,1000",
    "atss-inspect sweep --ann val.json levels=P2-P6,P2-P7,P3-P7",
    "atss-inspect sweep --ann val.json k=5,9,13 --short-sides 640:800:32 --flip",
)
AXES = typer.Argument(
    metavar="NAME=VALUES",
    help="A setting and its values: 5,9,13 or START:STOP:STEP, both ends included. Two "
    "settings make a grid.",
)


def sweep(  # noqa: PLR0913 - a group of options each
    context: typer.Context,
    swept: list[str] = AXES,
    *,
    asked: OneRequestOptions,
    drawn: VariantOptions,
    selected: CountOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Try other values of a setting, and say whether one is worth a change.

    Any setting by its name, alias or path, as for --set. levels names the levels of
    the pyramid: P2-P6 has strides 4 to 64. While short_side is swept, long_side follows
    in proportion, unless it is swept or set too. Over sizes and flips that training
    draws, rows are judged in an average pass.
    """
    flow = begin(context, asked, selected, work, answer).drawing(drawn)
    flow.show(run_sweep(flow, swept))


def run_sweep(flow: Workflow, swept: Sequence[str]) -> "SweepReport":
    """Read the annotations, and try every value; everything else is checked before."""
    from atss_inspect.statistics.sweep import (
        expand,
        parse_axes,
        require_effect,
        require_other_axes,
    )
    from atss_inspect.views.sweep import SweepReport

    base = flow.require_one("sweep", hint="choose one with --preset NAME")
    axes = parse_axes(swept, base.settings.assigner_name)
    # The settings that neither a preset nor a settings file decides.
    files = {"default", *(Path(name).name for name in flow.asked.config or ())}
    fixed = [
        path
        for path, origin in base.origins.items()
        if origin not in files and not origin.startswith("preset ")
    ]
    require_other_axes(base.settings, axes, is_drawn=flow.drawn.is_asked)
    points = expand(base.settings, axes, fixed=fixed)
    require_effect(axes, points)
    settings = tuple(point.settings for point in points)
    [named] = flow.options
    typed = (*flow.asked.data_again(named), *flow.drawn.typed_again())
    stats = replace(flow.read_again(command=typed), settings=(*settings, base.settings))
    if flow.drawn.is_asked:
        full, _ = flow.summarize_drawn(stats)
    else:
        # What values of one setting share makes three of them as quick as one alone.
        full = flow.summarize(stats, -(-len(stats.settings) // 3))
    *rows, today = full.summaries
    swept_stats = replace(full, settings=settings, summaries=tuple(rows))
    is_preset = base.settings.name in preset_names()
    draws = flow.draws(stats.dataset)
    return SweepReport(
        swept_stats, base.settings, is_preset, axes, points, today, draws
    )
