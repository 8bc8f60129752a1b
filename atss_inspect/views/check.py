"""The answer of `check`: a short page of Markdown, and a document."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from atss_inspect.statistics.limits import (
    CLASS_PREFIX,
    COCO_SMALL,
    EVERYTHING,
    UNASSIGNED,
    Check,
    Difference,
)
from atss_inspect.statistics.metrics import COUNTED, Kind
from atss_inspect.views import numbers
from atss_inspect.views.answer import Answer, Block, Closing, Listing, Title
from atss_inspect.views.headings import heading
from atss_inspect.views.stats import COCO_SMALL as COCO_SMALL_LABEL
from atss_inspect.views.stats import stats_document
from atss_inspect.views.stats_report import StatsReport, command_line
from atss_inspect.views.table import (
    AnyCell,
    Column,
    Markup,
    Record,
    Table,
    plain_list,
)
from atss_inspect.views.verdict import unassigned_amount

MAX_DIFFERENCES = 10


@dataclass(frozen=True)
class CheckReport:
    """Limits, and how they fared.

    Attributes
    ----------
    stats : what each convention does; ``command`` holds the options of data and
        ``--set`` as typed, without the presets
    checks : every limit under every convention
    differences : settings that are not those of the baseline
    typed : per convention the option that chooses it
    """

    stats: StatsReport
    checks: tuple[Check, ...]
    differences: tuple[Difference, ...]
    typed: tuple[tuple[str, ...], ...]

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that failed, in their order."""
        return tuple(check for check in self.checks if check.is_broken)

    @property
    def next_command(self) -> str:
        """Command to type next: the objects to blame, or how to keep the answer."""
        if not self.broken:
            presets = [word for words in self.typed for word in words]
            words = ["stats", *self.stats.command, *presets]
            words += ["--json", "-o", "baseline.json"]
        else:
            # What is beyond other limits has units of its own.
            worst = max(
                self.broken, key=lambda c: (c.limit.key == UNASSIGNED, c.excess)
            )
            words = ["stats" if worst.lacks_objects else "worst", *self.stats.command]
            words += self.typed[self.stats.names.index(worst.preset)]
            words += _filters(worst.limit.group)
        return command_line(*words)


def _filters(group: str) -> list[str]:
    """Choose the objects of a group on the command line."""
    if group.startswith(CLASS_PREFIX):
        return ["--class", group.removeprefix(CLASS_PREFIX)]
    several = {EVERYTHING: (), COCO_SMALL: ("tiny", "small")}
    return [word for size in several.get(group, (group,)) for word in ("--size", size)]


def check_answer(report: CheckReport) -> Answer:
    """Everything that `check` says."""
    return Answer.of(report, _blocks, check_document)


def _blocks(report: CheckReport) -> Iterator[Block]:
    """Arrange a page that reads well in a terminal, too."""
    num_broken, limits = len(report.broken), numbers.plural(len(report.checks), "limit")
    outcome = f"{num_broken} of {limits} broken" if num_broken else f"{limits} kept"
    yield Title(f"atss-inspect check: {outcome}")
    yield from heading(report.stats)
    yield _table(sorted(report.checks, key=lambda check: not check.is_broken))
    if report.differences:
        items = [
            f"{preset}: {path} was {before}, is {now}"
            for preset, path, before, now in report.differences[:MAX_DIFFERENCES]
        ]
        if len(report.differences) > MAX_DIFFERENCES:
            items.append(f"and {len(report.differences) - MAX_DIFFERENCES} more")
        yield Listing("Settings are not those of the baseline:", tuple(items))
    yield Closing((), (report.next_command,))


def _table(checks: list[Check]) -> Table:
    """Make a row of every check; statistics are named where they differ."""
    has_others = any(check.limit.key != UNASSIGNED for check in checks)
    texts = [Column(each, is_text=True) for each in ("preset", "objects", "statistic")]
    found = Column("found" if has_others else "without a positive")
    columns = [*texts, found, Column("allowed"), Column("result", is_text=True)]
    rows: list[list[AnyCell]] = []
    for check in checks:
        group, key = check.limit.group, check.limit.key
        label = COCO_SMALL_LABEL if group == COCO_SMALL else group
        cells = [_found(check), Markup(_allowed(check)), _result(check)]
        rows.append([check.preset, label, key, *cells])
    if not has_others:
        columns, rows = columns[:2] + columns[3:], [one[:2] + one[3:] for one in rows]
    return replace(plain_list(columns, rows), is_padded=True)


