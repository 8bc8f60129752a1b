"""Text folded into lines of a width that never depends on the terminal."""

import textwrap
from collections.abc import Iterable

# Fixed, not the terminal's: the same input gives the same bytes.
WIDTH = 80


def fold(
    text: str, *, first: str = "", rest: str | None = None, width: int = WIDTH
) -> list[str]:
    """Fold a text between words; paths and names are better whole than broken."""
    return textwrap.wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def as_lines(lines: Iterable[str]) -> str:
    """End every line."""
    return "".join(f"{line}\n" for line in lines)
