"""Tables on a page: the words of the terminal, and values to sort by."""

from typing import NamedTuple

from atss_inspect.views.names import clip, printable
from atss_inspect.views.table import AnyCell, Table

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


class PageTable(NamedTuple):
    """A table on the page, whose template writes names as `shown` does.

    Attributes
    ----------
    table : the rows that are sums keep their place when the others are sorted
    caption : what it shows, its unit and its convention
    label : heading of the first column, where the table has none
    """

    table: Table
    caption: str
    label: str = ""

    @property
    def num_columns(self) -> int:
        """All columns, the labels' too."""
        table = self.table
        return 1 + len(table.lead) + len(table.headings) * len(table.parts)

    @property
    def has_two_heads(self) -> bool:
        """Whether presets have several columns each."""
        return len(self.table.parts) > 1 and self.table.headings != ("",)


def shown(name: str) -> str:
    """Name that is safe to show, clipped."""
    return clip(printable(name), _LONGEST_LABEL)


def page_cell(cell: AnyCell) -> PageCell:
    """Take a count and its share apart; a text has no value to sort by."""
    if isinstance(cell, str):
        return PageCell(printable(cell))
    has_share = cell.share is not None
    text = " ".join(cell.main.split() if has_share else cell.text.split())
    return PageCell(text, cell.part if has_share else "", cell.sort_value)
