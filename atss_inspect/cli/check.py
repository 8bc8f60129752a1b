"""``atss-inspect check``: a gate for data, by the share without positives."""

import enum
from typing import TYPE_CHECKING, Annotated

import typer

from atss_inspect.cli.help import examples
from atss_inspect.cli.options import (
    OUTPUT,
    AnnOption,
    ConfigOption,
    DaskOption,
    ForceOption,
    JobsOption,
    JsonOption,
    OutputOption,
    PadToOption,
    PresetOption,
    SetOption,
)
from atss_inspect.cli.output import emit, pick_format, require_target
from atss_inspect.cli.request import (
    Request,
    require_ann,
    resolve_request,
    typed_again,
    with_padding,
)
from atss_inspect.cli.warnings import show_warnings
from atss_inspect.cli.workers import at_work, require_workers
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from atss_inspect.gate import Baseline, Check, Limit
    from atss_inspect.settings import Settings
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


def check(  # noqa: PLR0913 - one argument per option
    context: typer.Context,
    ann: AnnOption = None,
    limits: LimitsOption = None,
    baseline: EarlierOption = None,
    tolerance: ToleranceOption = None,
    preset: PresetOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    pad_to: PadToOption = None,
    output_format: CheckFormatOption = None,
    as_json: JsonOption = False,
    output: OutputOption = None,
    force: ForceOption = False,
    jobs: JobsOption = 1,
    dask: DaskOption = None,
) -> None:
    """Fail where too many objects have no positive.

    Every limit holds for every preset; without one: atss-mmdet. With --baseline, the
    share of all objects and of each size may not rise by more than --tolerance.
    Exit code 0: all limits kept, 1: some broken.
    """
    quiet: bool = context.obj.quiet
    chosen = pick_format(
        output_format, as_json=as_json, output=output, allowed=("md", "json")
    )
    require_target(output, force=force)
    parsed, allowed_rise = _parse(limits, baseline, tolerance)
    overrides = with_padding(overrides, pad_to)
    request = resolve_request(
        ann=ann, preset=preset, config=config, overrides=overrides
    )
    earlier = _read_baseline(baseline, request) if baseline else None
    require_workers(jobs=jobs, dask=dask)
    stats = _stats(request, parsed, jobs=jobs, dask=dask, quiet=quiet)
    stats = _with_command(stats, typed_again(ann=ann, set=overrides))
    checks = tuple(_checks(stats, parsed, earlier, allowed_rise))
    typed = _typed_presets(request, preset, config)
    report = _report(stats, checks, earlier, typed)
    emit(_render(report, chosen), output, force=force, quiet=quiet)
    if report.broken:
        raise typer.Exit(FINDINGS)


def _parse(
    limits: list[str] | None, baseline: str | None, tolerance: str | None
) -> "tuple[tuple[Limit, ...], Fraction]":
    """Read the limits; without any there is nothing to do."""
    from atss_inspect.gate import parse_limit, parse_share

    if not limits and not baseline:
        message = "check: no limit named; expected --max-unassigned or --baseline"
        raise SettingsError(message, hint="such as --max-unassigned 2%")
    if tolerance is not None and not baseline:
        message = "--tolerance: expected --baseline with it"
        raise SettingsError(message)
    rise = parse_share(TOLERANCE if tolerance is None else tolerance, "--tolerance")
    return tuple(map(parse_limit, limits or ())), rise


def _read_baseline(name: str, request: Request) -> "Baseline":
    """Read what was saved; the presets must be in it."""
    from atss_inspect.gate import baseline_of, require_presets
    from atss_inspect.readers.document import read_document
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
    *,
    jobs: int,
    dask: str | None,
    quiet: bool,
) -> "StatsReport":
    """Do the work, with a progress bar, here or in other processes."""
    from atss_inspect.gate import require_classes
    from atss_inspect.readers import load_coco
    from atss_inspect.run import summarize
    from atss_inspect.views.stats_report import StatsReport

    dataset = load_coco(*require_ann(request))
    show_warnings(dataset.findings, quiet=quiet)
    require_classes(limits, dataset.category_names)
    settings = _settings(request)
    with at_work(dataset, jobs=jobs, dask=dask, quiet=quiet) as (executor, on_chunk):
        summaries = summarize(dataset, settings, executor=executor, on_chunk=on_chunk)
    return StatsReport(dataset, settings, summaries)


def _with_command(stats: "StatsReport", words: tuple[str, ...]) -> "StatsReport":
    """Keep what was typed for the next command."""
    from dataclasses import replace

    return replace(stats, command=words)


def _checks(
    stats: "StatsReport",
    limits: "tuple[Limit, ...]",
    baseline: "Baseline | None",
    tolerance: "Fraction",
) -> "Iterator[Check]":
    """Hold the limits, then the baseline, against what was found."""
    from atss_inspect.gate import check_baseline, check_limits

    found = stats.settings, stats.summaries
    yield from check_limits(limits, stats.dataset, *found)
    if baseline:
        yield from check_baseline(baseline, *found, tolerance)


def _typed_presets(
    request: Request, preset: list[str] | None, config: list[str] | None
) -> tuple[tuple[str, ...], ...]:
    """Give each convention the option that chooses it alone."""
    typed = [("--preset", name) for name in preset or ()]
    typed += [("--config", name) for name in config or ()]
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
    from atss_inspect.gate import differences
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
