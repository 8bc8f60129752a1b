"""The report of `stats` for people: aligned text, and Markdown."""

import shlex

from atss_inspect.views.headings import as_lines, heading_blocks, heading_markdown
from atss_inspect.views.layout import (
    BOLD,
    PLAIN,
    fold,
    markdown_text,
    table_markdown,
    table_text,
)
from atss_inspect.views.names import printable
from atss_inspect.views.notes import MEAN_AND_NONE_NOTE, RATIOS_NOTE, SIZES_NOTE
from atss_inspect.views.stats_report import StatsReport
from atss_inspect.views.stats_tables import stats_tables
from atss_inspect.views.verdict import verdict


def stats_text(report: StatsReport, *, bold: bool = False) -> str:
    """Write tables for a terminal or a text file, at most 80 columns wide.

    Paths, and tables of more than three presets with long names, may be wider than
    that; nothing else is.

    Parameters
    ----------
    report : what was found
    bold : set off headings and the verdict, for terminals
    """
    on, off = (BOLD, PLAIN) if bold else ("", "")
    last = fold(verdict(report), first="verdict: ", rest="  ")
    last[0] = last[0].replace("verdict:", f"{on}verdict:{off}", 1)
    blocks = [
        *heading_blocks(report),
        *(table_text(table, bold=bold) for table in stats_tables(report)),
        as_lines([line for note in _notes(report) for line in fold(note)]),
        as_lines([*last, f"next: {next_command(report)}"]),
    ]
    return "\n".join(block for block in blocks if block)


def stats_markdown(report: StatsReport) -> str:
    """Write the same for a page on GitHub."""
    blocks = [
        *heading_markdown(report),
        *map(table_markdown, stats_tables(report)),
        as_lines([markdown_text(" ".join(_notes(report)))]),
        as_lines([f"**Verdict:** {markdown_text(verdict(report))}"]),
        as_lines([f"Next: `{next_command(report)}`"]),
    ]
    return "\n".join(blocks)


def _notes(report: StatsReport) -> list[str]:
    """Explain units that a table uses."""
    notes: list[str] = []
    if not report.has_objects:
        return notes
    if not report.breakdowns or "size" in report.breakdowns:
        notes.append(SIZES_NOTE)
    if "class" in report.breakdowns:
        notes.append(MEAN_AND_NONE_NOTE)
    if "ratio" in report.breakdowns:
        notes.append(RATIOS_NOTE)
    return notes


def next_command(report: StatsReport) -> str:
    """Give a command to type: where to look further."""
    by = "class" if len(report.dataset.category_names) > 1 else "ratio"
    if report.breakdowns:
        words = ("export", "objects", *report.command, *report.filtering)
        words += ("-o", "objects.csv")
    elif report.has_objects:
        words = ("stats", *report.command, *report.filtering, "--by", by)
    elif report.filtering:
        words = ("stats", *report.command, "--by", by)
    else:  # the data rules decide what is left out
        words = ("config", "show", "--preset", report.settings[0].name)
    return shlex.join(["atss-inspect", *map(printable, words)])
