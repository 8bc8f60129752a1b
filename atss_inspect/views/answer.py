"""An answer, in every form that a command can print; here the form is chosen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from atss_inspect.views.names import PLAIN, Screen
from atss_inspect.views.table import Record, Records, Table


class Data(NamedTuple):
    """What was looked at, in lines; ``before`` where it is compared with other data."""

    lines: tuple[str, ...]
    before: tuple[str, ...] = ()


class Conventions(NamedTuple):
    """What each convention means."""

    frame: str  # what all have in common
    rules: tuple[tuple[str, str], ...]  # name and rule of each


class Title(NamedTuple):
    """The outcome in a few words, above everything."""

    text: str


class Paragraph(NamedTuple):
    """Sentences that belong together."""

    text: str


class Notes(NamedTuple):
    """What words and columns mean; each a paragraph of its own, or all one."""

    sentences: tuple[str, ...]
    is_one: bool = True


class Listing(NamedTuple):
    """A title above items, of which the last may be a command to type."""

    title: str
    items: tuple[str, ...]
    command: str = ""


class Code(NamedTuple):
    """Lines to paste, under a title."""

    title: str
    text: str


class Closing(NamedTuple):
    """The verdict, a paragraph a sentence, and the best commands to type next."""

    verdict: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()


class Verbatim(NamedTuple):
    """Lines that are arranged already."""

    text: str


Text = Title | Paragraph | Notes | Listing | Code | Closing | Verbatim
Block = Data | Conventions | Text | Table


class Answer:
    """What a command has found; each form is made when it is asked for.

    Reports are answers. A command offers no format whose form its report lacks.
    """

    blocks: Callable[[], Iterable[Block]]  # for people, from top to bottom
    document: Callable[[], Record]  # one JSON document
    records: Callable[[], Sequence[Record]]  # of JSON Lines
    csv: Callable[[], Records]  # rows of CSV

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from atss_inspect.views.renderers.html import blocks_html

        return blocks_html(self.blocks())


@dataclass(frozen=True)
class Arranged(Answer):
    """An answer whose lines and document are there already."""

    text: str
    content: Record

    def blocks(self) -> Iterable[Block]:
        """The lines as they are."""
        return [Verbatim(self.text)]

    def document(self) -> Record:
        """The document as it is."""
        return self.content


def render(answer: Answer, output_format: str, screen: Screen = PLAIN) -> str | bytes:
    """Write an answer.

    Parameters
    ----------
    answer : what was found
    output_format : ``table``, ``md``, ``json``, ``jsonl`` or ``csv``
    screen : width and colors of a ``table``
    """
    if output_format == "table":
        from atss_inspect.views.renderers.terminal import blocks_text

        return blocks_text(answer.blocks(), screen)
    if output_format == "md":
        from atss_inspect.views.renderers.markdown import blocks_markdown

        return blocks_markdown(answer.blocks())
    if output_format == "csv":
        from atss_inspect.views.renderers.csv import records_csv

        return records_csv(answer.csv())
    from atss_inspect.writers.documents import encode_json, encode_json_lines

    if output_format == "jsonl":
        return encode_json_lines(answer.records())
    return encode_json(answer.document())
