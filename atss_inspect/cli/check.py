"""``atss-inspect check``: limits for data, on the share without positives and more."""

import enum
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli import options
from atss_inspect.cli.output import AnswerOptions
from atss_inspect.cli.request import RequestOptions
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import EVERYTHING, begin
from atss_inspect.errors import SettingsError

if TYPE_CHECKING:
    from fractions import Fraction

    from atss_inspect.statistics.limits import Limit

FINDINGS = 1
TOLERANCE = "0.5%"
LIMITS = "Limits"
EXAMPLES = (
    "atss-inspect check --ann val.json --max-unassigned 2%",
    "atss-inspect check --max-unassigned small=5% --max-unassigned class:car=3%",
    "atss-inspect check --max gini=0.6 --min mean_positives:small=3",
    "atss-inspect stats --ann old.json -p atss-mmdet --json -o earlier.json",
    "atss-inspect check --ann new.json -p atss-mmdet --baseline earlier.json",
)


# How the outcome is written.
CheckFormat = enum.StrEnum("CheckFormat", "MD JSON")

limit_option = partial(options.option, LIMITS)


class LimitOptions(options.OptionGroup):
    """The options that say what is allowed."""

    limits: list[str] | None = limit_option(
        "--max-unassigned LIMIT",
        "Largest share without a positive: 2%, 0.02, small=5%, class:car=3%. "
        "Sizes as in stats, and coco_small.",
    )
    most: list[str] | None = limit_option(
        "--max KEY[:GROUP]=VALUE",
        "Largest value of a statistic, by its key in `stats --json` or docs/json.md: "
        "gini=0.6, num_unassigned:small=9, unassigned_share:class:car=3%.",
    )
    least: list[str] | None = limit_option(
        "--min KEY[:GROUP]=VALUE",
        "Smallest value, such as mean_iou=0.5 or mean_positives:tiny=2.",
    )
    baseline: str | None = limit_option(
        "--baseline FILE", "What `stats --json` wrote earlier, for the same presets."
    )
    tolerance: str | None = limit_option(
        "--tolerance POINTS",
        f"Rise over the baseline that is allowed; {TOLERANCE} unless told.",
    )


class CheckOptions(AnswerOptions):
    """How the outcome is printed, and where."""

    output_format: CheckFormat | None = options.format_option(*CheckFormat)

    formats = tuple(CheckFormat)


def check(
    context: typer.Context,
    *,
    asked: RequestOptions,
    held: LimitOptions,
    answer: CheckOptions,
    work: WorkOptions,
) -> None:
    """Fail where too many objects have no positive, or another limit is broken.

    Every limit holds for every preset; without one: atss-mmdet. With --baseline, the
    share of all objects and of each size may not rise by more than --tolerance.
    Exit code 0: all limits kept, 1: some broken.
    """
    from atss_inspect.readers.source import read_document
    from atss_inspect.statistics import limits
    from atss_inspect.views.check import CheckReport
    from atss_inspect.views.stats import SCHEMA_VERSION

    wanted, allowed_rise = _parse(held)
    flow = begin(context, asked, EVERYTHING, work, answer)
    for text in limits.doubts(wanted):
        flow.notices.tell(f"hint: {text}")
    earlier = None
    if name := held.baseline:
        document = read_document(name)
        earlier = limits.baseline_of(document, name, schema_version=SCHEMA_VERSION)
        limits.require_presets(earlier, flow.settings)
    data = replace(flow.read(), command=asked.data_again())
    limits.require_classes(wanted, data.dataset.category_names)
    stats = flow.summarize(data)
    found = stats.settings, stats.summaries
    checks = [*limits.check_limits(wanted, stats.dataset, *found)]
    changed = []
    if earlier:
        checks += limits.check_baseline(earlier, *found, allowed_rise)
        changed += limits.differences(earlier, stats.settings)
    named = asked.each_again(flow)
    report = CheckReport(stats, tuple(checks), tuple(changed), named)
    flow.show(report)
    if report.broken:
        raise typer.Exit(FINDINGS)


def _parse(held: LimitOptions) -> "tuple[tuple[Limit, ...], Fraction]":
    """Read the limits; without any there is nothing to do."""
    from atss_inspect.statistics.limits import parse_key_limit, parse_limit, parse_share

    limits = [parse_limit(text) for text in held.limits or ()]
    limits += [parse_key_limit(text) for text in held.most or ()]
    limits += [parse_key_limit(text, is_least=True) for text in held.least or ()]
    if not limits and not held.baseline:
        options = "--max-unassigned, --max, --min or --baseline"
        message = f"check: no limit named; expected {options}"
        raise SettingsError(message, hint="such as --max-unassigned 2%")
    if held.tolerance is not None and not held.baseline:
        message = "--tolerance: expected --baseline with it"
        raise SettingsError(message)
    tolerance = TOLERANCE if held.tolerance is None else held.tolerance
    return tuple(limits), parse_share(tolerance, "--tolerance")
