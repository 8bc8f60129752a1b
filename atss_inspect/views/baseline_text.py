"""The tables of `compare --baseline` for people: two data sets, one convention."""

from collections.abc import Callable, Iterator, Sequence

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.statistics.comparison import Change
from atss_inspect.statistics.summary import SIZE_BINS, Summary, share
from atss_inspect.views import numbers
from atss_inspect.views.compare_report import BaselineReport
from atss_inspect.views.compare_text import closing
from atss_inspect.views.headings import heading_blocks, heading_markdown
from atss_inspect.views.layout import (
    BOLD,
    PLAIN,
    Row,
    Section,
    Table,
    fold,
    markdown_text,
    table_markdown,
    table_text,
)
from atss_inspect.views.names import printable
from atss_inspect.views.notes import SIZES_NOTE

POINTS_NOTE = "Changes of shares are in percentage points."
Sums = tuple[Summary, Summary]


def baseline_text(report: BaselineReport, *, bold: bool = False) -> str:
    """Write the tables for a terminal or a text file; see `compare_text`."""
    on, off = (BOLD, PLAIN) if bold else ("", "")
    before, _ = heading_blocks(report.before)
    data, conventions = heading_blocks(report.now)
    blocks = [
        f"before: {before}now: {data}",
        conventions,
        table_text(baseline_table(report), bold=bold),
        _lines(fold(f"{POINTS_NOTE} {SIZES_NOTE}")),
        _lines(list(closing(f"{on}verdict:{off}", verdict(report)))),
    ]
    return "\n".join(blocks) + f"next: {report.next_command}\n"


def baseline_markdown(report: BaselineReport) -> str:
    """Write the same for a page on GitHub."""
    before, _ = heading_markdown(report.before)
    data, conventions = heading_markdown(report.now)
    blocks = [
        f"Before: {before}\nNow: {data}",
        conventions,
        table_markdown(baseline_table(report)),
        _lines([markdown_text(f"{POINTS_NOTE} {SIZES_NOTE}")]),
        *(
            _lines([f"**Verdict:** {markdown_text(sentence)}"])
            for sentence in verdict(report)
        ),
        _lines([f"Next: `{report.next_command}`"]),
    ]
    return "\n".join(blocks)


def _lines(lines: Sequence[str]) -> str:
    """End every line."""
    return "".join(f"{line}\n" for line in lines)


# --- the table ---------------------------------------------------------------------


def baseline_table(report: BaselineReport) -> Table:
    """Show the numbers of both data sets and their differences, by convention."""
    pairs = list(zip(report.before.summaries, report.now.summaries, strict=True))
    sections = (
        Section("objects", tuple(_size_rows(pairs, _objects))),
        Section("objects without a positive", tuple(_size_rows(pairs, _starved))),
        Section("positives per object", tuple(_spread_rows(pairs))),
        Section(
            "share of positives by level",
            tuple(_level_rows(report.now.settings, pairs)),
        ),
    )
    return Table(report.now.names, sections, parts=("before", "now", "change"))


Show = Callable[[Summary, tuple[str, ...]], float | None]
Cell = tuple[str, str, str]


def _objects(before: Summary, now: Summary, sizes: tuple[str, ...]) -> Cell:
    """Count objects."""
    one, other = before.of_sizes(*sizes).num_objects, now.of_sizes(*sizes).num_objects
    change = f"{other - one:+,}" if other != one else "0"
    return numbers.count(one), numbers.count(other), change


def _starved(before: Summary, now: Summary, sizes: tuple[str, ...]) -> Cell:
    """Take the share of objects without a positive."""
    one, other = (each.of_sizes(*sizes).unassigned_share for each in (before, now))
    return numbers.percent(one), numbers.percent(other), points(_minus(other, one))


