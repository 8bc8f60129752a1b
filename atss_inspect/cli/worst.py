"""``atss-inspect worst``: the objects, images or classes that are assigned worst."""

import enum
from collections.abc import Iterable
from dataclasses import replace

import typer

from atss_inspect.cli import options
from atss_inspect.cli.drawing import ShiftOptions
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import CountOptions, OneRequestOptions, typed_again
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import begin
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean

EXAMPLES = (
    "atss-inspect worst --ann instances_val.json",
    "atss-inspect worst --ann val.json --cause lost-to-others --size large",
    "atss-inspect worst --ann val.json -p retinanet-detectron2 --as-trained",
    "atss-inspect worst -p retinanet-mmdet --cause low-quality-only --by class",
    "atss-inspect worst --ann val.json -p fcos-mmdet --by class --json",
)

ONE = "name one with --preset; `atss-inspect compare` puts several together"
# What the rows are.
By = enum.StrEnum("By", "OBJECT IMAGE CLASS")


class RowOptions(TableOptions):
    """The options that say what the rows are, how many, and how they are printed."""

    causes: list[str] | None = options.selection_option(
        "--cause CAUSE",
        "Only objects without a positive for this cause, as `stats --json` names "
        "it: under-threshold, lost-to-others, ...; or low-quality-only, those that "
        "have positives, but none at or above the bar.",
    )
    number: int = options.output_option(
        "--number -n N", "Show so many rows at most.", default=20, min=1
    )
    by: By = options.output_option(
        "--by object|image|class", "What the rows are.", default=By.OBJECT
    )


def worst(
    context: typer.Context,
    *,
    asked: OneRequestOptions,
    drawn: ShiftOptions,
    selected: CountOptions,
    rows: RowOptions,
    work: WorkOptions,
) -> None:
    """Which objects, images or classes are assigned worst under one convention.

    Poorly assigned objects come first, those without a positive before those that have
    only low-quality matches, then those with few positives; ties: largest first.
    Images go by the number, classes by the share of poorly assigned objects. Over sizes
    and flips that are drawn, objects come first that have no positive in any; causes
    are those of the nominal size. Without a preset: ATSS of mmdetection. Of YOLO models
    (-p yolo11) objects without a candidate come first.
    """
    from atss_inspect.statistics.worst import LOW_QUALITY_ONLY, Query, find_worst
    from atss_inspect.views.draw_words import Over
    from atss_inspect.views.worst import WorstReport

    causes = _known_causes(rows.causes or ())
    flow = begin(context, asked, selected, work, rows).drawing(drawn)
    if (drawn.is_asked or drawn.shifts) and rows.by is not By.OBJECT:
        message = f"--by {rows.by}: expected object, since variants are drawn"
        hint = "`atss-inspect stats --by class` counts them in an average pass"
        raise SettingsError(message, hint=hint)
    settings = flow.require_one("worst", hint=ONE).settings
    bar, name = settings.low_quality_bar, settings.name
    if LOW_QUALITY_ONLY in causes and bar is None:
        message = f"--cause low-quality-only: {name} has no low-quality matches"
        hint = "the IoU rule has them: --preset retinanet-mmdet, rpn-mmdet, ..."
        raise SettingsError(message, hint=hint)
    stats = replace(flow.read(), command=asked.files_again())
    query = Query(rows.number, causes, stats.selection, selected.need)
    variants = next(iter(flow.asked_variants(stats.dataset)), None)
    with flow.working(stats.dataset, 1 + len(variants.each if variants else ())) as how:
        found = find_worst(stats.dataset, settings, query, variants=variants, **how)
    convention = (*flow.options[0], *typed_again(set=asked.changes))
    typed = selected.words() | {"cause": typed_again(cause=rows.causes)}
    report = WorstReport(stats, found, rows.by.value, convention, typed)
    over = Over(variants, drawn.num_epochs, drawn.draws_again()) if variants else None
    flow.show(replace(report, over=over))


def _known_causes(typed: Iterable[str]) -> tuple[str, ...]:
    """Take the names of causes, with hyphens or underscores, once, in rule order."""
    # Loads NumPy, which help does without.
    from atss_inspect.assigners import load_all
    from atss_inspect.assigners.causes import KNOWN_CAUSES
    from atss_inspect.statistics.worst import LOW_QUALITY_ONLY

    wanted = {text.replace("-", "_"): text for text in typed}
    if not wanted.keys() <= {*KNOWN_CAUSES, LOW_QUALITY_ONLY}:
        load_all()
    known = [*KNOWN_CAUSES, LOW_QUALITY_ONLY]
    hyphened = [each.replace("_", "-") for each in known]
    for name, text in wanted.items():
        if name not in known:
            nearest = did_you_mean(name.replace("_", "-"), hyphened)
            message = f'--cause: unknown cause "{text}"{nearest}'
            raise SettingsError(message, hint=f"the causes are {', '.join(hyphened)}")
    return tuple(name for name in known if name in wanted)
