"""Tables on a page: the words of the terminal, and values to sort by."""

from dataclasses import dataclass
from typing import NamedTuple

from atss_inspect.views.names import clip, printable
from atss_inspect.views.table import AnyCell, Column, Row, RowKind, Table

_LONGEST_LABEL = 80  # columns of a terminal


class PageCell(NamedTuple):
    """What stands in a cell.

    Attributes
    ----------
    text : a number, a dash or a text
    share : what part of all it is, where the cell has that too
    value : what it is sorted by; None comes last whatever the direction
    """

    text: str
    share: str = ""
    value: float | None = None


class PageRow(NamedTuple):
    """A labelled line; ``is_sum`` keeps its place when the others are sorted."""

    label: str
    cells: tuple[PageCell, ...]
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
    lead : columns that are the same for all presets
    headings : names of the presets; one empty text for none
    parts : columns of each preset; one without a label for a single column
    sections : from top to bottom
    """

    caption: str
    label: str
    lead: tuple[Column, ...]
    headings: tuple[str, ...]
    parts: tuple[Column, ...]
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
    """Make a table of a page."""
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
    """Make a line; rows that are sums of the others stay where they are."""
    cells = tuple(map(page_cell, row.all_cells))
    label = clip(printable(row.label), _LONGEST_LABEL)
    return PageRow(label, cells, row.kind is RowKind.SUM)


def page_cell(cell: AnyCell) -> PageCell:
    """Take a count and its share apart; a text has no value to sort by."""
    if isinstance(cell, str):
        return PageCell(printable(cell))
    has_share = cell.share is not None
    text = " ".join(cell.main.split() if has_share else cell.text.split())
    return PageCell(text, cell.part if has_share else "", cell.sort_value)
