"""Cells of tables on a page: the words of the terminal, and values to sort by.

The page's template arranges them; names are written as `shown` does.
"""

from typing import NamedTuple

from atss_inspect.views.names import clip, printable
from atss_inspect.views.table import AnyCell

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
