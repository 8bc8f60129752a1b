"""The answer of `check`: a short page of Markdown, and a document."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from atss_inspect.statistics import limits
from atss_inspect.statistics.limits import UNASSIGNED, Check, Difference
from atss_inspect.statistics.metrics import COUNTED, Kind
from atss_inspect.views import numbers
from atss_inspect.views.answer import Answer, Block, Closing, Listing, Title
from atss_inspect.views.headings import heading
from atss_inspect.views.stats import COCO_SMALL, StatsReport, command_line
from atss_inspect.views.table import AnyCell, Column, Markup, Record, Table, plain_list
from atss_inspect.views.verdict import unassigned_amount

MAX_DIFFERENCES = 10


@dataclass(frozen=True)
class CheckReport(Answer):
    """Limits, and how they fared."""

    # what each convention does; ``command`` holds the options of data and ``--set`` as
    # typed, without the presets
    stats: StatsReport
    checks: tuple[Check, ...]  # every limit under every convention
    differences: tuple[Difference, ...]  # settings that are not those of the baseline
    typed: tuple[tuple[str, ...], ...]  # per convention the option that chooses it

    @property
    def broken(self) -> tuple[Check, ...]:
        """The checks that failed, in their order."""
        return tuple(check for check in self.checks if check.is_broken)

    @property
    def next_command(self) -> str:
        """Command to type next: the objects to blame, or how to keep the answer."""
        data = self.stats.command
        if not self.broken:
            presets = [word for words in self.typed for word in words]
            return command_line(
                "stats", *data, *presets, "--json", "-o", "baseline.json"
            )
        # What is beyond other limits has units of its own.
        worst = max(self.broken, key=lambda c: (c.limit.key == UNASSIGNED, c.excess))
        command = "stats" if worst.lacks_objects else "worst"
        preset = self.typed[self.stats.names.index(worst.preset)]
        return command_line(command, *data, *preset, *_filters(worst.limit.group))

    def blocks(self) -> Iterator[Block]:
        """Arrange a page that reads well in a terminal, too."""
        number, kept = len(self.broken), numbers.plural(len(self.checks), "limit")
        outcome = f"{number} of {kept} broken" if number else f"{kept} kept"
        yield Title(f"atss-inspect check: {outcome}")
        yield from heading(self.stats)
        yield _table(sorted(self.checks, key=lambda check: not check.is_broken))
        if self.differences:
            items = [
                f"{preset}: {path} was {before}, is {now}"
                for preset, path, before, now in self.differences[:MAX_DIFFERENCES]
            ]
            if len(self.differences) > MAX_DIFFERENCES:
                items.append(f"and {len(self.differences) - MAX_DIFFERENCES} more")
            yield Listing("Settings are not those of the baseline:", tuple(items))
        yield Closing((), (self.next_command,))

    def document(self) -> Record:
        """Make the whole answer one document."""
        stats = self.stats.document()
        keys = ("schema_version", "tool", "inputs", "data", "settings")
        return {
            **{key: stats[key] for key in keys},
            "is_kept": not self.broken,
            "num_checks": len(self.checks),
            "num_broken": len(self.broken),
            "checks": [_record(check) for check in self.checks],
            "differences": [one._asdict() for one in self.differences],
            "next": self.next_command,
            "warnings": stats["warnings"],
        }


def _filters(group: str) -> list[str]:
    """Choose the objects of a group on the command line."""
    if group.startswith(limits.CLASS_PREFIX):
        return ["--class", group.removeprefix(limits.CLASS_PREFIX)]
    several = {limits.EVERYTHING: (), limits.COCO_SMALL: ("tiny", "small")}
    return [word for size in several.get(group, (group,)) for word in ("--size", size)]


def _table(checks: list[Check]) -> Table:
    """Make a row of every check; statistics are named where they differ."""
    has_others = any(check.limit.key != UNASSIGNED for check in checks)
    texts = ("preset", "objects", *(["statistic"] if has_others else []))
    found = Column("found" if has_others else "without a positive")
    columns = [
        *(Column(each, is_text=True) for each in texts),
        *(found, Column("allowed"), Column("result", is_text=True)),
    ]
    rows: list[list[AnyCell]] = []
    for check in checks:
        group = check.limit.group
        label = COCO_SMALL if group == limits.COCO_SMALL else group
        names = [check.preset, label, *([check.limit.key] if has_others else [])]
        rows.append([*names, _found(check), Markup(_allowed(check)), _result(check)])
    return replace(plain_list(columns, rows), is_padded=True)


def _found(check: Check) -> AnyCell:
    """Write what was found, of how many objects, or what it counts: 1 object."""
    if check.value is None:
        return numbers.UNDEFINED
    if check.limit.key == UNASSIGNED:
        return Markup(unassigned_amount(check.counts, short=True))
    unit = check.statistic.unit
    if check.value == 1 and check.statistic.kind in COUNTED:
        unit = unit.removesuffix("s")
    return Markup(f"{_number(check, check.value)} {unit}".rstrip())


def _number(check: Check, value: Fraction, *, digits: int = 4) -> str:
    """Write a value of the statistic that is limited; counts have all their digits."""
    if check.statistic.kind is Kind.SHARE:
        return numbers.percent(float(value))
    is_count = check.statistic.kind in COUNTED and value.denominator == 1
    is_long = value >= 10**digits  # which would be written with an exponent
    if is_count or is_long:
        return numbers.count(round(value))
    return f"{float(value):.{digits}g}"


def _allowed(check: Check) -> str:
    """Write the limit, and what was found before.

    It has as many digits as it needs, of shares up to three.
    """
    if check.statistic.kind is Kind.SHARE:
        bound = f"{float(100 * check.limit.bound):.3g}%"
    else:
        bound = _number(check, check.limit.bound)
    if check.limit.is_by_key:
        return f"at {'least' if check.limit.is_least else 'most'} {bound}"
    if check.before is None:
        return bound
    return f"{bound} ({numbers.percent(float(check.before))} before)"


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
    return f"{points:.{1 if points >= 1 else 2}f} points"


def _record(check: Check) -> Record:
    """All that is known of one check; limits by key name their statistic, too."""
    counts, limit, statistic = check.counts, check.limit, check.statistic
    bound = float(limit.bound)
    record = {
        "preset": check.preset,
        "group": limit.group,
        "num_objects": counts.num_objects,
        "num_unassigned": counts.num_unassigned,
        "unassigned_share": counts.unassigned_share,
        "share_before": None if check.before is None else float(check.before),
        "most": None if limit.is_least else bound,
        "excess": float(check.excess),
        "is_broken": check.is_broken,
    }
    if limit.is_by_key:
        value = None if check.value is None else float(check.value)
        record |= {"statistic": limit.key, "unit": statistic.unit, "value": value}
        record["least"] = bound if limit.is_least else None
    return record
