"""What a notebook shows of an object: a small table of HTML, in its own colors."""

from collections.abc import Iterable, Sequence
from html import escape

_RIGHT = ' style="text-align:right"'


def table_html(
    caption: str,
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    num_texts: int = 1,
) -> str:
    """Write a table; texts are escaped.

    Parameters
    ----------
    caption : above it; empty for none
    headings : of the columns; none for rows without a head
    rows : a text a column
    num_texts : so many columns on the left are texts, the others numbers
    """

    def line(cells: Sequence[str], kind: str) -> str:
        texts = (
            f"<{kind}{_RIGHT * (place >= num_texts)}>{escape(cell)}</{kind}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{''.join(texts)}</tr>"

    above = f"<caption>{escape(caption)}</caption>" if caption else ""
    head = f"<thead>{line(headings, 'th')}</thead>" if headings else ""
    body = "".join(line(row, "td") for row in rows)
    return f"<table>{above}{head}<tbody>{body}</tbody></table>"
