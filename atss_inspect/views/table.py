"""Tables of typed cells: what every renderer takes, and no renderer has made text of.

A `Table` is arranged for people: columns of presets side by side, sections, rows that
are sums. `Records` are rows for programs, a column a key.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from atss_inspect.statistics.bootstrap import Interval
from atss_inspect.statistics.grades import Grade
from atss_inspect.statistics.statistic import COUNTED, Kind, Statistic, Value, plain
from atss_inspect.statistics.tally import share as share_of
from atss_inspect.views import numbers

Record = dict[str, Any]


class Cell(NamedTuple):
    """A number, and what it is; a text is a cell by itself."""

    kind: Kind  # how it is written
    value: Value  # None is undefined, a dash
    share: float | None = None  # of OBJECTS, the part of all that they are
    # of OBJECTS, how many all are, where that is to be written
    whole: int | None = None
    # the difference of two such values, written with its sign; of shares in percentage
    # points
    is_change: bool = False
    grade: Grade | None = None  # how bad it is, marked so that color is not needed

    @property
    def text(self) -> str:
        """The cell as people read it; shares below one another align."""
        mark = _MARKS.get(self.grade, "")
        return mark + (f"{self.main} {self.part:>6}" if self.part else self.main)

    @property
    def main(self) -> str:
        """The cell without the share beside it."""
        if self.value is None:
            return numbers.UNDEFINED
        write = (_CHANGE_WRITERS if self.is_change else _WRITERS)[self.kind]
        text: str = write(self.value)
        return f"{text} of {numbers.count(self.whole)}" if self.whole else text

    @property
    def part(self) -> str:
        """The share beside the number; empty where there is none."""
        if self.kind is not Kind.OBJECTS or self.value is None:
            return ""
        return numbers.percent(self.share)

    @property
    def sort_value(self) -> float | None:
        """Number to sort by, as exact as it is written; None where it is undefined.

        What is too small or too large to write lies half a step beyond.
        """
        if self.kind is Kind.GRADE:
            return self.grade.rank if self.grade else None
        value: Any = self.value[0] if isinstance(self.value, tuple) else self.value
        if value is None or self.kind in (*COUNTED, Kind.ID):
            return value  # type: ignore[no-any-return]
        if self.kind is Kind.SHARE:
            percent = numbers.as_written(100 * float(value), 1)
            return 99.95 if 0.9995 < value < 1 else percent
        digits = 2 if self.kind in (Kind.RATIO, Kind.CORRELATION) else 1
        is_long = self.kind is Kind.PER_IMAGE and value >= numbers.LONG
        return numbers.as_written(float(value), 0 if is_long else digits)


_MARKS: Mapping[Grade | None, str] = {Grade.LOOK: "! ", Grade.SERIOUS: "!! "}
_WRITERS: Mapping[Kind, Any] = {
    **dict.fromkeys(COUNTED, numbers.count),
    Kind.SHARE: numbers.percent,
    Kind.MEAN: numbers.mean,
    Kind.PER_IMAGE: numbers.per_image,
    Kind.RATIO: numbers.ratio,
    Kind.CORRELATION: numbers.correlation,
    Kind.RANK: numbers.short,
    Kind.SPAN: lambda ends: " to ".join(map(numbers.short, ends)),
    Kind.SIDES: lambda sides: " x ".join(map(numbers.short, sides)),
    Kind.ID: str,
    Kind.SHARES: lambda ends: numbers.span_of_shares(*ends),
    Kind.PARTS: lambda parts: " + ".join(map(numbers.percent, parts)).replace(
        "% ", " "
    ),
    Kind.GRADE: str,
}
_MEANS = (Kind.MEAN, Kind.PER_IMAGE, Kind.RANK)
_CHANGE_WRITERS: Mapping[Kind, Any] = {
    **dict.fromkeys(COUNTED, partial(numbers.signed, digits=0)),
    **dict.fromkeys(_MEANS, partial(numbers.signed, digits=1)),
    Kind.SHARE: numbers.points,
    Kind.RATIO: partial(numbers.signed, digits=2),
}
# A text, such as a name, is a cell too; it is escaped where it is written.
AnyCell = Cell | str


class Markup(str):
    """A text that is Markdown already."""

    __slots__ = ()


# Cells of a whole number, of a fraction from 0 to 1, and of a number of objects and the
# share of all that they are.
count, share, objects = (
    partial(Cell, kind) for kind in (Kind.COUNT, Kind.SHARE, Kind.OBJECTS)
)


def cell_of(statistic: Statistic, value: Value, num_objects: int) -> Cell:
    """Make the cell of a statistic, with the share of all objects that it counts."""
    if statistic.kind is Kind.OBJECTS and isinstance(value, int | Fraction):
        return objects(value, share_of(value, num_objects))
    return Cell(statistic.kind, plain(value))


class RowKind(StrEnum):
    """What a row is: one thing, the sum of others, or a group of them.

    It is the row's class on a page, where sums are bold and groups are set in.
    """

    PLAIN = auto()
    SUM = auto()
    GROUP = auto()


class Column(NamedTuple):
    """What stands below one heading."""

    label: str  # the heading
    key: str = ""  # name for programs
    meaning: str = ""  # in a few words
    is_text: bool = False  # written on the left, numbers on the right
    # columns of the terminal that may be left of it where room is short; None keeps all
    least: int | None = None
    is_float: bool = False  # fractions and means; what is undefined is an empty field
    keeps_end: bool = False  # where room is short: ids and file names differ there


def column_of(statistic: Statistic, label: str = "") -> Column:
    """Make the column of a statistic."""
    label, is_float = label or statistic.label, statistic.kind not in COUNTED
    return Column(label, statistic.key, statistic.meaning, is_float=is_float)


class Row(NamedTuple):
    """One line: a label, what is the same for all presets, and each preset's cells.

    A page shows the ``meaning``, if any, where one points at the label.
    """

    label: str
    cells: tuple[tuple[AnyCell, ...], ...] = ()
    lead: tuple[AnyCell, ...] = ()
    kind: RowKind = RowKind.PLAIN
    meaning: str = ""

    @property
    def all_cells(self) -> tuple[AnyCell, ...]:
        """Every cell, from left to right."""
        return (*self.lead, *itertools.chain(*self.cells))


def row_of(label: str, cells: Iterable[AnyCell], kind: RowKind = RowKind.PLAIN) -> Row:
    """Make a row with one cell per preset."""
    return Row(label, tuple((cell,) for cell in cells), kind=kind)


def count_row(label: str, counts: Iterable[int], kind: RowKind = RowKind.PLAIN) -> Row:
    """Make a row with one whole number per preset."""
    return row_of(label, map(count, counts), kind)


class Section(NamedTuple):
    """Rows under a title; without a title they stand at the margin."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Table:
    """Sections that share their columns."""

    # names of the presets; none for a plain list of rows, which have no label
    headings: tuple[str, ...]
    sections: tuple[Section, ...]  # from top to bottom
    # columns of each preset; one without a label for a single column
    parts: tuple[Column, ...] = (Column(""),)
    label: str = ""  # heading of the labels
    lead: tuple[Column, ...] = ()  # columns that are the same for all presets
    # labels are clipped to no fewer columns of the terminal than this
    label_room: int = 26
    is_padded: bool = False  # its Markdown is aligned, to be read as it is

    @property
    def has_labels(self) -> bool:
        """Whether rows have labels, or are a plain list of cells."""
        return bool(self.headings)

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of one preset: that of the labels, if any, before the others."""
        label = Column(self.label, is_text=True, least=self.label_room)
        first = (label,) if self.has_labels else ()
        return (*first, *self.lead, *(self.parts if self.has_labels else ()))


def plain_list(columns: Sequence[Column], rows: Sequence[Sequence[AnyCell]]) -> Table:
    """Make a table that is a plain list of rows."""
    lines = tuple(Row("", lead=tuple(row)) for row in rows)
    return Table((), (Section("", lines),), lead=tuple(columns))


def interval_record(interval: Interval | None) -> Record:
    """Ends of an interval by key, None where there is none."""
    low, high = interval or (None, None)
    return {"interval_low": low, "interval_high": high}


class Records(NamedTuple):
    """Rows for programs: what a row does not have is missing in it."""

    columns: tuple[Column, ...]  # by key, also where there are no rows
    rows: Sequence[Record]  # key -> value


def record_columns(
    keys: Iterable[str], floats: Sequence[str] = ()
) -> tuple[Column, ...]:
    """Make columns by key; those of ``floats`` hold fractions and means."""
    return tuple(Column(key, key, is_float=key in floats) for key in keys)