def _found(check: Check) -> AnyCell:
    """Write what was found, of how many objects."""
    if check.value is None:
        return numbers.UNDEFINED
    if check.limit.key != UNASSIGNED:
        return Markup(_with_unit(check, check.value))
    return Markup(unassigned_amount(check.counts, short=True))


def _number(check: Check, value: Fraction, *, digits: int = 4) -> str:
    """Write a value of the statistic that is limited; counts have all their digits."""
    if check.statistic.kind is Kind.SHARE:
        return numbers.percent(float(value))
    is_count = check.statistic.kind in COUNTED and value.denominator == 1
    is_long = value >= 10**digits  # which would be written with an exponent
    if is_count or is_long:
        return numbers.count(round(value))
    return f"{float(value):.{digits}g}"


def _with_unit(check: Check, value: Fraction) -> str:
    """Write a value of the statistic that is limited, and what it counts: 1 object."""
    unit = check.statistic.unit
    if value == 1 and check.statistic.kind in COUNTED:
        unit = unit.removesuffix("s")
    return f"{_number(check, value)} {unit}".rstrip()


def _allowed(check: Check) -> str:
    """Write the limit, and what was found before."""
    if check.limit.is_by_key:
        return f"at {'least' if check.limit.is_least else 'most'} {_bound(check)}"
    before = check.before
    if before is None:
        return _bound(check)
    return f"{_bound(check)} ({numbers.percent(float(before))} before)"


def _bound(check: Check) -> str:
    """Write a limit with as many digits as it needs, of shares up to three."""
    if check.statistic.kind is Kind.SHARE:
        return f"{float(100 * check.limit.bound):.3g}%"
    return _number(check, check.limit.bound)


def _result(check: Check) -> AnyCell:
    """Whether a limit held, and by how much it did not."""
    if check.lacks_objects:
        return Markup("**no objects**")
    if check.is_undefined:
        return Markup("**undefined**")
    if check.is_broken:
        way = "under" if check.limit.is_least else "over"
        return Markup(f"**{_excess(check)} {way}**")
    return "kept" if check.counts.num_objects else "kept, no objects"


def _excess(check: Check) -> str:
    """Write by how much a limit is broken, which is never nothing."""
    if check.statistic.kind is not Kind.SHARE:
        return _number(check, check.excess, digits=3)
    points = float(100 * check.excess)
    if points < 0.01:
        return "<0.01 points"
    return f"{points:.1f} points" if points >= 1 else f"{points:.2f} points"


def check_document(report: CheckReport) -> Record:
    """Make the whole answer one document."""
    stats = stats_document(report.stats)
    keys = ("schema_version", "tool", "inputs", "data", "settings")
    return {
        **{key: stats[key] for key in keys},
        "is_kept": not report.broken,
        "num_checks": len(report.checks),
        "num_broken": len(report.broken),
        "checks": [_record(check) for check in report.checks],
        "differences": [one._asdict() for one in report.differences],
        "next": report.next_command,
        "warnings": stats["warnings"],
    }


def _record(check: Check) -> Record:
    """All that is known of one check; limits by key name their statistic, too."""
    record = {
        "preset": check.preset,
        "group": check.limit.group,
        "num_objects": check.counts.num_objects,
        "num_unassigned": check.counts.num_unassigned,
        "unassigned_share": check.counts.unassigned_share,
        "share_before": None if check.before is None else float(check.before),
        "most": None if check.limit.is_least else float(check.limit.bound),
        "excess": float(check.excess),
        "is_broken": check.is_broken,
    }
    if check.limit.is_by_key:
        record["statistic"] = check.limit.key
        record["unit"] = check.statistic.unit
        record["value"] = None if check.value is None else float(check.value)
        record["least"] = float(check.limit.bound) if check.limit.is_least else None
    return record
