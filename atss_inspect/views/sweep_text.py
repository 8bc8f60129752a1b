"""The tables of `sweep` for people: a row for every value."""

import shlex
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from atss_inspect.assigners.pyramid import level_name
from atss_inspect.settings import Settings
from atss_inspect.settings.paths import PARAMETERS
from atss_inspect.statistics.summary import SIZE_BINS, Summary, expected_positives
from atss_inspect.statistics.sweep import LONG_SIDE, K, label_of
from atss_inspect.views import numbers
from atss_inspect.views.headings import heading_blocks, heading_markdown
from atss_inspect.views.layout import (
    BOLD,
    PLAIN,
    WIDTH,
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
from atss_inspect.views.stats_report import StatsReport
from atss_inspect.views.sweep_fragments import mmdetection_fragment, toml_fragment
from atss_inspect.views.sweep_report import SweepReport
from atss_inspect.views.sweep_verdict import label, sweep_verdict

COLUMNS_NOTE = (
    "mean: positives per object; none: objects without a positive, tiny to large: "
    "those of this size; IoU: mean of the positives."
)
LEVELS_NOTE = "The last table: share of the positives on each level."
EXPECTED_NOTE = "0.2*k*L: positives per object that the ATSS paper expects."
OWN_MARK = "*"
Show = Callable[[Settings, Summary], str]


def sweep_text(report: SweepReport, *, bold: bool = False) -> str:
    """Write tables for a terminal or a text file.

    Parameters
    ----------
    report : what was found
    bold : set off headings and the verdict, for terminals
    """
    on, off = (BOLD, PLAIN) if bold else ("", "")
    last = fold(sweep_verdict(report), first="verdict: ", rest="  ")
    last[0] = last[0].replace("verdict:", f"{on}verdict:{off}", 1)
    blocks = [
        *heading_blocks(_heading_of(report)),
        *(table_text(table, bold=bold) for table in sweep_tables(report)),
        "".join(f"{line}\n" for note in notes(report) for line in fold(note)),
        "".join(f"{line}\n" for line in last),
        *(
            f"{title}\n\n" + textwrap.indent(text, "  ")
            for title, text in fragments(report)
        ),
        f"next: {next_command(report)}\n",
    ]
    return "\n".join(blocks)


def sweep_markdown(report: SweepReport) -> str:
    """Write the same for a page on GitHub."""
    blocks = [
        *heading_markdown(_heading_of(report)),
        *map(table_markdown, sweep_tables(report)),
        markdown_text(" ".join(notes(report))) + "\n",
        f"**Verdict:** {markdown_text(sweep_verdict(report))}\n",
        *(
            f"{markdown_text(title)}\n\n```\n{text}```\n"
            for title, text in fragments(report)
        ),
        f"Next: `{next_command(report)}`\n",
    ]
    return "\n".join(blocks)


def _heading_of(report: SweepReport) -> StatsReport:
    """Describe the data and the convention that is changed."""
    return replace(report.stats, settings=(report.base,), summaries=())


def notes(report: SweepReport) -> Iterator[str]:
    """Explain columns, marks and what changes with what is swept."""
    yield COLUMNS_NOTE
    if _has_k(report):
        yield EXPECTED_NOTE
    yield LEVELS_NOTE
    if any(report.is_own(row) for row in range(len(report.points))):
        yield f"{OWN_MARK} {printable(report.base.name)} as it is."
    if any(LONG_SIDE in point.followers for point in report.points):
        own = report.base.resize.long_side
        yield (
            "The long side follows the short side in proportion; --set "
            f"long_side={own} keeps it."
        )
    yield SIZES_NOTE


def next_command(report: SweepReport) -> str:
    """Give a command to type: the row to take, in detail."""
    options = (*report.stats.command, *report.stats.filtering)
    words = ["stats", *options, *_settings_of(report), "--by", "size"]
    return shlex.join(["atss-inspect", *map(printable, words)])


def _settings_of(report: SweepReport) -> Iterator[str]:
    """Write the values of the chosen row as options."""
    if report.choice is None:
        return
    point = report.points[report.choice]
    for path, value in (point.values | point.followers).items():
        name = path.rpartition(".")[2]
        alike = [one for one in PARAMETERS.values() if one.name == name]
        named = name if len(alike) == 1 else path
        yield from ("--set", f"{named}={label_of(value)}")


def fragments(report: SweepReport) -> Iterator[tuple[str, str]]:
    """Title and text of the settings to paste for the chosen row."""
    if report.choice is None:
        return
    point = report.points[report.choice]
    changed = (*point.values, *point.followers)
    extends = report.base.name if report.is_preset else ""
    named = label(report, report.choice)
    use = "as a file for --config" if extends else "for your file of settings"
    yield (
        f"settings for {named}, {use}:",
        toml_fragment(point.settings, changed, extends),
    )
    text = mmdetection_fragment(point.settings, changed)
    if text:
        yield f"{named} in a config of mmdetection:", text


# --- tables ------------------------------------------------------------------------


def sweep_tables(report: SweepReport) -> list[Table]:
    """Make a table of what objects get, and one of the levels that give it."""
    columns = dict(_columns(report))
    by_size = {name: columns[name] for name in SIZE_BINS}
    tables = [_facts(report, columns)]
    if max(map(len, table_text(tables[0]).splitlines())) > WIDTH:
        others = {name: columns[name] for name in columns if name not in by_size}
        tables = [_facts(report, others), _facts(report, by_size)]
    strides = sorted(
        {stride for each, _ in _each(report) for stride in each.anchors.strides}
    )
    shares = [
        tuple(_level_share(settings, one, stride) for stride in strides)
        for settings, one in _each(report)
    ]
    levels = tuple(map(level_name, strides))
    return [*tables, _table(report, levels, shares)]


def _facts(report: SweepReport, columns: dict[str, Show]) -> Table:
    """Fill columns by asking every row."""
    cells = [
        tuple(show(settings, one) for show in columns.values())
        for settings, one in _each(report)
    ]
    return _table(report, tuple(columns), cells)


def _each(report: SweepReport) -> Iterator[tuple[Settings, Summary]]:
    """Pair settings and summary of every row."""
    return zip(report.stats.settings, report.summaries, strict=True)


def _has_k(report: SweepReport) -> bool:
    """Say whether k is among what is swept."""
    return any(axis.path == K for axis in report.axes)


def _columns(report: SweepReport) -> Iterator[tuple[str, Show]]:
    """Name the columns of the first table, and say how they are filled."""
    yield "mean", lambda _, one: numbers.mean(one.mean_positives)
    if _has_k(report):
        yield "0.2*k*L", lambda each, _: numbers.mean(expected_positives(each))
    yield "none", lambda _, one: numbers.percent(one.unassigned_share)
    for size in SIZE_BINS:
        yield size, partial(_share_of_size, size)
    yield "Gini", lambda _, one: numbers.ratio(one.gini)
    yield "IoU", lambda _, one: numbers.ratio(one.mean_iou)


def _share_of_size(size: str, _: Settings, one: Summary) -> str:
    """Show the share of objects of a size without a positive."""
    return numbers.percent(one.of_sizes(size).unassigned_share)


def _level_share(settings: Settings, one: Summary, stride: int) -> str:
    """Show the share of positives on a level; a dash where there is no such level."""
    if stride not in settings.anchors.strides:
        return numbers.UNDEFINED
    level = settings.anchors.strides.index(stride)
    return numbers.percent(one.level_shares[level])


def _table(
    report: SweepReport, columns: tuple[str, ...], cells: list[tuple[str, ...]]
) -> Table:
    """Put the values that are swept before the cells, a row for each combination."""
    first, *others = (axis.name for axis in report.axes)
    follows = any(point.followers for point in report.points)
    rows = []
    for place, (point, line) in enumerate(zip(report.points, cells, strict=True)):
        mark = f" {OWN_MARK}" if report.is_own(place) else ""
        lead = point.labels[1:]
        if follows:
            lead += tuple(map(label_of, point.followers.values()))
        rows.append(Row(point.labels[0] + mark, (line,), lead))
    return Table(
        headings=("",),
        sections=(Section("", tuple(rows)),),
        parts=columns,
        label=first,
        lead=(*others, *(["long side"] if follows else [])),
        label_room=WIDTH,
    )