def _size_rows(
    pairs: Sequence[Sums], show: Callable[[Summary, Summary, tuple[str, ...]], Cell]
) -> Iterator[Row]:
    """Make a row for all objects and for each size."""
    groups = {"all": SIZE_BINS} | {name: (name,) for name in SIZE_BINS}
    for label, sizes in groups.items():
        yield Row(label, tuple(show(*pair, sizes) for pair in pairs))


def _spread_rows(pairs: Sequence[Sums]) -> Iterator[Row]:
    """Compare means and evenness."""
    rows: list[tuple[str, Callable[[Summary], float | None], int]] = [
        ("mean", lambda one: one.mean_positives, 1),
        ("large : small", lambda one: one.large_to_small, 2),
        ("Gini (0 is even)", lambda one: one.gini, 2),
        ("mean IoU", lambda one: one.mean_iou, 2),
    ]
    for label, ask, digits in rows:
        write = numbers.mean if digits == 1 else numbers.ratio
        cells = [
            (
                write(ask(before)),
                write(ask(now)),
                _signed(_minus(ask(now), ask(before)), digits),
            )
            for before, now in pairs
        ]
        yield Row(label, tuple(cells))


def _level_rows(settings: Sequence[Settings], pairs: Sequence[Sums]) -> Iterator[Row]:
    """Compare the shares of the levels that any convention has."""
    strides = sorted({stride for each in settings for stride in each.anchors.strides})
    for stride in strides:
        cells = []
        for convention, (before, now) in zip(settings, pairs, strict=True):
            own = convention.anchors.strides
            if stride not in own:
                cells.append((numbers.UNDEFINED,) * 3)
                continue
            level = own.index(stride)
            one, other = before.level_shares[level], now.level_shares[level]
            change = points(_minus(other, one))
            cells.append((numbers.percent(one), numbers.percent(other), change))
        yield Row(f"{level_name(stride)} (stride {stride})", tuple(cells))


def _minus(one: float | None, other: float | None) -> float | None:
    """Subtract where both are known."""
    return None if one is None or other is None else one - other


def points(rise: float | None) -> str:
    """Write a difference of shares in percentage points."""
    if rise is None:
        return numbers.UNDEFINED
    return _signed(100 * rise, 1 if abs(rise) >= 0.0005 else 2)


def _signed(value: float | None, digits: int) -> str:
    """Write a difference with its sign."""
    if value is None:
        return numbers.UNDEFINED
    return f"{value:+,.{digits}f}" if value else "0"


# --- the answer in words -----------------------------------------------------------


def verdict(report: BaselineReport) -> list[str]:
    """Say for each convention whether more objects starve than before, and where."""
    return [_change_verdict(printable(name), groups) for name, groups in report.changes]


def _change_verdict(name: str, groups: dict[str, Change]) -> str:
    """Compare the shares of all objects, and name the size that rose most."""
    rise = groups["all"].rise
    if rise is None:
        return f"{name} has no objects in one of the two, so nothing can be compared."
    now = numbers.percent(_share(groups["all"], now=True))
    before = numbers.percent(_share(groups["all"], now=False))
    if not rise:
        text = f"{name} starves the same share of objects as before, {now}"
    else:
        way = "more" if rise > 0 else "less"
        size = points(abs(rise)).lstrip("+")
        text = f"{name} starves {now} of objects, before {before}: {size} points {way}"
    rises = [(one.rise or 0.0, size) for size, one in groups.items() if size != "all"]
    most, size = max(rises, key=lambda pair: pair[0])
    if most <= 0:
        # Then there are more objects of the sizes that fared badly before.
        mix = "; their mix is what changed" if rise > 0 else ""
        return f"{text}. No size fares worse{mix}."
    was, is_ = (
        numbers.percent(_share(groups[size], now=flag)) for flag in (False, True)
    )
    return f"{text}. Rises most for {size} objects, from {was} to {is_}."


def _share(change: Change, *, now: bool) -> float | None:
    """Share of a group's objects without a positive."""
    if now:
        return share(change.num_unassigned, change.num_objects)
    return share(change.num_unassigned_before, change.num_objects_before)
