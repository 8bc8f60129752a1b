"""What a sweep comes to, in plain words; every number stands in its table."""

from collections.abc import Iterator

from atss_inspect.statistics.summary import SIZE_BINS, Summary
from atss_inspect.statistics.sweep import (
    SHARE_TOLERANCE,
    K,
    are_equal,
    exact_share,
    gain,
    is_over_k,
    leaving_few,
)
from atss_inspect.views import numbers
from atss_inspect.views.names import printable
from atss_inspect.views.sweep_report import SweepReport

TOLERANCES = (
    "objects without a positive, of all or of any size, by 0.1 percentage points; Gini "
    "by 0.01"
)


def sweep_verdict(report: SweepReport) -> str:
    """Name the value to take and why, or that it makes no difference."""
    if report.choice is None:
        return "No object is left to assign."
    if len(_filled(report)) == 1:
        amount = _amount(report.summaries[report.choice])
        return f"{label(report, report.choice)} leaves {amount} without a positive."
    sentences = _of_k if is_over_k(report.axes) else _of_others
    return " ".join(sentences(report, report.choice))


def label(report: SweepReport, row: int) -> str:
    """Name a row: "k 9, scale 4"."""
    names = [axis.name for axis in report.axes]
    pairs = zip(names, report.points[row].labels, strict=True)
    return ", ".join(f"{printable(name)} {value}" for name, value in pairs)


def _filled(report: SweepReport) -> list[int]:
    """Rows with objects."""
    return [row for row, one in enumerate(report.summaries) if one.num_objects]


def _amount(summary: Summary) -> str:
    """Write how many objects get nothing, of how many."""
    total = numbers.plural(summary.num_objects, "object")
    share = numbers.percent(summary.unassigned_share)
    return f"{numbers.count(summary.num_unassigned)} of {total} ({share})"


# --- k -----------------------------------------------------------------------------


def _of_k(report: SweepReport, choice: int) -> Iterator[str]:
    """Tell whether k matters to objects without a positive, and which k is enough."""
    rows = sorted(_filled(report), key=lambda row: report.points[row].values[K])
    yield from _unassigned_by_k(report, rows)
    if are_equal([report.summaries[row] for row in rows]):
        yield (
            "Nor does it change how evenly positives are shared; "
            f"{label(report, choice)} is nearest to {printable(report.base.name)}."
        )
        return
    yield _enough(report, rows, choice)
    yield from _price(report, rows[0], choice)
    own = [row for row in rows if report.is_own(row) and row != choice]
    if own:
        here, there = (report.summaries[row] for row in (choice, own[0]))
        yield (
            f"It gives {numbers.mean(here.mean_positives)} positives per object, "
            f"{label(report, own[0])} {numbers.mean(there.mean_positives)}."
        )


def _unassigned_by_k(report: SweepReport, rows: list[int]) -> Iterator[str]:
    """Compare how many objects get nothing, and say what k cannot change."""
    summaries = [report.summaries[row] for row in rows]
    counts = [summary.num_unassigned for summary in summaries]
    if not max(counts):
        yield "k makes no difference to starved objects: every object gets a positive."
        return
    if min(counts) == max(counts):
        yield (
            "k makes no difference to the number of your starved objects, "
            f"{_amount(summaries[0])}: {_outside(report, rows[-1])}."
        )
        return
    least, most = counts.index(min(counts)), counts.index(max(counts))
    yield (
        f"{label(report, rows[least])} leaves fewest objects without a positive, "
        f"{_amount(summaries[least])}; {label(report, rows[most])} most, "
        f"{numbers.count(counts[most])} "
        f"({numbers.percent(summaries[most].unassigned_share)})."
    )
    if min(counts):
        yield f"None of these k feeds all: {_outside(report, rows[-1])}."


def _outside(report: SweepReport, row: int) -> str:
    """Count those without a positive that no candidate can reach, at the largest k."""
    summary = report.summaries[row]
    number = summary.causes.get("no_center_inside", 0)
    of_them = numbers.count(summary.num_unassigned)
    verb = "has" if number == 1 else "have"
    return (
        f"at {label(report, row)}, {numbers.count(number)} of {of_them} {verb} no "
        "anchor center inside"
    )


def _enough(report: SweepReport, rows: list[int], choice: int) -> str:
    """Name the smallest k after which nothing improves."""
    facts = (
        f"{numbers.percent(report.summaries[choice].unassigned_share)} without a "
        f"positive, Gini {numbers.ratio(report.summaries[choice].gini)}"
    )
    if choice == rows[-1]:
        return (
            f"Still the largest, {label(report, choice)} ({facts}), improves "
            f"something by more than the tolerance ({TOLERANCES}): try larger ones."
        )
    few = leaving_few(rows, report.summaries)
    which = "The smallest"
    if len(few) < len(rows):
        which = (
            "Of those that starve at most 0.1 percentage points more than the fewest, "
            "the smallest"
        )
    return (
        f"{which} after which nothing improves by more than the tolerance "
        f"({TOLERANCES}) is {label(report, choice)}: {facts}."
    )


def _price(report: SweepReport, first: int, choice: int) -> Iterator[str]:
    """Name the objects that a larger k leaves without a positive."""
    worse = []
    for size in SIZE_BINS:
        before = report.summaries[first].of_sizes(size)
        after = report.summaries[choice].of_sizes(size)
        if gain(after, before) > SHARE_TOLERANCE:
            shares = (before.unassigned_share, after.unassigned_share)
            low, high = map(numbers.percent, shares)
            worse.append(f"{size} objects from {low} to {high}")
    if worse:
        yield (
            f"From {label(report, first)} to {label(report, choice)} more starve of "
            f"{numbers.joined(worse)}."
        )


# --- other settings ----------------------------------------------------------------


def _of_others(report: SweepReport, choice: int) -> Iterator[str]:
    """Name the value that starves fewest objects, and what the convention does."""
    rows = _filled(report)
    summaries = report.summaries
    what = " and ".join(printable(axis.name) for axis in report.axes)
    shares = [exact_share(summaries[row]) for row in rows]
    name = printable(report.base.name)
    if min(shares) == max(shares):
        verb = "makes" if len(report.axes) == 1 else "make"
        amount = "every object gets a positive"
        if max(shares):
            amount = _amount(summaries[rows[0]])
        yield (
            f"{what} {verb} no difference to the number of your starved objects: "
            f"{amount} each time. {label(report, choice)} is nearest to {name}."
        )
        return
    best = [row for row, one in zip(rows, shares, strict=True) if one == min(shares)]
    named = numbers.joined([label(report, row) for row in best])
    verb = "leaves" if len(best) == 1 else "alike leave"
    yield f"{named} {verb} fewest: {_amount(summaries[choice])} without a positive."
    if len(best) > 1:
        yield f"Of these {label(report, choice)} is nearest to {name}."
    own = [row for row in rows if report.is_own(row) and row not in best]
    if own:
        yield f"{name} itself, {label(report, own[0])}: {_amount(summaries[own[0]])}."
