"""Tables of the terminal as tables of a page: the same words, and values to sort by."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from atss_inspect.report.answers import Report
from atss_inspect.views.layout import Row, Table
from atss_inspect.views.names import clip, printable
from atss_inspect.views.stats_report import StatsReport
from atss_inspect.views.stats_tables import stats_tables

CAUSES_TITLE = "why they have none"
# Rows that are sums of the others stay where they are.
_SUMS = re.compile(r"all\b|no level$|.* without any$")
_LONGEST_LABEL = 80  # columns of a terminal
_NUMBER = re.compile(r"-?[\d,]*\.?\d+")


class Cell(NamedTuple):
    """What stands in a cell.

    Attributes
    ----------
    text : a number, or a dash
    share : what part of all it is, where the text says how many
    value : what it is sorted by; None comes last whatever the direction
    """

    text: str
    share: str = ""
    value: float | None = None


class PageRow(NamedTuple):
    """A labelled line; ``is_sum`` keeps its place when the others are sorted."""

    label: str
    cells: tuple[Cell, ...]
    is_sum: bool


class PageSection(NamedTuple):
    """Lines under a title, sorted among themselves."""

    title: str
    rows: tuple[PageRow, ...]


@dataclass(frozen=True)
class PageTable:
    """A table on the page.

    Attributes
    ----------
    caption : what it shows, its unit and its convention
    label : heading of the first column
    lead : headings of columns that are the same for all presets
    headings : names of the presets; one empty text for none
    parts : headings of the columns of each preset; one empty text for a single column
    sections : from top to bottom
    """

    caption: str
    label: str
    lead: tuple[str, ...]
    headings: tuple[str, ...]
    parts: tuple[str, ...]
    sections: tuple[PageSection, ...]

    @property
    def num_columns(self) -> int:
        """All columns, the labels' too."""
        return 1 + len(self.lead) + len(self.headings) * len(self.parts)

    @property
    def has_two_heads(self) -> bool:
        """Whether presets have several columns each."""
        return len(self.parts) > 1 and self.headings != ("",)


def page_table(table: Table, caption: str, *, label: str = "") -> PageTable:
    """Take a table of the terminal over, cell by cell."""
    sections = tuple(
        PageSection(section.title, tuple(map(_page_row, section.rows)))
        for section in table.sections
    )
    return PageTable(
        caption=caption,
        label=table.label or label,
        lead=table.lead,
        headings=tuple(map(printable, table.headings)),
        parts=table.parts,
        sections=sections,
    )


def _page_row(row: Row) -> PageRow:
    """Take a line over."""
    texts = [*row.lead, *(cell for cells in row.cells for cell in cells)]
    cells = tuple(map(_cell, texts))
    label = clip(printable(row.label), _LONGEST_LABEL)
    return PageRow(label, cells, bool(_SUMS.match(row.label)))


def _cell(text: str) -> Cell:
    """Take a count and its share apart."""
    *count, last = text.split() or [""]
    if count and last.endswith("%"):
        return Cell(" ".join(count), last, sort_value(text))
    return Cell(" ".join([*count, last]), "", sort_value(text))


def sort_value(text: str) -> float | None:
    """Read the first number of a cell; what is too small or too large to write is so.

    Returns
    -------
    None for a dash and other texts without a number.
    """
    found = _NUMBER.search(text)
    if not found or text.strip() == "-":
        return None
    value = float(found[0].replace(",", ""))
    if text.lstrip().startswith("<"):
        return value / 2
    return value + 0.05 if text.lstrip().startswith(">") else value


# --- the tables of `stats` ---------------------------------------------------------

_BY_SIZE = (
    "Objects by size: area in original pixels, as the file has it (else width x "
    "height); tiny below 16x16, small below 32x32, medium below 96x96."
)
_BY_CLASS = (
    "Objects by class, the most frequent first. mean: positives (anchors or points) "
    "per object; none: share of the objects without a positive."
)
_BY_RATIO = "Objects by the shape of their box: width : height in original pixels."
_BY_LEVEL = (
    "Positives by pyramid level, finest first; an object may have positives on several."
)
_CAUSES = "Objects without a positive by cause, each counted once."
_OVERVIEW = "All numbers of `atss-inspect stats`; sizes in original pixels."


class StatsTables(NamedTuple):
    """The tables of `stats`; None where there are no objects, or none that starve."""

    overview: PageTable
    causes: PageTable | None
    size: PageTable | None
    level: PageTable | None
    by_class: PageTable | None
    ratio: PageTable | None


def tables_of_stats(report: Report) -> StatsTables:
    """Make the overview and every breakdown."""
    stats = report.stats
    [overview] = stats_tables(replace(stats, by=()))
    causes = tuple(
        replace(one, title="") for one in overview.sections if one.title == CAUSES_TITLE
    )
    has_objects = stats.has_objects
    return StatsTables(
        overview=page_table(overview, _OVERVIEW),
        causes=page_table(replace(overview, sections=causes), _CAUSES, label="cause")
        if causes
        else None,
        size=_breakdown(stats, "size", _BY_SIZE) if has_objects else None,
        level=_breakdown(stats, "level", _BY_LEVEL) if has_objects else None,
        by_class=_breakdown(stats, "class", _BY_CLASS) if has_objects else None,
        ratio=_breakdown(stats, "ratio", _BY_RATIO) if has_objects else None,
    )


def _breakdown(stats: StatsReport, by: str, caption: str) -> PageTable:
    """Make the table of one breakdown."""
    table = stats_tables(replace(stats, by=(by,)))[0]
    return page_table(table, caption, label=by)


# --- settings ----------------------------------------------------------------------


class SettingCell(NamedTuple):
    """A value as TOML writes it and where it is from; empty where it is not had."""

    value: str
    origin: str


class SettingRow(NamedTuple):
    """A setting under every convention."""

    path: str
    cells: tuple[SettingCell, ...]
    differs: bool


def setting_rows(report: Report) -> list[SettingRow]:
    """List every setting that a convention has, section by section."""
    each = [one.settings.values() for one in report.origins]
    paths = sorted(
        dict.fromkeys(path for values in each for path in values),
        key=lambda path: path.partition(".")[0],
    )
    return [_setting_row(report, path, each) for path in paths]


def _setting_row(
    report: Report, path: str, each: Sequence[dict[str, object]]
) -> SettingRow:
    """Write one setting of all conventions."""
    cells = tuple(_setting_cells(report, path, each))
    return SettingRow(path, cells, len({cell.value for cell in cells}) > 1)


def _setting_cells(
    report: Report, path: str, each: Sequence[dict[str, object]]
) -> Iterator[SettingCell]:
    """Write one setting of each convention."""
    from atss_inspect.settings.values import format_value

    for one, values in zip(report.origins, each, strict=True):
        if path in values:
            origin = printable(one.origins[path])
            yield SettingCell(printable(format_value(values[path])), origin)
        else:
            yield SettingCell("", "")
