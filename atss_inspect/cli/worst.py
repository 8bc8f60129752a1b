"""``atss-inspect worst``: the objects, images or classes that get least."""

import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import OptionGroup, with_option_groups
from atss_inspect.cli.options import OUTPUT, SELECTION
from atss_inspect.cli.output import TableOptions
from atss_inspect.cli.request import (
    OneRequestOptions,
    Request,
    require_ann,
    typed_again,
)
from atss_inspect.cli.selection import FilterOptions, Filters, apply_filters
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.errors import SettingsError
from atss_inspect.presets import did_you_mean

if TYPE_CHECKING:
    from atss_inspect.statistics.worst import Worst
    from atss_inspect.views.stats_report import StatsReport
    from atss_inspect.views.worst_report import WorstReport

EPILOG = examples(
    "atss-inspect worst --ann instances_val.json",
    "atss-inspect worst --ann val.json --cause lost-to-others --size large",
    "atss-inspect worst --ann val.json -p fcos-mmdet --by class --json",
)


class By(enum.StrEnum):
    """What the rows are."""

    OBJECT = "object"
    IMAGE = "image"
    CLASS = "class"


NumberOption = Annotated[
    int,
    typer.Option(
        "--number",
        "-n",
        min=1,
        metavar="N",
        help="Show so many rows at most.",
        rich_help_panel=OUTPUT,
    ),
]
RowsOption = Annotated[
    By,
    typer.Option(
        "--by",
        metavar="object|image|class",
        help="What the rows are.",
        rich_help_panel=OUTPUT,
    ),
]
CauseOption = Annotated[
    list[str] | None,
    typer.Option(
        "--cause",
        metavar="CAUSE",
        help="Only objects that get nothing for this cause, as `stats --json` names "
        "it: under-threshold, lost-to-others, ...",
        rich_help_panel=SELECTION,
    ),
]


class RowOptions(OptionGroup):
    """The options that say what the rows are, and how many."""

    causes: CauseOption = None
    number: NumberOption = 20
    by: RowsOption = By.OBJECT


@with_option_groups
def worst(
    context: typer.Context,
    *,
    asked: OneRequestOptions,
    rows: RowOptions,
    selected: FilterOptions,
    answer: TableOptions,
    work: WorkOptions,
) -> None:
    """Which objects, images or classes get least under one convention.

    Objects with fewest positives come first, of equals the largest by the file's
    area. Images go by the number, classes by the share of objects without a positive.
    Without a preset: ATSS of mmdetection.
    """
    quiet: bool = context.obj.quiet
    chosen = answer.choose_format()
    causes = _known_causes(rows.causes or ())
    request = asked.resolve()
    _require_one(request)
    filters = selected.filters()
    require_workers(work)
    stats = _read(request, filters, command=typed_again(ann=asked.ann), quiet=quiet)
    found = _found(stats, rows.number, causes, work, quiet=quiet)
    named = asked.conventions_again() or ("--preset", stats.names[0])
    typed: dict[str, object] = {
        "image": filters.images,
        "limit": filters.limit,
        "size": filters.sizes,
        "class": filters.classes,
        "cause": rows.causes,
    }
    convention = (*named, *typed_again(set=asked.changes))
    report = _report(stats, found, rows.by, convention, typed)
    answer.emit(_render(report, chosen, bold=answer.is_bold), quiet=quiet)


def _known_causes(typed: Iterable[str]) -> tuple[str, ...]:
    """Take the names of causes, with hyphens or underscores, each once, in rule order.

    Raises
    ------
    SettingsError
        For a name that no cause has; it names the nearest.
    """
    # Loads NumPy, which help does without.
    from atss_inspect.assigners import load_all
    from atss_inspect.assigners.causes import KNOWN_CAUSES

    found = {}
    for text in typed:
        name = text.replace("-", "_")
        if name not in KNOWN_CAUSES:
            load_all()
        names = tuple(KNOWN_CAUSES)
        if name not in names:
            hyphened = [each.replace("_", "-") for each in names]
            nearest = did_you_mean(name.replace("_", "-"), hyphened)
            message = f'--cause: unknown cause "{text}"{nearest}'
            raise SettingsError(message, hint=f"the causes are {', '.join(hyphened)}")
        found[name] = True
    return tuple(name for name in KNOWN_CAUSES if name in found)


def _require_one(request: Request) -> None:
    """Refuse several conventions: the worst of one is not the worst of another."""
    names = [one.settings.name for one in request.resolved]
    if len(names) > 1:
        message = f"worst: expected one preset, got {', '.join(names)}"
        hint = "name one with --preset; `atss-inspect compare` puts several together"
        raise SettingsError(message, hint=hint)


def _read(
    request: Request, filters: Filters, *, command: tuple[str, ...], quiet: bool
) -> "StatsReport":
    """Read annotations and take what was asked for; nothing is assigned yet."""
    from atss_inspect.readers import load_coco
    from atss_inspect.views.stats_report import StatsReport

    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    dataset, selection = apply_filters(dataset, filters)
    return StatsReport(
        dataset=dataset,
        settings=tuple(one.settings for one in request.resolved),
        summaries=(),
        selection=selection,
        images=filters.images,
        limit=filters.limit,
        command=command,
    )


def _found(
    stats: "StatsReport",
    number: int,
    causes: tuple[str, ...],
    work: WorkOptions,
    *,
    quiet: bool,
) -> "Worst":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.statistics.worst import Query, find_worst

    dataset = stats.dataset
    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        return find_worst(
            dataset,
            stats.settings[0],
            Query(number, causes, stats.selection),
            executor=executor,
            on_chunk=on_chunk,
        )


def _report(
    stats: "StatsReport",
    found: "Worst",
    by: By,
    convention: tuple[str, ...],
    typed: dict[str, object],
) -> "WorstReport":
    """Put together what was found and what is to be typed next."""
    from atss_inspect.views.worst_report import WorstReport

    filters = {name: typed_again(**{name: value}) for name, value in typed.items()}
    return WorstReport(stats, found, by.value, convention, filters)


def _render(report: "WorstReport", chosen: str, *, bold: bool) -> str | bytes:
    """Write a report in a format."""
    from atss_inspect.views.answer import render
    from atss_inspect.views.worst import worst_answer

    return render(worst_answer(report), chosen, bold=bold)
