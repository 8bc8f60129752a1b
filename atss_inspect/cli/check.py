"""``atss-inspect check``: limits on any statistic, and on what is left out."""

import enum
import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import typer

from atss_inspect.cli import options
from atss_inspect.cli.drawing import VariantOptions
from atss_inspect.cli.output import AnswerOptions
from atss_inspect.cli.request import ComparedRequestOptions, CountOptions, need_option
from atss_inspect.cli.workers import WorkOptions
from atss_inspect.cli.workflow import Workflow, begin
from atss_inspect.errors import SettingsError
from atss_inspect.writers.files import STDOUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from atss_inspect.statistics.limits import Limit

FINDINGS = 1
MAX_WORSE = "--max-worse (--tolerance)"
MOST_WORSE = "0.5"
LIMITS = "Limits"
EXAMPLES = (
    "atss-inspect check --ann val.json --max-unassigned 2%",
    "atss-inspect check --max-unassigned small=5% --max-unassigned class:car=3%",
    "atss-inspect check --max num_poorly_assigned:tiny=20% --min mean_positives=4",
    "atss-inspect check data.yaml -p yolo11 --max without_candidate_share=1%",
    "atss-inspect check -p atss-mmdet --as-trained --max never_in_epochs=1%",
    "atss-inspect stats --ann old.json -p atss-mmdet --json -o earlier.json",
    "atss-inspect check --ann new.json -p atss-mmdet --baseline earlier.json",
)


# How the outcome is written.
CheckFormat = enum.StrEnum("CheckFormat", "TABLE MD JSON")

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
        "gini=0.6, num_poorly_assigned:tiny=20%, num_unassigned:class:car=9; of gates "
        "(yolo11) without_candidate_share=1%, num_below_quota:tiny=50%.",
    )
    least: list[str] | None = limit_option(
        "--min KEY[:GROUP]=VALUE",
        "Smallest value, such as mean_iou=0.5 or mean_positives:tiny=2.",
    )
    baseline: str | None = limit_option(
        "--baseline FILE", "What `stats --json` wrote earlier, for the same presets."
    )
    worse: str | None = limit_option(
        "--max-worse --tolerance POINTS",
        "Percentage points by which the poorly assigned share, of gates that without a "
        f"candidate, may rise over the baseline; {MOST_WORSE} unless told.",
    )
    left_out: str = limit_option(
        "--max-left-out SHARE",
        "Largest share of the annotations that may be left out for no reason that "
        "anybody wanted.",
        "1%",
    )
    need: int = need_option(LIMITS)


class CheckOptions(AnswerOptions):
    """How the outcome is printed, and where."""

    output_format: CheckFormat | None = options.output_option(
        f"--format -f {'|'.join(CheckFormat)}",
        "How to print; without it, the suffix of -o decides, else a table on a "
        "terminal and md elsewhere.",
    )

    formats = tuple(CheckFormat)

    @property
    def default_format(self) -> str:
        """A table on a terminal; Markdown in pipes and files."""
        is_shown = self.output in (None, STDOUT) and sys.stdout.isatty()
        return CheckFormat.TABLE if is_shown else CheckFormat.MD


def check(
    context: typer.Context,
    *,
    asked: ComparedRequestOptions,
    held: LimitOptions,
    drawn: VariantOptions,
    answer: CheckOptions,
    work: WorkOptions,
) -> None:
    """Fail where a limit is broken, or too many annotations are left out.

    Every limit holds for every preset of which it speaks; without one: atss-mmdet. With
    --baseline, the poorly assigned share of all objects and of each size may not rise
    by more than --max-worse: it fails where the lower end of the rise's 95 % interval,
    wider the more of them are judged, is above that.
    At most 1 % of the annotations may be lost: of unknown images, outside of theirs,
    malformed, ... Exit code 0: all is kept, 1: some of it is not.
    """
    from atss_inspect.readers.source import read_document
    from atss_inspect.statistics import baseline, limits
    from atss_inspect.views.check import CheckReport
    from atss_inspect.views.stats import SCHEMA_VERSION

    wanted, worse, left_out = _parse(held)
    flow = begin(context, asked, CountOptions(need=held.need), work, answer)
    flow = _drawing(flow, drawn, held, wanted)
    earlier = None
    if name := held.baseline:
        document = read_document(name)
        earlier = baseline.baseline_of(document, name, schema_version=SCHEMA_VERSION)
        baseline.require_presets(earlier, flow.settings)
    data = replace(flow.read(may_match_nothing=True), command=asked.data_again())
    limits.require_classes(wanted, data.dataset.category_names)
    stats, over = flow.summarize_drawn(data)
    found = stats.settings, stats.summaries
    more = over, drawn.num_epochs
    checks = (*limits.check_limits(wanted, stats.dataset, *found, *more),)
    changed: tuple[baseline.ChangedSetting, ...] = ()
    if earlier:
        checks += (*baseline.check_baseline(earlier, stats.dataset, *found, worse),)
        changed = (*baseline.changed_settings(earlier, stats.settings),)
    lost = limits.left_out_by(stats.dataset, *found, left_out)
    named = flow.options
    over_what = flow.draws(data.dataset), drawn.typed_again()
    report = CheckReport(stats, checks, lost, changed, named, *over_what)
    flow.show(report)
    if not report.is_kept:
        raise typer.Exit(FINDINGS)


def _drawing(
    flow: Workflow,
    drawn: VariantOptions,
    held: LimitOptions,
    wanted: "Mapping[Limit, str]",
) -> Workflow:
    """Look at what is drawn, ask about odd limits, and refuse those of the other kind.

    Tells of conventions that a limit does not speak of. Raises `SettingsError` for
    limits over variants where nothing is drawn, and for a baseline, which is of the
    nominal size, where something is.
    """
    from atss_inspect.statistics import limits

    for text in limits.unspoken(wanted, flow.settings):
        flow.notices.tell(f"note: {text}")
    if not drawn.is_asked:
        limits.require_drawn(wanted)
    elif held.baseline:
        message = "--baseline: expected no sizes or flips with it"
        raise SettingsError(message, hint="a baseline is of the nominal size")
    for text in limits.doubts(wanted):
        flow.notices.tell(f"hint: {text}")
    return flow.drawing(drawn)


def _parse(held: LimitOptions) -> "tuple[dict[Limit, str], Fraction, Fraction]":
    """Read the limits: on statistics, on what gets worse, and on what is left out.

    Those on statistics have beside them what was typed.
    """
    from atss_inspect.statistics import limits

    options = {
        limits.LIMIT_OPTION: held.limits,
        limits.MOST_OPTION: held.most,
        limits.LEAST_OPTION: held.least,
    }
    wanted = {
        limits.parse_limit(text, option): f"{option} {text}"
        for option, texts in options.items()
        for text in texts or ()
    }
    if held.worse is not None and not held.baseline:
        raise SettingsError(MAX_WORSE, "expected --baseline with it")
    worse = MOST_WORSE if held.worse is None else held.worse
    return (
        wanted,
        limits.parse_points(worse, MAX_WORSE),
        limits.parse_share(held.left_out, "--max-left-out"),
    )
