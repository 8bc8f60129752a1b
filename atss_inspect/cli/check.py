"""``atss-inspect check``: limits for data, on the share without positives."""

import enum
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.option_groups import OptionGroup, with_option_groups
from atss_inspect.cli.options import (
    OUTPUT,
    AnnOption,
    ConfigOption,
    PadToOption,
    PresetOption,
    SetOption,
)
from atss_inspect.cli.output import AnswerOptions
from atss_inspect.cli.request import (
    Request,
    RequestOptions,
    require_ann,
    typed_again,
)
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import WorkOptions, at_work, require_workers
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from atss_inspect.settings import Settings
    from atss_inspect.statistics.limits import Baseline, Check, Limit
    from atss_inspect.views.check_text import CheckReport
    from atss_inspect.views.stats_report import StatsReport

FINDINGS = 1
TOLERANCE = "0.5%"
LIMITS = "Limits"
EPILOG = examples(
    "atss-inspect check --ann val.json --max-unassigned 2%",
    "atss-inspect check --max-unassigned small=5% --max-unassigned class:car=3%",
    "atss-inspect stats --ann old.json -p atss-mmdet --json -o earlier.json",
    "atss-inspect check --ann new.json -p atss-mmdet --baseline earlier.json",
)


class CheckFormat(enum.StrEnum):
    """How the outcome is written."""

    MD = "md"
    JSON = "json"


CheckFormatOption = Annotated[
    CheckFormat | None,
    typer.Option(
        "--format",
        "-f",
        metavar="md|json",
        help="How to print; without it, the suffix of -o decides, else md.",
        rich_help_panel=OUTPUT,
    ),
]
LimitsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--max-unassigned",
        metavar="LIMIT",
        help="Largest share without a positive: 2%, 0.02, small=5%, class:car=3%. "
        "Sizes as in stats, and coco_small.",
        rich_help_panel=LIMITS,
    ),
]
EarlierOption = Annotated[
    str | None,
    typer.Option(
        "--baseline",
        metavar="FILE",
        help="What `stats --json` wrote earlier, for the same presets.",
        rich_help_panel=LIMITS,
    ),
]
ToleranceOption = Annotated[
    str | None,
    typer.Option(
        "--tolerance",
        metavar="POINTS",
        help=f"Rise over the baseline that is allowed; {TOLERANCE} unless told.",
        rich_help_panel=LIMITS,
    ),
]


class LimitOptions(OptionGroup):
    """The options that say what is allowed."""

    limits: LimitsOption = None
    baseline: EarlierOption = None
    tolerance: ToleranceOption = None


class CheckOptions(AnswerOptions):
    """How the outcome is printed, and where."""

    output_format: CheckFormatOption = None

    formats = tuple(CheckFormat)


@with_option_groups
def check(  # noqa: PLR0913 - the limits stand amidst the options of a request
    context: typer.Context,
    *,
    ann: AnnOption = None,
    held: LimitOptions,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    answer: CheckOptions,
    work: WorkOptions,
) -> None:
    """Fail where too many objects have no positive.

    Every limit holds for every preset; without one: atss-mmdet. With --baseline, the
    share of all objects and of each size may not rise by more than --tolerance.
    Exit code 0: all limits kept, 1: some broken.
    """
    quiet: bool = context.obj.quiet
    chosen = answer.choose_format()
    limits, allowed_rise = _parse(held)
    asked = RequestOptions(
        ann=ann, preset=preset, config=config, overrides=overrides, pad_to=pad_to
    )
    request = asked.resolve()
    earlier = _read_baseline(held.baseline, request) if held.baseline else None
    require_workers(work)
    stats = _stats(request, limits, work, quiet=quiet)
    stats = replace(stats, command=typed_again(ann=ann, set=asked.changes))
    checks = tuple(_checks(stats, limits, earlier, allowed_rise))
    report = _report(stats, checks, earlier, _typed_presets(request, asked))
    answer.emit(_render(report, chosen), quiet=quiet)
    if report.broken:
        raise typer.Exit(FINDINGS)


def _parse(held: LimitOptions) -> "tuple[tuple[Limit, ...], Fraction]":
    """Read the limits; without any there is nothing to do."""
    from atss_inspect.statistics.limits import parse_limit, parse_share

    if not held.limits and not held.baseline:
        message = "check: no limit named; expected --max-unassigned or --baseline"
        raise SettingsError(message, hint="such as --max-unassigned 2%")
    if held.tolerance is not None and not held.baseline:
        message = "--tolerance: expected --baseline with it"
        raise SettingsError(message)
    tolerance = TOLERANCE if held.tolerance is None else held.tolerance
    rise = parse_share(tolerance, "--tolerance")
    return tuple(map(parse_limit, held.limits or ())), rise


def _read_baseline(name: str, request: Request) -> "Baseline":
    """Read what was saved; the presets must be in it."""
    from atss_inspect.readers.source import read_document
    from atss_inspect.statistics.limits import baseline_of, require_presets
    from atss_inspect.views.stats_records import SCHEMA_VERSION

    baseline = baseline_of(read_document(name), name, schema_version=SCHEMA_VERSION)
    require_presets(baseline, _settings(request))
    return baseline


def _settings(request: Request) -> "tuple[Settings, ...]":
    """Take the conventions without their origins."""
    return tuple(one.settings for one in request.resolved)


def _stats(
    request: Request,
    limits: "tuple[Limit, ...]",
    work: WorkOptions,
    *,
    quiet: bool,
) -> "StatsReport":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.readers import load_coco
    from atss_inspect.statistics.limits import require_classes
    from atss_inspect.statistics.run import summarize
    from atss_inspect.views.stats_report import StatsReport

    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    require_classes(limits, dataset.category_names)
    settings = _settings(request)
    with at_work(dataset, work, quiet=quiet) as (executor, on_chunk):
        summaries = summarize(dataset, settings, executor=executor, on_chunk=on_chunk)
    return StatsReport(dataset, settings, summaries)


def _checks(
    stats: "StatsReport",
    limits: "tuple[Limit, ...]",
    baseline: "Baseline | None",
    tolerance: "Fraction",
) -> "Iterator[Check]":
    """Hold the limits, then the baseline, against what was found."""
    from atss_inspect.statistics.limits import check_baseline, check_limits

    found = stats.settings, stats.summaries
    yield from check_limits(limits, stats.dataset, *found)
    if baseline:
        yield from check_baseline(baseline, *found, tolerance)


def _typed_presets(
    request: Request, asked: RequestOptions
) -> tuple[tuple[str, ...], ...]:
    """Give each convention the option that chooses it alone."""
    typed = [("--preset", name) for name in asked.preset or ()]
    typed += [("--config", name) for name in asked.config or ()]
    if typed:
        return tuple(typed)
    return tuple(("--preset", one.settings.name) for one in request.resolved)


def _report(
    stats: "StatsReport",
    checks: "tuple[Check, ...]",
    baseline: "Baseline | None",
    typed: tuple[tuple[str, ...], ...],
) -> "CheckReport":
    """Put everything together."""
    from atss_inspect.statistics.limits import differences
    from atss_inspect.views.check_text import CheckReport

    changed = tuple(differences(baseline, stats.settings)) if baseline else ()
    return CheckReport(stats, checks, changed, typed)


def _render(report: "CheckReport", chosen: str) -> str | bytes:
    """Show the outcome in a format."""
    from atss_inspect.views.check_text import check_document, check_markdown

    if chosen == "md":
        return check_markdown(report)
    from atss_inspect.writers import encode_json

    return encode_json(check_document(report))
