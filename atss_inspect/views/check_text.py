"""What `check` has found: a short page of Markdown, and a document."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from atss_inspect.statistics.limits import (
    CLASS_PREFIX,
    COCO_SMALL,
    EVERYTHING,
    Check,
    Difference,
)
from atss_inspect.views import numbers
from atss_inspect.views.headings import heading_markdown
from atss_inspect.views.layout import markdown_text
from atss_inspect.views.names import cell_width, printable
from atss_inspect.views.stats_records import stats_document
from atss_inspect.views.stats_report import StatsReport
from atss_inspect.views.stats_tables import COCO_SMALL as COCO_SMALL_LABEL

HEADINGS = ("preset", "objects", "without a positive", "allowed", "result")
RULES = (":--", ":--", "--:", "--:", ":--")
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
        """Give a command to type: the objects to blame, or how to keep the answer."""
        if not self.broken:
            presets = [word for words in self.typed for word in words]
            words = ["stats", *self.stats.command, *presets]
            words += ["--json", "-o", "baseline.json"]
        else:
            worst = max(self.broken, key=lambda check: check.excess)
            chosen = self.typed[self.stats.names.index(worst.preset)]
            command = "stats" if worst.lacks_objects else "worst"
            words = [command, *self.stats.command, *chosen, *_filters(worst.group)]
        return shlex.join(["atss-inspect", *map(printable, words)])


def _filters(group: str) -> list[str]:
    """Choose the objects of a group on the command line."""
    if group == EVERYTHING:
        return []
    if group == COCO_SMALL:
        return ["--size", "tiny", "--size", "small"]
    if group.startswith(CLASS_PREFIX):
        return ["--class", group.removeprefix(CLASS_PREFIX)]
    return ["--size", group]


# --- Markdown ----------------------------------------------------------------------


def check_markdown(report: CheckReport) -> str:
    """Write a page that reads well in a terminal, too."""
    num_broken, num_checks = len(report.broken), len(report.checks)
    outcome = f"{num_broken} of {numbers.plural(num_checks, 'limit')} broken"
    if not num_broken:
        outcome = f"{numbers.plural(num_checks, 'limit')} kept"
    data, conventions = heading_markdown(report.stats)
    ordered = sorted(report.checks, key=lambda check: not check.is_broken)
    blocks = [
        f"## atss-inspect check: {outcome}\n",
        data,
        conventions,
        _table([_cells(check) for check in ordered]),
        _difference_list(report.differences),
        f"Next: `{report.next_command}`\n",
    ]
    return "\n".join(block for block in blocks if block)


def _cells(check: Check) -> list[str]:
    """Write one check as a row."""
    counts = check.counts
    without = numbers.UNDEFINED
    if counts.num_objects:
        number, total = map(numbers.count, (counts.num_unassigned, counts.num_objects))
        without = f"{number} of {total} ({numbers.percent(counts.unassigned_share)})"
    allowed = _percent(check.most)
    if check.before is not None:
        allowed += f" ({numbers.percent(float(check.before))} before)"
    label = COCO_SMALL_LABEL if check.group == COCO_SMALL else check.group
    names = (markdown_text(check.preset), markdown_text(label))
    return [*names, without, allowed, _result(check)]


def _result(check: Check) -> str:
    """Say whether a limit held, and by how much it did not."""
    if check.lacks_objects:
        return "**no objects**"
    if not check.is_broken:
        return "kept" if check.counts.num_objects else "kept, no objects"
    return f"**{_points(check.excess)} points over**"


def _percent(share: Fraction) -> str:
    """Write a share with as many digits as it needs, up to three."""
    return f"{float(100 * share):.3g}%"


def _points(excess: Fraction) -> str:
    """Write a difference of shares; one that breaks a limit is never nothing."""
    value = float(100 * excess)
    if value < 0.01:
        return "<0.01"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _table(rows: Sequence[Sequence[str]]) -> str:
    """Align a Markdown table, so that it can be read as it is."""
    table = [HEADINGS, *rows]
    widths = [max(map(cell_width, column)) for column in zip(*table, strict=True)]
    lines = [_line(HEADINGS, widths), _rule(widths), *(_line(r, widths) for r in rows)]
    return "".join(lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Write a row, numbers to the right."""
    padded = []
    for cell, width, rule in zip(cells, widths, RULES, strict=True):
        space = " " * (width - cell_width(cell))
        padded.append(space + cell if rule == "--:" else cell + space)
    return f"| {' | '.join(padded)} |\n"


def _rule(widths: Sequence[int]) -> str:
    """Write the line below the headings."""
    marks = [
        f"{'-' * (width - 1)}:" if rule == "--:" else f":{'-' * (width - 1)}"
        for width, rule in zip(widths, RULES, strict=True)
    ]
    return f"| {' | '.join(marks)} |\n"


def _difference_list(differences: Sequence[Difference]) -> str:
    """Name the settings that have changed since the baseline."""
    if not differences:
        return ""
    lines = list(_difference_lines(differences[:MAX_DIFFERENCES]))
    if len(differences) > MAX_DIFFERENCES:
        lines.append(f"- and {len(differences) - MAX_DIFFERENCES} more")
    return "Settings are not those of the baseline:\n\n" + "".join(
        f"{line}\n" for line in lines
    )


def _difference_lines(differences: Sequence[Difference]) -> Iterator[str]:
    """Write what each setting was and is."""
    for preset, path, before, now in differences:
        change = f"{preset}: {path} was {before}, is {now}"
        yield f"- {markdown_text(change)}"


# --- JSON --------------------------------------------------------------------------


def check_document(report: CheckReport) -> dict[str, Any]:
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


def _record(check: Check) -> dict[str, Any]:
    """Say all that is known of one check."""
    return {
        "preset": check.preset,
        "group": check.group,
        "num_objects": check.counts.num_objects,
        "num_unassigned": check.counts.num_unassigned,
        "unassigned_share": check.counts.unassigned_share,
        "share_before": None if check.before is None else float(check.before),
        "most": float(check.most),
        "excess": float(check.excess),
        "is_broken": check.is_broken,
    }
